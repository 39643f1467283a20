//! The tiles as they came, so that another zoom or style needs no fetching.

use std::{collections::HashMap, sync::Arc};

use map_core::projection::TileId;

/// Tiles as they came, bounded in bytes.
#[derive(Debug)]
pub struct RawTiles {
    limit_bytes: usize,
    tiles: HashMap<TileId, (Arc<[u8]>, u64)>,
    pub held_bytes: usize,
    tick: u64,
}

impl RawTiles {
    /// What an entry counts beyond its bytes.
    const OVERHEAD_BYTES: usize = 128;

    pub fn new(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            tiles: HashMap::new(),
            held_bytes: 0,
            tick: 0,
        }
    }

    pub fn contains(&self, tile: TileId) -> bool {
        self.tiles.contains_key(&tile)
    }

    /// Whether the source said that it has no such tile.
    pub fn is_absent(&self, tile: TileId) -> bool {
        self.tiles
            .get(&tile)
            .is_some_and(|(bytes, _)| bytes.is_empty())
    }

    pub fn get(&mut self, tile: TileId) -> Option<Arc<[u8]>> {
        self.tick += 1;
        let (bytes, used) = self.tiles.get_mut(&tile)?;
        *used = self.tick;
        Some(bytes.clone())
    }

    pub fn insert(&mut self, tile: TileId, bytes: Arc<[u8]>) {
        self.tick += 1;
        self.held_bytes += bytes.len() + Self::OVERHEAD_BYTES;
        if let Some((old, _)) = self.tiles.insert(tile, (bytes, self.tick)) {
            self.held_bytes -= old.len() + Self::OVERHEAD_BYTES;
        }
        while self.held_bytes > self.limit_bytes && self.tiles.len() > 1 {
            let oldest = self
                .tiles
                .iter()
                .min_by_key(|(_, (_, used))| *used)
                .map(|(tile, _)| *tile);
            let Some((bytes, _)) = oldest.and_then(|tile| self.tiles.remove(&tile)) else {
                break;
            };
            self.held_bytes -= bytes.len() + Self::OVERHEAD_BYTES;
        }
    }
}
