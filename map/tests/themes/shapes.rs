//! Areas and circles, and what lies across the edge of the world.

use serde_json::json;

use crate::scene::{
    Setting,
    board::{Board, text},
    check_over,
    mvt::{Shape, Value},
};

fn square(x: f64, y: f64, side: f64) -> Vec<[f64; 2]> {
    vec![[x, y], [x + side, y], [x + side, y + side], [x, y + side]]
}

#[test]
fn areas_with_holes_outlines_and_order() {
    let mut board = Board::new(14.0);
    let mut hole = square(70.0, 70.0, 60.0);
    hole.reverse();
    let island = square(90.0, 90.0, 20.0);
    board.add(
        "holes",
        Shape::Rings(vec![square(30.0, 30.0, 140.0), hole, island]),
        &[],
    );
    for (at, key) in [2_u64, 3, 1].into_iter().enumerate() {
        let shift = at as f64 * 40.0;
        let attributes = [("order", Value::Number(key))];
        board.add(
            "order",
            Shape::Polygon(square(230.0 + shift, 40.0 + shift, 90.0)),
            &attributes,
        );
        board.add(
            "opacity",
            Shape::Polygon(square(430.0 + shift, 40.0 + shift, 90.0)),
            &attributes,
        );
    }
    let star = (0..10).map(|i| {
        let (sin, cos) = (f64::from(i) * std::f64::consts::PI / 5.0).sin_cos();
        let radius = if i % 2 == 0 { 70.0 } else { 28.0 };
        [100.0 + radius * sin, 270.0 - radius * cos]
    });
    board.add("star", Shape::Polygon(star.collect()), &[]);
    for at in 0..9_u64 {
        let x = 220.0 + at as f64 * 46.0;
        let attributes = [("size", Value::Number(at)), ("name", text("x"))];
        board.add("dots", Shape::Point([x, 290.0]), &attributes);
    }
    let colour = json!([
        "match",
        ["get", "order"],
        1,
        "#a03030",
        2,
        "#30803a",
        "#245f8a"
    ]);
    let layers = json!([
        {"id": "holes", "type": "fill", "paint": {"fill-color": "#7fb6d9", "fill-outline-color": "#10405c"}},
        {"id": "order", "type": "fill", "layout": {"fill-sort-key": ["get", "order"]}, "paint": {"fill-color": colour}},
        {"id": "opacity", "type": "fill", "paint": {"fill-color": colour, "fill-opacity": ["step", ["get", "order"], 0.2, 2, 0.5, 3, 0.8]}},
        {"id": "star", "type": "fill", "paint": {"fill-color": "#c9a23c", "fill-translate": [6, 6], "fill-opacity": 0.4}},
        {"id": "star-above", "source-layer": "star", "type": "fill", "paint": {"fill-color": "#e9c84a", "fill-outline-color": "#6b5510"}},
        {"id": "dots", "type": "circle", "paint": {"circle-radius": ["+", 4, ["*", 2, ["get", "size"]]],
            "circle-color": ["interpolate", ["linear"], ["get", "size"], 0, "#245f8a", 8, "#a03030"], "circle-opacity": 0.7,
            "circle-stroke-width": 2, "circle-stroke-color": "#ffffff", "circle-blur": ["step", ["zoom"], 0, 20, 1]}}
    ]);
    let mut map = board.open(&layers);
    check_over(&mut map, &|url| board.tile(url), "areas_circles");
}

#[test]
fn across_the_antimeridian() {
    let mut board = Board::at(Setting {
        centre: [179.999_6, -16.6],
        zoom: 12.3,
        ..Setting::default()
    });
    board.add(
        "island",
        Shape::Polygon(vec![
            [120.0, 80.0],
            [520.0, 60.0],
            [560.0, 240.0],
            [300.0, 310.0],
            [90.0, 220.0],
        ]),
        &[],
    );
    board.add(
        "road",
        Shape::Line(vec![
            [60.0, 180.0],
            [250.0, 150.0],
            [420.0, 190.0],
            [600.0, 170.0],
        ]),
        &[("name", text("国际日期变更线公路"))],
    );
    for (at, name) in ["西岸镇", "中线村", "东岸镇"].into_iter().enumerate() {
        board.add(
            "town",
            Shape::Point([190.0 + at as f64 * 130.0, 110.0]),
            &[("name", text(name))],
        );
    }
    let layers = json!([
        {"id": "island", "type": "fill", "paint": {"fill-color": "#cfe0c0", "fill-outline-color": "#5a7a4a"}},
        {"id": "road", "type": "line", "layout": {"line-cap": "round", "line-join": "round"}, "paint": {"line-color": "#c9803c", "line-width": 5}},
        {"id": "road-name", "source-layer": "road", "type": "symbol", "layout": {"text-field": "{name}", "symbol-placement": "line", "text-size": 13, "symbol-spacing": 200},
            "paint": {"text-halo-color": "#ffffff", "text-halo-width": 1.5}},
        {"id": "spot", "source-layer": "town", "type": "circle", "paint": {"circle-radius": 4, "circle-color": "#20303c"}},
        {"id": "town", "type": "symbol", "layout": {"text-field": ["get", "name"], "text-anchor": "bottom", "text-offset": [0, -0.4]},
            "paint": {"text-halo-color": "#ffffff", "text-halo-width": 1.5}}
    ]);
    let mut map = board.open(&layers);
    check_over(&mut map, &|url| board.tile(url), "antimeridian");
}
