//! What blocks a handover, and which entries and handovers are kept.

use super::*;
use crate::clocks::{Limit, LimitUnit, StageClock};
use crate::orders::OrderState;
use crate::samples::{NOW, after, incident_at_m1, key, order};
use crate::situation::{Record, Touched};

/// A matter in that state, whose deadline is so many minutes from now, with so many orders.
fn matter(number: u64, state: IncidentState, due_min: Option<i64>, orders: u128) -> Incident {
    let mut matter = incident_at_m1(state);
    matter.id = IncidentId(number);
    matter.clock = due_min.map(|min| StageClock {
        limit: Limit {
            amount: 4,
            unit: LimitUnit::WorkingHour,
        },
        started_at: after(min - 60),
        deadline: after(min),
        paused_at: None,
    });
    matter.orders = (1..=orders).map(key).collect();
    matter
}

fn street(matters: Vec<Incident>) -> Situation {
    let mut situation = Situation::default();
    for matter in matters {
        situation.incidents.insert(matter.id, matter);
    }
    situation
}

fn sheet(undone: Vec<TakenOver>) -> HandoverSheet {
    HandoverSheet {
        id: key(100),
        outgoing: OfficerId::from("li.na"),
        incoming: OfficerId::from("zhou.min"),
        at: NOW,
        as_of: Some(NOW),
        open: Vec::new(),
        undone,
        queued: 0,
        remarks: String::new(),
    }
}

fn taken(what: Undone, remark: &str) -> TakenOver {
    TakenOver {
        what,
        remark: remark.to_owned(),
    }
}

#[test]
fn what_blocks_a_handover_stands_in_a_table() {
    use IncidentState as S;
    let cases = [
        (S::Filed, Some(-1), 0, true),
        (S::Reported, Some(-1), 0, true),
        (S::Handled, Some(-1), 0, true),
        (S::Filed, Some(1), 0, false),
        (S::Filed, None, 0, false),
        // Somebody is on the way or at work.
        (S::Dispatched, Some(-1), 1, false),
        (S::Handling, Some(-1), 1, false),
        // Nobody is any more.
        (S::Handling, Some(-1), 0, true),
        (S::Closed, Some(-1), 0, false),
        (S::Cancelled, Some(-1), 0, false),
    ];
    for (state, due, orders, blocks) in cases {
        let situation = street(vec![matter(1, state, due, orders)]);
        let expected = blocks.then_some(Undone::Overdue {
            incident: IncidentId(1),
        });
        let found = undone(&situation, [], NOW);
        assert_eq!(
            found,
            Vec::from_iter(expected),
            "{state:?} {due:?} {orders}"
        );
    }
    let parked = (key(7), Some(IncidentId(2)));
    let situation = street(vec![matter(1, S::Filed, Some(-1), 0)]);
    assert_eq!(undone(&situation, [parked], NOW).len(), 2);
    let mut assisted = matter(1, S::Handling, Some(-1), 0);
    assisted.assisting = vec![key(9)];
    assert_eq!(undone(&street(vec![assisted]), [], NOW), []);
}

#[test]
fn who_was_sent_without_the_line_is_at_work_until_the_order_has_ended_or_is_refused() {
    use OrderState as O;
    let overdue = || {
        let mut matter = matter(1, IncidentState::Filed, Some(-1), 0);
        matter.id = order(5, 1, O::Sent).incident;
        street(vec![matter])
    };
    let blocks = |state, is_about_it: bool| {
        let mut situation = overdue();
        let mut sent = order(5, 1, state);
        if state == O::Queued {
            sent.stamps.truncate(1);
        }
        if state == O::Parked {
            sent.stamps.truncate(1);
            sent.stamps.push(crate::orders::OrderStamp {
                state,
                ..sent.stamps[0].clone()
            });
        }
        assert_eq!(sent.state(), state);
        if !is_about_it {
            sent.incident = IncidentId(77);
        }
        situation.orders.insert(sent.id, sent);
        !undone(&situation, [], NOW).is_empty()
    };
    for (state, is_left) in [
        (O::Queued, false),
        (O::Sent, false),
        (O::Arrived, false),
        (O::Parked, true),
        (O::Refused, true),
        (O::Withdrawn, true),
    ] {
        assert_eq!(blocks(state, true), is_left, "{state:?}");
    }
    assert!(blocks(O::Queued, false), "it is about another matter");
}

#[test]
fn everything_undone_is_taken_over_by_name_with_a_remark() {
    let overdue = Undone::Overdue {
        incident: IncidentId(1),
    };
    let parked = Undone::Parked {
        key: key(7),
        incident: None,
    };
    let all = [overdue, parked];
    assert_eq!(
        sheet(vec![taken(overdue, "已催办")]).check(&all),
        Err(HandoverRefused::NotTakenOver(vec![parked]))
    );
    assert_eq!(
        sheet(vec![taken(overdue, "已催办"), taken(parked, "  ")]).check(&all),
        Err(HandoverRefused::RemarkMissing(parked))
    );
    let whole = sheet(vec![taken(parked, "明早重发"), taken(overdue, "已催办")]);
    assert_eq!(whole.check(&all), Ok(()));
    // What was done meanwhile may stay on the sheet.
    assert_eq!(whole.check(&[]), Ok(()));
    let mut alone = whole;
    alone.incoming = alone.outgoing.clone();
    assert_eq!(alone.check(&[]), Err(HandoverRefused::SamePerson));
    assert_eq!(sheet(Vec::new()).check(&[]), Ok(()));
}

#[test]
fn open_matters_are_counted_by_state_in_the_order_of_the_life_cycle() {
    use IncidentState as S;
    let situation = street(vec![
        matter(1, S::Handling, Some(-1), 1),
        matter(2, S::Filed, Some(5), 0),
        matter(3, S::Filed, Some(-5), 0),
        matter(4, S::Closed, None, 0),
    ]);
    let of = |state, count, overdue| OpenMatters {
        state,
        count,
        overdue,
    };
    let expected = [of(S::Filed, 2, 1), of(S::Handling, 1, 1)];
    assert_eq!(open_matters(&situation, NOW), expected);
}

#[test]
fn only_those_on_duty_keep_the_desk() {
    use OfficerRole as R;
    let keeping = [
        R::ShiftLeader,
        R::DutyOfficer,
        R::StreetLeader,
        R::ItOfficer,
    ]
    .map(keeps_duty);
    assert_eq!(keeping, [true, true, false, false]);
}

fn entry(number: u128, minute: i64) -> LogEntry {
    LogEntry {
        id: key(number),
        officer: OfficerId::from("li.na"),
        at: after(minute),
        recorded_at: after(minute),
        text: format!("第 {number} 条"),
    }
}

#[test]
fn the_newest_entries_are_kept_in_whatever_order_they_come() {
    let count = KEPT_ENTRIES as u128 + 50;
    let entries: Vec<LogEntry> = (1..=count).map(|n| entry(n, n as i64 / 3)).collect();
    let (mut forwards, mut backwards) = (BTreeMap::new(), BTreeMap::new());
    for entry in &entries {
        assert!(take_entry(&mut forwards, entry.clone()));
    }
    for (place, entry) in entries.iter().rev().enumerate() {
        let is_kept = take_entry(&mut backwards, entry.clone());
        assert_eq!(is_kept, place < KEPT_ENTRIES, "{place}");
    }
    assert_eq!(forwards.len(), KEPT_ENTRIES);
    assert_eq!(forwards, backwards);
    assert!(!take_entry(&mut forwards, entry(count, count as i64 / 3)));
}

#[test]
fn a_handover_gains_signatures_and_never_loses_one() {
    let signed = Signature {
        at: NOW,
        recorded_at: NOW,
    };
    let half = Handover {
        sheet: sheet(Vec::new()),
        at: NOW,
        outgoing: Some(signed),
        incoming: None,
    };
    let whole = Handover {
        incoming: Some(signed),
        ..half.clone()
    };
    let mut situation = Situation::default();
    let mut take =
        |handover: &Handover| situation.apply(Record::Handover(Box::new(handover.clone())));
    assert_eq!(take(&half), Touched::Duty);
    assert_eq!(take(&half), Touched::Nothing);
    assert_eq!(take(&whole), Touched::Duty);
    assert_eq!(take(&half), Touched::Nothing, "the older record comes late");
    assert_eq!(last_signed(&situation.handovers), Some(&whole));
    situation.handovers.insert(half.sheet.id, half);
    assert_eq!(last_signed(&situation.handovers), None);
}
