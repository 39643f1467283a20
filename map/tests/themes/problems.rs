//! Whose a problem is: whoever has brought the style hears of the style, and of nothing else.

use map_protocol::{FromMap, Layer, ProblemKind, SpriteSheet, ToMap};
use street_map::{offscreen::OffscreenMap, tiles::TileAnswer};

use crate::scene::{Setting, map_at, pictures::picture_tile, town::town_tile};

/// What the map tells of, and in which words.
fn told(map: &OffscreenMap) -> Vec<(ProblemKind, &str)> {
    let messages = map.messages.iter();
    messages
        .filter_map(|message| match message {
            FromMap::Problem { problem } => Some((problem.kind, problem.text.as_str())),
            _ => None,
        })
        .collect()
}

fn check_kind(map: &OffscreenMap, kind: ProblemKind, phrase: &str) {
    let told = told(map);
    assert!(
        told.iter().any(|(_, text)| text.contains(phrase)),
        "{phrase}: {told:?}"
    );
    assert!(told.iter().all(|(found, _)| *found == kind), "{told:?}");
}

#[test]
fn what_is_wrong_with_a_style_is_of_the_style() {
    for (json, phrase) in [
        ("no style at all", "not JSON"),
        (
            r#"{"version": 8, "layers": [{"id": "a", "type": "hillshade"}]}"#,
            "hillshade",
        ),
    ] {
        let mut map = Setting {
            style_json: json.to_owned(),
            ..Setting::default()
        }
        .open();
        map.settle(&town_tile).unwrap();
        check_kind(&map, ProblemKind::Style, phrase);
    }
    let mut map = Setting::default().open();
    map.settle(&picture_tile).unwrap();
    check_kind(&map, ProblemKind::Style, "take a raster style");
    let mut map = map_at(15.2, 1.0);
    let sheet = SpriteSheet {
        prefix: String::new(),
        index_json: "{}".to_owned(),
        png: b"nothing".to_vec(),
    };
    map.send(ToMap::SetSprites {
        sheets: vec![sheet],
    });
    map.settle(&town_tile).unwrap();
    check_kind(&map, ProblemKind::Style, "not a usable PNG");
}

#[test]
fn what_is_wrong_with_tiles_and_features_is_not_whatever_it_says() {
    let reasons = [
        TileAnswer::Failed("no file of this style of names".to_owned()),
        TileAnswer::Bytes(vec![0xff; 40]),
    ];
    for reason in reasons {
        let mut map = map_at(15.2, 1.0);
        map.settle(&|_: &str| reason.clone()).unwrap();
        check_kind(&map, ProblemKind::Content, "tile ");
    }
    let mut map = map_at(15.2, 1.0);
    map.send(ToMap::SetPolygons {
        layer: Layer::People,
        features: Vec::new(),
    });
    map.settle(&town_tile).unwrap();
    check_kind(&map, ProblemKind::Content, "the layer People");
}
