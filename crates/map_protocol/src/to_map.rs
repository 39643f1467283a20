//! What the user interface tells the map.

use crate::{
    features::{Camera, Incident, Layer, PolygonFeature, PolygonValue, Route, Target},
    geometry::{Bounds, Padding, Position, View, Viewport},
    heat::HeatPoint,
    lines::LineFeature,
    palette::Palette,
    people::{Person, Trail},
    sprites::SpriteSheet,
    tools::Tool,
    wire::{wire_messages, wire_struct},
};

/// Everything the map needs before its first frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Init {
    /// Counts where the canvas has not told its size itself, as it does in the page.
    pub viewport: Viewport,
    pub view: View,
    /// Where vector tiles are fetched, with `{z}`, `{x}` and `{y}`; empty for no base map. A 404
    /// or 204 answer is an empty tile.
    pub tile_url: String,
    /// The deepest zoom the tile source holds; beyond it tiles are enlarged.
    pub max_source_zoom: u8,
    /// The shallowest zoom the tile source holds.
    pub min_source_zoom: u8,
    /// A MapLibre style document (JSON). Its `sources` are ignored in favour of `tile_url`.
    pub style_json: String,
    pub palette: Palette,
    /// The limits of the zoom for the user and for [`ToMap::SetView`].
    pub min_zoom: f64,
    pub max_zoom: f64,
    /// Whether pointer, wheel and keyboard move the map (off on the wall).
    pub interactive: bool,
}

wire_struct!(Init {
    viewport: Viewport,
    view: View,
    tile_url: String,
    max_source_zoom: u8,
    min_source_zoom: u8,
    style_json: String,
    palette: Palette,
    min_zoom: f64,
    max_zoom: f64,
    interactive: bool,
});

wire_messages! {
    /// A message to the map. Every `Set…` replaces what the layer held before; features keep
    /// their identity by `id`.
    pub enum ToMap, "message to the map" {
        /// Must come first; sent again it starts over with another source or style.
        Init = 1 { init: Init },
        Resize = 2 { viewport: Viewport },
        /// Moves the view, at once (`duration_ms` 0) or flying; the user's hand cuts a flight
        /// short.
        SetView = 3 { view: View, duration_ms: u32 },
        /// Shows all of `bounds` inside the padding, not closer than `max_zoom`.
        FitBounds = 4 { bounds: Bounds, padding: Padding, max_zoom: f64, duration_ms: u32 },
        SetStyle = 5 { style_json: String },
        SetPalette = 6 { palette: Palette },
        /// Replaces the polygons of a layer (see [`Layer::holds_polygons`]).
        SetPolygons = 7 { layer: Layer, features: Vec<PolygonFeature> },
        /// Recolours and hatches polygons without tessellating again; unknown ids are ignored.
        SetPolygonValues = 8 { layer: Layer, values: Vec<PolygonValue> },
        /// Replaces all people. Who was there before glides from the place shown now to the new
        /// one over `glide_ms` (0: jumps); nobody is moved beyond the last known position.
        SetPeople = 9 { people: Vec<Person>, glide_ms: u32 },
        /// Adds or changes some people and removes others; the rest stays untouched.
        PatchPeople = 10 { changed: Vec<Person>, removed: Vec<u32>, glide_ms: u32 },
        SetIncidents = 11 { incidents: Vec<Incident> },
        /// Adds or changes some incidents and removes others.
        PatchIncidents = 12 { changed: Vec<Incident>, removed: Vec<u32> },
        SetCameras = 13 { cameras: Vec<Camera> },
        SetRoutes = 14 { routes: Vec<Route> },
        /// Replaces the selection: an outline around areas, a ring around people and incidents, which
        /// are drawn once more above all others, also those of a hidden layer.
        Select = 15 { targets: Vec<Target> },
        /// Emphasises a feature as if the pointer were over it (a list row is hovered).
        Highlight = 16 { target: Option<Target> },
        /// Shows or hides a layer, but for what is selected of it.
        SetLayerVisible = 17 { layer: Layer, visible: bool },
        /// Asks what lies at a pixel; answered by `FromMap::Picked` with the same `request`.
        Pick = 18 { x: f32, y: f32, request: u32 },
        /// Replaces the tile source, for example when another map file was opened.
        SetTileSource = 19 { tile_url: String, min_source_zoom: u8, max_source_zoom: u8 },
        SetInteractive = 20 { interactive: bool },
        /// Test hook: makes the module trap, so that recovery can be seen.
        Trap = 21 {},
        /// Draws everything larger without showing another part of the world: marks, labels, line
        /// widths (wall: as the farthest seat asks); 1 is the desk. Zooms and pixels of all messages
        /// stay those of the page.
        SetMarkScale = 22 { scale: f32 },
        /// Replaces all trails. Each ends at its person's mark, also while the mark glides.
        SetTrails = 23 { trails: Vec<Trail> },
        /// Keeps a person or an incident in view while it moves. The user's own move of the picture
        /// and the target's disappearance end it, which `FromMap::FollowEnded` says; `None` ends
        /// it silently.
        Follow = 40 { target: Option<Target> },
        /// Whether the view jumps instead of flying and coasting, for people who asked for
        /// reduced motion.
        SetCalm = 41 { calm: bool },
        /// Replaces all lines: roads where no base map shows them.
        SetLines = 30 { lines: Vec<LineFeature> },
        /// Shows what is drawn with a tool (see [`Tool`] for the points) instead of what was drawn
        /// before. While it is `held`, the hand goes on drawing with it and selects nothing.
        SetTool = 31 { tool: Tool, points: Vec<Position>, held: bool },
        /// Replaces the icons of the base map's style. What cannot be read is told in one problem
        /// and left out; texts stand without it.
        SetSprites = 55 { sheets: Vec<SpriteSheet> },
        /// Replaces the heat map, none without points: the density of places, each counting within
        /// `radius_m` metres; answered by `FromMap::HeatMeasured`.
        SetHeat = 24 { points: Vec<HeatPoint>, radius_m: f32 },
    }
}
