//! Vertices shared by neighbouring areas, and unions built from them.
//!
//! Areas that were cut one after another miss the vertices that later cuts put on their outline.
//! [`VertexIndex::noded`] inserts them, after which neighbours meet edge to edge and a union is
//! the set of edges that no neighbour cancels: no overlay arithmetic, so no slivers.

use std::collections::BTreeMap;

use super::point::{Key, Point, segment_distance};
use super::ring::{Ring, area, edges};

/// All shared vertices, found by place.
#[derive(Default)]
pub struct VertexIndex {
    bins: BTreeMap<(i32, i32), Vec<Point>>,
}

const BIN_M: f64 = 40.0;
/// Vertices are on a millimetre raster, so a vertex cut into an edge is off it by less than this.
const ON_EDGE_M: f64 = 0.003;

fn bin(p: Point) -> (i32, i32) {
    ((p.x / BIN_M).floor() as i32, (p.y / BIN_M).floor() as i32)
}

impl VertexIndex {
    /// Adds a vertex unless it is known.
    pub fn add(&mut self, p: Point) {
        let slot = self.bins.entry(bin(p)).or_default();
        if !slot.iter().any(|known| known.key() == p.key()) {
            slot.push(p);
        }
    }

    /// An index of all the vertices of `lines`.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a [Point]>) -> Self {
        let mut index = Self::default();
        for line in lines {
            for p in line {
                index.add(*p);
            }
        }
        index
    }

    /// The known vertices strictly between `a` and `b`, in order.
    fn between(&self, a: Point, b: Point) -> Vec<Point> {
        let (low_x, high_x) = (a.x.min(b.x) - 0.1, a.x.max(b.x) + 0.1);
        let (low_y, high_y) = (a.y.min(b.y) - 0.1, a.y.max(b.y) + 0.1);
        let mut found = Vec::new();
        for bx in (low_x / BIN_M).floor() as i32..=(high_x / BIN_M).floor() as i32 {
            for by in (low_y / BIN_M).floor() as i32..=(high_y / BIN_M).floor() as i32 {
                let Some(points) = self.bins.get(&(bx, by)) else {
                    continue;
                };
                for p in points {
                    if p.key() != a.key()
                        && p.key() != b.key()
                        && segment_distance(*p, a, b) < ON_EDGE_M
                    {
                        found.push((a.distance(*p), *p));
                    }
                }
            }
        }
        found.sort_by(|p, q| p.0.total_cmp(&q.0));
        found.into_iter().map(|(_, p)| p).collect()
    }

    /// The ring with every known vertex that lies on it.
    pub fn noded(&self, ring: &[Point]) -> Ring {
        let mut out = Vec::with_capacity(ring.len() + 4);
        for (a, b) in edges(ring) {
            out.push(a);
            out.extend(self.between(a, b));
        }
        out
    }

    /// The open line with every known vertex that lies on it.
    pub fn noded_line(&self, line: &[Point]) -> Vec<Point> {
        let mut out = Vec::with_capacity(line.len() + 4);
        for pair in line.windows(2) {
            out.push(pair[0]);
            out.extend(self.between(pair[0], pair[1]));
        }
        out.extend(line.last());
        out
    }
}

/// An area with its holes: the outer ring counter-clockwise, holes clockwise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Area {
    /// The outline.
    pub outer: Ring,
    /// Parts inside the outline that do not belong.
    pub holes: Vec<Ring>,
}

impl Area {
    /// Square metres, holes taken off.
    pub fn size_m2(&self) -> f64 {
        area(&self.outer) + self.holes.iter().map(|hole| area(hole)).sum::<f64>()
    }

    /// Whether `p` lies inside and in no hole.
    pub fn contains(&self, p: Point) -> bool {
        super::ring::contains(&self.outer, p)
            && !self.holes.iter().any(|hole| super::ring::contains(hole, p))
    }
}

/// The outlines that remain when edges walked in both directions cancel. `rings` must be noded.
/// Counter-clockwise loops are outlines, clockwise ones holes.
pub fn union_loops<'a>(rings: impl IntoIterator<Item = &'a [Point]>) -> Vec<Ring> {
    let mut open: BTreeMap<(Key, Key), (Point, Point)> = BTreeMap::new();
    for ring in rings {
        for (a, b) in edges(ring) {
            if open.remove(&(b.key(), a.key())).is_none() {
                open.insert((a.key(), b.key()), (a, b));
            }
        }
    }
    let mut from: BTreeMap<Key, Vec<(Point, Point)>> = BTreeMap::new();
    for edge in open.into_values() {
        from.entry(edge.0.key()).or_default().push(edge);
    }
    let mut loops = Vec::new();
    while let Some((&start, _)) = from.iter().find(|(_, list)| !list.is_empty()) {
        let mut ring: Ring = Vec::new();
        let mut at = start;
        let mut came: Option<Point> = None;
        while let Some(list) = from.get_mut(&at).filter(|list| !list.is_empty()) {
            // Where loops touch in a point the sharpest left turn keeps them apart.
            let pick = came.map_or(0, |dir| sharpest_left(list, dir));
            let (a, b) = list.swap_remove(pick);
            ring.push(a);
            came = Some(b - a);
            at = b.key();
            if at == start {
                break;
            }
        }
        loops.push(ring);
        from.retain(|_, list| !list.is_empty());
    }
    loops
}

fn sharpest_left(list: &[(Point, Point)], dir: Point) -> usize {
    let turn = |edge: &(Point, Point)| {
        let out = edge.1 - edge.0;
        libm::atan2(dir.cross(out), dir.dot(out))
    };
    (0..list.len())
        .max_by(|i, j| turn(&list[*i]).total_cmp(&turn(&list[*j])))
        .unwrap_or(0)
}

/// The union of noded rings as one area: the largest outline and all holes. A group that falls
/// apart loses its smaller parts, which the callers exclude by growing groups edge to edge.
pub fn union<'a>(rings: impl IntoIterator<Item = &'a [Point]>) -> Area {
    let mut result = Area::default();
    let mut best = 0.0;
    for ring in union_loops(rings) {
        let size = area(&ring);
        if size < 0.0 {
            result.holes.push(ring);
        } else if size > best {
            best = size;
            result.outer = ring;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::super::point::point;
    use super::*;

    fn rect(x0: f64, y0: f64, x1: f64, y1: f64) -> Ring {
        vec![point(x0, y0), point(x1, y0), point(x1, y1), point(x0, y1)]
    }

    #[test]
    fn neighbours_of_a_t_junction_merge_without_slivers() {
        let rings = [
            rect(0.0, 0.0, 10.0, 10.0),
            rect(10.0, 0.0, 20.0, 4.0),
            rect(10.0, 4.0, 20.0, 10.0),
        ];
        let index = VertexIndex::of(rings.iter().map(Vec::as_slice));
        let noded: Vec<Ring> = rings.iter().map(|ring| index.noded(ring)).collect();
        let whole = union(noded.iter().map(Vec::as_slice));
        assert!((whole.size_m2() - 200.0).abs() < 1e-9);
        assert!(whole.holes.is_empty());
    }

    #[test]
    fn a_missing_middle_is_a_hole() {
        let mut rings = Vec::new();
        for x in 0..3 {
            for y in 0..3 {
                if (x, y) != (1, 1) {
                    let (x, y) = (f64::from(x), f64::from(y));
                    rings.push(rect(x, y, x + 1.0, y + 1.0));
                }
            }
        }
        let whole = union(rings.iter().map(Vec::as_slice));
        assert_eq!(whole.holes.len(), 1);
        assert!((whole.size_m2() - 8.0).abs() < 1e-9);
        assert!(!whole.contains(point(1.5, 1.5)) && whole.contains(point(0.5, 0.5)));
    }
}
