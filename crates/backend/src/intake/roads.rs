//! Imports a road graph from GeoJSON lines with the ids of their end nodes.
//!
//! Each feature is one directed edge: a `LineString` with the properties `from` and `to` (node
//! ids, text or number), and if known `class` (OSM highway value), `speed_mps` and `name`. A line
//! ends at the edge of its junction, so a node lies at the mean of all line ends that name it.

use std::collections::HashMap;

use domain::LonLat;
use domain::roads::{RoadEdge, RoadNetwork};
use serde_json::{Map, Value};

use super::imports::Tally;
use crate::refusal::Refusal;

/// Speed of an edge that says none, in metres per second (30 km/h).
const DEFAULT_SPEED_MPS: f64 = 8.33;
/// No road is faster than this (216 km/h); what claims it is in another unit.
const MOST_SPEED_MPS: f64 = 60.0;
/// Classes that cars may not use, as OSM names them.
const NOT_FOR_CARS: [&str; 8] = [
    "footway",
    "cycleway",
    "path",
    "pedestrian",
    "steps",
    "bridleway",
    "track",
    "corridor",
];

/// Reads the network. Bad features are left out by name in the tally; the rest goes on.
pub fn read(body: &[u8]) -> Result<(RoadNetwork, Tally), Refusal> {
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        Refusal::bad_request(
            format!("道路文件不是 JSON：{error}"),
            format!("the road file is no JSON: {error}"),
        )
    })?;
    let features = value.get("features").and_then(Value::as_array);
    let Some(features) = features else {
        return Err(Refusal::bad_request(
            "道路文件应为 GeoJSON FeatureCollection",
            "the road file is no GeoJSON FeatureCollection: it has no list \"features\"",
        ));
    };
    let mut tally = Tally::default();
    let mut nodes = NodeTable::default();
    let mut lines = Vec::new();
    for (index, feature) in features.iter().enumerate() {
        match read_line(feature) {
            Ok(line) => {
                tally.taken += 1;
                lines.push(nodes.place(line));
            }
            Err(what) => tally.leave_out(format!(
                "第 {0} 个要素未导入 / feature {0} left out: {what}",
                index + 1
            )),
        }
    }
    if lines.is_empty() {
        return Err(Refusal::bad_request(
            format!("道路文件中没有可用的路段：{}", tally.named().join("; ")),
            "the road file has no usable edge: nothing was replaced",
        ));
    }
    let nodes = nodes.positions();
    let edges = lines
        .into_iter()
        .map(|line| line.into_edge(&nodes))
        .collect();
    Ok((RoadNetwork { nodes, edges }, tally))
}

/// One feature that passed all checks.
#[derive(Debug)]
struct Line {
    from: String,
    to: String,
    class: String,
    name: String,
    speed_mps: f64,
    points: Vec<LonLat>,
}

#[derive(Debug)]
struct PlacedLine {
    from: u32,
    to: u32,
    line: Line,
}

impl PlacedLine {
    fn into_edge(self, nodes: &[LonLat]) -> RoadEdge {
        let Line {
            class,
            name,
            speed_mps,
            points,
            ..
        } = self.line;
        let via = points[1..points.len() - 1].to_vec();
        let ends = (nodes[self.from as usize], nodes[self.to as usize]);
        let mut length_m = 0.0;
        let mut here = ends.0;
        for next in via.iter().copied().chain([ends.1]) {
            length_m += here.distance_m(next);
            here = next;
        }
        RoadEdge {
            from: self.from,
            to: self.to,
            length_m: length_m as f32,
            speed_mps: speed_mps as f32,
            for_cars: !NOT_FOR_CARS.contains(&class.as_str()),
            class,
            name,
            via,
        }
    }
}

fn read_line(feature: &Value) -> Result<Line, String> {
    let empty = Map::new();
    let properties = feature
        .get("properties")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let geometry = feature.get("geometry").unwrap_or(&Value::Null);
    if geometry.get("type").and_then(Value::as_str) != Some("LineString") {
        return Err("its geometry is no LineString".to_owned());
    }
    let coordinates = geometry
        .get("coordinates")
        .and_then(Value::as_array)
        .ok_or("it has no coordinates")?;
    let points: Vec<LonLat> = coordinates
        .iter()
        .map(read_point)
        .collect::<Option<_>>()
        .ok_or("a coordinate is no longitude and latitude in degrees")?;
    if points.len() < 2 {
        return Err("a line needs two points".to_owned());
    }
    let speed_mps = match properties.get("speed_mps") {
        None | Some(Value::Null) => DEFAULT_SPEED_MPS,
        Some(value) => value
            .as_f64()
            .filter(|speed| *speed > 0.0 && *speed <= MOST_SPEED_MPS)
            .ok_or_else(|| {
                format!("speed_mps {value} is not between 0 and {MOST_SPEED_MPS} m/s")
            })?,
    };
    let text = |name: &str| {
        properties
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .chars()
            .take(100)
            .collect::<String>()
    };
    let class = text("class");
    Ok(Line {
        from: node_id(properties, "from")?,
        to: node_id(properties, "to")?,
        class: if class.is_empty() {
            "unclassified".to_owned()
        } else {
            class
        },
        name: text("name"),
        speed_mps,
        points,
    })
}

fn read_point(value: &Value) -> Option<LonLat> {
    let pair = value.as_array()?;
    let point = LonLat::new(pair.first()?.as_f64()?, pair.get(1)?.as_f64()?);
    point.is_on_globe().then_some(point)
}

fn node_id(properties: &Map<String, Value>, name: &str) -> Result<String, String> {
    let id = match properties.get(name) {
        Some(Value::String(id)) if !id.is_empty() => Some(id.clone()),
        Some(Value::Number(id)) => Some(id.to_string()),
        _ => None,
    };
    id.filter(|id| id.len() <= 64)
        .ok_or_else(|| format!("property \"{name}\" names no node"))
}

/// Numbers node ids in the order of their first use and collects where lines end at them.
#[derive(Debug, Default)]
struct NodeTable {
    numbers: HashMap<String, u32>,
    sums: Vec<(f64, f64, f64)>,
}

impl NodeTable {
    fn place(&mut self, line: Line) -> PlacedLine {
        let last = line.points.len() - 1;
        let from = self.number(&line.from, line.points[0]);
        let to = self.number(&line.to, line.points[last]);
        PlacedLine { from, to, line }
    }

    fn number(&mut self, id: &str, end: LonLat) -> u32 {
        let fresh = self.sums.len() as u32;
        let number = *self.numbers.entry(id.to_owned()).or_insert(fresh);
        if number == fresh {
            self.sums.push((0.0, 0.0, 0.0));
        }
        let sum = &mut self.sums[number as usize];
        *sum = (sum.0 + end.lon, sum.1 + end.lat, sum.2 + 1.0);
        number
    }

    fn positions(&self) -> Vec<LonLat> {
        let mean = |(lon, lat, count): &(f64, f64, f64)| LonLat::new(lon / count, lat / count);
        self.sums.iter().map(mean).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feature(properties: &str, geometry: &str) -> String {
        format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
    }

    fn collection(features: &[String]) -> String {
        format!(
            r#"{{"type":"FeatureCollection","features":[{}]}}"#,
            features.join(",")
        )
    }

    const LINE: &str =
        r#"{"type":"LineString","coordinates":[[104.0,30.0],[104.001,30.0],[104.002,30.0]]}"#;

    #[test]
    fn every_bad_feature_is_named_and_the_rest_goes_on() {
        let bad = [
            feature(r#"{"to":"b"}"#, LINE),
            feature(r#"{"from":"a","to":""}"#, LINE),
            feature(r#"{"from":"a","to":"b","speed_mps":-1}"#, LINE),
            feature(r#"{"from":"a","to":"b","speed_mps":"fast"}"#, LINE),
            feature(
                r#"{"from":"a","to":"b"}"#,
                r#"{"type":"Point","coordinates":[104,30]}"#,
            ),
            feature(
                r#"{"from":"a","to":"b"}"#,
                r#"{"type":"LineString","coordinates":[[104,30]]}"#,
            ),
            feature(
                r#"{"from":"a","to":"b"}"#,
                r#"{"type":"LineString","coordinates":[[104,30],[30,104]]}"#,
            ),
            feature(r#"{"from":"a","to":"b"}"#, "null"),
            "7".to_owned(),
        ];
        let mut features = vec![feature(
            r#"{"from":"a","to":17,"class":"footway","name":"锦川路"}"#,
            LINE,
        )];
        features.extend(bad);
        let (network, tally) = read(collection(&features).as_bytes()).expect("one is usable");
        assert_eq!((network.nodes.len(), network.edges.len()), (2, 1));
        assert_eq!(tally.named().len(), 9);
        assert!(
            tally.named()[0].contains("feature 2"),
            "{:?}",
            tally.named()
        );
        let edge = &network.edges[0];
        assert!(!edge.for_cars && edge.via.len() == 1 && edge.name == "锦川路");
        assert!((edge.length_m - 192.6).abs() < 0.5, "{}", edge.length_m);
    }

    #[test]
    fn a_node_lies_at_the_mean_of_the_line_ends() {
        let other = r#"{"type":"LineString","coordinates":[[104.002,30.002],[104.003,30.0]]}"#;
        let body = collection(&[
            feature(r#"{"from":"a","to":"b"}"#, LINE),
            feature(r#"{"from":"b","to":"c"}"#, other),
        ]);
        let (network, _) = read(body.as_bytes()).expect("sound");
        assert_eq!(network.nodes.len(), 3);
        assert!((network.nodes[1].lat - 30.001).abs() < 1e-9);
        assert_eq!(network.edges[0].to, network.edges[1].from);
    }

    #[test]
    fn what_is_no_road_file_is_refused_whole() {
        for bad in ["", "[]", "{}", r#"{"features":7}"#, r#"{"features":[]}"#] {
            assert!(read(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
