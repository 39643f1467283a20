//! The cache over restarts, at its limit, on a full disk and after damage.

use std::fs;

use faulty_disk::{Fault, FaultyDisk};
use tempfile::TempDir;

use super::*;

const LIMIT: u64 = 1 << 20;
const ROW: u64 = ROW_BYTES as u64;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("tiles.db")
}

fn kept(body: &[u8]) -> Kept {
    Kept {
        body: Bytes::copy_from_slice(body),
        etag: Some("\"1\"".to_owned()),
        last_modified: None,
        fetched_s: 100,
        fresh_until_s: 200,
    }
}

fn put(cache: &DiskCache, x: u32, body: &[u8]) {
    cache.put((7, 10, x, 0), &kept(body), 100);
}

fn has(cache: &DiskCache, x: u32) -> bool {
    cache.get((7, 10, x, 0), 100).is_some()
}

#[test]
fn tiles_outlive_a_restart_and_sources_are_apart() {
    let folder = folder();
    let cache = DiskCache::open(&file(&folder), LIMIT);
    put(&cache, 1, b"a tile");
    put(&cache, 2, b"");
    let held = cache.held_bytes();
    drop(cache);
    let cache = DiskCache::open(&file(&folder), LIMIT);
    assert_eq!(cache.held_bytes(), held);
    assert_eq!(cache.get((7, 10, 1, 0), 100), Some(kept(b"a tile")));
    assert_eq!(
        cache.get((7, 10, 2, 0), 100),
        Some(kept(b"")),
        "an empty tile is known to be empty"
    );
    assert_eq!(cache.get((8, 10, 1, 0), 100), None, "another source");
    let newest = ((10, 1, 0), Bytes::from_static(b"a tile"));
    assert_eq!(cache.newest(7, 100), Some(newest));
    assert_eq!(cache.newest(8, 100), None);
}

#[test]
fn a_tile_takes_the_place_of_its_forerunner() {
    let folder = folder();
    let cache = DiskCache::open(&file(&folder), LIMIT);
    put(&cache, 1, &[1; 500]);
    put(&cache, 1, &[2; 300]);
    assert_eq!(cache.held_bytes(), 300 + ROW);
    let renewed = Kept {
        fresh_until_s: 900,
        ..kept(&[2; 300])
    };
    cache.renew((7, 10, 1, 0), &renewed);
    assert_eq!(cache.get((7, 10, 1, 0), 100), Some(renewed));
}

#[test]
fn the_least_recently_used_go_first_even_over_a_restart() {
    let folder = folder();
    let room_for_three = 3 * (1000 + ROW);
    let cache = DiskCache::open(&file(&folder), room_for_three);
    for x in 1..=3 {
        put(&cache, x, &[x as u8; 1000]);
    }
    assert!(has(&cache, 1), "used again, so it outlives the second");
    drop(cache);
    let cache = DiskCache::open(&file(&folder), room_for_three);
    put(&cache, 4, &[4; 1000]);
    let left: Vec<u32> = (1..=4).filter(|x| has(&cache, *x)).collect();
    assert_eq!(left, [1, 3, 4]);
    assert!(cache.held_bytes() <= room_for_three);
    drop(cache);
    let cache = DiskCache::open(&file(&folder), 1000 + ROW);
    let left: Vec<u32> = (1..=4).filter(|x| has(&cache, *x)).collect();
    assert_eq!(left, [4], "a smaller limit holds from the start");
}

/// Names the tiles of these columns as the street's.
fn name_street(cache: &DiskCache, columns: impl IntoIterator<Item = u32>) {
    let street = columns.into_iter().map(|x| (7, 10, x, 0));
    cache.keep_street(&street.collect());
}

#[test]
fn the_streets_tiles_stay_whatever_else_comes_until_another_street_is_named() {
    let folder = folder();
    let room_for_five = 5 * (1000 + ROW);
    let cache = DiskCache::open(&file(&folder), room_for_five);
    put(&cache, 1, &[1; 1000]);
    name_street(&cache, 1..=3);
    drop(cache);
    let cache = DiskCache::open(&file(&folder), room_for_five);
    put(&cache, 2, &[2; 1000]);
    put(&cache, 3, &[3; 1000]);
    for x in 10..60 {
        put(&cache, x, &[4; 1000]);
    }
    let left: Vec<u32> = (1..60).filter(|x| has(&cache, *x)).collect();
    assert_eq!(left, [1, 2, 3, 58, 59]);
    assert!(!cache.lacks_room());
    name_street(&cache, [58]);
    for x in 60..70 {
        put(&cache, x, &[4; 1000]);
    }
    let left: Vec<u32> = (1..70).filter(|x| has(&cache, *x)).collect();
    assert_eq!(left, [58, 66, 67, 68, 69]);
}

#[test]
fn of_a_street_that_has_no_room_the_deepest_level_is_left_out_and_that_is_known() {
    let folder = folder();
    let room_for_three = 3 * (1000 + ROW);
    let address = |z: u8, x| (7, z, x, 0);
    let street = [(9, 1), (10, 1), (10, 2), (11, 1), (11, 2)];
    let street = street.map(|(z, x)| address(z, x));
    let cache = DiskCache::open(&file(&folder), room_for_three);
    cache.keep_street(&street.into());
    let here = |cache: &DiskCache| street.map(|address| cache.get(address, 100).is_some());
    for address in street {
        cache.put(address, &kept(&[1; 1000]), 100);
    }
    assert_eq!(here(&cache), [true, true, true, false, false]);
    assert!(cache.lacks_room());
    drop(cache);
    let cache = DiskCache::open(&file(&folder), 2 * (1000 + ROW));
    assert_eq!(here(&cache), [true, true, false, false, false]);
    put(&cache, 50, &[1; 1000]);
    assert!(!has(&cache, 50), "it does not drive out the street's");
    assert_eq!(here(&cache), [true, true, false, false, false]);
    drop(cache);
    let cache = DiskCache::open(&file(&folder), LIMIT);
    cache.keep_street(&street.into());
    assert!(!cache.lacks_room(), "with more room it is told anew");
}

/// The tables of the first version.
const FIRST_VERSION: &str = "
    PRAGMA auto_vacuum = INCREMENTAL;
    PRAGMA journal_mode = WAL;
    CREATE TABLE tiles (
        id INTEGER PRIMARY KEY, source INTEGER NOT NULL, z INTEGER NOT NULL, x INTEGER NOT NULL, y INTEGER NOT NULL,
        used INTEGER NOT NULL, fetched_s INTEGER NOT NULL, fresh_until_s INTEGER NOT NULL,
        etag TEXT, last_modified TEXT, sum BLOB NOT NULL, body BLOB NOT NULL, UNIQUE (source, z, x, y));
    CREATE INDEX tiles_used ON tiles (used);
    PRAGMA user_version = 1;";

/// A cache as the first version left it, with one tile.
fn of_the_first_version(path: &Path) {
    let db = Connection::open(path).expect("a database");
    db.execute_batch(FIRST_VERSION).expect("its tables");
    let body = b"a tile";
    db.execute(
        "INSERT INTO tiles VALUES (1, 7, 10, 1, 0, 5, 100, 200, '\"1\"', NULL, ?1, ?2)",
        params![sum_of(body), body],
    )
    .expect("a tile");
}

#[test]
fn a_cache_of_the_first_version_is_brought_forward_with_its_tiles() {
    let folder = folder();
    of_the_first_version(&file(&folder));
    let cache = DiskCache::open(&file(&folder), LIMIT);
    assert_eq!(cache.get((7, 10, 1, 0), 100), Some(kept(b"a tile")));
    name_street(&cache, [1]);
    drop(cache);
    let cache = DiskCache::open(&file(&folder), 2 * (1000 + ROW));
    for x in 10..20 {
        put(&cache, x, &[1; 1000]);
    }
    assert!(has(&cache, 1) && has(&cache, 19) && !has(&cache, 10));
    assert!(!folder.path().join("tiles.db.damaged").exists());
    let (made, brought) = (folder.path().join("made.db"), file(&folder));
    drop((cache, DiskCache::open(&made, LIMIT)));
    let schema = |path: &Path| {
        let db = Connection::open(path).expect("a database");
        let version: i64 = db
            .query_row("PRAGMA user_version", (), |row| row.get(0))
            .expect("a version");
        let mut read = db
            .prepare("SELECT name FROM sqlite_schema ORDER BY name")
            .expect("read");
        let names = read.query_map((), |row| row.get::<_, String>(0));
        let names: Vec<String> = names
            .expect("names")
            .map(Result::unwrap_or_default)
            .collect();
        (version, names)
    };
    assert_eq!(schema(&made), schema(&brought));
}

#[test]
fn without_room_for_the_tables_of_this_version_what_was_kept_is_given_and_they_come_later() {
    let folder = folder();
    of_the_first_version(&file(&folder));
    let disk = FaultyDisk::under(folder.path());
    disk.fail_after(0, Fault::Full);
    let cache = DiskCache::open(&file(&folder), LIMIT);
    assert!(has(&cache, 1));
    put(&cache, 2, b"another");
    assert!(!has(&cache, 2), "there is no room");
    disk.heal();
    cache.put((7, 10, 2, 0), &kept(b"another"), 100 + PAUSE_S);
    name_street(&cache, [1]);
    assert!(has(&cache, 1) && has(&cache, 2));
    drop(cache);
    let cache = DiskCache::open(&file(&folder), 7 + 6 + 2 * ROW);
    put(&cache, 3, b"newer");
    assert!(has(&cache, 1) && !has(&cache, 2) && has(&cache, 3));
}

#[test]
fn what_a_later_version_keeps_is_put_aside() {
    let folder = folder();
    of_the_first_version(&file(&folder));
    let db = Connection::open(file(&folder)).expect("a database");
    db.pragma_update(None, "user_version", TABLES_VERSION + 1)
        .expect("a version");
    drop(db);
    let cache = DiskCache::open(&file(&folder), LIMIT);
    assert!(!has(&cache, 1));
    assert!(folder.path().join("tiles.db.damaged").exists());
}

#[test]
fn a_tile_beyond_the_limit_is_not_kept_and_costs_no_other() {
    let folder = folder();
    let cache = DiskCache::open(&file(&folder), 2000);
    put(&cache, 1, &[1; 1000]);
    put(&cache, 2, &[2; 5000]);
    assert!(has(&cache, 1) && !has(&cache, 2));
}

#[test]
fn what_is_no_cache_is_kept_aside_and_begun_anew() {
    let folder = folder();
    let path = file(&folder);
    let other = folder.path().join("other.db");
    let notes = Connection::open(&other).expect("a database");
    notes
        .execute_batch("CREATE TABLE notes (text)")
        .expect("a table");
    drop(notes);
    for content in [
        b"no database at all, but long enough to be read as one".repeat(40),
        fs::read(&other).expect("read"),
    ] {
        fs::write(&path, &content).expect("written");
        let cache = DiskCache::open(&path, LIMIT);
        put(&cache, 1, b"a tile");
        assert!(has(&cache, 1));
        drop(cache);
        let aside = folder.path().join("tiles.db.damaged");
        assert_eq!(fs::read(&aside).expect("kept aside"), content);
        assert!(has(&DiskCache::open(&path, LIMIT), 1));
    }
}

#[test]
fn damage_within_the_file_never_gives_a_wrong_tile_and_ends_in_a_cache_that_works() {
    let folder = folder();
    let path = file(&folder);
    let cache = DiskCache::open(&path, LIMIT);
    for x in 0..40 {
        put(&cache, x, &[x as u8; 9000]);
    }
    drop(cache);
    let whole = fs::read(&path).expect("read");
    for at in (4096..whole.len()).step_by(20 * 1024) {
        let mut spoilt = whole.clone();
        let end = (at + 6000).min(spoilt.len());
        spoilt[at..end].fill(0x5a);
        fs::write(&path, &spoilt).expect("written");
        let cache = DiskCache::open(&path, LIMIT);
        for x in 0..40 {
            let right = cache
                .get((7, 10, x, 0), 100)
                .is_none_or(|kept| kept.body[..] == [x as u8; 9000]);
            assert!(right, "tile {x} is wrong with bytes {at}..{end} spoilt");
        }
        for x in 100..110 {
            put(&cache, x, b"new");
            put(&cache, x, b"newer");
        }
        assert!(has(&cache, 109), "bytes {at}..{end} spoilt");
    }
}

#[test]
fn a_full_disk_only_costs_caching_until_it_has_room() {
    let folder = folder();
    let cache = DiskCache::open(&file(&folder), LIMIT);
    put(&cache, 1, b"a tile");
    let set_pages = |pages: u32| {
        let state = cache.locked();
        let connection = state.connection.as_ref().expect("open");
        connection
            .pragma_update(None, "max_page_count", pages)
            .expect("a limit");
    };
    set_pages(1);
    put(&cache, 2, &vec![2; 100_000]);
    assert!(has(&cache, 1) && !has(&cache, 2));
    set_pages(1_000_000);
    put(&cache, 2, &vec![2; 100_000]);
    assert!(!has(&cache, 2), "writing pauses");
    cache.put((7, 10, 2, 0), &kept(&vec![2; 100_000]), 100 + PAUSE_S);
    assert!(has(&cache, 2));
}

#[test]
fn a_folder_that_is_not_there_means_that_nothing_is_kept() {
    let folder = folder();
    let cache = DiskCache::open(&folder.path().join("absent").join("tiles.db"), LIMIT);
    put(&cache, 1, b"a tile");
    assert!(!has(&cache, 1));
    assert_eq!(cache.held_bytes(), 0);
}

#[test]
fn a_folder_that_appears_later_is_used_after_a_pause() {
    let folder = folder();
    let inner = folder.path().join("later");
    let cache = DiskCache::open(&inner.join("tiles.db"), LIMIT);
    put(&cache, 1, b"a tile");
    fs::create_dir(&inner).expect("a folder");
    cache.put((7, 10, 1, 0), &kept(b"a tile"), 99 + PAUSE_S);
    assert_eq!(cache.held_bytes(), 0, "it pauses after each try");
    cache.put((7, 10, 1, 0), &kept(b"a tile"), 100 + PAUSE_S);
    assert!(has(&cache, 1));
    drop(cache);
    assert!(has(&DiskCache::open(&inner.join("tiles.db"), LIMIT), 1));
}

#[test]
fn what_is_kept_is_given_once_the_file_can_be_opened_and_the_street_that_was_named_meanwhile_stays()
{
    let folder = folder();
    let (path, elsewhere) = (file(&folder), folder.path().join("elsewhere.db"));
    let room_for_two = 2 * (1000 + ROW);
    let cache = DiskCache::open(&path, room_for_two);
    put(&cache, 1, &[1; 1000]);
    drop(cache);
    fs::rename(&path, &elsewhere).expect("moved away");
    fs::create_dir(&path).expect("a folder in its place");
    let cache = DiskCache::open(&path, room_for_two);
    name_street(&cache, [1]);
    assert!(!has(&cache, 1));
    fs::remove_dir(&path).expect("removed");
    fs::rename(&elsewhere, &path).expect("moved back");
    assert!(cache.get((7, 10, 1, 0), 99 + PAUSE_S).is_none());
    assert!(cache.get((7, 10, 1, 0), 100 + PAUSE_S).is_some());
    for x in 10..20 {
        put(&cache, x, &[2; 1000]);
    }
    let left: Vec<u32> = (1..20).filter(|x| has(&cache, *x)).collect();
    assert_eq!(left, [1, 19]);
}

#[test]
fn a_tile_amid_the_named_street_is_known_over_a_restart() {
    let folder = folder();
    let cache = DiskCache::open(&file(&folder), LIMIT);
    assert_eq!(cache.street_tile(14, 100), None);
    let level = |z, columns: std::ops::Range<u32>| columns.map(move |x| (7, z, x, 5));
    cache.keep_street(&level(9, 40..41).chain(level(13, 640..645)).collect());
    drop(cache);
    let cache = DiskCache::open(&file(&folder), LIMIT);
    assert_eq!(cache.street_tile(14, 100), Some((13, 642, 5)));
    assert_eq!(cache.street_tile(3, 100), Some((9, 40, 5)));
}

#[test]
fn a_clock_that_jumps_makes_no_tile_fresh_for_ever() {
    let tile = kept(b"a tile");
    assert!(tile.is_fresh(100) && tile.is_fresh(199));
    assert!(!tile.is_fresh(200) && !tile.is_fresh(99));
}
