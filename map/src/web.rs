//! The module's face to the page. Everything goes through `street_map_frame.js`, which calls in,
//! catches traps, fetches tiles and rasterises glyphs; nothing here waits or calls back.

use std::{cell::RefCell, collections::HashMap};

use map_core::{labels::Face, projection::TileId, style::Style, tessellate::TileKey};
use map_protocol::Viewport;
use maplibre::window::WindowSize;
use wasm_bindgen::prelude::*;
use web_sys::HtmlCanvasElement;

use crate::{
    app::{
        StreetMap,
        build::{TileJob, build, build_with_texts},
        pointer::Key,
    },
    engine::{Engine, environment::Canvas},
    glyphs::{GlyphBitmap, GlyphRequest},
    tiles::TileAnswer,
};

/// Frames drawn once more after the canvas was resized. The one that resizes it may still go to the
/// surface of the old size and never be seen; while nothing moves, no other would follow it.
const REPEATS_AFTER_RESIZE: u8 = 2;

/// The attribute by which the engine finds its canvas.
const HANDLE_ATTRIBUTE: &str = "data-raw-handle";

/// A tile that the page is to fetch.
#[wasm_bindgen]
pub struct WantedTile {
    id: u32,
    url: String,
}

#[wasm_bindgen]
impl WantedTile {
    #[wasm_bindgen(getter)]
    pub fn id(&self) -> u32 {
        self.id
    }

    #[wasm_bindgen(getter)]
    pub fn url(&self) -> String {
        self.url.clone()
    }
}

/// A tile for the worker to build.
#[wasm_bindgen]
pub struct BuildJob(TileJob);

#[wasm_bindgen]
impl BuildJob {
    #[wasm_bindgen(getter)]
    pub fn id(&self) -> u32 {
        self.0.id
    }

    #[wasm_bindgen(getter, js_name = styleEpoch)]
    pub fn style_epoch(&self) -> u32 {
        self.0.style_epoch
    }

    /// Zoom, column, row and display zoom.
    #[wasm_bindgen(getter)]
    pub fn key(&self) -> Vec<u32> {
        let TileKey { tile, display_zoom } = self.0.key;
        vec![u32::from(tile.z), tile.x, tile.y, u32::from(display_zoom)]
    }

    #[wasm_bindgen(getter)]
    pub fn bytes(&self) -> Vec<u8> {
        self.0.bytes.to_vec()
    }
}

#[wasm_bindgen]
extern "C" {
    /// Measures characters with the font that the page draws them in.
    #[wasm_bindgen(js_name = Ruler, typescript_type = "{ advance(face: number, codePoint: number): number }")]
    pub type Ruler;

    /// How far a character moves the pen, in font sizes; not finite where that cannot be said.
    #[wasm_bindgen(method)]
    fn advance(this: &Ruler, face: u32, code_point: u32) -> f32;
}

/// Builds tiles in the worker, which runs an instance of this module of its own.
#[wasm_bindgen]
pub struct TileBuilder {
    style: Style,
    /// Where there is one, texts are set here as well.
    ruler: Option<Ruler>,
    advances: RefCell<HashMap<(Face, char), Option<f32>>>,
}

#[wasm_bindgen]
impl TileBuilder {
    /// A builder for a style; what is wrong with the style was told by the map already.
    #[wasm_bindgen(constructor)]
    pub fn new(style_json: &str, ruler: Option<Ruler>) -> Result<Self, JsError> {
        tell_panics();
        Ok(Self {
            style: Style::from_json(style_json)?,
            ruler,
            advances: RefCell::default(),
        })
    }

    /// Bytes of the memory of the worker's instance of this module.
    #[wasm_bindgen(js_name = heapBytes)]
    pub fn heap_bytes() -> u32 {
        crate::budget::heap_bytes()
    }

    /// Builds a tile: `key` as in [`BuildJob::key`].
    pub fn build(&self, key: &[u32], bytes: &[u8]) -> Result<Vec<u8>, JsError> {
        let [z, x, y, display_zoom] = *key else {
            return Err(JsError::new("a tile's key has four numbers"));
        };
        let tile = u8::try_from(z).ok().and_then(|z| TileId::new(z, x, y));
        let (Some(tile), Ok(display_zoom)) = (tile, u8::try_from(display_zoom)) else {
            return Err(JsError::new("there is no such tile"));
        };
        let key = TileKey { tile, display_zoom };
        let parcel = match &self.ruler {
            Some(ruler) => {
                let mut advances = self.advances.borrow_mut();
                let mut advance_em = |face, ch| {
                    let known = advances.entry((face, ch)).or_insert_with(|| {
                        let advance = ruler.advance(face_number(face), u32::from(ch));
                        advance.is_finite().then_some(advance)
                    });
                    *known
                };
                build_with_texts(&self.style, key, bytes, &mut advance_em)
            }
            None => build(&self.style, key, bytes),
        };
        parcel.map_err(|reason| JsError::new(&reason))
    }
}

/// The map of one canvas.
#[wasm_bindgen(js_name = StreetMap)]
pub struct PageMap {
    map: StreetMap,
    canvas: HtmlCanvasElement,
    frames_to_repeat: u8,
}

#[wasm_bindgen(js_class = StreetMap)]
impl PageMap {
    /// Creates the map for a canvas in the document. `handle` must be another number for every
    /// canvas of the page's life.
    #[wasm_bindgen(constructor)]
    pub fn new(canvas: HtmlCanvasElement, handle: u32) -> Result<Self, JsError> {
        tell_panics();
        canvas
            .set_attribute(HANDLE_ATTRIBUTE, &handle.to_string())
            .map_err(|_| JsError::new("the canvas takes no attribute"))?;
        let size = WindowSize::new(canvas.width().max(1), canvas.height().max(1))
            .ok_or_else(|| JsError::new("the canvas has no size"))?;
        let engine = at_once(Engine::open(Canvas::of_page(size, handle)))
            .ok_or_else(|| JsError::new("the graphics device did not answer at once"))??;
        Ok(Self {
            map: StreetMap::new(engine),
            canvas,
            frames_to_repeat: 0,
        })
    }

    /// Takes a message of the user interface. A malformed one is thrown as an error and changes
    /// nothing.
    pub fn receive(&mut self, bytes: &[u8], now_ms: f64) -> Result<(), JsError> {
        Ok(self.map.receive(bytes, now_ms)?)
    }

    /// The canvas has another size in CSS pixels, or another pixel ratio.
    pub fn resized(&mut self, width: f32, height: f32, pixel_ratio: f32) {
        let finite = [width, height, pixel_ratio]
            .iter()
            .all(|value| value.is_finite());
        if finite {
            self.map.resized(Viewport {
                width,
                height,
                pixel_ratio,
            });
        }
    }

    /// The next message for the user interface.
    #[wasm_bindgen(js_name = nextMessage)]
    pub fn next_message(&mut self) -> Option<Vec<u8>> {
        self.map.next_message().map(|message| message.encode())
    }

    /// Draws if anything changed; answers whether another frame is wanted. `waited_ms` says how long
    /// the page has let this one wait.
    pub fn frame(&mut self, now_ms: f64, waited_ms: f64) -> bool {
        self.map.note_wait(waited_ms);
        let [width, height] = self.map.surface_px();
        // Setting a size clears the canvas, so it is set in the frame that draws it anew.
        if width > 0 && height > 0 && (self.canvas.width(), self.canvas.height()) != (width, height)
        {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
            self.frames_to_repeat = REPEATS_AFTER_RESIZE;
        }
        let more = self.map.frame(now_ms, &js_now);
        if self.frames_to_repeat == 0 {
            return more;
        }
        self.frames_to_repeat -= 1;
        self.map.draw_again();
        true
    }

    /// Whether a frame has something to draw.
    #[wasm_bindgen(js_name = wantsFrame)]
    pub fn wants_frame(&self) -> bool {
        self.map.wants_frame()
    }

    /// The next tile to fetch.
    #[wasm_bindgen(js_name = nextTile)]
    pub fn next_tile(&mut self, now_ms: f64) -> Option<WantedTile> {
        let request = self.map.next_tile_request(now_ms)?;
        Some(WantedTile {
            id: request.id,
            url: request.url,
        })
    }

    /// A tile came.
    #[wasm_bindgen(js_name = tileArrived)]
    pub fn tile_arrived(&mut self, id: u32, bytes: Vec<u8>, now_ms: f64) {
        self.map.tile_arrived(id, TileAnswer::Bytes(bytes), now_ms);
    }

    /// The source has no such tile.
    #[wasm_bindgen(js_name = tileEmpty)]
    pub fn tile_empty(&mut self, id: u32, now_ms: f64) {
        self.map.tile_arrived(id, TileAnswer::Empty, now_ms);
    }

    /// A tile could not be fetched.
    #[wasm_bindgen(js_name = tileFailed)]
    pub fn tile_failed(&mut self, id: u32, reason: String, now_ms: f64) {
        self.map
            .tile_arrived(id, TileAnswer::Failed(reason), now_ms);
    }

    /// When failed tiles are to be asked for again.
    #[wasm_bindgen(js_name = retryAt)]
    pub fn retry_at(&self) -> Option<f64> {
        self.map.retry_at_ms()
    }

    /// Whether tiles are built from now on by a worker that takes [`PageMap::next_job`]; what the one
    /// before had is handed out again.
    #[wasm_bindgen(js_name = buildOutside)]
    pub fn build_outside(&mut self, outside: bool) {
        self.map.build_outside(outside);
    }

    /// The next tile for the worker to build.
    #[wasm_bindgen(js_name = nextJob)]
    pub fn next_job(&mut self) -> Option<BuildJob> {
        self.map.next_job().map(BuildJob)
    }

    /// The style that jobs are built with.
    #[wasm_bindgen(js_name = styleJson)]
    pub fn style_json(&self) -> String {
        self.map.style_json().to_owned()
    }

    /// The worker built a tile; its own instance of this module holds so much memory.
    #[wasm_bindgen(js_name = jobDone)]
    pub fn job_done(&mut self, id: u32, parcel: Vec<u8>, heap_bytes: u32) {
        self.map.worker_holds(heap_bytes);
        self.map.job_done(id, parcel);
    }

    /// The worker could not build a tile, or did not survive it.
    #[wasm_bindgen(js_name = jobFailed)]
    pub fn job_failed(&mut self, id: u32, reason: &str) {
        self.map.job_failed(id, reason);
    }

    /// The glyphs wanted since the last call, two numbers each: face (0 regular, 1 bold, 2
    /// italic) and code point.
    #[wasm_bindgen(js_name = glyphsWanted)]
    pub fn glyphs_wanted(&mut self) -> Vec<u32> {
        self.map
            .take_glyphs_wanted()
            .into_iter()
            .flat_map(|request| [face_number(request.face), u32::from(request.ch)])
            .collect()
    }

    /// The font size that glyphs are to be rasterised at, in pixels.
    #[wasm_bindgen(js_name = glyphSize)]
    pub fn glyph_size() -> f32 {
        crate::glyphs::RASTER_PX
    }

    /// A glyph was rasterised: its bitmap's size, place from the pen, advance and coverage.
    #[wasm_bindgen(js_name = glyphArrived)]
    #[expect(
        clippy::too_many_arguments,
        reason = "an object would cost a call per field"
    )]
    pub fn glyph_arrived(
        &mut self,
        face: u32,
        code_point: u32,
        width: u32,
        height: u32,
        left: f32,
        top: f32,
        advance: f32,
        coverage: Vec<u8>,
    ) {
        let Some(ch) = char::from_u32(code_point) else {
            return;
        };
        let bitmap = GlyphBitmap {
            width,
            height,
            left,
            top,
            advance,
            coverage,
        };
        self.map.glyph_arrived(
            GlyphRequest {
                face: face_of(face),
                ch,
            },
            &bitmap,
        );
    }

    #[wasm_bindgen(js_name = pointerPressed)]
    pub fn pointer_pressed(&mut self, x: f64, y: f64, now_ms: f64) {
        self.map.pointer_pressed(x, y, now_ms);
    }

    /// The button went down with Shift held: a box is drawn.
    #[wasm_bindgen(js_name = boxStarted)]
    pub fn box_started(&mut self, x: f64, y: f64) {
        self.map.box_started(x, y);
    }

    #[wasm_bindgen(js_name = fingerDown)]
    pub fn finger_down(&mut self, id: i32, x: f64, y: f64, now_ms: f64) {
        self.map.finger_down(id, x, y, now_ms);
    }

    #[wasm_bindgen(js_name = fingerMoved)]
    pub fn finger_moved(&mut self, id: i32, x: f64, y: f64, now_ms: f64) {
        self.map.finger_moved(id, x, y, now_ms);
    }

    #[wasm_bindgen(js_name = fingerUp)]
    pub fn finger_up(&mut self, id: i32, x: f64, y: f64, now_ms: f64) {
        self.map.finger_up(id, x, y, now_ms);
    }

    #[wasm_bindgen(js_name = fingersGone)]
    pub fn fingers_gone(&mut self) {
        self.map.fingers_gone();
    }

    #[wasm_bindgen(js_name = pointerMoved)]
    pub fn pointer_moved(&mut self, x: f64, y: f64, now_ms: f64) {
        self.map.pointer_moved(x, y, now_ms);
    }

    #[wasm_bindgen(js_name = pointerReleased)]
    pub fn pointer_released(&mut self, x: f64, y: f64, now_ms: f64) {
        self.map.pointer_released(x, y, now_ms);
    }

    #[wasm_bindgen(js_name = pointerLeft)]
    pub fn pointer_left(&mut self) {
        self.map.pointer_left();
    }

    /// The wheel's travel in CSS pixels.
    pub fn wheel(&mut self, x: f64, y: f64, travel_px: f64) {
        self.map.wheel(x, y, travel_px);
    }

    /// The same while Ctrl is held: two fingers on a trackpad.
    #[wasm_bindgen(js_name = trackpadPinched)]
    pub fn trackpad_pinched(&mut self, x: f64, y: f64, travel_px: f64) {
        self.map.trackpad_pinched(x, y, travel_px);
    }

    #[wasm_bindgen(js_name = doubleClicked)]
    pub fn double_clicked(&mut self, x: f64, y: f64, out: bool) {
        self.map.double_clicked(x, y, out);
    }

    /// Answers whether the key did anything here.
    #[wasm_bindgen(js_name = keyPressed)]
    pub fn key_pressed(&mut self, name: &str, shift: bool) -> bool {
        Key::from_dom(name, shift).is_some_and(|key| self.map.key_pressed(key))
    }

    /// The CSS cursor for where the pointer is.
    pub fn cursor(&self) -> String {
        if self.map.is_boxing() || self.map.holds_tool() {
            "crosshair"
        } else if self.map.is_dragging() {
            "grabbing"
        } else if self.map.is_over_feature() {
            "pointer"
        } else {
            "default"
        }
        .to_owned()
    }
}

fn face_number(face: Face) -> u32 {
    match face {
        Face::Regular => 0,
        Face::Bold => 1,
        Face::Italic => 2,
    }
}

fn face_of(number: u32) -> Face {
    match number {
        1 => Face::Bold,
        2 => Face::Italic,
        _ => Face::Regular,
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn js_now() -> f64;
}

/// Leaves the text of a panic where the glue finds it after the trap that follows.
fn tell_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| std::panic::set_hook(Box::new(|panic| note_fault(&panic.to_string()))));
}

#[wasm_bindgen]
extern "C" {
    /// Set by the glue before the module starts.
    #[wasm_bindgen(js_namespace = globalThis, js_name = streetMapFault)]
    fn note_fault(text: &str);
}

/// The result of a future that is ready at once, as all of WebGL's are; `None` for any other.
fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => Some(value),
        std::task::Poll::Pending => None,
    }
}
