//! The duty log: what duty officers wrote, with the time at the desk. Nothing is ever changed in it.

use domain::duty::{KEPT_ENTRIES, LogEntry};
use rusqlite::{Connection, params};

use super::{from_text, to_text};
use crate::store::StoreError;

pub const MIGRATION: &str = "
CREATE TABLE duty_log (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX duty_log_at ON duty_log (at, id);
";

/// Adds an entry.
pub fn add(db: &Connection, entry: &LogEntry) -> Result<(), StoreError> {
    let id = entry.id.to_string();
    let body = to_text("duty_log", &id, entry)?;
    db.execute(
        "INSERT INTO duty_log (id, at, body) VALUES (?1, ?2, ?3)",
        params![id, entry.at.unix_ms(), body],
    )?;
    Ok(())
}

/// The newest entries, as many as a hall keeps.
pub fn newest(db: &Connection) -> Result<Vec<LogEntry>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT id, body FROM duty_log ORDER BY at DESC, id DESC LIMIT ?1")?;
    let mut rows = statement.query([KEPT_ENTRIES as i64])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, body): (String, String) = (row.get(0)?, row.get(1)?);
        entries.push(from_text("duty_log", &id, &body)?);
    }
    Ok(entries)
}
