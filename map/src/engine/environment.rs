//! The parts that maplibre lets its host choose: the window, and the ways to fetch and to schedule.
//!
//! Only the window is alive. Tiles come through [`crate::app`]'s own requests, so the engine's
//! client and scheduler are present for its types alone and answer that they do nothing.

use maplibre::{
    environment::{Environment, OffscreenKernelEnvironment},
    io::{
        apc::SchedulerAsyncProcedureCall,
        scheduler::NopScheduler,
        source_client::{HttpClient, HttpSourceClient, SourceClient, SourceFetchError},
    },
    window::{MapWindow, MapWindowConfig, WindowSize},
};

/// The environment of the street map.
pub struct StreetEnvironment;

impl Environment for StreetEnvironment {
    type MapWindowConfig = Canvas;
    type AsyncProcedureCall = SchedulerAsyncProcedureCall<InertKernel, NopScheduler>;
    type Scheduler = NopScheduler;
    type HttpClient = InertClient;
    type OffscreenKernelEnvironment = InertKernel;
}

/// What the map is drawn on: a canvas of the page, or natively an image.
#[derive(Clone, Copy)]
pub struct Canvas {
    size: WindowSize,
    #[cfg(target_arch = "wasm32")]
    handle: web::CanvasHandle,
}

impl Canvas {
    /// An image of that many pixels.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn offscreen(size: WindowSize) -> Self {
        Self { size }
    }

    /// The canvas of the page whose attribute `data-raw-handle` holds `id`.
    #[cfg(target_arch = "wasm32")]
    pub fn of_page(size: WindowSize, id: u32) -> Self {
        Self {
            size,
            handle: web::CanvasHandle(id),
        }
    }
}

impl MapWindow for Canvas {
    fn size(&self) -> WindowSize {
        self.size
    }
}

impl MapWindowConfig for Canvas {
    type MapWindow = Self;

    fn create(&self) -> Self {
        *self
    }
}

#[cfg(target_arch = "wasm32")]
mod web {
    //! The canvas as a raw window handle, without a windowing library.

    use maplibre::window::HeadedMapWindow;
    use raw_window_handle::{
        HasRawDisplayHandle, HasRawWindowHandle, RawDisplayHandle, RawWindowHandle,
        WebDisplayHandle, WebWindowHandle,
    };

    /// The value of the canvas's attribute `data-raw-handle`.
    #[derive(Clone, Copy)]
    pub struct CanvasHandle(pub u32);

    #[expect(
        unsafe_code,
        reason = "the trait is unsafe; the handle is only a number"
    )]
    // SAFETY: the canvas with this number is in the document while the map is being created.
    unsafe impl HasRawWindowHandle for CanvasHandle {
        fn raw_window_handle(&self) -> RawWindowHandle {
            let mut handle = WebWindowHandle::empty();
            handle.id = self.0;
            RawWindowHandle::Web(handle)
        }
    }

    #[expect(
        unsafe_code,
        reason = "the trait is unsafe; a page has no display connection"
    )]
    // SAFETY: the display handle of a page carries nothing.
    unsafe impl HasRawDisplayHandle for CanvasHandle {
        fn raw_display_handle(&self) -> RawDisplayHandle {
            RawDisplayHandle::Web(WebDisplayHandle::empty())
        }
    }

    impl HeadedMapWindow for super::Canvas {
        type RawWindow = CanvasHandle;

        fn raw(&self) -> &CanvasHandle {
            &self.handle
        }

        fn request_redraw(&self) {}

        fn id(&self) -> u64 {
            u64::from(self.handle.0)
        }
    }
}

/// Why the engine's own client fetches nothing.
#[derive(Debug, thiserror::Error)]
#[error("the engine's own client is not used: tiles are requested by the street map")]
struct NotUsed;

/// A client that fetches nothing.
#[derive(Clone)]
pub struct InertClient;

#[async_trait::async_trait(?Send)]
impl HttpClient for InertClient {
    async fn fetch(&self, _url: &str) -> Result<Vec<u8>, SourceFetchError> {
        Err(SourceFetchError(Box::new(NotUsed)))
    }
}

/// A kernel for the engine's background procedures, of which there are none.
pub struct InertKernel;

impl OffscreenKernelEnvironment for InertKernel {
    type HttpClient = InertClient;

    fn create() -> Self {
        Self
    }

    fn source_client(&self) -> SourceClient<InertClient> {
        SourceClient::new(HttpSourceClient::new(InertClient))
    }
}
