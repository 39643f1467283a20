//! The values that expressions compute with.

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
    /// A colour.
    Colour(Colour),
    /// A list.
    List(Arc<[Value]>),
}

impl Value {
    /// Text as a value.
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// A literal of a style; objects have no meaning here and become nothing.
    pub fn from_json(json: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null | Json::Object(_) => Self::Null,
            Json::Bool(b) => Self::Bool(*b),
            Json::Number(n) => Self::Number(n.as_f64().unwrap_or(0.0)),
            Json::String(s) => Self::text(s),
            Json::Array(items) => Self::List(items.iter().map(Self::from_json).collect()),
        }
    }

    /// The type's name as `typeof` gives it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::Colour(_) => "color",
            Self::List(_) => "array",
        }
    }

    /// What `to-string` makes of it.
    pub fn to_text(&self) -> Arc<str> {
        match self {
            Self::Null => "".into(),
            Self::Text(t) => t.clone(),
            Self::Bool(b) => if *b { "true" } else { "false" }.into(),
            Self::Number(n) => n.to_string().into(),
            Self::Colour(c) => {
                let [r, g, b, a] = c.to_srgb();
                let [r, g, b] = [r, g, b].map(|v| (v * 255.0).round());
                format!("rgba({r},{g},{b},{a})").into()
            }
            Self::List(_) => self.to_json_text().into(),
        }
    }

    fn to_json_text(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Text(t) => serde_json::Value::from(&**t).to_string(),
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
            Self::Colour(_) | Self::List(_) => true,
        }
    }

    /// What `to-number` makes of it.
    pub fn to_number(&self) -> Option<f64> {
        match self {
            Self::Null => Some(0.0),
            Self::Bool(b) => Some(f64::from(u8::from(*b))),
            Self::Number(n) => Some(*n),
            Self::Text(t) if t.trim().is_empty() => Some(0.0),
            Self::Text(t) => t.trim().parse().ok().filter(|n: &f64| !n.is_nan()),
            Self::Colour(_) | Self::List(_) => None,
        }
    }

    /// The colour that it is or that it names, or that its three or four numbers make.
    pub fn to_colour(&self) -> Option<Colour> {
        match self {
            Self::Colour(c) => Some(*c),
            Self::Text(t) => Colour::from_css(t),
            Self::List(items) => {
                let numbers: Vec<f64> = items.iter().filter_map(Self::as_number).collect();
                match numbers[..] {
                    [r, g, b] => Some(colour_from_bytes(r, g, b, 1.0)),
                    [r, g, b, a] => Some(colour_from_bytes(r, g, b, a)),
                    _ => None,
                }
            }
            _ => None,
        }
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

/// A colour from red, green and blue up to 255 and alpha up to 1, as `rgba` takes them.
pub(super) fn colour_from_bytes(r: f64, g: f64, b: f64, a: f64) -> Colour {
    Colour::from_srgb([
        r as f32 / 255.0,
        g as f32 / 255.0,
        b as f32 / 255.0,
        a as f32,
    ])
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
