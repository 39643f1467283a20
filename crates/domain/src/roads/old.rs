//! The road graph and shortest paths by time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serde::{Deserialize, Serialize};

use crate::people::TravelMode;
use crate::places::LonLat;

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

/// Distance and time of a way.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// Metres by road, including the way to the first and from the last node.
    pub distance_m: f64,
    /// Seconds.
    pub time_s: f64,
}

/// Walking speed in metres per second, also for the way between a road and a door.
const WALK_MPS: f64 = 1.3;
/// Speed of an electric bicycle (limited to 25 km/h by GB 17761, slower in traffic).
const EBIKE_MPS: f64 = 5.0;
/// Average share of the permitted speed that a car reaches in a street.
const CAR_SHARE: f64 = 0.6;

/// A road network prepared for searches.
#[derive(Debug, Clone)]
pub struct RoadGraph {
    network: RoadNetwork,
    /// Incoming edges of each node: `incoming[starts[n]..starts[n + 1]]`.
    incoming_starts: Vec<u32>,
    incoming: Vec<u32>,
    outgoing_starts: Vec<u32>,
    outgoing: Vec<u32>,
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

/// Travel times from every node to one destination.
#[derive(Debug, Clone)]
pub struct TimesTo {
    destination: LonLat,
    time_s: Vec<f64>,
    distance_m: Vec<f64>,
}

impl RoadGraph {
    /// Prepares a network; edges that name missing nodes are an error.
    pub fn new(network: RoadNetwork) -> Result<Self, RoadNetworkError> {
        let nodes = network.nodes.len();
        for (edge, e) in network.edges.iter().enumerate() {
            for node in [e.from, e.to] {
                if node as usize >= nodes {
                    return Err(RoadNetworkError { edge, node, nodes });
                }
            }
        }
        let (incoming_starts, incoming) = adjacency(nodes, &network.edges, |e| e.to);
        let (outgoing_starts, outgoing) = adjacency(nodes, &network.edges, |e| e.from);
        Ok(Self {
            network,
            incoming_starts,
            incoming,
            outgoing_starts,
            outgoing,
        })
    }

    /// The network itself.
    pub fn network(&self) -> &RoadNetwork {
        &self.network
    }

    /// The node nearest to a point; `None` in an empty network.
    pub fn nearest_node(&self, p: LonLat) -> Option<u32> {
        let scale = p.lat.to_radians().cos();
        let squared = |q: &LonLat| ((q.lon - p.lon) * scale).powi(2) + (q.lat - p.lat).powi(2);
        (0u32..)
            .zip(&self.network.nodes)
            .min_by(|a, b| squared(a.1).total_cmp(&squared(b.1)))
            .map(|(node, _)| node)
    }

    /// Times and distances from all nodes to one place: one search ranks a whole roster.
    pub fn times_to(&self, destination: LonLat, mode: TravelMode) -> TimesTo {
        let mut time_s = vec![f64::INFINITY; self.network.nodes.len()];
        let mut distance_m = time_s.clone();
        let mut queue = BinaryHeap::new();
        if let Some(goal) = self.nearest_node(destination) {
            let walk_m = self.network.nodes[goal as usize].distance_m(destination);
            time_s[goal as usize] = walk_m / WALK_MPS;
            distance_m[goal as usize] = walk_m;
            queue.push(Reverse((Ordered(walk_m / WALK_MPS), goal)));
        }
        while let Some(Reverse((Ordered(reached), node))) = queue.pop() {
            if reached > time_s[node as usize] {
                continue;
            }
            for &edge in slice(&self.incoming_starts, &self.incoming, node) {
                let e = &self.network.edges[edge as usize];
                let Some(cost_s) = edge_time_s(e, mode) else {
                    continue;
                };
                let time = reached + cost_s;
                if time < time_s[e.from as usize] {
                    time_s[e.from as usize] = time;
                    distance_m[e.from as usize] = distance_m[node as usize] + f64::from(e.length_m);
                    queue.push(Reverse((Ordered(time), e.from)));
                }
            }
        }
        TimesTo {
            destination,
            time_s,
            distance_m,
        }
    }

    /// The way from a place, given the times to its destination; `None` when there is no way.
    pub fn route(&self, from: LonLat, times: &TimesTo) -> Option<Route> {
        let node = self.nearest_node(from)? as usize;
        let approach_m = self.network.nodes[node].distance_m(from);
        let direct_m = from.distance_m(times.destination);
        if !times.time_s[node].is_finite() {
            return None;
        }
        let by_road = Route {
            distance_m: approach_m + times.distance_m[node],
            time_s: approach_m / WALK_MPS + times.time_s[node],
        };
        // Somebody who stands next to the matter does not walk to a junction and back.
        if direct_m <= 60.0 && direct_m / WALK_MPS < by_road.time_s {
            return Some(Route {
                distance_m: direct_m,
                time_s: direct_m / WALK_MPS,
            });
        }
        Some(by_road)
    }

    /// The geometry of the fastest way, from the start to the destination; `None` when there is none.
    pub fn path(&self, from: LonLat, times: &TimesTo, mode: TravelMode) -> Option<Vec<LonLat>> {
        let mut node = self.nearest_node(from)?;
        if !times.time_s[node as usize].is_finite() {
            return None;
        }
        let mut points = vec![from, self.network.nodes[node as usize]];
        // Every step strictly lowers the time left, so the walk ends.
        while let Some(edge) = self.next_edge(node, times, mode) {
            points.extend_from_slice(&edge.via);
            points.push(self.network.nodes[edge.to as usize]);
            node = edge.to;
        }
        points.push(times.destination);
        Some(points)
    }

    fn next_edge(&self, node: u32, times: &TimesTo, mode: TravelMode) -> Option<&RoadEdge> {
        let here = times.time_s[node as usize];
        slice(&self.outgoing_starts, &self.outgoing, node)
            .iter()
            .map(|&e| &self.network.edges[e as usize])
            .filter(|e| times.time_s[e.to as usize] < here)
            .filter_map(|e| Some((edge_time_s(e, mode)? + times.time_s[e.to as usize], e)))
            .filter(|(total, _)| *total <= here * (1.0 + 1e-9) + 1e-6)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, e)| e)
    }
}

/// Seconds that an edge takes; `None` when the mode may not use it.
fn edge_time_s(edge: &RoadEdge, mode: TravelMode) -> Option<f64> {
    let speed = match mode {
        TravelMode::Walk => WALK_MPS,
        TravelMode::EBike => EBIKE_MPS,
        TravelMode::Car if edge.for_cars => f64::from(edge.speed_mps).max(1.0) * CAR_SHARE,
        TravelMode::Car => return None,
    };
    Some(f64::from(edge.length_m).max(0.0) / speed)
}

fn adjacency(
    nodes: usize,
    edges: &[RoadEdge],
    end: impl Fn(&RoadEdge) -> u32,
) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0u32; nodes + 1];
    for edge in edges {
        starts[end(edge) as usize + 1] += 1;
    }
    for node in 0..nodes {
        starts[node + 1] += starts[node];
    }
    let mut next = starts.clone();
    let mut list = vec![0u32; edges.len()];
    for (index, edge) in (0u32..).zip(edges) {
        let place = &mut next[end(edge) as usize];
        list[*place as usize] = index;
        *place += 1;
    }
    (starts, list)
}

fn slice<'a>(starts: &[u32], list: &'a [u32], node: u32) -> &'a [u32] {
    &list[starts[node as usize] as usize..starts[node as usize + 1] as usize]
}

/// Finite floats in a heap.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ordered(f64);

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

#[cfg(test)]
mod tests;
