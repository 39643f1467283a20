//! The engine's frame: maplibre's renderer, view state, world, schedule and render graph, put
//! together without its own tile plugins.
//!
//! `maplibre::map::Map` keeps its schedule to itself and needs a window, so the same parts are
//! assembled here, once, for the page and for the offscreen image.

pub mod environment;
mod pass;

use std::rc::Rc;

use cgmath::{Deg, Matrix4, Point3, Vector3};
use maplibre::{
    context::MapContext,
    coords::{WorldCoords, Zoom},
    io::{apc::SchedulerAsyncProcedureCall, scheduler::NopScheduler},
    kernel::{Kernel, KernelBuilder},
    plugin::Plugin,
    render::{
        RenderPlugin, Renderer,
        camera::ViewProjection,
        settings::{Msaa, RendererSettings, WgpuSettings},
    },
    schedule::{Schedule, Stage},
    style::Style,
    tcs::world::World,
    view_state::ViewState,
    window::{MapWindow, WindowSize},
};

use self::environment::{Canvas, InertClient, StreetEnvironment};
pub use self::pass::{DrawPlugin, Drawn};
use map_core::projection::View;

/// The engine's fixed vertical field of view, in degrees.
const FIELD_OF_VIEW_DEG: f64 = 110.0;

/// The engine cannot be created.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No graphics device answers.
    #[error("no graphics device for the map: {0}; WebGL2 (or natively Vulkan) is needed")]
    NoDevice(String),
    /// A canvas without pixels cannot be drawn on.
    #[error("the map's canvas has no size; give it one before the map is created")]
    NoSize,
}

/// The engine's camera at one view.
pub struct Lens {
    projection: ViewProjection,
    world_px: f64,
}

impl Lens {
    /// Clip space from a plane whose origin lies at `origin` (Mercator 0..1) and whose unit is
    /// `unit` of the world's width. Computed in `f64`, so that only the result loses digits.
    pub fn clip_from_plane(&self, origin: [f64; 2], unit: f64) -> [[f32; 4]; 4] {
        let place = Vector3::new(origin[0] * self.world_px, origin[1] * self.world_px, 0.0);
        let scale = unit * self.world_px;
        let model =
            Matrix4::from_translation(place) * Matrix4::from_nonuniform_scale(scale, scale, 1.0);
        self.projection
            .to_model_view_projection(model)
            .downcast()
            .into()
    }

    /// CSS pixels of one unit of such a plane.
    pub fn px_per_unit(&self, unit: f64) -> f32 {
        (unit * self.world_px) as f32
    }
}

/// The renderer with everything it draws.
pub struct Engine {
    context: MapContext,
    schedule: Schedule,
}

impl Engine {
    /// Creates the device for a canvas. The canvas must have at least one pixel.
    ///
    /// One sample per pixel is enough: lines, marks and glyphs soften their own edges, and fills
    /// have outlines. Four samples would cost four times the memory and, in software, the time.
    pub async fn open(canvas: Canvas) -> Result<Self, EngineError> {
        let settings = RendererSettings {
            msaa: Msaa { samples: 1 },
            #[cfg(not(target_arch = "wasm32"))]
            texture_format: Some(wgpu::TextureFormat::Rgba8UnormSrgb),
            ..RendererSettings::default()
        };
        let wgpu_settings = WgpuSettings {
            #[cfg(not(target_arch = "wasm32"))]
            backends: Some(wgpu::Backends::VULKAN),
            ..WgpuSettings::default()
        };
        #[cfg(target_arch = "wasm32")]
        let renderer = Renderer::initialize(&canvas, wgpu_settings, settings).await;
        #[cfg(not(target_arch = "wasm32"))]
        let renderer = Renderer::initialize_headless(&canvas, wgpu_settings, settings).await;
        let renderer = renderer.map_err(|error| EngineError::NoDevice(error.to_string()))?;
        Ok(Self::assemble(canvas, renderer))
    }

    fn assemble(canvas: Canvas, renderer: Renderer) -> Self {
        let view_state = ViewState::new(
            canvas.size(),
            WorldCoords::from((0.0, 0.0)),
            Zoom::default(),
            Deg(0.0),
            Deg(FIELD_OF_VIEW_DEG),
        );
        let kernel: Rc<Kernel<StreetEnvironment>> = Rc::new(
            KernelBuilder::new()
                .with_map_window_config(canvas)
                .with_http_client(InertClient)
                .with_apc(SchedulerAsyncProcedureCall::new(NopScheduler))
                .with_scheduler(NopScheduler)
                .build(),
        );
        let mut context = MapContext {
            style: Style::default(),
            world: World::default(),
            view_state,
            renderer,
        };
        let mut schedule = Schedule::default();
        let plugins: [Box<dyn Plugin<StreetEnvironment>>; 2] =
            [Box::new(RenderPlugin), Box::new(DrawPlugin)];
        for plugin in plugins {
            plugin.build(
                &mut schedule,
                kernel.clone(),
                &mut context.world,
                &mut context.renderer.render_graph,
            );
        }
        Self { context, schedule }
    }

    /// The renderer's device, queue and targets.
    pub fn renderer(&self) -> &Renderer {
        &self.context.renderer
    }

    /// A resource of the world that was inserted before.
    pub fn resource<R: 'static>(&self) -> Option<&R> {
        self.context.world.resources.get::<R>()
    }

    /// A resource of the world, to change it.
    pub fn resource_mut<R: 'static>(&mut self) -> Option<&mut R> {
        self.context.world.resources.get_mut::<R>()
    }

    /// Puts a resource into the world, in place of an earlier one of the same type.
    pub fn insert_resource<R: 'static>(&mut self, resource: R) {
        if let Some(held) = self.context.world.resources.get_mut::<R>() {
            *held = resource;
        } else {
            self.context.world.resources.insert(resource);
        }
    }

    /// Sets the size of the drawing surface in device pixels; nothing happens for an empty one.
    pub fn resize(&mut self, width: u32, height: u32) {
        if WindowSize::new(width, height).is_some() {
            self.context.resize(width, height);
        }
    }

    /// Points the engine's camera at a view. Its field of view is fixed, so the height above
    /// ground sets the scale: one world unit of the engine is one CSS pixel.
    pub fn look_at(&mut self, view: &View) {
        let size = view.world_size_px();
        let height = view.height_px / 2.0 / (FIELD_OF_VIEW_DEG / 2.0).to_radians().tan();
        let eye = Point3::new(view.centre.x * size, view.centre.y * size, height);
        self.context.view_state.camera_mut().move_to(eye);
    }

    /// What the camera sees now, for the matrices of this frame.
    pub fn lens(&self, view: &View) -> Lens {
        Lens {
            projection: self.context.view_state.view_projection(),
            world_px: view.world_size_px(),
        }
    }

    /// A resource together with the device's queue, to change both.
    pub fn with_queue<R: 'static>(&mut self) -> Option<(&mut R, &wgpu::Queue)> {
        let MapContext {
            world, renderer, ..
        } = &mut self.context;
        Some((world.resources.get_mut::<R>()?, &renderer.queue))
    }

    /// Draws one frame.
    pub fn draw(&mut self) {
        self.schedule.run(&mut self.context);
    }

    /// Draw calls of the last frame.
    pub fn draws(&self) -> u32 {
        self.resource::<Drawn>().map_or(0, Drawn::calls)
    }
}
