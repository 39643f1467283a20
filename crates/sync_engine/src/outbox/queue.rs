//! The queue as a plain value: first in, first out in each lane, lanes side by side. An incident is
//! one lane.
//!
//! It knows no disk, no network and no clock; whoever owns it does the work and tells it what came
//! of it, so that the order of things can be tested and simulated exhaustively.

mod answers;
mod index;
mod lane;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Bound;
use std::time::Duration;

use domain::{Intent, IntentKey, OfficerId, Proposal};

pub use answers::Answer;
pub use domain::intents::Lane as LaneId;
use protocol::http::LogId;

use crate::faults::{self, Fault};
use crate::store::proposals::{OUTCOME_UNKNOWN, ProposalRow, Stage};
use index::{Head, Heads, Register};
use lane::Lane;

/// Place in a change log of what was acknowledged in a log that is not followed any more: no cache
/// ever comes to it, so the proposal is sent again under its key until a new receipt names another.
pub const NOWHERE: u64 = u64::MAX;

/// A proposal on its way out.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its number.
    pub seq: i64,
    /// What to send.
    pub proposal: Proposal,
    /// Under which token.
    pub token: String,
    /// The log that the backend must be writing.
    pub log: Option<LogId>,
}

/// All proposals of the outbox in memory.
#[derive(Debug)]
pub struct Queue {
    backend: String,
    rows: BTreeMap<i64, ProposalRow>,
    keys: HashMap<IntentKey, i64>,
    lanes: BTreeMap<LaneId, Lane>,
    heads: Heads,
    register: Register,
    newest: i64,
}

impl Queue {
    /// A queue for the backend of that label, with what was on the disk.
    pub fn new(backend: &str, rows: Vec<ProposalRow>) -> Self {
        let mut queue = Self {
            backend: backend.to_owned(),
            rows: BTreeMap::new(),
            keys: HashMap::new(),
            lanes: BTreeMap::new(),
            heads: Heads::default(),
            register: Register::default(),
            newest: 0,
        };
        for mut row in rows {
            if row.has_left {
                // An earlier process may have sent it and ended before it could note the try. A
                // connection that is refused now says nothing about what that try has reached.
                row.attempts = row.attempts.max(1);
            }
            queue.insert(row);
        }
        queue
    }

    /// All proposals in the order of the clicks.
    pub fn rows(&self) -> impl Iterator<Item = &ProposalRow> {
        self.rows.values()
    }

    /// A proposal by its number.
    pub fn get(&self, seq: i64) -> Option<&ProposalRow> {
        self.rows.get(&seq)
    }

    /// A proposal by its key.
    pub fn by_key(&self, key: IntentKey) -> Option<&ProposalRow> {
        self.rows.get(self.keys.get(&key)?)
    }

    /// Adds a proposal at the end of its lane.
    pub fn insert(&mut self, row: ProposalRow) {
        self.newest = self.newest.max(row.seq);
        self.keys.insert(row.proposal.key, row.seq);
        self.put(row);
    }

    /// Takes over a changed row.
    pub fn replace(&mut self, row: ProposalRow) {
        self.put(row);
    }

    /// Another proposal has taken the place of the one with its number.
    pub fn swap(&mut self, row: ProposalRow) {
        if let Some(old) = self.rows.get(&row.seq) {
            self.keys.remove(&old.proposal.key);
        }
        self.keys.insert(row.proposal.key, row.seq);
        self.replace(row);
    }

    /// Keys of all proposals of the lane, in their order, the acknowledged ones included whose
    /// effect the cache does not hold yet.
    pub fn keys_of(&self, lane: &LaneId) -> Vec<IntentKey> {
        let Some(lane) = self.lanes.get(lane) else {
            return Vec::new();
        };
        let waiting = lane.queued.iter().chain(lane.parked.keys());
        let mut seqs: Vec<i64> = waiting.chain(&lane.sent).copied().collect();
        seqs.sort_unstable();
        let rows = seqs.iter().filter_map(|seq| self.rows.get(seq));
        rows.map(|row| row.proposal.key).collect()
    }

    /// Those behind the proposal with that number that count it among their own, with `new` in the
    /// place of its key.
    pub fn renamed_behind(&self, seq: i64, old: IntentKey, new: IntentKey) -> Vec<ProposalRow> {
        let behind = self.rows.range(seq + 1..).map(|(_, row)| row);
        behind
            .filter_map(|row| {
                let mut row = row.clone();
                let basis = row.proposal.basis.as_mut()?;
                let own = basis.own.iter_mut().find(|key| **key == old)?;
                *own = new;
                Some(row)
            })
            .collect()
    }

    /// Removes a proposal.
    pub fn remove(&mut self, seq: i64) {
        let Some(row) = self.take_out(seq) else {
            return;
        };
        self.keys.remove(&row.proposal.key);
        let lane_id = row.proposal.lane();
        if let Some(lane) = self.lanes.get_mut(&lane_id) {
            lane.pauses.remove(&seq);
            lane.departed = lane.departed.filter(|departed| *departed != seq);
        }
        self.settle(&lane_id);
    }

    /// Puts a row in, in place of what was there under its number.
    fn put(&mut self, row: ProposalRow) {
        self.take_out(row.seq);
        let is_ours = row.backend == self.backend;
        self.register.add(&row, is_ours);
        let lane_id = row.proposal.lane();
        if is_ours {
            let lane = self.lanes.entry(lane_id.clone()).or_default();
            match row.stage {
                Stage::Parked { after, .. } => {
                    lane.parked.insert(row.seq, after);
                    if is_report(&row) {
                        lane.refused_reports.insert(row.seq);
                    }
                }
                _ if waits_for_receipt(&row) => {
                    lane.queued.insert(row.seq);
                }
                _ => {
                    lane.sent.insert(row.seq);
                }
            }
        }
        self.rows.insert(row.seq, row);
        self.settle(&lane_id);
    }

    /// Takes a row out; its lane has to be settled afterwards.
    fn take_out(&mut self, seq: i64) -> Option<ProposalRow> {
        let row = self.rows.remove(&seq)?;
        let is_ours = row.backend == self.backend;
        self.register.remove(&row, is_ours);
        if is_ours && let Some(lane) = self.lanes.get_mut(&row.proposal.lane()) {
            match row.stage {
                Stage::Parked { .. } => {
                    lane.parked.remove(&seq);
                    lane.refused_reports.remove(&seq);
                }
                _ if waits_for_receipt(&row) => {
                    lane.queued.remove(&seq);
                }
                _ => {
                    lane.sent.remove(&seq);
                }
            }
        }
        Some(row)
    }

    /// Brings the index of heads to where the lane stands; a lane that is empty is forgotten.
    fn settle(&mut self, lane_id: &LaneId) {
        let Some(lane) = self.lanes.get_mut(lane_id) else {
            return;
        };
        let may_send = lane.departed.is_none() || faults::has(Fault::IgnoreOrder);
        let next = lane.next().filter(|_| may_send);
        let row = next.and_then(|seq| self.rows.get(&seq));
        let head = row.map(|row| Head {
            seq: row.seq,
            officer: row.proposal.officer.clone(),
            paused_until: lane.pause_of(row.seq),
        });
        if head != lane.head {
            if let Some(before) = &lane.head {
                self.heads.remove(before);
            }
            if let Some(head) = &head {
                self.heads.add(head);
            }
            lane.head = head;
        }
        if lane.is_empty() {
            self.lanes.remove(lane_id);
        }
    }

    fn settle_all(&mut self) {
        let all: Vec<LaneId> = self.lanes.keys().cloned().collect();
        for lane_id in all {
            self.settle(&lane_id);
        }
    }

    /// Whether a new proposal of the lane would go out at once.
    pub fn is_lane_free(&self, lane: &LaneId) -> bool {
        self.lanes.get(lane).is_none_or(|lane| {
            lane.departed.is_none() && lane.queued.is_empty() && lane.refused_reports.is_empty()
        })
    }

    /// Whether anything is kept in the lane.
    pub fn has_lane(&self, lane: &LaneId) -> bool {
        self.lanes.contains_key(lane)
    }

    /// Whether an older proposal of the same lane was refused while this one was waiting behind it,
    /// or is the refused report of the matter, behind which everything waits.
    pub fn is_behind_parked(&self, row: &ProposalRow) -> bool {
        self.lanes
            .get(&row.proposal.lane())
            .is_some_and(|lane| lane.is_behind_parked(row.seq))
    }

    /// What waits in the lane behind a proposal, oldest first: whether it waits for that one changes
    /// when that one is parked, tried again or dropped.
    pub fn behind(&self, row: &ProposalRow) -> impl Iterator<Item = &ProposalRow> {
        let lane = self.lanes.get(&row.proposal.lane());
        let younger = (Bound::Excluded(row.seq), Bound::Unbounded);
        lane.into_iter()
            .flat_map(move |lane| lane.queued.range(younger))
            .filter_map(|seq| self.rows.get(seq))
    }

    /// What can be sent at `now` (monotonic), at most one proposal of each lane and `room` in all,
    /// oldest first.
    pub fn due(
        &self,
        now: Duration,
        room: usize,
        can_send: impl Fn(&OfficerId) -> bool,
    ) -> Vec<&ProposalRow> {
        if faults::has(Fault::ParkedBlocksAll) && self.register.has_parked() {
            return Vec::new();
        }
        let due = self.heads.due(now, room, can_send);
        due.iter().filter_map(|seq| self.rows.get(seq)).collect()
    }

    /// When (monotonic) the next paused lane may be tried; `None` when none is paused.
    pub fn next_try(&self, can_send: impl Fn(&OfficerId) -> bool) -> Option<Duration> {
        if faults::has(Fault::ParkedBlocksAll) && self.register.has_parked() {
            return None;
        }
        self.heads.next_try(can_send)
    }

    /// Until when (monotonic) the proposal pauses after a failure; `None` for all but the oldest of
    /// its lane.
    pub fn pause_of(&self, row: &ProposalRow) -> Option<Duration> {
        let lane = self.lanes.get(&row.proposal.lane())?;
        let is_head = lane.next() == Some(row.seq);
        lane.pause_of(row.seq).filter(|_| is_head)
    }

    /// Notes that a proposal has been handed out; `left_before` says whether an earlier try may
    /// have reached the backend.
    pub fn depart(&mut self, seq: i64, left_before: bool) {
        let Some(row) = self.rows.get_mut(&seq) else {
            return;
        };
        row.attempts = row.attempts.saturating_add(1);
        let lane_id = row.proposal.lane();
        if let Some(lane) = self.lanes.get_mut(&lane_id) {
            lane.departed = Some(seq);
            lane.is_answered = false;
            lane.is_doubted = false;
            lane.left_before = left_before;
            if let Some(pause) = lane.pauses.get_mut(&seq) {
                pause.until = None;
            }
        }
        self.settle(&lane_id);
    }

    /// The answer to a proposal that was handed out has come and is going to be taken.
    pub fn begin_answer(&mut self, seq: i64) {
        let row = self.rows.get(&seq).map(|row| row.proposal.lane());
        let lane = row.and_then(|lane| self.lanes.get_mut(&lane));
        if let Some(lane) = lane.filter(|lane| lane.departed == Some(seq)) {
            lane.is_answered = true;
        }
    }

    /// Nothing that was handed out will be answered any more, but for what has its answer: handed
    /// out again it would take that for the answer to the second try.
    pub fn abandon_departed(&mut self) {
        for lane in self.lanes.values_mut().filter(|lane| !lane.is_answered) {
            lane.departed = None;
        }
        self.settle_all();
    }

    /// Ends all pauses, because the line has come back.
    pub fn end_pauses(&mut self) {
        for lane in self.lanes.values_mut() {
            lane.pauses.clear();
        }
        self.settle_all();
    }

    /// Forgets what was said about the officer's session.
    pub fn forgive(&mut self, officer: &OfficerId) {
        for row in self.rows.values_mut() {
            if row.stage == Stage::Queued && row.proposal.officer == *officer {
                row.last_error = None;
            }
        }
    }

    /// Whether the proposal can be dropped without a trace: the backend cannot have it, or has
    /// refused it.
    pub fn can_drop(&self, row: &ProposalRow) -> bool {
        match row.stage {
            Stage::Queued if faults::has(Fault::DropAfterSent) => true,
            Stage::Parked { code, .. } => code != OUTCOME_UNKNOWN,
            Stage::Sent { .. } => false,
            Stage::Queued => {
                let departed = self
                    .lanes
                    .get(&row.proposal.lane())
                    .is_some_and(|lane| lane.departed == Some(row.seq));
                !row.has_left && !departed
            }
        }
    }

    /// Whether a withdrawal of the order is on its way already; one that was refused is not.
    pub fn has_withdrawal_of(&self, order: IntentKey) -> bool {
        let mut rows = self.register.withdrawals_of(order);
        rows.any(|seq| {
            self.rows
                .get(&seq)
                .is_some_and(|row| !matches!(row.stage, Stage::Parked { .. }))
        })
    }

    /// The proposal of that key with all that means nothing without it, in the order of the clicks:
    /// the withdrawals of an order, and whatever is wanted about the matter of a report.
    pub fn with_what_hangs_on(&self, key: IntentKey) -> Vec<ProposalRow> {
        let own = self.keys.get(&key).copied();
        let mut all: BTreeSet<i64> = own
            .into_iter()
            .chain(self.register.withdrawals_of(key))
            .collect();
        if let Some(report) = self.by_key(key).filter(|row| is_report(row)) {
            let lane = report.proposal.lane();
            let rows = self.rows.values();
            all.extend(
                rows.filter(|row| row.proposal.lane() == lane)
                    .map(|row| row.seq),
            );
        }
        self.rows_of(all)
    }

    fn rows_of(&self, seqs: impl IntoIterator<Item = i64>) -> Vec<ProposalRow> {
        let rows = seqs.into_iter().filter_map(|seq| self.rows.get(&seq));
        rows.cloned().collect()
    }

    /// Officers who have something in here. What is acknowledged counts until its effect has come:
    /// by then a backend that was restored may have to be asked again.
    pub fn officers(&self) -> HashSet<OfficerId> {
        self.register.officers()
    }

    /// Officers who have something that still has to be sent.
    pub fn senders(&self) -> HashSet<OfficerId> {
        self.register.senders()
    }

    /// Acknowledged proposals whose effect a cache at `cursor` holds; all of them for `None`.
    pub fn confirmed(&self, cursor: Option<u64>) -> Vec<ProposalRow> {
        self.rows_of(self.register.confirmed(cursor))
    }
}

fn is_report(row: &ProposalRow) -> bool {
    matches!(row.proposal.intent, Intent::Report { .. })
}

/// Whether it has still to be acknowledged in the log that is followed.
pub fn waits_for_receipt(row: &ProposalRow) -> bool {
    match row.stage {
        Stage::Queued => true,
        Stage::Parked { .. } => false,
        Stage::Sent { cursor, .. } => cursor == NOWHERE,
    }
}
