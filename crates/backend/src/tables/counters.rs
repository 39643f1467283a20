//! Numbers that only grow.

use rusqlite::{Connection, OptionalExtension, params};

use crate::store::StoreError;

pub const MIGRATION: &str =
    "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID";

/// Version of the reference data; 0 while there is none.
pub const REFERENCE_VERSION: &str = "reference_version";
/// Cursors up to this one have left the change log.
pub const CHANGES_FLOOR: &str = "changes_floor";

/// Version of the fold that wrote the incidents.
pub const FOLD_VERSION: &str = "fold_version";

/// The value of a counter; 0 before its first use.
pub fn get(db: &Connection, name: &str) -> Result<u64, StoreError> {
    let value: Option<i64> = db
        .prepare_cached("SELECT value FROM counters WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    Ok(value.map_or(0, i64::cast_unsigned))
}

/// Sets a counter.
pub fn set(db: &Connection, name: &str, value: u64) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO counters (name, value) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )?
    .execute(params![name, value.cast_signed()])?;
    Ok(())
}

/// Adds one and returns the new value.
pub fn next(db: &Connection, name: &str) -> Result<u64, StoreError> {
    let value = get(db, name)? + 1;
    set(db, name, value)?;
    Ok(value)
}
