//! What can be wrong with an archive or a tile, said so that an operator knows what to do.

use std::io;
use std::path::{Path, PathBuf};

#[cfg(feature = "remote")]
use crate::remote::RemoteError;

/// Why an archive cannot be opened or a tile cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TileError {
    /// There is no such file.
    #[error(
        "the tile archive {path} does not exist; check the path, or leave it out to use the built-in map"
    )]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be read or written.
    #[error("the tile archive {path} cannot be used: {source}; check its permissions and its disk")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is something else.
    #[error(
        "{path} is no tile archive but {found}; give an .mbtiles or a .pmtiles (version 3) file"
    )]
    NotAnArchive {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        found: &'static str,
    },
    /// The archive is of a kind that is not read here.
    #[error("the tile archive {path} uses {what}, which is not supported; convert it to {instead}")]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What is not supported.
        what: String,
        /// What to convert it to.
        instead: &'static str,
    },
    /// The archive as a whole is damaged.
    #[error("the tile archive {path} is damaged: {what}; copy or download it again")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where and how.
        what: String,
    },
    /// One tile is damaged.
    #[error("tile {z}/{x}/{y} of {path} is damaged: {what}; the rest of the map can still be used")]
    TileDamaged {
        /// The file.
        path: PathBuf,
        /// Zoom.
        z: u8,
        /// Column.
        x: u32,
        /// Row from the north.
        y: u32,
        /// How.
        what: String,
    },
    /// A remote source gives no tile, and none is kept.
    #[cfg(feature = "remote")]
    #[error("tile {z}/{x}/{y} is missing: {source}")]
    Remote {
        /// Zoom.
        z: u8,
        /// Column.
        x: u32,
        /// Row from the north.
        y: u32,
        /// Why.
        source: RemoteError,
    },
}

impl TileError {
    /// The error for a file that the system refuses.
    pub(crate) fn unreadable(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        if source.kind() == io::ErrorKind::NotFound {
            Self::Missing { path }
        } else {
            Self::Io { path, source }
        }
    }

    /// The error for damage of the archive as a whole.
    pub(crate) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            what: what.into(),
        }
    }
}
