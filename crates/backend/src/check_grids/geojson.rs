//! Reads grids and buildings from GeoJSON (RFC 7946).

use domain::GridCode;
use domain::places::GridLevel;
use domain::places::division::{DrawnBuilding, DrawnGrid, Ring};
use serde_json::Value;

/// The longest code or name that is taken.
const MOST_CHARS: usize = 200;

/// Why a file cannot be read.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum GeoJsonError {
    /// No JSON at all.
    #[error("不是 JSON / not JSON: {0}")]
    NotJson(String),
    /// Another kind of document, or an empty one.
    #[error("应为含要素的 GeoJSON FeatureCollection / a FeatureCollection with features is needed")]
    NoFeatures,
    /// A feature that cannot be read.
    #[error("第 {number} 个要素的 {field}：{zh} / feature {number}, {field}: {en}")]
    Feature {
        /// Which, counted from 1.
        number: usize,
        /// The field, such as `properties.code`.
        field: &'static str,
        /// What is wrong, in Chinese.
        zh: &'static str,
        /// What is wrong.
        en: &'static str,
    },
}

/// What is wrong with a field: its name, in Chinese, in English.
type Refused = (&'static str, &'static str, &'static str);

const NO_CODE: Refused = (
    "properties.code",
    "应为不超过 200 字的文本或数字",
    "a text of at most 200 characters or a number is needed",
);
const NO_LEVEL: Refused = (
    "properties.level",
    "应为 community、general、micro、unit、exclusive 之一",
    "one of community, general, micro, unit, exclusive is needed",
);
const BAD_PARENT: Refused = (
    "properties.parent",
    "应为上级网格的编码",
    "the code of the grid one level up is needed",
);
const NO_POLYGON: Refused = (
    "geometry",
    "应为 Polygon，或只含一个面的 MultiPolygon",
    "a Polygon is needed, or a MultiPolygon of one polygon",
);
const BAD_COORDINATES: Refused = (
    "geometry.coordinates",
    "应为若干环，每个点为两个数",
    "rings of points are needed, each point two numbers",
);

/// The grids of a file.
pub fn read_grids(text: &[u8]) -> Result<Vec<DrawnGrid>, GeoJsonError> {
    read(text, |feature, _| {
        Ok(DrawnGrid {
            code: GridCode(name(&feature["properties"]["code"]).ok_or(NO_CODE)?),
            level: level(&feature["properties"]["level"]).ok_or(NO_LEVEL)?,
            parent: match &feature["properties"]["parent"] {
                Value::Null => None,
                parent => Some(GridCode(name(parent).ok_or(BAD_PARENT)?)),
            },
            rings: rings(&feature["geometry"])?,
        })
    })
}

/// The buildings of a file; one without a name or id is called by its number in the file.
pub fn read_buildings(text: &[u8]) -> Result<Vec<DrawnBuilding>, GeoJsonError> {
    read(text, |feature, number| {
        let properties = &feature["properties"];
        let known = [&properties["name"], &properties["id"], &feature["id"]];
        Ok(DrawnBuilding {
            name: known
                .into_iter()
                .find_map(name)
                .unwrap_or_else(|| format!("#{number}")),
            rings: rings(&feature["geometry"])?,
        })
    })
}

fn read<T>(
    text: &[u8],
    one: impl Fn(&Value, usize) -> Result<T, Refused>,
) -> Result<Vec<T>, GeoJsonError> {
    let file: Value =
        serde_json::from_slice(text).map_err(|error| GeoJsonError::NotJson(error.to_string()))?;
    let features = file["features"].as_array();
    let features = features
        .filter(|features| file["type"] == "FeatureCollection" && !features.is_empty())
        .ok_or(GeoJsonError::NoFeatures)?;
    (1..)
        .zip(features)
        .map(|(number, feature)| {
            one(feature, number).map_err(|(field, zh, en)| GeoJsonError::Feature {
                number,
                field,
                zh,
                en,
            })
        })
        .collect()
}

/// A code or name as text; other programs write codes as numbers.
fn name(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) if number.is_u64() => number.to_string(),
        _ => return None,
    };
    (!text.is_empty() && text.chars().count() <= MOST_CHARS).then_some(text)
}

fn level(value: &Value) -> Option<GridLevel> {
    match value.as_str()?.trim() {
        "community" | "社区" => Some(GridLevel::Community),
        "general" | "一般网格" => Some(GridLevel::General),
        "micro" | "微网格" => Some(GridLevel::Micro),
        "unit" | "单元网格" => Some(GridLevel::Unit),
        "exclusive" | "专属网格" => Some(GridLevel::Exclusive),
        _ => None,
    }
}

fn rings(geometry: &Value) -> Result<Vec<Ring>, Refused> {
    let coordinates = &geometry["coordinates"];
    let polygon = match geometry["type"].as_str() {
        Some("Polygon") => coordinates,
        Some("MultiPolygon") => match coordinates.as_array().map(Vec::as_slice) {
            Some([only]) => only,
            _ => return Err(NO_POLYGON),
        },
        _ => return Err(NO_POLYGON),
    };
    let point = |point: &Value| Some((point.get(0)?.as_f64()?, point.get(1)?.as_f64()?));
    let ring = |ring: &Value| ring.as_array()?.iter().map(point).collect::<Option<Ring>>();
    polygon
        .as_array()
        .and_then(|rings| rings.iter().map(ring).collect())
        .ok_or(BAD_COORDINATES)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: &str =
        r#"{"type":"Polygon","coordinates":[[[104,30],[104.1,30],[104.1,30.1,7],[104,30]]]}"#;

    fn collection(features: &[(&str, &str)]) -> Vec<u8> {
        let features: Vec<String> = features
            .iter()
            .map(|(properties, geometry)| {
                format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
            })
            .collect();
        format!(
            r#"{{"type":"FeatureCollection","features":[{}]}}"#,
            features.join(",")
        )
        .into_bytes()
    }

    #[test]
    fn grids_are_read_with_codes_as_text_or_number() {
        let many = r#"{"type":"MultiPolygon","coordinates":[[[[1,2],[3,4],[5,6],[1,2]]]]}"#;
        let file = collection(&[
            (r#"{"code":510108014003,"level":"社区"}"#, SQUARE),
            (
                r#"{"code":" u1 ","level":"unit","parent":"510108014003"}"#,
                many,
            ),
        ]);
        let grids = read_grids(&file).expect("sound");
        assert_eq!(grids[0].code.as_str(), "510108014003");
        assert_eq!(grids[0].level, GridLevel::Community);
        assert_eq!(grids[0].parent, None);
        assert_eq!(grids[0].rings[0][2], (104.1, 30.1));
        assert_eq!(grids[1].code.as_str(), "u1");
        assert_eq!(grids[1].parent, Some("510108014003".into()));
    }

    #[test]
    fn buildings_are_named_by_what_they_have() {
        let file = collection(&[
            (r#"{"name":"1 栋"}"#, SQUARE),
            (r#"{"id":17}"#, SQUARE),
            ("null", SQUARE),
        ]);
        let buildings = read_buildings(&file).expect("sound");
        let names: Vec<&str> = buildings.iter().map(|b| b.name.as_str()).collect();
        assert_eq!(names, ["1 栋", "17", "#3"]);
    }

    #[test]
    fn a_bad_feature_is_named_by_number_and_field() {
        let good = (r#"{"code":"c","level":"community"}"#, SQUARE);
        let two = r#"{"type":"MultiPolygon","coordinates":[[],[]]}"#;
        let level = |field, geometry| (field, geometry);
        for (bad, expected) in [
            (level(r#"{"level":"unit"}"#, SQUARE), "properties.code"),
            (
                level(r#"{"code":"","level":"unit"}"#, SQUARE),
                "properties.code",
            ),
            (
                level(r#"{"code":1.5,"level":"unit"}"#, SQUARE),
                "properties.code",
            ),
            (level(r#"{"code":"u"}"#, SQUARE), "properties.level"),
            (
                level(r#"{"code":"u","level":"cell"}"#, SQUARE),
                "properties.level",
            ),
            (
                level(r#"{"code":"u","level":"unit","parent":[]}"#, SQUARE),
                "properties.parent",
            ),
            (level(r#"{"code":"u","level":"unit"}"#, "null"), "geometry"),
            (level(r#"{"code":"u","level":"unit"}"#, two), "geometry"),
            (
                level(
                    r#"{"code":"u","level":"unit"}"#,
                    r#"{"type":"Polygon","coordinates":[[[1,"2"]]]}"#,
                ),
                "geometry.coordinates",
            ),
            (
                level(r#"{"code":"u","level":"unit"}"#, r#"{"type":"Polygon"}"#),
                "geometry.coordinates",
            ),
        ] {
            let error = read_grids(&collection(&[good, bad])).expect_err(expected);
            let GeoJsonError::Feature { number, field, .. } = &error else {
                panic!("{error}");
            };
            assert_eq!((*number, *field), (2, expected), "{error}");
        }
    }

    #[test]
    fn what_is_no_collection_is_refused_whole() {
        for bad in ["", "lon,lat", "[]", "{}", r#"{"type":"Feature"}"#] {
            assert!(read_grids(bad.as_bytes()).is_err(), "{bad}");
        }
        let empty = r#"{"type":"FeatureCollection","features":[]}"#;
        assert_eq!(read_grids(empty.as_bytes()), Err(GeoJsonError::NoFeatures));
    }
}
