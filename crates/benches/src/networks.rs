//! The networks that routes are measured on: a generated city, a real part of one, the demo street.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use demo_street::plan::Plan;
use demo_street::seed::{SHIPPED_SEED, road_network};
use domain::LonLat;
use domain::roads::{RoadEdge, RoadNetwork};
use serde_json::Value;

use crate::dice::Dice;

/// Where real data lies, beside the project; it is not part of it.
const REAL_ROADS: &str = "../shared/data/chengdu-wuhou-roads.geojson";

/// Crossings along one side of the generated city.
const CITY_SIDE: u32 = 330;
/// Metres between two crossings, on average.
const BLOCK_M: f64 = 120.0;
/// Every so many streets one is an arterial road.
const ARTERIAL_EVERY: u32 = 8;
/// Share of the blocks' sides that have no street.
const GAPS: f64 = 0.12;
/// Share of the side streets that are one-way.
const ONE_WAY: f64 = 0.2;
/// Share of the crossings with a dead end beside them.
const DEAD_ENDS: f64 = 0.08;

/// A seeded city of more than a hundred thousand crossings on forty by forty kilometres: an
/// irregular grid with arterial roads, one-way side streets, gaps, bends, footpaths and dead ends.
pub fn city() -> RoadNetwork {
    let mut dice = Dice::new(20_261_120);
    let mut network = RoadNetwork::default();
    let metre_lat = 1.0 / 111_195.0;
    let metre_lon = metre_lat / 30.6f64.to_radians().cos();
    for row in 0..CITY_SIDE {
        for column in 0..CITY_SIDE {
            let east = (f64::from(column) + dice.between(-0.3, 0.3)) * BLOCK_M;
            let north = (f64::from(row) + dice.between(-0.3, 0.3)) * BLOCK_M;
            network.nodes.push(LonLat::new(
                104.0 + east * metre_lon,
                30.4 + north * metre_lat,
            ));
        }
    }
    for row in 0..CITY_SIDE {
        for column in 0..CITY_SIDE {
            let here = row * CITY_SIDE + column;
            if column + 1 < CITY_SIDE {
                street(
                    &mut network,
                    &mut dice,
                    here,
                    here + 1,
                    row % ARTERIAL_EVERY == 0,
                );
            }
            if row + 1 < CITY_SIDE {
                let is_arterial = column % ARTERIAL_EVERY == 0;
                street(&mut network, &mut dice, here, here + CITY_SIDE, is_arterial);
            }
            if dice.chance(DEAD_ENDS) {
                dead_end(&mut network, &mut dice, here);
            }
        }
    }
    network
}

fn street(network: &mut RoadNetwork, dice: &mut Dice, from: u32, to: u32, is_arterial: bool) {
    if !is_arterial && dice.chance(GAPS) {
        return;
    }
    let (class, speed_mps) = match (is_arterial, dice.unit()) {
        (true, _) => ("primary", 16.67),
        (false, share) if share < 0.15 => ("tertiary", 11.11),
        (false, share) if share > 0.93 => ("footway", 1.3),
        (false, _) => ("residential", 8.33),
    };
    let (a, b) = (network.nodes[from as usize], network.nodes[to as usize]);
    let middle = a.towards(b, dice.between(0.3, 0.7));
    let bend = LonLat::new(
        middle.lon + dice.between(-1.0, 1.0) * 1e-4,
        middle.lat + dice.between(-1.0, 1.0) * 1e-4,
    );
    let edge = |from, to| RoadEdge {
        from,
        to,
        length_m: 0.0,
        speed_mps,
        for_cars: class != "footway",
        class: class.to_owned(),
        name: String::new(),
        via: vec![bend],
    };
    let is_one_way = class == "residential" && dice.chance(ONE_WAY);
    match (is_one_way, dice.chance(0.5)) {
        (true, true) => network.edges.push(edge(from, to)),
        (true, false) => network.edges.push(edge(to, from)),
        (false, _) => network.edges.extend([edge(from, to), edge(to, from)]),
    }
}

fn dead_end(network: &mut RoadNetwork, dice: &mut Dice, at: u32) {
    let from = network.nodes[at as usize];
    let end = network.nodes.len() as u32;
    network.nodes.push(LonLat::new(
        from.lon + dice.between(-4e-4, 4e-4),
        from.lat + dice.between(-4e-4, 4e-4),
    ));
    let edge = |from, to| RoadEdge {
        from,
        to,
        length_m: 0.0,
        speed_mps: 4.17,
        for_cars: true,
        class: "service".to_owned(),
        name: String::new(),
        via: Vec::new(),
    };
    network.edges.extend([edge(at, end), edge(end, at)]);
}

/// The network of the demo street.
pub fn demo_street() -> RoadNetwork {
    road_network(&Plan::generate(SHIPPED_SEED))
}

/// The real roads; `None`, said aloud, where the file is absent.
pub fn wuhou() -> Result<Option<RoadNetwork>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(REAL_ROADS);
    let Ok(text) = fs::read_to_string(&path) else {
        println!("skipped wuhou: there is no {REAL_ROADS} beside the project");
        return Ok(None);
    };
    let read = read_roads(&text).with_context(|| format!("{REAL_ROADS} is not a road graph"));
    read.map(Some)
}

fn read_roads(text: &str) -> Result<RoadNetwork> {
    let file: Value = serde_json::from_str(text)?;
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    let mut network = RoadNetwork::default();
    for feature in file["features"].as_array().context("no features")? {
        let properties = &feature["properties"];
        let points: Vec<LonLat> = feature["geometry"]["coordinates"]
            .as_array()
            .context("no coordinates")?
            .iter()
            .filter_map(|pair| Some(LonLat::new(pair[0].as_f64()?, pair[1].as_f64()?)))
            .collect();
        let [first, inner @ .., last] = points.as_slice() else {
            continue;
        };
        let mut node = |name: &str, place: LonLat| -> Result<u32> {
            let id = properties[name].as_str().context("an end without a node")?;
            Ok(*numbers.entry(id.to_owned()).or_insert_with(|| {
                network.nodes.push(place);
                network.nodes.len() as u32 - 1
            }))
        };
        let (from, to) = (node("from", *first)?, node("to", *last)?);
        network.edges.push(RoadEdge {
            from,
            to,
            length_m: 0.0,
            speed_mps: properties["speed_mps"].as_f64().unwrap_or(8.33) as f32,
            for_cars: true,
            class: properties["class"].as_str().unwrap_or_default().to_owned(),
            name: String::new(),
            via: inner.to_vec(),
        });
    }
    Ok(network)
}
