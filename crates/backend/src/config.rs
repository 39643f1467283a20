//! What a backend is opened with, and why it may not open.

use std::path::PathBuf;
use std::sync::Arc;

use domain::rules::Rules;
use protocol::Seed;

use crate::clock::{Clock, RealClock};
use crate::intake::seeding::SeedError;
use crate::keys::KeyError;
use crate::store::StoreError;

/// File of the database in the data directory.
pub const DATABASE_FILE: &str = "backend.db";
/// File whose lock says that a backend runs on the directory.
pub const LOCK_FILE: &str = "backend.lock";

/// How a backend is opened.
#[derive(Debug, Clone)]
pub struct BackendConfig {
    /// Where database and keys lie; `None` keeps everything in memory, for tests.
    pub data_dir: Option<PathBuf>,
    /// The rules in force.
    pub rules: Rules,
    /// Key of the halls; `None` reads it from the data directory or makes one.
    pub hall_key: Option<String>,
    /// Key of the field; `None` reads it from the data directory or makes one.
    pub field_key: Option<String>,
    /// Loaded when the database is empty, ignored otherwise.
    pub seed: Option<Seed>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl BackendConfig {
    /// A backend with its data in a directory, which is made where it is missing.
    pub fn in_dir(data_dir: impl Into<PathBuf>, rules: Rules) -> Self {
        Self {
            data_dir: Some(data_dir.into()),
            ..Self::in_memory(rules)
        }
    }

    /// A backend that forgets everything at its end.
    pub fn in_memory(rules: Rules) -> Self {
        Self {
            data_dir: None,
            rules,
            hall_key: None,
            field_key: None,
            seed: None,
            clock: Arc::new(RealClock),
        }
    }
}

/// Why a backend did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data directory cannot be used.
    #[error(
        "数据目录无法使用：{path}：{source}，请检查路径与权限 / \
         the data directory cannot be used: {path}: {source}; check the path and its permissions"
    )]
    DataDir {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another backend runs on the directory.
    #[error(
        "已有后台在使用数据目录 {path}，请先停止它 / \
         another backend runs on the data directory {path}: stop it first"
    )]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// The disk is at fault, and not the database.
    #[error(
        "数据库 {path} 所在的磁盘无法读写：{source}。数据未改动：请清理该磁盘的空间，并检查其是否只读、是否有其他程序占用 / \
         the disk that holds the database {path} cannot be read or written: {source}. Nothing was \
         changed: free some space on that disk, and see whether it is read-only or another program \
         holds the file"
    )]
    Disk {
        /// The file.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// The database cannot be used. It is the authority, so nothing is repaired or replaced.
    #[error(
        "数据库无法使用：{path}：{source}。数据未改动：请从备份恢复该文件，或改用空目录 / \
         the database cannot be used: {path}: {source}. Nothing was changed: restore the file \
         from a backup, or start on an empty directory"
    )]
    Database {
        /// The file.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// A key file.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The seed.
    #[error("种子数据未装入 / the seed was not loaded: {0}")]
    Seed(#[from] SeedError),
}
