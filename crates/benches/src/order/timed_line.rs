//! A hall's line to its backend that notes when the last receipt was in the hall's hands.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::Proposal;
use protocol::Reference;
use protocol::http::{
    Changes, Hello, LogId, LogPlace, OfficerStanding, Positions, Receipt, SignIn, SignedIn,
    Snapshot,
};
use sync_engine::calls::{Call, Calls};
use sync_engine::client::Client;

use crate::report::begin;

/// The line of a real hall.
#[derive(Debug)]
pub struct TimedLine {
    client: Client,
    answered: Mutex<Option<Instant>>,
}

impl TimedLine {
    /// The line over which a client talks.
    pub const fn new(client: Client) -> Self {
        Self {
            client,
            answered: Mutex::new(None),
        }
    }

    /// When the last receipt came.
    pub fn answered(&self) -> Option<Instant> {
        *self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Calls for TimedLine {
    fn hello(&self) -> Call<'_, Hello> {
        Calls::hello(&self.client)
    }
    fn snapshot(&self, known: Option<LogPlace>) -> Call<'_, Snapshot> {
        Calls::snapshot(&self.client, known)
    }
    fn reference(&self) -> Call<'_, Reference> {
        Calls::reference(&self.client)
    }
    fn changes(&self, after: LogPlace, wait: Duration) -> Call<'_, Changes> {
        Calls::changes(&self.client, after, wait)
    }
    fn is_receiving_changes(&self) -> bool {
        self.client.is_receiving_changes()
    }
    fn positions(&self, after: u64) -> Call<'_, Positions> {
        Calls::positions(&self.client, after)
    }
    fn sign_in<'a>(&'a self, sign_in: &'a SignIn) -> Call<'a, SignedIn> {
        Calls::sign_in(&self.client, sign_in)
    }
    fn officers(&self) -> Call<'_, Vec<OfficerStanding>> {
        Calls::officers(&self.client)
    }
    fn sign_out<'a>(&'a self, token: &'a str) -> Call<'a, ()> {
        Calls::sign_out(&self.client, token)
    }
    fn propose<'a>(
        &'a self,
        proposal: &'a Proposal,
        token: &'a str,
        log: Option<&'a LogId>,
    ) -> Call<'a, Receipt> {
        Box::pin(async move {
            let answer = self.client.propose(proposal, token, log).await;
            if answer.is_ok() {
                let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
                *answered = Some(begin());
            }
            answer
        })
    }
}
