//! One SQLite database: opening, migrating, checking, keeping aside, and the threads that own it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::Timestamp;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use super::encryption;
use super::keys::DatabaseKey;
use super::reader::Reader;
use super::worker::{Gone, Worker};
use crate::errors::{OpenError, StoreError};

/// How a database is kept.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// Each entry brings the database one version forward by the statements of its tables; entries
    /// are never changed, only added.
    pub migrations: &'static [&'static [&'static str]],
    /// Whether every commit waits for the disk.
    pub synced: bool,
    /// Whether pages that are no longer needed can be given back to the disk.
    pub shrinks: bool,
    /// How large the pages of a new file are.
    pub page_bytes: u32,
}

/// Whether a commit waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// It survives a power cut from the moment the call returns.
    Synced,
    /// It survives the end of the process; a power cut may undo it.
    Lazy,
}

/// Where a database lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lies {
    /// In its file.
    InFile,
    /// In memory, known to its writer alone.
    InMemory,
}

/// Why a database file cannot serve as it is.
#[derive(Debug)]
pub enum Unfit {
    /// It is damaged; keep it aside and go on.
    Damaged(String),
    /// The key does not open it: it is another hall's, the key was lost, or its first page is
    /// damaged. Keep it aside for the day when the key is back, and go on.
    Locked,
    /// An earlier version left it unencrypted and it could not be encrypted now; it is whole.
    NotEncrypted(String),
    /// Opening has to stop.
    Stop(OpenError),
}

impl Unfit {
    /// What is wrong with the file, or the error that stops the opening.
    pub fn cause(self) -> Result<String, OpenError> {
        match self {
            Self::Damaged(cause) => Ok(cause),
            Self::Locked => Ok("the key does not open it".to_owned()),
            Self::NotEncrypted(cause) => Ok(format!("it could not be encrypted: {cause}")),
            Self::Stop(error) => Err(error),
        }
    }

    /// What is wrong, in words.
    pub fn words(self) -> String {
        self.cause().unwrap_or_else(|error| error.to_string())
    }
}

impl From<StoreError> for Unfit {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Damaged { cause, .. } => Self::Damaged(cause),
            other => Self::Stop(OpenError::Store(other)),
        }
    }
}

/// What stops the opening when even a database begun anew is unfit.
pub fn still_unfit(path: &Path, unfit: Unfit) -> OpenError {
    unfit.cause().map_or_else(
        |error| error,
        |cause| {
            OpenError::Store(StoreError::Damaged {
                path: path.to_owned(),
                cause,
            })
        },
    )
}

/// Says what an error of SQLite means for the database at `path`.
pub fn store_error(path: &Path, error: &rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::DiskFull { path },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged {
            path,
            cause: error.to_string(),
        },
        _ => StoreError::Failed {
            path,
            cause: error.to_string(),
        },
    }
}

/// A row that is not what this program writes.
pub fn unreadable_row(
    table: &str,
    id: impl std::fmt::Display,
    cause: impl std::fmt::Display,
) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT),
        Some(format!("row {id} of table {table} is unreadable: {cause}")),
    )
}

/// Opens, checks and migrates a database; one that is not encrypted yet is encrypted first.
pub fn open(path: &Path, schema: Schema, key: &DatabaseKey) -> Result<Connection, Unfit> {
    let failed = |error: rusqlite::Error| Unfit::from(store_error(path, &error));
    if encryption::is_plain(path) {
        encryption::encrypt(path, key, schema.page_bytes)?;
    }
    let connection = encryption::connect(path, key, schema.page_bytes).map_err(failed)?;
    prepare(connection.ok_or(Unfit::Locked)?, path, schema)
}

/// Opens a database that could not be encrypted as it is.
pub fn open_plain(path: &Path, schema: Schema) -> Result<Connection, Unfit> {
    let connection = Connection::open(path).map_err(|e| Unfit::from(store_error(path, &e)))?;
    prepare(connection, path, schema)
}

/// A copy in memory of a database, brought to the newest version there.
pub fn open_in_memory(path: &Path, schema: Schema, key: &DatabaseKey) -> Result<Connection, Unfit> {
    let copy = encryption::copy_to_memory(path, key, schema.page_bytes);
    let copy = copy.map_err(|e| Unfit::from(store_error(path, &e)))?;
    let mut copy = copy.ok_or(Unfit::Locked)?;
    migrate(&mut copy, path, schema)?;
    Ok(copy)
}

/// An empty database in memory, in place of the one at the path.
pub fn open_empty(path: &Path, schema: Schema) -> Result<Connection, Unfit> {
    let opened = Connection::open_in_memory();
    let mut connection = opened.map_err(|e| Unfit::from(store_error(path, &e)))?;
    migrate(&mut connection, path, schema)?;
    Ok(connection)
}

fn prepare(mut connection: Connection, path: &Path, schema: Schema) -> Result<Connection, Unfit> {
    let failed = |error: rusqlite::Error| Unfit::from(store_error(path, &error));
    connection
        .busy_timeout(std::time::Duration::from_secs(2))
        .map_err(failed)?;
    if schema.shrinks {
        // Counts for a database that has nothing in it yet.
        connection
            .pragma_update(None, "auto_vacuum", "INCREMENTAL")
            .map_err(failed)?;
    }
    match connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())) {
        // Another journal does as well, until there is room for this one.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => {}
        other => other.map_err(failed)?,
    }
    set_durability(&connection, schema.synced).map_err(failed)?;
    // The cache can be large and is fetched again when a read finds it damaged, so a quick look
    // must do at the start; the outbox is small and gets the thorough one.
    let check = if schema.synced {
        "PRAGMA integrity_check(1)"
    } else {
        "PRAGMA quick_check(1)"
    };
    let verdict: String = connection
        .query_row(check, [], |row| row.get(0))
        .map_err(failed)?;
    if verdict != "ok" {
        return Err(Unfit::Damaged(verdict));
    }
    migrate(&mut connection, path, schema)?;
    if schema.synced {
        sync_log(&connection).map_err(failed)?;
    }
    Ok(connection)
}

/// Puts where no power cut takes it what a process wrote that was killed before it could wait for the disk:
/// it is found now, and shown as queued from here on.
fn sync_log(connection: &Connection) -> rusqlite::Result<()> {
    match connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
        // The log is synced before anything is brought from it into the database, which may have to grow.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => Ok(()),
        other => other,
    }
}

fn set_durability(connection: &Connection, synced: bool) -> rusqlite::Result<()> {
    connection.execute_batch(if synced {
        "PRAGMA synchronous = FULL"
    } else {
        "PRAGMA synchronous = NORMAL"
    })
}

fn migrate(connection: &mut Connection, path: &Path, schema: Schema) -> Result<(), Unfit> {
    let failed = |error: rusqlite::Error| Unfit::from(store_error(path, &error));
    let found: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(failed)?;
    let known = schema.migrations.len() as i64;
    if !(0..=known).contains(&found) {
        return Err(Unfit::Stop(OpenError::WrittenByNewer {
            path: path.to_owned(),
            found,
            known,
        }));
    }
    for (version, tables) in (1..).zip(schema.migrations).skip(found as usize) {
        let step = connection.transaction().map_err(failed)?;
        for sql in *tables {
            step.execute_batch(sql).map_err(failed)?;
        }
        step.pragma_update(None, "user_version", version)
            .map_err(failed)?;
        step.commit().map_err(failed)?;
    }
    Ok(())
}

/// The path with something after its name.
pub fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Renames a database and what belongs to it to `NAME.WHY-TIME`; returns the new path.
pub fn keep_aside(path: &Path, why: &str, now: Timestamp) -> Result<PathBuf, OpenError> {
    let stamp = format!(
        "{}-{}",
        now.local_ymd().replace('-', ""),
        now.local_hms().replace(':', "")
    );
    // A second accident within one second must not overwrite what was kept before.
    let mut aside = sibling(path, &format!(".{why}-{stamp}"));
    let mut again = 0;
    while aside.exists() {
        again += 1;
        aside = sibling(path, &format!(".{why}-{stamp}-{again}"));
    }
    rename_database(path, &aside).map_err(|cause| OpenError::UnusableDataDir {
        path: path.to_owned(),
        cause,
    })?;
    Ok(aside)
}

/// Renames a database with its log.
pub fn rename_database(from: &Path, to: &Path) -> std::io::Result<()> {
    for suffix in ["-wal", "-shm", ""] {
        let from = sibling(from, suffix);
        if from.exists() {
            std::fs::rename(&from, sibling(to, suffix))?;
        }
    }
    Ok(())
}

/// A database on its own thread, and where wanted a second one that reads.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
    synced: bool,
    /// Nothing can be written as long as this process runs; said as the full disk that it is.
    is_stuck: bool,
    reader: Option<Arc<Reader>>,
    /// Whether the writer has left the file, which nobody else can follow.
    is_in_memory: Arc<AtomicBool>,
    writer: Worker<Connection>,
}

impl Database {
    /// Hands an open connection to a thread of its own.
    pub fn spawn(path: PathBuf, schema: Schema, connection: Connection) -> Result<Self, OpenError> {
        let writer = Worker::spawn(thread_name(&path), connection);
        let writer = writer.map_err(|cause| OpenError::UnusableDataDir {
            path: path.clone(),
            cause,
        })?;
        Ok(Self {
            path,
            synced: schema.synced,
            is_stuck: false,
            reader: None,
            is_in_memory: Arc::default(),
            writer,
        })
    }

    /// Gives those who only read a connection and a thread of their own.
    pub fn with_reader(mut self, key: &DatabaseKey) -> Result<Self, OpenError> {
        let reader = Reader::spawn(&thread_name(&self.path), &self.path, key);
        let reader = reader.map_err(|cause| OpenError::UnusableDataDir {
            path: self.path.clone(),
            cause,
        })?;
        self.reader = Some(Arc::new(reader));
        Ok(self)
    }

    /// Refuses every transaction, because what is written would not reach the disk.
    #[must_use]
    pub fn stuck(mut self) -> Self {
        self.is_stuck = true;
        self
    }

    /// Path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn closed(&self, _: Gone) -> StoreError {
        StoreError::Closed {
            path: self.path.clone(),
        }
    }

    /// Runs `work` on the connection, in the order of the calls. The work is done even when the
    /// caller stops waiting for it.
    pub async fn with<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let done = self.writer.run(work).await;
        done.map_err(|gone| self.closed(gone))?
            .map_err(|error| store_error(&self.path, &error))
    }

    /// Looks at what is committed. With a reader of its own this waits for no transaction.
    pub async fn read<T, F>(&self, look: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let Some(reader) = self.reader.as_ref().filter(|_| !self.is_in_memory()) else {
            return self.with(move |connection| look(connection)).await;
        };
        let found = reader.read(look).await;
        found
            .map_err(|gone| self.closed(gone))?
            .map_err(|error| store_error(&self.path, &error))
    }

    /// Says that the connection is one in memory.
    #[must_use]
    pub fn in_memory(self) -> Self {
        self.is_in_memory.store(true, Ordering::SeqCst);
        self
    }

    /// Whether it has left its file.
    pub fn is_in_memory(&self) -> bool {
        self.is_in_memory.load(Ordering::SeqCst)
    }

    /// Runs `work` while nobody else has the file open, so that another one can take its place. From
    /// then on everybody reads where `work` says that the database lies.
    pub async fn exchange<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> rusqlite::Result<(T, Lies)> + Send + 'static,
    {
        let reader = self.reader.clone();
        let is_in_memory = Arc::clone(&self.is_in_memory);
        self.with(move |connection| {
            let _pause = reader.as_ref().map(|reader| reader.pause());
            let (done, lies) = work(connection)?;
            is_in_memory.store(lies == Lies::InMemory, Ordering::SeqCst);
            Ok(done)
        })
        .await
    }

    /// Runs `work` in one transaction: all of it is on disk afterwards or none of it.
    pub async fn transact<T, F>(&self, durability: Durability, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        if self.is_stuck {
            return Err(StoreError::DiskFull {
                path: self.path.clone(),
            });
        }
        let relaxed = self.synced && durability == Durability::Lazy;
        self.with(move |connection| {
            if relaxed {
                set_durability(connection, false)?;
            }
            let result = transaction(connection, work);
            if relaxed {
                set_durability(connection, true)?;
            }
            result
        })
        .await
    }

    /// Limits the size of the file, so that a test can fill the disk.
    #[cfg(test)]
    pub async fn limit_pages(&self, pages: i64) {
        self.with(move |db| {
            db.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
        })
        .await
        .expect("the limit is accepted");
    }

    /// Finishes what was asked for and closes the file.
    pub async fn close(&self) {
        // The writer closes last: only it can bring the log into the database.
        if let Some(reader) = &self.reader {
            reader.close().await;
        }
        self.writer.close().await;
    }
}

fn thread_name(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy());
    format!("db-{}", stem.unwrap_or_default())
}

fn transaction<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}
