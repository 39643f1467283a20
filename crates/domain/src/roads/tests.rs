//! Searches over the road graph against a slow search that is obviously right.

use proptest::prelude::*;

use super::*;

const MODES: [TravelMode; 3] = [TravelMode::Walk, TravelMode::EBike, TravelMode::Car];

fn edge(from: u32, to: u32, length_m: f32, for_cars: bool) -> RoadEdge {
    RoadEdge {
        from,
        to,
        length_m,
        speed_mps: 10.0,
        for_cars,
        class: String::new(),
        name: String::new(),
        via: Vec::new(),
    }
}

/// Nodes on a line, about 96 m apart.
fn nodes(count: u32) -> Vec<LonLat> {
    (0..count)
        .map(|i| LonLat::new(104.0 + f64::from(i) * 0.001, 30.6))
        .collect()
}

fn graph(count: u32, edges: Vec<RoadEdge>) -> RoadGraph {
    let nodes = nodes(count);
    RoadGraph::new(RoadNetwork { nodes, edges }).expect("edges name nodes that are there")
}

/// Bellman-Ford: relaxes every edge as often as there are nodes.
fn slow_times(graph: &RoadGraph, goal: u32, mode: TravelMode) -> Vec<f64> {
    let network = graph.network();
    let mut times = vec![f64::INFINITY; network.nodes.len()];
    times[goal as usize] = 0.0;
    for _ in 0..network.nodes.len() {
        for edge in &network.edges {
            if let Some(cost_s) = edge_time_s(edge, mode) {
                let time = times[edge.to as usize] + cost_s;
                times[edge.from as usize] = times[edge.from as usize].min(time);
            }
        }
    }
    times
}

#[test]
fn an_edge_to_nowhere_is_an_error() {
    let network = RoadNetwork {
        nodes: nodes(2),
        edges: vec![edge(0, 1, 1.0, true), edge(1, 2, 1.0, true)],
    };
    let error = RoadGraph::new(network).expect_err("node 2 is missing");
    assert_eq!((error.edge, error.node, error.nodes), (1, 2, 2));
}

#[test]
fn one_way_streets_and_footways_are_respected() {
    let g = graph(3, vec![edge(0, 1, 100.0, true), edge(1, 2, 100.0, false)]);
    let places = nodes(3);
    let way = |from: usize, to: usize, mode| {
        let times = g.times_to(places[to], mode);
        g.route(places[from], &times)
    };
    assert!(way(0, 2, TravelMode::Walk).is_some());
    assert!(way(0, 2, TravelMode::Car).is_none());
    assert!(way(2, 0, TravelMode::Walk).is_none());
    let walk = way(0, 1, TravelMode::Walk).expect("a way");
    let car = way(0, 1, TravelMode::Car).expect("a way");
    assert!((walk.distance_m - 100.0).abs() < 1e-6 && car.time_s < walk.time_s);
}

#[test]
fn an_empty_network_has_no_ways_and_somebody_on_the_spot_needs_none() {
    let empty = RoadGraph::new(RoadNetwork::default()).expect("nothing is sound");
    let here = LonLat::new(104.0, 30.6);
    let times = empty.times_to(here, TravelMode::Walk);
    assert_eq!(empty.route(here, &times), None);
    assert_eq!(empty.path(here, &times, TravelMode::Walk), None);

    let g = graph(2, vec![edge(0, 1, 100.0, true), edge(1, 0, 100.0, true)]);
    // Both stand half-way along the edge, twenty metres apart.
    let matter = LonLat::new(104.000_4, 30.600_1);
    let person = LonLat::new(104.000_6, 30.600_1);
    let route = g
        .route(person, &g.times_to(matter, TravelMode::Walk))
        .expect("a way");
    assert!(route.distance_m < 25.0, "{}", route.distance_m);
}

prop_compose! {
    fn any_graph()(count in 2u32..12)(
        edges in prop::collection::vec(
            (0..count, 0..count, 1.0f32..2_000.0, any::<bool>()), 0..40),
        count in Just(count),
    ) -> RoadGraph {
        let edges = edges.into_iter().map(|(a, b, length, cars)| edge(a, b, length, cars));
        graph(count, edges.collect())
    }
}

proptest! {
    #[test]
    fn times_equal_those_of_the_slow_search(g in any_graph(), goal in any::<prop::sample::Index>()) {
        let places = g.network().nodes.clone();
        let goal = goal.index(places.len());
        for mode in MODES {
            let times = g.times_to(places[goal], mode);
            let expected = slow_times(&g, goal as u32, mode);
            for (found, expected) in times.time_s.iter().zip(expected) {
                let is_same = (found - expected).abs() < 1e-6 * (1.0 + expected)
                    || (found.is_infinite() && expected.is_infinite());
                prop_assert!(is_same, "{found} instead of {expected}");
            }
        }
    }

    #[test]
    fn a_path_follows_edges_and_takes_the_time_of_its_route(
        g in any_graph(),
        ends in any::<(prop::sample::Index, prop::sample::Index)>(),
    ) {
        let network = g.network();
        let start = ends.0.index(network.nodes.len());
        let goal = network.nodes[ends.1.index(network.nodes.len())];
        for mode in MODES {
            let times = g.times_to(goal, mode);
            let path = g.path(network.nodes[start], &times, mode);
            prop_assert_eq!(path.is_some(), times.time_s[start].is_finite());
            let Some(path) = path else { continue };
            let mut time_s = 0.0;
            // First and last point are the places themselves; between them lie nodes.
            for leg in path[1..path.len() - 1].windows(2) {
                let at = |p: LonLat| network.nodes.iter().position(|n| *n == p).expect("a node");
                let (from, to) = (at(leg[0]), at(leg[1]));
                let fastest = network.edges.iter()
                    .filter(|e| (e.from as usize, e.to as usize) == (from, to))
                    .filter_map(|e| edge_time_s(e, mode))
                    .fold(f64::INFINITY, f64::min);
                prop_assert!(fastest.is_finite(), "the path leaves the roads");
                time_s += fastest;
            }
            prop_assert!((time_s - times.time_s[start]).abs() < 1e-3 * (1.0 + time_s));
            prop_assert_eq!(path.last(), Some(&goal));
        }
    }
}
