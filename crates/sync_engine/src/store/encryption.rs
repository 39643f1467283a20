//! Encryption at rest: giving SQLite the key, and turning a database that an earlier version left
//! unencrypted into an encrypted one.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::{Connection, ErrorCode};

use super::database::{Unfit, sibling, store_error};
use super::keys::{DatabaseKey, sync_dir_of};
use crate::errors::{OpenError, StoreError};

/// What every unencrypted database begins with; an encrypted one begins with a random salt.
const PLAIN_HEADER: &[u8; 16] = b"SQLite format 3\0";

/// The sizes that the pages of a database may have, in bytes. A commit encrypts whole pages: an
/// order in small ones is on the disk sooner (docs/performance.md), and the large records of a cache want
/// large ones.
pub const SMALL_PAGES: u32 = 1024;
/// What SQLCipher takes where nothing is said, as all versions before did.
pub const LARGE_PAGES: u32 = 4096;

/// Opens a database with its key, or says `None` where that is not its key. A new database gets
/// pages of that size; one that is there keeps those that it has, which nothing but a try can tell.
pub fn connect(
    path: &Path,
    key: &DatabaseKey,
    page_bytes: u32,
) -> rusqlite::Result<Option<Connection>> {
    for page_bytes in first(page_bytes) {
        let connection = Connection::open(path)?;
        give_key(&connection, key)?;
        connection.pragma_update(None, "cipher_page_size", page_bytes)?;
        if is_open(&connection)? {
            return Ok(Some(connection));
        }
    }
    Ok(None)
}

/// Both sizes, the likely one first.
const fn first(page_bytes: u32) -> [u32; 2] {
    match page_bytes {
        SMALL_PAGES => [SMALL_PAGES, LARGE_PAGES],
        _ => [LARGE_PAGES, SMALL_PAGES],
    }
}

/// The key in SQLCipher's raw form, which skips the derivation from a password.
fn raw_form(key: &DatabaseKey) -> String {
    format!("x'{}'", key.hex())
}

/// Gives the connection its key; nothing is read yet.
pub fn give_key(connection: &Connection, key: &DatabaseKey) -> rusqlite::Result<()> {
    // A key that does not fit is an answer here and nothing to be printed on the console.
    connection.pragma_update(None, "cipher_log_level", "NONE")?;
    connection.pragma_update(None, "key", raw_form(key))
}

/// Whether the key given to the connection is the one that the database was written with.
fn is_open(connection: &Connection) -> rusqlite::Result<bool> {
    match connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())) {
        Ok(()) => Ok(true),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether the file is an unencrypted database.
pub fn is_plain(path: &Path) -> bool {
    let mut header = [0; 16];
    File::open(path)
        .and_then(|mut file| file.read_exact(&mut header))
        .is_ok_and(|()| header == *PLAIN_HEADER)
}

/// Encrypts an unencrypted database in place. The encrypted copy is complete, on the disk and
/// checked before it takes the place of the original in one step, so a process that ends anywhere
/// in between leaves one or the other, and both hold everything. Where it cannot be done, as on a
/// full disk, the original stays as it is.
pub fn encrypt(path: &Path, key: &DatabaseKey, page_bytes: u32) -> Result<(), Unfit> {
    let draft = sibling(path, ".encrypting");
    let done = encrypt_by_way_of(&draft, path, key, page_bytes);
    match done {
        Err(Unfit::Stop(cause)) if is_plain(path) => {
            // Half a copy must not take the room that there may be too little of.
            remove_draft(&draft).ok();
            Err(Unfit::NotEncrypted(cause.to_string()))
        }
        other => other,
    }
}

fn encrypt_by_way_of(
    draft: &Path,
    path: &Path,
    key: &DatabaseKey,
    page_bytes: u32,
) -> Result<(), Unfit> {
    let failed = |error: rusqlite::Error| Unfit::from(store_error(path, &error));
    let io = |cause| {
        Unfit::Stop(OpenError::UnusableDataDir {
            path: path.to_owned(),
            cause,
        })
    };
    remove_draft(draft).map_err(io)?;
    let plain = Connection::open(path).map_err(failed)?;
    let verdict: String = plain
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(failed)?;
    if verdict != "ok" {
        return Err(Unfit::Damaged(verdict));
    }
    export(&plain, draft, key, page_bytes).map_err(failed)?;
    File::open(draft)
        .and_then(|file| file.sync_all())
        .map_err(io)?;
    // The log of the original must be gone before the encrypted file bears its name: SQLite would
    // take the log's pages for pages of the encrypted file.
    let journal: String = plain
        .query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))
        .map_err(failed)?;
    if journal != "delete" {
        return Err(Unfit::Stop(OpenError::Store(StoreError::Failed {
            path: path.to_owned(),
            cause: format!("its log cannot be closed; the journal is still {journal}"),
        })));
    }
    let copy = connect(draft, key, page_bytes).map_err(failed)?;
    let copied = copy.as_ref().map(contents).transpose().map_err(failed)?;
    if copied != Some(contents(&plain).map_err(failed)?) {
        return Err(Unfit::Stop(OpenError::Store(StoreError::Failed {
            path: draft.to_owned(),
            cause: "the encrypted copy differs from the original".to_owned(),
        })));
    }
    drop(copy);
    drop(plain);
    // SQLite says that its journal is another one now also where the log could not be deleted.
    if sibling(path, "-wal").exists() {
        return Err(Unfit::Stop(OpenError::Store(StoreError::Failed {
            path: path.to_owned(),
            cause: "its log cannot be removed".to_owned(),
        })));
    }
    std::fs::rename(draft, path).map_err(io)?;
    sync_dir_of(path).map_err(io)
}

/// A copy in memory of a database, encrypted or not, as it is on the disk; `None` where that is not
/// its key.
pub fn copy_to_memory(
    path: &Path,
    key: &DatabaseKey,
    page_bytes: u32,
) -> rusqlite::Result<Option<Connection>> {
    static COPIES: AtomicU64 = AtomicU64::new(0);
    let stored = if is_plain(path) {
        Connection::open(path)?
    } else {
        match connect(path, key, page_bytes)? {
            Some(stored) => stored,
            None => return Ok(None),
        }
    };
    // The size of its pages can be said only to a database that is opened first, so that the copy
    // is the one that is attached; the other connection finds it by its name.
    let name = format!(
        "file:/streethall-copy-{}?vfs=memdb",
        COPIES.fetch_add(1, Ordering::Relaxed)
    );
    let copy = Connection::open(&name)?;
    stored.execute("ATTACH DATABASE ?1 AS copy KEY ''", [&name])?;
    let version: i64 = stored.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    stored.query_row("SELECT sqlcipher_export('copy')", [], |_| Ok(()))?;
    stored.pragma_update(Some("copy"), "user_version", version)?;
    stored.execute_batch("DETACH DATABASE copy")?;
    Ok(Some(copy))
}

/// Writes an encrypted copy of a whole database.
fn export(
    plain: &Connection,
    draft: &Path,
    key: &DatabaseKey,
    page_bytes: u32,
) -> rusqlite::Result<()> {
    let version: i64 = plain.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    plain.execute(
        "ATTACH DATABASE ?1 AS encrypted KEY ?2",
        [draft.to_string_lossy().into_owned(), raw_form(key)],
    )?;
    plain.pragma_update(Some("encrypted"), "cipher_page_size", page_bytes)?;
    plain.query_row("SELECT sqlcipher_export('encrypted')", [], |_| Ok(()))?;
    plain.pragma_update(Some("encrypted"), "user_version", version)?;
    plain.execute_batch("DETACH DATABASE encrypted")
}

/// Schema version, verdict on the integrity, and every table with its number of rows.
type Contents = (i64, String, Vec<(String, i64)>);

fn contents(connection: &Connection) -> rusqlite::Result<Contents> {
    let version = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let verdict = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    let mut read =
        connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?;
    let names: Vec<String> = read
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let count = |name: String| {
        let sql = format!("SELECT count(*) FROM \"{name}\"");
        let rows = connection.query_row(&sql, [], |row| row.get(0))?;
        Ok((name, rows))
    };
    let rows = names
        .into_iter()
        .map(count)
        .collect::<rusqlite::Result<_>>()?;
    Ok((version, verdict, rows))
}

/// Removes what an encryption that did not come to its end left behind.
fn remove_draft(draft: &Path) -> std::io::Result<()> {
    for suffix in ["", "-journal", "-wal", "-shm"] {
        let file: PathBuf = sibling(draft, suffix);
        match std::fs::remove_file(file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
