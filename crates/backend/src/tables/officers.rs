//! Officers and the hashes of their PINs.

use domain::OfficerId;
use domain::trail::Officer;
use rusqlite::{Connection, OptionalExtension, params};

use super::{from_text, to_text};
use crate::store::StoreError;

pub const MIGRATION: &str = "
CREATE TABLE officers (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    pin_hash TEXT NOT NULL
) WITHOUT ROWID
";

/// An officer with the argon2id hash of the PIN, as a PHC string.
#[derive(Debug, Clone)]
pub struct OfficerRow {
    /// Who.
    pub officer: Officer,
    /// Hash of the PIN.
    pub pin_hash: String,
}

/// An officer by sign-in name.
pub fn get(db: &Connection, id: &OfficerId) -> Result<Option<OfficerRow>, StoreError> {
    let row: Option<(String, String)> = db
        .prepare_cached("SELECT body, pin_hash FROM officers WHERE id = ?1")?
        .query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    row.map(|(body, pin_hash)| {
        Ok(OfficerRow {
            officer: from_text("officers", id, &body)?,
            pin_hash,
        })
    })
    .transpose()
}

/// Writes an officer.
pub fn put(db: &Connection, row: &OfficerRow) -> Result<(), StoreError> {
    let body = to_text("officers", &row.officer.id, &row.officer)?;
    db.prepare_cached(
        "INSERT INTO officers (id, body, pin_hash) VALUES (?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET body = excluded.body, pin_hash = excluded.pin_hash",
    )?
    .execute(params![row.officer.id.as_str(), body, row.pin_hash])?;
    Ok(())
}

/// All officers by sign-in name.
pub fn all(db: &Connection) -> Result<Vec<Officer>, StoreError> {
    let mut statement = db.prepare_cached("SELECT id, body FROM officers ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut officers = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, body): (String, String) = (row.get(0)?, row.get(1)?);
        officers.push(from_text("officers", &id, &body)?);
    }
    Ok(officers)
}
