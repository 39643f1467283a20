//! The map without a graphics card: everything between the bytes of a vector tile and the vertices, labels and
//! picks that a renderer needs.
//!
//! The order of a frame, as the renderer sees it:
//!
//! 1. [`cover::TileCover::of_view`] names the tiles that a [`projection::View`] needs; the caller asks a source for
//!    what [`cache::TileCache`] does not hold, and [`cover::resolve`] says what to draw meanwhile.
//! 2. [`mvt::Tile::decode`] reads the bytes, [`tessellate::tessellate`] turns them into [`tessellate::TileBuckets`]
//!    (plain vertex arrays, one set of buffers per tile, one [`tessellate::Draw`] per style layer).
//! 3. Every frame [`style::Style::paints_at`] evaluates what depends on the zoom; data-dependent values are in the
//!    vertices already. The renderer walks the style's layers in order, and for each the visible tiles.
//! 4. [`labels::LabelEngine`] places labels now and then, and writes glyph quads each frame.
//! 5. [`live`] packs polygons and points that change often, [`pick`] answers what lies under the cursor.
//!
//! Nothing here knows a clock, a thread, a window or a file.
#![warn(missing_docs)]

pub mod atlas;
pub mod cache;
pub mod clusters;
pub mod colour;
pub mod cover;
pub mod crowd;
mod geometry;
pub mod heat;
pub mod labels;
pub mod lines;
pub mod live;
pub mod mvt;
pub mod pick;
pub mod projection;
pub mod sdf;
pub mod style;
pub mod tessellate;
