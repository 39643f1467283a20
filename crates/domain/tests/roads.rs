//! A real part of a city as a road graph.

#![allow(clippy::print_stdout, reason = "a test says why it was skipped")]

use std::collections::BTreeMap;
use std::path::Path;

use domain::LonLat;
use domain::people::TravelMode;
use domain::roads::{RoadEdge, RoadGraph, RoadNetwork, TravelRules};
use serde_json::Value;

const FILE: &str = "../../../shared/data/chengdu-wuhou-roads.geojson";

/// The roads of Wuhou; `None`, said aloud, where the file is absent.
fn wuhou() -> Option<RoadNetwork> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: there is no {}", path.display());
        return None;
    };
    let file: Value = serde_json::from_str(&text).expect("JSON");
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    let mut network = RoadNetwork::default();
    for feature in file["features"].as_array().expect("features") {
        let properties = &feature["properties"];
        let coordinates = feature["geometry"]["coordinates"]
            .as_array()
            .expect("a line");
        let points: Vec<LonLat> = coordinates
            .iter()
            .map(|pair| {
                LonLat::new(
                    pair[0].as_f64().expect("lon"),
                    pair[1].as_f64().expect("lat"),
                )
            })
            .collect();
        let mut node = |name: &str, place: LonLat| {
            let id = properties[name].as_str().expect("a node").to_owned();
            *numbers.entry(id).or_insert_with(|| {
                network.nodes.push(place);
                network.nodes.len() as u32 - 1
            })
        };
        let (from, to) = (
            node("from", points[0]),
            node("to", points[points.len() - 1]),
        );
        network.edges.push(RoadEdge {
            from,
            to,
            length_m: 0.0,
            speed_mps: properties["speed_mps"].as_f64().expect("a speed") as f32,
            for_cars: true,
            class: properties["class"].as_str().expect("a class").to_owned(),
            name: String::new(),
            via: points[1..points.len() - 1].to_vec(),
        });
    }
    Some(network)
}

/// Every step once, relaxed until nothing changes (Bellman and Ford).
fn times_to(graph: &RoadGraph, goal: u32, mode: TravelMode) -> Vec<Option<u64>> {
    let mut times: Vec<Option<u64>> = vec![None; graph.network().nodes.len()];
    times[goal as usize] = Some(0);
    let mut changes = true;
    while changes {
        changes = false;
        for (from, to, ms) in graph.steps(mode) {
            let Some(over) = times[to as usize].map(|time| time + u64::from(ms)) else {
                continue;
            };
            let known = &mut times[from as usize];
            if known.is_none_or(|known| over < known) {
                *known = Some(over);
                changes = true;
            }
        }
    }
    times
}

#[test]
fn wuhou_has_459_nodes_and_372_of_them_are_strongly_connected() {
    let Some(network) = wuhou() else { return };
    assert_eq!((network.nodes.len(), network.edges.len()), (459, 852));
    let graph = RoadGraph::new(network, &TravelRules::default()).expect("sound");
    assert_eq!(graph.largest_connected(TravelMode::Car), 372);
    // Walkers are bound by no one-way sign, but may not enter the urban expressway.
    let on_foot = graph.largest_connected(TravelMode::Walk);
    assert!((420..=459).contains(&on_foot), "{on_foot}");
    let by_bicycle = graph.largest_connected(TravelMode::EBike);
    assert!((300..372).contains(&by_bicycle), "{by_bicycle}");
}

#[test]
fn every_way_across_wuhou_is_the_fastest_and_unreachable_pairs_have_none() {
    let Some(network) = wuhou() else { return };
    let mut graph = RoadGraph::new(network, &TravelRules::default()).expect("sound");
    for mode in RoadGraph::MODES {
        graph.prepare(mode);
        let (mut ways, mut none) = (0, 0);
        for goal in (0..459).step_by(23) {
            let expected = times_to(&graph, goal, mode);
            for from in 0..459 {
                let way = graph.way_between(from, goal, mode);
                let found_ms = way.map(|way| (way.route.time_s * 1_000.0).round() as u64);
                assert_eq!(
                    found_ms, expected[from as usize],
                    "{mode:?} from {from} to {goal}"
                );
                *if found_ms.is_some() {
                    &mut ways
                } else {
                    &mut none
                } += 1;
            }
        }
        // The cut-out ends streets at its border, so that both kinds of pair occur.
        assert!(
            ways > none && none > 0,
            "{mode:?}: {ways} ways, {none} pairs without"
        );
    }
}

#[test]
fn one_search_and_single_ways_agree_from_any_place_in_wuhou() {
    let Some(network) = wuhou() else { return };
    let plain = RoadGraph::new(network.clone(), &TravelRules::default()).expect("sound");
    let mut prepared = RoadGraph::new(network, &TravelRules::default()).expect("sound");
    let place = |i: u32| {
        let (column, row) = (f64::from(i % 20), f64::from(i / 20));
        LonLat::new(104.039 + column * 0.0019, 30.620 + row * 0.0021)
    };
    for mode in RoadGraph::MODES {
        prepared.prepare(mode);
        for destination in [place(7), place(133), place(250)] {
            let mut ways = plain.ways_to(destination, mode);
            for from in (0..300).map(place) {
                let one = ways.route(from);
                let single = prepared.way(from, destination, mode).map(|way| way.route);
                assert_eq!(
                    one.map(|r| r.time_s),
                    single.map(|r| r.time_s),
                    "{mode:?} from {from:?}"
                );
                let crow_m = from.distance_m(destination) * (1.0 - 1e-9);
                assert!(one.is_none_or(|r| r.distance_m >= crow_m));
                assert!(one.is_none_or(|r| r.time_s >= crow_m / plain.fastest_mps(mode)));
            }
        }
    }
}
