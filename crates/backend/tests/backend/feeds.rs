//! Waiting for changes, positions and orders.

use std::time::Duration;

use domain::places::Crs;
use domain::situation::Record;
use domain::trail::{Action, OfficerRole, TrailEntry};
use domain::{IncidentState, LonLat, PersonId, PositionFix, PositionSource, Situation};
use protocol::ErrorCode;
use protocol::http::{
    Accepted, ChangeBody, Changes, FieldOrders, LogId, Positions, ReportAccepted, Snapshot, paths,
};
use testkit::{FakeClock, RunningBackend, builders};

/// Long enough that a test which waits for it has failed for another reason.
const LONG_MS: u64 = 25_000;

#[tokio::test]
async fn changes_lead_from_one_snapshot_to_the_next() {
    let running = RunningBackend::start();
    let (hall, field) = (running.hall(), running.field());
    let now = running.clock.now();
    let mut snapshot = hall.snapshot().await;
    let id = field
        .report(&builders::report(1, now))
        .await
        .expect("taken")
        .incident;
    let officer = hall.sign_in(OfficerRole::DutyOfficer).await;
    officer
        .propose(&builders::proposal(1, builders::send(id, 1)))
        .await
        .expect("sent");
    field
        .receipt(builders::key(1), 1, domain::OrderState::Arrived, now)
        .await
        .expect("taken");

    let changes = hall.changes(snapshot.cursor, 0).await.expect("changes");
    assert!(changes.changes.is_sorted_by_key(|change| change.cursor));
    assert_eq!(
        changes.changes.last().map(|c| c.cursor),
        Some(changes.newest)
    );
    let mut trail = std::mem::take(&mut snapshot.trail);
    for change in changes.changes {
        match change.body {
            ChangeBody::Record(record) => {
                snapshot.situation.apply(record);
            }
            ChangeBody::Trail(entry) => trail.push(*entry),
            ChangeBody::Reference { .. } => panic!("nothing was imported"),
        }
    }
    let after = hall.snapshot().await;
    assert_eq!(snapshot.situation, after.situation);
    assert_eq!(trail, after.trail);
    assert_eq!(
        after.situation.incidents[&id].state,
        IncidentState::Handling
    );
    let nothing = hall.changes(after.cursor, 0).await.expect("none");
    assert!(nothing.changes.is_empty());
    assert_eq!(nothing.newest, after.cursor);
}

#[tokio::test]
async fn a_waiting_hall_is_woken_by_a_change() {
    let running = RunningBackend::start();
    let hall = running.hall();
    let cursor = hall.snapshot().await.cursor;
    let waiting = {
        let hall = hall.clone();
        tokio::spawn(async move { hall.changes(cursor, LONG_MS).await })
    };
    let id = running
        .field()
        .report(&builders::report(1, running.clock.now()))
        .await
        .expect("taken")
        .incident;
    let changes = tokio::time::timeout(Duration::from_millis(LONG_MS / 2), waiting)
        .await
        .expect("woken long before its time was over")
        .expect("ran")
        .expect("changes");
    let has_it = changes.changes.iter().any(
        |change| matches!(&change.body, ChangeBody::Record(Record::Incident(i)) if i.id == id),
    );
    assert!(has_it);
}

#[tokio::test]
async fn a_stopping_backend_answers_those_who_wait() {
    let running = RunningBackend::start();
    let hall = running.hall();
    let cursor = hall.snapshot().await.cursor;
    let (changes, positions) = {
        let (a, b) = (hall.clone(), hall.clone());
        let newest = b
            .get::<Positions>(paths::POSITIONS)
            .await
            .expect("none")
            .cursor;
        let path = format!("{}?after={newest}&wait_ms={LONG_MS}", paths::POSITIONS);
        (
            tokio::spawn(async move { a.changes(cursor, LONG_MS).await }),
            tokio::spawn(async move { b.get::<Positions>(&path).await }),
        )
    };
    // Both requests have to be open before the end; asking for hello once passes them by.
    hall.get::<protocol::http::Hello>(paths::HELLO)
        .await
        .expect("hello");
    running.backend.stop();
    let patience = Duration::from_millis(LONG_MS / 2);
    let ended = tokio::time::timeout(patience, async {
        // A request that had not arrived yet is refused by the closed port: that ends it as well.
        drop((changes.await, positions.await));
    });
    ended.await.expect("answered long before its time was over");
}

#[tokio::test]
async fn a_cursor_that_the_log_does_not_hold_asks_for_a_snapshot() {
    let running = RunningBackend::start();
    let hall = running.hall();
    let cursor = hall.snapshot().await.cursor;
    for strange in [cursor - 1, cursor + 1, 1 << 60] {
        let refused = hall.changes(strange, LONG_MS).await.expect_err("too old");
        assert_eq!(
            (refused.status, refused.code),
            (410, ErrorCode::CursorTooOld)
        );
    }
    assert!(hall.changes(cursor, 0).await.is_ok());
}

/// What a hall at the place gets: whether the log goes on there, and whether a snapshot does.
async fn meets(running: &RunningBackend, log: &LogId, cursor: u64) -> (bool, bool) {
    let hall = running.hall();
    let at = |path| format!("{path}?after={cursor}&log={log}");
    let changes = hall.get::<Changes>(&at(paths::CHANGES)).await;
    let snapshot = hall.get::<Snapshot>(&at(paths::SNAPSHOT)).await;
    let snapshot = snapshot.expect("a snapshot is given to everybody");
    (changes.is_ok(), snapshot.continues)
}

#[tokio::test]
async fn a_database_restored_from_a_backup_is_told_from_the_one_that_lived_on() {
    let (dir, copy) = (
        tempfile::tempdir().expect("a directory"),
        tempfile::tempdir().expect("another"),
    );
    let clock = testkit::FakeClock::default();
    let original = RunningBackend::start_in(dir.path(), clock.clone(), 0);
    let at_backup = original.hall().snapshot().await;
    for file in ["backend.db", "backend.db-wal"] {
        std::fs::copy(dir.path().join(file), copy.path().join(file)).expect("copied");
    }
    let report = |number| builders::report(number, clock.now());
    original.backend.report(&report(1)).expect("taken");
    let later = original.hall().snapshot().await;
    assert_eq!(later.log, at_backup.log, "the same as long as it is open");

    let restored = RunningBackend::start_in(copy.path(), clock.clone(), 0);
    for number in 2..6 {
        restored.backend.report(&report(number)).expect("taken");
    }
    let present = restored.hall().snapshot().await;
    assert!(
        present.cursor > later.cursor,
        "the number alone tells nothing"
    );
    assert_ne!(present.log, at_backup.log);
    let of_backup = meets(&restored, &at_backup.log, at_backup.cursor).await;
    assert_eq!(of_backup, (true, true), "that far both are the same");
    let of_original = meets(&restored, &later.log, later.cursor).await;
    assert_eq!(of_original, (false, false), "that is not its past");
    let own = meets(&restored, &present.log, present.cursor).await;
    assert_eq!(own, (true, true));
    let stranger = LogId("another".to_owned());
    assert_eq!(meets(&restored, &stranger, 1).await, (false, false));
    assert!(!present.continues, "who names no place has none");
}

#[tokio::test]
async fn positions_are_lossy_and_the_newest_wins() {
    let running = RunningBackend::start();
    let (hall, field) = (running.hall(), running.field());
    let now = running.clock.now();
    let at = |number, east: f64, age_ms: i64| {
        let place = LonLat::new(104.1 + east, 30.66);
        builders::fix(number, place, now.plus_ms(-age_ms))
    };
    let start = hall.get::<Positions>(paths::POSITIONS).await.expect("none");
    let batch = [
        at(1, 0.0, 9_000),
        at(2, 0.0, 9_000),
        at(1, 0.001, 3_000),
        at(1, 0.002, 6_000),
        at(77, 0.0, 0),
    ];
    let answer: Accepted = field.post(paths::POSITIONS, &batch).await.expect("taken");
    assert_eq!((answer.accepted, answer.refused_count), (4, 1));
    assert!(
        answer.refused[0].contains("P000077"),
        "{:?}",
        answer.refused
    );
    let path = format!("{}?after={}", paths::POSITIONS, start.cursor);
    let news: Positions = hall.get(&path).await.expect("two moved");
    assert_eq!(news.fixes.len(), 2);
    assert!(news.fixes.contains(&batch[2]));
    let snapshot = hall.snapshot().await;
    assert_eq!(snapshot.situation.positions.len(), 2);
}

#[tokio::test]
async fn a_waiting_map_is_woken_by_a_move() {
    let running = RunningBackend::start();
    let hall = running.hall();
    let start = hall.get::<Positions>(paths::POSITIONS).await.expect("none");
    let path = format!(
        "{}?after={}&wait_ms={LONG_MS}",
        paths::POSITIONS,
        start.cursor
    );
    let waiting = tokio::spawn(async move { hall.get::<Positions>(&path).await });
    let fix = builders::fix(1, builders::CENTRE, running.clock.now());
    let answer: Accepted = running
        .field()
        .post(paths::POSITIONS, &[fix])
        .await
        .expect("taken");
    assert_eq!(answer.accepted, 1);
    let news = tokio::time::timeout(Duration::from_millis(LONG_MS / 2), waiting)
        .await
        .expect("woken")
        .expect("ran")
        .expect("positions");
    assert_eq!(news.fixes, [fix]);
}

#[tokio::test]
async fn a_malformed_position_does_not_spoil_its_batch() {
    let running = RunningBackend::start();
    let good = builders::fix(1, builders::CENTRE, running.clock.now());
    let mut batch = vec![serde_json::to_value(good).expect("json")];
    batch.push(serde_json::json!({"person": 2}));
    batch.push(serde_json::json!("nonsense"));
    let answer: Accepted = running
        .field()
        .post(paths::POSITIONS, &batch)
        .await
        .expect("taken");
    assert_eq!((answer.accepted, answer.refused_count), (1, 2));
    assert!(answer.refused[0].contains("item 2"), "{:?}", answer.refused);
    let refused = running
        .field()
        .post_bytes::<Accepted>(paths::POSITIONS, "{}")
        .await
        .expect_err("no list");
    assert_eq!(refused.code, ErrorCode::BadRequest);
}

#[tokio::test]
async fn the_field_is_woken_by_an_order() {
    let running = RunningBackend::start();
    let (hall, field) = (running.hall(), running.field());
    let id = field
        .report(&builders::report(1, running.clock.now()))
        .await
        .expect("taken")
        .incident;
    let officer = hall.sign_in(OfficerRole::DutyOfficer).await;
    let none: FieldOrders = field.get(paths::FIELD_ORDERS).await.expect("none");
    assert!(none.orders.is_empty());
    let path = format!(
        "{}?after={}&wait_ms={LONG_MS}",
        paths::FIELD_ORDERS,
        none.cursor
    );
    let waiting = tokio::spawn(async move { field.get::<FieldOrders>(&path).await });
    officer
        .propose(&builders::proposal(1, builders::send(id, 1)))
        .await
        .expect("sent");
    let news = tokio::time::timeout(Duration::from_millis(LONG_MS / 2), waiting)
        .await
        .expect("woken")
        .expect("ran")
        .expect("orders");
    assert_eq!(news.orders[0].order.id, builders::key(1));
    assert_eq!(news.orders[0].location, builders::CENTRE);
}

#[tokio::test]
async fn a_batch_of_a_whole_city_is_taken() {
    let mut seed = builders::seed();
    seed.people = (1..=10_000).map(builders::person).collect();
    let running = RunningBackend::start_with(seed);
    let now = running.clock.now();
    let fixes: Vec<PositionFix> = (1..=10_000)
        .map(|number| builders::fix(number, builders::CENTRE, now))
        .collect();
    let answer: Accepted = running
        .field()
        .post(paths::POSITIONS, &fixes)
        .await
        .expect("taken");
    assert_eq!(answer.accepted, 10_000);
    let situation: Situation = running.hall().snapshot().await.situation;
    assert_eq!(situation.positions.len(), 10_000);
}

#[tokio::test]
async fn whatever_it_comes_in_a_place_is_stored_in_one_system_and_says_its_source() {
    let running = RunningBackend::start();
    let field = running.field();
    let now = running.clock.now();
    // GCJ-02 and BD-09 of 104.10, 30.66.
    let place = LonLat::new(104.10, 30.66);
    let gcj02 = serde_json::json!({"lon": 104.102_542, "lat": 30.657_603});
    let bd09 = serde_json::json!({"lon": 104.109_136, "lat": 30.663_294});
    let mut position = serde_json::to_value(builders::fix(1, place, now)).expect("json");
    position["location"] = bd09;
    position["crs"] = "bd09".into();
    let mut unknown = position.clone();
    unknown["crs"] = "mercator".into();
    let answer: Accepted = field
        .post(paths::POSITIONS, &[position, unknown])
        .await
        .expect("answered");
    assert_eq!(
        (answer.accepted, answer.refused_count),
        (1, 1),
        "{answer:?}"
    );
    let said = &answer.refused[0];
    assert!(
        said.contains("mercator") && said.contains("gcj02"),
        "{said}"
    );

    let mut report = serde_json::to_value(builders::report(1, now)).expect("json");
    report["location"] = gcj02.clone();
    report["crs"] = "gcj02".into();
    let taken: ReportAccepted = field.post(paths::REPORTS, &report).await.expect("taken");
    report["crs"] = "mercator".into();
    let refused = field.post::<ReportAccepted>(paths::REPORTS, &report).await;
    let refused = refused.expect_err("no such system");
    assert_eq!(refused.code, ErrorCode::BadRequest);
    assert!(refused.message.contains("mercator"), "{refused:?}");

    let situation = running.hall().snapshot().await.situation;
    let fix = situation.positions[&PersonId(1)];
    assert!(fix.location.distance_m(place) < 0.2, "{fix:?}");
    assert_eq!(fix.source_crs, Crs::Bd09);
    let incident = &situation.incidents[&taken.incident];
    assert!(incident.location.distance_m(place) < 0.2, "{incident:?}");
    let path = format!("/v1/incidents/{}/trail", taken.incident);
    let trail: Vec<TrailEntry> = running.hall().get(&path).await.expect("a trail");
    let Action::Report(facts) = &trail[0].action else {
        panic!("{:?}", trail[0].action);
    };
    assert_eq!(
        (facts.source_crs, facts.location),
        (Crs::Gcj02, incident.location)
    );
}

#[tokio::test]
async fn a_position_says_with_whose_key_it_came_and_nothing_else_counts() {
    use PositionSource::{Field, Hall, Seed, Unknown};
    let dir = tempfile::tempdir().expect("directory");
    let now = FakeClock::default().now();
    let mut seed = builders::seed();
    let place = LonLat::new(104.10, 30.66);
    seed.positions = vec![builders::fix(1, place, now.plus_ms(-1_000))];
    let running = RunningBackend::start_under(builders::rules(), dir.path(), seed);
    let claimed = |number, source| PositionFix {
        source,
        ..builders::fix(number, place, now)
    };
    let of_field = [claimed(2, Seed)];
    let of_hall = [claimed(3, Field)];
    let (field, hall) = (running.field(), running.hall());
    let taken: Accepted = field.post(paths::POSITIONS, &of_field).await.expect("one");
    assert_eq!(taken.accepted, 1);
    let taken: Accepted = hall.post(paths::POSITIONS, &of_hall).await.expect("one");
    assert_eq!(taken.accepted, 1);
    let told = async |running: &RunningBackend| {
        let snapshot = running.hall().snapshot().await;
        let fixes = snapshot.situation.positions.into_values();
        let sources: Vec<PositionSource> = fixes.map(|fix| fix.source).collect();
        let polled: Positions = running.hall().get(paths::POSITIONS).await.expect("all");
        assert_eq!(polled.fixes.len(), sources.len());
        let mut polled = polled.fixes;
        polled.sort_by_key(|fix| fix.person);
        let polled: Vec<PositionSource> = polled.iter().map(|fix| fix.source).collect();
        assert_eq!(polled, sources);
        sources
    };
    assert_eq!(told(&running).await, [Seed, Field, Hall]);
    running.stop();

    // Of the second it is not known, as of one that an earlier version stored.
    let database = rusqlite::Connection::open(dir.path().join("backend.db")).expect("database");
    let forget = "UPDATE positions SET body = json_remove(body, '$.source') WHERE person = 2";
    assert_eq!(database.execute(forget, []).expect("written"), 1);
    drop(database);
    let clock = FakeClock::at(now);
    let running = RunningBackend::start_in(dir.path(), clock, 0);
    assert_eq!(told(&running).await, [Seed, Unknown, Hall]);
}
