//! Ways on small networks that can be checked by hand; `tests/brute.rs` compares random networks
//! with slow searches that are obviously right.

use super::*;

mod brute;

const WEST: LonLat = LonLat::new(104.0, 30.6);

/// So many metres east and north of [`WEST`].
fn at(east_m: f64, north_m: f64) -> LonLat {
    let per_degree = 6_371_008.8_f64.to_radians();
    let lat = WEST.lat + north_m / per_degree;
    LonLat::new(
        WEST.lon + east_m / per_degree / WEST.lat.to_radians().cos(),
        lat,
    )
}

fn edge(from: u32, to: u32, class: &str) -> RoadEdge {
    RoadEdge {
        from,
        to,
        length_m: 0.0,
        speed_mps: 10.0,
        for_cars: true,
        class: class.to_owned(),
        name: String::new(),
        via: Vec::new(),
    }
}

fn graph(nodes: Vec<LonLat>, edges: Vec<RoadEdge>) -> RoadGraph {
    RoadGraph::new(RoadNetwork { nodes, edges }, &TravelRules::default()).expect("sound")
}

/// A ring of four streets around a block of 400 by 200 m, one-way, anticlockwise from the south-west.
fn one_way_block() -> RoadGraph {
    let nodes = vec![
        at(0.0, 0.0),
        at(400.0, 0.0),
        at(400.0, 200.0),
        at(0.0, 200.0),
    ];
    let edges = [(0, 1), (1, 2), (2, 3), (3, 0)].map(|(a, b)| edge(a, b, "residential"));
    graph(nodes, edges.to_vec())
}

fn assert_near(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance,
        "{found} instead of {expected}"
    );
}

fn metres(graph: &RoadGraph, from: LonLat, to: LonLat, mode: TravelMode) -> f64 {
    graph
        .way(from, to, mode)
        .map_or(f64::INFINITY, |way| way.route.distance_m)
}

#[test]
fn an_edge_to_nowhere_is_an_error() {
    let network = RoadNetwork {
        nodes: vec![WEST, at(9.0, 0.0)],
        edges: vec![edge(0, 1, ""), edge(1, 2, "")],
    };
    let error = RoadGraph::new(network, &TravelRules::default()).expect_err("node 2 is missing");
    assert_eq!((error.edge, error.node, error.nodes), (1, 2, 2));
}

#[test]
fn one_way_streets_bind_vehicles_and_not_walkers() {
    let block = one_way_block();
    // From the middle of the south side to the middle of the east side, and back.
    let (south, east) = (at(200.0, 0.0), at(400.0, 100.0));
    for mode in RoadGraph::MODES {
        assert_near(metres(&block, south, east, mode), 300.0, 0.5);
    }
    assert_near(metres(&block, east, south, TravelMode::Walk), 300.0, 0.5);
    // Three quarters of the way round.
    assert_near(metres(&block, east, south, TravelMode::Car), 900.0, 0.5);
    let car = block
        .way(south, east, TravelMode::Car)
        .expect("a way")
        .route;
    assert_near(car.time_s, 300.0 / 6.0, 0.01);
}

#[test]
fn nobody_in_the_middle_of_a_block_goes_to_a_junction_and_back() {
    let block = one_way_block();
    let (west, east) = (at(150.0, -3.0), at(190.0, 4.0));
    for mode in RoadGraph::MODES {
        assert_near(metres(&block, west, east, mode), 40.0 + 3.0 + 4.0, 0.5);
        // Against the traffic on foot, also for who has a vehicle; a straight line is no road here.
        assert_near(metres(&block, east, west, mode), 40.0 + 3.0 + 4.0, 0.5);
    }
    let way = block.way(west, east, TravelMode::Car).expect("a way");
    assert_eq!(way.points.len(), 4);
    assert_eq!((way.points[0], way.points[3]), (west, east));
}

#[test]
fn who_stands_in_the_same_block_walks_straight_and_nobody_walks_across_a_road() {
    let block = one_way_block();
    // Deep in the block and a few steps apart, nearest to different sides of it.
    let (north, south) = (at(200.0, 103.0), at(200.0, 97.0));
    for mode in RoadGraph::MODES {
        let way = block.way(north, south, mode).expect("a way");
        assert_near(way.route.distance_m, 6.0, 0.1);
        assert_eq!(way.points, [north, south]);
    }
    // As far from each other, but with the corner of the block between them.
    let (inside, outside) = (at(396.0, 196.0), at(404.0, 204.0));
    let way = block.way(inside, outside, TravelMode::Walk).expect("a way");
    assert!(
        way.route.distance_m > inside.distance_m(outside),
        "{:?}",
        way.route
    );
}

#[test]
fn a_car_does_not_start_against_the_traffic_but_its_crew_may_walk_the_last_steps() {
    let block = one_way_block();
    // A matter just behind the crossing that the car reaches first: no need to drive round.
    let matter = at(390.0, 0.0);
    let from = at(400.0, 150.0);
    let by_car = block
        .way(from, matter, TravelMode::Car)
        .expect("a way")
        .route;
    assert_near(by_car.distance_m, 50.0 + 400.0 + 200.0 + 390.0, 1.0);
    let next_street = at(400.0, 100.0);
    let there = block
        .way(at(395.0, 0.0), next_street, TravelMode::Car)
        .expect("a way")
        .route;
    assert_near(there.distance_m, 105.0, 0.5);
    // On the way out the last street is driven, on the way in its end is left on foot.
    let into = block
        .way(at(300.0, 0.0), at(10.0, 200.0), TravelMode::Car)
        .expect("a way")
        .route;
    assert_near(into.distance_m, 100.0 + 200.0 + 390.0, 1.0);
    let past = block
        .way(at(0.0, 150.0), at(0.0, 170.0), TravelMode::Car)
        .expect("a way")
        .route;
    assert_near(past.distance_m, 20.0, 0.5);
    assert_near(past.time_s, 20.0 / 1.3, 0.1);
}

#[test]
fn a_crossing_is_left_in_any_direction() {
    // A street into the crossing and one out of it; the car stands four metres beyond.
    let nodes = vec![
        at(0.0, 0.0),
        at(200.0, 0.0),
        at(400.0, 0.0),
        at(200.0, 200.0),
    ];
    let edges = vec![edge(0, 1, ""), edge(1, 2, ""), edge(1, 3, "")];
    let crossing = graph(nodes, edges);
    let to = at(200.0, 100.0);
    assert_near(
        metres(&crossing, at(204.0, 0.0), to, TravelMode::Car),
        104.0,
        0.5,
    );
    assert!(metres(&crossing, at(230.0, 0.0), to, TravelMode::Car).is_infinite());
    assert_near(
        metres(&crossing, at(230.0, 0.0), to, TravelMode::Walk),
        130.0,
        0.5,
    );
}

#[test]
fn both_directions_of_a_street_may_be_drawn_apart() {
    let nodes = vec![at(0.0, 0.0), at(400.0, 0.0)];
    let mut east = edge(0, 1, "primary");
    east.via = vec![at(20.0, -8.0), at(380.0, -8.0)];
    let mut west = edge(1, 0, "primary");
    west.via = vec![at(380.0, 8.0), at(20.0, 8.0)];
    let street = graph(nodes, vec![east, west]);
    // Beside the eastbound line, but free to turn west.
    let way = street
        .way(at(100.0, -9.0), at(0.0, 0.0), TravelMode::Car)
        .expect("a way")
        .route;
    assert!(way.distance_m < 110.0, "{way:?}");
}

#[test]
fn an_unreachable_place_has_no_way_and_says_so_at_once() {
    let block = one_way_block();
    let far = at(0.0, 9_000.0);
    for mode in RoadGraph::MODES {
        assert_eq!(block.way(far, WEST, mode), None, "too far from any road");
        assert_eq!(block.way(WEST, far, mode), None);
        assert_eq!(block.way(LonLat::new(f64::NAN, 30.0), WEST, mode), None);
        assert_eq!(
            block.way(WEST, LonLat::new(104.0, f64::INFINITY), mode),
            None
        );
    }
    // A footpath on an island of its own, and a one-way street that only leads away.
    let nodes = vec![
        at(0.0, 0.0),
        at(300.0, 0.0),
        at(600.0, 0.0),
        at(0.0, 900.0),
        at(300.0, 900.0),
    ];
    let edges = vec![edge(0, 1, ""), edge(1, 2, ""), edge(3, 4, "footway")];
    let parts = graph(nodes, edges);
    assert_eq!(
        parts.way(at(0.0, 0.0), at(150.0, 900.0), TravelMode::Walk),
        None
    );
    let mut back = parts.ways_to(at(100.0, 0.0), TravelMode::Car);
    assert_eq!(back.route(at(500.0, 0.0)), None);
    assert!(
        back.reached_nodes() <= 2,
        "components answer without a search"
    );
    assert!(
        parts
            .way(at(100.0, 0.0), at(500.0, 0.0), TravelMode::Car)
            .is_some()
    );
}

#[test]
fn an_empty_network_has_no_ways() {
    for network in [
        RoadNetwork::default(),
        RoadNetwork {
            nodes: vec![WEST],
            edges: Vec::new(),
        },
    ] {
        let mut empty = RoadGraph::new(network, &TravelRules::default()).expect("nothing is sound");
        for mode in RoadGraph::MODES {
            empty.prepare(mode);
            assert_eq!(empty.way(WEST, WEST, mode), None);
            assert_eq!(empty.ways_to(WEST, mode).route(WEST), None);
        }
    }
}

#[test]
fn absurd_edges_are_left_out_and_the_others_serve() {
    let nowhere = LonLat::new(f64::NAN, 30.6);
    let nodes = vec![
        at(0.0, 0.0),
        at(200.0, 0.0),
        nowhere,
        LonLat::new(-76.0, -30.6),
    ];
    let mut bent = edge(0, 1, "");
    bent.via = vec![nowhere, at(100.0, 0.0)];
    bent.length_m = f32::NAN;
    let mut endless = edge(1, 0, "");
    endless.length_m = f32::INFINITY;
    let edges = vec![
        edge(0, 2, ""),
        edge(2, 1, ""),
        edge(0, 3, ""),
        edge(3, 1, ""),
        edge(0, 0, ""),
        bent,
        endless,
    ];
    let odd = graph(nodes, edges);
    for mode in RoadGraph::MODES {
        assert_near(metres(&odd, at(0.0, 0.0), at(200.0, 0.0), mode), 200.0, 0.5);
        assert_near(metres(&odd, at(200.0, 0.0), at(0.0, 0.0), mode), 200.0, 0.5);
        let way = odd.way(at(0.0, 0.0), at(200.0, 0.0), mode).expect("a way");
        assert!(
            way.points.iter().all(|point| point.is_on_globe()),
            "{:?}",
            way.points
        );
    }
}
