//! The hash chain finds what was changed, and a seed's past is a real one.

use backend::chain::ChainError;
use backend::{Backend, BackendConfig};
use domain::rules::Rules;
use domain::situation::Touched;
use domain::trail::{Action, Actor, BrokenLink, OfficerRole, TrailEntry, verify_chain};
use domain::{Incident, IncidentId, IncidentState, OrderState, PersonId, Timestamp};
use protocol::Seed;
use protocol::http::{ChangeBody, Snapshot};
use protocol::seed::{SeedIncident, SeedStep};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;
use testkit::{FakeClock, RunningBackend, builders};

/// Two incidents with a past of some hours: one closed, one refused and sent anew.
fn seed(now: Timestamp) -> Seed {
    let at = |minutes: i64| now.plus_ms(-300 * 60_000 + minutes * 60_000);
    let officer = Actor::Officer(builders::officer(OfficerRole::DutyOfficer).id);
    let order = |key, to, minute| SeedStep::Order {
        at: at(minute),
        by: builders::officer(OfficerRole::DutyOfficer).id,
        key: builders::key(key),
        to: PersonId(to),
        instruction: "请到现场处置".to_owned(),
    };
    let receipt = |key, state, minute| SeedStep::Receipt {
        at: at(minute),
        key: builders::key(key),
        state,
        location: Some(builders::CENTRE),
        note: Some("说明".to_owned()),
        refusal_reason: (state == OrderState::Refused).then(|| "graver_matter".into()),
    };
    let act = |action, minute| SeedStep::Act {
        at: at(minute),
        by: officer.clone(),
        action,
        reason: Some("理由".to_owned()),
    };
    Seed {
        incidents: vec![
            SeedIncident {
                report: builders::report(1, at(0)),
                steps: vec![
                    act(Action::Verify, 5),
                    order(1, 1, 10),
                    receipt(1, OrderState::Accepted, 12),
                    receipt(1, OrderState::Arrived, 20),
                    receipt(1, OrderState::Done, 60),
                    act(Action::Close, 70),
                ],
            },
            SeedIncident {
                report: builders::report(2, at(30)),
                steps: vec![
                    order(2, 2, 35),
                    receipt(2, OrderState::Refused, 40),
                    order(3, 3, 45),
                    receipt(3, OrderState::Delivered, 46),
                ],
            },
        ],
        positions: vec![builders::fix(1, builders::CENTRE, now)],
        ..builders::seed()
    }
}

fn seeded_dir() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    let clock = FakeClock::default();
    let backend = Backend::open(BackendConfig {
        seed: Some(seed(clock.now())),
        clock: std::sync::Arc::new(clock),
        ..BackendConfig::in_dir(folder.path(), builders::rules())
    })
    .expect("seeded");
    assert!(backend.verify_chain().expect("whole").links > 10);
    folder
}

/// Somebody with access to the file gets around the triggers and does something to the trail.
fn tamper(folder: &Path, sql: &str) {
    let db = Connection::open(folder.join(backend::config::DATABASE_FILE)).expect("file");
    db.execute_batch("DROP TRIGGER trail_is_never_changed; DROP TRIGGER trail_is_never_deleted;")
        .expect("dropped");
    db.execute_batch(sql).expect(sql);
}

#[tokio::test]
async fn a_seeded_past_equals_the_fold_of_its_trail() {
    let running = RunningBackend::start_with(seed(testkit::clock::FRIDAY_NINE));
    running.backend.verify_chain().expect("whole");
    let snapshot = running.hall().snapshot().await;
    let mut folds: BTreeMap<IncidentId, Incident> = BTreeMap::new();
    verify_chain(&snapshot.trail).expect("what travels is the same chain");
    for entry in &snapshot.trail {
        if let Some(incident) = folds.get_mut(&entry.incident) {
            assert!(incident.apply(entry));
        } else {
            let incident = Incident::opened(entry).expect("a report");
            folds.insert(entry.incident, incident);
        }
    }
    assert_eq!(folds, snapshot.situation.incidents);
    let states: Vec<_> = folds.values().map(|incident| incident.state).collect();
    assert_eq!(states, [IncidentState::Closed, IncidentState::Dispatched]);
    assert_eq!(snapshot.situation.orders.len(), 3);
    assert_eq!(snapshot.situation.positions.len(), 1);
    // The past happened then and was recorded at the seeding.
    let first = &snapshot.trail[0];
    assert!(first.occurred_at < first.recorded_at);
    // A hall that knew the empty backend has to take a snapshot.
    assert!(running.hall().changes(0, 0).await.is_err());
    assert!(running.hall().changes(snapshot.cursor, 0).await.is_ok());
}

fn version(name: &str) -> Rules {
    Rules {
        version: name.to_owned(),
        ..builders::rules()
    }
}

/// The version on each entry of the trail, and on each incident.
fn versions(snapshot: &Snapshot) -> (Vec<String>, BTreeMap<IncidentId, String>) {
    let of_entry = |entry: &TrailEntry| entry.rules_version.clone();
    let incidents = snapshot.situation.incidents.iter();
    (
        snapshot.trail.iter().map(of_entry).collect(),
        incidents
            .map(|(id, incident)| (*id, incident.rules_version.clone()))
            .collect(),
    )
}

/// One more step on a matter, and one more matter.
async fn live_on(running: &RunningBackend, number: u128, incident: IncidentId) {
    let note = domain::Intent::Act {
        incident,
        action: Action::Note {
            text: "已联系".to_owned(),
        },
        reason: None,
    };
    let officer = running.hall().sign_in(OfficerRole::DutyOfficer).await;
    let noted = officer.propose(&builders::proposal(number, note)).await;
    noted.expect("noted");
    let report = builders::report(number, running.clock.now());
    running.field().report(&report).await.expect("taken");
}

#[tokio::test]
async fn every_record_carries_the_version_of_the_rules_that_decided_it() {
    let folder = tempfile::tempdir().expect("folder");
    let open = |name: &str| {
        let (rules, path) = (version(name), folder.path().to_owned());
        let seed = seed(testkit::clock::FRIDAY_NINE);
        let start = move || RunningBackend::start_under(rules, &path, seed);
        async { tokio::task::spawn_blocking(start).await.expect("started") }
    };
    let running = open("first").await;
    let seeded = running.hall().snapshot().await;
    let [closed, open_still] = [0, 1].map(|at| seeded.situation.incidents.keys().nth(at).copied());
    let (closed, open_still) = (closed.expect("two"), open_still.expect("two"));
    live_on(&running, 10, open_still).await;
    let before = running.hall().snapshot().await;
    let (entries, incidents) = versions(&before);
    assert_eq!(incidents.len(), 3);
    assert!(entries.len() > seeded.trail.len() + 1);
    assert!(
        entries.iter().all(|version| version == "first"),
        "{entries:?}"
    );
    assert!(incidents.values().all(|version| version == "first"));
    tokio::task::spawn_blocking(move || running.stop())
        .await
        .expect("stopped");

    let running = open("second").await;
    assert_eq!(
        versions(&running.hall().snapshot().await),
        versions(&before)
    );
    live_on(&running, 20, open_still).await;
    let (new_entries, new_incidents) = versions(&running.hall().snapshot().await);
    let (old, new) = new_entries.split_at(entries.len());
    assert_eq!(old, entries);
    assert_eq!(new, ["second", "second"]);
    assert_eq!(new_incidents[&open_still], "second");
    for (id, version) in &new_incidents {
        let is_touched = *id == open_still || !incidents.contains_key(id);
        assert_eq!(version == "second", is_touched, "{id}");
    }
    assert_eq!(new_incidents[&closed], "first");
    running.backend.verify_chain().expect("whole");
}

#[test]
fn the_same_seed_makes_the_same_chain() {
    let head = |folder: &tempfile::TempDir| backend::verify_file(folder.path()).expect("whole");
    assert_eq!(head(&seeded_dir()), head(&seeded_dir()));
}

#[test]
fn an_untouched_chain_is_whole_and_cannot_be_changed_by_accident() {
    let folder = seeded_dir();
    let verified = backend::verify_file(folder.path()).expect("whole");
    assert_eq!(verified.head.len(), 64);
    let db = Connection::open(folder.path().join(backend::config::DATABASE_FILE)).expect("file");
    for sql in ["UPDATE trail SET step = 2", "DELETE FROM trail"] {
        let error = db.execute(sql, []).expect_err(sql);
        assert!(error.to_string().contains("append-only"), "{error}");
    }
}

#[test]
fn a_changed_link_is_named() {
    for (sql, position) in [
        (
            "UPDATE trail SET body = replace(body, '锦川路', '锦江路') WHERE position = 1",
            1,
        ),
        (
            "UPDATE trail SET body = replace(body, 'li.na', 'xx.yy') WHERE position = 3",
            3,
        ),
        ("UPDATE trail SET hash = upper(hash) WHERE position = 4", 4),
        ("UPDATE trail SET step = 77 WHERE position = 5", 5),
        ("UPDATE trail SET body = 'x' WHERE position = 6", 6),
        ("DELETE FROM trail WHERE position = 2", 2),
    ] {
        let folder = seeded_dir();
        tamper(folder.path(), sql);
        match backend::verify_file(folder.path()) {
            Err(ChainError::Broken(BrokenLink {
                position: found, ..
            })) => assert_eq!(found, position, "{sql}"),
            other => panic!("{sql}: {other:?}"),
        }
    }
}

#[test]
fn a_shortened_chain_and_a_changed_record_are_found() {
    let folder = seeded_dir();
    tamper(
        folder.path(),
        "DELETE FROM trail WHERE position = (SELECT max(position) FROM trail)",
    );
    assert!(matches!(
        backend::verify_file(folder.path()),
        Err(ChainError::Shortened { .. })
    ));
    let folder = seeded_dir();
    tamper(
        folder.path(),
        "UPDATE incidents SET body = replace(body, 'closed', 'cancelled')",
    );
    assert!(matches!(
        backend::verify_file(folder.path()),
        Err(ChainError::RecordDiffers { .. })
    ));
    let folder = seeded_dir();
    tamper(folder.path(), "DELETE FROM incidents");
    assert!(matches!(
        backend::verify_file(folder.path()),
        Err(ChainError::RecordDiffers { .. })
    ));
}

#[test]
fn a_seed_with_an_impossible_past_is_refused_whole() {
    let now = testkit::clock::FRIDAY_NINE;
    let mut broken = seed(now);
    broken.incidents[1].steps.insert(
        0,
        SeedStep::Act {
            at: now.plus_ms(-268 * 60_000),
            by: Actor::Rule,
            action: Action::Close,
            reason: None,
        },
    );
    let backend = Backend::open(BackendConfig {
        clock: std::sync::Arc::new(FakeClock::default()),
        ..BackendConfig::in_memory(builders::rules())
    })
    .expect("opened");
    let error = backend.load_seed(&broken).expect_err("impossible");
    assert!(error.to_string().contains("incident 2"), "{error}");
    assert!(backend.is_empty());
    backend.load_seed(&seed(now)).expect("the sound one");
    assert!(backend.load_seed(&seed(now)).is_err(), "not empty any more");
}

#[test]
fn records_of_an_earlier_version_are_folded_anew_unless_the_chain_is_broken() {
    let earlier = "UPDATE incidents SET body = json_remove(body, '$.course', '$.particulars');
                   DELETE FROM counters WHERE name = 'fold_version';";
    let reopened = |sql: &str| {
        let folder = seeded_dir();
        tamper(folder.path(), sql);
        let backend = Backend::open(BackendConfig {
            clock: std::sync::Arc::new(FakeClock::default()),
            ..BackendConfig::in_dir(folder.path(), builders::rules())
        })
        .expect("opened");
        backend.verify_chain().map(|_| ())
    };
    assert!(reopened(earlier).is_ok());
    let known = "UPDATE incidents SET body = json_remove(body, '$.course');";
    let found = reopened(known);
    assert!(
        matches!(found, Err(ChainError::RecordDiffers { .. })),
        "it is no upgrade"
    );
    let broken = format!("{earlier} UPDATE trail SET hash = 'x' WHERE position = 2;");
    assert!(matches!(reopened(&broken), Err(ChainError::Broken(_))));
}

#[tokio::test]
async fn a_hall_with_an_old_cursor_is_told_of_the_records_that_an_upgrade_folded_anew() {
    let folder = tempfile::tempdir().expect("folder");
    let clock = FakeClock::default();
    let start = || RunningBackend::start_in(folder.path(), clock.clone(), 0);
    let running = start();
    for number in [1, 2] {
        let report = builders::report(number, clock.now());
        running.field().report(&report).await.expect("taken");
    }
    let mut shown = running.hall().snapshot().await;
    assert_eq!(shown.situation.incidents.len(), 2);
    running.stop();
    // What the earlier version wrote, and what a hall has of it.
    tamper(
        folder.path(),
        "UPDATE incidents SET body = json_remove(body, '$.course', '$.fold_version');
         DELETE FROM counters WHERE name = 'fold_version';",
    );
    for incident in shown.situation.incidents.values_mut() {
        incident.course = domain::incidents::Course::default();
        incident.fold_version = 0;
    }
    let running = start();
    let hall = running.hall();
    let news = hall.changes(shown.cursor, 0).await.expect("changes");
    assert_eq!(news.changes.len(), 2);
    for change in news.changes {
        let ChangeBody::Record(record) = change.body else {
            panic!("{change:?}");
        };
        assert_ne!(shown.situation.apply(record), Touched::Nothing);
    }
    let now = hall.snapshot().await;
    assert_eq!(shown.situation.incidents, now.situation.incidents);
    assert_eq!(news.newest, now.cursor);
    running.stop();
    // It is done once: the next start has nothing to tell.
    let running = start();
    let again = running
        .hall()
        .changes(now.cursor, 0)
        .await
        .expect("changes");
    assert_eq!(again.changes, []);
}
