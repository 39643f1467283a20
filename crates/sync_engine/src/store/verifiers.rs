//! Table `verifiers`: by what an officer's PIN is recognised without the line, and how often it was
//! entered wrongly. It holds a salted hash and never a PIN.

use domain::trail::Officer;
use domain::{OfficerId, Timestamp};
use rusqlite::{Connection, params};

use super::database::unreadable_row;

/// First version of the table.
pub const MIGRATION: &str = "
CREATE TABLE verifiers (
    backend      TEXT NOT NULL,
    officer      TEXT NOT NULL,
    body         TEXT NOT NULL,
    pin_hash     TEXT NOT NULL,
    credential   TEXT NOT NULL,
    confirmed_at INTEGER NOT NULL,
    wrong        INTEGER NOT NULL,
    last_try_at  INTEGER NOT NULL,
    PRIMARY KEY (backend, officer)
) STRICT, WITHOUT ROWID;";

/// What the hall knows of one officer's PIN.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    /// Backend that confirmed it.
    pub backend: String,
    /// Who, with the role that the backend said.
    pub officer: Officer,
    /// argon2id with a salt, as a PHC string.
    pub pin_hash: String,
    /// How the officer stood at the backend ([`protocol::http::OfficerStanding::credential`]).
    pub credential: String,
    /// When the backend last confirmed the PIN.
    pub confirmed_at: Timestamp,
    /// Tries since the last right PIN.
    pub wrong: u32,
    /// When the last of them was.
    pub last_try_at: Timestamp,
}

impl std::fmt::Debug for Verifier {
    // A hash of few digits can be turned back, so it must not reach a log either.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier")
            .field("officer", &self.officer.id)
            .field("confirmed_at", &self.confirmed_at)
            .field("wrong", &self.wrong)
            .finish_non_exhaustive()
    }
}

/// Stores a verifier in place of an older one.
pub fn put(connection: &Connection, verifier: &Verifier) -> rusqlite::Result<()> {
    let id = &verifier.officer.id;
    let body =
        serde_json::to_string(&verifier.officer).map_err(|e| unreadable_row("verifiers", id, e))?;
    connection
        .execute(
            "INSERT OR REPLACE INTO verifiers
             (backend, officer, body, pin_hash, credential, confirmed_at, wrong, last_try_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                verifier.backend,
                id.as_str(),
                body,
                verifier.pin_hash,
                verifier.credential,
                verifier.confirmed_at.unix_ms(),
                verifier.wrong,
                verifier.last_try_at.unix_ms(),
            ],
        )
        .map(drop)
}

/// Forgets what is known of an officer's PIN.
pub fn delete(connection: &Connection, backend: &str, officer: &OfficerId) -> rusqlite::Result<()> {
    connection
        .execute(
            "DELETE FROM verifiers WHERE backend = ?1 AND officer = ?2",
            params![backend, officer.as_str()],
        )
        .map(drop)
}

/// All verifiers; one that cannot be read is left out, because signing in at the backend mends that.
pub fn load(connection: &Connection) -> rusqlite::Result<Vec<Verifier>> {
    let mut read = connection.prepare(
        "SELECT backend, body, pin_hash, credential, confirmed_at, wrong, last_try_at
         FROM verifiers",
    )?;
    let mut rows = read.query([])?;
    let mut verifiers = Vec::new();
    while let Some(row) = rows.next()? {
        let body: String = row.get(1)?;
        if let Ok(officer) = serde_json::from_str(&body) {
            verifiers.push(Verifier {
                backend: row.get(0)?,
                officer,
                pin_hash: row.get(2)?,
                credential: row.get(3)?,
                confirmed_at: Timestamp::from_unix_ms(row.get(4)?),
                wrong: row.get(5)?,
                last_try_at: Timestamp::from_unix_ms(row.get(6)?),
            });
        }
    }
    Ok(verifiers)
}
