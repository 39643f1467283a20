//! Tiles from a server on the network, through a cache on the disk that goes on without the server.
//!
//! A tile that is kept and fresh is given without asking. Else the source is asked, with the tag of what is kept, and
//! where it gives no tile what is kept is given, however old. Which answers are kept for how long is in `freshness`,
//! how many are asked at a time and when the source is left alone in `line`, how it is found out what the tiles are
//! in `probe`.

mod cache;
mod error;
mod freshness;
mod line;
mod probe;
mod template;

use std::collections::HashSet;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use tokio::runtime::Handle;

pub use cache::DiskCache;
pub use error::RemoteError;
pub use line::Limits;
pub use probe::Found;
pub use template::{TemplateError, UrlTemplate};

use crate::compression::{Compression, decompress};
use crate::metadata::{Bounds, Metadata, Schema, TileFormat, layer_names_of_tile};
use crate::{TileError, TileSource, describe};
use cache::Kept;
use freshness::Freshness;
use line::{Answer, Line, Stamp};

/// Reads the civil clock, in milliseconds since 1970.
pub type NowMs = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What is known of a remote source beside its address.
#[derive(Debug, Clone)]
pub struct RemoteAbout {
    /// Who made the data; to be shown on the map.
    pub attribution: String,
    /// First zoom with tiles.
    pub min_zoom: u8,
    /// Last zoom with tiles.
    pub max_zoom: u8,
}

/// The tiles of a remote source.
pub struct RemoteTiles {
    line: Line,
    cache: Arc<DiskCache>,
    /// What the address and the settings let expect.
    guessed: Metadata,
    /// What the first tile showed that came or was kept.
    shown: OnceLock<Metadata>,
    /// Where the street lies, if that is known.
    street: Option<Bounds>,
    runtime: Handle,
    now_ms: NowMs,
    /// Tiles that are being asked for.
    asked: Mutex<HashSet<(u8, u32, u32)>>,
    answered: Condvar,
}

impl RemoteTiles {
    /// A source at an address. Nothing is asked yet; what the tiles are is guessed until [`RemoteTiles::probe`], or
    /// else the first tile, shows it.
    ///
    /// # Errors
    ///
    /// When the system's certificates cannot be loaded.
    pub fn new(
        template: UrlTemplate,
        about: &RemoteAbout,
        cache: Arc<DiskCache>,
        limits: Limits,
        runtime: Handle,
        now_ms: NowMs,
    ) -> Result<Self, RemoteError> {
        let max_zoom = about.max_zoom.min(24);
        let vectors = template.promises_vectors();
        let guessed = Metadata {
            name: template.hosts().first().cloned().unwrap_or_default(),
            format: if vectors {
                TileFormat::Mvt
            } else {
                TileFormat::Png
            },
            min_zoom: about.min_zoom.min(max_zoom),
            max_zoom,
            bounds: None,
            centre: None,
            schema: Schema::Unknown,
            attribution: about.attribution.clone(),
            layers: Vec::new(),
        };
        Ok(Self {
            line: Line::new(template, limits, now_ms.clone())?,
            cache,
            guessed,
            shown: OnceLock::new(),
            street: None,
            runtime,
            now_ms,
            asked: Mutex::default(),
            answered: Condvar::new(),
        })
    }

    fn now_s(&self) -> i64 {
        (self.now_ms)().div_euclid(1000)
    }

    fn address(&self, z: u8, x: u32, y: u32) -> (i64, u8, u32, u32) {
        (self.line.template.fingerprint(), z, x, y)
    }

    /// Asks the source, keeps what it says, and gives the tile as it came.
    fn ask(&self, z: u8, x: u32, y: u32, kept: Option<&Kept>) -> Result<Bytes, RemoteError> {
        let answer = self.runtime.block_on(self.line.ask(z, x, y, kept))?;
        let now_s = self.now_s();
        let address = self.address(z, x, y);
        let fresh_until_s = |stamp: &Stamp| match stamp.freshness {
            Freshness::For(seconds) => Some(now_s + seconds),
            Freshness::NotKept => None,
        };
        let renew = |renewed: Kept| {
            self.cache.renew(address, &renewed);
            Ok(renewed.body)
        };
        let take = |body: Bytes, stamp: Stamp| {
            if let Some(fresh_until_s) = fresh_until_s(&stamp) {
                let kept = Kept {
                    body: body.clone(),
                    etag: stamp.etag,
                    last_modified: stamp.last_modified,
                    fetched_s: now_s,
                    fresh_until_s,
                };
                self.cache.put(address, &kept, now_s);
            }
            Ok(body)
        };
        match (answer, kept) {
            (Answer::Tile(body, stamp), _) => take(body, stamp),
            // What was kept for when the line is lost does not go because the source has lost it. The tag is that of
            // what is kept, not of this answer.
            (Answer::Absent(stamp), Some(kept)) if !kept.body.is_empty() => renew(Kept {
                fetched_s: now_s,
                fresh_until_s: fresh_until_s(&stamp).unwrap_or(now_s),
                ..kept.clone()
            }),
            (Answer::Absent(stamp), _) => take(Bytes::new(), stamp),
            (Answer::Unchanged(stamp), Some(kept)) => renew(Kept {
                fetched_s: now_s,
                fresh_until_s: fresh_until_s(&stamp).unwrap_or(now_s),
                etag: stamp.etag.or_else(|| kept.etag.clone()),
                last_modified: stamp.last_modified.or_else(|| kept.last_modified.clone()),
                body: kept.body.clone(),
            }),
            // Nothing was known, so nothing can be unchanged; the line does not answer so.
            (Answer::Unchanged(_), None) => Ok(Bytes::new()),
        }
    }

    /// A tile for the map. The first one shows what the tiles are.
    fn given(&self, body: &Bytes) -> Option<Bytes> {
        let (content, format) = content_of(body).ok()?;
        let format = format?;
        self.shown.get_or_init(|| self.described(&content, format));
        Some(content)
    }

    /// What a source of such tiles holds.
    fn described(&self, content: &[u8], format: TileFormat) -> Metadata {
        let mut metadata = Metadata {
            format,
            ..self.guessed.clone()
        };
        if format == TileFormat::Mvt {
            metadata.layers = layer_names_of_tile(content);
            metadata.schema = Schema::of_layers(&metadata.layers);
        }
        metadata
    }

    /// Waits until no one else asks for the tile, so that two windows do not ask twice.
    fn turn(&self, tile: (u8, u32, u32)) -> Turn<'_> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        while !asked.insert(tile) {
            asked = self
                .answered
                .wait(asked)
                .unwrap_or_else(PoisonError::into_inner);
        }
        Turn { tiles: self, tile }
    }
}

impl TileSource for RemoteTiles {
    fn metadata(&self) -> &Metadata {
        self.shown.get().unwrap_or(&self.guessed)
    }

    fn tile(&self, z: u8, x: u32, y: u32) -> Result<Option<Bytes>, TileError> {
        let within = (self.guessed.min_zoom..=self.guessed.max_zoom).contains(&z);
        if !within || x >= 1 << z || y >= 1 << z {
            return Ok(None);
        }
        let kept = || self.cache.get(self.address(z, x, y), self.now_s());
        if let Some(kept) = kept().filter(|kept| kept.is_fresh(self.now_s())) {
            return Ok(self.given(&kept.body));
        }
        let _turn = self.turn((z, x, y));
        let kept = kept();
        if let Some(kept) = kept.as_ref().filter(|kept| kept.is_fresh(self.now_s())) {
            return Ok(self.given(&kept.body));
        }
        match (self.ask(z, x, y, kept.as_ref()), kept) {
            (Ok(body), _) => Ok(self.given(&body)),
            (Err(_), Some(kept)) => Ok(self.given(&kept.body)),
            (Err(error), None) => Err(TileError::Remote {
                z,
                x,
                y,
                source: error,
            }),
        }
    }

    fn is_kept(&self, z: u8, x: u32, y: u32) -> bool {
        let kept = self.cache.get(self.address(z, x, y), self.now_s());
        kept.is_some()
    }

    fn keep_street(&self, tiles: &[(u8, u32, u32)]) {
        let street = tiles.iter().map(|(z, x, y)| self.address(*z, *x, *y));
        self.cache.keep_street(&street.collect());
    }

    fn lacks_room(&self) -> bool {
        self.cache.lacks_room()
    }

    fn is_asked(&self) -> bool {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        !asked.is_empty()
    }
}

/// One caller's turn to ask for a tile; it ends when dropped.
struct Turn<'a> {
    tiles: &'a RemoteTiles,
    tile: (u8, u32, u32),
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut asked = self
            .tiles
            .asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        asked.remove(&self.tile);
        drop(asked);
        self.tiles.answered.notify_all();
    }
}

/// What a body holds, decompressed; `None` for its format where it is empty. The error names what is no tile.
fn content_of(body: &Bytes) -> Result<(Bytes, Option<TileFormat>), &'static str> {
    let content = decompress(body.clone(), Compression::Sniffed).map_err(|_| describe(body))?;
    if content.is_empty() {
        return Ok((content, None));
    }
    match TileFormat::of_content(&content) {
        Some(format) => Ok((content, Some(format))),
        None => Err(describe(&content)),
    }
}
