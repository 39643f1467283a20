//! The last incident number given on each local day.

use domain::{IncidentId, Timestamp};
use rusqlite::Connection;

use crate::store::StoreError;

pub const MIGRATION: &str =
    "CREATE TABLE day_numbers (day INTEGER PRIMARY KEY, last INTEGER NOT NULL)";

/// The next number of the local day on which the matter was reported.
pub fn next_incident(db: &Connection, reported_at: Timestamp) -> Result<IncidentId, StoreError> {
    let day = IncidentId::new(reported_at, 0).day();
    let number: u32 = db
        .prepare_cached(
            "INSERT INTO day_numbers (day, last) VALUES (?1, 1)
             ON CONFLICT (day) DO UPDATE SET last = last + 1
             RETURNING last",
        )?
        .query_row([day.cast_signed()], |row| row.get(0))?;
    Ok(IncidentId::new(reported_at, number))
}
