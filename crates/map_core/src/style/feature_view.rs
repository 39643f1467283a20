//! A feature as expressions see it: its attributes by name, its kind of geometry, its number.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use super::value::Value;
use crate::mvt::{Feature, Layer};

/// A feature with its layer's attribute names indexed.
#[derive(Clone, Copy)]
pub struct FeatureView<'a> {
    layer: &'a Layer,
    pub(super) feature: &'a Feature,
    keys: &'a KeyIndex<'a>,
}

/// Attribute names of a layer by index, built once per layer and tile.
pub struct KeyIndex<'a> {
    by_name: HashMap<&'a str, u32>,
    /// What was found for names written in the style, by the address of their text: a style asks the same few names
    /// for every feature, and a hash of the text each time would be most of the work. The text is kept, so that no
    /// other text can come to lie at its address.
    by_address: RefCell<HashMap<usize, Found, BuildHasherDefault<AddressHasher>>>,
}

/// A name and its index, if the layer has it.
struct Found {
    index: Option<u32>,
    _kept: Arc<str>,
}

impl<'a> KeyIndex<'a> {
    /// Indexes a layer's attribute names.
    pub fn of(layer: &'a Layer) -> Self {
        let by_name = layer
            .keys
            .iter()
            .enumerate()
            .map(|(i, k)| (&**k, i as u32))
            .collect();
        Self {
            by_name,
            by_address: RefCell::default(),
        }
    }

    fn of_literal(&self, key: &Arc<str>) -> Option<u32> {
        let find = || Found {
            index: self.by_name.get(&**key).copied(),
            _kept: key.clone(),
        };
        let mut known = self.by_address.borrow_mut();
        known
            .entry(Arc::as_ptr(key).addr())
            .or_insert_with(find)
            .index
    }
}

/// Spreads addresses over the table by one multiplication.
#[derive(Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }

    fn write_usize(&mut self, address: usize) {
        // Fibonacci hashing: 2^64 divided by the golden ratio.
        self.0 = (self.0 ^ address as u64)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(32);
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

    /// An attribute whose name was computed.
    pub(super) fn get(&self, key: &str) -> Value {
        self.value(self.keys.by_name.get(key).copied())
    }

    /// An attribute whose name is written in the style.
    pub(super) fn get_literal(&self, key: &Arc<str>) -> Value {
        self.value(self.keys.of_literal(key))
    }

    /// All attributes by name.
    pub(super) fn entries(&self) -> BTreeMap<Arc<str>, Value> {
        let tags = self.feature.tags.iter();
        tags.filter_map(|(key, value)| {
            let name = self.layer.keys.get(*key as usize)?;
            let value = self.layer.values.get(*value as usize)?;
            Some(((&**name).into(), value.into()))
        })
        .collect()
    }

    fn value(&self, index: Option<u32>) -> Value {
        let Some(index) = index else {
            return Value::Null;
        };
        let tag = self.feature.tags.iter().find(|(k, _)| *k == index);
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
