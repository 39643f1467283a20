//! The roads that ways are found on, drawn where no base map shows them.

use std::collections::HashSet;

use domain::LonLat;
use domain::roads::RoadNetwork;
use map_protocol::{LineClass, LineFeature};
use protocol::commands::MapSource;

use super::pack::position;

/// Share of the crossings that a base map must hold to count as showing the roads.
const COVERED_SHARE: f64 = 0.5;

/// The lines of the network, or none where the base map shows the roads already.
pub fn lines(network: &RoadNetwork, map: Option<&MapSource>) -> Vec<LineFeature> {
    if map.is_some_and(|map| is_covered(network, map)) {
        return Vec::new();
    }
    let mut drawn = HashSet::new();
    let edges = network.edges.iter().filter(|edge| {
        // A two-way road is two edges along one line.
        let (low, high) = (edge.from.min(edge.to), edge.from.max(edge.to));
        drawn.insert((low, high, edge.via.len(), edge.class.as_str()))
    });
    edges
        .filter_map(|edge| {
            let from = network.nodes.get(edge.from as usize)?;
            let to = network.nodes.get(edge.to as usize)?;
            let points = [from].into_iter().chain(&edge.via).chain([to]);
            let on_globe = points.filter(|point| point.is_on_globe());
            Some(LineFeature {
                class: class_of(&edge.class),
                points: on_globe.map(|point| position(*point)).collect(),
            })
        })
        .collect()
}

fn is_covered(network: &RoadNetwork, map: &MapSource) -> bool {
    let [west, south, east, north] = map.bounds;
    let is_inside =
        |at: &&LonLat| (west..=east).contains(&at.lon) && (south..=north).contains(&at.lat);
    let inside = network.nodes.iter().filter(is_inside).count();
    inside as f64 >= network.nodes.len() as f64 * COVERED_SHARE
}

/// The class of an OSM highway value; what is not known is a minor road.
fn class_of(highway: &str) -> LineClass {
    match highway.trim_end_matches("_link") {
        "motorway" | "trunk" => LineClass::Motorway,
        "primary" => LineClass::Primary,
        "secondary" | "tertiary" => LineClass::Secondary,
        "footway" | "path" | "cycleway" | "steps" | "pedestrian" | "track" | "bridleway"
        | "corridor" => LineClass::Path,
        _ => LineClass::Minor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::roads::RoadEdge;

    fn edge(from: u32, to: u32, class: &str, via: &[LonLat]) -> RoadEdge {
        RoadEdge {
            from,
            to,
            length_m: 100.0,
            speed_mps: 5.0,
            for_cars: true,
            class: class.to_owned(),
            name: String::new(),
            via: via.to_vec(),
        }
    }

    fn network(edges: Vec<RoadEdge>) -> RoadNetwork {
        let nodes = [104.0, 104.01, 104.02].map(|lon| LonLat::new(lon, 30.6));
        RoadNetwork {
            nodes: nodes.to_vec(),
            edges,
        }
    }

    fn base_map(west: f64, east: f64) -> MapSource {
        MapSource {
            tile_url: String::new(),
            schema: "openmaptiles".to_owned(),
            name: String::new(),
            attribution: String::new(),
            max_zoom: 14,
            min_zoom: 0,
            bounds: [west, 30.0, east, 31.0],
        }
    }

    #[test]
    fn a_two_way_road_is_drawn_once_and_another_between_the_same_crossings_too() {
        let bend = [LonLat::new(104.005, 30.601)];
        let drawn = lines(
            &network(vec![
                edge(0, 1, "primary", &[]),
                edge(1, 0, "primary", &[]),
                edge(0, 1, "footway", &bend),
                edge(1, 2, "living_street", &[]),
                edge(0, 7, "primary", &[]),
            ]),
            None,
        );
        let classes: Vec<_> = drawn.iter().map(|line| line.class).collect();
        assert_eq!(
            classes,
            [LineClass::Primary, LineClass::Path, LineClass::Minor]
        );
        assert_eq!(drawn[1].points.len(), 3);
    }

    #[test]
    fn a_base_map_that_shows_the_roads_stands_for_them() {
        let network = network(vec![edge(0, 1, "trunk_link", &[])]);
        assert!(lines(&network, Some(&base_map(103.0, 105.0))).is_empty());
        let elsewhere = lines(&network, Some(&base_map(11.0, 12.0)));
        assert_eq!(elsewhere[0].class, LineClass::Motorway);
        assert!(lines(&RoadNetwork::default(), None).is_empty());
    }
}
