//! Table `progress`: which backend the cache is a copy of and how far it has come, one row.

use domain::Timestamp;
use protocol::http::{LogId, LogPlace};
use rusqlite::{Connection, OptionalExtension, params};

/// First version of the table.
pub const MIGRATION: &str = "
CREATE TABLE progress (
    id               INTEGER PRIMARY KEY CHECK (id = 1),
    backend          TEXT NOT NULL,
    street           TEXT NOT NULL,
    cursor           INTEGER,
    reference_wanted INTEGER NOT NULL,
    last_contact     INTEGER,
    clock_offset_ms  INTEGER NOT NULL
) STRICT;";

/// Second version: to which log the cursor belongs.
pub const OF_LOG: &str = "ALTER TABLE progress ADD COLUMN log TEXT;";

/// How far the cache has come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Label of the backend.
    pub backend: String,
    /// Street that the backend named.
    pub street: String,
    /// Everything up to this change is in the cache; `None` before the first snapshot.
    pub cursor: Option<u64>,
    /// The log that the cursor belongs to; `None` before the first snapshot, and in a cache of an
    /// earlier version.
    pub log: Option<LogId>,
    /// Version of the reference data that goes with the records.
    pub reference_wanted: u64,
    /// When the backend last answered.
    pub last_contact: Option<Timestamp>,
    /// The backend's clock minus ours.
    pub clock_offset_ms: i64,
}

impl Progress {
    /// How far which log was followed; `None` when there is nothing to go on from.
    pub fn place(&self) -> Option<LogPlace> {
        let log = self.log.clone()?;
        self.cursor.map(|cursor| LogPlace { log, cursor })
    }
}

/// The row, if there is one.
pub fn load(connection: &Connection) -> rusqlite::Result<Option<Progress>> {
    connection
        .prepare_cached(
            "SELECT backend, street, cursor, reference_wanted, last_contact, clock_offset_ms, log
             FROM progress WHERE id = 1",
        )?
        .query_row([], |row| {
            Ok(Progress {
                backend: row.get(0)?,
                street: row.get(1)?,
                cursor: row.get::<_, Option<i64>>(2)?.map(|c| c as u64),
                reference_wanted: row.get::<_, i64>(3)? as u64,
                last_contact: row.get::<_, Option<i64>>(4)?.map(Timestamp::from_unix_ms),
                clock_offset_ms: row.get(5)?,
                log: row.get::<_, Option<String>>(6)?.map(LogId),
            })
        })
        .optional()
}

/// Replaces the row.
pub fn put(connection: &Connection, progress: &Progress) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO progress
             (id, backend, street, cursor, reference_wanted, last_contact, clock_offset_ms, log)
             VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            progress.backend,
            progress.street,
            progress.cursor.map(|c| c as i64),
            progress.reference_wanted as i64,
            progress.last_contact.map(Timestamp::unix_ms),
            progress.clock_offset_ms,
            progress.log.as_ref().map(|log| &log.0),
        ])
        .map(drop)
}
