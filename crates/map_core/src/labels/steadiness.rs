//! Labels keep their places: while the map is moved, whatever the order in which tiles come.

#![allow(clippy::float_cmp, reason = "the expected numbers are exact")]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::tests::{Grotesque, KEY, engine, symbol, texts, view};
use super::*;
use crate::projection::View;
use crate::tessellate::TileKey;

/// A label of the tests: where it stands in the tile, how long its text is, how it ranks.
#[derive(Clone, Debug)]
struct Spot {
    x: i16,
    y: i16,
    length: usize,
    key: u8,
}

fn spots() -> impl Strategy<Value = Vec<Spot>> {
    let spot = (0..8192_i16, 0..8192_i16, 1..6_usize, 0..3_u8);
    let spot = spot.prop_map(|(x, y, length, key)| Spot { x, y, length, key });
    prop::collection::vec(spot, 1..90)
}

/// The label of a spot; every text is another one, so that it tells which spot it is.
fn label(number: usize, spot: &Spot) -> SymbolCandidate {
    SymbolCandidate {
        sort_key: f32::from(spot.key),
        ..symbol(&text_of(number, spot), [spot.x, spot.y])
    }
}

fn text_of(number: usize, spot: &Spot) -> String {
    let number = char::from_u32(0x4e00 + number as u32).unwrap_or('路');
    format!("{number}{}", "路".repeat(spot.length - 1))
}

fn labels(spots: &[Spot]) -> Vec<SymbolCandidate> {
    spots.iter().enumerate().map(|(i, s)| label(i, s)).collect()
}

/// The box of a spot's label with its padding: characters of 16 pixels on a line of 1.2 times that.
fn box_of(spot: &Spot, view: &View) -> [f64; 4] {
    let ([x, y], tile_px) = view.screen_from_tile(KEY.tile);
    let at = [spot.x, spot.y].map(|v| f64::from(v) / 8192.0 * tile_px);
    let (x, y) = (x + at[0], y + at[1]);
    let (w, h) = (spot.length as f64 * 8.0 + 2.0, 16.0 * 0.6 + 2.0);
    [x - w, y - h, x + w, y + h]
}

fn overlap(a: &[f64; 4], b: &[f64; 4], slack: f64) -> bool {
    a[0] < b[2] - slack && b[0] < a[2] - slack && a[1] < b[3] - slack && b[1] < a[3] - slack
}

fn shown(engine: &LabelEngine, spots: &[Spot]) -> BTreeSet<usize> {
    let texts: BTreeSet<&str> = texts(engine).into_iter().collect();
    let is_shown = |(i, spot): &(usize, &Spot)| texts.contains(text_of(*i, spot).as_str());
    spots
        .iter()
        .enumerate()
        .filter(is_shown)
        .map(|(i, _)| i)
        .collect()
}

/// Whatever is not shown gives way to something that is at least as important.
fn hidden_ones_give_way(now: &BTreeSet<usize>, spots: &[Spot], view: &View) -> Result<(), String> {
    for (i, spot) in spots.iter().enumerate().filter(|(i, _)| !now.contains(i)) {
        let own = box_of(spot, view);
        let gives_way = now
            .iter()
            .any(|j| spots[*j].key <= spot.key && overlap(&own, &box_of(&spots[*j], view), -0.1));
        if !gives_way {
            return Err(format!("{i} {spot:?} is hidden by nothing"));
        }
    }
    Ok(())
}

/// The tile's four children, each with those labels that lie in it, in units of its own.
fn split(spots: &[Spot]) -> Vec<(TileKey, Vec<SymbolCandidate>)> {
    let children = KEY.tile.children();
    let mut tiles: Vec<(TileKey, Vec<SymbolCandidate>)> = children
        .iter()
        .map(|tile| {
            let key = TileKey {
                tile: *tile,
                display_zoom: KEY.display_zoom + 1,
            };
            (key, Vec::new())
        })
        .collect();
    for (i, spot) in spots.iter().enumerate() {
        let (east, south) = (u32::from(spot.x >= 4096), u32::from(spot.y >= 4096));
        let here = [spot.x, spot.y].map(|v| (v % 4096) * 2);
        let own = |(key, _): &&mut (TileKey, Vec<SymbolCandidate>)| {
            key.tile.x % 2 == east && key.tile.y % 2 == south
        };
        if let Some((_, labels)) = tiles.iter_mut().find(own) {
            labels.push(SymbolCandidate {
                anchor: here,
                ..label(i, spot)
            });
        }
    }
    tiles
}

proptest! {
    #[test]
    fn a_pan_hides_no_label_unless_a_more_important_one_comes(
        spots in spots(), dx in -90.0..90.0_f64, dy in -90.0..90.0_f64,
    ) {
        let mut engine = engine(labels(&spots));
        let mut metrics = Grotesque::default();
        engine.place(&view(), &mut metrics, 0.0);
        let before = shown(&engine, &spots);
        let panned = view().dragged(dx, dy);
        engine.place(&panned, &mut metrics, 300.0);
        let after = shown(&engine, &spots);
        let screen = [0.0, 0.0, panned.width_px, panned.height_px];
        for i in before.difference(&after) {
            let own = box_of(&spots[*i], &panned);
            let displaced = after.iter().any(|j| {
                spots[*j].key < spots[*i].key && overlap(&own, &box_of(&spots[*j], &panned), 0.0)
            });
            prop_assert!(!overlap(&own, &screen, 0.0) || displaced, "{} is gone", i);
        }
    }

    #[test]
    fn the_order_of_tiles_and_of_labels_in_them_does_not_matter(
        spots in spots(), order in Just([0_usize, 1, 2, 3]).prop_shuffle(), turned in any::<bool>(),
    ) {
        let tiles = split(&spots);
        let keys: Vec<(TileKey, i32)> = tiles.iter().map(|(key, _)| (*key, 0)).collect();
        let mut pictures = Vec::new();
        for (order, turned) in [([0, 1, 2, 3], false), (order, turned)] {
            let mut engine = LabelEngine::new();
            for at in order {
                let (key, mut labels) = tiles[at].clone();
                if turned {
                    labels.reverse();
                }
                engine.set_tile(key, labels);
            }
            engine.set_visible(&keys);
            let mut metrics = Grotesque::default();
            engine.place(&view(), &mut metrics, 0.0);
            pictures.push(engine.frame(&view(), &mut metrics, 1000.0).glyphs.clone());
        }
        prop_assert_eq!(&pictures[0], &pictures[1]);
    }

    #[test]
    fn tiles_that_come_one_by_one_leave_no_label_out_that_has_room(
        spots in spots(), order in Just([0_usize, 1, 2, 3]).prop_shuffle(),
    ) {
        let tiles = split(&spots);
        let mut engine = LabelEngine::new();
        let mut metrics = Grotesque::default();
        let mut visible = Vec::new();
        for (step, at) in order.into_iter().enumerate() {
            let (key, labels) = tiles[at].clone();
            engine.set_tile(key, labels);
            visible.push((key, 0));
            engine.set_visible(&visible);
            engine.place(&view(), &mut metrics, step as f64 * 300.0);
        }
        let now = shown(&engine, &spots);
        if let Err(problem) = hidden_ones_give_way(&now, &spots, &view()) {
            prop_assert!(false, "{}", problem);
        }
        let all: Vec<&usize> = now.iter().collect();
        for (i, a) in all.iter().enumerate() {
            for b in &all[i + 1..] {
                let (a, b) = (box_of(&spots[**a], &view()), box_of(&spots[**b], &view()));
                prop_assert!(!overlap(&a, &b, 0.1), "{:?} {:?}", a, b);
            }
        }
    }

    #[test]
    fn a_label_keeps_the_anchor_that_it_has(spots in spots(), dx in -60.0..60.0_f64, dy in -60.0..60.0_f64) {
        let anchors = vec![(Anchor::Left, [0.5, 0.0]), (Anchor::Right, [-0.5, 0.0]), (Anchor::Top, [0.0, 0.5])];
        let labels: Vec<SymbolCandidate> = labels(&spots)
            .into_iter()
            // All of one rank, so that nothing that comes into sight displaces anything.
            .map(|label| SymbolCandidate { anchors: anchors.clone(), sort_key: 0.0, ..label })
            .collect();
        let mut engine = engine(labels);
        let mut metrics = Grotesque::default();
        let mut places = |engine: &mut LabelEngine, view: &View, now_ms: f64| {
            engine.place(view, &mut metrics, now_ms);
            let frame = engine.frame(view, &mut metrics, now_ms + 250.0);
            let [x, y] = view.screen_from_world(frame.origin);
            let at = |g: &GlyphInstance| [f64::from(g.centre_px[0]) + x, f64::from(g.centre_px[1]) + y];
            frame.glyphs.iter().map(at).collect::<Vec<[f64; 2]>>()
        };
        let before = places(&mut engine, &view(), 0.0);
        let after = places(&mut engine, &view().dragged(dx, dy), 300.0);
        for [x, y] in before {
            let moved = [x + dx, y + dy];
            let stays_inside = moved.iter().all(|v| (40.0..560.0).contains(v));
            let found = after.iter().any(|p| (p[0] - moved[0]).hypot(p[1] - moved[1]) < 0.1);
            prop_assert!(!stays_inside || found, "the glyph at {} {} has moved", x, y);
        }
    }
}

#[test]
fn a_label_of_a_coarse_and_of_a_fine_tile_is_one() {
    let [child, ..] = KEY.tile.children();
    let fine = TileKey {
        tile: child,
        display_zoom: 15,
    };
    // The coarse tile stands in for three children while the fourth is there already.
    let mut engine = engine(vec![symbol("湖", [4000, 4000]), symbol("山", [6000, 6000])]);
    engine.set_tile(fine, vec![symbol("湖", [8000, 8003])]);
    engine.set_visible(&[(KEY, 0), (fine, 0)]);
    let mut metrics = Grotesque::default();
    engine.place(&view(), &mut metrics, 0.0);
    assert_eq!(texts(&engine), ["山", "湖"]);
    engine.frame(&view(), &mut metrics, 1000.0);
    // Then the coarse one goes: its label stays without fading.
    engine.set_visible(&[(fine, 0)]);
    engine.place(&view(), &mut metrics, 1001.0);
    let frame = engine.frame(&view(), &mut metrics, 1001.0);
    assert!(frame.glyphs.iter().all(|g| g.opacity > 0.99));
    let frame = engine.frame(&view(), &mut metrics, 2000.0);
    let opacities: Vec<f32> = frame.glyphs.iter().map(|g| g.opacity).collect();
    assert_eq!(opacities, [1.0], "only the lake is left");
}
