//! Sensors of the Internet of things (物联感知设备): smoke in residential buildings, gas in kitchens,
//! water along the river and on large roads, dust and noise at large junctions.

use std::collections::BTreeMap;

use domain::places::SensorKind;

use super::Plan;
use super::devices::compass;
use super::division::DISTRICT_CODE;
use super::majors::RoadClass;
use crate::geom::Point;
use crate::geom::point::{along_line, line_length};

/// Metres between two gauges along the river.
const GAUGE_EVERY_M: f64 = 400.0;
/// Length from which a stretch of a large road has a gauge for standing water, in metres.
const FLOODED_FROM_M: f64 = 120.0;

/// A sensor.
#[derive(Clone, Debug)]
pub struct SensorSite {
    /// 6 district + 2 kind + 8 serial, as a platform that collects alarms numbers them.
    pub id: String,
    /// What it watches.
    pub kind: SensorKind,
    /// Name.
    pub name: String,
    /// Where it is mounted.
    pub at: Point,
}

type Draft = (SensorKind, String, Point);

/// Places the sensors of the street.
pub fn place_sensors(plan: &Plan) -> Vec<SensorSite> {
    let mut drafts = in_buildings(plan);
    drafts.extend(in_kitchens(plan));
    drafts.extend(along_the_river(plan));
    drafts.extend(on_large_roads(plan));
    drafts.extend(at_junctions(plan));
    // What stands beside the last road of the street may stand in the next one.
    drafts.retain(|(_, _, at)| plan.division.street.contains(*at));
    let mut serial = BTreeMap::new();
    drafts
        .into_iter()
        .map(|(kind, name, at)| {
            let number = serial.entry(kind).or_insert(0);
            *number += 1;
            SensorSite {
                id: format!("{DISTRICT_CODE}{:02}{number:08}", number_of(kind)),
                kind,
                name,
                at,
            }
        })
        .collect()
}

const fn number_of(kind: SensorKind) -> u8 {
    match kind {
        SensorKind::WaterLevel => 1,
        SensorKind::Smoke => 2,
        SensorKind::Gas => 3,
        SensorKind::Environment => 4,
    }
}

/// One in the stairwell of each residential building of the street.
fn in_buildings(plan: &Plan) -> Vec<Draft> {
    let mut of_cell: BTreeMap<usize, Vec<Point>> = BTreeMap::new();
    for building in &plan.grounds.buildings {
        let middle = crate::geom::ring::centroid(&building.ring);
        of_cell.entry(building.cell).or_default().push(middle);
    }
    let mut drafts = Vec::new();
    for compound in plan.places.compounds.iter().filter(|c| c.in_street) {
        let cells = compound.cells.iter().filter_map(|cell| of_cell.get(cell));
        for (at, number) in cells.flatten().zip(1..) {
            let name = format!("{}{number}号楼", compound.name);
            drafts.push((SensorKind::Smoke, name, *at));
        }
    }
    drafts
}

fn in_kitchens(plan: &Plan) -> Vec<Draft> {
    let kitchens = plan.places.pois.iter().filter(|poi| {
        poi.in_street && matches!(poi.subclass, "restaurant" | "fast_food" | "marketplace")
    });
    kitchens
        .map(|poi| (SensorKind::Gas, poi.name.clone(), poi.at))
        .collect()
}

fn along_the_river(plan: &Plan) -> Vec<Draft> {
    let river = &plan.river.middle;
    let mut drafts = Vec::new();
    for step in 0..(line_length(river) / GAUGE_EVERY_M) as usize {
        let (at, _) = along_line(river, step as f64 * GAUGE_EVERY_M);
        let name = format!("锦川河{}号断面", step + 1);
        drafts.push((SensorKind::WaterLevel, name, at));
    }
    drafts
}

fn on_large_roads(plan: &Plan) -> Vec<Draft> {
    let mut count = BTreeMap::new();
    let roads = plan.network.edges.iter().filter(|edge| {
        edge.in_street
            && edge.class <= RoadClass::Secondary
            && !edge.name.is_empty()
            && edge.length_m > FLOODED_FROM_M
    });
    roads
        .map(|edge| {
            let number = count.entry(edge.name.clone()).or_insert(0);
            *number += 1;
            let (at, _) = along_line(&edge.line, edge.length_m / 2.0);
            let name = format!("{}积水{number}号点", edge.name);
            (SensorKind::WaterLevel, name, at)
        })
        .collect()
}

fn at_junctions(plan: &Plan) -> Vec<Draft> {
    let network = &plan.network;
    let large = network.street_nodes().into_iter().filter(|node| {
        let (class, arms) = network.importance(*node);
        class <= RoadClass::Primary && arms >= 4
    });
    large
        .filter_map(|node| {
            let names = network.names_at(node);
            let [first, second, ..] = names[..] else {
                return None;
            };
            let corner = Point { x: 18.0, y: 18.0 };
            let name = format!("{first}与{second}路口{}角", compass(corner));
            Some((SensorKind::Environment, name, network.nodes[node] + corner))
        })
        .collect()
}
