//! What is asked at the start, of services that have tiles of one city only.

use tiles::{Bounds, Found, RemoteError, RemoteTiles, Schema, TileFormat, TileSource as _, cover};

use crate::server::Reply;
use crate::{Bench, MVT, PNG};

const STREET: Bounds = Bounds {
    west: 114.04,
    south: 22.52,
    east: 114.08,
    north: 22.56,
};
/// A vector tile of a known schema.
const STREETS: &[u8] = b"\x1a\x10\x0a\x0etransportation";

/// A service that has only tiles of the street, from level 9 on, and answers elsewhere with a status.
fn of_the_city(status: u16, tile: &'static [u8]) -> Bench {
    let covered = cover(STREET, 9, 14);
    Bench::new(move |path| {
        let is_covered = place_of(path).is_some_and(|place| covered.contains(&place));
        if is_covered {
            Reply::body(tile)
        } else {
            Reply::status(status)
        }
    })
}

fn place_of(path: &str) -> Option<(u8, u32, u32)> {
    let place = path.split('?').next()?;
    let mut parts = place.rsplit('/').map(str::parse::<u32>);
    let mut next = || parts.next()?.ok();
    let (y, x, z) = (next()?, next()?, next()?);
    Some((u8::try_from(z).ok()?, x, y))
}

fn is_answering(source: &mut RemoteTiles) -> bool {
    matches!(source.probe(), Ok(Found::Answering))
}

#[test]
fn a_citys_service_is_asked_where_the_street_lies() {
    for status in [400, 403, 404, 500] {
        let bench = of_the_city(status, STREETS);
        let mut source = bench.source();
        source.expect_street(STREET);
        assert!(is_answering(&mut source), "{status}");
        let metadata = source.metadata();
        assert_eq!(metadata.format, TileFormat::Mvt, "{status}");
        assert_eq!(metadata.schema, Schema::OpenMapTiles, "{status}");
        let asked = bench.server.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
    }
}

#[test]
fn a_service_that_refuses_away_from_its_city_is_no_missing_one_and_its_first_tile_shows_what_it_has()
 {
    for status in [400, 403, 404, 500] {
        let bench = of_the_city(status, STREETS);
        let mut source = bench.source();
        match source.probe() {
            Ok(Found::Answering) => assert_eq!(status, 404),
            Ok(Found::KeptOnly(error)) => {
                let error = error.to_string();
                assert!(error.contains(&format!("status {status}")), "{error}");
            }
            Err(error) => panic!("taken as no service: {error}"),
        }
        assert_eq!(source.metadata().format, TileFormat::Png, "guessed");
        let (z, x, y) = cover(STREET, 14, 14)[0];
        assert!(source.tile(z, x, y).expect("a tile").is_some());
        let metadata = source.metadata();
        assert_eq!(
            (metadata.format, metadata.schema),
            (TileFormat::Mvt, Schema::OpenMapTiles)
        );
        assert_eq!((metadata.min_zoom, metadata.max_zoom), (0, 18));
    }
}

#[test]
fn the_next_start_asks_where_a_tile_is_kept() {
    for status in [400, 403, 404, 500] {
        let bench = of_the_city(status, MVT);
        let source = bench.source();
        let (z, x, y) = cover(STREET, 13, 13)[0];
        source.tile(z, x, y).expect("a tile");
        drop(source);
        bench.server.asked();
        let mut source = bench.source();
        assert!(is_answering(&mut source), "{status}");
        assert_eq!(source.metadata().format, TileFormat::Mvt);
        let asked = bench.server.asked();
        let places: Vec<_> = asked.iter().map(|path| place_of(path)).collect();
        assert_eq!(places, [Some((z, x, y))]);
    }
}

#[test]
fn another_service_is_asked_where_the_street_was_kept_of_the_one_before() {
    let bench = of_the_city(403, MVT);
    bench.source().keep_street(&cover(STREET, 9, 18));
    let host = bench.server.address;
    let mut source = bench.source_at(&format!("http://{host}/other/{{z}}/{{x}}/{{y}}"));
    assert!(is_answering(&mut source));
    assert_eq!(source.metadata().format, TileFormat::Mvt);
    assert_eq!(bench.server.asked().len(), 1);
}

#[test]
fn after_an_empty_answer_the_middle_of_the_country_is_asked() {
    let bench = Bench::new(|path| {
        if path.starts_with("/1/1/0?") {
            Reply::body(PNG)
        } else {
            Reply::status(404)
        }
    });
    let mut source = bench.source();
    source.expect_street(STREET);
    assert!(is_answering(&mut source));
    assert_eq!(bench.server.asked().len(), 2);
}

#[test]
fn a_service_that_is_down_or_refuses_the_key_everywhere_is_given_up_after_one_question() {
    for status in [401, 429, 502, 503, 504] {
        let bench = Bench::new(move |_| Reply::status(status));
        let mut source = bench.source();
        source.expect_street(STREET);
        let error = source.probe().expect_err("nothing is there");
        assert!(
            matches!(
                error,
                RemoteError::Refused { .. } | RemoteError::Status { .. }
            ),
            "{error}"
        );
        assert_eq!(bench.server.asked().len(), 1, "{status}");
    }
}
