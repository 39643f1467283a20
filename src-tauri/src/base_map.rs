//! The base map: opens a tile archive or a tile service and answers the windows' `tiles:` requests from it.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use hall_api::{Clock as _, SystemClock};
use protocol::commands::MapSource;
use protocol::feed::NoticeKind;
use tauri::http::{Request, Response, StatusCode, header};
use tiles::{
    DiskCache, Found, KeptAhead, Limits, Metadata, RemoteTiles, Schema, TileError, TileFormat,
    TileSource,
};
use tokio::runtime::Handle;

use crate::map_place::WantedMap;

/// Scheme of the tile requests.
pub const SCHEME: &str = "tiles";

/// The source that is shown, once it has been opened.
#[derive(Clone, Default)]
pub struct BaseMap {
    source: Arc<OnceLock<Box<dyn TileSource>>>,
}

/// What became of opening a base map.
#[derive(Debug, Default)]
pub struct Opened {
    /// What is shown.
    pub source: Option<MapSource>,
    /// What officers must be told.
    pub complaint: Option<Complaint>,
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
struct Tried {
    /// `None` where it is no source at all.
    source: Option<Box<dyn TileSource>>,
    /// What is wrong with it.
    trouble: Option<Trouble>,
}

struct Trouble {
    cause: String,
    /// Whether it has something to show all the same.
    shows_something: bool,
}

impl BaseMap {
    /// Opens the wanted base map, or the demo street's where it gives nothing. Asks a service once, so it must be
    /// called where waiting is allowed.
    pub fn open(&self, wanted: Option<WantedMap>, demo: Option<&Path>, line: &Handle) -> Opened {
        let tried = match (wanted, demo) {
            (Some(WantedMap::File(path)), _) => Tried::of(tiles::open(&path)),
            (Some(service), _) => try_server(service, line),
            (None, Some(path)) => Tried::of(tiles::open(path)),
            (None, None) => return Opened::default(),
        };
        let (source, complaint) = tried.or_demo(|| tiles::open(demo?).ok());
        let described = source.as_ref().map(|source| describe(source.metadata()));
        // The base map is opened once, at the start; a second one would find the first in place.
        if let Some(source) = source
            && self.source.set(source).is_err()
        {
            tracing::warn!("a base map is open already");
        }
        Opened {
            source: described,
            complaint,
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

/// Asks a service for a first tile.
fn try_server(wanted: WantedMap, line: &Handle) -> Tried {
    let WantedMap::Server {
        template,
        about,
        cache,
        cache_bytes,
    } = wanted
    else {
        return Tried {
            source: None,
            trouble: None,
        };
    };
    let clock = SystemClock::new();
    let now_ms = Arc::new(move || clock.now().unix_ms());
    let cache = Arc::new(DiskCache::open(&cache, cache_bytes));
    let made = RemoteTiles::new(
        template,
        &about,
        cache,
        Limits::default(),
        line.clone(),
        now_ms,
    );
    let probed = made.map(|mut source| {
        let found = source.probe();
        let trouble = match found {
            Ok(Found::Answering) => None,
            Ok(Found::KeptOnly(error)) => Some((error, true)),
            Err(error) => Some((error, false)),
        };
        (source, trouble)
    });
    match probed {
        Ok((source, trouble)) => Tried {
            source: Some(Box::new(source)),
            trouble: trouble.map(|(error, shows_something)| Trouble {
                cause: error.to_string(),
                shows_something,
            }),
        },
        Err(error) => Tried {
            source: None,
            trouble: Some(Trouble {
                cause: error.to_string(),
                shows_something: false,
            }),
        },
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
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn only_tile_addresses_are_understood() {
        assert_eq!(parse_address("/14/12345/6789"), Some((14, 12345, 6789)));
        for bad in [
            "", "/", "/1/2", "/1/2/0", "/2/1/1/1", "/a/b/c", "/25/0/0", "/1/-1/0", "/../etc",
        ] {
            assert_eq!(parse_address(bad), None, "{bad}");
        }
    }

    /// An archive with this one tile at 0/0/0.
    fn archive(dir: &tempfile::TempDir, name: &str, tile: &[u8]) -> PathBuf {
        let path = dir.path().join(name);
        let about = tiles::NewArchive {
            name,
            attribution: "",
            format: TileFormat::Png,
            min_zoom: 0,
            max_zoom: 0,
            bounds: tiles::Bounds::new(104.0, 30.0, 105.0, 31.0).expect("bounds"),
            layers: &[],
        };
        let mut writer = tiles::MbtilesWriter::create(&path, &about).expect("a writer");
        writer.put(0, 0, 0, tile).expect("put");
        writer.finish().expect("finished");
        path
    }

    /// Opens as the shell does, outside of async code.
    fn open(wanted: Option<WantedMap>, demo: Option<&Path>) -> (BaseMap, Opened) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let map = BaseMap::default();
        let opened = map.open(wanted, demo, runtime.handle());
        (map, opened)
    }

    #[test]
    fn a_broken_map_is_replaced_by_the_demo_streets() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let demo = archive(&dir, "demo", b"\x89PNG\r\n\x1a\n");
        let broken = dir.path().join("broken.pmtiles");
        std::fs::write(&broken, b"PMTiles\x03 and no more").expect("written");
        let wanted = || Some(WantedMap::File(broken.clone()));
        let (_, opened) = open(wanted(), Some(&demo));
        assert_eq!(opened.source.expect("the demo street's").name, "demo");
        let complaint = opened.complaint.expect("it is said");
        assert_eq!(complaint.kind, NoticeKind::MapReplaced);
        assert!(
            complaint.to_string().contains("broken.pmtiles"),
            "{complaint}"
        );
        let (_, opened) = open(wanted(), None);
        assert_eq!(opened.source, None);
        assert_eq!(
            opened.complaint.expect("it is said").kind,
            NoticeKind::MapUnreadable
        );
        let (_, opened) = open(None, Some(&demo));
        assert!(opened.source.is_some() && opened.complaint.is_none());
    }

    #[test]
    fn a_service_that_does_not_answer_is_replaced_or_waited_for() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let demo = archive(&dir, "demo", b"\x89PNG\r\n\x1a\n");
        // Port 1 is closed everywhere.
        let template = tiles::UrlTemplate::parse("http://127.0.0.1:1/{z}/{x}/{y}", None, false);
        let service = WantedMap::Server {
            template: template.expect("a template"),
            about: tiles::RemoteAbout {
                attribution: String::new(),
                min_zoom: 3,
                max_zoom: 17,
            },
            cache: dir.path().join("tiles.db"),
            cache_bytes: 1 << 20,
        };
        let (_, opened) = open(Some(service.clone()), Some(&demo));
        assert_eq!(opened.source.expect("the demo street's").name, "demo");
        assert_eq!(
            opened.complaint.expect("it is said").kind,
            NoticeKind::MapReplaced
        );
        let (_, opened) = open(Some(service), None);
        let source = opened.source.expect("it may answer later");
        assert_eq!(
            (source.schema.as_str(), source.min_zoom, source.max_zoom),
            ("raster", 3, 17)
        );
        assert_eq!(
            opened.complaint.expect("it is said").kind,
            NoticeKind::MapOffline
        );
    }

    #[test]
    fn pictures_are_served_as_what_they_are() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = archive(&dir, "pictures", b"\xff\xd8\xff\xe0 a photograph");
        let (map, opened) = open(Some(WantedMap::File(path)), None);
        assert_eq!(opened.source.expect("shown").schema, "raster");
        let request = Request::get("tiles://localhost/0/0/0")
            .body(Vec::new())
            .expect("a request");
        let answer = map.answer(&request);
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "image/jpeg");
    }

    #[test]
    fn without_a_map_the_answer_is_404_and_bad_addresses_are_400() {
        let map = BaseMap::default();
        let ask = |uri: &str| {
            map.answer(&Request::get(uri).body(Vec::new()).expect("a request"))
                .status()
        };
        assert_eq!(ask("tiles://localhost/0/0/0"), StatusCode::NOT_FOUND);
        assert_eq!(ask("tiles://localhost/x"), StatusCode::BAD_REQUEST);
    }
}
