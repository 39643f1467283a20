//! The disk does to the real SQLite what it says.

use std::path::Path;

use faulty_disk::{Fault, FaultyDisk, Survivors};
use rusqlite::{Connection, ErrorCode};

fn open(dir: &Path, synchronous: &str) -> Connection {
    let db = Connection::open(dir.join("a.db")).expect("it opens");
    db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))
        .expect("with a log");
    db.pragma_update(None, "synchronous", synchronous)
        .expect("as asked");
    db.execute_batch("CREATE TABLE IF NOT EXISTS t (n INTEGER)")
        .expect("a table");
    db
}

fn add(db: &Connection) -> rusqlite::Result<usize> {
    db.execute("INSERT INTO t VALUES (randomblob(3000))", [])
}

fn count(db: &Connection) -> i64 {
    db.query_row("SELECT count(*) FROM t", [], |row| row.get(0))
        .expect("it can be counted")
}

#[test]
fn a_full_disk_and_a_failing_one_are_what_sqlite_is_told() {
    let dir = tempfile::tempdir().expect("a directory");
    let disk = FaultyDisk::under(dir.path());
    let db = open(dir.path(), "FULL");
    let before = disk.calls();
    add(&db).expect("added");
    assert!(disk.calls() > before, "its calls pass through the disk");
    disk.fail_after(0, Fault::Full);
    let full = add(&db).expect_err("no space").sqlite_error_code();
    assert_eq!(full, Some(ErrorCode::DiskFull));
    disk.heal();
    for fault in [Fault::Io, Fault::Torn] {
        disk.fail_after(0, fault);
        let failed = add(&db).expect_err("it fails").sqlite_error_code();
        assert_eq!(failed, Some(ErrorCode::SystemIoFailure));
        assert!(disk.heal());
    }
    add(&db).expect("healed");
    assert_eq!(count(&db), 2);
}

#[test]
fn a_power_cut_takes_what_was_not_synced_and_nothing_else() {
    for (synchronous, survivors, left) in [
        ("FULL", Survivors::None, 3),
        ("FULL", Survivors::Some(7), 3),
        ("OFF", Survivors::None, 0),
        ("OFF", Survivors::All, 3),
    ] {
        let dir = tempfile::tempdir().expect("a directory");
        drop(open(dir.path(), "FULL"));
        let disk = FaultyDisk::under(dir.path());
        let db = open(dir.path(), synchronous);
        for _ in 0..3 {
            add(&db).expect("added");
        }
        disk.cut_power();
        assert!(add(&db).is_err());
        drop(db);
        disk.switch_on(survivors).expect("the files are set back");
        let db = open(dir.path(), "FULL");
        assert_eq!(count(&db), left, "{synchronous} {survivors:?}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_said_to_be_so_until_it_can() {
    let dir = tempfile::tempdir().expect("a directory");
    let db = open(dir.path(), "FULL");
    add(&db).expect("added");
    drop(db);
    let disk = FaultyDisk::under(dir.path());
    for (name, is_read) in [("a.db", false), ("b.db", true)] {
        disk.refuse_reads_of(name, 0);
        let read = Connection::open(dir.path().join("a.db"))
            .and_then(|db| db.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)));
        match read {
            Ok(rows) => assert!(is_read && rows == 1),
            Err(error) => {
                assert!(!is_read);
                assert_eq!(error.sqlite_error_code(), Some(ErrorCode::SystemIoFailure));
            }
        }
    }
    disk.heal();
    assert_eq!(count(&open(dir.path(), "FULL")), 1);
}

#[test]
fn files_elsewhere_are_left_alone() {
    let (dir, other) = (
        tempfile::tempdir().expect("a directory"),
        tempfile::tempdir().expect("another"),
    );
    let disk = FaultyDisk::under(dir.path());
    disk.cut_power();
    add(&open(other.path(), "FULL")).expect("not this disk");
}
