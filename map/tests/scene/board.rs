//! A drawing board: features given in pixels of the canvas, handed out as vector tiles, with a style of the scene's own.

use map_core::projection::{LonLat, World};
use serde_json::{Value as Json, json};
use street_map::{offscreen::OffscreenMap, tiles::TileAnswer};

use super::mvt::{Feature, Shape, Value, tile};
use super::{HEIGHT, Setting, WIDTH};

/// Units across a tile.
const EXTENT: f64 = 4096.0;

/// Features on a canvas.
pub struct Board {
    pub setting: Setting,
    middle: World,
    layers: Vec<(&'static str, Vec<Drawn>)>,
}

struct Drawn {
    shape: Shape<[f64; 2]>,
    properties: Vec<(&'static str, Value)>,
}

/// A text as an attribute.
pub fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

impl Board {
    /// An empty board, looked at from a zoom.
    pub fn new(zoom: f64) -> Self {
        Self::at(Setting {
            zoom,
            ..Setting::default()
        })
    }

    /// An empty board in a setting.
    pub fn at(setting: Setting) -> Self {
        let [lon, lat] = setting.centre;
        Self {
            middle: LonLat::new(lon, lat).to_world(),
            setting,
            layers: Vec::new(),
        }
    }

    /// Puts a feature on the board, in pixels from the canvas's upper left corner.
    pub fn add(
        &mut self,
        layer: &'static str,
        shape: Shape<[f64; 2]>,
        properties: &[(&'static str, Value)],
    ) {
        let drawn = Drawn {
            shape,
            properties: properties.to_vec(),
        };
        match self.layers.iter_mut().find(|(name, _)| *name == layer) {
            Some((_, features)) => features.push(drawn),
            None => self.layers.push((layer, vec![drawn])),
        }
    }

    /// A map over the board with these style layers, each drawing the tile layer of its own or, where it names none,
    /// the one called as it is.
    pub fn open(&self, layers: &Json) -> OffscreenMap {
        let mut layers = layers.as_array().expect("a list of layers").clone();
        for layer in &mut layers {
            let id = layer["id"].clone();
            let layer = layer.as_object_mut().expect("a layer");
            layer.entry("source-layer").or_insert(id);
        }
        let ground =
            json!({"id": "ground", "type": "background", "paint": {"background-color": "#f2f0ea"}});
        layers.insert(0, ground);
        let style = json!({"version": 8, "sprite": "own", "layers": layers});
        Setting {
            style_json: style.to_string(),
            ..self.setting.clone()
        }
        .open()
    }

    /// The tile that a URL of the form `…/z/x/y` names.
    pub fn tile(&self, url: &str) -> TileAnswer {
        let mut parts = url.rsplit('/').filter_map(|part| part.parse::<u32>().ok());
        let (Some(y), Some(x), Some(z)) = (parts.next(), parts.next(), parts.next()) else {
            return TileAnswer::Empty;
        };
        let tiles = f64::from(1_u32 << z);
        let world_px = 512.0 * self.setting.zoom.exp2();
        let size = [self.setting.width, self.setting.height]
            .map(|px| f64::from(px) / f64::from(self.setting.pixel_ratio));
        let spot = |p: &[f64; 2]| {
            let across = self.middle.x + (p[0] - size[0] / 2.0) / world_px;
            let down = self.middle.y + (p[1] - size[1] / 2.0) / world_px;
            // The tile's own copy of the world, for boards across its edge.
            let turns = ((f64::from(x) + 0.5) / tiles - across).round();
            [
                (((across + turns) * tiles - f64::from(x)) * EXTENT).round() as i32,
                ((down * tiles - f64::from(y)) * EXTENT).round() as i32,
            ]
        };
        let layers: Vec<(&str, Vec<Feature>)> = self
            .layers
            .iter()
            .map(|(name, features)| {
                let features = features.iter().map(|drawn| Feature {
                    shape: drawn.shape.map(spot),
                    properties: drawn.properties.clone(),
                });
                (*name, features.collect())
            })
            .collect();
        TileAnswer::Bytes(tile(&layers))
    }
}

/// The middle of the canvas of the usual size.
pub const MIDDLE: [f64; 2] = [WIDTH as f64 / 2.0, HEIGHT as f64 / 2.0];
