//! Somebody sets the machine's clock while there is no line by which it could be measured.

use std::sync::Arc;

use domain::OrderState;
use domain::time::{DAY_MS, HOUR_MS};
use hall_api::{Hall, HallConfig};
use protocol::feed::{LineState, NoticeKind, Picture};

use crate::harness::{
    HallClock, Street, click, config, propose, sign_in, state_of, until, until_line,
};

/// What the notices say of the clock, in their order.
fn said(picture: &Picture) -> Vec<&str> {
    let notices = picture.notices.iter();
    notices
        .filter(|notice| notice.kind == NoticeKind::ClockOffset)
        .map(|notice| notice.detail.as_str())
        .collect()
}

fn open(settings: HallConfig) -> Hall {
    let hall = Hall::open(settings).unwrap();
    hall.start();
    hall
}

#[tokio::test]
async fn a_clock_that_is_set_during_an_outage_is_noticed_and_the_times_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let incidents = [street.report(1).await, street.report(2).await];
    let clock = HallClock::of(&street.clock);
    let settings = || {
        let mut settings = config(&street, dir.path());
        settings.clock = Arc::new(clock.clone());
        settings
    };
    let settings_again = settings();
    let hall = open(settings());
    until_line(&hall, LineState::Online).await;
    until(&hall, "everybody is shown", |p| {
        p.situation.positions.len() == 5
    })
    .await;
    sign_in(&hall).await;
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    assert_eq!(said(&hall.picture()), [""; 0]);

    street.clock.turn(60_000);
    clock.set_wrong_by(3 * HOUR_MS);
    // Also what is ordered before anybody has noticed bears the right time.
    assert_eq!(hall.now(), street.clock.now());
    let noticed = until(&hall, "it is said", |p| said(p) == ["-10800 s"]).await;
    assert_eq!(noticed.line.clock_offset_ms, -3 * HOUR_MS);
    assert_eq!(noticed.now, street.clock.now());
    let (first_at, first) = (street.clock.now(), propose(&hall, incidents[0]).await);
    hall.send_order(click(&first)).await.unwrap();

    street.clock.turn(60_000);
    clock.set_wrong_by(-2 * HOUR_MS);
    until(&hall, "it is said again", |p| {
        said(p) == ["-10800 s", "+7200 s"]
    })
    .await;
    assert_eq!(hall.now(), street.clock.now());
    // What was measured before the start and held since is found again after it.
    hall.shutdown().await;
    let hall = open(settings_again);
    assert_eq!(hall.now(), street.clock.now());
    let (second_at, second) = (street.clock.now(), propose(&hall, incidents[1]).await);
    hall.send_order(click(&second)).await.unwrap();

    street.clock.turn(60_000);
    street.come_back();
    until(&hall, "both are recorded", |p| p.outbox.is_empty()).await;
    let there = street.snapshot().await;
    for (order, at, incident) in [
        (first.keys[0], first_at, incidents[0]),
        (second.keys[0], second_at, incidents[1]),
    ] {
        let of_order = |entry: &&domain::trail::TrailEntry| {
            let mandate = entry.mandate.as_ref();
            mandate.is_some_and(|mandate| mandate.intent == order)
        };
        let entry = there.trail.iter().find(of_order).expect("it is recorded");
        assert_eq!((entry.incident, entry.occurred_at), (incident, at));
    }
    let picture = hall.picture();
    assert_eq!(state_of(&picture, first.keys[0]), Some(OrderState::Sent));
    assert_eq!(picture.line.clock_offset_ms, 2 * HOUR_MS);
    hall.shutdown().await;
}

#[tokio::test]
async fn a_machine_that_has_lost_its_time_goes_on_behind_the_last_contact_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let clock = HallClock::of(&street.clock);
    let settings = |street: &Street| {
        let mut settings = config(street, dir.path());
        settings.clock = Arc::new(clock.clone());
        settings
    };
    let hall = open(settings(&street));
    let online = until_line(&hall, LineState::Online).await;
    hall.shutdown().await;
    street.go_down();
    // Its battery is empty: it begins years ago.
    clock.set_wrong_by(-3_000 * DAY_MS);
    let hall = open(settings(&street));
    assert!(Some(hall.now()) >= online.line.last_contact);
    assert_eq!(said(&hall.picture()).len(), 1);
    hall.shutdown().await;
}
