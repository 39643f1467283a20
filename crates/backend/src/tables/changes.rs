//! The change log: what halls pull, in order, after a cursor.

use domain::Timestamp;
use protocol::http::ChangeBody;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{counters, from_text, to_text};
use crate::store::StoreError;

pub const MIGRATION: &str = "
CREATE TABLE changes (
    cursor INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
)
";

/// How many changes are kept. A street makes about 3,000 a day, so a hall may be away for two
/// months before it has to take a snapshot; a log of this length has about 150 MB.
pub const KEPT_CHANGES: u64 = 200_000;
/// The log is cut whenever the cursor passes a multiple of this.
const CUT_EVERY: u64 = 1_000;

/// A change as it goes to a hall: [`protocol::http::Change`] with a body that is not read again.
#[derive(Debug, Serialize)]
pub struct ChangeRow {
    /// Cursor.
    pub cursor: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// [`ChangeBody`] as JSON.
    pub body: Box<RawValue>,
}

/// Appends a change and returns its cursor.
pub fn append(db: &Connection, at: Timestamp, body: &ChangeBody) -> Result<u64, StoreError> {
    let text = to_text("changes", &"new", body)?;
    db.prepare_cached("INSERT INTO changes (at, body) VALUES (?1, ?2)")?
        .execute(params![at.unix_ms(), text])?;
    let cursor = db.last_insert_rowid().cast_unsigned();
    if cursor.is_multiple_of(CUT_EVERY) {
        cut(db, cursor.saturating_sub(KEPT_CHANGES))?;
    }
    Ok(cursor)
}

/// Forgets changes up to a cursor.
pub fn cut(db: &Connection, floor: u64) -> Result<(), StoreError> {
    if floor > counters::get(db, counters::CHANGES_FLOOR)? {
        db.execute(
            "DELETE FROM changes WHERE cursor <= ?1",
            [floor.cast_signed()],
        )?;
        counters::set(db, counters::CHANGES_FLOOR, floor)?;
    }
    Ok(())
}

/// Cursor of the newest change; 0 before the first.
pub fn newest(db: &Connection) -> Result<u64, StoreError> {
    let cursor: Option<i64> = db
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'changes'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(cursor.map_or(0, i64::cast_unsigned))
}

/// Changes after a cursor in order, at most `limit`; `None` when some of them are gone.
pub fn after(
    db: &Connection,
    cursor: u64,
    limit: usize,
) -> Result<Option<Vec<ChangeRow>>, StoreError> {
    // A cursor from the future belongs to another database: only a snapshot can help.
    if cursor < counters::get(db, counters::CHANGES_FLOOR)? || cursor > newest(db)? {
        return Ok(None);
    }
    let mut statement = db.prepare_cached(
        "SELECT cursor, at, body FROM changes WHERE cursor > ?1 ORDER BY cursor LIMIT ?2",
    )?;
    let mut rows = statement.query(params![cursor.cast_signed(), limit as i64])?;
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        let (cursor, at, body): (i64, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        changes.push(ChangeRow {
            cursor: cursor.cast_unsigned(),
            at: Timestamp::from_unix_ms(at),
            body: from_text("changes", &cursor, &body)?,
        });
    }
    Ok(Some(changes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn a_cut_log_refuses_cursors_that_it_no_longer_holds() {
        let store = Store::open(None).expect("in memory");
        let body = ChangeBody::Reference { version: 1 };
        store
            .write(|db| -> Result<(), StoreError> {
                for expected in 1..=10 {
                    assert_eq!(append(db, Timestamp::default(), &body)?, expected);
                }
                cut(db, 4)?;
                assert!(after(db, 3, 100)?.is_none());
                let kept = after(db, 4, 100)?.expect("kept");
                assert_eq!(kept.first().map(|c| c.cursor), Some(5));
                assert_eq!(after(db, 10, 100)?.map(|c| c.len()), Some(0));
                assert!(after(db, 11, 100)?.is_none());
                cut(db, 10)?;
                assert_eq!(newest(db)?, 10);
                assert_eq!(append(db, Timestamp::default(), &body)?, 11);
                Ok(())
            })
            .expect("transaction");
    }
}
