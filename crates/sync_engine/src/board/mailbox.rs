//! The bounded mailboxes of those who watch the picture.
//!
//! A mailbox holds what changed since its window last looked, coalesced: one newest position for
//! each person, one line, and each item of the outbox as it now is. When too many records wait, they
//! are thrown away and the window gets the whole picture anew, so a frozen window costs nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use domain::{PersonId, PositionFix};
use protocol::feed::{Line, Picture, PictureChange};
use tokio::sync::Notify;

use super::outbox_changes::OutboxChanges;
use super::{Board, lock};

/// Changes that may wait for one window before it gets a snapshot instead.
const MAILBOX_LIMIT: usize = 4096;

#[derive(Debug, Default)]
pub(super) struct Mailbox {
    pub(super) pending: Mutex<Pending>,
    pub(super) closed: AtomicBool,
    pub(super) changed: Notify,
}

#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) snapshot_due: bool,
    changes: Vec<PictureChange>,
    positions: BTreeMap<PersonId, PositionFix>,
    positions_gone: BTreeSet<PersonId>,
    line: Option<Line>,
    /// Whether another officer, or none, sits at the desk; who it is is looked up like the outbox.
    officer: bool,
    outbox: OutboxChanges,
}

impl Pending {
    pub(super) fn push(&mut self, change: &PictureChange) {
        if self.snapshot_due {
            return;
        }
        match change {
            PictureChange::Positions(fixes) => {
                self.positions.extend(fixes.iter().map(|f| (f.person, *f)));
            }
            PictureChange::PositionsGone(people) => {
                self.positions.retain(|person, _| !people.contains(person));
                self.positions_gone.extend(people);
            }
            PictureChange::Line(line) => self.line = Some(line.clone()),
            PictureChange::Officer(_) => self.officer = true,
            PictureChange::Outbox(_) => self.outbox.everything(),
            PictureChange::OutboxItems(items) => self.outbox.items(items),
            PictureChange::OutboxLeft(keys) => self.outbox.left(keys),
            other => self.changes.push(other.clone()),
        }
        if self.changes.len() + self.outbox.len() > MAILBOX_LIMIT {
            self.restart();
        }
    }

    /// Forgets what waits: the next look is at the whole picture.
    pub(super) fn restart(&mut self) {
        *self = Self {
            snapshot_due: true,
            ..Self::default()
        };
    }
}

/// What a look into a mailbox found.
#[derive(Debug)]
pub enum Look {
    /// Nothing has changed.
    Unchanged,
    /// The whole picture, at the beginning and after an overflow.
    Picture(Box<Picture>),
    /// What changed since the last look, in order.
    Changes(Vec<PictureChange>),
    /// The hall has shut down.
    Closed,
}

/// One watcher's mailbox; dropping it ends the subscription.
#[derive(Debug)]
pub struct Subscription {
    pub(super) board: Arc<Board>,
    pub(super) mailbox: Arc<Mailbox>,
}

impl Subscription {
    /// Waits until there may be something to see. Dropping the future loses nothing.
    pub async fn changed(&self) {
        self.mailbox.changed.notified().await;
    }

    /// Takes what waits.
    pub fn look(&self) -> Look {
        if self.mailbox.closed.load(Ordering::SeqCst) {
            return Look::Closed;
        }
        if lock(&self.mailbox.pending).snapshot_due {
            return self.look_at_picture();
        }
        let taken = {
            let mut pending = lock(&self.mailbox.pending);
            // Between the two locks the mailbox may have overflowed; the flag was set then and
            // the picture is taken at the next look.
            let keep = Pending {
                snapshot_due: pending.snapshot_due,
                ..Pending::default()
            };
            std::mem::replace(&mut *pending, keep)
        };
        let mut changes = taken.changes;
        // Who is gone and back again comes after: the newest position is shown.
        if !taken.positions_gone.is_empty() {
            let people = taken.positions_gone.into_iter().collect();
            changes.push(PictureChange::PositionsGone(people));
        }
        if !taken.positions.is_empty() {
            changes.push(PictureChange::Positions(
                taken.positions.into_values().collect(),
            ));
        }
        changes.extend(taken.outbox.take(|| self.board.outbox_items()));
        if taken.officer {
            let officer = self.board.read(|picture| picture.officer.clone());
            changes.push(PictureChange::Officer(officer));
        }
        changes.extend(taken.line.map(PictureChange::Line));
        if changes.is_empty() {
            Look::Unchanged
        } else {
            Look::Changes(changes)
        }
    }

    fn look_at_picture(&self) -> Look {
        let mut picture = {
            // Publishing takes the same lock first, so nothing falls between picture and mailbox.
            let shared = lock(&self.board.shared);
            let mut pending = lock(&self.mailbox.pending);
            *pending = Pending::default();
            shared.picture.clone()
        };
        picture.now = self.board.now();
        picture.outbox = self.board.outbox_items();
        Look::Picture(Box::new(picture))
    }

    /// The board that is watched.
    pub fn board(&self) -> &Board {
        &self.board
    }
}
