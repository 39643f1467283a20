//! What the cache lets go of: incidents that ended long ago, and when it is larger than its budget
//! those that ended longest ago. What is open never goes.

use std::time::Duration;

use domain::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode};

use super::database::unreadable_row;
use super::{records, trail};

/// Incidents that are removed by one transaction, so that nothing waits long for its end.
const AT_ONCE: i64 = 200;
/// Incidents that are removed between two looks at the size.
const BETWEEN_LOOKS: i64 = 5;
/// Pages that are given back by one transaction.
const PAGES_AT_ONCE: i64 = 2_000;
/// A file that earlier versions made can only be written anew as a whole, in memory at first; a
/// larger one than this stays as large as it is and fills its free pages again.
const LARGEST_REWRITE_BYTES: u64 = 64 << 20;

/// A cache that is larger than its budget although everything that may go is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverBudget {
    /// What it needs.
    pub used_bytes: u64,
    /// What it should need at most.
    pub budget_bytes: u64,
}

/// Bytes of all pages that hold something.
pub fn used_bytes(db: &Connection) -> rusqlite::Result<u64> {
    let pages = number(db, "page_count")? - number(db, "freelist_count")?;
    Ok((pages * number(db, "page_size")?).cast_unsigned())
}

/// A pragma's number; with encryption some are told as text.
fn number(db: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    db.query_row(&format!("PRAGMA {pragma}"), [], |row| {
        match row.get::<_, Value>(0)? {
            Value::Integer(number) => Ok(number),
            Value::Text(text) => text.parse().map_err(|e| unreadable_row(pragma, 0, e)),
            other => Err(unreadable_row(pragma, 0, format!("{other:?}"))),
        }
    })
}

/// Whether anything may go now; reads only.
pub fn is_due(
    db: &Connection,
    ended_before: Timestamp,
    budget_bytes: u64,
) -> rusqlite::Result<bool> {
    Ok(!records::ended_first(db, Some(ended_before), 1)?.is_empty()
        || used_bytes(db)? > budget_bytes)
}

/// Removes a part of what may go; returns how many incidents that were, 0 once there are none left.
pub fn remove_some(
    db: &Connection,
    ended_before: Timestamp,
    budget_bytes: u64,
) -> rusqlite::Result<usize> {
    let old = records::ended_first(db, Some(ended_before), AT_ONCE)?;
    if !old.is_empty() {
        remove(db, &old)?;
        return Ok(old.len());
    }
    let mut removed = 0;
    // A little more than needed, so that the next change does not bring it over the budget again.
    let target_bytes = budget_bytes / 10 * 9;
    if used_bytes(db)? > budget_bytes {
        while removed < AT_ONCE as usize && used_bytes(db)? > target_bytes {
            let next = records::ended_first(db, None, BETWEEN_LOOKS)?;
            if next.is_empty() {
                break;
            }
            remove(db, &next)?;
            removed += next.len();
        }
    }
    Ok(removed)
}

fn remove(db: &Connection, incidents: &[i64]) -> rusqlite::Result<()> {
    for incident in incidents {
        records::remove_incident(db, *incident)?;
        trail::remove_incident(db, *incident)?;
    }
    Ok(())
}

/// Gives a part of the free pages back to the disk; returns whether there are more.
pub fn give_some_back(db: &Connection) -> rusqlite::Result<bool> {
    if number(db, "auto_vacuum")? == 0 {
        if used_bytes(db)? <= LARGEST_REWRITE_BYTES {
            db.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; VACUUM")?;
        }
    } else {
        let sql = format!("PRAGMA incremental_vacuum({PAGES_AT_ONCE})");
        let mut step = db.prepare(&sql)?;
        let mut rows = step.query([])?;
        while rows.next()?.is_some() {}
        if number(db, "freelist_count")? > 0 {
            return Ok(true);
        }
    }
    // The file itself becomes shorter when its log is brought into it. Whoever reads meanwhile is not waited for: what
    // comes next would wait behind this, and another turn of retention follows.
    let patience = number(db, "busy_timeout")?;
    db.busy_timeout(Duration::ZERO)?;
    let shortened = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    db.busy_timeout(Duration::from_millis(patience.max(0).cast_unsigned()))?;
    match shortened {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(false),
        done => done.map(|()| false),
    }
}
