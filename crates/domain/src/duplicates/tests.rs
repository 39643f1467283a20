//! What is suggested as a duplicate, and what is not.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::places::LonLat;
use crate::samples::incident;
use crate::time::{HOUR_MS, MINUTE_MS, Timestamp};

/// The numbers of the field: 50 m and 30 minutes.
const NEAR: Nearness = Nearness {
    within_m: 50.0,
    within_ms: 30 * MINUTE_MS,
};
const HERE: LonLat = LonLat::new(104.1, 30.66);

/// A point `metres` north of the scene.
fn north(metres: f64) -> LonLat {
    LonLat::new(HERE.lon, HERE.lat + (metres / 6_371_008.8).to_degrees())
}

fn at(number: u32, metres: f64, minutes: i64) -> Incident {
    let mut incident = incident(number);
    incident.location = north(metres);
    incident.reported_at = incident.reported_at.plus_ms(minutes * MINUTE_MS);
    incident
}

#[test]
fn fifty_metres_and_thirty_minutes_are_included() {
    let first = at(1, 0.0, 0);
    for (metres, ms, is_near) in [
        (50.0, 30 * MINUTE_MS, true),
        (50.001, 0, false),
        (0.0, 30 * MINUTE_MS + 1, false),
    ] {
        let mut second = at(2, metres, 0);
        second.reported_at = second.reported_at.plus_ms(ms);
        let found = compare(&first, &second, &NEAR);
        assert_eq!(found.is_some(), is_near, "{metres} m, {ms} ms");
        if let Some(found) = found {
            assert_eq!((found.of, found.apart_ms), (second.id, ms));
            assert!((found.distance_m - metres).abs() < 0.001, "{found:?}");
        }
    }
}

#[test]
fn only_open_or_finished_matters_of_one_category_are_suggested() {
    let first = at(1, 0.0, 0);
    let second = |change: &dyn Fn(&mut Incident)| {
        let mut second = at(2, 10.0, 5);
        change(&mut second);
        compare(&first, &second, &NEAR).is_some()
    };
    assert!(second(&|_| ()));
    assert!(second(&|i| i.state = IncidentState::Closed));
    assert!(!second(&|i| i.state = IncidentState::Cancelled));
    assert!(!second(&|i| i.state = IncidentState::NotAccepted));
    assert!(!second(&|i| i.is_drill = true));
    assert!(!second(&|i| i.category = "E01.11".parse().expect("a code")));
    assert!(!second(&|i| i.id = first.id));
}

#[test]
fn the_nearest_comes_first_and_the_days_in_reach_are_looked_at() {
    let mut situation = Situation::default();
    let midnight = Timestamp::from_unix_ms(1_795_104_000_000);
    let mut report = |number: u32, metres: f64, minutes: i64| {
        let mut incident = at(number, metres, 0);
        incident.reported_at = midnight.plus_ms(minutes * MINUTE_MS);
        incident.id = IncidentId::new(incident.reported_at, number);
        situation.incidents.insert(incident.id, incident.clone());
        incident
    };
    let first = report(7, 0.0, 5);
    let eve = report(900, 20.0, -20);
    let near = report(8, 10.0, 30);
    report(9, 10.0, 36);
    let found = situation.duplicates_of(&first, &NEAR);
    let ids: Vec<IncidentId> = found.iter().map(|suggestion| suggestion.of).collect();
    assert_eq!(ids, [near.id, eve.id]);
    assert_eq!(found[1].apart_ms, 25 * MINUTE_MS);
}

fn crowd() -> impl Strategy<Value = Vec<Incident>> {
    let one = (
        0.0..200.0_f64,
        0..2 * HOUR_MS,
        select(vec!["E01.10", "E01.11"]),
        select(vec![IncidentState::Filed, IncidentState::Cancelled]),
        any::<bool>(),
    );
    prop::collection::vec(one, 0..40).prop_map(|list| {
        list.into_iter()
            .zip(1..)
            .map(|((metres, ms, category, state, is_drill), number)| {
                let mut incident = at(number, metres, 0);
                incident.reported_at = incident.reported_at.plus_ms(ms);
                incident.category = category.parse().expect("a code");
                incident.state = state;
                incident.is_drill = is_drill;
                incident
            })
            .collect()
    })
}

proptest! {
    /// The index finds every pair that a comparison of each with each finds, and no other; which
    /// of two comes first makes no difference.
    #[test]
    fn all_pairs_are_those_of_brute_force(incidents in crowd()) {
        let mut expected = Vec::new();
        for later in &incidents {
            let mut own: Vec<Suggestion> = incidents
                .iter()
                .filter(|earlier| earlier.id < later.id)
                .filter_map(|earlier| compare(later, earlier, &NEAR))
                .collect();
            sort(&mut own);
            expected.extend(own.into_iter().map(|found| (later.id, found)));
            for other in &incidents {
                let (there, back) = (compare(later, other, &NEAR), compare(other, later, &NEAR));
                prop_assert_eq!(there.map(|s| s.apart_ms), back.map(|s| s.apart_ms));
            }
        }
        let mut shuffled: Vec<&Incident> = incidents.iter().collect();
        shuffled.reverse();
        let found = pairs(shuffled, &NEAR);
        prop_assert_eq!(found, expected);
    }

    /// What the desk shows of one matter is what the pairs say of it.
    #[test]
    fn the_situation_suggests_the_same(incidents in crowd()) {
        let mut situation = Situation::default();
        for incident in &incidents {
            situation.incidents.insert(incident.id, incident.clone());
        }
        let all = pairs(&incidents, &NEAR);
        for incident in &incidents {
            let shown: Vec<IncidentId> =
                situation.duplicates_of(incident, &NEAR).iter().map(|s| s.of).collect();
            let mut expected: Vec<IncidentId> = all
                .iter()
                .filter_map(|(later, found)| match incident.id {
                    id if id == *later => Some(found.of),
                    id if id == found.of => Some(*later),
                    _ => None,
                })
                .collect();
            let mut sorted = shown.clone();
            sorted.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(sorted, expected);
        }
    }
}
