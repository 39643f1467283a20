//! Positions of people whom the roster does not cover: withheld, unless the mode in force allows
//! them, and then each is on record.

use domain::intents::Mode;
use domain::people::Shift;
use domain::trail::OfficerRole;
use domain::{Intent, OrderState, PersonId, Timestamp};
use protocol::http::{Accepted, NewReport, Positions, paths};
use testkit::{Caller, FakeClock, RunningBackend, builders};

const ON_DUTY: u32 = 1;
const OFF_DUTY: u32 = 2;
const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Longer than positions wait until they are written.
const UNTIL_SAVED_MS: i64 = 11 * SECOND_MS;

struct Street {
    running: RunningBackend,
    hall: Caller,
    officer: Caller,
    cursor: u64,
    number: u128,
}

impl Street {
    /// A street in the morning: the person on duty works until noon, the one off duty at night.
    async fn start(data_dir: &std::path::Path) -> Self {
        let running = RunningBackend::start_in(data_dir, FakeClock::default(), 0);
        let hall = running.hall();
        let people = [(ON_DUTY, (8, 12)), (OFF_DUTY, (20, 8))].map(|(number, (from, to))| {
            let mut person = builders::person(number);
            person.shift = Shift {
                from_minute: from * 60,
                to_minute: to * 60,
            };
            person
        });
        let imported: protocol::http::Imported = hall
            .post(paths::IMPORT_PEOPLE, &people)
            .await
            .expect("imported");
        assert_eq!(imported.taken, 2);
        Self {
            officer: hall.sign_in(OfficerRole::DutyOfficer).await,
            hall,
            running,
            cursor: 0,
            number: 0,
        }
    }

    fn now(&self) -> Timestamp {
        self.running.clock.now()
    }

    /// Both phones report where they are, a second later each time.
    async fn phones_report(&self) {
        self.running.clock.turn(SECOND_MS);
        let fixes = [ON_DUTY, OFF_DUTY].map(|n| builders::fix(n, builders::CENTRE, self.now()));
        let answer: Accepted = self
            .running
            .field()
            .post(paths::POSITIONS, &fixes)
            .await
            .expect("taken");
        assert_eq!(answer.accepted, 2);
    }

    /// The phone of somebody sends what it measured that long ago and kept.
    async fn phone_sends_from(&self, number: u32, age_ms: i64) {
        let fix = builders::fix(number, builders::CENTRE, self.now().plus_ms(-age_ms));
        let answer: Accepted = self
            .running
            .field()
            .post(paths::POSITIONS, &[fix])
            .await
            .expect("taken");
        assert_eq!((answer.accepted, answer.refused_count), (1, 0));
    }

    /// An order to the person off duty, under way.
    async fn send_who_is_off_duty(&mut self) {
        let report: NewReport = builders::report(1, self.now());
        let field = self.running.field();
        let incident = field.report(&report).await.expect("taken").incident;
        self.propose(builders::send(incident, OFF_DUTY)).await;
    }

    /// Who moved and who is gone since the last look.
    async fn news(&mut self) -> (Vec<u32>, Vec<u32>) {
        let path = format!("{}?after={}", paths::POSITIONS, self.cursor);
        let news: Positions = self.hall.get(&path).await.expect("positions");
        self.cursor = news.cursor;
        let mut moved: Vec<u32> = news.fixes.iter().map(|fix| fix.person.0).collect();
        moved.sort_unstable();
        (moved, news.gone.iter().map(|person| person.0).collect())
    }

    async fn propose(&mut self, intent: Intent) {
        self.number += 1;
        let proposal = builders::proposal(self.number, intent);
        self.officer.propose(&proposal).await.expect("taken");
    }

    async fn switch(&mut self, mode: Mode, is_drill: bool) {
        self.propose(Intent::SetMode { mode, is_drill }).await;
    }

    async fn shown(&self) -> Vec<PersonId> {
        let snapshot = self.hall.snapshot().await;
        snapshot.situation.positions.into_keys().collect()
    }
}

fn database(data_dir: &std::path::Path) -> rusqlite::Connection {
    rusqlite::Connection::open(data_dir.join("backend.db")).expect("database")
}

/// Whose positions are on disk.
fn stored(data_dir: &std::path::Path) -> Vec<u32> {
    let db = database(data_dir);
    let mut rows = db
        .prepare("SELECT person FROM positions ORDER BY person")
        .expect("a table");
    let people = rows.query_map([], |row| row.get(0)).expect("rows");
    people.map(|person| person.expect("row")).collect()
}

/// What is on record: which switch of the mode, who, and when.
fn on_record(data_dir: &std::path::Path) -> Vec<(Mode, u32, i64)> {
    let db = database(data_dir);
    let mut rows = db
        .prepare(
            "SELECT modes.mode, person, first_shown_at FROM position_uses
             JOIN modes ON modes.position = mode_switch ORDER BY mode_switch, person",
        )
        .expect("a table");
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.expect("rows")
        .map(|row: rusqlite::Result<(String, u32, i64)>| {
            let (mode, person, at) = row.expect("row");
            let mode: domain::modes::ModeSession = serde_json::from_str(&mode).expect("mode");
            (mode.mode, person, at)
        })
        .collect()
}

#[tokio::test]
async fn nobody_outside_the_roster_is_shown_on_an_ordinary_day() {
    let folder = tempfile::tempdir().expect("folder");
    let mut street = Street::start(folder.path()).await;
    street.phones_report().await;
    assert_eq!(street.news().await, (vec![ON_DUTY], vec![]));
    assert_eq!(street.shown().await, [PersonId(ON_DUTY)]);
    // A milder emergency does not allow it, and neither does the exercise of a grave one.
    for (mode, is_drill) in [
        (Mode::EmergencyBlue, false),
        (Mode::Normal, false),
        (Mode::EmergencyRed, true),
    ] {
        street.switch(mode, is_drill).await;
        street.phones_report().await;
        assert_eq!(street.news().await, (vec![ON_DUTY], vec![]), "{mode:?}");
    }
    assert_eq!(on_record(folder.path()), []);
}

#[tokio::test]
async fn a_grave_emergency_shows_them_on_record_and_they_vanish_with_it() {
    let folder = tempfile::tempdir().expect("folder");
    let mut street = Street::start(folder.path()).await;
    street.phones_report().await;
    street.news().await;
    street.switch(Mode::EmergencyOrange, false).await;
    street.phones_report().await;
    let first_shown = street.now().unix_ms();
    assert_eq!(street.news().await, (vec![ON_DUTY, OFF_DUTY], vec![]));
    street.phones_report().await;
    assert_eq!(street.news().await, (vec![ON_DUTY, OFF_DUTY], vec![]));
    let orange = (Mode::EmergencyOrange, OFF_DUTY, first_shown);
    assert_eq!(on_record(folder.path()), [orange]);
    // A graver mode is another session: on record again, without vanishing in between.
    street.switch(Mode::EmergencyRed, false).await;
    assert_eq!(street.news().await, (vec![], vec![]));
    let red = (Mode::EmergencyRed, OFF_DUTY, street.now().unix_ms());
    assert_eq!(on_record(folder.path()), [orange, red]);
    street.switch(Mode::Normal, false).await;
    assert_eq!(street.news().await, (vec![], vec![OFF_DUTY]));
    assert_eq!(street.shown().await, [PersonId(ON_DUTY)]);
    street.phones_report().await;
    assert_eq!(street.news().await, (vec![ON_DUTY], vec![]));
}

#[tokio::test]
async fn the_end_of_a_turn_hides_and_an_order_under_way_shows() {
    let folder = tempfile::tempdir().expect("folder");
    let mut street = Street::start(folder.path()).await;
    street.send_who_is_off_duty().await;
    let order = builders::key(street.number);
    street.phones_report().await;
    assert_eq!(street.news().await, (vec![ON_DUTY, OFF_DUTY], vec![]));
    street.running.clock.turn(4 * HOUR_MS);
    assert_eq!(street.news().await, (vec![], vec![ON_DUTY]));
    let at = street.now();
    let field = street.running.field();
    for state in [OrderState::Arrived, OrderState::Done] {
        field
            .receipt(order, OFF_DUTY, state, at)
            .await
            .expect("taken");
    }
    assert_eq!(street.news().await, (vec![], vec![OFF_DUTY]));
    assert_eq!(street.shown().await, []);
    assert_eq!(on_record(folder.path()), []);
}

#[tokio::test]
async fn what_may_not_be_shown_is_not_stored_either() {
    let folder = tempfile::tempdir().expect("folder");
    let mut street = Street::start(folder.path()).await;
    street.switch(Mode::EmergencyRed, false).await;
    street.running.clock.turn(UNTIL_SAVED_MS);
    street.phones_report().await;
    assert_eq!(stored(folder.path()), [ON_DUTY, OFF_DUTY]);
    street.switch(Mode::Normal, false).await;
    street.running.clock.turn(UNTIL_SAVED_MS);
    street.phones_report().await;
    assert_eq!(stored(folder.path()), [ON_DUTY]);
}

#[tokio::test]
async fn the_end_of_the_backend_leaves_nobody_on_disk_who_may_not_be_shown() {
    let folder = tempfile::tempdir().expect("folder");
    let mut street = Street::start(folder.path()).await;
    street.switch(Mode::EmergencyRed, false).await;
    street.running.clock.turn(UNTIL_SAVED_MS);
    street.phones_report().await;
    assert_eq!(stored(folder.path()), [ON_DUTY, OFF_DUTY]);
    street.switch(Mode::Normal, false).await;
    street.running.stop();
    assert_eq!(stored(folder.path()), [ON_DUTY]);
}

#[tokio::test]
async fn a_removal_that_failed_is_tried_again() {
    let folder = tempfile::tempdir().expect("folder");
    let mut street = Street::start(folder.path()).await;
    street.switch(Mode::EmergencyRed, false).await;
    street.running.clock.turn(UNTIL_SAVED_MS);
    street.phones_report().await;
    street.switch(Mode::Normal, false).await;
    street.running.clock.turn(UNTIL_SAVED_MS);
    let db = database(folder.path());
    db.execute_batch(
        "CREATE TRIGGER stuck BEFORE DELETE ON positions BEGIN SELECT raise(ABORT, 'stuck'); END",
    )
    .expect("a trigger");
    let fix = builders::fix(ON_DUTY, builders::CENTRE, street.now());
    let field = street.running.field();
    let failed = field.post::<Accepted>(paths::POSITIONS, &[fix]).await;
    assert!(failed.is_err(), "{failed:?}");
    assert_eq!(stored(folder.path()), [ON_DUTY, OFF_DUTY]);
    db.execute_batch("DROP TRIGGER stuck").expect("no trigger");
    street.running.clock.turn(UNTIL_SAVED_MS);
    street.phones_report().await;
    assert_eq!(stored(folder.path()), [ON_DUTY]);
}

#[tokio::test]
async fn what_a_phone_kept_from_before_the_turn_is_not_taken() {
    let folder = tempfile::tempdir().expect("folder");
    let mut street = Street::start(folder.path()).await;
    street.news().await;
    // Five seconds into the turn of 20:00.
    street.running.clock.turn(11 * HOUR_MS + 5 * SECOND_MS);
    for age_ms in [30 * MINUTE_MS, 5 * SECOND_MS + 1] {
        street.phone_sends_from(OFF_DUTY, age_ms).await;
        assert_eq!(street.news().await, (vec![], vec![]), "{age_ms} ms");
    }
    street.phone_sends_from(OFF_DUTY, 5 * SECOND_MS).await;
    assert_eq!(street.news().await, (vec![OFF_DUTY], vec![]));
    street.running.stop();
    assert_eq!(stored(folder.path()), [OFF_DUTY]);
}

#[tokio::test]
async fn what_a_phone_kept_from_before_the_emergency_is_neither_taken_nor_on_record() {
    let folder = tempfile::tempdir().expect("folder");
    let mut street = Street::start(folder.path()).await;
    street.running.clock.turn(30 * MINUTE_MS);
    street.switch(Mode::EmergencyOrange, false).await;
    street.news().await;
    street.running.clock.turn(MINUTE_MS);
    street.phone_sends_from(OFF_DUTY, 30 * MINUTE_MS).await;
    assert_eq!(street.news().await, (vec![], vec![]));
    assert_eq!(on_record(folder.path()), []);
    street.phone_sends_from(OFF_DUTY, 30 * SECOND_MS).await;
    assert_eq!(street.news().await, (vec![OFF_DUTY], vec![]));
    // A graver mode goes on with it: nothing begins anew.
    street.switch(Mode::EmergencyRed, false).await;
    street.phone_sends_from(OFF_DUTY, 15 * SECOND_MS).await;
    assert_eq!(street.news().await, (vec![OFF_DUTY], vec![]));
}

#[tokio::test]
async fn what_a_phone_kept_from_before_the_order_is_not_taken() {
    let folder = tempfile::tempdir().expect("folder");
    let mut street = Street::start(folder.path()).await;
    street.running.clock.turn(30 * MINUTE_MS);
    street.send_who_is_off_duty().await;
    street.news().await;
    street.running.clock.turn(MINUTE_MS);
    street.phone_sends_from(OFF_DUTY, 30 * MINUTE_MS).await;
    assert_eq!(street.news().await, (vec![], vec![]));
    street.phone_sends_from(OFF_DUTY, MINUTE_MS).await;
    assert_eq!(street.news().await, (vec![OFF_DUTY], vec![]));
}

#[tokio::test]
async fn a_restart_within_the_turn_opens_no_door_to_what_was_before_it() {
    let folder = tempfile::tempdir().expect("folder");
    let mut street = Street::start(folder.path()).await;
    let clock = street.running.clock.clone();
    street.running.stop();
    clock.turn(MINUTE_MS);
    street.running = RunningBackend::start_in(folder.path(), clock, 0);
    street.hall = street.running.hall();
    // The turn began at 08:00, an hour and a minute ago.
    street.phone_sends_from(ON_DUTY, 62 * MINUTE_MS).await;
    assert_eq!(street.shown().await, []);
    // This was measured while there was no backend to take it.
    street.phone_sends_from(ON_DUTY, 30 * SECOND_MS).await;
    assert_eq!(street.shown().await, [PersonId(ON_DUTY)]);
}

#[tokio::test]
async fn a_place_that_is_none_puts_nobody_on_record() {
    let folder = tempfile::tempdir().expect("folder");
    let mut street = Street::start(folder.path()).await;
    street.switch(Mode::EmergencyRed, false).await;
    let mut nowhere = builders::fix(OFF_DUTY, builders::CENTRE, street.now());
    nowhere.location.lat = 91.0;
    let field = street.running.field();
    let answer: Accepted = field
        .post(paths::POSITIONS, &[nowhere])
        .await
        .expect("an answer");
    assert_eq!((answer.accepted, answer.refused_count), (0, 1));
    assert_eq!(on_record(folder.path()), []);
}

#[tokio::test]
async fn a_look_that_fails_does_not_hold_up_orders() {
    let folder = tempfile::tempdir().expect("folder");
    let mut street = Street::start(folder.path()).await;
    street.send_who_is_off_duty().await;
    // Read when it is looked who has an order, and by nothing that passes orders on.
    database(folder.path())
        .execute_batch("INSERT INTO orders VALUES ('unreadable', 0, 0, 'never', '{}')")
        .expect("a row");
    street.running.clock.turn(2 * HOUR_MS);
    let now = street.now();
    let steps = street.running.backend.escalate(now).expect("a pass");
    assert!(steps > 0, "{steps}");
}
