//! Numbers for the map: it knows features by 32-bit ids only.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Gives each key a number, and finds the key of a number again.
#[derive(Debug, Clone)]
pub struct Book<K> {
    numbers: HashMap<K, u32>,
    keys: Vec<K>,
}

impl<K> Default for Book<K> {
    fn default() -> Self {
        Self {
            numbers: HashMap::new(),
            keys: Vec::new(),
        }
    }
}

impl<K: Clone + Eq + Hash> Book<K> {
    /// The number of a key, a new one when it has none.
    pub fn number(&mut self, key: &K) -> u32 {
        if let Some(number) = self.numbers.get(key) {
            return *number;
        }
        let number = self.keys.len() as u32;
        self.numbers.insert(key.clone(), number);
        self.keys.push(key.clone());
        number
    }

    /// The number of a key that has one.
    pub fn known(&self, key: &K) -> Option<u32> {
        self.numbers.get(key).copied()
    }

    /// The key of a number.
    pub fn key(&self, number: u32) -> Option<&K> {
        self.keys.get(number as usize)
    }
}

/// What a layer of the map holds, so that only the difference is sent.
#[derive(Debug, Clone)]
pub struct Sent<T> {
    features: BTreeMap<u32, T>,
}

impl<T> Default for Sent<T> {
    fn default() -> Self {
        Self {
            features: BTreeMap::new(),
        }
    }
}

/// The difference between what a layer holds and what it should hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch<T> {
    /// Features that are new or differ.
    pub changed: Vec<T>,
    /// Ids of features that are gone.
    pub removed: Vec<u32>,
}

impl<T> Patch<T> {
    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.removed.is_empty()
    }
}

impl<T: Clone + PartialEq> Sent<T> {
    /// Notes that the layer will hold exactly these, and returns the difference.
    pub fn replace(&mut self, wanted: BTreeMap<u32, T>) -> Patch<T> {
        let changed = wanted
            .iter()
            .filter(|(id, feature)| self.features.get(id) != Some(feature))
            .map(|(_, feature)| feature.clone())
            .collect();
        let removed = self
            .features
            .keys()
            .filter(|id| !wanted.contains_key(id))
            .copied()
            .collect();
        self.features = wanted;
        Patch { changed, removed }
    }

    /// Notes that one feature will be so, or gone; returns whether that is a difference.
    pub fn set(&mut self, id: u32, feature: Option<T>) -> bool {
        match feature {
            Some(feature) if self.features.get(&id) == Some(&feature) => false,
            Some(feature) => {
                self.features.insert(id, feature);
                true
            }
            None => self.features.remove(&id).is_some(),
        }
    }

    /// What the layer holds of a feature.
    pub fn get(&self, id: u32) -> Option<&T> {
        self.features.get(&id)
    }

    /// All features, for a map that holds nothing yet.
    pub fn all(&self) -> Vec<T> {
        self.features.values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_and_lead_back() {
        let mut book = Book::default();
        assert_eq!((book.number(&"a"), book.number(&"b")), (0, 1));
        assert_eq!(book.number(&"a"), 0);
        assert_eq!(book.key(1), Some(&"b"));
        assert_eq!((book.known(&"c"), book.key(2)), (None, None));
    }

    #[test]
    fn only_the_difference_is_sent() {
        let mut sent = Sent::default();
        let first = sent.replace(BTreeMap::from([(1, 'a'), (2, 'b')]));
        assert_eq!(first.changed, ['a', 'b']);
        let second = sent.replace(BTreeMap::from([(2, 'B'), (3, 'c')]));
        assert_eq!(second.changed, ['B', 'c']);
        assert_eq!(second.removed, [1]);
        assert!(
            sent.replace(BTreeMap::from([(2, 'B'), (3, 'c')]))
                .is_empty()
        );
        assert!(!sent.set(3, Some('c')) && sent.set(3, Some('d')) && sent.set(3, None));
        assert_eq!(sent.all(), ['B']);
    }
}
