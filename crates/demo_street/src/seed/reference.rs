//! The plan as reference data: street, grids, cameras, sensors and the road graph in degrees.

use std::collections::BTreeMap;

use domain::places::{Bounds, Camera, Grid, GridLevel, Sensor, Street};
use domain::roads::{RoadEdge, RoadNetwork};
use domain::rules::Rules;
use domain::{CameraId, GridCode, LonLat, SensorId};
use protocol::Reference;

use crate::geom::Point;
use crate::geom::ring::simplified;
use crate::geom::shared::{Area, union};
use crate::matters::located;
use crate::plan::Plan;
use crate::plan::division::{self, DISTRICT_CODE, STREET_CODE};
use crate::plan::landuse::LandUse;
use crate::plan::majors::RoadClass;

/// Reference data of the plan.
pub fn reference(plan: &Plan, rules: &Rules) -> Reference {
    let outline = rings(&plan.division.street);
    Reference {
        version: 0,
        street: Street {
            code: format!("{DISTRICT_CODE}{STREET_CODE}"),
            name_zh: "锦川街道".to_owned(),
            name_en: "Jinchuan Sub-district".to_owned(),
            is_demo: true,
        },
        bounds: Bounds::around(outline.iter().flatten().copied()),
        outline,
        grids: grids(plan),
        responsibility_grids: super::responsibility::responsibility_grids(plan),
        cameras: plan
            .cameras
            .iter()
            .map(|camera| Camera {
                id: CameraId(camera.id.clone()),
                name: camera.name.clone(),
                location: located(camera.at),
                heading_deg: camera.heading_deg as f32,
            })
            .collect(),
        sensors: plan
            .sensors
            .iter()
            .map(|sensor| Sensor {
                id: SensorId(sensor.id.clone()),
                kind: sensor.kind,
                name: sensor.name.clone(),
                location: located(sensor.at),
            })
            .collect(),
        roads: road_network(plan),
        rules: rules.clone(),
        officers: super::officers()
            .into_iter()
            .map(|seeded| seeded.officer)
            .collect(),
        // The backend that takes the seed says where its data comes from.
        provenance: BTreeMap::new(),
    }
}

/// Closed rings in degrees, the outline first.
fn rings(land: &Area) -> Vec<Vec<LonLat>> {
    std::iter::once(&land.outer)
        .chain(&land.holes)
        .map(|ring| {
            ring.iter()
                .chain(ring.first())
                .map(|p| located(*p))
                .collect()
        })
        .collect()
}

fn grids(plan: &Plan) -> Vec<Grid> {
    let division = &plan.division;
    let roots = &plan.places.community_roots;
    let grid = |from: &division::Grid, name: String, level, parent: Option<&division::Grid>| Grid {
        code: GridCode(from.code.clone()),
        name,
        level,
        parent: parent.map(|parent| GridCode(parent.code.clone())),
        rings: rings(&from.area),
        label_at: located(from.middle),
    };
    let mut out = Vec::new();
    for (community, root) in division.communities.iter().zip(roots) {
        out.push(grid(
            community,
            format!("{root}社区"),
            GridLevel::Community,
            None,
        ));
    }
    let number = |code: &str| code[code.len() - 3..].trim_start_matches('0').to_owned();
    for general in &division.general_grids {
        let name = format!(
            "{}社区第{}网格",
            roots[general.parent],
            number(&general.code)
        );
        let parent = &division.communities[general.parent];
        out.push(grid(general, name, GridLevel::General, Some(parent)));
    }
    out.extend(exclusive_grids(plan));
    for micro in &division.micro_grids {
        let parent = &division.general_grids[micro.parent];
        let compound = micro
            .cells
            .iter()
            .find_map(|cell| plan.places.compound_of_cell[*cell]);
        let place = compound
            .map(|c| plan.places.compounds[c].name.as_str())
            .unwrap_or_default();
        let name = format!(
            "{}-{}微网格{place}",
            number(&parent.code),
            number(&micro.code)
        );
        out.push(grid(micro, name, GridLevel::Micro, Some(parent)));
    }
    for (cell, unit) in division.unit_grids.iter().enumerate() {
        let parent = &division.micro_grids[division.micro_of_unit[cell]];
        out.push(grid(
            unit,
            format!("单元网格{}", &unit.code[9..]),
            GridLevel::Unit,
            Some(parent),
        ));
    }
    out
}

/// Markets, campuses, the hospital, shopping centres and works have grids of their own beside the
/// others.
pub fn exclusive_grids(plan: &Plan) -> Vec<Grid> {
    let division = &plan.division;
    let mut groups: BTreeMap<(usize, LandUse), Vec<usize>> = BTreeMap::new();
    for (cell, unit) in division.unit_grids.iter().enumerate() {
        let kind = plan.uses.cells[cell];
        let is_exclusive = matches!(
            kind,
            LandUse::Market
                | LandUse::Mall
                | LandUse::MiddleSchool
                | LandUse::PrimarySchool
                | LandUse::Hospital
                | LandUse::CreativePark
        );
        if is_exclusive {
            groups
                .entry((division.cells[cell].block, kind))
                .or_default()
                .push(cell);
        }
        debug_assert!(unit.cells == [cell], "a unit grid is one cell");
    }
    let mut sequence = vec![0; division.communities.len()];
    let mut out = Vec::new();
    for cells in groups.into_values() {
        let parent = division.unit_grids[cells[0]].parent;
        sequence[parent] += 1;
        let land = union(
            cells
                .iter()
                .map(|cell| division.cells[*cell].ring.as_slice()),
        );
        let community = &division.communities[parent];
        let name = plan
            .places
            .pois
            .iter()
            .find(|poi| poi.rank <= 9 && land.contains(poi.at))
            .map_or("专属网格", |poi| poi.name.as_str());
        out.push(Grid {
            code: GridCode(format!("{}02{:03}", community.code, sequence[parent])),
            name: format!("{name}专属网格"),
            level: GridLevel::Exclusive,
            parent: Some(GridCode(community.code.clone())),
            label_at: located(division::inner_point(&land)),
            rings: rings(&land),
        });
    }
    out
}

/// The road graph of the street: every road in both directions.
pub fn road_network(plan: &Plan) -> RoadNetwork {
    let mut ids: BTreeMap<usize, u32> = BTreeMap::new();
    let mut network = RoadNetwork::default();
    for edge in plan
        .network
        .edges
        .iter()
        .filter(|edge| edge.in_street && edge.from != edge.to)
    {
        let mut node = |n: usize| {
            *ids.entry(n).or_insert_with(|| {
                network.nodes.push(located(plan.network.nodes[n]));
                network.nodes.len() as u32 - 1
            })
        };
        let (from, to) = (node(edge.from), node(edge.to));
        let line = simplified(&edge.line, 0.4);
        let via: Vec<LonLat> = line[1..line.len() - 1]
            .iter()
            .map(|p: &Point| located(*p))
            .collect();
        let forth = RoadEdge {
            from,
            to,
            length_m: edge.length_m as f32,
            speed_mps: edge.class.speed_mps() as f32,
            for_cars: edge.class != RoadClass::Path,
            class: edge.class.osm().to_owned(),
            name: edge.name.clone(),
            via,
        };
        let mut back = forth.clone();
        (back.from, back.to) = (to, from);
        back.via.reverse();
        network.edges.extend([forth, back]);
    }
    network
}
