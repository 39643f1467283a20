//! From a decoded tile and a style to vertex arrays: everything that is drawn of one tile, in one set of buffers.
//!
//! Coordinates are in tile units: the tile's square is [`EXTENT`] units wide, `x` to the east, `y` to the south, so
//! that a point's CSS pixel is `tile_origin_px + units · tile_size_px / EXTENT` with the two values of
//! [`View::screen_from_tile`](crate::projection::View::screen_from_tile). Geometry reaches a little beyond the tile,
//! so that lines join across its edge: the renderer draws each tile with a scissor on the tile's rectangle (of the
//! smaller one where a parent stands in for a child).
//!
//! Values that depend on a feature are baked for two zooms, the bucket's [`TileKey::display_zoom`] and the next: the
//! shader mixes the pair by [`TileKey::zoom_fraction`]. Values that depend on the zoom alone come as uniforms from
//! [`crate::style::Style::paints_at`], and the shader multiplies both; where one of the two does not apply it is 1.

mod budget;
mod build;
mod clip;
pub(crate) mod ribbon;
mod symbols;

use std::ops::Range;

use bytemuck::{Pod, Zeroable};

use crate::labels::SymbolCandidate;
use crate::mvt::Tile;
use crate::projection::TileId;
use crate::style::Style;

/// Units across a tile in all vertices, whatever extent the source used.
pub const EXTENT: i16 = 8192;

/// What one set of buckets was made for: the tile that was read, and the zoom at which it is to be drawn. Beyond the
/// source's deepest zoom the same tile is tessellated again for each whole zoom, so that labels and widths fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileKey {
    /// The tile as the source numbers it.
    pub tile: TileId,
    /// The whole zoom that the buckets are made for; at least `tile.z`.
    pub display_zoom: u8,
}

impl TileKey {
    /// How far `zoom` lies between the two zooms that data-dependent values are baked for, from 0 to 1.
    pub fn zoom_fraction(self, zoom: f64) -> f32 {
        (zoom - f64::from(self.display_zoom)).clamp(0.0, 1.0) as f32
    }
}

/// A corner of a filled polygon. 12 bytes: `Sint16x2` at 0, `Unorm16x4` at 4.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct FillVertex {
    /// Tile units.
    pub position: [i16; 2],
    /// Linear premultiplied, as fractions of 65535; white where the layer's colour does not depend on features.
    pub colour: [u16; 4],
}

/// A corner of a line's ribbon. 24 bytes: `Sint16x2` at 0, `Snorm16x2` at 4, `Snorm16x2` at 8, `Uint16x2` at 12,
/// `Unorm16x4` at 16. The dash distance is a separate `f32` at [`LineVertex::DISTANCE_OFFSET`]: 28 bytes in all.
///
/// Vertex shader: `width = uniform.width · mix(widths.x, widths.y, zoom_fraction) / 256`,
/// `half = width / 2 + 0.5 / dpr` (half a device pixel for the soft edge),
/// `px = tile_px(position) + extrude · 4 · half`; hand `edge · half` and `width / 2` to the fragment shader.
/// Fragment shader: `alpha = clamp((width / 2 − length(edge_px)) · dpr + 0.5, 0, 1)`. `edge` is across the line in `x`
/// and, on round caps only, along it in `y`, so a round cap is a quad whose corners fade away.
/// Dashes: `along_px = distance · tile_size_px / EXTENT`; see [`crate::style::LinePaint::dashes`].
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct LineVertex {
    /// Tile units, on the centre line.
    pub position: [i16; 2],
    /// Direction to the ribbon's edge in half widths, divided by 4 (`Snorm16`); longer than 1/4 at a miter.
    pub extrude: [i16; 2],
    /// Place within the ribbon: −1 … 1 across, and 0 … 1 outwards along a round cap (`Snorm16`).
    pub edge: [i16; 2],
    /// Width in 1/256 CSS pixels at the display zoom and the next; (256, 256) where it does not depend on features.
    pub widths: [u16; 2],
    /// As [`FillVertex::colour`].
    pub colour: [u16; 4],
    /// Length from the line's start in tile units, for dashes.
    pub distance: f32,
}

impl LineVertex {
    /// Byte offset of [`LineVertex::distance`].
    pub const DISTANCE_OFFSET: usize = 24;
}

/// One circle, drawn as an instanced quad. 16 bytes: `Sint16x2` at 0, `Uint16x2` at 4, `Unorm16x4` at 8.
///
/// `radius = uniform.radius · mix(radii.x, radii.y, zoom_fraction) / 256` CSS pixels; stroke and blur from
/// [`crate::style::CirclePaint`].
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct CircleInstance {
    /// Centre in tile units.
    pub position: [i16; 2],
    /// Radius in 1/256 CSS pixels at the display zoom and the next; (256, 256) where it does not depend on features.
    pub radii: [u16; 2],
    /// As [`FillVertex::colour`].
    pub colour: [u16; 4],
}

/// What a [`Draw`] draws, and with which buffers and which paint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DrawKind {
    /// `range` of `fill_indices`, with [`crate::style::LayerPaint::Fill`].
    Fill,
    /// `range` of `line_indices`: the outline of a fill layer, one CSS pixel wide, in
    /// [`crate::style::FillPaint::outline`].
    FillOutline,
    /// `range` of `line_indices`, with [`crate::style::LayerPaint::Line`].
    Line,
    /// `range` of `circles`, with [`crate::style::LayerPaint::Circle`].
    Circle,
}

/// A part of a tile's buffers that belongs to one style layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// Index into [`Style::layers`].
    pub layer: u32,
    /// Which buffer and paint.
    pub kind: DrawKind,
    /// Indices, or circles for [`DrawKind::Circle`].
    pub range: Range<u32>,
}

/// Everything that is drawn of one tile. Indices start at the tile's own first vertex.
#[derive(Clone, Debug, PartialEq)]
pub struct TileBuckets {
    /// What the buckets were made for.
    pub key: TileKey,
    /// Corners of all fills.
    pub fill_vertices: Vec<FillVertex>,
    /// Triangles of all fills.
    pub fill_indices: Vec<u32>,
    /// Corners of all lines and fill outlines.
    pub line_vertices: Vec<LineVertex>,
    /// Triangles of all lines and fill outlines.
    pub line_indices: Vec<u32>,
    /// All circles.
    pub circles: Vec<CircleInstance>,
    /// What to draw, in the order of the style's layers; a layer without geometry in this tile has no entry.
    pub draws: Vec<Draw>,
    /// What may be labelled; hand it to [`crate::labels::LabelEngine::set_tile`].
    pub symbols: Vec<SymbolCandidate>,
    /// Features that were left out, wholly or from some place on, because their geometry is absurd or the tile has too
    /// much of it.
    pub skipped_features: u32,
}

impl TileBuckets {
    /// Buckets with nothing in them.
    pub fn empty(key: TileKey) -> Self {
        Self {
            key,
            fill_vertices: Vec::new(),
            fill_indices: Vec::new(),
            line_vertices: Vec::new(),
            line_indices: Vec::new(),
            circles: Vec::new(),
            draws: Vec::new(),
            symbols: Vec::new(),
            skipped_features: 0,
        }
    }

    /// Memory that the arrays take, in bytes; the weight of the tile in [`crate::cache::TileCache`].
    pub fn bytes(&self) -> usize {
        size_of_val(self.fill_vertices.as_slice())
            + size_of_val(self.fill_indices.as_slice())
            + size_of_val(self.line_vertices.as_slice())
            + size_of_val(self.line_indices.as_slice())
            + size_of_val(self.circles.as_slice())
            + self
                .symbols
                .iter()
                .map(SymbolCandidate::bytes)
                .sum::<usize>()
    }
}

/// Turns a tile into vertices. Never fails: what cannot be drawn is counted in [`TileBuckets::skipped_features`].
pub fn tessellate(tile: &Tile, style: &Style, key: TileKey) -> TileBuckets {
    build::build(tile, style, key)
}

#[cfg(test)]
mod tests;
