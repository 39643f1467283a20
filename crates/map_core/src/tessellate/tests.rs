//! Tiles built here by hand, and the areas, widths and places that come out of them.

#![allow(clippy::float_cmp, reason = "the expected numbers are exact")]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::mvt::{Feature, GeometryKind, Layer, Property};

const KEY: TileKey = TileKey {
    tile: TileId { z: 10, x: 0, y: 0 },
    display_zoom: 10,
};

fn tile(kind: GeometryKind, parts: Vec<Vec<[i32; 2]>>) -> Tile {
    let (keys, values) = (
        vec!["class".into(), "name".into()],
        vec!["big".into(), "人民路".into()],
    );
    let values = values.into_iter().map(Property::Text).collect();
    let feature = Feature {
        id: None,
        kind,
        parts,
        tags: vec![(0, 0), (1, 1)],
    };
    let name = "things".to_owned();
    Tile {
        layers: vec![Layer {
            name,
            extent: 4096,
            keys,
            values,
            features: vec![feature],
        }],
    }
}

fn style(kind: &str, layout: &serde_json::Value, paint: &serde_json::Value) -> Style {
    let layer = json!({"id": "a", "type": kind, "source-layer": "things", "layout": layout, "paint": paint});
    let style = Style::from_json(&json!({"layers": [layer]}).to_string()).expect("a style");
    assert!(style.warnings.is_empty(), "{:?}", style.warnings);
    style
}

/// The area of a tile's fills in square tile units.
fn filled_area(buckets: &TileBuckets) -> f64 {
    let corner = |i: &u32| buckets.fill_vertices[*i as usize].position.map(f64::from);
    let triangle = |t: &[u32]| {
        let [a, b, c] = [corner(&t[0]), corner(&t[1]), corner(&t[2])];
        ((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])).abs() / 2.0
    };
    buckets.fill_indices.chunks_exact(3).map(triangle).sum()
}

/// Which points of a grid of pixels a tile's ribbons cover, for a half width in tile units.
fn covers(buckets: &TileBuckets, half: f64, p: [f64; 2]) -> bool {
    let corner = |i: &u32| {
        let v = buckets.line_vertices[*i as usize];
        let push = v.extrude.map(|e| f64::from(e) / 32_767.0 * 4.0 * half);
        [
            f64::from(v.position[0]) + push[0],
            f64::from(v.position[1]) + push[1],
        ]
    };
    buckets.line_indices.chunks_exact(3).any(|t| {
        let [a, b, c] = [corner(&t[0]), corner(&t[1]), corner(&t[2])];
        let side = |a: [f64; 2], b: [f64; 2]| {
            (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])
        };
        let sides = [side(a, b), side(b, c), side(c, a)];
        sides.iter().all(|s| *s >= 0.0) || sides.iter().all(|s| *s <= 0.0)
    })
}

proptest! {
    #[test]
    fn triangles_have_the_polygons_area(
        radii in prop::collection::vec(200.0..1900.0f64, 3..40), hole in 0.1..0.9f64, with_hole in any::<bool>(),
    ) {
        let ring = |shrink: f64| -> Vec<[i32; 2]> {
            let n = radii.len() as f64;
            let corner = |(i, r): (usize, &f64)| {
                let angle = i as f64 / n * std::f64::consts::TAU;
                [(2048.0 + angle.cos() * r * shrink) as i32, (2048.0 + angle.sin() * r * shrink) as i32]
            };
            radii.iter().enumerate().map(corner).collect()
        };
        let mut rings = vec![ring(1.0)];
        if with_hole {
            // A hole that is the outline made smaller stays inside, as the outline is seen whole from the middle.
            rings.push(ring(hole * 0.9).into_iter().rev().collect());
        }
        let want: f64 = rings.iter().map(|r| crate::mvt::twice_area(r) as f64 / 2.0).sum::<f64>() * 4.0;
        let buckets = tessellate(&tile(GeometryKind::Polygon, rings), &style("fill", &json!({}), &json!({})), KEY);
        let got = filled_area(&buckets);
        // Rounding a corner to whole units moves it by at most 1.5 units each way.
        prop_assert!((got - want).abs() <= want * 0.002 + 20_000.0, "{} and not {}", got, want);
    }

    #[test]
    fn no_geometry_panics(
        points in prop::collection::vec((-20_000..20_000i32, -20_000..20_000i32), 3..60), cut in 1usize..5,
    ) {
        let points: Vec<[i32; 2]> = points.into_iter().map(|(x, y)| [x, y]).collect();
        let parts: Vec<Vec<[i32; 2]>> = points.chunks(points.len() / cut + 3).filter(|c| c.len() > 2).map(Vec::from).collect();
        prop_assume!(!parts.is_empty());
        let round = json!({"line-cap": "round", "line-join": "round"});
        for kind in [GeometryKind::Polygon, GeometryKind::LineString] {
            let tile = tile(kind, parts.clone());
            for style in [
                style("fill", &json!({}), &json!({"fill-outline-color": "red"})),
                style("line", &round, &json!({})),
                style("symbol", &json!({"text-field": "{name}", "symbol-placement": "line"}), &json!({})),
                style("symbol", &json!({"text-field": "{name}"}), &json!({})),
            ] {
                let buckets = tessellate(&tile, &style, KEY);
                prop_assert!(buckets.fill_indices.iter().all(|i| (*i as usize) < buckets.fill_vertices.len()));
                prop_assert!(buckets.line_indices.iter().all(|i| (*i as usize) < buckets.line_vertices.len()));
                let limit = EXTENT + 256;
                let positions = buckets.fill_vertices.iter().map(|v| v.position);
                for p in positions.chain(buckets.line_vertices.iter().map(|v| v.position)) {
                    prop_assert!(p.iter().all(|v| (-256..=limit).contains(v)));
                }
            }
        }
    }

    #[test]
    fn ribbons_cover_their_width(
        turn in -3.0..3.0f64, join in prop::sample::select(vec!["miter", "round", "bevel"]), along in 0.0..1.0f64,
    ) {
        let end = [2000.0 + 1000.0 * turn.cos(), 2000.0 + 1000.0 * turn.sin()].map(|v: f64| v as i32);
        let line = vec![[1000, 2000], [2000, 2000], end];
        let buckets = tessellate(
            &tile(GeometryKind::LineString, vec![line.clone()]),
            &style("line", &json!({"line-join": join}), &json!({})),
            KEY,
        );
        for pair in line.windows(2) {
            let [a, b] = [pair[0], pair[1]].map(|p| p.map(|v| f64::from(v) * 2.0));
            let d = [b[0] - a[0], b[1] - a[1]];
            let length = d[0].hypot(d[1]);
            for across in [-0.95, 0.0, 0.95] {
                let t = 0.02 + along * 0.96;
                let p = [
                    a[0] + d[0] * t - d[1] / length * across * 20.0,
                    a[1] + d[1] * t + d[0] / length * across * 20.0,
                ];
                prop_assert!(covers(&buckets, 20.0, p), "{:?} of {:?}", p, line);
            }
        }
    }
}

#[test]
fn a_polygon_larger_than_the_tile_is_cut() {
    let rings = vec![vec![
        [-9000, -9000],
        [9000, -9000],
        [9000, 9000],
        [-9000, 9000],
    ]];
    let buckets = tessellate(
        &tile(GeometryKind::Polygon, rings),
        &style("fill", &json!({}), &json!({})),
        KEY,
    );
    assert!((filled_area(&buckets) - (8192.0_f64 + 512.0).powi(2)).abs() < 1.0);
}

#[test]
fn caps_reach_beyond_the_ends() {
    let line = vec![vec![[1000, 1000], [2000, 1000]]];
    for (cap, beyond) in [("butt", false), ("square", true), ("round", true)] {
        let style = style("line", &json!({"line-cap": cap}), &json!({}));
        let buckets = tessellate(&tile(GeometryKind::LineString, line.clone()), &style, KEY);
        assert_eq!(covers(&buckets, 20.0, [1985.0, 2000.0]), beyond, "{cap}");
        assert_eq!(covers(&buckets, 20.0, [4015.0, 2000.0]), beyond, "{cap}");
        let along = buckets.line_vertices.iter().any(|v| v.edge[1] != 0);
        assert_eq!(along, cap == "round", "{cap}");
    }
}

#[test]
fn values_of_features_are_baked_for_two_zooms_and_others_are_one() {
    let line = tile(
        GeometryKind::LineString,
        vec![vec![[0, 0], [100, 0], [200, 0]]],
    );
    let paint = json!({
        "line-width": ["interpolate", ["linear"], ["zoom"], 10, ["match", ["get", "class"], "big", 2, 1], 12, 6],
        "line-color": ["match", ["get", "class"], "big", "white", "red"], "line-opacity": 0.5});
    let buckets = tessellate(&line, &style("line", &json!({}), &paint), KEY);
    let first = buckets.line_vertices[0];
    assert_eq!((first.widths, first.colour), ([512, 1024], [65_535; 4]));
    assert_eq!(
        buckets.line_vertices.last().map(|v| v.distance),
        Some(400.0)
    );
    let plain = tessellate(
        &line,
        &style("line", &json!({}), &json!({"line-width": 7})),
        KEY,
    );
    assert_eq!(plain.line_vertices[0].widths, [256; 2]);
    assert_eq!(
        plain.draws,
        [Draw {
            layer: 0,
            kind: DrawKind::Line,
            range: 0..plain.line_indices.len() as u32
        }]
    );
}

#[test]
fn layers_keep_the_styles_order_and_zooms() {
    let layers = json!([
        {"id": "a", "type": "line", "source-layer": "things"},
        {"id": "b", "type": "fill", "source-layer": "things", "paint": {"fill-outline-color": "red"}},
        {"id": "c", "type": "fill", "source-layer": "things", "minzoom": 11},
        {"id": "d", "type": "fill", "source-layer": "things", "maxzoom": 10},
        {"id": "e", "type": "fill", "source-layer": "things", "filter": ["==", "class", "other"]},
        {"id": "f", "type": "fill", "source-layer": "elsewhere"},
    ]);
    let style = Style::from_json(&json!({"layers": layers}).to_string()).expect("a style");
    let buckets = tessellate(
        &tile(
            GeometryKind::Polygon,
            vec![vec![[0, 0], [100, 0], [0, 100]]],
        ),
        &style,
        KEY,
    );
    let drawn: Vec<(u32, DrawKind)> = buckets.draws.iter().map(|d| (d.layer, d.kind)).collect();
    assert_eq!(
        drawn,
        [
            (0, DrawKind::Line),
            (1, DrawKind::Fill),
            (1, DrawKind::FillOutline)
        ]
    );
    assert!(buckets.bytes() > 0);
}

#[test]
fn labels_belong_to_the_tile_that_they_lie_in() {
    let style = style("symbol", &json!({"text-field": "{name}"}), &json!({}));
    let points = vec![vec![[10, 10]], vec![[-5, 10]], vec![[4096, 10]]];
    let buckets = tessellate(&tile(GeometryKind::Point, points), &style, KEY);
    let anchors: Vec<[i16; 2]> = buckets.symbols.iter().map(|s| s.anchor).collect();
    assert_eq!(anchors, [[20, 20]]);
    assert_eq!(buckets.symbols[0].text, "人民路");
    let area = tile(
        GeometryKind::Polygon,
        vec![vec![[100, 100], [300, 100], [300, 300], [100, 300]]],
    );
    let anchor = tessellate(&area, &style, KEY).symbols[0].anchor;
    assert!(anchor.iter().all(|v| (395..=405).contains(v)), "{anchor:?}");
}

#[test]
fn names_along_lines_get_the_line_inside_the_tile() {
    let layout = json!({"text-field": ["get", "name"], "symbol-placement": "line", "text-font": ["Noto Sans Bold"]});
    let lines = vec![vec![[-100, 50], [1000, 50]], vec![[1000, 50], [5000, 50]]];
    let buckets = tessellate(
        &tile(GeometryKind::LineString, lines),
        &style("symbol", &layout, &json!({})),
        KEY,
    );
    assert_eq!(buckets.symbols.len(), 1, "both pieces are joined");
    let symbol = &buckets.symbols[0];
    assert_eq!(symbol.style.face, crate::labels::Face::Bold);
    let xs: Vec<i16> = symbol.path.iter().map(|p| p[0]).collect();
    assert!(xs == [0, 2000, 8192] || xs == [8192, 2000, 0], "{xs:?}");
}

/// A line that turns back at each of its points.
fn zigzag(points: i32) -> Vec<[i32; 2]> {
    (0..points)
        .map(|i| [i % 4_000, if i % 2 == 0 { 10 } else { 4_000 }])
        .collect()
}

fn vertices(buckets: &TileBuckets) -> usize {
    buckets.fill_vertices.len() + buckets.line_vertices.len() + buckets.circles.len()
}

#[test]
fn a_line_of_millions_of_turns_ends_where_the_tile_is_full() {
    let round = json!({"line-cap": "round", "line-join": "round"});
    let style = style("line", &round, &json!({}));
    let buckets = tessellate(
        &tile(GeometryKind::LineString, vec![zigzag(3_000_000)]),
        &style,
        KEY,
    );
    let most = budget::MOST_VERTICES;
    assert!(vertices(&buckets) <= most, "{}", vertices(&buckets));
    assert!(vertices(&buckets) > most - 100, "{}", vertices(&buckets));
    assert_eq!(buckets.skipped_features, 1);
    let count = buckets.line_vertices.len();
    let indices = &buckets.line_indices;
    assert!(indices.iter().all(|i| (*i as usize) < count));
}

#[test]
fn a_line_that_crosses_the_edge_millions_of_times_ends_as_well() {
    let across = (0..2_000_000).map(|i| [i % 4_000, if i % 2 == 0 { -900 } else { 5_000 }]);
    let buckets = tessellate(
        &tile(GeometryKind::LineString, vec![across.collect()]),
        &style("line", &json!({"line-cap": "round"}), &json!({})),
        KEY,
    );
    assert!(vertices(&buckets) <= budget::MOST_VERTICES);
    assert_eq!(buckets.skipped_features, 1);
}

#[test]
fn the_outline_of_an_absurd_area_ends_too() {
    let paint = json!({"fill-outline-color": "red"});
    let buckets = tessellate(
        &tile(GeometryKind::Polygon, vec![zigzag(1_500_000)]),
        &style("fill", &json!({}), &paint),
        KEY,
    );
    assert!(vertices(&buckets) <= budget::MOST_VERTICES);
    assert_eq!(buckets.skipped_features, 1, "once, not for each of both");
}

#[test]
fn an_area_that_crosses_itself_everywhere_is_left_out_and_a_plain_one_after_it_drawn() {
    let scattered = |i: u64| (i * 2_654_435_761 % 0xffff_fffb % 4_001) as i32;
    let scribble = (0..30_000).map(|i| [scattered(i * i), scattered(i * i + 7)]);
    let mut scribble: Vec<[i32; 2]> = scribble.collect();
    if crate::mvt::twice_area(&scribble) < 0 {
        scribble.reverse();
    }
    let mut absurd = tile(GeometryKind::Polygon, vec![scribble]);
    let mut plain = absurd.layers[0].features[0].clone();
    plain.parts = vec![vec![[0, 0], [100, 0], [100, 100], [0, 100]]];
    absurd.layers[0].features.push(plain);
    let buckets = tessellate(&absurd, &style("fill", &json!({}), &json!({})), KEY);
    assert_eq!(
        (buckets.fill_vertices.len(), buckets.skipped_features),
        (4, 1)
    );
}

#[test]
fn circles_count_as_well() {
    let many = (0..4_500_000).map(|i| vec![[i % 4_000, i / 4_000]]);
    let buckets = tessellate(
        &tile(GeometryKind::Point, many.collect()),
        &style("circle", &json!({}), &json!({})),
        KEY,
    );
    assert!(vertices(&buckets) <= budget::MOST_VERTICES);
    assert_eq!(buckets.skipped_features, 1);
}

#[test]
fn a_long_text_is_not_copied_for_every_label() {
    let mut absurd = tile(GeometryKind::Point, vec![vec![[10, 10]]]);
    let layer = &mut absurd.layers[0];
    layer.values[1] = Property::Text("街".repeat(1 << 20).into());
    layer.features = vec![layer.features[0].clone(); 1_000];
    let style = style("symbol", &json!({"text-field": "{name}"}), &json!({}));
    let buckets = tessellate(&absurd, &style, KEY);
    assert!(buckets.bytes() < 40 << 20, "{} bytes", buckets.bytes());
    assert!(!buckets.symbols.is_empty());
    assert_eq!(
        buckets.skipped_features as usize,
        1_000 - buckets.symbols.len()
    );
}

#[test]
fn names_along_absurd_lines_end_as_well() {
    let across = (0..2_000_000).map(|i| [i % 4_000, if i % 2 == 0 { -900 } else { 5_000 }]);
    let layout = json!({"text-field": "{name}", "symbol-placement": "line"});
    let buckets = tessellate(
        &tile(GeometryKind::LineString, vec![across.collect()]),
        &style("symbol", &layout, &json!({})),
        KEY,
    );
    assert!(buckets.bytes() < 40 << 20, "{} bytes", buckets.bytes());
    assert_eq!(buckets.skipped_features, 1);
}
