//! The street map: takes messages, pointer events, tiles and glyphs, and draws frames.
//!
//! It does no input or output of its own. Whoever embeds it (the page's glue, the offscreen
//! renderer) asks what is wanted ([`StreetMap::next_tile_request`], [`StreetMap::take_glyphs_wanted`],
//! [`StreetMap::next_message`]), hands in what came, and calls [`StreetMap::frame`] while it
//! answers that more is to be drawn. The clock is an argument.

mod base_map;
pub mod build;
mod clustering;
mod follow;
mod frame;
mod lettering;
mod live;
mod looks;
mod messages;
mod overlay;
mod pace;
mod picking;
mod planes;
pub mod pointer;
mod reticle;
mod rubber;
mod sight;
mod tools;
mod touch;

use std::{collections::VecDeque, sync::Arc};

use map_core::{
    labels::LabelEngine,
    pick::PickIndex,
    projection::World,
    style::{LayerPaint, Style},
};
use map_protocol::{
    Camera, FromMap, Layer, LineFeature, PROTOCOL_VERSION, Palette, Problem, ProblemKind,
    ProblemLevel, Route, Target, Viewport,
};

use self::{
    base_map::Upcoming,
    build::Yard,
    lettering::Lettered,
    pace::{Limit, Pace, Stats, Traffic},
    reticle::Reticle,
    rubber::Rubber,
    touch::Fingers,
};
use crate::{
    budget::MemoryBudget,
    clusters::Clusters,
    engine::Engine,
    glyphs::{GlyphAtlas, GlyphBitmap, GlyphRequest},
    grids::Grid,
    hand::Hand,
    heat::Heat,
    incidents::Incidents,
    layers::{AREA_LAYERS, Scene, palette},
    motion::Eye,
    people::People,
    sketch::Sketch,
    tiles::{TileSource, TileStore},
    trails::Trails,
};

/// What changed since the last frame and must be looked at again.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent thing to look at"
)]
struct Changed {
    anything: bool,
    view: bool,
    /// The base map or the areas, other than by the view.
    ground: bool,
    by_user: bool,
    palette: bool,
    cameras: bool,
    routes: bool,
    selection: bool,
    areas_pickable: bool,
    labels: bool,
}

/// The map of one canvas.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent switch"
)]
pub struct StreetMap {
    engine: Engine,
    /// `None` until [`ToMap::Init`] came.
    eye: Option<Eye>,
    viewport: Viewport,
    interactive: bool,
    /// How much larger everything is drawn than the page's CSS pixels; see [`ToMap::SetMarkScale`].
    scale: f64,
    /// The limits of the zoom as the user interface gave them.
    zoom_limits: [f64; 2],
    palette: Palette,
    /// The palette as the shaders see it.
    colours: [[f32; 4]; palette::SLOTS],
    style: Arc<Style>,
    /// That of the tiles which are shown: the one before as long as its tiles are.
    shown_style: Arc<Style>,
    /// What waits for the style's own tiles to be shown.
    upcoming: Upcoming,
    paints: Vec<LayerPaint>,
    tiles: TileStore,
    budget: MemoryBudget,
    traffic: Traffic,
    yard: Yard,
    labels: LabelEngine,
    label_bands: [bool; AREA_LAYERS],
    labels_placed_ms: f64,
    /// What the labels' quads on the device were written for.
    lettered: Option<Lettered>,
    /// The zoom and the middle of the screen that the signs were written for.
    signs_at: Option<(f64, World)>,
    glyphs: GlyphAtlas,
    grids: [Grid; AREA_LAYERS],
    people: People,
    trails: Trails,
    heat: Heat,
    incidents: Incidents,
    clusters: Clusters,
    cameras: Vec<Camera>,
    routes: Vec<Route>,
    /// Lines that are not on the device yet.
    new_lines: Option<Vec<LineFeature>>,
    sketch: Sketch,
    visible: [bool; Layer::ALL.len()],
    selection: Vec<Target>,
    highlight: Option<Target>,
    hovered: Option<Target>,
    /// The members of the cluster under the pointer.
    hovered_cluster: Vec<u32>,
    hover_at: Option<[f64; 2]>,
    hand: Hand,
    fingers: Fingers,
    rubber: Option<Rubber>,
    reticle: Reticle,
    followed: Option<Target>,
    /// Whether the view jumps instead of flying and coasting.
    calm: bool,
    picking: PickIndex,
    outbox: VecDeque<FromMap>,
    changed: Changed,
    /// The frame's clock.
    clock_ms: u32,
    /// The same as the shaders see it: that of the last frame in which something went by it.
    shader_clock_ms: u32,
    /// When the last frame was drawn, and whether that was the last one asked for.
    drawn_ms: f64,
    drew: bool,
    /// Whether the picture was ever whole.
    was_whole: bool,
    stats: Stats,
    pace: Pace,
    live_limit: Limit,
    announced: bool,
    idle_told: bool,
}

impl StreetMap {
    /// An empty map on an engine.
    pub fn new(mut engine: Engine) -> Self {
        let budget = MemoryBudget::default();
        let scene = Scene::new(engine.renderer());
        engine.insert_resource(scene);
        Self {
            engine,
            eye: None,
            viewport: Viewport {
                width: 0.0,
                height: 0.0,
                pixel_ratio: 1.0,
            },
            interactive: true,
            scale: 1.0,
            zoom_limits: [0.0, 24.0],
            palette: Palette::default(),
            colours: palette::slots(&Palette::default()),
            style: Arc::new(Style::empty()),
            shown_style: Arc::new(Style::empty()),
            upcoming: Upcoming::default(),
            paints: Vec::new(),
            tiles: TileStore::new(TileSource::none(), budget),
            budget,
            traffic: Traffic::default(),
            yard: Yard::default(),
            labels: LabelEngine::new(),
            label_bands: [false; AREA_LAYERS],
            labels_placed_ms: f64::NEG_INFINITY,
            lettered: None,
            signs_at: None,
            glyphs: GlyphAtlas::default(),
            grids: std::array::from_fn(|_| Grid::default()),
            people: People::default(),
            trails: Trails::default(),
            heat: Heat::default(),
            incidents: Incidents::default(),
            clusters: Clusters::default(),
            cameras: Vec::new(),
            routes: Vec::new(),
            new_lines: None,
            sketch: Sketch::default(),
            visible: [true; Layer::ALL.len()],
            selection: Vec::new(),
            highlight: None,
            hovered: None,
            hovered_cluster: Vec::new(),
            hover_at: None,
            hand: Hand::default(),
            fingers: Fingers::default(),
            rubber: None,
            reticle: Reticle::default(),
            followed: None,
            calm: false,
            picking: PickIndex::new(),
            outbox: VecDeque::new(),
            changed: Changed::default(),
            clock_ms: 0,
            shader_clock_ms: 0,
            drawn_ms: f64::NEG_INFINITY,
            drew: false,
            was_whole: false,
            stats: Stats::default(),
            pace: Pace::default(),
            live_limit: Limit::default(),
            announced: false,
            idle_told: false,
        }
    }

    fn set_palette(&mut self, palette: Palette) {
        self.colours = palette::slots(&palette);
        self.palette = palette;
        self.changed.palette = true;
        self.changed.ground = true;
        self.changed.labels = true;
        for grid in &mut self.grids {
            grid.classes_dirty = true;
        }
    }

    /// Glyphs that are wanted since the last call.
    pub fn take_glyphs_wanted(&mut self) -> Vec<GlyphRequest> {
        self.glyphs.take_wanted()
    }

    /// Takes a rasterised glyph.
    pub fn glyph_arrived(&mut self, request: GlyphRequest, bitmap: &GlyphBitmap) {
        self.glyphs.supply(request, bitmap);
        self.changed.anything = true;
        self.changed.labels = true;
    }

    /// The next message for the user interface.
    pub fn next_message(&mut self) -> Option<FromMap> {
        let message = self.outbox.pop_front();
        self.traffic.given += u32::from(message.is_some());
        message
    }

    /// The engine, to read its picture back.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    fn warn(&mut self, kind: ProblemKind, text: String) {
        self.tell(ProblemLevel::Warning, kind, text);
    }

    fn tell(&mut self, level: ProblemLevel, kind: ProblemKind, text: String) {
        self.outbox.push_back(FromMap::Problem {
            problem: Problem { level, kind, text },
        });
    }

    fn announce(&mut self) {
        if !self.announced {
            self.announced = true;
            let info = self.engine.renderer().adapter.get_info();
            self.outbox.push_back(FromMap::Ready {
                protocol_version: PROTOCOL_VERSION,
                renderer: format!("{} ({:?})", info.name, info.backend),
            });
        }
    }
}

/// The frame's clock as the shaders see it: whole milliseconds, wrapping.
fn clock(now_ms: f64) -> u32 {
    now_ms.rem_euclid(4_294_967_296.0) as u32
}
