//! The roster.

use domain::{Person, PersonId};
use rusqlite::{Connection, OptionalExtension, params};

use super::{from_text, to_text};
use crate::store::StoreError;

pub const MIGRATION: &str = "CREATE TABLE people (id INTEGER PRIMARY KEY, body TEXT NOT NULL)";

/// A person by roster number.
pub fn get(db: &Connection, id: PersonId) -> Result<Option<Person>, StoreError> {
    let body: Option<String> = db
        .prepare_cached("SELECT body FROM people WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    body.map(|body| from_text("people", &id, &body)).transpose()
}

/// Writes a roster entry.
pub fn put(db: &Connection, person: &Person) -> Result<(), StoreError> {
    let body = to_text("people", &person.id, person)?;
    db.prepare_cached(
        "INSERT INTO people (id, body) VALUES (?1, ?2)
         ON CONFLICT (id) DO UPDATE SET body = excluded.body",
    )?
    .execute(params![person.id.0, body])?;
    Ok(())
}

/// The whole roster.
pub fn all(db: &Connection) -> Result<Vec<Person>, StoreError> {
    let mut statement = db.prepare_cached("SELECT id, body FROM people ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut people = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, body): (u32, String) = (row.get(0)?, row.get(1)?);
        people.push(from_text("people", &id, &body)?);
    }
    Ok(people)
}
