//! Opening, and encrypting what an earlier version left plain, with a fault at every call that
//! changes the disk.

use std::path::Path;

use faulty_disk::{Fault, FaultyDisk, Survivors};
use sync_engine::store::database::Durability;
use sync_engine::store::proposals::{ProposalRow, Stage};
use sync_engine::store::{encryption, proposals, sessions};
use testkit::builders::key;

use crate::fixtures::{CUTS, FAILURES, NOW, open, row, try_open};

/// Adds a queued row as the first version of the table had it.
fn add_as_at_first(db: &rusqlite::Connection, row: &ProposalRow) {
    db.execute(
        "INSERT INTO proposals
         (key, backend, officer, occurred_at, intent, stage, has_left, attempts)
         VALUES (?1, ?2, ?3, ?4, ?5, 'queued', 0, 0)",
        rusqlite::params![
            row.proposal.key.to_string(),
            row.backend,
            row.proposal.officer.as_str(),
            row.proposal.occurred_at.unix_ms(),
            serde_json::to_string(&row.proposal.intent).unwrap(),
        ],
    )
    .unwrap();
}

/// An outbox as the version before encryption left it when it was killed: all orders are in its log.
pub fn plain(dir: &Path) {
    plain_with(dir, 3);
}

/// The same with so many orders.
pub fn plain_with(dir: &Path, rows: u128) {
    let running = tempfile::tempdir().unwrap();
    let db = rusqlite::Connection::open(running.path().join("outbox.db")).unwrap();
    db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))
        .unwrap();
    db.pragma_update(None, "synchronous", "OFF").unwrap();
    db.execute_batch(proposals::MIGRATION).unwrap();
    db.execute_batch(sessions::MIGRATION).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    for number in 1..=rows {
        add_as_at_first(&db, &row(number));
    }
    for file in ["outbox.db", "outbox.db-wal"] {
        std::fs::copy(running.path().join(file), dir.join(file)).unwrap();
    }
}

async fn encrypted(dir: &Path) {
    let (db, _) = open(dir);
    for number in 1..=3 {
        db.add(row(number)).await.unwrap();
    }
    db.close().await;
}

/// Everything is there, encrypted, and nothing was taken for damaged on the way.
fn check(dir: &Path, context: &str) {
    let (_db, stored) = open(dir);
    let keys: Vec<_> = stored
        .proposals
        .iter()
        .map(|row| row.proposal.key)
        .collect();
    assert_eq!(keys, [key(1), key(2), key(3)], "{context}");
    assert!(!encryption::is_plain(&dir.join("outbox.db")), "{context}");
    let kept = std::fs::read_dir(dir).unwrap().any(|entry| {
        let name = entry.unwrap().file_name();
        name.to_string_lossy().contains(".corrupt-")
    });
    assert!(!kept, "nothing was damaged, {context}");
}

/// Opens with the fault after so many calls; returns whether it came.
async fn try_with(is_plain: bool, calls: u64, fault: Fault, survivors: Survivors) -> bool {
    let dir = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::under(dir.path());
    if is_plain {
        plain(dir.path());
    } else {
        encrypted(dir.path()).await;
    }
    let before = disk.calls();
    disk.fail_after(calls, fault);
    let opened = try_open(dir.path());
    let context = format!(
        "{fault:?} after {calls}, {survivors:?}, {}",
        match &opened {
            Ok(_) => "opened".to_owned(),
            Err(error) => error.to_string(),
        }
    );
    if let Ok((db, stored)) = opened {
        assert_eq!(stored.proposals.len(), 3, "{context}");
        db.close().await;
    }
    let had_come = if fault == Fault::PowerCut {
        let done = disk.calls() - before;
        disk.cut_power();
        disk.switch_on(survivors).unwrap();
        done > calls
    } else {
        disk.heal()
    };
    check(dir.path(), &context);
    had_come
}

#[tokio::test]
async fn a_failure_while_opening_is_an_error_and_the_next_start_has_everything() {
    for is_plain in [true, false] {
        for fault in FAILURES {
            let mut calls = 0;
            while try_with(is_plain, calls, fault, Survivors::All).await {
                calls += 1;
                assert!(calls < 500, "opening has an end");
            }
            assert!(!is_plain || calls > 5, "encrypting changes the disk");
        }
    }
}

#[tokio::test]
async fn a_power_cut_while_opening_loses_nothing() {
    for is_plain in [true, false] {
        for survivors in CUTS {
            let mut calls = 0;
            while try_with(is_plain, calls, Fault::PowerCut, survivors).await {
                calls += 1;
                assert!(calls < 500, "opening has an end");
            }
        }
    }
}

#[tokio::test]
async fn what_a_killed_process_left_unsynced_is_durable_from_the_next_start_on() {
    let dir = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::under(dir.path());
    let (killed, _) = open(dir.path());
    let queued = killed.add(row(1)).await.unwrap();
    let acknowledged = ProposalRow {
        stage: Stage::Sent {
            recorded_at: NOW,
            cursor: 7,
        },
        ..queued
    };
    killed
        .update(Durability::Lazy, vec![acknowledged.clone()])
        .await
        .unwrap();
    // Nothing of it is closed in an orderly way.
    std::mem::forget(killed);
    let (shown, stored) = open(dir.path());
    assert_eq!(stored.proposals, std::slice::from_ref(&acknowledged));
    disk.cut_power();
    shown.close().await;
    drop(shown);
    disk.switch_on(Survivors::None).unwrap();
    let (_again, stored) = open(dir.path());
    assert_eq!(stored.proposals, [acknowledged]);
}
