//! The sender's side of the outbox: what is due, what came of it, and when it may be forgotten.

use std::sync::Arc;
use std::time::Duration;

use domain::OfficerId;
use domain::situation::Record;
use protocol::feed::PictureChange;
use protocol::http::LogId;

use super::queue::{Answer, Job};
use super::{Outbox, State, shown};
use crate::errors::StoreError;
use crate::faults::{self, Fault};
use crate::finishing::finish;
use crate::store::database::Durability;
use crate::store::proposals::{ProposalRow, Stage};

impl Outbox {
    /// Takes what can be sent now, at most `room` proposals, one for each incident; where nothing gets
    /// through, only when it is time. Before they are handed out, the disk knows that they may have left.
    pub async fn take_due(&self, room: usize) -> Result<Vec<Job>, StoreError> {
        let _gate = self.gate.lock().await;
        let now = self.clock.monotonic();
        let rows: Vec<ProposalRow> = {
            let state = self.state();
            let is_too_soon = state.probing.until().is_some_and(|until| now < until);
            if !state.line_is_up || is_too_soon {
                return Ok(Vec::new());
            }
            let is_probing = room > 0 && state.probing.is_on();
            let more = if is_probing {
                state.probing.failures()
            } else {
                0
            };
            let due = state
                .queue
                .due(now, room + more, |officer| state.can_send(officer));
            let mut due: Vec<ProposalRow> = due.into_iter().cloned().collect();
            if is_probing {
                state.probing.choose(&mut due, room);
            }
            due
        };
        let unmarked: Vec<ProposalRow> = rows
            .iter()
            .filter(|row| !row.has_left)
            .map(|row| ProposalRow {
                has_left: true,
                ..row.clone()
            })
            .collect();
        if !unmarked.is_empty() && !faults::has(Fault::ForgetDeparture) {
            self.db.update(Durability::Synced, unmarked.clone()).await?;
        }
        if faults::has(Fault::DeleteBeforeReceipt) {
            let seqs = rows.iter().map(|row| row.seq).collect();
            self.db.delete(Durability::Synced, seqs).await?;
        }
        let mut state = self.state();
        for row in unmarked {
            state.queue.replace(row);
        }
        let log = state.met.clone();
        let log = log.filter(|_| !faults::has(Fault::SendToAnyLog));
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let token = state.sessions.get(&row.proposal.officer)?.token.clone()?;
                state
                    .queue
                    .depart(row.seq, row.has_left && row.attempts > 0);
                let mut proposal = row.proposal;
                if faults::has(Fault::NewKeyPerTry) {
                    proposal.key = faults::key_of_try(proposal.key, row.attempts);
                }
                Some(Job {
                    seq: row.seq,
                    proposal,
                    token,
                    log: log.clone(),
                })
            })
            .collect())
    }

    /// Takes the backend's answer to a proposal that was handed out; also to its end when whoever has
    /// brought it is given up in the middle, because the line is switched off.
    pub async fn answered(self: &Arc<Self>, seq: i64, answer: Answer) -> Result<(), StoreError> {
        let outbox = Arc::clone(self);
        self.state().queue.begin_answer(seq);
        let taken = async move { outbox.take_answer(seq, answer).await };
        finish(taken).await
    }

    async fn take_answer(&self, seq: i64, answer: Answer) -> Result<(), StoreError> {
        let _gate = self.gate.lock().await;
        let now = self.clock.monotonic();
        let at = self.board.now();
        let jitter = self.jitter.next();
        let is_rejected = matches!(answer, Answer::SignInNeeded { .. });
        let (before, row) = {
            let mut state = self.state();
            let before = state.queue.get(seq).cloned();
            if let (Answer::SignInNeeded { token, .. }, Some(row)) = (&answer, &before) {
                self.reject(&mut state, &row.proposal.officer, token);
            }
            let answer = match answer {
                Answer::Refused { message, .. } if faults::has(Fault::RetryRefused) => {
                    Answer::Failed {
                        detail: message,
                        never_left: false,
                    }
                }
                answer => answer,
            };
            if matches!(answer, Answer::Failed { .. }) {
                state.probing.failed(seq, now, &self.pace, jitter);
            } else {
                state.probing.got_through();
            }
            let row = state
                .queue
                .answered(seq, answer, now, at, &self.pace, jitter);
            (before, row)
        };
        let (Some(before), Some(row)) = (before, row) else {
            return Ok(());
        };
        // If a receipt is lost by a power cut, the proposal is sent again under its key, which is
        // harmless. A refusal that was shown must be shown again: a second try may end otherwise.
        let durability = match row.stage {
            Stage::Parked { .. } => Durability::Synced,
            Stage::Queued | Stage::Sent { .. } => Durability::Lazy,
        };
        let stored = self.db.update(durability, vec![row.clone()]).await;
        if stored.is_err() && row.stage != before.stage {
            // What is not on the disk is not shown: after a restart it would be taken back. The
            // proposal is sent again under its key until its answer can be kept.
            let mut state = self.state();
            state.queue.ask_again(before, now, &self.pace, jitter);
            drop(state);
            self.wake.notify_one();
            return stored;
        }
        self.show_answer(&before, &row);
        if is_rejected {
            // Everything of the officer waits for somebody to sign in.
            self.board.publish([PictureChange::Outbox(Vec::new())]);
        }
        self.wake.notify_one();
        stored?;
        if faults::has(Fault::ForgetOnReceipt) {
            return self.confirm_gated(None).await;
        }
        // The change log may have been quicker than the receipt.
        let cursor = self.state().cache_cursor;
        match cursor {
            Some(cursor) => self.confirm_gated(Some(cursor)).await,
            None => Ok(()),
        }
    }

    /// Shows where a proposal stands now.
    fn show_answer(&self, before: &ProposalRow, row: &ProposalRow) {
        let order = shown::progress(row, self.board.order(row.proposal.key));
        let order = order.map(|order| Record::Order(Box::new(order)));
        let glance = self.board.glance();
        let changed = {
            let state = self.state();
            if before.stage == row.stage {
                vec![self.item(&state, row, &glance)]
            } else {
                self.item_and_behind(&state, row, &glance)
            }
        };
        self.show(order.into_iter().collect(), changed, Vec::new());
        if matches!(before.stage, Stage::Sent { .. }) && matches!(row.stage, Stage::Parked { .. }) {
            self.show_as_refused(row);
        }
    }

    /// Shows as refused what was shown as sent: a restored backend has forgotten that it had
    /// acknowledged it. No order steps back by itself, so the windows get the picture anew.
    fn show_as_refused(&self, row: &ProposalRow) {
        let mut situation = self.board.read(|picture| picture.situation.clone());
        situation.orders.remove(&row.proposal.key);
        for echo in self.echoes(&situation) {
            situation.apply(echo);
        }
        self.board.replace(situation);
    }

    /// The backend no longer takes the token of an officer, who is signed in anew or asked to do so.
    fn reject(&self, state: &mut State, officer: &OfficerId, token: &str) {
        // The officer may have signed in again while the answer was on its way.
        let session = state.sessions.get(officer);
        if session.is_some_and(|session| session.token.as_deref() == Some(token))
            && state.rejected.insert(officer.clone())
        {
            self.refused.notify_one();
        }
    }

    /// Lets go of proposals that were handed out and will get no answer.
    pub fn abandon_departed(&self) {
        self.state().queue.abandon_departed();
        self.wake.notify_one();
    }

    /// Removes acknowledged proposals whose effect is in the cache, which has come to `cursor`.
    pub async fn confirm(&self, cursor: u64) -> Result<(), StoreError> {
        // Receipts are taken under the gate, so none slips between the cursor and the search.
        let _gate = self.gate.lock().await;
        self.state().cache_cursor = Some(cursor);
        self.confirm_gated(Some(cursor)).await
    }

    /// Takes it that all receipts so far are of this log, unless it is known better.
    pub fn assume_log(&self, log: Option<LogId>) {
        let mut state = self.state();
        if state.met.is_none() {
            state.met = log;
        }
    }

    /// The log that the backend was last seen to write.
    pub fn met_log(&self) -> Option<LogId> {
        self.state().met.clone()
    }

    /// The backend writes this log. Where it wrote another one before, it may have forgotten what it
    /// did: what it has acknowledged and not shown is sent again under its key, and only then
    /// anything else. Must be done before the cache is brought into the new log.
    pub async fn meet_log(&self, log: &LogId) -> Result<(), StoreError> {
        let _gate = self.gate.lock().await;
        if self.state().met.as_ref() == Some(log) {
            return Ok(());
        }
        if !faults::has(Fault::TrustOldReceipts) {
            self.doubt().await?;
        }
        self.state().met = Some(log.clone());
        Ok(())
    }

    async fn doubt(&self) -> Result<(), StoreError> {
        let rows = {
            let mut state = self.state();
            state.cache_cursor = None;
            state.queue.doubt()
        };
        if rows.is_empty() {
            return Ok(());
        }
        tracing::warn!(
            proposals = rows.len(),
            "what was acknowledged in another log is sent again"
        );
        self.db.update(Durability::Synced, rows.clone()).await?;
        {
            let mut state = self.state();
            for row in rows {
                state.queue.replace(row);
            }
        }
        self.board.publish([PictureChange::Outbox(Vec::new())]);
        self.wake.notify_one();
        Ok(())
    }

    async fn confirm_gated(&self, cursor: Option<u64>) -> Result<(), StoreError> {
        let rows = self.state().queue.confirmed(cursor);
        if rows.is_empty() {
            return Ok(());
        }
        let seqs = rows.iter().map(|row| row.seq).collect();
        self.db.delete(Durability::Lazy, seqs).await?;
        {
            let mut state = self.state();
            for row in &rows {
                state.queue.remove(row.seq);
                state.beyond.confirmed(row);
            }
        }
        self.show(
            Vec::new(),
            Vec::new(),
            rows.iter().map(|row| row.proposal.key).collect(),
        );
        self.forget_idle_sessions().await;
        Ok(())
    }

    /// Says whether the line can carry proposals; when it comes up, every pause ends.
    pub fn set_line(&self, is_up: bool) {
        let changed = {
            let mut state = self.state();
            let changed = state.line_is_up != is_up;
            state.line_is_up = is_up;
            if changed && is_up {
                state.queue.end_pauses();
                state.probing.got_through();
            }
            changed
        };
        if changed && !(is_up && faults::has(Fault::SleepThroughReconnect)) {
            self.board.publish([PictureChange::Outbox(Vec::new())]);
            self.wake.notify_one();
        }
        if changed && is_up {
            self.came_up.notify_one();
        }
    }

    /// Resolves when the line has come up.
    pub async fn line_came_up(&self) {
        self.came_up.notified().await;
    }

    /// Waits until the backend refuses somebody's token.
    pub async fn token_was_refused(&self) {
        self.refused.notified().await;
    }

    /// Whether the line can carry proposals.
    pub fn is_line_up(&self) -> bool {
        self.state().line_is_up
    }

    /// How long until something that failed is to be tried again; `None` when nothing waits.
    pub fn next_try_in(&self) -> Option<Duration> {
        let state = self.state();
        if !state.line_is_up {
            return None;
        }
        let now = self.clock.monotonic();
        let can_send = |officer: &OfficerId| state.can_send(officer);
        let next = match state.probing.until() {
            Some(until) if !state.queue.due(until.max(now), 1, can_send).is_empty() => Some(until),
            Some(until) => state.queue.next_try(can_send).map(|at| at.max(until)),
            None => state.queue.next_try(can_send),
        };
        next.map(|at| at.saturating_sub(now))
    }

    /// How many proposals may be under way at the same time, of `most`.
    pub fn side_by_side(&self, most: usize) -> usize {
        if self.state().probing.is_on() {
            1
        } else {
            most
        }
    }
}
