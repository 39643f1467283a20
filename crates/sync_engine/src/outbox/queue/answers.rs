//! What comes back for a proposal that was sent, and what the queue makes of it.

use std::time::Duration;

use domain::Timestamp;
use domain::conflicts::Conflict;
use protocol::errors::ErrorCode;

use super::lane::Pause;
use super::{NOWHERE, Queue};
use crate::faults::{self, Fault};
use crate::pace::Pace;
use crate::store::proposals::{ProposalRow, Stage};

/// What became of a proposal that was sent.
#[derive(Debug, Clone, PartialEq)]
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
        /// What others have done, where that is why.
        conflict: Option<Box<Conflict>>,
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

impl Queue {
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
        let mut row = self.rows.get(&seq)?.clone();
        let lane = self.lanes.get_mut(&row.proposal.lane())?;
        if lane.departed != Some(seq) && !faults::has(Fault::IgnoreOrder) {
            return None;
        }
        lane.departed = None;
        lane.is_answered = false;
        let failures = lane.pauses.remove(&seq).map_or(0, |pause| pause.failures);
        let answer = match answer {
            Answer::Receipt { .. } if lane.is_doubted => Answer::Failed {
                detail: "the receipt may be of a log that has been replaced".to_owned(),
                never_left: false,
            },
            answer => answer,
        };
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
            Answer::Refused {
                code,
                message,
                conflict,
            } => {
                row.last_error = Some(message);
                row.conflict = conflict;
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
                let failures = failures.saturating_add(1);
                lane.pauses
                    .insert(seq, Pause::after(failures, now, pace, jitter));
            }
        }
        self.put(row.clone());
        Some(row)
    }

    /// Goes back to `before`, the row as it was when it was handed out, because its answer could not
    /// be kept; it is tried again after a pause.
    pub fn ask_again(&mut self, before: ProposalRow, now: Duration, pace: &Pace, jitter: f64) {
        let Some(lane) = self.lanes.get_mut(&before.proposal.lane()) else {
            return;
        };
        let pause = Pause::after(before.attempts, now, pace, jitter);
        lane.pauses.insert(before.seq, pause);
        self.put(before);
    }

    /// The change log was replaced: what was acknowledged in the one before is sent again. Returns
    /// the rows that change by that; they are taken over by [`Self::replace`] once they are stored.
    pub fn doubt(&mut self) -> Vec<ProposalRow> {
        for lane in self.lanes.values_mut() {
            lane.is_doubted = true;
        }
        let ours = self.rows.values().filter(|row| row.backend == self.backend);
        ours.filter_map(|row| {
            let mut row = row.clone();
            match &mut row.stage {
                Stage::Sent { cursor, .. } if *cursor != NOWHERE => *cursor = NOWHERE,
                _ => return None,
            }
            Some(row)
        })
        .collect()
    }
}
