//! The user's hand on the map: box, keys, fingers, following.

use map_protocol::{
    Camera, CameraState, DeviceKind, FollowEnd, FromMap, Layer, Person, Target, ToMap, View,
};
use street_map::{app::pointer::Key, offscreen::OffscreenMap};

use crate::scene::{HEIGHT, WIDTH, check, map_at, same, town};

const MIDDLE: [f64; 2] = [WIDTH as f64 / 2.0, HEIGHT as f64 / 2.0];

fn settle(map: &mut OffscreenMap) {
    map.settle(&town::town_tile).unwrap();
}

/// The newest view that the map told.
fn view(map: &OffscreenMap) -> View {
    let views = map.messages.iter().rev();
    let told = views.filter_map(|message| match message {
        FromMap::ViewChanged { view, .. } => Some(*view),
        _ => None,
    });
    told.take(1).next().expect("a view was told")
}

/// What was picked since the last call.
fn picked(map: &mut OffscreenMap) -> Vec<Vec<Target>> {
    map.frame_after(16.0, &town::town_tile);
    let messages = std::mem::take(&mut map.messages);
    let picks = messages.into_iter().filter_map(|message| match message {
        FromMap::Picked { targets, .. } => Some(targets),
        _ => None,
    });
    picks.collect()
}

fn one_person(east_m: f64, north_m: f64) -> Vec<Person> {
    let mut person = town::people(0.0)[0];
    person.at = town::at(east_m, north_m);
    vec![person]
}

fn person(id: u32) -> Target {
    Target {
        layer: Layer::People,
        id,
    }
}

#[test]
fn a_box_is_drawn_and_then_shown_whole() {
    let mut map = map_at(15.2, 1.0);
    settle(&mut map);
    let before = view(&map);
    map.map().box_started(120.0, 60.0);
    map.map().pointer_moved(280.0, 150.0, 1_100.0);
    check(&mut map, "box_drawn");
    map.map().pointer_released(280.0, 150.0, 1_200.0);
    settle(&mut map);
    let after = view(&map);
    let growth = (f64::from(WIDTH) / 160.0)
        .min(f64::from(HEIGHT) / 90.0)
        .log2();
    assert!(
        (after.zoom - before.zoom - growth).abs() < 1e-6,
        "{after:?}"
    );
    assert!(
        after.lon < before.lon && after.lat > before.lat,
        "{after:?}"
    );
}

#[test]
fn escape_and_a_map_that_is_not_moved_by_hand_leave_the_view_alone() {
    let mut map = map_at(15.2, 1.0);
    settle(&mut map);
    let before = view(&map);
    map.map().box_started(120.0, 60.0);
    map.map().pointer_moved(280.0, 150.0, 1_100.0);
    assert!(map.map().key_pressed(Key::Cancel), "there was a box");
    assert!(!map.map().key_pressed(Key::Cancel), "there is nothing more");
    map.map().pointer_released(280.0, 150.0, 1_200.0);
    map.send(ToMap::SetInteractive { interactive: false });
    map.map().box_started(120.0, 60.0);
    map.map().pointer_released(280.0, 150.0, 1_200.0);
    map.map().key_pressed(Key::Left);
    map.map().wheel(MIDDLE[0], MIDDLE[1], -260.0);
    settle(&mut map);
    assert_eq!(view(&map), before);
}

#[test]
fn a_flight_is_cut_short_by_escape_and_by_the_hand_and_calm_people_see_none() {
    let goal = View {
        lon: 104.2,
        lat: 30.7,
        zoom: 17.0,
    };
    let fly = ToMap::SetView {
        view: goal,
        duration_ms: 2_000,
    };
    for by_key in [true, false] {
        let mut map = map_at(15.2, 1.0);
        settle(&mut map);
        map.send(fly.clone());
        for _ in 0..20 {
            map.frame_after(16.0, &town::town_tile);
        }
        if by_key {
            assert!(map.map().key_pressed(Key::Cancel));
        } else {
            map.map().pointer_pressed(10.0, 10.0, 2_000.0);
        }
        settle(&mut map);
        assert!((view(&map).zoom - goal.zoom).abs() > 0.1, "it flew on");
    }
    let mut map = map_at(15.2, 1.0);
    map.send(ToMap::SetCalm { calm: true });
    map.send(fly);
    map.frame_after(16.0, &town::town_tile);
    assert!(
        (view(&map).lon - goal.lon).abs() < 1e-9,
        "it is there at once"
    );
}

#[test]
fn enter_picks_from_the_middle_outwards_and_shows_where_the_middle_is() {
    let mut map = map_at(15.9, 1.0);
    map.send(ToMap::SetPeople {
        people: town::people(-260.0),
        glide_ms: 0,
    });
    settle(&mut map);
    let press = |map: &mut OffscreenMap, key| {
        map.map().key_pressed(key);
        let picks = picked(map);
        assert_eq!(picks.len(), 1, "{picks:?}");
        picks[0][0]
    };
    picked(&mut map);
    let first = press(&mut map, Key::PickNext);
    let second = press(&mut map, Key::PickNext);
    assert_ne!(first, second);
    assert_eq!(press(&mut map, Key::PickBefore), first);
    check(&mut map, "cross");
    map.map().pointer_moved(3.0, 3.0, 5_000.0);
    settle(&mut map);
    assert!(!map.map().wants_frame());
    // Hidden people are not picked, and where there are none, what lies in the middle is.
    map.send(ToMap::SetLayerVisible {
        layer: Layer::People,
        visible: false,
    });
    map.send(town::grids(Layer::GeneralGrids, 6, 4, ""));
    map.map().key_pressed(Key::Right);
    settle(&mut map);
    picked(&mut map);
    assert_eq!(press(&mut map, Key::PickNext).layer, Layer::GeneralGrids);
}

#[test]
fn enter_comes_to_devices_where_they_are_drawn() {
    let camera = |id: u32, east_m: f64| Camera {
        at: town::at(east_m, 0.0),
        id,
        kind: DeviceKind::ALL[id as usize],
        state: CameraState::Online,
    };
    let picks_at = |zoom: f64, visible: bool| {
        let mut map = map_at(zoom, 1.0);
        map.send(ToMap::SetCameras {
            cameras: vec![camera(0, 60.0), camera(1, -20.0)],
        });
        map.send(ToMap::SetPeople {
            people: one_person(40.0, 0.0),
            glide_ms: 0,
        });
        map.send(ToMap::SetLayerVisible {
            layer: Layer::Cameras,
            visible,
        });
        settle(&mut map);
        picked(&mut map);
        let picks = (0..3).map(|_| {
            map.map().key_pressed(Key::PickNext);
            picked(&mut map)[0][0]
        });
        picks.collect::<Vec<_>>()
    };
    let device = |id: u32| Target {
        layer: Layer::Cameras,
        id,
    };
    let alone = person(one_person(0.0, 0.0)[0].id);
    assert_eq!(picks_at(16.5, true), [device(1), alone, device(0)]);
    assert_eq!(picks_at(16.5, false), [alone; 3], "hidden");
    assert_eq!(picks_at(14.5, true), [alone; 3], "too far away");
}

#[test]
fn enter_on_what_is_selected_takes_no_selection_back() {
    let mut map = map_at(15.9, 1.0);
    map.send(ToMap::SetPeople {
        people: one_person(0.0, 0.0),
        glide_ms: 0,
    });
    settle(&mut map);
    let alone = person(one_person(0.0, 0.0)[0].id);
    let press = |map: &mut OffscreenMap| {
        map.map().key_pressed(Key::PickNext);
        let picks = picked(map);
        // The page selects what is picked.
        if let Some(targets) = picks.first() {
            let targets = targets.iter().take(1).copied().collect();
            map.send(ToMap::Select { targets });
            settle(map);
        }
        picks
    };
    picked(&mut map);
    assert_eq!(press(&mut map), [vec![alone]]);
    assert_eq!(press(&mut map), [[]; 0], "it is selected already");
    map.send(ToMap::SetPeople {
        people: Vec::new(),
        glide_ms: 0,
    });
    map.send(town::grids(Layer::GeneralGrids, 6, 4, ""));
    settle(&mut map);
    picked(&mut map);
    assert_eq!(press(&mut map)[0][0].layer, Layer::GeneralGrids);
    assert_eq!(press(&mut map), [[]; 0], "so is the grid");
}

#[test]
fn who_is_followed_stays_in_view_until_the_user_moves_the_picture() {
    let mut map = map_at(16.0, 1.0);
    let id = one_person(0.0, 0.0)[0].id;
    let walk = |map: &mut OffscreenMap, east_m: f64| {
        map.send(ToMap::SetPeople {
            people: one_person(east_m, 0.0),
            glide_ms: 900,
        });
        settle(map);
    };
    walk(&mut map, 0.0);
    map.send(ToMap::Follow {
        target: Some(person(id)),
    });
    settle(&mut map);
    let at_rest = view(&map);
    walk(&mut map, 60.0);
    assert_eq!(view(&map), at_rest, "a few steps move nothing");
    for step in 2..9 {
        walk(&mut map, f64::from(step) * 200.0);
    }
    let followed = view(&map);
    let [lon, lat] = town::at(1_600.0, 0.0).lon_lat();
    let off_m = (followed.lon - lon).abs() * 95_800.0;
    assert!(
        off_m < 300.0 && (followed.lat - lat).abs() < 1e-3,
        "{off_m} m"
    );
    assert!(
        (followed.zoom - 16.0).abs() < 1e-9,
        "the zoom is the user's"
    );
    map.map().wheel(MIDDLE[0], MIDDLE[1], -130.0);
    settle(&mut map);
    let ends = |map: &OffscreenMap| -> Vec<(Target, FollowEnd)> {
        let ends = map.messages.iter().filter_map(|message| match message {
            FromMap::FollowEnded { target, end } => Some((*target, *end)),
            _ => None,
        });
        ends.collect()
    };
    assert_eq!(ends(&map), [], "zooming is no reason to stop");
    map.map().pointer_pressed(300.0, 200.0, 90_000.0);
    map.map().pointer_moved(350.0, 200.0, 90_100.0);
    map.map().pointer_released(350.0, 200.0, 90_900.0);
    settle(&mut map);
    assert_eq!(ends(&map), [(person(id), FollowEnd::ByUser)]);
    let left = view(&map);
    walk(&mut map, 4_000.0);
    assert_eq!(view(&map), left);
    map.send(ToMap::Follow {
        target: Some(person(id)),
    });
    map.send(ToMap::SetPeople {
        people: Vec::new(),
        glide_ms: 0,
    });
    settle(&mut map);
    assert_eq!(ends(&map)[1..], [(person(id), FollowEnd::Gone)]);
}

#[test]
fn fingers_pan_tap_pinch_and_zoom_out() {
    let mut map = map_at(15.9, 1.0);
    map.send(ToMap::SetPeople {
        people: one_person(0.0, 0.0),
        glide_ms: 0,
    });
    settle(&mut map);
    let id = one_person(0.0, 0.0)[0].id;
    let [x, y] = MIDDLE;
    picked(&mut map);
    // A finger that trembles taps, and need not hit exactly.
    map.map().finger_down(7, x + 12.0, y, 2_000.0);
    map.map().finger_moved(7, x + 17.0, y + 6.0, 2_050.0);
    map.map().finger_up(7, x + 14.0, y + 2.0, 2_100.0);
    assert_eq!(picked(&mut map), [vec![person(id)]]);
    let start = map_view(&mut map);
    map.map().finger_down(1, x - 50.0, y, 3_000.0);
    map.map().finger_down(2, x + 50.0, y, 3_010.0);
    for step in 1..=50 {
        let way = f64::from(step);
        map.map().finger_moved(1, x - 50.0 - way, y, 3_100.0);
        map.map().finger_moved(2, x + 50.0 + way, y, 3_100.0);
    }
    let pinched = map_view(&mut map);
    // The first pixels are the slack of a tap.
    assert!(
        (0.7..=1.0).contains(&(pinched.zoom - start.zoom)),
        "{pinched:?}"
    );
    map.map().finger_up(2, x + 100.0, y, 3_200.0);
    // The other finger pans on, and lifting it is no tap.
    map.map().finger_moved(1, x - 60.0, y, 3_300.0);
    map.map().finger_up(1, x - 60.0, y, 4_000.0);
    let panned = map_view(&mut map);
    assert!(panned.lon < pinched.lon && picked(&mut map).is_empty());
    // A tap of two fingers zooms out.
    map.map().finger_down(3, x - 40.0, y, 5_000.0);
    map.map().finger_down(4, x + 40.0, y, 5_020.0);
    map.map().finger_up(3, x - 40.0, y, 5_120.0);
    map.map().finger_up(4, x + 40.0, y, 5_130.0);
    let out = map_view(&mut map);
    assert!((panned.zoom - out.zoom - 1.0).abs() < 1e-6, "{out:?}");
    assert!(picked(&mut map).is_empty());
}

#[test]
fn two_fingers_on_a_trackpad_zoom_as_far_as_they_move_apart_and_a_wheel_with_ctrl_as_a_wheel() {
    let mut map = map_at(15.9, 1.0);
    settle(&mut map);
    let start = map_view(&mut map);
    let [x, y] = [MIDDLE[0] + 100.0, MIDDLE[1]];
    // Twice as far apart, in many small steps.
    for _ in 0..66 {
        map.map().trackpad_pinched(x, y, -1.05);
    }
    let pinched = map_view(&mut map);
    assert!(
        (pinched.zoom - start.zoom - 1.0).abs() < 1e-2,
        "{pinched:?}"
    );
    assert!(
        pinched.lon > start.lon,
        "what lies between them stays there"
    );
    map.map().trackpad_pinched(x, y, 130.0);
    let turned = map_view(&mut map);
    assert!(
        (pinched.zoom - turned.zoom - 0.5).abs() < 1e-2,
        "{turned:?}"
    );
    map.map().trackpad_pinched(x, y, f64::NAN);
    assert_eq!(map_view(&mut map), turned);
}

/// The view once the map rests.
fn map_view(map: &mut OffscreenMap) -> View {
    let [lon, lat] = town::CENTRE;
    let unchanged = View {
        lon,
        lat,
        zoom: 15.9,
    };
    settle(map);
    let told = map.messages.iter().rev().find_map(|message| match message {
        FromMap::ViewChanged { view, .. } => Some(*view),
        _ => None,
    });
    told.unwrap_or(unchanged)
}

#[test]
fn a_canvas_of_no_size_and_another_density_leave_the_view_as_it_was() {
    let mut map = map_at(15.2, 1.0);
    map.send(ToMap::SetPeople {
        people: town::people(-260.0),
        glide_ms: 0,
    });
    settle(&mut map);
    let before = map.picture().unwrap();
    let sized = |width: u32, height: u32, pixel_ratio: f32| map_protocol::Viewport {
        width: width as f32 / pixel_ratio,
        height: height as f32 / pixel_ratio,
        pixel_ratio,
    };
    for viewport in [
        sized(0, 0, 1.0),
        sized(0, HEIGHT, 1.0),
        sized(WIDTH, HEIGHT, 2.0),
        map_protocol::Viewport {
            width: f32::NAN,
            height: -5.0,
            pixel_ratio: f32::INFINITY,
        },
        sized(WIDTH, HEIGHT, 1.0),
    ] {
        map.map().resized(viewport);
        settle(&mut map);
    }
    same(&before, &map.picture().unwrap(), "resized to and fro");
}
