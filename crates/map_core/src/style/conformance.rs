//! The expressions held against a table whose values were computed by the evaluator of the MapLibre style
//! specification (`tests/style/check.mjs` computes them anew and compares).
//!
//! Every row must give the evaluator's value, or an error where the evaluator has one. Rows that use an operator
//! outside of the subset must be refused. Where the specification's type checker refuses what has an obvious value,
//! the reader here gives that value (older style files rely on some of it); these rows say so by `ours`.

use serde_json::{Value as Json, json};

use super::feature_view::{Context, FeatureView, KeyIndex};
use super::value::Value;
use super::{filter, parse};
use crate::mvt::{Feature, GeometryKind, Layer, Property};

const TABLE: &str = include_str!("../../tests/style/expressions.json");

/// Operators of the specification that the subset does not have.
const OUTSIDE: [&str; 1] = ["feature-state"];

/// The table's feature as a layer of one.
fn layer_of(feature: &Json) -> Layer {
    let properties = feature["properties"].as_object().expect("properties");
    let (keys, values): (Vec<_>, Vec<_>) = properties
        .iter()
        .map(|(key, value)| {
            let property = match value {
                Json::String(text) => Property::Text(text.as_str().into()),
                Json::Bool(truth) => Property::Bool(*truth),
                number => Property::Number(number.as_f64().expect("a number")),
            };
            (key.as_str().into(), property)
        })
        .unzip();
    Layer {
        name: "table".to_owned(),
        extent: 4096,
        features: vec![Feature {
            id: feature["id"].as_u64(),
            kind: GeometryKind::LineString,
            parts: vec![vec![[0, 0], [1, 1]]],
            tags: (0..keys.len() as u32).map(|i| (i, i)).collect(),
        }],
        keys,
        values,
    }
}

/// Whether the operator is used anywhere in the expression.
fn uses(expression: &Json, operator: &str) -> bool {
    match expression {
        Json::Array(items) => {
            items.first().and_then(Json::as_str) == Some(operator)
                || items.iter().any(|item| uses(item, operator))
        }
        _ => false,
    }
}

/// A value as the table writes it.
fn as_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Number(number) if number.is_finite() => json!(number),
        Value::Number(_) => json!({"error": true}),
        Value::Text(text) | Value::Image(text) => json!(&**text),
        Value::Colour(colour) => json!({"colour": colour}),
        Value::List(items) => items.iter().map(as_json).collect(),
        Value::Object(entries) => entries
            .iter()
            .map(|(key, value)| (key.to_string(), as_json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}

/// Equal, numbers up to rounding and colours up to a hundredth of one step of 255.
fn is_same(ours: &Json, theirs: &Json, tolerance: f64) -> bool {
    match (ours, theirs) {
        (Json::Number(a), Json::Number(b)) => {
            let (a, b) = (
                a.as_f64().unwrap_or(f64::NAN),
                b.as_f64().unwrap_or(f64::NAN),
            );
            (a - b).abs() <= tolerance * b.abs().max(1.0)
        }
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b, tolerance))
        }
        (Json::Object(a), Json::Object(b)) => {
            let tolerance = if a.contains_key("colour") {
                4e-5
            } else {
                tolerance
            };
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| is_same(a, b, tolerance)))
        }
        _ => ours == theirs,
    }
}

#[test]
fn every_row_of_the_table_has_the_evaluators_value() {
    let table: Json = serde_json::from_str(TABLE).expect("the table is JSON");
    let layer = layer_of(&table["feature"]);
    let keys = KeyIndex::of(&layer);
    let rows = table["rows"].as_array().expect("rows");
    let mut wrong = Vec::new();
    let (mut outside, mut deviating) = (0, 0);
    for row in rows {
        let expression = &row["expression"];
        let parsed = parse::expression(expression);
        if OUTSIDE.iter().any(|operator| uses(expression, operator)) {
            outside += 1;
            if parsed.is_ok() {
                wrong.push(format!(
                    "{expression} is outside of the subset and was not refused"
                ));
            }
            continue;
        }
        let context = Context {
            zoom: row["zoom"].as_f64().unwrap_or(14.5),
            feature: Some(FeatureView::new(&layer, &layer.features[0], &keys)),
        };
        let ours = parsed
            .ok()
            .and_then(|parsed| parsed.evaluate(&context))
            .map_or_else(|| json!({"error": true}), |value| as_json(&value));
        let wanted = row.get("ours").unwrap_or(&row["value"]);
        deviating += usize::from(row.get("ours").is_some());
        if !is_same(&ours, wanted, 1e-7) {
            wrong.push(format!("{expression} is {ours} and not {wanted}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} rows (and {outside} outside of the subset):\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n")
    );
    // The counts of docs/map_style.md; whoever changes the table changes them there, too.
    assert_eq!((rows.len(), outside, deviating), (474, 1, 20));
}

/// So the evaluator has it for vector tiles: the names with "Multi" that came with its version 21 were taken back with
/// 23, since styles do not expect them.
#[test]
fn a_feature_of_many_parts_has_the_type_of_one() {
    let table: Json = serde_json::from_str(TABLE).expect("the table is JSON");
    let square = |x: i32| vec![[x, 0], [x + 1, 0], [x + 1, 1], [x, 1]];
    let points = vec![vec![[0, 0]], vec![[9, 9]]];
    let lines = vec![vec![[0, 0], [1, 1]], vec![[5, 5], [6, 6]]];
    for (kind, parts, name) in [
        (GeometryKind::Point, points, "Point"),
        (GeometryKind::LineString, lines, "LineString"),
        (GeometryKind::Polygon, vec![square(0), square(5)], "Polygon"),
    ] {
        let mut layer = layer_of(&table["feature"]);
        (layer.features[0].kind, layer.features[0].parts) = (kind, parts);
        let keys = KeyIndex::of(&layer);
        let context = Context {
            zoom: 14.0,
            feature: Some(FeatureView::new(&layer, &layer.features[0], &keys)),
        };
        let is_kept = |filter: Json| {
            let parsed = filter::filter(&filter).expect("a filter");
            parsed.evaluate(&context) == Some(Value::Bool(true))
        };
        assert!(is_kept(json!(["==", ["geometry-type"], name])), "{name}");
        assert!(is_kept(json!(["==", "$type", name])), "{name}");
    }
}
