//! Databases of every older version open: the texts in `versions/` are what each version had, and a
//! new version is not complete without its own.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::database::{Schema, open};
use super::keys::DatabaseKey;
use super::{cache, outbox_db, proposals};

const DATABASES: [(&str, Schema); 2] = [("outbox", outbox_db::SCHEMA), ("cache", cache::SCHEMA)];

/// The schema of a version as it was shipped.
fn text_of(name: &str, version: usize) -> String {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join(format!("src/store/versions/{name}_{version}.sql"));
    std::fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; store there what `.schema` says of a {name} of version {version}",
            file.display()
        )
    })
}

/// Every table with its columns: name, type, whether it may be empty, part of the key.
fn tables(db: &Connection) -> Vec<(String, Vec<String>)> {
    let mut read = db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .unwrap();
    let names = read.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let columns = |name: String| {
        let sql = format!("SELECT name, type, \"notnull\", pk FROM pragma_table_info('{name}')");
        let mut read = db.prepare(&sql).unwrap();
        let described = read.query_map([], |row| {
            let (column, kind): (String, String) = (row.get(0)?, row.get(1)?);
            let (required, key): (i64, i64) = (row.get(2)?, row.get(3)?);
            Ok(format!("{column} {kind} {required} {key}"))
        });
        let described = described.unwrap().map(Result::unwrap).collect();
        (name, described)
    };
    names.map(Result::unwrap).map(columns).collect()
}

/// A database as a program of that version left it.
fn written_by(path: &Path, name: &str, version: usize) -> Connection {
    let db = Connection::open(path).unwrap();
    db.execute_batch(&text_of(name, version)).unwrap();
    db.pragma_update(None, "user_version", version as i64)
        .unwrap();
    db
}

#[test]
fn a_database_of_every_older_version_is_brought_forward() {
    let key = DatabaseKey::mint().unwrap();
    for (name, schema) in DATABASES {
        let dir = tempfile::tempdir().unwrap();
        let fresh = open(&dir.path().join("fresh.db"), schema, &key).unwrap();
        for version in 1..=schema.migrations.len() {
            let path = dir.path().join(format!("{version}.db"));
            drop(written_by(&path, name, version));
            let opened = open(&path, schema, &key).unwrap();
            assert_eq!(tables(&opened), tables(&fresh), "{name} of {version}");
            let now: i64 = opened
                .query_row("PRAGMA user_version", [], |row| row.get(0))
                .unwrap();
            assert_eq!(now as usize, schema.migrations.len());
        }
    }
}

#[test]
fn the_orders_of_an_outbox_of_every_older_version_are_read_where_it_was_kept_aside() {
    let dir = tempfile::tempdir().unwrap();
    for version in 1..=outbox_db::SCHEMA.migrations.len() {
        let path = dir.path().join(format!("{version}.db"));
        let db = written_by(&path, "outbox", version);
        db.execute_batch(
            "INSERT INTO proposals
             (key, backend, officer, occurred_at, intent, stage, has_left, attempts)
             VALUES ('00000000-0000-0000-0000-000000000001', 'here', 'li.na', 0,
                     '{\"set_mode\":{\"mode\":\"normal\"}}', 'queued', 0, 0)",
        )
        .unwrap();
        assert_eq!(proposals::reachable(&db), [1]);
        let row = proposals::get(&db, 1).unwrap().unwrap();
        assert_eq!((row.proposal.basis, row.conflict), (None, None));
    }
}

#[test]
fn a_version_that_was_shipped_is_never_changed() {
    for (name, schema) in DATABASES {
        for version in 1..=schema.migrations.len() {
            let dir = tempfile::tempdir().unwrap();
            let shipped = written_by(&dir.path().join("shipped.db"), name, version);
            let made = Connection::open_in_memory().unwrap();
            for sql in schema.migrations[..version].iter().copied().flatten() {
                made.execute_batch(sql).unwrap();
            }
            assert_eq!(tables(&made), tables(&shipped), "{name} of {version}");
        }
    }
}
