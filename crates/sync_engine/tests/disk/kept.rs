//! A kept outbox on a disk that does not give it now is left for the next start.

use std::path::Path;

use faulty_disk::FaultyDisk;
use testkit::builders::key;

use crate::fixtures::{open, row, try_open};

/// Enough rows for several pages.
const ROWS: u128 = 60;

/// A directory whose outbox was kept aside under that name.
async fn kept_as(dir: &Path, name: &str) {
    let (db, _) = open(dir);
    for number in 1..=ROWS {
        db.add(row(number)).await.unwrap();
    }
    db.close().await;
    std::fs::rename(dir.join("outbox.db"), dir.join(name)).unwrap();
}

#[tokio::test]
async fn a_kept_outbox_that_cannot_be_read_now_is_taken_over_whole_by_a_later_start() {
    for name in [
        "outbox.db.damaged-20261120-090000",
        "outbox.db.locked-20261120-090000",
    ] {
        let mut reads = 0;
        loop {
            let dir = tempfile::tempdir().unwrap();
            kept_as(dir.path(), name).await;
            let disk = FaultyDisk::under(dir.path());
            disk.refuse_reads_of(name, reads);
            let (db, stored) = try_open(dir.path()).expect("the hall starts without it");
            let context = format!("{name} after {reads} reads");
            if stored.proposals.len() == ROWS as usize {
                break;
            }
            assert_eq!(stored.proposals, [], "{context}");
            assert!(dir.path().join(name).exists(), "{context}");
            // A locked file whose first page cannot be read is one that the key does not open.
            let said = stored.rescued.unwrap_or_default();
            let is_said = said.contains("tried again at the next start");
            assert!(is_said || name.contains("locked"), "{context}: {said}");
            db.close().await;
            drop(db);
            disk.heal();
            let (_db, stored) = try_open(dir.path()).expect("it opens");
            let keys: Vec<_> = stored
                .proposals
                .iter()
                .map(|row| row.proposal.key)
                .collect();
            assert_eq!(keys, (1..=ROWS).map(key).collect::<Vec<_>>(), "{context}");
            assert!(!dir.path().join(name).exists(), "{context}");
            reads += 1;
            assert!(reads < 500, "reading has an end");
        }
        assert!(reads > 2, "{name} was read and it was felt");
    }
}
