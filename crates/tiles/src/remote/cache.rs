//! Tiles of remote sources on the disk: one SQLite file of bounded size, from which the least recently used go first,
//! and the street's own last.
//!
//! The cache never fails its caller. A damaged file is kept aside and begun anew, a full or absent disk only means
//! that nothing is kept for a while; each is logged once.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use sha2::{Digest as _, Sha256};

/// What a row counts beyond its tile.
const ROW_BYTES: i64 = 256;
/// Reads whose order is kept in memory until they are written in one go.
const TOUCHES: usize = 64;
/// How long nothing is written after the disk refused it.
const PAUSE_S: i64 = 60;
/// Version of the tables.
const TABLES_VERSION: i64 = 2;

/// Counts for a file that has nothing in it yet; of another it would change the first page, for which a full disk has
/// no room.
const SHRINKS: &str = "PRAGMA auto_vacuum = INCREMENTAL";
const PRAGMAS: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA journal_size_limit = 8388608;";

/// The second version added the addresses of the street's tiles, whether they are kept yet or not.
const TABLES: &str = "
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS tiles (
        id INTEGER PRIMARY KEY, source INTEGER NOT NULL, z INTEGER NOT NULL, x INTEGER NOT NULL, y INTEGER NOT NULL,
        used INTEGER NOT NULL, fetched_s INTEGER NOT NULL, fresh_until_s INTEGER NOT NULL,
        etag TEXT, last_modified TEXT, sum BLOB NOT NULL, body BLOB NOT NULL, UNIQUE (source, z, x, y));
    CREATE INDEX IF NOT EXISTS tiles_used ON tiles (used);
    CREATE TABLE IF NOT EXISTS street (
        source INTEGER NOT NULL, z INTEGER NOT NULL, x INTEGER NOT NULL, y INTEGER NOT NULL,
        PRIMARY KEY (source, z, x, y)) WITHOUT ROWID;
    PRAGMA user_version = 2;
    COMMIT;";

/// Rows that may go, those that were not used for longest first.
const OLDEST: &str = "SELECT id, length(body) FROM tiles AS t
    WHERE NOT EXISTS (SELECT 1 FROM street AS s WHERE s.source = t.source AND s.z = t.z AND s.x = t.x AND s.y = t.y)
    ORDER BY used LIMIT 32";
/// Once there are no others, those of the street: the deepest level first, which the level above can stand in for, and
/// of that what came last, so that none takes the place of another.
const DEEPEST: &str = "SELECT id, length(body) FROM tiles ORDER BY z DESC, used DESC LIMIT 32";

/// Names a tile in the cache: fingerprint of the source, zoom, column, row.
pub(crate) type Address = (i64, u8, u32, u32);

/// A tile that is kept; an empty body says that the source has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) body: Bytes,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    /// When it came, in seconds since 1970.
    pub(crate) fetched_s: i64,
    /// Until when it is used without asking.
    pub(crate) fresh_until_s: i64,
}

impl Kept {
    /// Whether it can be used without asking. A tile from the future shows that the clock jumped.
    pub(crate) fn is_fresh(&self, now_s: i64) -> bool {
        (self.fetched_s..self.fresh_until_s).contains(&now_s)
    }
}

/// The cache of all remote sources of a hall.
#[derive(Debug)]
pub struct DiskCache {
    path: PathBuf,
    limit_bytes: i64,
    state: Mutex<State>,
}

/// Why the cache cannot be used now.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error("it is a database of another kind or version")]
    OtherTables,
    #[error("it is not open")]
    NotOpen,
}

type Outcome<T> = Result<T, Trouble>;

#[derive(Debug, Default)]
struct State {
    /// `None` while the file cannot be used.
    connection: Option<Connection>,
    /// Whether the tables are those of this version.
    is_current: bool,
    held: Held,
    /// The number of the last use; each use gets the next.
    tick: i64,
    touched: HashMap<i64, i64>,
    paused_until_s: i64,
    /// Whether the present trouble was logged.
    told: bool,
}

/// What the rows take.
#[derive(Debug, Default, Clone, Copy)]
struct Held {
    bytes: i64,
    /// Whether tiles of the street had to go.
    street_lost: bool,
}

impl DiskCache {
    /// Opens the cache in a file, which is made where it is missing.
    pub fn open(path: &Path, limit_bytes: u64) -> Self {
        let limit_bytes = i64::try_from(limit_bytes).unwrap_or(i64::MAX);
        let cache = Self {
            path: path.to_owned(),
            limit_bytes,
            state: Mutex::default(),
        };
        let mut state = cache.locked();
        if let Err(error) = state.open(path, limit_bytes) {
            state.meet(&error, path, limit_bytes);
        }
        drop(state);
        cache
    }

    /// Bytes of all tiles that are kept, with what their rows take.
    pub fn held_bytes(&self) -> u64 {
        self.locked().held.bytes.unsigned_abs()
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A tile that is kept.
    pub(crate) fn get(&self, address: Address) -> Option<Kept> {
        let mut state = self.locked();
        let found = state.read(address);
        self.mind(&mut state, found)?
    }

    /// The newest tile of a source, for what it tells about the source.
    pub(crate) fn newest(&self, source: i64) -> Option<Bytes> {
        let mut state = self.locked();
        let found = state.newest(source);
        self.mind(&mut state, found)?
    }

    /// Keeps a tile. What does not fit the limit by itself is not kept.
    pub(crate) fn put(&self, address: Address, kept: &Kept, now_s: i64) {
        let mut state = self.locked();
        let pause = state.paused_until_s - now_s;
        // A pause that is longer than any shows that the clock jumped.
        if (1..=PAUSE_S).contains(&pause) {
            return;
        }
        let wrote = state.write(address, kept, self.limit_bytes);
        match self.mind(&mut state, wrote) {
            Some(()) => (state.paused_until_s, state.told) = (0, false),
            None => state.paused_until_s = now_s + PAUSE_S,
        }
    }

    /// Names the street's tiles in place of those that were named before: all others make room first.
    pub(crate) fn keep_street(&self, street: &HashSet<Address>) {
        let mut state = self.locked();
        state.held.street_lost = false;
        let named = state.name_street(street);
        self.mind(&mut state, named);
    }

    /// Whether there was no room for all of the street's tiles since they were named.
    pub(crate) fn lacks_room(&self) -> bool {
        self.locked().held.street_lost
    }

    /// Notes that the source confirmed a tile as it is.
    pub(crate) fn renew(&self, address: Address, kept: &Kept) {
        let mut state = self.locked();
        let wrote = state.renew(address, kept);
        self.mind(&mut state, wrote);
    }

    /// The value, or what is done about its absence.
    fn mind<T>(&self, state: &mut State, outcome: Outcome<T>) -> Option<T> {
        outcome
            .inspect_err(|error| state.meet(error, &self.path, self.limit_bytes))
            .ok()
    }
}

impl Drop for DiskCache {
    fn drop(&mut self) {
        // What cannot be written now is only the order of a few uses.
        let _order = self.locked().in_transaction(|_, _| Ok(()));
    }
}

impl Trouble {
    /// Whether the file has to be begun anew.
    fn is_damage(&self) -> bool {
        match self {
            Self::OtherTables => true,
            Self::NotOpen => false,
            Self::Sqlite(error) => {
                let damage = [ErrorCode::DatabaseCorrupt, ErrorCode::NotADatabase];
                error
                    .sqlite_error_code()
                    .is_some_and(|code| damage.contains(&code))
            }
        }
    }
}

impl State {
    /// Does what can be done about a trouble.
    fn meet(&mut self, trouble: &Trouble, path: &Path, limit_bytes: i64) {
        if trouble.is_damage() {
            self.begin_anew(path, limit_bytes, trouble);
        } else if !self.told {
            self.told = true;
            let path = path.display();
            tracing::warn!(
                %path, %trouble, "the tile cache cannot be used; tiles are shown but not kept until its disk has room"
            );
        }
    }

    fn open(&mut self, path: &Path, limit_bytes: i64) -> Outcome<()> {
        let connection = Connection::open(path)?;
        let version: i64 = connection.query_row("PRAGMA user_version", (), |row| row.get(0))?;
        let tables = "SELECT count(*) FROM sqlite_master";
        let tables: i64 = connection.query_row(tables, (), |row| row.get(0))?;
        if tables > 0 && !(1..=TABLES_VERSION).contains(&version) {
            return Err(Trouble::OtherTables);
        }
        if tables == 0 {
            connection.execute_batch(SHRINKS)?;
        }
        connection.execute_batch(PRAGMAS)?;
        self.is_current = version == TABLES_VERSION;
        self.connection = Some(connection);
        if tables == 0 {
            self.bring_forward()?;
        }
        let sums = "SELECT coalesce(sum(length(body) + ?1), 0), coalesce(max(used), 0) FROM tiles";
        let (bytes, tick) = self
            .connected()?
            .query_row(sums, [ROW_BYTES], |row| Ok((row.get(0)?, row.get(1)?)))?;
        (self.held.bytes, self.tick) = (bytes, tick);
        self.in_transaction(|connection, held| evict(connection, held, limit_bytes))?;
        Ok(self
            .connected()?
            .execute_batch("PRAGMA incremental_vacuum")?)
    }

    /// Makes the tables those of this version.
    fn bring_forward(&mut self) -> Outcome<()> {
        if !self.is_current {
            let connection = self.connected()?;
            if let Err(error) = connection.execute_batch(TABLES) {
                // Where it failed within, nothing of it stays; else there is nothing to undo.
                connection.execute_batch("ROLLBACK").ok();
                return Err(error.into());
            }
            self.is_current = true;
        }
        Ok(())
    }

    fn name_street(&mut self, street: &HashSet<Address>) -> Outcome<()> {
        self.in_transaction(|connection, _| {
            connection.execute("DELETE FROM street", ())?;
            let mut insert =
                connection.prepare_cached("INSERT INTO street VALUES (?1, ?2, ?3, ?4)")?;
            street
                .iter()
                .try_for_each(|address| insert.execute(*address).map(drop))
        })
    }

    fn connected(&self) -> Outcome<&Connection> {
        self.connection.as_ref().ok_or(Trouble::NotOpen)
    }

    /// Puts the file aside, where it takes the place of an older one, and begins with an empty one.
    fn begin_anew(&mut self, path: &Path, limit_bytes: i64, cause: &Trouble) {
        *self = Self::default();
        let beside = |ending: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        };
        let aside = beside(".damaged");
        let moved = std::fs::rename(path, &aside);
        for ending in ["-wal", "-shm"] {
            // They belong to the file that was moved; where they are absent there is nothing to do.
            let _gone = std::fs::remove_file(beside(ending));
        }
        let again = moved.map_err(|error| error.to_string()).and_then(|()| {
            self.open(path, limit_bytes)
                .map_err(|error| error.to_string())
        });
        let aside = aside.display();
        match again {
            Ok(()) => {
                tracing::warn!(%cause, %aside, "the tile cache was damaged; it is kept aside and begun anew");
            }
            Err(error) => {
                *self = Self {
                    told: true,
                    ..Self::default()
                };
                tracing::warn!(%cause, %error, "the tile cache is damaged and cannot be begun anew; nothing is kept");
            }
        }
    }

    fn read(&mut self, (source, z, x, y): Address) -> Outcome<Option<Kept>> {
        let connection = self.connected()?;
        let mut select = connection.prepare_cached(
            "SELECT id, sum, body, etag, last_modified, fetched_s, fresh_until_s FROM tiles
             WHERE source = ?1 AND z = ?2 AND x = ?3 AND y = ?4",
        )?;
        let found = select.query_row((source, z, x, y), |row| {
            let kept = Kept {
                body: Bytes::from(row.get::<_, Vec<u8>>(2)?),
                etag: row.get(3)?,
                last_modified: row.get(4)?,
                fetched_s: row.get(5)?,
                fresh_until_s: row.get(6)?,
            };
            Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, kept))
        });
        let Some((id, sum, kept)) = found.optional()? else {
            return Ok(None);
        };
        drop(select);
        if sum != sum_of(&kept.body) {
            // The disk changed it: as if it had never been there.
            self.in_transaction(|connection, held| {
                remove(connection, held, id, kept.body.len() as i64)
            })?;
            return Ok(None);
        }
        self.tick += 1;
        self.touched.insert(id, self.tick);
        if self.touched.len() >= TOUCHES && self.in_transaction(|_, _| Ok(())).is_err() {
            self.touched.clear();
        }
        Ok(Some(kept))
    }

    fn newest(&self, source: i64) -> Outcome<Option<Bytes>> {
        let select = "SELECT body FROM tiles WHERE source = ?1 AND length(body) > 0 ORDER BY used DESC LIMIT 1";
        let found = self
            .connected()?
            .query_row(select, [source], |row| row.get::<_, Vec<u8>>(0));
        Ok(found.optional()?.map(Bytes::from))
    }

    fn write(&mut self, (source, z, x, y): Address, kept: &Kept, limit_bytes: i64) -> Outcome<()> {
        let cost = kept.body.len() as i64 + ROW_BYTES;
        if cost > limit_bytes {
            return Ok(());
        }
        self.tick += 1;
        let used = self.tick;
        self.in_transaction(|connection, held| {
            let old = "SELECT id, length(body) FROM tiles WHERE source = ?1 AND z = ?2 AND x = ?3 AND y = ?4";
            let old = connection.query_row(old, (source, z, x, y), |row| Ok((row.get(0)?, row.get(1)?)));
            if let Some((id, length)) = old.optional()? {
                remove(connection, held, id, length)?;
            }
            let mut insert = connection.prepare_cached(
                "INSERT INTO tiles (source, z, x, y, used, fetched_s, fresh_until_s, etag, last_modified, sum, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?;
            let (times, sum) = ((kept.fetched_s, kept.fresh_until_s), sum_of(&kept.body));
            let (etag, modified) = (&kept.etag, &kept.last_modified);
            insert.execute(params![source, z, x, y, used, times.0, times.1, etag, modified, sum, &kept.body[..]])?;
            held.bytes += cost;
            evict(connection, held, limit_bytes)
        })
    }

    fn renew(&self, (source, z, x, y): Address, kept: &Kept) -> Outcome<()> {
        let update =
            "UPDATE tiles SET fetched_s = ?5, fresh_until_s = ?6, etag = ?7, last_modified = ?8
                      WHERE source = ?1 AND z = ?2 AND x = ?3 AND y = ?4";
        let mut update = self.connected()?.prepare_cached(update)?;
        let (etag, modified) = (&kept.etag, &kept.last_modified);
        update.execute(params![
            source,
            z,
            x,
            y,
            kept.fetched_s,
            kept.fresh_until_s,
            etag,
            modified
        ])?;
        Ok(())
    }

    /// Changes rows, the order of the latest uses with them, all or nothing.
    fn in_transaction(
        &mut self,
        change: impl FnOnce(&Connection, &mut Held) -> rusqlite::Result<()>,
    ) -> Outcome<()> {
        // What an earlier version kept can be read also while there is no room for this one's tables.
        self.bring_forward()?;
        let connection = self.connection.as_mut().ok_or(Trouble::NotOpen)?;
        let transaction = connection.transaction()?;
        for (id, used) in &self.touched {
            let mut touch =
                transaction.prepare_cached("UPDATE tiles SET used = ?2 WHERE id = ?1")?;
            touch.execute((id, used))?;
        }
        let mut held = self.held;
        change(&transaction, &mut held)?;
        transaction.commit()?;
        if held.street_lost && !self.held.street_lost {
            tracing::warn!(
                "the tile cache has no room for all tiles of the street; its deepest levels are left out"
            );
        }
        self.held = held;
        self.touched.clear();
        Ok(())
    }
}

/// Removes rows until the rest fits.
fn evict(connection: &Connection, held: &mut Held, limit_bytes: i64) -> rusqlite::Result<()> {
    while held.bytes > limit_bytes {
        let mut rows = listed(connection, OLDEST)?;
        if rows.is_empty() {
            rows = listed(connection, DEEPEST)?;
            held.street_lost |= !rows.is_empty();
        }
        if rows.is_empty() {
            held.bytes = 0;
        }
        for (id, length) in rows {
            if held.bytes > limit_bytes {
                remove(connection, held, id, length)?;
            }
        }
    }
    Ok(())
}

/// Numbers and lengths of rows.
fn listed(connection: &Connection, select: &str) -> rusqlite::Result<Vec<(i64, i64)>> {
    let mut select = connection.prepare_cached(select)?;
    let rows = select.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn remove(connection: &Connection, held: &mut Held, id: i64, length: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM tiles WHERE id = ?1")?
        .execute([id])?;
    held.bytes = (held.bytes - length - ROW_BYTES).max(0);
    Ok(())
}

/// Tells a tile that the disk changed.
fn sum_of(body: &[u8]) -> Vec<u8> {
    Sha256::digest(body)[..8].to_vec()
}

#[cfg(test)]
mod tests;
