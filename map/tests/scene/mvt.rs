//! Writes vector tiles: just enough of the format for made-up towns.

/// An attribute's value.
#[derive(Clone, PartialEq)]
pub enum Value {
    Text(String),
    Number(u64),
}

/// What a feature looks like, in tile units.
#[derive(Clone)]
pub enum Shape {
    Point([i32; 2]),
    Line(Vec<[i32; 2]>),
    /// One ring, clockwise on the screen, not closed.
    Polygon(Vec<[i32; 2]>),
}

/// A feature to be written.
#[derive(Clone)]
pub struct Feature {
    pub shape: Shape,
    pub properties: Vec<(&'static str, Value)>,
}

/// The bytes of a tile with the given layers; 4096 units wide.
pub fn tile(layers: &[(&str, Vec<Feature>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, features) in layers {
        bytes_field(&mut out, 3, &layer(name, features));
    }
    out
}

fn layer(name: &str, features: &[Feature]) -> Vec<u8> {
    let mut keys: Vec<&str> = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    let mut out = Vec::new();
    number_field(&mut out, 15, 2);
    bytes_field(&mut out, 1, name.as_bytes());
    for feature in features {
        let mut tags = Vec::new();
        for (key, value) in &feature.properties {
            varint(&mut tags, place(&mut keys, key));
            varint(&mut tags, place(&mut values, value));
        }
        let (kind, geometry) = geometry(&feature.shape);
        let mut message = Vec::new();
        bytes_field(&mut message, 2, &tags);
        number_field(&mut message, 3, kind);
        bytes_field(&mut message, 4, &geometry);
        bytes_field(&mut out, 2, &message);
    }
    for key in keys {
        bytes_field(&mut out, 3, key.as_bytes());
    }
    for value in values {
        let mut message = Vec::new();
        match value {
            Value::Text(text) => bytes_field(&mut message, 1, text.as_bytes()),
            Value::Number(number) => number_field(&mut message, 5, number),
        }
        bytes_field(&mut out, 4, &message);
    }
    number_field(&mut out, 5, 4096);
    out
}

fn place<T: PartialEq + Clone>(table: &mut Vec<T>, item: &T) -> u64 {
    let at = table
        .iter()
        .position(|held| held == item)
        .unwrap_or_else(|| {
            table.push(item.clone());
            table.len() - 1
        });
    at as u64
}

fn geometry(shape: &Shape) -> (u64, Vec<u8>) {
    let mut out = Vec::new();
    let mut pen = [0, 0];
    let mut go = |out: &mut Vec<u8>, to: [i32; 2]| {
        for axis in 0..2 {
            let step = to[axis] - pen[axis];
            varint(out, u64::from(((step << 1) ^ (step >> 31)).cast_unsigned()));
        }
        pen = to;
    };
    let command = |out: &mut Vec<u8>, id: u64, count: usize| varint(out, id | (count as u64) << 3);
    match shape {
        Shape::Point(at) => {
            command(&mut out, 1, 1);
            go(&mut out, *at);
            (1, out)
        }
        Shape::Line(points) | Shape::Polygon(points) => {
            command(&mut out, 1, 1);
            go(&mut out, points[0]);
            command(&mut out, 2, points.len() - 1);
            for point in &points[1..] {
                go(&mut out, *point);
            }
            if matches!(shape, Shape::Polygon(_)) {
                command(&mut out, 7, 1);
                return (3, out);
            }
            (2, out)
        }
    }
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn number_field(out: &mut Vec<u8>, field: u64, value: u64) {
    varint(out, field << 3);
    varint(out, value);
}

fn bytes_field(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    varint(out, field << 3 | 2);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}
