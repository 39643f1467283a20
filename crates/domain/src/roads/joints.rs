//! How a place is joined to the nodes of a graph: the last steps of every way.

use super::index::RoadPoint;
use super::travel::{Use, access};
use super::{RoadGraph, TravelMode};
use crate::places::LonLat;

/// Who is within this of a crossing stands on it and may set off in any of its streets: about half
/// the width of a large one, in metres.
const CROSSING_M: f64 = 15.0;

/// A place and the nearest point of a road for one mode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Joint {
    pub place: LonLat,
    pub on: RoadPoint,
}

/// One way between a place and an end of its edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lead {
    pub node: u32,
    pub ms: u64,
    pub metres: f64,
    /// By the road, or straight across on foot.
    pub is_by_road: bool,
    /// Whether the node is the last of the edge, and not its first.
    pub is_last: bool,
}

/// A way that touches no node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShortCut {
    pub ms: u64,
    pub metres: f64,
    /// Along the edge on which both places lie, or straight across.
    pub is_by_road: bool,
}

/// Which end of a way a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Start,
    Destination,
}

impl RoadGraph {
    /// Joins a place to the nearest road; `None` when none is near enough.
    pub(super) fn joint(&self, place: LonLat, mode: TravelMode) -> Option<Joint> {
        let on = self.index.nearest(&self.network, place, mode)?;
        (on.approach_m <= self.rules.approach_most_m).then_some(Joint { place, on })
    }

    /// A place that is a node, which needs no road to reach it; `None` when there is no such node.
    pub(super) fn joint_at(&self, node: u32) -> Option<Joint> {
        let place = *self.network.nodes.get(node as usize)?;
        let on = RoadPoint {
            edge: 0,
            piece: 0,
            point: place,
            share: 0.0,
            approach_m: 0.0,
        };
        Some(Joint { place, on })
    }

    /// The ways between a place and the two ends of its edge, at most one for each node.
    ///
    /// By the road in a permitted direction; or straight on foot, except that nobody starts so who
    /// goes by car, since the car stands where they are.
    pub(super) fn leads(&self, joint: &Joint, mode: TravelMode, end: End) -> Vec<Lead> {
        let edge = &self.network.edges[joint.on.edge as usize];
        let times = self.mode(mode).times[joint.on.edge as usize];
        let length_m = self.lengths_m[joint.on.edge as usize];
        let share = joint.on.share;
        // Towards the last node one goes along the edge at a start, and against it at the end.
        let (to_first, to_last) = match end {
            End::Start => (times.against_ms, times.along_ms),
            End::Destination => (times.along_ms, times.against_ms),
        };
        let mut leads: Vec<Lead> = Vec::with_capacity(2);
        for (node, part, permitted_ms, is_last) in [
            (edge.from, share, to_first, false),
            (edge.to, 1.0 - share, to_last, true),
        ] {
            let part_m = part * length_m;
            let any_ms = times.along_ms.or(times.against_ms);
            let by_road_ms = permitted_ms.or(any_ms.filter(|_| part_m <= CROSSING_M));
            let by_road = by_road_ms.map(|ms| Lead {
                node,
                ms: self.rules.walk_ms(joint.on.approach_m) + part_ms(ms, part),
                metres: joint.on.approach_m + part_m,
                is_by_road: true,
                is_last,
            });
            let straight_m = joint.place.distance_m(self.network.nodes[node as usize]);
            let may_walk = end == End::Destination || mode != TravelMode::Car;
            let on_foot = may_walk.then(|| Lead {
                node,
                ms: self.rules.walk_ms(straight_m),
                metres: straight_m,
                is_by_road: false,
                is_last,
            });
            for lead in by_road.into_iter().chain(on_foot) {
                match leads.iter_mut().find(|known| known.node == node) {
                    Some(known) if lead.ms < known.ms => *known = lead,
                    Some(_) => {}
                    None => leads.push(lead),
                }
            }
        }
        leads
    }

    /// The best way between two places that need no node: on one edge, or in one block.
    pub(super) fn short_cut(&self, from: &Joint, to: &Joint, mode: TravelMode) -> Option<ShortCut> {
        let approach_m = from.on.approach_m + to.on.approach_m;
        let straight_m = from.place.distance_m(to.place);
        // Around each lies a circle without a road. Where they touch, nothing lies between.
        let across = (straight_m <= approach_m).then(|| ShortCut {
            ms: self.rules.walk_ms(straight_m),
            metres: straight_m,
            is_by_road: false,
        });
        let along = (from.on.edge == to.on.edge).then(|| self.along(from, to, mode));
        across
            .into_iter()
            .chain(along.flatten())
            .min_by_key(|way| way.ms)
    }

    /// Along the edge on which both places lie, riding where that is permitted and on foot
    /// otherwise.
    fn along(&self, from: &Joint, to: &Joint, mode: TravelMode) -> Option<ShortCut> {
        let edge = &self.network.edges[from.on.edge as usize];
        let times = self.mode(mode).times[from.on.edge as usize];
        let part = (to.on.share - from.on.share).abs();
        let part_m = part * self.lengths_m[from.on.edge as usize];
        let permitted = if from.on.share <= to.on.share {
            times.along_ms
        } else {
            times.against_ms
        };
        let walks = access(&edge.class).walk != Use::Barred;
        let riding_ms = permitted.map(|ms| part_ms(ms, part));
        let walking_ms = walks.then(|| self.rules.walk_ms(part_m));
        let ms = riding_ms.into_iter().chain(walking_ms).min()?;
        let walk_ms = |joint: &Joint| self.rules.walk_ms(joint.on.approach_m);
        Some(ShortCut {
            ms: walk_ms(from) + ms + walk_ms(to),
            metres: from.on.approach_m + part_m + to.on.approach_m,
            is_by_road: true,
        })
    }

    /// The line between a place and an end of its edge, from the place to the node, without the
    /// node itself.
    pub(super) fn lead_line(&self, joint: &Joint, lead: &Lead) -> Vec<LonLat> {
        let mut line = vec![joint.place];
        if lead.is_by_road {
            let (share, piece) = if lead.is_last {
                (1.0, u32::MAX)
            } else {
                (0.0, 0)
            };
            line.push(joint.on.point);
            line.extend(self.between(joint, share, piece));
        }
        line
    }

    /// The line of a way without nodes, with both places.
    pub(super) fn short_cut_line(&self, from: &Joint, to: &Joint, way: &ShortCut) -> Vec<LonLat> {
        let mut line = vec![from.place];
        if way.is_by_road {
            line.push(from.on.point);
            line.extend(self.between(from, to.on.share, to.on.piece));
            line.push(to.on.point);
        }
        line.push(to.place);
        line
    }

    /// Inner points of the edge on the way from a joint to a share of the edge in a piece of it.
    fn between(&self, from: &Joint, share: f64, piece: u32) -> Vec<LonLat> {
        let edge = &self.network.edges[from.on.edge as usize];
        let line: Vec<LonLat> = self.network.line(edge).collect();
        let inner = |first: u32, last: u32| {
            let last = (last as usize).min(line.len() - 2);
            line[(first as usize + 1).min(last + 1)..=last].to_vec()
        };
        if share >= from.on.share {
            inner(from.on.piece, piece)
        } else {
            let mut points = inner(piece, from.on.piece);
            points.reverse();
            points
        }
    }
}

/// Milliseconds of a part of an edge, rounded up.
fn part_ms(whole_ms: u32, part: f64) -> u64 {
    (f64::from(whole_ms) * part).ceil() as u64
}
