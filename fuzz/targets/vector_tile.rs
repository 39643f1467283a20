//! A vector tile from anybody: decoded and tessellated with the shipped style, it may only be refused.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

use map_core::mvt::Tile;
use map_core::projection::TileId;
use map_core::style::Style;
use map_core::tessellate::{TileKey, tessellate};

static STYLE: LazyLock<Style> = LazyLock::new(|| {
    Style::from_json(include_str!("../../assets/map_styles/protomaps_dark.json"))
        .expect("the shipped style")
});

const KEY: TileKey = TileKey {
    tile: TileId {
        z: 14,
        x: 12_928,
        y: 6_730,
    },
    display_zoom: 14,
};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(tile) = Tile::decode(bytes) {
        let _buckets = tessellate(&tile, &STYLE, KEY);
    }
});
