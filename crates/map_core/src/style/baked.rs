//! What goes into vertices and candidates for one feature: the values that depend on it.

use super::feature_view::{Context, FeatureView};
use super::layers::{Circle, Fill, Line, line_cap, line_join};
use super::property::Property;
use super::{LineCap, LineJoin};
use crate::colour::Colour;

/// The zooms that a bucket's values are computed for.
#[derive(Clone, Copy)]
pub(crate) struct Baking<'a> {
    pub(crate) feature: FeatureView<'a>,
    pub(crate) display_zoom: u8,
}

impl Baking<'_> {
    pub(super) fn context(&self) -> Context<'_> {
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

    pub(super) fn pair(&self, property: &Property) -> [f32; 2] {
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

    pub(super) fn sort_key(&self, key: Option<&Property>) -> f32 {
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
        // What is moved aside is moved along its miters: a fan or a cap has none.
        let is_aside = self.offset.is_some();
        BakedLine {
            colour: baking.colour_or_white(&self.colour, &self.opacity),
            widths: baking.pair_or_one(&self.width),
            cap: if is_aside {
                LineCap::Butt
            } else {
                line_cap(&self.cap.text(&context))
            },
            join: if is_aside {
                LineJoin::Miter
            } else {
                line_join(&self.join.text(&context))
            },
            miter_limit: if is_aside {
                f32::INFINITY
            } else {
                self.miter_limit.number(&context)
            },
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
