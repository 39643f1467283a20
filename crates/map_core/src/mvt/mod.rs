//! Vector tiles as the Mapbox Vector Tile specification 2.1 writes them, decoded by hand and with limits, since a
//! tile comes from a file that anyone may have made.

mod geometry;
mod reader;

use std::collections::HashSet;
use std::sync::Arc;

pub use geometry::twice_area;
use reader::{Field, Reader};

/// The most features in a layer, keys or values in its tables. Dense real tiles have some ten thousand.
const MOST_ENTRIES: usize = 1 << 20;

/// The most layers in a tile.
const MOST_LAYERS: usize = 512;

/// What is wrong with a tile. A tile with an error is dropped as a whole, other tiles are not touched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end inside a value.
    #[error(
        "the tile ends inside a {what} at byte {at}: it is cut off; fetch it again or rebuild the archive"
    )]
    Truncated {
        /// What was being read.
        what: &'static str,
        /// Where, from the tile's first byte.
        at: usize,
    },
    /// A value cannot be what stands there.
    #[error(
        "the tile has a bad {what} at byte {at}: it is damaged or no vector tile; rebuild the archive"
    )]
    Malformed {
        /// What was being read.
        what: &'static str,
        /// Where, from the tile's first byte.
        at: usize,
    },
    /// More of something than any honest tile holds.
    #[error(
        "the tile has more than {limit} {what}: it is damaged or made to harm; leave it out of the archive"
    )]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
}

/// An attribute's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Property {
    /// Text.
    Text(Arc<str>),
    /// Any of the format's number types; integers beyond 2^53 lose their last digits.
    Number(f64),
    /// Truth.
    Bool(bool),
}

/// What kind of geometry a feature has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GeometryKind {
    /// One or more points.
    Point,
    /// One or more lines.
    LineString,
    /// One or more polygons with holes.
    Polygon,
}

/// One feature of a layer; its attributes are indices into the layer's tables.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// The feature's number, where the tile gives one.
    pub id: Option<u64>,
    /// What the geometry is.
    pub kind: GeometryKind,
    /// Points: one part per point. Lines: one part per line. Polygons: one part per ring, not closed; an outer ring
    /// has a positive area in tile coordinates and is followed by its holes. In the layer's own units.
    pub parts: Vec<Vec<[i32; 2]>>,
    /// Pairs of key index and value index.
    pub tags: Vec<(u32, u32)>,
}

/// One layer of a tile.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// The layer's name.
    pub name: String,
    /// Units across the tile; never zero.
    pub extent: u32,
    /// Attribute names.
    pub keys: Vec<Arc<str>>,
    /// Attribute values.
    pub values: Vec<Property>,
    /// The features.
    pub features: Vec<Feature>,
}

impl Layer {
    /// A feature's attribute.
    pub fn property(&self, feature: &Feature, key: &str) -> Option<&Property> {
        feature
            .tags
            .iter()
            .find(|(k, _)| {
                self.keys
                    .get(*k as usize)
                    .is_some_and(|name| &**name == key)
            })
            .and_then(|(_, v)| self.values.get(*v as usize))
    }
}

/// A decoded tile.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tile {
    /// The layers in the order of the file; the first wins where a name comes twice.
    pub layers: Vec<Layer>,
}

impl Tile {
    /// Reads a tile that is already decompressed.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let mut tile = Self::default();
        let mut names = HashSet::new();
        while let Some((number, field)) = reader.field("tile")? {
            let (3, Field::Bytes(message)) = (number, field) else {
                continue;
            };
            if tile.layers.len() == MOST_LAYERS {
                return Err(DecodeError::TooMany {
                    what: "layers",
                    limit: MOST_LAYERS,
                });
            }
            let layer = decode_layer(message)?;
            if names.insert(layer.name.clone()) {
                tile.layers.push(layer);
            }
        }
        Ok(tile)
    }

    /// The layer of this name.
    pub fn layer(&self, name: &str) -> Option<&Layer> {
        self.layers.iter().find(|l| l.name == name)
    }
}

fn decode_layer(mut message: Reader<'_>) -> Result<Layer, DecodeError> {
    let start = message.at();
    let malformed = |what| DecodeError::Malformed { what, at: start };
    let mut version = None;
    let mut features = Vec::new();
    let mut layer = Layer {
        name: String::new(),
        extent: 4096,
        keys: vec![],
        values: vec![],
        features: vec![],
    };
    while let Some((number, field)) = message.field("layer")? {
        match (number, field) {
            (1, Field::Bytes(name)) => text(name, "layer name")?.clone_into(&mut layer.name),
            (2, Field::Bytes(feature)) => {
                limited(&features, "features")?;
                features.push(feature);
            }
            (3, Field::Bytes(key)) => {
                limited(&layer.keys, "keys")?;
                layer.keys.push(text(key, "key")?.into());
            }
            (4, Field::Bytes(value)) => {
                limited(&layer.values, "values")?;
                layer.values.push(decode_value(value)?);
            }
            (5, Field::Varint(extent)) => {
                // Beyond 2^16 units a coordinate no longer fits what the limits on geometry assume.
                let plausible = u32::try_from(extent)
                    .ok()
                    .filter(|e| (1..=1 << 16).contains(e));
                layer.extent = plausible.ok_or(DecodeError::Malformed {
                    what: "extent",
                    at: message.at(),
                })?;
            }
            (15, Field::Varint(number)) => version = Some(number),
            (1..=5 | 15, _) => return Err(malformed("field of a layer")),
            _ => {}
        }
    }
    if layer.name.is_empty() {
        return Err(malformed("layer without a name"));
    }
    let is_closing_lines = match version {
        // The default of the format's protocol buffer is version 1.
        None | Some(1) => true,
        Some(2) => false,
        _ => return Err(malformed("layer version (1 and 2 are known)")),
    };
    // The fields of a layer come in any order, and a feature is nothing without the version and the tables.
    for message in features {
        let at = message.at();
        let Some(feature) = decode_feature(message, is_closing_lines)? else {
            continue;
        };
        let is_known = |(key, value): &(u32, u32)| {
            (*key as usize) < layer.keys.len() && (*value as usize) < layer.values.len()
        };
        if !feature.tags.iter().all(is_known) {
            return Err(DecodeError::Malformed {
                what: "tag that points to nothing",
                at,
            });
        }
        layer.features.push(feature);
    }
    Ok(layer)
}

fn limited<T>(list: &[T], what: &'static str) -> Result<(), DecodeError> {
    if list.len() < MOST_ENTRIES {
        Ok(())
    } else {
        Err(DecodeError::TooMany {
            what,
            limit: MOST_ENTRIES,
        })
    }
}

fn text<'a>(bytes: Reader<'a>, what: &'static str) -> Result<&'a str, DecodeError> {
    let at = bytes.at();
    std::str::from_utf8(bytes.bytes()).map_err(|_| DecodeError::Malformed { what, at })
}

/// A feature, or `None` where its geometry is unknown, empty or absurd, or its last tag has no value: the specification
/// lets a decoder go on without it. Lines may be closed in version 1 only.
fn decode_feature(
    mut message: Reader<'_>,
    is_closing_lines: bool,
) -> Result<Option<Feature>, DecodeError> {
    let (mut id, mut kind, mut tags, mut geometry) = (None, None, Vec::new(), None);
    while let Some((number, field)) = message.field("feature")? {
        match (number, field) {
            (1, Field::Varint(value)) => id = Some(value),
            (2, Field::Bytes(mut pairs)) => {
                while !pairs.is_empty() {
                    let key = pairs.varint("tag")?;
                    if pairs.is_empty() {
                        return Ok(None);
                    }
                    let value = pairs.varint("tag")?;
                    tags.push((index(key), index(value)));
                }
            }
            (3, Field::Varint(value)) => {
                kind = match value {
                    1 => Some(GeometryKind::Point),
                    2 => Some(GeometryKind::LineString),
                    3 => Some(GeometryKind::Polygon),
                    _ => None,
                };
            }
            (4, Field::Bytes(commands)) => geometry = Some(commands),
            _ => {}
        }
    }
    let (Some(kind), Some(commands)) = (kind, geometry) else {
        return Ok(None);
    };
    let parts = geometry::decode(commands, kind, is_closing_lines)?;
    Ok(parts.map(|parts| Feature {
        id,
        kind,
        parts,
        tags,
    }))
}

/// An index into a layer's tables; one that cannot be becomes one that finds nothing.
fn index(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn decode_value(mut message: Reader<'_>) -> Result<Property, DecodeError> {
    let at = message.at();
    let mut value = None;
    while let Some((number, field)) = message.field("value")? {
        value = match (number, field) {
            (1, Field::Bytes(t)) => Some(Property::Text(text(t, "text value")?.into())),
            (2, Field::Fixed32(bits)) => {
                Some(Property::Number(f64::from(f32::from_le_bytes(bits))))
            }
            (3, Field::Fixed64(bits)) => Some(Property::Number(f64::from_le_bytes(bits))),
            (4, Field::Varint(n)) => Some(Property::Number(n as i64 as f64)),
            (5, Field::Varint(n)) => Some(Property::Number(n as f64)),
            (6, Field::Varint(n)) => Some(Property::Number(
                ((n >> 1) as i64 ^ -((n & 1) as i64)) as f64,
            )),
            (7, Field::Varint(n)) => Some(Property::Bool(n != 0)),
            _ => value,
        };
    }
    value.ok_or(DecodeError::Malformed {
        what: "value without content",
        at,
    })
}

#[cfg(test)]
mod tests;
