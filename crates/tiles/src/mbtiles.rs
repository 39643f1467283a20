//! MBTiles 1.3, read from an SQLite file that is never written.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};
use serde_json::Value;

use crate::compression::{Compression, decompress};
use crate::metadata::{
    Bounds, Metadata, Schema, TileFormat, layer_names, layer_names_of_tile, plain_text,
};
use crate::{TileError, TileSource};

/// An MBTiles archive.
pub struct MbtilesArchive {
    path: PathBuf,
    connection: Mutex<Connection>,
    metadata: Metadata,
}

const SELECT_TILE: &str =
    "SELECT tile_data FROM tiles WHERE zoom_level = ?1 AND tile_column = ?2 AND tile_row = ?3";

impl MbtilesArchive {
    /// Opens an archive and reads its metadata.
    ///
    /// # Errors
    ///
    /// As [`crate::open`].
    pub fn open(path: &Path) -> Result<Self, TileError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)
            .map_err(|e| of_sqlite(path, "the file", &e))?;
        let rows =
            read_rows(&connection).map_err(|e| of_sqlite(path, "its table of metadata", &e))?;
        let metadata = read_metadata(path, &connection, &rows)?;
        Ok(Self {
            path: path.to_owned(),
            connection: Mutex::new(connection),
            metadata,
        })
    }
}

impl TileSource for MbtilesArchive {
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn tile(&self, z: u8, x: u32, y: u32) -> Result<Option<Bytes>, TileError> {
        if z > 30 || x >= 1 << z || y >= 1 << z {
            return Ok(None);
        }
        // MBTiles numbers rows from the south.
        let row = (1_u32 << z) - 1 - y;
        let damaged = |what: String| TileError::TileDamaged {
            path: self.path.clone(),
            z,
            x,
            y,
            what,
        };
        let raw = {
            let connection = self
                .connection
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            read_tile(&connection, z, x, row)
                .map_err(|e| damaged(format!("it cannot be read ({e})")))?
        };
        raw.map(|raw| decompress(raw, Compression::Sniffed).map_err(damaged))
            .transpose()
    }
}

fn read_tile(connection: &Connection, z: u8, x: u32, row: u32) -> rusqlite::Result<Option<Bytes>> {
    let mut statement = connection.prepare_cached(SELECT_TILE)?;
    let blob = statement
        .query_row((z, x, row), |r| Ok(blob_of(r.get_ref(0)?)))
        .optional()?;
    Ok(blob.flatten())
}

fn blob_of(value: ValueRef<'_>) -> Option<Bytes> {
    match value {
        ValueRef::Blob(b) | ValueRef::Text(b) => Some(Bytes::copy_from_slice(b)),
        _ => None,
    }
}

/// The rows of the table of metadata; an archive without that table is still one.
fn read_rows(connection: &Connection) -> rusqlite::Result<HashMap<String, String>> {
    let table = "SELECT count(*) FROM sqlite_master WHERE name = 'metadata'";
    if connection.query_row(table, (), |r| r.get::<_, i64>(0))? == 0 {
        return Ok(HashMap::new());
    }
    let mut statement = connection.prepare("SELECT name, CAST(value AS TEXT) FROM metadata")?;
    let text = |value: ValueRef<'_>| {
        value
            .as_str_or_null()
            .ok()
            .flatten()
            .unwrap_or_default()
            .to_owned()
    };
    let rows = statement.query_map((), |r| Ok((text(r.get_ref(0)?), text(r.get_ref(1)?))))?;
    rows.collect()
}

fn read_metadata(
    path: &Path,
    connection: &Connection,
    rows: &HashMap<String, String>,
) -> Result<Metadata, TileError> {
    let text = |key: &str| rows.get(key).map(|t| t.trim()).unwrap_or_default();
    let tile = some_tile(path, connection)?;
    let found = tile.as_deref().and_then(TileFormat::of_content);
    // What the tiles are counts for more than what is said about them.
    let format = match found {
        Some(format) => format,
        None => said_format(path, text("format"))?,
    };
    let (min_zoom, max_zoom) = zooms(
        path,
        connection,
        text("minzoom").parse().ok(),
        text("maxzoom").parse().ok(),
    )?;
    let json: Value = serde_json::from_str(text("json")).unwrap_or(Value::Null);
    let mut layers = layer_names(&json);
    if layers.is_empty() && format == TileFormat::Mvt {
        layers = tile.map(|t| layer_names_of_tile(&t)).unwrap_or_default();
    }
    let centre: Vec<f64> = text("center")
        .split(',')
        .filter_map(|n| n.trim().parse().ok())
        .collect();
    Ok(Metadata {
        name: text("name").to_owned(),
        format,
        min_zoom,
        max_zoom,
        bounds: Bounds::parse(text("bounds")),
        centre: if let [lon, lat, zoom] = centre[..] {
            Some((lon, lat, zoom))
        } else {
            None
        },
        schema: if format == TileFormat::Mvt {
            Schema::of_layers(&layers)
        } else {
            Schema::Unknown
        },
        attribution: plain_text(text("attribution")),
        layers,
    })
}

/// The format that the metadata name, for tiles that do not say themselves what they are.
fn said_format(path: &Path, said: &str) -> Result<TileFormat, TileError> {
    let lower = said.to_ascii_lowercase();
    Ok(match lower.trim_start_matches("image/") {
        "" | "pbf" | "mvt" | "application/vnd.mapbox-vector-tile" => TileFormat::Mvt,
        "png" => TileFormat::Png,
        "jpg" | "jpeg" => TileFormat::Jpeg,
        "webp" => TileFormat::Webp,
        _ => {
            return Err(TileError::Unsupported {
                path: path.to_owned(),
                what: format!("tiles of the format {said:?}"),
                instead: "pbf, png, jpg or webp",
            });
        }
    })
}

/// The zooms that the metadata name, else those that the tiles have.
fn zooms(
    path: &Path,
    connection: &Connection,
    min: Option<u8>,
    max: Option<u8>,
) -> Result<(u8, u8), TileError> {
    if let (Some(min), Some(max)) = (min, max)
        && min <= max
        && max <= 30
    {
        return Ok((min, max));
    }
    let found = "SELECT min(zoom_level), max(zoom_level) FROM tiles";
    let found = connection
        .query_row(found, (), |r| {
            Ok((r.get::<_, Option<u8>>(0)?, r.get::<_, Option<u8>>(1)?))
        })
        .map_err(|e| of_sqlite(path, "its table of tiles", &e))?;
    match found {
        (Some(min), Some(max)) if max <= 30 => Ok((min, max)),
        (None, _) => Err(TileError::damaged(path, "it holds no tiles")),
        _ => Err(TileError::damaged(path, "its zooms make no sense")),
    }
}

/// Any one tile, decompressed; also proves that the table of tiles can be read.
fn some_tile(path: &Path, connection: &Connection) -> Result<Option<Bytes>, TileError> {
    let any = "SELECT tile_data FROM tiles ORDER BY zoom_level DESC LIMIT 1";
    let raw = connection
        .query_row(any, (), |r| Ok(blob_of(r.get_ref(0)?)))
        .optional()
        .map_err(|e| of_sqlite(path, "its table of tiles", &e))?;
    Ok(raw
        .flatten()
        .and_then(|raw| decompress(raw, Compression::Sniffed).ok()))
}

fn of_sqlite(path: &Path, what: &str, error: &rusqlite::Error) -> TileError {
    let source = match error.sqlite_error_code() {
        Some(ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            return TileError::Io {
                path: path.to_owned(),
                source: std::io::Error::other(error.to_string()),
            };
        }
        _ => error.to_string(),
    };
    if source.contains("no such table") || source.contains("no such column") {
        return TileError::NotAnArchive {
            path: path.to_owned(),
            found: "an SQLite database without tiles",
        };
    }
    TileError::damaged(path, format!("{what} cannot be read ({source})"))
}
