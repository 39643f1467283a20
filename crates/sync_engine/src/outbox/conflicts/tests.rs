//! What takes the place of a parked proposal, over a real database; and what is found before it is
//! sent.

use domain::conflicts::{Basis, LaterStep};
use domain::trail::{Action, DispatchDuty, Mandate};
use domain::{IncidentState, Intent, PersonId};
use protocol::feed::OutboxItem;
use testkit::builders::{entry, incident, key, proposal, send};

use super::super::queue::Answer;
use super::super::tests::{open, sign_in};
use super::*;

fn place() -> IncidentId {
    incident(1, IncidentState::Filed).id
}

fn seen(steps: u32) -> Version {
    Version {
        steps,
        ..Version::of(&incident(1, IncidentState::Filed), Vec::new())
    }
}

fn on(steps: u32, number: u128, intent: Intent) -> Proposal {
    Proposal {
        basis: Some(Box::new(Basis {
            seen: seen(steps),
            own: Vec::new(),
            anyway: None,
        })),
        ..proposal(number, intent)
    }
}

fn dispatched(step: u32, order: u128) -> TrailEntry {
    let action = Action::Dispatch {
        order: key(order),
        to: PersonId(2),
        department: None,
        duty: DispatchDuty::Lead,
    };
    let mut entry = entry(place(), step, action, IncidentState::Dispatched);
    entry.mandate = Some(Mandate {
        intent: key(order),
        anyway: None,
    });
    entry
}

fn what_happened() -> Conflict {
    let entry = dispatched(4, 70);
    Conflict {
        theirs: seen(4),
        since: vec![LaterStep {
            step: entry.step,
            action: entry.action,
            state: entry.state,
            by: entry.by,
            intent: None,
            reason: None,
            occurred_at: entry.occurred_at,
            recorded_at: entry.recorded_at,
            is_in_conflict: true,
        }],
    }
}

/// Two orders to one incident, of which the backend has refused the first for a conflict.
async fn in_conflict(outbox: &Arc<Outbox>) {
    sign_in(outbox).await;
    outbox.commit(on(3, 1, send(place(), 1))).await.unwrap();
    outbox.commit(on(3, 2, send(place(), 2))).await.unwrap();
    outbox.set_line(true);
    let jobs = outbox.take_due(8).await.unwrap();
    let refused = Answer::Refused {
        code: ErrorCode::Conflict,
        message: "changed since".to_owned(),
        conflict: Some(Box::new(what_happened())),
    };
    outbox.answered(jobs[0].seq, refused).await.unwrap();
    outbox.set_line(false);
}

fn keys(items: &[OutboxItem]) -> Vec<IntentKey> {
    items.iter().map(|item| item.proposal.key).collect()
}

fn items(outbox: &Outbox) -> Vec<OutboxItem> {
    super::super::OutboxView::items(outbox)
}

fn own(item: &OutboxItem) -> &[IntentKey] {
    item.proposal.basis.as_ref().map_or(&[], |basis| &basis.own)
}

#[tokio::test]
async fn what_replaces_a_parked_one_has_its_place_and_those_behind_know_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, board) = open(dir.path());
    in_conflict(&outbox).await;
    let shown = items(&outbox);
    assert_eq!(shown[0].conflict.as_deref(), Some(&what_happened()));
    assert_eq!(own(&shown[1]), [key(1)]);
    let second = on(4, 3, send(place(), 3));
    assert!(outbox.replace_parked(key(1), second.clone()).await.unwrap());
    // The second of two clicks, and a click on another form with the same key.
    assert!(!outbox.replace_parked(key(1), second).await.unwrap());
    let other = outbox.replace_parked(key(1), on(4, 3, send(place(), 4)));
    assert!(matches!(other.await, Err(OutboxError::KeyUsed)));
    let gone = outbox.replace_parked(key(1), on(4, 9, send(place(), 4)));
    assert!(matches!(gone.await, Err(OutboxError::NotFound)));
    let check = |outbox: &Outbox, board: &crate::board::Board| {
        let shown = items(outbox);
        assert_eq!(keys(&shown), [key(3), key(2)]);
        assert_eq!(shown[0].state, OrderState::Queued);
        assert_eq!((shown[0].attempts, &shown[0].conflict), (0, &None));
        assert_eq!(own(&shown[1]), [key(3)]);
        assert_eq!(board.order(key(3)).unwrap().state(), OrderState::Queued);
    };
    check(&outbox, &board);
    assert_eq!(board.order(key(1)).unwrap().state(), OrderState::Withdrawn);
    outbox.close().await;
    let (again, board) = open(dir.path());
    check(&again, &board);
}

#[tokio::test]
async fn what_is_about_another_matter_of_the_same_number_replaces_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, _board) = open(dir.path());
    in_conflict(&outbox).await;
    // A restored backend has given the number again meanwhile, and the form shows what bears it now.
    let mut other = on(1, 3, send(place(), 3));
    let seen = &mut other.basis.as_mut().expect("it has one").seen;
    seen.reported_at = seen.reported_at.map(|at| at.plus_ms(60_000));
    let refused = outbox.replace_parked(key(1), other).await;
    assert!(
        matches!(refused, Err(OutboxError::OtherMatter)),
        "{refused:?}"
    );
    assert_eq!(keys(&items(&outbox)), [key(1), key(2)]);
}

#[tokio::test]
async fn a_full_disk_leaves_the_parked_one_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, board) = open(dir.path());
    in_conflict(&outbox).await;
    let before = items(&outbox);
    outbox.limit_pages(1).await;
    let long = Intent::SendOrder {
        incident: place(),
        to: PersonId(3),
        instruction: "请".repeat(100_000),
        override_reason: None,
    };
    let refused = outbox.replace_parked(key(1), on(4, 3, long)).await;
    assert!(matches!(refused, Err(OutboxError::Store(_))), "{refused:?}");
    assert_eq!(items(&outbox), before);
    assert_eq!(board.order(key(3)), None);
    outbox.close().await;
    let (again, _board) = open(dir.path());
    assert_eq!(keys(&items(&again)), [key(1), key(2)]);
    assert_eq!(items(&again)[0].conflict, before[0].conflict);
}

#[tokio::test]
async fn a_withdrawal_that_waited_for_a_replaced_order_goes_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, _board) = open(dir.path());
    sign_in(&outbox).await;
    outbox.commit(on(3, 1, send(place(), 1))).await.unwrap();
    outbox.set_line(true);
    let jobs = outbox.take_due(8).await.unwrap();
    let withdrawal = Intent::WithdrawOrder {
        incident: place(),
        order: key(1),
        reason: String::new(),
    };
    let withdrawal_form = on(3, 2, withdrawal);
    let taken_back = outbox.withdraw(key(1), withdrawal_form.clone());
    assert_eq!(
        taken_back.await.unwrap(),
        protocol::commands::Withdrawal::Queued
    );
    let refused = Answer::Refused {
        code: ErrorCode::Conflict,
        message: "changed since".to_owned(),
        conflict: Some(Box::new(what_happened())),
    };
    outbox.answered(jobs[0].seq, refused).await.unwrap();
    let second = on(4, 3, send(place(), 3));
    outbox.replace_parked(key(1), second).await.unwrap();
    assert_eq!(keys(&items(&outbox)), [key(3)]);
    let late = outbox.commit(withdrawal_form).await;
    assert!(matches!(late, Err(OutboxError::GivenUp)), "{late:?}");
}

#[tokio::test]
async fn a_late_click_on_a_form_does_not_undo_what_was_decided_about_it() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, _board) = open(dir.path());
    in_conflict(&outbox).await;
    let changed = on(4, 3, send(place(), 3));
    outbox.replace_parked(key(1), changed).await.unwrap();
    let withdrawal = Intent::WithdrawOrder {
        incident: place(),
        order: key(2),
        reason: String::new(),
    };
    let taken_back = outbox.withdraw(key(2), on(3, 4, withdrawal)).await.unwrap();
    assert_eq!(taken_back, protocol::commands::Withdrawal::Dropped);
    // The first was changed, the second taken back before it was sent.
    for number in [1, 2] {
        let form = on(3, number, send(place(), number as u32));
        let late = outbox.commit(form).await;
        assert!(matches!(late, Err(OutboxError::GivenUp)), "{late:?}");
    }
    assert_eq!(keys(&items(&outbox)), [key(3)]);
}

#[tokio::test]
async fn what_the_log_brings_before_it_is_sent_is_shown_and_own_steps_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, board) = open(dir.path());
    sign_in(&outbox).await;
    outbox.commit(on(3, 1, send(place(), 1))).await.unwrap();
    outbox.commit(on(3, 2, send(place(), 2))).await.unwrap();
    let mut there = incident(1, IncidentState::Dispatched);
    there.steps = 4;
    board.publish_records([domain::situation::Record::Incident(Box::new(there))]);
    assert_eq!(outbox.outdated().len(), 1);
    // The step is that of the first order, whose receipt is still on its way.
    outbox.compare(place(), &[dispatched(4, 1)]);
    let shown = items(&outbox);
    assert_eq!(shown[0].conflict, None, "it is its own effect");
    assert_eq!(shown[1].conflict, None, "it stands on the first");
    assert!(outbox.outdated().is_empty(), "compared once");
    let mut further = incident(1, IncidentState::Dispatched);
    further.steps = 5;
    board.publish_records([domain::situation::Record::Incident(Box::new(further))]);
    outbox.compare(place(), &[dispatched(4, 1), dispatched(5, 70)]);
    let conflict = items(&outbox)[1].conflict.clone().expect("a colleague's");
    assert_eq!(conflict.theirs.steps, 5);
    assert_eq!(conflict.since.len(), 1);
    assert_eq!(items(&outbox)[1].state, OrderState::Queued);
}
