//! Hidden layers: nothing of them is seen but what is selected.

use map_protocol::{
    Camera, CameraState, DeviceKind, Layer, PolygonFeature, Position, Target, ToMap,
};
use street_map::offscreen::{OffscreenMap, Picture};

use crate::scene::{HEIGHT, WIDTH, map_at, same, settled, town, town::town_tile};

const MIDDLE: [f64; 2] = [WIDTH as f64 / 2.0, HEIGHT as f64 / 2.0];

fn camera(id: u32, east_m: f64) -> Camera {
    Camera {
        at: town::at(east_m, 0.0),
        id,
        kind: DeviceKind::Camera,
        state: CameraState::Online,
    }
}

fn square(id: u32, east_m: f64, half_m: f64) -> PolygonFeature {
    let corner =
        |east: f64, north: f64| -> Position { town::at(east_m + east * half_m, north * half_m) };
    PolygonFeature {
        id,
        class: 2,
        hatched: true,
        polygons: vec![vec![vec![
            corner(-1.0, -1.0),
            corner(1.0, -1.0),
            corner(1.0, 1.0),
            corner(-1.0, 1.0),
        ]]],
        label: "和平".to_owned(),
        label_at: town::at(east_m, 0.0),
    }
}

/// A map with one camera and one grid in the middle, and one of each beside it.
fn map_with(zoom: f64) -> OffscreenMap {
    let mut map = map_at(zoom, 1.0);
    map.send(ToMap::SetCameras {
        cameras: vec![camera(1, 0.0), camera(2, 150.0)],
    });
    map.send(ToMap::SetPolygons {
        layer: Layer::MicroGrids,
        features: vec![square(1, 0.0, 60.0), square(2, 150.0, 60.0)],
    });
    map
}

fn hide(map: &mut OffscreenMap, visible: bool) {
    for layer in [Layer::Cameras, Layer::MicroGrids] {
        map.send(ToMap::SetLayerVisible { layer, visible });
    }
}

fn select(map: &mut OffscreenMap, layers: &[Layer]) {
    let target = |layer: &Layer| Target {
        layer: *layer,
        id: 1,
    };
    map.send(ToMap::Select {
        targets: layers.iter().map(target).collect(),
    });
}

/// Where two pictures differ: the sides of the box around all of it from the middle, in pixels, and
/// how many pixels of it do.
fn difference(one: &Picture, other: &Picture) -> ([f64; 4], usize) {
    let (mut sides, mut count) = ([0.0; 4], 0);
    let pixels = one.pixels.chunks_exact(4).zip(other.pixels.chunks_exact(4));
    for (at, _) in pixels.enumerate().filter(|(_, (a, b))| a != b) {
        let x = f64::from(at as u32 % WIDTH) - MIDDLE[0];
        let y = f64::from(at as u32 / WIDTH) - MIDDLE[1];
        let reach = [-x, x, -y, y];
        sides = std::array::from_fn(|side| f64::max(sides[side], reach[side]));
        count += 1;
    }
    (sides, count)
}

#[test]
fn a_selected_camera_of_a_hidden_layer_is_seen_and_no_other() {
    let mut map = map_with(16.5);
    hide(&mut map, false);
    let nothing = settled(&mut map, &town_tile);
    select(&mut map, &[Layer::Cameras]);
    let seen = settled(&mut map, &town_tile);
    let (sides, count) = difference(&nothing, &seen);
    assert!(count > 100, "{count} pixels show the selected camera");
    assert!(sides.iter().all(|px| *px < 20.0), "nothing else: {sides:?}");
    let picked = map.map().targets_at(MIDDLE);
    let selected = Target {
        layer: Layer::Cameras,
        id: 1,
    };
    assert_eq!(picked, [selected]);
    select(&mut map, &[]);
    same(&settled(&mut map, &town_tile), &nothing, "let go");
    assert_eq!(map.map().targets_at(MIDDLE), []);
}

#[test]
fn a_selected_grid_of_a_hidden_layer_keeps_its_outline_at_any_zoom() {
    for (zoom, half_px) in [(16.5, 83.0), (12.6, 7.0)] {
        let mut map = map_with(zoom);
        hide(&mut map, false);
        let nothing = settled(&mut map, &town_tile);
        select(&mut map, &[Layer::MicroGrids]);
        let seen = settled(&mut map, &town_tile);
        let (sides, count) = difference(&nothing, &seen);
        assert!(count > 20, "{count} pixels at zoom {zoom}");
        for px in sides {
            assert!((px - half_px).abs() < 4.0, "{sides:?} at zoom {zoom}");
        }
        let middle = (HEIGHT / 2 * WIDTH + WIDTH / 2) as usize * 4;
        if zoom > 15.0 {
            let channels = middle..middle + 4;
            assert_eq!(seen.pixels[channels.clone()], nothing.pixels[channels]);
        }
    }
}

#[test]
fn hiding_takes_what_is_pointed_to_with_it_at_once() {
    let mut map = map_with(16.5);
    settled(&mut map, &town_tile);
    hide(&mut map, false);
    let nothing = settled(&mut map, &town_tile);
    hide(&mut map, true);
    let pointed = Target {
        layer: Layer::Cameras,
        id: 1,
    };
    map.send(ToMap::Highlight {
        target: Some(pointed),
    });
    let shown = settled(&mut map, &town_tile);
    hide(&mut map, false);
    same(&settled(&mut map, &town_tile), &nothing, "pointed to");
    hide(&mut map, true);
    same(&settled(&mut map, &town_tile), &shown, "all is back");
}

#[test]
fn a_selected_device_that_changes_is_drawn_as_it_is_now() {
    let mut map = map_with(16.5);
    select(&mut map, &[Layer::Cameras]);
    settled(&mut map, &town_tile);
    let now = vec![camera(1, 90.0), camera(2, 150.0)];
    map.send(ToMap::SetCameras {
        cameras: now.clone(),
    });
    let mut fresh = map_with(16.5);
    fresh.send(ToMap::SetCameras { cameras: now });
    select(&mut fresh, &[Layer::Cameras]);
    same(
        &settled(&mut map, &town_tile),
        &settled(&mut fresh, &town_tile),
        "changed while selected and selected after",
    );
}
