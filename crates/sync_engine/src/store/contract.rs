//! What outbox, puller and sender need of their two stores, apart from where these keep it.
//!
//! [`super::OutboxDb`] and [`super::Cache`] keep it in SQLite. A simulation puts stores in their
//! place that lose what was not synced.
//!
//! Each call is one transaction, unless it says otherwise: all of it is stored or none. Calls that
//! write are carried out in the order in which they were made, and one that was begun is finished even
//! when nobody waits for it. A call that reads sees all that was written before it, and may overtake
//! what is still being written.

use std::any::Any;
use std::fmt::Debug;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use domain::trail::TrailEntry;
use domain::{IncidentId, OfficerId, PersonId, PositionFix, Situation, Timestamp};
use protocol::Reference;
use protocol::http::{Change, LogId, Snapshot};

use super::cache::{Applied, Cache, Meeting, Pruned, Rebuilt};
use super::database::Durability;
use super::outbox_db::OutboxDb;
use super::progress::Progress;
use super::proposals::ProposalRow;
use super::sessions::Session;
use super::verifiers::Verifier;
use crate::errors::StoreError;

/// Work of a store under way.
pub type Storing<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Proposals and sessions, which exist nowhere else.
pub trait OutboxStore: Debug + Send + Sync {
    /// Where it lies, for messages.
    fn path(&self) -> &Path;
    /// Adds a proposal; when the call returns, it survives a power cut. `row.seq` 0 takes the next
    /// number. A key that is there already is left as it is. Returns the row as it is stored.
    fn add(&self, row: ProposalRow) -> Storing<'_, ProposalRow>;
    /// Writes everything of the rows that may change.
    fn update(&self, durability: Durability, rows: Vec<ProposalRow>) -> Storing<'_, ()>;
    /// Puts a proposal in the place of the one with its number, writes what may change of those
    /// behind it and removes others, all at once; when the call returns, it survives a power cut.
    fn swap(&self, row: ProposalRow, behind: Vec<ProposalRow>, gone: Vec<i64>) -> Storing<'_, ()>;
    /// Removes rows by their numbers.
    fn delete(&self, durability: Durability, seqs: Vec<i64>) -> Storing<'_, ()>;
    /// Stores the session of the officer who now sits at the desk.
    fn sign_in(&self, session: Session) -> Storing<'_, ()>;
    /// Marks that nobody sits at the desk; tokens stay for what is queued.
    fn sign_out(&self, backend: String) -> Storing<'_, ()>;
    /// Adds the signatures of a handover and seats the incoming officer; when the call returns, all
    /// of it survives a power cut. Keys that are there already are left as they are. Returns the
    /// rows as they are stored.
    fn hand_over(&self, rows: Vec<ProposalRow>, session: Session) -> Storing<'_, Vec<ProposalRow>>;
    /// Stores a session without seating anybody else.
    fn put_session(&self, session: Session) -> Storing<'_, ()>;
    /// Stores by what an officer is recognised without the line; it survives a power cut.
    fn put_verifier(&self, verifier: Verifier) -> Storing<'_, ()>;
    /// Forgets by what an officer is recognised without the line; so does this.
    fn forget_verifier(&self, backend: String, officer: OfficerId) -> Storing<'_, ()>;
    /// Forgets a session.
    fn forget_session(&self, backend: String, officer: OfficerId) -> Storing<'_, ()>;
    /// Finishes what was asked for and closes.
    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;

    /// Limits the size of the file, so that a test can fill the disk.
    #[cfg(test)]
    fn limit_pages(&self, pages: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// A copy of what the backend has, with the cursor up to which it is one.
pub trait CacheStore: Any + Debug + Send + Sync {
    /// Where it lies, for messages.
    fn path(&self) -> &Path;
    /// Stores a batch of changes of a log and the cursor; changes at or before the stored cursor are
    /// skipped.
    fn apply(&self, log: LogId, changes: Vec<Change>) -> Storing<'_, Applied>;
    /// Stores a snapshot and its cursor; returns the situation that the cache then holds.
    fn install(
        &self,
        snapshot: Snapshot,
        street: String,
        meeting: Meeting,
    ) -> Storing<'_, Situation>;
    /// Removes incidents that ended before `ended_before`, and of the others that ended so many,
    /// beginning with the oldest, as a budget of the store's own asks for; each goes as a whole, with
    /// its orders and its trail. What is open never goes.
    fn prune(&self, ended_before: Timestamp) -> Storing<'_, Pruned>;
    /// Forgets the positions of those who are gone and stores others; the newest of each person
    /// wins.
    fn locate(&self, gone: Vec<PersonId>, fixes: Vec<PositionFix>) -> Storing<'_, ()>;
    /// Stores the reference data.
    fn put_reference(&self, reference: Arc<Reference>) -> Storing<'_, ()>;
    /// Remembers when the backend last answered and how far its clock is off.
    fn put_contact(&self, at: Timestamp, clock_offset_ms: i64) -> Storing<'_, ()>;
    /// How far the copy has come.
    fn progress(&self) -> Storing<'_, Progress>;
    /// The trail of an incident, oldest first.
    fn trail(&self, incident: IncidentId) -> Storing<'_, Vec<TrailEntry>>;
    /// Keeps a cache aside that turned out to be damaged while it was in use, and begins an empty
    /// one. Returns where the old one lies.
    fn rebuild(&self, backend: String, now: Timestamp) -> Storing<'_, Rebuilt>;
    /// Goes on in memory from what it holds, because the disk takes no more. What lies there stays as it
    /// is, and the next start finds it.
    fn leave_disk(&self) -> Storing<'_, ()>;
    /// Finishes what was asked for and closes.
    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

impl OutboxStore for OutboxDb {
    fn path(&self) -> &Path {
        Self::path(self)
    }
    fn add(&self, row: ProposalRow) -> Storing<'_, ProposalRow> {
        Box::pin(Self::add(self, row))
    }
    fn update(&self, durability: Durability, rows: Vec<ProposalRow>) -> Storing<'_, ()> {
        Box::pin(Self::update(self, durability, rows))
    }
    fn swap(&self, row: ProposalRow, behind: Vec<ProposalRow>, gone: Vec<i64>) -> Storing<'_, ()> {
        Box::pin(Self::swap(self, row, behind, gone))
    }
    fn delete(&self, durability: Durability, seqs: Vec<i64>) -> Storing<'_, ()> {
        Box::pin(Self::delete(self, durability, seqs))
    }
    fn sign_in(&self, session: Session) -> Storing<'_, ()> {
        Box::pin(Self::sign_in(self, session))
    }
    fn sign_out(&self, backend: String) -> Storing<'_, ()> {
        Box::pin(Self::sign_out(self, backend))
    }
    fn hand_over(&self, rows: Vec<ProposalRow>, session: Session) -> Storing<'_, Vec<ProposalRow>> {
        Box::pin(Self::hand_over(self, rows, session))
    }
    fn put_session(&self, session: Session) -> Storing<'_, ()> {
        Box::pin(Self::put_session(self, session))
    }
    fn put_verifier(&self, verifier: Verifier) -> Storing<'_, ()> {
        Box::pin(Self::put_verifier(self, verifier))
    }
    fn forget_verifier(&self, backend: String, officer: OfficerId) -> Storing<'_, ()> {
        Box::pin(Self::forget_verifier(self, backend, officer))
    }
    fn forget_session(&self, backend: String, officer: OfficerId) -> Storing<'_, ()> {
        Box::pin(Self::forget_session(self, backend, officer))
    }
    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(Self::close(self))
    }
    #[cfg(test)]
    fn limit_pages(&self, pages: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(Self::limit_pages(self, pages))
    }
}

impl CacheStore for Cache {
    fn path(&self) -> &Path {
        Self::path(self)
    }
    fn apply(&self, log: LogId, changes: Vec<Change>) -> Storing<'_, Applied> {
        Box::pin(Self::apply(self, log, changes))
    }
    fn install(
        &self,
        snapshot: Snapshot,
        street: String,
        meeting: Meeting,
    ) -> Storing<'_, Situation> {
        Box::pin(Self::install(self, snapshot, street, meeting))
    }
    fn prune(&self, ended_before: Timestamp) -> Storing<'_, Pruned> {
        Box::pin(Self::prune(self, ended_before))
    }
    fn locate(&self, gone: Vec<PersonId>, fixes: Vec<PositionFix>) -> Storing<'_, ()> {
        Box::pin(Self::locate(self, gone, fixes))
    }
    fn put_reference(&self, reference: Arc<Reference>) -> Storing<'_, ()> {
        Box::pin(Self::put_reference(self, reference))
    }
    fn put_contact(&self, at: Timestamp, clock_offset_ms: i64) -> Storing<'_, ()> {
        Box::pin(Self::put_contact(self, at, clock_offset_ms))
    }
    fn progress(&self) -> Storing<'_, Progress> {
        Box::pin(Self::progress(self))
    }
    fn trail(&self, incident: IncidentId) -> Storing<'_, Vec<TrailEntry>> {
        Box::pin(Self::trail(self, incident))
    }
    fn rebuild(&self, backend: String, now: Timestamp) -> Storing<'_, Rebuilt> {
        Box::pin(Self::rebuild(self, backend, now))
    }
    fn leave_disk(&self) -> Storing<'_, ()> {
        Box::pin(Self::leave_disk(self))
    }
    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(Self::close(self))
    }
}
