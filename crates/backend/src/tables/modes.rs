//! Switches between normal and emergency mode, or exercises of one, with who and when; the last one
//! is in force.

use domain::modes::{ModeInForce, ModeSession, ModeSwitch};
use domain::{OfficerId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::{from_text, log_openings, to_text};
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
pub fn current(db: &Connection) -> Result<ModeSession, StoreError> {
    Ok(last_switch(db)?.1)
}

/// The last switch: its number, 0 before the first, and the mode in force since.
pub fn last_switch(db: &Connection) -> Result<(u64, ModeSession), StoreError> {
    let last: Option<(i64, String)> = db
        .prepare_cached("SELECT position, mode FROM modes ORDER BY position DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((number, mode)) = last else {
        return Ok((0, ModeSession::default()));
    };
    Ok((number.cast_unsigned(), from_text("modes", &number, &mode)?))
}

/// The mode in force with who set it and when. Where nobody ever switched it is that of the database's
/// first opening that is known.
pub fn in_force(db: &Connection) -> Result<ModeInForce, StoreError> {
    let last: Option<(i64, String, Option<String>, i64, i64)> = db
        .prepare_cached(
            "SELECT position, mode, officer, occurred_at, recorded_at FROM modes
             ORDER BY position DESC LIMIT 1",
        )?
        .query_row([], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        })
        .optional()?;
    let Some((number, mode, officer, occurred_at, recorded_at)) = last else {
        let begun = log_openings::first(db)?;
        return Ok(ModeInForce {
            session: ModeSession::default(),
            switch: begun.map(|at| ModeSwitch {
                officer: None,
                occurred_at: at,
                recorded_at: at,
            }),
        });
    };
    Ok(ModeInForce {
        session: from_text("modes", &number, &mode)?,
        switch: Some(ModeSwitch {
            officer: officer.map(OfficerId),
            occurred_at: Timestamp::from_unix_ms(occurred_at),
            recorded_at: Timestamp::from_unix_ms(recorded_at),
        }),
    })
}

/// Switches; `officer` is `None` for a seed.
pub fn switch(
    db: &Connection,
    mode: ModeSession,
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
