//! One hall's engine: cache, outbox, puller and sender put together.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use domain::conflicts::{Anyway, Basis, Version};
use domain::duty::HandoverSheet;
use domain::trail::{Officer, TrailEntry};
use domain::{
    Incident, IncidentId, Intent, IntentKey, OfficerId, Order, OrderId, Proposal, Timestamp,
};
use protocol::Reference;
use protocol::commands::{SeenIncident, Withdrawal};
use protocol::feed::{NoticeKind, OutboxItem, Picture, PushedView};
use protocol::http::SignIn;
use tokio::sync::{Notify, RwLock, watch};
use tokio::task::JoinHandle;

use crate::backoff::{Jitter, random_seed};
use crate::board::{Board, OutboxView, Subscription};
use crate::calls::Calls;
use crate::client::{Address, Client};
use crate::clock::Clock;
use crate::data_dir::DataDir;
use crate::errors::{OpenError, StoreError};
use crate::outbox::{Outbox, OutboxError, people, version};
use crate::pace::Pace;
use crate::puller::Puller;
use crate::sender::Sender;
use crate::signing_in::{Authenticated, SignInError, SignIns};
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

    /// Starts puller, sender and what signs officers in again on the current runtime; does nothing the second time.
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
        let started = [
            tokio::spawn(puller.run()),
            tokio::spawn(sender.run()),
            tokio::spawn(sign_ins.run(self.pace.longest_send_backoff)),
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

    /// The officer at the desk.
    pub fn officer(&self) -> Option<Officer> {
        self.outbox.officer()
    }

    /// Signs an officer in, at the backend where it answers, and keeps the session on the disk.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<Officer, SignInError> {
        let (session, pin) = self.sign_ins.authenticate(sign_in).await?.into_parts();
        let officer = session.officer.clone();
        self.outbox.sign_in(session).await?;
        self.sign_ins.seated(&officer.id, pin);
        Ok(officer)
    }

    /// Makes sure of who that is, without seating anybody; the answer is to be handed to
    /// [`Self::hand_over`] or [`Self::release`].
    pub async fn authenticate(&self, sign_in: SignIn) -> Result<Authenticated, SignInError> {
        self.sign_ins.authenticate(sign_in).await
    }

    /// Lets go of somebody who does not come to the desk after all.
    pub fn release(&self, known: Authenticated) {
        let (session, _) = known.into_parts();
        self.end_at_backend(session.token);
    }

    /// Queues the signatures of a handover and seats the incoming officer, in one write.
    pub async fn hand_over(
        &self,
        signatures: Vec<Proposal>,
        incoming: Authenticated,
    ) -> Result<(), OutboxError> {
        let (session, pin) = incoming.into_parts();
        let (officer, token) = (session.officer.id.clone(), session.token.clone());
        let taken = self.outbox.hand_over(signatures, session).await;
        if matches!(taken, Ok(true)) {
            self.sign_ins.seated(&officer, pin);
        } else {
            self.end_at_backend(token);
        }
        taken.map(drop)
    }

    /// What was signed under the key, if it was.
    pub fn signed_handover(&self, key: IntentKey) -> Option<HandoverSheet> {
        let queued = self.outbox.intent_of(key).and_then(|intent| match intent {
            Intent::HandOver { sheet } => Some(*sheet),
            _ => None,
        });
        queued.or_else(|| {
            self.board.read(|picture| {
                let known = picture.situation.handovers.get(&key);
                known.map(|handover| handover.sheet.clone())
            })
        })
    }

    /// The outbox as it is shown.
    pub fn outbox_items(&self) -> Vec<OutboxItem> {
        self.outbox.items()
    }

    /// Leaves the desk empty; what is queued keeps its officer.
    pub async fn sign_out(&self) -> Result<(), OutboxError> {
        let token = self.outbox.sign_out().await?;
        self.sign_ins.forget_idle();
        self.end_at_backend(token);
        Ok(())
    }

    /// Tells the backend that a session has ended.
    fn end_at_backend(&self, token: Option<String>) {
        if let Some(token) = token.filter(|_| *self.link.borrow()) {
            let client = Arc::clone(&self.client);
            // Without the line the session ends by itself when its time is over.
            tokio::spawn(async move {
                if let Err(error) = client.sign_out(&token).await {
                    tracing::info!(%error, "the backend was not told of the sign-out");
                }
            });
        }
    }

    /// Queues a proposal durably; returns whether its key was new.
    pub async fn commit(&self, proposal: Proposal) -> Result<bool, OutboxError> {
        let is_new = self.outbox.commit(proposal.clone()).await?;
        self.compare_if_old(&proposal).await;
        Ok(is_new)
    }

    /// The incident as a window showed it, or as it is shown now; `None` where the picture does not
    /// have it. Where the number stands for another matter by now, what is returned is of the matter
    /// that the window showed, and the backend will not take the one for the other.
    pub async fn version(
        &self,
        named: IncidentId,
        seen: Option<SeenIncident>,
    ) -> Result<Option<Version>, StoreError> {
        let id = self.number_of(named);
        let Some(now) = self.read(|picture| version(&picture.situation, id, true)) else {
            return Ok(None);
        };
        let Some(SeenIncident { steps, reported_at }) = seen else {
            return Ok(Some(now));
        };
        let shown = Version {
            steps,
            reported_at: Some(reported_at),
            ..now.clone()
        };
        // When a matter gets its number, the backend's clock may correct the time of its report.
        if !named.is_provisional() && shown.is_of_other_matter(&now) {
            return Ok(Some(shown));
        }
        if steps >= now.steps {
            return Ok(Some(now));
        }
        let trail = self.cache.trail(id).await?;
        let mut seen: Option<Incident> = None;
        for entry in trail.iter().take_while(|entry| entry.step <= steps) {
            match &mut seen {
                None => seen = Incident::opened(entry),
                // What does not follow is not folded; the picture has come by other ways then.
                Some(incident) => drop(incident.apply(entry)),
            }
        }
        Ok(Some(match seen {
            Some(incident) if incident.steps == steps => self.read(|picture| {
                let known = incident.orders.iter().chain(&incident.assisting).copied();
                Version::of(&incident, people(&picture.situation, id, known, true))
            }),
            // The trail does not reach back so far: the steps count, the rest is what is known.
            _ => Version { steps, ..now },
        }))
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

    /// Sends what is parked for a conflict all the same, in the name of an officer who has seen
    /// the incident's first `seen_steps` steps: under a key of its own, in its old place.
    pub async fn send_anyway(
        &self,
        parked: IntentKey,
        key: IntentKey,
        officer: OfficerId,
        seen_steps: u32,
        reason: String,
    ) -> Result<bool, OutboxError> {
        if self.outbox.intent_of(key).is_some() || self.outbox.has_come(key) {
            // Another click on the same card.
            return Ok(false);
        }
        let (old, conflict) = self.outbox.parked(parked).ok_or(OutboxError::NotFound)?;
        let (Some(conflict), Some(before)) = (conflict, old.basis) else {
            return Err(OutboxError::NotInConflict);
        };
        let seen = if conflict.theirs.steps == seen_steps {
            conflict.theirs
        } else {
            let incident = old.intent.incident().ok_or(OutboxError::NotInConflict)?;
            let reported_at = conflict.theirs.reported_at;
            let seen = reported_at.map(|reported_at| SeenIncident {
                steps: seen_steps,
                reported_at,
            });
            let seen = self.version(incident, seen).await?;
            seen.ok_or(OutboxError::NotFound)?
        };
        let composed_at = before.anyway.map_or(before.seen.steps, |a| a.composed_at);
        let proposal = Proposal {
            key,
            officer,
            occurred_at: self.now(),
            intent: old.intent,
            basis: Some(Box::new(Basis {
                seen,
                own: Vec::new(),
                anyway: Some(Anyway {
                    reason,
                    composed_at,
                }),
            })),
        };
        self.replace_parked(parked, proposal).await
    }

    /// A form may have been open while the incident moved on.
    async fn compare_if_old(&self, proposal: &Proposal) {
        let (Some(id), Some(basis)) = (proposal.intent.incident(), &proposal.basis) else {
            return;
        };
        let id = self.number_of(id);
        let is_old = self.read(|picture| {
            let shown = picture.situation.incidents.get(&id);
            shown.is_some_and(|incident| incident.steps != basis.seen.steps)
        });
        if is_old && let Err(error) = self.outbox.look_for_conflicts(&*self.cache).await {
            tracing::warn!(%error, "what was queued cannot be compared with the cache");
        }
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
