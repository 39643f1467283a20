//! outbox.db: what officers want done and the sessions they want it under. It exists nowhere else,
//! so every commit waits for the disk, and from a damaged file every readable row is rescued.

use std::path::{Path, PathBuf};

use domain::{OfficerId, Timestamp};
use rusqlite::{Connection, Transaction};

use super::database::{
    Database, Durability, Schema, Unfit, open, open_in_memory, open_plain, still_unfit, store_error,
};
use super::encryption;
use super::keys::{DatabaseKey, Keys};
use super::proposals::{self, ProposalRow};
use super::rescue;
use super::sessions::{self, Session};
use super::verifiers::{self, Verifier};
use crate::errors::{OpenError, StoreError};

pub(super) const SCHEMA: Schema = Schema {
    migrations: &[
        &[proposals::MIGRATION, sessions::MIGRATION],
        &[verifiers::MIGRATION, proposals::MIGRATION_2],
    ],
    synced: true,
    shrinks: false,
    page_bytes: encryption::SMALL_PAGES,
};

/// What the outbox holds at start.
#[derive(Debug, Default)]
pub struct Stored {
    /// Proposals in the order of the clicks.
    pub proposals: Vec<ProposalRow>,
    /// Sessions of all backends.
    pub sessions: Vec<Session>,
    /// By what officers are recognised without the line, of all backends.
    pub verifiers: Vec<Verifier>,
    /// What was rescued from a damaged file and where that lies, if there was one.
    pub rescued: Option<String>,
    /// Where a file lies that the key does not open, and whose orders are therefore not shown.
    pub locked: Option<String>,
    /// Why the file is not encrypted yet, if it is not.
    pub plain: Option<String>,
    /// Why nothing can be written until the next start, if so.
    pub stuck: Option<String>,
}

/// The outbox on its thread.
#[derive(Debug)]
pub struct OutboxDb {
    database: Database,
}

impl OutboxDb {
    /// Opens the outbox in the directory. A damaged file is kept aside and its readable rows are
    /// taken over; one that the key does not open is kept aside until a start that has its key. One
    /// for whose encryption there is no room is used as it is, and encrypted at a later start.
    pub fn open(dir: &Path, keys: &Keys, now: Timestamp) -> Result<(Self, Stored), OpenError> {
        let path = dir.join("outbox.db");
        rescue::finish_keeping_aside(&path)?;
        let (connection, stored) = match open_and_load(&path, &keys.current) {
            Ok((mut connection, mut stored)) => {
                let plain = stored.plain.take();
                let taken = rescue::take_over_kept(&path, &mut connection, keys, now)?;
                if taken.is_some() {
                    stored = load(&connection).map_err(|e| store_error(&path, &e))?;
                }
                stored.rescued = taken;
                stored.plain = plain;
                (connection, stored)
            }
            Err(Unfit::Stop(OpenError::Store(error @ StoreError::DiskFull { .. }))) => {
                return Self::open_stuck(path, &keys.current, &error);
            }
            Err(unfit) => rescue::rescue(&path, unfit, keys, now)?,
        };
        let database = Database::spawn(path, SCHEMA, connection)?;
        Ok((Self { database }, stored))
    }

    /// Shows what the disk holds although there is no room to bring it to this version: nothing is
    /// taken until a start that finds room.
    fn open_stuck(
        path: PathBuf,
        key: &DatabaseKey,
        error: &StoreError,
    ) -> Result<(Self, Stored), OpenError> {
        let copy = open_in_memory(&path, SCHEMA, key).map_err(|u| still_unfit(&path, u))?;
        let mut stored = load(&copy).map_err(|e| store_error(&path, &e))?;
        stored.stuck = Some(error.to_string());
        let database = Database::spawn(path, SCHEMA, copy)?.stuck();
        Ok((Self { database }, stored))
    }

    /// Path of the file.
    pub fn path(&self) -> &Path {
        self.database.path()
    }

    /// Adds a proposal; when the call returns, it is on the disk. A key that is there already is
    /// left as it is. Returns the row as it is on the disk.
    pub async fn add(&self, row: ProposalRow) -> Result<ProposalRow, StoreError> {
        self.write(Durability::Synced, move |db| proposals::add(db, &row))
            .await
    }

    /// Writes several rows that changed.
    pub async fn update(
        &self,
        durability: Durability,
        rows: Vec<ProposalRow>,
    ) -> Result<(), StoreError> {
        self.write(durability, move |db| {
            rows.iter().try_for_each(|row| proposals::update(db, row))
        })
        .await
    }

    /// Puts a proposal in the place of the one with its number, changes those behind it and removes
    /// others; when the call returns, all of it is on the disk, and before that nothing.
    pub async fn swap(
        &self,
        row: ProposalRow,
        behind: Vec<ProposalRow>,
        gone: Vec<i64>,
    ) -> Result<(), StoreError> {
        self.write(Durability::Synced, move |db| {
            gone.iter()
                .try_for_each(|seq| proposals::delete(db, *seq))?;
            proposals::swap(db, &row)?;
            behind.iter().try_for_each(|row| proposals::update(db, row))
        })
        .await
    }

    /// Removes rows whose effect is in the cache, or which an officer dropped.
    pub async fn delete(&self, durability: Durability, seqs: Vec<i64>) -> Result<(), StoreError> {
        self.write(durability, move |db| {
            seqs.iter().try_for_each(|seq| proposals::delete(db, *seq))
        })
        .await
    }

    /// Stores the session of the officer who now sits at the desk.
    pub async fn sign_in(&self, session: Session) -> Result<(), StoreError> {
        self.write(Durability::Synced, move |db| {
            sessions::sign_out(db, &session.backend)?;
            sessions::put(db, &session)
        })
        .await
    }

    /// Marks that nobody sits at the desk; tokens stay for what is queued.
    pub async fn sign_out(&self, backend: String) -> Result<(), StoreError> {
        self.write(Durability::Synced, move |db| {
            sessions::sign_out(db, &backend)
        })
        .await
    }

    /// Adds the signatures of a handover and seats the incoming officer; when the call returns, all
    /// of it is on the disk. Returns the rows as they are on the disk.
    pub async fn hand_over(
        &self,
        rows: Vec<ProposalRow>,
        session: Session,
    ) -> Result<Vec<ProposalRow>, StoreError> {
        self.write(Durability::Synced, move |db| {
            let stored = rows.iter().map(|row| proposals::add(db, row));
            let stored = stored.collect::<rusqlite::Result<_>>()?;
            sessions::sign_out(db, &session.backend)?;
            sessions::put(db, &session)?;
            Ok(stored)
        })
        .await
    }

    /// Stores a session without seating anybody else.
    pub async fn put_session(&self, session: Session) -> Result<(), StoreError> {
        self.write(Durability::Synced, move |db| sessions::put(db, &session))
            .await
    }

    /// Stores by what an officer is recognised without the line.
    pub async fn put_verifier(&self, verifier: Verifier) -> Result<(), StoreError> {
        self.write(Durability::Synced, move |db| verifiers::put(db, &verifier))
            .await
    }

    /// Forgets by what an officer is recognised without the line.
    pub async fn forget_verifier(
        &self,
        backend: String,
        officer: OfficerId,
    ) -> Result<(), StoreError> {
        self.write(Durability::Synced, move |db| {
            verifiers::delete(db, &backend, &officer)
        })
        .await
    }

    /// Forgets a session.
    pub async fn forget_session(
        &self,
        backend: String,
        officer: OfficerId,
    ) -> Result<(), StoreError> {
        self.write(Durability::Lazy, move |db| {
            sessions::delete(db, &backend, &officer)
        })
        .await
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

    async fn write<T, F>(&self, durability: Durability, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        self.database.transact(durability, work).await
    }
}

fn open_and_load(path: &Path, key: &DatabaseKey) -> Result<(Connection, Stored), Unfit> {
    let (connection, plain) = match open(path, SCHEMA, key) {
        Err(Unfit::NotEncrypted(cause)) => {
            let said = format!("{} ({cause})", path.display());
            (open_plain(path, SCHEMA)?, Some(said))
        }
        other => (other?, None),
    };
    let stored = load(&connection).map_err(|e| Unfit::from(store_error(path, &e)))?;
    Ok((connection, Stored { plain, ..stored }))
}

pub(super) fn load(connection: &Connection) -> rusqlite::Result<Stored> {
    Ok(Stored {
        proposals: proposals::load(connection)?,
        sessions: sessions::load(connection)?,
        verifiers: verifiers::load(connection)?,
        ..Stored::default()
    })
}
