//! Random networks against slow searches that are obviously right.

#![allow(
    clippy::float_cmp,
    reason = "times are whole milliseconds, and equal means equal"
)]

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::arcs::ModeGraph;
use super::super::joints::{End, Joint, Lead};
use super::super::travel::{Use, access};
use super::*;

const CLASSES: [&str; 6] = ["", "residential", "trunk", "footway", "cycleway", "steps"];

prop_compose! {
    /// Up to ten nodes within a kilometre, some in the same place, and edges with everything that
    /// occurs in files: loops, parallels, no length, wrong lengths, bends.
    fn any_network()(nodes in prop::collection::vec((0i32..12, 0i32..12), 1..10))(
        edges in prop::collection::vec(any_edge(nodes.len() as u32), 0..26),
        nodes in Just(nodes),
    ) -> RoadNetwork {
        let node = |(x, y): &(i32, i32)| at(f64::from(*x) * 90.0, f64::from(*y) * 70.0);
        RoadNetwork { nodes: nodes.iter().map(node).collect(), edges }
    }
}

prop_compose! {
    fn any_edge(nodes: u32)(
        from in 0..nodes,
        to in 0..nodes,
        length_m in prop_oneof![Just(0.0f32), Just(f32::NAN), 0.0f32..3_000.0],
        speed_mps in prop_oneof![Just(0.0f32), Just(f32::NAN), 1.0f32..50.0],
        for_cars in any::<bool>(),
        class in prop::sample::select(CLASSES.to_vec()),
        via in prop::collection::vec((0.0..1_000.0f64, 0.0..800.0f64), 0..3),
    ) -> RoadEdge {
        let via = via.into_iter().map(|(east, north)| at(east, north)).collect();
        RoadEdge { from, to, length_m, speed_mps, for_cars, class: class.to_owned(), name: String::new(), via }
    }
}

fn any_place() -> impl Strategy<Value = LonLat> {
    (-300.0..1_300.0f64, -300.0..1_100.0f64).prop_map(|(east, north)| at(east, north))
}

fn any_mode() -> impl Strategy<Value = TravelMode> {
    prop::sample::select(RoadGraph::MODES.to_vec())
}

fn ready(network: RoadNetwork, is_prepared: bool) -> RoadGraph {
    let mut graph = graph(network.nodes, network.edges);
    for mode in RoadGraph::MODES.into_iter().filter(|_| is_prepared) {
        graph.prepare(mode);
    }
    graph
}

/// Seconds of an edge by the rules alone, in its own direction and against it.
fn edge_s(network: &RoadNetwork, edge: &RoadEdge, mode: TravelMode) -> (Option<f64>, Option<f64>) {
    let rules = TravelRules::default();
    let mut line = vec![network.nodes[edge.from as usize]];
    line.extend(&edge.via);
    line.push(network.nodes[edge.to as usize]);
    let drawn_m: f64 = line
        .windows(2)
        .map(|pair| pair[0].distance_m(pair[1]))
        .sum();
    let length_m = drawn_m.max(f64::from(if edge.length_m.is_nan() {
        0.0
    } else {
        edge.length_m
    }));
    let row = access(&edge.class);
    let (usage, speed_mps) = match mode {
        TravelMode::Walk => (row.walk, rules.walk_mps),
        TravelMode::EBike if row.ebike == Use::Pushed => (row.ebike, rules.walk_mps),
        TravelMode::EBike => (row.ebike, rules.ebike_mps),
        TravelMode::Car if !edge.for_cars => (Use::Barred, 1.0),
        TravelMode::Car => {
            let permitted = f64::from(if edge.speed_mps.is_nan() {
                0.0
            } else {
                edge.speed_mps
            });
            (
                row.car,
                permitted.clamp(1.0, rules.car_most_mps) * rules.car_share,
            )
        }
    };
    let time_s = Some(length_m / speed_mps);
    match usage {
        Use::Barred => (None, None),
        Use::WithTraffic => (time_s, None),
        Use::BothWays | Use::Pushed => (time_s, time_s),
    }
}

/// All pairs by Floyd and Warshall, from the network and the rules, in whatever `cost` makes of
/// seconds.
fn all_pairs(network: &RoadNetwork, mode: TravelMode, cost: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
    let count = network.nodes.len();
    let mut table = vec![vec![f64::INFINITY; count]; count];
    for (node, row) in table.iter_mut().enumerate() {
        row[node] = 0.0;
    }
    for edge in &network.edges {
        let (along, against) = edge_s(network, edge, mode);
        let (from, to) = (edge.from as usize, edge.to as usize);
        for (a, b, time_s) in [(from, to, along), (to, from, against)] {
            if let Some(time_s) = time_s {
                table[a][b] = table[a][b].min(cost(time_s));
            }
        }
    }
    for middle in 0..count {
        for from in 0..count {
            for to in 0..count {
                let over = table[from][middle] + table[middle][to];
                table[from][to] = table[from][to].min(over);
            }
        }
    }
    table
}

/// Milliseconds as searches count them.
fn whole_ms(time_s: f64) -> f64 {
    (time_s * 1_000.0).ceil().max(1.0)
}

/// The fastest of all combinations of leads, and of the way without nodes.
fn slow_ms(graph: &RoadGraph, from: LonLat, to: LonLat, mode: TravelMode) -> Option<u64> {
    let (start, destination) = (graph.joint(from, mode)?, graph.joint(to, mode)?);
    let table = all_pairs(graph.network(), mode, whole_ms);
    let mut best = graph
        .short_cut(&start, &destination, mode)
        .map(|way| way.ms);
    for first in graph.leads(&start, mode, End::Start) {
        for last in graph.leads(&destination, mode, End::Destination) {
            let between = table[first.node as usize][last.node as usize];
            if between.is_finite() {
                let total = first.ms + between as u64 + last.ms;
                best = Some(best.map_or(total, |known| known.min(total)));
            }
        }
    }
    best
}

/// The nearest point of any open edge, by looking at all.
fn slow_approach_m(graph: &RoadGraph, place: LonLat, mode: TravelMode) -> f64 {
    let network = graph.network();
    let open = network
        .edges
        .iter()
        .filter(|edge| edge_s(network, edge, mode) != (None, None));
    open.flat_map(|edge| {
        let line: Vec<LonLat> = network.line(edge).collect();
        let points = line.windows(2).flat_map(|pair| {
            let (a, b) = (pair[0], pair[1]);
            (0..=400).map(move |i| a.towards(b, f64::from(i) / 400.0))
        });
        points
            .map(|point| place.distance_m(point))
            .collect::<Vec<f64>>()
    })
    .fold(f64::INFINITY, f64::min)
}

fn lead_to(leads: &[Lead], node: u32) -> Option<&Lead> {
    leads.iter().find(|lead| lead.node == node)
}

proptest! {
    #[test]
    fn both_searches_find_the_fastest_way(
        network in any_network(),
        places in prop::collection::vec(any_place(), 1..6),
        to in any_place(),
        mode in any_mode(),
    ) {
        let (plain, prepared) = (ready(network.clone(), false), ready(network, true));
        let mut ways = plain.ways_to(to, mode);
        for from in places {
            let expected = slow_ms(&plain, from, to, mode).map(|ms| ms as f64 / 1_000.0);
            let seconds = |way: Option<Way>| way.map(|way| way.route.time_s);
            prop_assert_eq!(ways.route(from).map(|route| route.time_s), expected);
            // What was asked before changes nothing, not even which of two equal ways is taken.
            prop_assert_eq!(ways.way(from), plain.way(from, to, mode));
            prop_assert_eq!(seconds(plain.way(from, to, mode)), expected);
            prop_assert_eq!(seconds(prepared.way(from, to, mode)), expected);
        }
    }

    #[test]
    fn all_pairs_of_nodes_are_right(network in any_network(), mode in any_mode()) {
        let (plain, prepared) = (ready(network.clone(), false), ready(network, true));
        let table = all_pairs(plain.network(), mode, whole_ms);
        let arcs = plain.mode(mode);
        for (from, row) in (0u32..).zip(&table) {
            for (to, expected) in (0u32..).zip(row) {
                for graph in [&plain, &prepared] {
                    let way = graph.way_between(from, to, mode);
                    let found_s = way.map_or(f64::INFINITY, |way| way.route.time_s);
                    prop_assert_eq!(found_s, expected / 1_000.0, "{} to {}", from, to);
                }
                // An arc never leads to a component of a higher number, and nobody comes back to
                // a lower one.
                if from != to && expected.is_finite() {
                    let number = |node: u32| arcs.component[node as usize];
                    prop_assert!(number(from) >= number(to));
                    let is_mutual = table[to as usize][from as usize].is_finite();
                    prop_assert_eq!(number(from) == number(to), is_mutual);
                }
            }
        }
    }

    #[test]
    fn rounding_costs_less_than_a_millisecond_an_edge(network in any_network(), mode in any_mode()) {
        let exact = all_pairs(&network, mode, |time_s| time_s * 1_000.0);
        let rounded = all_pairs(&network, mode, whole_ms);
        for (exact, rounded) in exact.iter().flatten().zip(rounded.iter().flatten()) {
            // A fastest way passes no node twice, so it has fewer edges than there are nodes.
            let edges = network.nodes.len() as f64;
            prop_assert!(exact.is_finite() == rounded.is_finite());
            prop_assert!(!exact.is_finite() || (exact - 1e-6 <= *rounded && *rounded <= exact + edges));
        }
    }

    #[test]
    fn a_way_is_made_of_legal_steps_and_is_as_long_as_it_says(
        network in any_network(),
        from in any_place(),
        to in any_place(),
        mode in any_mode(),
        is_prepared in any::<bool>(),
    ) {
        let graph = ready(network, is_prepared);
        let Some(way) = graph.way(from, to, mode) else { return Ok(()) };
        prop_assert_eq!((way.points.first(), way.points.last()), (Some(&from), Some(&to)));
        let drawn_m = line_m(way.points.iter().copied());
        prop_assert!(drawn_m <= way.route.distance_m * (1.0 + 1e-6) + 0.01, "{} m drawn", drawn_m);
        let has_stated_lengths = graph.network.edges.iter().any(|edge| edge.length_m > 0.0);
        prop_assert!(has_stated_lengths || drawn_m >= way.route.distance_m - 0.01 * (2.0 + drawn_m));
        check_steps(&graph, &way, from, to, mode)?;
    }

    #[test]
    fn the_road_point_is_the_nearest(network in any_network(), place in any_place(), mode in any_mode()) {
        let graph = ready(network, false);
        let expected = slow_approach_m(&graph, place, mode);
        match graph.joint(place, mode) {
            Some(joint) => {
                prop_assert!(joint.on.approach_m <= expected + 0.1, "{} and {}", joint.on.approach_m, expected);
                prop_assert!((0.0..=1.0).contains(&joint.on.share));
            }
            None => prop_assert!(expected.is_infinite()),
        }
    }

    #[test]
    fn the_nearest_road_point_never_loses_to_the_nearest_node(
        network in any_network(),
        from in any_place(),
        to in any_place(),
        mode in any_mode(),
    ) {
        let graph = ready(network, false);
        let (Some(start), Some(end)) = (graph.joint(from, mode), graph.joint(to, mode)) else { return Ok(()) };
        let table = all_pairs(graph.network(), mode, whole_ms);
        let walk_ms = |place: LonLat, node: u32| {
            graph.rules.walk_ms(place.distance_m(graph.network.nodes[node as usize])) as f64
        };
        let ends = |joint: &Joint| {
            let edge = &graph.network.edges[joint.on.edge as usize];
            [edge.from, edge.to]
        };
        let found_ms = graph.way(from, to, mode).map_or(f64::INFINITY, |way| way.route.time_s * 1_000.0);
        let leads = graph.leads(&start, mode, End::Start);
        for first in ends(&start) {
            // A car stands where its crew is: nobody walks to the crossing and drives from there.
            let first_ms = match mode {
                TravelMode::Car => lead_to(&leads, first).map_or(f64::INFINITY, |lead| lead.ms as f64),
                _ => walk_ms(from, first),
            };
            for last in ends(&end) {
                let by_nodes = first_ms + table[first as usize][last as usize] + walk_ms(to, last);
                prop_assert!(found_ms <= by_nodes + 0.5, "{} and {}", found_ms, by_nodes);
            }
        }
    }

    #[test]
    fn no_way_is_faster_or_shorter_than_the_crow_flies(
        network in any_network(),
        from in any_place(),
        to in any_place(),
        mode in any_mode(),
    ) {
        let graph = ready(network, false);
        let Some(way) = graph.way(from, to, mode) else { return Ok(()) };
        let crow_m = from.distance_m(to) * (1.0 - 1e-6);
        prop_assert!(way.route.distance_m >= crow_m);
        prop_assert!(way.route.time_s >= crow_m / graph.fastest_mps(mode), "{:?}", way.route);
    }

    #[test]
    fn the_order_of_the_edges_changes_no_time(
        network in any_network(),
        order in prop::collection::vec(any::<Index>(), 26),
        from in any_place(),
        to in any_place(),
        mode in any_mode(),
    ) {
        let graph = ready(network.clone(), true);
        prop_assert_eq!(graph.way(from, to, mode), ready(network.clone(), true).way(from, to, mode));
        // Edges that are not drawn in the same place: otherwise, as at the crossing of two, either
        // may be the nearest, and each has ends of its own from which people walk.
        let mut shuffled = network.clone();
        for (i, index) in order.iter().enumerate().take(shuffled.edges.len()) {
            let other = index.index(shuffled.edges.len());
            shuffled.edges.swap(i, other);
        }
        let shuffled = ready(shuffled, true);
        let same = |place| {
            let joints = [&graph, &shuffled].map(|graph| graph.joint(place, mode));
            let [Some(a), Some(b)] = joints else { return false };
            graph.network.edges[a.on.edge as usize].via == shuffled.network.edges[b.on.edge as usize].via
                && a.on.point == b.on.point
                && a.on.share == b.on.share
                && [End::Start, End::Destination]
                    .into_iter()
                    .all(|end| graph.leads(&a, mode, end) == shuffled.leads(&b, mode, end))
        };
        prop_assume!(same(from) && same(to));
        let time = |graph: &RoadGraph| graph.way(from, to, mode).map(|way| way.route.time_s);
        prop_assert_eq!(time(&graph), time(&shuffled));
    }
}

/// Every arc of the way is allowed by the rules, follows the one before, and the sum is the time.
fn check_steps(
    graph: &RoadGraph,
    way: &Way,
    from: LonLat,
    to: LonLat,
    mode: TravelMode,
) -> Result<(), TestCaseError> {
    let arcs: &ModeGraph = graph.mode(mode);
    let (Some(start), Some(_)) = (graph.joint(from, mode), graph.joint(to, mode)) else {
        return Err(TestCaseError::fail(
            "a way between places that are on no road",
        ));
    };
    let mut ways = graph.ways_to(to, mode);
    let Some(search::Found::OverNodes {
        first,
        arcs: steps,
        last,
    }) = ways.find(&start)
    else {
        return Ok(());
    };
    let (mut node, mut total_ms) = (first.node, first.ms + last.ms);
    for number in steps {
        let arc = arcs.arcs[number as usize];
        let edge = &graph.network.edges[arc.edge as usize];
        let ends = if arc.is_against {
            (edge.to, edge.from)
        } else {
            (edge.from, edge.to)
        };
        prop_assert_eq!((arc.from, arc.to), ends);
        prop_assert_eq!(arc.from, node);
        let (along, against) = edge_s(&graph.network, edge, mode);
        let allowed = if arc.is_against { against } else { along };
        prop_assert_eq!(allowed.map(whole_ms), Some(f64::from(arc.ms)));
        node = arc.to;
        total_ms += u64::from(arc.ms);
    }
    prop_assert_eq!(node, last.node);
    prop_assert_eq!(total_ms as f64 / 1_000.0, way.route.time_s);
    Ok(())
}
