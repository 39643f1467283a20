//! Both kinds of archive from the outside: written, read back, damaged, and a real city where its file is present.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use tiles::{Bounds, MbtilesWriter, NewArchive, Schema, TileError, TileFormat};

fn write_small(path: &Path) {
    let archive = NewArchive {
        name: "小街道",
        attribution: "made for a test",
        format: TileFormat::Mvt,
        min_zoom: 10,
        max_zoom: 12,
        bounds: Bounds::new(104.0, 30.5, 104.2, 30.7).expect("bounds"),
        layers: &["transportation", "place", "water"],
    };
    let mut writer = MbtilesWriter::create(path, &archive).expect("a writer");
    writer.put(10, 5, 6, b"first").expect("put");
    writer.put(12, 4095, 0, &vec![7; 100_000]).expect("put");
    writer.put(10, 5, 6, b"second").expect("put");
    writer.finish().expect("finished");
}

/// The error of opening these bytes as an archive.
fn refusal(content: &[u8]) -> TileError {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("map.pmtiles");
    fs::write(&path, content).expect("written");
    tiles::open(&path).err().expect("refused")
}

fn firenze() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/firenze.pmtiles");
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is absent", path.display());
    None
}

#[test]
fn what_is_written_is_read_back_whatever_the_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("misnamed.pmtiles");
    write_small(&path);
    let source = tiles::open(&path).expect("opened");
    let metadata = source.metadata();
    assert_eq!((metadata.min_zoom, metadata.max_zoom), (10, 12));
    assert_eq!(
        (metadata.name.as_str(), metadata.schema),
        ("小街道", Schema::OpenMapTiles)
    );
    assert_eq!(metadata.bounds, Bounds::new(104.0, 30.5, 104.2, 30.7));
    assert_eq!(
        source.tile(10, 5, 6).expect("read").as_deref(),
        Some(&b"second"[..])
    );
    assert_eq!(
        source.tile(12, 4095, 0).expect("read").map(|t| t.len()),
        Some(100_000)
    );
    assert_eq!(source.tile(10, 5, 7).expect("read"), None);
    assert_eq!(
        source.tile(3, 900, 0).expect("read"),
        None,
        "no such address"
    );
    assert_eq!(
        fs::read_dir(folder.path()).expect("folder").count(),
        1,
        "nothing is left beside it"
    );
}

#[test]
fn the_same_tiles_give_the_same_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = ["a", "b"].map(|n| folder.path().join(n));
    for path in &paths {
        write_small(path);
    }
    assert_eq!(
        fs::read(&paths[0]).expect("a"),
        fs::read(&paths[1]).expect("b")
    );
}

#[test]
fn an_unfinished_archive_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("map.mbtiles");
    let archive = NewArchive {
        name: "",
        attribution: "",
        format: TileFormat::Png,
        min_zoom: 0,
        max_zoom: 0,
        bounds: Bounds::new(-180.0, -85.0, 180.0, 85.0).expect("bounds"),
        layers: &[],
    };
    drop(MbtilesWriter::create(&path, &archive).expect("a writer"));
    assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 0);
    let mut writer = MbtilesWriter::create(&path, &archive).expect("a writer");
    assert!(matches!(
        writer.put(2, 4, 0, b""),
        Err(TileError::TileDamaged { .. })
    ));
}

#[test]
fn what_is_no_archive_is_named() {
    for (content, found) in [
        (&b""[..], "an empty file"),
        (b"PK\x03\x04", "a ZIP file"),
        (b"<html>not found</html>", "a web page"),
        (b"{\"type\":\"FeatureCollection\"}", "a JSON text"),
        (b"hello", "something else"),
    ] {
        let error = refusal(content);
        assert!(matches!(error, TileError::NotAnArchive { .. }), "{error}");
        assert!(error.to_string().contains(found), "{error}");
    }
    let nowhere = tiles::open(Path::new("/nowhere/map.mbtiles"))
        .err()
        .expect("refused");
    assert!(matches!(nowhere, TileError::Missing { .. }), "{nowhere}");
    let folder = tiles::open(Path::new("/")).err().expect("refused");
    assert!(folder.to_string().contains("a folder"), "{folder}");
}

#[test]
fn old_and_broken_headers_are_told_apart() {
    assert!(matches!(
        refusal(b"PM\x02\x00 an old archive"),
        TileError::Unsupported { .. }
    ));
    assert!(matches!(refusal(b"PMTiles\x03"), TileError::Damaged { .. }));
    let mut zeros = b"PMTiles\x03".to_vec();
    zeros.resize(4096, 0);
    assert!(matches!(refusal(&zeros), TileError::Damaged { .. }));
    let mut wild = b"PMTiles\x03".to_vec();
    wild.resize(4096, 0xff);
    assert!(matches!(refusal(&wild), TileError::Damaged { .. }));
}

#[test]
fn a_damaged_database_is_said_to_be_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("map.mbtiles");
    write_small(&path);
    let mut content = fs::read(&path).expect("read");
    content[100..2000].fill(0xa5);
    let error = refusal(&content);
    assert!(matches!(error, TileError::Damaged { .. }), "{error}");
    let other = rusqlite_without_tiles(&folder.path().join("other.db"));
    assert!(other.to_string().contains("without tiles"), "{other}");
}

fn rusqlite_without_tiles(path: &Path) -> TileError {
    let connection = rusqlite::Connection::open(path).expect("a database");
    connection
        .execute_batch("CREATE TABLE notes (text)")
        .expect("a table");
    drop(connection);
    tiles::open(path).err().expect("refused")
}

#[test]
fn a_damaged_tile_costs_that_tile_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("map.mbtiles");
    write_small(&path);
    let connection = rusqlite::Connection::open(&path).expect("a database");
    connection
        .execute(
            "UPDATE tiles SET tile_data = X'1f8b0800ffff' WHERE zoom_level = 10",
            (),
        )
        .expect("spoilt");
    drop(connection);
    let source = tiles::open(&path).expect("opened");
    let error = source.tile(10, 5, 6).expect_err("damaged");
    assert!(error.to_string().starts_with("tile 10/5/6 of "), "{error}");
    assert!(source.tile(12, 4095, 0).expect("read").is_some());
}

#[test]
fn a_real_city_opens() {
    let Some(path) = firenze() else { return };
    let source = tiles::open(&path).expect("opened");
    let metadata = source.metadata();
    assert_eq!(
        (metadata.min_zoom, metadata.max_zoom, metadata.schema),
        (0, 14, Schema::Protomaps)
    );
    assert!(metadata.attribution.contains("OpenStreetMap") && !metadata.attribution.contains('<'));
    let bounds = metadata.bounds.expect("bounds");
    assert!(bounds.west > 11.0 && bounds.east < 12.0 && bounds.south > 43.0 && bounds.north < 44.0);
    let tile = source
        .tile(14, 8704, 5971)
        .expect("read")
        .expect("a tile over the city");
    assert!(tile.len() > 10_000);
    assert_eq!(source.tile(14, 0, 0).expect("read"), None);
}

#[test]
fn a_real_city_cut_off_is_refused_with_both_lengths() {
    let Some(path) = firenze() else { return };
    let content = fs::read(path).expect("read");
    let error = refusal(&content[..content.len() / 2]);
    let message = error.to_string();
    assert!(
        message.contains("tile data should end at byte 3939701"),
        "{message}"
    );
}

#[test]
fn a_real_city_with_spoilt_directories_never_panics() {
    let Some(path) = firenze() else { return };
    let content = fs::read(path).expect("read");
    let folder = tempfile::tempdir().expect("a folder");
    let spoilt = folder.path().join("spoilt.pmtiles");
    for seed in 0_usize..200 {
        let mut copy = content[..].to_vec();
        for k in 0..4 {
            let at = 8 + (seed * 7919 + k * 104_729) % 788;
            copy[at] ^= 1 << (seed % 8);
        }
        fs::write(&spoilt, &copy).expect("written");
        if let Ok(source) = tiles::open(&spoilt) {
            for (x, y) in [(8704, 5971), (8703, 5970), (0, 0)] {
                let _outcome = source.tile(14, x, y);
            }
        }
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// A PMTiles archive of these sections, each compressed: root directory, metadata and leaf directories.
fn pmtiles(sections: [&[u8]; 3]) -> Vec<u8> {
    let packed = sections.map(gzip);
    let mut archive = b"PMTiles\x03".to_vec();
    let mut at = 127_u64;
    for length in packed.iter().map(Vec::len).chain([0]) {
        archive.extend(at.to_le_bytes());
        archive.extend((length as u64).to_le_bytes());
        at += length as u64;
    }
    archive.resize(127, 0);
    // Directories and tiles in gzip, vector tiles.
    archive[97..100].copy_from_slice(&[2, 2, 1]);
    archive.extend(packed.concat());
    archive
}

/// A directory of one leaf, for all tiles; its length stands in two bytes of seven bits.
fn root_of_one_leaf(leaf: &[u8]) -> Vec<u8> {
    let length = gzip(leaf).len();
    vec![
        1,
        0,
        0,
        (length & 0x7f | 0x80) as u8,
        (length >> 7) as u8,
        1,
    ]
}

const TOO_LARGE: usize = 5 << 20;

#[test]
fn a_root_directory_or_metadata_that_would_fill_the_memory_is_refused() {
    let error = refusal(&pmtiles([&vec![0; TOO_LARGE], b"{}", b""])).to_string();
    assert!(
        error.contains("its root directory grows beyond 4 MiB"),
        "{error}"
    );
    let mut json = vec![b' '; 4 * TOO_LARGE];
    json.extend(b"{}");
    let error = refusal(&pmtiles([&[0], &json, b""])).to_string();
    assert!(
        error.contains("its metadata cannot be read") && error.contains("grows beyond 16 MiB"),
        "{error}"
    );
}

#[test]
fn a_leaf_directory_that_would_fill_the_memory_costs_its_tiles_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("map.pmtiles");
    let opened = |leaf: &[u8]| {
        fs::write(&path, pmtiles([&root_of_one_leaf(leaf), b"{}", leaf])).expect("written");
        tiles::open(&path).expect("opened").tile(0, 0, 0)
    };
    let mut small = vec![0; 4 << 20];
    assert_eq!(opened(&small).expect("read"), None, "an empty directory");
    small.push(0);
    let error = opened(&small).expect_err("too large").to_string();
    assert!(
        error.starts_with("tile 0/0/0 of ") && error.contains("grows beyond 4 MiB"),
        "{error}"
    );
}

#[test]
fn a_directory_in_a_dialect_that_is_not_measured_is_refused() {
    // A reserved flag: this decoder refuses it, that of the reader takes it and knows no limit.
    let leaf = vec![0; TOO_LARGE];
    let mut archive = pmtiles([&root_of_one_leaf(&leaf), b"{}", &leaf]);
    let packed = gzip(&leaf);
    let at = archive
        .windows(packed.len())
        .position(|part| part == packed);
    archive[at.expect("the leaf lies in the archive") + 3] |= 0x20;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("map.pmtiles");
    fs::write(&path, archive).expect("written");
    let error = tiles::open(&path).expect("opened").tile(0, 0, 0);
    let error = error.expect_err("refused").to_string();
    assert!(error.contains("cannot be decompressed"), "{error}");
}
