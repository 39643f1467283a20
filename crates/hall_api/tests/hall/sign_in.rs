//! Signing in without the line: by what the hall keeps of a PIN, and what the backend says of it
//! afterwards.

use std::path::Path;
use std::sync::Arc;

use domain::intents::Mode;
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use domain::trail::{Officer, OfficerRole};
use domain::{OfficerId, OrderState, Provenance, Supply, Timestamp};
use hall_api::Hall;
use protocol::commands::{SetLink, SetMode, SignInOfficer, WindowKind};
use protocol::feed::{Frame, LineState, NoticeKind};
use protocol::{ErrorCode, UiError};
use testkit::builders::{self, key};

use crate::harness::{
    HallClock, Street, config, hall, order, propose, sessions, staffed_hall, state_of, until,
    until_line, until_so,
};

async fn enter(hall: &Hall, role: OfficerRole, pin: &str) -> Result<Officer, UiError> {
    let officer = builders::officer(role).id;
    let pin = pin.to_owned();
    hall.sign_in(SignInOfficer { officer, pin }).await
}

async fn code(hall: &Hall, role: OfficerRole, pin: &str) -> ErrorCode {
    enter(hall, role, pin).await.expect_err("refused").code
}

/// A hall in which the duty officer and the shift leader have signed in with the line, which is
/// then lost; nobody sits at the desk.
async fn cut_off(street: &mut Street, dir: &Path) -> (Hall, Vec<domain::IncidentId>) {
    let (hall, incidents) = staffed_hall(street, dir, 2).await;
    enter(&hall, OfficerRole::ShiftLeader, builders::PIN)
        .await
        .expect("the leader signs in");
    hall.sign_out().await.unwrap();
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    (hall, incidents)
}

/// An officer as the backend has recorded the account.
fn recorded(role: OfficerRole, supply: Supply, at: Timestamp) -> Officer {
    Officer {
        provenance: Some(Provenance { supply, at }),
        ..builders::officer(role)
    }
}

const DUTY: OfficerRole = OfficerRole::DutyOfficer;

#[tokio::test]
async fn an_officer_who_is_known_here_signs_in_without_the_line_and_is_signed_in_by_itself_later() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let begun = street.clock.now();
    let (hall, incidents) = cut_off(&mut street, dir.path()).await;
    let officer = enter(&hall, DUTY, builders::PIN).await.unwrap();
    assert_eq!(officer, recorded(DUTY, Supply::Seed, begun));
    let picture = hall.picture();
    assert!(picture.is_offline_sign_in);
    street.clock.turn(HOUR_MS);
    let clicked_at = hall.now();
    hall.send_order(order(key(1), incidents[0], 1))
        .await
        .unwrap();
    let picture = until(&hall, "it is queued", |p| p.outbox.len() == 1).await;
    let waits = picture.outbox[0].last_error.clone().unwrap_or_default();
    assert!(waits.contains("li.na"), "{waits}");
    street.clock.turn(HOUR_MS);
    street.come_back();
    let picture = until(&hall, "it has arrived", |p| {
        p.outbox.is_empty() && state_of(p, key(1)) == Some(OrderState::Sent)
    })
    .await;
    assert!(
        !picture.is_offline_sign_in,
        "the hall has signed in by itself"
    );
    let sent = &street.snapshot().await.situation.orders[&key(1)];
    assert_eq!(sent.by, officer.id);
    assert_eq!(sent.stamps[0].at, clicked_at, "with its original time");
    hall.shutdown().await;
}

#[tokio::test]
async fn without_the_line_only_the_right_pin_of_somebody_known_here_lets_in() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, _) = cut_off(&mut street, dir.path()).await;
    assert_eq!(code(&hall, DUTY, "0000").await, ErrorCode::WrongPin);
    let refused = enter(&hall, OfficerRole::StreetLeader, builders::PIN).await;
    let refused = refused.expect_err("never signed in here");
    assert_eq!(refused.code, ErrorCode::Unreachable);
    assert!(refused.message.contains("未曾在本大厅联网登录"));
    let nobody = SignInOfficer {
        officer: OfficerId::from("nobody"),
        pin: builders::PIN.to_owned(),
    };
    let refused = hall.sign_in(nobody).await.expect_err("unknown");
    assert_eq!(refused.code, ErrorCode::Unreachable);
    assert_eq!(hall.picture().officer, None);
    enter(&hall, DUTY, builders::PIN).await.expect("lets in");
    hall.shutdown().await;
}

#[tokio::test]
async fn wrong_pins_are_counted_over_a_restart_and_cost_a_wait() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, _) = cut_off(&mut street, dir.path()).await;
    for _ in 0..3 {
        assert_eq!(code(&hall, DUTY, "0000").await, ErrorCode::WrongPin);
    }
    hall.shutdown().await;
    let hall = self::hall(&street, dir.path());
    until_line(&hall, LineState::Offline).await;
    for _ in 0..2 {
        assert_eq!(code(&hall, DUTY, "0000").await, ErrorCode::WrongPin);
    }
    let wait = ErrorCode::TooManyAttempts;
    assert_eq!(
        code(&hall, DUTY, builders::PIN).await,
        wait,
        "even the right one"
    );
    enter(&hall, OfficerRole::ShiftLeader, builders::PIN)
        .await
        .expect("nobody else has to wait");
    street.clock.turn(5 * MINUTE_MS - 1);
    assert_eq!(code(&hall, DUTY, builders::PIN).await, wait);
    street.clock.turn(1);
    assert_eq!(code(&hall, DUTY, "0000").await, ErrorCode::WrongPin);
    street.clock.turn(5 * MINUTE_MS);
    assert_eq!(code(&hall, DUTY, builders::PIN).await, wait, "it doubles");
    street.clock.turn(5 * MINUTE_MS);
    enter(&hall, DUTY, builders::PIN).await.expect("lets in");
    assert_eq!(code(&hall, DUTY, "0000").await, ErrorCode::WrongPin);
    enter(&hall, DUTY, builders::PIN)
        .await
        .expect("the count began anew");
    hall.shutdown().await;
}

#[tokio::test]
async fn tries_at_the_same_time_all_count() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, _) = cut_off(&mut street, dir.path()).await;
    let tries = (0..12).map(|_| {
        let hall = hall.clone();
        tokio::spawn(async move { code(&hall, DUTY, "0000").await })
    });
    let mut wrong = 0;
    for one in tries.collect::<Vec<_>>() {
        match one.await.unwrap() {
            ErrorCode::WrongPin => wrong += 1,
            other => assert_eq!(other, ErrorCode::TooManyAttempts),
        }
    }
    assert_eq!(wrong, 5);
    hall.shutdown().await;
}

#[tokio::test]
async fn after_a_restart_an_officer_signed_in_without_the_line_is_asked_for_the_pin() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let begun = street.clock.now();
    let (hall, incidents) = cut_off(&mut street, dir.path()).await;
    enter(&hall, DUTY, builders::PIN).await.unwrap();
    hall.send_order(order(key(1), incidents[0], 1))
        .await
        .unwrap();
    hall.shutdown().await;
    let hall = self::hall(&street, dir.path());
    let picture = until_line(&hall, LineState::Offline).await;
    assert_eq!(picture.officer, Some(recorded(DUTY, Supply::Seed, begun)));
    assert!(picture.is_offline_sign_in);
    street.come_back();
    let picture = until(&hall, "the officer is asked", |p| {
        let mut notices = p.notices.iter();
        p.line.state == LineState::Online && notices.any(|n| n.kind == NoticeKind::SignInAgain)
    })
    .await;
    assert_eq!(picture.outbox.len(), 1, "nothing goes out under no session");
    assert!(street.seen().is_empty());
    enter(&hall, DUTY, builders::PIN).await.unwrap();
    let picture = until(&hall, "it has arrived", |p| p.outbox.is_empty()).await;
    assert!(!picture.is_offline_sign_in);
    assert_eq!(state_of(&picture, key(1)), Some(OrderState::Sent));
    hall.shutdown().await;
}

#[tokio::test]
async fn what_a_colleague_has_queued_without_the_line_goes_out_under_that_colleagues_name() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, incidents) = cut_off(&mut street, dir.path()).await;
    enter(&hall, DUTY, builders::PIN).await.unwrap();
    hall.send_order(order(key(1), incidents[0], 1))
        .await
        .unwrap();
    enter(&hall, OfficerRole::ShiftLeader, builders::PIN)
        .await
        .unwrap();
    hall.send_order(order(key(2), incidents[1], 2))
        .await
        .unwrap();
    street.come_back();
    until(&hall, "both have arrived", |p| {
        p.outbox.is_empty() && p.line.state == LineState::Online
    })
    .await;
    let orders = street.snapshot().await.situation.orders;
    assert_eq!(orders[&key(1)].by, builders::officer(DUTY).id);
    let leader = builders::officer(OfficerRole::ShiftLeader);
    assert_eq!(orders[&key(2)].by, leader.id);
    assert_eq!(
        hall.picture().officer.map(|officer| officer.id),
        Some(leader.id)
    );
    hall.shutdown().await;
}

#[tokio::test]
async fn a_revoked_officer_leaves_the_desk_at_the_next_contact_and_is_not_let_in_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, incidents) = cut_off(&mut street, dir.path()).await;
    enter(&hall, DUTY, builders::PIN).await.unwrap();
    hall.shutdown().await;
    let officer = builders::officer(DUTY);
    street.backend.revoke_sessions(&officer.id).unwrap();
    let hall = self::hall(&street, dir.path());
    until_line(&hall, LineState::Offline).await;
    hall.send_order(order(key(1), incidents[0], 1))
        .await
        .unwrap();
    let mut follows = hall.subscribe(WindowKind::Wall);
    follows.next_frame().await.expect("a picture");
    street.come_back();
    let picture = until(&hall, "the desk is empty", |p| p.officer.is_none()).await;
    let mut notices = picture.notices.iter();
    assert!(notices.any(|n| n.kind == NoticeKind::OfficerRevoked && n.detail == "li.na"));
    for wall in [&mut follows, &mut hall.subscribe(WindowKind::Wall)] {
        let bytes = wall.next_frame().await.expect("a frame");
        let told = format!("{:?}", Frame::decode(&bytes).unwrap());
        assert!(
            told.contains("OfficerRevoked") && !told.contains("li.na"),
            "{told}"
        );
    }
    assert_eq!(picture.outbox.len(), 1, "what was wished is not lost");
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    assert_eq!(
        code(&hall, DUTY, builders::PIN).await,
        ErrorCode::Unreachable
    );
    enter(&hall, OfficerRole::ShiftLeader, builders::PIN)
        .await
        .expect("the others stay known");
    hall.shutdown().await;
}

#[tokio::test]
async fn a_new_pin_and_a_new_role_are_learnt_at_the_next_contact() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, _) = cut_off(&mut street, dir.path()).await;
    let leader = Officer {
        role: OfficerRole::ShiftLeader,
        ..builders::officer(DUTY)
    };
    let changed = street.clock.now();
    street.put_officer(&leader, "9753").await;
    enter(&hall, DUTY, builders::PIN)
        .await
        .expect("the hall cannot know of it yet");
    street.come_back();
    until(&hall, "the desk is empty", |p| p.officer.is_none()).await;
    assert_eq!(code(&hall, DUTY, builders::PIN).await, ErrorCode::WrongPin);
    enter(&hall, DUTY, "9753").await.unwrap();
    hall.sign_out().await.unwrap();
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    let renewed = Officer {
        role: leader.role,
        ..recorded(DUTY, Supply::Command, changed)
    };
    assert_eq!(enter(&hall, DUTY, "9753").await.unwrap(), renewed);
    hall.shutdown().await;
}

#[tokio::test]
async fn the_role_that_the_backend_knows_decides_about_what_was_wished_without_the_line() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, _) = staffed_hall(&street, dir.path(), 1).await;
    let it = OfficerRole::ItOfficer;
    enter(&hall, it, builders::PIN).await.unwrap();
    hall.sign_out().await.unwrap();
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    assert_eq!(enter(&hall, it, builders::PIN).await.unwrap().role, it);
    hall.set_mode(SetMode {
        key: key(1),
        mode: Mode::EmergencyRed,
        is_drill: false,
    })
    .await
    .unwrap();
    street.come_back();
    until(&hall, "it is refused", |p| {
        p.outbox
            .first()
            .is_some_and(|item| item.state == OrderState::Parked)
    })
    .await;
    assert_eq!(
        street.snapshot().await.situation.mode.session,
        Mode::Normal.into()
    );
    hall.shutdown().await;
}

#[tokio::test]
async fn a_hall_believes_in_a_pin_for_two_months() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, _) = cut_off(&mut street, dir.path()).await;
    street.clock.turn(60 * DAY_MS);
    enter(&hall, DUTY, builders::PIN).await.expect("still");
    hall.sign_out().await.unwrap();
    street.clock.turn(MINUTE_MS);
    let refused = enter(&hall, DUTY, builders::PIN)
        .await
        .expect_err("too old");
    assert_eq!(refused.code, ErrorCode::Unreachable);
    assert!(refused.message.contains("60 天"), "{}", refused.message);
    hall.shutdown().await;
}

#[tokio::test]
async fn a_clock_that_is_far_ahead_at_a_start_costs_nobody_the_way_in() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, _) = cut_off(&mut street, dir.path()).await;
    hall.shutdown().await;
    let clock = HallClock::of(&street.clock);
    let open = || {
        let mut settings = config(&street, dir.path());
        settings.clock = Arc::new(clock.clone());
        let hall = Hall::open(settings).unwrap();
        hall.start();
        hall
    };
    clock.set_wrong_by(61 * DAY_MS);
    let hall = open();
    let refused = code(&hall, DUTY, builders::PIN).await;
    assert_eq!(refused, ErrorCode::Unreachable);
    hall.shutdown().await;
    clock.set_wrong_by(0);
    let hall = open();
    enter(&hall, DUTY, builders::PIN).await.expect("known");
    hall.shutdown().await;
}

#[tokio::test]
async fn who_has_left_is_signed_out_at_the_backend_when_it_can_be_told() {
    let (dir, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut street = Street::up_in(data.path());
    let (hall, _) = staffed_hall(&street, dir.path(), 1).await;
    assert_eq!(sessions(data.path()), 1);
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    hall.sign_out().await.unwrap();
    assert_eq!(sessions(data.path()), 1);
    street.come_back();
    until_so("the session has ended", || sessions(data.path()) == 0).await;
    hall.shutdown().await;
}

#[tokio::test]
async fn the_drill_switch_is_an_outage_like_any_other() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    hall.set_link(SetLink { enabled: false }).await.unwrap();
    until_line(&hall, LineState::SwitchedOff).await;
    hall.sign_out().await.unwrap();
    enter(&hall, DUTY, builders::PIN).await.unwrap();
    let proposal = propose(&hall, incidents[0]).await;
    hall.send_order(crate::harness::click(&proposal))
        .await
        .unwrap();
    hall.set_link(SetLink { enabled: true }).await.unwrap();
    until(&hall, "it has arrived", |p| {
        state_of(p, proposal.keys[0]) == Some(OrderState::Sent)
    })
    .await;
    hall.shutdown().await;
}

#[tokio::test]
async fn nothing_of_a_pin_is_readable_in_what_the_hall_keeps() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, _) = cut_off(&mut street, dir.path()).await;
    enter(&hall, DUTY, builders::PIN).await.unwrap();
    hall.shutdown().await;
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for told in ["$argon2id$", "li.na"] {
            let found = bytes.windows(told.len()).any(|w| w == told.as_bytes());
            assert!(!found, "{told} lies open");
        }
    }
    let db = crate::harness::database(dir.path(), "outbox.db");
    let hashes: Vec<String> = db
        .prepare("SELECT pin_hash FROM verifiers")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(hashes.len(), 2);
    assert_ne!(hashes[0], hashes[1], "two officers with one PIN");
    assert!(hashes.iter().all(|hash| hash.starts_with("$argon2id$")));
}
