//! What can go wrong when the hall's data is opened, read or written.

use std::path::PathBuf;

/// Why a hall cannot be opened; nothing on disk has been changed for the worse.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another running hall holds the data directory.
    #[error(
        "数据目录 {path} 正被另一个大厅程序使用，请先关闭它或另选目录 / \
         the data directory {path} is in use by another running hall; close it or choose another directory"
    )]
    AlreadyInUse {
        /// The directory.
        path: PathBuf,
    },
    /// The directory cannot be created or written.
    #[error(
        "数据目录 {path} 无法使用：{cause}，请检查路径与权限 / \
         the data directory {path} cannot be used: {cause}; check the path and its permissions"
    )]
    UnusableDataDir {
        /// The directory.
        path: PathBuf,
        /// What the operating system says.
        cause: std::io::Error,
    },
    /// A database was written by a newer program.
    #[error(
        "{path} 由更新版本的程序写入（结构 {found}，本程序支持到 {known}），请启动新版本 / \
         {path} was written by a newer version of the program (schema {found}, this one knows {known}); start the newer version"
    )]
    WrittenByNewer {
        /// The file.
        path: PathBuf,
        /// Schema version found.
        found: i64,
        /// Newest schema version known.
        known: i64,
    },
    /// The address of the backend is unusable.
    #[error(
        "后台地址“{url}”无法使用：{cause} / the backend address \"{url}\" cannot be used: {cause}"
    )]
    BadBackendUrl {
        /// As given.
        url: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The key of the hall cannot be put into a request.
    #[error(
        "后台密钥含有无法传送的字符，请重新复制 / \
         the backend key has characters that no request header can carry; copy it anew"
    )]
    BadBackendKey,
    /// The connection to the backend cannot be prepared.
    #[error("无法准备加密连接：{cause} / secure connections cannot be prepared: {cause}")]
    Tls {
        /// What the TLS library says.
        cause: String,
    },
    /// A database cannot be opened or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A database could not do what was asked; the transaction it happened in left no trace.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No space left.
    #[error("{path} 所在磁盘已满，请清理 / the disk that holds {path} is full; free some space")]
    DiskFull {
        /// The database.
        path: PathBuf,
    },
    /// The database is damaged.
    #[error("{path} 已损坏：{cause} / {path} is damaged: {cause}")]
    Damaged {
        /// The database.
        path: PathBuf,
        /// How it was noticed.
        cause: String,
    },
    /// Any other failure.
    #[error("{path} 无法读写：{cause} / {path} cannot be read or written: {cause}")]
    Failed {
        /// The database.
        path: PathBuf,
        /// What SQLite says.
        cause: String,
    },
    /// The hall is shutting down.
    #[error("程序正在关闭 / {path} is closed already because the hall is shutting down")]
    Closed {
        /// The database.
        path: PathBuf,
    },
}
