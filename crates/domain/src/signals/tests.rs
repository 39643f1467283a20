//! What correlates.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::channels::ChannelRule;
use crate::places::LonLat;
use crate::rules::Words;
use crate::samples::{NOW, SCENE, incident};
use crate::time::{HOUR_MS, MINUTE_MS};

const NEAR: Nearness = Nearness {
    within_m: 200.0,
    within_ms: 2 * HOUR_MS,
};

fn id(number: u32) -> IncidentId {
    IncidentId::new(NOW, number)
}

fn sighting(number: u32, signal: Signal, metres: f64, minutes: i64) -> Sighting {
    let north = (metres / 6_371_008.8).to_degrees();
    Sighting {
        id: id(number),
        signal,
        spot: (
            LonLat::new(SCENE.lon, SCENE.lat + north),
            NOW.plus_ms(minutes * MINUTE_MS),
        ),
        is_drill: false,
    }
}

#[test]
fn two_signals_near_to_one_another_correlate() {
    let found = correlate(
        [
            sighting(1, Signal::Demand, 0.0, 0),
            sighting(2, Signal::Police, 200.0, 120),
        ],
        &NEAR,
    );
    assert_eq!(
        found,
        [Correlation {
            centre: id(1),
            incidents: vec![id(1), id(2)],
            signals: vec![Signal::Police, Signal::Demand],
        }]
    );
    for apart in [
        sighting(2, Signal::Demand, 10.0, 0),
        sighting(2, Signal::Police, 200.1, 0),
        sighting(2, Signal::Police, 0.0, 121),
        Sighting {
            is_drill: true,
            ..sighting(2, Signal::Police, 0.0, 0)
        },
    ] {
        let pair = [sighting(1, Signal::Demand, 0.0, 0), apart];
        assert!(correlate(pair, &NEAR).is_empty(), "{apart:?}");
    }
}

#[test]
fn more_signals_come_first_and_a_matter_belongs_to_one_correlation() {
    use Signal::{Case, Demand, Opinion, Police};
    let list = [
        // Two signals, four matters.
        sighting(1, Case, 0.0, 0),
        sighting(2, Case, 0.0, 0),
        sighting(3, Case, 0.0, 0),
        sighting(4, Demand, 0.0, 0),
        // Three signals around number 6; number 7 is in reach of number 8 too.
        sighting(5, Police, 1_000.0, 0),
        sighting(6, Case, 1_150.0, 0),
        sighting(7, Opinion, 1_300.0, 0),
        sighting(8, Demand, 1_450.0, 0),
    ];
    let found = correlate(list, &NEAR);
    let members: Vec<_> = found
        .iter()
        .map(|c| (c.centre, c.incidents.len()))
        .collect();
    assert_eq!(members, [(id(6), 3), (id(1), 4)], "{found:?}");
    assert_eq!(found[0].signals, [Police, Case, Opinion]);
}

#[test]
fn channel_and_category_feed_the_signal_that_takes_precedence() {
    use Signal::{Case, Demand, Opinion, Police};
    let major = |text: &str| text.parse().expect("a major");
    let mut rules = Rules {
        channels: vec![ChannelRule {
            channel: SourceChannel::Hotline12345,
            name: Words::default(),
            signal: Demand,
            has_caller: true,
        }],
        signals: SignalRules {
            nearness: NEAR,
            precedence: vec![Police, Opinion, Demand, Case],
            majors: BTreeMap::from([(major("E01"), Case), (major("E83"), Police)]),
        },
        ..Rules::default()
    };
    let hotline = SourceChannel::Hotline12345;
    let signal = |rules: &Rules, code: &str| rules.signal_of(hotline, code.parse().expect("code"));
    assert_eq!(signal(&rules, "E01.10"), Some(Demand));
    assert_eq!(signal(&rules, "E83.01"), Some(Police));
    assert_eq!(signal(&rules, "E77.01"), Some(Demand));
    rules.channels.clear();
    assert_eq!(signal(&rules, "E01.10"), Some(Case));
    assert_eq!(signal(&rules, "E77.01"), None);
}

#[test]
fn what_is_settled_is_no_sighting() {
    let rules = Rules {
        signals: SignalRules {
            majors: BTreeMap::from([("E01".parse().expect("a major"), Signal::Case)]),
            precedence: Signal::ALL.to_vec(),
            nearness: NEAR,
        },
        ..Rules::default()
    };
    let mut incident = incident(1);
    let seen = Sighting::of(&incident, &rules).expect("a sighting");
    assert_eq!((seen.id, seen.signal), (incident.id, Signal::Case));
    assert_eq!(seen.spot, (incident.location, incident.reported_at));
    for state in [IncidentState::NotAccepted, IncidentState::Cancelled] {
        incident.state = state;
        assert_eq!(Sighting::of(&incident, &rules), None);
    }
}

/// The definition, word for word: the strongest of all centres takes what is near to it, again and
/// again, each time looking at everybody anew.
fn by_brute_force(mut rest: Vec<Sighting>, nearness: &Nearness) -> Vec<Correlation> {
    let mut found = Vec::new();
    loop {
        let strongest = rest
            .iter()
            .filter_map(|centre| {
                let near: Vec<&Sighting> = rest
                    .iter()
                    .filter(|s| s.is_drill == centre.is_drill)
                    .filter(|s| nearness.distance_m(centre.spot, s.spot).is_some())
                    .collect();
                let signals: BTreeSet<Signal> = near.iter().map(|s| s.signal).collect();
                let mut incidents: Vec<IncidentId> = near.iter().map(|s| s.id).collect();
                incidents.sort_unstable();
                (signals.len() >= 2).then(|| Correlation {
                    centre: centre.id,
                    incidents,
                    signals: signals.into_iter().collect(),
                })
            })
            .max_by_key(|c| (c.signals.len(), c.incidents.len(), Reverse(c.centre)));
        let Some(strongest) = strongest else {
            return found;
        };
        rest.retain(|sighting| !strongest.incidents.contains(&sighting.id));
        found.push(strongest);
    }
}

fn crowd() -> impl Strategy<Value = Vec<Sighting>> {
    let one = (
        select(Signal::ALL.to_vec()),
        0.0..2_000.0_f64,
        0..600_i64,
        prop::bool::weighted(0.1),
    );
    prop::collection::vec(one, 0..60).prop_map(|list| {
        list.into_iter()
            .zip(1..)
            .map(|((signal, metres, minutes, is_drill), number)| Sighting {
                is_drill,
                ..sighting(number, signal, metres, minutes)
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn correlations_are_those_of_brute_force(crowd in crowd()) {
        let expected = by_brute_force(crowd.clone(), &NEAR);
        prop_assert_eq!(correlate(crowd.iter().rev().copied(), &NEAR), expected.clone());
        prop_assert_eq!(correlate(crowd, &NEAR), expected);
    }
}
