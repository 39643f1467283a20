//! The disk that a test holds: which call fails and how, and what is left after a power cut.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::ffi;

use crate::files::{Dice, Tracked};
use crate::sqlite;

/// What happens at a chosen call that changes the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// From then on there is no space: what would make a file grow is refused until it is freed.
    Full,
    /// This one call fails.
    Io,
    /// Half of this one write reaches the disk, and it fails; any other call fails as for `Io`.
    Torn,
    /// The power goes: this call and every later one fails.
    PowerCut,
}

/// What a power cut leaves of the writes that were not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survivors {
    /// Nothing of them.
    None,
    /// All of them.
    All,
    /// Some sectors and not others, by the seed.
    Some(u64),
}

/// A call that changes the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Write { grows: bool },
    Truncate,
    Sync,
    Delete,
}

/// What becomes of a call.
pub(crate) enum Verdict {
    Pass,
    /// Fails with this code of SQLite.
    Fail(i32),
    /// Half is written, then it fails.
    Half(i32),
}

#[derive(Debug, Default)]
struct State {
    calls: u64,
    fault: Option<(u64, Fault)>,
    is_full: bool,
    is_off: bool,
    unreadable: Option<Unreadable>,
    files: HashMap<PathBuf, Tracked>,
}

/// Files that cannot be read.
#[derive(Debug)]
struct Unreadable {
    /// A part of their names.
    name: String,
    /// Reads that still succeed.
    left: u64,
}

/// What the file access of SQLite and the test share.
#[derive(Debug, Default)]
pub(crate) struct Shared(Mutex<State>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn opened(&self, path: &Path) {
        let mut state = self.lock();
        let known = state.files.get(path).is_some_and(Tracked::is_current);
        if !known {
            state.files.insert(path.to_owned(), Tracked::begin(path));
        }
    }

    pub(crate) fn note(&self, path: &Path, change: impl FnOnce(&mut Tracked)) {
        if let Some(file) = self.lock().files.get_mut(path) {
            change(file);
        }
    }

    pub(crate) fn forget(&self, path: &Path) {
        self.lock().files.remove(path);
    }

    /// Whether this read fails.
    pub(crate) fn refuses_read_of(&self, path: &Path) -> bool {
        let mut state = self.lock();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Some(unreadable) = &mut state.unreadable else {
            return false;
        };
        if !name.contains(&unreadable.name) {
            return false;
        }
        let refuses = unreadable.left == 0;
        unreadable.left = unreadable.left.saturating_sub(1);
        refuses
    }

    pub(crate) fn judge(&self, call: Call) -> Verdict {
        let mut state = self.lock();
        let failure = match call {
            Call::Write { .. } => ffi::SQLITE_IOERR_WRITE,
            Call::Truncate => ffi::SQLITE_IOERR_TRUNCATE,
            Call::Sync => ffi::SQLITE_IOERR_FSYNC,
            Call::Delete => ffi::SQLITE_IOERR_DELETE,
        };
        if state.is_off {
            return Verdict::Fail(failure);
        }
        state.calls += 1;
        if let Some((_, fault)) = state.fault.take_if(|(at, _)| *at == 0) {
            match fault {
                Fault::Full => state.is_full = true,
                Fault::Torn if matches!(call, Call::Write { .. }) => return Verdict::Half(failure),
                Fault::Io | Fault::Torn => return Verdict::Fail(failure),
                Fault::PowerCut => {
                    state.is_off = true;
                    return Verdict::Fail(failure);
                }
            }
        }
        if let Some((left, _)) = &mut state.fault {
            *left -= 1;
        }
        if state.is_full && call == (Call::Write { grows: true }) {
            return Verdict::Fail(ffi::SQLITE_FULL);
        }
        Verdict::Pass
    }
}

/// The disk under one directory, until it is dropped.
#[derive(Debug)]
pub struct FaultyDisk {
    dir: PathBuf,
    shared: Arc<Shared>,
}

impl FaultyDisk {
    /// Takes over the files that SQLite opens in the directory from now on; it must exist.
    pub fn under(dir: &Path) -> Self {
        let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
        let shared = Arc::new(Shared::default());
        sqlite::take_over(&dir, &shared);
        Self { dir, shared }
    }

    /// Calls so far that changed the disk.
    pub fn calls(&self) -> u64 {
        self.shared.lock().calls
    }

    /// Lets the call after so many further ones meet the fault; 0 is the very next.
    pub fn fail_after(&self, calls: u64, fault: Fault) {
        self.shared.lock().fault = Some((calls, fault));
    }

    /// Lets every read of files with that in their names fail, after so many that succeed.
    pub fn refuse_reads_of(&self, name: &str, after: u64) {
        self.shared.lock().unreadable = Some(Unreadable {
            name: name.to_owned(),
            left: after,
        });
    }

    /// Takes the fault back where it has not come yet, frees space and lets everything be read.
    /// Returns whether it had come.
    pub fn heal(&self) -> bool {
        let mut state = self.shared.lock();
        state.is_full = false;
        state.unreadable = None;
        state.fault.take().is_none()
    }

    /// Switches off now: every further call fails.
    pub fn cut_power(&self) {
        self.shared.lock().is_off = true;
    }

    /// Switches on again, after everything that was open has been closed: the files are what the
    /// power cut left of them.
    pub fn switch_on(&self, survivors: Survivors) -> std::io::Result<()> {
        let mut state = self.shared.lock();
        let mut dice = Dice(match survivors {
            Survivors::Some(seed) => seed,
            Survivors::None | Survivors::All => 0,
        });
        let mut files: Vec<_> = std::mem::take(&mut state.files).into_iter().collect();
        files.sort_by(|a, b| a.0.cmp(&b.0));
        for (path, mut file) in files {
            file.cut(|| match survivors {
                Survivors::None => false,
                Survivors::All => true,
                Survivors::Some(_) => dice.throw(),
            })?;
            // The shared memory of the log is no file on the disk: a power cut leaves none.
            let mut shared_memory = path.into_os_string();
            shared_memory.push("-shm");
            std::fs::remove_file(shared_memory).ok();
        }
        state.is_off = false;
        state.is_full = false;
        state.fault = None;
        Ok(())
    }
}

impl Drop for FaultyDisk {
    fn drop(&mut self) {
        sqlite::let_go(&self.dir);
    }
}
