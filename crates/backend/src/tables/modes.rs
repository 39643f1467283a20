//! Switches between normal and emergency mode, with who and when; the last one is in force.

use domain::intents::Mode;
use domain::{OfficerId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::{from_text, to_text};
use crate::store::StoreError;

pub const MIGRATION: &str = "
CREATE TABLE modes (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    mode TEXT NOT NULL,
    officer TEXT,
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL
)
";

/// The mode in force.
pub fn current(db: &Connection) -> Result<Mode, StoreError> {
    let mode: Option<String> = db
        .prepare_cached("SELECT mode FROM modes ORDER BY position DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    mode.map_or(Ok(Mode::Normal), |mode| from_text("modes", &"last", &mode))
}

/// Switches; `officer` is `None` for a seed.
pub fn switch(
    db: &Connection,
    mode: Mode,
    officer: Option<&OfficerId>,
    occurred_at: Timestamp,
    recorded_at: Timestamp,
) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO modes (mode, officer, occurred_at, recorded_at) VALUES (?1, ?2, ?3, ?4)",
        params![
            to_text("modes", &"new", &mode)?,
            officer.map(OfficerId::as_str),
            occurred_at.unix_ms(),
            recorded_at.unix_ms()
        ],
    )?;
    Ok(())
}
