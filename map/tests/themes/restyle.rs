//! Another style: the picture stays until it can be shown.

use map_protocol::ToMap;
use street_map::{
    app::build::build,
    offscreen::{OffscreenMap, Picture},
};

use crate::scene::{Setting, same, settled, shipped_style, town::town_tile};

const DARK: &str = "openmaptiles_dark";
const LIGHT: &str = "openmaptiles_light";
/// Tiles are as small as they get at this zoom, so the view has several.
const ZOOM: f64 = 14.02;

fn in_style(json: String) -> OffscreenMap {
    Setting {
        width: 1000,
        height: 700,
        zoom: ZOOM,
        style_json: json,
        ..Setting::default()
    }
    .open()
}

fn set_style(map: &mut OffscreenMap, json: &str) {
    let style_json = json.to_owned();
    map.send(ToMap::SetStyle { style_json });
}

fn frame(map: &mut OffscreenMap) -> Picture {
    map.frame_after(16.0, &town_tile);
    map.picture().unwrap()
}

/// Builds the next tile that the map wants to be built.
fn build_one(map: &mut OffscreenMap, json: &str) -> bool {
    let style = map_core::style::Style::from_json(json).unwrap();
    let Some(job) = map.map().next_job() else {
        return false;
    };
    let parcel = build(&style, job.key, &job.bytes).unwrap();
    map.map().job_done(job.id, parcel);
    true
}

#[test]
fn the_picture_stays_until_the_tiles_of_another_style_are_there() {
    let light = shipped_style(LIGHT);
    let mut map = in_style(shipped_style(DARK));
    let before = settled(&mut map, &town_tile);
    let after = settled(&mut in_style(light.clone()), &town_tile);
    map.map().build_outside(true);
    set_style(&mut map, &light);
    same(&frame(&mut map), &before, "nothing is built yet");
    let mut held = 0;
    while build_one(&mut map, &light) {
        let shown = frame(&mut map);
        if shown != before {
            break;
        }
        held += 1;
    }
    assert!(
        held >= 2,
        "the view has several tiles, but it stayed for {held}"
    );
    while build_one(&mut map, &light) {
        frame(&mut map);
    }
    same(&settled(&mut map, &town_tile), &after, "the new style");
}

#[test]
fn a_third_style_in_between_leaves_nothing_of_the_second() {
    let light = shipped_style(LIGHT);
    let bare = r##"{"version": 8, "layers": [{"id": "ground", "type": "background",
        "paint": {"background-color": "#ff0000"}}]}"##;
    let mut map = in_style(shipped_style(DARK));
    let before = settled(&mut map, &town_tile);
    map.map().build_outside(true);
    set_style(&mut map, bare);
    frame(&mut map);
    for _ in 0..2 {
        assert!(build_one(&mut map, bare));
        same(&frame(&mut map), &before, "under the second style");
    }
    set_style(&mut map, &light);
    same(&frame(&mut map), &before, "under the third style");
    while build_one(&mut map, &light) {
        frame(&mut map);
    }
    let wanted = settled(&mut in_style(light), &town_tile);
    same(&settled(&mut map, &town_tile), &wanted, "the third style");
}

#[test]
fn tiles_that_cannot_be_built_do_not_keep_the_old_style() {
    let light = shipped_style(LIGHT);
    let mut map = in_style(shipped_style(DARK));
    let before = settled(&mut map, &town_tile);
    map.map().build_outside(true);
    set_style(&mut map, &light);
    same(&frame(&mut map), &before, "nothing has failed yet");
    while let Some(job) = map.map().next_job() {
        map.map().job_failed(job.id, "it took too long");
    }
    assert_ne!(frame(&mut map), before);
}
