//! A backend that was restored from a backup has forgotten what came after it: the hall notices, also
//! when the backend has meanwhile got further than the hall ever saw, and loses nothing silently.

use std::sync::atomic::Ordering;

use domain::trail::OfficerRole;
use domain::{IncidentId, IncidentState, IntentKey, OrderState};
use hall_api::Hall;
use protocol::commands::{SeenIncident, SendOrder, SignInOfficer, WithdrawOrder};
use protocol::feed::{LineState, NoticeKind};
use testkit::builders::{self, key};

use crate::harness::{
    Street, back_up, click, database, hall, order, propose, staffed_hall, state_of, until,
    until_line,
};

/// Reports that nobody but the backend hears of, more than the hall has seen changes.
fn live_on(street: &Street) {
    for number in 100..130 {
        let report = builders::report(number, street.clock.now());
        street.backend.report(&report).expect("it is taken");
    }
}

fn cursor_of(dir: &std::path::Path) -> u64 {
    let cursor: i64 = database(dir, "cache.db")
        .query_row("SELECT cursor FROM progress", [], |row| row.get(0))
        .unwrap();
    cursor as u64
}

/// The hall shows what the backend has, and has said that something was replaced.
async fn shows_what_the_backend_has(hall: &Hall, street: &Street) {
    let right = street.snapshot().await.situation;
    until(hall, "it shows what the backend has", |p| {
        p.line.state == LineState::Online && p.situation.incidents == right.incidents
    })
    .await;
}

#[tokio::test]
async fn a_backend_that_forgot_and_has_since_passed_the_hall_is_noticed() {
    let (dir, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut street = Street::up_in(data.path());
    let (hall, _) = staffed_hall(&street, dir.path(), 1).await;
    let backup = back_up(data.path());
    let forgotten = street.report(2).await;
    until(&hall, "the second matter is shown", |p| {
        p.situation.incidents.contains_key(&forgotten)
    })
    .await;
    let seen = cursor_of(dir.path());

    street.restore(backup.path());
    live_on(&street);
    assert!(street.backend.snapshot(None).unwrap().cursor > seen);
    let before = hall.picture().situation.incidents[&forgotten].clone();
    street.come_back();
    shows_what_the_backend_has(&hall, &street).await;
    let picture = hall.picture();
    // Another matter has got the number of the forgotten one, and is the one that is shown.
    assert_ne!(picture.situation.incidents[&forgotten].title, "");
    assert_ne!(picture.situation.incidents[&forgotten], before);
    let notices = picture.notices;
    assert!(notices.iter().any(|n| n.kind == NoticeKind::LogReplaced));
    let again = street.report(3).await;
    until(&hall, "the new log is followed", |p| {
        p.situation.incidents.contains_key(&again)
    })
    .await;
    hall.shutdown().await;
}

#[tokio::test]
async fn a_backend_that_is_only_started_anew_is_followed_from_where_the_hall_is() {
    let (dir, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut street = Street::up_in(data.path());
    let (hall, _) = staffed_hall(&street, dir.path(), 1).await;
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    let copy = back_up(data.path());
    street.restore(copy.path());
    street.come_back();
    let new = street.report(2).await;
    let picture = until(&hall, "the new matter is shown", |p| {
        p.situation.incidents.contains_key(&new)
    })
    .await;
    assert_eq!(picture.situation.incidents.len(), 2);
    assert!(picture.notices.is_empty(), "{:?}", picture.notices);
    hall.shutdown().await;
}

/// Whatever is wanted about a matter that a restored backend has forgotten does not reach the one
/// that bears its number by then, whether it was queued before or came from a form that was open.
#[tokio::test]
async fn what_was_wanted_about_a_forgotten_matter_does_not_reach_the_one_with_its_number() {
    let (dir, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut street = Street::up_in(data.path());
    let (hall, _) = staffed_hall(&street, dir.path(), 1).await;
    let backup = back_up(data.path());
    street.clock.turn(1_000);
    let forgotten = street.report(2).await;
    let shown = until(&hall, "the second matter is shown", |p| {
        p.situation.incidents.contains_key(&forgotten)
    })
    .await;
    let meant = shown.situation.incidents[&forgotten].clone();
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    hall.send_order(order(key(1), forgotten, 1)).await.unwrap();

    street.restore(backup.path());
    street.clock.turn(1_000);
    live_on(&street);
    street.come_back();
    shows_what_the_backend_has(&hall, &street).await;
    assert!(hall.picture().situation.incidents.contains_key(&forgotten));
    let from_open_form = SendOrder {
        seen: Some(SeenIncident::of(&meant)),
        ..order(key(2), forgotten, 2)
    };
    hall.send_order(from_open_form).await.unwrap();
    let refused = until(&hall, "both are refused", |p| {
        let mut items = p.outbox.iter();
        p.outbox.len() == 2 && items.all(|item| item.state == OrderState::Parked)
    })
    .await;
    for item in &refused.outbox {
        let reason = item.last_error.as_deref().unwrap_or_default();
        assert!(reason.contains("another incident now"), "{item:?}");
        assert_eq!(item.conflict, None);
    }
    assert!(street.snapshot().await.situation.orders.is_empty());
    // Whoever looks at what bears the number now and sends somebody there is understood.
    hall.send_order(order(key(3), forgotten, 3)).await.unwrap();
    until(&hall, "it is sent", |p| {
        p.outbox.len() == 2 && state_of(p, key(3)) == Some(OrderState::Sent)
    })
    .await;
    hall.shutdown().await;
}

/// Whoever has signed in without the line is signed in by the hall, also where a token that seemed
/// to be good is one that the restored backend has never given.
#[tokio::test]
async fn an_officer_signed_in_without_the_line_is_not_asked_again_by_a_backend_that_forgot() {
    let (dir, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut street = Street::up_in(data.path());
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    hall.sign_out().await.unwrap();
    let backup = back_up(data.path());
    let sign_in = || {
        hall.sign_in(SignInOfficer {
            officer: builders::officer(OfficerRole::DutyOfficer).id,
            pin: builders::PIN.to_owned(),
        })
    };
    sign_in().await.expect("with the line");
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    sign_in().await.expect("without the line");
    assert!(!hall.picture().is_offline_sign_in, "the token stays");
    hall.send_order(order(key(1), incidents[0], 1))
        .await
        .unwrap();
    street.restore(backup.path());
    street.come_back();
    let picture = until(&hall, "it has arrived", |p| {
        p.outbox.is_empty() && state_of(p, key(1)) == Some(OrderState::Sent)
    })
    .await;
    let kinds: Vec<_> = picture.notices.iter().map(|notice| notice.kind).collect();
    assert!(!kinds.contains(&NoticeKind::SignInAgain), "{kinds:?}");
    hall.shutdown().await;
}

/// Gives an order that the backend acknowledges and whose effect the hall does not see.
async fn acknowledged_unseen(street: &Street, desk: &Hall, incident: IncidentId) -> IntentKey {
    street
        .faults
        .withholds_changes
        .store(true, Ordering::SeqCst);
    // The hall has one question for changes open at a time: now it is one without an answer.
    while street.faults.withheld.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    let proposal = propose(desk, incident).await;
    desk.send_order(click(&proposal)).await.unwrap();
    let sent = until(desk, "the order is acknowledged", |p| {
        state_of(p, proposal.keys[0]) == Some(OrderState::Sent)
    })
    .await;
    assert_eq!(sent.outbox.len(), 1, "its effect has not been seen");
    proposal.keys[0]
}

/// The backend is replaced by an older one, in which other things have happened since.
fn goes_back(street: &mut Street, backup: &std::path::Path) {
    street.restore(backup);
    live_on(street);
    street
        .faults
        .withholds_changes
        .store(false, Ordering::SeqCst);
    street.come_back();
}

/// The order arrives under its key once more, and is seen.
async fn is_sent_again(street: &Street, desk: &Hall, order: IntentKey, incident: IncidentId) {
    until(desk, "it is sent again and then seen", |p| {
        p.outbox.is_empty() && state_of(p, order) == Some(OrderState::Sent)
    })
    .await;
    assert_eq!(street.seen(), [order, order]);
    let there = street.snapshot().await.situation;
    assert_eq!(there.orders.len(), 1);
    assert_eq!(there.incidents[&incident].state, IncidentState::Dispatched);
}

async fn acknowledged_and_forgotten(has_seen_more: bool, restarts: bool) {
    let (dir, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut street = Street::up_in(data.path());
    let (mut desk, incidents) = staffed_hall(&street, dir.path(), 1).await;
    let backup = back_up(data.path());
    if has_seen_more {
        let more = street.report(2).await;
        until(&desk, "the hall is further than the backup", |p| {
            p.situation.incidents.contains_key(&more)
        })
        .await;
    }
    let order = acknowledged_unseen(&street, &desk, incidents[0]).await;
    if restarts {
        desk.shutdown().await;
    }
    goes_back(&mut street, backup.path());
    if restarts {
        desk = hall(&street, dir.path());
    }
    is_sent_again(&street, &desk, order, incidents[0]).await;
    desk.shutdown().await;
}

#[tokio::test]
async fn what_was_acknowledged_and_forgotten_is_sent_again_under_its_key() {
    acknowledged_and_forgotten(false, false).await;
}

#[tokio::test]
async fn what_was_acknowledged_and_forgotten_is_sent_again_to_a_log_that_forgot_more() {
    acknowledged_and_forgotten(true, false).await;
}

#[tokio::test]
async fn what_was_acknowledged_and_forgotten_is_sent_again_after_a_restart_of_the_hall() {
    acknowledged_and_forgotten(false, true).await;
    acknowledged_and_forgotten(true, true).await;
}

/// Its officer has handed the desk over by then, and does not have to come back for it.
#[tokio::test]
async fn what_was_acknowledged_and_forgotten_is_sent_again_after_its_officer_has_left() {
    let (dir, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut street = Street::up_in(data.path());
    let (desk, incidents) = staffed_hall(&street, dir.path(), 1).await;
    let backup = back_up(data.path());
    let order = acknowledged_unseen(&street, &desk, incidents[0]).await;
    let colleague = SignInOfficer {
        officer: builders::officer(OfficerRole::ShiftLeader).id,
        pin: builders::PIN.to_owned(),
    };
    desk.sign_in(colleague).await.expect("with the line");
    goes_back(&mut street, backup.path());
    is_sent_again(&street, &desk, order, incidents[0]).await;
    desk.shutdown().await;
}

#[tokio::test]
async fn what_was_taken_back_is_proposed_anew_also_when_it_is_shown_no_longer() {
    let (dir, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut street = Street::up_in(data.path());
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    let backup = back_up(data.path());
    // What the backend will have forgotten makes the hall fetch everything anew.
    let forgotten = street.report(2).await;
    until(&hall, "the second matter is shown", |p| {
        p.situation.incidents.contains_key(&forgotten)
    })
    .await;
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    let taken_back = propose(&hall, incidents[0]).await;
    hall.send_order(click(&taken_back)).await.unwrap();
    let withdraw = WithdrawOrder {
        order: taken_back.keys[0],
        reason: "误派".to_owned(),
        seen: None,
    };
    hall.withdraw_order(withdraw).await.unwrap();
    // Nobody but this hall has ever heard of that order.
    street.restore(backup.path());
    street.come_back();
    until(&hall, "it is shown no longer", |p| {
        p.line.state == LineState::Online && state_of(p, taken_back.keys[0]).is_none()
    })
    .await;
    let anew = propose(&hall, incidents[0]).await;
    assert_ne!(anew.keys[0], taken_back.keys[0]);
    hall.send_order(click(&anew)).await.unwrap();
    until(&hall, "it is recorded", |p| {
        p.outbox.is_empty() && state_of(p, anew.keys[0]) == Some(OrderState::Sent)
    })
    .await;
    hall.shutdown().await;
}
