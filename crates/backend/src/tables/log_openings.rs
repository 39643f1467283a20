//! Openings of this database: each gives the change log a new identity, and all of them together tell
//! whether what a hall has seen is this database's past.
//!
//! A copy of the database knows the openings up to its making and none that came later. So a hall
//! that has followed the original further than the copy reaches is told apart, also when the copy
//! has since been written beyond the hall's cursor.

use domain::Timestamp;
use protocol::http::{LogId, LogPlace};
use rusqlite::{Connection, OptionalExtension, params};

use super::changes;
use crate::store::StoreError;

pub const MIGRATION: &str = "
CREATE TABLE log_openings (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    log TEXT NOT NULL UNIQUE,
    begun_after INTEGER NOT NULL,
    at INTEGER NOT NULL
)
";

/// Notes that the database was opened; changes from here on belong to the log that is returned.
pub fn begin(db: &Connection, at: Timestamp) -> Result<LogId, StoreError> {
    let log = LogId(uuid::Uuid::new_v4().simple().to_string());
    db.execute(
        "INSERT INTO log_openings (log, begun_after, at) VALUES (?1, ?2, ?3)",
        params![log.0, changes::newest(db)?.cast_signed(), at.unix_ms()],
    )?;
    Ok(log)
}

/// When the database was first opened, as far as that is known: openings were not noted from the beginning.
pub fn first(db: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let at: Option<i64> = db
        .prepare_cached("SELECT at FROM log_openings ORDER BY number LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(at.map(Timestamp::from_unix_ms))
}

/// Whether everything up to the place is this database's past.
pub fn leads_here(db: &Connection, place: &LogPlace) -> Result<bool, StoreError> {
    let number: Option<i64> = db
        .prepare_cached("SELECT number FROM log_openings WHERE log = ?1")?
        .query_row([&place.log.0], |row| row.get(0))
        .optional()?;
    let Some(number) = number else {
        return Ok(false);
    };
    let next: Option<i64> = db
        .prepare_cached(
            "SELECT begun_after FROM log_openings WHERE number > ?1 ORDER BY number LIMIT 1",
        )?
        .query_row([number], |row| row.get(0))
        .optional()?;
    let end = match next {
        Some(end) => end.cast_unsigned(),
        None => changes::newest(db)?,
    };
    Ok(place.cursor <= end)
}

#[cfg(test)]
mod tests {
    use protocol::http::ChangeBody;

    use super::*;
    use crate::store::Store;

    fn grow(db: &Connection, by: u64) {
        for version in 0..by {
            let body = ChangeBody::Reference { version };
            changes::append(db, Timestamp::default(), &body).expect("appended");
        }
    }

    #[test]
    fn a_place_is_the_past_up_to_where_the_next_opening_began() {
        let store = Store::open(None).expect("in memory");
        store
            .write(|db| -> Result<(), StoreError> {
                let first = begin(db, Timestamp::default())?;
                grow(db, 5);
                let second = begin(db, Timestamp::default())?;
                grow(db, 3);
                let of = |log: &LogId, cursor| LogPlace {
                    log: log.clone(),
                    cursor,
                };
                for (place, expected) in [
                    (of(&first, 0), true),
                    (of(&first, 5), true),
                    // The first opening never wrote a sixth change here: another database did.
                    (of(&first, 6), false),
                    (of(&second, 4), true),
                    (of(&second, 8), true),
                    (of(&second, 9), false),
                    (of(&LogId("another".to_owned()), 1), false),
                ] {
                    assert_eq!(leads_here(db, &place)?, expected, "{place:?}");
                }
                assert_ne!(first, second);
                Ok(())
            })
            .expect("transaction");
    }
}
