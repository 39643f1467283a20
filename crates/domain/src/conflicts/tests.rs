//! The table cell by cell, and what a conflict tells.

use expect_test::expect;

use super::*;
use crate::ids::IncidentId;
use crate::incidents::IncidentState;
use crate::samples::{NOW, after, entry, incident_at_m1, key};
use crate::trail::{ActionKind, DispatchDuty, Mandate};

const HERE: IncidentId = IncidentId(20_261_120_000_001);

/// `x` conflicts, `o` only about the same, `.` fits: a row for each wish, a column for each kind.
fn matrix() -> String {
    let mut text = String::new();
    for row in TABLE {
        let cells: String = ActionKind::ALL
            .iter()
            .map(|later| match verdict(row.wanted, *later) {
                Verdict::Fits => '.',
                Verdict::Conflicts => 'x',
                Verdict::SameSubject => 'o',
            })
            .collect();
        let name = match row.wanted {
            Wanted::Order => "order",
            Wanted::Withdrawal => "withdrawal",
            Wanted::Step(kind) => kind.name(),
        };
        text.extend([cells.as_str(), " ", name, "\n"]);
    }
    text
}

#[test]
fn the_table_is_what_was_decided() {
    let columns: Vec<_> = ActionKind::ALL.iter().map(|kind| kind.name()).collect();
    expect!["report verify file not_accept dispatch undispatch start_handling handled return suspend resume extend rework close force_close cancel supervise note recategorise set_level convene assisted reply_to_supervision contact_caller call_back flag_unreasonable mark_duplicate judge_dispatch escalate whistle sign_in whistle_handled rate_department adjust_points"].assert_eq(&columns.join(" "));
    expect![[r"
        ...xx..xxxx.xxxx..xxx.....x..x.x.. order
        ...x.xoox...xxxx.....o....x....... withdrawal
        .xxxx...x...xxxx..x.......x....... verify
        ..xxx...x...xxxx..x.......x....... file
        .xxxx...x...xxxxx.xx......x....... not_accept
        .xxxxxxxxxx.xxxxx.x.x.....x..x.... return
        ...xx.xxxxxxxxxxx.xxx.....x..xx... suspend
        ...x.....xx..xxx..........x....... resume
        ...x.x.xxxxxxxxxx.........x....... extend
        ...xx..xx...xxxx..xx....x.x....... rework
        ...xx..xxxx.xxxxx.xxx...x.x..xx... close
        .xxxx.xxxxx.xxxxx.xxxx..x.x..xxx.. force_close
        .xxxx.xxxxx.xxxxx.xxxx..x.x..xxx.. cancel
        ..xxx.xx.xx..xxxx.xxx.....x..x.... mark_duplicate
        ...x.........xxx..........x....... supervise
        .................................. note
        ..xxx........xxx..xx......x....... recategorise
        ...x.........xxx..xx......x....... set_level
        ...xx..xxxx.xxxx..x.x.....x..x.... convene
        ...x.........xxx......x...x....... reply_to_supervision
        ...x.........xxx..........x....... contact_caller
        ............x.xx.................. call_back
        .........................x........ flag_unreasonable
        ...........................o...... judge_dispatch
        ...xx..xxxx.xxxx..xxx.....x..x.... whistle
        ...x.........xxx..........x...o... sign_in
        ...x.........xxx..........x....o.. whistle_handled
        ................................o. rate_department
        .................................o adjust_points
    "]]
    .assert_eq(&matrix());
}

#[test]
fn every_step_that_an_officer_may_propose_has_a_row_of_its_own() {
    // What follows from a report, an order or a receipt is never proposed.
    let never = [
        ActionKind::Report,
        ActionKind::Dispatch,
        ActionKind::Undispatch,
        ActionKind::StartHandling,
        ActionKind::Handled,
        ActionKind::Assisted,
        ActionKind::Escalate,
    ];
    for kind in ActionKind::ALL {
        let rows = TABLE.iter().filter(|row| row.wanted == Wanted::Step(kind));
        assert_eq!(rows.count(), usize::from(!never.contains(&kind)), "{kind}");
    }
    for row in TABLE {
        let mut kinds: Vec<_> = row.conflicts().collect();
        kinds.sort_unstable();
        let all = kinds.len();
        kinds.dedup();
        assert_eq!(kinds.len(), all, "{:?} names a step twice", row.wanted);
    }
}

#[test]
fn what_only_adds_to_the_record_speaks_against_nothing_and_a_remark_is_never_held_up() {
    let only_adds = [
        ActionKind::Report,
        ActionKind::Note,
        ActionKind::ContactCaller,
        ActionKind::Escalate,
    ];
    for row in TABLE {
        for kind in only_adds {
            assert_eq!(verdict(row.wanted, kind), Verdict::Fits, "{:?}", row.wanted);
        }
    }
    for kind in ActionKind::ALL {
        let note = Wanted::Step(ActionKind::Note);
        assert_eq!(verdict(note, kind), Verdict::Fits);
    }
}

fn send() -> Intent {
    Intent::SendOrder {
        incident: HERE,
        to: PersonId(1),
        instruction: String::new(),
        override_reason: None,
    }
}

fn withdraw(order: u128) -> Intent {
    Intent::WithdrawOrder {
        incident: HERE,
        order: key(order),
        reason: String::new(),
    }
}

fn seen(steps: u32) -> Basis {
    let incident = incident_at_m1(IncidentState::Filed);
    Basis {
        seen: Version {
            steps,
            ..Version::of(&incident, Vec::new())
        },
        own: Vec::new(),
        anyway: None,
    }
}

fn now(steps: u32) -> Version {
    seen(steps).seen
}

fn dispatch(step: u32, order: u128) -> TrailEntry {
    let action = Action::Dispatch {
        order: key(order),
        to: PersonId(2),
        department: None,
        duty: DispatchDuty::Lead,
    };
    let mut entry = entry(step, action, IncidentState::Dispatched, after(1));
    entry.by = Actor::Officer("wang.lei".into());
    entry.mandate = Some(Mandate {
        intent: key(order),
        anyway: None,
    });
    entry
}

fn note(step: u32) -> TrailEntry {
    let text = "已电话联系".to_owned();
    entry(step, Action::Note { text }, IncidentState::Filed, NOW)
}

#[test]
fn an_order_conflicts_with_another_one_and_is_told_what_else_happened() {
    let trail = [note(3), dispatch(4, 7), note(5)];
    let found = conflict(&send(), &seen(2), &now(5), &trail).expect("a conflict");
    assert_eq!(found.theirs, now(5));
    let steps: Vec<_> = found
        .since
        .iter()
        .map(|step| (step.step, step.is_in_conflict))
        .collect();
    assert_eq!(steps, [(3, false), (4, true), (5, false)]);
    assert_eq!(found.since[1].by, Actor::Officer("wang.lei".into()));
    assert_eq!(found.since[1].occurred_at, after(1));
}

#[test]
fn what_was_seen_what_is_the_halls_own_and_what_speaks_for_nothing_is_no_conflict() {
    let trail = [note(3), dispatch(4, 7), note(5)];
    assert_eq!(conflict(&send(), &seen(4), &now(5), &trail), None);
    let mut own = seen(2);
    own.own = vec![key(7)];
    assert_eq!(conflict(&send(), &own, &now(5), &trail), None);
    assert_eq!(conflict(&send(), &seen(2), &now(3), &trail[..1]), None);
    let mode = Intent::SetMode {
        mode: crate::Mode::Normal,
        is_drill: false,
    };
    assert_eq!(conflict(&mode, &seen(2), &now(5), &trail), None);
}

#[test]
fn a_withdrawal_conflicts_with_what_its_own_order_has_come_to() {
    let begun = |order: u128| {
        let order = key(order);
        [entry(
            3,
            Action::StartHandling { order },
            IncidentState::Handling,
            NOW,
        )]
    };
    assert!(conflict(&withdraw(7), &seen(2), &now(3), &begun(7)).is_some());
    assert_eq!(conflict(&withdraw(7), &seen(2), &now(3), &begun(8)), None);
}

#[test]
fn a_basis_that_has_seen_more_than_there_is_was_made_on_another_record() {
    let found = conflict(&send(), &seen(9), &now(4), &[]).expect("a conflict");
    assert_eq!(found.theirs, now(4));
    assert!(found.since.is_empty());
    assert_eq!(conflict(&send(), &seen(4), &now(4), &[]), None);
}

#[test]
fn a_long_history_is_told_by_what_is_in_conflict_and_by_its_newest() {
    let mut trail: Vec<TrailEntry> = (3..103).map(note).collect();
    trail[5] = dispatch(8, 7);
    let found = conflict(&send(), &seen(2), &now(102), &trail).expect("a conflict");
    let steps: Vec<_> = found.since.iter().map(|step| step.step).collect();
    assert_eq!(steps, [8]);
    let trail: Vec<TrailEntry> = (3..103)
        .map(|step| dispatch(step, u128::from(step)))
        .collect();
    let found = conflict(&send(), &seen(2), &now(102), &trail).expect("a conflict");
    assert_eq!(found.since.len(), MOST_STEPS);
    assert_eq!(found.since.last().map(|step| step.step), Some(102));
}

#[test]
fn a_proposal_of_an_older_version_has_no_basis() {
    let old = r#"{"key":"00000000-0000-0000-0000-000000000001","officer":"li.na","occurred_at":0,
        "intent":{"set_mode":{"mode":"normal"}}}"#;
    let proposal: crate::Proposal = serde_json::from_str(old).expect("an older proposal");
    assert_eq!(proposal.basis, None);
}
