//! The style reader: a table of expressions with their values, filters of both forms, properties, warnings.

#![allow(clippy::float_cmp, reason = "the expected numbers are exact")]

use serde_json::{Value as Json, json};

use super::expression::Expression;
use super::feature_view::Context;
use super::*;
use crate::mvt::{Feature, GeometryKind, Layer as TileLayer, Property as TileProperty};

/// A layer with one road in it.
pub(super) fn road() -> TileLayer {
    let pairs = [
        ("class", TileProperty::Text("primary".into())),
        ("name", TileProperty::Text("人民中路".into())),
        ("name:en", TileProperty::Text("Renmin Road".into())),
        ("lanes", TileProperty::Number(4.0)),
        ("bridge", TileProperty::Bool(true)),
        ("ref", TileProperty::Text("12".into())),
    ];
    let tags = (0..pairs.len() as u32).map(|i| (i, i)).collect();
    let (keys, values) = pairs.into_iter().map(|(k, v)| (k.into(), v)).unzip();
    let feature = Feature {
        id: Some(42),
        kind: GeometryKind::LineString,
        parts: vec![vec![[0, 0], [1, 1]]],
        tags,
    };
    TileLayer {
        name: "roads".to_owned(),
        extent: 4096,
        keys,
        values,
        features: vec![feature],
    }
}

fn evaluate(expression: &Expression, zoom: f64) -> Option<Value> {
    let layer = road();
    let keys = KeyIndex::of(&layer);
    let feature = FeatureView::new(&layer, &layer.features[0], &keys);
    expression.evaluate(&Context {
        zoom,
        feature: Some(feature),
    })
}

/// The value of an expression for the road at zoom 14.5; `null` stands for nothing and for an error alike.
fn value_of(json: &Json) -> Value {
    // The parts are parsed one by one so that constants that have no value give an error at evaluation too.
    parse::expression(json)
        .ok()
        .and_then(|e| evaluate(&e, 14.5))
        .unwrap_or(Value::Null)
}

/// Expressions and their values, in JSON.
const EXPRESSIONS: &str = r#"[
    [["literal", [1, 2]], [1, 2]],
    [["zoom"], 14.5],
    [["get", "class"], "primary"],
    [["get", "absent"], null],
    [["get", ["concat", "na", "me"]], "人民中路"],
    [["has", "name"], true],
    [["has", "absent"], false],
    [["!has", "absent"], true],
    [["geometry-type"], "LineString"],
    [["id"], 42],
    [["==", ["get", "class"], "primary"], true],
    [["==", ["get", "lanes"], "4"], false],
    [["!=", ["get", "class"], "primary"], false],
    [["==", ["get", "absent"], null], true],
    [["<", 1, 2], true],
    [["<", 2, 2], false],
    [["<=", 2, 2], true],
    [[">", ["get", "lanes"], 3], true],
    [[">=", "b", "a"], true],
    [["<", "a", 1], null],
    [["!", ["get", "bridge"]], false],
    [["all"], true],
    [["any"], false],
    [["all", true, ["==", 1, 1]], true],
    [["all", true, false], false],
    [["any", false, ["get", "bridge"]], true],
    [["none", false, false], true],
    [["in", "b", ["literal", ["a", "b"]]], true],
    [["in", ["get", "lanes"], ["literal", [1, 2]]], false],
    [["in", "民", ["get", "name"]], true],
    [["match", ["get", "class"], "primary", 3, "other", 2, 1], 3],
    [["match", ["get", "class"], ["motorway", "primary"], "big", "small"], "big"],
    [["match", ["get", "lanes"], 4, "four", "?"], "four"],
    [["match", ["get", "absent"], "primary", 3, 1], 1],
    [["case", ["get", "bridge"], "over", "under"], "over"],
    [["case", ["==", 1, 2], "a", ["has", "ref"], "b", "c"], "b"],
    [["case", ["get", "class"], 1, 2], null],
    [["coalesce", ["get", "absent"], ["get", "name:en"]], "Renmin Road"],
    [["coalesce", ["get", "absent"], ["get", "gone"]], null],
    [["step", ["zoom"], "a", 10, "b", 15, "c"], "b"],
    [["step", ["zoom"], "a", 20, "b"], "a"],
    [["step", ["get", "lanes"], 0, 4, 1], 1],
    [["interpolate", ["linear"], ["zoom"], 14, 10, 15, 20], 15],
    [["interpolate", ["linear"], ["zoom"], 16, 10, 18, 20], 10],
    [["interpolate", ["linear"], ["zoom"], 5, 10, 10, 20], 20],
    [["interpolate", ["exponential", 2], ["zoom"], 13, 0, 16, 7], 1.8284271247461903],
    [["interpolate", ["cubic-bezier", 0.0, 0.0, 1.0, 1.0], ["get", "lanes"], 0, 0, 8, 10], 5],
    [["interpolate", ["linear"], ["get", "lanes"], 0, ["literal", [0, 10]], 8, ["literal", [10, 0]]], [5, 5]],
    [["interpolate", ["linear"], ["get", "name"], 0, 0, 1, 1], null],
    [["concat", "a", 1, true, null, 2.5], "a1true2.5"],
    [["to-string", 4], "4"],
    [["to-string", ["literal", [1, "a", null]]], "[1,\"a\",null]"],
    [["to-string", ["to-color", "red"]], "rgba(255,0,0,1)"],
    [["to-number", ["get", "ref"]], 12],
    [["to-number", "x", "7"], 7],
    [["to-number", "x"], null],
    [["to-number", null], 0],
    [["to-boolean", ""], false],
    [["to-boolean", "a"], true],
    [["to-boolean", 0], false],
    [["typeof", ["get", "lanes"]], "number"],
    [["typeof", ["get", "absent"]], "null"],
    [["string", ["get", "lanes"], "other"], "other"],
    [["number", ["get", "lanes"]], 4],
    [["boolean", ["get", "class"]], null],
    [["array", ["literal", [1]]], [1]],
    [["+", 1, 2, 3], 6],
    [["-", 5, 3], 2],
    [["-", 5], -5],
    [["*", 2, ["get", "lanes"]], 8],
    [["/", 9, 2], 4.5],
    [["%", 9, 4], 1],
    [["^", 2, 10], 1024],
    [["min", 3, 1, 2], 1],
    [["max", 3, 1, 2], 3],
    [["abs", -2], 2],
    [["ceil", 1.2], 2],
    [["floor", 1.8], 1],
    [["round", 1.5], 2],
    [["sqrt", 9], 3],
    [["log2", 8], 3],
    [["ln", 1], 0],
    [["+", 1, "a"], null],
    [["length", "人民路"], 3],
    [["length", ["literal", [1, 2]]], 2],
    [["at", 1, ["literal", ["a", "b"]]], "b"],
    [["at", 5, ["literal", ["a", "b"]]], null],
    [["index-of", "中", ["get", "name"]], 2],
    [["index-of", 9, ["literal", [1, 2]]], -1],
    [["slice", ["get", "name"], 0, 2], "人民"],
    [["slice", "abcd", -2], "cd"],
    [["slice", ["literal", [1, 2, 3]], 1, 2], [2]],
    [["upcase", "abc"], "ABC"],
    [["downcase", "ÄB"], "äb"],
    [["let", "x", ["get", "lanes"], ["*", ["var", "x"], ["var", "x"]]], 16],
    [["format", ["get", "name"], {"font-scale": 1}, "\n", {}, ["get", "name:en"]], "人民中路\nRenmin Road"],
    [["to-string", ["image", "shield"]], "shield"],
    [["typeof", ["image", ["get", "class"]]], "resolvedImage"]
]"#;

#[test]
fn expressions_have_the_values_of_the_specification() {
    let table: Json = serde_json::from_str(EXPRESSIONS).expect("JSON");
    let table = table.as_array().expect("a table");
    assert!(table.len() >= 90);
    for case in table {
        let (got, want) = (value_of(&case[0]), Value::from_json(&case[1]));
        let close = match (&got, &want) {
            (Value::Number(a), Value::Number(b)) => (a - b).abs() < 1e-6,
            (a, b) => a == b,
        };
        assert!(close, "{} gives {got:?}, not {want:?}", case[0]);
    }
}

#[test]
fn colours_are_mixed_and_made() {
    for (json, want) in [
        (json!(["to-color", ["get", "class"], "#102030"]), "#102030"),
        (json!(["rgb", 16, 32, 48]), "#102030"),
        (json!(["rgba", 16, 32, 48, 0.5]), "rgba(16,32,48,0.5)"),
        (
            json!([
                "interpolate",
                ["linear"],
                ["zoom"],
                14,
                "#000000",
                15,
                "#204060"
            ]),
            "#102030",
        ),
        (
            json!([
                "match",
                ["get", "class"],
                "primary",
                "hsl(0, 100%, 50%)",
                "blue"
            ]),
            "red",
        ),
    ] {
        let got = value_of(&json).to_colour().expect("a colour");
        let want = Colour::from_css(want).expect("a colour");
        assert!(
            got.0.iter().zip(want.0).all(|(a, b)| (a - b).abs() < 1e-4),
            "{json}: {got:?}"
        );
    }
}

#[test]
fn what_cannot_be_read_says_what_it_is() {
    for (json, phrase) in [
        (json!(["heatmap-density"]), "heatmap-density"),
        (json!(["get"]), "\"get\" with 0 operands"),
        (
            json!(["interpolate", ["weird"], ["zoom"], 1, 2]),
            "interpolation",
        ),
        (json!(["step", ["zoom"], 0, 5, 1, 4, 2]), "do not grow"),
        (json!(["var", "x"]), "unknown variable"),
        (json!([1, 2]), "where an expression should stand"),
        (json!({"a": 1}), "the object"),
        (json!(["<", "a", 1]), "has no value"),
    ] {
        let error = parse::expression(&json).expect_err("unsupported");
        assert!(error.contains(phrase), "{json}: {error}");
    }
}

#[test]
fn names_that_multiply_are_stopped() {
    let mut inner = json!(["var", "a39"]);
    for i in (1..40).rev() {
        let before = format!("a{}", i - 1);
        inner = json!([
            "let",
            format!("a{i}"),
            ["+", ["var", before], ["var", before]],
            inner
        ]);
        if i == 1 {
            inner = json!(["let", "a0", ["get", "lanes"], inner]);
        }
    }
    let error = parse::expression(&inner).expect_err("too large");
    assert!(error.contains("parts"), "{error}");
}

#[test]
fn filters_of_both_forms_choose_alike() {
    for (json, want) in [
        (json!(["==", "class", "primary"]), true),
        (json!(["!=", "class", "primary"]), false),
        (json!(["!=", "absent", "x"]), true),
        (json!(["==", "$type", "LineString"]), true),
        (json!(["==", "$id", 42]), true),
        (json!(["in", "class", "motorway", "primary"]), true),
        (json!(["!in", "class", "motorway", "primary"]), false),
        (json!(["has", "ref"]), true),
        (json!(["!has", "ref"]), false),
        (json!([">", "lanes", 3]), true),
        (json!(["<=", "lanes", "4"]), false),
        (
            json!(["none", ["<", "absent", 3], ["==", "class", "x"]]),
            true,
        ),
        (
            json!([
                "all",
                ["==", "class", "primary"],
                ["any", ["has", "gone"], ["==", "bridge", true]]
            ]),
            true,
        ),
        (
            json!([
                "all",
                ["==", ["get", "class"], "primary"],
                [">=", "lanes", 4]
            ]),
            true,
        ),
        (json!(["==", ["get", "class"], "primary"]), true),
        (
            json!(["match", ["get", "class"], ["primary"], true, false]),
            true,
        ),
        (
            json!(["in", ["get", "class"], ["literal", ["primary"]]]),
            true,
        ),
        (json!(true), true),
    ] {
        let filter = filter::filter(&json).unwrap_or_else(|e| panic!("{json}: {e}"));
        assert_eq!(evaluate(&filter, 14.0), Some(Value::Bool(want)), "{json}");
    }
    assert!(filter::filter(&json!(["within", {}])).is_err());
}

pub(super) fn style(layers: &Json) -> Style {
    Style::from_json(&json!({"version": 8, "layers": layers}).to_string()).expect("a style")
}

#[test]
fn uniforms_hold_what_depends_on_the_zoom_alone() {
    let style = style(&json!([
        {"id": "bg", "type": "background", "paint": {"background-color": "#ffffff", "background-opacity": 0.5}},
        {"id": "roads", "type": "line", "source-layer": "roads", "minzoom": 5, "paint": {
            "line-width": {"base": 2, "stops": [[10, 1], [12, 4]]},
            "line-color": ["match", ["get", "class"], "primary", "#ff0000", "#00ff00"],
            "line-opacity": ["interpolate", ["linear"], ["zoom"], 10, 0, 12, 1],
            "line-dasharray": [2, 1, 3]}},
    ]));
    assert_eq!(style.warnings.len(), 1, "{:?}", style.warnings);
    assert!(style.warnings[0].contains("dash pattern"));
    let mut paints = Vec::new();
    style.paints_at(11.0, &mut paints);
    assert_eq!(paints[0], LayerPaint::Background(Colour([0.5; 4])));
    let LayerPaint::Line(line) = paints[1] else {
        panic!("a line")
    };
    assert_eq!((line.width_px, line.colour), (2.0, Colour([0.5; 4])));
    assert_eq!(line.dashes_px, [4.0, 2.0, 6.0, 4.0]);
    style.paints_at(4.9, &mut paints);
    assert_eq!(paints[1], LayerPaint::Hidden);
}

#[test]
fn older_functions_are_read() {
    let layer = road();
    let keys = KeyIndex::of(&layer);
    let feature = FeatureView::new(&layer, &layer.features[0], &keys);
    let context = Context {
        zoom: 12.0,
        feature: Some(feature),
    };
    let number = |json: Json| {
        Property::read(&json, property::Kind::Number, &Value::Number(-1.0))
            .expect("read")
            .number(&context)
    };
    assert_eq!(number(json!({"stops": [[10, 0], [14, 8]]})), 4.0);
    assert_eq!(
        number(json!({"property": "lanes", "type": "identity"})),
        4.0
    );
    assert_eq!(
        number(json!({"property": "class", "type": "categorical", "stops": [["primary", 7]]})),
        7.0
    );
    assert_eq!(
        number(json!({"property": "gone", "type": "interval", "stops": [[0, 7]], "default": 9})),
        9.0
    );
    let text = |json: Json| {
        Property::read(&json, property::Kind::Template, &Value::text(""))
            .expect("read")
            .text(&context)
            .to_string()
    };
    assert_eq!(text(json!("{name} ({ref})")), "人民中路 (12)");
    assert_eq!(text(json!("plain")), "plain");
    assert_eq!(text(json!("{gone}")), "");
}

#[test]
fn what_is_left_out_is_named_once() {
    let line = |id: &str| {
        json!({
            "id": id, "type": "line", "source-layer": "a",
            "layout": {"line-cap": "round"},
            "paint": {"line-pattern": "x", "line-gradient": "y", "line-color": ["weird"]}
        })
    };
    let symbol = |id: &str| {
        json!({
            "id": id, "type": "symbol", "source-layer": "a",
            "layout": {"icon-image": "dot", "text-field": "x", "text-rotate": 5, "text-writing-mode": ["vertical"]},
        })
    };
    let style = style(&json!([
        line("one"), line("two"),
        {"id": "relief", "type": "hillshade", "source": "x"},
        {"id": "heat", "type": "heatmap", "source-layer": "x"},
        {"id": "areas", "type": "fill", "source-layer": "a", "filter": ["within", {}]},
        {"id": "pattern", "type": "fill", "source-layer": "a", "paint": {"fill-pattern": "p"}},
        {"id": "nothing", "type": "symbol", "source-layer": "a", "layout": {}},
        symbol("icons"), symbol("more"),
        {"id": "hidden", "type": "fill", "source-layer": "a", "layout": {"visibility": "none"}},
        {"id": "nowhere", "type": "fill"},
    ]));
    let ids: Vec<&str> = style.layers.iter().map(|l| l.id.as_str()).collect();
    assert_eq!(ids, ["one", "two", "pattern", "icons", "more"]);
    let phrases = [
        "\"line-pattern\"",
        "\"line-gradient\"",
        "weird",
        "hillshade",
        "heatmap",
        "within",
        "\"fill-pattern\"",
        "without text and icon",
        "\"text-rotate\"",
        "\"text-writing-mode\"",
        "source-layer",
        "names no \"sprite\"",
    ];
    for phrase in phrases {
        let told = style.warnings.iter().filter(|w| w.contains(phrase)).count();
        assert_eq!(told, 1, "{phrase} in {:?}", style.warnings);
    }
    assert_eq!(style.warnings.len(), phrases.len(), "{:?}", style.warnings);
}

#[test]
fn what_is_no_style_is_an_error() {
    assert!(matches!(Style::from_json("{"), Err(StyleError::Json(_))));
    assert!(matches!(
        Style::from_json("{\"version\": 8}"),
        Err(StyleError::Shape { .. })
    ));
    assert!(matches!(
        Style::from_json("[]"),
        Err(StyleError::Shape { .. })
    ));
}

#[test]
fn the_shipped_styles_of_pictures_are_read_whole() {
    for (name, text) in [
        (
            "raster_dark",
            include_str!("../../../../assets/map_styles/raster_dark.json"),
        ),
        (
            "raster_light",
            include_str!("../../../../assets/map_styles/raster_light.json"),
        ),
    ] {
        let style = Style::from_json(text).expect("a style");
        assert_eq!(style.warnings, [""; 0], "{name}");
        assert_eq!(style.picture_tile_px(), Some(256), "{name}");
    }
}

#[test]
fn the_shipped_styles_are_read_whole() {
    for (name, text) in [
        (
            "openmaptiles_dark",
            include_str!("../../../../assets/map_styles/openmaptiles_dark.json"),
        ),
        (
            "openmaptiles_light",
            include_str!("../../../../assets/map_styles/openmaptiles_light.json"),
        ),
        (
            "protomaps_dark",
            include_str!("../../../../assets/map_styles/protomaps_dark.json"),
        ),
        (
            "protomaps_light",
            include_str!("../../../../assets/map_styles/protomaps_light.json"),
        ),
    ] {
        let style = Style::from_json(text).expect("a style");
        assert_eq!(style.warnings, [""; 0], "{name}");
        assert_eq!(style.name, name);
        // The renderer keeps the uniforms of 128 layers.
        assert!(
            (40..128).contains(&style.layers.len()),
            "{name}: {}",
            style.layers.len()
        );
        assert!(
            style.background_at(12.0).0[3] >= 1.0,
            "{name} leaves nothing blank"
        );
    }
}
