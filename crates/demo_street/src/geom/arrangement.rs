//! The planar arrangement of crossing lines: where they meet, what hangs loose, and the faces.

use std::collections::BTreeMap;

use super::point::{Key, Point, crossing};
use super::ring::Ring;

/// Lines cut where they cross, without loose ends, and the faces they bound.
pub struct Arrangement {
    /// For each input line the connected pieces that bound faces on the way, in order.
    pub pieces: Vec<Vec<Vec<Point>>>,
    /// Bounded faces, counter-clockwise.
    pub faces: Vec<Ring>,
    /// Points where three or more edges meet.
    pub junctions: Vec<Point>,
}

/// Builds the arrangement of `lines`. They must hang together.
pub fn arrange(lines: &[Vec<Point>]) -> Arrangement {
    let noded = cut_at_crossings(lines);
    let mut graph = Graph::new(&noded);
    graph.prune_loose_ends();
    let pieces = noded.iter().map(|line| graph.kept_pieces(line)).collect();
    let junctions = graph
        .out
        .iter()
        .enumerate()
        .filter(|(_, out)| out.len() >= 3)
        .map(|(i, _)| graph.points[i])
        .collect();
    Arrangement {
        pieces,
        faces: graph.faces(),
        junctions,
    }
}

fn cut_at_crossings(lines: &[Vec<Point>]) -> Vec<Vec<Point>> {
    let mut segments = Vec::new();
    for (line, points) in lines.iter().enumerate() {
        for (index, pair) in points.windows(2).enumerate() {
            segments.push((line, index, pair[0], pair[1]));
        }
    }
    let mut cuts: Vec<Vec<Vec<(f64, Point)>>> = lines
        .iter()
        .map(|points| vec![Vec::new(); points.len()])
        .collect();
    for (i, a) in segments.iter().enumerate() {
        for b in &segments[i + 1..] {
            if a.0 == b.0 || apart(a.2, a.3, b.2, b.3) {
                continue;
            }
            let Some((s, t)) = crossing((a.2, a.3), (b.2, b.3)) else {
                continue;
            };
            if (0.0..=1.0).contains(&s) && (0.0..=1.0).contains(&t) {
                let p = a.2.toward(a.3, s).snapped();
                cuts[a.0][a.1].push((s, p));
                cuts[b.0][b.1].push((t, p));
            }
        }
    }
    lines
        .iter()
        .zip(&mut cuts)
        .map(|(points, cuts)| {
            let mut out = Vec::new();
            for (i, p) in points.iter().enumerate() {
                out.push(p.snapped());
                cuts[i].sort_by(|a, b| a.0.total_cmp(&b.0));
                out.extend(cuts[i].iter().map(|(_, p)| *p));
            }
            out.dedup_by_key(|p| p.key());
            out
        })
        .collect()
}

fn apart(a: Point, b: Point, c: Point, d: Point) -> bool {
    a.x.max(b.x) < c.x.min(d.x)
        || c.x.max(d.x) < a.x.min(b.x)
        || a.y.max(b.y) < c.y.min(d.y)
        || c.y.max(d.y) < a.y.min(b.y)
}

struct Graph {
    ids: BTreeMap<Key, usize>,
    points: Vec<Point>,
    /// Neighbours of each point, counter-clockwise by angle once the loose ends are gone.
    out: Vec<Vec<usize>>,
}

impl Graph {
    fn new(lines: &[Vec<Point>]) -> Self {
        let mut graph = Self {
            ids: BTreeMap::new(),
            points: Vec::new(),
            out: Vec::new(),
        };
        for line in lines {
            for pair in line.windows(2) {
                let (a, b) = (graph.id(pair[0]), graph.id(pair[1]));
                if a != b && !graph.out[a].contains(&b) {
                    graph.out[a].push(b);
                    graph.out[b].push(a);
                }
            }
        }
        graph
    }

    fn id(&mut self, p: Point) -> usize {
        let next = self.points.len();
        let id = *self.ids.entry(p.key()).or_insert(next);
        if id == next {
            self.points.push(p);
            self.out.push(Vec::new());
        }
        id
    }

    fn prune_loose_ends(&mut self) {
        let mut loose: Vec<usize> = (0..self.out.len())
            .filter(|i| self.out[*i].len() == 1)
            .collect();
        while let Some(end) = loose.pop() {
            let Some(neighbour) = self.out[end].pop() else {
                continue;
            };
            self.out[neighbour].retain(|other| *other != end);
            if self.out[neighbour].len() == 1 {
                loose.push(neighbour);
            }
        }
        for i in 0..self.out.len() {
            let center = self.points[i];
            let points = &self.points;
            self.out[i].sort_by(|a, b| {
                let angle = |j: usize| (points[j] - center).angle();
                angle(*a).total_cmp(&angle(*b))
            });
        }
    }

    fn kept_pieces(&self, line: &[Point]) -> Vec<Vec<Point>> {
        let mut pieces: Vec<Vec<Point>> = Vec::new();
        let mut open = false;
        for pair in line.windows(2) {
            let (a, b) = (self.ids[&pair[0].key()], self.ids[&pair[1].key()]);
            if !self.out[a].contains(&b) {
                open = false;
                continue;
            }
            match pieces.last_mut().filter(|_| open) {
                Some(piece) => piece.push(pair[1]),
                None => pieces.push(vec![pair[0], pair[1]]),
            }
            open = true;
        }
        pieces
    }

    fn faces(&self) -> Vec<Ring> {
        let mut used: Vec<Vec<bool>> = self.out.iter().map(|out| vec![false; out.len()]).collect();
        let mut faces = Vec::new();
        for start in 0..self.out.len() {
            for first in 0..self.out[start].len() {
                if used[start][first] {
                    continue;
                }
                let mut ring = Vec::new();
                let (mut at, mut slot) = (start, first);
                while !used[at][slot] {
                    used[at][slot] = true;
                    ring.push(self.points[at]);
                    let next = self.out[at][slot];
                    // Keeping the face on the left means leaving by the edge that comes just
                    // before, counter-clockwise, the one we arrived by.
                    let back = self.out[next].iter().position(|i| *i == at).unwrap_or(0);
                    slot = (back + self.out[next].len() - 1) % self.out[next].len();
                    at = next;
                }
                if super::ring::area(&ring) > 1.0 {
                    faces.push(ring);
                }
            }
        }
        faces
    }
}

#[cfg(test)]
mod tests {
    use super::super::point::point;
    use super::super::ring::area;
    use super::*;

    #[test]
    fn a_crossed_square_has_four_faces_and_loses_its_loose_ends() {
        let square = vec![
            point(0.0, 0.0),
            point(10.0, 0.0),
            point(10.0, 10.0),
            point(0.0, 10.0),
            point(0.0, 0.0),
        ];
        let lines = vec![
            square,
            vec![point(5.0, -3.0), point(5.0, 13.0)],
            vec![point(-2.0, 4.0), point(12.0, 4.0)],
        ];
        let result = arrange(&lines);
        assert_eq!(result.faces.len(), 4);
        let total: f64 = result.faces.iter().map(|face| area(face)).sum();
        assert!((total - 100.0).abs() < 1e-6);
        assert_eq!(
            result.pieces[1],
            vec![vec![point(5.0, 0.0), point(5.0, 4.0), point(5.0, 10.0)]]
        );
        assert_eq!(result.junctions.len(), 5);
    }
}
