//! Closed rings: area, centre, containment, chords and half-plane clipping.

use super::point::{Point, crossing, nearest_share, point, segment_distance};

/// A closed ring without the repeated last point; counter-clockwise when it bounds an area.
pub type Ring = Vec<Point>;

/// Signed area in square metres, positive for counter-clockwise rings.
pub fn area(ring: &[Point]) -> f64 {
    edges(ring).map(|(a, b)| a.cross(b)).sum::<f64>() / 2.0
}

/// The edges in order, the closing one included.
pub fn edges(ring: &[Point]) -> impl Iterator<Item = (Point, Point)> + '_ {
    (0..ring.len()).map(move |i| (ring[i], ring[(i + 1) % ring.len()]))
}

/// Length of the outline in metres.
pub fn perimeter(ring: &[Point]) -> f64 {
    edges(ring).map(|(a, b)| a.distance(b)).sum()
}

/// Centre of gravity of the area.
pub fn centroid(ring: &[Point]) -> Point {
    let Some(&anchor) = ring.first() else {
        return Point::default();
    };
    let (mut x, mut y, mut total) = (0.0, 0.0, 0.0);
    for (a, b) in edges(ring) {
        let (a, b) = (a - anchor, b - anchor);
        let weight = a.cross(b);
        x += (a.x + b.x) * weight;
        y += (a.y + b.y) * weight;
        total += weight;
    }
    if total.abs() < 1e-9 {
        anchor
    } else {
        anchor + point(x, y) * (1.0 / (3.0 * total))
    }
}

/// Whether `p` lies inside.
pub fn contains(ring: &[Point], p: Point) -> bool {
    let mut inside = false;
    for (a, b) in edges(ring) {
        if (a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x) {
            inside = !inside;
        }
    }
    inside
}

/// Distance in metres from `p` to the outline.
pub fn outline_distance(ring: &[Point], p: Point) -> f64 {
    edges(ring)
        .map(|(a, b)| segment_distance(p, a, b))
        .fold(f64::INFINITY, f64::min)
}

/// The nearest point of the outline, with the index of its edge.
pub fn nearest_on_outline(ring: &[Point], p: Point) -> (usize, Point) {
    let mut best = (0, p, f64::INFINITY);
    for (i, (a, b)) in edges(ring).enumerate() {
        let q = a.toward(b, nearest_share(p, a, b));
        if q.distance(p) < best.2 {
            best = (i, q, q.distance(p));
        }
    }
    (best.0, best.1)
}

/// Smallest and largest corner.
pub fn bounds(points: &[Point]) -> (Point, Point) {
    let mut low = point(f64::INFINITY, f64::INFINITY);
    let mut high = point(f64::NEG_INFINITY, f64::NEG_INFINITY);
    for p in points {
        low = point(low.x.min(p.x), low.y.min(p.y));
        high = point(high.x.max(p.x), high.y.max(p.y));
    }
    (low, high)
}

/// Smallest and largest projection on the direction `axis`.
pub fn extent(ring: &[Point], axis: Point) -> (f64, f64) {
    ring.iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), p| {
            (low.min(p.dot(axis)), high.max(p.dot(axis)))
        })
}

/// The direction along which most of the outline runs, modulo a right angle.
pub fn main_direction(ring: &[Point]) -> Point {
    let (mut x, mut y) = (0.0, 0.0);
    for (a, b) in edges(ring) {
        let along = b - a;
        let angle = along.angle() * 4.0;
        x += libm::cos(angle) * along.length();
        y += libm::sin(angle) * along.length();
    }
    point(1.0, 0.0).turned(libm::atan2(y, x) / 4.0)
}

/// A straight cut through the inside of a ring: where it meets the outline on both sides.
#[derive(Clone, Copy, Debug)]
pub struct Chord {
    /// Index of the edge on which `start` lies.
    pub start_edge: usize,
    /// First end.
    pub start: Point,
    /// Index of the edge on which `end` lies.
    pub end_edge: usize,
    /// Second end.
    pub end: Point,
}

/// The chord through `base` (which must lie inside) in the direction `dir`.
pub fn chord(ring: &[Point], base: Point, dir: Point) -> Option<Chord> {
    if !contains(ring, base) {
        return None;
    }
    let mut behind: Option<(f64, usize)> = None;
    let mut ahead: Option<(f64, usize)> = None;
    for (i, (a, b)) in edges(ring).enumerate() {
        let Some((s, t)) = crossing((base, base + dir), (a, b)) else {
            continue;
        };
        if !(-1e-9..=1.0 + 1e-9).contains(&t) {
            continue;
        }
        if s < 0.0 && behind.is_none_or(|(best, _)| s > best) {
            behind = Some((s, i));
        }
        if s > 0.0 && ahead.is_none_or(|(best, _)| s < best) {
            ahead = Some((s, i));
        }
    }
    let ((s0, start_edge), (s1, end_edge)) = (behind?, ahead?);
    (start_edge != end_edge).then(|| Chord {
        start_edge,
        start: (base + dir * s0).snapped(),
        end_edge,
        end: (base + dir * s1).snapped(),
    })
}

/// Cuts the ring in two along `cut`, whose first and last points lie on the given edges.
/// The first piece lies to the left of the cut.
pub fn split(ring: &[Point], start_edge: usize, end_edge: usize, cut: &[Point]) -> (Ring, Ring) {
    let n = ring.len();
    let walk = |from_edge: usize, to_edge: usize| {
        let mut points = Vec::new();
        let mut i = (from_edge + 1) % n;
        loop {
            points.push(ring[i]);
            if i == to_edge {
                return points;
            }
            i = (i + 1) % n;
        }
    };
    let mut left: Ring = cut.to_vec();
    left.extend(walk(end_edge, start_edge));
    let mut right: Ring = cut.iter().rev().copied().collect();
    right.extend(walk(start_edge, end_edge));
    (without_repeats(left), without_repeats(right))
}

/// Drops points equal to their neighbour.
pub fn without_repeats(ring: Ring) -> Ring {
    let mut out: Ring = Vec::with_capacity(ring.len());
    for p in ring {
        if out.last().is_none_or(|last| last.key() != p.key()) {
            out.push(p);
        }
    }
    while out.len() > 1 && out.first().map(|p| p.key()) == out.last().map(|p| p.key()) {
        out.pop();
    }
    out
}

/// The part of `ring` to the left of the line through `a` in the direction `dir`.
pub fn clip_left(ring: &[Point], a: Point, dir: Point) -> Ring {
    let side = |p: Point| dir.cross(p - a);
    let mut out = Vec::with_capacity(ring.len() + 2);
    for (p, q) in edges(ring) {
        let (sp, sq) = (side(p), side(q));
        if sp >= 0.0 {
            out.push(p);
        }
        if (sp > 0.0 && sq < 0.0) || (sp < 0.0 && sq > 0.0) {
            out.push(p.toward(q, sp / (sp - sq)));
        }
    }
    out
}

/// The ring shrunk by a distance of its own for every edge. Exact for convex rings; where the
/// outline bends inward it removes a little more.
pub fn inset(ring: &[Point], distance: impl Fn(usize) -> f64) -> Ring {
    let mut out = ring.to_vec();
    for (i, (a, b)) in edges(ring).enumerate() {
        let dir = (b - a).direction();
        if a.distance(b) < 0.5 {
            continue;
        }
        out = clip_left(&out, a + dir.left() * distance(i), dir);
        if out.len() < 3 {
            return Vec::new();
        }
    }
    out
}

/// Drops points that lie within `tolerance` metres of the line between kept points.
pub fn simplified(line: &[Point], tolerance: f64) -> Vec<Point> {
    if line.len() < 3 {
        return line.to_vec();
    }
    let mut keep = vec![false; line.len()];
    keep[0] = true;
    keep[line.len() - 1] = true;
    let mut open = vec![(0, line.len() - 1)];
    while let Some((first, last)) = open.pop() {
        let mut worst = (tolerance, 0);
        for i in first + 1..last {
            let off = segment_distance(line[i], line[first], line[last]);
            if off > worst.0 {
                worst = (off, i);
            }
        }
        if worst.1 > 0 {
            keep[worst.1] = true;
            open.push((first, worst.1));
            open.push((worst.1, last));
        }
    }
    line.iter()
        .zip(keep)
        .filter(|(_, kept)| *kept)
        .map(|(p, _)| *p)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square() -> Ring {
        vec![
            point(0.0, 0.0),
            point(10.0, 0.0),
            point(10.0, 10.0),
            point(0.0, 10.0),
        ]
    }

    #[test]
    fn splits_keep_the_area() {
        let ring = square();
        let chord = chord(&ring, point(4.0, 5.0), point(0.0, 1.0)).expect("inside");
        let (left, right) = split(
            &ring,
            chord.start_edge,
            chord.end_edge,
            &[chord.start, chord.end],
        );
        assert!((area(&left) - 40.0).abs() < 1e-9, "{left:?}");
        assert!((area(&right) - 60.0).abs() < 1e-9, "{right:?}");
    }

    #[test]
    fn inset_shrinks_every_side() {
        let inner = inset(&square(), |_| 1.0);
        assert!((area(&inner) - 64.0).abs() < 1e-9);
        assert!(inset(&square(), |_| 6.0).is_empty() || area(&inset(&square(), |_| 6.0)) < 1e-6);
    }

    #[test]
    fn main_direction_follows_the_long_sides() {
        let tilted: Ring = square().into_iter().map(|p| p.turned(0.3)).collect();
        let dir = main_direction(&tilted);
        assert!((dir.angle() - 0.3).abs() < 1e-9);
    }
}
