//! The data directory and the lock that lets only one hall use it.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::errors::OpenError;

/// A directory that this process holds until the value is dropped; the operating system lets go of
/// it when the process dies.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    lock: File,
}

impl DataDir {
    /// Creates the directory where it is missing and takes its lock.
    pub fn acquire(path: &Path) -> Result<Self, OpenError> {
        let unusable = |cause: std::io::Error| OpenError::UnusableDataDir {
            path: path.to_owned(),
            cause,
        };
        std::fs::create_dir_all(path).map_err(unusable)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join("hall.lock"))
            .map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                lock,
            }),
            Err(TryLockError::WouldBlock) => Err(OpenError::AlreadyInUse {
                path: path.to_owned(),
            }),
            Err(TryLockError::Error(cause)) => Err(unusable(cause)),
        }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        // Closing alone is not enough: a process that is just being started holds a copy of the handle until
        // its program runs, and with it the lock.
        self.lock.unlock().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_of_the_handle_in_a_child_that_is_just_being_started_holds_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let held = DataDir::acquire(dir.path()).unwrap();
        let copy = held.lock.try_clone().unwrap();
        assert!(DataDir::acquire(dir.path()).is_err());
        drop(held);
        DataDir::acquire(dir.path()).unwrap();
        drop(copy);
    }
}
