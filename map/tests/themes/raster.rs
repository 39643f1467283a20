//! Picture tiles as the base map: at their own zoom, enlarged, coloured, missing and damaged.

use crate::scene::{Setting, compare, pictures::picture_tile, same, shipped_style, town};
use map_protocol::{FromMap, ToMap, View};
use street_map::{offscreen::OffscreenMap, tiles::TileAnswer};

/// A style with one raster layer of this paint over a background.
fn style(paint: &str) -> String {
    format!(
        r##"{{"version": 8, "sources": {{"base": {{"type": "raster", "tileSize": 256}}}}, "layers": [
            {{"id": "back", "type": "background", "paint": {{"background-color": "#203040"}}}},
            {{"id": "pictures", "type": "raster", "source": "base", "paint": {paint}}}]}}"##
    )
}

fn map_with(style_json: String, zoom: f64) -> OffscreenMap {
    Setting {
        style_json,
        zoom,
        max_source_zoom: 17,
        ..Setting::default()
    }
    .open()
}

fn check_pictures(map: &mut OffscreenMap, name: &str) {
    map.settle(&picture_tile).unwrap();
    compare(&map.picture().unwrap(), name);
}

fn go_to(map: &mut OffscreenMap, zoom: f64) {
    let [lon, lat] = town::CENTRE;
    let view = View { lon, lat, zoom };
    map.send(ToMap::SetView {
        view,
        duration_ms: 0,
    });
}

fn problems(map: &OffscreenMap) -> Vec<&str> {
    let mut texts = Vec::new();
    for message in &map.messages {
        if let FromMap::Problem { problem } = message {
            texts.push(problem.text.as_str());
        }
    }
    texts
}

#[test]
fn pictures_as_they_are() {
    let mut map = map_with(style("{}"), 15.8);
    check_pictures(&mut map, "raster");
    assert!(problems(&map).is_empty(), "{:?}", problems(&map));
}

#[test]
fn pictures_beyond_their_deepest_zoom_stay_smooth_or_squares() {
    check_pictures(&mut map_with(style("{}"), 18.6), "raster_deep");
    let squares = style(r#"{"raster-resampling": "nearest"}"#);
    check_pictures(&mut map_with(squares, 18.6), "raster_deep_nearest");
}

#[test]
fn coarse_pictures_stand_in_for_missing_ones() {
    let mut map = map_with(style("{}"), 14.0);
    map.settle(&picture_tile).unwrap();
    go_to(&mut map, 15.6);
    // Every third tile is there, the others are filled from above.
    let some = |url: &str| {
        let sum: u32 = url
            .rsplit('/')
            .take(2)
            .filter_map(|part| part.parse::<u32>().ok())
            .sum();
        if sum.is_multiple_of(3) {
            picture_tile(url)
        } else {
            TileAnswer::Failed("503".to_owned())
        }
    };
    map.settle(&some).unwrap();
    compare(&map.picture().unwrap(), "raster_fallback");
    assert!(problems(&map).iter().any(|text| text.contains("503")));
}

#[test]
fn finer_pictures_stand_in_while_coarse_ones_are_missing() {
    let mut map = map_with(style("{}"), 15.6);
    map.settle(&picture_tile).unwrap();
    go_to(&mut map, 14.6);
    let fails = |_: &str| TileAnswer::Failed("503".to_owned());
    map.settle(&fails).unwrap();
    compare(&map.picture().unwrap(), "raster_from_below");
}

#[test]
fn pictures_take_the_colours_of_the_style() {
    let coloured = r#"{"raster-opacity": ["interpolate", ["linear"], ["zoom"], 15, 1, 16, 0.5],
        "raster-hue-rotate": 90, "raster-saturation": 0.4, "raster-contrast": 0.3,
        "raster-brightness-min": 0.1, "raster-brightness-max": 0.9}"#;
    check_pictures(&mut map_with(style(coloured), 15.8), "raster_coloured");
}

#[test]
fn shipped_styles_dim_pictures_for_the_wall_and_calm_them_for_the_desk() {
    for (name, golden) in [
        ("raster_dark", "raster_wall"),
        ("raster_light", "raster_desk"),
    ] {
        let mut map = map_with(shipped_style(name), 15.8);
        map.send(ToMap::SetIncidents {
            incidents: town::incidents(),
        });
        check_pictures(&mut map, golden);
    }
}

#[test]
fn a_layer_outside_its_zooms_is_not_drawn() {
    let hidden = style("{}").replace(
        r#""source": "base","#,
        r#""source": "base", "maxzoom": 12,"#,
    );
    let mut map = map_with(hidden, 15.8);
    map.settle(&picture_tile).unwrap();
    let mut nothing = map_with(style(r#"{"raster-opacity": 0}"#), 15.8);
    nothing.settle(&picture_tile).unwrap();
    let (one, other) = (map.picture().unwrap(), nothing.picture().unwrap());
    same(&one, &other, "hidden and invisible");
}

#[test]
fn damaged_and_unexpected_pictures_cost_their_tile_and_are_told() {
    let mut map = map_with(style("{}"), 15.8);
    let damaged = |_: &str| TileAnswer::Bytes(b"\x89PNG\r\n\x1a\n and no more".to_vec());
    map.settle(&damaged).unwrap();
    assert!(
        problems(&map)[0].contains("PNG picture is damaged"),
        "{:?}",
        problems(&map)
    );
    let mut map = Setting::default().open();
    map.settle(&picture_tile).unwrap();
    let told = problems(&map);
    assert!(
        matches!(told[..], [text] if text.contains("no layer of the type \"raster\"")),
        "once for all tiles: {told:?}"
    );
    let mut map = map_with(style("{}"), 15.8);
    map.settle(&town::town_tile).unwrap();
    assert!(
        problems(&map).is_empty(),
        "vector tiles under a raster style draw nothing"
    );
}
