//! The plan as features of the OpenMapTiles schema, each with the first zoom that shows it.

use std::collections::BTreeMap;

use super::encode::message;
use super::roads::road_features;
use crate::geom::point::offset_line;
use crate::geom::ring::{Ring, area};
use crate::geom::shared::union_loops;
use crate::geom::{Point, point};
use crate::plan::Plan;
use crate::plan::landuse::LandUse;

/// An attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Text.
    Text(String),
    /// Whole number.
    Whole(i64),
}

impl Value {
    /// As the encoder writes it.
    pub fn message(&self) -> message::Value {
        match self {
            Self::Text(text) => message::Value {
                string_value: Some(text.clone()),
                ..message::Value::default()
            },
            Self::Whole(number) => message::Value {
                int_value: Some(*number),
                ..message::Value::default()
            },
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Whole(number)
    }
}

/// Geometry in the local plane.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A point.
    Point(Point),
    /// A line.
    Line(Vec<Point>),
    /// An outline and its holes.
    Polygon(Vec<Ring>),
}

impl Shape {
    /// All points.
    pub fn points(&self) -> Vec<Point> {
        match self {
            Self::Point(p) => vec![*p],
            Self::Line(line) => line.clone(),
            Self::Polygon(rings) => rings.concat(),
        }
    }
}

/// A feature of the base map.
#[derive(Clone, Debug)]
pub struct Feature {
    /// OpenMapTiles layer.
    pub layer: &'static str,
    /// First zoom that shows it.
    pub min_zoom: u8,
    /// Geometry.
    pub shape: Shape,
    /// Attributes.
    pub attributes: Vec<(&'static str, Value)>,
}

/// All features of the base map.
pub fn features(plan: &Plan) -> Vec<Feature> {
    let mut out = Vec::new();
    water(plan, &mut out);
    land(plan, &mut out);
    buildings(plan, &mut out);
    road_features(plan, &mut out);
    places(plan, &mut out);
    boundaries(plan, &mut out);
    out
}

fn water(plan: &Plan, out: &mut Vec<Feature>) {
    out.push(Feature {
        layer: "water",
        min_zoom: 10,
        shape: Shape::Polygon(vec![plan.river.water()]),
        attributes: vec![("class", "river".into())],
    });
    for lake in &plan.grounds.lakes {
        out.push(Feature {
            layer: "water",
            min_zoom: 13,
            shape: Shape::Polygon(vec![lake.clone()]),
            attributes: vec![("class", "lake".into())],
        });
    }
    out.push(Feature {
        layer: "waterway",
        min_zoom: 10,
        shape: Shape::Line(plan.river.middle.clone()),
        attributes: vec![
            ("class", "river".into()),
            ("name", "锦川河".into()),
            ("name:zh", "锦川河".into()),
            ("name:en", "Jinchuan River".into()),
        ],
    });
    for side in [1.0, -1.0] {
        out.push(Feature {
            layer: "transportation",
            min_zoom: 14,
            shape: Shape::Line(offset_line(&plan.river.middle, |_| side * 33.0)),
            attributes: vec![("class", "path".into()), ("subclass", "cycleway".into())],
        });
    }
}

/// What a use is called in the landuse layer.
fn landuse_class(kind: LandUse) -> Option<&'static str> {
    use LandUse as L;
    match kind {
        L::OldHousing | L::NewHousing | L::MidHousing | L::Village => Some("residential"),
        L::Mall
        | L::Office
        | L::Market
        | L::StreetOffice
        | L::CommunityCentre
        | L::Police
        | L::FireStation => Some("commercial"),
        L::PrimarySchool | L::MiddleSchool => Some("school"),
        L::Kindergarten => Some("kindergarten"),
        L::Hospital | L::HealthCentre => Some("hospital"),
        L::Factory | L::Construction | L::CreativePark => Some("industrial"),
        L::Park | L::Riverside => None,
    }
}

fn land(plan: &Plan, out: &mut Vec<Feature>) {
    let mut groups: BTreeMap<(usize, LandUse), Vec<usize>> = BTreeMap::new();
    for (cell, (land, kind)) in plan.division.cells.iter().zip(&plan.uses.cells).enumerate() {
        groups.entry((land.block, *kind)).or_default().push(cell);
    }
    for ((_, kind), cells) in groups {
        let rings = cells
            .iter()
            .map(|cell| plan.division.cells[*cell].ring.as_slice());
        for ring in union_loops(rings)
            .into_iter()
            .filter(|ring| area(ring) > 0.0)
        {
            let shape = Shape::Polygon(vec![ring]);
            if let Some(class) = landuse_class(kind) {
                out.push(Feature {
                    layer: "landuse",
                    min_zoom: 11,
                    shape,
                    attributes: vec![("class", class.into())],
                });
            } else {
                let subclass = if kind == LandUse::Park {
                    "park"
                } else {
                    "grass"
                };
                out.push(Feature {
                    layer: "landcover",
                    min_zoom: 10,
                    shape: shape.clone(),
                    attributes: vec![("class", "grass".into()), ("subclass", subclass.into())],
                });
                if kind == LandUse::Park {
                    out.push(Feature {
                        layer: "park",
                        min_zoom: 12,
                        shape,
                        attributes: vec![("class", "public_park".into())],
                    });
                }
            }
        }
    }
    for lawn in &plan.grounds.lawns {
        out.push(Feature {
            layer: "landcover",
            min_zoom: 14,
            shape: Shape::Polygon(vec![lawn.clone()]),
            attributes: vec![("class", "grass".into()), ("subclass", "garden".into())],
        });
    }
    for pitch in &plan.grounds.pitches {
        out.push(Feature {
            layer: "landuse",
            min_zoom: 13,
            shape: Shape::Polygon(vec![pitch.clone()]),
            attributes: vec![("class", "pitch".into())],
        });
    }
}

fn buildings(plan: &Plan, out: &mut Vec<Feature>) {
    for building in &plan.grounds.buildings {
        out.push(Feature {
            layer: "building",
            min_zoom: if area(&building.ring) > 1_500.0 {
                13
            } else {
                14
            },
            shape: Shape::Polygon(vec![building.ring.clone()]),
            attributes: vec![
                (
                    "render_height",
                    Value::Whole(building.height_m().round() as i64),
                ),
                ("render_min_height", Value::Whole(0)),
            ],
        });
    }
}

fn places(plan: &Plan, out: &mut Vec<Feature>) {
    let mut place = |class: &str, name: &str, english: Option<&str>, at: Point, rank: i64, zoom| {
        let mut attributes: Vec<(&'static str, Value)> = vec![
            ("class", class.into()),
            ("name", name.into()),
            ("name:zh", name.into()),
            ("rank", rank.into()),
        ];
        attributes.extend(english.map(|text| ("name:en", text.into())));
        out.push(Feature {
            layer: "place",
            min_zoom: zoom,
            shape: Shape::Point(at),
            attributes,
        });
    };
    let centre = crate::plan::division::inner_point(&plan.division.street);
    place(
        "town",
        "成华区",
        Some("Chenghua"),
        point(centre.x, centre.y + 1_950.0),
        8,
        10,
    );
    place("suburb", "锦川街道", Some("Jinchuan"), centre, 10, 11);
    for (grid, root) in plan
        .division
        .communities
        .iter()
        .zip(&plan.places.community_roots)
    {
        place(
            "neighbourhood",
            &format!("{root}社区"),
            None,
            grid.middle,
            14,
            14,
        );
    }
    for poi in &plan.places.pois {
        let min_zoom = match poi.rank {
            0..=2 => 13,
            3..=5 => 14,
            6..=14 => 15,
            _ => 16,
        };
        out.push(Feature {
            layer: "poi",
            min_zoom,
            shape: Shape::Point(poi.at),
            attributes: vec![
                ("class", poi.class.into()),
                ("subclass", poi.subclass.into()),
                ("rank", Value::Whole(i64::from(poi.rank))),
                ("name", poi.name.as_str().into()),
                ("name:zh", poi.name.as_str().into()),
            ],
        });
    }
}

fn boundaries(plan: &Plan, out: &mut Vec<Feature>) {
    let mut boundary = |ring: &Ring, admin_level: i64, min_zoom: u8| {
        let mut line = ring.clone();
        line.extend(ring.first());
        out.push(Feature {
            layer: "boundary",
            min_zoom,
            shape: Shape::Line(line),
            attributes: vec![
                ("admin_level", admin_level.into()),
                ("disputed", 0.into()),
                ("maritime", 0.into()),
            ],
        });
    };
    boundary(&plan.division.street.outer, 8, 10);
    for community in &plan.division.communities {
        boundary(&community.area.outer, 10, 13);
    }
}
