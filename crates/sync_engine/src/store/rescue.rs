//! An outbox that cannot serve as it is: kept aside, and every order that can be read from it is
//! taken over into the new one, now or at a later start that has its key or a disk that answers.
//!
//! What is taken over late must not overtake what was ordered since: where that cannot be ruled out,
//! it waits parked until an officer decides.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use domain::{IncidentId, Timestamp};
use protocol::ErrorCode;
use rusqlite::{Connection, OptionalExtension};

use super::database::{
    Unfit, keep_aside, open, rename_database, sibling, still_unfit, store_error,
};
use super::kept::{Kept, is_of_the_disk};
use super::keys::Keys;
use super::outbox_db::{SCHEMA, Stored, load};
use super::proposals::{self, OUTCOME_UNKNOWN, Stage};
use super::sessions;
use super::verifiers;
use crate::errors::OpenError;
use crate::outbox::queue::NOWHERE;

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
    let rescued = take_over_kept(path, &mut connection, keys, now)?;
    let mut stored = load(&connection).map_err(failed)?;
    stored.locked = (is_locked && aside.exists()).then(|| format!("{} ({cause})", aside.display()));
    stored.rescued = rescued;
    Ok((connection, stored))
}

/// Takes over what lies in damaged files of a start that ended too early, and in files that no key
/// opened before and that one of the keys opens now. A file that the disk does not give now is left
/// to the next start. Says from where and how much, or `None` when there was no such file.
pub fn take_over_kept(
    path: &Path,
    connection: &mut Connection,
    keys: &Keys,
    now: Timestamp,
) -> Result<Option<String>, OpenError> {
    let failed = |e: rusqlite::Error| OpenError::Store(store_error(path, &e));
    let since = Since::of(connection).map_err(failed)?;
    let mut said = Vec::new();
    for (before, after) in [(PENDING, DAMAGED), (LOCKED, UNLOCKED)] {
        for aside in kept(path, before)? {
            let reopened = match before {
                PENDING => Kept::damaged(&aside, &keys.current).map(Some),
                _ => Kept::locked(&aside, keys),
            };
            let mut old = match reopened {
                Ok(Some(old)) => old,
                // Still locked: that was said when it was kept aside.
                Ok(None) => continue,
                Err(error) if is_of_the_disk(&error) => {
                    said.push(not_now(&aside, &error));
                    continue;
                }
                Err(error) => {
                    let done = put_by(path, &aside, before, after)?;
                    said.push(format!("{}: nothing can be read: {error}", done.display()));
                    continue;
                }
            };
            let origin = Origin {
                aside: &aside,
                since: &since,
                now,
            };
            let taken = match take_over(&mut old, connection, &origin) {
                Ok(taken) => taken,
                Err(Failure::Old(error)) => {
                    said.push(not_now(&aside, &error));
                    continue;
                }
                Err(Failure::New(error)) => return Err(failed(error)),
            };
            drop(old);
            let done = put_by(path, &aside, before, after)?;
            said.push(format!("{}: {taken}", done.display()));
        }
    }
    Ok((!said.is_empty()).then(|| said.join("; ")))
}

/// Names a kept file as one from which there is nothing more to take; returns its new path.
fn put_by(path: &Path, aside: &Path, before: &str, after: &str) -> Result<PathBuf, OpenError> {
    let name = aside.to_string_lossy();
    let done = PathBuf::from(name.replace(&format!(".{before}-"), &format!(".{after}-")));
    rename_database(aside, &done).map_err(|cause| unusable(path, cause))?;
    Ok(done)
}

fn not_now(aside: &Path, error: &rusqlite::Error) -> String {
    tracing::error!(aside = %aside.display(), %error, "a kept outbox cannot be read now");
    format!(
        "{}: {error}; tried again at the next start",
        aside.display()
    )
}

/// What has been queued in the present outbox since another one was kept aside.
#[derive(Debug)]
struct Since {
    /// Whose queues hold something.
    lanes: BTreeSet<(String, Option<IncidentId>)>,
    /// Whether something has been queued that is gone again, so that nobody knows what it was about.
    has_gaps: bool,
}

impl Since {
    fn of(new: &Connection) -> rusqlite::Result<Self> {
        let rows = proposals::load(new)?;
        let has_gaps = newest_number(new)? != rows.len() as i64;
        let lane = |row: proposals::ProposalRow| (row.backend, row.proposal.intent.incident());
        Ok(Self {
            lanes: rows.into_iter().map(lane).collect(),
            has_gaps,
        })
    }

    /// Whether something newer may have been queued where this one would go.
    fn may_hold_newer_than(&self, row: &proposals::ProposalRow) -> bool {
        let lane = (row.backend.clone(), row.proposal.intent.incident());
        self.has_gaps || self.lanes.contains(&lane)
    }
}

/// The highest number that was ever given, 0 before the first.
fn newest_number(db: &Connection) -> rusqlite::Result<i64> {
    let found = db
        .query_row(
            "SELECT seq FROM sqlite_sequence WHERE name = 'proposals'",
            [],
            |row| row.get(0),
        )
        .optional()?;
    Ok(found.unwrap_or(0))
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
    parked: usize,
}

impl std::fmt::Display for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            rescued,
            unreadable,
            parked,
        } = self;
        write!(f, "{rescued} rescued, {unreadable} unreadable")?;
        match parked {
            0 => Ok(()),
            _ => write!(f, ", {parked} wait for a decision"),
        }
    }
}

/// Where rows come from, and what may have been ordered since.
struct Origin<'a> {
    aside: &'a Path,
    since: &'a Since,
    now: Timestamp,
}

/// Which of the two databases failed.
enum Failure {
    Old(rusqlite::Error),
    New(rusqlite::Error),
}

/// Copies row by row what can be read, behind what is there already and in its own order. A key
/// that is there already is left as it is, so doing it twice does no harm. A disk that does not give
/// the old file undoes all of it, so that a later start finds it as it is.
fn take_over(
    old: &mut Kept<'_>,
    new: &mut Connection,
    origin: &Origin<'_>,
) -> Result<Taken, Failure> {
    let step = new.transaction().map_err(Failure::New)?;
    let last = newest_number(&step).map_err(Failure::New)?;
    let is_new = last == 0;
    let numbers = old.numbers().map_err(Failure::Old)?;
    let newest = last + numbers.last().copied().unwrap_or(0);
    let mut taken = Taken::default();
    for seq in numbers {
        let Some(mut row) = old.row(seq).map_err(Failure::Old)? else {
            taken.unreadable += 1;
            continue;
        };
        row.seq += last;
        let waits = row.stage == Stage::Queued && origin.since.may_hold_newer_than(&row);
        match &mut row.stage {
            Stage::Parked { after, .. } => *after += last,
            // Which log its receipt came from is not known any more: under its key it is asked again.
            Stage::Sent { cursor, .. } => *cursor = NOWHERE,
            Stage::Queued if waits => {
                park(&mut row, newest, origin);
                taken.parked += 1;
            }
            Stage::Queued => {}
        }
        proposals::add(&step, &row).map_err(Failure::New)?;
        taken.rescued += 1;
    }
    let present = sessions::load(&step).map_err(Failure::New)?;
    let found = old.sessions().map_err(Failure::Old)?;
    for mut session in found {
        let is_known = |known: &sessions::Session| {
            known.backend == session.backend && known.officer.id == session.officer.id
        };
        if present.iter().any(is_known) {
            continue;
        }
        // Somebody else may sit at the desk by now.
        session.signed_in &= is_new;
        sessions::put(&step, &session).map_err(Failure::New)?;
    }
    let present = verifiers::load(&step).map_err(Failure::New)?;
    for verifier in old.verifiers().map_err(Failure::Old)? {
        let is_known = |known: &verifiers::Verifier| {
            known.backend == verifier.backend && known.officer.id == verifier.officer.id
        };
        if !present.iter().any(is_known) {
            verifiers::put(&step, &verifier).map_err(Failure::New)?;
        }
    }
    step.commit().map_err(Failure::New)?;
    Ok(taken)
}

/// Leaves to an officer whether it still goes out; what was queued with it waits for the decision.
/// One that may have gone out already can only be tried again, which tells.
fn park(row: &mut proposals::ProposalRow, newest: i64, origin: &Origin<'_>) {
    let name = origin.aside.file_name().unwrap_or_default();
    let name = name.to_string_lossy();
    row.stage = Stage::Parked {
        code: if row.has_left {
            OUTCOME_UNKNOWN
        } else {
            ErrorCode::NotAllowedNow
        },
        after: newest,
        at: origin.now,
    };
    row.last_error = Some(if row.has_left {
        format!(
            "取自当时无法打开的待发箱 {name}：当时可能已经发出，此后本席已有新的操作。请点“重试”，后台即告知是否已办 / \
             from the outbox {name}, which could not be opened then: it may have gone out, and orders \
             were given since; try it again, and the backend says whether it was carried out"
        )
    } else {
        format!(
            "取自当时无法打开的待发箱 {name}，此后本席已有新的操作，请确认是否仍要发出 / \
         from the outbox {name}, which could not be opened then; orders were given since, so decide \
         whether this one still goes out"
        )
    });
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
