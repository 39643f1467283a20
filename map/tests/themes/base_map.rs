//! The base map at several depths, and when tiles are missing.

use crate::scene::{check, compare, map_at, town};
use map_protocol::{FromMap, ToMap, View};
use street_map::tiles::TileAnswer;

#[test]
fn base_map_of_a_town() {
    check(&mut map_at(15.2, 1.0), "base_map");
}

#[test]
fn base_map_from_afar() {
    check(&mut map_at(13.1, 1.0), "base_map_afar");
}

#[test]
fn base_map_on_a_dense_screen() {
    check(&mut map_at(14.2, 2.0), "base_map_dense");
}

#[test]
fn base_map_beyond_the_deepest_tiles() {
    check(&mut map_at(17.6, 1.0), "base_map_deep");
}

#[test]
fn a_coarse_tile_stands_in_for_missing_ones() {
    let mut map = map_at(13.1, 1.0);
    map.settle(&town::town_tile).unwrap();
    let [lon, lat] = town::CENTRE;
    map.send(ToMap::SetView {
        view: View {
            lon,
            lat,
            zoom: 14.6,
        },
        duration_ms: 0,
    });
    let fails = |_: &str| TileAnswer::Failed("the source is away".to_owned());
    map.settle(&fails).unwrap();
    compare(&map.picture().unwrap(), "coarse_stands_in");
    let told = map.messages.iter().any(|message| {
        matches!(message, FromMap::Problem { problem } if problem.text.contains("the source is away"))
    });
    assert!(told, "the operator is told that tiles are missing");
}
