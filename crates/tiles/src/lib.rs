//! Tile sources behind one trait: the archives MBTiles and PMTiles v3, read by range, decompressed, never whole in
//! memory, and servers on the network through a cache on the disk.
//!
//! [`open`] looks at a file's content, not at its name; what a tile is, its own first bytes say. Every error says
//! which file or host, what is wrong with it and what to do. Reads block: call them from a thread that may wait.

mod ahead;
mod archive_pmtiles;
mod compression;
mod error;
mod mbtiles;
mod mbtiles_writer;
mod metadata;
mod pmtiles_leaves;
mod pmtiles_ranges;
#[cfg(feature = "remote")]
mod remote;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use bytes::Bytes;

pub use ahead::{Kept as KeptAhead, MOST_TILES, cover, keep_ahead};
pub use archive_pmtiles::PmtilesArchive;
pub use error::TileError;
pub use mbtiles::MbtilesArchive;
pub use mbtiles_writer::{MbtilesWriter, NewArchive};
pub use metadata::{Bounds, Metadata, Schema, TileFormat};
#[cfg(feature = "remote")]
pub use remote::{
    DiskCache, Found, Limits, NowMs, RemoteAbout, RemoteError, RemoteTiles, TemplateError,
    UrlTemplate,
};

/// Something that tiles can be read from.
pub trait TileSource: Send + Sync {
    /// What the source holds.
    fn metadata(&self) -> &Metadata;

    /// One tile, decompressed; `None` where the source has none. Rows are numbered from the north (XYZ).
    ///
    /// # Errors
    ///
    /// When the tile is damaged or cannot be read; other tiles may still be good.
    fn tile(&self, z: u8, x: u32, y: u32) -> Result<Option<Bytes>, TileError>;

    /// Whether a tile can be given without asking anybody, however old it is. An archive has all of its own.
    fn is_kept(&self, _z: u8, _x: u32, _y: u32) -> bool {
        true
    }

    /// Names the street's tiles in place of those that were named before. Once they are kept, they stay so, whatever
    /// else is looked at, over restarts as well.
    fn keep_street(&self, _tiles: &[(u8, u32, u32)]) {}

    /// Whether there is not room for all of the street's tiles.
    fn lacks_room(&self) -> bool {
        false
    }

    /// Whether somebody waits for tiles at this moment.
    fn is_asked(&self) -> bool {
        false
    }
}

/// Opens an archive, whatever its name.
///
/// # Errors
///
/// When the file is missing, unreadable, no tile archive, of an unknown version, or damaged.
pub fn open(path: &Path) -> Result<Box<dyn TileSource>, TileError> {
    let mut head = [0_u8; 16];
    let length = read_head(path, &mut head)?;
    let head = &head[..length];
    if head.starts_with(b"SQLite format 3\0") {
        Ok(Box::new(MbtilesArchive::open(path)?))
    } else if head.starts_with(b"PM") {
        Ok(Box::new(PmtilesArchive::open(path)?))
    } else {
        Err(TileError::NotAnArchive {
            path: path.to_owned(),
            found: describe(head),
        })
    }
}

/// The file's first bytes, as many as there are.
fn read_head(path: &Path, head: &mut [u8]) -> Result<usize, TileError> {
    let unreadable = |source| TileError::unreadable(path, source);
    if path.is_dir() {
        return Err(TileError::NotAnArchive {
            path: path.to_owned(),
            found: "a folder",
        });
    }
    let mut file = File::open(path).map_err(unreadable)?;
    let mut length = 0;
    while length < head.len() {
        match file.read(&mut head[length..]).map_err(unreadable)? {
            0 => break,
            n => length += n,
        }
    }
    Ok(length)
}

/// What content that is no archive, or no tile, looks like, for the error message.
fn describe(head: &[u8]) -> &'static str {
    match head {
        [] => "an empty file",
        [b'P', b'K', ..] => "a ZIP file",
        [0x1f, 0x8b, ..] => "a gzip file",
        [b'{' | b'[', ..] => "a JSON text",
        [b'<', ..] | [0xef, 0xbb, 0xbf, b'<', ..] => "a web page or an XML text",
        [0x89, b'P', b'N', b'G', ..] => "a PNG picture",
        [0xff, 0xd8, ..] => "a JPEG picture",
        _ if head.iter().all(|b| *b == 0) => "a file of zeros",
        _ => "something else",
    }
}
