//! The data directory: one instance at a time, and old data is never thrown away.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::errors::StartError;

const LOCK_FILE: &str = "streethall.lock";

/// A directory that belongs to this process until it is dropped.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    /// Held open: the lock ends with the file.
    _lock: File,
}

impl DataDir {
    /// Makes the directory where it is missing and takes its lock.
    pub fn claim(path: &Path) -> Result<Self, StartError> {
        let refuse = |cause: std::io::Error| StartError::DataDir {
            path: path.to_owned(),
            cause: cause.to_string(),
        };
        fs::create_dir_all(path).map_err(refuse)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join(LOCK_FILE))
            .map_err(refuse)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(StartError::AlreadyRunning {
                path: path.to_owned(),
            }),
            Err(TryLockError::Error(cause)) => Err(refuse(cause)),
        }
    }

    /// Moves everything but what the street has set (settings, map styles) into a folder beside it, named by `stamp`, and returns
    /// that folder; `None` when there was nothing. Orders still queued are kept with the rest.
    pub fn set_aside(&self, stamp: &str) -> Result<Option<PathBuf>, StartError> {
        let refuse = |cause: std::io::Error| StartError::DataDir {
            path: self.path.clone(),
            cause: cause.to_string(),
        };
        let aside = self.path.join(format!("before-{stamp}"));
        let mut moved = false;
        for entry in fs::read_dir(&self.path).map_err(refuse)? {
            let name = entry.map_err(refuse)?.file_name();
            let text = name.to_string_lossy();
            let is_set = [crate::settings::FILE, crate::own_styles::FOLDER].contains(&&*text);
            if text == LOCK_FILE || is_set || text.starts_with("before-") {
                continue;
            }
            fs::create_dir_all(&aside).map_err(refuse)?;
            fs::rename(self.path.join(&name), aside.join(&name)).map_err(refuse)?;
            moved = true;
        }
        Ok(moved.then_some(aside))
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_claim_is_refused_until_the_first_ends() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let first = DataDir::claim(dir.path()).expect("the first claim");
        assert!(matches!(
            DataDir::claim(dir.path()),
            Err(StartError::AlreadyRunning { .. })
        ));
        drop(first);
        DataDir::claim(dir.path()).expect("free again");
    }

    #[test]
    fn a_file_in_the_way_is_an_unusable_directory() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let file = dir.path().join("file");
        fs::write(&file, b"x").expect("written");
        assert!(matches!(
            DataDir::claim(&file),
            Err(StartError::DataDir { .. })
        ));
    }

    #[test]
    fn starting_fresh_keeps_the_old_data_the_settings_and_the_map_styles() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let data = DataDir::claim(dir.path()).expect("claimed");
        assert_eq!(data.set_aside("1").expect("nothing to move"), None);
        fs::write(dir.path().join("outbox.db"), b"orders").expect("written");
        fs::write(dir.path().join(crate::settings::FILE), b"").expect("written");
        fs::create_dir(dir.path().join(crate::own_styles::FOLDER)).expect("made");
        let aside = data
            .set_aside("2")
            .expect("moved")
            .expect("something was there");
        assert_eq!(fs::read(aside.join("outbox.db")).expect("kept"), b"orders");
        assert!(dir.path().join(crate::settings::FILE).exists());
        assert!(dir.path().join(crate::own_styles::FOLDER).exists());
        assert!(!dir.path().join("outbox.db").exists());
    }
}
