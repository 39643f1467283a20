//! cache.db: a copy of what the backend has. It may be lost at any time and is then fetched anew.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::situation::Record;
use domain::trail::TrailEntry;
use domain::{IncidentId, PersonId, PositionFix, Situation, Timestamp};
use protocol::Reference;
use protocol::http::{Change, ChangeBody, LogId, Snapshot};
use rusqlite::Connection;

use super::database::{
    Database, Durability, Lies, Schema, Unfit, keep_aside, open, open_empty, open_in_memory,
    sibling, still_unfit, store_error,
};
use super::encryption;
use super::keys::DatabaseKey;
use super::progress::{self, Progress};
use super::rescue::DAMAGED;
use super::retention::{self, OverBudget};
use super::{others, positions, records, reference, trail};
use crate::errors::{OpenError, StoreError};

pub(super) const SCHEMA: Schema = Schema {
    migrations: &[
        &[
            records::MIGRATION,
            trail::MIGRATION,
            positions::MIGRATION,
            reference::MIGRATION,
            progress::MIGRATION,
        ],
        &[records::BY_END, progress::OF_LOG],
    ],
    // What a power cut takes from the cache is fetched again.
    synced: false,
    shrinks: true,
    page_bytes: encryption::LARGE_PAGES,
};

/// What a cache may need on the disk unless something else is set.
pub const DEFAULT_BUDGET_BYTES: u64 = 512 << 20;

/// What the cache holds at start.
#[derive(Debug, Default)]
pub struct Cached {
    /// Records and positions.
    pub situation: Situation,
    /// Reference data.
    pub reference: Option<Arc<Reference>>,
    /// How far the copy has come.
    pub progress: Progress,
    /// Where a damaged cache was kept, if there was one, and what was wrong with it.
    pub kept_aside: Option<String>,
    /// Why the cache lies in memory only, if it does.
    pub in_memory: Option<String>,
}

/// What a batch of changes did to the cache.
#[derive(Debug, Default)]
pub struct Applied {
    /// Records that are newer than what was there, in the order of the log.
    pub records: Vec<Record>,
    /// Incidents whose trail grew.
    pub trails: Vec<IncidentId>,
    /// Version of the reference data that now goes with the records.
    pub reference_wanted: u64,
    /// Where the copy now stands.
    pub cursor: u64,
}

/// What a look for things to remove did.
#[derive(Debug, Default)]
pub struct Pruned {
    /// What remains, if anything was removed.
    pub situation: Option<Situation>,
    /// What is too much all the same.
    pub over_budget: Option<OverBudget>,
}

/// How a snapshot meets what is cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meeting {
    /// It is a later state of the same log: nothing older than what is cached is taken.
    SameLog,
    /// It is another log: everything cached goes.
    OtherLog,
}

/// The cache on its thread.
#[derive(Debug)]
pub struct Cache {
    database: Database,
    key: DatabaseKey,
    budget_bytes: u64,
}

/// What became of a cache that turned out to be damaged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rebuilt {
    /// An empty one lies in its place.
    OnDisk {
        /// Where the damaged one lies now.
        aside: PathBuf,
    },
    /// An empty one lies in memory until the next start.
    InMemory {
        /// Why the disk did not take one.
        cause: String,
    },
}

impl Cache {
    /// Opens the cache in the directory for the backend of that label. A damaged file is kept
    /// aside; the cache of another backend as well, until that one is named again.
    pub fn open(
        dir: &Path,
        backend: &str,
        key: &DatabaseKey,
        now: Timestamp,
    ) -> Result<(Self, Cached), OpenError> {
        let path = dir.join("cache.db");
        let mut opened = open_or_begin(&path, key, now)?;
        if opened.1.progress.backend != backend {
            opened = others::change(opened, backend, (&path, key, now))?;
        }
        let (connection, cached) = opened;
        let database = Database::spawn(path, SCHEMA, connection)?;
        let database = if cached.in_memory.is_some() {
            database.in_memory()
        } else {
            database.with_reader(key)?
        };
        let cache = Self {
            database,
            key: key.clone(),
            budget_bytes: DEFAULT_BUDGET_BYTES,
        };
        Ok((cache, cached))
    }

    /// Sets what the cache may need on the disk.
    #[must_use]
    pub fn with_budget(mut self, budget_bytes: u64) -> Self {
        self.budget_bytes = budget_bytes;
        self
    }

    /// Path of the file.
    pub fn path(&self) -> &Path {
        self.database.path()
    }

    /// Stores a batch of changes of a log and the cursor in one transaction. Changes at or before the
    /// stored cursor have been applied before and are skipped.
    pub async fn apply(&self, log: LogId, changes: Vec<Change>) -> Result<Applied, StoreError> {
        self.database
            .transact(Durability::Lazy, move |db| {
                let mut progress = progress::load(db)?.unwrap_or_default();
                let before = progress.cursor.unwrap_or(0);
                progress.log = Some(log);
                let mut applied = Applied::default();
                for change in changes.into_iter().filter(|c| c.cursor > before) {
                    progress.cursor = Some(change.cursor);
                    match change.body {
                        ChangeBody::Record(record) => {
                            if records::put(db, &record)? {
                                applied.records.push(record);
                            }
                        }
                        ChangeBody::Trail(entry) => {
                            if trail::put(db, &entry)? {
                                applied.trails.push(entry.incident);
                            }
                        }
                        ChangeBody::Reference { version } => progress.reference_wanted = version,
                    }
                }
                progress::put(db, &progress)?;
                applied.cursor = progress.cursor.unwrap_or(0);
                applied.reference_wanted = progress.reference_wanted;
                Ok(applied)
            })
            .await
    }

    /// Stores a snapshot and its cursor in one transaction; returns the situation that the cache
    /// then holds.
    pub async fn install(
        &self,
        snapshot: Snapshot,
        street: String,
        meeting: Meeting,
    ) -> Result<Situation, StoreError> {
        let stored = self
            .database
            .transact(Durability::Lazy, move |db| {
                let mut progress = progress::load(db)?.unwrap_or_default();
                if meeting == Meeting::OtherLog {
                    let backend = progress.backend.clone();
                    clear(db, &backend)?;
                } else {
                    records::keep_only(db, &snapshot.situation)?;
                    trail::keep_only(db, |id| snapshot.situation.incidents.contains_key(&id))?;
                }
                put_snapshot(db, &snapshot)?;
                progress.street = street;
                progress.cursor = Some(snapshot.cursor);
                progress.log = Some(snapshot.log);
                progress.reference_wanted = snapshot.reference_version;
                progress::put(db, &progress)
            })
            .await;
        stored?;
        self.database.read(situation_of).await
    }

    /// Removes incidents that ended before `ended_before`, and while the cache is larger than its
    /// budget those that ended longest ago, with their orders and trails. Done in several
    /// transactions, each of which removes incidents as a whole, so that nobody waits long for one.
    pub async fn prune(&self, ended_before: Timestamp) -> Result<Pruned, StoreError> {
        let budget_bytes = self.budget_bytes;
        let outlived = self.database.read(records::outlived_duty).await?;
        if !outlived.is_empty() {
            let remove = move |db: &rusqlite::Transaction<'_>| records::remove(db, &outlived);
            self.database.transact(Durability::Lazy, remove).await?;
        }
        let look = move |db: &Connection| retention::is_due(db, ended_before, budget_bytes);
        if !self.database.read(look).await? {
            return Ok(Pruned::default());
        }
        let mut removed = 0;
        loop {
            let remove = move |db: &rusqlite::Transaction<'_>| {
                retention::remove_some(db, ended_before, budget_bytes)
            };
            let some = self.database.transact(Durability::Lazy, remove).await?;
            removed += some;
            if some == 0 {
                break;
            }
        }
        let give_back = |db: &mut Connection| retention::give_some_back(db);
        while removed > 0 && self.database.with(give_back).await? {}
        let used_bytes = self.database.read(retention::used_bytes).await?;
        Ok(Pruned {
            situation: match removed {
                0 => None,
                _ => Some(self.database.read(situation_of).await?),
            },
            over_budget: (used_bytes > budget_bytes).then_some(OverBudget {
                used_bytes,
                budget_bytes,
            }),
        })
    }

    /// Forgets the positions of those who are gone and stores others; the newest of each person
    /// wins.
    pub async fn locate(
        &self,
        gone: Vec<PersonId>,
        fixes: Vec<PositionFix>,
    ) -> Result<(), StoreError> {
        self.database
            .transact(Durability::Lazy, move |db| {
                gone.iter()
                    .try_for_each(|person| positions::remove(db, *person))?;
                fixes.iter().try_for_each(|fix| positions::put(db, fix))
            })
            .await
    }

    /// Stores the reference data.
    pub async fn put_reference(&self, reference: Arc<Reference>) -> Result<(), StoreError> {
        self.database
            .transact(Durability::Lazy, move |db| {
                let body = serde_json::to_string(&*reference).map_err(|e| {
                    super::database::unreadable_row("reference", reference.version, e)
                })?;
                reference::put(db, reference.version, &body)
            })
            .await
    }

    /// Remembers when the backend last answered and how far its clock is off.
    pub async fn put_contact(&self, at: Timestamp, clock_offset_ms: i64) -> Result<(), StoreError> {
        self.database
            .transact(Durability::Lazy, move |db| {
                let mut progress = progress::load(db)?.unwrap_or_default();
                progress.last_contact = Some(at);
                progress.clock_offset_ms = clock_offset_ms;
                progress::put(db, &progress)
            })
            .await
    }

    /// How far the copy has come.
    pub async fn progress(&self) -> Result<Progress, StoreError> {
        self.database
            .read(|db| Ok(progress::load(db)?.unwrap_or_default()))
            .await
    }

    /// The trail of an incident, oldest first.
    pub async fn trail(&self, incident: IncidentId) -> Result<Vec<TrailEntry>, StoreError> {
        self.database
            .read(move |db| trail::of_incident(db, incident))
            .await
    }

    /// Everything that it holds now, as opening would find it on a disk.
    pub async fn contents(&self) -> Result<Cached, StoreError> {
        self.database.read(load).await
    }

    /// Keeps a cache aside that turned out to be damaged while it was in use, and begins an empty
    /// one; in memory where the disk has no room for that.
    pub async fn rebuild(&self, backend: String, now: Timestamp) -> Result<Rebuilt, StoreError> {
        let path = self.path().to_owned();
        let key = self.key.clone();
        self.database
            .exchange(move |connection| {
                // The file can be renamed only after it has been closed.
                *connection = open_empty(&path, SCHEMA).map_err(failed)?;
                clear(connection, &backend)?;
                let kept = keep_aside(&path, DAMAGED, now).map_err(|e| e.to_string());
                let begun = kept.and_then(|aside| {
                    remove_older_copies(&path, &aside);
                    let new = open(&path, SCHEMA, &key).map_err(Unfit::words)?;
                    clear(&new, &backend).map_err(|e| e.to_string())?;
                    Ok((aside, new))
                });
                Ok(match begun {
                    Ok((aside, new)) => {
                        *connection = new;
                        (Rebuilt::OnDisk { aside }, Lies::InFile)
                    }
                    Err(cause) => (Rebuilt::InMemory { cause }, Lies::InMemory),
                })
            })
            .await
    }

    /// Goes on in memory from what the file holds, because the disk takes no more: a screen that goes on
    /// is worth more than one that finds its place again after a restart. Once there it stays.
    pub async fn leave_disk(&self) -> Result<(), StoreError> {
        if self.database.is_in_memory() {
            return Ok(());
        }
        let (path, key) = (self.path().to_owned(), self.key.clone());
        self.database
            .exchange(move |connection| {
                *connection = open_in_memory(&path, SCHEMA, &key).map_err(failed)?;
                Ok(((), Lies::InMemory))
            })
            .await
    }

    /// The database, so that a test can keep its writer at work.
    #[cfg(test)]
    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// Limits the size of the file, so that a test can fill the disk.
    #[cfg(test)]
    pub async fn limit_pages(&self, pages: i64) {
        self.database.limit_pages(pages).await;
    }

    /// Finishes what was asked for and closes the file.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

fn failed(unfit: Unfit) -> rusqlite::Error {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR);
    rusqlite::Error::SqliteFailure(code, Some(unfit.words()))
}

/// Opens the cache of whichever backend it is. A damaged one is kept aside and an empty one begun.
pub(super) fn open_or_begin(
    path: &Path,
    key: &DatabaseKey,
    now: Timestamp,
) -> Result<(Connection, Cached), OpenError> {
    match open_and_load(path, key) {
        Ok(opened) => Ok(opened),
        Err(unfit) if is_for_want_of_room(&unfit) => copy_to_memory(path, key, unfit),
        Err(unfit) => {
            let cause = unfit.cause()?;
            let aside = keep_aside(path, DAMAGED, now)?;
            remove_older_copies(path, &aside);
            let (connection, mut cached) =
                open_and_load(path, key).map_err(|unfit| still_unfit(path, unfit))?;
            cached.kept_aside = Some(format!("{} ({cause})", aside.display()));
            Ok((connection, cached))
        }
    }
}

fn open_and_load(path: &Path, key: &DatabaseKey) -> Result<(Connection, Cached), Unfit> {
    let connection = open(path, SCHEMA, key)?;
    let cached = load(&connection).map_err(|e| Unfit::from(store_error(path, &e)))?;
    Ok((connection, cached))
}

/// Whether the file is whole and there is only no room for what has to be written to it.
const fn is_for_want_of_room(unfit: &Unfit) -> bool {
    matches!(
        unfit,
        Unfit::NotEncrypted(_) | Unfit::Stop(OpenError::Store(StoreError::DiskFull { .. }))
    )
}

/// Goes on in memory from what the disk holds: it can be fetched anew at any time.
fn copy_to_memory(
    path: &Path,
    key: &DatabaseKey,
    unfit: Unfit,
) -> Result<(Connection, Cached), OpenError> {
    let cause = match unfit {
        Unfit::Stop(error) => error.to_string(),
        other => other.cause()?,
    };
    let copied = open_in_memory(path, SCHEMA, key).map_err(|unfit| still_unfit(path, unfit))?;
    let mut cached = load(&copied).map_err(|e| store_error(path, &e))?;
    cached.in_memory = Some(cause);
    Ok((copied, cached))
}

/// One copy of a damaged cache is enough to look into, and each may be as large as the budget.
fn remove_older_copies(path: &Path, newest: &Path) {
    let prefix = sibling(path, &format!(".{DAMAGED}-"));
    let prefix = prefix.to_string_lossy();
    let entries = path.parent().and_then(|dir| std::fs::read_dir(dir).ok());
    for file in entries.into_iter().flatten().flatten().map(|e| e.path()) {
        let name = file.to_string_lossy();
        if name.starts_with(&*prefix) && !name.starts_with(&*newest.to_string_lossy()) {
            // What cannot be removed is in nobody's way but the disk's.
            std::fs::remove_file(&file).ok();
        }
    }
}

fn load(connection: &Connection) -> rusqlite::Result<Cached> {
    Ok(Cached {
        situation: situation_of(connection)?,
        reference: reference::load(connection)?.map(Arc::new),
        progress: progress::load(connection)?.unwrap_or_default(),
        kept_aside: None,
        in_memory: None,
    })
}

fn situation_of(connection: &Connection) -> rusqlite::Result<Situation> {
    let mut situation = Situation::default();
    records::load(connection, &mut situation)?;
    positions::load(connection, &mut situation)?;
    Ok(situation)
}

/// Makes it an empty cache of that backend.
pub(super) fn clear(connection: &Connection, backend: &str) -> rusqlite::Result<()> {
    records::clear(connection)?;
    trail::clear(connection)?;
    positions::clear(connection)?;
    reference::clear(connection)?;
    progress::put(
        connection,
        &Progress {
            backend: backend.to_owned(),
            ..Progress::default()
        },
    )
}

fn put_snapshot(connection: &Connection, snapshot: &Snapshot) -> rusqlite::Result<()> {
    let situation = &snapshot.situation;
    let incidents = situation.incidents.values().cloned();
    let orders = situation.orders.values().cloned();
    let people = situation.people.values().cloned();
    let all = incidents
        .map(|i| Record::Incident(Box::new(i)))
        .chain(orders.map(|o| Record::Order(Box::new(o))))
        .chain(people.map(|p| Record::Person(Box::new(p))))
        .chain(std::iter::once(situation.mode_record()))
        .chain(situation.duty_records());
    for record in all {
        records::put(connection, &record)?;
    }
    for fix in situation.positions.values() {
        positions::put(connection, fix)?;
    }
    for entry in &snapshot.trail {
        trail::put(connection, entry)?;
    }
    Ok(())
}
