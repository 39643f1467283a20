//! A disk without room: the hall starts all the same, says so, and makes up for it at a later start.

use std::path::Path;

use domain::IncidentState;
use domain::situation::Record;
use faulty_disk::{Fault, FaultyDisk};
use protocol::http::{Change, ChangeBody, LogId};
use rusqlite::Connection;
use sync_engine::StoreError;
use sync_engine::store::cache::Cached;
use sync_engine::store::proposals::Stage;
use sync_engine::store::{Cache, encryption, keys};
use testkit::builders::{incident, key};

use crate::fixtures::{NOW, open, row, try_open};
use crate::opening::plain;

#[tokio::test]
async fn an_outbox_that_there_is_no_room_to_encrypt_is_used_as_it_is_and_encrypted_later() {
    let mut plain_starts = 0;
    for calls in 0.. {
        assert!(calls < 500, "opening has an end");
        let dir = tempfile::tempdir().unwrap();
        let disk = FaultyDisk::under(dir.path());
        plain(dir.path());
        disk.fail_after(calls, Fault::Full);
        let (db, stored) = try_open(dir.path()).expect("a full disk keeps no hall from starting");
        let is_plain = encryption::is_plain(&dir.path().join("outbox.db"));
        // Where there is not even room to bring it to this version, that is said, and it is only shown.
        let is_said = stored.plain.is_some() || stored.stuck.is_some();
        assert!(!is_plain || is_said, "said if so, after {calls}");
        assert!(is_plain || stored.plain.is_none(), "after {calls}");
        plain_starts += usize::from(is_plain);
        let mut wanted = vec![key(1), key(2), key(3)];
        let keys_of = |rows: &[sync_engine::store::proposals::ProposalRow]| {
            rows.iter().map(|row| row.proposal.key).collect::<Vec<_>>()
        };
        assert_eq!(keys_of(&stored.proposals), wanted, "after {calls}");
        // What is taken now is there later, what is not was refused.
        wanted.extend(db.add(row(4)).await.ok().map(|row| row.proposal.key));
        db.close().await;
        drop(db);
        let had_come = disk.heal();
        let (_db, stored) = open(dir.path());
        assert_eq!(keys_of(&stored.proposals), wanted, "after {calls}");
        assert_eq!(stored.plain, None);
        assert!(!encryption::is_plain(&dir.path().join("outbox.db")));
        if !had_come {
            break;
        }
    }
    assert!(plain_starts > 3, "there was no room at several moments");
}

#[tokio::test]
async fn a_first_start_on_a_full_disk_takes_no_order_and_the_next_one_does() {
    let dir = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::under(dir.path());
    disk.fail_after(0, Fault::Full);
    let (db, stored) = try_open(dir.path()).expect("it starts");
    assert!(stored.stuck.is_some(), "and says so");
    let refused = db.add(row(1)).await.unwrap_err();
    assert!(
        matches!(refused, StoreError::DiskFull { .. }),
        "{refused:?}"
    );
    db.close().await;
    drop(db);
    disk.heal();
    let (db, stored) = open(dir.path());
    assert_eq!(stored.stuck, None);
    let added = db.add(row(1)).await.unwrap();
    assert_eq!(added.stage, Stage::Queued);
}

fn open_cache(dir: &Path) -> (Cache, Cached) {
    let keys = keys::find(dir, None, NOW).unwrap();
    Cache::open(dir, "here", &keys.current, NOW).expect("a full disk keeps no hall from starting")
}

fn change(cursor: u64, number: u32, steps: u32) -> Change {
    let mut incident = incident(number, IncidentState::Filed);
    incident.steps = steps;
    Change {
        cursor,
        at: NOW,
        body: ChangeBody::Record(Record::Incident(Box::new(incident))),
    }
}

/// A cache as the first version left it, with one incident; encrypted or not.
fn old_cache(dir: &Path, is_plain: bool) {
    let path = dir.join("cache.db");
    let db = if is_plain {
        Connection::open(&path).unwrap()
    } else {
        let keys = keys::find(dir, None, NOW).unwrap();
        encryption::connect(&path, &keys.current, encryption::LARGE_PAGES)
            .unwrap()
            .unwrap()
    };
    db.execute_batch(include_str!("../../src/store/versions/cache_1.sql"))
        .unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    let body = match change(1, 1, 1).body {
        ChangeBody::Record(record) => serde_json::to_string(&record).unwrap(),
        _ => unreachable!("a record"),
    };
    db.execute("INSERT INTO records VALUES ('incident', '1', ?1)", [body])
        .unwrap();
    db.execute(
        "INSERT INTO progress VALUES (1, 'here', 's', 7, 1, 1, 0)",
        [],
    )
    .unwrap();
}

#[tokio::test]
async fn a_cache_that_there_is_no_room_to_bring_forward_is_shown_and_followed_in_memory() {
    for is_plain in [true, false] {
        let mut starts_in_memory = 0;
        for calls in (0..).step_by(4) {
            assert!(calls < 500, "opening has an end");
            let dir = tempfile::tempdir().unwrap();
            old_cache(dir.path(), is_plain);
            let disk = FaultyDisk::under(dir.path());
            disk.fail_after(calls, Fault::Full);
            let (cache, cached) = open_cache(dir.path());
            assert_eq!(cached.situation.incidents.len(), 1, "after {calls}");
            assert_eq!(cached.kept_aside, None, "nothing is damaged");
            if cached.in_memory.is_some() {
                starts_in_memory += 1;
                let log = LogId("log".to_owned());
                let batch = vec![change(8, 1, 2), change(9, 2, 1)];
                let applied = cache.apply(log, batch).await.unwrap();
                assert_eq!(applied.records.len(), 2);
                assert_eq!(cache.progress().await.unwrap().cursor, Some(9));
            }
            cache.close().await;
            drop(cache);
            let had_come = disk.heal();
            let (_cache, cached) = open_cache(dir.path());
            assert_eq!((cached.in_memory, cached.kept_aside), (None, None));
            assert_eq!(cached.progress.cursor, Some(7), "as the disk had it");
            assert_eq!(cached.situation.incidents.len(), 1);
            assert!(!encryption::is_plain(&dir.path().join("cache.db")));
            if !had_come {
                break;
            }
        }
        assert!(starts_in_memory > 1, "there was no room at several moments");
    }
}

#[tokio::test]
async fn a_cache_whose_disk_fills_up_goes_on_in_memory_and_the_next_start_finds_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::under(dir.path());
    let (cache, _) = open_cache(dir.path());
    let log = || LogId("log".to_owned());
    cache.apply(log(), vec![change(7, 1, 1)]).await.unwrap();
    disk.fail_after(0, Fault::Full);
    let refused = cache.apply(log(), vec![change(8, 2, 1)]).await;
    assert!(
        matches!(refused, Err(StoreError::DiskFull { .. })),
        "{refused:?}"
    );
    cache.leave_disk().await.unwrap();
    let batch = vec![change(8, 2, 1), change(9, 1, 2)];
    let applied = cache.apply(log(), batch).await.unwrap();
    assert_eq!(
        applied.records.len(),
        2,
        "what was refused has left nothing"
    );
    let held = cache.contents().await.unwrap();
    assert_eq!(
        (held.situation.incidents.len(), held.progress.cursor),
        (2, Some(9))
    );
    cache.close().await;
    drop(cache);
    disk.heal();
    let (_cache, cached) = open_cache(dir.path());
    assert_eq!((cached.in_memory, cached.kept_aside), (None, None));
    assert_eq!(cached.progress.cursor, Some(7), "as the disk had it");
    assert_eq!(cached.situation.incidents.len(), 1);
}
