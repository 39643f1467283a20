//! Opening base maps and answering for them, outside of any window.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::map_place::TileServer;

const JPEG: &[u8] = b"\xff\xd8\xff\xe0 a photograph";

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

struct Opened {
    source: Option<MapSource>,
    complaint: Option<Complaint>,
}

/// Opens as the shell does, outside of async code; what is shown has to be decided once.
fn open(wanted: Option<WantedMap>, demo: Option<&Path>) -> (BaseMap, Opened) {
    open_hearing(wanted, demo, Duration::from_mins(1), || ())
}

/// The same with a wait of its own; `heard` is called when it is decided what is shown.
fn open_hearing(
    wanted: Option<WantedMap>,
    demo: Option<&Path>,
    first_answer: Duration,
    heard: impl FnOnce(),
) -> (BaseMap, Opened) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let around = Around {
        line: runtime.handle().clone(),
        street: None,
        first_answer,
    };
    let map = BaseMap::default();
    let mut decided = None;
    let complaint = map.open(wanted, demo, &around, |source| {
        decided = Some(source);
        heard();
    });
    // A request that nobody waits for any more may still be under way.
    runtime.shutdown_background();
    let source = decided.expect("it is decided");
    (map, Opened { source, complaint })
}

/// A service at a port of this machine, with its cache in the directory.
fn service(dir: &tempfile::TempDir, port: u16) -> WantedMap {
    let template = tiles::UrlTemplate::parse(
        &format!("http://127.0.0.1:{port}/{{z}}/{{x}}/{{y}}"),
        None,
        false,
    );
    WantedMap::Server(TileServer {
        template: template.expect("a template"),
        about: tiles::RemoteAbout {
            attribution: String::new(),
            min_zoom: 3,
            max_zoom: 17,
        },
        cache: dir.path().join("tiles.db"),
        cache_bytes: 1 << 20,
    })
}

/// A server that gives this tile to everybody, but nothing while somebody holds the lock.
fn serve(tile: &'static [u8]) -> (u16, Arc<Mutex<()>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let silence = Arc::new(Mutex::new(()));
    let silenced = Arc::clone(&silence);
    std::thread::spawn(move || {
        for call in listener.incoming() {
            let Ok(mut call) = call else { continue };
            let mut asked = [0; 4096];
            if !call.read(&mut asked).is_ok_and(|bytes| bytes > 0) {
                continue;
            }
            drop(silenced.lock());
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                tile.len()
            );
            // Who has gone meanwhile gets nothing.
            call.write_all(&[head.as_bytes(), tile].concat()).ok();
        }
    });
    (port, silence)
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
    let service = service(&dir, 1);
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
fn of_a_service_whose_tiles_are_kept_the_map_is_decided_before_it_answers() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let demo = archive(&dir, "demo", b"\x89PNG\r\n\x1a\n");
    let (port, silence) = serve(JPEG);
    let (_, opened) = open(Some(service(&dir, port)), Some(&demo));
    let shown = opened.source.expect("it answers");
    assert_eq!((shown.schema.as_str(), opened.complaint), ("raster", None));

    let silent = silence.lock().expect("the service falls silent");
    let wait = Duration::from_mins(1);
    let answers = || drop(silent);
    let (_, opened) = open_hearing(Some(service(&dir, port)), Some(&demo), wait, answers);
    assert_eq!(
        opened.source,
        Some(shown),
        "what is kept tells what the tiles are"
    );
    assert_eq!(opened.complaint, None, "it answered once that was decided");
}

#[test]
fn a_service_of_which_nothing_is_known_is_not_waited_for_longer_than_it_may_take() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let demo = archive(&dir, "demo", b"\x89PNG\r\n\x1a\n");
    let (port, silence) = serve(JPEG);
    let silent = silence.lock().expect("the service is silent");
    let wait = Duration::from_millis(50);
    let open = |demo| open_hearing(Some(service(&dir, port)), demo, wait, || ()).1;
    let opened = open(Some(&*demo));
    assert_eq!(opened.source.expect("the demo street's").name, "demo");
    let complaint = opened.complaint.expect("it is said");
    assert_eq!(complaint.kind, NoticeKind::MapReplaced);
    assert!(complaint.cause.contains("127.0.0.1"), "{complaint}");
    let opened = open(None);
    assert_eq!(opened.source.expect("it may answer later").schema, "raster");
    assert_eq!(
        opened.complaint.expect("it is said").kind,
        NoticeKind::MapOffline
    );
    drop(silent);
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
