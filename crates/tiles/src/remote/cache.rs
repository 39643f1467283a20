//! Tiles of remote sources on the disk: one SQLite file of bounded size, from which the least recently used go first,
//! and the street's own last.
//!
//! The cache never fails its caller. A damaged file is kept aside and begun anew, a full or absent disk only means
//! that nothing is kept for a while, after which it is tried again; each is logged once.

mod tables;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};

use tables::{Held, PRAGMAS, ROW_BYTES, SHRINKS, TABLES, TABLES_VERSION, evict, remove, sum_of};

/// Reads whose order is kept in memory until they are written in one go.
const TOUCHES: usize = 64;
/// How long nothing is written, or opened, after the disk refused it.
const PAUSE_S: i64 = 60;
/// Names a tile in the cache: fingerprint of the source, zoom, column, row.
pub(crate) type Address = (i64, u8, u32, u32);
/// Names a tile of a source: zoom, column, row.
pub(crate) type Tile = (u8, u32, u32);

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
    /// The street's tiles that are still to be named, since the file refused it.
    unnamed: Option<HashSet<Address>>,
    paused_until_s: i64,
    /// Whether the present trouble was logged.
    told: bool,
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

    /// The state; where the file could not be opened, that is tried again after each pause.
    fn opened(&self, now_s: i64) -> MutexGuard<'_, State> {
        let mut state = self.locked();
        if state.connection.is_some() || state.is_paused(now_s) {
            return state;
        }
        match state.open(&self.path, self.limit_bytes) {
            Ok(()) => {
                state.told = false;
                tracing::info!(path = %self.path.display(), "the tile cache can be used again");
            }
            Err(error) => state.meet(&error, &self.path, self.limit_bytes),
        }
        if state.connection.is_some() {
            state.paused_until_s = 0;
            self.name_rest(&mut state);
        } else {
            state.paused_until_s = now_s + PAUSE_S;
        }
        state
    }

    /// A tile that is kept.
    pub(crate) fn get(&self, address: Address, now_s: i64) -> Option<Kept> {
        let mut state = self.opened(now_s);
        let found = state.read(address);
        self.mind(&mut state, found)?
    }

    /// The newest tile of a source and where it lies, for what it tells about the source.
    pub(crate) fn newest(&self, source: i64, now_s: i64) -> Option<(Tile, Bytes)> {
        let mut state = self.opened(now_s);
        let found = state.newest(source);
        self.mind(&mut state, found)?
    }

    /// A tile amid those that were last named as the street's, of whatever source, on the level closest to one.
    pub(crate) fn street_tile(&self, zoom: u8, now_s: i64) -> Option<Tile> {
        let mut state = self.opened(now_s);
        let found = state.street_tile(zoom);
        self.mind(&mut state, found)?
    }

    /// Keeps a tile. What does not fit the limit by itself is not kept.
    pub(crate) fn put(&self, address: Address, kept: &Kept, now_s: i64) {
        let mut state = self.opened(now_s);
        if state.is_paused(now_s) {
            return;
        }
        let wrote = state.write(address, kept, self.limit_bytes);
        match self.mind(&mut state, wrote) {
            Some(()) => {
                (state.paused_until_s, state.told) = (0, false);
                self.name_rest(&mut state);
            }
            None => state.paused_until_s = now_s + PAUSE_S,
        }
    }

    /// Names the street's tiles in place of those that were named before: all others make room first.
    pub(crate) fn keep_street(&self, street: &HashSet<Address>) {
        let mut state = self.locked();
        state.held.street_lost = false;
        state.unnamed = Some(street.clone());
        self.name_rest(&mut state);
    }

    /// Names the street's tiles where that is still to be done.
    fn name_rest(&self, state: &mut State) {
        let Some(street) = state.unnamed.take() else {
            return;
        };
        let named = state.name_street(&street);
        if self.mind(state, named).is_none() {
            state.unnamed = Some(street);
        }
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
                %path, %trouble, "the tile cache cannot be used; tiles are shown but not kept until it can, which is tried every minute"
            );
        }
    }

    fn is_paused(&self, now_s: i64) -> bool {
        // A pause that is longer than any shows that the clock jumped.
        (1..=PAUSE_S).contains(&(self.paused_until_s - now_s))
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
        let was_told = self.told && self.connection.is_none();
        *self = Self {
            unnamed: self.unnamed.take(),
            ..Self::default()
        };
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
                    unnamed: self.unnamed.take(),
                    ..Self::default()
                };
                if !was_told {
                    tracing::warn!(%cause, %error, "the tile cache is damaged and cannot be begun anew; nothing is kept");
                }
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

    fn newest(&self, source: i64) -> Outcome<Option<(Tile, Bytes)>> {
        let select = "SELECT z, x, y, body FROM tiles WHERE source = ?1 AND length(body) > 0
                      ORDER BY used DESC LIMIT 1";
        let found = self.connected()?.query_row(select, [source], |row| {
            let body = Bytes::from(row.get::<_, Vec<u8>>(3)?);
            Ok(((row.get(0)?, row.get(1)?, row.get(2)?), body))
        });
        Ok(found.optional()?)
    }

    fn street_tile(&self, zoom: u8) -> Outcome<Option<Tile>> {
        let connection = self.connected()?;
        if !self.is_current {
            // The first version named no street.
            return Ok(None);
        }
        let level = "SELECT z FROM street ORDER BY abs(z - ?1) LIMIT 1";
        let level = connection.query_row(level, [zoom], |row| row.get::<_, u8>(0));
        let Some(level) = level.optional()? else {
            return Ok(None);
        };
        let middle = "SELECT z, x, y FROM street WHERE z = ?1 ORDER BY source, x, y
                      LIMIT 1 OFFSET (SELECT count(*) / 2 FROM street WHERE z = ?1)";
        let found = connection.query_row(middle, [level], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        });
        Ok(found.optional()?)
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

#[cfg(test)]
mod tests;
