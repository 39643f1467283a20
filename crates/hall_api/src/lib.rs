//! The commands of the shell as plain functions over the sync engine.
//!
//! [`Hall`] is one hall: its cache, its outbox and its line. Windows subscribe to its feed and call
//! its commands; nothing here knows which kind of window or transport asks.

mod config;
mod feed;
mod manifest;

use std::sync::Arc;

use domain::Timestamp;
use domain::trail::{Officer, TrailEntry};
use protocol::commands::{
    Act, DropParked, GetTrail, Propose, RetryParked, SendOrder, SetLink, SetMode, ShownProposal,
    SignInOfficer, WindowKind, WithdrawOrder, Withdrawal,
};
use protocol::feed::{NoticeKind, Picture};
use protocol::{ErrorCode, Reference, UiError};

pub use config::HallConfig;
pub use feed::Feed;
pub use manifest::COMMANDS;
pub use sync_engine::{Clock, OpenError, Pace, SystemClock};

/// One hall; clones are the same hall.
#[derive(Debug, Clone)]
pub struct Hall {
    inner: Arc<HallConfig>,
}

fn unfinished<T>() -> Result<T, UiError> {
    Err(UiError::fatal(ErrorCode::Internal, "not available yet"))
}

impl Hall {
    /// Opens the data directory and shows what the cache and the outbox hold; no task runs yet.
    pub fn open(config: HallConfig) -> Result<Self, OpenError> {
        Ok(Self {
            inner: Arc::new(config),
        })
    }

    /// Starts the puller and the sender on the current tokio runtime; does nothing the second time.
    pub fn start(&self) {}

    /// Stops all tasks and feeds and closes the databases. Queued orders stay on disk.
    pub async fn shutdown(&self) {}

    /// A feed for one window: a snapshot first, then deltas.
    pub fn subscribe(&self, _window: WindowKind) -> Feed {
        Feed {}
    }

    /// The present picture as a desk sees it.
    pub fn picture(&self) -> Picture {
        unimplemented!("the picture of {:?}", self.inner.data_dir)
    }

    /// The hall's clock corrected by the measured offset.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Tells every window something once.
    pub fn notify(&self, _kind: NoticeKind, _detail: impl Into<String>) {}

    /// The reference data of the cache; `None` until the first contact with a backend.
    pub async fn get_reference(&self) -> Result<Option<Reference>, UiError> {
        unfinished()
    }

    /// The trail of an incident, oldest first.
    pub async fn get_trail(&self, _command: GetTrail) -> Result<Vec<TrailEntry>, UiError> {
        unfinished()
    }

    /// Signs an officer in at the backend.
    pub async fn sign_in(&self, _command: SignInOfficer) -> Result<Officer, UiError> {
        unfinished()
    }

    /// Signs the officer out; queued orders keep their officer.
    pub async fn sign_out(&self) -> Result<(), UiError> {
        unfinished()
    }

    /// Ranks responders and mints (or repeats) the key of the intent.
    pub async fn propose(&self, _command: Propose) -> Result<ShownProposal, UiError> {
        unfinished()
    }

    /// Queues an order durably; every click on one proposal is one order.
    pub async fn send_order(&self, _command: SendOrder) -> Result<(), UiError> {
        unfinished()
    }

    /// Drops an order that has not left, or queues its withdrawal.
    pub async fn withdraw_order(&self, _command: WithdrawOrder) -> Result<Withdrawal, UiError> {
        unfinished()
    }

    /// Queues any other step on an incident.
    pub async fn act(&self, _command: Act) -> Result<(), UiError> {
        unfinished()
    }

    /// Queues a switch of the mode.
    pub async fn set_mode(&self, _command: SetMode) -> Result<(), UiError> {
        unfinished()
    }

    /// Tries a parked proposal again.
    pub async fn retry_parked(&self, _command: RetryParked) -> Result<(), UiError> {
        unfinished()
    }

    /// Drops a parked proposal.
    pub async fn drop_parked(&self, _command: DropParked) -> Result<(), UiError> {
        unfinished()
    }

    /// Stops or starts the line, for drills.
    pub async fn set_link(&self, _command: SetLink) -> Result<(), UiError> {
        unfinished()
    }
}
