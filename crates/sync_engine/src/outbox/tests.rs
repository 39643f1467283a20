//! The outbox over a real database: a full disk, and a process that ends at any moment.

use std::sync::Arc;

use domain::{OrderState, Situation};
use protocol::commands::Withdrawal;
use testkit::builders::{incident, key, proposal, send};

use super::queue::Answer;
use super::*;
use crate::clock::SystemClock;
use crate::store::OutboxDb;

pub(super) fn open(dir: &std::path::Path) -> (Arc<Outbox>, Arc<Board>) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let keys = crate::store::keys::find(dir, None, clock.now()).unwrap();
    let (db, stored) = OutboxDb::open(dir, &keys, clock.now()).unwrap();
    let board = Arc::new(Board::new(
        Arc::clone(&clock),
        Situation::default(),
        0,
        Board::untried_line("here", clock.now(), None, 0),
    ));
    let outbox = Outbox::new(
        (Box::new(db), stored),
        "here".to_owned(),
        Arc::clone(&board),
        clock,
        Pace::default(),
        Jitter::seeded(1),
        None,
    );
    (outbox, board)
}

pub(super) async fn sign_in(outbox: &Arc<Outbox>) {
    sign_in_with(outbox, "token").await;
}

async fn sign_in_with(outbox: &Arc<Outbox>, token: &str) {
    let officer = testkit::builders::officer(domain::trail::OfficerRole::DutyOfficer);
    outbox
        .sign_in(Session {
            backend: "here".to_owned(),
            officer,
            token: Some(token.to_owned()),
            expires_at: domain::Timestamp::default(),
            signed_in: true,
        })
        .await
        .unwrap();
}

fn to(person: u32) -> domain::Intent {
    send(incident(1, domain::IncidentState::Filed).id, person)
}

fn withdrawal_of(order: IntentKey) -> domain::Intent {
    domain::Intent::WithdrawOrder {
        incident: incident(1, domain::IncidentState::Filed).id,
        order,
        reason: String::new(),
    }
}

/// A receipt whose effect stands at this place of the log.
fn receipt_at(cursor: u64) -> Answer {
    Answer::Receipt {
        recorded_at: domain::Timestamp::default(),
        cursor,
    }
}

#[tokio::test]
async fn a_full_disk_refuses_the_order_and_leaves_nothing_half_written() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, board) = open(dir.path());
    outbox.commit(proposal(1, to(1))).await.unwrap();
    outbox.limit_pages(1).await;
    let mut number = 2;
    let refused = loop {
        // The last page still takes some rows.
        if let Err(error) = outbox.commit(proposal(number, to(1))).await {
            break error;
        }
        number += 1;
        assert!(number < 10_000, "the limit does not work");
    };
    assert!(
        matches!(&refused, OutboxError::Store(StoreError::DiskFull { path }) if path.ends_with("outbox.db")),
        "{refused:?}"
    );
    let kept = number as usize - 1;
    assert_eq!(board.picture().outbox.len(), kept);
    assert!(board.order(key(number)).is_none());
    outbox.limit_pages(1 << 20).await;
    outbox.commit(proposal(number, to(1))).await.unwrap();
    outbox.close().await;
    let (again, board) = open(dir.path());
    assert_eq!(again.items().len(), kept + 1);
    assert_eq!(board.order(key(1)).unwrap().state(), OrderState::Queued);
}

#[tokio::test]
async fn what_has_left_is_known_after_a_restart_and_is_withdrawn_by_an_order() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, _board) = open(dir.path());
    sign_in(&outbox).await;
    outbox.commit(proposal(1, to(1))).await.unwrap();
    outbox.commit(proposal(2, to(2))).await.unwrap();
    assert!(
        outbox.take_due(8).await.unwrap().is_empty(),
        "the line is down"
    );
    outbox.set_line(true);
    let jobs = outbox.take_due(8).await.unwrap();
    assert_eq!(jobs.len(), 1, "one incident, one at a time");
    assert_eq!(jobs[0].proposal.key, key(1));
    // The process ends before an answer comes.
    outbox.close().await;
    drop(outbox);

    let (outbox, board) = open(dir.path());
    let take_back = |number, order| outbox.withdraw(order, proposal(number, withdrawal_of(order)));
    assert_eq!(take_back(3, key(1)).await.unwrap(), Withdrawal::Queued);
    assert_eq!(take_back(4, key(1)).await.unwrap(), Withdrawal::Queued);
    assert_eq!(take_back(5, key(2)).await.unwrap(), Withdrawal::Dropped);
    let keys: Vec<_> = outbox.items().iter().map(|i| i.proposal.key).collect();
    assert_eq!(keys, [key(1), key(3)]);
    assert_eq!(board.order(key(2)).unwrap().state(), OrderState::Withdrawn);
}

#[tokio::test]
async fn what_may_have_arrived_before_a_restart_is_not_dropped_after_a_failed_try() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, _board) = open(dir.path());
    sign_in(&outbox).await;
    outbox.set_line(true);
    outbox.commit(proposal(1, to(1))).await.unwrap();
    assert_eq!(outbox.take_due(8).await.unwrap().len(), 1);
    // The backend may have it; the process ends before an answer comes.
    outbox.close().await;
    drop(outbox);

    let (outbox, _board) = open(dir.path());
    outbox.set_line(true);
    let jobs = outbox.take_due(8).await.unwrap();
    let no_connection = Answer::Failed {
        detail: "refused".to_owned(),
        never_left: true,
    };
    outbox.answered(jobs[0].seq, no_connection).await.unwrap();
    let withdrawal = withdrawal_of(key(1));
    let taken_back = outbox.withdraw(key(1), proposal(2, withdrawal)).await;
    assert_eq!(taken_back.unwrap(), Withdrawal::Queued);
}

#[tokio::test]
async fn after_a_withdrawal_that_was_refused_the_order_can_be_withdrawn_again() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, _board) = open(dir.path());
    sign_in(&outbox).await;
    outbox.set_line(true);
    outbox.commit(proposal(1, to(1))).await.unwrap();
    let jobs = outbox.take_due(8).await.unwrap();
    let receipt = receipt_at(7);
    outbox.answered(jobs[0].seq, receipt).await.unwrap();
    let withdraw = |number| outbox.withdraw(key(1), proposal(number, withdrawal_of(key(1))));
    assert_eq!(withdraw(2).await.unwrap(), Withdrawal::Queued);
    let jobs = outbox.take_due(8).await.unwrap();
    assert_eq!(jobs[0].proposal.key, key(2));
    let refused = Answer::Refused {
        code: protocol::ErrorCode::NotAllowedNow,
        message: "a reason is needed".to_owned(),
        conflict: None,
    };
    outbox.answered(jobs[0].seq, refused).await.unwrap();
    assert_eq!(withdraw(3).await.unwrap(), Withdrawal::Queued);
    let jobs = outbox.take_due(8).await.unwrap();
    let sent: Vec<_> = jobs.iter().map(|job| job.proposal.key).collect();
    assert_eq!(
        sent,
        [key(3)],
        "the refused one waits for the officer, not this one"
    );
}

#[tokio::test]
async fn an_acknowledged_order_stays_until_the_cache_has_its_effect() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, board) = open(dir.path());
    sign_in(&outbox).await;
    outbox.set_line(true);
    outbox.commit(proposal(1, to(1))).await.unwrap();
    let jobs = outbox.take_due(8).await.unwrap();
    let receipt = receipt_at(7);
    outbox.answered(jobs[0].seq, receipt).await.unwrap();
    outbox.confirm(6).await.unwrap();
    outbox.close().await;
    drop((outbox, board));
    let (outbox, board) = open(dir.path());
    assert_eq!(board.order(key(1)).unwrap().state(), OrderState::Sent);
    assert_eq!(outbox.items()[0].state, OrderState::Sent);
    outbox.confirm(7).await.unwrap();
    assert!(outbox.items().is_empty());

    // A receipt that comes after its effect is in the cache is the end of it.
    outbox.set_line(true);
    outbox.commit(proposal(2, to(1))).await.unwrap();
    let jobs = outbox.take_due(8).await.unwrap();
    let late = receipt_at(7);
    outbox.answered(jobs[0].seq, late).await.unwrap();
    assert!(outbox.items().is_empty());
}

#[tokio::test]
async fn an_order_that_is_tried_again_stays_parked_over_a_restart_until_it_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, board) = open(dir.path());
    sign_in(&outbox).await;
    outbox.set_line(true);
    outbox.commit(proposal(1, to(1))).await.unwrap();
    let jobs = outbox.take_due(8).await.unwrap();
    let refused = Answer::Refused {
        code: protocol::ErrorCode::NotAllowedNow,
        message: "not now".to_owned(),
        conflict: None,
    };
    outbox.answered(jobs[0].seq, refused).await.unwrap();
    outbox.set_line(false);
    outbox.retry_parked(key(1)).await.unwrap();
    assert_eq!(board.order(key(1)).unwrap().state(), OrderState::Parked);
    outbox.close().await;
    drop((outbox, board));

    let (outbox, board) = open(dir.path());
    assert_eq!(board.order(key(1)).unwrap().state(), OrderState::Parked);
    outbox.set_line(true);
    let jobs = outbox.take_due(8).await.unwrap();
    let receipt = receipt_at(7);
    outbox.answered(jobs[0].seq, receipt).await.unwrap();
    assert_eq!(board.order(key(1)).unwrap().state(), OrderState::Sent);
}

#[tokio::test]
async fn the_record_of_the_backend_is_not_covered_by_what_was_shown_before_it_came() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, board) = open(dir.path());
    sign_in(&outbox).await;
    outbox.set_line(true);
    outbox.commit(proposal(1, to(1))).await.unwrap();
    let jobs = outbox.take_due(8).await.unwrap();
    let receipt = receipt_at(7);
    outbox.answered(jobs[0].seq, receipt).await.unwrap();
    let mut record = board.order(key(1)).unwrap();
    record.stamps[0].at = record.stamps[0].at.plus_ms(-60_000);
    let mut situation = Situation::default();
    situation.orders.insert(record.id, record.clone());
    outbox.show_over(situation).await;
    assert_eq!(board.order(key(1)), Some(record));
}

#[tokio::test]
async fn an_answer_that_a_full_disk_cannot_keep_is_not_shown_and_asked_for_again() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, board) = open(dir.path());
    sign_in(&outbox).await;
    outbox.set_line(true);
    outbox.commit(proposal(1, to(1))).await.unwrap();
    outbox.limit_pages(1).await;
    let refused = || Answer::Refused {
        code: protocol::ErrorCode::NotAllowedNow,
        message: "no ".repeat(50_000),
        conflict: None,
    };
    let jobs = outbox.take_due(8).await.unwrap();
    let error = outbox.answered(jobs[0].seq, refused()).await.unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error:?}");
    assert_eq!(board.order(key(1)).unwrap().state(), OrderState::Queued);
    assert_eq!(outbox.items()[0].state, OrderState::Queued);
    assert!(outbox.next_try_in().is_some());

    outbox.limit_pages(1 << 20).await;
    outbox.set_line(false);
    outbox.set_line(true);
    let jobs = outbox.take_due(8).await.unwrap();
    outbox.answered(jobs[0].seq, refused()).await.unwrap();
    assert_eq!(board.order(key(1)).unwrap().state(), OrderState::Parked);
}

#[tokio::test]
async fn who_has_left_keeps_a_session_until_what_was_sent_has_come() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, _board) = open(dir.path());
    sign_in(&outbox).await;
    outbox.meet_log(&LogId("before".to_owned())).await.unwrap();
    outbox.set_line(true);
    outbox.commit(proposal(1, to(1))).await.unwrap();
    let jobs = outbox.take_due(8).await.unwrap();
    let receipt = receipt_at(7);
    outbox.answered(jobs[0].seq, receipt).await.unwrap();
    outbox.sign_out().await.unwrap();
    assert!(!outbox.owes_ends(), "not to be ended yet");
    assert!(outbox.without_token().is_empty());
    // A backup is put in the backend's place before the hall has seen the effect.
    outbox.meet_log(&LogId("after".to_owned())).await.unwrap();
    let jobs = outbox.take_due(8).await.unwrap();
    let sent: Vec<_> = jobs.iter().map(|job| job.proposal.key).collect();
    assert_eq!(sent, [key(1)], "nobody has to sign in for it");
    outbox.answered(jobs[0].seq, receipt_at(3)).await.unwrap();
    assert_eq!(outbox.state().sessions.len(), 1);
    outbox.confirm(3).await.unwrap();
    assert!(outbox.state().sessions.is_empty(), "now it is idle");
    assert_eq!(outbox.take_ended().len(), 1, "and the backend is told");
}

#[tokio::test]
async fn an_answer_about_an_old_session_does_not_spoil_the_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, _board) = open(dir.path());
    sign_in_with(&outbox, "old").await;
    outbox.set_line(true);
    outbox.commit(proposal(1, to(1))).await.unwrap();
    let jobs = outbox.take_due(8).await.unwrap();
    sign_in_with(&outbox, "new").await;
    let ended = Answer::SignInNeeded {
        token: jobs[0].token.clone(),
        message: "sign in again".to_owned(),
    };
    outbox.answered(jobs[0].seq, ended).await.unwrap();
    let again = outbox.take_due(8).await.unwrap();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].token, "new");
}

#[tokio::test]
async fn those_that_always_fail_keep_no_other_incident_from_its_turn() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, _board) = open(dir.path());
    sign_in(&outbox).await;
    outbox.set_line(true);
    let about = |number: u32| send(incident(number, domain::IncidentState::Filed).id, 1);
    for number in 1..=8 {
        outbox
            .commit(proposal(number.into(), about(number)))
            .await
            .unwrap();
    }
    for job in outbox.take_due(8).await.unwrap() {
        let failed = Answer::Failed {
            detail: "503".to_owned(),
            never_left: false,
        };
        outbox.answered(job.seq, failed).await.unwrap();
    }
    outbox.commit(proposal(9, about(9))).await.unwrap();
    assert!(
        outbox.take_due(1).await.unwrap().is_empty(),
        "one pause for all"
    );
    // By then the pauses of the eight are over as well.
    tokio::time::sleep(Pace::default().first_backoff).await;
    let next = outbox.take_due(1).await.unwrap();
    assert_eq!(next[0].proposal.key, key(9));
}
