//! Orders: durable before shown, once however often clicked or sent, in order, never lost.

use std::sync::atomic::Ordering;

use domain::trail::{Action, OfficerRole};
use domain::{IntentKey, OrderState};
use protocol::ErrorCode;
use protocol::commands::{
    DropProposal, GetTrail, RetryParked, SendOrder, SetLink, SetMode, WithdrawOrder, Withdrawal,
};
use protocol::feed::LineState;
use testkit::builders::{self, key};

use crate::harness::{
    Street, click, database, hall, note, order, propose, sign_in, staffed_hall, state_of, until,
    until_line,
};

#[tokio::test]
async fn an_order_given_offline_survives_a_restart_and_is_delivered_exactly_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (first, incidents) = staffed_hall(&street, dir.path(), 1).await;
    street.go_down();
    until_line(&first, LineState::Offline).await;

    let proposal = propose(&first, incidents[0]).await;
    first.send_order(click(&proposal)).await.unwrap();
    // The call has returned: it is shown, and it is on the disk.
    let shown = first.picture();
    assert_eq!(state_of(&shown, proposal.keys[0]), Some(OrderState::Queued));
    assert_eq!(shown.outbox.len(), 1);
    let on_disk: String = database(dir.path(), "outbox.db")
        .query_row("SELECT key FROM proposals", [], |row| row.get(0))
        .unwrap();
    assert_eq!(on_disk, proposal.keys[0].to_string());
    first.shutdown().await;
    drop(first);

    let second = hall(&street, dir.path());
    let reopened = second.picture();
    assert_eq!(
        state_of(&reopened, proposal.keys[0]),
        Some(OrderState::Queued)
    );
    assert_eq!(reopened.outbox.len(), 1);
    assert_eq!(
        reopened.officer.as_ref().map(|o| o.role),
        Some(OfficerRole::DutyOfficer)
    );
    assert_eq!(reopened.situation.incidents.len(), 1);
    assert_eq!(reopened.situation.positions.len(), 5);
    until_line(&second, LineState::Offline).await;

    street.come_back();
    let done = until(&second, "the order is sent and has left the outbox", |p| {
        state_of(p, proposal.keys[0]) == Some(OrderState::Sent) && p.outbox.is_empty()
    })
    .await;
    let there = street.snapshot().await.situation;
    assert_eq!(there.orders.len(), 1);
    assert_eq!(done.situation.incidents, there.incidents);
    let given = &there.orders[&proposal.keys[0]];
    assert_eq!(
        given.given_at(),
        shown.situation.orders[&proposal.keys[0]].given_at()
    );
    second.shutdown().await;
}

#[tokio::test]
async fn a_double_click_is_one_order() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    let proposal = propose(&hall, incidents[0]).await;
    let (a, b) = tokio::join!(
        hall.send_order(click(&proposal)),
        hall.send_order(click(&proposal))
    );
    a.unwrap();
    b.unwrap();
    until(&hall, "it is confirmed", |p| {
        state_of(p, proposal.keys[0]) == Some(OrderState::Sent) && p.outbox.is_empty()
    })
    .await;
    // A third click after everything is over changes nothing either.
    hall.send_order(click(&proposal)).await.unwrap();
    assert!(hall.picture().outbox.is_empty());
    assert_eq!(street.snapshot().await.situation.orders.len(), 1);
    assert_eq!(street.seen(), [proposal.keys[0]]);
    hall.shutdown().await;
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_the_backend_acts_once() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    street.faults.lose_answers.store(2, Ordering::SeqCst);
    let proposal = propose(&hall, incidents[0]).await;
    hall.send_order(click(&proposal)).await.unwrap();
    until(&hall, "the outbox is empty", |p| p.outbox.is_empty()).await;
    assert_eq!(street.seen(), [proposal.keys[0]; 3]);
    assert_eq!(street.snapshot().await.situation.orders.len(), 1);
    hall.shutdown().await;
}

#[tokio::test]
async fn a_busy_backend_is_tried_again_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    street.faults.busy.store(4, Ordering::SeqCst);
    let proposal = propose(&hall, incidents[0]).await;
    hall.send_order(click(&proposal)).await.unwrap();
    until(&hall, "the outbox is empty", |p| p.outbox.is_empty()).await;
    assert_eq!(street.seen(), [proposal.keys[0]; 5]);
    hall.shutdown().await;
}

async fn notes_of(hall: &hall_api::Hall, incident: domain::IncidentId) -> Vec<String> {
    let trail = hall.get_trail(GetTrail { incident }).await.unwrap();
    trail
        .into_iter()
        .filter_map(|entry| match entry.action {
            Action::Note { text } => Some(text),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn one_incident_is_first_in_first_out_even_when_answers_are_lost() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 2).await;
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    for number in 1..=12 {
        let incident = incidents[(number % 2) as usize];
        hall.act(note(incident, number)).await.unwrap();
    }
    street.faults.lose_answers.store(5, Ordering::SeqCst);
    street.come_back();
    until(&hall, "the outbox is empty", |p| p.outbox.is_empty()).await;
    for (incident, numbers) in [
        (incidents[1], [1, 3, 5, 7, 9, 11]),
        (incidents[0], [2, 4, 6, 8, 10, 12]),
    ] {
        let expected = numbers.map(|n| format!("备注 {n}"));
        assert_eq!(notes_of(&hall, incident).await, expected);
    }
    hall.shutdown().await;
}

#[tokio::test]
async fn a_refused_order_is_parked_and_holds_up_only_what_was_queued_behind_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 2).await;
    let (a, b) = (incidents[0], incidents[1]);
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    let (first, poison, other) = (key(1), key(2), key(3));
    hall.send_order(order(first, a, 1)).await.unwrap();
    // The same person again: the backend says no.
    hall.send_order(order(poison, a, 1)).await.unwrap();
    hall.act(note(a, 4)).await.unwrap();
    hall.send_order(order(other, b, 2)).await.unwrap();
    street.come_back();
    let parked = until(&hall, "the poison is parked and the rest is done", |p| {
        state_of(p, poison) == Some(OrderState::Parked)
            && state_of(p, first) == Some(OrderState::Sent)
            && state_of(p, other) == Some(OrderState::Sent)
            && p.outbox.len() == 2
    })
    .await;
    assert_eq!(parked.outbox[0].proposal.key, poison);
    assert_eq!(parked.outbox[0].state, OrderState::Parked);
    assert!(
        parked.outbox[0]
            .last_error
            .as_ref()
            .unwrap()
            .contains("P000001")
    );
    assert_eq!(parked.outbox[1].state, OrderState::Queued);
    assert!(
        parked.outbox[1]
            .last_error
            .as_ref()
            .unwrap()
            .contains("parked")
    );
    assert!(notes_of(&hall, a).await.is_empty());

    // What is composed with the refusal in sight goes on where nothing older waits.
    hall.act(note(b, 5)).await.unwrap();
    until(&hall, "the other incident goes on", |p| p.outbox.len() == 2).await;

    hall.retry_parked(RetryParked { key: poison })
        .await
        .unwrap();
    until(&hall, "it is refused again", |p| {
        p.outbox
            .first()
            .is_some_and(|i| i.state == OrderState::Parked && i.attempts >= 2)
    })
    .await;
    hall.drop_proposal(DropProposal { key: poison })
        .await
        .unwrap();
    until(&hall, "the note behind it has gone out", |p| {
        p.outbox.is_empty()
    })
    .await;
    assert_eq!(notes_of(&hall, a).await, ["备注 4"]);
    assert_eq!(
        state_of(&hall.picture(), poison),
        Some(OrderState::Withdrawn)
    );
    assert_eq!(street.snapshot().await.situation.orders.len(), 2);
    hall.shutdown().await;
}

#[tokio::test]
async fn an_unsent_order_is_dropped_without_a_trace() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    let proposal = propose(&hall, incidents[0]).await;
    hall.send_order(click(&proposal)).await.unwrap();
    let withdraw = WithdrawOrder {
        order: proposal.keys[0],
        reason: "误派".to_owned(),
        seen: None,
    };
    assert_eq!(
        hall.withdraw_order(withdraw.clone()).await.unwrap(),
        Withdrawal::Dropped
    );
    let picture = hall.picture();
    assert!(picture.outbox.is_empty());
    assert_eq!(
        state_of(&picture, proposal.keys[0]),
        Some(OrderState::Withdrawn)
    );
    let again = hall.withdraw_order(withdraw).await.unwrap_err();
    assert_eq!(again.code, ErrorCode::NotAllowedNow);
    let late_click = hall.send_order(click(&proposal)).await.unwrap_err();
    assert_eq!(late_click.code, ErrorCode::NotAllowedNow);
    // A new look at the incident is a new intent.
    let renewed = propose(&hall, incidents[0]).await;
    assert_ne!(renewed.keys[0], proposal.keys[0]);
    street.come_back();
    until_line(&hall, LineState::Online).await;
    hall.send_order(click(&renewed)).await.unwrap();
    until(&hall, "the renewed order is confirmed", |p| {
        state_of(p, renewed.keys[0]) == Some(OrderState::Sent) && p.outbox.is_empty()
    })
    .await;
    assert_eq!(street.seen(), [renewed.keys[0]]);
    hall.shutdown().await;
}

#[tokio::test]
async fn a_sent_order_is_withdrawn_by_an_order_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    let proposal = propose(&hall, incidents[0]).await;
    hall.send_order(click(&proposal)).await.unwrap();
    until(&hall, "it is sent", |p| {
        state_of(p, proposal.keys[0]) == Some(OrderState::Sent) && p.outbox.is_empty()
    })
    .await;
    let withdraw = WithdrawOrder {
        order: proposal.keys[0],
        reason: "误派".to_owned(),
        seen: None,
    };
    let (a, b) = tokio::join!(
        hall.withdraw_order(withdraw.clone()),
        hall.withdraw_order(withdraw)
    );
    assert_eq!(
        (a.unwrap(), b.unwrap()),
        (Withdrawal::Queued, Withdrawal::Queued)
    );
    until(&hall, "the backend has withdrawn it", |p| {
        state_of(p, proposal.keys[0]) == Some(OrderState::Withdrawn) && p.outbox.is_empty()
    })
    .await;
    assert_eq!(street.seen().len(), 2);
    hall.shutdown().await;
}

#[tokio::test]
async fn an_ended_session_keeps_orders_queued_and_says_so_until_the_officer_signs_in() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    let officer = builders::officer(OfficerRole::DutyOfficer).id;
    street.backend.revoke_sessions(&officer).unwrap();
    let proposal = propose(&hall, incidents[0]).await;
    hall.send_order(click(&proposal)).await.unwrap();
    let waiting = until(&hall, "the queue says that a sign-in is needed", |p| {
        p.outbox
            .first()
            .and_then(|item| item.last_error.as_ref())
            .is_some_and(|error| error.contains("signs in again"))
    })
    .await;
    assert_eq!(waiting.outbox[0].state, OrderState::Queued);
    assert_eq!(waiting.line.state, LineState::Online);
    sign_in(&hall).await;
    until(&hall, "it is sent", |p| {
        state_of(p, proposal.keys[0]) == Some(OrderState::Sent) && p.outbox.is_empty()
    })
    .await;
    hall.shutdown().await;
}

#[tokio::test]
async fn a_queued_order_keeps_its_officer_after_the_sign_out() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    let proposal = propose(&hall, incidents[0]).await;
    hall.send_order(click(&proposal)).await.unwrap();
    hall.sign_out().await.unwrap();
    assert_eq!(hall.picture().officer, None);
    street.come_back();
    until(&hall, "it is sent", |p| {
        state_of(p, proposal.keys[0]) == Some(OrderState::Sent) && p.outbox.is_empty()
    })
    .await;
    let there = street.snapshot().await.situation;
    let officer = builders::officer(OfficerRole::DutyOfficer).id;
    assert_eq!(there.orders[&proposal.keys[0]].by, officer);
    // With the queue empty the token has gone from the disk.
    let left: i64 = database(dir.path(), "outbox.db")
        .query_row("SELECT count(*) FROM sessions", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0);
    hall.shutdown().await;
}

#[tokio::test]
async fn the_drill_switch_holds_orders_back_and_lets_them_go() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    hall.set_link(SetLink { enabled: false }).await.unwrap();
    until_line(&hall, LineState::SwitchedOff).await;
    let proposal = propose(&hall, incidents[0]).await;
    hall.send_order(click(&proposal)).await.unwrap();
    hall.set_mode(SetMode {
        key: key(9),
        mode: domain::intents::Mode::EmergencyBlue,
        is_drill: false,
    })
    .await
    .unwrap();
    let later = street.report(2).await;
    assert_eq!(hall.picture().outbox.len(), 2);
    assert_eq!(street.seen(), Vec::<IntentKey>::new());
    hall.set_link(SetLink { enabled: true }).await.unwrap();
    until(&hall, "everything has arrived on both sides", |p| {
        p.outbox.is_empty() && p.situation.incidents.contains_key(&later)
    })
    .await;
    assert_eq!(street.seen().len(), 2);
    hall.shutdown().await;
}

#[tokio::test]
async fn a_key_stands_for_one_intent_while_the_proposal_stays() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 2).await;
    let proposal = propose(&hall, incidents[0]).await;
    assert_eq!(proposal.candidates.len(), 5);
    assert_eq!(proposal.candidates[0].person, domain::PersonId(1));
    assert!(proposal.candidates[0].is_offered());
    assert!(proposal.route.len() >= 2);
    assert!(proposal.instruction.contains("锦川路 12 号"));
    assert_eq!(propose(&hall, incidents[0]).await.keys[0], proposal.keys[0]);
    assert_ne!(propose(&hall, incidents[1]).await.keys[0], proposal.keys[0]);
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    hall.send_order(click(&proposal)).await.unwrap();
    let other_person = order(proposal.keys[0], incidents[0], 3);
    let refused = hall.send_order(other_person).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotAllowedNow);
    // Somebody who is on the way already is not proposed a second time.
    let next = propose(&hall, incidents[0]).await;
    assert!(!next.keys.contains(&proposal.keys[0]));
    assert!(
        next.candidates
            .iter()
            .all(|c| c.person != proposal.candidates[0].person)
    );
    hall.shutdown().await;
}

#[tokio::test]
async fn whoever_is_chosen_without_the_line_everybody_else_can_be_sent_as_well() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    let proposal = propose(&hall, incidents[0]).await;
    let second = &proposal.candidates[1];
    let click_on_second = SendOrder {
        key: proposal.key_of(second.person).unwrap(),
        to: second.person,
        ..click(&proposal)
    };
    hall.send_order(click_on_second.clone()).await.unwrap();
    // The second of two clicks is the same intent.
    hall.send_order(click_on_second.clone()).await.unwrap();
    let again = propose(&hall, incidents[0]).await;
    assert_eq!(again.key_of(second.person), None, "is on the way");
    assert_eq!(again.keys[0], proposal.keys[0], "the first is as before");
    hall.send_order(click(&again)).await.unwrap();
    let both = hall.picture().outbox;
    assert_eq!(both.len(), 2, "{both:#?}");

    street.come_back();
    let done = until(&hall, "both have left the outbox", |p| p.outbox.is_empty()).await;
    for key in [click_on_second.key, proposal.keys[0]] {
        assert_eq!(state_of(&done, key), Some(OrderState::Sent));
    }
    hall.shutdown().await;
}

#[tokio::test]
async fn what_has_not_left_can_be_taken_back_also_by_the_next_officer() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    let incident = incidents[0];
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    let red = SetMode {
        key: key(7),
        mode: domain::modes::Mode::EmergencyRed,
        is_drill: false,
    };
    hall.set_mode(red).await.unwrap();
    hall.act(note(incident, 8)).await.unwrap();
    hall.act(note(incident, 9)).await.unwrap();
    assert!(hall.picture().outbox.iter().all(|item| item.can_drop));
    hall.sign_out().await.unwrap();
    let refused = hall.drop_proposal(DropProposal { key: key(7) }).await;
    assert_eq!(refused.unwrap_err().code, ErrorCode::SignInNeeded);
    sign_in(&hall).await;
    for number in [7, 8] {
        let taken_back = DropProposal { key: key(number) };
        hall.drop_proposal(taken_back).await.unwrap();
    }
    let left: Vec<_> = hall
        .picture()
        .outbox
        .iter()
        .map(|i| i.proposal.key)
        .collect();
    assert_eq!(left, [key(9)]);

    street.come_back();
    until(&hall, "the other note is recorded", |p| p.outbox.is_empty()).await;
    assert_eq!(street.seen(), [key(9)]);
    assert_eq!(
        street.snapshot().await.situation.mode.session,
        domain::modes::Mode::Normal.into()
    );
    let refused = hall.drop_proposal(DropProposal { key: key(9) }).await;
    assert_eq!(refused.unwrap_err().code, ErrorCode::NotFound);
    hall.shutdown().await;
}
