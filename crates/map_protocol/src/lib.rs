//! The messages between the user interface and the map module.
//!
//! The map runs as a WebAssembly module of its own, so nothing can be shared by reference: each
//! side encodes a message to bytes ([`ToMap::encode`], [`FromMap::encode`]) and the other decodes
//! them. The encoding is little-endian, without padding, and starts with one tag byte. Decoding
//! answers every malformed input with a [`DecodeError`] that says what was expected at which byte;
//! it never panics.
//!
//! Conventions:
//! - Zoom follows MapLibre GL: at zoom 0 the world is 512 CSS pixels wide, each step doubles it.
//! - Positions are [`Position`]s: Web Mercator as two `u32`, a step of at most 9.4 mm. Convert at
//!   the edge with [`Position::from_lon_lat`] (CGCS2000 or WGS 84 degrees).
//! - Pixel values are CSS pixels from the top left corner of the canvas unless a name says
//!   otherwise.
//! - Colours are sRGB with straight alpha ([`Rgba`]); they come from the theme tokens of the user
//!   interface, the map has none of its own.
//! - The map keeps no truth: after a trap it is created anew and the user interface sends
//!   [`ToMap::Init`] and the last message of every layer again.
//!
//! Draw order, from below ([`Layer::DRAW_ORDER`] names the layers):
//!  1. background, base map areas and lines;
//!  2. the lines layer: all casings, then all cores, each from paths to motorways;
//!  3. the polygon layers, from unit grids to the areas of the moment; of each the fills with their
//!     stripes, then the outlines, then those of the selected and the hovered one; then the heat map;
//!  4. routes, casings below cores;
//!  5. what is drawn with a tool: area, line, spots;
//!  6. trails, then cameras and other devices;
//!  7. people;
//!  8. the labels of base map and grids;
//!  9. incidents: faint ones below, the higher severity above the lower, the southern above the
//!     northern;
//! 10. clusters of incidents with their totals, those with more large ones above;
//! 11. the selected and the hovered people, then incidents that pulse, then the selected and the
//!     hovered devices and incidents;
//! 12. the signs on incidents that show no picture;
//! 13. the rubber band and the cross of the keyboard.
//!
//! A pick answers in the opposite order. A mark also counts as hit a little beyond its edge, and more
//! under a finger: of each layer those whose mark the cursor is on come first, the topmost of them
//! first, then those beside it, the nearest first. Under a cluster lie all its members. Labels,
//! routes and drawings are not picked: there is nothing that could be done with one.

mod features;
mod from_map;
mod geometry;
mod heat;
mod lines;
mod palette;
mod people;
mod signs;
mod sprites;
mod to_map;
mod tools;
mod wire;

pub use features::{
    Camera, CameraState, Incident, IncidentFlags, IncidentShape, Layer, PolygonFeature,
    PolygonValue, Route, RouteState, Severity, Target,
};
pub use from_map::{
    FollowEnd, FrameStats, FromMap, Held, MapMemory, Problem, ProblemKind, ProblemLevel,
};
pub use geometry::{Bounds, Padding, Position, View, Viewport};
pub use heat::HeatPoint;
pub use lines::{LineClass, LineFeature};
pub use palette::{Palette, Rgba};
pub use people::{
    Crowd, Heading, Person, PersonAge, PersonClass, PersonFlags, PersonRecord, Trail,
};
pub use signs::{DeviceKind, Icon, Lamp};
pub use sprites::SpriteSheet;
pub use to_map::{Init, ToMap};
pub use tools::Tool;
pub use wire::DecodeError;

/// Version of this message set; [`FromMap::Ready`] carries the one the module was built with.
pub const PROTOCOL_VERSION: u16 = 1;
