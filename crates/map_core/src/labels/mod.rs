//! Labels: which of them find room, where their glyphs stand, and how they appear and go without flicker.
//!
//! A tile's [`SymbolCandidate`]s come from the tessellation, area labels (names and counts of grids) from the caller.
//! [`LabelEngine::place`] decides, a few times a second at most; [`LabelEngine::frame`] writes the glyphs of one frame.

mod along;
mod collision;
mod engine;
mod icons;
mod placing;
mod prepared;
mod quads;
mod shaping;

use bytemuck::{Pod, Zeroable};

pub use engine::LabelEngine;
pub use icons::{Icon, IconFit, IconStyle};
pub use shaping::{SetGlyph, SetText};

use crate::atlas::AtlasRect;
use crate::colour::Colour;
use crate::projection::World;

/// The faces that labels are set in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Face {
    /// Upright, normal weight.
    #[default]
    Regular,
    /// Upright, heavier.
    Bold,
    /// Slanted; a rasteriser without one uses the regular face.
    Italic,
}

/// One glyph as it lies in the atlas. Lengths are in raster pixels, i.e. for a font size of
/// [`GlyphMetrics::raster_size_px`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glyph {
    /// Where its distance field lies in the atlas, padding included; `None` for a blank.
    pub rect: Option<AtlasRect>,
    /// From the pen to the left edge of `rect`.
    pub left: f32,
    /// From the baseline up to the upper edge of `rect`.
    pub top: f32,
    /// How far the pen moves on.
    pub advance: f32,
}

/// Gives glyphs, rasterising them when they are first asked for.
pub trait GlyphMetrics {
    /// The glyph, or `None` where it is not there yet (the label waits) or the atlas is full.
    fn glyph(&mut self, face: Face, ch: char) -> Option<Glyph>;

    /// The font size that glyphs are rasterised at, in pixels.
    fn raster_size_px(&self) -> f32;

    /// The icon of this name, or `None` where the style's sprite has none or has not come yet.
    fn icon(&mut self, _name: &str) -> Option<Icon> {
        None
    }
}

/// Where the anchor point lies on the label's box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    /// In the middle.
    #[default]
    Centre,
    /// In the middle of the left edge.
    Left,
    /// In the middle of the right edge.
    Right,
    /// In the middle of the upper edge.
    Top,
    /// In the middle of the lower edge.
    Bottom,
    /// On the upper left corner.
    TopLeft,
    /// On the upper right corner.
    TopRight,
    /// On the lower left corner.
    BottomLeft,
    /// On the lower right corner.
    BottomRight,
}

/// How the lines of a label stand above each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Justify {
    /// Towards the anchor.
    #[default]
    Auto,
    /// Their left ends meet.
    Left,
    /// Their middles meet.
    Centre,
    /// Their right ends meet.
    Right,
}

/// How a label looks.
#[derive(Clone, Debug, PartialEq)]
pub struct TextStyle {
    /// Which face.
    pub face: Face,
    /// Font size in CSS pixels at the display zoom and the next.
    pub sizes_px: [f32; 2],
    /// Opacity at the display zoom and the next, from 0 to 1.
    pub opacities: [f32; 2],
    /// The glyphs' colour.
    pub colour: Colour,
    /// The halo's colour; transparent for none.
    pub halo: Colour,
    /// The halo's width in CSS pixels.
    pub halo_width_px: f32,
    /// How far the halo's edge is softened, in CSS pixels.
    pub halo_blur_px: f32,
    /// Space added between glyphs, in font sizes.
    pub letter_spacing_em: f32,
    /// Lines are broken before they grow wider than this, in font sizes; infinite for one line.
    pub max_width_em: f32,
    /// From baseline to baseline, in font sizes.
    pub line_height_em: f32,
    /// Where the anchor lies on the box.
    pub anchor: Anchor,
    /// How the lines stand above each other.
    pub justify: Justify,
    /// Moves the box, in font sizes to the right and down.
    pub offset_em: [f32; 2],
    /// Moves the label, in CSS pixels to the right and down.
    pub translate_px: [f32; 2],
    /// Room kept free around the box, in CSS pixels.
    pub padding_px: f32,
    /// A plate behind the text (a shield), or `None`.
    pub plate: Option<Colour>,
}

impl Default for TextStyle {
    fn default() -> Self {
        Self {
            face: Face::Regular,
            sizes_px: [16.0; 2],
            opacities: [1.0; 2],
            colour: Colour::BLACK,
            halo: Colour::TRANSPARENT,
            halo_width_px: 0.0,
            halo_blur_px: 0.0,
            letter_spacing_em: 0.0,
            max_width_em: 10.0,
            line_height_em: 1.2,
            anchor: Anchor::Centre,
            justify: Justify::Auto,
            offset_em: [0.0; 2],
            translate_px: [0.0; 2],
            padding_px: 2.0,
            plate: None,
        }
    }
}

/// Something in a tile that may get a label.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts of the style, not a state"
)]
pub struct SymbolCandidate {
    /// Index into [`crate::style::Style::layers`].
    pub layer: u32,
    /// What to write; empty for an icon alone.
    pub text: String,
    /// What to show; `None` for a text alone.
    pub icon: Option<IconStyle>,
    /// Where, in tile units; for a line the middle of it.
    pub anchor: [i16; 2],
    /// The line to stand on, in tile units; empty for a label at a point.
    pub path: Vec<[i16; 2]>,
    /// Whether the text runs along the line, rather than upright at places on it.
    pub text_along: bool,
    /// Anchors to try in turn, each with its offset in font sizes, instead of the style's own; empty for that one.
    pub anchors: Vec<(Anchor, [f32; 2])>,
    /// Distance between repetitions along the line, in CSS pixels; infinite for one in the middle.
    pub spacing_px: f32,
    /// The sharpest turn of the line under the label, in degrees.
    pub max_angle_deg: f32,
    /// Shown from the first zoom on and below the second.
    pub zooms: [f32; 2],
    /// How it looks.
    pub style: TextStyle,
    /// Smaller is placed first within the layer.
    pub sort_key: f32,
    /// The text is drawn even where others are in the way.
    pub allow_overlap: bool,
    /// Others are placed as if the text were not there.
    pub ignore_placement: bool,
    /// The icon may stand without the text.
    pub text_optional: bool,
    /// The text, set already; `None` where that is left to the placement.
    pub set: Option<SetText>,
}

impl SymbolCandidate {
    /// Sets the text by how far each character moves the pen, in font sizes. Where that is not known of one, it is
    /// left to the placement.
    pub fn set_text(&mut self, advance_em: &mut dyn FnMut(Face, char) -> Option<f32>) {
        self.set = shaping::set_by(&self.text, &self.style, advance_em);
    }

    /// Memory that it takes, in bytes.
    pub fn bytes(&self) -> usize {
        let icon = self.icon.as_ref().map_or(0, |icon| icon.name.len());
        let glyphs = self.set.as_ref().map_or(0, |set| set.glyphs.len());
        size_of::<Self>()
            + self.text.len()
            + icon
            + self.path.len() * 4
            + self.anchors.len() * 12
            + glyphs * size_of::<SetGlyph>()
    }
}

/// A label of the caller: the name or the count of a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct AreaLabel {
    /// The caller's number of the thing; keeps the label's identity from frame to frame.
    pub id: u64,
    /// Where.
    pub at: World,
    /// What to write.
    pub text: String,
    /// How it looks; `sizes_px` are used as they are (first value).
    pub style: TextStyle,
    /// Larger is placed first. Labels of tiles have priorities below 0 (base map), so 0 and above go before them.
    pub priority: f32,
    /// Not shown where the label is wider than this many units of the Mercator square (the area's width); infinite for
    /// always.
    pub room: f64,
}

/// One quad of the label pass, drawn instanced; 68 bytes, in this order: `Float32x2` centre at 0, `Float32x2` half size
/// at 8, `Float32x2` rotation at 16, `Uint16x4` atlas rectangle at 24, `Unorm16x4` colour at 32, `Unorm16x4` halo at
/// 40, `Float32x4` at 48: halo width, scale, opacity, kind; `Float32` at 64: halo blur.
///
/// Corner `c` in {−1, 1}²: `px = origin_px + centre + rotate(c · half_size)`, with `origin_px` the screen position of
/// [`LabelFrame::origin`], so that a pan needs no new glyphs.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct GlyphInstance {
    /// CSS pixels from [`LabelFrame::origin`].
    pub centre_px: [f32; 2],
    /// CSS pixels.
    pub half_size_px: [f32; 2],
    /// Cosine and sine of the turn (clockwise on the screen).
    pub rotation: [f32; 2],
    /// Left, upper, right and lower edge in the atlas, in pixels.
    pub atlas_px: [u16; 4],
    /// Linear premultiplied.
    pub colour: [u16; 4],
    /// Linear premultiplied.
    pub halo: [u16; 4],
    /// CSS pixels.
    pub halo_width_px: f32,
    /// CSS pixels per raster pixel: a field value `v` is `(SDF_EDGE − v) · SDF_RADIUS_PX · scale` CSS pixels outside.
    pub scale: f32,
    /// From 0 to 1: the label is fading in or out.
    pub opacity: f32,
    /// 0: a glyph. 1: a plate, a rounded rectangle of `colour` with a radius of 3 CSS pixels and an edge of `halo`.
    /// 2: an icon with colours of its own, in the sprite's texture. 3: an icon as a distance field in that texture's
    /// alpha.
    pub kind: f32,
    /// CSS pixels.
    pub halo_blur_px: f32,
}

/// All quads of a frame.
#[derive(Clone, Debug, Default)]
pub struct LabelFrame {
    /// What the quads' positions are measured from.
    pub origin: World,
    /// The zoom that they were set for; at another zoom ask for a new frame.
    pub zoom: f64,
    /// In drawing order.
    pub glyphs: Vec<GlyphInstance>,
    /// A label is fading: ask for another frame soon.
    pub animating: bool,
}

#[cfg(test)]
mod steadiness;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod together;
