//! Which tiles a view needs, and what to draw while some of them are missing.

use crate::projection::{TileId, View};
use crate::tessellate::TileKey;

/// A tile to be drawn, in the place where it stands on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CoverTile {
    /// What to fetch and tessellate.
    pub key: TileKey,
    /// How many worlds to the east of the main one it is drawn (views across the 180th meridian): add this to the
    /// tile's world `x`.
    pub wrap: i32,
}

/// The tiles that cover a view, nearest to the middle first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TileCover {
    /// Each once.
    pub tiles: Vec<CoverTile>,
}

/// What a source has, as far as the cover needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoomRange {
    /// The first zoom with tiles.
    pub min: u8,
    /// The last zoom with tiles; beyond it its tiles are drawn larger.
    pub max: u8,
}

impl TileCover {
    /// The most tiles that one view asks for. A 7680×2160 canvas needs about 90.
    pub const MAX_TILES: usize = 1024;

    /// The tiles for a view. Below the source's first zoom there are none.
    pub fn of_view(view: &View, zooms: ZoomRange) -> Self {
        let _ = (view, zooms);
        Self::default()
    }
}

/// One tile to draw: which buckets, and the part of the screen that they may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawTile {
    /// Buckets that are there.
    pub key: TileKey,
    /// The tile whose rectangle is the scissor: the key's own tile, or a smaller one that the key's tile stands in for.
    pub clip: TileId,
    /// As [`CoverTile::wrap`].
    pub wrap: i32,
}

/// What to draw for a cover when only some tiles are there: each tile itself, else the same tile made for another
/// display zoom, else its children where all four are there, else the nearest ancestor. Sorted so that nothing is
/// drawn twice in one place.
pub fn resolve(cover: &TileCover, available: &dyn Fn(TileKey) -> bool) -> Vec<DrawTile> {
    let _ = (cover, available);
    Vec::new()
}
