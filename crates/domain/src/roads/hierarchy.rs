//! One pair at a time on a large network, by a contraction hierarchy.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use fast_paths::{FastGraph, InputGraph, PathCalculator};

use super::arcs::ModeGraph;
use super::joints::{End, Lead};
use super::search::{Found, Way};
use super::{RoadGraph, TravelMode};
use crate::places::LonLat;

/// The contracted graph of one mode.
pub struct Hierarchy {
    graph: FastGraph,
    /// Working memory of searches, which is large; one search takes it and puts it back.
    calculator: Mutex<Option<PathCalculator>>,
}

impl fmt::Debug for Hierarchy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hierarchy")
            .field("nodes", &self.graph.get_num_nodes())
            .finish_non_exhaustive()
    }
}

impl Hierarchy {
    /// Contracts the graph; `None` where there is nothing to contract, or where the sum of all
    /// times does not fit the machine's word (32 bits in WebAssembly), in which the library counts.
    pub fn new(graph: &ModeGraph) -> Option<Self> {
        let sum_ms: u64 = graph.arcs.iter().map(|arc| u64::from(arc.ms)).sum();
        // Leads at both ends, and comparisons that add one more, stay within the other half.
        let fits = usize::try_from(sum_ms).is_ok_and(|sum| sum < usize::MAX / 2);
        if graph.arcs.is_empty() || !fits {
            return None;
        }
        let mut input = InputGraph::new();
        for arc in &graph.arcs {
            input.add_edge(arc.from as usize, arc.to as usize, arc.ms as usize);
        }
        input.freeze();
        Some(Self {
            graph: fast_paths::prepare(&input),
            calculator: Mutex::new(None),
        })
    }

    /// Bytes of the contracted graph: the library keeps five words for each of its edges and three
    /// for each node. The working memory of searches comes on top, eight words for each node.
    pub fn bytes(&self) -> usize {
        let edges = self.graph.get_num_in_edges() + self.graph.get_num_out_edges();
        size_of::<usize>() * (edges * 5 + self.graph.get_num_nodes() * 3)
    }

    /// The fastest way between two places.
    pub fn way(
        &self,
        graph: &RoadGraph,
        from: LonLat,
        to: LonLat,
        mode: TravelMode,
    ) -> Option<Way> {
        let (start, destination) = (graph.joint(from, mode)?, graph.joint(to, mode)?);
        let short = graph.short_cut(&start, &destination, mode);
        let firsts = graph.leads(&start, mode, End::Start);
        let lasts = graph.leads(&destination, mode, End::Destination);
        let over_nodes = self.over_nodes(graph.mode(mode), &firsts, &lasts);
        let found = match (short, over_nodes) {
            (Some(short), Some((ms, _))) if short.ms <= ms => Found::Short(short),
            (_, Some((_, found))) => found,
            (short, None) => Found::Short(short?),
        };
        Some(graph.way_of(&start, &destination, &found, mode))
    }

    pub(super) fn over_nodes(
        &self,
        graph: &ModeGraph,
        firsts: &[Lead],
        lasts: &[Lead],
    ) -> Option<(u64, Found)> {
        // The library knows no nodes beyond the last one with an arc, so that where both places
        // touch one node is seen here.
        let at_one_node = firsts
            .iter()
            .flat_map(|first| lasts.iter().map(move |last| (*first, *last)))
            .filter(|(first, last)| first.node == last.node)
            .map(|(first, last)| {
                (
                    first.ms + last.ms,
                    Found::OverNodes {
                        first,
                        arcs: Vec::new(),
                        last,
                    },
                )
            })
            .min_by_key(|(ms, _)| *ms);
        let over_arcs = self.over_arcs(graph, firsts, lasts);
        at_one_node
            .into_iter()
            .chain(over_arcs)
            .min_by_key(|(ms, _)| *ms)
    }

    fn over_arcs(
        &self,
        graph: &ModeGraph,
        firsts: &[Lead],
        lasts: &[Lead],
    ) -> Option<(u64, Found)> {
        let known = |leads: &[Lead]| -> Vec<(usize, usize)> {
            let count = self.graph.get_num_nodes();
            let known = leads.iter().filter(|lead| (lead.node as usize) < count);
            known
                .map(|lead| (lead.node as usize, lead.ms as usize))
                .collect()
        };
        let (starts, ends) = (known(firsts), known(lasts));
        if starts.is_empty() || ends.is_empty() {
            return None;
        }
        let mut calculator = self
            .calculator
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .unwrap_or_else(|| fast_paths::create_calculator(&self.graph));
        let path = calculator.calc_path_multiple_sources_and_targets(&self.graph, starts, ends);
        *self
            .calculator
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(calculator);
        let path = path?;
        let nodes = path.get_nodes();
        let arcs = nodes
            .windows(2)
            .map(|pair| graph.number(pair[0] as u32, pair[1] as u32))
            .collect::<Option<Vec<u32>>>()?;
        let lead = |leads: &[Lead], node: Option<&usize>| {
            leads
                .iter()
                .find(|lead| Some(&(lead.node as usize)) == node)
                .copied()
        };
        let (first, last) = (lead(firsts, nodes.first())?, lead(lasts, nodes.last())?);
        Some((
            path.get_weight() as u64,
            Found::OverNodes { first, arcs, last },
        ))
    }
}
