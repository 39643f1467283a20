//! The graph of one way of moving: which node leads to which, and how long it takes.

use super::components;
use super::travel::{EdgeTimes, TravelRules};
use super::{RoadNetwork, TravelMode};

/// No other edge.
pub const NONE: u32 = u32::MAX;

/// One step from node to node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arc {
    pub from: u32,
    pub to: u32,
    /// Milliseconds, at least one.
    pub ms: u32,
    /// The edge of the network.
    pub edge: u32,
    /// Whether it is walked from its last node to its first.
    pub is_against: bool,
}

/// Arcs in both directions of looking, the fastest of each pair of nodes.
#[derive(Debug)]
pub struct ModeGraph {
    /// Sorted by `from`, then by `to`.
    pub arcs: Vec<Arc>,
    /// `arcs[starts[n]..starts[n + 1]]` leave node n.
    starts: Vec<u32>,
    /// `incoming[incoming_starts[n]..incoming_starts[n + 1]]` are the arcs that reach node n.
    incoming_starts: Vec<u32>,
    incoming: Vec<u32>,
    /// The strongly connected component of each node; an arc never leads to a higher number.
    pub component: Vec<u32>,
    /// Times of every edge of the network, in both directions; against an edge with a twin, the
    /// time along the twin.
    pub times: Vec<EdgeTimes>,
    /// Metres per second that nobody exceeds, not even off the road.
    pub fastest_mps: f64,
}

impl ModeGraph {
    pub fn new(
        network: &RoadNetwork,
        lengths_m: &[f64],
        twins: &[u32],
        rules: &TravelRules,
        mode: TravelMode,
    ) -> Self {
        let mut times: Vec<EdgeTimes> = network
            .edges
            .iter()
            .zip(lengths_m)
            .map(|(edge, length_m)| rules.edge_times(edge, *length_m, mode))
            .collect();
        let mut arcs = Vec::with_capacity(times.len() * 2);
        let mut fastest_mps = rules.walk_mps;
        for (number, ((edge, times), length_m)) in
            (0u32..).zip(network.edges.iter().zip(&times).zip(lengths_m))
        {
            for (ms, is_against) in [(times.along_ms, false), (times.against_ms, true)] {
                let Some(ms) = ms else { continue };
                fastest_mps = fastest_mps.max(length_m / f64::from(ms) * 1_000.0);
                if edge.from == edge.to {
                    continue;
                }
                let (from, to) = if is_against {
                    (edge.to, edge.from)
                } else {
                    (edge.from, edge.to)
                };
                arcs.push(Arc {
                    from,
                    to,
                    ms,
                    edge: number,
                    is_against,
                });
            }
        }
        arcs.sort_unstable();
        arcs.dedup_by_key(|arc| (arc.from, arc.to));
        arcs.shrink_to_fit();
        let along: Vec<Option<u32>> = times.iter().map(|t| t.along_ms).collect();
        for (times, twin) in times.iter_mut().zip(twins) {
            // The slower of the two directions: a part of this line is then never passed faster
            // than its length allows.
            let by_twin = along.get(*twin as usize).copied().flatten();
            let both = times
                .along_ms
                .zip(by_twin)
                .map(|(along, back)| along.max(back));
            times.against_ms = times.against_ms.or(both);
        }
        let nodes = network.nodes.len();
        let (starts, _) = lists(nodes, &arcs, |arc| arc.from);
        let (incoming_starts, incoming) = lists(nodes, &arcs, |arc| arc.to);
        let mut graph = Self {
            arcs,
            starts,
            incoming_starts,
            incoming,
            component: Vec::new(),
            times,
            fastest_mps,
        };
        graph.component = components::of(&graph);
        graph
    }

    /// Bytes of all lists.
    pub fn bytes(&self) -> usize {
        let numbers = [
            &self.starts,
            &self.incoming_starts,
            &self.incoming,
            &self.component,
        ];
        let numbers: usize = numbers
            .iter()
            .map(|list| size_of_val(list.as_slice()))
            .sum();
        numbers + size_of_val(self.arcs.as_slice()) + size_of_val(self.times.as_slice())
    }

    pub fn nodes(&self) -> usize {
        self.starts.len() - 1
    }

    /// Arcs that leave a node.
    pub fn leaving(&self, node: u32) -> &[Arc] {
        &self.arcs[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }

    /// Numbers of the arcs that reach a node.
    pub fn reaching(&self, node: u32) -> &[u32] {
        let starts = &self.incoming_starts;
        &self.incoming[starts[node as usize] as usize..starts[node as usize + 1] as usize]
    }

    /// The number of the arc from one node to another.
    pub fn number(&self, from: u32, to: u32) -> Option<u32> {
        let place = self
            .leaving(from)
            .binary_search_by_key(&to, |arc| arc.to)
            .ok()?;
        Some(self.starts[from as usize] + place as u32)
    }

    /// Whether an edge may be used in any direction.
    pub fn is_open(&self, edge: usize) -> bool {
        self.times[edge].along_ms.is_some() || self.times[edge].against_ms.is_some()
    }
}

/// Arc numbers by one of their nodes, in the order of the arcs.
fn lists(nodes: usize, arcs: &[Arc], node: impl Fn(&Arc) -> u32) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0u32; nodes + 1];
    for arc in arcs {
        starts[node(arc) as usize + 1] += 1;
    }
    for node in 0..nodes {
        starts[node + 1] += starts[node];
    }
    let mut next = starts.clone();
    let mut list = vec![0u32; arcs.len()];
    for (number, arc) in (0u32..).zip(arcs) {
        let place = &mut next[node(arc) as usize];
        list[*place as usize] = number;
        *place += 1;
    }
    (starts, list)
}

/// For each edge the one that is the other direction of the same road, or [`NONE`]: it leads back
/// between the same nodes, is of the same class, and its length is closest and differs by at most a
/// quarter. Each direction is often drawn as a line of its own; which of the two is nearer to
/// somebody says little about which way they can set off.
pub fn twins(network: &RoadNetwork, lengths_m: &[f64]) -> Vec<u32> {
    let mut by_ends: Vec<(u32, u32, u32)> = (0u32..)
        .zip(&network.edges)
        .map(|(number, edge)| (edge.from, edge.to, number))
        .collect();
    by_ends.sort_unstable();
    let twin = |(number, edge): (usize, &super::RoadEdge)| {
        let begin = by_ends.partition_point(|(from, to, _)| (*from, *to) < (edge.to, edge.from));
        let length_m = lengths_m[number];
        by_ends[begin..]
            .iter()
            .take_while(|(from, to, _)| (*from, *to) == (edge.to, edge.from))
            .map(|(_, _, other)| (*other, (lengths_m[*other as usize] - length_m).abs()))
            .filter(|(other, apart_m)| {
                *other as usize != number
                    && network.edges[*other as usize].class == edge.class
                    && *apart_m <= length_m / 4.0
            })
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map_or(NONE, |(other, _)| other)
    };
    network.edges.iter().enumerate().map(twin).collect()
}
