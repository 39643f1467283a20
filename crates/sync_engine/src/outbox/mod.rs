//! The outbox: what officers want done, from the click until the backend's change log has brought
//! its effect.
//!
//! Every change is on the disk before it is shown. The queue itself is a plain value
//! ([`queue::Queue`]) without disk, network or clock; this module adds the disk and the screen.

mod conflicts;
mod ground;
mod officers;
mod parked;
mod probing;
pub mod queue;
mod sending;
mod shown;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::situation::Record;
use domain::trail::Officer;
use domain::{Intent, IntentKey, OfficerId, OrderState, Proposal, Situation};
use protocol::Reference;
use protocol::feed::{NoticeKind, OutboxItem, PictureChange};
use protocol::http::LogId;
use tokio::sync::Notify;

use crate::backoff::Jitter;
use crate::board::{Board, Glance, OutboxView};
use crate::clock::Clock;
use crate::errors::StoreError;
use crate::faults::{self, Fault};
use crate::finishing::finish;
use crate::pace::Pace;
use crate::store::OutboxStore;
use crate::store::outbox_db::Stored;
use crate::store::proposals::ProposalRow;
use crate::store::sessions::Session;
use crate::store::verifiers::Verifier;
pub use conflicts::{people, version};
use ground::Ground;
use probing::Probing;
use queue::{LaneId, Queue};

/// Why the outbox did not take something; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// It could not be put on the disk.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key stands for something else already.
    #[error("this proposal was used for something else already; look at the incident again")]
    KeyUsed,
    /// It was dropped, taken back or exchanged for another one, and a click on it came after that.
    #[error("it was dropped, taken back or changed meanwhile; look at the incident again")]
    GivenUp,
    /// There is no such proposal or order.
    #[error("there is no such order or proposal any more")]
    NotFound,
    /// It is not parked.
    #[error("the proposal is not parked")]
    NotParked,
    /// The backend has accepted it.
    #[error(
        "the backend has accepted it already; take it back by a withdrawal, or do the next step"
    )]
    Accepted,
    /// It may have been carried out: only the backend knows, under its key.
    #[error("it may have gone out already: try it again, and the backend says what became of it")]
    MayBeDone,
    /// It is parked for another reason than a conflict.
    #[error("nobody else has acted on the incident; try it again, change or drop it")]
    NotInConflict,
    /// What shall take its place is about another incident.
    #[error("a parked proposal is replaced by one about the same incident")]
    OtherMatter,
    /// It was queued for another backend.
    #[error("it was queued for the backend {backend}; start the hall with that one to send it")]
    OtherBackend {
        /// Label of that backend.
        backend: String,
    },
    /// The order has come to its end.
    #[error("the order is {state:?} already")]
    Ended {
        /// Its state.
        state: OrderState,
    },
}

/// The outbox on disk and in memory.
#[derive(Debug)]
pub struct Outbox {
    db: Box<dyn OutboxStore>,
    board: Arc<Board>,
    clock: Arc<dyn Clock>,
    pace: Pace,
    jitter: Jitter,
    backend: String,
    /// Held over each change of disk and memory together, so that both see the same order.
    gate: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    wake: Notify,
    came_up: Notify,
    /// The backend has just refused somebody's token.
    refused: Notify,
    /// Sessions are to be ended at the backend.
    has_ended: Notify,
}

#[derive(Debug)]
struct State {
    queue: Queue,
    sessions: BTreeMap<OfficerId, Session>,
    /// Officers whose token the backend no longer takes.
    rejected: HashSet<OfficerId>,
    /// Tokens of sessions that nobody needs any more; after a restart they end by themselves in time.
    ended: Vec<String>,
    /// By what officers are recognised without the line.
    verifiers: BTreeMap<OfficerId, Verifier>,
    line_is_up: bool,
    /// The log that the backend was last seen to write: all receipts are of it, and nothing is sent
    /// to a backend that writes another one.
    met: Option<LogId>,
    /// How far the cache has come.
    cache_cursor: Option<u64>,
    beyond: conflicts::Beyond,
    probing: Probing,
    /// What matters without a number are shown by.
    ground: Arc<Ground>,
}

impl Outbox {
    /// The outbox over an opened store with what is on the disk, shown on the board.
    pub fn new(
        (db, stored): (Box<dyn OutboxStore>, Stored),
        backend: String,
        board: Arc<Board>,
        clock: Arc<dyn Clock>,
        pace: Pace,
        jitter: Jitter,
        reference: Option<Arc<Reference>>,
    ) -> Arc<Self> {
        let sessions = stored
            .sessions
            .into_iter()
            .filter(|session| session.backend == backend)
            .map(|session| (session.officer.id.clone(), session))
            .collect();
        let verifiers = stored
            .verifiers
            .into_iter()
            .filter(|verifier| verifier.backend == backend)
            .map(|verifier| (verifier.officer.id.clone(), verifier))
            .collect();
        let outbox = Arc::new(Self {
            db,
            board,
            clock,
            pace,
            jitter,
            gate: tokio::sync::Mutex::new(()),
            state: Mutex::new(State {
                queue: Queue::new(&backend, stored.proposals),
                sessions,
                rejected: HashSet::new(),
                ended: Vec::new(),
                verifiers,
                line_is_up: false,
                met: None,
                cache_cursor: None,
                beyond: conflicts::Beyond::default(),
                probing: Probing::default(),
                ground: Arc::new(Ground::of(reference)),
            }),
            backend,
            wake: Notify::new(),
            came_up: Notify::new(),
            refused: Notify::new(),
            has_ended: Notify::new(),
        });
        let view: Arc<dyn OutboxView> = outbox.clone();
        let board = &outbox.board;
        board.show_outbox(Arc::downgrade(&view));
        let echoes = board.read(|picture| outbox.echoes(&picture.situation));
        board.publish_records(echoes);
        let seated = outbox.state().seated().cloned();
        let is_offline = seated.as_ref().is_some_and(|s| s.token.is_none());
        board.publish([
            PictureChange::Officer(seated.map(|session| session.officer)),
            PictureChange::OfflineSignIn(is_offline),
        ]);
        outbox
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each critical section leaves the state whole before anything in it can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Path of the database, for messages.
    pub fn path(&self) -> &std::path::Path {
        self.db.path()
    }

    /// Resolves when there may be something to send.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Wakes whoever waits in [`Self::woken`].
    pub fn wake_up(&self) {
        self.wake.notify_one();
    }

    /// The officer at the desk.
    pub fn officer(&self) -> Option<Officer> {
        let state = self.state();
        state.seated().map(|session| session.officer.clone())
    }

    /// Orders and reports of the outbox as they are shown over a situation until the backend's
    /// records arrive.
    fn echoes(&self, over: &Situation) -> Vec<Record> {
        let state = self.state();
        let rows = state.queue.rows();
        rows.filter_map(|row| {
            shown::echo_record(row, &self.backend, &state.ground, over.mode.session)
        })
        .filter(|echo| {
            // What the backend has recorded knows better than what was shown meanwhile.
            let Record::Order(echo) = echo else {
                return true;
            };
            let known = over.orders.get(&echo.id);
            known.is_none_or(|known| known.state().may_become(echo.state()))
                || faults::has(Fault::ShowOlderRecord)
        })
        .collect()
    }

    /// Takes over other reference data; what has no number yet is shown as it now is.
    pub async fn take_reference(&self, reference: Arc<Reference>) {
        let _gate = self.gate.lock().await;
        self.state().ground = Arc::new(Ground::of(Some(reference)));
        let echoes = self.board.read(|picture| self.echoes(&picture.situation));
        let reports = echoes
            .into_iter()
            .filter(|echo| matches!(echo, Record::Incident(_)));
        self.board.publish_records(reports);
    }

    /// Shows a new situation with the echoes of what is queued.
    pub async fn show_over(&self, mut situation: Situation) {
        // Under the gate no order can be queued between collecting the echoes and showing them.
        let _gate = self.gate.lock().await;
        if !faults::has(Fault::SnapshotHidesQueue) {
            for echo in self.echoes(&situation) {
                situation.apply(echo);
            }
        }
        self.board.replace(situation);
    }

    /// Puts a proposal on the disk and shows it. The same key twice is one proposal, and one that was
    /// dropped or replaced is not taken again; returns whether it was new. Once begun it is finished even
    /// when the caller stops waiting.
    pub async fn commit(self: &Arc<Self>, proposal: Proposal) -> Result<bool, OutboxError> {
        let outbox = Arc::clone(self);
        finish(async move {
            let _gate = outbox.gate.lock().await;
            outbox.commit_gated(proposal).await
        })
        .await
    }

    async fn commit_gated(&self, mut proposal: Proposal) -> Result<bool, OutboxError> {
        proposal.intent = self.in_its_lane(&proposal.intent);
        let glance = self.board.glance();
        let leaves_at_once = {
            let state = self.state();
            if let Some(known) = state.queue.by_key(proposal.key) {
                return if known.proposal.intent == proposal.intent {
                    Ok(false)
                } else {
                    Err(OutboxError::KeyUsed)
                };
            }
            if state.beyond.is_decided(proposal.key) && !faults::has(Fault::TakeGivenUp) {
                // A form may stand open that was clicked on before: what became of that has been
                // decided, and this click would do it beside what was decided.
                return Err(OutboxError::GivenUp);
            }
            state.name_own(&mut proposal, None, &glance.numbers);
            // What goes out in the next moment is marked as gone by the same commit, so that an
            // order costs one wait for the disk and not two.
            state.line_is_up
                && !state.probing.is_on()
                && state.can_send(&proposal.officer)
                && state.queue.is_lane_free(&proposal.lane())
        };
        let new = ProposalRow {
            has_left: leaves_at_once && !faults::has(Fault::ForgetDeparture),
            ..ProposalRow::new(&self.backend, proposal)
        };
        let row = self.db.add(new).await?;
        let mode = self.board.read(|picture| picture.situation.mode.session);
        let ground = Arc::clone(&self.state().ground);
        let echo = shown::echo_record(&row, &self.backend, &ground, mode);
        let item = {
            let mut state = self.state();
            state.queue.insert(row.clone());
            self.item(&state, &row, &glance)
        };
        self.show(echo.into_iter().collect(), vec![item], Vec::new());
        self.wake.notify_one();
        Ok(true)
    }

    /// The intent about the number whose lane it joins. A matter that has got its number while
    /// something is still kept about its provisional one has one lane all the same, first in, first
    /// out: that of the provisional number, until it is empty.
    fn in_its_lane(&self, intent: &Intent) -> Intent {
        intent.renumbered(|id| {
            let (id, provisional) = self.board.read(|picture| {
                let situation = &picture.situation;
                let id = situation.number_of(id);
                let shown = situation.incidents.get(&id);
                (id, shown.and_then(|shown| shown.particulars.provisional))
            });
            provisional
                .filter(|id| self.state().queue.has_lane(&LaneId::Incident(*id)))
                .unwrap_or(id)
        })
    }

    /// Shows what one change of the outbox has changed on the screens.
    fn show(&self, records: Vec<Record>, changed: Vec<OutboxItem>, left: Vec<IntentKey>) {
        let records = records.into_iter().map(PictureChange::Record);
        let outbox = [
            PictureChange::OutboxLeft(left),
            PictureChange::OutboxItems(changed),
        ];
        self.board.publish(records.chain(outbox));
    }

    /// The item of a proposal as the windows see it.
    fn item(&self, state: &State, row: &ProposalRow, glance: &Glance) -> OutboxItem {
        let next_try = state
            .line_is_up
            .then(|| state.queue.pause_of(row))
            .flatten()
            .map(|until| {
                let pause = until.saturating_sub(self.clock.monotonic());
                glance.now.plus_ms(pause.as_millis() as i64)
            });
        let standing = shown::Standing {
            for_sign_in: !state.can_send(&row.proposal.officer),
            behind_parked: state.queue.is_behind_parked(row),
            next_try,
            can_drop: row.backend != self.backend
                || (state.queue.can_drop(row) && !parked::is_signature_on_its_way(row)),
        };
        let conflict = state.conflict_of(row);
        shown::item(row, &self.backend, &standing, &glance.numbers, conflict)
    }

    /// The item of a proposal and those of what waits behind it.
    fn item_and_behind(
        &self,
        state: &State,
        row: &ProposalRow,
        glance: &Glance,
    ) -> Vec<OutboxItem> {
        let behind = state.queue.behind(row);
        std::iter::once(row)
            .chain(behind)
            .map(|row| self.item(state, row, glance))
            .collect()
    }

    /// Tells the officers, once, that the outbox is damaged and what helps; other failures are none of that.
    pub fn say_damaged(&self, error: &StoreError) {
        if matches!(error, StoreError::Damaged { .. }) {
            let detail = format!(
                "{error}。请重新启动程序：仍可读出的操作会逐条取回，损坏的文件会保留 / restart the program: whatever can \
                 still be read is taken over row by row, and the damaged file is kept"
            );
            self.board.notify_once(NoticeKind::StorageFailed, detail);
        }
    }

    /// Whether what had this key was dropped, taken back or exchanged lately.
    pub fn is_given_up(&self, key: IntentKey) -> bool {
        self.state().beyond.is_decided(key)
    }

    /// What a key stands for, if the outbox has it.
    pub fn intent_of(&self, key: IntentKey) -> Option<Intent> {
        self.state()
            .queue
            .by_key(key)
            .map(|row| row.proposal.intent.clone())
    }

    /// Limits the size of the database, so that a test can fill the disk.
    #[cfg(test)]
    pub(crate) async fn limit_pages(&self, pages: i64) {
        self.db.limit_pages(pages).await;
    }

    /// Finishes what was begun and closes the database.
    pub async fn close(&self) {
        let _gate = self.gate.lock().await;
        self.db.close().await;
    }
}

impl State {
    fn can_send(&self, officer: &OfficerId) -> bool {
        let session = self.sessions.get(officer);
        session.is_some_and(|session| session.token.is_some()) && !self.rejected.contains(officer)
    }

    /// The session of the officer at the desk.
    fn seated(&self) -> Option<&Session> {
        self.sessions.values().find(|session| session.signed_in)
    }
}

impl OutboxView for Outbox {
    fn items(&self) -> Vec<OutboxItem> {
        // The board is read before the queue is locked, as everywhere.
        let glance = self.board.glance();
        let state = self.state();
        let rows = state.queue.rows();
        rows.map(|row| self.item(&state, row, &glance)).collect()
    }
}

#[cfg(test)]
mod tests;
