//! The base map: opens a tile archive or a tile service and answers the windows' `tiles:` requests from it.

mod served;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use protocol::commands::MapSource;
use protocol::feed::NoticeKind;
use tauri::http::{Request, Response, StatusCode, header};
use tiles::{KeptAhead, Metadata, Schema, TileError, TileFormat, TileSource};

pub use served::Around;

use crate::map_place::WantedMap;
use served::ServedMap;

/// Scheme of the tile requests.
pub const SCHEME: &str = "tiles";

/// The source that is shown, once it has been opened.
#[derive(Clone, Default)]
pub struct BaseMap {
    source: Arc<OnceLock<Box<dyn TileSource>>>,
}

/// Why the base map is not the one that is wanted, or not whole.
#[derive(Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The notice for the windows.
    pub kind: NoticeKind,
    /// What went wrong.
    pub cause: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (chinese, english) = match self.kind {
            NoticeKind::MapReplaced => (
                "底图无法读取，改用演示街道的底图。",
                "The base map cannot be read; the demo street's own is shown instead",
            ),
            NoticeKind::MapOffline => (
                "底图服务没有应答，只显示已保存的部分。",
                "The base map's service does not answer; only what was kept of it is shown",
            ),
            _ => (
                "底图无法读取，将不显示底图。",
                "The base map cannot be read and is not shown",
            ),
        };
        write!(f, "{chinese}{english}: {}", self.cause)
    }
}

/// A source that was tried.
pub struct Tried {
    /// `None` where it is no source at all.
    pub source: Option<Box<dyn TileSource>>,
    /// What is wrong with it.
    pub trouble: Option<Trouble>,
}

/// What is wrong with a source.
pub struct Trouble {
    /// In words.
    pub cause: String,
    /// Whether it has something to show all the same.
    pub shows_something: bool,
}

impl BaseMap {
    /// Opens the wanted base map, or the demo street's where it gives nothing, and says what is wrong with it.
    /// `decide` hears what is shown as soon as that is known: of a service of which tiles are kept before it is
    /// asked, so that no window waits for one that does not answer. Asks a service, so it must be called where
    /// waiting is allowed.
    pub fn open(
        &self,
        wanted: Option<WantedMap>,
        demo: Option<&Path>,
        around: &Around,
        decide: impl FnOnce(Option<MapSource>),
    ) -> Option<Complaint> {
        let tried = match (wanted, demo) {
            (Some(WantedMap::File(path)), _) => Tried::of(tiles::open(&path)),
            (Some(WantedMap::Server(place)), _) => {
                let service = ServedMap::new(place, around);
                if let Some((source, described)) = service.kept() {
                    self.set(Box::new(source));
                    decide(Some(described.clone()));
                    return service.complaint(&described);
                }
                service.tried_within(around.first_answer)
            }
            (None, Some(path)) => Tried::of(tiles::open(path)),
            (None, None) => {
                decide(None);
                return None;
            }
        };
        let (source, complaint) = tried.or_demo(|| tiles::open(demo?).ok());
        let described = source.as_ref().map(|source| describe(source.metadata()));
        if let Some(source) = source {
            self.set(source);
        }
        decide(described);
        complaint
    }

    /// The base map is opened once, at the start; a second one would find the first in place.
    fn set(&self, source: Box<dyn TileSource>) {
        if self.source.set(source).is_err() {
            tracing::warn!("a base map is open already");
        }
    }

    /// Keeps the tiles of the bounds (west, south, east, north) for when the line is lost; see
    /// [`tiles::keep_ahead`]. Blocks for minutes.
    pub fn keep_ahead(&self, bounds: [f64; 4], tell: &mut dyn FnMut(KeptAhead)) {
        let [west, south, east, north] = bounds;
        let bounds = tiles::Bounds::new(west, south, east, north);
        let (Some(source), Some(bounds)) = (self.source.get(), bounds) else {
            return;
        };
        let wait = |pause| {
            std::thread::sleep(pause);
            true
        };
        tiles::keep_ahead(&**source, bounds, &wait, tell);
    }

    /// Answers `tiles://localhost/Z/X/Y`: 200 with the tile, 204 where the source has none, 400
    /// for an address that is no tile, 404 before a map is open, 500 for a damaged tile and 503
    /// for one that a service does not give now.
    pub fn answer(&self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let Some((z, x, y)) = parse_address(request.uri().path()) else {
            return reply(
                StatusCode::BAD_REQUEST,
                "text/plain",
                b"not a tile address".to_vec(),
            );
        };
        let Some(source) = self.source.get() else {
            return reply(
                StatusCode::NOT_FOUND,
                "text/plain",
                b"no base map is open".to_vec(),
            );
        };
        match source.tile(z, x, y) {
            Ok(Some(bytes)) => {
                // A service may give some tiles as PNG and some as JPEG.
                let format = TileFormat::of_content(&bytes);
                let format = format.unwrap_or(source.metadata().format);
                reply(StatusCode::OK, format.media_type(), bytes.to_vec())
            }
            Ok(None) => reply(StatusCode::NO_CONTENT, "text/plain", Vec::new()),
            Err(error) => failure(&error),
        }
    }
}

impl Tried {
    fn of(opened: Result<Box<dyn TileSource>, TileError>) -> Self {
        match opened {
            Ok(source) => Self {
                source: Some(source),
                trouble: None,
            },
            Err(error) => Self {
                source: None,
                trouble: Some(Trouble {
                    cause: error.to_string(),
                    shows_something: false,
                }),
            },
        }
    }

    /// What is shown of it, the demo street's base map where it has nothing to show, and what is said about that.
    fn or_demo(
        self,
        demo: impl FnOnce() -> Option<Box<dyn TileSource>>,
    ) -> (Option<Box<dyn TileSource>>, Option<Complaint>) {
        let Some(Trouble {
            cause,
            shows_something,
        }) = self.trouble
        else {
            return (self.source, None);
        };
        let instead = if shows_something { None } else { demo() };
        let kind = match (&instead, &self.source) {
            (Some(_), _) => NoticeKind::MapReplaced,
            (None, Some(_)) => NoticeKind::MapOffline,
            (None, None) => NoticeKind::MapUnreadable,
        };
        (instead.or(self.source), Some(Complaint { kind, cause }))
    }
}

fn failure(error: &TileError) -> Response<Vec<u8>> {
    let status = if let TileError::Remote { .. } = error {
        // The source itself logs when it fails and when it answers again.
        tracing::debug!(%error, "a tile is missing");
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        tracing::warn!(%error, "a tile cannot be read");
        StatusCode::INTERNAL_SERVER_ERROR
    };
    reply(status, "text/plain", error.to_string().into_bytes())
}

fn describe(metadata: &Metadata) -> MapSource {
    // An archive that does not say where it lies may lie anywhere.
    let bounds = metadata.bounds.map_or([-180.0, -85.0, 180.0, 85.0], |b| {
        [b.west, b.south, b.east, b.north]
    });
    MapSource {
        tile_url: format!("{SCHEME}://localhost/{{z}}/{{x}}/{{y}}"),
        schema: match (metadata.format, metadata.schema) {
            (TileFormat::Png | TileFormat::Jpeg | TileFormat::Webp, _) => "raster",
            (TileFormat::Mvt, Schema::OpenMapTiles) => "openmaptiles",
            (TileFormat::Mvt, Schema::Protomaps) => "protomaps",
            (TileFormat::Mvt, Schema::Unknown) => "unknown",
        }
        .to_owned(),
        name: metadata.name.clone(),
        attribution: metadata.attribution.clone(),
        max_zoom: metadata.max_zoom,
        min_zoom: metadata.min_zoom,
        bounds,
    }
}

fn parse_address(path: &str) -> Option<(u8, u32, u32)> {
    let mut parts = path.trim_start_matches('/').split('/');
    let z: u8 = parts.next()?.parse().ok().filter(|z| *z <= 24)?;
    let mut axis = || {
        parts
            .next()?
            .parse()
            .ok()
            .filter(|n: &u32| u64::from(*n) < 1 << z)
    };
    let (x, y) = (axis()?, axis()?);
    parts.next().is_none().then_some((z, x, y))
}

/// An answer that every window may read.
pub fn reply(status: StatusCode, media_type: &str, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if let Ok(value) = header::HeaderValue::from_str(media_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    // The windows' own origin differs from the tile scheme; the tiles are no secret of one window.
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        header::HeaderValue::from_static("*"),
    );
    response
}

#[cfg(test)]
mod tests;
