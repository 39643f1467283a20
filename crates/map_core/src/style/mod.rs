//! A map style: a documented subset of the MapLibre style specification, read from JSON.
//!
//! What the reader does not know it leaves out and names once in [`Style::warnings`]; only text that is not a style
//! at all is an error.

mod baked;
mod colour_space;
mod dependence;
mod expression;
mod feature_view;
mod filter;
mod interpolate;
mod layers;
mod number_format;
mod parse;
mod property;
mod raster;
mod symbol;
mod value;
mod warnings;
mod whole;

pub(crate) use baked::Baking;
pub(crate) use layers::Content;
pub(crate) use symbol::{BakedSymbol, Placement};

use serde_json::Value as Json;

use crate::colour::Colour;
use feature_view::Context;
pub use feature_view::{FeatureView, KeyIndex};
pub use layers::Layer;
use layers::{Circle, Fill, Line};
use property::Property;
pub use raster::RasterPaint;
pub use value::Value;
use warnings::Warnings;
use whole::Together;

/// Why a text is not a style.
#[derive(Debug, thiserror::Error)]
pub enum StyleError {
    /// The text is not JSON.
    #[error("the style is not JSON: {0}; check the file at that place")]
    Json(#[from] serde_json::Error),
    /// The JSON is not a style.
    #[error("the style has no usable {missing}; a style is an object with \"layers\": [ … ]")]
    Shape {
        /// What is missing.
        missing: &'static str,
    },
}

/// A style, ready to be used.
#[derive(Clone, Debug)]
pub struct Style {
    /// The style's name, empty where it has none.
    pub name: String,
    /// All layers that can be drawn, in drawing order.
    pub layers: Vec<Layer>,
    /// What was left out, each once, as sentences.
    pub warnings: Vec<String>,
    /// See [`Style::picture_tile_px`].
    picture_tile_px: Option<u16>,
}

/// How a line ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineCap {
    /// At its last point.
    #[default]
    Butt,
    /// Half a width beyond its last point, square.
    Square,
    /// Half a width beyond its last point, round.
    Round,
}

/// How a line turns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineJoin {
    /// Pointed, up to the miter limit.
    #[default]
    Miter,
    /// Cut off.
    Bevel,
    /// Round.
    Round,
}

/// A fill layer's uniforms at one zoom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FillPaint {
    /// Multiplied with the vertex colour; opacity is in it.
    pub colour: Colour,
    /// The outline's colour, multiplied with the vertex colour of [`DrawKind::FillOutline`](crate::tessellate::DrawKind).
    pub outline: Colour,
    /// Moves the layer, in CSS pixels to the right and down.
    pub translate_px: [f32; 2],
}

/// A line layer's uniforms at one zoom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinePaint {
    /// Multiplied with the vertex colour; opacity is in it.
    pub colour: Colour,
    /// Multiplied with the vertex widths; CSS pixels.
    pub width_px: f32,
    /// Extra softness of the edge in CSS pixels.
    pub blur_px: f32,
    /// Room between the two strips that the line is drawn as; 0 for one strip.
    pub gap_width_px: f32,
    /// Moves the line to the right of its direction, in CSS pixels.
    pub offset_px: f32,
    /// The curve by which the widths of vertices run from the display zoom to the next: they grow by this factor per
    /// zoom, 1 is linear.
    pub width_base: f32,
    /// Lengths of dash, gap, dash, gap in CSS pixels, to be multiplied with the vertex width; all zero for a solid line.
    /// The pattern repeats after the sum of the four.
    pub dashes_px: [f32; 4],
    /// Moves the layer, in CSS pixels to the right and down.
    pub translate_px: [f32; 2],
}

/// A circle layer's uniforms at one zoom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CirclePaint {
    /// Multiplied with the instance's colour; opacity is in it.
    pub colour: Colour,
    /// Multiplied with the instance's radii; CSS pixels.
    pub radius_px: f32,
    /// As [`LinePaint::width_base`], for the radii.
    pub radius_base: f32,
    /// The ring's colour; opacity is in it.
    pub stroke_colour: Colour,
    /// The ring's width outside the radius in CSS pixels.
    pub stroke_width_px: f32,
    /// Extra softness of the edge as a part of the radius.
    pub blur: f32,
}

/// What a layer needs as uniforms at one zoom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LayerPaint {
    /// The layer is outside its zoom range or hidden: skip it.
    Hidden,
    /// Clear the canvas to this colour (only the first layer) or fill it.
    Background(Colour),
    /// See [`FillPaint`].
    Fill(FillPaint),
    /// See [`LinePaint`].
    Line(LinePaint),
    /// See [`CirclePaint`].
    Circle(CirclePaint),
    /// See [`RasterPaint`].
    Raster(RasterPaint),
    /// Labels are drawn by the label engine, above all other layers; nothing to set.
    Symbol,
}

impl Style {
    /// Reads a style.
    pub fn from_json(text: &str) -> Result<Self, StyleError> {
        let json: Json = serde_json::from_str(text)?;
        let layers = json["layers"].as_array().ok_or(StyleError::Shape {
            missing: "list of layers",
        })?;
        let mut warnings = Warnings::default();
        if let Some(members) = json.as_object() {
            warnings::name_members(members, &mut warnings);
        }
        let mut together = Together::new(&json);
        let layers: Vec<Layer> = layers
            .iter()
            .filter_map(|json| {
                let layer = layers::read(json, &mut warnings)?;
                together.take(&layer, json, &mut warnings);
                Some(layer)
            })
            .collect();
        let picture_tile_px = together
            .only_pictures()
            .map(|source| raster::tile_px(&json, source));
        let asks_for_icons = layers.iter().find(|layer| layer.has_icons());
        if let Some(layer) = asks_for_icons.filter(|_| json["sprite"].is_null()) {
            warnings.sentences.push(format!(
                "the style has icons (first in layer \"{}\") but names no \"sprite\": they are left out",
                layer.id
            ));
        }
        Ok(Self {
            name: json["name"].as_str().unwrap_or_default().to_owned(),
            layers,
            warnings: warnings.sentences,
            picture_tile_px,
        })
    }

    /// A style that draws nothing.
    pub fn empty() -> Self {
        Self {
            name: String::new(),
            layers: Vec::new(),
            warnings: Vec::new(),
            picture_tile_px: None,
        }
    }

    /// The width in CSS pixels at which a picture tile is meant to be seen, where the style draws pictures and no
    /// features; `None` where the tiles are vector tiles.
    pub fn picture_tile_px(&self) -> Option<u16> {
        self.picture_tile_px
    }

    /// The layers that draw pictures, as indices into [`Style::layers`].
    pub fn picture_layers(&self) -> impl Iterator<Item = u32> {
        let layers = self.layers.iter().zip(0..);
        layers.filter_map(|(layer, index)| {
            matches!(layer.content(), Content::Raster(_)).then_some(index)
        })
    }

    /// The uniforms of all layers at a zoom, one per entry of [`Style::layers`], written into `out`.
    pub fn paints_at(&self, zoom: f64, out: &mut Vec<LayerPaint>) {
        out.clear();
        out.extend(self.layers.iter().map(|layer| layer.paint_at(zoom)));
    }

    /// The colour behind everything: that of the first background layer, else nothing.
    pub fn background_at(&self, zoom: f64) -> Colour {
        let paint = self
            .layers
            .iter()
            .find_map(|layer| match layer.paint_at(zoom) {
                LayerPaint::Background(colour) => Some(colour),
                _ => None,
            });
        paint.unwrap_or(Colour::TRANSPARENT)
    }
}

impl Layer {
    /// The layer's uniforms at a zoom.
    pub fn paint_at(&self, zoom: f64) -> LayerPaint {
        if !self.is_visible_at(zoom) {
            return LayerPaint::Hidden;
        }
        let context = Context {
            zoom,
            feature: None,
        };
        match self.content() {
            Content::Background(b) => LayerPaint::Background(
                b.colour
                    .colour(&context)
                    .faded(b.opacity.number(&context).clamp(0.0, 1.0)),
            ),
            Content::Fill(fill) => LayerPaint::Fill(fill_paint(fill, &context)),
            Content::Line(line) => LayerPaint::Line(line_paint(line, &context)),
            Content::Circle(circle) => LayerPaint::Circle(circle_paint(circle, &context)),
            Content::Raster(raster) => LayerPaint::Raster(raster.paint(&context)),
            Content::Symbol(_) => LayerPaint::Symbol,
        }
    }
}

/// The uniform of a number: 1 where the vertices have it. What no vertex has is not asked for here; it is evaluated
/// without a feature, and a style in which it differs between features has been told.
fn number(property: &Property, context: &Context<'_>) -> f32 {
    if property.depends_on_feature() {
        1.0
    } else {
        property.number(context)
    }
}

fn opacity(property: &Property, context: &Context<'_>) -> f32 {
    number(property, context).clamp(0.0, 1.0)
}

/// The uniform of a colour: white where the vertices have it.
fn colour(property: &Property, context: &Context<'_>) -> Colour {
    if property.depends_on_feature() {
        Colour::WHITE
    } else {
        property.colour(context)
    }
}

fn fill_paint(fill: &Fill, context: &Context<'_>) -> FillPaint {
    let opacity = opacity(&fill.opacity, context);
    let outline = fill
        .outline
        .as_ref()
        .map_or(Colour::TRANSPARENT, |o| colour(o, context));
    FillPaint {
        colour: colour(&fill.colour, context).faded(opacity),
        outline: outline.faded(opacity),
        translate_px: fill.translate.two(context),
    }
}

fn line_paint(line: &Line, context: &Context<'_>) -> LinePaint {
    let width_px = number(&line.width, context).clamp(0.0, 255.0);
    let lengths = line
        .dashes
        .as_ref()
        .map(|d| d.numbers(context))
        .unwrap_or_default();
    // An odd number of lengths repeats with dashes and gaps swapped, as in CSS; more than four cannot be kept.
    let mut dashes_px = [0.0; 4];
    if !lengths.is_empty() && lengths.iter().all(|l| *l >= 0.0) && lengths.iter().sum::<f32>() > 0.0
    {
        for (dash, length) in dashes_px.iter_mut().zip(
            lengths
                .iter()
                .cycle()
                .take(lengths.len().next_multiple_of(2)),
        ) {
            *dash = length * width_px;
        }
    }
    LinePaint {
        colour: colour(&line.colour, context).faded(opacity(&line.opacity, context)),
        width_px,
        gap_width_px: line.gap_width.number(context).clamp(0.0, 255.0),
        offset_px: line
            .offset
            .as_ref()
            .map_or(0.0, |offset| offset.number(context).clamp(-255.0, 255.0)),
        width_base: line.width.zoom_base(),
        blur_px: line.blur.number(context).max(0.0),
        dashes_px,
        translate_px: line.translate.two(context),
    }
}

fn circle_paint(circle: &Circle, context: &Context<'_>) -> CirclePaint {
    let stroke_opacity = circle.stroke_opacity.number(context).clamp(0.0, 1.0);
    CirclePaint {
        colour: colour(&circle.colour, context).faded(opacity(&circle.opacity, context)),
        radius_px: number(&circle.radius, context).clamp(0.0, 255.0),
        radius_base: circle.radius.zoom_base(),
        stroke_colour: circle.stroke_colour.colour(context).faded(stroke_opacity),
        stroke_width_px: circle.stroke_width.number(context).max(0.0),
        blur: circle.blur.number(context).max(0.0),
    }
}

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod drawn;
#[cfg(test)]
mod named;
#[cfg(test)]
mod tests;
