//! The tables, one file each: layout, row, reads, writes.
//!
//! Migrations only go forward: a new one is appended to [`MIGRATIONS`], none is ever edited.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::StoreError;

pub mod changes;
pub mod complaints;
pub mod counters;
pub mod day_numbers;
pub mod duty_log;
pub mod handovers;
pub mod incidents;
pub mod log_openings;
pub mod modes;
pub mod officers;
pub mod orders;
pub mod people;
pub mod position_uses;
pub mod positions;
pub mod proposals;
pub mod reference_parts;
pub mod reports;
pub mod sessions;
pub mod trail;

/// Every migration in the order of its making; the layout number of a file is how many it has.
pub const MIGRATIONS: [&str; 22] = [
    counters::MIGRATION,
    trail::MIGRATION,
    incidents::MIGRATION,
    orders::MIGRATION,
    people::MIGRATION,
    positions::MIGRATION,
    officers::MIGRATION,
    sessions::MIGRATION,
    proposals::MIGRATION,
    reports::MIGRATION,
    day_numbers::MIGRATION,
    changes::MIGRATION,
    reference_parts::MIGRATION,
    modes::MIGRATION,
    complaints::MIGRATION,
    position_uses::MIGRATION,
    log_openings::MIGRATION,
    officers::MIGRATION_REVOCATIONS,
    duty_log::MIGRATION,
    handovers::MIGRATION,
    reference_parts::MIGRATION_PROVENANCE,
    incidents::MIGRATION_REPORTED,
];

/// A value as the text of a column.
fn to_text<T: Serialize>(
    table: &'static str,
    row: &dyn std::fmt::Display,
    value: &T,
) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|source| StoreError::Row {
        table,
        row: row.to_string(),
        source,
    })
}

/// The value of a column's text.
fn from_text<T: DeserializeOwned>(
    table: &'static str,
    row: &dyn std::fmt::Display,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|source| StoreError::Row {
        table,
        row: row.to_string(),
        source,
    })
}
