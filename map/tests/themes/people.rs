//! People: class, state, age, heading, trail, and how they glide.

use crate::scene::{check, compare, crowd, map_at, same, town};
use map_protocol::{Layer, Target, ToMap};

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
fn headings_by_class_state_and_age() {
    let mut map = map_at(16.6, 1.0);
    map.send(ToMap::SetPeople {
        people: crowd::headed_people(),
        glide_ms: 0,
    });
    check(&mut map, "people_headings");
}

#[test]
fn trails_of_the_selected_end_at_their_marks() {
    let mut map = map_at(15.9, 1.0);
    let (people, trails) = crowd::walkers();
    let targets = vec![Target {
        layer: Layer::People,
        id: people[0].id,
    }];
    map.send(ToMap::SetPeople {
        people,
        glide_ms: 0,
    });
    map.send(ToMap::SetTrails { trails });
    map.send(ToMap::Select { targets });
    check(&mut map, "people_trails");
    map.send(ToMap::SetTrails { trails: Vec::new() });
    map.settle(&town::town_tile).unwrap();
    let (people, _) = crowd::walkers();
    let mut without = map_at(15.9, 1.0);
    without.send(ToMap::SetPeople {
        people,
        glide_ms: 0,
    });
    without.send(ToMap::Select {
        targets: vec![Target {
            layer: Layer::People,
            id: 1,
        }],
    });
    without.settle(&town::town_tile).unwrap();
    same(
        &map.picture().unwrap(),
        &without.picture().unwrap(),
        "no trail is left",
    );
}

#[test]
fn a_trail_follows_its_gliding_mark() {
    let mut map = map_at(15.9, 1.0);
    let (mut people, mut trails) = crowd::walkers();
    map.send(ToMap::SetPeople {
        people: people.clone(),
        glide_ms: 0,
    });
    map.send(ToMap::SetTrails {
        trails: trails.clone(),
    });
    map.settle(&town::town_tile).unwrap();
    for (person, trail) in people.iter_mut().zip(&mut trails) {
        trail.points.push(person.at);
        person.at = town::at(0.0, 0.0);
    }
    map.send(ToMap::PatchPeople {
        changed: people,
        removed: Vec::new(),
        glide_ms: 1000,
    });
    map.send(ToMap::SetTrails { trails });
    for _ in 0..25 {
        map.frame_after(20.0, &town::town_tile);
    }
    compare(&map.picture().unwrap(), "people_trails_half_way");
}

#[test]
fn a_crowd_of_twelve_thousand() {
    let mut map = map_at(13.6, 1.0);
    map.send(ToMap::SetPeople {
        people: crowd::crowd(12_000),
        glide_ms: 0,
    });
    check(&mut map, "people_crowd");
}

#[test]
fn people_who_come_and_go_are_drawn_as_if_all_were_sent_anew() {
    let everybody = crowd::crowd(400);
    let mut patched = map_at(15.2, 1.0);
    patched.send(ToMap::SetPeople {
        people: everybody[..300].to_vec(),
        glide_ms: 0,
    });
    patched.settle(&town::town_tile).unwrap();
    let mut removed: Vec<u32> = (0..300).step_by(7).collect();
    for part in everybody[300..].chunks(9) {
        patched.send(ToMap::PatchPeople {
            changed: part.to_vec(),
            removed: removed.split_off(removed.len().saturating_sub(4)),
            glide_ms: 0,
        });
        patched.frame_after(16.0, &town::town_tile);
    }
    patched.settle(&town::town_tile).unwrap();
    // The order in which they are drawn is the order in which they came to stand.
    let mut at_once = map_at(15.2, 1.0);
    let order = patched.map().people_in_drawing_order();
    let people = order.iter().map(|id| everybody[*id as usize]).collect();
    at_once.send(ToMap::SetPeople {
        people,
        glide_ms: 0,
    });
    at_once.settle(&town::town_tile).unwrap();
    same(
        &patched.picture().unwrap(),
        &at_once.picture().unwrap(),
        "patched and sent anew",
    );
}
