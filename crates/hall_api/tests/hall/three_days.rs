//! Three days without the backend: a hall that is opened then has everything that duty needs.

use std::path::Path;

use domain::duty::{TakenOver, Undone, undone};
use domain::intents::Mode;
use domain::people::PositionAge;
use domain::time::{DAY_MS, HOUR_MS};
use domain::trail::{Action, OfficerRole};
use domain::{IncidentId, OfficerId, OrderId, OrderState, PersonId, Timestamp};
use hall_api::Hall;
use protocol::commands::{
    Act, GetTrail, HandOver, LogDuty, SetMode, SignInOfficer, WindowKind, WithdrawOrder, Withdrawal,
};
use protocol::feed::LineState;
use testkit::builders::{self, key};

use crate::harness::{Street, hall, order, propose, sign_in, staffed_hall, until, until_line};

#[tokio::test]
async fn after_three_days_without_the_backend_everything_for_duty_is_there_and_its_work_arrives() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let incidents = last_day_with_the_line(&street, dir.path()).await;
    street.go_down();
    let lost_at = street.clock.now();
    street.clock.turn(3 * DAY_MS);

    let hall = hall(&street, dir.path());
    everything_for_duty_is_there(&hall, &incidents, lost_at).await;
    sign_in(&hall).await;
    let now = hall.now();
    let (sent, named) = send_by_name(&hall, incidents[0]).await;
    street.clock.turn(HOUR_MS);
    everyday_work(&hall, incidents[1]).await;
    street.clock.turn(HOUR_MS);
    let at = hall.now();
    hand_over(&hall, incidents[2]).await;

    street.come_back();
    let mut picture = until(&hall, "the work of the outage has arrived", |p| {
        p.outbox.is_empty() && p.line.state == LineState::Online
    })
    .await;
    let arrived = street.snapshot().await.situation;
    // What was dropped before it left is shown as withdrawn until the next start; nobody else knows it.
    let dropped = picture.situation.orders.remove(&key(3)).unwrap();
    assert_eq!(dropped.state(), OrderState::Withdrawn);
    // Positions travel by a poll of their own.
    picture.situation.positions = arrived.positions.clone();
    assert_eq!(picture.situation, arrived);
    assert_eq!(arrived.orders.len(), 1);
    let order = &arrived.orders[&sent];
    assert_eq!((order.to, order.state()), (named, OrderState::Sent));
    assert_eq!(order.stamps[0].at, now);
    assert_eq!(arrived.mode.session, Mode::EmergencyBlue.into());
    let switch = arrived.mode.switch.unwrap();
    let at_the_desk = builders::officer(OfficerRole::DutyOfficer).id;
    assert_eq!(switch.officer, Some(at_the_desk));
    assert_eq!(switch.occurred_at, now.plus_ms(HOUR_MS));
    assert!(switch.recorded_at > switch.occurred_at);
    assert_eq!(arrived.handovers[&key(10)].at, at);
    assert!(arrived.handovers[&key(10)].is_signed());
    let incident = incidents[1];
    let noted = hall.get_trail(GetTrail { incident }).await.unwrap();
    let noted = noted.last().unwrap();
    assert_eq!(noted.occurred_at, now.plus_ms(HOUR_MS));
    assert!(noted.recorded_at > noted.occurred_at);
    hall.shutdown().await;
}

/// Whoever takes over later signs in with the line and writes into the log.
async fn last_day_with_the_line(street: &Street, dir: &Path) -> Vec<IncidentId> {
    let (first, incidents) = staffed_hall(street, dir, 3).await;
    first
        .sign_in(SignInOfficer {
            officer: successor(),
            pin: builders::PIN.to_owned(),
        })
        .await
        .unwrap();
    first
        .log_duty(LogDuty {
            key: key(1),
            text: "断网前最后一条".to_owned(),
        })
        .await
        .unwrap();
    until(&first, "it is recorded", |p| {
        p.situation.duty_log.len() == 1 && p.outbox.is_empty()
    })
    .await;
    first.sign_out().await.unwrap();
    first.shutdown().await;
    incidents
}

fn successor() -> OfficerId {
    builders::officer(OfficerRole::ShiftLeader).id
}

async fn everything_for_duty_is_there(hall: &Hall, incidents: &[IncidentId], lost_at: Timestamp) {
    let picture = until_line(hall, LineState::Offline).await;
    // The picture is that of the last contact, and says so.
    assert!(picture.line.last_contact.is_some_and(|at| at <= lost_at));
    assert_eq!(picture.situation.incidents.len(), 3);
    assert_eq!(picture.situation.people.len(), 5);
    assert_eq!(picture.situation.duty_log[&key(1)].text, "断网前最后一条");
    let reference = hall.get_reference(WindowKind::Desk).await.unwrap().unwrap();
    assert!(!reference.grids.is_empty() && !reference.roads.edges.is_empty());
    assert!(!reference.rules.categories.is_empty() && !reference.officers.is_empty());
    let trail = hall
        .get_trail(GetTrail {
            incident: incidents[0],
        })
        .await
        .unwrap();
    assert_eq!(trail.len(), 1, "what happened so far can be read");
    // Positions are as old as the contact: shown as lost.
    let now = hall.now();
    for fix in picture.situation.positions.values() {
        assert_eq!(PositionAge::of(fix.at, now), PositionAge::Lost);
    }
}

/// Nobody is offered by an old position; who is known to be near is named.
async fn send_by_name(hall: &Hall, incident: IncidentId) -> (OrderId, PersonId) {
    let proposal = propose(hall, incident).await;
    assert!(
        !proposal.candidates.is_empty(),
        "they are named all the same"
    );
    assert!(proposal.candidates.iter().all(|c| !c.is_offered()));
    let named = proposal.candidates[0].person;
    let mut by_name = order(proposal.keys[0], incident, named.0);
    by_name.override_reason = Some("断网，电话确认在附近".to_owned());
    hall.send_order(by_name).await.unwrap();
    (proposal.keys[0], named)
}

/// An order that is taken back, a note, a switch of the mode.
async fn everyday_work(hall: &Hall, incident: IncidentId) {
    hall.send_order(order(key(3), incident, 2)).await.unwrap();
    let dropped = hall
        .withdraw_order(WithdrawOrder {
            order: key(3),
            reason: "换人".to_owned(),
            seen: None,
        })
        .await
        .unwrap();
    assert_eq!(dropped, Withdrawal::Dropped);
    hall.act(Act {
        seen: None,
        replaces: None,
        key: key(4),
        incident,
        action: Action::Note {
            text: "居民来电补充：在东侧路口".to_owned(),
        },
        reason: None,
    })
    .await
    .unwrap();
    hall.set_mode(SetMode {
        key: key(5),
        mode: Mode::EmergencyBlue,
        is_drill: false,
    })
    .await
    .unwrap();
}

/// What is undone is taken over by name.
async fn hand_over(hall: &Hall, overdue: IncidentId) {
    let left = undone(&hall.picture().situation, [], hall.now());
    let taken_over = left.into_iter().map(|what| TakenOver {
        what,
        remark: "断网期间超时，来网后核实".to_owned(),
    });
    let taken_over: Vec<TakenOver> = taken_over.collect();
    assert!(taken_over.contains(&TakenOver {
        what: Undone::Overdue { incident: overdue },
        remark: "断网期间超时，来网后核实".to_owned(),
    }));
    let sheet = hall
        .hand_over(HandOver {
            key: key(10),
            incoming_key: key(11),
            incoming: successor(),
            pin: builders::PIN.to_owned(),
            taken_over,
            remarks: String::new(),
        })
        .await
        .unwrap();
    assert_eq!(sheet.queued, 3);
}
