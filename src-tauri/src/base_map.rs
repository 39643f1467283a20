//! The base map: opens a tile archive and answers the windows' `tiles:` requests from it.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use protocol::commands::MapSource;
use tauri::http::{Request, Response, StatusCode, header};
use tiles::{Metadata, Schema, TileError, TileSource};

/// Scheme of the tile requests.
pub const SCHEME: &str = "tiles";

/// The archive that is shown, once it has been opened.
#[derive(Clone, Default)]
pub struct BaseMap {
    source: Arc<OnceLock<Box<dyn TileSource>>>,
}

impl BaseMap {
    /// Opens the archive and describes it for the windows.
    pub fn open(&self, path: &Path) -> Result<MapSource, TileError> {
        let source = tiles::open(path)?;
        let described = describe(source.metadata());
        // The archive is opened once, at the start; a second one would find the first in place.
        if self.source.set(source).is_err() {
            tracing::warn!(path = %path.display(), "a base map is open already");
        }
        Ok(described)
    }

    /// Answers `tiles://localhost/Z/X/Y`: 200 with the tile, 204 where the archive has none, 400
    /// for an address that is no tile, 404 before a map is open and 500 for a damaged tile.
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
            Ok(Some(bytes)) => reply(
                StatusCode::OK,
                source.metadata().format.media_type(),
                bytes.to_vec(),
            ),
            Ok(None) => reply(StatusCode::NO_CONTENT, "text/plain", Vec::new()),
            Err(error) => {
                tracing::warn!(z, x, y, %error, "a tile cannot be read");
                reply(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "text/plain",
                    error.to_string().into_bytes(),
                )
            }
        }
    }
}

fn describe(metadata: &Metadata) -> MapSource {
    // An archive that does not say where it lies may lie anywhere.
    let bounds = metadata.bounds.map_or([-180.0, -85.0, 180.0, 85.0], |b| {
        [b.west, b.south, b.east, b.north]
    });
    MapSource {
        tile_url: format!("{SCHEME}://localhost/{{z}}/{{x}}/{{y}}"),
        schema: match metadata.schema {
            Schema::OpenMapTiles => "openmaptiles",
            Schema::Protomaps => "protomaps",
            Schema::Unknown => "unknown",
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

fn reply(status: StatusCode, media_type: &str, body: Vec<u8>) -> Response<Vec<u8>> {
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
