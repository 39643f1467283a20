//! Of the people: who glides, and what is uploaded for whom.

use map_protocol::Position;

use super::*;

fn person(id: u32, x: u32) -> Person {
    Person {
        at: Position { x, y: 0 },
        id,
        class: PersonClass::Staff,
        state: 0,
        age: PersonAge::Fresh,
        heading: None,
        flags: PersonFlags::default(),
    }
}

fn set(people: &mut People, everybody: &[Person], glide_ms: u32, now_ms: u32) {
    people.set(everybody.iter().map(PersonRecord::from), glide_ms, now_ms);
}

fn marks_of(people: &People) -> Vec<Mark> {
    let marks = people.places.iter().zip(&people.looks);
    marks
        .map(|(at, look)| Mark {
            at: *at,
            look: *look,
        })
        .collect()
}

/// A layer as it stands on the device, changed only by what is dirty.
fn upload(people: &mut People, held: &mut Vec<Mark>) -> usize {
    let (marks, written) = (marks_of(people), people.dirty.take());
    match written {
        Dirty::Nothing => 0,
        Dirty::All => {
            held.clone_from(&marks);
            marks.len()
        }
        Dirty::Places => {
            for (held, mark) in held.iter_mut().zip(&marks) {
                held.at = mark.at;
            }
            marks.len()
        }
        Dirty::Some(indices) => {
            let blank = Mark {
                at: [0; 2],
                look: Look {
                    radius: 0,
                    ..look_of(&person(0, 0))
                },
            };
            held.resize(marks.len(), blank);
            let inside = indices.iter().filter(|at| (**at as usize) < marks.len());
            inside
                .map(|at| held[*at as usize] = marks[*at as usize])
                .count()
        }
    }
}

#[test]
fn who_was_there_glides_and_who_is_new_stands() {
    let mut people = People::default();
    set(&mut people, &[person(1, 100), person(2, 200)], 1000, 0);
    assert!(!people.gliding(0), "nobody was there before");
    set(
        &mut people,
        &[person(2, 300), person(3, 50), person(1, 100)],
        1000,
        5000,
    );
    let glides = &people.glides;
    assert_eq!(
        glides[0],
        Glide {
            from: [200, 0],
            start_ms: 5000,
            duration_ms: 1000
        }
    );
    assert_eq!(glides[1].duration_ms, 0);
    assert_eq!(glides[2].duration_ms, 0, "it did not move");
    assert!(people.gliding(5999));
    assert!(people.gliding(6100), "everybody is drawn at the goal");
    assert!(!people.gliding(6101));
}

#[test]
fn a_new_position_under_way_starts_from_the_place_shown() {
    let mut people = People::default();
    set(&mut people, &[person(1, 0)], 0, 0);
    set(&mut people, &[person(1, 100)], 1000, 0);
    people.patch(&[person(1, 200)], &[], 1000, 500);
    assert_eq!(people.glides[0].from, [50, 0]);
}

#[test]
fn a_shorter_way_ends_no_longer_one() {
    let mut people = People::default();
    set(&mut people, &[person(1, 0), person(2, 0)], 0, 0);
    people.patch(&[person(1, 100)], &[], 1000, 0);
    people.patch(&[person(2, 100)], &[], 300, 100);
    assert!(people.gliding(700), "the first is under way");
    assert!(people.gliding(1000) && !people.gliding(1001));
}

#[test]
fn one_changed_person_is_one_upload() {
    let mut people = People::default();
    let everybody: Vec<Person> = (0..100).map(|id| person(id, id)).collect();
    set(&mut people, &everybody, 0, 0);
    let mut held = Vec::new();
    assert_eq!(upload(&mut people, &mut held), 100);
    people.patch(&[person(2, 9)], &[], 0, 0);
    assert_eq!(people.dirty, Dirty::Some(vec![2]));
    assert_eq!(upload(&mut people, &mut held), 1);
    people.patch(&[], &[1, 777], 0, 0);
    assert_eq!(
        upload(&mut people, &mut held),
        1,
        "the last one took the place"
    );
    people.patch(&[person(1, 10)], &[], 0, 0);
    assert_eq!(upload(&mut people, &mut held), 1, "one more at the end");
    let last = people.ids()[people.ids().len() - 1];
    people.patch(&[], &[last], 0, 0);
    assert_eq!(upload(&mut people, &mut held), 0, "only the number is less");
    assert_eq!(held, marks_of(&people), "the device holds what is shown");
    people.patch(&[person(99, 12)], &[], 0, 0);
    assert_eq!(people.dirty, Dirty::Some(vec![1]), "the index followed");
}

#[test]
fn a_lost_position_says_nothing_of_the_direction() {
    let heading = Some(map_protocol::Heading(64));
    let flags = |age| {
        look_of(&Person {
            age,
            heading,
            ..person(1, 0)
        })
        .flags
    };
    assert_eq!(flags(PersonAge::Lost), HOLLOW);
    assert_eq!(flags(PersonAge::Stale), flags(PersonAge::Fresh) | HOLLOW);
    assert_ne!(flags(PersonAge::Fresh), 0);
}

#[test]
fn a_crowd_that_only_moves_is_drawn_as_if_it_were_new() {
    let crowd = |x: u32| -> Vec<Person> { (0..50).map(|id| person(id, id + x)).collect() };
    let mut people = People::default();
    let mut held = Vec::new();
    set(&mut people, &crowd(0), 0, 0);
    upload(&mut people, &mut held);
    set(&mut people, &crowd(7), 0, 0);
    assert_eq!(people.dirty, Dirty::Places);
    assert_eq!(people.marks().glides, None, "nobody glides");
    upload(&mut people, &mut held);
    assert_eq!(held, marks_of(&people));
    let mut aged = crowd(9);
    aged[30].age = PersonAge::Stale;
    set(&mut people, &aged, 1000, 500);
    assert_eq!(people.dirty, Dirty::All, "one of them looks another way");
    assert!(
        people
            .marks()
            .glides
            .is_some_and(|glides| glides[3].from == [10, 0])
    );
    upload(&mut people, &mut held);
    assert_eq!(held, marks_of(&people));
    let mut anew = People::default();
    set(&mut anew, &aged, 0, 0);
    assert_eq!(marks_of(&people), marks_of(&anew));
    set(&mut people, &aged, 0, 600);
    assert_eq!(people.marks().glides, None, "everybody jumped to the goal");
    people.patch(&[aged[1]], &[], 0, 600);
    assert_eq!(people.dirty, Dirty::All, "places and somebody's look");
}

#[test]
fn what_nobody_uploads_for_days_takes_no_more_room_than_the_crowd() {
    let mut people = People::default();
    let mut held = Vec::new();
    set(&mut people, &[person(1, 0), person(2, 0)], 0, 0);
    upload(&mut people, &mut held);
    for step in 0..1_000 {
        people.patch(&[person(1 + step % 2, step)], &[], 0, 0);
        if let Dirty::Some(indices) = &people.dirty {
            let most = people.ids.len() + SPARE_INDICES;
            assert!(indices.len() <= most, "{} indices", indices.len());
        }
    }
    assert_eq!(people.dirty, Dirty::All);
    upload(&mut people, &mut held);
    assert_eq!(held, marks_of(&people), "nothing is missed by it");
    // Whoever comes and goes counts too.
    for id in 10..500 {
        people.patch(&[person(id, 0)], &[], 0, 0);
        people.patch(&[], &[id], 0, 0);
    }
    assert_eq!(people.dirty, Dirty::All);
    upload(&mut people, &mut held);
    assert_eq!(held, marks_of(&people));
}
