//! A vector tile from anybody: decoded and tessellated with each shipped style, it may only be refused.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

use map_core::mvt::Tile;
use map_core::style::Style;

/// The shipped styles of vector tiles. The light ones differ from the dark ones in nothing but colours.
static STYLES: LazyLock<[Style; 2]> = LazyLock::new(|| {
    [
        include_str!("../../assets/map_styles/protomaps_dark.json"),
        include_str!("../../assets/map_styles/openmaptiles_dark.json"),
    ]
    .map(|text| Style::from_json(text).expect("a shipped style"))
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(tile) = Tile::decode(bytes) {
        for style in &*STYLES {
            fuzz::feature_tile::draw(&tile, style);
        }
    }
});
