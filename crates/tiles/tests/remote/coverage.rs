//! Services that have tiles of one place only, lose them, or refuse a key: what of that stops the map, and what is lost.

use tiles::{RemoteError, TileSource as _};

use crate::server::Reply;
use crate::{Bench, JPEG, PNG, png, tile};

/// How long a tile that came speaks for the key.
const LATELY_S: i64 = 600;
const A_DAY_S: i64 = 24 * 3600;

/// A service that has no tiles from the 100th column on, and says so by a status. What it gives is soon old.
fn covering_the_west(status: u16) -> Bench {
    Bench::new(move |path| {
        let column = path.split('/').nth(2).and_then(|text| text.parse().ok());
        if column.is_some_and(|column: u32| column >= 100) {
            return Reply::status(status);
        }
        Reply::body(PNG).with("cache-control", "max-age=1")
    })
}

fn is_resting(outcome: &Result<Option<bytes::Bytes>, RemoteError>) -> bool {
    matches!(outcome, Err(RemoteError::Resting { .. }))
}

#[test]
fn tiles_outside_of_what_is_covered_do_not_stop_the_map() {
    for status in [400, 401, 403, 418] {
        let bench = covering_the_west(status);
        let source = bench.source();
        assert!(png(&source, 1));
        for x in 100..110 {
            let outside = tile(&source, x);
            assert!(outside.is_err() && !is_resting(&outside), "{outside:?}");
        }
        assert!(png(&source, 2), "after ten times {status}");
        bench.pass(LATELY_S - 1);
        for x in 100..110 {
            assert!(!is_resting(&tile(&source, x)), "{status}");
        }
        assert!(png(&source, 3), "after twenty times {status}");
    }
}

#[test]
fn tiles_that_are_no_good_address_never_stop_the_map() {
    let bench = covering_the_west(400);
    let source = bench.source();
    for x in 100..110 {
        assert!(matches!(
            tile(&source, x),
            Err(RemoteError::Status { status: 400, .. })
        ));
    }
    assert!(png(&source, 1));
}

#[test]
fn a_key_that_is_refused_without_any_tile_lets_the_source_rest_and_the_cause_is_said() {
    for refusal in [
        || Reply::status(401),
        || Reply::status(403),
        || Reply::body(b"<html>log in</html>"),
        || Reply::status(302).with("location", "https://elsewhere.example/"),
    ] {
        let bench = Bench::new(move |_| refusal());
        let source = bench.source();
        for x in 0..3 {
            assert!(!is_resting(&tile(&source, x)));
        }
        let resting = tile(&source, 3).expect_err("it rests");
        assert!(
            matches!(resting, RemoteError::Resting { failures: 3, .. }),
            "{resting}"
        );
        assert_eq!(bench.server.asked().len(), 3);
    }
}

#[test]
fn a_key_that_is_revoked_is_noticed_once_no_tile_has_come_for_a_while() {
    let bench = Bench::new(|_| Reply::body(PNG));
    let source = bench.source();
    assert!(png(&source, 1));
    bench.server.answer(|_, _| Reply::status(403));
    bench.pass(LATELY_S);
    for x in 2..5 {
        let error = tile(&source, x).expect_err("refused").to_string();
        assert!(error.contains("check the key"), "{error}");
    }
    let resting = tile(&source, 5);
    assert!(is_resting(&resting), "{resting:?}");
    let words = resting.expect_err("it rests").to_string();
    assert!(
        words.contains("status 403") && words.contains("check the key"),
        "{words}"
    );
}

#[test]
fn that_there_is_no_tile_says_nothing_for_the_key() {
    let bench = Bench::new(|path| {
        let is_first = path.starts_with("/10/1/");
        Reply::status(if is_first { 404 } else { 403 })
    });
    let source = bench.source();
    assert_eq!(tile(&source, 1), Ok(None));
    for x in 2..5 {
        assert!(matches!(tile(&source, x), Err(RemoteError::Refused { .. })));
    }
    assert!(is_resting(&tile(&source, 5)));
}

#[test]
fn a_tile_that_is_kept_outlives_the_news_that_there_is_none() {
    let bench = Bench::new(|_| {
        Reply::body(PNG)
            .with("cache-control", "max-age=60")
            .with("etag", "\"a\"")
    });
    let source = bench.source();
    assert!(png(&source, 1));
    bench.pass(100);
    bench
        .server
        .answer(|_, _| Reply::status(404).with("etag", "\"of the error\""));
    bench.server.asked();
    assert!(png(&source, 1), "what is kept is given");
    assert_eq!(bench.server.asked().len(), 1);
    bench.pass(A_DAY_S - 1);
    assert!(png(&source, 1));
    assert!(bench.server.asked().is_empty(), "known for a day");
    bench.pass(1);
    bench.server.answer(|_, headers| {
        let is_tag = headers
            .get("if-none-match")
            .is_some_and(|tag| tag == "\"a\"");
        Reply::status(if is_tag { 304 } else { 500 }).with("cache-control", "max-age=60")
    });
    assert!(png(&source, 1), "asked again, by the tag of what is kept");
    assert_eq!(bench.server.asked().len(), 1);
    bench.server.stop(&bench.runtime);
    bench.pass(A_DAY_S);
    drop(source);
    assert!(png(&bench.source(), 1), "and it is there without the line");
}

#[test]
fn what_comes_after_the_news_that_there_is_none_is_taken() {
    let bench = Bench::new(|_| Reply::body(PNG).with("cache-control", "max-age=60"));
    let source = bench.source();
    assert!(png(&source, 1) && png(&source, 2));
    bench.pass(100);
    bench.server.answer(|_, _| Reply::status(404));
    assert!(png(&source, 1));
    bench.pass(A_DAY_S);
    bench.server.answer(|_, _| Reply::body(JPEG));
    assert_eq!(tile(&source, 1).expect("a tile").as_deref(), Some(JPEG));
    // That there is nothing at a place, rather than no tile, is believed.
    bench.server.answer(|_, _| Reply::status(204));
    assert_eq!(tile(&source, 2), Ok(None));
    assert!(source.is_kept(10, 2, 0));
}
