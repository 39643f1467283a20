//! Remote sources against a server that fails in every way, with the cache between them.

mod ahead;
mod coverage;
mod probe;
mod server;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tempfile::TempDir;
use tiles::{
    DiskCache, Found, Limits, RemoteAbout, RemoteError, RemoteTiles, TileError, TileFormat,
    TileSource, UrlTemplate,
};
use tokio::runtime::Runtime;

use server::{Reply, Server};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0 and so on";
/// A vector tile with a layer `water`.
const MVT: &[u8] = b"\x1a\x07\x0a\x05water";
const KEY: &str = "SECRET-KEY";

/// A server, a cache folder and a clock that the test turns.
struct Bench {
    runtime: Runtime,
    server: Server,
    folder: TempDir,
    now_ms: Arc<AtomicI64>,
    answer_timeout: Duration,
    cache_bytes: u64,
}

impl Bench {
    fn new(script: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let server = Server::start(&runtime, move |path, _| script(path));
        Self {
            server,
            folder: tempfile::tempdir().expect("a folder"),
            now_ms: Arc::new(AtomicI64::new(1_000_000_000)),
            answer_timeout: Duration::from_mins(1),
            cache_bytes: 1 << 20,
            runtime,
        }
    }

    fn cache_file(&self) -> PathBuf {
        self.folder.path().join("tiles.db")
    }

    fn pass(&self, seconds: i64) {
        self.now_ms.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    fn limits(&self) -> Limits {
        Limits {
            parallel: 3,
            answer_timeout: self.answer_timeout,
            answer_bytes: 10_000,
            ..Limits::default()
        }
    }

    fn source(&self) -> RemoteTiles {
        let host = self.server.address;
        self.source_at(&format!("http://{host}/{{z}}/{{x}}/{{y}}?tk={{key}}"))
    }

    fn source_at(&self, template: &str) -> RemoteTiles {
        let template = UrlTemplate::parse(template, Some(KEY), false).expect("a template");
        let about = RemoteAbout {
            attribution: "made for a test".to_owned(),
            min_zoom: 0,
            max_zoom: 18,
        };
        let now_ms = self.now_ms.clone();
        RemoteTiles::new(
            template,
            &about,
            Arc::new(DiskCache::open(&self.cache_file(), self.cache_bytes)),
            self.limits(),
            self.runtime.handle().clone(),
            Arc::new(move || now_ms.load(Ordering::SeqCst)),
        )
        .expect("a source")
    }
}

fn tile(source: &RemoteTiles, x: u32) -> Result<Option<Bytes>, RemoteError> {
    source.tile(10, x, 0).map_err(|error| {
        let text = error.to_string();
        assert!(!text.contains(KEY), "the key is in {text}");
        match error {
            TileError::Remote { source, .. } => source,
            other => panic!("{other}"),
        }
    })
}

fn png(source: &RemoteTiles, x: u32) -> bool {
    tile(source, x).is_ok_and(|body| body.as_deref() == Some(PNG))
}

#[test]
fn a_fresh_tile_is_asked_for_once_and_a_stale_one_with_its_tag() {
    let bench = Bench::new(|_| Reply::status(500));
    bench.server.answer(|_, headers| {
        if headers
            .get("if-none-match")
            .is_some_and(|tag| tag == "\"a\"")
        {
            return Reply::status(304).with("cache-control", "max-age=100");
        }
        let fresh = Reply::body(PNG).with("etag", "\"a\"");
        fresh.with("cache-control", "max-age=60")
    });
    let source = bench.source();
    assert!(png(&source, 1) && png(&source, 1));
    assert_eq!(bench.server.asked(), [format!("/10/1/0?tk={KEY}")]);
    bench.pass(61);
    assert!(png(&source, 1), "unchanged");
    assert_eq!(bench.server.asked().len(), 1);
    bench.pass(90);
    assert!(png(&source, 1), "renewed for longer");
    assert!(bench.server.asked().is_empty());
    bench.pass(20);
    bench.server.answer(|_, _| Reply::body(JPEG));
    assert_eq!(tile(&source, 1).expect("a tile").as_deref(), Some(JPEG));
}

#[test]
fn offline_afterwards_what_was_seen_is_shown_even_after_a_restart() {
    let bench = Bench::new(|_| Reply::body(PNG).with("cache-control", "max-age=60"));
    let source = bench.source();
    assert!(png(&source, 1) && png(&source, 2));
    bench.server.stop(&bench.runtime);
    bench.pass(100_000);
    assert!(png(&source, 1), "stale, but better than nothing");
    drop(source);
    let mut source = bench.source();
    let found = source.probe().expect("tiles are kept");
    assert!(
        matches!(found, Found::KeptOnly(RemoteError::Unreachable { .. })),
        "{found:?}"
    );
    assert!(png(&source, 2));
    assert!(matches!(
        tile(&source, 3),
        Err(RemoteError::Unreachable { .. })
    ));
}

#[test]
fn without_server_and_tiles_the_probe_says_why() {
    let bench = Bench::new(|_| Reply::body(PNG));
    bench.server.stop(&bench.runtime);
    let error = bench
        .source()
        .probe()
        .expect_err("nothing is there")
        .to_string();
    assert!(
        error.contains("cannot be reached") && error.contains("127.0.0.1"),
        "{error}"
    );
    assert!(!error.contains(KEY) && !error.contains("/1/"), "{error}");
}

#[test]
fn the_probe_finds_out_what_the_tiles_are() {
    for (body, format) in [
        (PNG, TileFormat::Png),
        (JPEG, TileFormat::Jpeg),
        (MVT, TileFormat::Mvt),
    ] {
        let bench = Bench::new(move |_| Reply::body(body));
        let mut source = bench.source();
        assert!(matches!(
            source.probe().expect("it answers"),
            Found::Answering
        ));
        assert_eq!(source.metadata().format, format);
        let layers = usize::from(format == TileFormat::Mvt);
        assert_eq!(source.metadata().layers.len(), layers);
    }
    let bench = Bench::new(|_| Reply::status(404));
    let host = bench.server.address;
    let mut source = bench.source_at(&format!("http://{host}/{{z}}/{{x}}/{{y}}.pbf"));
    assert!(matches!(
        source.probe().expect("it answers"),
        Found::Answering
    ));
    assert_eq!(source.metadata().format, TileFormat::Mvt, "by its address");
}

#[test]
fn each_kind_of_failure_has_its_own_words() {
    let bench = Bench::new(|_| Reply::status(500));
    let source = bench.source();
    let (server, now) = (&bench.server, |reply: fn() -> Reply| {
        bench.server.answer(move |_, _| reply());
        bench.pass(3600);
        tile(&source, 5).expect_err("a failure")
    });
    assert!(matches!(
        now(|| Reply::status(500)),
        RemoteError::Status { status: 500, .. }
    ));
    assert!(matches!(
        now(|| Reply::status(403)),
        RemoteError::Refused { status: 403, .. }
    ));
    let page = now(|| Reply::body(b"<html>log in</html>"));
    assert!(page.to_string().contains("a web page"), "{page}");
    let json = now(|| Reply::body(b"{\"msg\": \"key is wrong\"}"));
    assert!(json.to_string().contains("a JSON text"), "{json}");
    assert!(matches!(
        now(|| Reply::body(&[1; 200])),
        RemoteError::Rubbish { .. }
    ));
    let mut large = PNG.to_vec();
    large.resize(20_000, 0);
    let body = large.clone();
    server.answer(move |_, _| Reply::body(&body));
    bench.pass(3600);
    assert!(matches!(
        tile(&source, 5),
        Err(RemoteError::TooLarge {
            limit_bytes: 10_000,
            ..
        })
    ));
    // None of them was kept.
    bench.server.answer(|_, _| Reply::body(PNG));
    bench.pass(3600);
    assert!(png(&source, 5));
}

#[test]
fn a_source_that_never_answers_is_given_up() {
    let mut bench = Bench::new(|_| Reply::never());
    bench.answer_timeout = Duration::from_millis(200);
    let error = tile(&bench.source(), 1).expect_err("no answer");
    assert!(
        error.to_string().contains("no answer within 0.2 s"),
        "{error}"
    );
}

#[test]
fn a_tile_that_is_not_there_is_empty_and_that_is_known_for_a_day() {
    let bench = Bench::new(|_| Reply::status(404));
    let source = bench.source();
    assert_eq!(tile(&source, 1), Ok(None));
    assert_eq!(tile(&source, 1), Ok(None));
    assert_eq!(bench.server.asked().len(), 1);
    bench.pass(25 * 3600);
    assert_eq!(tile(&source, 1), Ok(None));
    assert_eq!(bench.server.asked().len(), 1);
    assert_eq!(source.tile(19, 0, 0).expect("no such zoom"), None);
    assert_eq!(source.tile(3, 8, 0).expect("no such column"), None);
    assert!(bench.server.asked().is_empty());
}

#[test]
fn what_must_not_be_kept_is_not() {
    let bench = Bench::new(|_| Reply::body(PNG).with("cache-control", "no-store"));
    let source = bench.source();
    assert!(png(&source, 1) && png(&source, 1));
    assert_eq!(bench.server.asked().len(), 2);
}

#[test]
fn redirects_stay_with_the_hosts_of_the_setting() {
    let other = Bench::new(|_| Reply::body(PNG));
    let elsewhere = format!("http://{}/stolen", other.server.address);
    let bench = Bench::new(move |path| {
        if path.starts_with("/10/1/") {
            return Reply::status(302).with("location", "/moved");
        }
        if path == "/moved" {
            return Reply::body(PNG);
        }
        if path.starts_with("/10/2/") {
            return Reply::status(302).with("location", path);
        }
        Reply::status(302).with("location", &elsewhere)
    });
    let source = bench.source();
    assert!(png(&source, 1), "on the same host");
    let round = tile(&source, 2).expect_err("round and round");
    assert!(matches!(round, RemoteError::Redirected { .. }), "{round}");
    let error = tile(&source, 3).expect_err("elsewhere");
    let to = other.server.address.to_string();
    assert!(
        matches!(&error, RemoteError::Redirected { to: said, .. } if said.contains(&to)),
        "{error}"
    );
    assert!(
        other.server.asked().is_empty(),
        "the other host was never asked"
    );
}

#[test]
fn a_source_that_fails_rests_and_is_asked_again_later() {
    let bench = Bench::new(|_| Reply::status(503));
    let source = bench.source();
    for x in 0..3 {
        assert!(matches!(
            tile(&source, x),
            Err(RemoteError::Status { status: 503, .. })
        ));
    }
    let resting = tile(&source, 3).expect_err("it rests");
    assert!(
        matches!(
            resting,
            RemoteError::Resting {
                failures: 3,
                wait_s: 2,
                ..
            }
        ),
        "{resting}"
    );
    assert_eq!(bench.server.asked().len(), 3);
    bench.pass(2);
    assert!(
        matches!(tile(&source, 3), Err(RemoteError::Status { .. })),
        "one more try"
    );
    let longer = tile(&source, 3).expect_err("it rests longer");
    assert!(
        matches!(longer, RemoteError::Resting { wait_s: 4, .. }),
        "{longer}"
    );
    for _ in 0..20 {
        bench.pass(60);
        assert!(
            matches!(tile(&source, 3), Err(RemoteError::Status { .. })),
            "a minute at the most"
        );
    }
    bench.server.answer(|_, _| Reply::body(PNG));
    bench.pass(60);
    assert!(png(&source, 3) && png(&source, 4), "at work again at once");
    bench.server.answer(|_, _| Reply::status(500));
    assert!(matches!(tile(&source, 5), Err(RemoteError::Status { .. })));
    assert!(
        matches!(tile(&source, 6), Err(RemoteError::Status { .. })),
        "it counts from one again"
    );
}

#[test]
fn a_clock_set_back_does_not_prolong_a_rest() {
    let bench = Bench::new(|_| Reply::status(500));
    let source = bench.source();
    for x in 0..3 {
        assert!(tile(&source, x).is_err());
    }
    bench.pass(-100_000);
    bench.server.answer(|_, _| Reply::body(PNG));
    assert!(png(&source, 1));
}

#[test]
fn an_overrun_source_says_when_it_wants_to_be_asked_again() {
    let bench = Bench::new(|_| Reply::status(429).with("retry-after", "30"));
    let source = bench.source();
    assert!(matches!(
        tile(&source, 1),
        Err(RemoteError::Status { status: 429, .. })
    ));
    assert!(matches!(
        tile(&source, 1),
        Err(RemoteError::Resting { wait_s: 30, .. })
    ));
    bench.server.answer(|_, _| Reply::body(PNG));
    bench.pass(30);
    assert!(png(&source, 1));
}

#[test]
fn stale_tiles_are_given_at_once_while_the_source_rests() {
    let bench = Bench::new(|_| Reply::body(PNG).with("cache-control", "max-age=1"));
    let source = bench.source();
    assert!((0..9).all(|x| png(&source, x)));
    bench.server.asked();
    bench.pass(10);
    bench.server.answer(|_, _| Reply::status(502));
    assert!((0..9).all(|x| png(&source, x)));
    assert_eq!(
        bench.server.asked().len(),
        3,
        "after three failures it rests"
    );
}

#[test]
fn no_more_requests_at_a_time_than_the_limit_and_one_for_each_tile() {
    let bench = Bench::new(|_| Reply::body(PNG));
    let source = bench.source();
    bench.server.hold();
    std::thread::scope(|scope| {
        // Every tile is wanted twice, as by two windows.
        let wanted: Vec<_> = (0..24)
            .map(|n| {
                scope.spawn({
                    let source = &source;
                    move || png(source, n / 2)
                })
            })
            .collect();
        for left in (1..=12).rev() {
            let full = left.min(3);
            while bench.server.at_once() < full {
                std::thread::yield_now();
            }
            bench.server.let_through(1);
        }
        assert!(
            wanted
                .into_iter()
                .all(|thread| thread.join().expect("no panic"))
        );
    });
    assert_eq!(bench.server.most_at_once(), 3);
    assert_eq!(bench.server.asked().len(), 12);
}

#[test]
fn a_cache_that_cannot_be_written_only_costs_caching() {
    let bench = Bench::new(|_| Reply::body(PNG));
    std::fs::create_dir(bench.cache_file()).expect("a folder in its place");
    let source = bench.source();
    assert!(png(&source, 1) && png(&source, 1));
    assert_eq!(bench.server.asked().len(), 2);
}

#[test]
fn a_damaged_cache_is_begun_anew_while_the_map_goes_on() {
    let bench = Bench::new(|_| Reply::body(PNG));
    std::fs::write(bench.cache_file(), vec![0x5a; 9000]).expect("written");
    let source = bench.source();
    assert!(png(&source, 1) && png(&source, 1));
    assert_eq!(bench.server.asked().len(), 1, "the new cache works");
    assert!(bench.folder.path().join("tiles.db.damaged").exists());
}
