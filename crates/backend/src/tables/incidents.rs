//! Incidents as they stand: the fold of their trails, kept for fast reading.

use domain::time::DAY_MS;
use domain::{Incident, IncidentId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::{from_text, to_text};
use crate::store::StoreError;

/// For so long an incident that has ended is still shown by the halls.
pub const SHOWN_AFTER_END_MS: i64 = 3 * DAY_MS;

pub const MIGRATION: &str = "
CREATE TABLE incidents (
    id INTEGER PRIMARY KEY,
    is_open INTEGER NOT NULL,
    ended_at INTEGER,
    body TEXT NOT NULL
);
CREATE INDEX incidents_by_end ON incidents (is_open, ended_at);
";

/// An incident by its number.
pub fn get(db: &Connection, id: IncidentId) -> Result<Option<Incident>, StoreError> {
    let body: Option<String> = db
        .prepare_cached("SELECT body FROM incidents WHERE id = ?1")?
        .query_row([id.0.cast_signed()], |row| row.get(0))
        .optional()?;
    body.map(|body| from_text("incidents", &id, &body))
        .transpose()
}

/// Writes an incident as it now stands.
pub fn put(db: &Connection, incident: &Incident) -> Result<(), StoreError> {
    let body = to_text("incidents", &incident.id, incident)?;
    db.prepare_cached(
        "INSERT INTO incidents (id, is_open, ended_at, body) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET
             is_open = excluded.is_open, ended_at = excluded.ended_at, body = excluded.body",
    )?
    .execute(params![
        incident.id.0.cast_signed(),
        incident.state.is_open(),
        incident.ended_at.map(Timestamp::unix_ms),
        body
    ])?;
    Ok(())
}

/// Open incidents and those that ended at or after the instant.
pub fn current(db: &Connection, ended_since: Timestamp) -> Result<Vec<Incident>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, body FROM incidents WHERE is_open = 1
         UNION ALL
         SELECT id, body FROM incidents WHERE is_open = 0 AND ended_at >= ?1",
    )?;
    let mut rows = statement.query([ended_since.unix_ms()])?;
    let mut incidents = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        incidents.push(from_text(
            "incidents",
            &id,
            row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?,
        )?);
    }
    Ok(incidents)
}

/// Every incident, for the check against the trail.
pub fn all(db: &Connection) -> Result<Vec<Incident>, StoreError> {
    let mut statement = db.prepare("SELECT id, body FROM incidents ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut incidents = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, body): (i64, String) = (row.get(0)?, row.get(1)?);
        incidents.push(from_text("incidents", &id, &body)?);
    }
    Ok(incidents)
}

/// Whether any incident has been called a repetition of this one.
pub fn has_repetitions(db: &Connection, of: IncidentId) -> Result<bool, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM incidents
             WHERE is_open = 0 AND json_extract(body, '$.duplicate_of') = ?1)",
        )?
        .query_row([of.0.cast_signed()], |row| row.get(0))?;
    Ok(found)
}
