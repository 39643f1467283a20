//! The sender's side of the outbox: what is due, what came of it, and when it may be forgotten.

use std::time::Duration;

use domain::situation::Record;
use protocol::feed::PictureChange;

use super::queue::{Answer, Job};
use super::{Outbox, shown};
use crate::errors::StoreError;
use crate::faults::{self, Fault};
use crate::store::database::Durability;
use crate::store::proposals::{ProposalRow, Stage};

impl Outbox {
    /// Takes what can be sent now, at most `room` proposals, one for each incident. Before they
    /// are handed out, the disk knows that they may have left.
    pub async fn take_due(&self, room: usize) -> Result<Vec<Job>, StoreError> {
        let _gate = self.gate.lock().await;
        let now = self.clock.monotonic();
        let rows: Vec<ProposalRow> = {
            let state = self.state();
            if !state.line_is_up {
                return Ok(Vec::new());
            }
            state
                .queue
                .due(now, |officer| state.can_send(officer))
                .into_iter()
                .take(room)
                .cloned()
                .collect()
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
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let token = state.sessions.get(&row.proposal.officer)?.token.clone();
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
                })
            })
            .collect())
    }

    /// Takes the backend's answer to a proposal that was handed out.
    pub async fn answered(&self, seq: i64, answer: Answer) -> Result<(), StoreError> {
        let _gate = self.gate.lock().await;
        let now = self.clock.monotonic();
        let at = self.board.now();
        let jitter = self.jitter.next();
        let (before, row) = {
            let mut state = self.state();
            let before = state.queue.get(seq).cloned();
            if let (Answer::SignInNeeded { token, .. }, Some(row)) = (&answer, &before) {
                let officer = row.proposal.officer.clone();
                // The officer may have signed in again while the answer was on its way.
                let session = state.sessions.get(&officer);
                if session.is_some_and(|session| session.token == *token) {
                    state.rejected.insert(officer);
                }
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
        let order = shown::progress(&row, self.board.order(row.proposal.key));
        let order = order.map(|order| Record::Order(Box::new(order)));
        self.show(order.into_iter().collect(), Vec::new());
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

    /// Lets go of proposals that were handed out and will get no answer.
    pub fn abandon_departed(&self) {
        self.state().queue.abandon_departed();
        self.wake.notify_one();
    }

    /// Removes acknowledged proposals whose effect is in the cache, which has come to `cursor`;
    /// all of them for `None`, when the cache follows another log now.
    pub async fn confirm(&self, cursor: Option<u64>) -> Result<(), StoreError> {
        // Receipts are taken under the gate, so none slips between the cursor and the search.
        let _gate = self.gate.lock().await;
        self.state().cache_cursor = cursor;
        self.confirm_gated(cursor).await
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
            }
        }
        self.show(
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
            }
            changed
        };
        if changed && !(is_up && faults::has(Fault::SleepThroughReconnect)) {
            self.board.publish([PictureChange::Outbox(Vec::new())]);
            self.wake.notify_one();
        }
    }

    /// How long until something that failed is to be tried again; `None` when nothing waits.
    pub fn next_try_in(&self) -> Option<Duration> {
        let state = self.state();
        if !state.line_is_up {
            return None;
        }
        state
            .queue
            .next_try(|officer| state.can_send(officer))
            .map(|at| at.saturating_sub(self.clock.monotonic()))
    }
}
