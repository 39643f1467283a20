//! The lock that lets only one backend use a data directory.

use std::fs::File;
use std::path::Path;

use crate::config::{self, OpenError};

/// A directory that this process holds until the value is dropped; the operating system lets go of it when
/// the process dies.
#[derive(Debug)]
pub struct DataDirLock(File);

impl DataDirLock {
    /// Creates the directory where it is missing and takes its lock.
    pub fn acquire(folder: &Path) -> Result<Self, OpenError> {
        let failed = |source| OpenError::DataDir {
            path: folder.to_owned(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join(config::LOCK_FILE))
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::InUse {
                path: folder.to_owned(),
            }),
            Err(std::fs::TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

impl Drop for DataDirLock {
    fn drop(&mut self) {
        // Closing alone is not enough: a process that is just being started holds a copy of the handle until
        // its program runs, and with it the lock.
        self.0.unlock().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_of_the_handle_in_a_child_that_is_just_being_started_holds_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let lock = DataDirLock::acquire(folder.path()).expect("it is free");
        let copy = lock.0.try_clone().expect("a copy");
        let second = DataDirLock::acquire(folder.path());
        assert!(matches!(second, Err(OpenError::InUse { .. })), "{second:?}");
        drop(lock);
        DataDirLock::acquire(folder.path()).expect("it is free again");
        drop(copy);
    }
}
