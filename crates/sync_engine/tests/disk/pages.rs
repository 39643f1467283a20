//! An outbox with pages that cannot be read: every order that does not lie on them is taken over,
//! and how many are lost is said.

use std::path::Path;

use faulty_disk::FaultyDisk;
use sync_engine::store::encryption::SMALL_PAGES;
use sync_engine::store::keys;
use sync_engine::store::outbox_db::Stored;
use testkit::builders::key;

use crate::fixtures::{NOW, open, row, try_open};
use crate::opening::plain_with;

/// Enough rows for dozens of pages.
const ROWS: u128 = 200;

/// An outbox that was closed well, with the directory that holds its key.
struct Whole {
    dir: tempfile::TempDir,
    bytes: Vec<u8>,
    page_bytes: usize,
}

impl Whole {
    async fn encrypted() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let disk = FaultyDisk::under(dir.path());
        let (db, _) = open(dir.path());
        for number in 1..=ROWS {
            db.add(row(number)).await.expect("added");
        }
        db.close().await;
        drop(disk);
        Self::of(dir, SMALL_PAGES as usize)
    }

    /// As the version before encryption left it.
    fn plain() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        keys::find(dir.path(), None, NOW).expect("a key");
        plain_with(dir.path(), ROWS);
        let path = dir.path().join("outbox.db");
        let db = rusqlite::Connection::open(path).expect("it opens");
        db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .expect("all is in the file");
        drop(db);
        Self::of(dir, 4096)
    }

    fn of(dir: tempfile::TempDir, page_bytes: usize) -> Self {
        Self {
            bytes: std::fs::read(dir.path().join("outbox.db")).expect("the file is there"),
            dir,
            page_bytes,
        }
    }

    fn pages(&self) -> usize {
        self.bytes.len() / self.page_bytes
    }

    /// Opens a copy with those pages, counted from 1, overwritten.
    fn without(&self, pages: &[usize]) -> Found {
        let dir = tempfile::tempdir().expect("a directory");
        let key_file = self.dir.path().join(keys::KEY_FILE);
        std::fs::copy(key_file, dir.path().join(keys::KEY_FILE)).expect("copied");
        let mut bytes = self.bytes.clone();
        for page in pages {
            bytes[(page - 1) * self.page_bytes..page * self.page_bytes].fill(0x5a);
        }
        std::fs::write(dir.path().join("outbox.db"), bytes).expect("written");
        let _disk = FaultyDisk::under(dir.path());
        let (db, stored) = try_open(dir.path()).unwrap_or_else(|e| panic!("{pages:?}: {e}"));
        drop(db);
        let again = open_again(dir.path());
        assert_eq!(again.proposals, stored.proposals, "once, {pages:?}");
        Found::of(&stored, &format!("without {pages:?}"))
    }
}

/// The next start has nothing to say any more.
fn open_again(dir: &Path) -> Stored {
    open(dir).1
}

/// What was taken over.
struct Found {
    rescued: usize,
    /// How many are said to be lost; `None` where not even their number can be read.
    lost: Option<usize>,
}

impl Found {
    /// What is there must be whole and in its order, and as much as is said.
    fn of(stored: &Stored, context: &str) -> Self {
        let mut number = 0;
        for found in &stored.proposals {
            number = (number + 1..=ROWS)
                .find(|n| key(*n) == found.proposal.key)
                .unwrap_or_else(|| panic!("in their order, {context}"));
            assert_eq!(found.proposal, row(number).proposal, "whole, {context}");
        }
        let said = stored.rescued.as_deref();
        let said = said.unwrap_or_else(|| panic!("it is said, {context}"));
        let count = |what: &str| -> Option<usize> {
            let word = said.split(what).next()?.split_whitespace().next_back()?;
            word.parse().ok()
        };
        let rescued = stored.proposals.len();
        if said.contains("nothing can be read") {
            assert_eq!(rescued, 0, "{said}, {context}");
            return Self {
                rescued,
                lost: None,
            };
        }
        assert_eq!(count(" rescued"), Some(rescued), "{said}, {context}");
        let lost = count(" unreadable");
        assert!(lost.is_some(), "{said}, {context}");
        Self { rescued, lost }
    }
}

/// Overwrites each page in turn but the first, without which no key opens the file. Returns those
/// that hold orders and nothing else.
fn check_each_page(whole: &Whole, most_on_a_page: usize) -> Vec<usize> {
    let mut holds_everything = 0;
    let mut leaves = Vec::new();
    for page in 2..=whole.pages() {
        let found = whole.without(&[page]);
        match found.lost {
            None => holds_everything += 1,
            Some(lost) if lost == ROWS as usize => holds_everything += 1,
            Some(lost) => {
                assert!(lost <= most_on_a_page, "{lost} lost with page {page}");
                leaves.extend((lost > 0).then_some(page));
            }
        }
        if let Some(lost) = found.lost {
            assert_eq!(found.rescued + lost, ROWS as usize, "page {page}");
        }
    }
    // The root of the table, and what says where that is.
    assert!(holds_everything <= 3, "{holds_everything}");
    leaves
}

#[tokio::test]
async fn of_an_outbox_with_a_damaged_page_only_what_lies_on_it_is_lost_and_that_is_said() {
    let whole = Whole::encrypted().await;
    let leaves = check_each_page(&whole, 5);
    assert!(leaves.len() > 30, "{leaves:?}");
    let (first, last) = (leaves[1], leaves[leaves.len() - 2]);
    let found = whole.without(&[first, last]);
    assert_eq!(found.lost, Some(ROWS as usize - found.rescued));
    assert!(
        found.rescued >= ROWS as usize - 10,
        "what lies between two damaged pages is there: {}",
        found.rescued
    );
    let half: Vec<usize> = leaves.iter().copied().step_by(2).collect();
    let found = whole.without(&half);
    assert_eq!(found.lost, Some(ROWS as usize - found.rescued));
    assert!(
        found.rescued > 80 && found.rescued < 120,
        "about every second"
    );
}

#[test]
fn of_an_unencrypted_outbox_with_a_damaged_page_only_what_lies_on_it_is_lost() {
    let leaves = check_each_page(&Whole::plain(), 25);
    assert!(leaves.len() > 7, "{leaves:?}");
}
