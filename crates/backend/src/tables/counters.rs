//! Numbers that only grow.

use domain::Timestamp;
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

/// Raises a counter to the moment in milliseconds, or by one where it is there already, and returns the
/// new value. A database that was restored from a backup so gives no value that somebody may know from
/// what has been lost, as long as the clock did not lie behind the counter before.
pub fn next(db: &Connection, name: &str, now: Timestamp) -> Result<u64, StoreError> {
    let value = now.unix_ms().max(0).cast_unsigned().max(get(db, name)? + 1);
    set(db, name, value)?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restored_database_gives_no_value_anew() {
        let counted = |times: &[i64]| {
            let db = Connection::open_in_memory().expect("it opens");
            db.execute_batch(MIGRATION).expect("the table is made");
            let next = |ms: &i64| next(&db, REFERENCE_VERSION, Timestamp::from_unix_ms(*ms));
            let values: Result<Vec<u64>, StoreError> = times.iter().map(next).collect();
            values.expect("counted")
        };
        // What came after the backup at 1000 is lost, and counted again later.
        let (before, after) = (counted(&[1_000, 2_000]), counted(&[1_000, 3_000]));
        assert_eq!(before[0], after[0]);
        assert!(!before.contains(&after[1]));
        assert_eq!(counted(&[5, 5, 4, -1]), [5, 6, 7, 8], "it only grows");
    }
}
