//! What one tile may cost. Tiles come from outside: absurd geometry ends its tile early and takes neither the memory
//! nor the time of the others, also within one feature.

use super::TileBuckets;
use crate::geometry::Point;

/// The most vertices of one tile, circles included: 48 MiB of fills or 112 MiB of lines, indices not counted. What
/// would follow is left out, also of the feature that is under way.
pub(super) const MOST_VERTICES: usize = 4 << 20;

/// More corners than one piece of a ribbon has: a joint with the finest fan and both ends are 13 and 8.
pub(super) const CORNERS_OF_A_PIECE: usize = 32;

/// The steps of the triangulation of all polygons of one tile, see [`triangulation_steps`]: a few seconds at worst.
const MOST_TRIANGULATION_STEPS: usize = 32 << 20;

/// What a corner costs by itself, in comparisons.
const STEPS_OF_A_CORNER: usize = 16;

/// The corners of all polygons of one tile whose middle is searched for a label: the search measures the distance to
/// every corner up to a few thousand times.
const MOST_LABEL_CORNERS: usize = 1 << 18;

/// The memory of what may be labelled in one tile. Texts lie there once for each label, however often one value is
/// used.
const MOST_LABEL_BYTES: usize = 32 << 20;

/// What is left for one tile.
pub(super) struct Budget {
    triangulation_steps: usize,
    label_corners: usize,
    label_bytes: usize,
}

impl Budget {
    pub(super) fn of_a_tile() -> Self {
        Self {
            triangulation_steps: MOST_TRIANGULATION_STEPS,
            label_corners: MOST_LABEL_CORNERS,
            label_bytes: MOST_LABEL_BYTES,
        }
    }

    /// Whether a polygon may still be triangulated. A large one that may not does not keep a small one after it from
    /// being drawn.
    pub(super) fn takes_triangulation(&mut self, rings: &[Vec<Point>]) -> bool {
        take(&mut self.triangulation_steps, triangulation_steps(rings))
    }

    /// Whether the middle of a polygon of so many corners may still be searched.
    pub(super) fn takes_search(&mut self, corners: usize) -> bool {
        take(&mut self.label_corners, corners)
    }

    /// Whether something of so many bytes may still be labelled. Once it is too much, nothing more is: the next
    /// feature is not even asked for its text.
    pub(super) fn takes_label(&mut self, bytes: usize) -> bool {
        let taken = take(&mut self.label_bytes, bytes);
        if !taken {
            self.label_bytes = 0;
        }
        taken
    }

    /// Whether anything may still be labelled.
    pub(super) fn has_labels(&self) -> bool {
        self.label_bytes > 0
    }
}

/// How many vertices may still be added to a tile.
pub(super) fn vertices_left(out: &TileBuckets) -> usize {
    let used = out.fill_vertices.len() + out.line_vertices.len() + out.circles.len();
    MOST_VERTICES.saturating_sub(used)
}

/// How many corners a triangulation compares with each other, about. Each hole looks for its bridge along the whole
/// outline, and each ear is compared with the corners that lie in its box: next to nothing for an honest outline, half of
/// all corners for one that crosses itself everywhere.
fn triangulation_steps(rings: &[Vec<Point>]) -> usize {
    let corners: usize = rings.iter().map(Vec::len).sum();
    let Some(whole) = rings.first().map(|outer| box_area(outer)) else {
        return 0;
    };
    let ears: f64 = rings.iter().map(|ring| ear_area(ring)).sum();
    // An ear of a hole may reach beyond a damaged outline, but meets no more than all corners.
    let share = if whole > 0.0 {
        (ears / whole).min(corners as f64)
    } else {
        0.0
    };
    let compared = (share * corners as f64) as usize;
    let bridged = corners.saturating_mul(rings.len() - 1);
    (STEPS_OF_A_CORNER * corners)
        .saturating_add(compared)
        .saturating_add(bridged)
}

/// The areas of the boxes around every three corners of a ring that follow each other.
fn ear_area(ring: &[Point]) -> f64 {
    let n = ring.len();
    let ear = |i: usize| box_area(&[ring[i], ring[(i + 1) % n], ring[(i + 2) % n]]);
    (0..n).map(ear).sum()
}

fn box_area(points: &[Point]) -> f64 {
    let side = |axis: usize| {
        let values = points.iter().map(|p| p[axis]);
        let (min, max) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), v| {
            (min.min(v), max.max(v))
        });
        (max - min).max(0.0)
    };
    side(0) * side(1)
}

fn take(left: &mut usize, amount: usize) -> bool {
    match left.checked_sub(amount) {
        Some(rest) => {
            *left = rest;
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An outline that crosses itself everywhere.
    fn scribble(corners: usize) -> Vec<Point> {
        let scattered = |i: usize| (i as u64 * 2_654_435_761 % 0xffff_fffb % 4_001) as f64;
        (0..corners)
            .map(|i| [scattered(i * i), scattered(i * i + 7)])
            .collect()
    }

    fn round(corners: usize, radius: f64) -> Vec<Point> {
        let corner = |i: usize| {
            let angle = i as f64 / corners as f64 * std::f64::consts::TAU;
            [radius * angle.cos(), radius * angle.sin()]
        };
        (0..corners).map(corner).collect()
    }

    #[test]
    fn honest_outlines_cost_by_their_corners_and_absurd_ones_by_the_square() {
        let honest = triangulation_steps(&[round(50_000, 4_000.0)]);
        assert!(honest < 20 * 50_000, "{honest}");
        let absurd = triangulation_steps(&[scribble(20_000)]);
        assert!(absurd > MOST_TRIANGULATION_STEPS, "{absurd}");
        let mut holes = vec![round(9_000, 4_000.0)];
        holes.extend(vec![round(3, 1.0); 9_000]);
        let holes = triangulation_steps(&holes);
        assert!(holes > MOST_TRIANGULATION_STEPS, "{holes}");
    }

    #[test]
    fn polygons_share_a_budget_and_a_small_one_finds_room_after_large_ones() {
        let mut budget = Budget::of_a_tile();
        let large = [scribble(6_000)];
        let taken = (0..1_000).filter(|_| budget.takes_triangulation(&large));
        let taken = taken.count();
        assert!((1..20).contains(&taken), "{taken}");
        assert!(budget.takes_triangulation(&[round(12, 40.0)]));
    }

    #[test]
    fn a_polygon_without_corners_or_area_costs_no_more_than_its_corners() {
        assert_eq!(triangulation_steps(&[]), 0);
        assert_eq!(triangulation_steps(&[Vec::new()]), 0);
        let line = vec![[0.0, 0.0], [9.0, 0.0], [5.0, 0.0]];
        assert_eq!(triangulation_steps(&[line]), 3 * STEPS_OF_A_CORNER);
    }
}
