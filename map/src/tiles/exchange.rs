//! What the store and whoever fetches for it say to each other.

use map_core::cover::ZoomRange;

/// Where tiles come from.
#[derive(Debug, Clone, PartialEq)]
pub struct TileSource {
    /// With `{z}`, `{x}` and `{y}`; empty for no base map.
    pub url: String,
    pub zooms: ZoomRange,
}

impl TileSource {
    /// No base map.
    pub fn none() -> Self {
        Self {
            url: String::new(),
            zooms: ZoomRange { min: 0, max: 0 },
        }
    }
}

/// A tile to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileRequest {
    /// Names the request in its answer.
    pub id: u32,
    pub url: String,
}

/// How a fetch ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TileAnswer {
    Bytes(Vec<u8>),
    /// The source has no such tile.
    Empty,
    Failed(String),
}
