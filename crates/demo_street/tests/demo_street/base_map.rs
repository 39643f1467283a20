//! The base map archive, read back as any map would.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use demo_street::base_map::{LAYERS, MAX_ZOOM, MIN_ZOOM, message, read_geometry, write_archive};
use demo_street::plan::Plan;
use prost::Message;

fn double_area(ring: &[(i32, i32)]) -> i64 {
    (0..ring.len())
        .map(|i| {
            let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
            i64::from(a.0) * i64::from(b.1) - i64::from(b.0) * i64::from(a.1)
        })
        .sum()
}

fn decode(content: &[u8]) -> message::Tile {
    let mut plain = Vec::new();
    if content.starts_with(&[0x1f, 0x8b]) {
        flate2::read::GzDecoder::new(content)
            .read_to_end(&mut plain)
            .expect("gzip");
    } else {
        plain.extend_from_slice(content);
    }
    message::Tile::decode(plain.as_slice()).expect("a vector tile")
}

#[test]
fn the_archive_opens_and_its_tiles_are_sound() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("demo.mbtiles");
    let count = write_archive(&Plan::generate(1), &path).expect("written");
    assert!((150..600).contains(&count), "{count} tiles");
    let archive = tiles::open(&path).expect("opens");
    let mut features: BTreeMap<(u8, String), usize> = BTreeMap::new();
    let mut seen = 0;
    for z in MIN_ZOOM..=MAX_ZOOM {
        for (x, y) in addresses(z) {
            let Some(content) = read(&*archive, z, x, y) else {
                continue;
            };
            seen += 1;
            for layer in decode(&content).layers {
                assert_eq!((layer.version, layer.extent), (2, Some(4_096)));
                assert!(LAYERS.contains(&layer.name.as_str()), "{}", layer.name);
                *features.entry((z, layer.name.clone())).or_insert(0) += layer.features.len();
                for feature in &layer.features {
                    check(&layer, feature);
                }
            }
        }
    }
    assert_eq!(seen, count);
    for layer in LAYERS {
        assert!(
            features.contains_key(&(16, layer.to_owned())),
            "no {layer} at zoom 16"
        );
    }
    for layer in ["water", "transportation", "place"] {
        assert!(
            features.contains_key(&(10, layer.to_owned())),
            "no {layer} at zoom 10"
        );
    }
    assert!(!features.contains_key(&(10, "building".to_owned())));
    assert!(features[&(15, "building".to_owned())] > 8_000);
}

fn check(layer: &message::Layer, feature: &message::Feature) {
    for tag in feature.tags.chunks_exact(2) {
        assert!((tag[0] as usize) < layer.keys.len() && (tag[1] as usize) < layer.values.len());
    }
    let paths = read_geometry(&feature.geometry);
    assert!(!paths.is_empty());
    let near = |v: i32| (-100..=4_196).contains(&v);
    assert!(
        paths.iter().flatten().all(|(x, y)| near(*x) && near(*y)),
        "{}",
        layer.name
    );
    if feature.kind == Some(3) {
        assert!(
            double_area(&paths[0]) > 0,
            "{}: an outline runs the wrong way",
            layer.name
        );
    }
}

/// Addresses around the street, a little more than the map.
fn addresses(z: u8) -> Vec<(u32, u32)> {
    let across = f64::from(1_u32 << z);
    let at = |lon: f64, lat: f64| {
        let phi = lat.to_radians();
        let y = (1.0 - (phi.tan() + 1.0 / phi.cos()).ln() / std::f64::consts::PI) / 2.0;
        (
            (((lon + 180.0) / 360.0) * across) as u32,
            (y * across) as u32,
        )
    };
    let ((x0, y0), (x1, y1)) = (at(104.08, 30.70), at(104.16, 30.62));
    (x0..=x1)
        .flat_map(|x| (y0..=y1).map(move |y| (x, y)))
        .collect()
}

fn read(archive: &dyn tiles::TileSource, z: u8, x: u32, y: u32) -> Option<Vec<u8>> {
    archive
        .tile(z, x, y)
        .expect("readable")
        .map(|content| content.to_vec())
}

#[test]
fn names_and_bridges_are_there() {
    let plan = Plan::generate(1);
    let features = demo_street::base_map::features(&plan);
    let text = |layer: &str, key: &str| -> BTreeSet<String> {
        features
            .iter()
            .filter(|f| f.layer == layer)
            .flat_map(|f| &f.attributes)
            .filter(|(k, _)| *k == key)
            .map(|(_, value)| format!("{value:?}"))
            .collect()
    };
    assert!(text("transportation", "brunnel").contains("Text(\"bridge\")"));
    assert!(text("transportation_name", "name").len() > 120);
    let classes = text("poi", "class");
    for class in ["school", "hospital", "park", "railway", "bus", "police"] {
        assert!(
            classes.contains(&format!("Text(\"{class}\")")),
            "no {class} in {classes:?}"
        );
    }
    assert!(text("place", "name").contains("Text(\"锦川街道\")"));
}
