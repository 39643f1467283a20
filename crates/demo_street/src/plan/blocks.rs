//! Blocks: the faces between the first roads, cut again and again by smaller roads.
//!
//! Each cut is a street or lane that runs through a face from side to side. Where a street
//! already ends on the other side the new one prefers to continue it, so that some junctions are
//! crossings and some are not, as in a city that grew.

use super::frame::{Frame, MAP_HALF_M};
use super::majors::{EMBANKMENT_M, Majors, Naming, RoadClass, map_edge};
use crate::dice::Dice;
use crate::geom::arrangement::arrange;
use crate::geom::point::segment_distance;
use crate::geom::ring::{
    Chord, Ring, area, centroid, chord, contains, edges, extent, nearest_on_outline,
    outline_distance, split,
};
use crate::geom::{Point, point};

/// A road: a name and a class shared by its stretches.
#[derive(Clone, Debug)]
pub struct RoadSpec {
    /// Class.
    pub class: RoadClass,
    /// Name rule.
    pub naming: Naming,
}

/// A stretch of road as drawn.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// Index into the roads.
    pub road: usize,
    /// The line.
    pub line: Vec<Point>,
}

/// A node of the tree of faces. A leaf is a block.
#[derive(Clone, Debug)]
pub struct Face {
    /// Outline, counter-clockwise.
    pub ring: Ring,
    /// Square metres.
    pub area_m2: f64,
    /// The two halves, if it was cut.
    pub halves: Option<[usize; 2]>,
    /// Whether it is a piece of the river with its banks.
    pub riverside: bool,
}

/// The tree of faces and all roads between them.
pub struct Blocks {
    /// All faces; halves come after their whole.
    pub faces: Vec<Face>,
    /// Faces between the first roads.
    pub roots: Vec<usize>,
    /// Roads.
    pub roads: Vec<RoadSpec>,
    /// Stretches of the roads.
    pub stretches: Vec<Stretch>,
}

impl Blocks {
    /// The blocks below `face`, in tree order.
    pub fn leaves(&self, face: usize) -> Vec<usize> {
        let mut open = vec![face];
        let mut leaves = Vec::new();
        while let Some(at) = open.pop() {
            match self.faces[at].halves {
                Some([a, b]) => open.extend([b, a]),
                None => leaves.push(at),
            }
        }
        leaves
    }
}

/// Where a road meets another.
struct Junction {
    at: Point,
    /// Direction from the junction along the road that ends here; none when nothing may join.
    stem: Option<Point>,
    road: usize,
}

struct Cutter<'a> {
    frame: &'a Frame,
    dice: Dice,
    junctions: Vec<Junction>,
    blocks: Blocks,
}

/// A road through a face that could be built.
struct Proposal {
    chord: Chord,
    line: Vec<Point>,
    continues: [Option<usize>; 2],
    score: f64,
}

/// Cuts the ground into blocks.
pub fn cut_blocks(seed: u64, frame: &Frame, majors: &Majors) -> Blocks {
    let mut lines = vec![map_edge()];
    lines.extend(majors.roads.iter().map(|road| road.line.clone()));
    let arrangement = arrange(&lines);
    let mut blocks = Blocks {
        faces: Vec::new(),
        roots: Vec::new(),
        roads: Vec::new(),
        stretches: Vec::new(),
    };
    for (major, pieces) in majors
        .roads
        .iter()
        .zip(arrangement.pieces.into_iter().skip(1))
    {
        let road = blocks.roads.len();
        blocks.roads.push(RoadSpec {
            class: major.class,
            naming: major.naming.clone(),
        });
        blocks
            .stretches
            .extend(pieces.into_iter().map(|line| Stretch { road, line }));
    }
    for ring in arrangement.faces {
        let riverside = ring.iter().all(|p| {
            majors
                .river
                .middle
                .windows(2)
                .any(|s| segment_distance(*p, s[0], s[1]) < EMBANKMENT_M * 1.5)
        });
        blocks.roots.push(blocks.faces.len());
        blocks.faces.push(Face {
            area_m2: area(&ring),
            ring,
            halves: None,
            riverside,
        });
    }
    let junctions = arrangement
        .junctions
        .into_iter()
        .map(|at| Junction {
            at,
            stem: None,
            road: 0,
        })
        .collect();
    let mut cutter = Cutter {
        frame,
        dice: Dice::new(seed, "blocks"),
        junctions,
        blocks,
    };
    cutter.cut_all();
    cutter.blocks
}

impl Cutter<'_> {
    /// Cuts the largest face first, so that main streets exist before the lanes that end on them.
    fn cut_all(&mut self) {
        let mut open: Vec<usize> = self
            .blocks
            .roots
            .iter()
            .copied()
            .filter(|i| !self.blocks.faces[*i].riverside)
            .collect();
        while let Some(position) = (0..open.len()).max_by(|a, b| {
            let size = |i: &usize| self.blocks.faces[open[*i]].area_m2;
            size(a).total_cmp(&size(b))
        }) {
            let face = open.swap_remove(position);
            let enough = self.dice.between(31_000.0, 60_000.0);
            if self.blocks.faces[face].area_m2 < enough {
                continue;
            }
            if let Some(halves) = self.cut(face) {
                open.extend(halves);
            }
        }
    }

    fn cut(&mut self, face: usize) -> Option<[usize; 2]> {
        let ring = self.blocks.faces[face].ring.clone();
        let size = self.blocks.faces[face].area_m2;
        let mut best: Option<Proposal> = None;
        for attempt in 0..14 {
            let Some(proposal) = self.propose(&ring, size, attempt) else {
                continue;
            };
            if best
                .as_ref()
                .is_none_or(|known| proposal.score > known.score)
            {
                best = Some(proposal);
            }
        }
        let proposal = best?;
        let (left, right) = split(
            &ring,
            proposal.chord.start_edge,
            proposal.chord.end_edge,
            &proposal.line,
        );
        let road = self.road_for(&proposal, size);
        self.remember_ends(&proposal, road);
        self.blocks.stretches.push(Stretch {
            road,
            line: proposal.line,
        });
        let halves = [left, right].map(|ring| {
            self.blocks.faces.push(Face {
                area_m2: area(&ring),
                ring,
                halves: None,
                riverside: false,
            });
            self.blocks.faces.len() - 1
        });
        self.blocks.faces[face].halves = Some(halves);
        Some(halves)
    }

    fn propose(&mut self, ring: &[Point], size: f64, attempt: usize) -> Option<Proposal> {
        let middle = centroid(ring);
        let outward = self.frame.outward(middle);
        let span = |axis: Point| {
            let (low, high) = extent(ring, axis);
            high - low
        };
        let long_is_outward = span(outward) > span(outward.left());
        // Late attempts try the other way round, for faces of awkward shape.
        let outward_is_long = long_is_outward ^ (attempt >= 10);
        let long = if outward_is_long {
            outward
        } else {
            outward.left()
        };
        let (low, high) = extent(ring, long);
        let share = 0.5 + self.dice.between(-0.17, 0.17);
        let base = middle + long * (low + (high - low) * share - middle.dot(long));
        let dir = long.left().turned(self.dice.between(-0.07, 0.07));
        let mut chord = chord(ring, base, dir)?;
        let mut continues = [None, None];
        let mut score = self.dice.between(0.0, 0.6);
        for (side, slot) in continues.iter_mut().enumerate() {
            let end = if side == 0 { chord.start } else { chord.end };
            let out = if side == 0 { dir * -1.0 } else { dir };
            let (near, road) = self.join(ring, end, out);
            match road {
                Some((at, edge, road)) => {
                    *slot = Some(road);
                    score += 0.9;
                    if side == 0 {
                        (chord.start, chord.start_edge) = (at, edge);
                    } else {
                        (chord.end, chord.end_edge) = (at, edge);
                    }
                }
                None if near < 38.0 => return None,
                None => score -= 0.5 * (1.0 - (near / 90.0).min(1.0)),
            }
        }
        let line = self.bend(ring, chord.start, chord.end)?;
        let (left, right) = split(ring, chord.start_edge, chord.end_edge, &line);
        let smaller = area(&left).min(area(&right)) / size;
        let narrow = [&left, &right]
            .iter()
            .any(|half| self.narrowest(half) < 72.0);
        if smaller < 0.22 || narrow || chord.start_edge == chord.end_edge {
            return None;
        }
        score += smaller;
        Some(Proposal {
            chord,
            line,
            continues,
            score,
        })
    }

    fn narrowest(&self, ring: &[Point]) -> f64 {
        let outward = self.frame.outward(centroid(ring));
        [outward, outward.left()]
            .iter()
            .map(|axis| {
                let (low, high) = extent(ring, *axis);
                high - low
            })
            .fold(f64::INFINITY, f64::min)
            .min(area(ring) / 90.0)
    }

    /// The distance from `end` to the nearest junction or corner, and the street beyond the
    /// outline that a road leaving there in direction `out` would continue.
    fn join(&self, ring: &[Point], end: Point, out: Point) -> (f64, Option<(Point, usize, usize)>) {
        let mut near = f64::INFINITY;
        let mut found: Option<(f64, Point, usize, usize)> = None;
        for junction in &self.junctions {
            let distance = junction.at.distance(end);
            if distance > 90.0 || outline_distance(ring, junction.at) > 0.01 {
                continue;
            }
            let joins = junction.stem.is_some_and(|stem| stem.dot(out) > 0.86);
            if joins && distance < 62.0 && found.is_none_or(|(best, ..)| distance < best) {
                let (edge, _) = nearest_on_outline(ring, junction.at);
                found = Some((distance, junction.at, edge, junction.road));
            } else if !joins {
                near = near.min(distance);
            }
        }
        for i in 0..ring.len() {
            let (before, at, after) = (
                ring[(i + ring.len() - 1) % ring.len()],
                ring[i],
                ring[(i + 1) % ring.len()],
            );
            let turn = (at - before).direction().dot((after - at).direction());
            if turn < 0.8 {
                near = near.min(at.distance(end));
            }
        }
        let found = found.filter(|(_, at, ..)| {
            // Joining next to another junction would make a knot.
            !self.junctions.iter().any(|j| {
                j.at.key() != at.key()
                    && j.at.distance(*at) < 30.0
                    && outline_distance(ring, j.at) < 0.01
            })
        });
        (near, found.map(|(_, at, edge, road)| (at, edge, road)))
    }

    /// A gently bent line between two points of the outline that stays inside.
    fn bend(&mut self, ring: &[Point], start: Point, end: Point) -> Option<Vec<Point>> {
        let length = start.distance(end);
        if length < 60.0 {
            return None;
        }
        let side = (end - start).direction().left();
        let (bow, sway) = (
            length * self.dice.between(-0.03, 0.03),
            length * self.dice.between(-0.014, 0.014),
        );
        let steps = (length / 38.0).ceil().max(2.0) as usize;
        for strength in [1.0, 0.4, 0.0] {
            let line: Vec<Point> = (0..=steps)
                .map(|i| {
                    let t = i as f64 / steps as f64;
                    let angle = std::f64::consts::PI * t;
                    let off = bow * libm::sin(angle) + sway * libm::sin(2.0 * angle);
                    (start.toward(end, t) + side * (off * strength)).snapped()
                })
                .collect();
            let inner = &line[1..line.len() - 1];
            if inner
                .iter()
                .all(|p| contains(ring, *p) && outline_distance(ring, *p) > 12.0)
            {
                return Some(line);
            }
        }
        None
    }

    fn road_for(&mut self, proposal: &Proposal, size: f64) -> usize {
        let continued = proposal
            .continues
            .iter()
            .flatten()
            .copied()
            .filter(|road| self.blocks.roads[*road].naming == Naming::Later)
            .min_by_key(|road| self.blocks.roads[*road].class);
        if let Some(road) = continued {
            return road;
        }
        let class = match size {
            s if s > 560_000.0 => RoadClass::Secondary,
            s if s > 112_000.0 => RoadClass::Tertiary,
            _ => RoadClass::Residential,
        };
        self.blocks.roads.push(RoadSpec {
            class,
            naming: Naming::Later,
        });
        self.blocks.roads.len() - 1
    }

    fn remember_ends(&mut self, proposal: &Proposal, road: usize) {
        let line = &proposal.line;
        let ends = [
            (line[0], line[1]),
            (line[line.len() - 1], line[line.len() - 2]),
        ];
        for ((at, next), continued) in ends.into_iter().zip(proposal.continues) {
            if continued.is_some() {
                for junction in &mut self.junctions {
                    if junction.at.key() == at.key() {
                        junction.stem = None;
                    }
                }
            } else {
                let stem = (next - at).direction();
                let edge_of_map = at.x.abs().max(at.y.abs()) > MAP_HALF_M - 1.0;
                self.junctions.push(Junction {
                    at,
                    stem: (!edge_of_map).then_some(stem),
                    road,
                });
            }
        }
    }
}

/// The share of the outline of `ring` that runs along `other`, in metres; both must be noded.
pub fn common_border_m(ring: &[Point], other: &[Point]) -> f64 {
    let reversed: std::collections::BTreeSet<_> =
        edges(other).map(|(a, b)| (b.key(), a.key())).collect();
    edges(ring)
        .filter(|(a, b)| reversed.contains(&(a.key(), b.key())))
        .map(|(a, b)| a.distance(b))
        .sum()
}

/// Whether a point lies on the edge of the map.
pub fn on_map_edge(p: Point) -> bool {
    let far = point(p.x.abs(), p.y.abs());
    far.x.max(far.y) > MAP_HALF_M - 0.5
}
