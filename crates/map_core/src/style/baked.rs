//! What goes into vertices and candidates for one feature: the values that depend on it.

use super::feature_view::{Context, FeatureView};
use super::layers::{Circle, Fill, Line, Symbol, line_cap, line_join};
use super::property::Property;
use super::{LineCap, LineJoin};
use crate::colour::Colour;
use crate::labels::{Anchor, Face, TextStyle};

/// The zooms that a bucket's values are computed for.
#[derive(Clone, Copy)]
pub(crate) struct Baking<'a> {
    pub(crate) feature: FeatureView<'a>,
    pub(crate) display_zoom: u8,
}

impl Baking<'_> {
    fn context(&self) -> Context<'_> {
        Context {
            zoom: f64::from(self.display_zoom),
            feature: Some(self.feature),
        }
    }

    fn next(&self) -> Context<'_> {
        Context {
            zoom: f64::from(self.display_zoom) + 1.0,
            feature: Some(self.feature),
        }
    }

    /// A number at both zooms where it depends on the feature, else 1 for what comes as a uniform.
    fn pair_or_one(&self, property: &Property) -> [f32; 2] {
        if property.depends_on_feature() {
            self.pair(property)
        } else {
            [1.0; 2]
        }
    }

    fn pair(&self, property: &Property) -> [f32; 2] {
        [
            property.number(&self.context()),
            property.number(&self.next()),
        ]
    }

    fn colour_or_white(&self, colour: &Property, opacity: &Property) -> Colour {
        let context = self.context();
        let colour = if colour.depends_on_feature() {
            colour.colour(&context)
        } else {
            Colour::WHITE
        };
        let opacity = if opacity.depends_on_feature() {
            opacity.number(&context).clamp(0.0, 1.0)
        } else {
            1.0
        };
        colour.faded(opacity)
    }

    fn sort_key(&self, key: Option<&Property>) -> f32 {
        key.map_or(0.0, |k| k.number(&self.context()))
    }
}

impl Fill {
    pub(crate) fn colour_for(&self, baking: &Baking<'_>) -> Colour {
        baking.colour_or_white(&self.colour, &self.opacity)
    }

    /// The outline's factor, or `None` where the layer has no outline.
    pub(crate) fn outline_for(&self, baking: &Baking<'_>) -> Option<Colour> {
        self.outline
            .as_ref()
            .map(|outline| baking.colour_or_white(outline, &self.opacity))
    }

    pub(crate) fn sort_key_for(&self, baking: &Baking<'_>) -> Option<f32> {
        self.sort_key
            .as_ref()
            .map(|_| baking.sort_key(self.sort_key.as_ref()))
    }
}

/// A line's values for one feature.
#[derive(Clone, Copy)]
pub(crate) struct BakedLine {
    pub(crate) colour: Colour,
    pub(crate) widths: [f32; 2],
    pub(crate) cap: LineCap,
    pub(crate) join: LineJoin,
    pub(crate) miter_limit: f32,
}

impl Line {
    pub(crate) fn baked_for(&self, baking: &Baking<'_>) -> BakedLine {
        let context = baking.context();
        BakedLine {
            colour: baking.colour_or_white(&self.colour, &self.opacity),
            widths: baking.pair_or_one(&self.width),
            cap: line_cap(&self.cap.text(&context)),
            join: line_join(&self.join.text(&context)),
            miter_limit: self.miter_limit.number(&context),
        }
    }

    pub(crate) fn sort_key_for(&self, baking: &Baking<'_>) -> Option<f32> {
        self.sort_key
            .as_ref()
            .map(|_| baking.sort_key(self.sort_key.as_ref()))
    }
}

impl Circle {
    pub(crate) fn colour_for(&self, baking: &Baking<'_>) -> Colour {
        baking.colour_or_white(&self.colour, &self.opacity)
    }

    pub(crate) fn radii_for(&self, baking: &Baking<'_>) -> [f32; 2] {
        baking.pair_or_one(&self.radius)
    }

    pub(crate) fn sort_key_for(&self, baking: &Baking<'_>) -> Option<f32> {
        self.sort_key
            .as_ref()
            .map(|_| baking.sort_key(self.sort_key.as_ref()))
    }
}

/// Where labels of a layer stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    Point,
    Line,
    LineCentre,
}

/// A label's values for one feature.
pub(crate) struct BakedSymbol {
    pub(crate) text: String,
    pub(crate) placement: Placement,
    pub(crate) spacing_px: f32,
    pub(crate) max_angle_deg: f32,
    pub(crate) sort_key: f32,
    pub(crate) allow_overlap: bool,
    pub(crate) ignore_placement: bool,
    pub(crate) style: TextStyle,
}

impl Symbol {
    /// The label, or `None` where there is nothing to write.
    pub(crate) fn baked_for(&self, baking: &Baking<'_>) -> Option<BakedSymbol> {
        let context = baking.context();
        let text = self.text.text(&context);
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let text = match &*self.transform.text(&context) {
            "uppercase" => text.to_uppercase(),
            "lowercase" => text.to_lowercase(),
            _ => text.to_owned(),
        };
        let placement = match &*self.placement.text(&context) {
            "line" => Placement::Line,
            "line-center" => Placement::LineCentre,
            _ => Placement::Point,
        };
        Some(BakedSymbol {
            text,
            placement,
            spacing_px: self.spacing.number(&context).max(1.0),
            max_angle_deg: self.max_angle.number(&context),
            sort_key: baking.sort_key(self.sort_key.as_ref()),
            allow_overlap: self.allow_overlap.truth(&context),
            ignore_placement: self.ignore_placement.truth(&context),
            style: self.text_style(baking, placement),
        })
    }

    fn text_style(&self, baking: &Baking<'_>, placement: Placement) -> TextStyle {
        let context = baking.context();
        let offset = self.offset.numbers(&context);
        let variable = self
            .variable_anchor
            .as_ref()
            .and_then(|a| a.words(&context).first().cloned());
        let max_width = self.max_width.number(&context);
        TextStyle {
            face: face(&self.font.words(&context)),
            sizes_px: baking.pair(&self.size),
            opacities: baking.pair(&self.opacity).map(|o| o.clamp(0.0, 1.0)),
            colour: self.colour.colour(&context),
            halo: self.halo_colour.colour(&context),
            halo_width_px: self.halo_width.number(&context).clamp(0.0, 8.0),
            letter_spacing_em: self.letter_spacing.number(&context),
            max_width_em: if placement == Placement::Point && max_width > 0.0 {
                max_width
            } else {
                f32::INFINITY
            },
            line_height_em: self.line_height.number(&context),
            anchor: anchor(&variable.unwrap_or_else(|| self.anchor.text(&context))),
            offset_em: [
                offset.first().copied().unwrap_or(0.0),
                offset.get(1).copied().unwrap_or(0.0),
            ],
            padding_px: self.padding.number(&context),
            plate: None,
        }
    }
}

/// The face that a list of fonts asks for, by the words in its first name.
fn face(fonts: &[std::sync::Arc<str>]) -> Face {
    let first = fonts.first().map(|f| f.to_lowercase()).unwrap_or_default();
    if ["bold", "medium", "black"]
        .iter()
        .any(|w| first.contains(w))
    {
        Face::Bold
    } else if ["italic", "oblique"].iter().any(|w| first.contains(w)) {
        Face::Italic
    } else {
        Face::Regular
    }
}

fn anchor(name: &str) -> Anchor {
    match name {
        "left" => Anchor::Left,
        "right" => Anchor::Right,
        "top" => Anchor::Top,
        "bottom" => Anchor::Bottom,
        "top-left" => Anchor::TopLeft,
        "top-right" => Anchor::TopRight,
        "bottom-left" => Anchor::BottomLeft,
        "bottom-right" => Anchor::BottomRight,
        _ => Anchor::Centre,
    }
}
