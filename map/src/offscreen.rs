//! The map without a page: drawn into an image, with glyphs from a font file.

use std::collections::HashMap;

use ab_glyph::{Font, FontVec, PxScale, point};
use map_core::labels::Face;
use map_protocol::{FromMap, ToMap};
use maplibre::{render::resource::Head, window::WindowSize};

use crate::{
    app::StreetMap,
    engine::{Engine, EngineError, environment::Canvas},
    glyphs::{GlyphBitmap, GlyphRequest, RASTER_PX},
    tiles::TileAnswer,
};

/// Frames after which a scene that does not come to rest is given up.
const MAX_FRAMES: u32 = 600;
/// Time between two frames, in milliseconds.
const FRAME_MS: f64 = 16.0;

/// A picture cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum OffscreenError {
    /// The picture's size is zero.
    #[error("a picture needs at least one pixel, {width}×{height} was asked for")]
    NoSize { width: u32, height: u32 },
    /// There is no device.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The font cannot be read.
    #[error("the font cannot be read: {0}; name a TrueType or OpenType file")]
    Font(String),
    /// The scene still changes after many frames.
    #[error("the scene does not come to rest within {MAX_FRAMES} frames")]
    Restless,
    /// The device did not hand the picture back.
    #[error("the picture could not be read back from the device: {0}")]
    ReadBack(String),
}

/// A picture: four bytes (red, green, blue, alpha, sRGB) per pixel, row by row from the top.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub pixels: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({}×{})", self.width, self.height)
    }
}

/// Answers tile requests: the URL that the page would fetch.
pub type TileAnswers<'a> = &'a dyn Fn(&str) -> TileAnswer;

/// A map that draws into an image.
pub struct OffscreenMap {
    map: StreetMap,
    fonts: HashMap<Face, FontVec>,
    now_ms: f64,
    /// What the map said so far.
    pub messages: Vec<FromMap>,
}

impl OffscreenMap {
    /// A map of that many device pixels. `fonts` are the bytes of font files by face; a face
    /// without a file takes the regular one. `index` is the font's place in a collection.
    pub fn open(
        width: u32,
        height: u32,
        fonts: &[(Face, &[u8], u32)],
    ) -> Result<Self, OffscreenError> {
        let size =
            WindowSize::new(width, height).ok_or(OffscreenError::NoSize { width, height })?;
        let engine = wait(Engine::open(Canvas::offscreen(size)))?;
        let mut read = HashMap::new();
        for (face, bytes, index) in fonts {
            let font = FontVec::try_from_vec_and_index(bytes.to_vec(), *index)
                .map_err(|error| OffscreenError::Font(error.to_string()))?;
            read.insert(*face, font);
        }
        Ok(Self {
            map: StreetMap::new(engine),
            fonts: read,
            now_ms: 1_000.0,
            messages: Vec::new(),
        })
    }

    /// Sends a message.
    pub fn send(&mut self, message: ToMap) {
        self.map.take(message, self.now_ms);
    }

    /// The map, for its pointer and its picking.
    pub fn map(&mut self) -> &mut StreetMap {
        &mut self.map
    }

    /// Draws one frame after so many milliseconds; answers whether another is wanted.
    pub fn frame_after(&mut self, passed_ms: f64, tiles: TileAnswers<'_>) -> bool {
        self.now_ms += passed_ms;
        let mut more = self.map.frame(self.now_ms, &|| 0.0);
        while let Some(request) = self.map.next_tile_request(self.now_ms) {
            self.map
                .tile_arrived(request.id, tiles(&request.url), self.now_ms);
            more = true;
        }
        for request in self.map.take_glyphs_wanted() {
            let bitmap = self.rasterise(request);
            self.map.glyph_arrived(request, &bitmap);
            more = true;
        }
        while let Some(message) = self.map.next_message() {
            self.messages.push(message);
        }
        more
    }

    /// Draws frames until nothing changes any more.
    pub fn settle(&mut self, tiles: TileAnswers<'_>) -> Result<(), OffscreenError> {
        let mut quiet = 0;
        for _ in 0..MAX_FRAMES {
            if self.frame_after(FRAME_MS, tiles) || self.map.wants_frame() {
                quiet = 0;
            } else {
                quiet += 1;
            }
            if quiet > 2 {
                return Ok(());
            }
        }
        Err(OffscreenError::Restless)
    }

    /// Reads the last frame back.
    pub fn picture(&self) -> Result<Picture, OffscreenError> {
        let renderer = self.map.engine().renderer();
        let surface = renderer.surface();
        let Head::Headless(head) = surface.head() else {
            return Err(OffscreenError::ReadBack(
                "the surface is a window".to_owned(),
            ));
        };
        let (width, height) = (surface.size().width(), surface.size().height());
        let mut encoder = renderer
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_texture_to_buffer(
            head.copy_texture(),
            wgpu::ImageCopyBuffer {
                buffer: head.buffer(),
                layout: wgpu::ImageDataLayout {
                    offset: 0,
                    bytes_per_row: Some(head.bytes_per_row()),
                    rows_per_image: None,
                },
            },
            wgpu::Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
        );
        renderer.queue.submit([encoder.finish()]);
        let slice = head.map_async(&renderer.device);
        let padded = slice.get_mapped_range();
        let row = width as usize * 4;
        let mut pixels = Vec::with_capacity(row * height as usize);
        for line in padded.chunks_exact(head.bytes_per_row().get() as usize) {
            pixels.extend_from_slice(&line[..row]);
        }
        drop(padded);
        head.unmap();
        Ok(Picture {
            width,
            height,
            pixels,
        })
    }

    /// How far a character moves the pen, in font sizes: what a builder sets texts by.
    pub fn advance_em(&self, face: Face, ch: char) -> f32 {
        self.rasterise(GlyphRequest { face, ch }).advance / RASTER_PX
    }

    fn rasterise(&self, request: GlyphRequest) -> GlyphBitmap {
        let font = self
            .fonts
            .get(&request.face)
            .or_else(|| self.fonts.get(&Face::Regular));
        let blank = |advance| GlyphBitmap {
            width: 0,
            height: 0,
            left: 0.0,
            top: 0.0,
            advance,
            coverage: Vec::new(),
        };
        let Some(font) = font else {
            return blank(RASTER_PX);
        };
        let em = font.units_per_em().unwrap_or(1000.0);
        let id = font.glyph_id(request.ch);
        let advance = font.h_advance_unscaled(id) / em * RASTER_PX;
        // The library measures by the font's height, a map label by its em.
        let scale = PxScale::from(RASTER_PX * font.height_unscaled() / em);
        let placed = id.with_scale_and_position(scale, point(0.0, 0.0));
        let Some(outline) = font.outline_glyph(placed) else {
            return blank(advance);
        };
        let bounds = outline.px_bounds();
        let (width, height) = (bounds.width() as u32, bounds.height() as u32);
        let mut coverage = vec![0; (width * height) as usize];
        outline.draw(|x, y, share| {
            if let Some(pixel) = coverage.get_mut((y * width + x) as usize) {
                *pixel = (share.clamp(0.0, 1.0) * 255.0).round() as u8;
            }
        });
        GlyphBitmap {
            width,
            height,
            left: bounds.min.x,
            top: -bounds.min.y,
            advance,
            coverage,
        }
    }
}

/// Waits for a future on this thread.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut future = std::pin::pin!(future);
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        std::thread::yield_now();
    }
}
