//! An outbox that cannot serve as it is: kept aside, and every order that can be read from it is
//! taken over into the new one, now or at a later start that has its key.

use std::path::{Path, PathBuf};

use domain::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::database::{
    Unfit, keep_aside, open, rename_database, sibling, still_unfit, store_error,
};
use super::encryption::{connect, is_open, is_plain};
use super::keys::{DatabaseKey, Keys};
use super::outbox_db::{SCHEMA, Stored, load};
use super::proposals::{self, Stage};
use super::sessions;
use super::verifiers;
use crate::errors::OpenError;

/// In the name of a damaged file whose orders are still to be taken over: a start that ended in
/// between leaves it to the next one.
const PENDING: &str = "damaged";
/// In the name of a damaged file from which everything readable has been taken over.
pub const DAMAGED: &str = "corrupt";
/// In the name of a file that was kept aside because no key opened it.
const LOCKED: &str = "locked";
/// In the name of a file whose orders have been taken over since.
const UNLOCKED: &str = "unlocked";

/// Keeps an unfit outbox aside, begins a new one and takes over what can be read.
pub fn rescue(
    path: &Path,
    unfit: Unfit,
    keys: &Keys,
    now: Timestamp,
) -> Result<(Connection, Stored), OpenError> {
    let is_locked = matches!(unfit, Unfit::Locked);
    let cause = unfit.cause()?;
    let aside = keep_aside(path, if is_locked { LOCKED } else { PENDING }, now)?;
    let mut connection = open(path, SCHEMA, &keys.current).map_err(|u| still_unfit(path, u))?;
    let failed = |e: rusqlite::Error| OpenError::Store(store_error(path, &e));
    tracing::warn!(aside = %aside.display(), %cause, "the outbox is kept aside");
    let rescued = take_over_kept(path, &mut connection, keys)?;
    let mut stored = load(&connection).map_err(failed)?;
    stored.locked = (is_locked && aside.exists()).then(|| format!("{} ({cause})", aside.display()));
    stored.rescued = rescued;
    Ok((connection, stored))
}

/// Takes over what lies in damaged files of a start that ended too early, and in files that no key
/// opened before and that one of the keys opens now. Says from where and how much, or `None` when
/// there was no such file.
pub fn take_over_kept(
    path: &Path,
    connection: &mut Connection,
    keys: &Keys,
) -> Result<Option<String>, OpenError> {
    let failed = |e: rusqlite::Error| OpenError::Store(store_error(path, &e));
    let mut said = Vec::new();
    let mut finish = |aside: &Path, taken: &Taken, before: &str, after: &str| {
        let name = aside.to_string_lossy();
        let now = PathBuf::from(name.replace(&format!(".{before}-"), &format!(".{after}-")));
        rename_database(aside, &now).map_err(|cause| unusable(path, cause))?;
        said.push(format!("{}: {taken}", now.display()));
        Ok::<_, OpenError>(())
    };
    for aside in kept(path, PENDING)? {
        let taken = match reopen(&aside, &keys.current) {
            Some(old) => take_over(&old, connection).map_err(failed)?,
            None => Taken::default(),
        };
        finish(&aside, &taken, PENDING, DAMAGED)?;
    }
    for aside in kept(path, LOCKED)? {
        let Some(old) = keys.all().find_map(|key| reopen_locked(&aside, key)) else {
            continue;
        };
        let taken = take_over(&old, connection).map_err(failed)?;
        drop(old);
        finish(&aside, &taken, LOCKED, UNLOCKED)?;
    }
    Ok((!said.is_empty()).then(|| said.join("; ")))
}

/// A process that ended while it kept a database aside has moved the log and not the database;
/// the orders in the log would be missing from what is opened next, so the move is finished first.
pub fn finish_keeping_aside(path: &Path) -> Result<(), OpenError> {
    let mut logs = kept_with_logs(path, PENDING)?;
    logs.extend(kept_with_logs(path, LOCKED)?);
    for log in logs {
        let name = log.to_string_lossy();
        if let Some(aside) = name.strip_suffix("-wal").map(PathBuf::from)
            && !aside.exists()
        {
            rename_database(path, &aside).map_err(|cause| unusable(path, cause))?;
        }
    }
    Ok(())
}

/// What was taken over from an old file.
#[derive(Debug, Default)]
struct Taken {
    rescued: usize,
    unreadable: usize,
}

impl std::fmt::Display for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            rescued,
            unreadable,
        } = self;
        write!(f, "{rescued} rescued, {unreadable} unreadable")
    }
}

/// Copies row by row what can be read, behind what is there already and in its own order. A key
/// that is there already is left as it is, so doing it twice does no harm.
fn take_over(old: &Connection, new: &mut Connection) -> rusqlite::Result<Taken> {
    let step = new.transaction()?;
    let last: i64 = step
        .query_row(
            "SELECT seq FROM sqlite_sequence WHERE name = 'proposals'",
            [],
            |row| row.get(0),
        )
        .optional()?
        .unwrap_or(0);
    let is_new = last == 0;
    let mut taken = Taken::default();
    for seq in proposals::reachable(old) {
        match proposals::get(old, seq) {
            Ok(Some(mut row)) => {
                row.seq += last;
                if let Stage::Parked { after, .. } = &mut row.stage {
                    *after += last;
                }
                proposals::add(&step, &row)?;
                taken.rescued += 1;
            }
            Ok(None) => {}
            Err(_) => taken.unreadable += 1,
        }
    }
    let present = sessions::load(&step)?;
    for mut session in sessions::load(old).unwrap_or_default() {
        let is_known = |known: &sessions::Session| {
            known.backend == session.backend && known.officer.id == session.officer.id
        };
        if present.iter().any(is_known) {
            continue;
        }
        // Somebody else may sit at the desk by now.
        session.signed_in &= is_new;
        sessions::put(&step, &session)?;
    }
    let present = verifiers::load(&step)?;
    // A file of the first version has no such table; then there is nothing to take over.
    for verifier in verifiers::load(old).unwrap_or_default() {
        let is_known = |known: &verifiers::Verifier| {
            known.backend == verifier.backend && known.officer.id == verifier.officer.id
        };
        if !present.iter().any(is_known) {
            verifiers::put(&step, &verifier)?;
        }
    }
    step.commit()?;
    Ok(taken)
}

/// Opens a damaged database that was kept aside, encrypted or not.
fn reopen(aside: &Path, key: &DatabaseKey) -> Option<Connection> {
    if is_plain(aside) {
        Connection::open(aside).ok()
    } else {
        connect(aside, key).ok()
    }
}

fn reopen_locked(aside: &Path, key: &DatabaseKey) -> Option<Connection> {
    let connection = connect(aside, key).ok()?;
    is_open(&connection).ok()?.then_some(connection)
}

/// The databases kept aside beside `path` for the reason, oldest first.
fn kept(path: &Path, why: &str) -> Result<Vec<PathBuf>, OpenError> {
    let mut all = kept_with_logs(path, why)?;
    all.retain(|file| {
        let name = file.to_string_lossy();
        !name.ends_with("-wal") && !name.ends_with("-shm")
    });
    all.sort();
    Ok(all)
}

fn kept_with_logs(path: &Path, why: &str) -> Result<Vec<PathBuf>, OpenError> {
    let prefix = sibling(path, &format!(".{why}-"));
    let dir = path.parent().unwrap_or_else(|| Path::new("."));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(|cause| unusable(path, cause))? {
        let file = entry.map_err(|cause| unusable(path, cause))?.path();
        let name = file.to_string_lossy();
        if name.starts_with(&*prefix.to_string_lossy()) {
            found.push(file);
        }
    }
    Ok(found)
}

fn unusable(path: &Path, cause: std::io::Error) -> OpenError {
    OpenError::UnusableDataDir {
        path: path.to_owned(),
        cause,
    }
}
