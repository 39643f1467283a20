//! The best few against looking at everybody.

use proptest::prelude::*;

use super::*;
use crate::roads::{RoadEdge, RoadNetwork, TravelRules};

/// Somebody with a bound, a score, and whether they are out of the question.
#[derive(Debug, Clone, Copy, PartialEq)]
struct One {
    number: usize,
    bound: f64,
    score: f64,
    is_out: bool,
}

fn better(a: &One, b: &One) -> Ordering {
    a.score.total_cmp(&b.score).then(a.number.cmp(&b.number))
}

/// Scores of few different values, so that ties are common, and bounds that are often exact.
fn any_people() -> impl Strategy<Value = Vec<One>> {
    let one = (0u8..8, 0u8..4, any::<bool>()).prop_map(|(score, slack, is_out)| One {
        number: 0,
        bound: f64::from(score) - f64::from(slack),
        score: f64::from(score),
        is_out,
    });
    prop::collection::vec(one, 0..60).prop_map(|mut people| {
        people.sort_by(|a, b| a.bound.total_cmp(&b.bound));
        for (number, one) in people.iter_mut().enumerate() {
            // Not the order of the bounds: ties are broken by something else.
            one.number = number.wrapping_mul(37) % 101;
        }
        people
    })
}

fn near() -> impl Strategy<Value = LonLat> {
    (104.0..104.2f64, 30.5..30.7f64).prop_map(|(lon, lat)| LonLat::new(lon, lat))
}

fn anywhere() -> impl Strategy<Value = LonLat> {
    (-180.0..=180.0f64, -90.0..=90.0f64).prop_map(|(lon, lat)| LonLat::new(lon, lat))
}

proptest! {
    #[test]
    fn the_best_are_those_that_looking_at_everybody_finds(people in any_people(), limit in 0usize..12) {
        // Whoever is above what is wanted may be left out by the look itself.
        let look = |one: One, wanted_to: f64| (!one.is_out && one.score <= wanted_to).then_some(one);
        let by_bound = people.iter().map(|one| (one.bound, *one));
        let found = best_first(limit, by_bound, look, |one| one.score, better);
        let mut expected: Vec<One> = people.iter().filter(|one| !one.is_out).copied().collect();
        expected.sort_by(better);
        expected.truncate(limit);
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn nobody_is_looked_at_who_cannot_be_among_the_best(people in any_people(), limit in 1usize..12) {
        let mut looked_at = Vec::new();
        let by_bound = people.iter().map(|one| (one.bound, *one));
        let look = |one: One, _: f64| {
            looked_at.push(one);
            (!one.is_out).then_some(one)
        };
        let found = best_first(limit, by_bound, look, |one| one.score, better);
        if found.len() == limit {
            let worst = found[limit - 1].score;
            let unseen = &people[looked_at.len()..];
            prop_assert!(unseen.iter().all(|one| one.bound > worst));
        } else {
            prop_assert_eq!(looked_at.len(), people.len());
        }
    }

    #[test]
    fn the_crowd_comes_by_the_least_time_and_nobody_can_be_there_sooner(
        places in prop::collection::vec((any_kind(), prop_oneof![4 => near(), 1 => anywhere()]), 0..80),
        moves in prop::collection::vec((0u32..80, any_kind(), near()), 0..40),
        gone in prop::collection::vec(0u32..80, 0..5),
        place in prop_oneof![near(), anywhere()],
    ) {
        let roads = street();
        let mut expected: BTreeMap<PersonId, (Kind, LonLat)> =
            (0u32..).map(PersonId).zip(places.iter().copied()).collect();
        let everybody = expected.iter().map(|(person, (kind, place))| (*person, *kind, *place));
        let mut crowd = Crowd::of(everybody);
        for (person, kind, place) in moves {
            crowd.locate(PersonId(person), kind, place);
            expected.insert(PersonId(person), (kind, place));
        }
        for person in gone {
            crowd.locate(PersonId(person), KINDS[0], LonLat::new(f64::NAN, 0.0));
            expected.remove(&PersonId(person));
        }
        prop_assert_eq!(crowd.len(), expected.len());
        let is_wanted = |post| post != Post::Police;
        expected.retain(|_, (kind, _)| is_wanted(kind.post));
        let found: Vec<(f64, PersonId)> = crowd.outward(&roads, place, is_wanted).collect();
        prop_assert_eq!(found.len(), expected.len());
        prop_assert!(found.windows(2).all(|pair| pair[0].0 <= pair[1].0));
        let people: std::collections::BTreeSet<PersonId> = found.iter().map(|(_, person)| *person).collect();
        prop_assert!(people.iter().eq(expected.keys()));
        for (least_s, person) in found {
            let (kind, from) = expected[&person];
            let true_m = place.distance_m(from);
            let crow_m = least_s * roads.fastest_mps(kind.travel);
            prop_assert!(crow_m <= true_m, "{} above {}", crow_m, true_m);
            // The haversine itself loses some metres on the far side of the globe.
            let slack_m = if true_m > 19_000_000.0 { 1.0 } else { 0.05 };
            prop_assert!(crow_m >= true_m - slack_m, "{} far below {}", crow_m, true_m);
        }
    }
}

const KINDS: [Kind; 4] = [
    Kind {
        post: Post::GridMember,
        travel: TravelMode::Walk,
    },
    Kind {
        post: Post::GridMember,
        travel: TravelMode::EBike,
    },
    Kind {
        post: Post::CityManagement,
        travel: TravelMode::Car,
    },
    Kind {
        post: Post::Police,
        travel: TravelMode::Car,
    },
];

fn any_kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(KINDS.to_vec())
}

/// One street, so that each way of moving has a speed of its own.
fn street() -> RoadGraph {
    let nodes = vec![LonLat::new(104.0, 30.6), LonLat::new(104.01, 30.6)];
    let edge = RoadEdge {
        from: 0,
        to: 1,
        length_m: 0.0,
        speed_mps: 16.0,
        for_cars: true,
        class: String::new(),
        name: String::new(),
        via: Vec::new(),
    };
    let network = RoadNetwork {
        nodes,
        edges: vec![edge],
    };
    RoadGraph::new(network, &TravelRules::default()).expect("sound")
}

#[test]
fn a_place_off_the_globe_has_nobody_near() {
    let one = |lon| (PersonId(1), KINDS[2], LonLat::new(lon, 30.6));
    let crowd = Crowd::of([one(104.0)]);
    assert!(!crowd.is_empty());
    assert_eq!(
        crowd
            .outward(&street(), LonLat::new(f64::NAN, 30.6), |_| true)
            .count(),
        0
    );
    assert_eq!(
        crowd
            .outward(&street(), LonLat::new(104.0, 91.0), |_| true)
            .count(),
        0
    );
    assert_eq!(
        crowd
            .outward(&street(), LonLat::new(104.0, 30.6), |_| true)
            .count(),
        1
    );
    assert!(Crowd::of([one(f64::INFINITY)]).is_empty());
}
