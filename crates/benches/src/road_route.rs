//! One way at a time, with its line, against `petgraph`.
//!
//! All contestants get the same pairs of nodes on the graph of cars, with the same whole
//! milliseconds. Ours returns time, length and the drawn line; A* of petgraph returns the nodes;
//! its Dijkstra returns times only, which is less work. From place to place, which adds finding the
//! road at both ends, is measured beside it.

use std::hint::black_box;

use anyhow::{Result, ensure};
use domain::people::TravelMode;
use domain::roads::{RoadGraph, RoadNetwork, TravelRules};
use petgraph::algo::{astar, dijkstra};
use petgraph::graph::{DiGraph, NodeIndex};

use crate::Setting;
use crate::dice::Dice;
use crate::networks;
use crate::report::{Contestant, Report, Unit, take_turns, timed};

const MODE: TravelMode = TravelMode::Car;

pub fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    measure("city", networks::city(), 40, setting, report)?;
    if let Some(roads) = networks::wuhou()? {
        measure("wuhou", roads, 400, setting, report)?;
    }
    measure("demo-street", networks::demo_street(), 400, setting, report)
}

fn measure(
    name: &str,
    network: RoadNetwork,
    pairs: usize,
    setting: &Setting,
    report: &mut Report,
) -> Result<()> {
    let nodes = network.nodes.len();
    report.figure(format!("{name}-nodes"), nodes as f64, "nodes");
    report.figure(format!("{name}-edges"), network.edges.len() as f64, "edges");
    let (plain, build_s) = timed(|| RoadGraph::new(network.clone(), &TravelRules::default()));
    let plain = plain?;
    let mut prepared = RoadGraph::new(network, &TravelRules::default())?;
    let ((), contract_s) = timed(|| prepared.prepare(MODE));
    report.figure(format!("{name}-build"), build_s * 1e3, "ms");
    report.figure(format!("{name}-contract"), contract_s * 1e3, "ms");
    let megabytes = |graph: &RoadGraph| graph.prepared_bytes() as f64 / 1e6;
    report.figure(format!("{name}-memory"), megabytes(&plain), "MB");
    report.figure(
        format!("{name}-memory-contracted"),
        megabytes(&prepared),
        "MB",
    );
    let connected = prepared.largest_connected(MODE);
    report.figure(format!("{name}-connected"), connected as f64, "nodes");

    let peer = Peer::new(&plain);
    let mut dice = Dice::new(7);
    let pairs: Vec<(u32, u32)> = (0..pairs)
        .map(|_| (dice.below(nodes) as u32, dice.below(nodes) as u32))
        .collect();
    let reached = check(&plain, &prepared, &peer, &pairs)?;
    report.figure(format!("{name}-reachable-pairs"), reached, "%");
    let places = plain.network().nodes.clone();
    let all = pairs.as_slice();
    let place_way = |a: u32, b: u32| prepared.way(places[a as usize], places[b as usize], MODE);
    let mut contestants: Vec<Contestant> = vec![
        (
            "ours",
            Box::new(|| each(all, |a, b| prepared.way_between(a, b, MODE))),
        ),
        (
            "ours-unprepared",
            Box::new(|| each(all, |a, b| plain.way_between(a, b, MODE))),
        ),
        (
            "ours-from-place-to-place",
            Box::new(|| each(all, place_way)),
        ),
        (
            "petgraph-dijkstra",
            Box::new(|| each(all, |a, b| peer.dijkstra(a, b))),
        ),
        (
            "petgraph-astar",
            Box::new(|| each(all, |a, b| peer.astar(a, b))),
        ),
    ];
    let medians: Vec<(&str, f64)> = take_turns(setting.runs, &mut contestants)
        .into_iter()
        .map(|(who, seconds)| (who, seconds / pairs.len() as f64))
        .collect();
    report.times(name, Unit::Us, &medians);
    Ok(())
}

/// Asks for every pair, and keeps the answers from being optimised away.
fn each<T>(pairs: &[(u32, u32)], ask: impl Fn(u32, u32) -> T) {
    for (from, to) in pairs {
        black_box(ask(*from, *to));
    }
}

/// The same graph in petgraph.
struct Peer<'a> {
    graph: DiGraph<(), u32>,
    roads: &'a RoadGraph,
}

impl<'a> Peer<'a> {
    fn new(roads: &'a RoadGraph) -> Self {
        let mut graph = DiGraph::with_capacity(roads.network().nodes.len(), 0);
        for _ in &roads.network().nodes {
            graph.add_node(());
        }
        for (from, to, ms) in roads.steps(MODE) {
            graph.add_edge(
                NodeIndex::new(from as usize),
                NodeIndex::new(to as usize),
                ms,
            );
        }
        Self { graph, roads }
    }

    /// Milliseconds, without a path: it returns none.
    fn dijkstra(&self, from: u32, to: u32) -> Option<u64> {
        let (from, to) = (NodeIndex::new(from as usize), NodeIndex::new(to as usize));
        let times = dijkstra(&self.graph, from, Some(to), |edge| {
            u64::from(*edge.weight())
        });
        times.get(&to).copied()
    }

    /// Milliseconds and nodes, led by the distance as the crow flies at the highest speed.
    fn astar(&self, from: u32, to: u32) -> Option<(u64, Vec<NodeIndex>)> {
        let nodes = &self.roads.network().nodes;
        let goal = nodes[to as usize];
        let ms_per_metre = 1_000.0 / self.roads.fastest_mps(MODE) * (1.0 - 1e-9);
        astar(
            &self.graph,
            NodeIndex::new(from as usize),
            |node| node.index() == to as usize,
            |edge| u64::from(*edge.weight()),
            |node| (nodes[node.index()].distance_m(goal) * ms_per_metre) as u64,
        )
    }
}

/// Everybody finds ways of the same time for every pair; returns the share that has a way.
fn check(
    plain: &RoadGraph,
    prepared: &RoadGraph,
    peer: &Peer,
    pairs: &[(u32, u32)],
) -> Result<f64> {
    let mut reached = 0;
    for &(from, to) in pairs {
        let ours = |graph: &RoadGraph| {
            let way = graph.way_between(from, to, MODE);
            way.map(|way| (way.route.time_s * 1_000.0).round() as u64)
        };
        let times = [
            ours(plain),
            ours(prepared),
            peer.dijkstra(from, to),
            peer.astar(from, to).map(|(ms, _)| ms),
        ];
        ensure!(
            times.iter().all(|time| *time == times[0]),
            "different times from node {from} to {to}: {times:?}"
        );
        reached += usize::from(times[0].is_some());
    }
    Ok(reached as f64 / pairs.len() as f64 * 100.0)
}
