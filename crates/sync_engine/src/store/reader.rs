//! The reading side of a database: a connection of its own beside the one writer, on a thread of its
//! own, so that who reads never waits for a transaction that is being written. It sees what was
//! committed when the read began.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::encryption;
use super::keys::DatabaseKey;
use super::worker::{Gone, Worker};

/// A connection that is opened when it is first needed.
#[derive(Debug)]
struct Reading {
    path: PathBuf,
    key: DatabaseKey,
    connection: Option<Connection>,
}

/// The thread that reads.
#[derive(Debug)]
pub struct Reader(Worker<Reading>);

/// While it lives, the reader has no connection and opens none.
#[derive(Debug)]
pub struct Pause(#[expect(dead_code, reason = "its drop ends the pause")] mpsc::Sender<()>);

impl Reader {
    /// A reader of an encrypted database that somebody else keeps open for writing.
    pub fn spawn(name: &str, path: &Path, key: &DatabaseKey) -> std::io::Result<Self> {
        let reading = Reading {
            path: path.to_owned(),
            key: key.clone(),
            connection: None,
        };
        Worker::spawn(format!("{name}-read"), reading).map(Self)
    }

    /// Runs `look` in one reading transaction: all that it finds belongs to the same moment.
    pub async fn read<T, F>(&self, look: F) -> Result<rusqlite::Result<T>, Gone>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.0
            .run(move |reading| {
                let moment = reading.connection()?.transaction()?;
                look(&moment)
            })
            .await
    }

    /// Closes the connection and holds every read back, so that the file can be put aside. Waits for
    /// the read under way; not for use on the runtime.
    pub fn pause(&self) -> Pause {
        let (paused, is_paused) = mpsc::channel();
        let (resume, is_over) = mpsc::channel::<()>();
        let hold = move |reading: &mut Reading| {
            reading.connection = None;
            // Both ends are only gone when nobody waits any more.
            paused.send(()).ok();
            is_over.recv().ok();
        };
        if self.0.submit(hold).is_ok() {
            // Without a thread there is nothing to wait for.
            is_paused.recv().ok();
        }
        Pause(resume)
    }

    /// Finishes what was asked for and closes the connection.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

impl Reading {
    fn connection(&mut self) -> rusqlite::Result<&mut Connection> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.open()?,
        };
        Ok(self.connection.insert(connection))
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        encryption::give_key(&connection, &self.key)?;
        connection.busy_timeout(Duration::from_secs(2))?;
        Ok(connection)
    }
}
