//! PMTiles version 3, read by range from a file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use pmtiles::{
    AsyncBackend, AsyncPmTilesReader, BackendResponse, HashMapCache, Header, PmtError, PmtResult,
    TileCoord, TileType,
};
use serde_json::Value;

use crate::compression::{Compression, decompress};
use crate::metadata::{Bounds, Metadata, Schema, TileFormat, layer_names, plain_text};
use crate::{TileError, TileSource};

type Reader = AsyncPmTilesReader<FileRanges, HashMapCache>;

/// A PMTiles archive.
pub struct PmtilesArchive {
    path: PathBuf,
    reader: Arc<Reader>,
    compression: Compression,
    metadata: Metadata,
}

impl PmtilesArchive {
    /// Opens an archive: reads its header, its root directory and its metadata, and checks that the file is as long as
    /// they say.
    ///
    /// # Errors
    ///
    /// As [`crate::open`].
    pub fn open(path: &Path) -> Result<Self, TileError> {
        let file = File::open(path).map_err(|e| TileError::unreadable(path, e))?;
        let length = file
            .metadata()
            .map_err(|e| TileError::unreadable(path, e))?
            .len();
        let ranges = FileRanges {
            file: Mutex::new(file),
            length,
        };
        check_length(path, &ranges)?;
        let opened = at_once(AsyncPmTilesReader::try_from_cached_source(
            ranges,
            HashMapCache::default(),
        ));
        let reader = Arc::new(opened.map_err(|e| of_archive(path, e))?);
        let json = read_json(path, &reader)?;
        let header = reader.get_header();
        let compression = compression_of(header);
        let found = first_tile(&reader, compression).and_then(|t| TileFormat::of_content(&t));
        let metadata = metadata_of(path, header, found, &json)?;
        Ok(Self {
            path: path.to_owned(),
            compression,
            metadata,
            reader,
        })
    }
}

impl TileSource for PmtilesArchive {
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn tile(&self, z: u8, x: u32, y: u32) -> Result<Option<Bytes>, TileError> {
        let Ok(coord) = TileCoord::new(z, x, y) else {
            return Ok(None);
        };
        let damaged = |what: String| TileError::TileDamaged {
            path: self.path.clone(),
            z,
            x,
            y,
            what,
        };
        let raw = at_once(self.reader.get_tile(coord))
            .map_err(|e| damaged(format!("it cannot be read ({e})")))?;
        raw.map(|raw| decompress(raw, self.compression).map_err(damaged))
            .transpose()
    }
}

/// Reads ranges of a file. The futures are ready at once, as nothing else waits on them.
struct FileRanges {
    file: Mutex<File>,
    length: u64,
}

impl FileRanges {
    fn read_range(&self, offset: u64, length: usize) -> io::Result<Bytes> {
        // The range is cut to the file before memory is taken for it, since a damaged directory may ask for anything.
        let available = self.length.saturating_sub(offset).min(length as u64);
        let mut content = vec![0; available as usize];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut content)?;
        Ok(Bytes::from(content))
    }
}

impl AsyncBackend for FileRanges {
    async fn read(&self, offset: u64, length: usize) -> PmtResult<BackendResponse> {
        Ok(BackendResponse::new(self.read_range(offset, length)?))
    }
}

/// The result of a future over [`FileRanges`].
fn at_once<T>(future: impl Future<Output = PmtResult<T>>) -> PmtResult<T> {
    let never_waits = || {
        Err(PmtError::Reading(io::Error::other(
            "the read did not finish at once",
        )))
    };
    future.now_or_never().unwrap_or_else(never_waits)
}

/// A file cut off by a broken copy is the commonest damage: the header says how long each section is.
fn check_length(path: &Path, ranges: &FileRanges) -> Result<(), TileError> {
    const SECTIONS: [(&str, usize); 4] = [
        ("root directory", 8),
        ("metadata", 24),
        ("leaf directories", 40),
        ("tile data", 56),
    ];
    let header = ranges
        .read_range(0, 127)
        .map_err(|e| TileError::unreadable(path, e))?;
    if header.len() < 127 || !header.starts_with(b"PMTiles\x03") {
        return Ok(());
    }
    let number = |at: usize| {
        header[at..at + 8]
            .iter()
            .rev()
            .fold(0_u64, |n, b| n << 8 | u64::from(*b))
    };
    for (name, at) in SECTIONS {
        let end = number(at).saturating_add(number(at + 8));
        if end > ranges.length {
            let what = format!(
                "the file has {} bytes, but its {name} should end at byte {end}",
                ranges.length
            );
            return Err(TileError::damaged(path, what));
        }
    }
    Ok(())
}

fn of_archive(path: &Path, error: PmtError) -> TileError {
    match error {
        PmtError::Reading(source) => TileError::unreadable(path, source),
        PmtError::UnsupportedPmTilesVersion => unsupported(path, "an old version of PMTiles"),
        PmtError::UnsupportedCompression(c) => {
            unsupported(path, &format!("{c:?} compression of its directories"))
        }
        PmtError::InvalidHeader => {
            TileError::damaged(path, "its header (the first 127 bytes) makes no sense")
        }
        PmtError::InvalidEntry => TileError::damaged(path, "its root directory makes no sense"),
        other => TileError::damaged(
            path,
            format!("its header or root directory cannot be read ({other})"),
        ),
    }
}

fn unsupported(path: &Path, what: &str) -> TileError {
    let instead = "PMTiles version 3 with gzip (pmtiles convert)";
    TileError::Unsupported {
        path: path.to_owned(),
        what: what.to_owned(),
        instead,
    }
}

/// The archive's JSON. Without one the map can still be drawn, so only unreadable JSON is damage.
fn read_json(path: &Path, reader: &Reader) -> Result<Value, TileError> {
    let text = match at_once(reader.get_metadata()) {
        Ok(text) => text,
        Err(PmtError::InvalidMetadata) => return Ok(Value::Null),
        Err(e) => {
            return Err(TileError::damaged(
                path,
                format!("its metadata cannot be read ({e})"),
            ));
        }
    };
    serde_json::from_str(&text)
        .map_err(|e| TileError::damaged(path, format!("its metadata is no JSON ({e})")))
}

/// The archive's first tile, for what it tells about the others; `None` where it cannot be read.
fn first_tile(reader: &Arc<Reader>, compression: Compression) -> Option<Bytes> {
    let mut entries = reader.clone().entries();
    let entry = entries.next().now_or_never()??.ok()?;
    let coord = entry.iter_coords().next()?;
    let raw = at_once(reader.get_tile(coord)).ok()??;
    decompress(raw, compression).ok()
}

fn compression_of(header: &Header) -> Compression {
    match header.tile_compression {
        pmtiles::Compression::None => Compression::None,
        pmtiles::Compression::Gzip => Compression::Gzip,
        pmtiles::Compression::Brotli => Compression::Brotli,
        pmtiles::Compression::Zstd => Compression::Zstd,
        pmtiles::Compression::Unknown => Compression::Sniffed,
    }
}

/// `found` is the format of a tile by its content, which counts for more than what the header says.
fn metadata_of(
    path: &Path,
    header: &Header,
    found: Option<TileFormat>,
    json: &Value,
) -> Result<Metadata, TileError> {
    let said = match header.tile_type {
        TileType::Mvt | TileType::Unknown => TileFormat::Mvt,
        TileType::Png => TileFormat::Png,
        TileType::Jpeg => TileFormat::Jpeg,
        TileType::Webp => TileFormat::Webp,
        other => return Err(unsupported(path, &format!("{other:?} tiles"))),
    };
    let format = found.unwrap_or(said);
    let text = |key: &str| json[key].as_str().unwrap_or_default();
    let layers = layer_names(json);
    if header.min_zoom > header.max_zoom || header.max_zoom > 30 {
        let what = format!("it claims zooms {} to {}", header.min_zoom, header.max_zoom);
        return Err(TileError::damaged(path, what));
    }
    let bounds = Bounds::new(
        header.min_longitude,
        header.min_latitude,
        header.max_longitude,
        header.max_latitude,
    );
    let centre = (
        header.center_longitude,
        header.center_latitude,
        f64::from(header.center_zoom),
    );
    Ok(Metadata {
        name: text("name").to_owned(),
        format,
        min_zoom: header.min_zoom,
        max_zoom: header.max_zoom,
        bounds,
        centre: bounds
            .filter(|b| (b.west..=b.east).contains(&centre.0))
            .map(|_| centre),
        schema: if format == TileFormat::Mvt {
            Schema::of_layers(&layers)
        } else {
            Schema::Unknown
        },
        attribution: plain_text(text("attribution")),
        layers,
    })
}
