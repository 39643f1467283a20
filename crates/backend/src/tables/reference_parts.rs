//! Reference data in parts, so that an import replaces one without touching the others.

use std::collections::BTreeMap;

use domain::Provenance;
use protocol::ReferencePart;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{from_text, to_text};
use crate::store::StoreError;

pub const MIGRATION: &str =
    "CREATE TABLE reference_parts (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID";

/// Where a part comes from as JSON; `NULL` on parts that were taken before this was kept.
pub const MIGRATION_PROVENANCE: &str = "ALTER TABLE reference_parts ADD COLUMN provenance TEXT";

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
/// Sensors.
pub const SENSORS: &str = "sensors";
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
pub fn put<T: Serialize>(
    db: &Connection,
    name: &str,
    value: &T,
    from: Provenance,
) -> Result<(), StoreError> {
    let body = to_text("reference_parts", &name, value)?;
    let from = to_text("reference_parts", &name, &from)?;
    db.execute(
        "INSERT INTO reference_parts (name, body, provenance) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET body = excluded.body, provenance = excluded.provenance",
        params![name, body, from],
    )?;
    Ok(())
}

/// Where the parts come from that halls are told of.
pub fn provenance(db: &Connection) -> Result<BTreeMap<ReferencePart, Provenance>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT name, provenance FROM reference_parts WHERE provenance IS NOT NULL",
    )?;
    let mut rows = statement.query([])?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (name, from): (String, String) = (row.get(0)?, row.get(1)?);
        if let Some(part) = part(&name) {
            found.insert(part, from_text("reference_parts", &name, &from)?);
        }
    }
    Ok(found)
}

fn part(name: &str) -> Option<ReferencePart> {
    match name {
        STREET => Some(ReferencePart::Street),
        GRIDS => Some(ReferencePart::Grids),
        RESPONSIBILITY_GRIDS => Some(ReferencePart::ResponsibilityGrids),
        CAMERAS => Some(ReferencePart::Cameras),
        SENSORS => Some(ReferencePart::Sensors),
        ROADS => Some(ReferencePart::Roads),
        RULES => Some(ReferencePart::Rules),
        _ => None,
    }
}
