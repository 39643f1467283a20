//! Lines: caps, joins, dashes, casings, offsets, widths by zoom and feature.

use serde_json::json;

use crate::scene::{
    board::{Board, text},
    check_over,
    mvt::{Shape, Value},
};

/// A zigzag with a right angle, a sharp and a blunt turn, moved to the right and down.
fn zigzag(x: f64, y: f64) -> Shape<[f64; 2]> {
    let points = [
        [10.0, 60.0],
        [50.0, 60.0],
        [50.0, 20.0],
        [90.0, 70.0],
        [120.0, 15.0],
        [150.0, 30.0],
    ];
    Shape::Line(points.iter().map(|p| [p[0] + x, p[1] + y]).collect())
}

#[test]
fn every_cap_with_every_join() {
    let mut board = Board::new(15.0);
    let mut layers = Vec::new();
    let names: [[&'static str; 3]; 3] = [
        ["butt-miter", "butt-bevel", "butt-round"],
        ["square-miter", "square-bevel", "square-round"],
        ["round-miter", "round-bevel", "round-round"],
    ];
    for (row, names) in names.iter().enumerate() {
        for (column, name) in names.iter().enumerate() {
            let shape = zigzag(20.0 + column as f64 * 205.0, 10.0 + row as f64 * 115.0);
            board.add(name, shape, &[]);
            let (cap, join) = name.split_once('-').expect("a cap and a join");
            layers.push(json!({"id": name, "type": "line",
                "layout": {"line-cap": cap, "line-join": join, "line-miter-limit": 3},
                "paint": {"line-color": "#245f8a", "line-width": 16}}));
            layers.push(
                json!({"id": format!("{name}-middle"), "type": "line", "source-layer": name,
                "paint": {"line-color": "#ffffff", "line-width": 1}}),
            );
        }
    }
    let mut map = board.open(&json!(layers));
    check_over(&mut map, &|url| board.tile(url), "lines_caps_joins");
}

#[test]
fn dashes_blur_and_transparency() {
    let mut board = Board::new(15.0);
    let names = [
        "dash", "dash4", "dots", "wide", "thin", "blurred", "clear", "round",
    ];
    for (at, name) in names.into_iter().enumerate() {
        let y = 30.0 + at as f64 * 42.0;
        let points = vec![[20.0, y], [260.0, y + 12.0], [320.0, y - 10.0], [620.0, y]];
        board.add(name, Shape::Line(points), &[]);
    }
    let layers = json!([
        {"id": "dash", "type": "line", "paint": {"line-width": 6, "line-dasharray": [3, 2]}},
        {"id": "dash4", "type": "line", "paint": {"line-width": 4, "line-color": "#a03030", "line-dasharray": [6, 2, 1, 2]}},
        {"id": "dots", "type": "line", "paint": {"line-width": 8, "line-color": "#30503a", "line-dasharray": [1, 1]}},
        {"id": "wide", "type": "line", "paint": {"line-width": 18, "line-color": "#c9a23c", "line-dasharray": [2]}},
        {"id": "thin", "type": "line", "paint": {"line-width": 0.4}},
        {"id": "blurred", "type": "line", "paint": {"line-width": 12, "line-blur": 6, "line-color": "#245f8a"}},
        {"id": "clear", "type": "line", "paint": {"line-width": 20, "line-opacity": 0.35, "line-color": "#245f8a"}},
        {"id": "round", "type": "line", "layout": {"line-cap": "round", "line-join": "round"},
            "paint": {"line-width": 14, "line-color": "#7a4fa3", "line-translate": [0, -6]}}
    ]);
    let mut map = board.open(&layers);
    check_over(&mut map, &|url| board.tile(url), "lines_dashes");
}

#[test]
fn casings_and_offsets() {
    let mut board = Board::new(15.0);
    board.add("cased", zigzag(20.0, 20.0), &[]);
    board.add("rails", zigzag(230.0, 20.0), &[]);
    board.add("hollow", zigzag(440.0, 20.0), &[]);
    board.add("aside", zigzag(60.0, 190.0), &[]);
    let ring = (0..24).map(|i| {
        let (sin, cos) = (f64::from(i) / 24.0 * std::f64::consts::TAU).sin_cos();
        [440.0 + 110.0 * cos, 240.0 + 70.0 * sin]
    });
    board.add("ring", Shape::Polygon(ring.collect()), &[]);
    let layers = json!([
        {"id": "case", "source-layer": "cased", "type": "line", "layout": {"line-cap": "round", "line-join": "round"},
            "paint": {"line-width": 3, "line-gap-width": ["interpolate", ["linear"], ["zoom"], 14, 6, 16, 18], "line-color": "#20303c"}},
        {"id": "cased", "type": "line", "layout": {"line-cap": "round", "line-join": "round"},
            "paint": {"line-width": 12, "line-color": "#e9c84a"}},
        {"id": "rails", "type": "line", "paint": {"line-width": 1.5, "line-gap-width": 7, "line-color": "#555555"}},
        {"id": "hollow", "type": "line", "layout": {"line-join": "round"},
            "paint": {"line-width": 5, "line-gap-width": 10, "line-blur": 2, "line-opacity": 0.6, "line-color": "#245f8a"}},
        {"id": "middle", "source-layer": "aside", "type": "line", "paint": {"line-width": 2}},
        {"id": "right", "source-layer": "aside", "type": "line", "paint": {"line-width": 3, "line-offset": 9, "line-color": "#a03030"}},
        {"id": "left", "source-layer": "aside", "type": "line", "paint": {"line-width": 3, "line-offset": -9, "line-color": "#30803a"}},
        {"id": "ring", "type": "line", "paint": {"line-width": 2}},
        {"id": "inside", "source-layer": "ring", "type": "line", "paint": {"line-width": 4, "line-offset": 12, "line-color": "#a03030"}},
        {"id": "outside", "source-layer": "ring", "type": "line", "paint": {"line-width": 4, "line-offset": -12, "line-dasharray": [2, 1], "line-color": "#30803a"}}
    ]);
    let mut map = board.open(&layers);
    check_over(&mut map, &|url| board.tile(url), "lines_casings");
}

#[test]
fn widths_and_colours_by_zoom_and_feature() {
    let mut board = Board::new(15.5);
    for (at, class) in ["minor", "secondary", "primary", "motorway"]
        .into_iter()
        .enumerate()
    {
        let y = 40.0 + at as f64 * 80.0;
        let attributes = [
            ("class", text(class)),
            ("lanes", Value::Number(at as u64 + 1)),
            ("share", Value::Real(0.25 * (at + 1) as f64)),
        ];
        for (layer, dy) in [("width", 0.0), ("dashed", 26.0), ("faded", 44.0)] {
            board.add(
                layer,
                Shape::Line(vec![[20.0, y + dy], [620.0, y + dy]]),
                &attributes,
            );
        }
    }
    let colour = json!([
        "match",
        ["get", "class"],
        "motorway",
        "#a03030",
        "primary",
        "#c9803c",
        "secondary",
        "#b0a040",
        "#808080"
    ]);
    let layers = json!([
        {"id": "width", "type": "line", "paint": {"line-color": colour,
            "line-width": ["interpolate", ["exponential", 2], ["zoom"], 15, ["*", 2, ["get", "lanes"]], 16, ["*", 8, ["get", "lanes"]]]}},
        {"id": "dashed", "type": "line", "paint": {"line-color": colour, "line-dasharray": [2, 1],
            "line-width": ["*", 2, ["get", "lanes"]]}},
        {"id": "faded", "type": "line", "layout": {"line-sort-key": ["get", "lanes"]},
            "paint": {"line-color": ["interpolate-hcl", ["linear"], ["zoom"], 15, "#245f8a", 16, "#30803a"],
            "line-opacity": ["get", "share"], "line-width": 6}}
    ]);
    let mut map = board.open(&layers);
    check_over(&mut map, &|url| board.tile(url), "lines_by_feature");
}
