//! Writes MBTiles archives: into a file beside the target that takes its place when all is written.

use std::io::Write;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::json;

use crate::TileError;
use crate::metadata::{Bounds, TileFormat};

/// What a new archive says about itself.
#[derive(Clone, Debug)]
pub struct NewArchive<'a> {
    /// Name.
    pub name: &'a str,
    /// Who made the data.
    pub attribution: &'a str,
    /// What the tiles are; vector tiles are compressed with gzip.
    pub format: TileFormat,
    /// First zoom with tiles.
    pub min_zoom: u8,
    /// Last zoom with tiles.
    pub max_zoom: u8,
    /// Where there are tiles.
    pub bounds: Bounds,
    /// Names of the vector layers.
    pub layers: &'a [&'a str],
}

/// An archive being written. Dropped before [`MbtilesWriter::finish`], it leaves no archive.
#[derive(Debug)]
pub struct MbtilesWriter {
    connection: Connection,
    path: PathBuf,
    unfinished: PathBuf,
    format: TileFormat,
    finished: bool,
}

const TABLES: &str = "
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA application_id = 0x4d504258;
    CREATE TABLE metadata (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
    CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB,
        PRIMARY KEY (zoom_level, tile_column, tile_row)) WITHOUT ROWID;
    BEGIN;";

impl MbtilesWriter {
    /// Starts an archive.
    ///
    /// # Errors
    ///
    /// When the folder cannot be written to.
    pub fn create(path: &Path, archive: &NewArchive<'_>) -> Result<Self, TileError> {
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".unfinished");
        let unfinished = PathBuf::from(unfinished);
        match std::fs::remove_file(&unfinished) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(TileError::Io {
                    path: unfinished,
                    source: e,
                });
            }
            _ => {}
        }
        let connection = Connection::open(&unfinished).map_err(|e| failed(path, &e))?;
        let writer = Self {
            connection,
            path: path.to_owned(),
            unfinished,
            format: archive.format,
            finished: false,
        };
        writer
            .connection
            .execute_batch(TABLES)
            .map_err(|e| failed(path, &e))?;
        writer
            .write_metadata(archive)
            .map_err(|e| failed(path, &e))?;
        Ok(writer)
    }

    /// Puts a tile in, uncompressed as given; rows are numbered from the north. A second tile of the same address takes
    /// the place of the first.
    ///
    /// # Errors
    ///
    /// When the disk is full or the address names no tile.
    pub fn put(&mut self, z: u8, x: u32, y: u32, content: &[u8]) -> Result<(), TileError> {
        if z > 30 || x >= 1 << z || y >= 1 << z {
            let what = "an address outside of its zoom".to_owned();
            return Err(TileError::TileDamaged {
                path: self.path.clone(),
                z,
                x,
                y,
                what,
            });
        }
        let row = (1_u32 << z) - 1 - y;
        let insert = "INSERT OR REPLACE INTO tiles VALUES (?1, ?2, ?3, ?4)";
        let compressed;
        let data = if self.format == TileFormat::Mvt {
            compressed = gzip(content).map_err(|e| TileError::Io {
                path: self.path.clone(),
                source: e,
            })?;
            &compressed[..]
        } else {
            content
        };
        let mut statement = self
            .connection
            .prepare_cached(insert)
            .map_err(|e| failed(&self.path, &e))?;
        statement
            .execute((z, x, row, data))
            .map_err(|e| failed(&self.path, &e))?;
        Ok(())
    }

    /// Ends the archive and puts it in its place.
    ///
    /// # Errors
    ///
    /// When the disk is full.
    pub fn finish(mut self) -> Result<(), TileError> {
        self.connection
            .execute_batch("COMMIT; PRAGMA optimize;")
            .map_err(|e| failed(&self.path, &e))?;
        let io = |source| TileError::Io {
            path: self.path.clone(),
            source,
        };
        std::fs::File::open(&self.unfinished)
            .and_then(|f| f.sync_all())
            .map_err(io)?;
        std::fs::rename(&self.unfinished, &self.path).map_err(io)?;
        self.finished = true;
        Ok(())
    }

    fn write_metadata(&self, archive: &NewArchive<'_>) -> rusqlite::Result<()> {
        let Bounds {
            west,
            south,
            east,
            north,
        } = archive.bounds;
        let format = match archive.format {
            TileFormat::Mvt => "pbf",
            TileFormat::Png => "png",
            TileFormat::Jpeg => "jpg",
            TileFormat::Webp => "webp",
        };
        let layers: Vec<_> = archive
            .layers
            .iter()
            .map(|id| json!({"id": id, "fields": {}, "minzoom": archive.min_zoom, "maxzoom": archive.max_zoom}))
            .collect();
        let (lon, lat) = (f64::midpoint(west, east), f64::midpoint(south, north));
        let rows = [
            ("name", archive.name.to_owned()),
            ("type", "baselayer".to_owned()),
            ("version", "1".to_owned()),
            ("format", format.to_owned()),
            ("attribution", archive.attribution.to_owned()),
            ("bounds", format!("{west},{south},{east},{north}")),
            (
                "center",
                format!(
                    "{lon},{lat},{}",
                    archive.min_zoom.max(archive.max_zoom.saturating_sub(1))
                ),
            ),
            ("minzoom", archive.min_zoom.to_string()),
            ("maxzoom", archive.max_zoom.to_string()),
            ("json", json!({ "vector_layers": layers }).to_string()),
        ];
        for (name, value) in rows {
            self.connection
                .execute("INSERT INTO metadata VALUES (?1, ?2)", (name, value))?;
        }
        Ok(())
    }
}

impl Drop for MbtilesWriter {
    fn drop(&mut self) {
        if !self.finished {
            // Nothing can be done about a file that does not go; the next writer removes it first.
            let _gone = std::fs::remove_file(&self.unfinished);
        }
    }
}

fn gzip(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content)?;
    encoder.finish()
}

fn failed(path: &Path, error: &rusqlite::Error) -> TileError {
    TileError::Io {
        path: path.to_owned(),
        source: std::io::Error::other(error.to_string()),
    }
}
