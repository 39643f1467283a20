//! outbox.db: what officers want done and the sessions they want it under. It exists nowhere else,
//! so every commit waits for the disk, and from a damaged file every readable row is rescued.

use std::path::Path;

use domain::{OfficerId, Timestamp};
use rusqlite::{Connection, Transaction};

use super::database::{Database, Durability, Schema, Unfit, open, store_error};
use super::keys::{DatabaseKey, Keys};
use super::proposals::{self, ProposalRow};
use super::rescue;
use super::sessions::{self, Session};
use crate::errors::{OpenError, StoreError};

pub(super) const SCHEMA: Schema = Schema {
    migrations: &[
        &[proposals::MIGRATION, sessions::MIGRATION],
        &[proposals::MIGRATION_2],
    ],
    synced: true,
};

/// What the outbox holds at start.
#[derive(Debug, Default)]
pub struct Stored {
    /// Proposals in the order of the clicks.
    pub proposals: Vec<ProposalRow>,
    /// Sessions of all backends.
    pub sessions: Vec<Session>,
    /// What was rescued from a damaged file and where that lies, if there was one.
    pub rescued: Option<String>,
    /// Where a file lies that the key does not open, and whose orders are therefore not shown.
    pub locked: Option<String>,
}

/// The outbox on its thread.
#[derive(Debug)]
pub struct OutboxDb {
    database: Database,
}

impl OutboxDb {
    /// Opens the outbox in the directory. A damaged file is kept aside and its readable rows are
    /// taken over; one that the key does not open is kept aside until a start that has its key.
    pub fn open(dir: &Path, keys: &Keys, now: Timestamp) -> Result<(Self, Stored), OpenError> {
        let path = dir.join("outbox.db");
        rescue::finish_keeping_aside(&path)?;
        let (connection, stored) = match open_and_load(&path, &keys.current) {
            Ok((mut connection, stored)) => {
                match rescue::take_over_kept(&path, &mut connection, keys)? {
                    None => (connection, stored),
                    Some(rescued) => {
                        let mut stored = load(&connection).map_err(|e| store_error(&path, &e))?;
                        stored.rescued = Some(rescued);
                        (connection, stored)
                    }
                }
            }
            Err(unfit) => rescue::rescue(&path, unfit, keys, now)?,
        };
        let database = Database::spawn(path, SCHEMA, connection)?;
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
    let connection = open(path, SCHEMA, key)?;
    let stored = load(&connection).map_err(|e| Unfit::from(store_error(path, &e)))?;
    Ok((connection, stored))
}

pub(super) fn load(connection: &Connection) -> rusqlite::Result<Stored> {
    Ok(Stored {
        proposals: proposals::load(connection)?,
        sessions: sessions::load(connection)?,
        rescued: None,
        locked: None,
    })
}
