//! Icons of labels: how they look, and where their quads stand.

use super::{Anchor, GlyphInstance};
use crate::atlas::AtlasRect;
use crate::colour::Colour;

/// An icon as it lies in the sprite's texture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Icon {
    /// Where it lies, in pixels of the texture.
    pub rect: AtlasRect,
    /// Pixels of the texture for one CSS pixel.
    pub pixel_ratio: f32,
    /// Its alpha is a distance field, to be drawn in the style's colours.
    pub is_field: bool,
}

impl Icon {
    /// Width and height in CSS pixels at a size of 1.
    pub fn size_px(&self) -> [f32; 2] {
        [self.rect.width, self.rect.height].map(|px| f32::from(px) / self.pixel_ratio)
    }
}

/// In which directions an icon is stretched to go around its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IconFit {
    /// In none.
    #[default]
    None,
    /// Across.
    Width,
    /// Up and down.
    Height,
    /// In both.
    Both,
}

/// How an icon looks.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts of the style, not a state"
)]
pub struct IconStyle {
    /// Its name in the sprite.
    pub name: String,
    /// Factors on its own size at the display zoom and the next.
    pub sizes: [f32; 2],
    /// Opacity at the display zoom and the next, from 0 to 1.
    pub opacities: [f32; 2],
    /// The colour of a distance field.
    pub colour: Colour,
    /// The halo of a distance field; transparent for none.
    pub halo: Colour,
    /// CSS pixels.
    pub halo_width_px: f32,
    /// CSS pixels.
    pub halo_blur_px: f32,
    /// Turned by this, clockwise, in degrees.
    pub turn_deg: f32,
    /// Where the anchor lies on its box.
    pub anchor: Anchor,
    /// Moves it to the right and down, before it is turned, in CSS pixels at a size of 1.
    pub offset_px: [f32; 2],
    /// Moves it, in CSS pixels to the right and down.
    pub translate_px: [f32; 2],
    /// Room kept free above, to the right, below and to the left, in CSS pixels.
    pub padding_px: [f32; 4],
    /// Turned with the line that it stands on.
    pub is_along: bool,
    /// On a line it is turned around rather than stand on its head.
    pub is_kept_upright: bool,
    /// The text may stand without it.
    pub is_optional: bool,
    /// Drawn even where others are in the way.
    pub allow_overlap: bool,
    /// Others are placed as if it were not there.
    pub ignore_placement: bool,
    /// Whether it goes around the text.
    pub fit: IconFit,
    /// Room between the text and the icon around it: above, right, below, left, in CSS pixels.
    pub fit_padding_px: [f32; 4],
}

impl Default for IconStyle {
    fn default() -> Self {
        Self {
            name: String::new(),
            sizes: [1.0; 2],
            opacities: [1.0; 2],
            colour: Colour::BLACK,
            halo: Colour::TRANSPARENT,
            halo_width_px: 0.0,
            halo_blur_px: 0.0,
            turn_deg: 0.0,
            anchor: Anchor::Centre,
            offset_px: [0.0; 2],
            translate_px: [0.0; 2],
            padding_px: [2.0; 4],
            is_along: false,
            is_kept_upright: false,
            is_optional: false,
            allow_overlap: false,
            ignore_placement: false,
            fit: IconFit::None,
            fit_padding_px: [0.0; 4],
        }
    }
}

/// An icon's place: its middle from the label's point, half its size, and its turn as cosine and sine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct IconPlace {
    pub(super) centre_px: [f32; 2],
    pub(super) half_px: [f32; 2],
    pub(super) rotation: [f32; 2],
}

impl IconPlace {
    /// Where an icon stands. `direction` is that of the line below it, or east; `text_px` the text's box from the point
    /// where the icon goes around it.
    pub(super) fn of(
        style: &IconStyle,
        icon: &Icon,
        size: f32,
        direction: [f32; 2],
        text_px: Option<[f32; 4]>,
    ) -> Self {
        let [mut width, mut height] = icon.size_px().map(|px| px * size);
        let offset = style.offset_px.map(|px| px * size);
        let [left, top] = style.anchor.corner(width, height);
        let mut middle = [
            left + width / 2.0 + offset[0],
            top + height / 2.0 + offset[1],
        ];
        if let Some([left, top, right, bottom]) = text_px.filter(|_| style.fit != IconFit::None) {
            let [above, to_right, below, to_left] = style.fit_padding_px;
            if style.fit != IconFit::Height {
                width = right - left + to_left + to_right;
                middle[0] = f32::midpoint(left - to_left, right + to_right) + offset[0];
            }
            if style.fit != IconFit::Width {
                height = bottom - top + above + below;
                middle[1] = f32::midpoint(top - above, bottom + below) + offset[1];
            }
        }
        let rotation = style.rotation(direction);
        let [cos, sin] = rotation;
        Self {
            centre_px: [
                middle[0] * cos - middle[1] * sin + style.translate_px[0],
                middle[0] * sin + middle[1] * cos + style.translate_px[1],
            ],
            half_px: [width / 2.0, height / 2.0],
            rotation,
        }
    }

    /// The upright box around it with its padding, from the label's point.
    pub(super) fn box_px(&self, padding: [f32; 4]) -> [f32; 4] {
        let [cos, sin] = self.rotation.map(f32::abs);
        let [w, h] = self.half_px;
        let (across, down) = (w * cos + h * sin, w * sin + h * cos);
        let [x, y] = self.centre_px;
        let [above, right, below, left] = padding;
        [
            x - across - left,
            y - down - above,
            x + across + right,
            y + down + below,
        ]
    }

    /// The quad of an icon whose label's point lies at `at`.
    pub(super) fn quad(
        &self,
        style: &IconStyle,
        icon: &Icon,
        at: [f32; 2],
        opacity: f32,
    ) -> GlyphInstance {
        let AtlasRect {
            x,
            y,
            width,
            height,
        } = icon.rect;
        let (colour, halo, kind) = if icon.is_field {
            (style.colour, style.halo, 3.0)
        } else {
            (Colour::WHITE, Colour::TRANSPARENT, 2.0)
        };
        GlyphInstance {
            centre_px: [at[0] + self.centre_px[0], at[1] + self.centre_px[1]],
            half_size_px: self.half_px,
            rotation: self.rotation,
            atlas_px: [x, y, x + width, y + height],
            colour: colour.to_unorm16(),
            halo: halo.to_unorm16(),
            halo_width_px: if halo.0[3] > 0.0 {
                style.halo_width_px
            } else {
                0.0
            },
            scale: self.half_px[1] * 2.0 / f32::from(height.max(1)),
            opacity,
            kind,
            halo_blur_px: style.halo_blur_px,
        }
    }
}

impl IconStyle {
    /// Cosine and sine of the whole turn.
    fn rotation(&self, direction: [f32; 2]) -> [f32; 2] {
        let (sin, cos) = self.turn_deg.to_radians().sin_cos();
        if !self.is_along {
            return [cos, sin];
        }
        let [mut x, mut y] = direction;
        if self.is_kept_upright && x < 0.0 {
            [x, y] = [-x, -y];
        }
        [cos * x - sin * y, sin * x + cos * y]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ICON: Icon = Icon {
        rect: AtlasRect {
            x: 8,
            y: 4,
            width: 40,
            height: 20,
        },
        pixel_ratio: 2.0,
        is_field: false,
    };
    const EAST: [f32; 2] = [1.0, 0.0];

    fn close(a: &[f32], b: &[f32]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4)
    }

    #[test]
    fn an_icon_stands_on_its_anchor_at_its_size() {
        let style = IconStyle {
            anchor: Anchor::BottomLeft,
            offset_px: [1.0, -2.0],
            padding_px: [1.0, 2.0, 3.0, 4.0],
            ..IconStyle::default()
        };
        let place = IconPlace::of(&style, &ICON, 2.0, EAST, None);
        assert!(close(&place.half_px, &[20.0, 10.0]), "{place:?}");
        assert!(close(&place.centre_px, &[22.0, -14.0]), "{place:?}");
        let around = place.box_px(style.padding_px);
        assert!(close(&around, &[-2.0, -25.0, 44.0, -1.0]), "{around:?}");
    }

    #[test]
    fn a_turned_icon_takes_its_offset_with_it() {
        let style = IconStyle {
            turn_deg: 90.0,
            offset_px: [10.0, 0.0],
            padding_px: [0.0; 4],
            ..IconStyle::default()
        };
        let place = IconPlace::of(&style, &ICON, 1.0, EAST, None);
        assert!(close(&place.centre_px, &[0.0, 10.0]), "{place:?}");
        assert!(close(&place.box_px([0.0; 4]), &[-5.0, 0.0, 5.0, 20.0]));
    }

    #[test]
    fn along_a_line_only_what_is_kept_upright_is_turned_around() {
        let west = [-1.0, 0.0];
        let style = IconStyle {
            is_along: true,
            ..IconStyle::default()
        };
        let free = IconPlace::of(&style, &ICON, 1.0, west, None);
        assert!(close(&free.rotation, &[-1.0, 0.0]));
        let upright = IconStyle {
            is_kept_upright: true,
            ..style
        };
        let kept = IconPlace::of(&upright, &ICON, 1.0, west, None);
        assert!(close(&kept.rotation, &EAST));
    }

    #[test]
    fn an_icon_goes_around_its_text() {
        let style = IconStyle {
            fit: IconFit::Both,
            fit_padding_px: [1.0, 2.0, 3.0, 4.0],
            ..IconStyle::default()
        };
        let text = Some([-30.0, -8.0, 30.0, 8.0]);
        let place = IconPlace::of(&style, &ICON, 1.0, EAST, text);
        assert!(close(&place.box_px([0.0; 4]), &[-34.0, -9.0, 32.0, 11.0]));
        let wide = IconStyle {
            fit: IconFit::Width,
            ..style
        };
        let place = IconPlace::of(&wide, &ICON, 1.0, EAST, text);
        assert!(close(&place.half_px, &[33.0, 5.0]));
    }
}
