//! Colleagues who act while the hall is cut off: both versions are shown, and the officer sends
//! anyway, changes or drops, each once, also over a restart.

use std::path::Path;

use domain::conflicts::Conflict;
use domain::trail::{Action, Actor, OfficerRole};
use domain::{IncidentId, IncidentState, Intent, IntentKey, Level, OrderState, PersonId, Proposal};
use hall_api::Hall;
use protocol::ErrorCode;
use protocol::commands::{
    Act, DropProposal, GetTrail, SeenIncident, SendAnyway, SendOrder, SetLink, WindowKind,
};
use protocol::feed::{Frame, LineState, Picture};
use testkit::builders::{self, key};

use crate::harness::{
    Street, click, hall, order, propose, sign_in, staffed_hall, state_of, until, until_line,
};

/// Key of the order that our officer gives while the hall is cut off.
const OURS: u128 = 1;
/// Key of the wish that takes its place.
const SECOND: u128 = 2;
/// Key of the colleague's order.
const THEIRS: u128 = 70;

async fn cut_off(hall: &Hall) {
    hall.set_link(SetLink { enabled: false }).await.unwrap();
    until_line(hall, LineState::SwitchedOff).await;
}

async fn reconnect(hall: &Hall) {
    hall.set_link(SetLink { enabled: true }).await.unwrap();
}

/// Somebody at another hall does something.
async fn colleague_does(street: &Street, number: u128, intent: Intent) {
    let colleague = street.caller().sign_in(OfficerRole::ShiftLeader).await;
    let proposal = Proposal {
        officer: builders::officer(OfficerRole::ShiftLeader).id,
        ..builders::proposal(number, intent)
    };
    colleague.propose(&proposal).await.expect("taken");
}

fn conflict_of(picture: &Picture, key: IntentKey) -> Option<Conflict> {
    let item = picture.outbox.iter().find(|i| i.proposal.key == key)?;
    item.conflict.as_deref().cloned()
}

async fn until_parked(hall: &Hall, key: IntentKey) -> Picture {
    until(hall, "the conflict is shown", |p| {
        let item = p.outbox.iter().find(|item| item.proposal.key == key);
        item.is_some_and(|item| item.state == OrderState::Parked && item.conflict.is_some())
    })
    .await
}

/// A hall whose officer has sent person 1 while it was cut off and a colleague has sent person 2;
/// it is back, and the conflict is shown.
async fn in_conflict(street: &Street, dir: &Path) -> (Hall, IncidentId) {
    let (hall, incidents) = staffed_hall(street, dir, 1).await;
    let incident = incidents[0];
    cut_off(&hall).await;
    hall.send_order(order(key(OURS), incident, 1))
        .await
        .unwrap();
    colleague_does(street, THEIRS, builders::send(incident, 2)).await;
    reconnect(&hall).await;
    until_parked(&hall, key(OURS)).await;
    (hall, incident)
}

fn anyway(picture: &Picture, parked: u128, key_number: u128) -> SendAnyway {
    SendAnyway {
        parked: key(parked),
        key: key(key_number),
        seen_steps: conflict_of(picture, key(parked))
            .expect("shown")
            .theirs
            .steps,
        reason: "井口较大，需两人".to_owned(),
    }
}

fn other_person(incident: IncidentId) -> SendOrder {
    SendOrder {
        replaces: Some(key(OURS)),
        ..order(key(SECOND), incident, 3)
    }
}

async fn until_settled(hall: &Hall, key: IntentKey) -> Picture {
    until(hall, "it is sent and has left the outbox", |p| {
        state_of(p, key) == Some(OrderState::Sent) && p.outbox.is_empty()
    })
    .await
}

async fn orders_at_the_backend(street: &Street) -> Vec<IntentKey> {
    street
        .snapshot()
        .await
        .situation
        .orders
        .into_keys()
        .collect()
}

#[tokio::test]
async fn a_conflict_shows_both_versions_and_has_no_effect_also_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (first, incident) = in_conflict(&street, dir.path()).await;
    let shown = first.picture();
    let item = &shown.outbox[0];
    let ours = item.proposal.basis.as_ref().expect("what was seen");
    assert_eq!(ours.seen.state, IncidentState::Reported);
    assert_eq!(ours.seen.under_way, []);
    let conflict = conflict_of(&shown, key(OURS)).expect("a conflict");
    assert_eq!(conflict.theirs.state, IncidentState::Dispatched);
    assert_eq!(conflict.theirs.under_way, [PersonId(2)]);
    let last = conflict.since.last().expect("a step");
    assert_eq!(
        last.by,
        Actor::Officer(builders::officer(OfficerRole::ShiftLeader).id)
    );
    assert_eq!(orders_at_the_backend(&street).await, [key(THEIRS)]);
    first.shutdown().await;
    drop(first);

    let second = hall(&street, dir.path());
    let reopened = second.picture();
    assert_eq!(reopened.outbox[0].state, OrderState::Parked);
    assert_eq!(conflict_of(&reopened, key(OURS)), Some(conflict));
    assert_eq!(reopened.outbox[0].proposal, shown.outbox[0].proposal);

    // What happens while it is shown is shown as well.
    until_line(&second, LineState::Online).await;
    colleague_does(&street, 71, builders::send(incident, 4)).await;
    until(&second, "the card follows", |p| {
        conflict_of(p, key(OURS)).is_some_and(|c| c.theirs.under_way == [PersonId(2), PersonId(4)])
    })
    .await;
    second.shutdown().await;
}

#[tokio::test]
async fn a_wall_is_not_told_who_has_acted() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, _) = in_conflict(&street, dir.path()).await;
    let mut wall = hall.subscribe(WindowKind::Wall);
    let bytes = wall.next_frame().await.unwrap();
    let Frame::Snapshot(masked) = Frame::decode(&bytes).unwrap() else {
        panic!("no snapshot");
    };
    assert_eq!(masked.outbox[0].state, OrderState::Parked);
    assert_eq!(masked.outbox[0].conflict, None);
    assert_eq!(masked.outbox[0].proposal.basis, None);
    // The desk gets both versions over the same wire.
    let mut desk = hall.subscribe(WindowKind::Desk);
    let bytes = desk.next_frame().await.unwrap();
    let Frame::Snapshot(whole) = Frame::decode(&bytes).unwrap() else {
        panic!("no snapshot");
    };
    assert_eq!(whole.outbox, hall.picture().outbox);
    hall.shutdown().await;
}

#[tokio::test]
async fn sent_anyway_it_is_one_more_order_with_its_reason_on_the_record() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, incident) = in_conflict(&street, dir.path()).await;
    let shown = hall.picture();
    let wish = anyway(&shown, OURS, SECOND);
    let mut silent = wish.clone();
    silent.reason = "  ".to_owned();
    let refused = hall.send_anyway(silent).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::BadRequest);
    let (a, b) = tokio::join!(
        hall.send_anyway(wish.clone()),
        hall.send_anyway(wish.clone())
    );
    a.unwrap();
    b.unwrap();
    let done = until_settled(&hall, key(SECOND)).await;
    assert_eq!(state_of(&done, key(OURS)), Some(OrderState::Withdrawn));
    // A third click after everything is over changes nothing.
    hall.send_anyway(wish).await.unwrap();
    assert!(hall.picture().outbox.is_empty());
    assert_eq!(
        orders_at_the_backend(&street).await,
        [key(SECOND), key(THEIRS)]
    );
    let trail = hall.get_trail(GetTrail { incident }).await.unwrap();
    let last = trail.last().expect("a step");
    assert_eq!(
        last.by,
        Actor::Officer(builders::officer(OfficerRole::DutyOfficer).id)
    );
    let mandate = last.mandate.as_ref().expect("of an intent");
    let on_record = mandate.anyway.as_ref().expect("an override");
    assert_eq!(on_record.reason, "井口较大，需两人");
    assert_eq!((on_record.after_step, on_record.until_step), (1, 4));
    hall.shutdown().await;
}

#[tokio::test]
async fn changed_it_takes_the_old_place_once_and_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (first, incident) = in_conflict(&street, dir.path()).await;
    cut_off(&first).await;
    let change = other_person(incident);
    let (a, b) = tokio::join!(
        first.send_order(change.clone()),
        first.send_order(change.clone())
    );
    a.unwrap();
    b.unwrap();
    let shown = first.picture();
    assert_eq!(shown.outbox.len(), 1, "one of both");
    assert_eq!(shown.outbox[0].proposal.key, key(SECOND));
    assert_eq!(shown.outbox[0].conflict, None);
    assert_eq!(state_of(&shown, key(OURS)), Some(OrderState::Withdrawn));
    assert_eq!(state_of(&shown, key(SECOND)), Some(OrderState::Queued));
    first.shutdown().await;
    drop(first);
    let second = hall(&street, dir.path());
    assert_eq!(second.picture().outbox.len(), 1);
    until_settled(&second, key(SECOND)).await;
    assert_eq!(
        orders_at_the_backend(&street).await,
        [key(SECOND), key(THEIRS)]
    );
    assert_eq!(street.seen().iter().filter(|k| **k == key(OURS)).count(), 1);
    second.shutdown().await;
}

#[tokio::test]
async fn dropped_it_is_gone_however_often_it_is_clicked_and_what_waits_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, incident) = in_conflict(&street, dir.path()).await;
    let drop_it = || hall.drop_proposal(DropProposal { key: key(OURS) });
    let (a, b) = tokio::join!(drop_it(), drop_it());
    a.unwrap();
    b.unwrap();
    drop_it().await.unwrap();
    assert!(hall.picture().outbox.is_empty());
    assert_eq!(orders_at_the_backend(&street).await, [key(THEIRS)]);
    // Whoever has decided otherwise at another desk comes too late.
    let late = SendAnyway {
        parked: key(OURS),
        key: key(SECOND),
        seen_steps: 4,
        reason: "需两人".to_owned(),
    };
    assert_eq!(
        hall.send_anyway(late).await.unwrap_err().code,
        ErrorCode::NotFound
    );
    let refused = hall.send_order(other_person(incident)).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotFound);
    assert!(hall.picture().outbox.is_empty());
    hall.shutdown().await;
}

#[tokio::test]
async fn sent_anyway_before_a_restart_it_is_carried_out_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (first, _) = in_conflict(&street, dir.path()).await;
    let shown = first.picture();
    cut_off(&first).await;
    first
        .send_anyway(anyway(&shown, OURS, SECOND))
        .await
        .unwrap();
    first.shutdown().await;
    drop(first);
    let second = hall(&street, dir.path());
    let basis = second.picture().outbox[0].proposal.basis.clone();
    let basis = basis.expect("what was seen");
    assert_eq!(basis.seen.under_way, [PersonId(2)]);
    assert!(basis.anyway.is_some());
    until_settled(&second, key(SECOND)).await;
    second.shutdown().await;
}

#[tokio::test]
async fn whatever_happens_between_the_look_and_the_override_is_another_conflict() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, incident) = in_conflict(&street, dir.path()).await;
    let shown = hall.picture();
    cut_off(&hall).await;
    hall.send_anyway(anyway(&shown, OURS, SECOND))
        .await
        .unwrap();
    colleague_does(&street, 71, builders::send(incident, 4)).await;
    reconnect(&hall).await;
    let again = until_parked(&hall, key(SECOND)).await;
    let conflict = conflict_of(&again, key(SECOND)).expect("a conflict");
    assert_eq!(conflict.since.len(), 1);
    hall.send_anyway(anyway(&again, SECOND, 3)).await.unwrap();
    until_settled(&hall, key(3)).await;
    hall.shutdown().await;
}

#[tokio::test]
async fn what_waits_behind_a_parked_one_follows_it_under_its_new_key() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    let incident = incidents[0];
    cut_off(&hall).await;
    hall.send_order(order(key(OURS), incident, 1))
        .await
        .unwrap();
    let departments = builders::rules().departments;
    let (lead, assistant) = (departments[0].id.clone(), departments[1].id.clone());
    // A joint handling speaks against nobody's being sent meanwhile, but not against our own order.
    let convene = Act {
        key: key(5),
        incident,
        action: Action::Convene {
            lead,
            assistants: vec![assistant],
        },
        reason: None,
        seen: None,
        replaces: None,
    };
    let level = Action::SetLevel {
        level: Level::Large,
        level_reason: "涉及多个部门".to_owned(),
        level_reason_en: String::new(),
    };
    hall.act(convene).await.unwrap();
    let level = Intent::Act {
        incident,
        action: level,
        reason: None,
    };
    colleague_does(&street, 70, level).await;
    reconnect(&hall).await;
    let shown = until_parked(&hall, key(OURS)).await;
    assert_eq!(shown.outbox[1].state, OrderState::Queued);
    hall.send_anyway(anyway(&shown, OURS, SECOND))
        .await
        .unwrap();
    until(&hall, "both are done", |p| p.outbox.is_empty()).await;
    let kinds = hall.get_trail(GetTrail { incident }).await.unwrap();
    let kinds: Vec<_> = kinds
        .iter()
        .map(|entry| entry.action.kind().name())
        .collect();
    assert_eq!(
        kinds,
        [
            "report",
            "set_level",
            "verify",
            "file",
            "dispatch",
            "convene"
        ]
    );
    hall.shutdown().await;
}

#[tokio::test]
async fn a_conflict_is_shown_before_it_is_sent_where_the_log_was_quicker() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    let officer = builders::officer(OfficerRole::DutyOfficer).id;
    // The order waits for a sign-in while the line is up.
    street.backend.revoke_sessions(&officer).unwrap();
    let proposal = propose(&hall, incidents[0]).await;
    hall.send_order(click(&proposal)).await.unwrap();
    until(&hall, "it waits for a sign-in", |p| {
        let error = p.outbox.first().and_then(|item| item.last_error.as_ref());
        error.is_some_and(|error| error.contains("signs in again"))
    })
    .await;
    colleague_does(&street, THEIRS, builders::send(incidents[0], 2)).await;
    let shown = until(&hall, "the conflict is known", |p| {
        conflict_of(p, proposal.keys[0]).is_some()
    })
    .await;
    assert_eq!(shown.outbox[0].state, OrderState::Queued);
    sign_in(&hall).await;
    until_parked(&hall, proposal.keys[0]).await;
    hall.shutdown().await;
}

#[tokio::test]
async fn what_the_window_showed_counts_and_not_what_the_hall_knew() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    let incident = incidents[0];
    colleague_does(&street, THEIRS, builders::send(incident, 2)).await;
    until(&hall, "the colleague's order is known", |p| {
        p.situation.incidents[&incident].steps == 4
    })
    .await;
    let shown = SeenIncident::of(&hall.picture().situation.incidents[&incident]);
    let stale = SendOrder {
        seen: Some(SeenIncident { steps: 1, ..shown }),
        ..order(key(OURS), incident, 1)
    };
    hall.send_order(stale).await.unwrap();
    let parked = until_parked(&hall, key(OURS)).await;
    let basis = parked.outbox[0].proposal.basis.as_ref();
    let basis = basis.expect("what was seen");
    assert_eq!(basis.seen.state, IncidentState::Reported);
    hall.drop_proposal(DropProposal { key: key(OURS) })
        .await
        .unwrap();
    // Who has seen it may send a second one.
    let informed = SendOrder {
        seen: Some(SeenIncident { steps: 4, ..shown }),
        ..order(key(SECOND), incident, 1)
    };
    hall.send_order(informed).await.unwrap();
    until_settled(&hall, key(SECOND)).await;
    hall.shutdown().await;
}

#[tokio::test]
async fn what_is_parked_for_another_reason_is_not_sent_anyway() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 2).await;
    cut_off(&hall).await;
    hall.send_order(order(key(5), incidents[0], 1))
        .await
        .unwrap();
    // The same person again: the backend says no.
    hall.send_order(order(key(OURS), incidents[0], 1))
        .await
        .unwrap();
    reconnect(&hall).await;
    let parked = until(&hall, "it is parked", |p| {
        p.outbox.len() == 1 && p.outbox[0].state == OrderState::Parked
    })
    .await;
    assert_eq!(parked.outbox[0].conflict, None);
    let wish = SendAnyway {
        parked: key(OURS),
        key: key(SECOND),
        seen_steps: 4,
        reason: "需要".to_owned(),
    };
    let refused = hall.send_anyway(wish).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotAllowedNow);
    // It may be changed, but not into something about another incident.
    let elsewhere = hall
        .send_order(other_person(incidents[1]))
        .await
        .unwrap_err();
    assert_eq!(elsewhere.code, ErrorCode::BadRequest);
    hall.send_order(other_person(incidents[0])).await.unwrap();
    until_settled(&hall, key(SECOND)).await;
    hall.shutdown().await;
}
