//! Table `reference`: the street's map, roads, rules and officers, one row.

use protocol::Reference;
use rusqlite::{Connection, OptionalExtension, params};

use super::database::unreadable_row;

/// First version of the table.
pub const MIGRATION: &str = "
CREATE TABLE reference (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    body    TEXT NOT NULL
) STRICT;";

/// Replaces the reference data by its JSON text.
pub fn put(connection: &Connection, version: u64, body: &str) -> rusqlite::Result<()> {
    connection
        .execute(
            "INSERT OR REPLACE INTO reference (id, version, body) VALUES (1, ?1, ?2)",
            params![version as i64, body],
        )
        .map(drop)
}

/// The reference data, if any was fetched.
pub fn load(connection: &Connection) -> rusqlite::Result<Option<Reference>> {
    connection
        .query_row("SELECT body FROM reference WHERE id = 1", [], |row| {
            row.get::<_, String>(0)
        })
        .optional()?
        .map(|body| serde_json::from_str(&body).map_err(|e| unreadable_row("reference", 1, e)))
        .transpose()
}

/// Removes the row.
pub fn clear(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM reference", []).map(drop)
}
