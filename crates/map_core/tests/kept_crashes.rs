//! What once brought a fuzz target of this crate down (`fuzz/crashes`) does so no more. The folders are
//! absent as long as nothing did.

#![allow(clippy::unwrap_used)]

#[path = "../../../fuzz/src/feature_tile.rs"]
mod feature_tile;

use std::fs;
use std::path::Path;

use map_core::mvt::Tile;
use map_core::style::Style;

/// What is kept of a target, with its name.
fn kept(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/crashes");
    let Ok(entries) = fs::read_dir(folder.join(target)) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect()
}

fn shipped(name: &str) -> Style {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/map_styles");
    let text = fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    Style::from_json(&text).unwrap()
}

#[test]
fn a_tile_that_once_crashed_is_drawn_or_refused() {
    let styles = ["protomaps_dark", "openmaptiles_dark"].map(shipped);
    for (name, bytes) in kept("vector_tile") {
        eprintln!("{name}");
        if let Ok(tile) = Tile::decode(&bytes) {
            for style in &styles {
                feature_tile::draw(&tile, style);
            }
        }
    }
}

#[test]
fn a_style_that_once_crashed_is_read_or_refused() {
    let mut all = kept("style");
    // With one that is none, so that the way through is tried in any case.
    let dark = include_str!("../../../assets/map_styles/protomaps_dark.json");
    all.push(("a shipped style".to_owned(), dark.as_bytes().to_vec()));
    for (name, bytes) in all {
        eprintln!("{name}");
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(style) = Style::from_json(&text) {
            let mut paints = Vec::new();
            for zoom in [0.0, 9.5, 14.0, 22.0] {
                style.paints_at(zoom, &mut paints);
            }
            feature_tile::draw(&feature_tile::for_style(&text), &style);
        }
    }
}
