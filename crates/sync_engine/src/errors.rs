//! What can go wrong when the hall's data is opened, read or written.

use std::path::PathBuf;

/// Why a hall cannot be opened; nothing on disk has been changed for the worse.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another running hall holds the data directory.
    #[error(
        "the data directory {path} is in use by another running hall; close it or choose another directory"
    )]
    AlreadyInUse {
        /// The directory.
        path: PathBuf,
    },
    /// The directory cannot be created or written.
    #[error("the data directory {path} cannot be used: {cause}")]
    UnusableDataDir {
        /// The directory.
        path: PathBuf,
        /// What the operating system says.
        cause: std::io::Error,
    },
    /// A database was written by a newer program.
    #[error(
        "{path} was written by a newer version of the program (schema {found}, this one knows {known}); start the newer version"
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
    #[error("the backend address \"{url}\" cannot be used: {cause}")]
    BadBackendUrl {
        /// As given.
        url: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The key of the hall cannot be put into a request.
    #[error("the backend key has characters that no request header can carry; copy it anew")]
    BadBackendKey,
    /// The connection to the backend cannot be prepared.
    #[error("secure connections cannot be prepared: {cause}")]
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
    #[error("the disk that holds {path} is full; free some space")]
    DiskFull {
        /// The database.
        path: PathBuf,
    },
    /// The database is damaged.
    #[error("{path} is damaged: {cause}")]
    Damaged {
        /// The database.
        path: PathBuf,
        /// How it was noticed.
        cause: String,
    },
    /// Any other failure.
    #[error("{path} cannot be read or written: {cause}")]
    Failed {
        /// The database.
        path: PathBuf,
        /// What SQLite says.
        cause: String,
    },
    /// The hall is shutting down.
    #[error("{path} is closed already because the hall is shutting down")]
    Closed {
        /// The database.
        path: PathBuf,
    },
}
