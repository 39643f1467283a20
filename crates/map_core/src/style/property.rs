//! One property of a layer: a literal, an expression, or one of the older functions with stops.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::dependence::Dependence;
use super::expression::Expression;
use super::feature_view::Context;
use super::interpolate::Curve;
use super::parse::{self, Unsupported, shortened};
use super::value::Value;
use super::warnings::Note;
use crate::colour::Colour;

/// What kind of values a property takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Colour,
    Bool,
    /// Text with `{attribute}` in it.
    Template,
    /// A list of numbers, or one number.
    Numbers,
    /// A word, or a list.
    Other,
}

/// A property, ready to be evaluated.
#[derive(Clone, Debug)]
pub(super) struct Property {
    expression: Expression,
    default: Value,
    depends: Dependence,
    notes: Vec<Note>,
}

impl Property {
    /// A property that always has this value.
    pub(super) fn constant(value: Value) -> Self {
        Self {
            expression: Expression::Literal(value.clone()),
            default: value,
            depends: Dependence::default(),
            notes: Vec::new(),
        }
    }

    /// Reads a property.
    pub(super) fn read(json: &Json, kind: Kind, default: &Value) -> Result<Self, Unsupported> {
        let mut notes = Vec::new();
        let mut expression = match json {
            Json::Object(function) => {
                parse::noted(&function_as_expression(function, kind)?, &mut notes)?
            }
            Json::Array(items) if !is_operator(items) => {
                Expression::Literal(Value::from_json(json))
            }
            Json::Array(items) if kind == Kind::Other && is_list_of_words(items) => {
                // A list of words may look like an expression, so it is one only where it can be read as one.
                parse::expression(json)
                    .unwrap_or_else(|_| Expression::Literal(Value::from_json(json)))
            }
            Json::String(text) if kind == Kind::Template => {
                parse::expression(&template_as_expression(text))?
            }
            other => parse::noted(other, &mut notes)?,
        };
        if kind == Kind::Colour {
            expression = with_literal_colour(expression)?;
        }
        note_misfits(&expression, kind, &mut notes);
        let depends = expression.depends_on();
        Ok(Self {
            expression,
            default: default.clone(),
            depends,
            notes,
        })
    }

    /// What of the property is left out.
    pub(super) fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The values that are written in the style, as far as the property can have them.
    fn literals(&self) -> Vec<Value> {
        let mut found = Vec::new();
        self.expression.for_each_outcome(&mut |outcome| {
            if let Expression::Literal(value) = outcome {
                found.push(value.clone());
            }
        });
        found
    }

    /// The words that the property may be beside these.
    pub(super) fn words_beside(&self, known: &[&str]) -> Vec<String> {
        let literals = self.literals().into_iter();
        let words = literals.filter(|value| *value != Value::Null);
        let words = words.map(|value| value.to_text().to_string());
        words.filter(|word| !known.contains(&&**word)).collect()
    }

    /// The words in the lists that the property may be, beside these.
    pub(super) fn listed_words_beside(&self, known: &[&str]) -> Vec<String> {
        let literals = self.literals().into_iter();
        let listed = literals.flat_map(|value| match value {
            Value::List(items) => items.to_vec(),
            other => vec![other],
        });
        let words = listed.filter_map(|item| item.as_text().map(str::to_owned));
        words.filter(|word| !known.contains(&&**word)).collect()
    }

    /// The numbers that the property may be.
    pub(super) fn literal_numbers(&self) -> impl Iterator<Item = f64> {
        let literals = self.literals().into_iter();
        literals.filter_map(|value| value.as_number())
    }

    /// The lengths of the lists that the property may be.
    pub(super) fn lengths(&self) -> impl Iterator<Item = usize> {
        self.literals().into_iter().filter_map(|value| match value {
            Value::List(items) => Some(items.len()),
            _ => None,
        })
    }

    /// Whether the property may be an image.
    pub(super) fn may_be_image(&self) -> bool {
        self.expression.may_be_image()
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

    /// The text, in which an image has no place.
    pub(super) fn text_without_images(&self, context: &Context<'_>) -> Arc<str> {
        match self.value(context) {
            Value::Image(_) => "".into(),
            value => value.to_text(),
        }
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

/// Notes the values written in the style that a property of this kind cannot have.
fn note_misfits(expression: &Expression, kind: Kind, notes: &mut Vec<Note>) {
    let fits = |value: &Value| match (kind, value) {
        (_, Value::Null) | (Kind::Template | Kind::Other, _) => true,
        (Kind::Numbers, Value::List(items)) => items.iter().all(|i| i.as_number().is_some()),
        (Kind::Number | Kind::Numbers, value) => value.as_number().is_some(),
        (Kind::Bool, value) => value.as_bool().is_some(),
        (Kind::Colour, value) => value.to_rgba().is_some(),
    };
    expression.for_each_outcome(&mut |outcome| {
        if let Expression::Literal(value) = outcome
            && !fits(value)
        {
            notes.push(Note {
                what: format!("the value {}", value.to_short_text()),
                consequence: "the property's default is used in its place",
            });
        }
    });
}

/// Text with `{attribute}` in it, as older styles write labels, rewritten as an expression.
fn template_as_expression(text: &str) -> Json {
    let mut parts = vec![json!("concat")];
    let mut rest = text;
    while let Some((before, (key, after))) = rest
        .split_once('{')
        .and_then(|(before, inner)| Some((before, inner.split_once('}')?)))
    {
        if !before.is_empty() {
            parts.push(json!(before));
        }
        parts.push(json!(["get", key]));
        rest = after;
    }
    if parts.len() == 1 {
        return json!(text);
    }
    if !rest.is_empty() {
        parts.push(json!(rest));
    }
    Json::Array(parts)
}

/// One of the older functions, rewritten as an expression.
fn function_as_expression(function: &Map<String, Json>, kind: Kind) -> Result<Json, Unsupported> {
    let unsupported = || {
        format!(
            "the function {}",
            shortened(&Json::Object(function.clone()))
        )
    };
    let smooth = matches!(kind, Kind::Number | Kind::Colour | Kind::Numbers);
    let interpolate = interpolation_of(function).ok_or_else(unsupported)?;
    let literal = |value: &Json| match value {
        Json::String(text) if kind == Kind::Template => template_as_expression(text),
        value => literal(value),
    };
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
            let start = [json!(interpolate), json!(["exponential", base]), input];
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

/// The operator that mixes the values of an older function in its space of colours; `None` where there is no such
/// space.
fn interpolation_of(function: &Map<String, Json>) -> Option<&'static str> {
    match function.get("colorSpace").map(Json::as_str) {
        None | Some(Some("rgb")) => Some("interpolate"),
        Some(Some("lab")) => Some("interpolate-lab"),
        Some(Some("hcl")) => Some("interpolate-hcl"),
        Some(_) => None,
    }
}

/// A value that no one takes for an expression.
fn literal(value: &Json) -> Json {
    if value.is_array() {
        json!(["literal", value])
    } else {
        value.clone()
    }
}
