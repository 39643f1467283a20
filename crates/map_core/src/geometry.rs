//! Plane geometry that tiles and live layers share: rings, triangles, and the point well inside a polygon.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// A point of the plane, in the caller's units.
pub(crate) type Point = [f64; 2];

/// The length of a vector. Coordinates here are far from the ends of the number range, so that the care of `hypot`
/// would only cost time.
pub(crate) fn length([x, y]: Point) -> f64 {
    (x * x + y * y).sqrt()
}

/// The nearest whole number within 16 bits. `round` is a function call on most targets, and this runs for each corner.
pub(crate) fn nearest_i16(v: f64) -> i16 {
    let bounded = v.clamp(f64::from(i16::MIN), f64::from(i16::MAX));
    ((bounded + 32_768.5) as i32 - 32_768) as i16
}

/// Twice the signed area of a ring; the sign depends on its winding.
pub(crate) fn twice_area(ring: &[Point]) -> f64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter()
        .zip(next)
        .map(|(a, b)| a[0] * b[1] - b[0] * a[1])
        .sum()
}

/// More corners than any honest polygon has; beyond it triangulation could take seconds.
const MOST_CORNERS: usize = 100_000;

/// Triangulates a polygon: the outer ring, then its holes. Returns all corners in one list and indices into it, three
/// per triangle; nothing where there is no area or too much of it.
pub(crate) fn triangulate(rings: &[Vec<Point>]) -> Option<(Vec<Point>, Vec<u32>)> {
    let corners: Vec<Point> = rings.iter().flatten().copied().collect();
    if corners.len() < 3 || corners.len() > MOST_CORNERS {
        return None;
    }
    let flat: Vec<f64> = corners.iter().flatten().copied().collect();
    let mut holes = Vec::with_capacity(rings.len());
    let mut start = 0;
    for ring in rings {
        if start > 0 {
            holes.push(start);
        }
        start += ring.len();
    }
    let triangles = earcutr::earcut(&flat, &holes, 2).ok()?;
    let usable = !triangles.is_empty()
        && triangles.len() % 3 == 0
        && triangles.iter().all(|i| *i < corners.len());
    usable.then(|| (corners, triangles.into_iter().map(|i| i as u32).collect()))
}

/// Whether a point lies inside of rings taken together (inside of an odd number of them).
pub(crate) fn contains(rings: &[Vec<Point>], p: Point) -> bool {
    let mut inside = false;
    for ring in rings {
        let mut previous = ring.last().copied().unwrap_or_default();
        for &corner in ring {
            let crosses = (corner[1] > p[1]) != (previous[1] > p[1]);
            if crosses {
                let x = (previous[0] - corner[0]) * (p[1] - corner[1]) / (previous[1] - corner[1])
                    + corner[0];
                inside ^= p[0] < x;
            }
            previous = corner;
        }
    }
    inside
}

/// The distance to the nearest edge, negative outside.
fn depth(rings: &[Vec<Point>], p: Point) -> f64 {
    let mut nearest = f64::INFINITY;
    for ring in rings {
        let mut previous = ring.last().copied().unwrap_or_default();
        for &corner in ring {
            nearest = nearest.min(squared_distance_to_segment(p, previous, corner));
            previous = corner;
        }
    }
    let distance = nearest.sqrt();
    if contains(rings, p) {
        distance
    } else {
        -distance
    }
}

fn squared_distance_to_segment(p: Point, a: Point, b: Point) -> f64 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length = dx * dx + dy * dy;
    let t = if length > 0.0 {
        (((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (p[0] - a[0] - t * dx).powi(2) + (p[1] - a[1] - t * dy).powi(2)
}

/// A square of the search for the deepest point.
struct Cell {
    centre: Point,
    half: f64,
    depth: f64,
    best_possible: f64,
}

impl Cell {
    fn new(rings: &[Vec<Point>], centre: Point, half: f64) -> Self {
        let depth = depth(rings, centre);
        Self {
            centre,
            half,
            depth,
            best_possible: depth + half * std::f64::consts::SQRT_2,
        }
    }
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Cell {}
impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Cell {
    fn cmp(&self, other: &Self) -> Ordering {
        self.best_possible.total_cmp(&other.best_possible)
    }
}

/// The point farthest from a polygon's outline and its distance (the "pole of inaccessibility"): the search halves the
/// squares that could still hold a deeper point, as Garcia-Castellanos and Lombardo (2007) propose, until nothing
/// better than a hundredth of the polygon's size can be found. `None` for what has no inside.
pub(crate) fn deepest_point(rings: &[Vec<Point>]) -> Option<(Point, f64)> {
    let outer = rings.first().filter(|r| r.len() >= 3)?;
    let (mut min, mut max) = (outer[0], outer[0]);
    for p in outer {
        for axis in 0..2 {
            min[axis] = min[axis].min(p[axis]);
            max[axis] = max[axis].max(p[axis]);
        }
    }
    let size = (max[0] - min[0]).min(max[1] - min[1]);
    if size <= 0.0 || !size.is_finite() {
        return None;
    }
    let half = size / 2.0;
    let mut cells = BinaryHeap::new();
    let mut best = Cell::new(rings, centroid(outer), 0.0);
    // Long polygons are split along their longer side; a limit keeps slivers from filling the memory.
    let columns = ((max[0] - min[0]) / size).ceil().clamp(1.0, 64.0) as usize;
    let rows = ((max[1] - min[1]) / size).ceil().clamp(1.0, 64.0) as usize;
    for i in 0..columns {
        for j in 0..rows {
            let centre = [
                min[0] + half + i as f64 * size,
                min[1] + half + j as f64 * size,
            ];
            cells.push(Cell::new(rings, centre, half));
        }
    }
    let mut budget = 400;
    while let Some(cell) = cells.pop() {
        if cell.depth > best.depth {
            best = Cell { ..cell };
        }
        budget -= 1;
        if cell.best_possible - best.depth <= size / 100.0 || budget == 0 {
            break;
        }
        let half = cell.half / 2.0;
        for (sx, sy) in [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)] {
            let centre = [cell.centre[0] + sx * half, cell.centre[1] + sy * half];
            cells.push(Cell::new(rings, centre, half));
        }
    }
    (best.depth > 0.0).then_some((best.centre, best.depth))
}

fn centroid(ring: &[Point]) -> Point {
    // Measured from the first corner, so that small rings far from the origin keep their digits.
    let o = ring[0];
    let local: Vec<Point> = ring.iter().map(|p| [p[0] - o[0], p[1] - o[1]]).collect();
    let area = twice_area(&local);
    if area == 0.0 {
        return o;
    }
    let mut sum = [0.0; 2];
    for (a, b) in local.iter().zip(local.iter().cycle().skip(1)) {
        let cross = a[0] * b[1] - b[0] * a[1];
        sum[0] += (a[0] + b[0]) * cross;
        sum[1] += (a[1] + b[1]) * cross;
    }
    [o[0] + sum[0] / (3.0 * area), o[1] + sum[1] / (3.0 * area)]
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the expected numbers are exact")]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, size: f64) -> Vec<Point> {
        vec![[x, y], [x + size, y], [x + size, y + size], [x, y + size]]
    }

    fn area_of(corners: &[Point], triangles: &[u32]) -> f64 {
        let triangle =
            |t: &[u32]| twice_area(&[0, 1, 2].map(|i| corners[t[i] as usize])).abs() / 2.0;
        triangles.chunks_exact(3).map(triangle).sum()
    }

    #[test]
    fn numbers_are_rounded_and_kept_in_range() {
        for (v, want) in [
            (0.4, 0),
            (0.5, 1),
            (-0.6, -1),
            (8192.5, 8193),
            (1e9, i16::MAX),
            (-1e9, i16::MIN),
        ] {
            assert_eq!(nearest_i16(v), want, "{v}");
        }
    }

    #[test]
    fn a_hole_takes_its_area_away() {
        let rings = [square(0.0, 0.0, 10.0), square(2.0, 2.0, 5.0)];
        let (corners, triangles) = triangulate(&rings).expect("triangles");
        assert!((area_of(&corners, &triangles) - 75.0).abs() < 1e-9);
        assert!(contains(&rings, [1.0, 1.0]) && !contains(&rings, [4.0, 4.0]));
    }

    #[test]
    fn the_deepest_point_lies_inside_even_of_a_horseshoe() {
        let horseshoe = vec![
            [0.0, 0.0],
            [10.0, 0.0],
            [10.0, 10.0],
            [8.0, 10.0],
            [8.0, 3.0],
            [2.0, 3.0],
            [2.0, 10.0],
            [0.0, 10.0],
        ];
        let (at, depth) = deepest_point(std::slice::from_ref(&horseshoe)).expect("a point");
        assert!(contains(&[horseshoe], at));
        assert!((1.5..1.9).contains(&depth), "{at:?} {depth}");
    }

    #[test]
    fn the_deepest_point_avoids_holes() {
        let rings = [square(0.0, 0.0, 10.0), square(3.0, 3.0, 4.0)];
        let (at, depth) = deepest_point(&rings).expect("a point");
        assert!(contains(&rings, at) && depth > 1.4, "{at:?} {depth}");
        assert_eq!(deepest_point(&[vec![[0.0, 0.0], [1.0, 1.0]]]), None);
        assert_eq!(
            deepest_point(&[vec![[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]]),
            None
        );
    }
}
