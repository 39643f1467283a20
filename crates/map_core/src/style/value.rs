//! The values that expressions compute with.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use crate::colour::Colour;
use crate::mvt::Property;

/// A value of the style language.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing: an absent attribute.
    Null,
    /// Truth.
    Bool(bool),
    /// Any number.
    Number(f64),
    /// Text.
    Text(Arc<str>),
    /// The name of an image.
    Image(Arc<str>),
    /// Red, green, blue and alpha from 0 to 1, sRGB-encoded and not multiplied by alpha: what styles compute with.
    Colour([f64; 4]),
    /// A list.
    List(Arc<[Value]>),
    /// Values by name, which only a literal can make.
    Object(Arc<BTreeMap<Arc<str>, Value>>),
}

impl Value {
    /// Text as a value.
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// A literal of a style.
    pub fn from_json(json: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::Null,
            Json::Bool(b) => Self::Bool(*b),
            Json::Number(n) => Self::Number(n.as_f64().unwrap_or(0.0)),
            Json::String(s) => Self::text(s),
            Json::Array(items) => Self::List(items.iter().map(Self::from_json).collect()),
            Json::Object(entries) => Self::Object(Arc::new(
                entries
                    .iter()
                    .map(|(key, value)| (key.as_str().into(), Self::from_json(value)))
                    .collect(),
            )),
        }
    }

    /// The type's name as `typeof` gives it.
    pub fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::List(items) => {
                let mut types = items.iter().map(Self::type_name);
                let first = types.next().unwrap_or(Cow::Borrowed("value"));
                let is_uniform = types.all(|other| other == first);
                let item = if is_uniform {
                    first
                } else {
                    Cow::Borrowed("value")
                };
                return Cow::Owned(format!("array<{item}, {}>", items.len()));
            }
            Self::Colour(_) => "color",
            Self::Image(_) => "resolvedImage",
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::Object(_) => "object",
        })
    }

    /// Whether it is of the type; the length and the items of an array are not asked for.
    pub(super) fn is_a(&self, type_name: &str) -> bool {
        match self {
            Self::List(_) => type_name == "array",
            other => other.type_name() == type_name,
        }
    }

    /// What `to-string` makes of it.
    pub fn to_text(&self) -> Arc<str> {
        match self {
            Self::Null => "".into(),
            Self::Text(t) | Self::Image(t) => t.clone(),
            Self::Bool(b) => if *b { "true" } else { "false" }.into(),
            Self::Number(n) => number_text(*n).into(),
            Self::Colour(c) => {
                let [r, g, b, a] = *c;
                let [r, g, b] = [r, g, b].map(|v| (v * 255.0).round());
                format!("rgba({r},{g},{b},{a})").into()
            }
            Self::List(_) | Self::Object(_) => self.to_json_text().into(),
        }
    }

    /// The value as a style writes it, cut to a length that a warning can bear.
    pub(super) fn to_short_text(&self) -> String {
        let text = self.to_json_text();
        match text.char_indices().nth(60) {
            Some((end, _)) => format!("{} …", &text[..end]),
            None => text,
        }
    }

    fn to_json_text(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Text(t) | Self::Image(t) => serde_json::Value::from(&**t).to_string(),
            Self::List(items) => {
                let mut text = String::from("[");
                for (i, item) in items.iter().enumerate() {
                    let comma = if i > 0 { "," } else { "" };
                    // Writing to a string never fails.
                    let _written = write!(text, "{comma}{}", item.to_json_text());
                }
                text.push(']');
                text
            }
            Self::Object(entries) => {
                let mut text = String::from("{");
                for (i, (key, value)) in entries.iter().enumerate() {
                    let comma = if i > 0 { "," } else { "" };
                    let key = serde_json::Value::from(&**key);
                    // Writing to a string never fails.
                    let _written = write!(text, "{comma}{key}:{}", value.to_json_text());
                }
                text.push('}');
                text
            }
            other => other.to_text().to_string(),
        }
    }

    /// What `to-boolean` makes of it.
    pub fn to_bool(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(b) => *b,
            Self::Number(n) => *n != 0.0 && !n.is_nan(),
            Self::Text(t) => !t.is_empty(),
            Self::Image(_) | Self::Colour(_) | Self::List(_) | Self::Object(_) => true,
        }
    }

    /// What `to-number` makes of it.
    pub fn to_number(&self) -> Option<f64> {
        match self {
            Self::Null => Some(0.0),
            Self::Bool(b) => Some(f64::from(u8::from(*b))),
            Self::Number(n) => Some(*n),
            Self::Text(t) if t.trim().is_empty() => Some(0.0),
            Self::Text(t) => number_from_text(t.trim()),
            Self::Image(_) | Self::Colour(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// The colour that it is or that it names, or that its three or four numbers make.
    pub fn to_rgba(&self) -> Option<[f64; 4]> {
        match self {
            Self::Colour(c) => Some(*c),
            Self::Text(t) => {
                let c = csscolorparser::parse(t).ok()?;
                Some([c.r, c.g, c.b, c.a].map(f64::from))
            }
            Self::List(items) => {
                let numbers: Vec<f64> = items.iter().filter_map(Self::as_number).collect();
                match numbers[..] {
                    [r, g, b] => rgba_from_bytes([r, g, b, 1.0]),
                    [r, g, b, a] => rgba_from_bytes([r, g, b, a]),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The same, ready to be drawn.
    pub fn to_colour(&self) -> Option<Colour> {
        self.to_rgba()
            .map(|rgba| Colour::from_srgb(rgba.map(|part| part as f32)))
    }

    /// The number that it is.
    pub fn as_number(&self) -> Option<f64> {
        if let Self::Number(n) = self {
            Some(*n)
        } else {
            None
        }
    }

    /// The truth that it is.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(b) = self {
            Some(*b)
        } else {
            None
        }
    }

    /// The text that it is.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(t) = self {
            Some(t)
        } else {
            None
        }
    }
}

/// A colour from red, green and blue up to 255 and alpha up to 1, as `rgba` takes them; `None` beyond.
pub(super) fn rgba_from_bytes([r, g, b, a]: [f64; 4]) -> Option<[f64; 4]> {
    let is_colour = [r, g, b].iter().all(|part| (0.0..=255.0).contains(part));
    (is_colour && (0.0..=1.0).contains(&a)).then_some([r / 255.0, g / 255.0, b / 255.0, a])
}

/// A number as ECMAScript writes it, which is what styles are made against: without an exponent from 10⁻⁶ to 10²¹.
fn number_text(number: f64) -> String {
    let size = number.abs();
    if number.is_finite() && size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{number:e}");
        return if size >= 1.0 {
            text.replace('e', "e+")
        } else {
            text
        };
    }
    if number.is_infinite() {
        return if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned();
    }
    // Minus zero has no sign in ECMAScript.
    (number + 0.0).to_string()
}

/// The number that ECMAScript's `Number()` reads, `None` where that is not one.
fn number_from_text(text: &str) -> Option<f64> {
    for (prefix, radix) in [
        ("0x", 16),
        ("0X", 16),
        ("0o", 8),
        ("0O", 8),
        ("0b", 2),
        ("0B", 2),
    ] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let is_plain = digits.chars().all(|c| c.is_digit(radix));
            let number = u64::from_str_radix(digits, radix).ok();
            return number.filter(|_| is_plain).map(|n| n as f64);
        }
    }
    // Rust reads more names than ECMAScript does.
    let is_name = text.contains(|c: char| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E'));
    match text {
        "Infinity" | "+Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ if is_name => None,
        _ => text.parse().ok(),
    }
}

impl From<&Property> for Value {
    fn from(property: &Property) -> Self {
        match property {
            Property::Text(t) => Self::Text(t.clone()),
            Property::Number(n) => Self::Number(*n),
            Property::Bool(b) => Self::Bool(*b),
        }
    }
}
