//! Filters: expressions, or the older form that compares attributes by name.

use serde_json::{Value as Json, json};

use super::expression::{Expression, Order};
use super::parse::{self, Unsupported, shortened};
use super::value::Value;

/// Reads a filter of either form.
pub(super) fn filter(json: &Json) -> Result<Expression, Unsupported> {
    if is_expression(json) {
        parse::expression(json)
    } else {
        legacy(json)
    }
}

/// Whether a filter is an expression; the rule is the specification's, as both forms look alike.
fn is_expression(json: &Json) -> bool {
    let Json::Array(items) = json else {
        return json.is_boolean();
    };
    let Some(operator) = items.first().and_then(Json::as_str) else {
        return false;
    };
    match operator {
        "has" => items.len() >= 2 && items[1] != "$id" && items[1] != "$type",
        "in" => items.len() >= 3 && (!items[1].is_string() || items[2].is_array()),
        "!in" | "!has" | "none" => false,
        "==" | "!=" | ">" | ">=" | "<" | "<=" => {
            items.len() != 3 || items[1].is_array() || items[2].is_array()
        }
        "any" | "all" => items[1..]
            .iter()
            .all(|i| i.is_boolean() || is_expression(i)),
        _ => true,
    }
}

fn legacy(json: &Json) -> Result<Expression, Unsupported> {
    let unsupported = || format!("the filter {}", shortened(json));
    let items = json.as_array().ok_or_else(unsupported)?;
    let (operator, operands) = items.split_first().ok_or_else(unsupported)?;
    let not = |e: Expression| Expression::Not(Box::new(e));
    let nested = || operands.iter().map(filter).collect::<Result<Vec<_>, _>>();
    let ordered = |order: Order, key: &str, value: &Json| Expression::Compare {
        order,
        lenient: true,
        left: Box::new(attribute(key)),
        right: Box::new(Expression::Literal(Value::from_json(value))),
    };
    Ok(
        match (operator.as_str().ok_or_else(unsupported)?, operands) {
            ("all", _) => Expression::All(nested()?),
            ("any", _) => Expression::Any(nested()?),
            ("none", _) => not(Expression::Any(nested()?)),
            ("==", [Json::String(key), value]) => equal(key, value),
            ("!=", [Json::String(key), value]) => not(equal(key, value)),
            ("<", [Json::String(key), value]) => ordered(Order::Less, key, value),
            ("<=", [Json::String(key), value]) => ordered(Order::LessOrEqual, key, value),
            (">", [Json::String(key), value]) => ordered(Order::Greater, key, value),
            (">=", [Json::String(key), value]) => ordered(Order::GreaterOrEqual, key, value),
            ("in", [Json::String(key), values @ ..]) => one_of(key, values),
            ("!in", [Json::String(key), values @ ..]) => not(one_of(key, values)),
            ("has", [Json::String(key)]) => present(key),
            ("!has", [Json::String(key)]) => not(present(key)),
            _ => return Err(unsupported()),
        },
    )
}

/// The attribute that an old filter names; two names stand for the geometry's type and the feature's number.
fn attribute(key: &str) -> Expression {
    match key {
        "$type" => Expression::GeometryType,
        "$id" => Expression::Id,
        _ => Expression::Get(Box::new(Expression::Literal(Value::text(key)))),
    }
}

fn equal(key: &str, value: &Json) -> Expression {
    Expression::Equal(
        Box::new(attribute(key)),
        Box::new(Expression::Literal(Value::from_json(value))),
    )
}

fn one_of(key: &str, values: &[Json]) -> Expression {
    let values = Value::from_json(&json!(values));
    Expression::In(
        Box::new(attribute(key)),
        Box::new(Expression::Literal(values)),
    )
}

fn present(key: &str) -> Expression {
    match key {
        "$id" | "$type" => {
            let nothing = Box::new(Expression::Literal(Value::Null));
            Expression::Not(Box::new(Expression::Equal(
                Box::new(attribute(key)),
                nothing,
            )))
        }
        _ => Expression::Has(Box::new(Expression::Literal(Value::text(key)))),
    }
}
