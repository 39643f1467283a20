//! An outbox that was kept aside, read through its damage.
//!
//! A page whose checksum is wrong makes SQLCipher refuse everything on that connection from then on, so
//! after each damage that is met the file is opened anew.

use std::path::Path;

use rusqlite::{Connection, ErrorCode};

use super::encryption::{connect, is_plain};
use super::keys::{DatabaseKey, Keys};
use super::outbox_db::SCHEMA;
use super::proposals::{self, ProposalRow};
use super::sessions::{self, Session};
use super::verifiers::{self, Verifier};

/// The file and the key that opens it.
pub struct Kept<'a> {
    path: &'a Path,
    /// `None` for a file that is not encrypted.
    key: Option<&'a DatabaseKey>,
    connection: Connection,
}

impl<'a> Kept<'a> {
    /// Opens a damaged file, encrypted or not. Its first page was whole when it was kept aside, so a
    /// key that does not fit now means that the disk does not give that page.
    pub fn damaged(path: &'a Path, key: &'a DatabaseKey) -> rusqlite::Result<Self> {
        let key = (!is_plain(path)).then_some(key);
        Self::open(path, key)?.ok_or_else(|| {
            let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_READ);
            let why = "its first page cannot be read".to_owned();
            rusqlite::Error::SqliteFailure(code, Some(why))
        })
    }

    /// Opens a locked file with the first key that fits; `None` when none does.
    pub fn locked(path: &'a Path, keys: &'a Keys) -> rusqlite::Result<Option<Self>> {
        for key in keys.all() {
            if let Some(kept) = Self::open(path, Some(key))? {
                return Ok(Some(kept));
            }
        }
        Ok(None)
    }

    fn open(path: &'a Path, key: Option<&'a DatabaseKey>) -> rusqlite::Result<Option<Self>> {
        let opened = match key {
            Some(key) => connect(path, key, SCHEMA.page_bytes)?,
            None => Some(Connection::open(path)?),
        };
        Ok(opened.map(|connection| Self {
            path,
            key,
            connection,
        }))
    }

    /// What is found, or `None` where it is damaged. An error means that the disk, and not what is
    /// written on it, is at fault: another time it may succeed.
    fn read<T>(
        &mut self,
        look: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<T>> {
        match look(&self.connection) {
            Ok(found) => Ok(Some(found)),
            Err(error) if is_of_the_disk(&error) => Err(error),
            Err(_) => {
                if let Some(again) = Self::open(self.path, self.key)? {
                    *self = again;
                }
                Ok(None)
            }
        }
    }

    /// Numbers of all rows that can be listed. Table and index are each listed from both ends until
    /// the first damage: the index knows the numbers of those rows that lie on a damaged page of the
    /// table or between two, and the table those that a damaged index hides.
    pub fn numbers(&mut self) -> rusqlite::Result<Vec<i64>> {
        let mut all = Vec::new();
        for order in ["seq ASC", "seq DESC", "key ASC", "key DESC"] {
            // What the damage hides here is listed from another side.
            self.read(|old| list(old, order, &mut all))?;
        }
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }

    /// A row by its number; `None` where there is one that nobody can read.
    pub fn row(&mut self, seq: i64) -> rusqlite::Result<Option<ProposalRow>> {
        Ok(self.read(|old| proposals::get(old, seq))?.flatten())
    }

    /// All sessions, none where they are damaged.
    pub fn sessions(&mut self) -> rusqlite::Result<Vec<Session>> {
        Ok(self.read(sessions::load)?.unwrap_or_default())
    }

    /// By what officers are recognised; a file of the first version has no such table.
    pub fn verifiers(&mut self) -> rusqlite::Result<Vec<Verifier>> {
        Ok(self.read(verifiers::load)?.unwrap_or_default())
    }
}

fn list(old: &Connection, order: &str, into: &mut Vec<i64>) -> rusqlite::Result<()> {
    let mut read = old.prepare(&format!("SELECT seq FROM proposals ORDER BY {order}"))?;
    let mut rows = read.query([])?;
    while let Some(row) = rows.next()? {
        into.push(row.get(0)?);
    }
    Ok(())
}

/// Whether the disk, and not what is written on it, is at fault.
pub fn is_of_the_disk(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::PermissionDenied
                | ErrorCode::OutOfMemory
                | ErrorCode::DiskFull
                | ErrorCode::ReadOnly
        )
    )
}
