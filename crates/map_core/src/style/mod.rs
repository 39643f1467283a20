//! A map style: a documented subset of the MapLibre style specification, read from JSON.
//!
//! What the reader does not know it leaves out and names once in [`Style::warnings`]; only text that is not a style
//! at all is an error.

use crate::colour::Colour;

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
}

/// One layer of a style.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The layer's name.
    pub id: String,
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
    /// Lengths of dash, gap, dash, gap in CSS pixels (line widths already multiplied in); all zero for a solid line. The
    /// pattern repeats after the sum of the four.
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
    /// Labels are drawn by the label engine, above all other layers, faded by this opacity (1 unless the layer's
    /// opacity depends on the zoom).
    Symbol {
        /// From 0 to 1.
        opacity: f32,
    },
}

impl Style {
    /// Reads a style.
    pub fn from_json(text: &str) -> Result<Self, StyleError> {
        let _ = text;
        Ok(Self {
            name: String::new(),
            layers: Vec::new(),
            warnings: Vec::new(),
        })
    }

    /// The uniforms of all layers at a zoom, one per entry of [`Style::layers`], written into `out`.
    pub fn paints_at(&self, zoom: f64, out: &mut Vec<LayerPaint>) {
        let _ = zoom;
        out.clear();
        out.resize(self.layers.len(), LayerPaint::Hidden);
    }
}
