//! One property of a layer: a literal, an expression, or one of the older functions with stops.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::dependence::Dependence;
use super::expression::Expression;
use super::feature_view::Context;
use super::interpolate::Curve;
use super::parse::{self, Unsupported, shortened};
use super::value::Value;
use crate::colour::Colour;

/// What kind of values a property takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Colour,
    Bool,
    /// Text with `{attribute}` in it.
    Template,
    /// A word, or a list.
    Other,
}

/// A property, ready to be evaluated.
#[derive(Clone, Debug)]
pub(super) struct Property {
    expression: Expression,
    default: Value,
    depends: Dependence,
}

impl Property {
    /// A property that always has this value.
    pub(super) fn constant(value: Value) -> Self {
        Self {
            expression: Expression::Literal(value.clone()),
            default: value,
            depends: Dependence::default(),
        }
    }

    /// Reads a property.
    pub(super) fn read(json: &Json, kind: Kind, default: &Value) -> Result<Self, Unsupported> {
        let mut expression = match json {
            Json::Object(function) => parse::expression(&function_as_expression(function, kind)?)?,
            Json::Array(items) if !is_operator(items) => {
                Expression::Literal(Value::from_json(json))
            }
            Json::Array(items) if kind == Kind::Other && is_list_of_words(items) => {
                // A list of words may look like an expression, so it is one only where it can be read as one.
                parse::expression(json)
                    .unwrap_or_else(|_| Expression::Literal(Value::from_json(json)))
            }
            Json::String(text) if kind == Kind::Template => template(text),
            other => parse::expression(other)?,
        };
        if kind == Kind::Colour {
            expression = with_literal_colour(expression)?;
        }
        let depends = expression.depends_on();
        Ok(Self {
            expression,
            default: default.clone(),
            depends,
        })
    }

    /// Whether the value differs between features.
    pub(super) fn depends_on_feature(&self) -> bool {
        self.depends.feature
    }

    /// By which factor per zoom a number grows between two whole zooms; 1 where it grows evenly or does not depend on
    /// the zoom.
    pub(super) fn zoom_base(&self) -> f32 {
        match &self.expression {
            Expression::Interpolate {
                curve: Curve::Exponential(base),
                input,
                ..
            } if matches!(**input, Expression::Zoom) => *base as f32,
            _ => 1.0,
        }
    }

    fn value(&self, context: &Context<'_>) -> Value {
        match self.expression.evaluate(context) {
            Some(Value::Null) | None => self.default.clone(),
            Some(value) => value,
        }
    }

    pub(super) fn number(&self, context: &Context<'_>) -> f32 {
        let number = self
            .value(context)
            .as_number()
            .or_else(|| self.default.as_number())
            .unwrap_or(0.0) as f32;
        if number.is_finite() { number } else { 0.0 }
    }

    pub(super) fn colour(&self, context: &Context<'_>) -> Colour {
        self.value(context)
            .to_colour()
            .or_else(|| self.default.to_colour())
            .unwrap_or(Colour::BLACK)
    }

    pub(super) fn truth(&self, context: &Context<'_>) -> bool {
        self.value(context)
            .as_bool()
            .or_else(|| self.default.as_bool())
            .unwrap_or(false)
    }

    pub(super) fn text(&self, context: &Context<'_>) -> Arc<str> {
        self.value(context).to_text()
    }

    /// A list of numbers; what is no number in it is left out.
    pub(super) fn numbers(&self, context: &Context<'_>) -> Vec<f32> {
        let Value::List(items) = self.value(context) else {
            return Vec::new();
        };
        items
            .iter()
            .filter_map(|v| v.as_number().map(|n| n as f32))
            .collect()
    }

    /// The first two numbers of a list, 0 where there are none.
    pub(super) fn two(&self, context: &Context<'_>) -> [f32; 2] {
        let numbers = self.numbers(context);
        [0, 1].map(|i| numbers.get(i).copied().unwrap_or(0.0))
    }

    /// Above, right, below, left, written as CSS writes padding: one number or up to four.
    pub(super) fn sides(&self, context: &Context<'_>) -> [f32; 4] {
        let numbers = match self.value(context) {
            Value::Number(all) => vec![all as f32],
            _ => self.numbers(context),
        };
        match numbers[..] {
            [all] => [all; 4],
            [y, x] => [y, x, y, x],
            [top, x, bottom] => [top, x, bottom, x],
            [top, right, bottom, left, ..] => [top, right, bottom, left],
            [] => [0.0; 4],
        }
    }

    /// The items of a list.
    pub(super) fn items(&self, context: &Context<'_>) -> Vec<Value> {
        match self.value(context) {
            Value::List(items) => items.to_vec(),
            _ => Vec::new(),
        }
    }

    /// A list of words.
    pub(super) fn words(&self, context: &Context<'_>) -> Vec<Arc<str>> {
        let Value::List(items) = self.value(context) else {
            return Vec::new();
        };
        items.iter().map(Value::to_text).collect()
    }
}

/// Whether an array is an expression rather than a list: it starts with a word that is an operator. Lists of words
/// (`text-font`) start with a name in capitals.
fn is_operator(items: &[Json]) -> bool {
    let word = items.first().and_then(Json::as_str);
    word.is_some_and(|w| !w.chars().next().is_some_and(char::is_uppercase))
}

/// Whether an array may be a list of words, some with a list of numbers behind them (`text-variable-anchor-offset`).
fn is_list_of_words(items: &[Json]) -> bool {
    let numbers = |item: &Json| {
        let list = item.as_array();
        list.is_some_and(|list| list.iter().all(Json::is_number))
    };
    items.iter().all(|item| item.is_string() || numbers(item))
}

fn with_literal_colour(expression: Expression) -> Result<Expression, Unsupported> {
    if let Expression::Literal(value) = &expression {
        let colour = value
            .to_rgba()
            .ok_or_else(|| format!("the colour {}", value.to_text()))?;
        return Ok(Expression::Literal(Value::Colour(colour)));
    }
    Ok(expression)
}

/// Text with `{attribute}` in it, as older styles write labels.
fn template(text: &str) -> Expression {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, (key, after))) = rest
        .split_once('{')
        .and_then(|(before, inner)| Some((before, inner.split_once('}')?)))
    {
        if !before.is_empty() {
            parts.push(Expression::Literal(Value::text(before)));
        }
        parts.push(Expression::Get(Box::new(Expression::Literal(Value::text(
            key,
        )))));
        rest = after;
    }
    if parts.is_empty() {
        return Expression::Literal(Value::text(text));
    }
    if !rest.is_empty() {
        parts.push(Expression::Literal(Value::text(rest)));
    }
    Expression::Concat(parts)
}

/// One of the older functions, rewritten as an expression.
fn function_as_expression(function: &Map<String, Json>, kind: Kind) -> Result<Json, Unsupported> {
    let unsupported = || {
        format!(
            "the function {}",
            shortened(&Json::Object(function.clone()))
        )
    };
    let smooth = matches!(kind, Kind::Number | Kind::Colour);
    let input = match function.get("property") {
        Some(Json::String(key)) => json!(["get", key]),
        Some(_) => return Err(unsupported()),
        None => json!(["zoom"]),
    };
    let by_zoom = !function.contains_key("property");
    let fallback = function.get("default").cloned().unwrap_or(Json::Null);
    let kind_of_function = function.get("type").and_then(Json::as_str);
    if kind_of_function == Some("identity") {
        return Ok(json!(["coalesce", input, literal(&fallback)]));
    }
    let stops = function
        .get("stops")
        .and_then(Json::as_array)
        .filter(|s| !s.is_empty())
        .ok_or_else(unsupported)?;
    let mut pairs = Vec::with_capacity(stops.len());
    for stop in stops {
        match stop.as_array().map(Vec::as_slice) {
            Some([at, _]) if at.is_object() => return Err(unsupported()),
            Some([at, value]) => pairs.push((at.clone(), literal(value))),
            _ => return Err(unsupported()),
        }
    }
    let flat = || {
        pairs
            .iter()
            .flat_map(|(at, value)| [at.clone(), value.clone()])
    };
    let default_type = if smooth { "exponential" } else { "interval" };
    let expression: Vec<Json> = match kind_of_function.unwrap_or(default_type) {
        "exponential" if smooth => {
            let base = function.get("base").and_then(Json::as_f64).unwrap_or(1.0);
            let start = [json!("interpolate"), json!(["exponential", base]), input];
            start.into_iter().chain(flat()).collect()
        }
        "categorical" => [json!("match"), input]
            .into_iter()
            .chain(flat())
            .chain([literal(&fallback)])
            .collect(),
        "interval" | "exponential" => {
            let start = [json!("step"), input, pairs[0].1.clone()];
            start.into_iter().chain(flat().skip(2)).collect()
        }
        _ => return Err(unsupported()),
    };
    if by_zoom {
        return Ok(Json::Array(expression));
    }
    // An attribute that is absent or of another type is an error inside; outside it is the function's default.
    Ok(json!(["coalesce", expression, literal(&fallback)]))
}

/// A value that no one takes for an expression.
fn literal(value: &Json) -> Json {
    if value.is_array() {
        json!(["literal", value])
    } else {
        value.clone()
    }
}
