//! Seventy-two hours without the line while the street is busy: thousands of local actions wait with
//! their times, the hall is restarted in between, the backend's world goes on and cuts its log. Then
//! the line comes back, and what the halls and the backend have is counted action by action.
//!
//! `cargo xtask outage --actions 10000` runs the same in an optimised build and says how long the
//! queue took to drain; as a test a slice of it is asserted for what is right, and nothing is timed.

mod account;
mod duty;
mod window;

use std::time::Duration;

use domain::intents::Lane;
use domain::time::HOUR_MS;
use domain::trail::OfficerRole;
use domain::{IntentKey, OrderState, Situation};
use hall_api::{Clock, Hall, HallConfig, Pace, SystemClock};
use protocol::commands::{DropProposal, SignInOfficer};
use protocol::feed::{LineState, Picture};
use testkit::proxy::FaultProxy;
use testkit::{RunningBackend, builders};

use crate::harness::HallClock;
use account::Account;
use duty::Duty;
use window::Window;

/// How many local actions: a thousand, or as `cargo xtask outage --actions N` says.
const ACTIONS: &str = "STREETHALL_TEST_OUTAGE_ACTIONS";
const OUTAGE_MS: i64 = 72 * HOUR_MS;
/// What happens elsewhere meanwhile: reports, receipts of the field, decisions of another hall.
const ELSEWHERE: usize = 300;
/// Restarts of the hall while the line is cut.
const RESTARTS: usize = 4;
/// Longest wait for the whole queue, however slow the machine.
const PATIENCE: Duration = Duration::from_mins(20);

fn actions() -> usize {
    let asked = std::env::var(ACTIONS).ok();
    asked.map_or(1_000, |text| text.parse().expect("a number of actions"))
}

/// The backend, the line to it and the hall's directory.
struct Scene {
    backend: RunningBackend,
    backend_dir: tempfile::TempDir,
    line: FaultProxy,
    hall_dir: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let backend_dir = tempfile::tempdir().unwrap();
        let backend =
            RunningBackend::start_in(backend_dir.path(), testkit::FakeClock::default(), 0);
        let line = FaultProxy::start(backend.address());
        Self {
            backend,
            backend_dir,
            line,
            hall_dir: tempfile::tempdir().unwrap(),
        }
    }

    fn open(&self) -> Hall {
        let key = self.backend.backend.hall_key();
        let mut config = HallConfig::new(self.hall_dir.path(), self.line.base_url(), key, "本街道");
        config.clock = std::sync::Arc::new(HallClock::of(&self.backend.clock));
        config.pace = Pace {
            poll_wait: Duration::from_millis(400),
            longest_line_backoff: Duration::from_millis(200),
            ..Pace::default()
        };
        let hall = Hall::open(config).unwrap();
        hall.start();
        hall
    }
}

async fn sign_in(hall: &Hall, role: OfficerRole) {
    hall.sign_in(SignInOfficer {
        officer: builders::officer(role).id,
        pin: builders::PIN.to_owned(),
    })
    .await
    .expect("the officer signs in");
}

fn asks_for_sign_in(picture: &Picture) -> bool {
    picture.outbox.iter().all(|item| {
        let why = item.last_error.as_deref().unwrap_or_default();
        item.state == OrderState::Queued && why.contains("signs in again")
    })
}

/// Whether nothing is left that could be sent without an officer's decision.
fn is_drained(picture: &Picture) -> bool {
    picture.outbox.iter().all(|item| {
        let why = item.last_error.as_deref().unwrap_or_default();
        item.state == OrderState::Parked || why.contains("decision about the parked one")
    })
}

fn is_online(picture: &Picture) -> bool {
    picture.line.state == LineState::Online
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_days_without_the_line_lose_nothing_and_do_nothing_twice() {
    let actions = actions();
    let scene = Scene::new();
    let incidents = duty::three_days_of_reports(&scene, actions);
    let hall = scene.open();
    let mut window = Window::open(&hall);
    let mut duty = Duty::begin(&scene, &hall, &mut window, incidents).await;
    scene.line.set_line(false);
    window.until("the line is cut", |p| !is_online(p)).await;
    let hall = work_on(&scene, hall, &mut duty, actions).await;
    cut_log(&scene);

    let mut window = Window::open(&hall);
    let queued = hall.picture().outbox.len();
    let clock = SystemClock::new();
    let reconnected = clock.monotonic();
    scene.line.set_line(true);
    ask_for_sign_in(&hall, &mut window, queued).await;
    let asked_after = clock.monotonic().saturating_sub(reconnected);
    let begun = clock.monotonic();
    sign_in(&hall, OfficerRole::DutyOfficer).await;
    window.until("the queue is drained", is_drained).await;
    let drained_after = clock.monotonic().saturating_sub(begun);
    let parked = decide(&hall, &mut window, &mut duty.account).await;

    assert_eq!(duty.handovers, 4);
    let account = duty.account;
    check(&scene, &hall, &mut window, &account).await;
    hall.shutdown().await;
    let again = scene.open();
    let mut window = Window::open(&again);
    window.until("it is online again", is_online).await;
    // What was dropped here is nowhere any more.
    let snapshot = scene.backend.hall().snapshot().await;
    let is_same = |shown: &Situation| *shown == snapshot.situation;
    assert!(window.comes_to(is_same).await);
    assert_eq!(again.picture().outbox, []);
    println!(
        "{actions} actions, {queued} waited: asked for signing in after {:.1} s, drained in {:.1} s, \
         {parked} refused with a reason, {} dropped before they were sent",
        asked_after.as_secs_f64(),
        drained_after.as_secs_f64(),
        account.dropped(),
    );
    again.shutdown().await;
}

/// Seventy-two hours at the desk, with restarts; returns the hall that runs at their end.
async fn work_on(scene: &Scene, first: Hall, duty: &mut Duty, actions: usize) -> Hall {
    let mut hall = first;
    for number in 1..=actions {
        scene.backend.clock.turn(OUTAGE_MS / actions as i64);
        if number % (actions / (RESTARTS + 1)) == 0 && number < actions {
            let before = duty.account.without_dropped(hall.picture().situation);
            let waited = keys(&hall.picture());
            hall.shutdown().await;
            hall = scene.open();
            assert!(hall.picture().situation == before, "the same is shown");
            assert_eq!(keys(&hall.picture()), waited);
        }
        duty.act(&hall).await;
        // Not to the end: whoever is asked for a PIN afterwards has been through a restart.
        if number % (actions / 10) == 0 && number <= actions * 2 / 5 {
            duty.hand_over(&hall).await;
        }
        if number % (actions / ELSEWHERE).max(1) == 0 {
            duty.elsewhere(scene).await;
        }
    }
    hall
}

fn keys(picture: &Picture) -> Vec<IntentKey> {
    let items = picture.outbox.iter();
    items.map(|item| item.proposal.key).collect()
}

/// Both sessions have ended meanwhile: what waits asks for its own officer. When one has signed in, the
/// own log goes out, and nothing of the other does.
async fn ask_for_sign_in(hall: &Hall, window: &mut Window, queued: usize) {
    let asking = |p: &Picture| is_online(p) && asks_for_sign_in(p);
    window.until("the queue asks for signing in", asking).await;
    assert_eq!(hall.picture().outbox.len(), queued);
    let [duty_officer, shift_leader] =
        [OfficerRole::DutyOfficer, OfficerRole::ShiftLeader].map(builders::officer);
    let of_duty_officer = |mut p: Picture| {
        p.outbox
            .retain(|item| item.proposal.officer == duty_officer.id);
        p
    };
    let before = of_duty_officer(hall.picture()).outbox.len();
    assert!((1..queued).contains(&before), "both have something waiting");
    sign_in(hall, OfficerRole::ShiftLeader).await;
    let own = Lane::Duty(shift_leader.id.clone());
    let is_logged = |p: &Picture| {
        let mut items = p.outbox.iter();
        let seated = p.officer.as_ref().map(|officer| &officer.id);
        seated == Some(&shift_leader.id) && items.all(|i| i.proposal.lane() != own)
    };
    window
        .until("the shift leader's log is written", is_logged)
        .await;
    let left = of_duty_officer(hall.picture());
    assert!(asks_for_sign_in(&left));
    assert_eq!(left.outbox.len(), before);
}

/// Drops what was refused, until nothing waits; returns how many that were.
async fn decide(hall: &Hall, window: &mut Window, account: &mut Account) -> usize {
    let mut dropped = 0;
    loop {
        window.until("the queue is drained", is_drained).await;
        let picture = hall.picture();
        if picture.outbox.is_empty() {
            return dropped;
        }
        for item in picture.outbox {
            if item.state == OrderState::Parked {
                let key = item.proposal.key;
                let why = item.last_error.unwrap_or_default();
                assert!(!why.is_empty(), "{key} is parked without a reason");
                account.parked(key);
                hall.drop_proposal(DropProposal { key }).await.unwrap();
                dropped += 1;
            }
        }
        // The window has yet to hear of it.
        window.next().await;
    }
}

/// The log begins after its newest change, so that the hall's cursor is too old.
fn cut_log(scene: &Scene) {
    let db = backend_database(scene);
    let newest: i64 = db
        .query_row("SELECT max(cursor) FROM changes", [], |row| row.get(0))
        .unwrap();
    db.execute("DELETE FROM changes WHERE cursor <= ?1", [newest])
        .unwrap();
    db.execute(
        "INSERT INTO counters VALUES ('changes_floor', ?1)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [newest],
    )
    .unwrap();
}

fn backend_database(scene: &Scene) -> rusqlite::Connection {
    let db = rusqlite::Connection::open(scene.backend_dir.path().join("backend.db")).unwrap();
    db.busy_timeout(Duration::from_secs(10)).unwrap();
    db
}

/// Every action once, or refused with a reason and then dropped; everybody sees the same.
async fn check(scene: &Scene, hall: &Hall, window: &mut Window, account: &Account) {
    let backend = scene.backend.hall();
    let mut snapshot = backend.snapshot().await;
    // The backend passes unanswered orders on by itself, so its present may move on once more.
    let is_there =
        |shown: &Situation, wanted: &Situation| account.without_dropped(shown.clone()) == *wanted;
    while !window
        .comes_to(|shown| is_there(shown, &snapshot.situation))
        .await
    {
        snapshot = backend.snapshot().await;
    }
    assert!(is_there(&hall.picture().situation, &snapshot.situation));
    assert_eq!(hall.picture().outbox, []);
    account
        .settle(&backend_database(scene), hall, &snapshot)
        .await;
    scene
        .backend
        .backend
        .verify_chain()
        .expect("the chain is whole");
}
