//! Last positions, written now and then so that a restart does not begin with an empty map.

use domain::{PersonId, PositionFix};
use rusqlite::{Connection, params};

use super::{from_text, to_text};
use crate::store::StoreError;

pub const MIGRATION: &str =
    "CREATE TABLE positions (person INTEGER PRIMARY KEY, body TEXT NOT NULL)";

/// Writes positions over those of the same people.
pub fn put_all(db: &Connection, fixes: &[PositionFix]) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(
        "INSERT INTO positions (person, body) VALUES (?1, ?2)
         ON CONFLICT (person) DO UPDATE SET body = excluded.body",
    )?;
    for fix in fixes {
        let body = to_text("positions", &fix.person, fix)?;
        statement.execute(params![fix.person.0, body])?;
    }
    Ok(())
}

/// Removes the positions of people who may no longer be shown.
pub fn remove_all(db: &Connection, people: &[PersonId]) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached("DELETE FROM positions WHERE person = ?1")?;
    for person in people {
        statement.execute([person.0])?;
    }
    Ok(())
}

/// All positions.
pub fn all(db: &Connection) -> Result<Vec<PositionFix>, StoreError> {
    let mut statement = db.prepare("SELECT person, body FROM positions")?;
    let mut rows = statement.query([])?;
    let mut fixes = Vec::new();
    while let Some(row) = rows.next()? {
        let (person, body): (u32, String) = (row.get(0)?, row.get(1)?);
        fixes.push(from_text("positions", &person, &body)?);
    }
    Ok(fixes)
}
