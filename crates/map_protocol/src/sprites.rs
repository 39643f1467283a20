//! Icons of the base map's style.

use crate::wire::wire_struct;

/// One sheet of icons, as the MapLibre style specification describes a sprite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpriteSheet {
    /// Stands before the icons' names with a colon; empty for the style's default sheet.
    pub prefix: String,
    /// The sheet's index (JSON): `{"name": {"x", "y", "width", "height", "pixelRatio", "sdf"}}`.
    pub index_json: String,
    /// The sheet itself, as PNG.
    pub png: Vec<u8>,
}

wire_struct!(SpriteSheet {
    prefix: String,
    index_json: String,
    png: Vec<u8>,
});
