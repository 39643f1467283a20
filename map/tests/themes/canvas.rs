//! Canvases of odd sizes.

use crate::scene::{
    HEIGHT, Setting, WIDTH, check, check_over,
    city::{self, Schema},
    compare, map_at, reduced, settled, shipped_sprites, town,
};
use map_protocol::{ToMap, Viewport};

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

/// Where frames wait long for those before them, what loads is drawn together and is all there in the end.
#[test]
fn a_map_whose_drawing_lags_comes_to_rest_with_the_same_picture() {
    let tiles = city::tiles(Schema::OpenMapTiles);
    let open = || Setting::default().open();
    let wanted = settled(&mut open(), &tiles);
    let mut lagging = open();
    let mut frames = 0;
    loop {
        lagging.map().note_wait(400.0);
        let more = lagging.frame_after(16.0, &tiles);
        frames += 1;
        if frames > 3 && !more && !lagging.map().wants_frame() {
            break;
        }
        assert!(frames < 600, "it comes to rest");
    }
    assert_eq!(lagging.picture().unwrap(), wanted);
}

/// The city on a canvas of another size.
fn check_canvas(width: u32, height: u32, zoom: f64, name: &str) {
    let mut map = Setting {
        width,
        height,
        zoom,
        ..Setting::default()
    }
    .open();
    map.send(shipped_sprites(1.0));
    check_over(&mut map, &city::tiles(Schema::OpenMapTiles), name);
}

#[test]
fn a_canvas_of_one_pixel() {
    check_canvas(1, 1, 15.2, "canvas_1x1");
}

#[test]
fn a_high_canvas_of_odd_numbers() {
    check_canvas(333, 777, 15.2, "canvas_333x777");
}

/// A wall of several screens; its picture is held at a fraction of its size.
fn check_wall(width: u32, height: u32, zoom: f64, by: u32, name: &str) {
    let mut map = Setting {
        width,
        height,
        zoom,
        ..Setting::default()
    }
    .open();
    map.send(shipped_sprites(1.0));
    let picture = settled(&mut map, &city::tiles(Schema::OpenMapTiles));
    compare(&reduced(&picture, by), name);
}

#[test]
fn a_wall_of_two_screens() {
    check_wall(3840, 1080, 15.4, 4, "canvas_3840x1080");
}

#[test]
fn a_wall_of_four_screens() {
    check_wall(7680, 2160, 16.2, 8, "canvas_7680x2160");
}
