//! Keys of accepted reports, so that a repeated delivery opens no second incident; and the
//! provisional numbers under which desks have shown what they took in, so that whatever is wanted
//! about one finds its incident.

use domain::{IncidentId, IntentKey};
use rusqlite::{Connection, OptionalExtension, params};

use crate::store::StoreError;

pub const MIGRATION: &str =
    "CREATE TABLE reports (key TEXT PRIMARY KEY, incident INTEGER NOT NULL) WITHOUT ROWID";

/// The incident that a report with this key opened.
pub fn incident(db: &Connection, key: IntentKey) -> Result<Option<IncidentId>, StoreError> {
    find(db, &key.to_string())
}

/// The incident that was shown under a provisional number.
pub fn numbered(
    db: &Connection,
    provisional: IncidentId,
) -> Result<Option<IncidentId>, StoreError> {
    find(db, &provisional.to_string())
}

fn find(db: &Connection, key: &str) -> Result<Option<IncidentId>, StoreError> {
    let id: Option<i64> = db
        .prepare_cached("SELECT incident FROM reports WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    Ok(id.map(|id| IncidentId(id.cast_unsigned())))
}

/// Remembers a report.
pub fn insert(db: &Connection, key: IntentKey, incident: IncidentId) -> Result<(), StoreError> {
    put(db, &key.to_string(), incident)
}

/// Remembers the provisional number of a report; a printed one is never a key.
pub fn insert_provisional(
    db: &Connection,
    provisional: IncidentId,
    incident: IncidentId,
) -> Result<(), StoreError> {
    put(db, &provisional.to_string(), incident)
}

fn put(db: &Connection, key: &str, incident: IncidentId) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO reports (key, incident) VALUES (?1, ?2)")?
        .execute(params![key, incident.0.cast_signed()])?;
    Ok(())
}
