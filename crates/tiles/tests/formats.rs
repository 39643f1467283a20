//! Archives of both kinds with tiles of every format and compression, written here byte by byte.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tiles::{Bounds, MbtilesWriter, NewArchive, Schema, TileFormat, TileSource};

/// A vector tile with the layer `water` of the Protomaps schema and the layer `roads`.
const MVT: &[u8] = b"\x1a\x07\x0a\x05water\x1a\x07\x0a\x05roads";

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n made up";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0 made up";
const WEBP: &[u8] = b"RIFF\x10\x00\x00\x00WEBPVP8L made up";
const PICTURES: [(&[u8], TileFormat); 3] = [
    (PNG, TileFormat::Png),
    (JPEG, TileFormat::Jpeg),
    (WEBP, TileFormat::Webp),
];

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// RFC 7932: one uncompressed block and an empty last one.
fn brotli(content: &[u8]) -> Vec<u8> {
    let head = (content.len() as u32 - 1) << 4 | 1 << 20;
    let mut out = head.to_le_bytes()[..3].to_vec();
    out.extend_from_slice(content);
    out.push(0x03);
    out
}

fn zstd(content: &[u8]) -> Vec<u8> {
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    ruzstd::encoding::compress_to_vec(content, level)
}

/// The content in all compressions, with the number that PMTiles gives each.
fn compressed(content: &[u8]) -> [(u8, Vec<u8>); 4] {
    [
        (1, content.to_vec()),
        (2, gzip(content)),
        (3, brotli(content)),
        (4, zstd(content)),
    ]
}

/// An archive of PMTiles version 3 with this one tile at 0/0/0.
fn pmtiles(folder: &TempDir, tile: &[u8], compression: u8, tile_type: u8) -> PathBuf {
    let json = br#"{"name": "made up", "vector_layers": [{"id": "earth"}, {"id": "roads"}]}"#;
    let mut length = Vec::new();
    let mut rest = tile.len();
    while rest > 0x7f {
        length.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    length.push(rest as u8);
    // One entry: the tile's number, a run of one, its length, its offset plus one.
    let directory = [&[1, 0, 1][..], &length, &[1]].concat();
    let mut file = b"PMTiles\x03".to_vec();
    let mut at = 127;
    for length in [directory.len(), json.len(), 0, tile.len()] {
        file.extend((at as u64).to_le_bytes());
        file.extend((length as u64).to_le_bytes());
        at += length;
    }
    for count in [1_u64, 1, 1] {
        file.extend(count.to_le_bytes());
    }
    // Clustered, directories uncompressed, then the tiles, and zooms from 0 to 0.
    file.extend([1, 1, compression, tile_type, 0, 0]);
    for degrees in [-180_i32, -85, 180, 85] {
        file.extend((degrees * 10_000_000).to_le_bytes());
    }
    file.extend([0; 9]);
    assert_eq!(file.len(), 127);
    let file = [&file[..], &directory, json, tile].concat();
    let path = folder.path().join("made_up.pmtiles");
    std::fs::write(&path, file).expect("written");
    path
}

/// An archive of MBTiles with this one tile at 0/0/0, as it is, and this row about its format.
fn mbtiles(folder: &TempDir, tile: &[u8], format: &str) -> PathBuf {
    let path = folder.path().join("made_up.mbtiles");
    let archive = NewArchive {
        name: "made up",
        attribution: "",
        format: TileFormat::Png,
        min_zoom: 0,
        max_zoom: 0,
        bounds: Bounds::new(-180.0, -85.0, 180.0, 85.0).expect("bounds"),
        layers: &[],
    };
    let mut writer = MbtilesWriter::create(&path, &archive).expect("a writer");
    writer.put(0, 0, 0, tile).expect("put");
    writer.finish().expect("finished");
    let connection = rusqlite::Connection::open(&path).expect("a database");
    let update = "UPDATE metadata SET value = ?1 WHERE name = 'format'";
    connection.execute(update, [format]).expect("changed");
    path
}

fn opened(path: &Path) -> Box<dyn TileSource> {
    tiles::open(path).unwrap_or_else(|error| panic!("{error}"))
}

fn the_tile(source: &dyn TileSource) -> Vec<u8> {
    let tile = source.tile(0, 0, 0).expect("read").expect("there");
    tile.to_vec()
}

#[test]
fn vector_tiles_in_every_compression_from_both_kinds_of_archive() {
    let folder = tempfile::tempdir().expect("a folder");
    // Larger than a directory's shortest number, so that lengths of two bytes are read, too.
    let large = [
        MVT,
        b"\x1a\xc8\x02\x0a\x06places\x22",
        &[0xbf, 0x02],
        &[0; 319],
    ]
    .concat();
    for content in [MVT, &large] {
        for (compression, tile) in compressed(content) {
            let source = opened(&pmtiles(&folder, &tile, compression, 1));
            assert_eq!(the_tile(&*source), content, "PMTiles, {compression}");
            assert_eq!(source.metadata().schema, Schema::Protomaps);
            let unsaid = opened(&pmtiles(&folder, &tile, 0, 0));
            assert_eq!(
                the_tile(&*unsaid),
                content,
                "PMTiles, unknown, {compression}"
            );
            let source = opened(&mbtiles(&folder, &tile, "pbf"));
            assert_eq!(the_tile(&*source), content, "MBTiles, {compression}");
            assert_eq!(source.metadata().format, TileFormat::Mvt);
            assert!(source.metadata().layers.contains(&"roads".to_owned()));
        }
    }
}

#[test]
fn pictures_of_every_format_from_both_kinds_of_archive() {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, (picture, format)) in (2..).zip(PICTURES) {
        let source = opened(&pmtiles(&folder, picture, 1, number));
        assert_eq!(
            (the_tile(&*source), source.metadata().format),
            (picture.to_vec(), format)
        );
        assert_eq!(source.metadata().schema, Schema::Unknown);
        let name = ["png", "jpg", "webp"][usize::from(number) - 2];
        let source = opened(&mbtiles(&folder, picture, name));
        assert_eq!(
            (the_tile(&*source), source.metadata().format),
            (picture.to_vec(), format)
        );
    }
}

#[test]
fn the_content_counts_for_more_than_what_is_said_about_it() {
    let folder = tempfile::tempdir().expect("a folder");
    for (picture, format) in PICTURES {
        for said in ["pbf", "png", ""] {
            let source = opened(&mbtiles(&folder, picture, said));
            assert_eq!(source.metadata().format, format, "MBTiles says {said:?}");
        }
        for said in [0, 1, 2] {
            let source = opened(&pmtiles(&folder, picture, 1, said));
            assert_eq!(source.metadata().format, format, "PMTiles says {said}");
        }
    }
}

#[test]
fn a_format_in_other_words_costs_no_archive_whose_tiles_say_what_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    for said in ["png8", "image/png", "PNG", "whatever"] {
        for (picture, format) in PICTURES {
            let source = opened(&mbtiles(&folder, picture, said));
            assert_eq!(source.metadata().format, format, "MBTiles says {said:?}");
        }
        let source = opened(&mbtiles(&folder, MVT, said));
        assert_eq!(source.metadata().format, TileFormat::Mvt, "{said:?}");
    }
    let unclear =
        |said| tiles::open(&mbtiles(&folder, b"neither", said)).map(|s| s.metadata().format);
    assert_eq!(unclear("image/PNG").expect("opened"), TileFormat::Png);
    let error = unclear("png8").expect_err("nothing says what it is");
    assert!(
        error.to_string().contains("tiles of the format \"png8\""),
        "{error}"
    );
}

#[test]
fn a_tile_of_another_compression_than_said_is_damaged_and_alone_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    for compression in [2, 3, 4] {
        let source = opened(&pmtiles(&folder, b"neither this nor that", compression, 1));
        let error = source.tile(0, 0, 0).expect_err("damaged").to_string();
        assert!(
            error.starts_with("tile 0/0/0 of ") && error.contains("decompressed"),
            "{error}"
        );
    }
}
