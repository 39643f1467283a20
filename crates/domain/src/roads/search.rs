//! A search backwards from one destination that grows as far as it is asked.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::joints::{End, Joint, Lead, ShortCut};
use super::{RoadGraph, Route, TravelMode, mode_number};
use crate::places::LonLat;

/// A way with its line.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    /// Distance and time.
    pub route: Route,
    /// The line, from the first place to the last.
    pub points: Vec<LonLat>,
}

/// A way as it was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found {
    /// Without passing a node.
    Short(ShortCut),
    /// Over nodes: the lead to the first, arcs, the lead from the last.
    OverNodes {
        first: Lead,
        arcs: Vec<u32>,
        last: Lead,
    },
}

/// Milliseconds of the fastest way and the lead that it begins with; none for the short cut.
type Best = (u64, Option<Lead>);

/// Ways from anywhere to one destination, found when they are asked for.
///
/// The search goes backwards over the arcs and stops as soon as the way asked for is settled; what
/// it has found stays. Ranking a roster therefore costs one search as far as the farthest person,
/// and the nearest ten of a city cost a few hundred nodes.
#[derive(Debug)]
pub struct WaysTo<'g> {
    graph: &'g RoadGraph,
    mode: TravelMode,
    destination: Option<Joint>,
    leads: Vec<Lead>,
    /// Milliseconds from each node plus one; 0 where none is known, so that memory that no search
    /// touches is never written.
    reached: Vec<u64>,
    /// Metres from each node that is reached.
    metres: Vec<f64>,
    /// The next arc towards the destination plus one; 0 where the node is the last.
    next: Vec<u32>,
    queue: BinaryHeap<Reverse<(u64, u32)>>,
    /// Everything up to so many milliseconds is final.
    settled_ms: u64,
}

impl<'g> WaysTo<'g> {
    pub(super) fn new(graph: &'g RoadGraph, destination: LonLat, mode: TravelMode) -> Self {
        let joint = graph.joint(destination, mode);
        let leads = joint.map_or_else(Vec::new, |j| graph.leads(&j, mode, End::Destination));
        Self::with_leads(graph, mode, joint, leads)
    }

    pub(super) fn with_leads(
        graph: &'g RoadGraph,
        mode: TravelMode,
        destination: Option<Joint>,
        leads: Vec<Lead>,
    ) -> Self {
        let nodes = graph.network.nodes.len();
        let mut ways = Self {
            graph,
            mode,
            destination,
            leads,
            reached: vec![0; nodes],
            metres: vec![0.0; nodes],
            next: vec![0; nodes],
            queue: BinaryHeap::new(),
            settled_ms: 0,
        };
        for lead in &ways.leads {
            ways.reached[lead.node as usize] = lead.ms + 1;
            ways.metres[lead.node as usize] = lead.metres;
            ways.queue.push(Reverse((lead.ms, lead.node)));
        }
        ways
    }

    /// The way of moving.
    pub const fn mode(&self) -> TravelMode {
        self.mode
    }

    /// Distance and time of the fastest way from a place; `None` when there is none.
    pub fn route(&mut self, from: LonLat) -> Option<Route> {
        let start = self.graph.joint(from, self.mode)?;
        let (short, best) = self.best(&start)?;
        Some(self.route_by(short, best))
    }

    /// The fastest way from a place with its line; `None` when there is none.
    pub fn way(&mut self, from: LonLat) -> Option<Way> {
        let start = self.graph.joint(from, self.mode)?;
        let (short, best) = self.best(&start)?;
        let route = self.route_by(short, best);
        let found = self.found(short, best)?;
        let points = self
            .graph
            .line_of(&start, &self.destination?, &found, self.mode);
        Some(Way { route, points })
    }

    /// Finds the ways from every node, for whoever is going to ask for all of them.
    pub fn settle_all(&mut self) {
        while self.grow() {}
    }

    /// How many nodes have been reached so far: what the search has cost.
    pub fn reached_nodes(&self) -> usize {
        self.reached.iter().filter(|ms| **ms != 0).count()
    }

    fn best(&mut self, start: &Joint) -> Option<(Option<ShortCut>, Best)> {
        let destination = self.destination?;
        let short = self.graph.short_cut(start, &destination, self.mode);
        let leads = self.graph.leads(start, self.mode, End::Start);
        Some((short, self.best_from(leads, short)?))
    }

    /// The fastest way from a joint, with every step of it.
    #[cfg(test)]
    pub(super) fn find(&mut self, start: &Joint) -> Option<Found> {
        let (short, best) = self.best(start)?;
        self.found(short, best)
    }

    /// The fastest way over one of the leads, with every step of it.
    pub(super) fn find_from(&mut self, leads: Vec<Lead>) -> Option<Found> {
        let best = self.best_from(leads, None)?;
        self.found(None, best)
    }

    fn found(&self, short: Option<ShortCut>, (_, first): Best) -> Option<Found> {
        match first {
            None => short.map(Found::Short),
            Some(first) => Some(self.over_nodes(first)),
        }
    }

    fn route_by(&self, short: Option<ShortCut>, (ms, first): Best) -> Route {
        let over_nodes = first.map(|first| first.metres + self.metres[first.node as usize]);
        let distance_m = over_nodes.or(short.map(|way| way.metres));
        Route {
            distance_m: distance_m.unwrap_or(f64::INFINITY),
            time_s: ms as f64 / 1_000.0,
        }
    }

    /// The fastest way over one of the leads, unless the short cut is as fast.
    fn best_from(&mut self, leads: Vec<Lead>, short: Option<ShortCut>) -> Option<Best> {
        // Among equally fast ways the short cut is taken, then the one over the lower node: what
        // is found must not depend on what was asked before.
        let mut best: Option<Best> = short.map(|way| (way.ms, None));
        let rank = |(ms, lead): &Best| (*ms, lead.map(|lead| lead.node));
        let mut open: Vec<Lead> = leads
            .into_iter()
            .filter(|lead| self.may_arrive(lead.node))
            .collect();
        while !open.is_empty() {
            open.retain(|lead| match self.final_ms(lead.node) {
                Some(ms) => {
                    let found = (lead.ms + ms, Some(*lead));
                    if best.is_none_or(|known| rank(&found) < rank(&known)) {
                        best = Some(found);
                    }
                    false
                }
                // What is not settled yet takes at least as long as what is.
                None => best.is_none_or(|(known_ms, _)| {
                    lead.ms.saturating_add(self.settled_ms) <= known_ms
                }),
            });
            if !open.is_empty() && !self.grow() {
                break;
            }
        }
        best
    }

    /// Whether there can be a way from a node to any end of the destination's edge.
    fn may_arrive(&self, node: u32) -> bool {
        let component = &self.graph.mode(self.mode).component;
        let from = component[node as usize];
        self.leads
            .iter()
            .any(|lead| component[lead.node as usize] <= from)
    }

    fn final_ms(&self, node: u32) -> Option<u64> {
        let ms = self.reached[node as usize].checked_sub(1)?;
        (ms <= self.settled_ms).then_some(ms)
    }

    /// Settles one more node; false when all are.
    fn grow(&mut self) -> bool {
        let graph = self.graph.mode(self.mode);
        while let Some(Reverse((ms, node))) = self.queue.pop() {
            if ms + 1 > self.reached[node as usize] {
                continue;
            }
            self.settled_ms = ms;
            for &number in graph.reaching(node) {
                let arc = graph.arcs[number as usize];
                let known = &mut self.reached[arc.from as usize];
                let total_ms = ms + u64::from(arc.ms);
                if *known == 0 || total_ms + 1 < *known {
                    *known = total_ms + 1;
                    let edge = arc.edge as usize;
                    self.metres[arc.from as usize] =
                        self.metres[node as usize] + self.graph.lengths_m[edge];
                    self.next[arc.from as usize] = number + 1;
                    self.queue.push(Reverse((total_ms, arc.from)));
                }
            }
            return true;
        }
        // Nothing else is ever reached: all that is known is final.
        self.settled_ms = u64::MAX;
        false
    }

    fn over_nodes(&self, first: Lead) -> Found {
        let graph = self.graph.mode(self.mode);
        let mut node = first.node;
        let mut arcs = Vec::new();
        while let Some(number) = self.next[node as usize].checked_sub(1) {
            arcs.push(number);
            node = graph.arcs[number as usize].to;
        }
        let last = self.leads.iter().find(|lead| lead.node == node);
        let last = *last.unwrap_or(&first);
        Found::OverNodes { first, arcs, last }
    }
}

/// Ways to one destination for every way of moving: what ranking a roster asks for.
#[derive(Debug)]
pub struct WaysByMode<'g>([WaysTo<'g>; 3]);

impl<'g> WaysByMode<'g> {
    /// The search for one way of moving.
    pub fn of(&mut self, mode: TravelMode) -> &mut WaysTo<'g> {
        &mut self.0[mode_number(mode)]
    }
}

impl RoadGraph {
    /// A search for each way of moving; one that is never asked costs nothing.
    pub fn ways_by_mode(&self, destination: LonLat) -> WaysByMode<'_> {
        WaysByMode(Self::MODES.map(|mode| self.ways_to(destination, mode)))
    }

    /// The fastest way from one node of the network to another; `None` when there is none, or no
    /// such node.
    pub fn way_between(&self, from: u32, to: u32, mode: TravelMode) -> Option<Way> {
        let (start, destination) = (self.joint_at(from)?, self.joint_at(to)?);
        let [first, last] = [from, to].map(|node| Lead {
            node,
            ms: 0,
            metres: 0.0,
            is_by_road: false,
            is_last: false,
        });
        let found = match &self.hierarchies[mode_number(mode)] {
            Some(hierarchy) => hierarchy.over_nodes(self.mode(mode), &[first], &[last])?.1,
            None => WaysTo::with_leads(self, mode, Some(destination), vec![last])
                .find_from(vec![first])?,
        };
        Some(self.way_of(&start, &destination, &found, mode))
    }

    pub(super) fn route_of(&self, found: &Found, mode: TravelMode) -> Route {
        let (metres, ms) = match found {
            Found::Short(way) => (way.metres, way.ms),
            Found::OverNodes { first, arcs, last } => {
                let graph = self.mode(mode);
                let mut total = (first.metres + last.metres, first.ms + last.ms);
                for number in arcs {
                    let arc = graph.arcs[*number as usize];
                    total.0 += self.lengths_m[arc.edge as usize];
                    total.1 += u64::from(arc.ms);
                }
                total
            }
        };
        Route {
            distance_m: metres,
            time_s: ms as f64 / 1_000.0,
        }
    }

    pub(super) fn way_of(
        &self,
        start: &Joint,
        destination: &Joint,
        found: &Found,
        mode: TravelMode,
    ) -> Way {
        Way {
            route: self.route_of(found, mode),
            points: self.line_of(start, destination, found, mode),
        }
    }

    fn line_of(
        &self,
        start: &Joint,
        destination: &Joint,
        found: &Found,
        mode: TravelMode,
    ) -> Vec<LonLat> {
        let mut points = match found {
            Found::Short(way) => self.short_cut_line(start, destination, way),
            Found::OverNodes { first, arcs, last } => {
                let graph = self.mode(mode);
                let mut line = self.lead_line(start, first);
                line.push(self.network.nodes[first.node as usize]);
                for number in arcs {
                    let arc = graph.arcs[*number as usize];
                    let edge = &self.network.edges[arc.edge as usize];
                    let drawn = edge.via.iter().copied().filter(|point| point.is_on_globe());
                    let begin = line.len();
                    line.extend(drawn);
                    if arc.is_against {
                        line[begin..].reverse();
                    }
                    line.push(self.network.nodes[arc.to as usize]);
                }
                let mut end = self.lead_line(destination, last);
                end.reverse();
                line.append(&mut end);
                line
            }
        };
        // Where a place is a node, or a point is drawn twice.
        points.dedup();
        points
    }
}
