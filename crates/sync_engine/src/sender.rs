//! The sender: carries what the outbox hands out to the backend and brings the answers back.

use std::sync::Arc;

use protocol::errors::ErrorCode;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::calls::Calls;
use crate::client::CallError;
use crate::outbox::Outbox;
use crate::outbox::queue::{Answer, Job};

/// Proposals under way at the same time, each about another incident.
const SIDE_BY_SIDE: usize = 8;

/// What the sender works with.
#[derive(Debug)]
pub struct Sender {
    /// Where proposals come from.
    pub outbox: Arc<Outbox>,
    /// Where they go.
    pub client: Arc<dyn Calls>,
    /// Whether the line may be used.
    pub link: watch::Receiver<bool>,
    /// Told when the backend could not be reached, so that the line is looked at.
    pub suspicion: Arc<Notify>,
}

impl Sender {
    /// Sends until the task is aborted. It wakes when something is queued, when the line comes up
    /// and when a pause ends.
    pub async fn run(mut self) {
        let mut under_way = JoinSet::new();
        loop {
            if *self.link.borrow_and_update() {
                self.send_due(&mut under_way).await;
            } else if !under_way.is_empty() {
                // Answers that are cut off are asked for again under the same keys.
                under_way.shutdown().await;
                self.outbox.abandon_departed();
            }
            // Where nothing more can be sent, a try that is due must wait for an answer or the line:
            // looking at it again and again would keep a processor busy until then.
            let most = self.outbox.side_by_side(SIDE_BY_SIDE);
            let may_send = *self.link.borrow() && under_way.len() < most;
            let next_try = may_send.then(|| self.outbox.next_try_in()).flatten();
            // In the order written, so that one seed of a simulation is one history. Everything that
            // is ready is looked at in the next round, whichever woke this one.
            tokio::select! {
                biased;
                () = self.outbox.woken() => {}
                Some(_) = under_way.join_next() => {}
                () = sleep_or_forever(next_try) => {}
                changed = self.link.changed() => if changed.is_err() { return },
            }
        }
    }

    async fn send_due(&self, under_way: &mut JoinSet<()>) {
        while under_way.try_join_next().is_some() {}
        let most = self.outbox.side_by_side(SIDE_BY_SIDE);
        let room = most.saturating_sub(under_way.len());
        match self.outbox.take_due(room).await {
            Ok(jobs) => {
                for job in jobs {
                    under_way.spawn(send(
                        Arc::clone(&self.outbox),
                        Arc::clone(&self.client),
                        Arc::clone(&self.suspicion),
                        job,
                    ));
                }
            }
            Err(error) => {
                tracing::error!(%error, "nothing is sent because the outbox cannot be written");
                self.outbox.say_damaged(&error);
                // The disk is tried again at this pace; nothing wakes the sender when it is mended.
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                self.outbox.wake_up();
            }
        }
    }
}

async fn send(outbox: Arc<Outbox>, client: Arc<dyn Calls>, suspicion: Arc<Notify>, job: Job) {
    let result = client
        .propose(&job.proposal, &job.token, job.log.as_ref())
        .await;
    if result.as_ref().is_err_and(asks_for_a_greeting) {
        suspicion.notify_one();
    }
    let answer = match result {
        Ok(receipt) => Answer::Receipt {
            recorded_at: receipt.recorded_at,
            cursor: receipt.cursor,
        },
        Err(error) => answer_of(error, job.token),
    };
    if let Answer::Refused { code, message, .. } = &answer {
        tracing::warn!(key = %job.proposal.key, ?code, message, "the backend refused a proposal");
    }
    if let Err(error) = outbox.answered(job.seq, answer).await {
        tracing::error!(%error, key = %job.proposal.key, "an answer could not be stored");
        outbox.say_damaged(&error);
    }
}

/// Whether the line, or who is at its other end, has to be looked at.
fn asks_for_a_greeting(error: &CallError) -> bool {
    match error {
        CallError::Unreachable { .. } | CallError::OtherProtocol { .. } => true,
        CallError::Refused(problem) => problem.code == ErrorCode::OtherLog,
        _ => false,
    }
}

fn answer_of(error: CallError, token: String) -> Answer {
    match error {
        CallError::Refused(problem) => match problem.code {
            ErrorCode::SignInNeeded => Answer::SignInNeeded {
                token,
                message: problem.message,
            },
            // Another copy may have arrived before the backend was started anew.
            ErrorCode::ProtocolMismatch | ErrorCode::OtherLog => Answer::Failed {
                detail: problem.message,
                never_left: false,
            },
            code => Answer::Refused {
                code,
                message: problem.message,
                conflict: problem.conflict,
            },
        },
        CallError::Unreachable { detail, never_left } => Answer::Failed { detail, never_left },
        other => Answer::Failed {
            detail: other.to_string(),
            never_left: false,
        },
    }
}

/// Sleeps for the time given, or until the future is dropped.
pub async fn sleep_or_forever(duration: Option<std::time::Duration>) {
    match duration {
        Some(duration) => tokio::time::sleep(duration).await,
        None => std::future::pending().await,
    }
}
