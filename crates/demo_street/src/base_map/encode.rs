//! Mapbox Vector Tile 2.1 encoding.

use std::collections::BTreeMap;

use prost::Message;

use super::features::Value;

/// The messages of the vector tile specification.
pub mod message {
    /// A tile.
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Tile {
        /// Layers.
        #[prost(message, repeated, tag = "3")]
        pub layers: Vec<Layer>,
    }

    /// A layer.
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Layer {
        /// Version of the specification.
        #[prost(uint32, required, tag = "15")]
        pub version: u32,
        /// Name.
        #[prost(string, required, tag = "1")]
        pub name: String,
        /// Features.
        #[prost(message, repeated, tag = "2")]
        pub features: Vec<Feature>,
        /// Attribute names.
        #[prost(string, repeated, tag = "3")]
        pub keys: Vec<String>,
        /// Attribute values.
        #[prost(message, repeated, tag = "4")]
        pub values: Vec<Value>,
        /// Units along a side of the tile.
        #[prost(uint32, optional, tag = "5")]
        pub extent: Option<u32>,
    }

    /// A feature.
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Feature {
        /// Identity inside the layer.
        #[prost(uint64, optional, tag = "1")]
        pub id: Option<u64>,
        /// Pairs of indices into keys and values.
        #[prost(uint32, repeated, tag = "2")]
        pub tags: Vec<u32>,
        /// 1 point, 2 line, 3 polygon.
        #[prost(int32, optional, tag = "3")]
        pub kind: Option<i32>,
        /// Commands and parameters.
        #[prost(uint32, repeated, tag = "4")]
        pub geometry: Vec<u32>,
    }

    /// An attribute value.
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Value {
        /// Text.
        #[prost(string, optional, tag = "1")]
        pub string_value: Option<String>,
        /// Number.
        #[prost(double, optional, tag = "3")]
        pub double_value: Option<f64>,
        /// Whole number.
        #[prost(int64, optional, tag = "4")]
        pub int_value: Option<i64>,
    }
}

/// Units along a side of a tile.
pub const EXTENT: u32 = 4_096;

/// Geometry on the tile's raster.
pub enum Drawn {
    /// A point.
    Point((i32, i32)),
    /// Lines.
    Lines(Vec<Vec<(i32, i32)>>),
    /// Rings, the outer one clockwise on the screen, holes the other way round.
    Rings(Vec<Vec<(i32, i32)>>),
}

/// A layer being filled.
pub struct LayerWriter {
    layer: message::Layer,
    keys: BTreeMap<&'static str, u32>,
    values: BTreeMap<Value, u32>,
}

impl LayerWriter {
    /// An empty layer.
    pub fn new(name: &str) -> Self {
        Self {
            layer: message::Layer {
                version: 2,
                name: name.to_owned(),
                extent: Some(EXTENT),
                ..message::Layer::default()
            },
            keys: BTreeMap::new(),
            values: BTreeMap::new(),
        }
    }

    /// Adds a feature.
    pub fn add(&mut self, id: u64, drawn: &Drawn, attributes: &[(&'static str, Value)]) {
        let mut tags = Vec::with_capacity(attributes.len() * 2);
        for (key, value) in attributes {
            let next = self.keys.len() as u32;
            let key_id = *self.keys.entry(key).or_insert_with(|| {
                self.layer.keys.push((*key).to_owned());
                next
            });
            let value_id = if let Some(known) = self.values.get(value) {
                *known
            } else {
                self.layer.values.push(value.message());
                let id = self.values.len() as u32;
                self.values.insert(value.clone(), id);
                id
            };
            tags.extend([key_id, value_id]);
        }
        let (kind, geometry) = commands(drawn);
        self.layer.features.push(message::Feature {
            id: Some(id),
            tags,
            kind: Some(kind),
            geometry,
        });
    }

    /// The layer, unless nothing was added.
    pub fn finish(self) -> Option<message::Layer> {
        (!self.layer.features.is_empty()).then_some(self.layer)
    }
}

/// The bytes of a tile.
pub fn bytes(layers: Vec<message::Layer>) -> Vec<u8> {
    message::Tile { layers }.encode_to_vec()
}

const MOVE_TO: u32 = 1;
const LINE_TO: u32 = 2;
const CLOSE: u32 = 7;

fn commands(drawn: &Drawn) -> (i32, Vec<u32>) {
    let mut pen = Pen::default();
    match drawn {
        Drawn::Point(p) => {
            pen.command(MOVE_TO, 1);
            pen.go(*p);
            (1, pen.out)
        }
        Drawn::Lines(lines) => {
            for line in lines {
                pen.path(line);
            }
            (2, pen.out)
        }
        Drawn::Rings(rings) => {
            for ring in rings {
                pen.path(ring);
                pen.command(CLOSE, 1);
            }
            (3, pen.out)
        }
    }
}

#[derive(Default)]
struct Pen {
    at: (i32, i32),
    out: Vec<u32>,
}

impl Pen {
    fn command(&mut self, id: u32, count: usize) {
        self.out.push(id | (count as u32) << 3);
    }

    fn go(&mut self, to: (i32, i32)) {
        for step in [to.0 - self.at.0, to.1 - self.at.1] {
            self.out.push(((step << 1) ^ (step >> 31)) as u32);
        }
        self.at = to;
    }

    fn path(&mut self, points: &[(i32, i32)]) {
        self.command(MOVE_TO, 1);
        self.go(points[0]);
        self.command(LINE_TO, points.len() - 1);
        for p in &points[1..] {
            self.go(*p);
        }
    }
}

/// Reads geometry back as paths, for checks.
pub fn read_geometry(geometry: &[u32]) -> Vec<Vec<(i32, i32)>> {
    let mut paths: Vec<Vec<(i32, i32)>> = Vec::new();
    let mut at = (0, 0);
    let mut rest = geometry.iter().copied();
    while let Some(command) = rest.next() {
        if command & 7 == CLOSE {
            continue;
        }
        for _ in 0..command >> 3 {
            let mut step = || {
                let raw = rest.next().unwrap_or(0);
                (raw >> 1) as i32 ^ -((raw & 1) as i32)
            };
            at = (at.0 + step(), at.1 + step());
            if command & 7 == MOVE_TO {
                paths.push(Vec::new());
            }
            if let Some(path) = paths.last_mut() {
                path.push(at);
            }
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specification_s_own_example() {
        // Polygon (3,6) (8,12) (20,34) of the specification, section 4.3.5.
        let drawn = Drawn::Rings(vec![vec![(3, 6), (8, 12), (20, 34)]]);
        let (kind, geometry) = commands(&drawn);
        assert_eq!(kind, 3);
        assert_eq!(geometry, [9, 6, 12, 18, 10, 12, 24, 44, 15]);
        assert_eq!(
            read_geometry(&geometry),
            vec![vec![(3, 6), (8, 12), (20, 34)]]
        );
    }

    #[test]
    fn equal_values_are_stored_once() {
        let mut writer = LayerWriter::new("poi");
        let value = Value::Text("学校".to_owned());
        for id in 0..3 {
            writer.add(id, &Drawn::Point((1, 2)), &[("class", value.clone())]);
        }
        let layer = writer.finish().expect("features");
        assert_eq!(
            (layer.keys.len(), layer.values.len(), layer.features.len()),
            (1, 1, 3)
        );
    }
}
