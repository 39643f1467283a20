//! Rows of buildings inside a yard.

use crate::dice::Dice;
use crate::geom::ring::{Ring, edges};
use crate::geom::{Point, point};

/// How rows are laid.
pub struct Rows {
    /// Direction of the rows.
    pub along: Point,
    /// Depth of a building in metres.
    pub depth: f64,
    /// From the front of one row to the front of the next in metres.
    pub pitch: f64,
    /// Shortest and longest building in metres.
    pub length: (f64, f64),
    /// Gap between the buildings of a row in metres.
    pub gap: f64,
    /// Whether every other row is shifted by half a building.
    pub stagger: bool,
}

/// A building of a row.
pub struct Row {
    /// Its footprint.
    pub ring: Ring,
}

/// Fills a yard with rows of buildings that lie entirely inside.
pub fn fill_rows(yard: &[Point], rows: &Rows, dice: &mut Dice) -> Vec<Row> {
    let (u, v) = (rows.along, rows.along.left());
    let local: Ring = yard.iter().map(|p| point(p.dot(u), p.dot(v))).collect();
    let low = local.iter().map(|p| p.y).fold(f64::INFINITY, f64::min);
    let high = local.iter().map(|p| p.y).fold(f64::NEG_INFINITY, f64::max);
    let room = high - low - rows.depth;
    if local.len() < 3 || room < 0.0 {
        return Vec::new();
    }
    let count = (room / rows.pitch).floor() as usize + 1;
    let spare = room - (count - 1) as f64 * rows.pitch;
    let mut out = Vec::new();
    for row in 0..count {
        let bottom = low + spare / 2.0 + row as f64 * rows.pitch;
        let top = bottom + rows.depth;
        let Some((from, to)) = clear_span(&local, bottom, top) else {
            continue;
        };
        let shift = if rows.stagger && row % 2 == 1 {
            rows.length.0 / 2.0
        } else {
            0.0
        };
        for (left, right) in share_out(from + shift.min((to - from) / 4.0), to, rows, dice) {
            let corner = |x: f64, y: f64| u * x + v * y;
            out.push(Row {
                ring: vec![
                    corner(left, bottom),
                    corner(right, bottom),
                    corner(right, top),
                    corner(left, top),
                ],
            });
        }
    }
    out
}

/// Divides a stretch into buildings of equal length.
fn share_out(from: f64, to: f64, rows: &Rows, dice: &mut Dice) -> Vec<(f64, f64)> {
    let room = to - from;
    if room < rows.length.0 {
        return Vec::new();
    }
    let wanted = dice.between(rows.length.0, rows.length.1);
    let count = ((room + rows.gap) / (wanted + rows.gap)).round().max(1.0);
    let mut length = (room - (count - 1.0) * rows.gap) / count;
    let mut count = count;
    if length < rows.length.0 && count > 1.0 {
        count -= 1.0;
        length = (room - (count - 1.0) * rows.gap) / count;
    }
    let built = length.min(rows.length.1);
    // Buildings keep their length; what is left over widens the gaps.
    let gap = if count > 1.0 {
        (room - count * built) / (count - 1.0)
    } else {
        0.0
    };
    let start = if count > 1.0 {
        from
    } else {
        from + (room - built) / 2.0
    };
    (0..count as usize)
        .map(|i| {
            let left = start + i as f64 * (built + gap);
            (left, left + built)
        })
        .collect()
}

/// The widest stretch of the strip between two heights that lies inside the ring.
fn clear_span(ring: &[Point], bottom: f64, top: f64) -> Option<(f64, f64)> {
    let mut span: Option<(f64, f64)> = None;
    for share in [0.001, 0.25, 0.5, 0.75, 0.999] {
        let height = bottom + (top - bottom) * share;
        let mut hits: Vec<f64> = edges(ring)
            .filter(|(a, b)| (a.y > height) != (b.y > height))
            .map(|(a, b)| a.x + (height - a.y) / (b.y - a.y) * (b.x - a.x))
            .collect();
        hits.sort_by(f64::total_cmp);
        let widest = hits
            .chunks_exact(2)
            .map(|pair| (pair[0], pair[1]))
            .max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)))?;
        span = Some(match span {
            Some((from, to)) => (from.max(widest.0), to.min(widest.1)),
            None => widest,
        });
    }
    span.filter(|(from, to)| to > from)
}

/// The footprint of a tower: a rectangle with its four corners cut out, as the windows of the
/// inner rooms need.
pub fn tower_outline(rect: &[Point]) -> Ring {
    let [a, b, c, d] = rect else {
        return rect.to_vec();
    };
    let (u, v) = (*b - *a, *d - *a);
    let at = |s: f64, t: f64| *a + u * s + v * t;
    let (s, t) = (0.26, 0.24);
    if (*c - *a).length() < 1.0 {
        return rect.to_vec();
    }
    vec![
        at(s, 0.0),
        at(1.0 - s, 0.0),
        at(1.0 - s, t),
        at(1.0, t),
        at(1.0, 1.0 - t),
        at(1.0 - s, 1.0 - t),
        at(1.0 - s, 1.0),
        at(s, 1.0),
        at(s, 1.0 - t),
        at(0.0, 1.0 - t),
        at(0.0, t),
        at(s, t),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::ring::{area, contains};

    #[test]
    fn rows_stay_inside_and_apart() {
        let yard: Ring = vec![
            point(0.0, 0.0),
            point(120.0, 10.0),
            point(110.0, 95.0),
            point(10.0, 90.0),
        ];
        let rows = Rows {
            along: point(1.0, 0.0),
            depth: 12.0,
            pitch: 25.0,
            length: (30.0, 60.0),
            gap: 8.0,
            stagger: false,
        };
        let built = fill_rows(&yard, &rows, &mut Dice::new(1, "rows"));
        assert!(built.len() >= 4, "{}", built.len());
        for row in &built {
            assert!(area(&row.ring) > 300.0);
            assert!(
                row.ring
                    .iter()
                    .all(|p| contains(&yard, p.toward(point(60.0, 50.0), 0.01)))
            );
        }
    }
}
