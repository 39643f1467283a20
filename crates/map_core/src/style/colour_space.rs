//! Mixing of colours in the spaces of `interpolate-lab` and `interpolate-hcl`: CIELAB with the white of D50.
//!
//! The matrices are Bruce Lindbloom's for sRGB adapted to D50 by Bradford's method, the curves those of CIE 15.

/// An sRGB-encoded colour from 0 to 1 with straight alpha, as [`super::Value::Colour`].
type Rgba = [f64; 4];

/// In which space colours are mixed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Space {
    /// The encoded values themselves.
    #[default]
    Rgb,
    /// Lightness and two axes of colour.
    Lab,
    /// Hue, chroma and lightness.
    Hcl,
}

/// The white point of D50.
const WHITE: [f64; 3] = [0.964_22, 1.0, 0.825_21];
/// Where the curve of lightness turns from a line into a cube root.
const BEND: f64 = 6.0 / 29.0;
/// A colour with less chroma is a grey and has no hue.
const LEAST_CHROMA: f64 = 5e-5;

/// What lies between two colours in a space.
pub(super) fn mix(space: Space, a: Rgba, b: Rgba, t: f64) -> Rgba {
    let between = |a: f64, b: f64| a + (b - a) * t;
    let alpha = between(a[3], b[3]);
    let [r, g, b] = match space {
        Space::Rgb => return std::array::from_fn(|i| between(a[i], b[i])),
        Space::Lab => {
            let (a, b) = (lab(a), lab(b));
            rgb(std::array::from_fn(|i| between(a[i], b[i])))
        }
        Space::Hcl => {
            let (from, to) = (Hcl::of(lab(a)), Hcl::of(lab(b)));
            rgb(from.mixed(&to, t).lab())
        }
    };
    [r, g, b, alpha]
}

struct Hcl {
    /// Degrees; `None` for a grey.
    hue: Option<f64>,
    chroma: f64,
    lightness: f64,
}

impl Hcl {
    fn of([lightness, a, b]: [f64; 3]) -> Self {
        let chroma = a.hypot(b);
        Self {
            hue: (chroma >= LEAST_CHROMA).then(|| b.atan2(a).to_degrees().rem_euclid(360.0)),
            chroma,
            lightness,
        }
    }

    fn lab(&self) -> [f64; 3] {
        let (sin, cos) = self.hue.unwrap_or(0.0).to_radians().sin_cos();
        [self.lightness, cos * self.chroma, sin * self.chroma]
    }

    /// On the shorter way around the hues; a grey takes the other's hue.
    fn mixed(&self, other: &Self, t: f64) -> Self {
        let between = |a: f64, b: f64| a + (b - a) * t;
        let hue = match (self.hue, other.hue) {
            (Some(from), Some(to)) => {
                let way = (to - from + 180.0).rem_euclid(360.0) - 180.0;
                Some(from + way * t)
            }
            (one, other) => one.or(other),
        };
        Self {
            hue,
            chroma: between(self.chroma, other.chroma),
            lightness: between(self.lightness, other.lightness),
        }
    }
}

fn lab([r, g, b, _]: Rgba) -> [f64; 3] {
    let [r, g, b] = [r, g, b].map(|v| {
        if v <= 0.040_45 {
            v / 12.92
        } else {
            ((v + 0.055) / 1.055).powf(2.4)
        }
    });
    let curve = |v: f64| {
        if v > BEND.powi(3) {
            v.cbrt()
        } else {
            v / (3.0 * BEND * BEND) + 4.0 / 29.0
        }
    };
    let y = curve((0.222_504_5 * r + 0.716_878_6 * g + 0.060_616_9 * b) / WHITE[1]);
    let x = curve((0.436_074_7 * r + 0.385_064_9 * g + 0.143_080_4 * b) / WHITE[0]);
    let z = curve((0.013_932_2 * r + 0.097_104_5 * g + 0.714_173_3 * b) / WHITE[2]);
    // A grey has no colour at all, whatever the digits of the matrix leave over.
    let is_grey = (r - g).abs() < 1e-12 && (g - b).abs() < 1e-12;
    let (x, z) = if is_grey { (y, y) } else { (x, z) };
    [
        (116.0 * y - 16.0).max(0.0),
        500.0 * (x - y),
        200.0 * (y - z),
    ]
}

fn rgb([lightness, a, b]: [f64; 3]) -> [f64; 3] {
    let y = (lightness + 16.0) / 116.0;
    let curve = |v: f64| {
        if v > BEND {
            v.powi(3)
        } else {
            3.0 * BEND * BEND * (v - 4.0 / 29.0)
        }
    };
    let x = WHITE[0] * curve(y + a / 500.0);
    let z = WHITE[2] * curve(y - b / 200.0);
    let y = WHITE[1] * curve(y);
    [
        3.133_856_1 * x - 1.616_866_7 * y - 0.490_614_6 * z,
        -0.978_768_4 * x + 1.916_141_5 * y + 0.033_454 * z,
        0.071_945_3 * x - 0.228_991_4 * y + 1.405_242_7 * z,
    ]
    .map(|v| {
        let encoded = if v <= 0.003_04 {
            12.92 * v
        } else {
            1.055 * v.powf(1.0 / 2.4) - 0.055
        };
        encoded.clamp(0.0, 1.0)
    })
}
