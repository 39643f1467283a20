//! Golden images: the shipped drawing code and style, drawn natively by Mesa's software driver.
//!
//! `cargo test --test golden` compares, `BLESS=1 cargo test --test golden` holds the new pictures
//! in `tests/golden`. A channel may differ by 10 of 255, and 0.2 % of the pixels by more.

#![allow(clippy::unwrap_used)]

mod scene;

use map_protocol::{FromMap, Layer, PolygonValue, Target, ToMap, View, Viewport};
use scene::{HEIGHT, WIDTH, check, compare, map_at, same, town};
use street_map::tiles::TileAnswer;

#[test]
fn base_map_of_a_town() {
    check(&mut map_at(15.2, 1.0), "base_map");
}

#[test]
fn base_map_from_afar() {
    check(&mut map_at(13.1, 1.0), "base_map_afar");
}

#[test]
fn base_map_on_a_dense_screen() {
    check(&mut map_at(14.2, 2.0), "base_map_dense");
}

#[test]
fn base_map_beyond_the_deepest_tiles() {
    check(&mut map_at(17.6, 1.0), "base_map_deep");
}

#[test]
fn a_coarse_tile_stands_in_for_missing_ones() {
    let mut map = map_at(13.1, 1.0);
    map.settle(&town::town_tile).unwrap();
    let [lon, lat] = town::CENTRE;
    map.send(ToMap::SetView {
        view: View {
            lon,
            lat,
            zoom: 14.6,
        },
        duration_ms: 0,
    });
    let fails = |_: &str| TileAnswer::Failed("the source is away".to_owned());
    map.settle(&fails).unwrap();
    compare(&map.picture().unwrap(), "coarse_stands_in");
    let told = map.messages.iter().any(|message| {
        matches!(message, FromMap::Problem { problem } if problem.text.contains("the source is away"))
    });
    assert!(told, "the operator is told that tiles are missing");
}

#[test]
fn grids_by_class_with_selection_and_hover() {
    let mut map = map_at(14.9, 1.0);
    map.send(town::grids(Layer::GeneralGrids, 6, 4, "网格"));
    map.send(ToMap::Select {
        targets: vec![Target {
            layer: Layer::GeneralGrids,
            id: 10,
        }],
    });
    map.send(ToMap::Highlight {
        target: Some(Target {
            layer: Layer::GeneralGrids,
            id: 15,
        }),
    });
    check(&mut map, "grids");
}

#[test]
fn grids_take_new_classes() {
    let mut map = map_at(14.9, 1.0);
    map.send(town::grids(Layer::GeneralGrids, 6, 4, ""));
    map.settle(&town::town_tile).unwrap();
    let values = (1..=24).map(|id| PolygonValue {
        id,
        class: u8::from(id % 2 == 0) * 3,
    });
    map.send(ToMap::SetPolygonValues {
        layer: Layer::GeneralGrids,
        values: values.collect(),
    });
    check(&mut map, "grids_new_classes");
}

#[test]
fn people_by_class_state_and_age() {
    let mut map = map_at(15.9, 1.0);
    map.send(ToMap::SetPeople {
        people: town::people(-260.0),
        glide_ms: 0,
    });
    check(&mut map, "people");
}

#[test]
fn people_glide_between_two_positions() {
    let mut map = map_at(15.9, 1.0);
    map.send(ToMap::SetPeople {
        people: town::people(-260.0),
        glide_ms: 0,
    });
    map.settle(&town::town_tile).unwrap();
    map.send(ToMap::SetPeople {
        people: town::people(-100.0),
        glide_ms: 1_000,
    });
    for _ in 0..25 {
        map.frame_after(20.0, &town::town_tile);
    }
    compare(&map.picture().unwrap(), "people_half_way");
    for _ in 0..50 {
        map.frame_after(20.0, &town::town_tile);
    }
    let mut arrived = map_at(15.9, 1.0);
    arrived.send(ToMap::SetPeople {
        people: town::people(-100.0),
        glide_ms: 0,
    });
    arrived.settle(&town::town_tile).unwrap();
    same(
        &map.picture().unwrap(),
        &arrived.picture().unwrap(),
        "nobody goes beyond",
    );
}

#[test]
fn incidents_by_severity_and_mark() {
    let mut map = map_at(15.4, 1.0);
    map.send(ToMap::SetIncidents {
        incidents: town::incidents(),
    });
    check(&mut map, "incidents");
}

#[test]
fn selected_and_highlighted_marks_stand_out() {
    let mut map = map_at(15.4, 1.0);
    map.send(ToMap::SetIncidents {
        incidents: town::incidents(),
    });
    map.send(ToMap::SetPeople {
        people: town::people(-260.0),
        glide_ms: 0,
    });
    let at = |layer, id| Target { layer, id };
    let targets = vec![
        at(Layer::Incidents, 6),
        at(Layer::Incidents, 7),
        at(Layer::People, 18),
    ];
    map.send(ToMap::Select { targets });
    map.send(ToMap::Highlight {
        target: Some(at(Layer::Incidents, 18)),
    });
    check(&mut map, "emphasis");
}

#[test]
fn incidents_for_the_wall() {
    let mut map = map_at(15.4, 1.0);
    map.send(ToMap::SetMarkScale { scale: 2.0 });
    map.send(ToMap::SetIncidents {
        incidents: town::incidents(),
    });
    check(&mut map, "incidents_wall");
}

#[test]
fn routes_and_cameras() {
    let mut map = map_at(15.6, 1.0);
    map.send(ToMap::SetCameras {
        cameras: town::cameras(),
    });
    map.send(ToMap::SetRoutes {
        routes: town::routes(),
    });
    check(&mut map, "routes_and_cameras");
}

#[test]
fn everything_at_once() {
    let mut map = map_at(15.2, 1.0);
    map.send(town::grids(Layer::Communities, 3, 2, "望江社区"));
    map.send(town::grids(Layer::MicroGrids, 6, 4, "微网格"));
    map.send(ToMap::SetCameras {
        cameras: town::cameras(),
    });
    map.send(ToMap::SetPeople {
        people: town::people(-260.0),
        glide_ms: 0,
    });
    map.send(ToMap::SetIncidents {
        incidents: town::incidents(),
    });
    map.send(ToMap::SetRoutes {
        routes: town::routes(),
    });
    check(&mut map, "everything");
}

#[test]
fn the_held_picture_is_what_would_be_drawn() {
    let mut map = map_at(15.2, 1.0);
    map.send(town::grids(Layer::MicroGrids, 6, 4, "微网格"));
    map.send(ToMap::SetIncidents {
        incidents: town::incidents(),
    });
    map.settle(&town::town_tile).unwrap();
    // A message that changes nothing: the frame copies the held picture.
    map.send(ToMap::SetIncidents {
        incidents: town::incidents(),
    });
    map.settle(&town::town_tile).unwrap();
    let held = map.picture().unwrap();
    // The same view again: the frame draws everything itself.
    let [lon, lat] = town::CENTRE;
    map.send(ToMap::SetView {
        view: View {
            lon,
            lat,
            zoom: 15.2,
        },
        duration_ms: 0,
    });
    map.frame_after(16.0, &town::town_tile);
    same(&held, &map.picture().unwrap(), "held and drawn");
    let values = vec![
        PolygonValue { id: 10, class: 3 },
        PolygonValue { id: 11, class: 0 },
    ];
    map.send(ToMap::SetPolygonValues {
        layer: Layer::MicroGrids,
        values,
    });
    map.settle(&town::town_tile).unwrap();
    assert_ne!(
        held,
        map.picture().unwrap(),
        "a new class renews the held picture"
    );
}

#[test]
fn hidden_layers_are_not_drawn() {
    let mut all = map_at(15.2, 1.0);
    all.send(ToMap::SetPeople {
        people: town::people(-260.0),
        glide_ms: 0,
    });
    all.send(ToMap::SetIncidents {
        incidents: town::incidents(),
    });
    for layer in [Layer::People, Layer::Incidents] {
        all.send(ToMap::SetLayerVisible {
            layer,
            visible: false,
        });
    }
    all.settle(&town::town_tile).unwrap();
    let mut plain = map_at(15.2, 1.0);
    plain.settle(&town::town_tile).unwrap();
    same(
        &all.picture().unwrap(),
        &plain.picture().unwrap(),
        "hidden layers",
    );
}

#[test]
fn a_canvas_without_size_draws_nothing_and_comes_back() {
    let mut map = map_at(15.2, 1.0);
    map.send(ToMap::Resize {
        viewport: Viewport {
            width: 0.0,
            height: 0.0,
            pixel_ratio: 1.0,
        },
    });
    assert!(!map.frame_after(16.0, &town::town_tile));
    let viewport = Viewport {
        width: WIDTH as f32,
        height: HEIGHT as f32,
        pixel_ratio: 1.0,
    };
    map.send(ToMap::Resize { viewport });
    check(&mut map, "base_map");
}

#[test]
fn clicks_find_what_is_drawn_topmost_first() {
    let mut map = map_at(15.2, 1.0);
    map.send(town::grids(Layer::GeneralGrids, 6, 4, ""));
    let incident = town::incidents()[12];
    map.send(ToMap::SetIncidents {
        incidents: vec![incident],
    });
    let mut person = town::people(0.0)[0];
    person.at = incident.at;
    map.send(ToMap::SetPeople {
        people: vec![person],
        glide_ms: 0,
    });
    map.settle(&town::town_tile).unwrap();
    // The place of the incident on the screen, from its distance to the middle.
    let world_px = 512.0 * 15.2_f64.exp2();
    let ([x, y], [cx, cy]) = (incident.at.mercator(), town::at(0.0, 0.0).mercator());
    let spot = [
        (x - cx) * world_px + f64::from(WIDTH) / 2.0,
        (y - cy) * world_px + f64::from(HEIGHT) / 2.0,
    ];
    let targets = map.map().targets_at(spot);
    let layers: Vec<Layer> = targets.iter().map(|target| target.layer).collect();
    assert_eq!(
        layers,
        [Layer::Incidents, Layer::People, Layer::GeneralGrids]
    );
    assert!(map.map().targets_at([-9000.0, 0.0]).is_empty());
    map.send(ToMap::SetMarkScale { scale: 2.0 });
    map.settle(&town::town_tile).unwrap();
    assert_eq!(
        map.map().targets_at(spot),
        targets,
        "the same place on a larger scale"
    );
}
