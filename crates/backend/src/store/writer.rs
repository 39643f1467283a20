//! The one writer: what arrives at the same time waits for the disk together.
//!
//! A commit waits milliseconds for the disk, the work before it takes tenths of one. When a hall comes
//! back after days, or two hundred do, proposals arrive faster than a disk can be waited for one by
//! one. So a transaction is left open while others already wait for the writer; each works under a
//! savepoint of its own, the last one commits, and all of them return only then. Nobody is told of
//! anything that is not on the disk, and one that fails takes nothing of the others with it.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, ffi};

use super::{StoreError, lock};

/// How many share one commit at most, so that the first of them does not wait for ever.
const MOST_TOGETHER: usize = 64;

/// A connection that writes.
#[derive(Debug)]
pub struct Writer {
    session: Mutex<Session>,
    /// How many are about to take the session: one of them will commit.
    waiting: AtomicUsize,
    most_together: usize,
}

#[derive(Debug)]
struct Session {
    connection: Connection,
    open: Option<Open>,
}

/// A transaction that has begun.
#[derive(Debug)]
struct Open {
    batch: Arc<Batch>,
    members: usize,
}

/// Those who wait for one commit.
#[derive(Debug, Default)]
struct Batch {
    outcome: Mutex<Option<Result<(), Failure>>>,
    ended: Condvar,
}

/// An error of a commit, for everybody who took part in it.
#[derive(Debug, Clone)]
struct Failure {
    code: ffi::Error,
    message: Option<String>,
}

impl From<&rusqlite::Error> for Failure {
    fn from(error: &rusqlite::Error) -> Self {
        let code = error.sqlite_error().copied();
        Self {
            code: code.unwrap_or_else(|| ffi::Error::new(ffi::SQLITE_IOERR)),
            message: Some(error.to_string()),
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        let Failure { code, message } = failure;
        Self::Sqlite(rusqlite::Error::SqliteFailure(code, message))
    }
}

impl Batch {
    fn end(&self, outcome: Result<(), Failure>) {
        *lock(&self.outcome) = Some(outcome);
        self.ended.notify_all();
    }

    fn wait(&self) -> Result<(), Failure> {
        let mut outcome = lock(&self.outcome);
        loop {
            if let Some(ended) = &*outcome {
                return ended.clone();
            }
            outcome = self
                .ended
                .wait(outcome)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Writer {
    /// A writer on a connection. Where no commit waits for a disk, none is shared.
    pub fn new(connection: Connection, is_on_disk: bool) -> Self {
        Self {
            session: Mutex::new(Session {
                connection,
                open: None,
            }),
            waiting: AtomicUsize::new(0),
            most_together: if is_on_disk { MOST_TOGETHER } else { 1 },
        }
    }

    /// Runs one piece of work: all of it is on disk when this returns `Ok`, none of it otherwise.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let session = lock(&self.session);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        self.write_in(session, self.most_together, work)
    }

    /// The same for work that takes seconds: nobody who is done waits for it.
    pub fn write_alone<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut session = lock(&self.session);
        session.end_if(true, 1);
        self.write_in(session, 1, work)
    }

    fn write_in<T, E: From<StoreError>>(
        &self,
        mut session: MutexGuard<'_, Session>,
        most_together: usize,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let batch = session.join().map_err(StoreError::from)?;
        // A panic must not leave the others waiting for a commit that nobody makes.
        let ran = catch_unwind(AssertUnwindSafe(|| session.run(work)));
        let nobody_follows = self.waiting.load(Ordering::SeqCst) == 0;
        session.end_if(nobody_follows, most_together);
        drop(session);
        // A refusal waits as well: it may rest on what others in the same transaction have written.
        let committed = batch.wait().map_err(StoreError::from);
        let done = ran.unwrap_or_else(|panic| resume_unwind(panic));
        committed?;
        done
    }

    /// The connection between two transactions.
    pub fn between<T>(&self, look: impl FnOnce(&mut Connection) -> T) -> T {
        look(&mut lock(&self.session).connection)
    }
}

impl Session {
    /// Takes part in the transaction that is open, or begins one.
    fn join(&mut self) -> Result<Arc<Batch>, rusqlite::Error> {
        if self.open.is_none() {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
        }
        let open = self.open.get_or_insert_with(|| Open {
            batch: Arc::default(),
            members: 0,
        });
        open.members += 1;
        Ok(Arc::clone(&open.batch))
    }

    fn run<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        // What is not released is rolled back when it is dropped, also by a panic.
        let savepoint = self.connection.savepoint().map_err(StoreError::from)?;
        let done = work(&savepoint)?;
        savepoint.commit().map_err(StoreError::from)?;
        Ok(done)
    }

    /// Commits when nobody follows or enough have taken part, and tells all of them.
    fn end_if(&mut self, nobody_follows: bool, most_together: usize) {
        // SQLite gives the whole transaction up by itself after some failures of the disk.
        let is_given_up = self.connection.is_autocommit();
        let is_full = |open: &Open| open.members >= most_together;
        let Some(open) = self
            .open
            .take_if(|open| nobody_follows || is_given_up || is_full(open))
        else {
            return;
        };
        let committed = if is_given_up {
            let code = ffi::Error::new(ffi::SQLITE_IOERR);
            let message = Some("the transaction was given up".to_owned());
            Err(Failure { code, message })
        } else {
            let committed = self.connection.execute_batch("COMMIT");
            if committed.is_err() && !self.connection.is_autocommit() {
                // A commit that failed leaves the transaction open; nothing of it may stay.
                self.connection.execute_batch("ROLLBACK").ok();
            }
            committed.map_err(|error| Failure::from(&error))
        };
        open.batch.end(committed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;
    use crate::store::Store;

    fn insert(db: &Connection, name: &str) -> Result<(), StoreError> {
        db.execute("INSERT INTO counters VALUES (?1, 1)", [name])?;
        Ok(())
    }

    fn names(store: &Store) -> Vec<String> {
        let names = store.read(|db| -> Result<Vec<String>, StoreError> {
            let mut read = db.prepare("SELECT name FROM counters ORDER BY name")?;
            let names = read.query_map([], |row| row.get(0))?;
            Ok(names.collect::<Result<_, _>>()?)
        });
        names.expect("read")
    }

    /// Lets the second work begin to wait while the first one is at work.
    fn together<T: Send>(
        store: &Store,
        first: impl FnOnce(&Connection) -> T + Send,
        second: impl FnOnce(&Connection) -> Result<(), StoreError> + Send,
    ) -> (
        std::thread::Result<Result<T, StoreError>>,
        Result<(), StoreError>,
    ) {
        let begun = Barrier::new(2);
        std::thread::scope(|scope| {
            let one = scope.spawn(|| {
                store.write(|db| {
                    begun.wait();
                    while store.writer.waiting.load(Ordering::SeqCst) == 0 {
                        std::thread::yield_now();
                    }
                    Ok(first(db))
                })
            });
            begun.wait();
            let two = store.write(second);
            (one.join(), two)
        })
    }

    #[test]
    fn those_who_come_together_share_a_commit_and_return_after_it() {
        let folder = tempfile::tempdir().expect("folder");
        let store = Store::open(Some(&folder.path().join("x.db"))).expect("it opens");
        let (one, two) = together(
            &store,
            |db| insert(db, "one"),
            |db| {
                // The first is not committed yet: nobody else may see it.
                assert!(names(&store).is_empty());
                insert(db, "two")
            },
        );
        assert!(matches!(one, Ok(Ok(Ok(())))));
        two.expect("committed");
        assert_eq!(names(&store), ["one", "two"]);
    }

    #[test]
    fn nobody_who_is_done_waits_for_work_that_takes_long() {
        let folder = tempfile::tempdir().expect("folder");
        let store = Store::open(Some(&folder.path().join("x.db"))).expect("it opens");
        // As if somebody were about to write, so that the first leaves the transaction open.
        store.writer.waiting.fetch_add(1, Ordering::SeqCst);
        std::thread::scope(|scope| {
            let one = scope.spawn(|| store.write(|db| insert(db, "one")));
            while lock(&store.writer.session).open.is_none() {
                std::thread::yield_now();
            }
            let two = store.write_alone(|db| {
                assert_eq!(names(&store), ["one"]);
                insert(db, "two")
            });
            two.expect("committed");
            one.join().expect("no panic").expect("committed");
        });
        assert_eq!(names(&store), ["one", "two"]);
    }

    #[test]
    fn one_that_fails_or_panics_takes_nothing_of_the_others_with_it() {
        let folder = tempfile::tempdir().expect("folder");
        let store = Store::open(Some(&folder.path().join("x.db"))).expect("it opens");
        let (one, two) = together(
            &store,
            |db| insert(db, "kept"),
            |db| {
                insert(db, "lost")?;
                Err(StoreError::Damaged("on purpose".to_owned()))
            },
        );
        assert!(matches!(one, Ok(Ok(Ok(())))));
        assert!(two.is_err());
        assert_eq!(names(&store), ["kept"]);

        let (one, two) = together(
            &store,
            |db| -> Result<(), StoreError> {
                insert(db, "lost too").expect("inserted");
                resume_unwind(Box::new("on purpose"))
            },
            |db| insert(db, "kept too"),
        );
        assert!(one.is_err(), "the panic goes on");
        two.expect("committed");
        assert_eq!(names(&store), ["kept", "kept too"]);
    }
}
