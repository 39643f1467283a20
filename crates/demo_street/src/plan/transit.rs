//! Bus stops and the metro.

use super::frame::Frame;
use super::majors::{CROSS_ARC_M, EAST_STREET_M, RoadClass, SECOND_RING_M, THIRD_RING_M};
use super::places::{Places, Poi, Surroundings};
use crate::dice::Dice;
use crate::geom::Point;
use crate::geom::point::along_line;

/// A metro line with its stations.
#[derive(Clone, Debug)]
pub struct MetroLine {
    /// Name of the line.
    pub name: &'static str,
    /// Course.
    pub line: Vec<Point>,
    /// Stations on it.
    pub stations: Vec<(String, Point)>,
}

/// Bus stops on both sides of the larger roads, named after the road and the next crossing.
pub fn place_stops(seed: u64, around: &Surroundings<'_>, places: &mut Places) {
    let mut dice = Dice::new(seed, "stops");
    let mut stops: Vec<Point> = Vec::new();
    for edge in &around.network.edges {
        if edge.name.is_empty()
            || edge.bridge
            || edge.length_m < 90.0
            || !(RoadClass::Trunk..=RoadClass::Tertiary).contains(&edge.class)
            || (edge.class == RoadClass::Tertiary && dice.chance(0.55))
        {
            continue;
        }
        let (at, dir) = along_line(&edge.line, edge.length_m * dice.between(0.35, 0.65));
        if stops.iter().any(|stop| stop.distance(at) < 330.0) {
            continue;
        }
        stops.push(at);
        let crossing = [edge.from, edge.to].into_iter().find_map(|node| {
            around
                .network
                .names_at(node)
                .into_iter()
                .find(|name| *name != edge.name)
        });
        let name = match crossing {
            Some(other) => format!("{}{}口站", edge.name, other),
            None => format!("{}站", edge.name),
        };
        for side in [1.0, -1.0] {
            let at =
                at + dir * (side * 22.0) + dir.left() * (side * (edge.class.width_m() / 2.0 - 3.0));
            places.pois.push(Poi {
                at,
                name: name.clone(),
                class: "bus",
                subclass: "bus_stop",
                rank: 12,
                in_street: around.in_street(at),
            });
        }
    }
}

/// One line under the middle avenue and one under the north–south arterial.
pub fn metro(frame: &Frame, [north, middle, south]: [f64; 3]) -> Vec<MetroLine> {
    let station =
        |name: &str, radius: f64, bearing: f64| (format!("{name}站"), frame.polar(radius, bearing));
    vec![
        MetroLine {
            name: "地铁12号线",
            line: frame.spoke((1_900.0, middle), (8_800.0, middle)),
            stations: vec![
                station("槐荫里", 2_900.0, middle),
                station("石马桥", SECOND_RING_M, middle),
                station("锦川", CROSS_ARC_M, middle),
                station("东郊街", EAST_STREET_M, middle),
                station("三环锦川", THIRD_RING_M, middle),
            ],
        },
        MetroLine {
            name: "地铁33号线",
            line: frame.arc(CROSS_ARC_M, 44.0, -44.0),
            stations: vec![
                station("北星路", CROSS_ARC_M, 31.0),
                station("青桐大道", CROSS_ARC_M, north),
                station("锦川", CROSS_ARC_M, middle),
                station("东顺路", CROSS_ARC_M, south),
            ],
        },
    ]
}
