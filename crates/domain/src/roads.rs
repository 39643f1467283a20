//! The road graph: fastest ways on foot, by e-bike and by car.
//!
//! A [`RoadGraph`] is prepared once for each version of the road network. It holds one graph for
//! each way of moving ([`travel::ACCESS`] says who may use which road, and why) and an index from
//! any point to the nearest road that the mode may use. Two searches give equal times:
//!
//! * [`RoadGraph::ways_to`] grows backwards from one destination, only as far as it is asked, and
//!   serves whoever ranks many people for one matter; nothing needs preparing.
//! * [`RoadGraph::way`] answers one pair at a time. After [`RoadGraph::prepare`] it uses a
//!   contraction hierarchy, which is what makes a city of a hundred thousand crossings cheap.
//!
//! # The library
//!
//! The hierarchy is `fast_paths` 1.0 (MIT or Apache-2.0, four thousand lines without `unsafe`,
//! compiles to WebAssembly, same result on every run, four small dependencies). It takes several
//! weighted starts and ends at once, which is what two people in the middle of an edge are.
//! `cch` 0.3 was looked at and not taken: it needs `rayon` and `memmap2`, has `unsafe` code in its
//! queries, and orders the graph as if it had no one-way roads; its strength, new weights for the
//! same roads within milliseconds, is of no use while speeds come from a rules file. `petgraph`
//! has no hierarchy; it is the peer that the benchmarks measure against.
//!
//! # Numbers
//!
//! Times are whole milliseconds, rounded up for each edge, so that sums do not depend on their
//! order and ways of equal time are equal everywhere; `travel.rs` says what that costs. Lengths
//! are at least the length of the drawn line, so that no way is ever shorter than the crow flies:
//! this is what [`crate::crowd`] relies on when it leaves people out unseen.
//!
//! Between a place and the road people walk straight; along the road they ride or drive. Who
//! cannot ride to the spot, because a one-way street forbids it, leaves the vehicle at the nearest
//! end of that edge and walks. Two places whose distances to the road together exceed the distance
//! between them lie in one block: no road separates them, and the way is straight on foot.
//!
//! # No way
//!
//! There is no way by road where no road that the mode may use lies within
//! [`TravelRules::approach_most_m`], or none leads across: a one-way street that leaves the map, an
//! island, a footpath for a car. The answer is `None`; a ranking says `Unreachable`, counts the
//! distance as the crow flies and offers nobody so.

use serde::{Deserialize, Serialize};

use crate::people::TravelMode;
use crate::places::LonLat;

mod arcs;
mod components;
mod hierarchy;
mod index;
mod joints;
mod search;
pub mod travel;

use arcs::ModeGraph;
use hierarchy::Hierarchy;
use index::RoadIndex;
pub use search::{Way, WaysByMode, WaysTo};
pub use travel::TravelRules;

/// A directed edge of the road graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoadEdge {
    /// Index of the node it starts at.
    pub from: u32,
    /// Index of the node it ends at.
    pub to: u32,
    /// Length in metres.
    pub length_m: f32,
    /// Permitted speed in metres per second.
    pub speed_mps: f32,
    /// Whether cars may use it.
    pub for_cars: bool,
    /// OSM highway value.
    pub class: String,
    /// Road name, empty when it has none.
    pub name: String,
    /// Points between the two nodes, without them.
    pub via: Vec<LonLat>,
}

/// The roads of a street as nodes and directed edges.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RoadNetwork {
    /// Node positions.
    pub nodes: Vec<LonLat>,
    /// Directed edges.
    pub edges: Vec<RoadEdge>,
}

impl RoadNetwork {
    /// The drawn line of an edge with both ends; points that are not on the globe are left out.
    fn line(&self, edge: &RoadEdge) -> impl Iterator<Item = LonLat> {
        [self.nodes[edge.from as usize]]
            .into_iter()
            .chain(edge.via.iter().copied())
            .chain([self.nodes[edge.to as usize]])
            .filter(|point| point.is_on_globe())
    }

    /// Metres of an edge: what the file says, and never less than its drawn line. Not a number
    /// where an end is not on the globe, which bars the edge for everybody.
    fn length_m(&self, edge: &RoadEdge) -> f64 {
        let ends = [edge.from, edge.to].map(|node| self.nodes[node as usize]);
        if !ends.iter().all(|end| end.is_on_globe()) {
            return f64::NAN;
        }
        let line_m = line_m(self.line(edge));
        let stated_m = f64::from(edge.length_m);
        if stated_m.is_finite() {
            stated_m.max(line_m)
        } else {
            line_m
        }
    }
}

/// Metres along a line.
fn line_m(points: impl Iterator<Item = LonLat>) -> f64 {
    let mut before = None;
    points
        .map(|point| {
            before
                .replace(point)
                .map_or(0.0, |from: LonLat| from.distance_m(point))
        })
        .sum()
}

/// Distance and time of a way.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// Metres by road, including the way to the road at its beginning and from it at its end.
    pub distance_m: f64,
    /// Seconds.
    pub time_s: f64,
}

/// Why a road network is unusable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("edge {edge} names node {node}, but there are only {nodes} nodes")]
pub struct RoadNetworkError {
    /// Index of the edge.
    pub edge: usize,
    /// The node it names.
    pub node: u32,
    /// How many nodes there are.
    pub nodes: usize,
}

/// A road network prepared for searches.
#[derive(Debug)]
pub struct RoadGraph {
    network: RoadNetwork,
    rules: TravelRules,
    /// Of each edge, as the searches count it.
    lengths_m: Vec<f64>,
    /// In the order of [`mode_number`].
    modes: [ModeGraph; 3],
    index: RoadIndex,
    hierarchies: [Option<Hierarchy>; 3],
}

impl RoadGraph {
    /// All ways of moving.
    pub const MODES: [TravelMode; 3] = [TravelMode::Walk, TravelMode::EBike, TravelMode::Car];

    /// Prepares a network; edges that name missing nodes are an error. Edges of which nothing
    /// believable is known (no place, longer than a day) are left out.
    pub fn new(network: RoadNetwork, rules: &TravelRules) -> Result<Self, RoadNetworkError> {
        let nodes = network.nodes.len();
        for (edge, e) in network.edges.iter().enumerate() {
            for node in [e.from, e.to] {
                if node as usize >= nodes {
                    return Err(RoadNetworkError { edge, node, nodes });
                }
            }
        }
        let lengths_m: Vec<f64> = network.edges.iter().map(|e| network.length_m(e)).collect();
        let twins = arcs::twins(&network, &lengths_m);
        let modes =
            Self::MODES.map(|mode| ModeGraph::new(&network, &lengths_m, &twins, rules, mode));
        let index = RoadIndex::new(&network, &twins, &modes);
        Ok(Self {
            network,
            rules: *rules,
            lengths_m,
            modes,
            index,
            hierarchies: [None, None, None],
        })
    }

    /// The network itself.
    pub fn network(&self) -> &RoadNetwork {
        &self.network
    }

    /// Builds the hierarchy that makes [`Self::way`] fast for a mode: seconds for a hundred
    /// thousand nodes, a few milliseconds for the network of one street, where it gains little.
    pub fn prepare(&mut self, mode: TravelMode) {
        self.hierarchies[mode_number(mode)] = Hierarchy::new(self.mode(mode));
    }

    /// A search of all ways to one destination, which grows as far as it is asked.
    pub fn ways_to(&self, destination: LonLat, mode: TravelMode) -> WaysTo<'_> {
        WaysTo::new(self, destination, mode)
    }

    /// The fastest way from one place to another with its line; `None` when there is none.
    pub fn way(&self, from: LonLat, to: LonLat, mode: TravelMode) -> Option<Way> {
        match &self.hierarchies[mode_number(mode)] {
            Some(hierarchy) => hierarchy.way(self, from, to, mode),
            None => self.ways_to(to, mode).way(from),
        }
    }

    /// The highest speed that anybody moving so reaches anywhere on this network, in metres per
    /// second: the distance as the crow flies divided by it is a lower bound of every road time.
    pub fn fastest_mps(&self, mode: TravelMode) -> f64 {
        self.mode(mode).fastest_mps
    }

    /// How many nodes the largest part of the network has in which the mode gets from every node to
    /// every other.
    pub fn largest_connected(&self, mode: TravelMode) -> usize {
        components::largest(&self.mode(mode).component)
    }

    /// Every step from node to node that the mode may take, with its milliseconds; of several
    /// between the same nodes the fastest. Sorted, each pair of nodes once.
    pub fn steps(&self, mode: TravelMode) -> impl Iterator<Item = (u32, u32, u32)> {
        let arcs = self.mode(mode).arcs.iter();
        arcs.map(|arc| (arc.from, arc.to, arc.ms))
    }

    /// Bytes that the prepared graph holds beside the network itself, as the sum of its lists.
    pub fn prepared_bytes(&self) -> usize {
        let modes: usize = self.modes.iter().map(ModeGraph::bytes).sum();
        let hierarchies: usize = self
            .hierarchies
            .iter()
            .flatten()
            .map(Hierarchy::bytes)
            .sum();
        let lengths = size_of_val(self.lengths_m.as_slice());
        modes + lengths + self.index.bytes() + hierarchies
    }

    fn mode(&self, mode: TravelMode) -> &ModeGraph {
        &self.modes[mode_number(mode)]
    }
}

const fn mode_number(mode: TravelMode) -> usize {
    match mode {
        TravelMode::Walk => 0,
        TravelMode::EBike => 1,
        TravelMode::Car => 2,
    }
}

impl Default for RoadGraph {
    /// A place without roads: nobody has a way.
    fn default() -> Self {
        let rules = TravelRules::default();
        let network = RoadNetwork::default();
        let modes = Self::MODES.map(|mode| ModeGraph::new(&network, &[], &[], &rules, mode));
        Self {
            index: RoadIndex::new(&network, &[], &modes),
            network,
            rules,
            lengths_m: Vec::new(),
            modes,
            hierarchies: [None, None, None],
        }
    }
}

#[cfg(test)]
mod tests;
