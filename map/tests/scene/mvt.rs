//! Writes vector tiles: just enough of the format for made-up towns.

/// An attribute's value.
#[derive(Clone, PartialEq)]
pub enum Value {
    Text(String),
    Number(u64),
    Real(f64),
}

/// What a feature looks like; in tile units where nothing else is said.
#[derive(Clone)]
pub enum Shape<P = [i32; 2]> {
    Point(P),
    Line(Vec<P>),
    /// One ring, clockwise on the screen, not closed.
    Polygon(Vec<P>),
    /// Several rings: outer ones clockwise on the screen, their holes after them the other way around.
    Rings(Vec<Vec<P>>),
}

impl<P> Shape<P> {
    /// The shape in other units.
    pub fn map<Q>(&self, to: impl Fn(&P) -> Q) -> Shape<Q> {
        let all = |points: &Vec<P>| points.iter().map(&to).collect();
        match self {
            Self::Point(at) => Shape::Point(to(at)),
            Self::Line(points) => Shape::Line(all(points)),
            Self::Polygon(points) => Shape::Polygon(all(points)),
            Self::Rings(rings) => Shape::Rings(rings.iter().map(all).collect()),
        }
    }
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
            Value::Real(number) => {
                varint(&mut message, 3 << 3 | 1);
                message.extend_from_slice(&number.to_le_bytes());
            }
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
    match shape {
        Shape::Point(at) => {
            command(&mut out, 1, 1);
            go(&mut out, *at);
            (1, out)
        }
        Shape::Line(points) => {
            path(&mut out, &mut go, points);
            (2, out)
        }
        Shape::Polygon(ring) => {
            path(&mut out, &mut go, ring);
            command(&mut out, 7, 1);
            (3, out)
        }
        Shape::Rings(rings) => {
            for ring in rings {
                path(&mut out, &mut go, ring);
                command(&mut out, 7, 1);
            }
            (3, out)
        }
    }
}

fn command(out: &mut Vec<u8>, id: u64, count: usize) {
    varint(out, id | (count as u64) << 3);
}

fn path(out: &mut Vec<u8>, go: &mut impl FnMut(&mut Vec<u8>, [i32; 2]), points: &[[i32; 2]]) {
    command(out, 1, 1);
    go(out, points[0]);
    command(out, 2, points.len() - 1);
    for point in &points[1..] {
        go(out, *point);
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
