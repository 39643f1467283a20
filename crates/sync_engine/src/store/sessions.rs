//! Table `sessions`: officers with their tokens. A token outlives the officer's sign-out while
//! proposals of that officer are still queued.

use domain::trail::Officer;
use domain::{OfficerId, Timestamp};
use rusqlite::{Connection, params};

use super::database::unreadable_row;

/// First version of the table.
pub const MIGRATION: &str = "
CREATE TABLE sessions (
    backend    TEXT NOT NULL,
    officer    TEXT NOT NULL,
    body       TEXT NOT NULL,
    token      TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    signed_in  INTEGER NOT NULL,
    PRIMARY KEY (backend, officer)
) STRICT, WITHOUT ROWID;";

/// One officer's session.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Backend that issued it.
    pub backend: String,
    /// Who.
    pub officer: Officer,
    /// Bearer token; `None` for an officer who has signed in without the line.
    pub token: Option<String>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether this is the officer who sits at the desk.
    pub signed_in: bool,
}

impl std::fmt::Debug for Session {
    // A token must not reach a log by way of a debug print.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("backend", &self.backend)
            .field("officer", &self.officer.id)
            .field("signed_in", &self.signed_in)
            .finish_non_exhaustive()
    }
}

/// Stores a session.
pub fn put(connection: &Connection, session: &Session) -> rusqlite::Result<()> {
    let body = serde_json::to_string(&session.officer)
        .map_err(|e| unreadable_row("sessions", &session.officer.id, e))?;
    connection
        .execute(
            "INSERT OR REPLACE INTO sessions
             (backend, officer, body, token, expires_at, signed_in) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                session.backend,
                session.officer.id.as_str(),
                body,
                // The column is older than sessions without a token, and no token is empty.
                session.token.as_deref().unwrap_or_default(),
                session.expires_at.unix_ms(),
                session.signed_in,
            ],
        )
        .map(drop)
}

/// Marks every officer of the backend as gone from the desk.
pub fn sign_out(connection: &Connection, backend: &str) -> rusqlite::Result<()> {
    connection
        .execute(
            "UPDATE sessions SET signed_in = 0 WHERE backend = ?1",
            params![backend],
        )
        .map(drop)
}

/// Forgets the session of an officer.
pub fn delete(connection: &Connection, backend: &str, officer: &OfficerId) -> rusqlite::Result<()> {
    connection
        .execute(
            "DELETE FROM sessions WHERE backend = ?1 AND officer = ?2",
            params![backend, officer.as_str()],
        )
        .map(drop)
}

/// All sessions; one that cannot be read is left out, because signing in again mends that.
pub fn load(connection: &Connection) -> rusqlite::Result<Vec<Session>> {
    let mut read =
        connection.prepare("SELECT backend, body, token, expires_at, signed_in FROM sessions")?;
    let mut rows = read.query([])?;
    let mut sessions = Vec::new();
    while let Some(row) = rows.next()? {
        let body: String = row.get(1)?;
        if let Ok(officer) = serde_json::from_str(&body) {
            sessions.push(Session {
                backend: row.get(0)?,
                officer,
                token: Some(row.get::<_, String>(2)?).filter(|token| !token.is_empty()),
                expires_at: Timestamp::from_unix_ms(row.get(3)?),
                signed_in: row.get(4)?,
            });
        }
    }
    Ok(sessions)
}
