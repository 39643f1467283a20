//! A backend that does only half of its work: it greets and gives no changes, or gives them slowly.

use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::OrderState;
use domain::time::MINUTE_MS;
use hall_api::{Clock, Feed, Hall, SystemClock};
use protocol::commands::{SetLink, WindowKind};
use protocol::feed::{Frame, LineState, PictureChange};
use protocol::http::{Imported, paths};
use testkit::builders;

use crate::harness::{
    Street, click, config, hall, propose, sign_in, staffed_hall, state_of, until, until_line,
    until_so,
};

/// Greetings that the hall is watched for, and the pause after the first failure.
const GREETINGS: usize = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// The next states of the line that a window is told of.
async fn line_states(feed: &mut Feed) -> Vec<LineState> {
    let bytes = feed.next_frame().await.expect("the hall is open");
    match Frame::decode(&bytes).expect("a frame") {
        Frame::Snapshot(picture) => vec![picture.line.state],
        Frame::Delta { changes, .. } => changes
            .iter()
            .filter_map(|change| match change {
                PictureChange::Line(line) => Some(line.state),
                _ => None,
            })
            .collect(),
    }
}

#[tokio::test]
async fn a_backend_that_greets_and_gives_no_changes_is_no_line_and_is_asked_ever_less() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let incident = street.report(1).await;
    let mut settings = config(&street, dir.path());
    settings.pace.first_backoff = FIRST_PAUSE;
    settings.pace.longest_line_backoff = Duration::from_mins(1);
    let hall = Hall::open(settings).unwrap();
    hall.start();
    until(&hall, "everything is shown", |p| {
        p.line.state == LineState::Online && p.situation.positions.len() == 5
    })
    .await;
    sign_in(&hall).await;
    street.faults.refuses_changes.store(true, Ordering::SeqCst);
    let offline = until_line(&hall, LineState::Offline).await;
    assert!(offline.line.detail.contains("503"), "{:?}", offline.line);

    let (clock, mut feed) = (SystemClock::new(), hall.subscribe(WindowKind::Desk));
    let (begun, before) = (
        clock.monotonic(),
        street.faults.greeted.load(Ordering::SeqCst),
    );
    street.clock.turn(MINUTE_MS);
    let mut shown = Vec::new();
    while street.faults.greeted.load(Ordering::SeqCst) < before + GREETINGS {
        shown.extend(line_states(&mut feed).await);
    }
    // Each of the pauses between them is at least half of twice the one before.
    let least = FIRST_PAUSE / 2 * ((1 << (GREETINGS - 1)) - 1);
    let took = clock.monotonic().saturating_sub(begun);
    assert!(took >= least, "{GREETINGS} greetings within {took:?}");
    assert!(
        shown.iter().all(|state| *state == LineState::Offline),
        "{shown:?}"
    );

    // What is shown is as old as it was, however often the backend has greeted since.
    let told = hall.picture().line.last_contact;
    assert_eq!(told, offline.line.last_contact);

    let proposal = propose(&hall, incident).await;
    hall.send_order(click(&proposal)).await.unwrap();
    assert!(street.seen().is_empty(), "nothing is sent without a line");
    street.faults.refuses_changes.store(false, Ordering::SeqCst);
    // An officer who switches the line waits for no pause.
    for enabled in [false, true] {
        hall.set_link(SetLink { enabled }).await.unwrap();
    }
    until(&hall, "the order is recorded", |p| {
        p.outbox.is_empty() && state_of(p, proposal.keys[0]) == Some(OrderState::Sent)
    })
    .await;
    hall.shutdown().await;
}

/// People that are entered while the hall is closed: more changes than one answer holds.
const NEWCOMERS: u32 = 2_300;

#[tokio::test]
async fn a_hall_says_how_far_it_is_behind_until_it_has_caught_up() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (first, _) = staffed_hall(&street, dir.path(), 0).await;
    assert_eq!(first.picture().line.behind, 0);
    first.shutdown().await;
    let people: Vec<_> = (100..100 + NEWCOMERS).map(builders::person).collect();
    let taken: Imported = street
        .caller()
        .post(paths::IMPORT_PEOPLE, &people)
        .await
        .unwrap();
    assert_eq!(taken.taken, NEWCOMERS as usize);

    // One answer comes, and then none for a while.
    street
        .faults
        .answers_changes_first
        .store(1, Ordering::SeqCst);
    street
        .faults
        .withholds_changes
        .store(true, Ordering::SeqCst);
    let second = hall(&street, dir.path());
    let behind = until(&second, "it says that it is behind", |p| {
        p.line.behind > 0 && p.line.state == LineState::Online
    })
    .await;
    let missing = street.snapshot().await.situation.people.len() - behind.situation.people.len();
    assert!(missing > 0, "the first answer holds everything");
    assert!(behind.line.behind >= missing as u64, "{:?}", behind.line);
    street
        .faults
        .withholds_changes
        .store(false, Ordering::SeqCst);
    let level = until(&second, "it has caught up", |p| p.line.behind == 0).await;
    assert_eq!(level.situation, street.snapshot().await.situation);
    second.shutdown().await;
}

#[tokio::test]
async fn proposals_that_fail_do_not_begin_anew_what_comes_over_a_slow_line() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    // Before the first question: one that waits already would be answered at once.
    street.faults.slows_changes.store(true, Ordering::SeqCst);
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    // As many as one answer holds.
    let people: Vec<_> = (100..600).map(builders::person).collect();
    let taken: Imported = street
        .caller()
        .post(paths::IMPORT_PEOPLE, &people)
        .await
        .unwrap();
    let begun = || street.faults.slow_answers.load(Ordering::SeqCst);
    until_so("changes begin to come", || begun() == 1).await;
    let shown = hall.picture().situation.people.len();

    let greeted = street.faults.greeted.load(Ordering::SeqCst);
    street.faults.lose_answers.store(2, Ordering::SeqCst);
    let proposal = propose(&hall, incidents[0]).await;
    hall.send_order(click(&proposal)).await.unwrap();
    until_so("the line is looked at", || {
        street.faults.greeted.load(Ordering::SeqCst) > greeted
    })
    .await;
    assert_eq!(hall.picture().situation.people.len(), shown, "all has come");
    let all = street.snapshot().await.situation.people.len();
    assert!(all > taken.taken);
    until(&hall, "all have come", |p| p.situation.people.len() == all).await;
    assert_eq!(begun(), 1, "they began to come once more");

    street.faults.slows_changes.store(false, Ordering::SeqCst);
    until(&hall, "the order is recorded", |p| {
        p.outbox.is_empty() && state_of(p, proposal.keys[0]) == Some(OrderState::Sent)
    })
    .await;
    hall.shutdown().await;
}
