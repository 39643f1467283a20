//! The corpus of valid and invalid vector tiles `@mapbox/mvt-fixtures`, decoded.
//!
//! The package is not part of the project: `cargo xtask corpora` fetches it into `target/npm`, and the tests are
//! skipped, saying so, where it is absent. In the continuous integration the step `corpora` fails before that.

use std::path::{Path, PathBuf};

use map_core::mvt::{GeometryKind, Property, Tile};
use serde_json::Value as Json;

/// Called valid by the corpus although its commands announce 536,870,911 points and bring one.
const ANNOUNCES_TOO_MUCH: &str = "057";
/// Called fatal for its missing version, which the format's default makes version 1; the corpus calls 061 valid, which
/// has none either.
const WITHOUT_VERSION: &str = "024";
/// Coordinates beyond 32 bits, which the corpus leaves to the decoder: the feature is left out.
const OVERFLOWING: [&str; 2] = ["049", "050"];

struct Fixture {
    number: String,
    info: Json,
    contents: Json,
    bytes: Vec<u8>,
}

fn fixtures() -> Vec<Fixture> {
    let package = "../../target/npm/node_modules/@mapbox/mvt-fixtures/fixtures";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(package);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: fetch the corpus with `cargo xtask corpora`");
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    folders.sort();
    let json = |path: PathBuf| {
        let text = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    };
    folders
        .into_iter()
        .map(|folder| Fixture {
            number: folder
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned(),
            info: json(folder.join("info.json")),
            contents: json(folder.join("tile.json")),
            bytes: std::fs::read(folder.join("tile.mvt")).expect("a tile"),
        })
        .collect()
}

/// What the corpus says about a fixture.
fn is_valid(fixture: &Fixture) -> bool {
    let version = fixture.contents["layers"][0]["version"].as_u64();
    let by_version = if version == Some(1) { "v1" } else { "v2" };
    fixture.info["validity"][by_version] == true
}

#[test]
fn valid_tiles_are_read_whole() {
    for fixture in fixtures().iter().filter(|f| is_valid(f)) {
        let number = &fixture.number;
        let decoded = Tile::decode(&fixture.bytes);
        if number == ANNOUNCES_TOO_MUCH {
            assert!(decoded.is_err(), "{number}");
            continue;
        }
        let tile = decoded.unwrap_or_else(|error| panic!("{number}: {error}"));
        let wanted = fixture.contents["layers"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        assert_eq!(tile.layers.len(), wanted.len(), "{number}");
        for (layer, wanted) in tile.layers.iter().zip(wanted) {
            assert_eq!(
                layer.name,
                wanted["name"].as_str().unwrap_or_default(),
                "{number}"
            );
            // A layer that leaves its extent out has the default of the specification.
            assert_eq!(
                u64::from(layer.extent),
                wanted["extent"].as_u64().unwrap_or(4096),
                "{number}"
            );
            let keys: Vec<&str> = layer.keys.iter().map(|key| &**key).collect();
            let wanted_keys: Vec<&str> = wanted["keys"].as_array().map_or(Vec::new(), |keys| {
                keys.iter().filter_map(Json::as_str).collect()
            });
            assert_eq!(keys, wanted_keys, "{number}");
            check_values(number, &layer.values, &wanted["values"]);
            check_features(number, layer, &wanted["features"]);
        }
    }
}

fn check_values(number: &str, values: &[Property], wanted: &Json) {
    let wanted = wanted.as_array().map_or(&[][..], Vec::as_slice);
    assert_eq!(values.len(), wanted.len(), "{number}");
    for (value, wanted) in values.iter().zip(wanted) {
        let (kind, wanted) = wanted
            .as_object()
            .and_then(|v| v.iter().next())
            .expect("a value");
        match (value, kind.as_str()) {
            (Property::Text(text), "string_value") => {
                // One text is written as a number.
                let wanted = wanted
                    .as_str()
                    .map_or_else(|| wanted.to_string(), str::to_owned);
                assert_eq!(**text, wanted, "{number}");
            }
            (Property::Bool(truth), "bool_value") => {
                assert_eq!(Some(*truth), wanted.as_bool(), "{number}");
            }
            (
                Property::Number(n),
                "float_value" | "double_value" | "int_value" | "uint_value" | "sint_value",
            ) => {
                let wanted = wanted
                    .as_f64()
                    .unwrap_or_else(|| panic!("{number}: {wanted}"));
                assert!(
                    (n - wanted).abs() <= 1e-6 * wanted.abs(),
                    "{number}: {n} {wanted}"
                );
            }
            _ => panic!("{number}: {value:?} for a {kind} of {wanted}"),
        }
    }
}

/// What geometry commands draw: the points, or the lines, or the rings without their repeated first point.
fn drawn(kind: GeometryKind, commands: &Json) -> Vec<Vec<[i32; 2]>> {
    let commands = commands.as_array().map_or(&[][..], Vec::as_slice);
    let mut numbers = commands.iter().map(|n| n.as_u64().expect("a number"));
    let mut parts: Vec<Vec<[i32; 2]>> = Vec::new();
    let mut at = [0_i32; 2];
    while let Some(command) = numbers.next() {
        for _ in 0..command >> 3 {
            if command & 7 == 7 {
                continue;
            }
            for axis in &mut at {
                let zigzag = numbers.next().expect("a coordinate") as i64;
                *axis += ((zigzag >> 1) ^ -(zigzag & 1)) as i32;
            }
            match command & 7 {
                1 => parts.push(vec![at]),
                2 => parts.last_mut().expect("a move comes first").push(at),
                other => panic!("the command {other}"),
            }
        }
    }
    if kind == GeometryKind::Point {
        assert!(parts.iter().all(|part| part.len() == 1));
    }
    parts
}

fn check_features(number: &str, layer: &map_core::mvt::Layer, wanted: &Json) {
    let wanted: Vec<&Json> = wanted
        .as_array()
        .map_or(&[][..], Vec::as_slice)
        .iter()
        // A geometry of unknown type is valid and cannot be drawn.
        .filter(|feature| matches!(feature["type"].as_u64(), Some(1..=3)))
        .filter(|_| !OVERFLOWING.contains(&number))
        .collect();
    assert_eq!(layer.features.len(), wanted.len(), "{number}");
    for (feature, wanted) in layer.features.iter().zip(wanted) {
        let kind = match feature.kind {
            GeometryKind::Point => 1,
            GeometryKind::LineString => 2,
            GeometryKind::Polygon => 3,
        };
        assert_eq!(Some(kind), wanted["type"].as_u64(), "{number}");
        assert_eq!(feature.id, wanted["id"].as_u64(), "{number}");
        let tags: Vec<u64> = feature
            .tags
            .iter()
            .flat_map(|(k, v)| [*k, *v])
            .map(u64::from)
            .collect();
        let wanted_tags: Vec<u64> = wanted["tags"]
            .as_array()
            .map_or(Vec::new(), |t| t.iter().filter_map(Json::as_u64).collect());
        assert_eq!(tags, wanted_tags, "{number}");
        assert_eq!(
            feature.parts,
            drawn(feature.kind, &wanted["geometry"]),
            "{number}"
        );
    }
}

#[test]
fn fatal_tiles_are_refused_and_recoverable_ones_lose_only_what_is_wrong() {
    for fixture in fixtures().iter().filter(|f| !is_valid(f)) {
        let number = &fixture.number;
        let decoded = Tile::decode(&fixture.bytes);
        match fixture.info["validity"]["error"].as_str() {
            _ if number == WITHOUT_VERSION => assert!(decoded.is_ok(), "{number}"),
            Some("recoverable") => {
                let tile = decoded.unwrap_or_else(|error| panic!("{number}: {error}"));
                assert_eq!(tile.layers.len(), 1, "{number}");
            }
            _ => assert!(
                decoded.is_err(),
                "{number} was read: {}",
                fixture.info["description"]
            ),
        }
    }
}
