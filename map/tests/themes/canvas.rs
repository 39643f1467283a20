//! Canvases of odd sizes.

use crate::scene::{HEIGHT, WIDTH, check, map_at, town};
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
