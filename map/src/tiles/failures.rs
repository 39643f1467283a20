//! Tiles that did not come: when each is asked for again.

use std::collections::{HashMap, HashSet};

use map_core::projection::TileId;

/// Failures that are remembered, so that a source that is away for a month fills no memory.
pub const MAX_FAILURES: usize = 512;
/// A failed tile is asked for again after this time, doubled with each failure.
const RETRY_MS: f64 = 2_000.0;
const MAX_RETRY_MS: f64 = 60_000.0;

#[derive(Debug)]
struct Failure {
    times: u32,
    again_at_ms: f64,
}

/// The failures of one source.
#[derive(Debug, Default)]
pub struct Failures {
    tiles: HashMap<TileId, Failure>,
}

impl Failures {
    /// Notes that a tile did not come; answers whether that is the first time. Where there are too
    /// many, only those of the `wanted` tiles are remembered, which would be asked for again at once.
    pub fn note(&mut self, tile: TileId, now_ms: f64, wanted: &HashSet<TileId>) -> bool {
        if self.tiles.len() >= MAX_FAILURES {
            self.tiles.retain(|tile, _| wanted.contains(tile));
        }
        let failure = self.tiles.entry(tile).or_insert(Failure {
            times: 0,
            again_at_ms: 0.0,
        });
        failure.times += 1;
        let wait = RETRY_MS * f64::from(failure.times.min(6) - 1).exp2();
        failure.again_at_ms = now_ms + wait.min(MAX_RETRY_MS);
        failure.times == 1
    }

    /// The tile has come.
    pub fn forget(&mut self, tile: TileId) {
        self.tiles.remove(&tile);
    }

    pub fn contains(&self, tile: TileId) -> bool {
        self.tiles.contains_key(&tile)
    }

    /// When a failed tile is to be asked for again.
    pub fn again_at_ms(&self, tile: TileId) -> Option<f64> {
        self.tiles.get(&tile).map(|failure| failure.again_at_ms)
    }

    /// How many are remembered.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.tiles.len()
    }
}
