//! The fold never goes back, and counts, lists and sets agree.

use uuid::Uuid;

use super::*;
use crate::ids::{IntentKey, OfficerId};
use crate::incidents::{IncidentState, Level};
use crate::modes::{Mode, ModeInForce, ModeSwitch};
use crate::orders::{OrderStamp, OrderState};
use crate::people::{Post, Shift, TravelMode};
use crate::places::{GridPath, LonLat};
use crate::rules::CategoryKind;
use crate::time::{DAY_MS, HOUR_MS};
use crate::trail::SourceChannel;

/// Friday, 20 November 2026, 09:00 local time.
const NOW: Timestamp = Timestamp::from_unix_ms(1_795_136_400_000);

fn incident(number: u32, state: IncidentState) -> Incident {
    Incident {
        id: IncidentId::new(NOW, number),
        steps: 3,
        fold_version: 1,
        state,
        suspended_from: None,
        category: "E01.10".parse().expect("a code"),
        channel: SourceChannel::Hotline12345,
        title: String::new(),
        description: String::new(),
        address: String::new(),
        location: LonLat::new(104.1, 30.66),
        grids: GridPath {
            micro: Some("m1".into()),
            ..GridPath::default()
        },
        level: Level::Small,
        level_reason: String::new(),
        level_reason_en: String::new(),
        reported_at: NOW,
        state_since: NOW,
        ended_at: (!state.is_open()).then_some(NOW),
        clock: None,
        orders: Vec::new(),
        supervised: false,
        extensions: 0,
        reworks: 0,
        rules_version: String::new(),
        condition: None,
        department: None,
        assisting: Vec::new(),
        duplicate_of: None,
        is_unreasonable: false,
        particulars: crate::particulars::Particulars::default(),
        is_drill: false,
        course: crate::incidents::Course::default(),
    }
}

fn order(states: &[OrderState]) -> Order {
    Order {
        id: IntentKey(Uuid::from_u128(1)),
        incident: IncidentId::new(NOW, 1),
        to: PersonId(1),
        by: OfficerId::from("li.na"),
        instruction: String::new(),
        override_reason: None,
        stamps: states
            .iter()
            .map(|state| OrderStamp {
                state: *state,
                at: NOW,
                location: None,
                note: None,
                source_crs: crate::places::Crs::default(),
            })
            .collect(),
    }
}

fn fold(situation: &mut Situation, record: impl Into<Record>) -> Touched {
    situation.apply(record.into())
}

impl From<Incident> for Record {
    fn from(incident: Incident) -> Self {
        Self::Incident(Box::new(incident))
    }
}

impl From<Order> for Record {
    fn from(order: Order) -> Self {
        Self::Order(Box::new(order))
    }
}

#[test]
fn an_older_incident_is_never_shown_again() {
    let mut situation = Situation::default();
    let mut newer = incident(1, IncidentState::Handling);
    newer.steps = 5;
    let id = newer.id;
    assert_eq!(fold(&mut situation, newer.clone()), Touched::Incident(id));
    for steps in [1, 4, 5] {
        let mut late = incident(1, IncidentState::Reported);
        late.steps = steps;
        assert_eq!(fold(&mut situation, late), Touched::Nothing);
    }
    assert_eq!(situation.incidents[&id], newer);
}

#[test]
fn a_record_that_was_folded_anew_is_taken_and_that_of_an_earlier_fold_is_not() {
    let mut situation = Situation::default();
    let shown = incident(1, IncidentState::Handling);
    let id = shown.id;
    fold(&mut situation, shown.clone());
    let renewed = Incident {
        fold_version: 2,
        title: "folded anew".to_owned(),
        ..shown.clone()
    };
    assert_eq!(fold(&mut situation, renewed.clone()), Touched::Incident(id));
    assert_eq!(fold(&mut situation, shown.clone()), Touched::Nothing);
    assert_eq!(situation.incidents[&id], renewed);
    let further = Incident { steps: 4, ..shown };
    assert_eq!(
        fold(&mut situation, further),
        Touched::Incident(id),
        "more steps are newer"
    );
}

#[test]
fn an_order_only_moves_forward() {
    use OrderState::{Accepted, Delivered, Done, Queued, Read, Sent, Withdrawn};
    let mut situation = Situation::default();
    let id = order(&[]).id;
    for (states, is_taken) in [
        (vec![Queued], true),
        (vec![Queued, Sent], true),
        (vec![Queued, Sent, Accepted], true),
        (vec![Queued, Sent, Delivered], false),
        (vec![Queued], false),
        // The same state with more of its past is richer.
        (vec![Queued, Sent, Delivered, Read, Accepted], true),
        (vec![Queued, Sent, Accepted], false),
        (vec![Queued, Sent, Done], true),
        (vec![Queued, Sent, Withdrawn], false),
    ] {
        let touched = fold(&mut situation, order(&states));
        let expected = if is_taken {
            Touched::Order(id)
        } else {
            Touched::Nothing
        };
        assert_eq!(touched, expected, "{states:?}");
    }
    assert_eq!(situation.open_orders_of(PersonId(1)).count(), 0);
}

#[test]
fn what_a_hall_has_shown_by_itself_gives_way_to_the_record_in_the_same_state() {
    use OrderState::{Parked, Queued, Sent};
    let mut situation = Situation::default();
    let mut echo = order(&[Queued, Parked, Sent]);
    // The clock of the hall is ahead.
    echo.stamps[0].at = echo.stamps[0].at.plus_ms(3_600_000);
    fold(&mut situation, echo);
    let record = order(&[Queued, Sent]);
    let id = record.id;
    assert_eq!(fold(&mut situation, record.clone()), Touched::Order(id));
    assert_eq!(situation.orders[&id], record);
    assert_eq!(fold(&mut situation, record), Touched::Nothing);
}

#[test]
fn people_modes_and_positions_report_only_what_changed() {
    let mut situation = Situation::default();
    let person = Person {
        id: PersonId(1),
        name: "张建国".to_owned(),
        post: Post::GridMember,
        skills: Vec::new(),
        phone: String::new(),
        home_grid: None,
        shift: Shift {
            from_minute: 0,
            to_minute: 0,
        },
        travel: TravelMode::Walk,
        duty: crate::roster::DutyPlan::default(),
        groups: Vec::new(),
        provenance: None,
    };
    let record = Record::Person(Box::new(person));
    assert_eq!(
        situation.apply(record.clone()),
        Touched::Person(PersonId(1))
    );
    assert_eq!(situation.apply(record), Touched::Nothing);
    let mode = |mode: ModeInForce| Record::Mode(Box::new(mode));
    assert_eq!(situation.apply(mode(Mode::Normal.into())), Touched::Nothing);
    let red = ModeInForce::from(Mode::EmergencyRed);
    assert_eq!(situation.apply(mode(red.clone())), Touched::Mode);
    assert_eq!(situation.apply(mode(red.clone())), Touched::Nothing);
    // The same mode with who set it and when is news: a backend of an earlier version did not say.
    let with_origin = ModeInForce {
        switch: Some(ModeSwitch {
            officer: None,
            occurred_at: NOW,
            recorded_at: NOW,
        }),
        ..red
    };
    assert_eq!(situation.apply(mode(with_origin.clone())), Touched::Mode);
    assert_eq!(situation.apply(mode(with_origin)), Touched::Nothing);

    let fix = |at: Timestamp| PositionFix {
        person: PersonId(1),
        location: LonLat::new(104.1, 30.66),
        at,
        accuracy_m: 5.0,
        speed_mps: 0.0,
        heading_deg: 0.0,
        source_crs: crate::places::Crs::default(),
        source: crate::people::PositionSource::default(),
    };
    assert!(situation.locate(fix(NOW)));
    assert!(!situation.locate(fix(NOW)));
    assert!(!situation.locate(fix(NOW.plus_ms(-1))));
    assert!(situation.locate(fix(NOW.plus_ms(1))));
}

#[test]
fn a_count_is_the_length_of_its_list_in_every_set() {
    let mut situation = Situation::default();
    for (number, state) in (1..).zip(IncidentState::ALL) {
        let mut incident = incident(number, state);
        incident.supervised = number % 2 == 0;
        fold(&mut situation, incident);
    }
    let mut yesterday = incident(50, IncidentState::Closed);
    yesterday.reported_at = NOW.plus_ms(-DAY_MS);
    yesterday.ended_at = Some(NOW.plus_ms(-10 * HOUR_MS));
    fold(&mut situation, yesterday);
    let sets = [
        (IncidentSet::Open, 8),
        (IncidentSet::Overdue, 0),
        (IncidentSet::AwaitingDispatch, 4),
        (IncidentSet::UnderWay, 2),
        (IncidentSet::AwaitingCheck, 1),
        (IncidentSet::DoneToday, 1),
        (IncidentSet::ReportedToday, 11),
        (IncidentSet::OpenOfLevel(Level::Small), 8),
        (IncidentSet::OpenOfLevel(Level::Large), 0),
        (IncidentSet::OpenOfMajor(CategoryKind::Event, 1), 8),
        (IncidentSet::OpenOfMajor(CategoryKind::Component, 1), 0),
        (IncidentSet::OpenInGrid("m1".into()), 8),
        (IncidentSet::OpenInGrid("m2".into()), 0),
        (IncidentSet::Supervised, 3),
    ];
    for (set, expected) in sets {
        assert_eq!(situation.count(&set, NOW), expected, "{set:?}");
        let members: Vec<_> = situation.members(&set, NOW).map(|i| i.id).collect();
        assert_eq!(members.len(), expected, "{set:?}");
        assert!(members.is_sorted(), "{set:?}");
    }
}

#[test]
fn the_curve_holds_the_last_day_by_the_hour() {
    let mut situation = Situation::default();
    for (number, hours_ago) in (1..).zip([0, 0, 1, 23, 24, -1]) {
        let mut incident = incident(number, IncidentState::Reported);
        incident.reported_at = NOW.plus_ms(-hours_ago * HOUR_MS);
        fold(&mut situation, incident);
    }
    let hours = situation.reports_by_hour(NOW);
    assert_eq!((hours[23], hours[22], hours[0]), (2, 1, 1));
    assert_eq!(hours.iter().sum::<u32>(), 4);
}
