//! Colours: read as CSS writes them, kept and handed out as linear light with the alpha multiplied in.
//!
//! This is the only place that converts. The renderer draws to an sRGB surface with `ONE, ONE_MINUS_SRC_ALPHA` and
//! never applies a gamma itself.

use bytemuck::{Pod, Zeroable};

/// Linear red, green, blue and alpha; red, green and blue are already multiplied by alpha. Each from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct Colour(pub [f32; 4]);

impl Colour {
    /// Nothing.
    pub const TRANSPARENT: Self = Self([0.0; 4]);
    /// Full white: the neutral factor of vertex colours.
    pub const WHITE: Self = Self([1.0; 4]);
    /// Full black.
    pub const BLACK: Self = Self([0.0, 0.0, 0.0, 1.0]);

    /// A colour as CSS writes it (`#rgb`, `rgb()`, `hsla()`, a name). `None` where it is not one.
    pub fn from_css(text: &str) -> Option<Self> {
        let c = csscolorparser::parse(text).ok()?;
        Some(Self::from_srgb([c.r, c.g, c.b, c.a]))
    }

    /// A colour from sRGB-encoded red, green, blue and straight alpha, each from 0 to 1.
    pub fn from_srgb(srgb: [f32; 4]) -> Self {
        let a = srgb[3].clamp(0.0, 1.0);
        let [r, g, b] =
            [srgb[0], srgb[1], srgb[2]].map(|v| linear_from_srgb(v.clamp(0.0, 1.0)) * a);
        Self([r, g, b, a])
    }

    /// The colour back as sRGB-encoded values with straight alpha; black where it is fully transparent.
    pub fn to_srgb(self) -> [f32; 4] {
        let [r, g, b, a] = self.0;
        if a <= 0.0 {
            return [0.0; 4];
        }
        [
            srgb_from_linear(r / a),
            srgb_from_linear(g / a),
            srgb_from_linear(b / a),
            a,
        ]
    }

    /// The colour made more transparent by a factor from 0 to 1.
    pub fn faded(self, opacity: f32) -> Self {
        Self(self.0.map(|v| v * opacity))
    }

    /// The four numbers as 16-bit fractions of one, as vertices hold them.
    pub fn to_unorm16(self) -> [u16; 4] {
        self.0
            .map(|v| (v.clamp(0.0, 1.0) * 65_535.0).round() as u16)
    }
}

/// Linear light from an sRGB-encoded value, both from 0 to 1 (IEC 61966-2-1).
pub fn linear_from_srgb(v: f32) -> f32 {
    if v <= 0.040_45 {
        v / 12.92
    } else {
        ((v + 0.055) / 1.055).powf(2.4)
    }
}

/// The sRGB-encoded value of linear light, both from 0 to 1 (IEC 61966-2-1).
pub fn srgb_from_linear(v: f32) -> f32 {
    if v <= 0.003_130_8 {
        v * 12.92
    } else {
        1.055 * v.powf(1.0 / 2.4) - 0.055
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the expected numbers are exact")]
mod tests {
    use super::*;

    #[test]
    fn css_colours_become_linear_and_premultiplied() {
        let half_white = Colour::from_css("rgba(255,255,255,0.5)").expect("a colour");
        assert_eq!(half_white.0, [0.5; 4]);
        let grey = Colour::from_css("#808080").expect("a colour");
        assert!((grey.0[0] - 0.2159).abs() < 1e-3);
        assert_eq!(Colour::from_css("hsl(0,100%,50%)"), Colour::from_css("red"));
        assert_eq!(Colour::from_css("no colour"), None);
    }

    #[test]
    fn encoding_comes_back() {
        for text in ["#123456", "#fedcba", "rgba(10,200,30,0.25)"] {
            let c = Colour::from_css(text).expect("a colour");
            let back = Colour::from_srgb(c.to_srgb());
            for (a, b) in c.0.iter().zip(back.0) {
                assert!((a - b).abs() < 1e-5);
            }
        }
    }
}
