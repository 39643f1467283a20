//! Unit cells: blocks divided into pieces of about one hectare by the ways inside them.

use crate::dice::Dice;
use crate::geom::Point;
use crate::geom::ring::{Chord, Ring, area, centroid, chord, extent, main_direction, split};

/// A piece of a block.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Outline, counter-clockwise.
    pub ring: Ring,
    /// The face it belongs to.
    pub block: usize,
    /// Number, inside the block, of the compound it belongs to.
    pub compound: usize,
}

/// The pieces of a block and the ways between them.
#[derive(Default)]
pub struct Pieces {
    /// The cells in cutting order.
    pub cells: Vec<Cell>,
    /// The ways, each from one side of the piece it divides to the other.
    pub ways: Vec<Vec<Point>>,
    /// Whether each way runs inside one compound (true) or between two.
    pub inside: Vec<bool>,
    compounds: usize,
}

/// Blocks up to this many cells are one compound behind one wall.
const COMPOUND_CELLS: usize = 4;

/// Divides a block into `count` cells of nearly equal size.
pub fn divide(ring: &[Point], block: usize, count: usize, dice: &mut Dice) -> Pieces {
    let mut pieces = Pieces::default();
    divide_into(&mut pieces, ring.to_vec(), block, count.max(1), None, dice);
    pieces
}

fn divide_into(
    pieces: &mut Pieces,
    ring: Ring,
    block: usize,
    count: usize,
    compound: Option<usize>,
    dice: &mut Dice,
) {
    let compound = compound.or_else(|| {
        (count <= COMPOUND_CELLS).then(|| {
            pieces.compounds += 1;
            pieces.compounds - 1
        })
    });
    let halves = if count > 1 {
        halve(&ring, count, dice)
    } else {
        None
    };
    let Some((left, right, way)) = halves else {
        pieces.cells.push(Cell {
            ring,
            block,
            compound: compound.unwrap_or(0),
        });
        return;
    };
    pieces.ways.push(way);
    pieces.inside.push(compound.is_some());
    divide_into(pieces, left, block, count / 2, compound, dice);
    divide_into(pieces, right, block, count - count / 2, compound, dice);
}

/// Cuts a ring so that the first piece has the share `(count / 2) / count` of the area.
pub fn halve(ring: &[Point], count: usize, dice: &mut Dice) -> Option<(Ring, Ring, Vec<Point>)> {
    let share = (count / 2) as f64 / count as f64 + dice.between(-0.02, 0.02);
    let main = main_direction(ring);
    let span = |axis: Point| {
        let (low, high) = extent(ring, axis);
        high - low
    };
    let mut axes = [main, main.left()];
    if span(axes[0]) < span(axes[1]) {
        axes.swap(0, 1);
    }
    let tilted = [axes[0].turned(0.35), axes[1].turned(0.35)];
    axes.into_iter()
        .chain(tilted)
        .find_map(|axis| cut_across(ring, axis, share))
}

fn cut_across(ring: &[Point], axis: Point, share: f64) -> Option<(Ring, Ring, Vec<Point>)> {
    let whole = area(ring);
    let (mut low, mut high) = extent(ring, axis);
    let middle = centroid(ring);
    let mut best: Option<(f64, Chord)> = None;
    for _ in 0..24 {
        let at = f64::midpoint(low, high);
        let base = middle + axis * (at - middle.dot(axis));
        // Looking along the cut, the part with the smaller projections lies on the left.
        let Some(chord) = chord(ring, base, axis.left()) else {
            // The line through the centre misses the piece here: come back toward the middle.
            if at < middle.dot(axis) {
                low = at;
            } else {
                high = at;
            }
            continue;
        };
        let cut = [chord.start, chord.end];
        let (left, _) = split(ring, chord.start_edge, chord.end_edge, &cut);
        let part = area(&left) / whole;
        if best
            .as_ref()
            .is_none_or(|(off, _)| (part - share).abs() < *off)
        {
            best = Some(((part - share).abs(), chord));
        }
        if part < share {
            low = at;
        } else {
            high = at;
        }
    }
    let (off, chord) = best?;
    if off > 0.12 {
        return None;
    }
    let cut = vec![chord.start, chord.end];
    let (left, right) = split(ring, chord.start_edge, chord.end_edge, &cut);
    (area(&left) > 0.0 && area(&right) > 0.0).then_some((left, right, cut))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::point;

    #[test]
    fn a_block_falls_into_equal_cells() {
        let ring: Ring = [
            point(0.0, 0.0),
            point(260.0, 10.0),
            point(240.0, 190.0),
            point(10.0, 160.0),
        ]
        .map(|p| p.turned(0.2).snapped())
        .to_vec();
        let pieces = divide(&ring, 0, 4, &mut Dice::new(1, "cells"));
        assert_eq!(pieces.cells.len(), 4);
        assert_eq!(pieces.ways.len(), 3);
        let sizes: Vec<f64> = pieces.cells.iter().map(|cell| area(&cell.ring)).collect();
        assert!((sizes.iter().sum::<f64>() - area(&ring)).abs() < 0.5);
        let mean = area(&ring) / 4.0;
        assert!(
            sizes.iter().all(|size| (size / mean - 1.0).abs() < 0.2),
            "{sizes:?}"
        );
    }
}
