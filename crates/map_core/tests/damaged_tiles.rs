//! Tiles that were damaged, or made to do harm: they are refused or cost their own features, never
//! more, and nothing panics.

#![allow(clippy::unwrap_used)]

use map_core::mvt::Tile;
use map_core::projection::TileId;
use map_core::style::Style;
use map_core::tessellate::{TileKey, tessellate};

const KEY: TileKey = TileKey {
    tile: TileId {
        z: 14,
        x: 12_928,
        y: 6_730,
    },
    display_zoom: 14,
};

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn number(out: &mut Vec<u8>, field: u64, value: u64) {
    varint(out, field << 3);
    varint(out, value);
}

fn bytes(out: &mut Vec<u8>, field: u64, content: &[u8]) {
    varint(out, field << 3 | 2);
    varint(out, content.len() as u64);
    out.extend_from_slice(content);
}

fn zigzag(value: i32) -> u64 {
    u64::from((value.wrapping_shl(1) ^ (value >> 31)).cast_unsigned())
}

/// A feature of a kind (1 points, 2 lines, 3 areas) with raw geometry.
fn feature(kind: u64, geometry: &[u64]) -> Vec<u8> {
    let (mut out, mut packed) = (Vec::new(), Vec::new());
    for word in geometry {
        varint(&mut packed, *word);
    }
    number(&mut out, 3, kind);
    bytes(&mut out, 4, &packed);
    out
}

/// A layer that the shipped styles draw, with an extent.
fn layer(name: &str, extent: u64, features: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    number(&mut out, 15, 2);
    bytes(&mut out, 1, name.as_bytes());
    for feature in features {
        bytes(&mut out, 2, feature);
    }
    number(&mut out, 5, extent);
    out
}

fn tile(layers: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for layer in layers {
        bytes(&mut out, 3, layer);
    }
    out
}

/// Decodes and draws with both schemas; only a refusal may come of it.
fn draw(tile: &[u8]) {
    for style in [
        include_str!("../../../assets/map_styles/openmaptiles_dark.json"),
        include_str!("../../../assets/map_styles/protomaps_light.json"),
    ] {
        let style = Style::from_json(style).unwrap();
        if let Ok(tile) = Tile::decode(tile) {
            tessellate(&tile, &style, KEY);
        }
    }
}

const MOVE_TO: u64 = 1 << 3 | 1;
const LINE_TO_3: u64 = 3 << 3 | 2;
const CLOSE: u64 = 1 << 3 | 7;

/// An area and a line through these corners.
fn shapes(corners: [[i32; 2]; 4]) -> Vec<Vec<u8>> {
    let mut at = [0_i32; 2];
    let mut steps = corners.iter().flat_map(|corner| {
        let step = [0, 1].map(|axis| corner[axis].wrapping_sub(at[axis]));
        at = *corner;
        step.map(zigzag)
    });
    let mut line = vec![MOVE_TO];
    line.extend(steps.by_ref().take(2));
    line.push(LINE_TO_3);
    line.extend(steps);
    let area = [line.clone(), vec![CLOSE]].concat();
    vec![feature(3, &area), feature(2, &line)]
}

#[test]
fn coordinates_at_the_limits_of_their_numbers() {
    let [min, max] = [i32::MIN, i32::MAX];
    for corners in [
        [[min, min], [max, min], [max, max], [min, max]],
        [[max, max], [max, max], [min, max], [0, 0]],
        [[0, min], [1, max], [max, 0], [min, 1]],
    ] {
        for extent in [0, 1, 4_096, u64::from(u32::MAX), u64::MAX] {
            let features = shapes(corners);
            draw(&tile(
                &["water", "transportation", "roads", "earth"]
                    .map(|name| layer(name, extent, &features)),
            ));
        }
    }
}

#[test]
fn counts_that_are_claimed_and_not_there() {
    let huge = (1_u64 << 29) - 1;
    for geometry in [
        vec![huge << 3 | 1, 2, 2],
        vec![MOVE_TO, 2, 2, huge << 3 | 2, 2, 2],
        vec![MOVE_TO, 2, 2, huge << 3 | 7],
        vec![CLOSE, CLOSE, CLOSE],
        vec![0; 10_000],
    ] {
        for kind in [0, 1, 2, 3, 99] {
            draw(&tile(&[layer("water", 4_096, &[feature(kind, &geometry)])]));
        }
    }
    let mut claimed = vec![3 << 3 | 2];
    varint(&mut claimed, u64::MAX);
    draw(&claimed);
}

#[test]
fn many_layers_and_many_empty_features() {
    let empty = layer("water", 4_096, &[]);
    draw(&tile(&vec![empty; 50_000]));
    let nothing = feature(3, &[]);
    draw(&tile(&[layer("water", 4_096, &vec![nothing; 100_000])]));
    // One name a hundred times: the layers of one kind may not multiply each other.
    let crowded = layer(
        "water",
        4_096,
        &shapes([[0, 0], [4_096, 0], [4_096, 4_096], [0, 4_096]]),
    );
    draw(&tile(&vec![crowded; 100]));
}

#[test]
fn a_tile_cut_anywhere_and_with_any_byte_changed() {
    let whole = tile(&["water", "transportation"].map(|name| {
        layer(
            name,
            4_096,
            &shapes([[0, 0], [4_096, 0], [4_096, 4_096], [0, 4_096]]),
        )
    }));
    assert!(Tile::decode(&whole).is_ok());
    for end in 0..whole.len() {
        draw(&whole[..end]);
    }
    for at in 0..whole.len() {
        for value in [0x00, 0x7f, 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[at] = value;
            draw(&changed);
        }
    }
}
