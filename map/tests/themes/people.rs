//! People: class, state, age, and how they glide.

use crate::scene::{check, compare, map_at, same, town};
use map_protocol::ToMap;

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
