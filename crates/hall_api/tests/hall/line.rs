//! The line: every way in which it can be broken has a name, and data survives all of them.

use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::OrderState;
use domain::people::Shift;
use hall_api::Hall;
use protocol::feed::{LineState, NoticeKind, Picture};
use testkit::builders;

use crate::harness::{
    Street, click, config, hall, propose, staffed_hall, state_of, until, until_line,
};

#[tokio::test]
async fn what_happened_during_an_outage_is_fetched_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    let proposal = propose(&hall, incidents[0]).await;
    hall.send_order(click(&proposal)).await.unwrap();
    until(&hall, "it is sent", |p| {
        state_of(p, proposal.keys[0]) == Some(OrderState::Sent)
    })
    .await;
    street.go_down();
    let offline = until_line(&hall, LineState::Offline).await;
    assert!(!offline.line.detail.is_empty());
    assert_eq!(offline.situation.incidents.len(), 1);
    // The hall's address answers again only after the field has gone on.
    street.come_back();
    let to = proposal.candidates[0].person.0;
    let at = street.clock.now();
    let state = OrderState::Accepted;
    street
        .field()
        .receipt(proposal.keys[0], to, state, at)
        .await
        .unwrap();
    let new = street.report(2).await;
    let picture = until(&hall, "both have arrived", |p| {
        state_of(p, proposal.keys[0]) == Some(OrderState::Accepted)
            && p.situation.incidents.contains_key(&new)
    })
    .await;
    assert_eq!(picture.situation, street.snapshot().await.situation);
    hall.shutdown().await;
}

#[tokio::test]
async fn a_hall_that_was_closed_continues_where_it_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (first, _) = staffed_hall(&street, dir.path(), 2).await;
    first.shutdown().await;
    let new = street.report(3).await;
    let second = hall(&street, dir.path());
    assert_eq!(second.picture().situation.incidents.len(), 2);
    until(&second, "the new one has arrived", |p| {
        p.situation.incidents.contains_key(&new)
    })
    .await;
    second.shutdown().await;
}

#[tokio::test]
async fn nonsense_is_called_nonsense_and_touches_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, _) = staffed_hall(&street, dir.path(), 2).await;
    let before = hall.picture().situation;
    street.faults.nonsense.store(true, Ordering::SeqCst);
    let picture = until_line(&hall, LineState::Nonsense).await;
    assert!(
        picture.line.detail.contains("/v1/"),
        "{}",
        picture.line.detail
    );
    assert_eq!(picture.situation, before);
    street.faults.nonsense.store(false, Ordering::SeqCst);
    until_line(&hall, LineState::Online).await;
    hall.shutdown().await;
}

#[tokio::test]
async fn a_backend_that_speaks_newer_versions_as_well_is_spoken_to_in_ours() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    street
        .faults
        .newer_protocol_too
        .store(true, Ordering::SeqCst);
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    let proposal = propose(&hall, incidents[0]).await;
    hall.send_order(click(&proposal)).await.unwrap();
    until(&hall, "the order is recorded", |p| p.outbox.is_empty()).await;
    hall.shutdown().await;
}

#[tokio::test]
async fn another_protocol_version_is_named_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    street.faults.other_protocol.store(true, Ordering::SeqCst);
    let hall = hall(&street, dir.path());
    let picture = until_line(&hall, LineState::ProtocolMismatch).await;
    assert!(picture.line.detail.contains("99"));
    assert!(picture.line.detail.contains("update this hall"));
    street.faults.other_protocol.store(false, Ordering::SeqCst);
    until_line(&hall, LineState::Online).await;
    hall.shutdown().await;
}

#[tokio::test]
async fn packets_that_vanish_are_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    // Connections are accepted by the kernel and never answered.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = config(&street, dir.path());
    config.backend_url = format!("http://{}", silent.local_addr().unwrap());
    config.pace.answer_timeout = Duration::from_millis(200);
    let hall = Hall::open(config).unwrap();
    hall.start();
    let picture = until_line(&hall, LineState::Offline).await;
    assert!(picture.line.detail.contains("no answer in time"));
    hall.shutdown().await;
}

#[tokio::test]
async fn another_backend_gets_neither_the_cache_nor_the_queue_of_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (first, incidents) = staffed_hall(&street, dir.path(), 1).await;
    street.go_down();
    until_line(&first, LineState::Offline).await;
    let proposal = propose(&first, incidents[0]).await;
    first.send_order(click(&proposal)).await.unwrap();
    first.shutdown().await;

    let other = Street::up();
    let mut settings = config(&other, dir.path());
    settings.backend_label = "另一街道".to_owned();
    let second = Hall::open(settings).unwrap();
    let picture = second.picture();
    assert!(picture.situation.incidents.is_empty());
    assert!(picture.situation.orders.is_empty());
    assert_eq!(picture.officer, None);
    assert_eq!(picture.outbox.len(), 1);
    assert_eq!(picture.outbox[0].state, OrderState::Parked);
    assert!(
        picture.outbox[0]
            .last_error
            .as_ref()
            .unwrap()
            .contains("本街道")
    );
    second.start();
    until_line(&second, LineState::Online).await;
    assert!(other.seen().is_empty());
    second.shutdown().await;

    street.come_back();
    let third = hall(&street, dir.path());
    until(&third, "it is delivered to the right one", |p| {
        p.outbox.is_empty() && state_of(p, proposal.keys[0]) == Some(OrderState::Sent)
    })
    .await;
    assert_eq!(street.seen(), [proposal.keys[0]]);
    third.shutdown().await;
}

#[tokio::test]
async fn a_log_that_began_anew_replaces_the_picture() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 3).await;
    street.begin_anew();
    let picture = until(&hall, "the old incidents are gone", |p| {
        p.situation.incidents.is_empty() && p.line.state == LineState::Online
    })
    .await;
    assert!(!picture.situation.people.is_empty());
    let again = street.report(1).await;
    assert_eq!(again, incidents[0]);
    until(&hall, "the new log is followed", |p| {
        p.situation.incidents.len() == 1
    })
    .await;
    hall.shutdown().await;
}

#[tokio::test]
async fn clocks_that_differ_are_measured_and_said() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let slow = testkit::FakeClock::at(street.clock.now().plus_ms(-90_000));
    let start = || {
        let mut settings = config(&street, dir.path());
        settings.clock = std::sync::Arc::new(StandingClock(slow.clone()));
        let hall = Hall::open(settings).unwrap();
        hall.start();
        hall
    };
    let said = |p: &protocol::feed::Picture| {
        let notices = p.notices.iter();
        let of_clock = notices.filter(|notice| notice.kind == NoticeKind::ClockOffset);
        p.line.clock_offset_ms == 90_000 && of_clock.count() == 1
    };
    let hall = start();
    let picture = until(&hall, "the offset is known", said).await;
    assert_eq!(picture.now, street.clock.now());
    assert_eq!(hall.now(), street.clock.now());
    // It is as large as before after a restart, and whoever sits there then is told.
    hall.shutdown().await;
    let hall = start();
    until(&hall, "the offset is said again", said).await;
    // The backend's clock jumps; the next answer shows it.
    street.clock.turn(3_600_000);
    until(&hall, "the jump is noticed", |p| {
        p.line.clock_offset_ms == 3_690_000
    })
    .await;
    hall.shutdown().await;
}

#[derive(Debug)]
struct StandingClock(testkit::FakeClock);

impl hall_api::Clock for StandingClock {
    fn now(&self) -> domain::Timestamp {
        self.0.now()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn steady(&self) -> Duration {
        Duration::ZERO
    }
}

#[tokio::test]
async fn positions_move_on_their_own_way() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, _) = staffed_hall(&street, dir.path(), 0).await;
    street.clock.turn(5_000);
    let mut place = builders::CENTRE;
    place.lat += 0.001;
    let fix = builders::fix(3, place, street.clock.now());
    let taken: protocol::http::Accepted = street
        .field()
        .post(protocol::http::paths::POSITIONS, &vec![fix])
        .await
        .unwrap();
    assert_eq!(taken.accepted, 1);
    until(&hall, "person 3 has moved", |p| {
        p.situation.positions[&domain::PersonId(3)] == fix
    })
    .await;
    hall.shutdown().await;
    let reopened = Hall::open(config(&street, dir.path())).unwrap();
    let position = reopened.picture().situation.positions[&domain::PersonId(3)];
    assert_eq!(position, fix);
}

/// From now on the person works at night only.
async fn send_home(street: &Street, number: u32) {
    let mut person = builders::person(number);
    person.shift = Shift {
        from_minute: 20 * 60,
        to_minute: 8 * 60,
    };
    let imported: protocol::http::Imported = street
        .caller()
        .post(protocol::http::paths::IMPORT_PEOPLE, &vec![person])
        .await
        .unwrap();
    assert_eq!(imported.taken, 1);
}

#[tokio::test]
async fn who_may_no_longer_be_shown_vanishes_also_from_what_is_kept() {
    let located = |p: &Picture| {
        p.situation
            .positions
            .keys()
            .map(|p| p.0)
            .collect::<Vec<_>>()
    };
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let (hall, _) = staffed_hall(&street, dir.path(), 0).await;
    send_home(&street, 3).await;
    until(&hall, "person 3 is gone", |p| located(p) == [1, 2, 4, 5]).await;
    hall.shutdown().await;
    // What a closed hall did not hear of, it hears when it meets the backend again.
    send_home(&street, 4).await;
    let reopened = self::hall(&street, dir.path());
    assert_eq!(located(&reopened.picture()), [1, 2, 4, 5]);
    until(&reopened, "person 4 is gone", |p| located(p) == [1, 2, 5]).await;
    reopened.shutdown().await;
    street.go_down();
    let alone = self::hall(&street, dir.path());
    assert_eq!(located(&alone.picture()), [1, 2, 5]);
    alone.shutdown().await;
}
