//! The nightly copy of the database, going on from it, and the street as the logs before and after
//! tell it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use domain::trail::Officer;
use domain::{IntentKey, Situation};
use protocol::http::{Change, ChangeBody, LogPlace};

use super::{Authority, opening};

/// The moment of the backup.
#[derive(Debug)]
pub(super) struct Backup {
    cursor: u64,
    /// How many effects the ledger had counted.
    effects: u64,
    /// The sessions of that time.
    sessions: BTreeMap<String, Officer>,
}

impl Authority {
    /// Copies the database, as it is done every night.
    pub fn back_up(&self) {
        opening::copy(self.files.live.path(), self.files.copy.path());
        let cursor = self.newest();
        let mut state = self.state();
        let effects = state.ledger.effects();
        let sessions = state.sessions.clone();
        state.backup = Some(Backup {
            cursor,
            effects,
            sessions,
        });
    }

    /// Goes on from the copy, and has forgotten what came after it. Of the wishes that were carried
    /// out since, those in `held` still lie in an outbox; of the others their halls have seen the effect.
    pub fn restore(&self, held: &BTreeSet<IntentKey>) {
        let Some(backup) = self.state().backup.take() else {
            return;
        };
        let log = self.log();
        let restored = opening::open_in(self.files.copy.path(), self.timeline);
        *self.backend.lock().unwrap_or_else(PoisonError::into_inner) = restored;
        {
            let mut state = self.state();
            let known = state.log.partition_point(|c| c.cursor <= backup.cursor);
            let whole = state.log.clone();
            state.log.truncate(known);
            state.forgotten = Some((log, whole));
            state.present = folded(&state.base.situation, &state.log, backup.cursor);
            state.floor = state.floor.min(backup.cursor);
            state.sessions = backup.sessions;
            state.ledger.forget(backup.effects, held);
        }
        self.read_reference();
        self.newest.set(backup.cursor);
        self.look();
        self.moves.change(|moves| *moves += 1);
    }

    /// The street as it was at a place; `None` for one that no log has reached.
    pub fn at(&self, place: &LogPlace) -> Option<Situation> {
        let state = self.state();
        let log = match &state.forgotten {
            Some((id, log)) if *id == place.log => log,
            _ => &state.log,
        };
        let reached = log.last().map_or(state.base.cursor, |c| c.cursor);
        if place.cursor < state.base.cursor || place.cursor > reached {
            return None;
        }
        Some(folded(&state.base.situation, log, place.cursor))
    }
}

/// What a log makes of a situation up to a cursor.
fn folded(base: &Situation, log: &[Change], cursor: u64) -> Situation {
    let mut situation = base.clone();
    for change in log.iter().take_while(|c| c.cursor <= cursor) {
        if let ChangeBody::Record(record) = &change.body {
            situation.apply(record.clone());
        }
    }
    situation
}
