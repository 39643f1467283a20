//! The street map: takes messages, pointer events, tiles and glyphs, and draws frames.
//!
//! It does no input or output of its own. Whoever embeds it (the page's glue, the offscreen
//! renderer) asks what is wanted ([`StreetMap::next_tile_request`], [`StreetMap::take_glyphs_wanted`],
//! [`StreetMap::next_message`]), hands in what came, and calls [`StreetMap::frame`] while it
//! answers that more is to be drawn. The clock is an argument.

pub mod build;
mod clustering;
mod follow;
mod frame;
mod lettering;
mod live;
mod looks;
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
    cover::ZoomRange,
    labels::LabelEngine,
    pick::PickIndex,
    projection::{TileId, World},
    style::{LayerPaint, Style},
    tessellate::TileKey,
};
use map_protocol::{
    Camera, Crowd, DecodeError, FromMap, Init, Layer, LineFeature, PROTOCOL_VERSION, Palette,
    PersonRecord, PolygonFeature, Problem, ProblemLevel, Route, Target, ToMap, Viewport,
};

use self::{
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
    tiles::{TileAnswer, TileRequest, TileSource, TileStore},
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

    /// Takes the bytes of a [`ToMap`]. Malformed bytes change nothing.
    pub fn receive(&mut self, bytes: &[u8], now_ms: f64) -> Result<(), DecodeError> {
        if let Some(crowd) = Crowd::of_message(bytes) {
            self.note_message();
            self.set_people(crowd.people(), crowd.glide_ms, now_ms);
            return Ok(());
        }
        let message = ToMap::decode(bytes)?;
        self.take(message, now_ms);
        Ok(())
    }

    /// Holds no more than these limits from now on; the tiles that are held come anew.
    pub fn set_budget(&mut self, budget: MemoryBudget) {
        self.budget = budget;
        let source = self.tiles.source().clone();
        self.renew_tiles(source);
    }

    /// Takes a message.
    pub fn take(&mut self, message: ToMap, now_ms: f64) {
        self.note_message();
        match message {
            ToMap::Init { init } => self.init(init),
            ToMap::Resize { viewport } => self.resize(viewport),
            ToMap::SetView { view, duration_ms } => self.set_view(view, duration_ms),
            ToMap::FitBounds {
                bounds,
                padding,
                max_zoom,
                duration_ms,
            } => {
                self.fit(bounds, padding, max_zoom, duration_ms);
            }
            ToMap::SetStyle { style_json } => self.set_style(&style_json),
            ToMap::SetPalette { palette } => self.set_palette(palette),
            ToMap::SetTileSource {
                tile_url,
                min_source_zoom,
                max_source_zoom,
            } => {
                self.set_source(tile_url, min_source_zoom, max_source_zoom);
            }
            ToMap::SetMarkScale { scale } => self.set_scale(f64::from(scale)),
            ToMap::SetSprites { sheets } => self.set_sprites(&sheets),
            ToMap::Pick { x, y, request } => self.pick(f64::from(x), f64::from(y), request),
            ToMap::SetInteractive { interactive } => {
                self.interactive = interactive;
                self.hand.cancel();
                self.rubber = None;
            }
            ToMap::Follow { target } => self.follow(target),
            ToMap::SetCalm { calm } => self.calm = calm,
            ToMap::Trap {} => trap(),
            other => self.take_layer(other, now_ms),
        }
    }

    fn note_message(&mut self) {
        self.traffic.taken += 1;
        self.changed.anything = true;
        self.idle_told = false;
    }

    fn set_people(
        &mut self,
        people: impl ExactSizeIterator<Item = PersonRecord> + Clone,
        glide_ms: u32,
        now_ms: f64,
    ) {
        let glide_ms = self.glide(glide_ms);
        self.people.set(people, glide_ms, clock(now_ms));
    }

    /// Takes a message about the content of a layer.
    fn take_layer(&mut self, message: ToMap, now_ms: f64) {
        match message {
            ToMap::SetPolygons { layer, features } => self.set_polygons(layer, &features),
            ToMap::SetPolygonValues { layer, values } => {
                if let Some(grid) = self.grids.get_mut(layer as usize) {
                    grid.set_values(&values);
                    self.changed.ground = true;
                }
            }
            ToMap::SetPeople { people, glide_ms } => {
                self.set_people(people.iter().map(PersonRecord::from), glide_ms, now_ms);
            }
            ToMap::PatchPeople {
                changed,
                removed,
                glide_ms,
            } => {
                let glide_ms = self.glide(glide_ms);
                self.people
                    .patch(&changed, &removed, glide_ms, clock(now_ms));
            }
            ToMap::SetHeat { points, radius_m } => {
                let peak = self.heat.set(&points, radius_m);
                self.changed.ground = true;
                self.outbox.push_back(FromMap::HeatMeasured { peak });
            }
            ToMap::SetTrails { trails } => self.trails.set(trails),
            ToMap::SetIncidents { incidents } => self.incidents.set(&incidents),
            ToMap::PatchIncidents { changed, removed } => {
                let pulse_ms = (!self.pace.is_slow()).then(|| clock(now_ms));
                self.incidents.patch(&changed, &removed, pulse_ms);
            }
            ToMap::SetLines { lines } => {
                self.new_lines = Some(lines);
                self.changed.ground = true;
            }
            ToMap::SetCameras { cameras } => {
                self.cameras = cameras;
                self.changed.cameras = true;
            }
            ToMap::SetRoutes { routes } => {
                self.routes = routes;
                self.changed.routes = true;
            }
            ToMap::SetTool { tool, points, held } => self.sketch.set(tool, points, held),
            ToMap::Select { targets } => {
                self.selection = targets;
                self.changed.selection = true;
                self.changed.ground = true;
            }
            ToMap::Highlight { target } => {
                self.highlight = target;
                self.changed.selection = true;
                self.changed.ground = true;
            }
            ToMap::SetLayerVisible { layer, visible } => {
                self.visible[layer as usize] = visible;
                self.changed.ground = true;
                self.changed.labels = true;
            }
            // All others were taken before.
            _ => {}
        }
    }

    fn set_polygons(&mut self, layer: Layer, features: &[PolygonFeature]) {
        let Some(grid) = self.grids.get_mut(layer as usize) else {
            self.warn(format!(
                "polygons were sent for the layer {layer:?}, which holds none; send them for a grid layer"
            ));
            return;
        };
        grid.set(features);
        self.changed.ground = true;
        self.changed.areas_pickable = true;
        self.changed.selection = true;
    }

    /// How long people glide: not at all where frames come too slowly to show it.
    fn glide(&self, wanted_ms: u32) -> u32 {
        if self.pace.is_slow() { 0 } else { wanted_ms }
    }

    fn init(&mut self, init: Init) {
        // In the page the canvas has told its size already, and more exactly.
        if self.viewport.width <= 0.0 {
            self.viewport = init.viewport;
        }
        self.interactive = init.interactive;
        self.open_eye(init.view, [init.min_zoom, init.max_zoom]);
        self.set_palette(init.palette);
        self.set_style(&init.style_json);
        self.set_source(init.tile_url, init.min_source_zoom, init.max_source_zoom);
        self.announced = false;
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

    fn set_style(&mut self, json: &str) {
        match Style::from_json(json) {
            Ok(style) => {
                for warning in &style.warnings {
                    self.warn(format!("style: {warning}"));
                }
                if style.layers.len() > crate::parcel::MAX_STYLE_LAYERS {
                    self.warn(format!(
                        "the style has {} layers, of which the last ones are not drawn; merge layers until there are {}",
                        style.layers.len(),
                        crate::parcel::MAX_STYLE_LAYERS
                    ));
                }
                self.style = Arc::new(style);
                self.yard.set_style(json);
            }
            Err(error) => {
                self.style = Arc::new(Style::empty());
                self.yard.set_style(EMPTY_STYLE);
                self.tell(ProblemLevel::Error, error.to_string());
            }
        }
        let freed = self.tiles.forget_built();
        self.free(&freed);
        self.tiles.expect_pictures(self.style.picture_tile_px());
        self.labels.clear();
        self.changed.view = true;
        self.changed.labels = true;
    }

    fn set_source(&mut self, url: String, min: u8, max: u8) {
        let max = max.min(TileId::MAX_ZOOM);
        let source = TileSource {
            url,
            zooms: ZoomRange {
                min: min.min(max),
                max,
            },
        };
        if *self.tiles.source() != source {
            self.renew_tiles(source);
        }
    }

    fn renew_tiles(&mut self, source: TileSource) {
        self.yard.abandon();
        let freed = self.tiles.forget_built();
        self.free(&freed);
        self.tiles = TileStore::new(source, self.budget);
        self.tiles.expect_pictures(self.style.picture_tile_px());
        self.changed.view = true;
    }

    fn free(&mut self, keys: &[TileKey]) {
        for key in keys {
            self.labels.remove_tile(*key);
        }
        if let Some(scene) = self.engine.resource_mut::<Scene>() {
            for key in keys {
                scene.base_map.remove(*key);
            }
        }
    }

    /// The next tile to be fetched, if there is one now.
    pub fn next_tile_request(&mut self, now_ms: f64) -> Option<TileRequest> {
        self.tiles.next_request(now_ms)
    }

    /// Takes the answer to a tile request.
    pub fn tile_arrived(&mut self, id: u32, answer: TileAnswer, now_ms: f64) {
        self.changed.anything = true;
        if let Some(text) = self.tiles.arrived(id, answer, now_ms) {
            self.warn(text);
        }
    }

    /// When failed tiles are to be asked for again; call [`StreetMap::next_tile_request`] then.
    pub fn retry_at_ms(&self) -> Option<f64> {
        self.tiles.retry_at_ms()
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

    fn warn(&mut self, text: String) {
        self.tell(ProblemLevel::Warning, text);
    }

    fn tell(&mut self, level: ProblemLevel, text: String) {
        self.outbox.push_back(FromMap::Problem {
            problem: Problem { level, text },
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

/// A style that draws nothing, as JSON.
const EMPTY_STYLE: &str = r#"{"version": 8, "layers": []}"#;

/// Ends the module on request, so that recovery can be seen; natively the test ends.
fn trap() {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_arch = "wasm32"))]
    log::error!("the map was asked to trap; natively it goes on");
}
