//! Which faces make up the street, and how they fall into communities.
//!
//! Boundaries run along roads because only whole faces between main roads are taken.

use super::blocks::{Blocks, common_border_m};
use crate::dice::Dice;
use crate::geom::ring::{Ring, centroid, perimeter};
use crate::geom::shared::{VertexIndex, union_loops};
use crate::geom::{Point, point};

/// Area of the street in square metres at which it stops growing.
const STREET_M2: f64 = 10_020_000.0;
/// Faces up to this size are handed out whole.
const QUARTER_M2: f64 = 420_000.0;
/// Number of communities.
pub const COMMUNITIES: usize = 8;

/// A face handed out whole to a community.
#[derive(Clone, Debug)]
pub struct Quarter {
    /// The face.
    pub face: usize,
    /// The outline with all vertices of its neighbours.
    pub ring: Ring,
    /// Square metres.
    pub area_m2: f64,
    /// Middle.
    pub middle: Point,
    /// The neighbours with the metres of common border.
    pub neighbours: Vec<(usize, f64)>,
    /// Whether it is a piece of the river with its banks.
    pub riverside: bool,
}

/// The quarters of the map, and the community of those that belong to the street.
pub struct Territory {
    /// All quarters of the map.
    pub quarters: Vec<Quarter>,
    /// Community of each quarter of the street, `None` outside.
    pub community: Vec<Option<usize>>,
}

/// Grows the street around the middle of the map and divides it among the communities.
pub fn claim(seed: u64, blocks: &Blocks) -> Territory {
    let quarters = quarters(blocks);
    let mut inside = grow(seed, &quarters);
    round_off(&quarters, &mut inside);
    let community = communities(&quarters, &inside);
    Territory {
        quarters,
        community,
    }
}

fn quarters(blocks: &Blocks) -> Vec<Quarter> {
    let rings = blocks.faces.iter().filter(|face| face.halves.is_none());
    let index = VertexIndex::of(
        rings.map(|face| face.ring.as_slice()).chain(
            blocks
                .stretches
                .iter()
                .map(|stretch| stretch.line.as_slice()),
        ),
    );
    let mut open: Vec<usize> = blocks.roots.iter().rev().copied().collect();
    let mut quarters = Vec::new();
    while let Some(face) = open.pop() {
        match blocks.faces[face].halves {
            Some([a, b]) if blocks.faces[face].area_m2 > QUARTER_M2 => open.extend([b, a]),
            _ => quarters.push(Quarter {
                face,
                ring: index.noded(&blocks.faces[face].ring),
                area_m2: blocks.faces[face].area_m2,
                middle: centroid(&blocks.faces[face].ring),
                neighbours: Vec::new(),
                riverside: blocks.faces[face].riverside,
            }),
        }
    }
    link(&mut quarters);
    quarters
}

fn link(quarters: &mut [Quarter]) {
    let reach = |q: &Quarter| {
        q.ring
            .iter()
            .map(|p| p.distance(q.middle))
            .fold(0.0, f64::max)
    };
    let reaches: Vec<f64> = quarters.iter().map(reach).collect();
    for i in 0..quarters.len() {
        for j in i + 1..quarters.len() {
            if quarters[i].middle.distance(quarters[j].middle) > reaches[i] + reaches[j] {
                continue;
            }
            let border = common_border_m(&quarters[i].ring, &quarters[j].ring);
            if border > 0.0 {
                quarters[i].neighbours.push((j, border));
                quarters[j].neighbours.push((i, border));
            }
        }
    }
}

fn grow(seed: u64, quarters: &[Quarter]) -> Vec<bool> {
    let mut dice = Dice::new(seed, "territory");
    let centre = point(dice.between(-60.0, 60.0), dice.between(-120.0, 60.0));
    let pull: Vec<f64> = quarters
        .iter()
        .map(|q| {
            let off = q.middle - centre;
            point(off.x * 0.97, off.y * 1.03).length() + dice.between(0.0, 330.0)
        })
        .collect();
    let mut inside = vec![false; quarters.len()];
    let nearest = (0..quarters.len()).min_by(|a, b| {
        let far = |i: &usize| quarters[*i].middle.distance(centre);
        far(a).total_cmp(&far(b))
    });
    let Some(start) = nearest else { return inside };
    inside[start] = true;
    let mut size = quarters[start].area_m2;
    while size < STREET_M2 {
        let best = (0..quarters.len())
            .filter(|i| !inside[*i])
            .filter_map(|i| {
                let border: f64 = inside_border(&quarters[i], &inside);
                (border > 120.0).then(|| {
                    let snug = border / perimeter(&quarters[i].ring);
                    (i, pull[i] - 900.0 * snug)
                })
            })
            .min_by(|a, b| a.1.total_cmp(&b.1));
        let Some((next, _)) = best else { break };
        inside[next] = true;
        size += quarters[next].area_m2;
    }
    inside
}

fn inside_border(quarter: &Quarter, inside: &[bool]) -> f64 {
    quarter
        .neighbours
        .iter()
        .filter(|(j, _)| inside[*j])
        .map(|(_, border)| border)
        .sum()
}

/// Takes in what is enclosed, and gives up pieces of river that stick out.
fn round_off(quarters: &[Quarter], inside: &mut [bool]) {
    for (i, quarter) in quarters.iter().enumerate() {
        if quarter.riverside {
            inside[i] = inside_border(quarter, inside) > 0.5 * perimeter(&quarter.ring);
        }
    }
    loop {
        let chosen = quarters.iter().zip(&*inside).filter(|(_, inside)| **inside);
        let loops = union_loops(chosen.map(|(q, _)| q.ring.as_slice()));
        let hole = loops
            .iter()
            .find(|ring| crate::geom::ring::area(ring) < 0.0);
        let Some(hole) = hole else { return };
        let mut filled = false;
        for (i, quarter) in quarters.iter().enumerate() {
            if !inside[i] && crate::geom::ring::contains(hole, quarter.middle) {
                inside[i] = true;
                filled = true;
            }
        }
        if !filled {
            return;
        }
    }
}

/// Joins the smallest group with a neighbour until the wanted number is left.
fn communities(quarters: &[Quarter], inside: &[bool]) -> Vec<Option<usize>> {
    let mut group: Vec<Option<usize>> = inside
        .iter()
        .enumerate()
        .map(|(i, inside)| inside.then_some(i))
        .collect();
    loop {
        let mut sizes = std::collections::BTreeMap::new();
        for (i, g) in group.iter().enumerate() {
            if let Some(g) = g {
                *sizes.entry(*g).or_insert(0.0) += quarters[i].area_m2;
            }
        }
        if sizes.len() <= COMMUNITIES {
            let order: Vec<usize> = sizes.into_keys().collect();
            return group
                .into_iter()
                .map(|g| g.and_then(|g| order.iter().position(|o| *o == g)))
                .collect();
        }
        let Some((&small, _)) = sizes.iter().min_by(|a, b| a.1.total_cmp(b.1)) else {
            return group;
        };
        let Some(partner) = best_partner(quarters, &group, small, &sizes) else {
            return group;
        };
        for g in &mut group {
            if *g == Some(small) {
                *g = Some(partner);
            }
        }
    }
}

fn best_partner(
    quarters: &[Quarter],
    group: &[Option<usize>],
    small: usize,
    sizes: &std::collections::BTreeMap<usize, f64>,
) -> Option<usize> {
    let mut borders = std::collections::BTreeMap::new();
    for (i, quarter) in quarters
        .iter()
        .enumerate()
        .filter(|(i, _)| group[*i] == Some(small))
    {
        for (j, border) in &quarter.neighbours {
            if let Some(other) = group[*j].filter(|other| *other != small) {
                // A group across the river is reached over a bridge only: count it less.
                let weight = if quarter.riverside == quarters[*j].riverside {
                    1.0
                } else {
                    0.5
                };
                *borders.entry(other).or_insert(0.0) += border * weight;
            }
            debug_assert!(i != *j, "a quarter is no neighbour of its own");
        }
    }
    borders
        .into_iter()
        .map(|(other, border): (usize, f64)| (other, border / (sizes[&other] + 200_000.0)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(other, _)| other)
}
