//! How a process gets at a disk: one transaction after the other, each of which takes its time and
//! can be cut off by the end of the process before, between and after its steps.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sync_engine::StoreError;
use sync_engine::store::contract::Storing;
use sync_engine::store::database::Durability;

use crate::dice::Dice;
use crate::disk::{Disk, Rows};
use crate::life::Life;

/// A process's access to a disk.
#[derive(Debug)]
pub struct Access<R: Rows> {
    shared: Arc<Shared<R>>,
}

#[derive(Debug)]
struct Shared<R: Rows> {
    path: PathBuf,
    disk: Arc<Mutex<Disk<R>>>,
    life: Life,
    dice: Dice,
    /// The one writer: whoever holds it is at work.
    turn: tokio::sync::Mutex<()>,
    is_closed: AtomicBool,
}

/// What a transaction writes, and what its caller gets.
pub type Done<R, T> = (Vec<<R as Rows>::Write>, T);

impl<R> Access<R>
where
    R: Rows + Send + 'static,
    R::Write: Send,
{
    /// Access to a disk for as long as the process lives.
    pub fn new(name: &str, disk: Arc<Mutex<Disk<R>>>, life: Life, dice: Dice) -> Self {
        Self {
            shared: Arc::new(Shared {
                path: PathBuf::from(name),
                disk,
                life,
                dice,
                turn: tokio::sync::Mutex::new(()),
                is_closed: AtomicBool::new(false),
            }),
        }
    }

    /// Where it lies, for messages.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// Reads.
    pub fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&R) -> T + Send + 'static,
    ) -> Storing<'_, T> {
        self.transact(Durability::Lazy, move |rows| (Vec::new(), look(rows)))
    }

    /// Runs one transaction. It is finished even when nobody waits for it.
    pub fn transact<T: Send + 'static>(
        &self,
        durability: Durability,
        work: impl FnOnce(&R) -> Done<R, T> + Send + 'static,
    ) -> Storing<'_, T> {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            shared.life.or_never().await;
            if shared.is_closed.load(Ordering::Relaxed) {
                return Err(shared.closed());
            }
            let worker = Arc::clone(&shared);
            let task = tokio::spawn(async move {
                let _turn = worker.turn.lock().await;
                worker.carry_out(durability, work).await
            });
            let done = task.await;
            shared.life.or_never().await;
            match done {
                Ok(done) => done,
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_) => Err(shared.closed()),
            }
        })
    }

    /// Puts what cannot be read aside, so that it is used no more.
    pub fn put_aside(&self) {
        self.shared.disk().is_broken = false;
    }

    /// Goes on in memory with what the disk holds, behind what is being written.
    pub fn leave_disk(&self) -> Storing<'_, ()> {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            shared.life.or_never().await;
            let _turn = shared.turn.lock().await;
            shared.rest(0, 2).await;
            shared.disk().leave();
            Ok(())
        })
    }

    /// Finishes what was asked for and closes.
    pub async fn close(&self) {
        self.shared.life.or_never().await;
        self.shared.is_closed.store(true, Ordering::Relaxed);
        drop(self.shared.turn.lock().await);
        self.shared.life.or_never().await;
    }
}

impl<R: Rows> Shared<R> {
    async fn carry_out<T>(
        &self,
        durability: Durability,
        work: impl FnOnce(&R) -> Done<R, T>,
    ) -> Result<T, StoreError> {
        self.rest(0, 2).await;
        let value = {
            let mut disk = self.disk();
            if disk.is_broken && !disk.is_left() {
                return Err(StoreError::Damaged {
                    path: self.path.clone(),
                    cause: "a page cannot be read".to_owned(),
                });
            }
            let (writes, value) = work(disk.rows());
            if writes.is_empty() {
                return Ok(value);
            }
            if disk.is_full && !disk.is_left() {
                return Err(StoreError::DiskFull {
                    path: self.path.clone(),
                });
            }
            disk.write(writes);
            value
        };
        if durability == Durability::Synced {
            self.rest(1, 12).await;
            self.disk().sync();
        } else if self.dice.permille(20) {
            // A checkpoint, or the operating system, syncs when it likes.
            self.disk().sync();
        }
        self.rest(0, 1).await;
        Ok(value)
    }

    /// Waits for the disk; a process that ends meanwhile goes no further.
    async fn rest(&self, least_ms: u64, most_ms: u64) {
        let slowness_ms = self.disk().slowness_ms;
        let most_ms = most_ms + self.dice.between(0, slowness_ms);
        tokio::time::sleep(self.dice.millis(least_ms, most_ms)).await;
        self.life.or_never().await;
    }

    fn disk(&self) -> MutexGuard<'_, Disk<R>> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn closed(&self) -> StoreError {
        StoreError::Closed {
            path: self.path.clone(),
        }
    }
}
