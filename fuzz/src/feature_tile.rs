//! A tile whose features any style has something to say about.

use std::sync::Arc;

use map_core::mvt::{Feature, GeometryKind, Layer, Property, Tile};
use map_core::projection::TileId;
use map_core::style::Style;
use map_core::tessellate::{TileKey, tessellate};

/// Layers of a style that are looked at.
const MOST_LAYERS: usize = 24;

/// Attributes that the schemas know, each feature with one value of another kind.
const KEYS: [&str; 12] = [
    "class",
    "kind",
    "kind_detail",
    "subclass",
    "name",
    "name:zh",
    "ref",
    "admin_level",
    "brunnel",
    "rank",
    "height",
    "housenumber",
];

/// A tile with a layer of each name that a style asks for.
pub fn for_style(text: &str) -> Tile {
    let mut names = Vec::new();
    if let Ok(style) = serde_json::from_str::<serde_json::Value>(text) {
        let layers = style.get("layers").and_then(serde_json::Value::as_array);
        for layer in layers.into_iter().flatten() {
            let name = layer
                .get("source-layer")
                .and_then(serde_json::Value::as_str);
            if let Some(name) =
                name.filter(|name| !names.contains(name) && names.len() < MOST_LAYERS)
            {
                names.push(name);
            }
        }
        return Tile {
            layers: names.into_iter().map(layer).collect(),
        };
    }
    Tile::default()
}

fn layer(name: &str) -> Layer {
    let values = vec![
        Property::Text(Arc::from("primary")),
        Property::Text(Arc::from("park")),
        Property::Text(Arc::from("锦川路")),
        Property::Text(Arc::from("")),
        Property::Number(4.5),
        Property::Number(-1e300),
        Property::Bool(true),
    ];
    let tags = |first: usize| {
        let pairs = (0..KEYS.len()).map(|key| (key as u32, ((key + first) % values.len()) as u32));
        pairs.collect::<Vec<_>>()
    };
    let square = vec![[100, 100], [3000, 100], [3000, 3000], [100, 3000]];
    let line = vec![[0, 0], [2000, 2100], [4096, 2000]];
    let shapes = [
        (GeometryKind::Point, vec![vec![[2048, 2048]]]),
        (GeometryKind::LineString, vec![line]),
        (GeometryKind::Polygon, vec![square]),
    ];
    let features = (0..6).map(|number: usize| {
        let (kind, parts) = shapes[number % 3].clone();
        Feature {
            id: number.is_multiple_of(2).then_some(number as u64),
            kind,
            parts,
            tags: tags(number),
        }
    });
    Layer {
        name: name.to_owned(),
        extent: 4096,
        keys: KEYS.map(Arc::from).to_vec(),
        features: features.collect(),
        values,
    }
}

/// Evaluates filters and properties of a style, those of its texts and icons as well, on the features of a tile.
pub fn draw(tile: &Tile, style: &Style) {
    for display_zoom in [14, 18] {
        let key = TileKey {
            tile: TileId {
                z: 14,
                x: 12_928,
                y: 6_730,
            },
            display_zoom,
        };
        let _buckets = tessellate(tile, style, key);
    }
}
