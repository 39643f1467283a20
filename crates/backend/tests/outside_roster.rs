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
const HOUR_MS: i64 = 3_600_000;

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
        self.running.clock.turn(1_000);
        let fixes = [ON_DUTY, OFF_DUTY].map(|n| builders::fix(n, builders::CENTRE, self.now()));
        let answer: Accepted = self
            .running
            .field()
            .post(paths::POSITIONS, &fixes)
            .await
            .expect("taken");
        assert_eq!(answer.accepted, 2);
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

/// What is on record: which switch of the mode, who, and when.
fn on_record(data_dir: &std::path::Path) -> Vec<(Mode, u32, i64)> {
    let db = rusqlite::Connection::open(data_dir.join("backend.db")).expect("database");
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
    let report: NewReport = builders::report(1, street.now());
    let incident = street
        .running
        .field()
        .report(&report)
        .await
        .expect("taken")
        .incident;
    street.propose(builders::send(incident, OFF_DUTY)).await;
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
    street.phones_report().await;
    street.switch(Mode::Normal, false).await;
    assert_eq!(street.shown().await, [PersonId(ON_DUTY)]);
    street.running.stop();
    let db = rusqlite::Connection::open(folder.path().join("backend.db")).expect("database");
    let mut rows = db.prepare("SELECT person FROM positions").expect("a table");
    let stored: Vec<u32> = rows
        .query_map([], |row| row.get(0))
        .expect("rows")
        .map(|person| person.expect("row"))
        .collect();
    assert_eq!(stored, [ON_DUTY]);
}
