//! The queue as a plain value: first in, first out for each incident, incidents side by side.
//!
//! It knows no disk, no network and no clock; whoever owns it does the work and tells it what came
//! of it, so that the order of things can be tested and simulated exhaustively.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use domain::{IncidentId, Intent, IntentKey, OfficerId, Proposal, Timestamp};
use protocol::errors::ErrorCode;

use crate::backoff::pause;
use crate::faults::{self, Fault};
use crate::pace::Pace;
use crate::store::proposals::{ProposalRow, Stage};

/// The queue that a proposal joins: its incident's, or the hall's own.
pub type LaneId = Option<IncidentId>;

/// A proposal on its way out.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its number.
    pub seq: i64,
    /// What to send.
    pub proposal: Proposal,
    /// Under which token.
    pub token: String,
}

/// What became of a proposal that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The backend has carried it out, now or before.
    Receipt {
        /// When it recorded it.
        recorded_at: Timestamp,
        /// Cursor of the last change it made.
        cursor: u64,
    },
    /// The backend will not carry it out.
    Refused {
        /// Why, for programs.
        code: ErrorCode,
        /// Why, for people.
        message: String,
    },
    /// The officer's session has ended.
    SignInNeeded {
        /// The token that the backend no longer takes.
        token: String,
        /// What the backend says.
        message: String,
    },
    /// No answer, or none that decides anything.
    Failed {
        /// In words.
        detail: String,
        /// Whether it is certain that the backend saw nothing of it.
        never_left: bool,
    },
}

#[derive(Debug, Default)]
struct Lane {
    seqs: Vec<i64>,
    departed: Option<i64>,
    /// Whether an earlier try of the departed proposal may have reached the backend.
    left_before: bool,
    failures: u32,
    paused_until: Option<Duration>,
}

/// All proposals of the outbox in memory.
#[derive(Debug)]
pub struct Queue {
    backend: String,
    rows: BTreeMap<i64, ProposalRow>,
    keys: HashMap<IntentKey, i64>,
    lanes: BTreeMap<LaneId, Lane>,
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
        if row.backend == self.backend {
            let lane = self
                .lanes
                .entry(row.proposal.intent.incident())
                .or_default();
            if let Err(place) = lane.seqs.binary_search(&row.seq) {
                lane.seqs.insert(place, row.seq);
            }
        }
        self.rows.insert(row.seq, row);
    }

    /// Takes over a changed row; its pause ends.
    pub fn replace(&mut self, row: ProposalRow) {
        if let Some(lane) = self.lanes.get_mut(&row.proposal.intent.incident()) {
            lane.paused_until = None;
        }
        self.rows.insert(row.seq, row);
    }

    /// Removes a proposal.
    pub fn remove(&mut self, seq: i64) {
        let Some(row) = self.rows.remove(&seq) else {
            return;
        };
        self.keys.remove(&row.proposal.key);
        let lane_id = row.proposal.intent.incident();
        if let Some(lane) = self.lanes.get_mut(&lane_id) {
            lane.seqs.retain(|s| *s != seq);
            if lane.departed == Some(seq) {
                lane.departed = None;
            }
            if lane.seqs.is_empty() {
                self.lanes.remove(&lane_id);
            }
        }
    }

    /// Whether a new proposal of the lane would go out at once.
    pub fn is_lane_free(&self, lane: LaneId) -> bool {
        self.lanes.get(&lane).is_none_or(|lane| {
            lane.departed.is_none()
                && lane.paused_until.is_none()
                && self.queued(lane).next().is_none()
                && !self.has_refused_report(lane)
        })
    }

    /// Whether anything is kept about an incident.
    pub fn has_lane(&self, incident: IncidentId) -> bool {
        self.lanes.contains_key(&Some(incident))
    }

    /// Whether the lane begins with a report that was refused: nothing can be carried out about a
    /// matter that the backend does not know.
    fn has_refused_report(&self, lane: &Lane) -> bool {
        let rows = lane.seqs.iter().filter_map(|seq| self.rows.get(seq));
        rows.filter(|row| is_report(row))
            .any(|row| matches!(row.stage, Stage::Parked { .. }))
    }

    /// Rows of the lane that wait, oldest first.
    fn queued<'a>(&'a self, lane: &'a Lane) -> impl Iterator<Item = &'a ProposalRow> {
        lane.seqs
            .iter()
            .filter_map(|seq| self.rows.get(seq))
            .filter(|row| row.stage == Stage::Queued)
    }

    /// Whether an older proposal of the same lane was refused while this one was waiting behind it,
    /// or is the refused report of the matter, behind which everything waits.
    pub fn is_behind_parked(&self, row: &ProposalRow) -> bool {
        let Some(lane) = self.lanes.get(&row.proposal.intent.incident()) else {
            return false;
        };
        lane.seqs
            .iter()
            .take_while(|seq| **seq < row.seq)
            .filter_map(|seq| self.rows.get(seq))
            .any(|older| match older.stage {
                Stage::Parked { after, .. } => row.seq <= after || is_report(older),
                _ => false,
            })
    }

    /// The proposal that the lane sends next: always its oldest one, or none.
    fn head<'a>(&'a self, lane: &'a Lane) -> Option<&'a ProposalRow> {
        if faults::has(Fault::NewestFirst) {
            return self.queued(lane).last();
        }
        self.queued(lane)
            .find(|row| !faults::has(Fault::IgnoreOrder) || lane.departed < Some(row.seq))
            .filter(|row| !self.is_behind_parked(row))
    }

    fn has_parked(&self) -> bool {
        let mut rows = self.rows.values();
        rows.any(|row| matches!(row.stage, Stage::Parked { .. }))
    }

    fn ready(
        &self,
        can_send: impl Fn(&OfficerId) -> bool,
    ) -> impl Iterator<Item = (&Lane, &ProposalRow)> {
        self.lanes
            .values()
            .filter(|lane| lane.departed.is_none() || faults::has(Fault::IgnoreOrder))
            .filter(|_| !faults::has(Fault::ParkedBlocksAll) || !self.has_parked())
            .filter_map(|lane| Some((lane, self.head(lane)?)))
            .filter(move |(_, row)| can_send(&row.proposal.officer))
    }

    /// What can be sent at `now` (monotonic), at most one proposal of each lane, oldest first.
    pub fn due(&self, now: Duration, can_send: impl Fn(&OfficerId) -> bool) -> Vec<&ProposalRow> {
        let mut due: Vec<_> = self
            .ready(can_send)
            .filter(|(lane, _)| lane.paused_until.is_none_or(|until| until <= now))
            .map(|(_, row)| row)
            .collect();
        due.sort_unstable_by_key(|row| row.seq);
        due
    }

    /// When (monotonic) the next paused lane may be tried; `None` when none is paused.
    pub fn next_try(&self, can_send: impl Fn(&OfficerId) -> bool) -> Option<Duration> {
        self.ready(can_send)
            .filter_map(|(lane, _)| lane.paused_until)
            .min()
    }

    /// Until when (monotonic) the proposal pauses after a failure; `None` for all but the oldest of
    /// its lane.
    pub fn pause_of(&self, row: &ProposalRow) -> Option<Duration> {
        let lane = self.lanes.get(&row.proposal.intent.incident())?;
        let is_head = self.head(lane).is_some_and(|head| head.seq == row.seq);
        lane.paused_until.filter(|_| is_head)
    }

    /// Notes that a proposal has been handed out; `left_before` says whether an earlier try may
    /// have reached the backend.
    pub fn depart(&mut self, seq: i64, left_before: bool) {
        let Some(row) = self.rows.get_mut(&seq) else {
            return;
        };
        row.attempts = row.attempts.saturating_add(1);
        if let Some(lane) = self.lanes.get_mut(&row.proposal.intent.incident()) {
            lane.departed = Some(seq);
            lane.left_before = left_before;
            lane.paused_until = None;
        }
    }

    /// Nothing that was handed out will be answered any more.
    pub fn abandon_departed(&mut self) {
        for lane in self.lanes.values_mut() {
            lane.departed = None;
        }
    }

    /// Takes an answer; returns the changed row.
    pub fn answered(
        &mut self,
        seq: i64,
        answer: Answer,
        now: Duration,
        at: Timestamp,
        pace: &Pace,
        jitter: f64,
    ) -> Option<ProposalRow> {
        let newest = self.newest;
        let row = self.rows.get_mut(&seq)?;
        let lane = self.lanes.get_mut(&row.proposal.intent.incident())?;
        if lane.departed != Some(seq) && !faults::has(Fault::IgnoreOrder) {
            return None;
        }
        lane.departed = None;
        lane.paused_until = None;
        let failures = std::mem::take(&mut lane.failures);
        match answer {
            Answer::Receipt {
                recorded_at,
                cursor,
            } => {
                row.last_error = None;
                row.stage = Stage::Sent {
                    recorded_at,
                    cursor,
                };
            }
            Answer::Refused { code, message } => {
                row.last_error = Some(message);
                row.stage = Stage::Parked {
                    code,
                    after: newest,
                    at,
                };
            }
            Answer::SignInNeeded { message, .. } => row.last_error = Some(message),
            Answer::Failed { detail, never_left } => {
                row.last_error = Some(detail);
                row.has_left = lane.left_before || !never_left;
                lane.failures = failures.saturating_add(1);
                lane.paused_until = Some(
                    now + pause(
                        lane.failures,
                        pace.first_backoff,
                        pace.longest_send_backoff,
                        jitter,
                    ),
                );
            }
        }
        Some(row.clone())
    }

    /// Goes back to `before`, the row as it was when it was handed out, because its answer could not
    /// be kept; it is tried again after a pause.
    pub fn ask_again(&mut self, before: ProposalRow, now: Duration, pace: &Pace, jitter: f64) {
        let Some(lane) = self.lanes.get_mut(&before.proposal.intent.incident()) else {
            return;
        };
        lane.failures = before.attempts;
        let rest = pause(
            lane.failures,
            pace.first_backoff,
            pace.longest_send_backoff,
            jitter,
        );
        lane.paused_until = Some(now + rest);
        self.rows.insert(before.seq, before);
    }

    /// Ends all pauses, because the line has come back.
    pub fn end_pauses(&mut self) {
        for lane in self.lanes.values_mut() {
            lane.paused_until = None;
            lane.failures = 0;
        }
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
            Stage::Parked { .. } => true,
            Stage::Sent { .. } => false,
            Stage::Queued => {
                let departed = self
                    .lanes
                    .get(&row.proposal.intent.incident())
                    .is_some_and(|lane| lane.departed == Some(row.seq));
                !row.has_left && !departed
            }
        }
    }

    /// Whether a withdrawal of the order waits already.
    pub fn has_withdrawal_of(&self, order: IntentKey) -> bool {
        self.rows.values().any(|row| is_withdrawal(row, order))
    }

    /// The proposal of that key with all that means nothing without it: the withdrawals of an
    /// order, and whatever is wanted about the matter of a report.
    pub fn with_what_hangs_on(&self, key: IntentKey) -> Vec<ProposalRow> {
        let asked = self.by_key(key);
        let reported = asked
            .filter(|row| is_report(row))
            .map(|row| row.proposal.intent.incident());
        self.rows
            .values()
            .filter(|row| {
                row.proposal.key == key
                    || is_withdrawal(row, key)
                    || reported.is_some_and(|lane| row.proposal.intent.incident() == lane)
            })
            .cloned()
            .collect()
    }

    /// Officers who have something that still has to be sent.
    pub fn officers(&self) -> HashSet<OfficerId> {
        self.rows
            .values()
            .filter(|row| row.backend == self.backend && !matches!(row.stage, Stage::Sent { .. }))
            .map(|row| row.proposal.officer.clone())
            .collect()
    }

    fn is_confirmed(&self, row: &ProposalRow, cursor: Option<u64>) -> bool {
        row.backend == self.backend
            && matches!(row.stage, Stage::Sent { cursor: at, .. } if cursor.is_none_or(|c| at <= c))
    }

    /// Acknowledged proposals whose effect a cache at `cursor` holds; all of them for `None`.
    pub fn confirmed(&self, cursor: Option<u64>) -> Vec<ProposalRow> {
        self.rows
            .values()
            .filter(|row| self.is_confirmed(row, cursor))
            .cloned()
            .collect()
    }
}

fn is_report(row: &ProposalRow) -> bool {
    matches!(row.proposal.intent, Intent::Report { .. })
}

fn is_withdrawal(row: &ProposalRow, order: IntentKey) -> bool {
    matches!(&row.proposal.intent, Intent::WithdrawOrder { order: o, .. } if *o == order)
}
