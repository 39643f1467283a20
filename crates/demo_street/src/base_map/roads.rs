//! Roads as transportation features, and their names as lines long enough to carry a label.

use std::collections::BTreeMap;

use super::features::{Feature, Shape, Value};
use crate::geom::Point;
use crate::geom::point::{line_length, offset_line};
use crate::plan::Plan;
use crate::plan::majors::RoadClass;
use crate::plan::network::Edge;

/// Class in the transportation layer and first zoom.
fn style_class(class: RoadClass) -> (&'static str, u8) {
    match class {
        RoadClass::Trunk => ("trunk", 10),
        RoadClass::TrunkLink => ("trunk", 13),
        RoadClass::Primary => ("primary", 10),
        RoadClass::Secondary => ("secondary", 11),
        RoadClass::Tertiary => ("tertiary", 12),
        RoadClass::Residential => ("minor", 13),
        RoadClass::Service => ("service", 14),
        RoadClass::Path => ("path", 14),
    }
}

/// A stretch joined from edges that look alike.
struct Run<'a> {
    first: &'a Edge,
    last_node: usize,
    line: Vec<Point>,
}

/// Edges joined as long as `same` holds and one follows the other.
fn runs<'a>(edges: &'a [Edge], same: impl Fn(&Edge, &Edge) -> bool) -> Vec<Run<'a>> {
    let mut runs: Vec<Run<'a>> = Vec::new();
    for edge in edges {
        match runs
            .last_mut()
            .filter(|run| run.last_node == edge.from && same(run.first, edge))
        {
            Some(run) => {
                run.line.extend(&edge.line[1..]);
                run.last_node = edge.to;
            }
            None => {
                runs.push(Run {
                    first: edge,
                    last_node: edge.to,
                    line: edge.line.clone(),
                });
            }
        }
    }
    runs
}

/// Adds roads, names, the elevated ring and the metro.
pub fn road_features(plan: &Plan, out: &mut Vec<Feature>) {
    let edges = &plan.network.edges;
    let alike = |a: &Edge, b: &Edge| a.stretch == b.stretch && a.bridge == b.bridge;
    for run in runs(edges, alike) {
        let (class, min_zoom) = style_class(run.first.class);
        let mut attributes: Vec<(&'static str, Value)> = vec![
            ("class", class.into()),
            ("subclass", run.first.class.osm().into()),
        ];
        if run.first.bridge {
            attributes.push(("brunnel", "bridge".into()));
        }
        out.push(Feature {
            layer: "transportation",
            min_zoom,
            shape: Shape::Line(run.line),
            attributes,
        });
    }
    elevated_ring(edges, out);
    for line in name_lines(edges) {
        out.push(line);
    }
    for line in &plan.places.metro {
        out.push(Feature {
            layer: "transportation",
            min_zoom: 12,
            shape: Shape::Line(line.line.clone()),
            attributes: vec![
                ("class", "transit".into()),
                ("subclass", "subway".into()),
                ("brunnel", "tunnel".into()),
            ],
        });
        out.push(name_feature(line.name, "transit", 14, line.line.clone()));
    }
}

/// The expressway on stilts above the second ring road: two carriageways, with ramps.
fn elevated_ring(edges: &[Edge], out: &mut Vec<Feature>) {
    let ring: Vec<Edge> = edges
        .iter()
        .filter(|edge| edge.name.starts_with("二环路东"))
        .cloned()
        .collect();
    for run in runs(&ring, |a, b| a.stretch == b.stretch) {
        if line_length(&run.line) < 200.0 {
            continue;
        }
        for side in [5.0, -5.0] {
            let mut line = offset_line(&run.line, |_| side);
            if side > 0.0 {
                // One-way lines run in the direction of traffic, which keeps to the right.
                line.reverse();
            }
            out.push(Feature {
                layer: "transportation",
                min_zoom: 12,
                shape: Shape::Line(line),
                attributes: vec![
                    ("class", "trunk".into()),
                    ("subclass", "trunk".into()),
                    ("brunnel", "bridge".into()),
                    ("layer", 1.into()),
                    ("oneway", 1.into()),
                ],
            });
        }
        out.push(name_feature("二环高架路", "trunk", 13, run.line.clone()));
        ramps(&run.line, out);
    }
}

/// A ramp every so often, first beside the carriageway, then joining it.
fn ramps(line: &[Point], out: &mut Vec<Feature>) {
    let length = line_length(line);
    let mut start = 350.0;
    let mut side = 1.0;
    while start + 220.0 < length {
        let ramp: Vec<Point> = (0..=8)
            .map(|i| {
                let t = f64::from(i) / 8.0;
                let (at, dir) = crate::geom::point::along_line(line, start + 200.0 * t);
                at + dir.left() * (side * (19.0 - 13.0 * t * t))
            })
            .collect();
        out.push(Feature {
            layer: "transportation",
            min_zoom: 14,
            shape: Shape::Line(ramp),
            attributes: vec![
                ("class", "trunk".into()),
                ("subclass", "trunk_link".into()),
                ("brunnel", "bridge".into()),
                ("ramp", 1.into()),
                ("layer", 1.into()),
            ],
        });
        start += 640.0;
        side = -side;
    }
}

fn name_feature(name: &str, class: &str, min_zoom: u8, line: Vec<Point>) -> Feature {
    Feature {
        layer: "transportation_name",
        min_zoom,
        shape: Shape::Line(line),
        attributes: vec![
            ("name", name.into()),
            ("name:zh", name.into()),
            ("class", class.into()),
        ],
    }
}

/// One line for every stretch of a name, joined across stretches where they meet end to end.
fn name_lines(edges: &[Edge]) -> Vec<Feature> {
    let mut by_name: BTreeMap<(&str, RoadClass), Vec<Vec<Point>>> = BTreeMap::new();
    let named: Vec<Edge> = edges
        .iter()
        .filter(|edge| !edge.name.is_empty())
        .cloned()
        .collect();
    let runs = runs(&named, |a, b| a.stretch == b.stretch && a.name == b.name);
    for run in &runs {
        let key = (run.first.name.as_str(), run.first.class);
        by_name.entry(key).or_default().push(run.line.clone());
    }
    let mut out = Vec::new();
    for ((name, class), lines) in by_name {
        let (style, _) = style_class(class);
        let min_zoom = match class {
            RoadClass::Trunk | RoadClass::TrunkLink | RoadClass::Primary => 12,
            RoadClass::Secondary => 13,
            RoadClass::Tertiary => 14,
            _ => 15,
        };
        for line in joined(lines) {
            out.push(name_feature(name, style, min_zoom, line));
        }
    }
    out
}

/// Joins lines whose ends meet.
fn joined(mut lines: Vec<Vec<Point>>) -> Vec<Vec<Point>> {
    let mut out = Vec::new();
    while let Some(mut line) = lines.pop() {
        loop {
            let (first, last) = (line[0].key(), line[line.len() - 1].key());
            let next = lines.iter().position(|other| {
                let ends = [other[0].key(), other[other.len() - 1].key()];
                ends.contains(&first) || ends.contains(&last)
            });
            let Some(next) = next else { break };
            let mut other = lines.swap_remove(next);
            if other[0].key() == first || other[other.len() - 1].key() == last {
                other.reverse();
            }
            if other[0].key() == last {
                line.extend(&other[1..]);
            } else {
                other.extend(&line[1..]);
                line = other;
            }
        }
        out.push(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::point;

    #[test]
    fn lines_that_meet_become_one_whatever_their_direction() {
        let (a, b, c, d) = (
            point(0.0, 0.0),
            point(10.0, 0.0),
            point(20.0, 5.0),
            point(30.0, 5.0),
        );
        let one = joined(vec![vec![b, a], vec![c, d], vec![b, c]]);
        assert_eq!(one.len(), 1);
        assert!((line_length(&one[0]) - (10.0 + 125.0_f64.sqrt() + 10.0)).abs() < 1e-9);
    }
}
