//! People in motion: headings, trails and a crowd over the whole town.

use map_protocol::{Heading, Person, PersonAge, PersonClass, PersonFlags, Position, Trail};

use super::town;

/// Every class and age, each going in another direction, some standing.
pub fn headed_people() -> Vec<Person> {
    let mut people = town::people(-260.0);
    let count = people.len() as f64;
    for (at, person) in people.iter_mut().enumerate() {
        person.heading = (at % 5 != 4)
            .then(|| Heading::from_degrees(at as f64 / count * 360.0))
            .flatten();
    }
    people
}

/// Two who walk, each with the trail of a winding way; the first of them is selected.
pub fn walkers() -> (Vec<Person>, Vec<Trail>) {
    let walker = |id: u32, class, state, way: &[Position], flags| {
        let [points @ .., before, here] = way else {
            panic!("a way has two points")
        };
        let person = Person {
            at: *here,
            id,
            class,
            state,
            age: PersonAge::Fresh,
            heading: Heading::of_way(*before, *here),
            flags: PersonFlags(flags),
        };
        let points = points.iter().chain([before]).copied().collect();
        (person, Trail { person: id, points })
    };
    let winding: Vec<Position> = (0..24)
        .map(|n| {
            let t = f64::from(n);
            town::at(-420.0 + t * 26.0, 60.0 + 90.0 * (t / 4.0).sin())
        })
        .collect();
    let turning = [
        [300.0, -220.0],
        [220.0, -220.0],
        [150.0, -220.0],
        [150.0, -130.0],
        [60.0, -130.0],
        [-60.0, -130.0],
    ]
    .map(|[east, north]| town::at(east, north));
    let staff = PersonClass::Staff;
    [
        walker(1, staff, 0, &winding, PersonFlags::SELECTED),
        walker(2, PersonClass::Forces, 1, &turning, 0),
    ]
    .into_iter()
    .unzip()
}

/// So many people in the town's streets, of all kinds, the same ones every time.
pub fn crowd(count: u32) -> Vec<Person> {
    // Steps of irrational length fill a street evenly.
    let spread = |id: u32, step: f64| (f64::from(id) * step).fract() - 0.5;
    let place = |id: u32| {
        let along = spread(id, 0.754_877_666_246_693);
        let aside = spread(id, 0.569_840_290_998_053) * 60.0;
        let street = f64::from(id * 7 % 34);
        if street < 24.0 {
            town::at((street - 12.0) * 150.0 + aside, 370.0 + along * 1340.0)
        } else {
            town::at(along * 3600.0, (street - 26.0) * 130.0 + aside)
        }
    };
    (0..count)
        .map(|id| Person {
            at: place(id),
            id,
            class: PersonClass::ALL[id as usize % 3],
            state: (id / 3 % 3) as u8,
            age: if id % 11 == 0 {
                PersonAge::Stale
            } else {
                PersonAge::Fresh
            },
            heading: (id % 4 != 0).then_some(Heading((id * 37 % 256) as u8)),
            flags: PersonFlags::default(),
        })
        .collect()
}
