//! Clipping to a square and snapping to the tile's raster.

use crate::geom::Point;

/// A square in tile units.
#[derive(Clone, Copy)]
pub struct Square {
    /// Smallest coordinate on both axes.
    pub low: f64,
    /// Largest coordinate on both axes.
    pub high: f64,
}

/// One side of a square: points with `inside(p) >= 0` are kept.
type Side = (fn(Point, f64) -> f64, bool);

const SIDES: [Side; 4] = [
    (|p, low| p.x - low, true),
    (|p, high| high - p.x, false),
    (|p, low| p.y - low, true),
    (|p, high| high - p.y, false),
];

/// The part of a ring inside the square.
pub fn clip_ring(ring: &[Point], square: Square) -> Vec<Point> {
    let mut out = ring.to_vec();
    for (measure, is_low) in SIDES {
        let limit = if is_low { square.low } else { square.high };
        let input = std::mem::take(&mut out);
        for (i, p) in input.iter().enumerate() {
            let q = input[(i + 1) % input.len()];
            let (a, b) = (measure(*p, limit), measure(q, limit));
            if a >= 0.0 {
                out.push(*p);
            }
            if (a > 0.0 && b < 0.0) || (a < 0.0 && b > 0.0) {
                out.push(p.toward(q, a / (a - b)));
            }
        }
    }
    out
}

/// The parts of a line inside the square.
pub fn clip_line(line: &[Point], square: Square) -> Vec<Vec<Point>> {
    let mut parts: Vec<Vec<Point>> = Vec::new();
    let mut open = false;
    for pair in line.windows(2) {
        let Some((a, b, whole_end)) = clip_segment(pair[0], pair[1], square) else {
            open = false;
            continue;
        };
        match parts.last_mut().filter(|_| open) {
            Some(part) => part.push(b),
            None => parts.push(vec![a, b]),
        }
        open = whole_end;
    }
    parts
}

/// The part of a segment inside, and whether its end was kept.
fn clip_segment(a: Point, b: Point, square: Square) -> Option<(Point, Point, bool)> {
    let (mut t0, mut t1) = (0.0_f64, 1.0_f64);
    for (measure, is_low) in SIDES {
        let limit = if is_low { square.low } else { square.high };
        let (from, to) = (measure(a, limit), measure(b, limit));
        if from < 0.0 && to < 0.0 {
            return None;
        }
        if from < 0.0 {
            t0 = t0.max(from / (from - to));
        } else if to < 0.0 {
            t1 = t1.min(from / (from - to));
        }
    }
    (t0 < t1).then(|| (a.toward(b, t0), a.toward(b, t1), t1 >= 1.0))
}

/// The points on the whole-number raster, repeats dropped.
pub fn snapped(points: &[Point]) -> Vec<(i32, i32)> {
    let mut out: Vec<(i32, i32)> = points
        .iter()
        .map(|p| (p.x.round() as i32, p.y.round() as i32))
        .collect();
    out.dedup();
    out
}

/// Twice the signed area of a raster ring in tile coordinates (y downward).
pub fn double_area(ring: &[(i32, i32)]) -> i64 {
    (0..ring.len())
        .map(|i| {
            let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
            i64::from(a.0) * i64::from(b.1) - i64::from(b.0) * i64::from(a.1)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::point;

    const SQUARE: Square = Square {
        low: 0.0,
        high: 10.0,
    };

    #[test]
    fn a_line_that_leaves_and_returns_has_two_parts() {
        let line = [
            point(2.0, 5.0),
            point(15.0, 5.0),
            point(15.0, 8.0),
            point(3.0, 8.0),
        ];
        let parts = clip_line(&line, SQUARE);
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0], vec![point(2.0, 5.0), point(10.0, 5.0)]);
        assert_eq!(parts[1][0], point(10.0, 8.0));
    }

    #[test]
    fn a_ring_around_the_square_becomes_the_square() {
        let ring = [
            point(-5.0, -5.0),
            point(20.0, -5.0),
            point(20.0, 20.0),
            point(-5.0, 20.0),
        ];
        let clipped = snapped(&clip_ring(&ring, SQUARE));
        assert_eq!(double_area(&clipped).abs(), 200);
    }
}
