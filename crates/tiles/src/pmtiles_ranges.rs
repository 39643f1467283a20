//! Reading ranges of a PMTiles file, and none that would fill the memory.
//!
//! The reader unpacks directories and the metadata whole, however large they grow. So what it is about to
//! unpack is unpacked here before, up to a limit, and refused beyond it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use pmtiles::{AsyncBackend, BackendResponse, PmtResult};

use crate::TileError;

/// The most that a directory may hold once decompressed. A leaf of an archive of the whole world has some hundred
/// kilobytes; one of this size lists at most a million tiles.
const MAX_DIRECTORY_BYTES: u64 = 4 << 20;
/// The most that the metadata may hold once decompressed.
const MAX_METADATA_BYTES: u64 = 16 << 20;
/// The most that is read at a time, of a tile as it lies in the archive.
const MAX_READ_BYTES: u64 = 64 << 20;

const HEADER_BYTES: usize = 127;
/// Where the header says how directories and metadata are compressed, and its word for gzip.
const COMPRESSION_AT: usize = 97;
const GZIP: u8 = 2;

/// A part of the archive, as its header places it.
#[derive(Clone, Copy, Debug, Default)]
struct Section {
    start: u64,
    length: u64,
}

impl Section {
    /// Of two numbers at a place of the header.
    fn at(header: &[u8], at: usize) -> Self {
        let number = |at: usize| {
            let bytes = header[at..at + 8].iter().rev();
            bytes.fold(0_u64, |n, b| n << 8 | u64::from(*b))
        };
        Self {
            start: number(at),
            length: number(at + 8),
        }
    }

    fn end(self) -> u64 {
        self.start.saturating_add(self.length)
    }

    fn contains(self, offset: u64) -> bool {
        (self.start..self.end()).contains(&offset)
    }
}

/// Reads ranges of a file. The futures are ready at once, as nothing else waits on them.
pub(crate) struct FileRanges {
    file: Mutex<File>,
    length: u64,
    is_gzip: bool,
    metadata: Section,
    leaves: Section,
    /// The number of the archive's first tile, by the root directory.
    first_tile: Option<u64>,
}

impl FileRanges {
    /// Reads the header, and checks that the file is as long as it says and that the root directory is no bomb. What else
    /// is wrong with the header is left to the reader.
    pub(crate) fn open(path: &Path) -> Result<Self, TileError> {
        let unreadable = |e| TileError::unreadable(path, e);
        let file = File::open(path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        let mut ranges = Self {
            file: Mutex::new(file),
            length,
            is_gzip: false,
            metadata: Section::default(),
            leaves: Section::default(),
            first_tile: None,
        };
        let header = ranges
            .read_range(0, HEADER_BYTES as u64)
            .map_err(unreadable)?;
        if header.len() < HEADER_BYTES || !header.starts_with(b"PMTiles\x03") {
            return Ok(ranges);
        }
        let [root, metadata, leaves, tiles] = [8, 24, 40, 56].map(|at| Section::at(&header, at));
        // A file cut off by a broken copy is the commonest damage: the header says how long each section is.
        for (name, section) in [
            ("root directory", root),
            ("metadata", metadata),
            ("leaf directories", leaves),
            ("tile data", tiles),
        ] {
            if section.end() > length {
                let what = format!(
                    "the file has {length} bytes, but its {name} should end at byte {}",
                    section.end()
                );
                return Err(TileError::damaged(path, what));
            }
        }
        ranges.is_gzip = header[COMPRESSION_AT] == GZIP;
        (ranges.metadata, ranges.leaves) = (metadata, leaves);
        let packed = root.length.min(MAX_DIRECTORY_BYTES);
        let packed = ranges.read_range(root.start, packed).map_err(unreadable)?;
        let directory = ranges
            .unpacked(&packed, MAX_DIRECTORY_BYTES)
            .map_err(|what| TileError::damaged(path, format!("its root directory {what}")))?;
        ranges.first_tile = first_tile(&directory);
        Ok(ranges)
    }

    /// The number of the archive's first tile.
    pub(crate) fn first_tile(&self) -> Option<u64> {
        self.first_tile
    }

    fn read_range(&self, offset: u64, length: u64) -> io::Result<Bytes> {
        // The range is cut to the file before memory is taken for it, since a damaged directory may ask for anything.
        let available = self.length.saturating_sub(offset).min(length);
        let mut content = vec![0; available as usize];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut content)?;
        Ok(Bytes::from(content))
    }

    /// What a directory or the metadata holds. What cannot be unpacked here is refused, and not left to the reader:
    /// its decoder takes headers that this one does not, and knows no limit.
    fn unpacked(&self, packed: &[u8], limit: u64) -> Result<Vec<u8>, String> {
        let mut content = Vec::new();
        let read = if self.is_gzip {
            // The first member only, like the reader.
            let decoder = flate2::read::GzDecoder::new(packed);
            decoder.take(limit + 1).read_to_end(&mut content)
        } else {
            packed.take(limit + 1).read_to_end(&mut content)
        };
        if content.len() as u64 > limit {
            return Err(format!(
                "grows beyond {} MiB when decompressed",
                limit >> 20
            ));
        }
        match read {
            Ok(_) => Ok(content),
            Err(error) => Err(format!("cannot be decompressed: {error}")),
        }
    }

    /// How large the reader may let a range grow that begins here; `None` where it does not unpack it.
    fn limit_of(&self, offset: u64) -> Option<(&'static str, u64)> {
        if self.leaves.contains(offset) {
            Some(("the directory", MAX_DIRECTORY_BYTES))
        } else if self.metadata.contains(offset) {
            Some(("it", MAX_METADATA_BYTES))
        } else {
            None
        }
    }

    fn read_within_limits(&self, offset: u64, length: u64) -> io::Result<Bytes> {
        let limit = self.limit_of(offset);
        let most = limit.map_or(MAX_READ_BYTES, |(_, bytes)| bytes);
        if length.min(self.length) > most {
            let what = format!(
                "{length} bytes are more than the {} MiB allowed",
                most >> 20
            );
            return Err(io::Error::other(what));
        }
        let content = self.read_range(offset, length)?;
        if let Some((name, bytes)) = limit {
            self.unpacked(&content, bytes)
                .map_err(|what| io::Error::other(format!("{name} {what}")))?;
        }
        Ok(content)
    }
}

impl AsyncBackend for FileRanges {
    async fn read(&self, offset: u64, length: usize) -> PmtResult<BackendResponse> {
        let content = self.read_within_limits(offset, length as u64)?;
        Ok(BackendResponse::new(content))
    }
}

/// The first number of a directory's tiles, which stands behind their count; both are variable in length, seven bits
/// a byte and the lowest first.
fn first_tile(directory: &[u8]) -> Option<u64> {
    let mut bytes = directory.iter();
    let mut number = || {
        let mut value = 0_u64;
        for (place, byte) in bytes.by_ref().take(9).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    };
    number().filter(|tiles| *tiles > 0)?;
    number()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_tile_stands_behind_the_count() {
        assert_eq!(first_tile(&[1, 5, 1, 1, 1]), Some(5));
        assert_eq!(first_tile(&[0x80, 0x01, 0xd2, 0x09]), Some(1234));
        assert_eq!(first_tile(&[0]), None, "no tiles");
        assert_eq!(first_tile(&[1, 0x80]), None, "cut off");
        assert_eq!(first_tile(&[0xff; 40]), None, "no number");
    }
}
