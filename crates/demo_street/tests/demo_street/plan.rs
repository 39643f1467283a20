//! What must hold for the plan of the demo street, over several seeds.

use std::collections::{BTreeMap, BTreeSet};

use demo_street::geom::Point;
use demo_street::geom::ring::{area, contains, edges};
use demo_street::plan::Plan;
use demo_street::plan::division::Grid;
use demo_street::plan::landuse::LandUse;
use demo_street::plan::majors::RoadClass;
use domain::places::SensorKind;
use domain::places::codes::{ComponentId, DeviceId, DeviceKind};
use sha2::{Digest, Sha256};

fn seeds() -> [u64; 3] {
    [1, 7, 20_261_120]
}

fn fingerprint(plan: &Plan) -> String {
    let mut digest = Sha256::new();
    let mut point = |p: &Point| {
        let (x, y) = p.key();
        digest.update(x.to_le_bytes());
        digest.update(y.to_le_bytes());
    };
    plan.division
        .cells
        .iter()
        .flat_map(|cell| &cell.ring)
        .for_each(&mut point);
    plan.network
        .edges
        .iter()
        .flat_map(|edge| &edge.line)
        .for_each(&mut point);
    plan.grounds
        .buildings
        .iter()
        .flat_map(|b| &b.ring)
        .for_each(&mut point);
    plan.cameras.iter().for_each(|camera| point(&camera.at));
    plan.sensors.iter().for_each(|sensor| point(&sensor.at));
    plan.components
        .iter()
        .for_each(|component| point(&component.at));
    for person in &plan.people {
        digest.update(format!("{person:?}"));
    }
    for poi in &plan.places.pois {
        digest.update(&poi.name);
    }
    format!("{:x?}", digest.finalize())
}

#[test]
fn the_same_seed_gives_the_same_street() {
    let first = fingerprint(&Plan::generate(1));
    assert_eq!(first, fingerprint(&Plan::generate(1)));
    assert_ne!(first, fingerprint(&Plan::generate(2)));
}

#[test]
fn sizes_are_those_of_one_street() {
    for seed in seeds() {
        let plan = Plan::generate(seed);
        let km2 = plan.division.street.size_m2() / 1e6;
        assert!((9.5..11.0).contains(&km2), "seed {seed}: {km2} km²");
        assert_eq!(plan.division.communities.len(), 8);
        assert_eq!(plan.division.general_grids.len(), 84);
        assert_eq!(plan.division.micro_grids.len(), 760);
        assert_eq!(plan.division.unit_grids.len(), 990);
        assert_eq!(plan.people.len(), 1_000);
        assert_eq!(plan.cameras.len(), 1_800);
        for kind in SensorKind::ALL {
            let sensors = plan.sensors.iter().filter(|sensor| sensor.kind == kind);
            let of_kind = sensors.count();
            assert!(of_kind > 5, "seed {seed}: {of_kind} {kind:?}");
        }
        let ids: BTreeSet<&str> = plan.sensors.iter().map(|s| s.id.as_str()).collect();
        assert_eq!(ids.len(), plan.sensors.len());
        let street = &plan.division.street;
        assert!(plan.sensors.iter().all(|sensor| street.contains(sensor.at)));
        assert!(
            (20_000..45_000).contains(&plan.components.len()),
            "{}",
            plan.components.len()
        );
        let names: BTreeSet<&str> = plan
            .network
            .edges
            .iter()
            .filter(|e| e.in_street && !e.name.is_empty())
            // The numbered parts of an avenue are one road.
            .map(|e| {
                e.name
                    .trim_end_matches(['一', '二', '三', '四', '五', '段'])
            })
            .collect();
        assert!(
            (85..=145).contains(&names.len()),
            "seed {seed}: {} named roads",
            names.len()
        );
        let has = |kind: LandUse| plan.uses.cells[..990].contains(&kind);
        for kind in [
            LandUse::Hospital,
            LandUse::Park,
            LandUse::Market,
            LandUse::Mall,
        ] {
            assert!(has(kind), "seed {seed}: no {kind:?}");
        }
        let stations = plan
            .places
            .pois
            .iter()
            .filter(|p| p.in_street && p.subclass == "subway");
        assert!((3..=6).contains(&stations.count()), "seed {seed}");
        let bridges = plan
            .network
            .edges
            .iter()
            .filter(|e| e.in_street && e.bridge)
            .count();
        assert!(
            (4..=16).contains(&bridges),
            "seed {seed}: {bridges} bridges"
        );
    }
}

/// Every level covers the street once: its directed edges cancel except along the outline of the
/// street, and the areas add up.
fn assert_tiles(name: &str, grids: &[Grid], street_m2: f64) {
    let total: f64 = grids.iter().map(|grid| grid.area.size_m2()).sum();
    assert!(
        (total / street_m2 - 1.0).abs() < 1e-9,
        "{name}: {total} of {street_m2}"
    );
    let mut seen = BTreeMap::new();
    for grid in grids {
        assert!(grid.area.size_m2() > 0.0, "{name} {} is empty", grid.code);
        assert!(
            grid.area.contains(grid.middle),
            "{name} {} has its label outside",
            grid.code
        );
        for ring in std::iter::once(&grid.area.outer).chain(&grid.area.holes) {
            for (a, b) in edges(ring) {
                let twice = seen.insert((a.key(), b.key()), &grid.code);
                assert_eq!(twice, None, "{name}: {} overlaps", grid.code);
            }
        }
    }
    let outline: usize = seen
        .keys()
        .filter(|(a, b)| !seen.contains_key(&(*b, *a)))
        .count();
    assert!(
        outline > 50 && outline < 2_000,
        "{name}: {outline} edges without a neighbour"
    );
}

#[test]
fn every_level_tiles_the_street() {
    for seed in seeds() {
        let division = Plan::generate(seed).division;
        let street = division.street.size_m2();
        assert_tiles("unit grid", &division.unit_grids, street);
        assert_tiles("micro grid", &division.micro_grids, street);
        assert_tiles("general grid", &division.general_grids, street);
        assert_tiles("community", &division.communities, street);
        for micro in &division.micro_grids {
            let general = &division.general_grids[micro.parent];
            assert!(micro.cells.iter().all(|cell| general.cells.contains(cell)));
        }
        for general in &division.general_grids {
            let community = &division.communities[general.parent];
            assert!(
                general
                    .cells
                    .iter()
                    .all(|cell| community.cells.contains(cell))
            );
        }
        let mean = street / 990.0;
        assert!(
            (9_000.0..11_500.0).contains(&mean),
            "unit grids of {mean} m²"
        );
        // A unit grid has about 10,000 m²: not only on average, half of them are near it.
        let mut sizes: Vec<f64> = division
            .unit_grids
            .iter()
            .map(|unit| unit.area.size_m2())
            .collect();
        sizes.sort_by(f64::total_cmp);
        let median = sizes[sizes.len() / 2];
        assert!(
            (8_500.0..11_500.0).contains(&median),
            "seed {seed}: half of the unit grids are below {median} m²"
        );
        for unit in &division.unit_grids {
            let size = unit.area.size_m2();
            assert!(
                (4_000.0..20_000.0).contains(&size),
                "{} has {size} m²",
                unit.code
            );
        }
    }
}

#[test]
fn codes_are_unique_nested_and_in_order() {
    let division = Plan::generate(1).division;
    let mut all = BTreeSet::new();
    let levels = [
        (&division.communities, 12),
        (&division.unit_grids, 15),
        (&division.general_grids, 17),
        (&division.micro_grids, 20),
    ];
    for (grids, digits) in levels {
        for grid in grids {
            assert_eq!(grid.code.len(), digits);
            assert!(grid.code.starts_with("510108099"));
            assert!(all.insert(grid.code.clone()), "{} twice", grid.code);
        }
    }
    for micro in &division.micro_grids {
        assert!(
            micro
                .code
                .starts_with(&division.general_grids[micro.parent].code)
        );
    }
    for pair in division.unit_grids.windows(2) {
        assert!(pair[0].code < pair[1].code);
    }
}

#[test]
fn nearly_every_road_can_be_reached_from_every_other() {
    for seed in seeds() {
        let network = Plan::generate(seed).network;
        let nodes: BTreeSet<usize> = network
            .edges
            .iter()
            .filter(|e| e.in_street)
            .flat_map(|e| [e.from, e.to])
            .collect();
        let mut best: usize = 0;
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        for start in &nodes {
            if seen.contains(start) {
                continue;
            }
            let mut open = vec![*start];
            let mut size: usize = 0;
            while let Some(at) = open.pop() {
                if !seen.insert(at) {
                    continue;
                }
                size += 1;
                for edge in network.at_node[at].iter().map(|e| &network.edges[*e]) {
                    if edge.in_street {
                        open.extend([edge.from, edge.to]);
                    }
                }
            }
            best = best.max(size);
        }
        let share = best as f64 / nodes.len() as f64;
        assert!(share >= 0.98, "seed {seed}: {share}");
    }
}

#[test]
fn buildings_stand_in_their_cells_and_off_the_roads() {
    let plan = Plan::generate(1);
    assert!(
        plan.grounds.buildings.len() > 8_000,
        "{}",
        plan.grounds.buildings.len()
    );
    let mut outside = 0;
    for building in &plan.grounds.buildings {
        let cell = &plan.division.cells[building.cell].ring;
        assert!(area(&building.ring) > 10.0);
        if !building.ring.iter().all(|p| contains(cell, *p)) {
            outside += 1;
        }
    }
    assert_eq!(outside, 0, "buildings that leave their cell");
}

#[test]
fn cameras_and_components_have_standard_ids() {
    let plan = Plan::generate(1);
    let mut ids = BTreeSet::new();
    for camera in &plan.cameras {
        let id: DeviceId = camera.id.parse().expect("standard");
        assert_eq!((id.area(), id.kind()), (51_010_899, DeviceKind::Camera));
        assert!(ids.insert(camera.id.clone()), "{} twice", camera.id);
        assert!((0.0..360.0).contains(&camera.heading_deg));
        assert!(!camera.name.is_empty());
    }
    for component in &plan.components {
        let id: ComponentId = component.id.parse().expect("standard");
        assert_eq!(id.category().to_string(), component.category());
        assert!(ids.insert(component.id.clone()), "{} twice", component.id);
        let known = [
            "C01.01", "C01.02", "C01.03", "C01.04", "C01.11", "C01.27", "C01.30", "C01.37",
            "C01.46", "C01.54", "C02.01", "C02.04", "C02.12", "C02.17", "C02.25", "C03.01",
            "C03.05", "C03.08", "C04.02", "C04.07", "C04.08", "C05.07",
        ];
        assert!(
            known.contains(&component.category().as_str()),
            "{}",
            component.category()
        );
    }
}

#[test]
fn the_roster_is_complete() {
    let plan = Plan::generate(1);
    let mut phones = BTreeSet::new();
    let mut classes = BTreeMap::new();
    for person in &plan.people {
        assert!(person.name.chars().count() >= 2 && !person.skills.is_empty());
        assert!(person.phone.len() == 11 && person.phone.starts_with("140"));
        assert!(
            phones.insert(person.phone.clone()),
            "{} twice",
            person.phone
        );
        *classes.entry(person.class()).or_insert(0) += 1;
    }
    assert_eq!(classes.len(), 3);
    assert!(classes.values().all(|count| *count >= 200), "{classes:?}");
    // Every minute of the day is covered by every force that is there round the clock.
    for minute in (0..1_440).step_by(15) {
        let covered = |from: u16, to: u16| match from.cmp(&to) {
            std::cmp::Ordering::Less => (from..to).contains(&minute),
            std::cmp::Ordering::Equal => true,
            std::cmp::Ordering::Greater => minute >= from || minute < to,
        };
        for post in [
            domain::people::Post::Police,
            domain::people::Post::Emergency,
        ] {
            let on = plan.people.iter().filter(|p| p.post == post);
            let on = on
                .filter(|p| covered(p.shift.from_minute, p.shift.to_minute))
                .count();
            assert!(on >= 4, "{on} of {post:?} at minute {minute}");
        }
    }
}

#[derive(Default)]
struct RoadFigures {
    share_m: BTreeMap<String, f64>,
    median_m: f64,
    names_per_km: f64,
}

fn figures(edges: impl Iterator<Item = (String, f64, String)>) -> RoadFigures {
    let mut lengths = Vec::new();
    let mut names = BTreeSet::new();
    let mut figures = RoadFigures::default();
    for (class, length, name) in edges {
        *figures.share_m.entry(class).or_insert(0.0) += length;
        lengths.push(length);
        names.insert(name);
    }
    lengths.sort_by(f64::total_cmp);
    let total: f64 = lengths.iter().sum();
    figures
        .share_m
        .values_mut()
        .for_each(|metres| *metres /= total);
    figures.median_m = lengths[lengths.len() / 2];
    figures.names_per_km = names.len() as f64 / (total / 2_000.0);
    figures
}

/// Class, length and name of the public roads between public junctions: the ways into compounds,
/// which the real extract does not have, divide no edge.
fn public_edges(plan: &Plan) -> Vec<(String, f64, String)> {
    let network = &plan.network;
    let mut out: Vec<(String, f64, String)> = Vec::new();
    let mut last: Option<(usize, usize)> = None;
    for edge in network
        .edges
        .iter()
        .filter(|e| e.in_street && e.class < RoadClass::Service)
    {
        let goes_on =
            last == Some((edge.stretch, edge.from)) && network.importance(edge.from).1 == 2;
        match out.last_mut().filter(|_| goes_on) {
            Some((_, length, _)) => *length += edge.length_m,
            None => out.push((
                edge.class.osm().to_owned(),
                edge.length_m,
                edge.name.clone(),
            )),
        }
        last = Some((edge.stretch, edge.to));
    }
    out
}

#[test]
fn roads_resemble_those_of_the_real_city() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/chengdu-wuhou-roads.geojson"
    );
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: {path} is not there");
        return;
    };
    let real: serde_json::Value = serde_json::from_str(&text).expect("GeoJSON");
    let real = figures(
        real["features"]
            .as_array()
            .expect("features")
            .iter()
            .map(|feature| {
                let properties = &feature["properties"];
                let line = feature["geometry"]["coordinates"].as_array().expect("line");
                let at = |i: usize, k: usize| line[i][k].as_f64().expect("number");
                let length: f64 = (1..line.len())
                    .map(|i| {
                        ((at(i, 0) - at(i - 1, 0)) * 95_842.0)
                            .hypot((at(i, 1) - at(i - 1, 1)) * 110_864.0)
                    })
                    .sum();
                let class = properties["class"]
                    .as_str()
                    .unwrap_or("")
                    .trim_end_matches("_link");
                (
                    class.to_owned(),
                    length,
                    properties["name"].as_str().unwrap_or("").to_owned(),
                )
            }),
    );
    let plan = Plan::generate(1);
    let ours = figures(public_edges(&plan).into_iter());
    eprintln!(
        "real {:?} median {:.0} m, {:.1} names/km",
        real.share_m, real.median_m, real.names_per_km
    );
    eprintln!(
        "ours {:?} median {:.0} m, {:.1} names/km",
        ours.share_m, ours.median_m, ours.names_per_km
    );
    let share =
        |figures: &RoadFigures, class: &str| figures.share_m.get(class).copied().unwrap_or(0.0);
    for class in ["primary", "secondary", "tertiary"] {
        let (real, ours) = (share(&real, class), share(&ours, class));
        assert!(
            (real - ours).abs() < 0.16,
            "{class}: {ours:.2}, in the real city {real:.2}"
        );
    }
    // Lanes that lead nowhere are left out of the real extract, so ours may have more of them.
    assert!(share(&ours, "residential") < 0.4);
    assert!((0.6..1.6).contains(&(ours.median_m / real.median_m)));
    assert!((0.5..2.0).contains(&(ours.names_per_km / real.names_per_km)));
}
