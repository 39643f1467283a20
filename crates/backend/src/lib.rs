//! The backend of a street: the authority for its incidents, people and orders.
//!
//! It is a library that the application embeds and a small program of its own, with the same code:
//! [`Backend::open`] brings up the store, [`Backend::router`] answers [`protocol::http`].
//!
//! - Every change is one SQLite transaction of the single writer: effect, idempotency key, trail,
//!   change log and receipt are on disk together or not at all (`intake`).
//! - Every decision is the domain's; this crate loads, asks, writes and answers.
//! - The trail of all incidents is one hash chain ([`chain`]).
//! - Embedders may also call the backend as plain functions (`direct`), without HTTP.
//! - Positions are the exception: they live in memory, the newest wins ([`positions`]).

pub mod assessing;
pub mod chain;
pub mod clock;
pub mod config;
mod credentials;
mod data_dir;
mod direct;
pub mod handles;
mod http;
mod intake;
mod keys;
mod positions;
mod reference;
mod refusal;
mod rounds;
mod store;
mod tables;
mod visible;
mod words;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use domain::rules::Rules;
use domain::trail::Officer;
use domain::{OfficerId, Provenance, Supply, Timestamp};
use protocol::Seed;
use protocol::http::LogId;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

pub use config::{BackendConfig, OpenError};
pub use credentials::{MOST_WRONG_PINS, PinError, WAIT_AFTER_WRONG_PINS_MS, mint_secret};
pub use intake::seeding::SeedError;
pub use keys::{FIELD_KEY_FILE, HALL_KEY_FILE, KeyError};
pub use refusal::Refusal;
pub use store::StoreError;
pub use tables::changes::KEPT_CHANGES;
pub use words::responsibility_fault;

use clock::Clock;
use credentials::TryCounter;
use data_dir::DataDirLock;
use positions::PositionBoard;
use reference::ReferenceInForce;
use rusqlite::Connection;
use store::Store;
use tables::officers::OfficerRow;
use tables::{changes, counters, log_openings, officers, sessions};

/// PINs that are hashed at the same time; more would let strangers use up the machine.
const HASHES_AT_ONCE: usize = 2;

/// A running backend; clones are the same one.
#[derive(Debug, Clone)]
pub struct Backend {
    shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub store: Store,
    pub rules: Rules,
    pub clock: Arc<dyn Clock>,
    pub hall_key: String,
    pub field_key: String,
    pub board: PositionBoard,
    /// Whose positions the board may show.
    pub visible: visible::Visible,
    pub tries: TryCounter,
    pub hashing: Semaphore,
    /// Held by the assessment that is being made.
    pub assessing: Arc<Semaphore>,
    /// The change log as this opening of the database goes on with it.
    pub log: LogId,
    /// Cursor of the newest change that is committed.
    pub newest: watch::Sender<u64>,
    /// Turns true when the backend is to end.
    pub stopping: watch::Sender<bool>,
    pub positions_saved_at: Mutex<Timestamp>,
    /// Roads for whomever the rounds rank.
    pub roads: Mutex<rounds::KnownRoads>,
    reference: RwLock<Arc<ReferenceInForce>>,
    /// Held for as long as the backend lives, so that no second one writes to the directory.
    _lock: Option<DataDirLock>,
}

/// Changes that are committed and that those who wait for some have not been told of. They are when
/// this is dropped.
#[derive(Debug)]
pub(crate) struct News<'a> {
    shared: &'a Shared,
    newest: u64,
}

impl Drop for News<'_> {
    fn drop(&mut self) {
        self.shared.tell_newest(self.newest);
    }
}

impl Shared {
    pub fn reference(&self) -> Arc<ReferenceInForce> {
        let guard = self
            .reference
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&guard)
    }

    /// Reads the reference data again after an import.
    pub fn renew_reference(&self) -> Result<(), StoreError> {
        let renewed = self.store.read(|db| reference::read(db, &self.rules))?;
        let mut guard = self
            .reference
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *guard = Arc::new(renewed);
        Ok(())
    }

    /// Runs one writing transaction and wakes those who wait for changes.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let (done, _news) = self.write_with_news(work)?;
        Ok(done)
    }

    /// The same for one who has to answer somebody: those who wait for changes are woken when the news
    /// is dropped, so that the answer need not wait for them.
    pub fn write_with_news<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<(T, News<'_>), E> {
        let (done, newest) = self.store.write(|db| with_newest(db, work))?;
        let shared = self;
        Ok((done, News { shared, newest }))
    }

    /// The same for work that takes seconds: nobody else's answer waits for its end.
    pub fn write_alone<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let (done, newest) = self.store.write_alone(|db| with_newest(db, work))?;
        self.tell_newest(newest);
        Ok(done)
    }

    fn tell_newest(&self, newest: u64) {
        self.newest.send_if_modified(|known| {
            let moved = newest > *known;
            *known = newest.max(*known);
            moved
        });
    }

    /// Writes positions that have changed since the last time, after a look at who may be shown.
    pub fn save_positions(&self) -> Result<(), StoreError> {
        self.renew_visible()?;
        self.board.save(|unsaved| {
            self.store.write(|db| {
                tables::positions::put_all(db, &unsaved.moved)?;
                tables::positions::remove_all(db, &unsaved.gone)
            })
        })
    }
}

impl Backend {
    /// Opens a backend: makes or checks its data directory, locks it, brings the database to the
    /// newest layout and loads the seed where there is one and the database is empty.
    pub fn open(config: BackendConfig) -> Result<Self, OpenError> {
        let lock = config
            .data_dir
            .as_deref()
            .map(DataDirLock::acquire)
            .transpose()?;
        let path = config
            .data_dir
            .as_ref()
            .map(|folder| folder.join(config::DATABASE_FILE));
        let failed = |source: StoreError| {
            let path = path.clone().unwrap_or_default();
            if source.is_storage_failure() {
                OpenError::Disk { path, source }
            } else {
                OpenError::Database { path, source }
            }
        };
        let store = Store::open(path.as_deref()).map_err(failed)?;
        let now = config.clock.now();
        let log = store
            .write(|db| {
                let log = log_openings::begin(db, now)?;
                chain::renew_records(db, now)?;
                reference::put_rules(db, &config.rules, now)?;
                Ok(log)
            })
            .map_err(failed)?;
        let key = |given: Option<String>, file: &str| match (given, &config.data_dir) {
            (Some(key), _) => Ok(key),
            (None, Some(folder)) => keys::read_or_mint(&folder.join(file)),
            (None, None) => Ok(credentials::mint_secret()),
        };
        let hall_key = key(config.hall_key, HALL_KEY_FILE)?;
        let field_key = key(config.field_key, FIELD_KEY_FILE)?;
        let loaded = store.read(|db| load(db, &config.rules)).map_err(failed)?;
        let backend = Self {
            shared: Arc::new(Shared {
                store,
                rules: config.rules,
                clock: config.clock,
                hall_key,
                field_key,
                board: PositionBoard::new(now),
                visible: visible::Visible::default(),
                tries: TryCounter::default(),
                hashing: Semaphore::new(HASHES_AT_ONCE),
                assessing: Arc::new(Semaphore::new(1)),
                log,
                newest: watch::Sender::new(loaded.newest),
                stopping: watch::Sender::new(false),
                positions_saved_at: Mutex::new(now),
                roads: Mutex::default(),
                reference: RwLock::new(Arc::new(loaded.reference)),
                _lock: lock,
            }),
        };
        backend.shared.renew_roster().map_err(failed)?;
        backend.shared.board.restore(loaded.positions);
        if let Some(seed) = config.seed.filter(|_| backend.is_empty()) {
            backend.load_seed(&seed)?;
        }
        Ok(backend)
    }

    /// Whether no reference data has been imported yet, so that a seed may be loaded.
    pub fn is_empty(&self) -> bool {
        self.shared.reference().version == 0
    }

    /// Loads a seed into an empty backend. The work takes seconds and blocks: call it outside of
    /// an asynchronous task.
    pub fn load_seed(&self, seed: &Seed) -> Result<(), SeedError> {
        let shared = &self.shared;
        let officer_rows = intake::seeding::hash_officers(seed)?;
        let now = shared.clock.now();
        shared
            .write_alone(|db| intake::seeding::load(db, &shared.rules, now, seed, &officer_rows))?;
        shared.renew_roster()?;
        shared.board.seed(&seed.positions, now);
        shared.save_positions()?;
        shared.renew_reference()?;
        Ok(())
    }

    /// Adds an officer or gives an existing one a new PIN; all sessions of the officer end.
    pub fn put_officer(&self, officer: &Officer, pin: &str) -> Result<(), SeedError> {
        let pin_hash = credentials::hash_pin(pin).map_err(|source| SeedError::Pin {
            officer: officer.id.clone(),
            source,
        })?;
        let row = OfficerRow {
            officer: officer.clone(),
            pin_hash,
        };
        let now = self.shared.clock.now();
        let from = Provenance {
            supply: Supply::Command,
            at: now,
        };
        self.shared.write(|db| -> Result<(), StoreError> {
            officers::put(db, &row, from)?;
            sessions::end_all(db, &row.officer.id)?;
            if counters::get(db, counters::REFERENCE_VERSION)? != 0 {
                reference::announce(db, now)?;
            }
            Ok(())
        })?;
        self.shared.renew_reference()?;
        Ok(())
    }

    /// Ends all sessions of an officer and returns how many there were.
    pub fn revoke_sessions(&self, officer: &OfficerId) -> Result<usize, StoreError> {
        self.shared.write(|db| revoke(db, officer))
    }

    /// The key that halls carry.
    pub fn hall_key(&self) -> &str {
        &self.shared.hall_key
    }

    /// The key that the field's gateway carries.
    pub fn field_key(&self) -> &str {
        &self.shared.field_key
    }

    /// Walks the trail's hash chain; see [`chain::verify_chain`].
    pub fn verify_chain(&self) -> Result<chain::Verified, chain::ChainError> {
        self.shared.store.read(|db| chain::verify_chain(db))
    }

    /// Passes on the orders that are unanswered at the instant, and returns how many steps were
    /// done; [`Backend::serve`] does this by itself as time goes by. It blocks.
    pub fn escalate(&self, now: Timestamp) -> Result<usize, StoreError> {
        rounds::escalate(&self.shared, now)
    }

    /// The HTTP interface.
    pub fn router(&self) -> axum::Router {
        http::router(Arc::clone(&self.shared))
    }

    /// Answers on a listener until [`Backend::stop`] is called and open requests are answered.
    pub async fn serve(&self, listener: TcpListener) -> std::io::Result<()> {
        let served = tokio::select! {
            served = http::serve(listener, Arc::clone(&self.shared)) => served,
            never = rounds::keep(Arc::clone(&self.shared)) => match never {},
            never = visible::keep(Arc::clone(&self.shared)) => match never {},
        };
        if let Err(error) = self.shared.save_positions() {
            tracing::warn!(%error, "positions were not stored at the end");
        }
        served
    }

    /// Lets waiting requests answer at once and [`Backend::serve`] end.
    pub fn stop(&self) {
        self.shared.stopping.send_replace(true);
    }
}

/// The work with the cursor of the newest change after it.
fn with_newest<T, E: From<StoreError>>(
    db: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<(T, u64), E> {
    let done = work(db)?;
    Ok((done, changes::newest(db)?))
}

struct Loaded {
    positions: Vec<domain::PositionFix>,
    newest: u64,
    reference: ReferenceInForce,
}

fn load(db: &Connection, rules: &Rules) -> Result<Loaded, StoreError> {
    Ok(Loaded {
        positions: tables::positions::all(db)?,
        newest: changes::newest(db)?,
        reference: reference::read(db, rules)?,
    })
}

/// The key of the halls of a data directory, made where there is none yet: for who has to know it
/// before the backend can be opened.
pub fn hall_key_of(data_dir: &Path) -> Result<String, OpenError> {
    std::fs::create_dir_all(data_dir).map_err(|source| OpenError::DataDir {
        path: data_dir.to_owned(),
        source,
    })?;
    Ok(keys::read_or_mint(&data_dir.join(HALL_KEY_FILE))?)
}

/// Verifies the chain of a database file, also beside a running backend.
pub fn verify_file(data_dir: &Path) -> Result<chain::Verified, chain::ChainError> {
    let reader = store::open_reader(&data_dir.join(config::DATABASE_FILE))?;
    chain::verify_chain(&reader)
}

/// Ends all sessions of an officer in a data directory, also beside a running backend, and returns
/// how many there were.
pub fn revoke_in_file(data_dir: &Path, officer: &OfficerId) -> Result<usize, StoreError> {
    let store = Store::open(Some(&data_dir.join(config::DATABASE_FILE)))?;
    store.write(|db| revoke(db, officer))
}

/// Ends all sessions of an officer, also those that a hall has allowed without the line.
fn revoke(db: &Connection, officer: &OfficerId) -> Result<usize, StoreError> {
    officers::revoke(db, officer)?;
    sessions::end_all(db, officer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(folder: &Path) -> BackendConfig {
        BackendConfig::in_dir(folder, rules::shipped().expect("the shipped rules"))
    }

    #[test]
    fn the_key_is_known_before_the_backend_is_open_and_is_the_one_it_opens_with() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("backend");
        let key = hall_key_of(&place).expect("made");
        let backend = Backend::open(config(&place)).expect("it opens");
        assert_eq!(backend.hall_key(), key);
    }

    #[test]
    fn a_disk_that_gives_no_database_is_told_from_a_database_that_is_no_good() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join(config::DATABASE_FILE);
        // What lies in the way can be opened by nobody, as on a disk that fails.
        std::fs::create_dir(&database).expect("made");
        let disk = Backend::open(config(folder.path())).expect_err("no database");
        assert!(matches!(disk, OpenError::Disk { .. }), "{disk:?}");
        let said = disk.to_string();
        assert!(said.contains(&database.display().to_string()), "{said}");
        assert!(
            said.contains("清理") && said.contains("free some space"),
            "{said}"
        );
        std::fs::remove_dir(&database).expect("removed");
        std::fs::write(&database, vec![7; 10_000]).expect("written");
        let damaged = Backend::open(config(folder.path())).expect_err("no database");
        assert!(matches!(damaged, OpenError::Database { .. }), "{damaged:?}");
        std::fs::remove_file(&database).expect("removed");
        Backend::open(config(folder.path())).expect("it opens as soon as it can");
    }
}
