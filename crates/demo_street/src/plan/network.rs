//! The road network: stretches and ways joined at their junctions into nodes and edges.

use std::collections::BTreeMap;

use super::blocks::{Blocks, on_map_edge};
use super::division::Division;
use super::landuse::LandUse;
use super::majors::{River, RoadClass};
use super::road_names::RoadNames;
use crate::geom::Point;
use crate::geom::point::{Key, along_line, line_length, segment_distance};
use crate::geom::shared::VertexIndex;

/// A piece of road between two junctions, usable in both directions.
#[derive(Clone, Debug)]
pub struct Edge {
    /// First node.
    pub from: usize,
    /// Last node.
    pub to: usize,
    /// Class.
    pub class: RoadClass,
    /// Name; empty for ways inside compounds and some lanes.
    pub name: String,
    /// The line from the first to the last node, both included.
    pub line: Vec<Point>,
    /// Length in metres.
    pub length_m: f64,
    /// Whether it crosses the river.
    pub bridge: bool,
    /// Whether it lies in the street or on its border.
    pub in_street: bool,
    /// The block inside which it runs, for ways.
    pub block: Option<usize>,
    /// Number of the stretch or way it is part of; edges of one stretch follow each other.
    pub stretch: usize,
}

impl Edge {
    /// The point half way.
    pub fn middle(&self) -> Point {
        along_line(&self.line, self.length_m / 2.0).0
    }
}

/// The roads of the whole map.
pub struct Network {
    /// Junctions and ends.
    pub nodes: Vec<Point>,
    /// Edges.
    pub edges: Vec<Edge>,
    /// Edges at each node.
    pub at_node: Vec<Vec<usize>>,
}

/// A line before it is cut at junctions.
struct Raw {
    line: Vec<Point>,
    class: RoadClass,
    road: Option<usize>,
    block: Option<usize>,
}

/// Joins the roads and ways.
pub fn join_roads(
    blocks: &Blocks,
    division: &Division,
    uses: &[LandUse],
    names: &RoadNames,
    river: &River,
) -> Network {
    let raw = raw_lines(blocks, division, uses);
    let index = VertexIndex::of(raw.iter().map(|raw| raw.line.as_slice()));
    let lines: Vec<Vec<Point>> = raw.iter().map(|raw| index.noded_line(&raw.line)).collect();
    let mut touched: BTreeMap<Key, usize> = BTreeMap::new();
    for line in &lines {
        for (i, p) in line.iter().enumerate() {
            // Ends count double, so that a road that merely ends at another makes a junction.
            let weight = if i == 0 || i + 1 == line.len() { 2 } else { 1 };
            *touched.entry(p.key()).or_insert(0) += weight;
        }
    }
    let mut network = Network {
        nodes: Vec::new(),
        edges: Vec::new(),
        at_node: Vec::new(),
    };
    let mut ids: BTreeMap<Key, usize> = BTreeMap::new();
    for (stretch, (raw, line)) in raw.iter().zip(&lines).enumerate() {
        let mut piece: Vec<Point> = Vec::new();
        for p in line {
            piece.push(*p);
            if piece.len() >= 2 && touched[&p.key()] >= 2 {
                let ends = [piece[0], *p].map(|end| network.node(&mut ids, end));
                network.push(raw, stretch, ends, std::mem::take(&mut piece), names, river);
                piece.push(*p);
            }
        }
    }
    for edge in &mut network.edges {
        let middle = along_line(&edge.line, edge.length_m / 2.0).0;
        edge.in_street = division.street.contains(middle)
            || crate::geom::ring::outline_distance(&division.street.outer, middle) < 3.0;
    }
    network
}

fn raw_lines(blocks: &Blocks, division: &Division, uses: &[LandUse]) -> Vec<Raw> {
    let mut raw: Vec<Raw> = blocks
        .stretches
        .iter()
        .map(|stretch| Raw {
            line: stretch.line.clone(),
            class: blocks.roads[stretch.road].class,
            road: Some(stretch.road),
            block: None,
        })
        .collect();
    raw.extend(division.ways.iter().map(|(line, block, _)| {
        let class = if uses[*block].is_green() {
            RoadClass::Path
        } else {
            RoadClass::Service
        };
        Raw {
            line: line.clone(),
            class,
            road: None,
            block: Some(*block),
        }
    }));
    raw
}

impl Network {
    fn node(&mut self, ids: &mut BTreeMap<Key, usize>, p: Point) -> usize {
        let next = self.nodes.len();
        let id = *ids.entry(p.key()).or_insert(next);
        if id == next {
            self.nodes.push(p);
            self.at_node.push(Vec::new());
        }
        id
    }

    fn push(
        &mut self,
        raw: &Raw,
        stretch: usize,
        [from, to]: [usize; 2],
        line: Vec<Point>,
        names: &RoadNames,
        river: &River,
    ) {
        let length_m = line_length(&line);
        let middle = along_line(&line, length_m / 2.0).0;
        // Embankment roads keep their distance, so only a bridge is this near the middle.
        let bridge = raw.road.is_some()
            && river
                .middle
                .windows(2)
                .any(|s| segment_distance(middle, s[0], s[1]) < 26.0);
        let name = raw
            .road
            .map(|road| names.at(road, middle))
            .unwrap_or_default();
        let edge = self.edges.len();
        self.edges.push(Edge {
            from,
            to,
            class: raw.class,
            name,
            line,
            length_m,
            bridge,
            in_street: false,
            block: raw.block,
            stretch,
        });
        self.at_node[from].push(edge);
        if to != from {
            self.at_node[to].push(edge);
        }
    }

    /// The highest class of road at a node, and how many pieces of public road meet there.
    pub fn importance(&self, node: usize) -> (RoadClass, usize) {
        let edges = self.at_node[node].iter().map(|e| &self.edges[*e]);
        let class = edges
            .clone()
            .map(|e| e.class)
            .min()
            .unwrap_or(RoadClass::Path);
        (
            class,
            edges.filter(|e| e.class < RoadClass::Service).count(),
        )
    }

    /// The nodes of the street, those at the edge of the map excluded.
    pub fn street_nodes(&self) -> Vec<usize> {
        (0..self.nodes.len())
            .filter(|n| {
                !on_map_edge(self.nodes[*n])
                    && self.at_node[*n].iter().any(|e| self.edges[*e].in_street)
            })
            .collect()
    }

    /// The names of the different named roads that meet at a node, more important first.
    pub fn names_at(&self, node: usize) -> Vec<&str> {
        let mut edges: Vec<&Edge> = self.at_node[node].iter().map(|e| &self.edges[*e]).collect();
        edges.sort_by_key(|edge| edge.class);
        let mut names: Vec<&str> = Vec::new();
        for edge in edges {
            if !edge.name.is_empty() && !names.contains(&edge.name.as_str()) {
                names.push(&edge.name);
            }
        }
        names
    }
}
