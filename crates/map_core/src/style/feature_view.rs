//! A feature as expressions see it: its attributes by name, its kind of geometry, its number.

use std::collections::HashMap;

use super::value::Value;
use crate::mvt::{Feature, Layer};

/// A feature with its layer's attribute names indexed.
#[derive(Clone, Copy)]
pub struct FeatureView<'a> {
    layer: &'a Layer,
    pub(super) feature: &'a Feature,
    keys: &'a KeyIndex<'a>,
}

/// Attribute names of a layer by index, built once per layer.
pub struct KeyIndex<'a>(HashMap<&'a str, u32>);

impl<'a> KeyIndex<'a> {
    /// Indexes a layer's attribute names.
    pub fn of(layer: &'a Layer) -> Self {
        Self(
            layer
                .keys
                .iter()
                .enumerate()
                .map(|(i, k)| (&**k, i as u32))
                .collect(),
        )
    }
}

impl<'a> FeatureView<'a> {
    /// A feature of a layer.
    pub fn new(layer: &'a Layer, feature: &'a Feature, keys: &'a KeyIndex<'a>) -> Self {
        Self {
            layer,
            feature,
            keys,
        }
    }

    pub(super) fn get(&self, key: &str) -> Value {
        let Some(index) = self.keys.0.get(key) else {
            return Value::Null;
        };
        let tag = self.feature.tags.iter().find(|(k, _)| k == index);
        tag.and_then(|(_, v)| self.layer.values.get(*v as usize))
            .map_or(Value::Null, Value::from)
    }
}

/// What an expression is evaluated for.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The zoom.
    pub zoom: f64,
    /// The feature; `None` for what does not depend on one.
    pub feature: Option<FeatureView<'a>>,
}
