//! Whatever of a style is not drawn as the style says is named in a warning, once; what is drawn is not.

#![allow(clippy::float_cmp, reason = "the expected numbers are exact")]

use serde_json::{Value as Json, json};

use super::tests::{road, style};
use super::*;

/// The warnings of a style of one layer.
fn warnings_of(layer_type: &str, layout: &Json, paint: &Json) -> Vec<String> {
    of_layers(
        &json!([{"id": "it", "type": layer_type, "source-layer": "roads", "layout": layout, "paint": paint}]),
    )
}

fn of_layers(layers: &Json) -> Vec<String> {
    of_style(json!({"version": 8, "sprite": "own", "layers": layers}))
}

fn of_style(style: impl Into<Json>) -> Vec<String> {
    let text = style.into().to_string();
    Style::from_json(&text).expect("a style").warnings
}

/// Says that there is one warning, and that it has all of these phrases.
fn check_one(warnings: &[String], phrases: &[&str]) {
    assert_eq!(warnings.len(), 1, "{phrases:?} in {warnings:?}");
    for phrase in phrases {
        assert!(warnings[0].contains(phrase), "{phrase} in {warnings:?}");
    }
}

/// The text of a label for the road, and the warnings.
fn text_of(field: &Json) -> (String, Vec<String>) {
    let read = style(
        &json!([{"id": "it", "type": "symbol", "source-layer": "roads", "layout": {"text-field": field}}]),
    );
    let tile = road();
    let keys = KeyIndex::of(&tile);
    let baking = Baking {
        feature: FeatureView::new(&tile, &tile.features[0], &keys),
        display_zoom: 14,
    };
    let Content::Symbol(symbol) = read.layers[0].content() else {
        panic!("a symbol layer")
    };
    let text = symbol.baked_for(&baking).map(|baked| baked.text);
    (text.unwrap_or_default(), read.warnings)
}

#[test]
fn what_all_features_have_in_common_cannot_differ_between_them() {
    let by_class = |here: Json, otherwise: Json| {
        json!(["match", ["get", "class"], "primary", here, otherwise])
    };
    let numbers = by_class(json!(9), json!(2));
    let colours = by_class(json!("red"), json!("blue"));
    let pairs = by_class(json!(["literal", [1, 2]]), json!(["literal", [3, 4]]));
    for (layer_type, property, value) in [
        ("background", "background-color", &colours),
        ("background", "background-opacity", &numbers),
        ("fill", "fill-translate", &pairs),
        ("line", "line-blur", &numbers),
        ("line", "line-translate", &pairs),
        ("circle", "circle-blur", &numbers),
        ("circle", "circle-stroke-color", &colours),
        ("circle", "circle-stroke-opacity", &numbers),
        ("circle", "circle-stroke-width", &numbers),
        ("raster", "raster-opacity", &numbers),
        ("raster", "raster-brightness-min", &numbers),
        ("raster", "raster-brightness-max", &numbers),
        ("raster", "raster-contrast", &numbers),
        ("raster", "raster-saturation", &numbers),
        ("raster", "raster-hue-rotate", &numbers),
        (
            "raster",
            "raster-resampling",
            &by_class(json!("nearest"), json!("linear")),
        ),
    ] {
        let warnings = warnings_of(layer_type, &json!({}), &json!({ property: value }));
        check_one(
            &warnings,
            &[
                property,
                "\"it\"",
                "differs between features",
                "without attributes",
            ],
        );
    }
}

#[test]
fn what_is_used_instead_is_what_the_warning_says() {
    let read = style(
        &json!([{"id": "it", "type": "circle", "source-layer": "roads", "paint": {
        "circle-stroke-color": ["match", ["get", "class"], "primary", "red", "white"],
        "circle-stroke-width": ["match", ["get", "class"], "primary", 9, 2]}},
        {"id": "ground", "type": "background", "paint": {"background-opacity": ["case", ["has", "x"], 1, 0.5]}}]),
    );
    let LayerPaint::Circle(circle) = read.layers[0].paint_at(14.0) else {
        panic!("a circle")
    };
    assert_eq!(
        (circle.stroke_colour, circle.stroke_width_px),
        (Colour::WHITE, 2.0)
    );
    let LayerPaint::Background(ground) = read.layers[1].paint_at(14.0) else {
        panic!("a background")
    };
    assert_eq!(ground.0[3], 0.5);
}

#[test]
fn what_is_said_of_a_part_of_a_text_is_named() {
    for (option, value) in [
        ("font-scale", json!(0.8)),
        ("text-color", json!("red")),
        ("text-font", json!(["literal", ["Noto Sans Bold"]])),
        ("vertical-align", json!("top")),
    ] {
        let field = json!(["format", ["get", "name"], { option: value }]);
        let (text, warnings) = text_of(&field);
        assert_eq!(text, "人民中路");
        check_one(&warnings, &[option, "\"text-field\"", "\"it\""]);
    }
    let plain = json!(["format", ["get", "name"], {"font-scale": 1, "vertical-align": "bottom", "text-color": null}]);
    assert_eq!(text_of(&plain), ("人民中路".to_owned(), vec![]));
}

#[test]
fn an_image_in_a_text_is_left_out_of_it_and_named() {
    let name = json!(["get", "name"]);
    for (field, want) in [
        (
            json!(["format", ["image", "dot"], {}, name, {}]),
            "人民中路",
        ),
        (json!(["format", ["image", "dot"]]), ""),
        (
            json!([
                "format",
                ["case", ["has", "name"], ["image", "dot"], "no"],
                {},
                name
            ]),
            "人民中路",
        ),
        (
            json!([
                "let",
                "i",
                ["image", ["get", "class"]],
                ["format", ["var", "i"], {}, name]
            ]),
            "人民中路",
        ),
        (json!(["image", "dot"]), ""),
        (json!(["coalesce", ["image", ["get", "class"]], name]), ""),
    ] {
        let (text, warnings) = text_of(&field);
        assert_eq!(text, want, "{field}");
        check_one(&warnings, &["an image in a text", "\"text-field\""]);
    }
    let named = json!(["format", ["to-string", ["image", "dot"]]]);
    assert_eq!(text_of(&named), ("dot".to_owned(), vec![]));
}

#[test]
fn pictures_beside_features_are_named() {
    let picture = |id: &str| json!({"id": id, "type": "raster", "source": "photo"});
    let fill = json!({"id": "f", "type": "fill", "source": "base", "source-layer": "water"});
    let warnings = of_layers(&json!([picture("first"), fill, picture("second")]));
    check_one(&warnings, &["pictures", "\"first\""]);
    assert_eq!(
        of_layers(&json!([picture("first"), picture("second")])),
        [""; 0]
    );
    let mut hidden = picture("hidden");
    hidden["layout"] = json!({"visibility": "none"});
    assert_eq!(of_layers(&json!([hidden, fill])), [""; 0]);
}

#[test]
fn every_further_source_is_named() {
    let fill = |id: &str, source: &str| json!({"id": id, "type": "fill", "source": source, "source-layer": "water"});
    let layers = json!([
        fill("a", "base"),
        fill("b", "own"),
        fill("c", "own"),
        fill("d", "else")
    ]);
    let warnings = of_layers(&layers);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    check_one(&warnings[..1], &["\"own\"", "\"b\"", "source"]);
    check_one(&warnings[1..], &["\"else\"", "\"d\"", "source"]);
    let picture = |source: &str| json!({"id": source, "type": "raster", "source": source});
    check_one(
        &of_layers(&json!([picture("a"), picture("b")])),
        &["\"b\"", "source"],
    );
}

#[test]
fn a_source_that_is_something_else_is_named() {
    let with = |source: Json| {
        json!({"sources": {"own": source},
            "layers": [{"id": "it", "type": "fill", "source": "own", "source-layer": "water"}]})
    };
    check_one(
        &of_style(with(json!({"type": "geojson"}))),
        &["\"geojson\"", "\"it\""],
    );
    check_one(
        &of_style(with(json!({"type": "vector", "promoteId": "ref"}))),
        &["promoteId", "\"own\""],
    );
    assert_eq!(
        of_style(with(
            json!({"type": "vector", "url": "pmtiles://x", "attribution": "y"})
        )),
        [""; 0]
    );
}

#[test]
fn what_is_not_drawn_otherwise_is_named_when_it_is_asked_for_otherwise() {
    let text = |mut layout: Json| {
        layout["text-field"] = json!("x");
        layout
    };
    for (layer_type, property, as_drawn, otherwise) in [
        ("symbol", "text-keep-upright", json!(true), json!(false)),
        ("symbol", "symbol-z-order", json!("auto"), json!("source")),
        ("symbol", "symbol-avoid-edges", json!(false), json!(true)),
        ("fill", "fill-antialias", json!(true), json!(false)),
        ("line", "line-round-limit", json!(1.05), json!(2)),
        (
            "symbol",
            "text-overlap",
            json!("never"),
            json!("cooperative"),
        ),
        ("symbol", "text-overlap", json!("always"), json!("mostly")),
    ] {
        let read = |value: Json| {
            let layout = json!({ property: value });
            let layout = if layer_type == "symbol" {
                text(layout)
            } else {
                layout
            };
            warnings_of(layer_type, &layout, &json!({}))
        };
        assert_eq!(read(as_drawn.clone()), [""; 0], "{property}");
        check_one(&read(otherwise.clone()), &[property, "\"it\""]);
        if layer_type == "symbol" {
            let chosen = json!(["case", ["has", "x"], otherwise, as_drawn]);
            check_one(&read(chosen), &[property, "\"it\""]);
        }
    }
    for (layer_type, property) in [
        ("circle", "circle-pitch-scale"),
        ("fill", "fill-translate-anchor"),
        ("line", "line-translate-anchor"),
    ] {
        let warnings = warnings_of(layer_type, &json!({}), &json!({ property: "viewport" }));
        assert_eq!(
            warnings, [""; 0],
            "without a turn or a tilt nothing is lost"
        );
    }
}

#[test]
fn upright_letters_along_a_line_are_named() {
    let read = |placement: &str| {
        let layout = json!({"text-field": "x", "symbol-placement": placement,
            "text-rotation-alignment": "viewport-glyph"});
        warnings_of("symbol", &layout, &json!({}))
    };
    check_one(
        &read("line"),
        &["viewport-glyph", "text-rotation-alignment"],
    );
    assert_eq!(
        read("point"),
        [""; 0],
        "there it means no more than \"viewport\""
    );
}

#[test]
fn a_value_that_a_property_cannot_have_is_named() {
    for (layer_type, property, value, phrase) in [
        ("line", "line-width", json!("5"), "\"5\""),
        ("line", "line-cap", json!("pointed"), "pointed"),
        (
            "fill",
            "fill-color",
            json!(["match", ["get", "class"], "primary", "nope", "red"]),
            "nope",
        ),
        (
            "circle",
            "circle-radius",
            json!(["step", ["zoom"], 1, 5, "big"]),
            "big",
        ),
        ("fill", "fill-translate", json!(["A"]), "[\"A\"]"),
    ] {
        let warnings = warnings_of(layer_type, &json!({ property: value }), &json!({}));
        check_one(&warnings, &[property, phrase, "default"]);
    }
    let layout = json!({"text-field": "x", "text-optional": 1});
    check_one(
        &warnings_of("symbol", &layout, &json!({})),
        &["text-optional"],
    );
}

#[test]
fn anchors_that_there_are_not_are_named() {
    for (property, value) in [
        ("text-variable-anchor", json!(["top", "middle"])),
        (
            "text-variable-anchor-offset",
            json!(["top", [0, 1], "middle", [0, 0]]),
        ),
        ("text-anchor", json!("middle")),
    ] {
        let layout = json!({"text-field": "x", property: value});
        check_one(
            &warnings_of("symbol", &layout, &json!({})),
            &["\"middle\"", property],
        );
    }
}

#[test]
fn more_than_is_drawn_is_named() {
    let widths = json!(["interpolate", ["linear"], ["zoom"], 10, 1, 22, 400]);
    let warnings = warnings_of(
        "line",
        &json!({}),
        &json!({"line-width": widths, "line-gap-width": 255}),
    );
    check_one(&warnings, &["more than 255", "\"line-width\"", "\"it\""]);
    let layout = json!({"text-field": "x"});
    check_one(
        &warnings_of("symbol", &layout, &json!({"text-halo-width": 9})),
        &["more than 8", "\"text-halo-width\""],
    );
}

#[test]
fn dashes_are_counted_at_all_zooms() {
    let dashes = json!([
        "step",
        ["zoom"],
        ["literal", [1, 2]],
        16,
        ["literal", [1, 2, 3, 4, 5]]
    ]);
    let warnings = warnings_of("line", &json!({}), &json!({ "line-dasharray": dashes }));
    check_one(&warnings, &["dash pattern"]);
}

#[test]
fn backgrounds_that_are_not_beneath_everything_are_named() {
    let ground = |id: &str, from: u8, to: u8| json!({"id": id, "type": "background", "minzoom": from, "maxzoom": to});
    let fill = json!({"id": "f", "type": "fill", "source-layer": "water"});
    assert_eq!(
        of_layers(&json!([ground("far", 0, 8), ground("near", 8, 20), fill])),
        [""; 0]
    );
    check_one(
        &of_layers(&json!([ground("far", 0, 9), ground("near", 8, 20)])),
        &["second background", "\"near\""],
    );
    check_one(
        &of_layers(&json!([fill, ground("veil", 0, 20)])),
        &["\"veil\"", "beneath"],
    );
}

#[test]
fn members_of_the_style_that_would_be_seen_are_named() {
    for (member, value) in [
        (
            "glyphs",
            json!("https://example.org/{fontstack}/{range}.pbf"),
        ),
        ("projection", json!({"type": "globe"})),
        ("bearing", json!(30)),
        ("pitch", json!(60)),
        ("font-faces", json!({})),
        ("fog", json!({})),
        ("imports", json!([])),
        ("version", json!(7)),
    ] {
        check_one(&of_style(json!({"layers": [], member: value})), &[member]);
    }
    let unseen = json!({"version": 8, "name": "x", "metadata": {}, "center": [1, 2], "zoom": 3, "bearing": 0,
        "pitch": 0, "roll": 0, "projection": {"type": "mercator"}, "light": {}, "sky": {}, "terrain": {"source": "x"},
        "state": {}, "transition": {"duration": 1}, "sources": {}, "sprite": "x", "layers": []});
    assert_eq!(of_style(unseen), [""; 0]);
}

#[test]
fn members_of_a_layer_that_are_not_read_are_named() {
    for (member, value) in [
        ("slot", json!("top")),
        ("minzoom", json!("5")),
        ("maxzoom", json!(["get", "x"])),
        ("paint", json!([])),
        (
            "layout",
            json!({"visibility": ["case", ["global-state", "x"], "none", "visible"]}),
        ),
    ] {
        let mut layer = json!({"id": "it", "type": "fill", "source-layer": "a", "metadata": {}});
        layer[member] = value;
        let phrase = if member == "layout" {
            "visibility"
        } else {
            member
        };
        check_one(&of_layers(&json!([layer])), &[phrase, "\"it\""]);
    }
}

#[test]
fn changes_over_time_are_passed_over() {
    let paint = json!({"fill-color-transition": {"duration": 300}});
    assert_eq!(warnings_of("fill", &json!({}), &paint), [""; 0]);
}

#[test]
fn older_functions_keep_their_names_their_lists_and_their_colours() {
    let field = json!({"stops": [[6, "{ref}"], [12, "{name} {ref}"]]});
    assert_eq!(text_of(&field), ("人民中路 12".to_owned(), vec![]));
    let read = style(
        &json!([{"id": "it", "type": "fill", "source-layer": "roads", "paint": {
        "fill-translate": {"stops": [[10, [0, 0]], [12, [4, 8]]]},
        "fill-color": {"colorSpace": "lab", "stops": [[10, "black"], [12, "white"]]}}},
        {"id": "newer", "type": "fill", "source-layer": "roads", "paint": {
        "fill-color": ["interpolate-lab", ["linear"], ["zoom"], 10, "black", 12, "white"]}}]),
    );
    assert_eq!(read.warnings, [""; 0]);
    let fill = |index: usize| match read.layers[index].paint_at(11.0) {
        LayerPaint::Fill(fill) => fill,
        other => panic!("{other:?}"),
    };
    assert_eq!(fill(0).translate_px, [2.0, 4.0]);
    assert_eq!(fill(0).colour, fill(1).colour);
    let odd = json!({"colorSpace": "xyz", "stops": [[10, "black"]]});
    check_one(
        &warnings_of("fill", &json!({}), &json!({ "fill-color": odd })),
        &["fill-color", "xyz"],
    );
}
