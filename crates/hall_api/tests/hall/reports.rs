//! Matters taken in at the desk: durable before they are shown, workable before they have a number,
//! replaced by their record without a gap or a double.

use std::sync::atomic::Ordering;

use domain::new_matter::caller_of_phone;
use domain::trail::{Action, Actor, Officer, OfficerRole};
use domain::{IncidentId, IncidentState, NewMatter, OrderState};
use hall_api::Hall;
use protocol::ErrorCode;
use protocol::commands::{Act, DropProposal, GetTrail, RetryParked, SignInOfficer, TakeReport};
use protocol::commands::{SeenIncident, SendOrder, WindowKind, WithdrawOrder, Withdrawal};
use protocol::feed::{Frame, LineState, Picture};
use testkit::builders::{self, key};

use crate::harness::{
    Street, click, database, hall, order, propose, staffed_hall, state_of, until, until_line,
};

fn call(street: &Street, number: u128) -> TakeReport {
    TakeReport {
        key: key(number),
        at: street.clock.now(),
        matter: builders::new_matter(),
    }
}

fn provisional(number: u128) -> IncidentId {
    IncidentId::provisional(key(number))
}

fn note(incident: IncidentId, number: u128) -> Act {
    Act {
        key: key(number),
        incident,
        action: Action::Note {
            text: format!("备注 {number}"),
        },
        reason: None,
        seen: None,
        replaces: None,
    }
}

/// Whether the one matter of the test has its number; a picture with none or two is a fault.
fn is_numbered(picture: &Picture) -> bool {
    let shown: Vec<_> = picture.situation.incidents.keys().collect();
    assert_eq!(shown.len(), 1, "the matter is shown once: {shown:?}");
    let orders = picture.situation.orders.values();
    orders.for_each(|order| assert_eq!(order.incident, *shown[0], "and its orders with it"));
    !shown[0].is_provisional()
}

async fn steps_of(hall: &Hall, incident: IncidentId) -> Vec<(String, i64)> {
    let trail = hall.get_trail(GetTrail { incident }).await.unwrap();
    let of = |action: &Action| match action {
        Action::Note { text } => text.clone(),
        other => other.kind().to_string(),
    };
    trail
        .iter()
        .map(|entry| (of(&entry.action), entry.occurred_at.unix_ms()))
        .collect()
}

#[tokio::test]
async fn a_call_taken_offline_is_worked_on_survives_a_restart_and_becomes_one_incident() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (first, _) = staffed_hall(&street, dir.path(), 0).await;
    street.go_down();
    until_line(&first, LineState::Offline).await;

    let began = street.clock.now().unix_ms();
    let id = first.take_report(call(&street, 1)).await.unwrap();
    assert_eq!(id, provisional(1));
    // The call has returned: it is shown, and it is on the disk.
    let shown = first.picture().situation.incidents[&id].clone();
    assert_eq!(shown.state, IncidentState::Reported);
    assert!(
        shown.grids.unit.is_some() && shown.clock.is_some(),
        "{shown:?}"
    );
    assert!(!shown.level_reason.is_empty());
    let on_disk: String = database(dir.path(), "outbox.db")
        .query_row("SELECT key FROM proposals", [], |row| row.get(0))
        .unwrap();
    assert_eq!(on_disk, key(1).to_string());
    street.clock.turn(60_000);
    let proposal = propose(&first, id).await;
    assert!(proposal.candidates[0].is_offered() && proposal.route.len() >= 2);
    first.send_order(click(&proposal)).await.unwrap();
    street.clock.turn(60_000);
    first.act(note(id, 3)).await.unwrap();
    first.shutdown().await;
    drop(first);

    let second = hall(&street, dir.path());
    let reopened = second.picture();
    assert_eq!(reopened.situation.incidents[&id], shown);
    assert_eq!(
        state_of(&reopened, proposal.keys[0]),
        Some(OrderState::Queued)
    );
    until_line(&second, LineState::Offline).await;
    street.clock.turn(3_600_000);
    street.come_back();
    let done = until(&second, "everything is carried out", |p| {
        is_numbered(p) && p.outbox.is_empty()
    })
    .await;

    let there = street.snapshot().await.situation;
    assert_eq!(done.situation.incidents, there.incidents);
    let (real, incident) = there.incidents.first_key_value().unwrap();
    assert_eq!(there.incidents.len(), 1);
    assert_eq!(incident.reported_at.unix_ms(), began);
    assert_eq!(
        (&incident.grids, incident.level),
        (&shown.grids, shown.level)
    );
    assert_eq!(there.orders[&proposal.keys[0]].incident, *real);
    let steps = steps_of(&second, *real).await;
    let names: Vec<&str> = steps.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["report", "verify", "file", "dispatch", "备注 3"]);
    let at: Vec<i64> = steps.iter().map(|(_, at)| (at - began) / 60_000).collect();
    assert_eq!(at, [0, 1, 1, 1, 2], "minutes after the call");
    // The provisional number goes on to lead to the matter.
    assert_eq!(steps_of(&second, id).await, steps);
    second.shutdown().await;
}

#[tokio::test]
async fn two_clicks_and_lost_answers_are_one_matter_whichever_of_receipt_and_log_comes_first() {
    for lost in [0, 3] {
        let dir = tempfile::tempdir().unwrap();
        let street = Street::up();
        let (hall, _) = staffed_hall(&street, dir.path(), 0).await;
        street.faults.lose_answers.store(lost, Ordering::SeqCst);
        let (a, b) = tokio::join!(
            hall.take_report(call(&street, 1)),
            hall.take_report(call(&street, 1))
        );
        a.unwrap();
        b.unwrap();
        let done = until(&hall, "it has its number", |p| {
            is_numbered(p) && p.outbox.is_empty()
        })
        .await;
        let real = *done.situation.incidents.keys().next().unwrap();
        assert_eq!(hall.take_report(call(&street, 1)).await, Ok(real));
        assert!(hall.picture().outbox.is_empty());
        assert_eq!(street.snapshot().await.situation.incidents.len(), 1);
        assert_eq!(street.seen(), vec![key(1); 1 + lost]);
        hall.shutdown().await;
    }
}

#[tokio::test]
async fn what_is_wanted_before_and_after_the_number_is_known_keeps_its_order() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, _) = staffed_hall(&street, dir.path(), 0).await;
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    hall.take_report(call(&street, 1)).await.unwrap();
    for number in 2..=6 {
        hall.act(note(provisional(1), number)).await.unwrap();
    }
    street.faults.lose_answers.store(3, Ordering::SeqCst);
    street.come_back();
    let numbered = until(&hall, "it has its number", is_numbered).await;
    let real = *numbered.situation.incidents.keys().next().unwrap();
    // One window has heard of the number already, another has not.
    hall.act(note(real, 7)).await.unwrap();
    hall.act(note(provisional(1), 8)).await.unwrap();
    for item in &hall.picture().outbox {
        let about = item.proposal.intent.incident();
        let is_report = item.proposal.key == key(1);
        assert!(
            is_report || about == Some(real),
            "it is shown about {about:?}"
        );
    }
    until(&hall, "the outbox is empty", |p| p.outbox.is_empty()).await;
    let steps = steps_of(&hall, real).await;
    let names: Vec<&str> = steps
        .iter()
        .skip(1)
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "备注 2", "备注 3", "备注 4", "备注 5", "备注 6", "备注 7", "备注 8"
        ]
    );
    hall.shutdown().await;
}

async fn sign_in_as(hall: &Hall, role: OfficerRole) {
    let sign_in = SignInOfficer {
        officer: builders::officer(role).id,
        pin: builders::PIN.to_owned(),
    };
    hall.sign_in(sign_in).await.expect("the officer signs in");
}

#[tokio::test]
async fn a_refused_report_stays_visible_with_all_behind_it_until_it_is_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    let id = hall.take_report(call(&street, 1)).await.unwrap();
    hall.act(note(id, 2)).await.unwrap();
    hall.act(note(incidents[0], 3)).await.unwrap();
    // Whoever is not of the desk may write notes, but takes no matters in, and the backend says so.
    let elsewhere = Officer {
        role: OfficerRole::StreetLeader,
        ..builders::officer(OfficerRole::DutyOfficer)
    };
    street.put_officer(&elsewhere, builders::PIN).await;
    street.come_back();
    until(&hall, "the desk is empty", |p| p.officer.is_none()).await;
    sign_in_as(&hall, OfficerRole::DutyOfficer).await;
    let parked = until(
        &hall,
        "the report is parked and the other matter goes on",
        |p| p.outbox.len() == 2 && p.outbox[0].state == OrderState::Parked,
    )
    .await;
    assert_eq!(parked.outbox[0].proposal.key, key(1));
    assert!(!parked.outbox[0].last_error.as_ref().unwrap().is_empty());
    assert!(parked.situation.incidents.contains_key(&id));
    // What is wanted with the refusal in sight waits as well: nobody could carry it out.
    hall.act(note(id, 4)).await.unwrap();
    hall.send_order(order(key(5), id, 1)).await.unwrap();
    hall.retry_parked(RetryParked { key: key(1) })
        .await
        .unwrap();
    until(&hall, "it is refused again", |p| {
        p.outbox[0].state == OrderState::Parked && p.outbox[0].attempts >= 2
    })
    .await;
    assert_eq!(hall.picture().outbox.len(), 4);
    let taken_back = WithdrawOrder {
        order: key(5),
        reason: String::new(),
        seen: None,
    };
    assert_eq!(
        hall.withdraw_order(taken_back).await,
        Ok(Withdrawal::Dropped)
    );
    hall.shutdown().await;
    drop(hall);

    let hall = crate::harness::hall(&street, dir.path());
    let reopened = hall.picture();
    assert!(reopened.situation.incidents.contains_key(&id));
    assert_eq!(reopened.outbox.len(), 3);
    hall.drop_proposal(DropProposal { key: key(1) })
        .await
        .unwrap();
    let dropped = hall.picture();
    assert!(dropped.outbox.is_empty(), "what hangs on it goes with it");
    assert_eq!(
        dropped.situation.incidents.keys().collect::<Vec<_>>(),
        [&incidents[0]]
    );
    until_line(&hall, LineState::Online).await;
    assert_eq!(street.snapshot().await.situation.incidents.len(), 1);
    assert!(!street.seen().contains(&key(2)) && !street.seen().contains(&key(4)));
    hall.shutdown().await;
}

#[tokio::test]
async fn a_report_is_told_what_is_wrong_with_it_before_anything_is_queued() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, _) = staffed_hall(&street, dir.path(), 0).await;
    let refused = async |change: fn(&mut NewMatter)| {
        let mut bad = call(&street, 1);
        change(&mut bad.matter);
        let error = hall.take_report(bad).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::BadRequest);
        error.message
    };
    assert!(
        refused(|m| m.title = " \n".to_owned())
            .await
            .contains("the title is empty")
    );
    assert!(
        refused(|m| m.address = "路".repeat(201))
            .await
            .contains("200")
    );
    assert!(
        refused(|m| m.description = "字".repeat(4_001))
            .await
            .contains("4000")
    );
    let metres = |m: &mut NewMatter| m.location = domain::LonLat::new(35_414_000.0, 3_393_000.0);
    assert!(refused(metres).await.contains("longitude"));
    assert!(
        refused(|m| m.category = "E98.98".parse().unwrap())
            .await
            .contains("category")
    );
    let mut forgotten = call(&street, 1);
    forgotten.at = forgotten.at.plus_ms(-25 * 3_600_000);
    let error = hall.take_report(forgotten).await.unwrap_err();
    assert!(error.message.contains("24 hours"), "{error}");
    hall.sign_out().await.unwrap();
    let error = hall.take_report(call(&street, 1)).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::SignInNeeded);
    assert!(hall.picture().outbox.is_empty());
    assert!(hall.picture().situation.incidents.is_empty());
    hall.shutdown().await;
}

#[tokio::test]
async fn a_call_from_the_future_is_now_and_its_officer_is_on_the_trail() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, _) = staffed_hall(&street, dir.path(), 0).await;
    let mut early = call(&street, 1);
    early.at = early.at.plus_ms(3_600_000);
    hall.take_report(early).await.unwrap();
    let done = until(&hall, "it has its number", |p| {
        is_numbered(p) && p.outbox.is_empty()
    })
    .await;
    let incident = done.situation.incidents.values().next().unwrap();
    assert_eq!(incident.reported_at, street.clock.now());
    let asked = GetTrail {
        incident: incident.id,
    };
    let trail = hall.get_trail(asked).await.unwrap();
    let officer = builders::officer(OfficerRole::DutyOfficer).id;
    assert_eq!(trail[0].by, Actor::Officer(officer));
    hall.shutdown().await;
}

#[tokio::test]
async fn a_wall_shows_the_matter_without_who_called() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, _) = staffed_hall(&street, dir.path(), 0).await;
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    let mut taken = call(&street, 1);
    taken.matter.particulars.caller = caller_of_phone("测试街道", "13812345678");
    taken.matter.title = "王宅门前积水 138 1234 5678".to_owned();
    taken.matter.description = "来电人：王女士\n回拨电话：85551234".to_owned();
    // One wall has a picture already and hears of the matter as a change; the other begins with it.
    let mut follows = hall.subscribe(WindowKind::Wall);
    follows.next_frame().await.expect("a picture");
    hall.take_report(taken).await.unwrap();
    let mut begins = hall.subscribe(WindowKind::Wall);
    for wall in [&mut follows, &mut begins] {
        let bytes = wall.next_frame().await.expect("a frame");
        let told = format!("{:?}", Frame::decode(&bytes).unwrap());
        assert!(told.contains("王宅门前积水"), "{told}");
        for secret in ["138 1234", "王女士", "85551234", "tel-"] {
            assert!(!told.contains(secret), "{secret} in {told}");
        }
    }
    hall.shutdown().await;
}

#[tokio::test]
async fn what_the_hall_itself_did_about_a_new_matter_is_no_conflict_with_what_follows() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, _) = staffed_hall(&street, dir.path(), 0).await;
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    let id = hall.take_report(call(&street, 1)).await.unwrap();
    hall.send_order(order(key(2), id, 1)).await.unwrap();
    let shown_at = hall.picture().situation.incidents[&id].reported_at;
    let basis = hall.picture().outbox[1].proposal.basis.clone();
    assert_eq!(basis.expect("what was seen").own, [key(1)]);
    street.come_back();
    let done = until(&hall, "the order is sent", |p| {
        assert!(p.outbox.iter().all(|item| item.conflict.is_none()));
        is_numbered(p) && p.outbox.is_empty()
    })
    .await;
    assert_eq!(state_of(&done, key(2)), Some(OrderState::Sent));
    let trail = hall.get_trail(GetTrail { incident: id }).await.unwrap();
    let mandates = trail.iter().map(|entry| entry.mandate.as_ref());
    let keys: Vec<_> = mandates.map(|m| m.expect("an own step").intent).collect();
    assert_eq!(keys[0], key(1), "the report bears its own key");
    assert!(keys.len() > 1 && keys[1..].iter().all(|of| *of == key(2)));

    // A form that was opened before the number was known stands on the same steps.
    let late = SendOrder {
        seen: Some(SeenIncident {
            steps: 1,
            reported_at: shown_at,
        }),
        ..order(key(3), id, 2)
    };
    hall.send_order(late).await.unwrap();
    let done = until(&hall, "the second is sent", |p| {
        assert!(p.outbox.iter().all(|item| item.conflict.is_none()));
        state_of(p, key(3)) == Some(OrderState::Sent) && p.outbox.is_empty()
    })
    .await;
    assert!(is_numbered(&done));
    hall.shutdown().await;
}

#[tokio::test]
async fn who_takes_in_no_matters_is_told_before_anything_is_queued() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, _) = staffed_hall(&street, dir.path(), 0).await;
    for role in [OfficerRole::StreetLeader, OfficerRole::ItOfficer] {
        sign_in_as(&hall, role).await;
        let refused = hall.take_report(call(&street, 1)).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Forbidden, "{role:?}");
    }
    assert!(hall.picture().outbox.is_empty());
    // The same call is taken in by whoever is on duty.
    sign_in_as(&hall, OfficerRole::DutyOfficer).await;
    hall.take_report(call(&street, 1)).await.unwrap();
    hall.shutdown().await;
}
