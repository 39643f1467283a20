//! How much memory the map holds at most, by kind of content.
//!
//! Tiles give way when their limit is passed: the longest unused first, then those around the view,
//! and in the end a tile that has no room is left out and something coarser shows in its place. The
//! atlas of glyphs has a fixed size and starts over when it is full. Live features are what the user
//! interface sent, which the map may not drop; when they pass their limit the map says so.

use map_protocol::Held;

use crate::layers::labels::ATLAS_SIZE;

/// Limits in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryBudget {
    /// Tiles as they came, kept for the deeper zooms that are made of the same tile.
    pub raw_tiles: usize,
    /// Tiles that were built and wait to be taken in.
    pub waiting_tiles: usize,
    /// Tiles on the device.
    pub built_tiles: usize,
    /// Live layers, labels and the held picture on the device.
    pub live: usize,
}

impl Default for MemoryBudget {
    /// For a wall of 7680×2160 over a city: about 400 MB at the most, of which a desk uses a tenth.
    fn default() -> Self {
        Self {
            raw_tiles: 48 << 20,
            waiting_tiles: 16 << 20,
            built_tiles: 192 << 20,
            live: 160 << 20,
        }
    }
}

impl MemoryBudget {
    /// One byte for each pixel of the atlas of glyphs.
    pub const GLYPHS: usize = ATLAS_SIZE as usize * ATLAS_SIZE as usize;

    /// A tile that takes a larger share of the limit than this, as it came, is no tile.
    const LARGEST_SHARE: usize = 4;

    /// The largest tile that is taken, as it came and unpacked.
    pub const fn largest_raw_tile(&self) -> usize {
        self.raw_tiles / Self::LARGEST_SHARE
    }
}

/// Bytes of this module's own memory, which only ever grows; 0 where it runs as no module.
pub fn heap_bytes() -> u32 {
    #[cfg(target_arch = "wasm32")]
    let pages = core::arch::wasm32::memory_size(0);
    #[cfg(not(target_arch = "wasm32"))]
    let pages = 0_usize;
    u32::try_from(pages.saturating_mul(65_536)).unwrap_or(u32::MAX)
}

/// A count against its limit, as it is reported.
pub fn held(bytes: usize, limit: usize) -> Held {
    let counted = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
    Held {
        bytes: counted(bytes),
        limit: counted(limit),
    }
}
