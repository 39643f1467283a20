//! Reference data in parts, so that an import replaces one without touching the others.

use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{from_text, to_text};
use crate::store::StoreError;

pub const MIGRATION: &str =
    "CREATE TABLE reference_parts (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID";

/// [`domain::places::Street`].
pub const STREET: &str = "street";
/// Area to show first.
pub const BOUNDS: &str = "bounds";
/// Outline of the street.
pub const OUTLINE: &str = "outline";
/// Grids of all levels.
pub const GRIDS: &str = "grids";
/// Responsibility grids.
pub const RESPONSIBILITY_GRIDS: &str = "responsibility_grids";
/// Cameras.
pub const CAMERAS: &str = "cameras";
/// The road graph.
pub const ROADS: &str = "roads";
/// The rules in force.
pub const RULES: &str = "rules";

/// A part; `None` when it was never imported.
pub fn get<T: DeserializeOwned>(db: &Connection, name: &str) -> Result<Option<T>, StoreError> {
    let body: Option<String> = db
        .prepare_cached("SELECT body FROM reference_parts WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    body.map(|body| from_text("reference_parts", &name, &body))
        .transpose()
}

/// Replaces a part.
pub fn put<T: Serialize>(db: &Connection, name: &str, value: &T) -> Result<(), StoreError> {
    let body = to_text("reference_parts", &name, value)?;
    db.execute(
        "INSERT INTO reference_parts (name, body) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET body = excluded.body",
        params![name, body],
    )?;
    Ok(())
}
