//! One hall's engine: cache, outbox, puller and sender put together.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use domain::trail::{Officer, TrailEntry};
use domain::{IncidentId, IntentKey, Order, OrderId, Proposal, Timestamp};
use protocol::Reference;
use protocol::commands::Withdrawal;
use protocol::feed::{NoticeKind, Picture, PushedView};
use protocol::http::SignIn;
use tokio::sync::{Notify, RwLock, watch};
use tokio::task::JoinHandle;

use crate::backoff::{Jitter, random_seed};
use crate::board::{Board, Subscription};
use crate::calls::Calls;
use crate::client::{Address, CallError, Client};
use crate::clock::Clock;
use crate::data_dir::DataDir;
use crate::errors::{OpenError, StoreError};
use crate::outbox::{Outbox, OutboxError};
use crate::pace::Pace;
use crate::puller::Puller;
use crate::sender::Sender;
use crate::store::cache::Cached;
use crate::store::outbox_db::Stored;
use crate::store::progress::Progress;
use crate::store::sessions::Session;
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
}

/// Why an officer could not be signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The line is switched off.
    #[error("the line is switched off")]
    SwitchedOff,
    /// The backend could not be asked, or says no.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The session could not be put on the disk.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

/// One hall's engine.
#[derive(Debug)]
pub struct Engine {
    board: Arc<Board>,
    cache: Arc<dyn CacheStore>,
    outbox: Arc<Outbox>,
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
            cache: Arc::new(cache),
            cached,
            outbox: Box::new(outbox_db),
            stored,
            backend: config.backend,
            clock: config.clock,
            pace: config.pace,
            jitter_seed: random_seed(),
        });
        engine.data_dir = Mutex::new(Some(data_dir));
        if let Some(fallback) = keys.warning {
            tracing::warn!(%fallback, "the key of the databases lies in a file");
            // Said on the screens when it comes about and not at every start for ever.
            if fallback.cause.is_some() {
                engine.notify(NoticeKind::KeyInFile, fallback.to_string());
            }
        }
        Ok(engine)
    }

    /// Puts an engine together and shows what its stores hold; nothing runs yet.
    pub fn assemble(parts: EngineParts) -> Self {
        let EngineParts { cached, stored, .. } = parts;
        let line = Board::untried_line(
            &parts.backend,
            parts.clock.now(),
            cached.progress.last_contact,
            cached.progress.clock_offset_ms,
        );
        let version = cached.reference.as_ref().map_or(0, |r| r.version);
        let board = Arc::new(Board::new(
            Arc::clone(&parts.clock),
            cached.situation,
            version,
            line,
        ));
        if let Some(detail) = cached.kept_aside {
            board.notify(NoticeKind::CacheRebuilt, detail);
        }
        if let Some(detail) = stored.rescued.clone() {
            board.notify(NoticeKind::OutboxRescued, detail);
        }
        if let Some(detail) = stored.locked.clone() {
            tracing::error!(
                detail,
                "the key does not open the outbox; it was kept aside"
            );
            board.notify(NoticeKind::OutboxLocked, detail);
        }
        let outbox = Outbox::new(
            parts.outbox,
            stored,
            parts.backend.clone(),
            Arc::clone(&board),
            Arc::clone(&parts.clock),
            parts.pace,
            Jitter::seeded(parts.jitter_seed),
            cached.reference.clone(),
        );
        let jitter = Jitter::seeded(!parts.jitter_seed);
        Self {
            board,
            cache: parts.cache,
            outbox,
            client: parts.calls,
            reference: Arc::new(RwLock::new(cached.reference)),
            clock: parts.clock,
            pace: parts.pace,
            backend: parts.backend,
            link: watch::Sender::new(true),
            progress: Mutex::new(Some((cached.progress, jitter))),
            tasks: Mutex::new(Vec::new()),
            data_dir: Mutex::new(None),
        }
    }

    /// Starts puller and sender on the current runtime; does nothing the second time.
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
            progress,
            link: self.link.subscribe(),
            suspicion: Arc::clone(&suspicion),
            stage: Arc::default(),
            jitter,
            pruned_hour: 0,
        };
        let sender = Sender {
            outbox: Arc::clone(&self.outbox),
            client: Arc::clone(&self.client),
            link: self.link.subscribe(),
            suspicion,
        };
        let started = [tokio::spawn(puller.run()), tokio::spawn(sender.run())];
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

    /// The officer at the desk.
    pub fn officer(&self) -> Option<Officer> {
        self.outbox.officer()
    }

    /// Signs an officer in at the backend and keeps the session on the disk.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<Officer, SignInError> {
        if !*self.link.borrow() {
            return Err(SignInError::SwitchedOff);
        }
        let signed_in = self.client.sign_in(&sign_in).await?;
        let officer = signed_in.officer.clone();
        self.outbox
            .sign_in(Session {
                backend: self.backend.clone(),
                officer: signed_in.officer,
                token: signed_in.token,
                expires_at: signed_in.expires_at,
                signed_in: true,
            })
            .await?;
        Ok(officer)
    }

    /// Leaves the desk empty; what is queued keeps its officer.
    pub async fn sign_out(&self) -> Result<(), OutboxError> {
        let token = self.outbox.sign_out().await?;
        if let Some(token) = token.filter(|_| *self.link.borrow()) {
            let client = Arc::clone(&self.client);
            // Without the line the session ends by itself when its time is over.
            tokio::spawn(async move {
                if let Err(error) = client.sign_out(&token).await {
                    tracing::info!(%error, "the backend was not told of the sign-out");
                }
            });
        }
        Ok(())
    }

    /// Queues a proposal durably; returns whether its key was new.
    pub async fn commit(&self, proposal: Proposal) -> Result<bool, OutboxError> {
        self.outbox.commit(proposal).await
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

    /// Drops a parked proposal.
    pub async fn drop_parked(&self, key: IntentKey) -> Result<(), OutboxError> {
        self.outbox.drop_parked(key).await
    }

    /// Stops or starts the line.
    pub fn set_link(&self, enabled: bool) {
        self.link.send_replace(enabled);
    }
}
