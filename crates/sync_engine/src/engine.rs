//! One hall's engine: cache, outbox, puller and sender put together.

mod desk;
mod versions;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use domain::trail::TrailEntry;
use domain::{IncidentId, IntentKey, Order, OrderId, Proposal, Timestamp};
use protocol::Reference;
use protocol::commands::Withdrawal;
use protocol::feed::{NoticeKind, OutboxItem, Picture, PushedView};
use protocol::heat::ReportPlaces;
use tokio::sync::{Notify, RwLock, watch};
use tokio::task::JoinHandle;

use crate::backoff::{Jitter, random_seed};
use crate::board::{Board, OutboxView, Subscription};
use crate::calls::Calls;
use crate::client::{Address, CallError, Client};
use crate::clock::Clock;
use crate::data_dir::DataDir;
use crate::errors::{OpenError, StoreError};
use crate::outbox::{Outbox, OutboxError};
use crate::pace::Pace;
use crate::puller::{Doubts, Puller, hold_time};
use crate::sender::Sender;
use crate::signing_in::SignIns;
use crate::store::cache::Cached;
use crate::store::outbox_db::Stored;
use crate::store::progress::Progress;
use crate::store::{Cache, CacheStore, Keyring, OutboxDb, OutboxStore, keys};

/// What an engine needs to know before it opens.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Directory of the databases.
    pub data_dir: PathBuf,
    /// The backend.
    pub address: Address,
    /// Name of the backend; it identifies what is cached and queued.
    pub backend: String,
    /// Where the key of the databases is kept; without one it is kept in a file of the directory.
    pub keyring: Option<Arc<dyn Keyring>>,
    /// What the cache may need on the disk, in bytes.
    pub cache_budget_bytes: u64,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Timeouts and pauses.
    pub pace: Pace,
}

/// What an engine is put together from, once its stores are open.
#[derive(Debug)]
pub struct EngineParts {
    /// The line to the backend.
    pub calls: Arc<dyn Calls>,
    /// The cache.
    pub cache: Arc<dyn CacheStore>,
    /// What the cache holds.
    pub cached: Cached,
    /// The outbox.
    pub outbox: Box<dyn OutboxStore>,
    /// What the outbox holds.
    pub stored: Stored,
    /// Name of the backend; it identifies what is cached and queued.
    pub backend: String,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Timeouts and pauses.
    pub pace: Pace,
    /// The source of all jitter; a fixed seed makes the pauses repeatable.
    pub jitter_seed: u64,
    /// Whether officers can sign in without the line once they have done so with it. The hash by
    /// which they are recognised is slow on purpose, and salted.
    pub keeps_verifiers: bool,
}

/// One hall's engine.
#[derive(Debug)]
pub struct Engine {
    board: Arc<Board>,
    cache: Arc<dyn CacheStore>,
    outbox: Arc<Outbox>,
    sign_ins: Arc<SignIns>,
    client: Arc<dyn Calls>,
    reference: Arc<RwLock<Option<Arc<Reference>>>>,
    clock: Arc<dyn Clock>,
    pace: Pace,
    backend: String,
    link: watch::Sender<bool>,
    progress: Mutex<Option<(Progress, Jitter)>>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    data_dir: Mutex<Option<DataDir>>,
}

impl Engine {
    /// Opens the data directory and shows what is in it; nothing runs yet.
    pub fn open(config: EngineConfig) -> Result<Self, OpenError> {
        let client = Arc::new(Client::new(&config.address, config.pace)?);
        let data_dir = DataDir::acquire(&config.data_dir)?;
        let now = config.clock.now();
        let keys = keys::find(data_dir.path(), config.keyring.as_ref(), now)?;
        let (outbox_db, stored) = OutboxDb::open(data_dir.path(), &keys, now)?;
        let (cache, cached) = Cache::open(data_dir.path(), &config.backend, &keys.current, now)?;
        let mut engine = Self::assemble(EngineParts {
            calls: client,
            cache: Arc::new(cache.with_budget(config.cache_budget_bytes)),
            cached,
            outbox: Box::new(outbox_db),
            stored,
            backend: config.backend,
            clock: config.clock,
            pace: config.pace,
            jitter_seed: random_seed(),
            keeps_verifiers: true,
        });
        engine.data_dir = Mutex::new(Some(data_dir));
        if let Some(fallback) = keys.warning {
            tracing::warn!(%fallback, "the key of the databases lies in a file");
            // At every start: who sits at the desk today may not have seen it then.
            engine.notify(NoticeKind::KeyInFile, fallback.to_string());
        }
        Ok(engine)
    }

    /// Puts an engine together and shows what its stores hold; nothing runs yet.
    pub fn assemble(parts: EngineParts) -> Self {
        let EngineParts { cached, stored, .. } = parts;
        let (civil, last_contact) = (parts.clock.now(), cached.progress.last_contact);
        let offset_ms = offset_at_start(civil, last_contact, cached.progress.clock_offset_ms);
        let now = civil.plus_ms(offset_ms);
        let line = Board::untried_line(&parts.backend, now, last_contact, offset_ms);
        let version = cached.reference.as_ref().map_or(0, |r| r.version);
        let board = Arc::new(Board::new(
            Arc::clone(&parts.clock),
            cached.situation,
            version,
            line,
        ));
        board.tell_if_notable(offset_ms);
        say_how_it_was_opened(
            &board,
            [
                (NoticeKind::CacheRebuilt, cached.kept_aside),
                (NoticeKind::CacheInMemory, cached.in_memory),
                (NoticeKind::NotEncrypted, stored.plain.clone()),
                (NoticeKind::StorageFailed, stored.stuck.clone()),
                (NoticeKind::OutboxRescued, stored.rescued.clone()),
                (NoticeKind::OutboxLocked, stored.locked.clone()),
            ],
        );
        let outbox = Outbox::new(
            (parts.outbox, stored),
            parts.backend.clone(),
            Arc::clone(&board),
            Arc::clone(&parts.clock),
            parts.pace,
            Jitter::seeded(parts.jitter_seed),
            cached.reference.clone(),
        );
        let jitter = Jitter::seeded(!parts.jitter_seed);
        let link = watch::Sender::new(true);
        let sign_ins = Arc::new(SignIns::new(
            Arc::clone(&parts.calls),
            Arc::clone(&outbox),
            Arc::clone(&board),
            Arc::clone(&parts.clock),
            parts.backend.clone(),
            link.subscribe(),
            parts.keeps_verifiers,
        ));
        Self {
            board,
            cache: parts.cache,
            outbox,
            sign_ins,
            client: parts.calls,
            reference: Arc::new(RwLock::new(cached.reference)),
            clock: parts.clock,
            pace: parts.pace,
            backend: parts.backend,
            link,
            progress: Mutex::new(Some((cached.progress, jitter))),
            tasks: Mutex::new(Vec::new()),
            data_dir: Mutex::new(None),
        }
    }

    /// Starts puller, sender, what signs officers in again and what holds the time on the current
    /// runtime; does nothing the second time.
    pub fn start(&self) {
        let taken = self
            .progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some((progress, jitter)) = taken else {
            return;
        };
        let suspicion = Arc::new(Notify::new());
        let puller = Puller {
            client: Arc::clone(&self.client),
            cache: Arc::clone(&self.cache),
            board: Arc::clone(&self.board),
            outbox: Arc::clone(&self.outbox),
            reference: Arc::clone(&self.reference),
            clock: Arc::clone(&self.clock),
            pace: self.pace,
            backend: self.backend.clone(),
            kept_offset_ms: progress.clock_offset_ms,
            progress,
            link: self.link.subscribe(),
            suspicion: Arc::clone(&suspicion),
            doubts: Doubts::default(),
            stage: Arc::default(),
            jitter: Arc::new(jitter),
            pruned_hour: None,
            is_over_budget: false,
            officers_met_at: None,
        };
        let sender = Sender {
            outbox: Arc::clone(&self.outbox),
            client: Arc::clone(&self.client),
            link: self.link.subscribe(),
            suspicion,
        };
        let sign_ins = Arc::clone(&self.sign_ins);
        let (board, cache) = (Arc::clone(&self.board), Arc::clone(&self.cache));
        let started = [
            tokio::spawn(puller.run()),
            tokio::spawn(sender.run()),
            tokio::spawn(sign_ins.run(self.pace.longest_send_backoff)),
            tokio::spawn(hold_time(board, cache, self.pace.clock_look)),
        ];
        self.tasks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(started);
    }

    /// Stops everything, closes the databases and lets go of the directory.
    pub async fn shutdown(&self) {
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            task.abort();
            // An aborted task ends with an error that says just that.
            task.await.ok();
        }
        self.board.close();
        self.outbox.close().await;
        self.cache.close().await;
        self.data_dir
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }

    /// Begins to watch the picture.
    pub fn subscribe(&self) -> Subscription {
        self.board.subscribe()
    }

    /// The present picture.
    pub fn picture(&self) -> Picture {
        self.board.picture()
    }

    /// Looks at the picture without copying it; its outbox is empty.
    pub fn read<T>(&self, look: impl FnOnce(&Picture) -> T) -> T {
        self.board.read(look)
    }

    /// The hall's clock corrected by the measured offset.
    pub fn now(&self) -> Timestamp {
        self.board.now()
    }

    /// Tells every window something once.
    pub fn notify(&self, kind: NoticeKind, detail: String) {
        self.board.notify(kind, detail);
    }

    /// Shows a view on every wall, or lets them return to their own.
    pub fn push_view(&self, view: Option<PushedView>) {
        self.board.push_view(view);
    }

    /// The reference data of the cache.
    pub async fn reference(&self) -> Option<Arc<Reference>> {
        self.reference.read().await.clone()
    }

    /// The trail of an incident, oldest first, as the cache has it.
    pub async fn trail(&self, incident: IncidentId) -> Result<Vec<TrailEntry>, StoreError> {
        self.cache.trail(incident).await
    }

    /// Where something was reported from an instant up to and without another, as the backend has it.
    /// It is not asked while the line is switched off.
    pub async fn reports(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<ReportPlaces, CallError> {
        if !*self.link.borrow() {
            return Err(CallError::Unreachable {
                detail: "线路已关闭 / the line is switched off".to_owned(),
                never_left: true,
            });
        }
        self.client.reports(from, until).await
    }

    /// The outbox as it is shown.
    pub fn outbox_items(&self) -> Vec<OutboxItem> {
        self.outbox.items()
    }

    /// Queues a proposal durably; returns whether its key was new.
    pub async fn commit(&self, proposal: Proposal) -> Result<bool, OutboxError> {
        let is_new = self.outbox.commit(proposal.clone()).await?;
        self.compare_if_old(&proposal).await;
        Ok(is_new)
    }

    /// Puts a proposal in the place of a parked one, by one commit; returns whether it was new.
    pub async fn replace_parked(
        &self,
        parked: IntentKey,
        proposal: Proposal,
    ) -> Result<bool, OutboxError> {
        let is_new = self.outbox.replace_parked(parked, proposal.clone()).await?;
        self.compare_if_old(&proposal).await;
        Ok(is_new)
    }

    /// Whether the effect of a proposal of this hall has come lately.
    pub fn has_come(&self, key: IntentKey) -> bool {
        self.outbox.has_come(key)
    }

    /// The proposal of a key, if the outbox has it.
    pub fn has_queued(&self, key: IntentKey) -> bool {
        self.outbox.intent_of(key).is_some()
    }

    /// The number under which a matter is shown now.
    pub fn number_of(&self, incident: IncidentId) -> IncidentId {
        self.read(|picture| picture.situation.number_of(incident))
    }

    /// An order as it is shown.
    pub fn order(&self, id: OrderId) -> Option<Order> {
        self.board.order(id)
    }

    /// Whether what had this key was dropped, taken back or exchanged lately: it is not taken again.
    pub fn is_given_up(&self, key: IntentKey) -> bool {
        self.outbox.is_given_up(key)
    }

    /// Drops an order that has not left, or queues `withdrawal` behind it.
    pub async fn withdraw(
        &self,
        order: OrderId,
        withdrawal: Proposal,
    ) -> Result<Withdrawal, OutboxError> {
        self.outbox.withdraw(order, withdrawal).await
    }

    /// Tries a parked proposal again.
    pub async fn retry_parked(&self, key: IntentKey) -> Result<(), OutboxError> {
        self.outbox.retry_parked(key).await
    }

    /// Drops a proposal that was refused, or that has not left.
    pub async fn drop_proposal(&self, key: IntentKey) -> Result<(), OutboxError> {
        self.outbox.drop_proposal(key).await
    }

    /// Stops or starts the line.
    pub fn set_link(&self, enabled: bool) {
        self.link.send_replace(enabled);
    }
}

/// The difference of the clocks to begin with, in milliseconds: the kept one, unless the machine has lost
/// its time since. It is later than the last contact, whatever the civil clock shows.
fn offset_at_start(civil: Timestamp, last_contact: Option<Timestamp>, kept_ms: i64) -> i64 {
    let least_ms = last_contact.map(|last| last.ms_since(civil));
    kept_ms.max(least_ms.unwrap_or(kept_ms))
}

/// Tells the officers what was out of order when the stores were opened.
fn say_how_it_was_opened(
    board: &Board,
    found: impl IntoIterator<Item = (NoticeKind, Option<String>)>,
) {
    for (kind, detail) in found {
        if let Some(detail) = detail {
            tracing::warn!(?kind, detail, "a store was not opened as it should be");
            board.notify(kind, detail);
        }
    }
}
