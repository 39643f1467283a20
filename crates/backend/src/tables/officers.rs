//! Officers and the hashes of their PINs.

use domain::trail::Officer;
use domain::{OfficerId, Provenance};
use protocol::http::OfficerStanding;
use rusqlite::{Connection, OptionalExtension, params};

use super::{from_text, to_text};
use crate::credentials::sha256_hex;
use crate::store::StoreError;

pub const MIGRATION: &str = "
CREATE TABLE officers (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    pin_hash TEXT NOT NULL
) WITHOUT ROWID
";

/// Counts how often the officer's sessions were revoked.
pub const MIGRATION_REVOCATIONS: &str = "
ALTER TABLE officers ADD COLUMN revocations INTEGER NOT NULL DEFAULT 0
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

/// Writes an officer with where the account comes from, whatever it says of that itself.
pub fn put(db: &Connection, row: &OfficerRow, from: Provenance) -> Result<(), StoreError> {
    let officer = Officer {
        provenance: Some(from),
        ..row.officer.clone()
    };
    let body = to_text("officers", &officer.id, &officer)?;
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

/// Notes that everything that was ever shown to a hall about the officer's PIN is void.
pub fn revoke(db: &Connection, id: &OfficerId) -> Result<(), StoreError> {
    db.execute(
        "UPDATE officers SET revocations = revocations + 1 WHERE id = ?1",
        [id.as_str()],
    )?;
    Ok(())
}

/// Everybody who can sign in, by sign-in name.
pub fn standings(db: &Connection) -> Result<Vec<OfficerStanding>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT id, body, pin_hash, revocations FROM officers ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut standings = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, body): (String, String) = (row.get(0)?, row.get(1)?);
        let (pin_hash, revocations): (String, i64) = (row.get(2)?, row.get(3)?);
        standings.push(OfficerStanding {
            officer: from_text("officers", &id, &body)?,
            credential: credential(&pin_hash, revocations),
        });
    }
    Ok(standings)
}

/// What the officer's standing is called now; empty for somebody who is not there.
pub fn credential_of(db: &Connection, id: &OfficerId) -> Result<String, StoreError> {
    let found: Option<(String, i64)> = db
        .prepare_cached("SELECT pin_hash, revocations FROM officers WHERE id = ?1")?
        .query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.map_or_else(String::new, |(hash, n)| credential(&hash, n)))
}

/// Each hash of a PIN has its own random salt, which stays here; so nobody can try PINs against
/// what is made of it, and another PIN, or the same one set anew, gives another.
fn credential(pin_hash: &str, revocations: i64) -> String {
    let mut hex = sha256_hex(format!("{pin_hash} {revocations}").as_bytes());
    hex.truncate(32);
    hex
}
