//! The curves between the stops of `interpolate`, and the mixing of values.

use super::colour_space::{self, Space};
use super::value::Value;

/// How a value runs from one stop to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Curve {
    /// Growing by this factor per unit; 1 is linear.
    Exponential(f64),
    /// A CSS timing curve with these two control points.
    CubicBezier([f64; 4]),
}

impl Curve {
    /// How far `at` lies on the way from `low` to `high`, from 0 to 1.
    pub(super) fn fraction(self, at: f64, low: f64, high: f64) -> f64 {
        let (span, way) = (high - low, at - low);
        if span == 0.0 {
            return 0.0;
        }
        match self {
            Self::Exponential(base) if (base - 1.0).abs() < 1e-12 => way / span,
            Self::Exponential(base) => (base.powf(way) - 1.0) / (base.powf(span) - 1.0),
            Self::CubicBezier(points) => cubic_bezier(points, way / span),
        }
    }
}

/// The curve's `y` where its `x` is `t`. `x` only grows for control points from 0 to 1, so halving finds it.
fn cubic_bezier([x1, y1, x2, y2]: [f64; 4], t: f64) -> f64 {
    let curve = |a: f64, b: f64, s: f64| {
        let r = 1.0 - s;
        3.0 * r * r * s * a + 3.0 * r * s * s * b + s * s * s
    };
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if curve(x1, x2, middle) < t {
            low = middle;
        } else {
            high = middle;
        }
    }
    curve(y1, y2, low)
}

/// What lies between two values: numbers, colours (or texts that name them), or lists of numbers.
pub(super) fn mix(space: Space, a: &Value, b: &Value, t: f64) -> Option<Value> {
    match (a, b) {
        // Only colours are mixed in other spaces.
        _ if space != Space::Rgb => {
            let (a, b) = (a.to_rgba()?, b.to_rgba()?);
            Some(Value::Colour(colour_space::mix(space, a, b, t)))
        }
        (Value::Number(a), Value::Number(b)) => Some(Value::Number(a + (b - a) * t)),
        (Value::List(a), Value::List(b)) if a.len() == b.len() => a
            .iter()
            .zip(b.iter())
            .map(|(a, b)| mix(space, a, b, t))
            .collect::<Option<Vec<_>>>()
            .map(|l| Value::List(l.into())),
        // As the specification has it, alpha is mixed beside the encoded values and not into them.
        _ => {
            let (a, b) = (a.to_rgba()?, b.to_rgba()?);
            Some(Value::Colour(colour_space::mix(space, a, b, t)))
        }
    }
}
