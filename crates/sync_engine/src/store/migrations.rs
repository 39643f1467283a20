//! Databases of every older version open: the texts in `versions/` are what each version had, and a
//! new version is not complete without its own.

use std::path::{Path, PathBuf};

use domain::IncidentState;
use domain::modes::Mode;
use domain::situation::Record;
use rusqlite::Connection;
use testkit::builders::{incident, order, person};

use super::database::{Schema, open};
use super::keys::DatabaseKey;
use super::{cache, outbox_db, progress, proposals, records};

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
            assert_eq!(indices(&opened), indices(&fresh), "{name} of {version}");
            let now: i64 = opened
                .query_row("PRAGMA user_version", [], |row| row.get(0))
                .unwrap();
            assert_eq!(now as usize, schema.migrations.len());
        }
    }
}

/// Every index with its definition.
fn indices(db: &Connection) -> Vec<(String, String)> {
    let mut read = db
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name")
        .unwrap();
    let rows = read.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

#[test]
fn records_of_the_first_version_are_found_by_their_end_and_stay_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let key = DatabaseKey::mint().unwrap();
    let path = dir.path().join("cache.db");
    let old = written_by(&path, "cache", 1);
    let mut ended = incident(1, IncidentState::Closed);
    ended.ended_at = Some(testkit::clock::FRIDAY_NINE);
    let records = [
        ("incident", "1", Record::Incident(Box::new(ended.clone()))),
        (
            "incident",
            "2",
            Record::Incident(Box::new(incident(2, IncidentState::Filed))),
        ),
        ("order", "3", Record::Order(Box::new(order(3, ended.id, 1)))),
        ("person", "4", Record::Person(Box::new(person(4)))),
    ];
    for (kind, id, record) in &records {
        let body = serde_json::to_string(record).unwrap();
        old.execute(
            "INSERT INTO records VALUES (?1, ?2, ?3)",
            [kind, id, &*body],
        )
        .unwrap();
    }
    // The mode stood there without who set it and when, and before there were exercises bare.
    let mode = r#"{"mode":"emergency_red"}"#;
    let put_mode = "INSERT INTO records VALUES ('mode', '', ?1)";
    old.execute(put_mode, [mode]).unwrap();
    old.execute(
        "INSERT INTO records VALUES ('incident', '5', 'no json')",
        [],
    )
    .unwrap();
    old.execute(
        "INSERT INTO progress VALUES (1, 'here', 's', 7, 2, 3, 4)",
        [],
    )
    .unwrap();
    drop(old);
    let opened = open(&path, cache::SCHEMA, &key).unwrap();
    let found = records::ended_first(&opened, None, 10).unwrap();
    assert_eq!(found, [ended.id.0 as i64]);
    let progress = progress::load(&opened).unwrap().unwrap();
    assert_eq!((progress.cursor, &progress.log), (Some(7), &None));
    assert_eq!(progress.place(), None, "nobody knows of which log it is");
    records::remove_incident(&opened, ended.id.0 as i64).unwrap();
    opened
        .execute("DELETE FROM records WHERE id = '5'", [])
        .unwrap();
    let mut left = domain::Situation::default();
    records::load(&opened, &mut left).unwrap();
    assert_eq!(
        (left.incidents.len(), left.orders.len(), left.people.len()),
        (1, 0, 1)
    );
    assert_eq!(left.mode, Mode::EmergencyRed.into());
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
            assert_eq!(indices(&made), indices(&shipped), "{name} of {version}");
        }
    }
}
