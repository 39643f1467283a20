//! Opening a store of a directory, and rows for it.

use std::path::Path;

use domain::{IncidentState, Timestamp};
use faulty_disk::{Fault, Survivors};
use sync_engine::OpenError;
use sync_engine::store::OutboxDb;
use sync_engine::store::keys;
use sync_engine::store::outbox_db::Stored;
use sync_engine::store::proposals::{ProposalRow, Stage};
use testkit::builders::{incident, proposal, send};

pub const NOW: Timestamp = testkit::clock::FRIDAY_NINE;

/// Every way a single call can fail while the machine goes on.
pub const FAILURES: [Fault; 3] = [Fault::Full, Fault::Io, Fault::Torn];

/// What power cuts are tried to leave of what was not synced.
pub const CUTS: [Survivors; 4] = [
    Survivors::None,
    Survivors::All,
    Survivors::Some(1),
    Survivors::Some(2),
];

pub fn try_open(dir: &Path) -> Result<(OutboxDb, Stored), OpenError> {
    OutboxDb::open(dir, &keys::find(dir, None, NOW)?, NOW)
}

/// Opens the outbox; nothing in it may be damaged.
pub fn open(dir: &Path) -> (OutboxDb, Stored) {
    let (db, stored) = try_open(dir).expect("the outbox opens");
    assert_eq!((&stored.rescued, &stored.locked), (&None, &None));
    assert_eq!((&stored.plain, &stored.stuck), (&None, &None));
    (db, stored)
}

pub fn row(number: u128) -> ProposalRow {
    ProposalRow {
        seq: 0,
        backend: "here".to_owned(),
        proposal: proposal(number, send(incident(1, IncidentState::Filed).id, 1)),
        stage: Stage::Queued,
        parked_before: None,
        has_left: false,
        attempts: 0,
        last_error: None,
        conflict: None,
    }
}
