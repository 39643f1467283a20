//! Keys of accepted reports, so that a repeated delivery opens no second incident.

use domain::{IncidentId, IntentKey};
use rusqlite::{Connection, OptionalExtension, params};

use crate::store::StoreError;

pub const MIGRATION: &str =
    "CREATE TABLE reports (key TEXT PRIMARY KEY, incident INTEGER NOT NULL) WITHOUT ROWID";

/// The incident that a report with this key opened.
pub fn incident(db: &Connection, key: IntentKey) -> Result<Option<IncidentId>, StoreError> {
    let id: Option<i64> = db
        .prepare_cached("SELECT incident FROM reports WHERE key = ?1")?
        .query_row([key.to_string()], |row| row.get(0))
        .optional()?;
    Ok(id.map(|id| IncidentId(id.cast_unsigned())))
}

/// Remembers a report.
pub fn insert(db: &Connection, key: IntentKey, incident: IncidentId) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO reports (key, incident) VALUES (?1, ?2)")?
        .execute(params![key.to_string(), incident.0.cast_signed()])?;
    Ok(())
}
