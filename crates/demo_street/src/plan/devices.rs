//! Cameras and managed components (部件) along the roads.

use super::Plan;
use super::division::DISTRICT_CODE;
use super::landuse::LandUse;
use super::majors::RoadClass;
use super::network::Edge;
use crate::dice::Dice;
use crate::geom::Point;
use crate::geom::point::along_line;

/// Cameras of the street.
pub const CAMERAS: usize = 1_800;

/// A camera.
#[derive(Clone, Debug)]
pub struct CameraSite {
    /// GB/T 28181 id: 8 area + 2 industry + 3 type (132 camera) + 1 network + 6 serial.
    pub id: String,
    /// Name.
    pub name: String,
    /// Where it stands.
    pub at: Point,
    /// Direction of view in degrees from north, clockwise.
    pub heading_deg: f64,
}

/// A managed component.
#[derive(Clone, Debug)]
pub struct Component {
    /// 16 digits: 6 district + 2 major + 2 minor + 6 serial.
    pub id: String,
    /// Where it stands.
    pub at: Point,
    /// Name of the road, if it has one.
    pub road: String,
}

impl Component {
    /// The category, such as `C01.37` for a street lamp.
    pub fn category(&self) -> String {
        format!("C{}.{}", &self.id[6..8], &self.id[8..10])
    }
}

struct Draft {
    name: String,
    at: Point,
    toward: Point,
    /// 00 roads, 01 communities: the industry part of the id.
    industry: u8,
}

/// Places the cameras: junctions first, then gates, public sites, the river, and long roads.
pub fn place_cameras(plan: &Plan) -> Vec<CameraSite> {
    let mut drafts = junction_drafts(plan);
    drafts.extend(site_drafts(plan));
    drafts.extend(river_drafts(plan));
    drafts.extend(road_drafts(plan, 95.0));
    drafts.extend(road_drafts(plan, 41.0));
    drafts.truncate(CAMERAS);
    drafts
        .into_iter()
        .enumerate()
        .map(|(serial, draft)| {
            let view = draft.toward - draft.at;
            let heading = libm::atan2(view.x, view.y)
                .to_degrees()
                .round()
                .rem_euclid(360.0);
            CameraSite {
                id: format!(
                    "{DISTRICT_CODE}99{:02}1320{:06}",
                    draft.industry,
                    serial + 1
                ),
                name: draft.name,
                at: draft.at,
                heading_deg: heading,
            }
        })
        .collect()
}

pub(super) fn compass(dir: Point) -> &'static str {
    const NAMES: [&str; 8] = ["东", "东北", "北", "西北", "西", "西南", "南", "东南"];
    let eighth = (dir.angle().to_degrees() / 45.0).round() as i32;
    NAMES[eighth.rem_euclid(8) as usize]
}

/// One camera on each arm of a large junction, fewer on a small one.
fn junction_drafts(plan: &Plan) -> Vec<Draft> {
    let network = &plan.network;
    let mut drafts = Vec::new();
    let mut nodes: Vec<(RoadClass, usize)> = network
        .street_nodes()
        .into_iter()
        .filter(|node| network.importance(*node).1 >= 3)
        .map(|node| (network.importance(node).0, node))
        .collect();
    nodes.sort();
    for (class, node) in nodes {
        let names = network.names_at(node);
        let name = match names[..] {
            [first, second, ..] => format!("{first}与{second}路口"),
            [only] => format!("{only}路口"),
            [] => continue,
        };
        let most = match class {
            RoadClass::Trunk | RoadClass::Primary => 4,
            RoadClass::Secondary => 3,
            _ => 1,
        };
        let center = network.nodes[node];
        let arms = network.at_node[node].iter().map(|e| &network.edges[*e]);
        for edge in arms
            .filter(|edge| edge.class < RoadClass::Service)
            .take(most)
        {
            let away = direction_from(edge, node);
            let corner = away.turned(0.6);
            let at = center + corner * (class.width_m() / 2.0 + 4.0);
            drafts.push(Draft {
                name: format!("{name}{}侧", compass(corner)),
                at,
                toward: center,
                industry: 0,
            });
        }
    }
    drafts
}

fn direction_from(edge: &Edge, node: usize) -> Point {
    let line = &edge.line;
    if edge.from == node {
        (line[1] - line[0]).direction()
    } else {
        (line[line.len() - 2] - line[line.len() - 1]).direction()
    }
}

fn site_drafts(plan: &Plan) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for compound in plan.places.compounds.iter().filter(|c| c.in_street) {
        drafts.push(Draft {
            name: format!("{}大门", compound.name),
            at: compound.gate.toward(compound.middle, 0.18),
            toward: compound.gate,
            industry: 1,
        });
    }
    let important = plan
        .places
        .pois
        .iter()
        .filter(|poi| poi.in_street && poi.rank <= 9);
    for poi in important {
        for (side, offset) in [("东侧", 26.0), ("西侧", -26.0)] {
            let at = Point {
                x: poi.at.x + offset,
                y: poi.at.y - 14.0,
            };
            drafts.push(Draft {
                name: format!("{}{side}", poi.name),
                at,
                toward: poi.at,
                industry: 1,
            });
        }
    }
    drafts
}

fn river_drafts(plan: &Plan) -> Vec<Draft> {
    let river = &plan.river.middle;
    let length = crate::geom::point::line_length(river);
    let mut drafts = Vec::new();
    let mut number = 0;
    for step in 0..(length / 130.0) as usize {
        let (middle, dir) = along_line(river, step as f64 * 130.0);
        for (bank, side) in [("东岸", 1.0), ("西岸", -1.0)] {
            let at = middle + dir.left() * (side * 34.0);
            if plan.division.street.contains(at) {
                number += 1;
                drafts.push(Draft {
                    name: format!("锦川河{bank}{number}号"),
                    at,
                    toward: middle,
                    industry: 0,
                });
            }
        }
    }
    drafts
}

fn road_drafts(plan: &Plan, every_m: f64) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let roads = plan.network.edges.iter();
    for edge in roads.filter(|e| e.in_street && !e.name.is_empty() && e.length_m > every_m) {
        let (middle, dir) = along_line(&edge.line, edge.length_m / 2.0 + every_m / 4.0);
        let off = dir.left() * (edge.class.width_m() / 2.0 - 1.0);
        drafts.push(Draft {
            name: edge.name.clone(),
            at: middle + off,
            toward: middle + off + dir,
            industry: 0,
        });
    }
    let mut count = std::collections::BTreeMap::new();
    for draft in &mut drafts {
        let number = count.entry(draft.name.clone()).or_insert(0);
        *number += 1;
        draft.name = format!(
            "{}{}{number}号杆",
            draft.name,
            if every_m > 60.0 { "" } else { "辅" }
        );
    }
    drafts
}

/// A kind of component: its category, how far apart it stands and how far from the kerb.
struct Series {
    major: u8,
    minor: u8,
    every_m: f64,
    /// Metres from the kerb, outward.
    off_m: f64,
    both_sides: bool,
    least: RoadClass,
}

const SERIES: &[Series] = &[
    series(1, 37, 34.0, 0.8, true, RoadClass::Residential),
    series(4, 2, 16.0, 1.6, true, RoadClass::Tertiary),
    series(1, 2, 42.0, -3.0, false, RoadClass::Residential),
    series(1, 3, 46.0, -2.0, false, RoadClass::Residential),
    series(1, 4, 32.0, -0.3, true, RoadClass::Residential),
    series(1, 1, 88.0, -1.5, false, RoadClass::Residential),
    series(1, 11, 120.0, -1.2, false, RoadClass::Tertiary),
    series(3, 5, 95.0, 2.4, true, RoadClass::Residential),
    series(1, 27, 310.0, 2.8, false, RoadClass::Residential),
    series(1, 30, 140.0, 2.0, false, RoadClass::Residential),
    series(3, 8, 420.0, 3.2, false, RoadClass::Residential),
    series(2, 17, 150.0, 0.2, false, RoadClass::Secondary),
    series(2, 25, 240.0, 2.2, true, RoadClass::Tertiary),
];

const fn series(
    major: u8,
    minor: u8,
    every_m: f64,
    off_m: f64,
    both_sides: bool,
    least: RoadClass,
) -> Series {
    Series {
        major,
        minor,
        every_m,
        off_m,
        both_sides,
        least,
    }
}

/// Places the components of the street along its roads, at junctions and in parks.
pub fn place_components(plan: &Plan) -> Vec<Component> {
    let mut dice = Dice::new(plan.seed, "components");
    let mut placed: Vec<(u8, u8, Point, String)> = Vec::new();
    for kind in SERIES {
        for edge in &plan.network.edges {
            if !edge.in_street || edge.class > kind.least || edge.bridge && kind.major == 4 {
                continue;
            }
            let half = (edge.class.width_m() / 2.0 - 4.0).max(3.0);
            let mut at_m = dice.between(0.3, 1.0) * kind.every_m;
            while at_m < edge.length_m - 6.0 {
                let (on, dir) = along_line(&edge.line, at_m);
                let sides: &[f64] = if kind.both_sides {
                    &[1.0, -1.0]
                } else {
                    &[1.0]
                };
                for side in sides {
                    let at = on + dir.left() * (side * (half + kind.off_m));
                    placed.push((kind.major, kind.minor, at, edge.name.clone()));
                }
                at_m += kind.every_m * dice.between(0.9, 1.1);
            }
        }
    }
    place_single(plan, &mut dice, &mut placed);
    let mut serial = std::collections::BTreeMap::new();
    placed
        .into_iter()
        .map(|(major, minor, at, road)| {
            let number = serial.entry((major, minor)).or_insert(0);
            *number += 1;
            Component {
                id: format!("{DISTRICT_CODE}{major:02}{minor:02}{number:06}"),
                at,
                road,
            }
        })
        .collect()
}

/// Signs at junctions, shelters at stops, benches and fitness sets in parks, posts along the river.
fn place_single(plan: &Plan, dice: &mut Dice, placed: &mut Vec<(u8, u8, Point, String)>) {
    let network = &plan.network;
    for node in network.street_nodes() {
        if network.importance(node).1 < 3 {
            continue;
        }
        for name in network.names_at(node).into_iter().take(2) {
            let off = Point {
                x: dice.between(8.0, 14.0),
                y: dice.between(8.0, 14.0),
            };
            placed.push((2, 12, network.nodes[node] + off, name.to_owned()));
        }
    }
    for poi in plan.places.pois.iter().filter(|poi| poi.in_street) {
        match poi.subclass {
            "bus_stop" => placed.push((2, 4, poi.at, String::new())),
            "mall" | "hospital" | "townhall" => {
                placed.push((2, 1, poi.at, String::new()));
                placed.push((
                    1,
                    54,
                    Point {
                        x: poi.at.x + 9.0,
                        ..poi.at
                    },
                    String::new(),
                ));
            }
            "marketplace" => placed.push((3, 1, poi.at, String::new())),
            _ => {}
        }
    }
    let street = plan.division.unit_grids.len();
    for cell in 0..street {
        let middle = plan.division.unit_grids[cell].middle;
        match plan.uses.cells[cell] {
            LandUse::Park => {
                for (major, minor, count) in [(4, 7, 6), (1, 46, 2), (4, 8, 3), (3, 5, 2)] {
                    for _ in 0..count {
                        let off = Point {
                            x: dice.between(-32.0, 32.0),
                            y: dice.between(-32.0, 32.0),
                        };
                        placed.push((major, minor, middle + off, String::new()));
                    }
                }
            }
            LandUse::Riverside => {
                for _ in 0..4 {
                    let off = Point {
                        x: dice.between(-44.0, 44.0),
                        y: dice.between(-44.0, 44.0),
                    };
                    placed.push((5, 7, middle + off, String::new()));
                }
                placed.push((4, 7, middle, String::new()));
            }
            _ => {}
        }
    }
}
