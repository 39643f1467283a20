//! Databases with contents that a test knows, and a look at the bytes on the disk.

use std::path::{Path, PathBuf};

use domain::situation::Record;
use domain::{IncidentState, IntentKey, Timestamp};
use protocol::http::{Change, ChangeBody, LogId};
use rusqlite::Connection;
use sync_engine::store::cache::Cached;
use sync_engine::store::keys::{self, Keys};
use sync_engine::store::outbox_db::Stored;
use sync_engine::store::proposals::{self, ProposalRow, Stage};
use sync_engine::store::{Cache, OutboxDb, sessions};
use testkit::builders::{incident, proposal, send};

pub const NOW: Timestamp = testkit::clock::FRIDAY_NINE;
/// Stands in every order and every incident of the builders' that is stored here.
pub const KNOWN_TEXT: &str = "known to the test alone";

pub fn keys_of(dir: &Path) -> Keys {
    keys::find(dir, None, NOW).unwrap()
}

pub fn open_outbox(dir: &Path) -> (OutboxDb, Stored) {
    OutboxDb::open(dir, &keys_of(dir), NOW).unwrap()
}

pub fn open_cache(dir: &Path) -> (Cache, Cached) {
    Cache::open(dir, "here", &keys_of(dir).current, NOW).unwrap()
}

pub fn row(number: u128) -> ProposalRow {
    let mut proposal = proposal(number, send(incident(1, IncidentState::Filed).id, 1));
    if let domain::Intent::SendOrder { instruction, .. } = &mut proposal.intent {
        KNOWN_TEXT.clone_into(instruction);
    }
    ProposalRow {
        seq: 0,
        backend: "here".to_owned(),
        proposal,
        stage: Stage::Queued,
        parked_before: None,
        has_left: false,
        attempts: 0,
        last_error: None,
        conflict: None,
    }
}

pub fn keys_in(stored: &Stored) -> Vec<IntentKey> {
    stored
        .proposals
        .iter()
        .map(|row| row.proposal.key)
        .collect()
}

pub async fn fill_cache(cache: &Cache) {
    let mut incident = incident(1, IncidentState::Reported);
    KNOWN_TEXT.clone_into(&mut incident.title);
    let body = ChangeBody::Record(Record::Incident(Box::new(incident)));
    let change = Change {
        cursor: 1,
        at: NOW,
        body,
    };
    cache
        .apply(LogId("log".to_owned()), vec![change])
        .await
        .unwrap();
}

pub fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

pub fn holds(file: &Path, text: &[u8]) -> bool {
    let bytes = std::fs::read(file).unwrap();
    bytes.windows(text.len()).any(|window| window == text)
}

/// Whether any file of the directory shows what it is or what it holds.
pub fn readable_file(dir: &Path) -> Option<PathBuf> {
    files(dir)
        .into_iter()
        .find(|file| holds(file, b"SQLite format 3") || holds(file, KNOWN_TEXT.as_bytes()))
}

/// Adds a queued row as the first version of the table had it.
fn add_as_at_first(db: &Connection, row: &ProposalRow) {
    db.execute(
        "INSERT INTO proposals
         (key, backend, officer, occurred_at, intent, stage, has_left, attempts)
         VALUES (?1, ?2, ?3, ?4, ?5, 'queued', 0, 0)",
        rusqlite::params![
            row.proposal.key.to_string(),
            row.backend,
            row.proposal.officer.as_str(),
            row.proposal.occurred_at.unix_ms(),
            serde_json::to_string(&row.proposal.intent).unwrap(),
        ],
    )
    .unwrap();
}

/// An outbox as the version before encryption wrote it.
pub fn plain_outbox(dir: &Path, orders: std::ops::Range<u128>) -> Connection {
    let plain = Connection::open(dir.join("outbox.db")).unwrap();
    plain
        .query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))
        .unwrap();
    plain.execute_batch(proposals::MIGRATION).unwrap();
    plain.execute_batch(sessions::MIGRATION).unwrap();
    plain.pragma_update(None, "user_version", 1).unwrap();
    for number in orders {
        add_as_at_first(&plain, &row(number));
    }
    plain
}
