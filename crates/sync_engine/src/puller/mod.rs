//! The puller: keeps the cache and the picture at the backend's present, and knows how the line is.
//!
//! One session is: hello, then a snapshot where the change log cannot be continued, then a question
//! for changes that is answered at once, and only behind that the line is up; then changes and
//! positions by two long polls until something breaks. What breaks becomes the state of the line,
//! and after a jittered pause the next session begins.

mod contact;
mod doubts;
mod positions;
mod session;
mod trouble;

use std::sync::Arc;
use std::time::Duration;

use protocol::Reference;
use protocol::feed::{LineState, NoticeKind};
use tokio::sync::{Notify, RwLock, watch};

use crate::backoff::{Jitter, pause};
use crate::board::Board;
use crate::calls::Calls;
use crate::clock::Clock;
use crate::errors::StoreError;
use crate::faults::{self, Fault};
use crate::outbox::Outbox;
use crate::pace::Pace;
use crate::store::CacheStore;
use crate::store::cache::Rebuilt;
use crate::store::progress::Progress;

pub use contact::hold_time;
pub use doubts::Doubts;
pub use trouble::Trouble;

/// What the puller works with.
#[derive(Debug)]
pub struct Puller {
    /// The backend.
    pub client: Arc<dyn Calls>,
    /// Where changes are kept.
    pub cache: Arc<dyn CacheStore>,
    /// Where they are shown.
    pub board: Arc<Board>,
    /// Told how the line is and how far the cache has come.
    pub outbox: Arc<Outbox>,
    /// The reference data in force.
    pub reference: Arc<RwLock<Option<Arc<Reference>>>>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Timeouts and pauses.
    pub pace: Pace,
    /// Label of the backend.
    pub backend: String,
    /// How far the cache has come.
    pub progress: Progress,
    /// Whether the line may be used.
    pub link: watch::Receiver<bool>,
    /// The sender could not reach the backend.
    pub suspicion: Arc<Notify>,
    /// How often it said so lately.
    pub doubts: Doubts,
    /// Held while a batch goes to disk and screen.
    pub stage: Arc<tokio::sync::Mutex<()>>,
    /// Spreads the pauses after failures.
    pub jitter: Arc<Jitter>,
    /// Hour since the epoch in which ended incidents were last removed.
    pub pruned_hour: Option<i64>,
    /// Whether the cache was found larger than its budget, which has been said.
    pub is_over_budget: bool,
    /// The difference of the clocks that the cache has, in milliseconds.
    pub kept_offset_ms: i64,
    /// When (monotonic) the backend last said how the officers stand.
    pub officers_met_at: Option<Duration>,
}

impl Puller {
    /// Pulls until the task is aborted.
    pub async fn run(mut self) {
        let mut link = self.link.clone();
        let mut failures = 0;
        loop {
            if !*link.borrow_and_update() {
                self.line_is(LineState::SwitchedOff, String::new());
                failures = 0;
                if link.changed().await.is_err() {
                    return;
                }
                self.line_is(LineState::Connecting, String::new());
                continue;
            }
            let trouble = tokio::select! {
                biased;
                trouble = self.session(&mut failures) => trouble,
                changed = link.changed() => {
                    if changed.is_err() { return; }
                    continue;
                }
            };
            tracing::info!(state = ?trouble.state(), %trouble, "the line is broken");
            self.line_is(trouble.state(), trouble.to_string());
            self.mend(&trouble).await;
            failures += 1;
            let rest = pause(
                failures,
                self.pace.first_backoff,
                self.pace.longest_line_backoff,
                self.jitter.next(),
            );
            tokio::select! {
                biased;
                () = tokio::time::sleep(rest) => {}
                changed = link.changed() => if changed.is_err() { return },
            }
        }
    }

    fn line_is(&self, state: LineState, detail: String) {
        let is_up = state == LineState::Online;
        self.board.set_line(|line| {
            line.state = state;
            line.detail = detail;
        });
        self.outbox.set_line(is_up);
    }

    /// Does about the trouble what waiting alone would not do.
    async fn mend(&mut self, trouble: &Trouble) {
        match trouble {
            Trouble::Store(StoreError::Damaged { path, cause }) if path == self.cache.path() => {
                let rebuilt = self
                    .cache
                    .rebuild(self.backend.clone(), self.clock.now())
                    .await;
                match rebuilt {
                    Ok(rebuilt) => {
                        let (kind, detail) = match rebuilt {
                            Rebuilt::OnDisk { aside } => (
                                NoticeKind::CacheRebuilt,
                                format!("{} ({cause})", aside.display()),
                            ),
                            Rebuilt::InMemory { cause } => (NoticeKind::CacheInMemory, cause),
                        };
                        self.board.notify(kind, detail);
                        self.keep_reference().await;
                    }
                    Err(error) => self.say_unwritable(error.to_string()),
                }
            }
            Trouble::Store(StoreError::DiskFull { path }) if path == self.cache.path() => {
                // Duty goes on: what cannot be stored is shown all the same, from the backend.
                match self.cache.leave_disk().await {
                    Ok(()) => {
                        let detail = trouble.to_string();
                        self.board.notify(NoticeKind::CacheInMemory, detail);
                    }
                    Err(error) => self.say_unwritable(error.to_string()),
                }
            }
            Trouble::Store(error) => self.say_unwritable(error.to_string()),
            _ => {}
        }
    }

    fn say_unwritable(&self, detail: String) {
        self.board.notify_once(NoticeKind::StorageFailed, detail);
    }

    /// Puts the reference data that is in force into a cache that has lost it. Where that fails it is
    /// fetched anew.
    async fn keep_reference(&self) {
        if faults::has(Fault::LoseReference) {
            return;
        }
        let mut held = self.reference.write().await;
        if let Some(reference) = held.clone()
            && let Err(error) = self.cache.put_reference(reference).await
        {
            tracing::warn!(%error, "the reference data could not be kept");
            *held = None;
        }
    }
}
