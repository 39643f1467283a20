//! An order added, acknowledged and deleted, with a fault at every call that changes the disk.

use std::path::Path;

use domain::Timestamp;
use faulty_disk::{Fault, FaultyDisk, Survivors};
use sync_engine::StoreError;
use sync_engine::store::OutboxDb;
use sync_engine::store::database::Durability;
use sync_engine::store::outbox_db::Stored;
use sync_engine::store::proposals::{ProposalRow, Stage};
use testkit::builders::key;

use crate::fixtures::{CUTS, FAILURES, open, row};

/// Number of the order that is acknowledged, and of the one that is deleted.
const ACKNOWLEDGED: u128 = 1;
const DELETED: u128 = 2;
/// Numbers of the orders that are added while the disk may fail.
const ADDED: std::ops::Range<u128> = 3..9;

const SENT: Stage = Stage::Sent {
    recorded_at: Timestamp::from_unix_ms(5),
    cursor: 7,
};

/// What the caller was told about each step.
struct Told {
    added: Vec<(u128, bool)>,
    is_acknowledged: bool,
    is_deleted: bool,
    refusals: Vec<StoreError>,
}

/// Two orders that are on the disk, and the outbox that has them.
async fn prepare(dir: &Path) -> (OutboxDb, [ProposalRow; 2]) {
    let (db, _) = open(dir);
    let acknowledged = db.add(row(ACKNOWLEDGED)).await.expect("added");
    let deleted = db.add(row(DELETED)).await.expect("added");
    (db, [acknowledged, deleted])
}

async fn work(db: &OutboxDb, [acknowledged, deleted]: [ProposalRow; 2]) -> Told {
    let mut told = Told {
        added: Vec::new(),
        is_acknowledged: false,
        is_deleted: false,
        refusals: Vec::new(),
    };
    for number in ADDED {
        let added = db.add(row(number)).await;
        told.added.push((number, added.is_ok()));
        told.refusals.extend(added.err());
        if number == ADDED.start + 1 {
            let row = ProposalRow {
                stage: SENT,
                ..acknowledged.clone()
            };
            let done = db.update(Durability::Synced, vec![row]).await;
            told.is_acknowledged = done.is_ok();
            told.refusals.extend(done.err());
        }
        if number == ADDED.start + 3 {
            let done = db.delete(Durability::Synced, vec![deleted.seq]).await;
            told.is_deleted = done.is_ok();
            told.refusals.extend(done.err());
        }
    }
    told
}

/// What is on the disk: the orders that were added, whether one is acknowledged, whether one is
/// gone. Every row must be whole.
fn found(stored: &Stored) -> (Vec<u128>, bool, bool) {
    let rows = &stored.proposals;
    for found in rows {
        let number = (1..ADDED.end).find(|n| key(*n) == found.proposal.key);
        let wanted = row(number.expect("nothing but what was asked for"));
        assert_eq!(found.proposal, wanted.proposal, "whole");
    }
    let added = ADDED
        .filter(|n| rows.iter().any(|row| row.proposal.key == key(*n)))
        .collect();
    let acknowledged = rows.iter().find(|r| r.proposal.key == key(ACKNOWLEDGED));
    let stage = &acknowledged.expect("never deleted").stage;
    assert!(*stage == SENT || *stage == Stage::Queued, "{stage:?}");
    let is_deleted = rows.iter().all(|row| row.proposal.key != key(DELETED));
    (added, *stage == SENT, is_deleted)
}

#[tokio::test]
async fn after_a_failure_the_disk_holds_what_the_caller_was_told_and_nothing_else() {
    for fault in FAILURES {
        let mut refused = 0;
        for calls in 0.. {
            assert!(calls < 500, "the scenario has an end");
            let dir = tempfile::tempdir().unwrap();
            let disk = FaultyDisk::under(dir.path());
            let (db, first) = prepare(dir.path()).await;
            disk.fail_after(calls, fault);
            let told = work(&db, first).await;
            db.close().await;
            drop(db);
            let had_come = disk.heal();
            let (_again, stored) = open(dir.path());
            let added: Vec<u128> = told
                .added
                .iter()
                .filter(|(_, is)| *is)
                .map(|(n, _)| *n)
                .collect();
            let wanted = (added, told.is_acknowledged, told.is_deleted);
            assert_eq!(found(&stored), wanted, "{fault:?} after {calls}");
            check_refusals(fault, &told.refusals);
            refused += told.refusals.len();
            if !had_come {
                break;
            }
        }
        assert!(refused > 3, "{fault:?} was felt");
    }
}

/// A full disk is called so; another failure costs one step and no other.
fn check_refusals(fault: Fault, refusals: &[StoreError]) {
    for refusal in refusals {
        let is_full = matches!(refusal, StoreError::DiskFull { .. });
        assert_eq!(is_full, fault == Fault::Full, "{refusal:?}");
    }
    assert!(fault == Fault::Full || refusals.len() <= 1, "{refusals:?}");
}

#[tokio::test]
async fn a_power_cut_at_any_call_takes_nothing_that_was_said_to_be_durable() {
    for survivors in CUTS {
        for calls in 0.. {
            assert!(calls < 500, "the scenario has an end");
            if !cut(calls, survivors).await {
                break;
            }
        }
    }
}

/// Cuts the power after so many calls; returns whether it came to that.
async fn cut(calls: u64, survivors: Survivors) -> bool {
    let dir = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::under(dir.path());
    let (db, first) = prepare(dir.path()).await;
    disk.fail_after(calls, Fault::PowerCut);
    let told = work(&db, first).await;
    let had_come = !told.refusals.is_empty();
    disk.cut_power();
    db.close().await;
    drop(db);
    disk.switch_on(survivors).unwrap();
    let (again, stored) = open(dir.path());
    let (added, is_acknowledged, is_deleted) = found(&stored);
    let context = format!("{survivors:?} after {calls}");
    for (number, is_durable) in &told.added {
        assert!(!is_durable || added.contains(number), "{number}, {context}");
    }
    // At most the step that was under way may have come through without its caller hearing of it.
    let unheard = [
        added.len() > told.added.iter().filter(|(_, is)| *is).count(),
        is_acknowledged && !told.is_acknowledged,
        is_deleted && !told.is_deleted,
    ];
    assert!(unheard.iter().filter(|is| **is).count() <= 1, "{context}");
    assert!(is_acknowledged || !told.is_acknowledged, "{context}");
    assert!(is_deleted || !told.is_deleted, "{context}");
    again.add(row(50)).await.expect("it works as before");
    had_come
}
