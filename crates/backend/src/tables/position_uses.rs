//! Whose position was shown although the roster did not cover it: written before it is shown, once
//! for each person and switch of the mode, and never changed.

use domain::{PersonId, Timestamp};
use rusqlite::{Connection, params};

use crate::store::StoreError;

/// `mode_switch` is the row of `modes` that allowed it, which says who switched and when.
pub const MIGRATION: &str = "
CREATE TABLE position_uses (
    mode_switch INTEGER NOT NULL,
    person INTEGER NOT NULL,
    first_shown_at INTEGER NOT NULL,
    PRIMARY KEY (mode_switch, person)
) WITHOUT ROWID;
CREATE TRIGGER position_uses_are_never_changed BEFORE UPDATE ON position_uses
    BEGIN SELECT raise(ABORT, 'the log of positions shown is append-only'); END;
CREATE TRIGGER position_uses_are_never_deleted BEFORE DELETE ON position_uses
    BEGIN SELECT raise(ABORT, 'the log of positions shown is append-only'); END;
";

/// Notes people; who is noted for the switch already stays as noted.
pub fn note(
    db: &Connection,
    mode_switch: u64,
    people: &[PersonId],
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(
        "INSERT INTO position_uses (mode_switch, person, first_shown_at) VALUES (?1, ?2, ?3)
         ON CONFLICT DO NOTHING",
    )?;
    for person in people {
        statement.execute(params![mode_switch.cast_signed(), person.0, at.unix_ms()])?;
    }
    Ok(())
}
