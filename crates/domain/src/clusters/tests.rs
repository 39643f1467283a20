//! Which complaints belong together, and how often a matter was complained about before.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::channels::ChannelRule;
use crate::rules::Words;
use crate::samples::{NOW, SCENE, incident};
use crate::signals::Signal;
use crate::time::HOUR_MS;
use crate::trail::SourceChannel;

const RULES: ClusterRules = ClusterRules {
    within_days: 7,
    within_m: 50.0,
    complaints_from: 3,
};

fn category(code: &str) -> CategoryCode {
    code.parse().expect("a code")
}

fn id(number: u32) -> IncidentId {
    IncidentId::new(NOW, number)
}

fn north(metres: f64) -> LonLat {
    LonLat::new(SCENE.lon, SCENE.lat + (metres / 6_371_008.8).to_degrees())
}

fn complaint(number: u32, metres: f64, hours: i64) -> Complaint<'static> {
    Complaint {
        id: id(number),
        category: category("E01.10"),
        caller: None,
        location: north(metres),
        at: NOW.plus_ms(hours * HOUR_MS),
        is_drill: false,
    }
}

#[test]
fn one_place_is_a_cluster_from_three_complaints_on() {
    let list = [
        complaint(1, 0.0, 0),
        complaint(2, 40.0, 24),
        complaint(3, 80.0, 8 * 24),
    ];
    assert!(clusters(list[..2].iter().copied(), &RULES).is_empty());
    let found = clusters(list, &RULES);
    assert_eq!(
        found,
        [Cluster {
            kind: ClusterKind::Place(category("E01.10")),
            incidents: vec![id(1), id(2), id(3)],
            first_at: NOW,
            last_at: NOW.plus_ms(8 * DAY_MS),
        }]
    );
    // An hour more than seven days, another category, or a drill breaks the chain.
    for change in [
        |c: &mut Complaint<'_>| c.at = c.at.plus_ms(HOUR_MS),
        |c: &mut Complaint<'_>| c.category = "E01.11".parse().expect("a code"),
        |c: &mut Complaint<'_>| c.is_drill = true,
        |c: &mut Complaint<'_>| c.location = north(91.0),
    ] {
        let mut broken = list;
        change(&mut broken[2]);
        assert!(clusters(broken, &RULES).is_empty());
    }
}

#[test]
fn one_caller_is_a_cluster_wherever_and_whatever() {
    let (zhang, li) = (CallerId::from("z"), CallerId::from("l"));
    let by = |number: u32, caller, hours: i64| Complaint {
        caller: Some(caller),
        category: category(["E01.10", "E81.01", "E80.02"][number as usize % 3]),
        ..complaint(number, f64::from(number) * 1_000.0, hours)
    };
    let list = [
        by(1, &zhang, 0),
        by(2, &zhang, 7 * 24),
        by(3, &li, 1),
        by(4, &zhang, 14 * 24),
        // More than seven days after the one before: a new chain.
        by(5, &zhang, 21 * 24 + 1),
    ];
    let found = clusters(list, &RULES);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].kind, ClusterKind::Caller(zhang.clone()));
    assert_eq!(found[0].incidents, [id(1), id(2), id(4)]);
}

#[test]
fn larger_clusters_come_first() {
    let mut list: Vec<_> = (1..=3).map(|n| complaint(n, 0.0, 0)).collect();
    list.extend((4..=7).map(|n| complaint(n, 1_000.0, 0)));
    let sizes: Vec<usize> = clusters(list, &RULES)
        .iter()
        .map(|cluster| cluster.incidents.len())
        .collect();
    assert_eq!(sizes, [4, 3]);
}

#[test]
fn the_same_matter_is_counted_by_place_or_by_caller() {
    let zhang = CallerId::from("z");
    let now = Complaint {
        caller: Some(&zhang),
        ..complaint(9, 0.0, 7 * 24)
    };
    let far = complaint(1, 500.0, 24);
    let cases = [
        (complaint(2, 50.0, 0), true),
        (complaint(2, 51.0, 0), false),
        (complaint(2, 0.0, -1), false),
        (complaint(2, 0.0, 7 * 24 + 1), false),
        (far, false),
        (
            Complaint {
                caller: Some(&zhang),
                ..far
            },
            true,
        ),
        (
            Complaint {
                caller: Some(&zhang),
                category: category("E01.11"),
                ..far
            },
            false,
        ),
        (
            Complaint {
                is_drill: true,
                ..complaint(2, 0.0, 0)
            },
            false,
        ),
        (now, false),
    ];
    for (earlier, repeats) in cases {
        assert_eq!(now.repeats(&earlier, &RULES), repeats, "{earlier:?}");
    }
    // Two who are not told apart are not the same caller.
    assert!(!complaint(9, 0.0, 0).repeats(&complaint(1, 500.0, 0), &RULES));
}

#[test]
fn complaints_are_reports_of_people_that_still_count() {
    let channel = |channel, has_caller| ChannelRule {
        channel,
        name: Words::default(),
        signal: Signal::Demand,
        has_caller,
    };
    let rules = Rules {
        channels: vec![
            channel(SourceChannel::Hotline12345, true),
            channel(SourceChannel::AiCamera, false),
        ],
        ..Rules::default()
    };
    let counts = |change: &dyn Fn(&mut Incident)| {
        let mut incident = incident(1);
        change(&mut incident);
        Complaint::of(&incident, &rules).is_some()
    };
    assert!(counts(&|_| ()));
    assert!(!counts(&|i| i.channel = SourceChannel::AiCamera));
    assert!(!counts(&|i| i.channel = SourceChannel::Media));
    assert!(!counts(&|i| i.state = IncidentState::NotAccepted));
    assert!(!counts(&|i| i.state = IncidentState::Cancelled));
    assert!(counts(&|i| {
        i.state = IncidentState::Cancelled;
        i.duplicate_of = Some(id(7));
    }));
}

type Drawn = (f64, i64, &'static str, Option<&'static str>);

fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
    let one = (
        0.0..400.0_f64,
        0..40 * 24_i64,
        select(vec!["E01.10", "E01.11"]),
        prop::option::of(select(vec!["a", "b", "c"])),
    );
    prop::collection::vec(one, 0..40)
}

/// What is connected, by widening each group until it stops growing.
fn connected(count: usize, is_tied: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for start in 0..count {
        if groups.iter().any(|group| group.contains(&start)) {
            continue;
        }
        let mut group = vec![start];
        let mut next = 0;
        while next < group.len() {
            let member = group[next];
            let more = (0..count).filter(|i| !group.contains(i) && is_tied(member, *i));
            group.extend(more.collect::<Vec<_>>());
            next += 1;
        }
        groups.push(group);
    }
    groups
}

proptest! {
    /// Clusters are the connected groups, whatever the order in which complaints are given.
    #[test]
    fn clusters_are_what_is_connected(list in drawn()) {
        let callers: Vec<Option<CallerId>> =
            list.iter().map(|(.., caller)| caller.map(CallerId::from)).collect();
        let complaints: Vec<Complaint<'_>> = list
            .iter()
            .zip(&callers)
            .zip(1..)
            .map(|(((metres, hours, code, _), caller), number)| Complaint {
                category: category(code),
                caller: caller.as_ref(),
                ..complaint(number, *metres, *hours)
            })
            .collect();
        let nearness = RULES.nearness();
        let at = |i: usize| complaints[i].at;
        let same_place = |a: usize, b: usize| {
            let spot = |i: usize| (complaints[i].location, at(i));
            complaints[a].category == complaints[b].category
                && nearness.distance_m(spot(a), spot(b)).is_some()
        };
        let same_caller = |a: usize, b: usize| {
            complaints[a].caller.is_some()
                && complaints[a].caller == complaints[b].caller
                && at(a).ms_since(at(b)).abs() <= nearness.within_ms
        };
        let count = complaints.len();
        let mut expected: Vec<Vec<IncidentId>> = connected(count, same_place)
            .into_iter()
            .chain(connected(count, same_caller))
            .filter(|group| group.len() >= 3)
            .map(|group| {
                let mut ids: Vec<_> = group.iter().map(|i| complaints[*i].id).collect();
                ids.sort_unstable();
                ids
            })
            .collect();
        expected.sort();
        let found = clusters(complaints.iter().copied(), &RULES);
        let mut members: Vec<_> = found.iter().map(|c| c.incidents.clone()).collect();
        members.sort();
        prop_assert_eq!(members, expected);
        let reversed = clusters(complaints.iter().rev().copied(), &RULES);
        prop_assert_eq!(found, reversed);
    }
}
