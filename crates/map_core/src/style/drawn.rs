//! What lines, texts and icons of a style come to for one feature and one zoom.

#![allow(clippy::float_cmp, reason = "the expected numbers are exact")]

use serde_json::{Value as Json, json};

use super::tests::{road, style};
use super::*;
use crate::labels::{Anchor, Face, IconFit, Justify};

/// A symbol layer's values for the road.
fn symbol(layout: &Json, paint: &Json) -> Option<BakedSymbol> {
    let layer = json!({"id": "s", "type": "symbol", "source-layer": "roads", "layout": layout, "paint": paint});
    let read = Style::from_json(&json!({"layers": [layer], "sprite": "own"}).to_string())
        .expect("a style");
    assert_eq!(read.warnings, [""; 0], "{layout} {paint}");
    let tile = road();
    let keys = KeyIndex::of(&tile);
    let baking = Baking {
        feature: FeatureView::new(&tile, &tile.features[0], &keys),
        display_zoom: 14,
    };
    let Content::Symbol(symbol) = read.layers[0].content() else {
        panic!("a symbol layer")
    };
    symbol.baked_for(&baking)
}

fn line(paint: &Json) -> (LinePaint, Vec<String>) {
    let read =
        style(&json!([{"id": "l", "type": "line", "source-layer": "roads", "paint": paint}]));
    let mut paints = Vec::new();
    read.paints_at(14.5, &mut paints);
    let LayerPaint::Line(line) = paints[0] else {
        panic!("a line")
    };
    (line, read.warnings)
}

#[test]
fn an_icon_has_what_the_style_says() {
    let layout = json!({
        "icon-image": "{class}-{lanes}", "icon-size": ["interpolate", ["linear"], ["zoom"], 14, 0.5, 15, ["get", "lanes"]],
        "icon-rotate": ["*", 10, ["get", "lanes"]], "icon-anchor": "top-right", "icon-offset": [3, -4],
        "icon-padding": [1, 2, 3], "icon-text-fit": "width", "icon-text-fit-padding": [1, 2, 3, 4],
        "icon-allow-overlap": true, "icon-ignore-placement": true, "icon-optional": true, "icon-keep-upright": true
    });
    let paint = json!({"icon-color": "white", "icon-opacity": 0.5, "icon-halo-color": "black", "icon-halo-width": 1,
        "icon-halo-blur": 0.5, "icon-translate": [1, 2]});
    let baked = symbol(&layout, &paint).expect("an icon");
    assert_eq!(baked.text, "");
    let icon = baked.icon.expect("an icon");
    assert_eq!(icon.name, "primary-4");
    assert_eq!((icon.sizes, icon.turn_deg), ([0.5, 4.0], 40.0));
    assert_eq!(
        (icon.anchor, icon.offset_px),
        (Anchor::TopRight, [3.0, -4.0])
    );
    assert_eq!(icon.padding_px, [1.0, 2.0, 3.0, 2.0]);
    assert_eq!(
        (icon.fit, icon.fit_padding_px),
        (IconFit::Width, [1.0, 2.0, 3.0, 4.0])
    );
    assert!(
        icon.allow_overlap && icon.ignore_placement && icon.is_optional && icon.is_kept_upright
    );
    assert!(!icon.is_along, "at a point it is not turned");
    assert_eq!(
        (icon.opacities, icon.halo_width_px, icon.halo_blur_px),
        ([0.5; 2], 1.0, 0.5)
    );
    assert_eq!(icon.translate_px, [1.0, 2.0]);
}

#[test]
fn alignment_decides_what_turns_with_a_line() {
    for (alignment, along) in [("auto", true), ("map", true), ("viewport", false)] {
        let layout = json!({"symbol-placement": "line", "icon-image": "a", "icon-rotation-alignment": alignment,
            "text-field": "x", "text-rotation-alignment": alignment});
        let baked = symbol(&layout, &json!({})).expect("a label");
        assert_eq!(
            (baked.text_along, baked.icon.expect("an icon").is_along),
            (along, along),
            "{alignment}"
        );
    }
}

#[test]
fn a_text_has_its_anchors_in_turn() {
    let anchors = |layout: Json| symbol(&layout, &json!({})).expect("a text").anchors;
    assert_eq!(
        anchors(json!({"text-field": "x", "text-anchor": "left"})),
        []
    );
    let radial = anchors(
        json!({"text-field": "x", "text-variable-anchor": ["left", "top", "top-right"], "text-radial-offset": 2}),
    );
    let slanted = 2.0_f32 / 2.0_f32.sqrt();
    assert_eq!(
        radial[..2],
        [(Anchor::Left, [2.0, 0.0]), (Anchor::Top, [0.0, 2.0])]
    );
    assert!((radial[2].1[0] + slanted).abs() < 1e-6 && (radial[2].1[1] - slanted).abs() < 1e-6);
    let fixed = anchors(
        json!({"text-field": "x", "text-variable-anchor": ["right", "bottom"], "text-offset": [-1, 3]}),
    );
    assert_eq!(
        fixed,
        [(Anchor::Right, [-1.0, 0.0]), (Anchor::Bottom, [0.0, -3.0])]
    );
    let pairs = anchors(
        json!({"text-field": "x", "text-variable-anchor-offset": ["top", [1, 2], "center", [0, -1]]}),
    );
    assert_eq!(
        pairs,
        [(Anchor::Top, [1.0, 2.0]), (Anchor::Centre, [0.0, -1.0])]
    );
}

#[test]
fn a_text_has_what_the_style_says() {
    let layout = json!({"text-field": ["get", "name:en"], "text-transform": "uppercase", "text-font": ["Noto Sans Bold"],
        "text-justify": "right", "text-radial-offset": 1.5, "text-anchor": "bottom", "text-overlap": "always",
        "text-allow-overlap": false, "text-optional": true, "symbol-sort-key": ["get", "lanes"]});
    let paint = json!({"text-halo-blur": 1.5, "text-translate": [2, 3]});
    let baked = symbol(&layout, &paint).expect("a text");
    assert_eq!((baked.text.as_str(), baked.sort_key), ("RENMIN ROAD", 4.0));
    assert!(baked.allow_overlap && baked.text_optional && baked.icon.is_none());
    let style = baked.style;
    assert_eq!((style.face, style.justify), (Face::Bold, Justify::Right));
    assert_eq!(
        (style.anchor, style.offset_em),
        (Anchor::Bottom, [0.0, -1.5])
    );
    assert_eq!((style.halo_blur_px, style.translate_px), (1.5, [2.0, 3.0]));
}

#[test]
fn nothing_to_show_is_no_label() {
    assert!(
        symbol(
            &json!({"text-field": "{gone}", "icon-image": ["get", "gone"]}),
            &json!({})
        )
        .is_none()
    );
    let icon_only = symbol(
        &json!({"text-field": "{gone}", "icon-image": "a"}),
        &json!({}),
    );
    assert!(icon_only.is_some_and(|baked| baked.icon.is_some()));
}

#[test]
fn a_line_has_its_gap_its_offset_and_its_curve() {
    let (paint, warnings) = line(&json!({
        "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 10, ["get", "lanes"], 20, 9],
        "line-gap-width": ["interpolate", ["linear"], ["zoom"], 14, 4, 15, 8], "line-offset": -3, "line-dasharray": [2, 1]
    }));
    assert_eq!(warnings, [""; 0]);
    assert_eq!(
        (paint.gap_width_px, paint.offset_px, paint.width_base),
        (6.0, -3.0, 1.5)
    );
    // The width is the vertices' matter, and the dashes are multiplied by it there.
    assert_eq!(
        (paint.width_px, paint.dashes_px),
        (1.0, [2.0, 1.0, 0.0, 0.0])
    );
}

#[test]
fn what_a_line_cannot_have_by_feature_is_named() {
    for (property, value) in [
        ("line-gap-width", json!(["get", "lanes"])),
        ("line-offset", json!(["get", "lanes"])),
        (
            "line-dasharray",
            json!([
                "case",
                ["has", "name"],
                ["literal", [1, 2]],
                ["literal", [3, 4]]
            ]),
        ),
    ] {
        let (paint, warnings) = line(&json!({ property: value }));
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].contains(property), "{warnings:?}");
        assert_eq!(
            (paint.gap_width_px, paint.offset_px, paint.dashes_px),
            (0.0, 0.0, [0.0; 4])
        );
    }
}
