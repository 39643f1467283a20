//! Placement from the outside: no overlaps, priorities, steadiness, fading.

#![allow(clippy::float_cmp, reason = "the expected numbers are exact")]

use proptest::prelude::*;

use super::*;
use crate::projection::{LonLat, TileId, View};
use crate::tessellate::TileKey;

/// A typeface of boxes: Han characters are one font size wide, others half of it.
#[derive(Default)]
pub(super) struct Grotesque {
    pub(super) missing: Option<char>,
    pub(super) asked: usize,
}

impl Grotesque {
    pub(super) fn advance_em(ch: char) -> f32 {
        if ch.is_ascii() { 0.5 } else { 1.0 }
    }
}

impl GlyphMetrics for Grotesque {
    fn glyph(&mut self, _face: Face, ch: char) -> Option<Glyph> {
        self.asked += 1;
        if self.missing == Some(ch) {
            return None;
        }
        let advance = Self::advance_em(ch) * 24.0;
        let rect = AtlasRect {
            x: 0,
            y: 0,
            width: advance as u16,
            height: 24,
        };
        Some(Glyph {
            rect: (ch != ' ').then_some(rect),
            left: 0.0,
            top: 20.0,
            advance,
        })
    }

    fn raster_size_px(&self) -> f32 {
        24.0
    }

    /// Every icon is a square of twenty pixels, but there is none called "gone".
    fn icon(&mut self, name: &str) -> Option<Icon> {
        let rect = AtlasRect {
            x: 0,
            y: 0,
            width: 20,
            height: 20,
        };
        (name != "gone").then_some(Icon {
            rect,
            pixel_ratio: 1.0,
            is_field: false,
        })
    }
}

pub(super) const KEY: TileKey = TileKey {
    tile: TileId {
        z: 14,
        x: 12_935,
        y: 6_709,
    },
    display_zoom: 14,
};

/// A view of the tile's middle.
pub(super) fn view() -> View {
    let rect = KEY.tile.rect();
    let centre = World::new(
        f64::midpoint(rect.min.x, rect.max.x),
        f64::midpoint(rect.min.y, rect.max.y),
    );
    View {
        centre,
        ..View::new(LonLat::new(0.0, 0.0), 14.0, 600.0, 600.0, 1.0)
    }
}

pub(super) fn symbol(text: &str, anchor: [i16; 2]) -> SymbolCandidate {
    SymbolCandidate {
        layer: 3,
        text: text.to_owned(),
        icon: None,
        anchor,
        path: Vec::new(),
        text_along: true,
        anchors: Vec::new(),
        spacing_px: 250.0,
        max_angle_deg: 45.0,
        zooms: [0.0, 24.0],
        style: TextStyle::default(),
        sort_key: 0.0,
        allow_overlap: false,
        ignore_placement: false,
        text_optional: false,
        set: None,
    }
}

pub(super) fn engine(symbols: Vec<SymbolCandidate>) -> LabelEngine {
    let mut engine = LabelEngine::new();
    engine.set_tile(KEY, symbols);
    engine.set_visible(&[(KEY, 0)]);
    engine
}

pub(super) fn texts(engine: &LabelEngine) -> Vec<&str> {
    let mut texts: Vec<&str> = engine.shown_texts().collect();
    texts.sort_unstable();
    texts
}

/// The boxes around all glyphs.
fn glyph_boxes(frame: &LabelFrame) -> Vec<[f32; 4]> {
    let corner = |g: &GlyphInstance, sign: f32| {
        [
            g.centre_px[0] + sign * g.half_size_px[0],
            g.centre_px[1] + sign * g.half_size_px[1],
        ]
    };
    frame
        .glyphs
        .iter()
        .map(|g| {
            [corner(g, -1.0), corner(g, 1.0)]
                .concat()
                .try_into()
                .expect("four")
        })
        .collect()
}

proptest! {
    #[test]
    fn labels_never_overlap(
        places in prop::collection::vec((0..8192i16, 0..8192i16, 1usize..8, 0.0..5.0f32), 1..120), zoom in 14.0..15.5f64,
    ) {
        let symbols = places.iter().enumerate().map(|(i, (x, y, length, key))| {
            let text = format!("{i}{}", "路".repeat(*length));
            SymbolCandidate { sort_key: *key, ..symbol(&text, [*x, *y]) }
        });
        let mut engine = engine(symbols.collect());
        let view = View { zoom, ..view() };
        let mut metrics = Grotesque::default();
        engine.place(&view, &mut metrics, 0.0);
        let frame = engine.frame(&view, &mut metrics, 1000.0);
        let boxes = glyph_boxes(frame);
        for (i, a) in boxes.iter().enumerate() {
            for b in &boxes[i + 1..] {
                // Glyphs of one label may touch, glyphs of two stand apart.
                let overlap = a[0] < b[2] - 0.01 && b[0] < a[2] - 0.01 && a[1] < b[3] - 0.01 && b[1] < a[3] - 0.01;
                prop_assert!(!overlap, "{:?} {:?}", a, b);
            }
        }
    }
}

#[test]
fn later_layers_and_smaller_sort_keys_go_first() {
    let here = [4096, 4096];
    let low = SymbolCandidate {
        layer: 1,
        ..symbol("low", here)
    };
    let high = SymbolCandidate {
        layer: 5,
        ..symbol("high", here)
    };
    let first = SymbolCandidate {
        sort_key: -1.0,
        ..symbol("first", [2000, 2000])
    };
    let second = SymbolCandidate {
        sort_key: 1.0,
        ..symbol("second", [2000, 2000])
    };
    let mut engine = engine(vec![low, high, second, first]);
    engine.place(&view(), &mut Grotesque::default(), 0.0);
    assert_eq!(texts(&engine), ["first", "high"]);
}

#[test]
fn what_is_shown_stays_when_an_equal_comes() {
    let mut metrics = Grotesque::default();
    let mut engine = engine(vec![symbol("zz", [4096, 4096])]);
    engine.place(&view(), &mut metrics, 0.0);
    engine.set_tile(
        KEY,
        vec![symbol("aa", [4100, 4096]), symbol("zz", [4096, 4096])],
    );
    assert!(engine.needs_placement());
    engine.place(&view(), &mut metrics, 500.0);
    assert_eq!(texts(&engine), ["zz"]);
}

#[test]
fn labels_fade_in_and_out() {
    let mut metrics = Grotesque::default();
    let mut engine = engine(vec![symbol("路", [4096, 4096])]);
    let opacity = |frame: &LabelFrame| frame.glyphs.first().map(|g| g.opacity);
    engine.place(&view(), &mut metrics, 0.0);
    assert_eq!(opacity(engine.frame(&view(), &mut metrics, 0.0)), None);
    let half = engine.frame(&view(), &mut metrics, 125.0);
    assert!(half.animating);
    assert_eq!(opacity(half), Some(0.5));
    let full = engine.frame(&view(), &mut metrics, 400.0);
    assert_eq!((opacity(full), full.animating), (Some(1.0), false));
    engine.remove_tile(KEY);
    engine.place(&view(), &mut metrics, 500.0);
    assert_eq!(
        opacity(engine.frame(&view(), &mut metrics, 625.0)),
        Some(0.5)
    );
    let gone = engine.frame(&view(), &mut metrics, 800.0);
    assert_eq!((gone.glyphs.len(), gone.animating), (0, false));
}

#[test]
fn a_fading_can_be_cut_short() {
    let mut metrics = Grotesque::default();
    let mut engine = engine(vec![symbol("路", [4096, 4096])]);
    engine.place(&view(), &mut metrics, 0.0);
    engine.end_fading();
    let full = engine.frame(&view(), &mut metrics, 0.0);
    assert_eq!((full.glyphs[0].opacity, full.animating), (1.0, false));
    engine.remove_tile(KEY);
    engine.place(&view(), &mut metrics, 10.0);
    engine.end_fading();
    let gone = engine.frame(&view(), &mut metrics, 10.0);
    assert_eq!((gone.glyphs.len(), gone.animating), (0, false));
}

#[test]
fn the_same_label_of_the_next_zoom_takes_over_without_fading() {
    let mut metrics = Grotesque::default();
    let mut engine = engine(vec![symbol("湖", [4000, 4000])]);
    engine.place(&view(), &mut metrics, 0.0);
    engine.frame(&view(), &mut metrics, 1000.0);
    let [child, ..] = KEY.tile.children();
    let next = TileKey {
        tile: child,
        display_zoom: 15,
    };
    engine.set_tile(next, vec![symbol("湖", [8000, 8001])]);
    engine.set_visible(&[(next, 0)]);
    let closer = View {
        zoom: 15.0,
        ..view()
    };
    engine.place(&closer, &mut metrics, 1001.0);
    let frame = engine.frame(&closer, &mut metrics, 1001.0);
    assert_eq!((frame.glyphs.len(), frame.glyphs[0].opacity), (1, 1.0));
}

#[test]
fn a_pan_computes_no_glyphs() {
    let mut metrics = Grotesque::default();
    let mut engine = engine(vec![symbol("路", [4096, 4096])]);
    engine.place(&view(), &mut metrics, 0.0);
    engine.frame(&view(), &mut metrics, 1000.0);
    let asked = metrics.asked;
    let panned = view().dragged(100.0, 50.0);
    let origin = engine.frame(&panned, &mut metrics, 1016.0).origin;
    assert_eq!((metrics.asked, origin), (asked, view().centre));
    engine.frame(
        &View {
            zoom: 14.1,
            ..panned
        },
        &mut metrics,
        1032.0,
    );
    assert!(metrics.asked > asked);
}

#[test]
fn missing_glyphs_make_the_engine_ask_again() {
    let mut metrics = Grotesque {
        missing: Some('民'),
        ..Grotesque::default()
    };
    let mut engine = engine(vec![symbol("人民路", [4096, 4096])]);
    engine.place(&view(), &mut metrics, 0.0);
    assert!(texts(&engine).is_empty() && engine.needs_placement());
    metrics.missing = None;
    engine.place(&view(), &mut metrics, 100.0);
    assert!(!engine.needs_placement());
    assert_eq!(texts(&engine), ["人民路"]);
}

#[test]
fn road_names_repeat_along_their_line_and_keep_their_distance() {
    let road = SymbolCandidate {
        path: vec![[0, 4096], [8192, 4096]],
        spacing_px: 150.0,
        style: TextStyle {
            max_width_em: f32::INFINITY,
            ..TextStyle::default()
        },
        ..symbol("人民南路", [4096, 4096])
    };
    let mut engine = engine(vec![road.clone(), road]);
    let mut metrics = Grotesque::default();
    engine.place(&view(), &mut metrics, 0.0);
    assert_eq!(texts(&engine), ["人民南路"; 3], "512 px hold three of 150");
    let frame = engine.frame(&view(), &mut metrics, 1000.0);
    assert_eq!(frame.glyphs.len(), 12);
    let middle = 8.0 - 16.0 * 20.0 / 24.0;
    for g in &frame.glyphs {
        assert!(
            (g.centre_px[1] - (middle + 16.0 * 0.36)).abs() < 0.1,
            "{:?}",
            g.centre_px
        );
    }
}

#[test]
fn area_labels_go_before_the_base_map_and_need_room() {
    let here = view().centre;
    let area = |id, priority, room| AreaLabel {
        id,
        at: here,
        text: format!("网格{id}"),
        style: TextStyle {
            plate: Some(Colour::WHITE),
            ..TextStyle::default()
        },
        priority,
        room,
    };
    let mut engine = engine(vec![symbol("路", [4096, 4096])]);
    let mut metrics = Grotesque::default();
    engine.set_area_labels(
        "grids",
        vec![
            area(1, 1.0, f64::INFINITY),
            area(2, 5.0, f64::INFINITY),
            area(3, 9.0, 1e-9),
        ],
    );
    engine.place(&view(), &mut metrics, 0.0);
    assert_eq!(texts(&engine), ["网格2"]);
    let frame = engine.frame(&view(), &mut metrics, 1000.0);
    assert_eq!(frame.glyphs.iter().filter(|g| g.kind == 1.0).count(), 1);
    engine.set_area_labels("grids", vec![area(1, -1.0, f64::INFINITY)]);
    engine.place(&view(), &mut metrics, 2000.0);
    assert_eq!(texts(&engine), ["路"]);
}

#[test]
fn halos_lie_below_all_glyphs_of_their_label() {
    let style = TextStyle {
        halo: Colour::WHITE,
        halo_width_px: 1.0,
        ..TextStyle::default()
    };
    let mut engine = engine(vec![SymbolCandidate {
        style,
        ..symbol("人民", [4096, 4096])
    }]);
    let mut metrics = Grotesque::default();
    engine.place(&view(), &mut metrics, 0.0);
    let halos: Vec<bool> = engine
        .frame(&view(), &mut metrics, 1000.0)
        .glyphs
        .iter()
        .map(|g| g.halo_width_px > 0.0)
        .collect();
    assert_eq!(halos, [true, true, false, false]);
}

#[test]
fn a_text_that_came_set_stands_as_one_that_is_set_here_and_waits_for_its_glyphs() {
    let style = TextStyle {
        max_width_em: 3.0,
        ..TextStyle::default()
    };
    let here = SymbolCandidate {
        style,
        ..symbol("第一人民医院", [4096, 4096])
    };
    let mut elsewhere = here.clone();
    elsewhere.set_text(&mut |_, ch| Some(Grotesque::advance_em(ch)));
    assert!(elsewhere.set.is_some());
    let glyphs = |symbol: &SymbolCandidate| {
        let mut engine = engine(vec![symbol.clone()]);
        let mut metrics = Grotesque::default();
        engine.place(&view(), &mut metrics, 0.0);
        engine.frame(&view(), &mut metrics, 1000.0).glyphs.clone()
    };
    assert_eq!(glyphs(&elsewhere).len(), 6);
    assert_eq!(glyphs(&elsewhere), glyphs(&here));
    let mut engine = engine(vec![elsewhere.clone()]);
    let mut metrics = Grotesque {
        missing: Some('院'),
        ..Grotesque::default()
    };
    engine.place(&view(), &mut metrics, 0.0);
    assert!(texts(&engine).is_empty() && engine.needs_placement());
    metrics.missing = None;
    engine.place(&view(), &mut metrics, 300.0);
    assert_eq!(texts(&engine), ["第一人民医院"]);
    elsewhere.set_text(&mut |_, ch| (ch != '医').then_some(1.0));
    assert_eq!(
        elsewhere.set, None,
        "what is not known whole is left to the placement"
    );
}
