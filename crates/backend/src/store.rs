//! The SQLite database: one writer, readers beside it, every change in a transaction.

mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use crate::tables::MIGRATIONS;
use writer::Writer;

/// Written into every database of ours (`STH1`), so that a foreign file is told apart.
const APPLICATION_ID: i64 = 0x5354_4831;
/// How long a connection waits for another process (a command run beside the server).
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Reading connections kept open between requests.
const IDLE_READERS: usize = 8;

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite failed.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// A row holds what this version cannot read.
    #[error("table {table}, row {row}: {source}")]
    Row {
        /// The table.
        table: &'static str,
        /// The row's key.
        row: String,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// The file is a database, but not one of ours.
    #[error("it is the database of another program (application id {found:#x})")]
    Foreign {
        /// The id that it carries.
        found: i64,
    },
    /// The database was written by a newer version.
    #[error("it has layout {found}, this version knows up to {known}")]
    Newer {
        /// Layout of the file.
        found: usize,
        /// Newest layout known here.
        known: usize,
    },
    /// SQLite's own check found damage.
    #[error("its integrity check says: {0}")]
    Damaged(String),
}

impl StoreError {
    /// Whether the disk is at fault and not the data: full, read-only, unreadable.
    pub fn is_storage_failure(&self) -> bool {
        let Self::Sqlite(error) = self else {
            return false;
        };
        matches!(
            error.sqlite_error_code(),
            Some(
                ErrorCode::DiskFull
                    | ErrorCode::SystemIoFailure
                    | ErrorCode::ReadOnly
                    | ErrorCode::CannotOpen
                    | ErrorCode::DatabaseBusy
                    | ErrorCode::PermissionDenied
            )
        )
    }
}

/// The database of a backend.
#[derive(Debug)]
pub struct Store {
    writer: Writer,
    readers: Mutex<Vec<Connection>>,
    path: Option<PathBuf>,
}

impl Store {
    /// Opens or creates the file, checks it and brings it to the newest layout. Without a path the
    /// database lives in memory.
    pub fn open(path: Option<&Path>) -> Result<Self, StoreError> {
        let mut writer = match path {
            Some(path) => Connection::open(path)?,
            None => Connection::open_in_memory()?,
        };
        prepare(&writer)?;
        check(&writer)?;
        migrate(&mut writer)?;
        Ok(Self {
            writer: Writer::new(writer, path.is_some()),
            readers: Mutex::default(),
            path: path.map(Path::to_owned),
        })
    }

    /// Runs one piece of writing: all of it is on disk when this returns `Ok`, none of it otherwise.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.writer.write(work)
    }

    /// The same for work that takes seconds, such as an import: nobody else waits for its end.
    pub fn write_alone<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.writer.write_alone(work)
    }

    /// Runs one reading transaction: everything read in it belongs to the same moment.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let Some(path) = &self.path else {
            return self.writer.between(|only| read_with(only, work));
        };
        let idle = lock(&self.readers).pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => open_reader(path)?,
        };
        let done = read_with(&mut reader, work);
        let mut readers = lock(&self.readers);
        if readers.len() < IDLE_READERS {
            readers.push(reader);
        }
        done
    }
}

/// A panic inside a transaction rolls it back, so the connection behind a poisoned lock is sound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read_with<T, E: From<StoreError>>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Deferred)
        .map_err(StoreError::from)?;
    work(&transaction)
}

/// Opens a file for reading only, beside a running server if there is one.
pub fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reader = Connection::open_with_flags(path, flags)?;
    reader.busy_timeout(BUSY_TIMEOUT)?;
    reader.set_prepared_statement_cache_capacity(64);
    Ok(reader)
}

fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(128);
    // FULL: a receipt promises that the order is on disk, also when the machine loses power.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(())
}

fn check(connection: &Connection) -> Result<(), StoreError> {
    let found: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    if found != APPLICATION_ID && (found != 0 || tables != 0) {
        return Err(StoreError::Foreign { found });
    }
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(StoreError::Damaged(verdict));
    }
    Ok(())
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let layout: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let found = usize::try_from(layout).unwrap_or(usize::MAX);
    let known = MIGRATIONS.len();
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    if found == known {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    for migration in &MIGRATIONS[found..] {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", known as i64)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_transaction_leaves_nothing() {
        let store = Store::open(None).expect("in memory");
        let failed: Result<(), StoreError> = store.write(|tx| {
            tx.execute("INSERT INTO counters VALUES ('x', 1)", [])?;
            Err(StoreError::Damaged("on purpose".to_owned()))
        });
        assert!(failed.is_err());
        let rows: i64 = store
            .read(|tx| -> Result<_, StoreError> {
                Ok(tx.query_row("SELECT count(*) FROM counters", [], |r| r.get(0))?)
            })
            .expect("read");
        assert_eq!(rows, 0);
    }

    #[test]
    fn foreign_newer_and_damaged_files_are_refused() {
        let folder = tempfile::tempdir().expect("folder");
        let foreign = folder.path().join("foreign.db");
        Connection::open(&foreign)
            .and_then(|c| c.execute_batch("CREATE TABLE other (x)"))
            .expect("foreign");
        assert!(matches!(
            Store::open(Some(&foreign)),
            Err(StoreError::Foreign { found: 0 })
        ));

        let newer = folder.path().join("newer.db");
        drop(Store::open(Some(&newer)).expect("ours"));
        Connection::open(&newer)
            .and_then(|c| c.pragma_update(None, "user_version", 9_999))
            .expect("newer");
        assert!(matches!(
            Store::open(Some(&newer)),
            Err(StoreError::Newer { found: 9_999, .. })
        ));

        let garbage = folder.path().join("garbage.db");
        std::fs::write(&garbage, vec![7u8; 10_000]).expect("garbage");
        assert!(Store::open(Some(&garbage)).is_err());
    }
}
