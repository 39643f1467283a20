//! Layers of pictures: their properties, and the source that they are drawn from.

use serde_json::Value as Json;

use super::feature_view::Context;
use super::layers::LayerReader;
use super::property::Property;

/// Width of a picture tile in CSS pixels at its own zoom where a raster source does not say it; the specification's
/// default of `tileSize`.
const DEFAULT_TILE_PX: u16 = 512;
/// What is taken for the width of a picture tile.
const TILE_PX_RANGE: std::ops::RangeInclusive<u64> = 64..=4096;

/// A raster layer's uniforms at one zoom, as the style specification means them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RasterPaint {
    /// 0 to 1.
    pub opacity: f32,
    /// What black and white become, 0 to 1.
    pub brightness: [f32; 2],
    /// −1 to 1, 0 leaves the picture as it is.
    pub contrast: f32,
    /// −1 (grey) to 1, 0 leaves the picture as it is.
    pub saturation: f32,
    /// Turns the colours around the wheel; degrees.
    pub hue_rotate_deg: f32,
    /// Whether enlarged pixels stay squares.
    pub nearest: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Raster {
    opacity: Property,
    brightness: [Property; 2],
    contrast: Property,
    saturation: Property,
    hue_rotate: Property,
    resampling: Property,
}

impl Raster {
    pub(super) fn read(reader: &mut LayerReader<'_>) -> Self {
        let resampling = reader.word("raster-resampling", "linear", &["linear", "nearest"]);
        Self {
            opacity: reader.number_of_all("raster-opacity", 1.0),
            brightness: [
                reader.number_of_all("raster-brightness-min", 0.0),
                reader.number_of_all("raster-brightness-max", 1.0),
            ],
            contrast: reader.number_of_all("raster-contrast", 0.0),
            saturation: reader.number_of_all("raster-saturation", 0.0),
            hue_rotate: reader.number_of_all("raster-hue-rotate", 0.0),
            resampling: reader.of_all("raster-resampling", resampling),
        }
    }

    pub(super) fn paint(&self, context: &Context<'_>) -> RasterPaint {
        let within = |property: &Property, low: f32| property.number(context).clamp(low, 1.0);
        RasterPaint {
            opacity: within(&self.opacity, 0.0),
            brightness: [
                within(&self.brightness[0], 0.0),
                within(&self.brightness[1], 0.0),
            ],
            contrast: within(&self.contrast, -1.0),
            saturation: within(&self.saturation, -1.0),
            hue_rotate_deg: self.hue_rotate.number(context) % 360.0,
            nearest: &*self.resampling.text(context) == "nearest",
        }
    }
}

/// The `tileSize` of the source that a layer names.
pub(super) fn tile_px(style: &Json, source: &str) -> u16 {
    style["sources"][source]["tileSize"]
        .as_u64()
        .filter(|px| TILE_PX_RANGE.contains(px))
        .map_or(DEFAULT_TILE_PX, |px| px as u16)
}

#[cfg(test)]
mod tests {
    use crate::style::{LayerPaint, Style};

    use super::*;

    fn style(paint: &str) -> Style {
        let json = format!(
            r#"{{"sources": {{"base": {{"type": "raster", "tileSize": 256}}}},
                "layers": [{{"id": "r", "type": "raster", "source": "base", "paint": {paint}}}]}}"#
        );
        Style::from_json(&json).expect("a style")
    }

    fn paint(text: &str, zoom: f64) -> RasterPaint {
        match style(text).layers[0].paint_at(zoom) {
            LayerPaint::Raster(paint) => paint,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nothing_said_leaves_the_picture_as_it_is() {
        let plain = RasterPaint {
            opacity: 1.0,
            brightness: [0.0, 1.0],
            contrast: 0.0,
            saturation: 0.0,
            hue_rotate_deg: 0.0,
            nearest: false,
        };
        assert_eq!(paint("{}", 10.0), plain);
        assert!(style("{}").warnings.is_empty());
    }

    #[test]
    fn every_property_is_read_and_kept_within_its_range() {
        let all = r#"{"raster-opacity": ["interpolate", ["linear"], ["zoom"], 10, 0, 12, 1],
            "raster-brightness-min": 0.1, "raster-brightness-max": 7, "raster-contrast": -3,
            "raster-saturation": -0.5, "raster-hue-rotate": 450, "raster-resampling": "nearest"}"#;
        let read = paint(all, 11.0);
        assert_eq!(
            read,
            RasterPaint {
                opacity: 0.5,
                brightness: [0.1, 1.0],
                contrast: -1.0,
                saturation: -0.5,
                hue_rotate_deg: 90.0,
                nearest: true,
            }
        );
    }

    #[test]
    fn what_is_not_known_is_named() {
        let warnings = style(r#"{"raster-fade-duration": 0, "raster-glow": 1}"#).warnings;
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(warnings[1].contains("raster-glow"), "{warnings:?}");
    }

    #[test]
    fn the_width_of_tiles_is_that_of_the_source() {
        assert_eq!(style("{}").picture_tile_px(), Some(256));
        let layer = r#"{"id": "r", "type": "raster", "source": "other"}"#;
        let vector = r#"{"id": "f", "type": "fill", "source": "base", "source-layer": "water"}"#;
        let of = |layers: &str| {
            let json =
                format!(r#"{{"sources": {{"other": {{"tileSize": 0}}}}, "layers": [{layers}]}}"#);
            Style::from_json(&json).expect("a style").picture_tile_px()
        };
        assert_eq!(of(layer), Some(512), "nothing sensible is said");
        assert_eq!(of(vector), None, "a style of vector tiles");
        assert_eq!(
            of(&format!("{layer}, {vector}")),
            None,
            "the zooms of vector tiles decide"
        );
    }
}
