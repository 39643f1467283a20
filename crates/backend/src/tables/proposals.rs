//! Proposals that were carried out, with the receipt that every replay of their key gets.

use domain::IntentKey;
use protocol::http::Receipt;
use rusqlite::{Connection, OptionalExtension, params};

use super::{from_text, to_text};
use crate::store::StoreError;

pub const MIGRATION: &str = "
CREATE TABLE proposals (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    receipt TEXT NOT NULL
) WITHOUT ROWID
";

/// A proposal that was carried out.
#[derive(Debug)]
pub struct ProposalRow {
    /// Hash of officer and intent, to tell a replay from another proposal under the same key.
    pub fingerprint: String,
    /// The first receipt.
    pub receipt: Receipt,
}

/// What was carried out under a key.
pub fn get(db: &Connection, key: IntentKey) -> Result<Option<ProposalRow>, StoreError> {
    let row: Option<(String, String)> = db
        .prepare_cached("SELECT fingerprint, receipt FROM proposals WHERE key = ?1")?
        .query_row([key.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    row.map(|(fingerprint, receipt)| {
        Ok(ProposalRow {
            fingerprint,
            receipt: from_text("proposals", &key, &receipt)?,
        })
    })
    .transpose()
}

/// Remembers a proposal; a second row for one key is an error, so that nothing is done twice.
pub fn insert(db: &Connection, row: &ProposalRow) -> Result<(), StoreError> {
    let receipt = to_text("proposals", &row.receipt.key, &row.receipt)?;
    db.prepare_cached("INSERT INTO proposals (key, fingerprint, receipt) VALUES (?1, ?2, ?3)")?
        .execute(params![
            row.receipt.key.to_string(),
            row.fingerprint,
            receipt
        ])?;
    Ok(())
}
