//! All blocks divided into cells, so many in the street as there are unit grids.

use super::blocks::Blocks;
use super::cells::{Cell, Pieces, divide, halve};
use super::division::UNIT_GRIDS;
use crate::dice::Dice;
use crate::geom::Point;
use crate::geom::ring::area;

/// Outside the street, cells only carry buildings.
const OUTSIDE_CELL_M2: f64 = 11_500.0;

/// Ways between cells: the line, the block, and whether it runs inside one compound.
pub type Ways = Vec<(Vec<Point>, usize, bool)>;

/// Divides all blocks: the cells of the street, those outside, and the ways.
pub fn cut_cells(
    seed: u64,
    blocks: &Blocks,
    community: &[Option<usize>],
) -> (Vec<Cell>, Vec<Cell>, Ways) {
    let leaves: Vec<usize> = (0..blocks.faces.len())
        .filter(|i| blocks.faces[*i].halves.is_none())
        .collect();
    let street: Vec<usize> = leaves
        .iter()
        .copied()
        .filter(|i| community[*i].is_some())
        .collect();
    let sizes: Vec<f64> = street.iter().map(|i| blocks.faces[*i].area_m2).collect();
    let counts = apportion(&sizes, UNIT_GRIDS);
    let (mut inside, mut outside, mut ways) = (Vec::new(), Vec::new(), Vec::new());
    let mut take = |leaf: usize, count: usize, cells: &mut Vec<Cell>| {
        let mut dice = Dice::fork(seed, "cells", leaf);
        let face = &blocks.faces[leaf];
        let Pieces {
            cells: pieces,
            ways: lines,
            inside,
            ..
        } = divide(&face.ring, leaf, count, &mut dice);
        cells.extend(pieces);
        // The ways across the river are no ways, only borders.
        if !face.riverside {
            ways.extend(
                lines
                    .into_iter()
                    .zip(inside)
                    .map(|(line, within)| (line, leaf, within)),
            );
        }
    };
    for (leaf, count) in street.into_iter().zip(counts) {
        take(leaf, count, &mut inside);
    }
    for leaf in leaves.into_iter().filter(|i| community[*i].is_none()) {
        let count = (blocks.faces[leaf].area_m2 / OUTSIDE_CELL_M2)
            .round()
            .max(1.0) as usize;
        take(leaf, count, &mut outside);
    }
    fill_up(seed, &mut inside);
    (inside, outside, ways)
}

/// Blocks that resisted an even division are made up for by halving the largest cells.
fn fill_up(seed: u64, cells: &mut Vec<Cell>) {
    let mut dice = Dice::new(seed, "fill_up");
    let mut tries = 0;
    while cells.len() < UNIT_GRIDS && tries < 200 {
        tries += 1;
        let mut order: Vec<usize> = (0..cells.len()).collect();
        order.sort_by(|a, b| area(&cells[*b].ring).total_cmp(&area(&cells[*a].ring)));
        for at in order {
            if let Some((left, right, _)) = halve(&cells[at].ring, 2, &mut dice) {
                let second = Cell {
                    ring: right,
                    ..cells[at].clone()
                };
                cells[at].ring = left;
                cells.push(second);
                break;
            }
        }
    }
}

/// Shares out `total` in proportion to `sizes`, at least one each (largest remainders).
fn apportion(sizes: &[f64], total: usize) -> Vec<usize> {
    let sum: f64 = sizes.iter().sum();
    let exact: Vec<f64> = sizes.iter().map(|size| size / sum * total as f64).collect();
    let mut counts: Vec<usize> = exact.iter().map(|e| (e.floor() as usize).max(1)).collect();
    while counts.iter().sum::<usize>() != total {
        let short = counts.iter().sum::<usize>() < total;
        let gap = |i: usize| exact[i] - counts[i] as f64;
        let candidates = (0..counts.len()).filter(|i| short || counts[*i] > 1);
        let pick = if short {
            candidates.max_by(|a, b| gap(*a).total_cmp(&gap(*b)))
        } else {
            candidates.min_by(|a, b| gap(*a).total_cmp(&gap(*b)))
        };
        match pick {
            Some(i) if short => counts[i] += 1,
            Some(i) => counts[i] -= 1,
            None => break,
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::apportion;

    #[test]
    fn shares_add_up_and_nobody_gets_none() {
        let counts = apportion(&[1.0, 100.0, 250.0, 0.2], 40);
        assert_eq!(counts.iter().sum::<usize>(), 40);
        assert!(counts.iter().all(|count| *count >= 1));
        assert!(counts[2] > counts[1]);
    }
}
