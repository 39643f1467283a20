//! The data directory and the lock that lets only one hall use it.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::errors::OpenError;

/// A directory that this process holds until the value is dropped; the operating system lets go of
/// it when the process dies.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
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
                _lock: lock,
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
