//! Sessions of signed-in officers; only the hash of a token is kept.

use domain::{OfficerId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use crate::store::StoreError;

pub const MIGRATION: &str = "
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    officer TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID
";

/// Begins a session and forgets those that have expired.
pub fn begin(
    db: &Connection,
    token_hash: &str,
    officer: &OfficerId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    db.execute(
        "DELETE FROM sessions WHERE expires_at <= ?1",
        [now.unix_ms()],
    )?;
    db.execute(
        "INSERT INTO sessions (token_hash, officer, expires_at) VALUES (?1, ?2, ?3)",
        params![token_hash, officer.as_str(), expires_at.unix_ms()],
    )?;
    Ok(())
}

/// The officer of a session that has not expired.
pub fn officer(
    db: &Connection,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<OfficerId>, StoreError> {
    let officer: Option<String> = db
        .prepare_cached("SELECT officer FROM sessions WHERE token_hash = ?1 AND expires_at > ?2")?
        .query_row(params![token_hash, now.unix_ms()], |row| row.get(0))
        .optional()?;
    Ok(officer.map(OfficerId))
}

/// Ends one session.
pub fn end(db: &Connection, token_hash: &str) -> Result<(), StoreError> {
    db.execute("DELETE FROM sessions WHERE token_hash = ?1", [token_hash])?;
    Ok(())
}

/// Ends all sessions of an officer and returns how many there were.
pub fn end_all(db: &Connection, officer: &OfficerId) -> Result<usize, StoreError> {
    Ok(db.execute(
        "DELETE FROM sessions WHERE officer = ?1",
        [officer.as_str()],
    )?)
}
