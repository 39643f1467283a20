//! The duty log and the handover of the desk, with the line and without it.

use std::path::Path;

use domain::IncidentId;
use domain::duty::{HandoverSheet, TakenOver, Undone, last_signed};
use domain::time::HOUR_MS;
use domain::trail::OfficerRole;
use hall_api::Hall;
use protocol::commands::{HandOver, LogDuty, SignInOfficer, WindowKind};
use protocol::feed::{Frame, LineState};
use protocol::{ErrorCode, UiError};
use testkit::builders::{self, key};

use crate::harness::{Street, hall, order, sign_in, staffed_hall, until, until_line};

fn id(role: OfficerRole) -> domain::OfficerId {
    builders::officer(role).id
}

fn form(number: u128, taken_over: Vec<TakenOver>) -> HandOver {
    HandOver {
        key: key(number),
        incoming_key: key(number + 1),
        incoming: id(OfficerRole::ShiftLeader),
        pin: builders::PIN.to_owned(),
        taken_over,
        remarks: "夜间有雨，注意积水点".to_owned(),
    }
}

fn taken(incident: IncidentId) -> TakenOver {
    TakenOver {
        what: Undone::Overdue { incident },
        remark: "已电话催办，早班跟进".to_owned(),
    }
}

async fn write(hall: &Hall, number: u128, text: &str) -> Result<(), UiError> {
    let (key, text) = (key(number), text.to_owned());
    hall.log_duty(LogDuty { key, text }).await
}

async fn refused(hall: &Hall, form: HandOver) -> ErrorCode {
    hall.hand_over(form).await.expect_err("refused").code
}

#[tokio::test]
async fn a_handover_with_the_line_is_signed_by_both_and_changes_the_desk() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, _) = staffed_hall(&street, dir.path(), 1).await;
    write(&hall, 1, " 20 时接报锦川路井盖缺失 ").await.unwrap();
    street.clock.turn(60_000);
    let sheet = hall.hand_over(form(10, Vec::new())).await.unwrap();
    assert_eq!(sheet.open.iter().map(|o| o.count).sum::<u32>(), 1);
    let picture = until(&hall, "both signatures are recorded", |p| {
        last_signed(&p.situation.handovers).is_some() && p.outbox.is_empty()
    })
    .await;
    assert_eq!(
        picture.officer.as_ref().map(|o| o.role),
        Some(OfficerRole::ShiftLeader)
    );
    assert!(!picture.is_offline_sign_in);
    let signed = last_signed(&picture.situation.handovers).unwrap();
    assert_eq!(signed.sheet, sheet);
    let entry = &picture.situation.duty_log[&key(1)];
    assert_eq!(entry.text, "20 时接报锦川路井盖缺失");
    assert_eq!(entry.officer, id(OfficerRole::DutyOfficer));
    assert_eq!(picture.situation, street.snapshot().await.situation);
    // A second click finds that it is done.
    assert_eq!(hall.hand_over(form(10, Vec::new())).await.unwrap(), sheet);
    hall.shutdown().await;
    let again = self::hall(&street, dir.path());
    assert_eq!(again.picture().situation.duty_log.len(), 1);
    assert_eq!(again.picture().situation.handovers.len(), 1);
    again.shutdown().await;
}

#[tokio::test]
async fn what_is_undone_blocks_the_handover_until_it_is_taken_over() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 2).await;
    // Nobody has verified them in time; to one of them somebody is on the way.
    hall.send_order(order(key(1), incidents[1], 1))
        .await
        .unwrap();
    until(&hall, "the order is recorded", |p| {
        p.outbox.is_empty() && !p.situation.incidents[&incidents[1]].orders.is_empty()
    })
    .await;
    street.clock.turn(2 * HOUR_MS);
    let late = incidents[0];
    assert_eq!(
        refused(&hall, form(10, Vec::new())).await,
        ErrorCode::NotAllowedNow
    );
    let mut bare = taken(late);
    bare.remark = " ".to_owned();
    assert_eq!(
        refused(&hall, form(10, vec![bare])).await,
        ErrorCode::NotAllowedNow
    );
    let mut wrong = form(10, vec![taken(late)]);
    wrong.pin = "0000".to_owned();
    assert_eq!(refused(&hall, wrong).await, ErrorCode::WrongPin);
    let mut alone = form(10, vec![taken(late)]);
    alone.incoming = id(OfficerRole::DutyOfficer);
    assert_eq!(refused(&hall, alone).await, ErrorCode::NotAllowedNow);
    let mut guest = form(10, vec![taken(late)]);
    guest.incoming = id(OfficerRole::StreetLeader);
    assert_eq!(refused(&hall, guest).await, ErrorCode::BadRequest);
    let picture = hall.picture();
    assert!(picture.outbox.is_empty(), "nothing of all that was queued");
    assert_eq!(
        picture.officer.as_ref().map(|o| o.role),
        Some(OfficerRole::DutyOfficer)
    );
    let sheet = hall.hand_over(form(10, vec![taken(late)])).await.unwrap();
    assert_eq!(sheet.undone, [taken(late)]);
    until(&hall, "it is recorded", |p| p.outbox.is_empty()).await;
    hall.shutdown().await;
}

#[tokio::test]
async fn a_refused_order_has_to_be_taken_over_too() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    hall.send_order(order(key(1), incidents[0], 1))
        .await
        .unwrap();
    let closed = builders::officer(OfficerRole::ShiftLeader);
    let close = domain::Proposal {
        basis: None,
        key: key(90),
        officer: closed.id.clone(),
        occurred_at: street.clock.now(),
        intent: domain::Intent::Act {
            incident: incidents[0],
            action: domain::trail::Action::Cancel,
            reason: Some("重复".to_owned()),
        },
    };
    street.backend.carry_out(&closed, &close, None).unwrap();
    street.come_back();
    until(&hall, "the order is refused", |p| {
        let mut items = p.outbox.iter();
        items.any(|item| item.state == domain::OrderState::Parked)
    })
    .await;
    assert_eq!(
        refused(&hall, form(10, Vec::new())).await,
        ErrorCode::NotAllowedNow
    );
    let parked = TakenOver {
        what: Undone::Parked {
            key: key(1),
            incident: Some(incidents[0]),
        },
        remark: "案件已作废，早班放弃该单".to_owned(),
    };
    hall.hand_over(form(10, vec![parked])).await.unwrap();
    hall.shutdown().await;
}

#[tokio::test]
async fn only_those_on_duty_write_and_hand_over() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, _) = staffed_hall(&street, dir.path(), 0).await;
    let empty = write(&hall, 1, "  ").await.unwrap_err();
    assert_eq!(empty.code, ErrorCode::BadRequest);
    let officer = id(OfficerRole::ItOfficer);
    let pin = builders::PIN.to_owned();
    hall.sign_in(SignInOfficer { officer, pin }).await.unwrap();
    let forbidden = write(&hall, 1, "x").await.unwrap_err();
    assert_eq!(forbidden.code, ErrorCode::Forbidden);
    assert_eq!(
        refused(&hall, form(10, Vec::new())).await,
        ErrorCode::Forbidden
    );
    hall.sign_out().await.unwrap();
    assert_eq!(
        refused(&hall, form(10, Vec::new())).await,
        ErrorCode::SignInNeeded
    );
    assert!(hall.picture().outbox.is_empty());
    hall.shutdown().await;
}

/// The line is lost while the duty officer has the desk and the leader is known to the hall.
async fn cut_off(street: &mut Street, dir: &Path) -> Hall {
    let (hall, _) = staffed_hall(street, dir, 0).await;
    let officer = id(OfficerRole::ShiftLeader);
    let pin = builders::PIN.to_owned();
    hall.sign_in(SignInOfficer { officer, pin }).await.unwrap();
    hall.sign_out().await.unwrap();
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    sign_in(&hall).await;
    assert!(hall.picture().is_offline_sign_in);
    hall
}

#[tokio::test]
async fn a_handover_during_an_outage_arrives_once_and_in_order_with_its_own_times() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let hall = cut_off(&mut street, dir.path()).await;
    let begun = street.clock.now();
    write(&hall, 1, "网络中断，转离线值班").await.unwrap();
    street.clock.turn(HOUR_MS);
    write(&hall, 2, "电话核实积水一处").await.unwrap();
    street.clock.turn(HOUR_MS);
    let handed_over_at = hall.now();
    let sheet = hall.hand_over(form(10, Vec::new())).await.unwrap();
    assert_eq!((sheet.at, sheet.queued), (handed_over_at, 2));
    assert!(sheet.as_of.is_some_and(|at| at < begun.plus_ms(HOUR_MS)));
    street.clock.turn(HOUR_MS);
    write(&hall, 20, "接班后首次巡屏").await.unwrap();
    hall.shutdown().await;

    let hall = self::hall(&street, dir.path());
    let picture = until_line(&hall, LineState::Offline).await;
    assert_eq!(
        picture.officer.as_ref().map(|o| o.role),
        Some(OfficerRole::ShiftLeader)
    );
    let keys: Vec<_> = picture.outbox.iter().map(|i| i.proposal.key).collect();
    assert_eq!(keys, [key(1), key(2), key(10), key(11), key(20)]);
    street.come_back();
    // The hall was started anew and holds no PIN: each of the two signs in once.
    until_line(&hall, LineState::Online).await;
    sign_in(&hall).await;
    until(&hall, "the first officer's part has arrived", |p| {
        p.outbox
            .iter()
            .all(|i| i.proposal.key == key(11) || i.proposal.key == key(20))
    })
    .await;
    let officer = id(OfficerRole::ShiftLeader);
    let pin = builders::PIN.to_owned();
    hall.sign_in(SignInOfficer { officer, pin }).await.unwrap();
    let picture = until(&hall, "everything has arrived", |p| p.outbox.is_empty()).await;

    let seen: Vec<_> = street.seen();
    let of_first: Vec<_> = seen
        .iter()
        .filter(|k| **k != key(11) && **k != key(20))
        .collect();
    assert_eq!(of_first, [&key(1), &key(2), &key(10)]);
    assert_eq!(seen.len(), 5, "nothing went out twice");
    let log = &picture.situation.duty_log;
    let times: Vec<_> = [1, 2, 20].map(|n| log[&key(n)].at).to_vec();
    let hours = [0, 1, 3].map(|n| begun.plus_ms(n * HOUR_MS));
    assert_eq!(times, hours);
    let signed: &HandoverSheet = &last_signed(&picture.situation.handovers).unwrap().sheet;
    assert_eq!(*signed, sheet);
    let handover = &picture.situation.handovers[&key(10)];
    assert_eq!(handover.outgoing.unwrap().at, handed_over_at);
    assert_eq!(handover.incoming.unwrap().at, handed_over_at);
    assert_eq!(picture.situation, street.snapshot().await.situation);
    hall.shutdown().await;
}

#[tokio::test]
async fn without_a_restart_both_parts_go_out_by_themselves() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let hall = cut_off(&mut street, dir.path()).await;
    write(&hall, 1, "网络中断").await.unwrap();
    hall.hand_over(form(10, Vec::new())).await.unwrap();
    street.clock.turn(HOUR_MS);
    street.come_back();
    let picture = until(&hall, "everything has arrived", |p| p.outbox.is_empty()).await;
    assert!(last_signed(&picture.situation.handovers).is_some());
    hall.shutdown().await;
}

#[tokio::test]
async fn a_wall_is_told_nothing_of_the_duty_desk() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, _) = staffed_hall(&street, dir.path(), 0).await;
    let mut follows = hall.subscribe(WindowKind::Wall);
    let first = follows.next_frame().await.unwrap();
    assert!(matches!(Frame::decode(&first), Ok(Frame::Snapshot(_))));
    write(&hall, 1, "张三来电 13800001111").await.unwrap();
    hall.hand_over(form(10, Vec::new())).await.unwrap();
    until(&hall, "it is recorded", |p| {
        p.outbox.is_empty() && last_signed(&p.situation.handovers).is_some()
    })
    .await;
    let mut begins = hall.subscribe(WindowKind::Wall);
    for (feed, is_whole) in [(&mut follows, false), (&mut begins, true)] {
        let bytes = feed.next_frame().await.unwrap();
        let frame = Frame::decode(&bytes).unwrap();
        assert_eq!(matches!(frame, Frame::Snapshot(_)), is_whole);
        let told = format!("{frame:?}");
        for secret in ["张三", "13800001111", "积水", "li.na"] {
            assert!(!told.contains(secret), "{secret} in {told}");
        }
    }
    hall.shutdown().await;
}
