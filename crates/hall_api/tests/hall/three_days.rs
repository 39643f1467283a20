//! Three days without the backend: a hall that is opened then has everything that duty needs.

use domain::duty::{TakenOver, Undone, undone};
use domain::intents::Mode;
use domain::people::PositionAge;
use domain::time::{DAY_MS, HOUR_MS};
use domain::trail::{Action, OfficerRole};
use domain::{OrderState, PersonId};
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
    let (first, incidents) = staffed_hall(&street, dir.path(), 3).await;
    let officer = builders::officer(OfficerRole::ShiftLeader).id;
    let pin = builders::PIN.to_owned();
    first
        .sign_in(SignInOfficer {
            officer: officer.clone(),
            pin: pin.clone(),
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
    street.go_down();
    first.shutdown().await;
    let lost_at = street.clock.now();
    street.clock.turn(3 * DAY_MS);

    let hall = hall(&street, dir.path());
    let picture = until_line(&hall, LineState::Offline).await;
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
    sign_in(&hall).await;

    // Positions are as old as the contact: shown as lost, and nobody is offered by them.
    let now = hall.now();
    for fix in picture.situation.positions.values() {
        assert_eq!(PositionAge::of(fix.at, now), PositionAge::Lost);
    }
    let proposal = propose(&hall, incidents[0]).await;
    assert!(
        !proposal.candidates.is_empty(),
        "they are named all the same"
    );
    assert!(proposal.candidates.iter().all(|c| !c.is_offered()));
    let named = proposal.candidates[0].person;
    let mut by_name = order(proposal.key, incidents[0], named.0);
    by_name.override_reason = Some("断网，电话确认在附近".to_owned());
    hall.send_order(by_name).await.unwrap();
    street.clock.turn(HOUR_MS);
    hall.send_order(order(key(3), incidents[1], 2))
        .await
        .unwrap();
    let dropped = hall
        .withdraw_order(WithdrawOrder {
            order: key(3),
            reason: "换人".to_owned(),
        })
        .await
        .unwrap();
    assert_eq!(dropped, Withdrawal::Dropped);
    hall.act(Act {
        seen_steps: None,
        replaces: None,
        key: key(4),
        incident: incidents[1],
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
    street.clock.turn(HOUR_MS);
    let at = hall.now();
    let left = undone(&hall.picture().situation, [], at);
    let taken_over = left.into_iter().map(|what| TakenOver {
        what,
        remark: "断网期间超期，来网后核实".to_owned(),
    });
    let taken_over: Vec<TakenOver> = taken_over.collect();
    assert!(taken_over.contains(&TakenOver {
        what: Undone::Overdue {
            incident: incidents[2],
        },
        remark: "断网期间超期，来网后核实".to_owned(),
    }));
    let sheet = hall
        .hand_over(HandOver {
            key: key(10),
            incoming_key: key(11),
            incoming: officer,
            pin,
            taken_over,
            remarks: String::new(),
        })
        .await
        .unwrap();
    assert_eq!(sheet.queued, 3);

    street.come_back();
    let mut picture = until(&hall, "the work of the outage has arrived", |p| {
        p.outbox.is_empty() && p.line.state == LineState::Online
    })
    .await;
    let arrived = street.snapshot().await.situation;
    // Positions travel by a poll of their own.
    picture.situation.positions = arrived.positions.clone();
    assert_eq!(picture.situation, arrived);
    assert_eq!(arrived.orders.len(), 1);
    let sent = &arrived.orders[&proposal.key];
    assert_eq!(
        (sent.to, sent.state()),
        (PersonId(named.0), OrderState::Sent)
    );
    assert_eq!(sent.stamps[0].at, now);
    assert_eq!(arrived.mode, Mode::EmergencyBlue.into());
    assert_eq!(arrived.handovers[&key(10)].at, at);
    assert!(arrived.handovers[&key(10)].is_signed());
    let noted = hall
        .get_trail(GetTrail {
            incident: incidents[1],
        })
        .await
        .unwrap();
    let noted = noted.last().unwrap();
    assert_eq!(noted.occurred_at, now.plus_ms(HOUR_MS));
    assert!(noted.recorded_at > noted.occurred_at);
    hall.shutdown().await;
}
