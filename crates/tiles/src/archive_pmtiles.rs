//! PMTiles version 3, read by range from a file.

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::FutureExt;
use pmtiles::{AsyncPmTilesReader, Header, PmtError, PmtResult, TileCoord, TileId, TileType};
use serde_json::Value;

use crate::compression::{Compression, decompress};
use crate::metadata::{Bounds, Metadata, Schema, TileFormat, layer_names, plain_text};
use crate::pmtiles_leaves::Leaves;
use crate::pmtiles_ranges::FileRanges;
use crate::{TileError, TileSource};

/// Bytes of leaf directories that are held.
const MAX_LEAVES_BYTES: usize = 8 << 20;

type Reader = AsyncPmTilesReader<FileRanges, Leaves>;

/// A PMTiles archive.
pub struct PmtilesArchive {
    path: PathBuf,
    reader: Reader,
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
        let ranges = FileRanges::open(path)?;
        let first_id = ranges.first_tile();
        let opened = at_once(AsyncPmTilesReader::try_from_cached_source(
            ranges,
            Leaves::new(MAX_LEAVES_BYTES),
        ));
        let reader = opened.map_err(|e| of_archive(path, e))?;
        let json = read_json(path, &reader)?;
        let header = reader.get_header();
        let compression = compression_of(header);
        let found =
            first_tile(&reader, first_id, compression).and_then(|t| TileFormat::of_content(&t));
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

/// The result of a future over [`FileRanges`].
fn at_once<T>(future: impl Future<Output = PmtResult<T>>) -> PmtResult<T> {
    let never_waits = || {
        Err(PmtError::Reading(io::Error::other(
            "the read did not finish at once",
        )))
    };
    future.now_or_never().unwrap_or_else(never_waits)
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
fn first_tile(reader: &Reader, id: Option<u64>, compression: Compression) -> Option<Bytes> {
    let id = TileId::new(id?).ok()?;
    let raw = at_once(reader.get_tile(id)).ok()??;
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
