//! Texts and icons: names along lines, collisions by priority, anchors, icons of both kinds, bad sprites.

use map_protocol::{FromMap, ProblemKind, SpriteSheet, ToMap};
use serde_json::json;

use crate::scene::{
    HEIGHT, Setting, WIDTH,
    board::{Board, MIDDLE, text},
    check_over,
    mvt::{Shape, Value},
    same, settled, shipped_sprites,
};

/// A curve across the canvas, as high as it is wide in parts of its length.
fn wave(y: f64, height: f64, turns: f64) -> Vec<[f64; 2]> {
    (0..=60)
        .map(|i| {
            let t = f64::from(i) / 60.0;
            let x = 20.0 + t * (f64::from(WIDTH) - 40.0);
            [x, y + height * (t * turns * std::f64::consts::TAU).sin()]
        })
        .collect()
}

#[test]
fn names_run_along_their_lines() {
    let mut board = Board::new(15.0);
    let roads = [
        ("望江东路", wave(40.0, 12.0, 1.0)),
        ("Lungarno della Zecca Vecchia", wave(110.0, 30.0, 1.5)),
        ("人民南路四段 Renmin South Road", wave(190.0, 8.0, 3.0)),
        ("一环路", vec![[60.0, 340.0], [90.0, 215.0]]),
        ("Via Nuova", vec![[150.0, 340.0], [190.0, 215.0]]),
    ];
    for (name, points) in roads {
        board.add("road", Shape::Line(points), &[("name", text(name))]);
    }
    board.add(
        "centre",
        Shape::Line(wave(250.0, 10.0, 1.0)[20..].to_vec()),
        &[("name", text("居中一次"))],
    );
    board.add(
        "beside",
        Shape::Line(wave(300.0, 10.0, 1.0)[20..].to_vec()),
        &[("name", text("线上方的名字"))],
    );
    board.add(
        "upright",
        Shape::Line(wave(335.0, 6.0, 1.0)[20..].to_vec()),
        &[("name", text("正立"))],
    );
    let line = |id: &str, of: &str| json!({"id": id, "source-layer": of, "type": "line", "paint": {"line-width": 1, "line-color": "#8b98a3"}});
    let halo =
        json!({"text-color": "#20303c", "text-halo-color": "#f2f0ea", "text-halo-width": 1.5});
    let layers = json!([
        line("road-line", "road"), line("centre-line", "centre"), line("beside-line", "beside"), line("upright-line", "upright"),
        {"id": "road", "type": "symbol", "layout": {"text-field": "{name}", "symbol-placement": "line", "symbol-spacing": 220, "text-size": 14, "text-letter-spacing": 0.05}, "paint": halo},
        {"id": "centre", "type": "symbol", "layout": {"text-field": "{name}", "symbol-placement": "line-center", "text-size": 14}, "paint": halo},
        {"id": "beside", "type": "symbol", "layout": {"text-field": "{name}", "symbol-placement": "line", "text-offset": [0, -0.9], "text-size": 13}, "paint": halo},
        {"id": "upright", "type": "symbol", "layout": {"text-field": "{name}", "symbol-placement": "line", "symbol-spacing": 120, "text-rotation-alignment": "viewport", "text-size": 13}, "paint": halo}
    ]);
    let mut map = board.open(&layers);
    check_over(&mut map, &|url| board.tile(url), "names_along_lines");
}

#[test]
fn the_more_important_label_wins() {
    let mut board = Board::new(15.0);
    for at in 0..120_u64 {
        // A spiral, dense in the middle.
        let (sin, cos) = (at as f64 * 2.4).sin_cos();
        let radius = 16.0 * (at as f64).sqrt();
        let spot = [MIDDLE[0] + radius * cos * 1.7, MIDDLE[1] + radius * sin];
        let name = if at % 10 == 0 {
            format!("要地{at}")
        } else {
            format!("{at}号")
        };
        let attributes = [
            ("name", text(&name)),
            ("rank", Value::Number(u64::from(at % 10 != 0))),
        ];
        board.add("place", Shape::Point(spot), &attributes);
    }
    let important = json!(["==", ["get", "rank"], 0]);
    let layers = json!([
        {"id": "place", "type": "circle", "paint": {"circle-radius": 2, "circle-color": ["case", important, "#a03030", "#8b98a3"]}},
        {"id": "name", "source-layer": "place", "type": "symbol",
            "layout": {"text-field": "{name}", "symbol-sort-key": ["get", "rank"], "text-variable-anchor": ["left", "right", "top", "bottom"],
                "text-radial-offset": 0.5, "text-size": ["case", important, 16, 12], "text-font": ["case", important, ["literal", ["Noto Sans Bold"]], ["literal", ["Noto Sans"]]]},
            "paint": {"text-color": ["case", important, "#a03030", "#20303c"], "text-halo-color": "#f2f0ea", "text-halo-width": 1}}
    ]);
    let mut map = board.open(&layers);
    check_over(&mut map, &|url| board.tile(url), "collisions");
}

#[test]
fn texts_with_anchors_breaks_and_halos() {
    let mut board = Board::new(15.0);
    let anchors = [
        "top-left",
        "top",
        "top-right",
        "left",
        "center",
        "right",
        "bottom-left",
        "bottom",
        "bottom-right",
    ];
    let mut layers = vec![
        json!({"id": "spots", "source-layer": "all", "type": "circle", "paint": {"circle-radius": 2.5, "circle-color": "#a03030"}}),
    ];
    for (at, anchor) in anchors.into_iter().enumerate() {
        let spot = [
            110.0 + (at % 3) as f64 * 130.0,
            50.0 + (at / 3) as f64 * 70.0,
        ];
        board.add(anchor, Shape::Point(spot), &[]);
        board.add("all", Shape::Point(spot), &[]);
        layers.push(json!({"id": anchor, "type": "symbol",
            "layout": {"text-field": "锚点 anchor", "text-anchor": anchor, "text-size": 12, "text-max-width": 3, "text-offset": [0.2, 0.2]}}));
    }
    let columns: [(&'static str, [f64; 2]); 4] = [
        ("left-aligned", [560.0, 50.0]),
        ("right-aligned", [560.0, 130.0]),
        ("spaced", [180.0, 300.0]),
        ("soft", [470.0, 300.0]),
    ];
    for (layer, spot) in columns {
        board.add(layer, Shape::Point(spot), &[]);
    }
    let long = "成都市锦江区望江路街道办事处（望江东路）";
    layers.push(json!({"id": "left-aligned", "type": "symbol", "layout": {"text-field": long, "text-justify": "left", "text-size": 13, "text-max-width": 7}}));
    layers.push(json!({"id": "right-aligned", "type": "symbol", "layout": {"text-field": long, "text-justify": "right", "text-size": 13, "text-max-width": 7, "text-line-height": 1.6}}));
    layers.push(json!({"id": "spaced", "type": "symbol", "layout": {"text-field": "spaced 字距", "text-transform": "uppercase", "text-letter-spacing": 0.4, "text-size": 20, "text-max-width": 30},
        "paint": {"text-color": "#ffffff", "text-halo-color": "#20303c", "text-halo-width": 2}}));
    layers.push(json!({"id": "soft", "type": "symbol", "layout": {"text-field": "光晕 halo", "text-size": 28},
        "paint": {"text-color": "#ffffff", "text-halo-color": "#245f8a", "text-halo-width": 2, "text-halo-blur": 2, "text-opacity": 0.9, "text-translate": [0, -4]}}));
    let mut map = board.open(&json!(layers));
    check_over(&mut map, &|url| board.tile(url), "texts");
}

/// A sheet of two icons: a target in three colours, and an arrow to the right as a distance field.
fn own_sheet() -> SpriteSheet {
    let mut pixels = Vec::new();
    for y in 0..24_i32 {
        for x in 0..48_i32 {
            let (dx, dy) = (f64::from(x % 24) - 11.5, f64::from(y) - 11.5);
            pixels.extend(if x < 24 {
                let radius = dx.hypot(dy);
                match radius {
                    r if r < 4.0 => [200, 40, 40, 255],
                    r if r < 8.0 => [250, 250, 250, 255],
                    r if r < 11.0 => [30, 60, 120, 255],
                    r if r < 12.0 => [30, 60, 120, 128],
                    _ => [0; 4],
                }
            } else {
                // A wedge: the distance to its slanted edges or to its back.
                let slanted = (dy.abs() * 2.0 + dx - 8.0) / 5.0_f64.sqrt();
                let distance = slanted.max(-8.0 - dx);
                let value = ((0.75 - distance / 8.0) * 255.0).clamp(0.0, 255.0) as u8;
                [255, 255, 255, value]
            });
        }
    }
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 48, 24);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&pixels).expect("pixels");
    writer.finish().expect("an end");
    let icon = |x: u32, sdf: bool| json!({"x": x, "y": 0, "width": 24, "height": 24, "pixelRatio": 1, "sdf": sdf});
    SpriteSheet {
        prefix: String::new(),
        index_json: json!({"target": icon(0, false), "arrow": icon(24, true)}).to_string(),
        png,
    }
}

#[test]
fn icons_at_points_and_along_lines() {
    let mut board = Board::new(15.0);
    for at in 0..6_u64 {
        let spot = [50.0 + at as f64 * 105.0, 50.0];
        let attributes = [
            ("icon", text(["target", "arrow"][at as usize % 2])),
            ("turn", Value::Number(at * 60)),
            ("size", Value::Real(0.6 + 0.25 * at as f64)),
        ];
        board.add("turned", Shape::Point(spot), &attributes);
        board.add(
            "named",
            Shape::Point([spot[0], 120.0]),
            &[("name", text(["站", "医院", "Hospital"][at as usize % 3]))],
        );
    }
    board.add("street", Shape::Line(wave(190.0, 20.0, 2.0)), &[]);
    board.add(
        "street",
        Shape::Line(wave(230.0, 5.0, 1.0).into_iter().rev().collect()),
        &[],
    );
    board.add(
        "kept",
        Shape::Line(wave(270.0, 5.0, 1.0).into_iter().rev().collect()),
        &[],
    );
    board.add(
        "shield",
        Shape::Line(wave(320.0, 10.0, 1.0)),
        &[("ref", text("G318"))],
    );
    let line = |of: &str| json!({"id": format!("{of}-line"), "source-layer": of, "type": "line", "paint": {"line-width": 1, "line-color": "#8b98a3"}});
    let layers = json!([
        line("street"), line("kept"), line("shield"),
        {"id": "turned", "type": "symbol", "layout": {"icon-image": "{icon}", "icon-rotate": ["get", "turn"], "icon-size": ["get", "size"], "icon-allow-overlap": true},
            "paint": {"icon-color": "#30803a", "icon-halo-color": "#ffffff", "icon-halo-width": 2, "icon-opacity": 0.8}},
        {"id": "named", "type": "symbol", "layout": {"icon-image": "target", "icon-size": 0.8, "icon-anchor": "bottom", "text-field": "{name}", "text-anchor": "top", "text-offset": [0, 0.1], "text-size": 13}},
        {"id": "street", "type": "symbol", "layout": {"icon-image": "arrow", "symbol-placement": "line", "symbol-spacing": 70, "icon-size": 0.7}, "paint": {"icon-color": "#245f8a"}},
        {"id": "kept", "type": "symbol", "layout": {"icon-image": "arrow", "symbol-placement": "line", "symbol-spacing": 70, "icon-size": 0.7, "icon-keep-upright": true, "icon-offset": [0, -14]}, "paint": {"icon-color": "#a03030"}},
        {"id": "shield", "type": "symbol", "layout": {"icon-image": "target", "icon-text-fit": "both", "icon-text-fit-padding": [2, 6, 2, 6], "icon-rotation-alignment": "viewport",
            "text-rotation-alignment": "viewport", "symbol-placement": "line", "symbol-spacing": 150, "text-field": "{ref}", "text-size": 12}, "paint": {"text-halo-color": "#ffffff", "text-halo-width": 1}}
    ]);
    let mut map = board.open(&layers);
    map.send(ToMap::SetSprites {
        sheets: vec![own_sheet()],
    });
    check_over(&mut map, &|url| board.tile(url), "icons");
}

#[test]
fn the_shipped_icons() {
    let mut board = Board::at(Setting {
        pixel_ratio: 2.0,
        zoom: 15.0,
        ..Setting::default()
    });
    let names = [
        "bus",
        "fire",
        "government",
        "hospital",
        "metro",
        "oneway",
        "park",
        "police",
        "rail",
        "school",
        "shield",
    ];
    for (at, name) in names.into_iter().enumerate() {
        let attributes = [("icon", text(name))];
        let [x, y] = [32.0 + (at % 6) as f64 * 52.0, 44.0 + (at / 6) as f64 * 84.0];
        board.add("large", Shape::Point([x, y]), &attributes);
        board.add("small", Shape::Point([x, y + 36.0]), &attributes);
    }
    let icon = |id: &str, size: f64| {
        json!({"id": id, "type": "symbol", "layout": {"icon-image": "{icon}", "icon-size": size, "icon-allow-overlap": true},
            "paint": {"icon-color": "#245f8a", "icon-halo-color": "#ffffff", "icon-halo-width": 1}})
    };
    let mut map = board.open(&json!([icon("large", 2.0), icon("small", 0.7)]));
    map.send(shipped_sprites(2.0));
    check_over(&mut map, &|url| board.tile(url), "icons_shipped");
}

#[test]
fn texts_and_icons_stand_together_or_one_without_the_other() {
    let mut board = Board::new(15.0);
    let rules = [
        ("both", json!({})),
        ("text-optional", json!({"text-optional": true})),
        ("icon-optional", json!({"icon-optional": true})),
        (
            "overlap",
            json!({"icon-allow-overlap": true, "text-overlap": "always"}),
        ),
        (
            "ignored",
            json!({"icon-ignore-placement": true, "text-ignore-placement": true, "text-optional": true}),
        ),
    ];
    let mut layers = Vec::new();
    for (row, (rule, more)) in rules.iter().enumerate() {
        let y = 40.0 + row as f64 * 66.0;
        for at in 0..14 {
            // Neighbours come ever closer.
            let x = 40.0 + 560.0 * (f64::from(at) / 13.0).sqrt();
            let attributes = [
                (
                    "name",
                    text(&format!("{}{at}", ["名", "name "][at as usize % 2])),
                ),
                ("order", Value::Number(at as u64)),
            ];
            board.add(rule, Shape::Point([x, y]), &attributes);
        }
        let mut layout = json!({"icon-image": "target", "icon-size": 0.8, "text-field": "{name}", "text-anchor": "top", "text-offset": [0, 0.8], "text-size": 12, "symbol-sort-key": ["get", "order"]});
        let whole = layout.as_object_mut().expect("an object");
        whole.extend(more.as_object().expect("an object").clone());
        layers.push(json!({"id": rule, "type": "symbol", "layout": layout}));
    }
    let mut map = board.open(&json!(layers));
    map.send(ToMap::SetSprites {
        sheets: vec![own_sheet()],
    });
    check_over(&mut map, &|url| board.tile(url), "icons_and_texts");
}

#[test]
fn a_bad_sprite_costs_its_icons_and_is_told_once() {
    let mut board = Board::new(15.0);
    let spot = [f64::from(WIDTH) / 2.0, f64::from(HEIGHT) / 2.0];
    board.add("named", Shape::Point(spot), &[("name", text("望江小学"))]);
    let layers = json!([{"id": "named", "type": "symbol", "layout": {"icon-image": "gone", "text-field": "{name}"}}]);
    let tiles = |url: &str| board.tile(url);
    let mut plain = board.open(&layers);
    let without = settled(&mut plain, &tiles);
    let sheet = own_sheet();
    let broken = SpriteSheet {
        png: sheet.png[..50].to_vec(),
        ..sheet.clone()
    };
    for (sheet, phrase) in [(broken, "not a usable PNG"), (sheet, "no icon \"gone\"")] {
        let mut map = board.open(&layers);
        map.send(ToMap::SetSprites {
            sheets: vec![sheet],
        });
        same(&settled(&mut map, &tiles), &without, phrase);
        let told = map.messages.iter().filter(|message| {
            matches!(message, FromMap::Problem { problem }
                if problem.kind == ProblemKind::Style && problem.text.contains(phrase))
        });
        assert_eq!(told.count(), 1, "{phrase}: {:?}", map.messages);
    }
}
