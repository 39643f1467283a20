//! The street's tiles, kept before anybody looks, over roaming, restarts and days without the service.

use std::time::Duration;

use tiles::{Bounds, KeptAhead, RemoteTiles, TileSource, cover, keep_ahead};

use crate::server::Reply;
use crate::{Bench, PNG};

const STREET: Bounds = Bounds {
    west: 104.08,
    south: 30.64,
    east: 104.12,
    north: 30.68,
};
/// The deepest level that the service has.
const DEEPEST: u8 = 18;
const TILE_BYTES: usize = 100;
/// What a kept tile counts, with its row.
const COST: u64 = TILE_BYTES as u64 + 256;
const THREE_DAYS_S: i64 = 72 * 3600;

/// A tile like no other.
fn picture(z: u8, x: u32, y: u32) -> Vec<u8> {
    let mut picture = [PNG, format!("/{z}/{x}/{y}?").as_bytes()].concat();
    picture.resize(TILE_BYTES, 0);
    picture
}

/// A service of such tiles, each good for a minute.
fn bench() -> Bench {
    Bench::new(|path| {
        let place = path.split('?').next().unwrap_or_default();
        let mut parts = place
            .split('/')
            .skip(1)
            .map(|part| part.parse().expect("a number"));
        let mut next = || parts.next().expect("a place");
        let (z, x, y): (u32, u32, u32) = (next(), next(), next());
        Reply::body(&picture(z as u8, x, y)).with("cache-control", "max-age=60")
    })
}

/// The tiles of the street.
fn street() -> Vec<(u8, u32, u32)> {
    cover(STREET, 0, DEEPEST)
}

/// Keeps the street without waiting; gives what was told.
fn keep(source: &RemoteTiles) -> Vec<KeptAhead> {
    let mut told = Vec::new();
    keep_ahead(source, STREET, &|_: Duration| true, &mut |kept| {
        told.push(kept);
    });
    told
}

/// Looks at so many tiles elsewhere.
fn roam(source: &RemoteTiles, tiles: u32) {
    for x in 0..tiles {
        source.tile(13, x, 100).expect("a tile");
    }
}

/// Tiles of the street that are given as the service had them.
fn answered(source: &RemoteTiles) -> usize {
    let tiles = street().into_iter();
    let is_right = |(z, x, y): &(u8, u32, u32)| {
        let given = source.tile(*z, *x, *y);
        given.is_ok_and(|body| body.is_some_and(|body| body[..] == picture(*z, *x, *y)))
    };
    tiles.filter(is_right).count()
}

#[test]
fn the_streets_tiles_answer_after_roaming_restarts_and_three_days_without_the_service() {
    let mut bench = bench();
    let of = street().len();
    assert!(of > 1_000, "a street down to the last level: {of}");
    bench.cache_bytes = (of as u64 + 100) * COST;
    let source = bench.source();
    roam(&source, 200);
    let told = keep(&source);
    let whole = KeptAhead {
        kept: of,
        of,
        lacks_room: false,
    };
    assert_eq!(told.last(), Some(&whole));
    roam(&source, 400);
    drop(source);
    let source = bench.source();
    roam(&source, 300);
    assert!(!source.is_kept(13, 350, 100), "others had to make room");
    assert_eq!(keep(&source), [], "nothing of the street was lost");
    drop(source);
    bench.server.stop(&bench.runtime);
    bench.pass(THREE_DAYS_S);
    let mut source = bench.source();
    source.probe().expect("tiles are kept");
    assert_eq!(answered(&source), of);
    drop(source);
    assert_eq!(answered(&bench.source()), of, "and after another restart");
}

#[test]
fn a_street_beyond_the_room_is_kept_as_deep_as_it_fits_and_that_is_said_once() {
    let mut bench = bench();
    let of = street().len();
    let room = of / 2;
    bench.cache_bytes = room as u64 * COST;
    let source = bench.source();
    let told = keep(&source);
    let last = KeptAhead {
        kept: room,
        of,
        lacks_room: true,
    };
    assert_eq!(told[1..], [last]);
    bench.server.asked();
    assert_eq!(keep(&source).last(), Some(&last));
    assert_eq!(
        bench.server.asked().len(),
        1,
        "one tile tells that there is no room"
    );
    roam(&source, 100);
    bench.server.stop(&bench.runtime);
    bench.pass(THREE_DAYS_S);
    let source = bench.source();
    let is_there = |(z, x, y): &(u8, u32, u32)| source.tile(*z, *x, *y).is_ok();
    let there: Vec<_> = street().into_iter().filter(is_there).collect();
    assert_eq!(there, street()[..room], "the shallow levels are whole");
}
