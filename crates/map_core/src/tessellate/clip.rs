//! Cutting rings and lines to a box around the tile, so that coordinates fit their vertices.

use std::ops::ControlFlow;

use crate::geometry::Point;

/// How far around the tile geometry is kept, in tile units: 16 CSS pixels where the tile is drawn at its own zoom.
pub(super) const BUFFER: f64 = 256.0;

/// A box from `min` to `max` in both directions.
#[derive(Clone, Copy)]
pub(super) struct ClipBox {
    pub(super) min: f64,
    pub(super) max: f64,
}

impl ClipBox {
    fn holds(self, p: Point) -> bool {
        p.iter().all(|v| (self.min..=self.max).contains(v))
    }
}

/// The part of a ring inside the box, by Sutherland and Hodgman's method; fewer than three points where there is none.
pub(super) fn ring(points: Vec<Point>, area: ClipBox) -> Vec<Point> {
    if points.iter().all(|p| area.holds(*p)) {
        return points;
    }
    let mut ring = points;
    for axis in 0..2 {
        ring = half_plane(&ring, axis, area.min, 1.0);
        ring = half_plane(&ring, axis, area.max, -1.0);
    }
    ring.dedup();
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    ring
}

/// The part of a ring where `sign · (value − limit)` is not negative.
fn half_plane(ring: &[Point], axis: usize, limit: f64, sign: f64) -> Vec<Point> {
    let mut kept = Vec::with_capacity(ring.len() + 4);
    let Some(mut previous) = ring.last().copied() else {
        return kept;
    };
    for &point in ring {
        let (before, now) = (
            sign * (previous[axis] - limit),
            sign * (point[axis] - limit),
        );
        if (before < 0.0) != (now < 0.0) {
            let mut cut = between(previous, point, before / (before - now));
            cut[axis] = limit;
            kept.push(cut);
        }
        if now >= 0.0 {
            kept.push(point);
        }
        previous = point;
    }
    kept
}

fn between(a: Point, b: Point, t: f64) -> Point {
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
}

/// Hands over the parts of a line inside the box, each with at least two points, in the line's direction, until the
/// taker has enough: a line may cross the edge millions of times.
#[allow(
    clippy::float_cmp,
    reason = "a point that was not cut is the very same point"
)]
pub(super) fn each_part(
    points: &[Point],
    area: ClipBox,
    take: &mut dyn FnMut(&[Point]) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut part: Vec<Point> = Vec::new();
    for pair in points.windows(2) {
        let Some((from, to)) = segment(pair[0], pair[1], area) else {
            finish(&mut part, take)?;
            continue;
        };
        if part.last() != Some(&from) {
            finish(&mut part, take)?;
            part.push(from);
        }
        if to != from {
            part.push(to);
        }
        if to != pair[1] {
            finish(&mut part, take)?;
        }
    }
    finish(&mut part, take)
}

fn finish(
    part: &mut Vec<Point>,
    take: &mut dyn FnMut(&[Point]) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let flow = if part.len() >= 2 {
        take(part)
    } else {
        ControlFlow::Continue(())
    };
    part.clear();
    flow
}

/// The part of a segment inside the box, by Liang and Barsky's method.
fn segment(a: Point, b: Point, area: ClipBox) -> Option<(Point, Point)> {
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for axis in 0..2 {
        let delta = b[axis] - a[axis];
        if delta == 0.0 {
            if !(area.min..=area.max).contains(&a[axis]) {
                return None;
            }
            continue;
        }
        let (t0, t1) = ((area.min - a[axis]) / delta, (area.max - a[axis]) / delta);
        enter = enter.max(t0.min(t1));
        leave = leave.min(t0.max(t1));
    }
    if enter > leave {
        return None;
    }
    let from = if enter > 0.0 { between(a, b, enter) } else { a };
    let to = if leave < 1.0 { between(a, b, leave) } else { b };
    Some((from, to))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::geometry::twice_area;

    fn line(points: &[Point], area: ClipBox) -> Vec<Vec<Point>> {
        let mut parts = Vec::new();
        let flow = each_part(points, area, &mut |part| {
            parts.push(part.to_vec());
            ControlFlow::Continue(())
        });
        assert!(flow.is_continue());
        parts
    }

    const AREA: ClipBox = ClipBox {
        min: 0.0,
        max: 100.0,
    };

    #[test]
    fn a_ring_around_the_box_becomes_the_box() {
        let ring = ring(
            vec![
                [-50.0, -50.0],
                [200.0, -50.0],
                [200.0, 200.0],
                [-50.0, 200.0],
            ],
            AREA,
        );
        assert!((twice_area(&ring) - 20_000.0).abs() < 1e-9);
    }

    #[test]
    fn a_line_that_leaves_and_returns_has_two_parts() {
        let parts = line(
            &[[10.0, 50.0], [150.0, 50.0], [150.0, 60.0], [20.0, 60.0]],
            AREA,
        );
        assert_eq!(
            parts,
            [
                vec![[10.0, 50.0], [100.0, 50.0]],
                vec![[100.0, 60.0], [20.0, 60.0]]
            ]
        );
        assert!(line(&[[-10.0, -10.0], [200.0, -10.0]], AREA).is_empty());
    }

    #[test]
    fn who_has_enough_parts_gets_no_more() {
        let across = [[-10.0, 50.0], [110.0, 50.0]].repeat(1_000);
        let mut parts = 0;
        let flow = each_part(&across, AREA, &mut |_| {
            parts += 1;
            ControlFlow::Break(())
        });
        assert_eq!((flow, parts), (ControlFlow::Break(()), 1));
    }

    proptest! {
        #[test]
        fn nothing_is_left_outside(points in prop::collection::vec((-300.0..300.0f64, -300.0..300.0f64), 2..12)) {
            let points: Vec<Point> = points.into_iter().map(|(x, y)| [x, y]).collect();
            let inside = |p: &Point| p.iter().all(|v| (-1e-9..=100.0 + 1e-9).contains(v));
            prop_assert!(ring(points.clone(), AREA).iter().all(inside));
            for part in line(&points, AREA) {
                prop_assert!(part.len() >= 2 && part.iter().all(inside));
            }
        }
    }
}
