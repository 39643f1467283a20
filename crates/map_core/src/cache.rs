//! A cache that forgets what was longest unused once its weight passes a budget.

use std::collections::HashMap;

use crate::tessellate::TileKey;

/// Tiles by key, bounded in bytes. `T` is whatever the caller keeps per tile (buckets, GPU buffers).
#[derive(Debug)]
pub struct TileCache<T> {
    budget_bytes: usize,
    held_bytes: usize,
    tick: u64,
    entries: HashMap<TileKey, Entry<T>>,
}

#[derive(Debug)]
struct Entry<T> {
    value: T,
    bytes: usize,
    used: u64,
}

impl<T> TileCache<T> {
    /// An empty cache that holds up to so many bytes.
    pub fn new(budget_bytes: usize) -> Self {
        Self {
            budget_bytes,
            held_bytes: 0,
            tick: 0,
            entries: HashMap::new(),
        }
    }

    /// Whether the tile is there, without marking it as used.
    pub fn contains(&self, key: TileKey) -> bool {
        self.entries.contains_key(&key)
    }

    /// The tile, marked as used.
    pub fn get(&mut self, key: TileKey) -> Option<&T> {
        self.tick += 1;
        let entry = self.entries.get_mut(&key)?;
        entry.used = self.tick;
        Some(&entry.value)
    }

    /// The tile, without marking it as used.
    pub fn peek(&self, key: TileKey) -> Option<&T> {
        self.entries.get(&key).map(|e| &e.value)
    }

    /// Puts a tile in and returns what it replaces. Nothing is dropped before [`TileCache::evict`].
    pub fn insert(&mut self, key: TileKey, value: T, bytes: usize) -> Option<T> {
        self.tick += 1;
        self.held_bytes += bytes;
        let old = self.entries.insert(
            key,
            Entry {
                value,
                bytes,
                used: self.tick,
            },
        )?;
        self.held_bytes -= old.bytes;
        Some(old.value)
    }

    /// Takes a tile out.
    pub fn remove(&mut self, key: TileKey) -> Option<T> {
        let old = self.entries.remove(&key)?;
        self.held_bytes -= old.bytes;
        Some(old.value)
    }

    /// Drops the longest unused tiles until the budget holds, never one that `pinned` names (those on the screen),
    /// and returns them so that the caller can free what belongs to them.
    pub fn evict(&mut self, pinned: &dyn Fn(TileKey) -> bool) -> Vec<(TileKey, T)> {
        self.evict_to(self.budget_bytes, pinned)
    }

    /// The same until no more than so many bytes are held.
    pub fn evict_to(
        &mut self,
        limit_bytes: usize,
        pinned: &dyn Fn(TileKey) -> bool,
    ) -> Vec<(TileKey, T)> {
        let mut dropped = Vec::new();
        if self.held_bytes <= limit_bytes {
            return dropped;
        }
        let mut by_age: Vec<(u64, TileKey)> = self
            .entries
            .iter()
            .filter(|(k, _)| !pinned(**k))
            .map(|(k, e)| (e.used, *k))
            .collect();
        by_age.sort_unstable();
        for (_, key) in by_age {
            if self.held_bytes <= limit_bytes {
                break;
            }
            if let Some(value) = self.remove(key) {
                dropped.push((key, value));
            }
        }
        dropped
    }

    /// Bytes that are held now.
    pub fn held_bytes(&self) -> usize {
        self.held_bytes
    }

    /// How many tiles are held now.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All keys, in no order.
    pub fn keys(&self) -> impl Iterator<Item = TileKey> + '_ {
        self.entries.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projection::TileId;

    fn key(x: u32) -> TileKey {
        TileKey {
            tile: TileId { z: 10, x, y: 0 },
            display_zoom: 10,
        }
    }

    #[test]
    fn the_longest_unused_goes_first_and_pinned_tiles_stay() {
        let mut cache = TileCache::new(250);
        for x in 0..4 {
            cache.insert(key(x), x, 100);
        }
        assert_eq!(cache.get(key(0)), Some(&0));
        let dropped = cache.evict(&|k| k == key(1));
        let dropped: Vec<u32> = dropped.into_iter().map(|(_, v)| v).collect();
        assert_eq!(dropped, [2, 3]);
        assert_eq!((cache.len(), cache.held_bytes()), (2, 200));
    }

    #[test]
    fn replacing_keeps_the_weight_right() {
        let mut cache = TileCache::new(1000);
        assert_eq!(cache.insert(key(1), 'a', 100), None);
        assert_eq!(cache.insert(key(1), 'b', 30), Some('a'));
        assert_eq!(cache.held_bytes(), 30);
        assert_eq!(cache.remove(key(1)), Some('b'));
        assert!(cache.is_empty() && cache.held_bytes() == 0);
    }
}
