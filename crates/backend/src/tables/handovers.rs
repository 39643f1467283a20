//! Handovers of the duty desk, with the signatures that have arrived.

use domain::IntentKey;
use domain::duty::{Handover, KEPT_HANDOVERS};
use rusqlite::{Connection, OptionalExtension, params};

use super::{from_text, to_text};
use crate::store::StoreError;

pub const MIGRATION: &str = "
CREATE TABLE handovers (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX handovers_at ON handovers (at, id);
";

/// A handover by its name.
pub fn get(db: &Connection, id: IntentKey) -> Result<Option<Handover>, StoreError> {
    let body: Option<String> = db
        .prepare_cached("SELECT body FROM handovers WHERE id = ?1")?
        .query_row([id.to_string()], |row| row.get(0))
        .optional()?;
    body.map(|body| from_text("handovers", &id, &body))
        .transpose()
}

/// Writes a handover.
pub fn put(db: &Connection, handover: &Handover) -> Result<(), StoreError> {
    let id = handover.sheet.id.to_string();
    let body = to_text("handovers", &id, handover)?;
    db.execute(
        "INSERT INTO handovers (id, at, body) VALUES (?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        params![id, handover.at.unix_ms(), body],
    )?;
    Ok(())
}

/// The last handovers, as many as a hall keeps.
pub fn newest(db: &Connection) -> Result<Vec<Handover>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT id, body FROM handovers ORDER BY at DESC, id DESC LIMIT ?1")?;
    let mut rows = statement.query([KEPT_HANDOVERS as i64])?;
    let mut handovers = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, body): (String, String) = (row.get(0)?, row.get(1)?);
        handovers.push(from_text("handovers", &id, &body)?);
    }
    Ok(handovers)
}
