//! The bounded mailboxes of those who watch the picture.
//!
//! A mailbox holds what changed since its window last looked, coalesced: one newest position for
//! each person, one line, each item of the outbox as it now is, and of an incident, an order or a person
//! the newest record, in the place of the first one. When too many records wait, they
//! are thrown away and the window gets the whole picture anew, so a frozen window costs nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use domain::situation::Record;
use domain::{IncidentId, OrderId, PersonId, PositionFix};
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

/// What a waiting change is about, where only the newest one of it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Incident(IncidentId),
    Order(OrderId),
    Person(PersonId),
    Trail(IncidentId),
}

impl About {
    fn of(change: &PictureChange) -> Option<Self> {
        Some(match change {
            PictureChange::Record(Record::Incident(incident)) => Self::Incident(incident.id),
            PictureChange::Record(Record::Order(order)) => Self::Order(order.id),
            PictureChange::Record(Record::Person(person)) => Self::Person(person.id),
            PictureChange::TrailGrew(incident) => Self::Trail(*incident),
            _ => return None,
        })
    }
}

#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) snapshot_due: bool,
    changes: Vec<PictureChange>,
    /// Where in `changes` the newest change about something stands.
    places: BTreeMap<About, usize>,
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
            other => self.push_in_order(other),
        }
        if self.changes.len() + self.outbox.len() > MAILBOX_LIMIT {
            self.restart();
        }
    }

    fn push_in_order(&mut self, change: &PictureChange) {
        let about = About::of(change);
        let waiting = about.and_then(|about| self.places.get(&about).copied());
        if let Some(older) = waiting.and_then(|place| self.changes.get_mut(place)) {
            older.clone_from(change);
            return;
        }
        if matches!(change, PictureChange::IncidentGone(_)) {
            // Nothing that comes after it may be shown before it.
            self.places.clear();
        }
        self.places
            .extend(about.map(|about| (about, self.changes.len())));
        self.changes.push(change.clone());
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

#[cfg(test)]
mod tests {
    use domain::IncidentState;
    use testkit::builders;

    use super::*;

    fn incident(number: u32, steps: u32) -> PictureChange {
        let mut incident = builders::incident(number, IncidentState::Filed);
        incident.steps = steps;
        PictureChange::Record(Record::Incident(Box::new(incident)))
    }

    #[test]
    fn what_changes_often_waits_once_as_it_now_is_and_where_it_first_stood() {
        let mut pending = Pending::default();
        for steps in 0..5_000 {
            for number in [1, 2] {
                pending.push(&incident(number, steps));
                let id = builders::incident(number, IncidentState::Filed).id;
                pending.push(&PictureChange::TrailGrew(id));
            }
        }
        assert!(!pending.snapshot_due, "few things have changed");
        let first = builders::incident(1, IncidentState::Filed).id;
        let second = builders::incident(2, IncidentState::Filed).id;
        let waiting = [
            incident(1, 4_999),
            PictureChange::TrailGrew(first),
            incident(2, 4_999),
            PictureChange::TrailGrew(second),
        ];
        assert_eq!(pending.changes, waiting);
        // What is given up and comes again is shown in that order.
        pending.push(&PictureChange::IncidentGone(first));
        pending.push(&incident(1, 5_000));
        assert_eq!(
            pending.changes[4..],
            [PictureChange::IncidentGone(first), incident(1, 5_000)]
        );
    }

    #[test]
    fn what_is_about_too_many_things_is_given_up_for_the_whole_picture() {
        let mut pending = Pending::default();
        for number in 0..=MAILBOX_LIMIT as u32 {
            pending.push(&incident(number, 1));
        }
        assert!(pending.snapshot_due && pending.changes.is_empty());
    }
}
