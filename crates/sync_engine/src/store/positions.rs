//! Table `positions`: the newest position of each person, so that the map is not empty after a
//! start without the line.

use domain::{PersonId, PositionFix, Situation};
use rusqlite::{Connection, params};

use super::database::unreadable_row;

/// First version of the table.
pub const MIGRATION: &str = "
CREATE TABLE positions (
    person INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    body   TEXT NOT NULL
) STRICT;";

/// Stores a position unless a newer one of the person is stored.
pub fn put(connection: &Connection, fix: &PositionFix) -> rusqlite::Result<()> {
    let body =
        serde_json::to_string(fix).map_err(|e| unreadable_row("positions", fix.person, e))?;
    connection
        .prepare_cached(
            "INSERT INTO positions (person, at, body) VALUES (?1, ?2, ?3)
             ON CONFLICT (person) DO UPDATE SET at = excluded.at, body = excluded.body
             WHERE excluded.at > positions.at",
        )?
        .execute(params![fix.person.0, fix.at.unix_ms(), body])
        .map(drop)
}

/// Forgets where a person was.
pub fn remove(connection: &Connection, person: PersonId) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM positions WHERE person = ?1")?
        .execute([person.0])
        .map(drop)
}

/// All positions folded.
pub fn load(connection: &Connection, into: &mut Situation) -> rusqlite::Result<()> {
    let mut read = connection.prepare("SELECT person, body FROM positions")?;
    let mut rows = read.query([])?;
    while let Some(row) = rows.next()? {
        let (person, body): (u32, String) = (row.get(0)?, row.get(1)?);
        let fix =
            serde_json::from_str(&body).map_err(|e| unreadable_row("positions", person, e))?;
        into.locate(fix);
    }
    Ok(())
}

/// Removes all rows.
pub fn clear(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM positions", []).map(drop)
}
