//! Expressions, parsed, and their evaluation.
//!
//! Evaluation follows the MapLibre style specification; where that throws an error, `None` comes out here, and the
//! property takes its default.

use std::borrow::Cow;
use std::sync::Arc;

use super::colour_space::Space;
use super::feature_view::{Context, FeatureView};
use super::interpolate::{self, Curve};
use super::number_format;
use super::value::{Value, rgba_from_bytes};
use crate::mvt::GeometryKind;

/// Order comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Functions of numbers.
pub(super) type NumberFunction = fn(&[f64]) -> f64;

/// An expression.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    Literal(Value),
    Zoom,
    Get(Box<Expression>),
    Has(Box<Expression>),
    /// `get` and `has` of an object.
    GetOf(Box<Expression>, Box<Expression>),
    HasOf(Box<Expression>, Box<Expression>),
    /// All attributes of the feature as an object.
    Properties,
    GeometryType,
    Id,
    Equal(Box<Expression>, Box<Expression>),
    /// With `lenient`, operands that cannot be compared give `false` rather than an error, as in old filters.
    Compare {
        order: Order,
        lenient: bool,
        left: Box<Expression>,
        right: Box<Expression>,
    },
    Not(Box<Expression>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
    In(Box<Expression>, Box<Expression>),
    Match {
        input: Box<Expression>,
        arms: Vec<(Vec<Value>, Expression)>,
        otherwise: Box<Expression>,
    },
    Case {
        arms: Vec<(Expression, Expression)>,
        otherwise: Box<Expression>,
    },
    Coalesce(Vec<Expression>),
    Step {
        input: Box<Expression>,
        first: Box<Expression>,
        stops: Vec<(f64, Expression)>,
    },
    Interpolate {
        space: Space,
        curve: Curve,
        input: Box<Expression>,
        stops: Vec<(f64, Expression)>,
    },
    /// Never has a value: what a style author wants to be an error.
    Error,
    /// A number as text, with the least and the most digits behind the point.
    NumberFormat {
        number: Box<Expression>,
        least: Option<Box<Expression>>,
        most: Option<Box<Expression>>,
    },
    Concat(Vec<Expression>),
    /// Sections of a text, of which images are left out.
    Format(Vec<Expression>),
    /// The name of an image.
    Image(Box<Expression>),
    ToText(Box<Expression>),
    ToNumber(Vec<Expression>),
    ToBool(Box<Expression>),
    ToColour(Vec<Expression>),
    /// The first operand of the named type.
    Assert(&'static str, Vec<Expression>),
    /// An array whose items have the named type, and that has so many of them.
    AssertArray {
        items: Option<&'static str>,
        length: Option<usize>,
        array: Box<Expression>,
    },
    TypeOf(Box<Expression>),
    Numbers(NumberFunction, Vec<Expression>),
    Length(Box<Expression>),
    At(Box<Expression>, Box<Expression>),
    IndexOf(Vec<Expression>),
    Slice(Vec<Expression>),
    Upcase(Box<Expression>),
    Downcase(Box<Expression>),
    Rgba(Vec<Expression>),
    ToRgba(Box<Expression>),
    Split(Box<Expression>, Box<Expression>),
    Join(Box<Expression>, Box<Expression>),
    IsSupportedScript(Box<Expression>),
    /// What `let` names; shared by all places that use the name.
    Shared(Arc<Expression>),
}

impl Expression {
    /// The value, or `None` where the specification throws an error.
    pub(super) fn evaluate(&self, context: &Context<'_>) -> Option<Value> {
        let feature = context.feature.as_ref();
        Some(match self {
            Self::Literal(value) => value.clone(),
            Self::Zoom => Value::Number(context.zoom),
            Self::Get(key) => attribute(key, context)?,
            Self::Has(key) => Value::Bool(attribute(key, context)? != Value::Null),
            Self::GetOf(key, object) => entry(key, object, context)?,
            Self::HasOf(key, object) => Value::Bool(entry(key, object, context)? != Value::Null),
            Self::Properties => Value::Object(Arc::new(
                feature.map(FeatureView::entries).unwrap_or_default(),
            )),
            Self::GeometryType => feature.map_or(Value::Null, |f| geometry_type(f.feature.kind)),
            Self::Id => feature
                .and_then(|f| f.feature.id)
                .map_or(Value::Null, |id| Value::Number(id as f64)),
            Self::Shared(inner) => return inner.evaluate(context),
            Self::Equal(..)
            | Self::Compare { .. }
            | Self::Not(_)
            | Self::All(_)
            | Self::Any(_)
            | Self::In(..) => Value::Bool(self.evaluate_truth(context)?),
            Self::Match { .. }
            | Self::Case { .. }
            | Self::Coalesce(_)
            | Self::Step { .. }
            | Self::Interpolate { .. } => {
                return self.evaluate_choice(context);
            }
            _ => return self.evaluate_function(context),
        })
    }

    fn evaluate_truth(&self, context: &Context<'_>) -> Option<bool> {
        let truth = |e: &Self| e.evaluate(context)?.as_bool();
        match self {
            Self::Equal(a, b) => match &**b {
                Self::Literal(b) => Some(a.evaluate(context)? == *b),
                b => Some(a.evaluate(context)? == b.evaluate(context)?),
            },
            Self::Compare {
                order,
                lenient,
                left,
                right,
            } => {
                let found = compare(*order, &left.evaluate(context)?, &right.evaluate(context)?);
                if *lenient {
                    Some(found.unwrap_or(false))
                } else {
                    found
                }
            }
            Self::Not(inner) => Some(!truth(inner)?),
            Self::All(items) => {
                for item in items {
                    if !truth(item)? {
                        return Some(false);
                    }
                }
                Some(true)
            }
            Self::Any(items) => {
                for item in items {
                    if truth(item)? {
                        return Some(true);
                    }
                }
                Some(false)
            }
            Self::In(needle, haystack) => match haystack.cloned_or_borrowed(context)?.as_ref() {
                Value::List(items) => Some(items.contains(&needle.evaluate(context)?)),
                Value::Text(text) => Some(text.contains(&*needle.evaluate(context)?.to_text())),
                _ => None,
            },
            _ => None,
        }
    }

    /// The value without a copy where it is written in the style.
    fn cloned_or_borrowed(&self, context: &Context<'_>) -> Option<Cow<'_, Value>> {
        match self {
            Self::Literal(value) => Some(Cow::Borrowed(value)),
            other => other.evaluate(context).map(Cow::Owned),
        }
    }

    fn evaluate_choice(&self, context: &Context<'_>) -> Option<Value> {
        match self {
            Self::Match {
                input,
                arms,
                otherwise,
            } => {
                let input = input.evaluate(context)?;
                let arm = arms.iter().find(|(labels, _)| labels.contains(&input));
                arm.map_or(&**otherwise, |(_, output)| output)
                    .evaluate(context)
            }
            Self::Case { arms, otherwise } => {
                for (condition, output) in arms {
                    if condition.evaluate(context)?.as_bool()? {
                        return output.evaluate(context);
                    }
                }
                otherwise.evaluate(context)
            }
            Self::Coalesce(items) => {
                let found = items
                    .iter()
                    .filter_map(|i| i.evaluate(context))
                    .find(|v| *v != Value::Null);
                Some(found.unwrap_or(Value::Null))
            }
            Self::Step {
                input,
                first,
                stops,
            } => {
                let at = input.evaluate(context)?.as_number()?;
                let passed = stops.iter().rev().find(|(stop, _)| at >= *stop);
                passed
                    .map_or(&**first, |(_, output)| output)
                    .evaluate(context)
            }
            Self::Interpolate {
                space,
                curve,
                input,
                stops,
            } => {
                let at = input.evaluate(context)?.as_number()?;
                let after = stops.partition_point(|(stop, _)| *stop <= at);
                let value = |i: usize| {
                    let value = stops.get(i)?.1.evaluate(context)?;
                    if *space == Space::Rgb {
                        return Some(value);
                    }
                    value.to_rgba().map(Value::Colour)
                };
                if after == 0 {
                    return value(0);
                }
                if after == stops.len() {
                    return value(after - 1);
                }
                let t = curve.fraction(at, stops[after - 1].0, stops[after].0);
                interpolate::mix(*space, &value(after - 1)?, &value(after)?, t)
            }
            _ => None,
        }
    }

    fn evaluate_function(&self, context: &Context<'_>) -> Option<Value> {
        let number = |e: &Self| e.evaluate(context)?.as_number();
        Some(match self {
            Self::Concat(items) => {
                let mut text = String::new();
                for item in items {
                    text.push_str(&item.evaluate(context)?.to_text());
                }
                Value::Text(text.into())
            }
            Self::Format(items) => formatted(items, context)?,
            Self::Image(item) => Value::Image(item.evaluate(context)?.to_text()),
            Self::NumberFormat {
                number: value,
                least,
                most,
            } => {
                let bound = |e: &Option<Box<Self>>| match e {
                    Some(e) => number(e).map(Some),
                    None => Some(None),
                };
                let text = number_format::format(number(value)?, bound(least)?, bound(most)?)?;
                Value::Text(text.into())
            }
            Self::ToText(item) => Value::Text(item.evaluate(context)?.to_text()),
            Self::ToNumber(items) => Value::Number(
                items
                    .iter()
                    .find_map(|i| i.evaluate(context)?.to_number())?,
            ),
            Self::ToBool(item) => Value::Bool(item.evaluate(context)?.to_bool()),
            Self::ToColour(items) => {
                Value::Colour(items.iter().find_map(|i| i.evaluate(context)?.to_rgba())?)
            }
            Self::Assert(type_name, items) => items
                .iter()
                .find_map(|i| i.evaluate(context).filter(|v| v.is_a(type_name)))?,
            Self::AssertArray {
                items,
                length,
                array,
            } => match array.evaluate(context)? {
                Value::List(list)
                    if length.is_none_or(|n| n == list.len())
                        && items.is_none_or(|name| list.iter().all(|item| item.is_a(name))) =>
                {
                    Value::List(list)
                }
                _ => return None,
            },
            Self::TypeOf(item) => Value::text(&item.evaluate(context)?.type_name()),
            Self::Numbers(function, items) => {
                let numbers: Option<Vec<f64>> = items.iter().map(number).collect();
                Value::Number(function(&numbers?))
            }
            Self::Rgba(items) => {
                let numbers: Option<Vec<f64>> = items.iter().map(number).collect();
                let (red_green_blue, alpha) = numbers.as_ref()?.split_first_chunk::<3>()?;
                let [r, g, b] = *red_green_blue;
                let alpha = alpha.first().copied().unwrap_or(1.0);
                Value::Colour(rgba_from_bytes([r, g, b, alpha])?)
            }
            Self::ToRgba(item) => {
                let [r, g, b, a] = item.evaluate(context)?.to_rgba()?;
                let parts = [r * 255.0, g * 255.0, b * 255.0, a];
                Value::List(parts.map(Value::Number).into())
            }
            _ => return self.evaluate_text_or_list(context),
        })
    }

    fn evaluate_text_or_list(&self, context: &Context<'_>) -> Option<Value> {
        let number = |e: &Self| e.evaluate(context)?.as_number();
        Some(match self {
            Self::Length(item) => match item.evaluate(context)? {
                Value::Text(t) => Value::Number(t.chars().count() as f64),
                Value::List(items) => Value::Number(items.len() as f64),
                _ => return None,
            },
            Self::At(index, list) => {
                let Value::List(items) = list.evaluate(context)? else {
                    return None;
                };
                let index = number(index)?;
                if index < 0.0 || index.fract() != 0.0 {
                    return None;
                }
                items.get(index as usize)?.clone()
            }
            Self::IndexOf(items) => index_of(items, context)?,
            Self::Slice(items) => slice(items, context)?,
            Self::Upcase(item) => {
                Value::Text(item.evaluate(context)?.as_text()?.to_uppercase().into())
            }
            Self::Downcase(item) => {
                Value::Text(item.evaluate(context)?.as_text()?.to_lowercase().into())
            }
            Self::Split(text, separator) => {
                let (text, separator) = (text.evaluate(context)?, separator.evaluate(context)?);
                split(text.as_text()?, separator.as_text()?)
            }
            Self::Join(list, separator) => {
                let (list, separator) = (list.evaluate(context)?, separator.evaluate(context)?);
                let Value::List(items) = list else {
                    return None;
                };
                let words: Vec<Arc<str>> = items.iter().map(Value::to_text).collect();
                Value::Text(words.join(separator.as_text()?).into())
            }
            Self::IsSupportedScript(text) => Value::Bool(
                !text
                    .evaluate(context)?
                    .as_text()?
                    .chars()
                    .any(is_right_to_left),
            ),
            _ => return None,
        })
    }
}

/// A feature's attribute, nothing where there is no feature or no such attribute.
fn attribute(key: &Expression, context: &Context<'_>) -> Option<Value> {
    let Some(feature) = &context.feature else {
        return Some(Value::Null);
    };
    if let Expression::Literal(Value::Text(key)) = key {
        return Some(feature.get_literal(key));
    }
    let key = key.evaluate(context)?;
    Some(feature.get(key.as_text()?))
}

/// What an object has under a name, nothing where it has nothing; an error where it is no object.
fn entry(key: &Expression, object: &Expression, context: &Context<'_>) -> Option<Value> {
    let Value::Object(entries) = object.evaluate(context)? else {
        return None;
    };
    let key = key.evaluate(context)?;
    Some(entries.get(key.as_text()?).cloned().unwrap_or(Value::Null))
}

/// The sections of a text one after the other, without the images among them.
fn formatted(sections: &[Expression], context: &Context<'_>) -> Option<Value> {
    let mut text = String::new();
    for section in sections {
        match section.evaluate(context)? {
            Value::Image(_) => {}
            section => text.push_str(&section.to_text()),
        }
    }
    Some(Value::Text(text.into()))
}

/// A text's pieces; without a separator, its characters.
fn split(text: &str, separator: &str) -> Value {
    let pieces: Vec<Value> = if separator.is_empty() {
        text.chars()
            .map(|c| Value::text(c.encode_utf8(&mut [0; 4])))
            .collect()
    } else {
        text.split(separator).map(Value::text).collect()
    };
    Value::List(pieces.into())
}

/// Whether a character belongs to a script that is written from right to left (Hebrew to Arabic Extended-A, and the
/// presentation forms): labels are laid out from left to right only.
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

fn geometry_type(kind: GeometryKind) -> Value {
    Value::text(match kind {
        GeometryKind::Point => "Point",
        GeometryKind::LineString => "LineString",
        GeometryKind::Polygon => "Polygon",
    })
}

fn compare(order: Order, left: &Value, right: &Value) -> Option<bool> {
    let found = match (left, right) {
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(b)?,
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        _ => return None,
    };
    Some(match order {
        Order::Less => found.is_lt(),
        Order::LessOrEqual => found.is_le(),
        Order::Greater => found.is_gt(),
        Order::GreaterOrEqual => found.is_ge(),
    })
}

fn index_of(items: &[Expression], context: &Context<'_>) -> Option<Value> {
    let needle = items.first()?.evaluate(context)?;
    let from = items
        .get(2)
        .map_or(Some(0.0), |e| e.evaluate(context)?.as_number())?
        .max(0.0) as usize;
    let found = match items.get(1)?.evaluate(context)? {
        Value::List(list) => list
            .iter()
            .skip(from)
            .position(|v| *v == needle)
            .map(|i| i + from),
        Value::Text(text) => {
            let start = text.char_indices().nth(from).map_or(text.len(), |(i, _)| i);
            let at = text[start..].find(&*needle.to_text());
            at.map(|i| text[start..start + i].chars().count() + from)
        }
        _ => return None,
    };
    Some(Value::Number(found.map_or(-1.0, |i| i as f64)))
}

fn slice(items: &[Expression], context: &Context<'_>) -> Option<Value> {
    let number = |i: usize| items.get(i).map(|e| e.evaluate(context)?.as_number());
    let bound = |n: f64, length: usize| {
        if n < 0.0 {
            (length as f64 + n).max(0.0) as usize
        } else {
            (n as usize).min(length)
        }
    };
    let range = |length: usize| {
        let start = bound(number(1)??, length);
        let end = number(2).map_or(Some(length), |n| Some(bound(n?, length)))?;
        Some(start..end.max(start))
    };
    match items.first()?.evaluate(context)? {
        Value::List(list) => Some(Value::List(list[range(list.len())?].into())),
        Value::Text(text) => {
            let range = range(text.chars().count())?;
            let part: String = text.chars().skip(range.start).take(range.len()).collect();
            Some(Value::Text(part.into()))
        }
        _ => None,
    }
}
