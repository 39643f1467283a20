//! What the files show, how unencrypted ones are taken over, and what becomes of locked ones.

use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::IncidentState;
use rusqlite::Connection;
use sync_engine::outbox::queue::{Queue, waits_for_receipt};
use sync_engine::store::database::Durability;
use sync_engine::store::keys::{self, DatabaseKey, Keys};
use sync_engine::store::proposals::{self, ProposalRow, Stage};
use sync_engine::store::{Cache, OutboxDb, encryption};
use testkit::builders::{incident, key, proposal, send};

use crate::fixtures::*;

#[tokio::test]
async fn neither_a_file_in_use_nor_a_closed_or_kept_one_shows_what_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, _) = open_outbox(dir.path());
    outbox.add(row(1)).await.unwrap();
    let (cache, _) = open_cache(dir.path());
    fill_cache(&cache).await;
    let log = std::fs::metadata(dir.path().join("outbox.db-wal")).unwrap();
    assert!(log.len() > 0, "the log is looked at as well");
    assert_eq!(readable_file(dir.path()), None);
    cache.rebuild("here".to_owned(), NOW).await.unwrap();
    outbox.close().await;
    cache.close().await;
    assert_eq!(readable_file(dir.path()), None);
    assert!(
        files(dir.path()).len() >= 4,
        "two databases, one kept, a key"
    );
}

#[tokio::test]
async fn an_unencrypted_outbox_is_encrypted_in_place_with_all_its_orders() {
    let dir = tempfile::tempdir().unwrap();
    let plain = plain_outbox(dir.path(), 1..40);
    plain
        .execute("DELETE FROM proposals WHERE seq = 39", [])
        .unwrap();
    drop(plain);
    assert!(readable_file(dir.path()).is_some(), "the test would see it");
    let (outbox, stored) = open_outbox(dir.path());
    assert_eq!(keys_in(&stored), (1..39).map(key).collect::<Vec<_>>());
    assert_eq!(stored.rescued, None);
    assert_eq!(readable_file(dir.path()), None);
    let added = outbox.add(row(50)).await.unwrap();
    assert_eq!(added.seq, 40, "the number of a click is never used again");
}

#[test]
fn orders_in_the_log_of_an_unencrypted_outbox_are_taken_along() {
    let dir = tempfile::tempdir().unwrap();
    let killed = tempfile::tempdir().unwrap();
    let running = plain_outbox(dir.path(), 1..4);
    // What a killed process leaves: the orders are in the log and not yet in the database.
    for file in files(dir.path()) {
        std::fs::copy(&file, killed.path().join(file.file_name().unwrap())).unwrap();
    }
    drop(running);
    assert!(holds(
        &killed.path().join("outbox.db-wal"),
        KNOWN_TEXT.as_bytes()
    ));
    let (_outbox, stored) = open_outbox(killed.path());
    assert_eq!(keys_in(&stored), [key(1), key(2), key(3)]);
    assert_eq!(readable_file(killed.path()), None);
}

#[test]
fn an_encryption_that_was_cut_short_is_done_again() {
    let dir = tempfile::tempdir().unwrap();
    drop(plain_outbox(dir.path(), 1..4));
    let draft = dir.path().join("outbox.db.encrypting");
    std::fs::write(&draft, b"half of a copy").unwrap();
    std::fs::write(dir.path().join("outbox.db.encrypting-journal"), b"x").unwrap();
    let (_outbox, stored) = open_outbox(dir.path());
    assert_eq!(keys_in(&stored), [key(1), key(2), key(3)]);
    assert!(!draft.exists());
}

#[test]
fn a_damaged_unencrypted_outbox_gives_up_what_can_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let plain = plain_outbox(dir.path(), 1..4);
    plain
        .execute(
            "UPDATE proposals SET stage = 'queued', intent = 'torn' WHERE seq = 2",
            [],
        )
        .unwrap();
    drop(plain);
    let (_outbox, stored) = open_outbox(dir.path());
    assert_eq!(keys_in(&stored), [key(1), key(3)]);
    assert!(stored.rescued.unwrap().contains("2 rescued, 1 unreadable"));
}

#[tokio::test]
async fn a_start_that_ended_before_a_damaged_outbox_was_read_leaves_it_to_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, _) = open_outbox(dir.path());
    outbox.add(row(1)).await.unwrap();
    outbox.close().await;
    let aside = dir.path().join("outbox.db.damaged-20261120-090000");
    std::fs::rename(dir.path().join("outbox.db"), &aside).unwrap();
    // The start that kept it aside got as far as an empty outbox.
    let empty = tempfile::tempdir().unwrap();
    std::fs::copy(
        dir.path().join(keys::KEY_FILE),
        empty.path().join(keys::KEY_FILE),
    )
    .unwrap();
    open_outbox(empty.path()).0.close().await;
    std::fs::copy(empty.path().join("outbox.db"), dir.path().join("outbox.db")).unwrap();

    let (outbox, stored) = open_outbox(dir.path());
    assert_eq!(keys_in(&stored), [key(1)]);
    assert!(stored.rescued.unwrap().contains("1 rescued, 0 unreadable"));
    assert!(!aside.exists(), "it is taken over once");
    outbox.close().await;
    assert_eq!(open_outbox(dir.path()).1.rescued, None);
}

#[tokio::test]
async fn orders_whose_key_is_lost_are_kept_said_and_taken_over_when_it_is_back() {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, _) = open_outbox(dir.path());
    outbox.add(row(1)).await.unwrap();
    outbox.add(row(2)).await.unwrap();
    outbox.close().await;
    let lost = dir.path().join("lost.key");
    std::fs::rename(dir.path().join(keys::KEY_FILE), &lost).unwrap();

    let (outbox, stored) = open_outbox(dir.path());
    let said = stored.locked.expect("it is said");
    assert!(said.contains("outbox.db.locked-"), "{said}");
    assert_eq!((stored.proposals.len(), stored.rescued), (0, None));
    outbox.add(row(3)).await.unwrap();
    outbox.close().await;
    drop(outbox);

    let mut keys = keys_of(dir.path());
    let found = std::fs::read_to_string(&lost).unwrap();
    keys.former = DatabaseKey::from_hex(&found);
    let (outbox, stored) = OutboxDb::open(dir.path(), &keys, NOW).unwrap();
    assert_eq!(keys_in(&stored), [key(3), key(1), key(2)]);
    assert!(stored.rescued.unwrap().contains("2 rescued"));
    outbox.close().await;
    drop(outbox);
    let (_outbox, stored) = OutboxDb::open(dir.path(), &keys, NOW).unwrap();
    assert_eq!((stored.proposals.len(), stored.rescued), (3, None), "once");
    assert_eq!(readable_file(dir.path()), None);
}

/// An outbox with these orders that no key opened, and one that has been begun in its place; returns
/// the keys of a start that opens both.
async fn locked(dir: &Path, orders: &[ProposalRow], since: &[ProposalRow]) -> Keys {
    let (outbox, _) = open_outbox(dir);
    for row in orders {
        outbox.add(row.clone()).await.unwrap();
    }
    outbox.close().await;
    drop(outbox);
    let file = dir.join(keys::KEY_FILE);
    let lost = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(file).unwrap();
    let (outbox, stored) = open_outbox(dir);
    assert!(stored.locked.is_some());
    for row in since {
        outbox.add(row.clone()).await.unwrap();
    }
    outbox.close().await;
    let mut keys = keys_of(dir);
    keys.former = DatabaseKey::from_hex(&lost);
    keys
}

fn about(number: u128, matter: u32) -> ProposalRow {
    let mut row = row(number);
    row.proposal = proposal(number, send(incident(matter, IncidentState::Filed).id, 1));
    row
}

#[tokio::test]
async fn what_was_locked_overtakes_nothing_unasked_and_goes_out_where_nothing_is_newer() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = about(4, 1);
    acknowledged.stage = Stage::Sent {
        recorded_at: NOW,
        cursor: 3,
    };
    let orders = [about(1, 1), about(2, 2), about(3, 1), acknowledged];
    let keys = locked(dir.path(), &orders, &[about(9, 1)]).await;
    let (outbox, stored) = OutboxDb::open(dir.path(), &keys, NOW).unwrap();
    let all = [key(9), key(1), key(2), key(3), key(4)];
    assert_eq!(keys_in(&stored), all);
    let said = stored.rescued.unwrap();
    assert!(said.contains("4 rescued, 0 unreadable, 2 wait"), "{said}");
    let mut queue = Queue::new("here", stored.proposals);
    let due = |queue: &Queue| {
        let due = queue.due(Duration::ZERO, usize::MAX, |_| true);
        due.iter().map(|row| row.proposal.key).collect::<Vec<_>>()
    };
    // The newer one is not held up, and the ones of the other incident go out by themselves.
    assert_eq!(due(&queue), [key(9), key(2)]);
    for number in [1, 3] {
        let row = queue.by_key(key(number)).unwrap();
        let why = row.last_error.as_ref().unwrap();
        assert!(matches!(row.stage, Stage::Parked { at, .. } if at == NOW));
        assert!(why.contains("outbox.db.locked-"), "{why}");
    }
    // What had been acknowledged is asked again under its key, and dropped by nobody.
    let asked = queue.by_key(key(4)).unwrap();
    assert!(waits_for_receipt(asked) && !queue.can_drop(asked));
    // The officer decides that the first goes out: in its old place, before what was behind it.
    let mut first = queue.by_key(key(1)).unwrap().clone();
    first.stage = Stage::Queued;
    let newer = queue.by_key(key(9)).unwrap().seq;
    queue.remove(newer);
    queue.replace(first);
    assert_eq!(due(&queue), [key(1), key(2)]);
    outbox.close().await;
}

#[tokio::test]
async fn what_was_locked_and_may_have_gone_out_can_only_be_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let gone_out = ProposalRow {
        has_left: true,
        ..about(1, 1)
    };
    let keys = locked(dir.path(), &[gone_out, about(2, 1)], &[about(9, 1)]).await;
    let (outbox, stored) = OutboxDb::open(dir.path(), &keys, NOW).unwrap();
    let queue = Queue::new("here", stored.proposals);
    let told = |number| {
        let row = queue.by_key(key(number)).unwrap();
        (queue.can_drop(row), row.last_error.clone().unwrap())
    };
    let (may_be_done, kept_back) = (told(1), told(2));
    assert!(!may_be_done.0 && may_be_done.1.contains("try it again"));
    assert!(kept_back.0, "it never left");
    outbox.close().await;
}

#[tokio::test]
async fn what_was_locked_waits_also_when_what_was_newer_has_been_sent_meanwhile() {
    for is_gone in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let keys = locked(dir.path(), &[about(1, 1)], &[about(9, 2)]).await;
        if is_gone {
            let current = Keys {
                current: keys.current.clone(),
                former: None,
                warning: None,
            };
            let (outbox, stored) = OutboxDb::open(dir.path(), &current, NOW).unwrap();
            let seq = stored.proposals[0].seq;
            outbox.delete(Durability::Synced, vec![seq]).await.unwrap();
            outbox.close().await;
        }
        let (_outbox, stored) = OutboxDb::open(dir.path(), &keys, NOW).unwrap();
        let row = stored.proposals.last().unwrap();
        let is_parked = matches!(row.stage, Stage::Parked { .. });
        // What is gone could have been about the same incident.
        assert_eq!(is_parked, is_gone, "{:?}", row.stage);
    }
}

#[tokio::test]
async fn of_the_caches_that_were_kept_aside_only_the_newest_stays() {
    let dir = tempfile::tempdir().unwrap();
    for minute in 0..3 {
        let keys = keys_of(dir.path());
        let now = NOW.plus_ms(minute * 60_000);
        let (cache, _) = Cache::open(dir.path(), "here", &keys.current, now).unwrap();
        cache.close().await;
        std::fs::remove_file(dir.path().join(keys::KEY_FILE)).unwrap();
    }
    open_cache(dir.path()).0.close().await;
    let kept = files(dir.path());
    let is_kept = |file: &&PathBuf| file.to_string_lossy().contains("cache.db.corrupt-");
    assert_eq!(kept.iter().filter(is_kept).count(), 1, "{kept:?}");
}

#[tokio::test]
async fn a_cache_whose_key_is_lost_is_kept_and_begun_anew() {
    let dir = tempfile::tempdir().unwrap();
    let (cache, _) = open_cache(dir.path());
    fill_cache(&cache).await;
    cache.close().await;
    std::fs::remove_file(dir.path().join(keys::KEY_FILE)).unwrap();
    let (_cache, cached) = open_cache(dir.path());
    assert!(cached.kept_aside.unwrap().contains("key does not open"));
    assert_eq!(cached.progress.cursor, None);
}

#[tokio::test]
async fn an_outbox_that_was_being_kept_aside_when_the_process_ended_keeps_its_log() {
    let dir = tempfile::tempdir().unwrap();
    let killed = tempfile::tempdir().unwrap();
    let (outbox, _) = open_outbox(dir.path());
    outbox.add(row(1)).await.unwrap();
    for file in files(dir.path()) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let moved = name.replace("outbox.db-wal", "outbox.db.locked-20261120-090000-wal");
        std::fs::copy(&file, killed.path().join(moved)).unwrap();
    }
    let (_outbox, stored) = open_outbox(killed.path());
    assert_eq!(keys_in(&stored), [key(1)]);
}

/// Opens an outbox and leaves it as a killed process does: its rows are in the log.
fn killed_outbox(from: &Path, page_bytes: u32) -> tempfile::TempDir {
    let keys = keys_of(from);
    let path = from.join("outbox.db");
    let running = encryption::connect(&path, &keys.current, page_bytes);
    let running = running.unwrap().unwrap();
    running
        .query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))
        .unwrap();
    running
        .execute_batch(include_str!("../../src/store/versions/outbox_2.sql"))
        .unwrap();
    running.pragma_update(None, "user_version", 2).unwrap();
    for number in 1..20 {
        proposals::add(&running, &row(number)).unwrap();
    }
    let killed = tempfile::tempdir().unwrap();
    for file in files(from) {
        let to = killed.path().join(file.file_name().unwrap());
        std::fs::copy(&file, to).unwrap();
    }
    killed
}

#[tokio::test]
async fn an_outbox_with_pages_of_either_size_is_used_as_it_is() {
    for page_bytes in [encryption::SMALL_PAGES, encryption::LARGE_PAGES] {
        let dir = tempfile::tempdir().unwrap();
        let killed = killed_outbox(dir.path(), page_bytes);
        let mut expected: Vec<_> = (1..20).map(key).collect();
        for more in [20, 21] {
            let (outbox, stored) = open_outbox(killed.path());
            assert_eq!(keys_in(&stored), expected, "pages of {page_bytes}");
            assert_eq!((stored.rescued, stored.locked), (None, None));
            outbox.add(row(more)).await.unwrap();
            expected.push(key(more));
            outbox.close().await;
        }
        let keys = keys_of(killed.path());
        let path = killed.path().join("outbox.db");
        let copy = encryption::copy_to_memory(&path, &keys.current, encryption::SMALL_PAGES);
        let copy = copy.unwrap().unwrap();
        assert_eq!(proposals::load(&copy).unwrap().len(), expected.len());
        let other = DatabaseKey::mint().unwrap();
        let locked = encryption::copy_to_memory(&path, &other, encryption::SMALL_PAGES);
        assert!(locked.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_new_outbox_has_small_pages() {
    let dir = tempfile::tempdir().unwrap();
    plain_outbox(dir.path(), 1..2);
    for is_new in [false, true] {
        let path = dir.path().join("outbox.db");
        open_outbox(dir.path()).0.close().await;
        let keys = keys_of(dir.path());
        let db = encryption::connect(&path, &keys.current, encryption::LARGE_PAGES);
        let size: String = db
            .unwrap()
            .unwrap()
            .query_row("PRAGMA cipher_page_size", [], |row| row.get(0))
            .unwrap();
        assert_eq!(size, encryption::SMALL_PAGES.to_string(), "new: {is_new}");
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn a_plain_database_without_a_key_goes_on_working() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other.db");
    let plain = Connection::open(&path).unwrap();
    plain
        .execute_batch("CREATE TABLE t (n) STRICT")
        .unwrap_err();
    plain
        .execute_batch("CREATE TABLE t (n INTEGER) STRICT")
        .unwrap();
    drop(plain);
    assert!(encryption::is_plain(&path));
}
