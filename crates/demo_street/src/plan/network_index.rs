//! Which road runs along a side of a cell or block.

use std::collections::BTreeMap;

use super::blocks::Blocks;
use super::majors::RoadClass;
use crate::geom::Point;
use crate::geom::point::{Key, segment_distance};
use crate::geom::ring::edges;
use crate::geom::shared::VertexIndex;

/// A straight piece of road.
type Side = (Point, Point, RoadClass);

/// Roads found by the side along which they run.
pub struct RoadSides {
    bins: BTreeMap<(i32, i32), Vec<Side>>,
    exact: BTreeMap<(Key, Key), RoadClass>,
}

const BIN_M: f64 = 60.0;

fn bin(value: f64) -> i32 {
    (value / BIN_M).floor() as i32
}

impl RoadSides {
    /// Indexes the public roads; `index` holds the vertices of all cells.
    pub fn new(blocks: &Blocks, index: &VertexIndex) -> Self {
        let mut sides = Self {
            bins: BTreeMap::new(),
            exact: BTreeMap::new(),
        };
        for stretch in &blocks.stretches {
            let class = blocks.roads[stretch.road].class;
            for pair in index.noded_line(&stretch.line).windows(2) {
                let (a, b) = (pair[0], pair[1]);
                sides.exact.insert((a.key(), b.key()), class);
                sides.exact.insert((b.key(), a.key()), class);
                for bx in bin(a.x.min(b.x))..=bin(a.x.max(b.x)) {
                    for by in bin(a.y.min(b.y))..=bin(a.y.max(b.y)) {
                        sides.bins.entry((bx, by)).or_default().push((a, b, class));
                    }
                }
            }
        }
        sides
    }

    /// The class of the road along the side `a`–`b`, if one runs there.
    pub fn class_of(&self, a: Point, b: Point) -> Option<RoadClass> {
        if let Some(class) = self.exact.get(&(a.key(), b.key())) {
            return Some(*class);
        }
        let middle = a.toward(b, 0.5);
        let near = self.bins.get(&(bin(middle.x), bin(middle.y)))?;
        let hits = near
            .iter()
            .filter(|(p, q, _)| segment_distance(middle, *p, *q) < 0.05);
        hits.map(|(.., class)| *class).min()
    }

    /// The most important road around a ring; `Service` when it has none.
    pub fn front(&self, ring: &[Point]) -> RoadClass {
        let sides = edges(ring).filter(|(a, b)| a.distance(*b) > 4.0);
        sides
            .filter_map(|(a, b)| self.class_of(a, b))
            .min()
            .unwrap_or(RoadClass::Service)
    }

    /// The nearest road within about a hundred metres: its distance, class and nearest point.
    pub fn nearest(&self, p: Point) -> Option<(f64, RoadClass, Point)> {
        let mut best: Option<(f64, RoadClass, Point)> = None;
        for bx in bin(p.x) - 2..=bin(p.x) + 2 {
            for by in bin(p.y) - 2..=bin(p.y) + 2 {
                for (a, b, class) in self.bins.get(&(bx, by)).into_iter().flatten() {
                    let distance = segment_distance(p, *a, *b);
                    if best.is_none_or(|(least, ..)| distance < least) {
                        let share = crate::geom::point::nearest_share(p, *a, *b);
                        best = Some((distance, *class, a.toward(*b, share)));
                    }
                }
            }
        }
        best
    }
}
