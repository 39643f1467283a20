//! The tables of the cache: how they are made, what their rows take, which of them go first, and what tells that the
//! disk changed one.

use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

/// What a row counts beyond its tile.
pub(super) const ROW_BYTES: i64 = 256;

/// Version of the tables.
pub(super) const TABLES_VERSION: i64 = 2;

/// Counts for a file that has nothing in it yet; of another it would change the first page, for which a full disk has
/// no room.
pub(super) const SHRINKS: &str = "PRAGMA auto_vacuum = INCREMENTAL";
pub(super) const PRAGMAS: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA journal_size_limit = 8388608;";

/// The second version added the addresses of the street's tiles, whether they are kept yet or not.
pub(super) const TABLES: &str = "
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

/// What the rows take.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Held {
    pub(super) bytes: i64,
    /// Whether tiles of the street had to go.
    pub(super) street_lost: bool,
}

/// Removes rows until the rest fits.
pub(super) fn evict(
    connection: &Connection,
    held: &mut Held,
    limit_bytes: i64,
) -> rusqlite::Result<()> {
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

pub(super) fn remove(
    connection: &Connection,
    held: &mut Held,
    id: i64,
    length: i64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM tiles WHERE id = ?1")?
        .execute([id])?;
    held.bytes = (held.bytes - length - ROW_BYTES).max(0);
    Ok(())
}

/// Tells a tile that the disk changed.
pub(super) fn sum_of(body: &[u8]) -> Vec<u8> {
    Sha256::digest(body)[..8].to_vec()
}
