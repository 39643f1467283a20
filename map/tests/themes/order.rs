//! What lies above what: the picture and the pick follow the documented order.

use crate::scene::{HEIGHT, WIDTH, map_at, town};
use map_protocol::{
    Camera, CameraState, DeviceKind, Icon, Incident, IncidentFlags, Lamp, Layer, LineClass,
    LineFeature, Person, PersonAge, PersonClass, PersonFlags, PolygonFeature, Position, Rgba,
    Severity, Target, ToMap,
};
use street_map::offscreen::OffscreenMap;

/// A square around the middle of the canvas.
fn square(half_m: f64) -> Vec<Position> {
    [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]
        .map(|[east, north]| town::at(east * half_m, north * half_m))
        .to_vec()
}

fn polygons(layer: Layer) -> ToMap {
    let feature = PolygonFeature {
        id: 1,
        class: 1 + (layer as u8) % 3,
        hatched: false,
        polygons: vec![vec![square(200.0)]],
        label: String::new(),
        label_at: town::at(0.0, 0.0),
    };
    ToMap::SetPolygons {
        layer,
        features: vec![feature],
    }
}

/// One feature of every layer that can be picked, and a line, all at one place.
fn all_at_one_place() -> OffscreenMap {
    let at = town::at(0.0, 0.0);
    let mut map = map_at(15.8, 1.0);
    for layer in Layer::ALL.iter().filter(|layer| layer.holds_polygons()) {
        map.send(polygons(*layer));
    }
    map.send(ToMap::SetLines {
        lines: vec![LineFeature {
            class: LineClass::Motorway,
            points: vec![town::at(-300.0, 0.0), town::at(300.0, 0.0)],
        }],
    });
    map.send(ToMap::SetCameras {
        cameras: vec![Camera {
            at,
            id: 1,
            kind: DeviceKind::Camera,
            state: CameraState::Online,
        }],
    });
    map.send(ToMap::SetPeople {
        people: vec![Person {
            at,
            id: 1,
            class: PersonClass::Staff,
            state: 0,
            age: PersonAge::Fresh,
            flags: PersonFlags(0),
            heading: None,
        }],
        glide_ms: 0,
    });
    map.send(ToMap::SetIncidents {
        incidents: vec![Incident {
            at,
            id: 1,
            severity: Severity::Large,
            shape: Severity::Large.shape(),
            icon: Icon::Nothing,
            lamp: Lamp::None,
            flags: IncidentFlags(0),
        }],
    });
    map
}

/// The colour a little beside the middle, where no sign stands on a mark.
fn colour(map: &mut OffscreenMap) -> [u8; 3] {
    map.settle(&town::town_tile).unwrap();
    let picture = map.picture().unwrap();
    let at = ((HEIGHT / 2 + 1) * WIDTH + WIDTH / 2 + 2) as usize * 4;
    [0, 1, 2].map(|channel| picture.pixels[at + channel])
}

#[test]
fn the_pick_and_the_picture_follow_the_draw_order() {
    let mut map = all_at_one_place();
    map.settle(&town::town_tile).unwrap();
    let middle = [f64::from(WIDTH) / 2.0, f64::from(HEIGHT) / 2.0];
    let picked: Vec<Layer> = map
        .map()
        .targets_at(middle)
        .iter()
        .map(|target| target.layer)
        .collect();
    let is_picked = |layer: &Layer| !matches!(layer, Layer::BaseMap | Layer::Lines | Layer::Routes);
    let mut wanted: Vec<Layer> = Layer::DRAW_ORDER.to_vec();
    wanted.reverse();
    wanted.retain(is_picked);
    assert_eq!(picked, wanted);

    // Peeled off from above, every layer shows what it covered, and is gone from the pick.
    let mut before = colour(&mut map);
    for (peeled, layer) in wanted.iter().copied().chain([Layer::Lines]).enumerate() {
        map.send(ToMap::SetLayerVisible {
            layer,
            visible: false,
        });
        let now = colour(&mut map);
        assert_ne!(before, now, "{layer:?} was on top");
        before = now;
        let left = map.map().targets_at(middle);
        let left: Vec<Layer> = left.iter().map(|target| target.layer).collect();
        assert_eq!(left, wanted[(peeled + 1).min(wanted.len())..]);
    }
}

#[test]
fn an_opaque_layer_hides_all_below_it() {
    let solid = |hex: &str| Rgba::from_hex(hex).unwrap();
    let mut map = all_at_one_place();
    let mut palette = town::palette();
    palette.polygon_classes = vec![solid("#112233"), solid("#445566"), solid("#778899")];
    map.send(ToMap::SetPalette { palette });
    for layer in [Layer::Incidents, Layer::People, Layer::Cameras] {
        map.send(ToMap::SetLayerVisible {
            layer,
            visible: false,
        });
    }
    // The areas of the moment are the highest polygons, of class 1 + 6 % 3.
    let near = |got: [u8; 3], want: [u8; 3]| got.iter().zip(want).all(|(a, b)| a.abs_diff(b) < 4);
    let got = colour(&mut map);
    assert!(near(got, [0x44, 0x55, 0x66]), "{got:?}");
}

#[test]
fn the_selected_mark_lies_above_a_more_severe_one() {
    let at = town::at(0.0, 0.0);
    let incident = |id: u32, severity: Severity| Incident {
        at: if id == 1 { at } else { town::at(30.0, 0.0) },
        id,
        severity,
        shape: severity.shape(),
        icon: Icon::Nothing,
        lamp: Lamp::None,
        flags: IncidentFlags(0),
    };
    let mut map = map_at(15.8, 1.0);
    map.send(ToMap::SetIncidents {
        incidents: vec![incident(1, Severity::Micro), incident(2, Severity::Large)],
    });
    let selected = Target {
        layer: Layer::Incidents,
        id: 1,
    };
    map.send(ToMap::Select {
        targets: vec![selected],
    });
    map.settle(&town::town_tile).unwrap();
    // Between the two, where both reach.
    let between = [f64::from(WIDTH) / 2.0 + 9.0, f64::from(HEIGHT) / 2.0];
    let targets = map.map().targets_at(between);
    assert_eq!(targets.first(), Some(&selected), "{targets:?}");
}

#[test]
fn of_a_layer_the_topmost_mark_under_the_cursor_comes_first_and_those_beside_it_last() {
    let mut map = map_at(15.8, 1.0);
    let metres_per_px = 40_075_016.0 * town::CENTRE[1].to_radians().cos() / 512.0 / 15.8_f64.exp2();
    // East of the middle by so many pixels; later ones are drawn above earlier ones.
    let offsets_px = [0.0, 7.5, -6.5, 2.5, 40.0];
    let at = |px: f64| town::at(px * metres_per_px, 0.0);
    let ids = |targets: Vec<Target>, layer: Layer| -> Vec<u32> {
        let of_layer = targets.iter().filter(|target| target.layer == layer);
        of_layer.map(|target| target.id).collect()
    };
    let person = |(id, px): (usize, &f64)| Person {
        at: at(*px),
        id: id as u32,
        class: PersonClass::Staff,
        state: 0,
        age: PersonAge::Fresh,
        flags: PersonFlags(0),
        heading: None,
    };
    let camera = |(id, px): (usize, &f64)| Camera {
        at: at(*px),
        id: id as u32,
        kind: DeviceKind::Camera,
        state: CameraState::Online,
    };
    map.send(ToMap::SetPeople {
        people: offsets_px.iter().enumerate().map(person).collect(),
        glide_ms: 0,
    });
    map.send(ToMap::SetCameras {
        cameras: offsets_px.iter().enumerate().map(camera).collect(),
    });
    map.settle(&town::town_tile).unwrap();
    let middle = [f64::from(WIDTH) / 2.0, f64::from(HEIGHT) / 2.0];
    let targets = map.map().targets_at(middle);
    for layer in [Layer::People, Layer::Cameras] {
        assert_eq!(ids(targets.clone(), layer), [3, 0, 2, 1], "{targets:?}");
    }
}

#[test]
fn a_selected_person_is_picked_above_an_incident_as_it_is_drawn() {
    let mut map = all_at_one_place();
    let selected = Target {
        layer: Layer::People,
        id: 1,
    };
    map.send(ToMap::Select {
        targets: vec![selected],
    });
    map.settle(&town::town_tile).unwrap();
    let middle = [f64::from(WIDTH) / 2.0, f64::from(HEIGHT) / 2.0];
    let targets = map.map().targets_at(middle);
    assert_eq!(targets.first(), Some(&selected), "{targets:?}");
    assert_eq!(
        targets.iter().filter(|target| **target == selected).count(),
        1,
        "once"
    );
}
