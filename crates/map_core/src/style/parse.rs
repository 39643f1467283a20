//! Reads expressions from JSON.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::colour_space::Space;
use super::expression::{Expression, NumberFunction, Order};
use super::interpolate::Curve;
use super::number_format;
use super::value::Value;
use super::warnings::Note;

/// Why an expression cannot be used, as a phrase for a warning.
pub(super) type Unsupported = String;

/// The most parts of an expression once what `let` names is put in its places.
const MOST_PARTS: usize = 100_000;

/// Reads one expression or literal; what is left out of it is of no account to the caller.
pub(super) fn expression(json: &Json) -> Result<Expression, Unsupported> {
    noted(json, &mut Vec::new())
}

/// Reads one expression or literal, and notes what is left out of it.
pub(super) fn noted(json: &Json, notes: &mut Vec<Note>) -> Result<Expression, Unsupported> {
    let mut parser = Parser::default();
    let parsed = parser.parse(json)?;
    notes.append(&mut parser.notes);
    if parsed.depends_on() == super::dependence::Dependence::default() {
        // What depends on nothing is computed once, here.
        let context = super::feature_view::Context {
            zoom: 0.0,
            feature: None,
        };
        return parsed
            .evaluate(&context)
            .map(Expression::Literal)
            .ok_or_else(|| format!("{} has no value", shortened(json)));
    }
    Ok(parsed)
}

#[derive(Default)]
struct Parser {
    names: HashMap<String, Arc<Expression>>,
    parts: usize,
    notes: Vec<Note>,
}

type Parsed = Result<Expression, Unsupported>;

impl Parser {
    fn parse(&mut self, json: &Json) -> Parsed {
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return Err("an expression of more than 100000 parts".to_owned());
        }
        match json {
            Json::Array(items) => {
                let Some((Json::String(operator), operands)) = items.split_first() else {
                    return Err(format!(
                        "{} where an expression should stand",
                        shortened(json)
                    ));
                };
                self.operator(operator, operands)
            }
            Json::Object(_) => Err(format!("the object {}", shortened(json))),
            literal => Ok(Expression::Literal(Value::from_json(literal))),
        }
    }

    fn boxed(&mut self, json: &Json) -> Result<Box<Expression>, Unsupported> {
        self.parse(json).map(Box::new)
    }

    fn all(&mut self, items: &[Json]) -> Result<Vec<Expression>, Unsupported> {
        items.iter().map(|i| self.parse(i)).collect()
    }

    fn operator(&mut self, operator: &str, operands: &[Json]) -> Parsed {
        if let Some(parsed) = self.lookup(operator, operands) {
            return parsed;
        }
        if let Some(parsed) = self.decision(operator, operands) {
            return parsed;
        }
        if let Some(parsed) = self.conversion(operator, operands) {
            return parsed;
        }
        if let Some(function) = number_function(operator, operands.len()) {
            return Ok(Expression::Numbers(function, self.all(operands)?));
        }
        Err(format!(
            "the expression \"{operator}\" with {} operands",
            operands.len()
        ))
    }

    /// Operators that look things up.
    fn lookup(&mut self, operator: &str, operands: &[Json]) -> Option<Parsed> {
        Some(match (operator, operands) {
            ("literal", [value]) => Ok(Expression::Literal(Value::from_json(value))),
            ("zoom", []) => Ok(Expression::Zoom),
            ("get", [key]) => self.boxed(key).map(Expression::Get),
            ("has", [key]) => self.boxed(key).map(Expression::Has),
            ("get", [key, object]) => self.pair(key, object).map(|(k, o)| Expression::GetOf(k, o)),
            ("has", [key, object]) => self.pair(key, object).map(|(k, o)| Expression::HasOf(k, o)),
            ("properties", []) => Ok(Expression::Properties),
            ("!has", [key]) => self
                .boxed(key)
                .map(|k| Expression::Not(Box::new(Expression::Has(k)))),
            ("geometry-type", []) => Ok(Expression::GeometryType),
            ("id", []) => Ok(Expression::Id),
            ("at", [index, list]) => self.pair(index, list).map(|(i, l)| Expression::At(i, l)),
            ("length", [item]) => self.boxed(item).map(Expression::Length),
            ("index-of", [_, _] | [_, _, _]) => self.all(operands).map(Expression::IndexOf),
            ("slice", [_, _] | [_, _, _]) => self.all(operands).map(Expression::Slice),
            ("let", [bindings @ .., body]) if bindings.len() % 2 == 0 => self.bind(bindings, body),
            ("var", [Json::String(name)]) => match self.names.get(name) {
                Some(named) => {
                    self.parts += named.size();
                    Ok(Expression::Shared(named.clone()))
                }
                None => Err(format!("the unknown variable \"{name}\"")),
            },
            _ => return None,
        })
    }

    fn bind(&mut self, bindings: &[Json], body: &Json) -> Parsed {
        let outer = self.names.clone();
        for pair in bindings.chunks_exact(2) {
            let Json::String(name) = &pair[0] else {
                return Err(format!(
                    "{} where a variable's name should stand",
                    shortened(&pair[0])
                ));
            };
            let value = self.parse(&pair[1])?;
            self.names.insert(name.clone(), Arc::new(value));
        }
        let parsed = self.parse(body);
        self.names = outer;
        parsed
    }

    fn pair(
        &mut self,
        a: &Json,
        b: &Json,
    ) -> Result<(Box<Expression>, Box<Expression>), Unsupported> {
        Ok((self.boxed(a)?, self.boxed(b)?))
    }

    fn compare(&mut self, order: Order, a: &Json, b: &Json) -> Parsed {
        let (left, right) = self.pair(a, b)?;
        Ok(Expression::Compare {
            order,
            lenient: false,
            left,
            right,
        })
    }

    /// Operators that decide.
    fn decision(&mut self, operator: &str, operands: &[Json]) -> Option<Parsed> {
        Some(match (operator, operands) {
            ("==", [a, b]) => self.pair(a, b).map(|(a, b)| Expression::Equal(a, b)),
            ("!=", [a, b]) => self
                .pair(a, b)
                .map(|(a, b)| Expression::Not(Box::new(Expression::Equal(a, b)))),
            ("<", [a, b]) => self.compare(Order::Less, a, b),
            ("<=", [a, b]) => self.compare(Order::LessOrEqual, a, b),
            (">", [a, b]) => self.compare(Order::Greater, a, b),
            (">=", [a, b]) => self.compare(Order::GreaterOrEqual, a, b),
            ("!", [item]) => self.boxed(item).map(Expression::Not),
            ("all", items) => self.all(items).map(Expression::All),
            ("any", items) => self.all(items).map(Expression::Any),
            ("none", items) => self
                .all(items)
                .map(|i| Expression::Not(Box::new(Expression::Any(i)))),
            ("in", [needle, haystack]) => self
                .pair(needle, haystack)
                .map(|(n, h)| Expression::In(n, h)),
            ("match", [input, arms @ .., otherwise]) if !arms.is_empty() && arms.len() % 2 == 0 => {
                self.match_arms(input, arms, otherwise)
            }
            ("case", [arms @ .., otherwise]) if !arms.is_empty() && arms.len() % 2 == 0 => {
                self.case_arms(arms, otherwise)
            }
            ("coalesce", items) if !items.is_empty() => self.all(items).map(Expression::Coalesce),
            ("step", [input, first, stops @ ..]) if stops.len() % 2 == 0 => {
                self.step(input, first, stops)
            }
            ("interpolate" | "interpolate-lab" | "interpolate-hcl", [curve, input, stops @ ..])
                if !stops.is_empty() && stops.len() % 2 == 0 =>
            {
                let space = match operator {
                    "interpolate-lab" => Space::Lab,
                    "interpolate-hcl" => Space::Hcl,
                    _ => Space::Rgb,
                };
                self.interpolate(space, curve, input, stops)
            }
            ("error", [_]) => Ok(Expression::Error),
            _ => return None,
        })
    }

    fn match_arms(&mut self, input: &Json, arms: &[Json], otherwise: &Json) -> Parsed {
        let input = self.boxed(input)?;
        let mut parsed = Vec::with_capacity(arms.len() / 2);
        for arm in arms.chunks_exact(2) {
            let labels = match &arm[0] {
                Json::Array(labels) => labels.iter().map(Value::from_json).collect(),
                label => vec![Value::from_json(label)],
            };
            parsed.push((labels, self.parse(&arm[1])?));
        }
        Ok(Expression::Match {
            input,
            arms: parsed,
            otherwise: self.boxed(otherwise)?,
        })
    }

    fn case_arms(&mut self, arms: &[Json], otherwise: &Json) -> Parsed {
        let mut parsed = Vec::with_capacity(arms.len() / 2);
        for arm in arms.chunks_exact(2) {
            parsed.push((self.parse(&arm[0])?, self.parse(&arm[1])?));
        }
        Ok(Expression::Case {
            arms: parsed,
            otherwise: self.boxed(otherwise)?,
        })
    }

    fn stops(&mut self, stops: &[Json]) -> Result<Vec<(f64, Expression)>, Unsupported> {
        let mut parsed: Vec<(f64, Expression)> = Vec::with_capacity(stops.len() / 2);
        for stop in stops.chunks_exact(2) {
            let at = stop[0]
                .as_f64()
                .ok_or_else(|| format!("the stop {}", shortened(&stop[0])))?;
            if parsed.last().is_some_and(|(last, _)| *last >= at) {
                return Err("stops that do not grow".to_owned());
            }
            parsed.push((at, self.parse(&stop[1])?));
        }
        Ok(parsed)
    }

    fn step(&mut self, input: &Json, first: &Json, stops: &[Json]) -> Parsed {
        Ok(Expression::Step {
            input: self.boxed(input)?,
            first: self.boxed(first)?,
            stops: self.stops(stops)?,
        })
    }

    fn interpolate(&mut self, space: Space, curve: &Json, input: &Json, stops: &[Json]) -> Parsed {
        let parts = curve.as_array().map(Vec::as_slice);
        let name = parts.and_then(|p| p.first()?.as_str());
        let numbers: Vec<f64> = parts
            .unwrap_or_default()
            .iter()
            .skip(1)
            .filter_map(Json::as_f64)
            .collect();
        let curve = match (name, &numbers[..]) {
            (Some("linear"), []) => Curve::Exponential(1.0),
            (Some("exponential"), [base]) if *base > 0.0 => Curve::Exponential(*base),
            (Some("cubic-bezier"), [x1, y1, x2, y2]) => Curve::CubicBezier([*x1, *y1, *x2, *y2]),
            _ => return Err(format!("the interpolation {}", shortened(curve))),
        };
        Ok(Expression::Interpolate {
            space,
            curve,
            input: self.boxed(input)?,
            stops: self.stops(stops)?,
        })
    }

    /// Operators that make other values of values.
    fn conversion(&mut self, operator: &str, operands: &[Json]) -> Option<Parsed> {
        Some(match (operator, operands) {
            ("concat", items) => self.all(items).map(Expression::Concat),
            ("format", items) => self.format(items),
            ("to-string", [item]) => self.boxed(item).map(Expression::ToText),
            ("image", [item]) => self.boxed(item).map(Expression::Image),
            ("to-number", items) if !items.is_empty() => self.all(items).map(Expression::ToNumber),
            ("to-boolean", [item]) => self.boxed(item).map(Expression::ToBool),
            ("to-color", items) if !items.is_empty() => self.all(items).map(Expression::ToColour),
            ("typeof", [item]) => self.boxed(item).map(Expression::TypeOf),
            ("string", items) if !items.is_empty() => {
                self.all(items).map(|i| Expression::Assert("string", i))
            }
            ("number", items) if !items.is_empty() => {
                self.all(items).map(|i| Expression::Assert("number", i))
            }
            ("boolean", items) if !items.is_empty() => {
                self.all(items).map(|i| Expression::Assert("boolean", i))
            }
            ("array", [kinds @ .., array]) => self.array(kinds, array),
            ("object", items) if !items.is_empty() => {
                self.all(items).map(|i| Expression::Assert("object", i))
            }
            ("to-rgba", [item]) => self.boxed(item).map(Expression::ToRgba),
            ("split", [text, separator]) => self
                .pair(text, separator)
                .map(|(t, s)| Expression::Split(t, s)),
            ("join", [list, separator]) => self
                .pair(list, separator)
                .map(|(l, s)| Expression::Join(l, s)),
            ("is-supported-script", [text]) => self.boxed(text).map(Expression::IsSupportedScript),
            ("number-format", [number, Json::Object(options)]) => {
                self.number_format(number, options)
            }
            ("upcase", [item]) => self.boxed(item).map(Expression::Upcase),
            ("downcase", [item]) => self.boxed(item).map(Expression::Downcase),
            ("rgb", [_, _, _]) | ("rgba", [_, _, _, _]) => self.all(operands).map(Expression::Rgba),
            _ => return None,
        })
    }

    /// Sections of a formatted text, which are joined; what the objects between them ask for is not drawn.
    fn format(&mut self, items: &[Json]) -> Parsed {
        let mut sections = Vec::with_capacity(items.len());
        for item in items {
            let Json::Object(options) = item else {
                let section = self.parse(item)?;
                if section.may_be_image() {
                    self.notes.push(image_in_text());
                }
                sections.push(section);
                continue;
            };
            for (option, value) in options {
                let is_as_drawn = match option.as_str() {
                    "font-scale" => value.as_f64() == Some(1.0),
                    "vertical-align" => value == "bottom",
                    _ => false,
                };
                if !is_as_drawn && !value.is_null() {
                    self.notes.push(Note {
                        what: format!("\"{option}\" of a part of a text"),
                        consequence: "the whole text is drawn alike",
                    });
                }
            }
        }
        Ok(Expression::Format(sections))
    }

    fn number_format(&mut self, number: &Json, options: &Map<String, Json>) -> Parsed {
        let written = |key: &str| options.get(key).filter(|value| !value.is_null());
        for key in ["currency", "unit"] {
            if written(key).is_some() {
                return Err(format!("\"{key}\" of \"number-format\""));
            }
        }
        match written("locale") {
            None => {}
            Some(Json::String(name)) if number_format::is_known_locale(name) => {}
            Some(other) => return Err(format!("the number format of {}", shortened(other))),
        }
        let mut bound = |key: &str| match written(key) {
            // As the specification's own reader has it, a bound of 0 counts as none.
            Some(json) if json.as_f64() != Some(0.0) => self.boxed(json).map(Some),
            _ => Ok(None),
        };
        let (least, most) = (bound("min-fraction-digits")?, bound("max-fraction-digits")?);
        Ok(Expression::NumberFormat {
            number: self.boxed(number)?,
            least,
            most,
        })
    }

    /// `array` with the type of its items and their number, as far as they are given.
    fn array(&mut self, kinds: &[Json], array: &Json) -> Parsed {
        let refused = || format!("the array type {}", shortened(&Json::from(kinds)));
        let items = match kinds.first().map(Json::as_str) {
            None => None,
            Some(Some("string")) => Some("string"),
            Some(Some("number")) => Some("number"),
            Some(Some("boolean")) => Some("boolean"),
            _ => return Err(refused()),
        };
        let length = match kinds.get(1) {
            None => None,
            Some(length) => Some(length.as_u64().ok_or_else(refused)? as usize),
        };
        if kinds.len() > 2 {
            return Err(refused());
        }
        Ok(Expression::AssertArray {
            items,
            length,
            array: self.boxed(array)?,
        })
    }
}

/// What is said where an image stands in a text.
pub(super) fn image_in_text() -> Note {
    Note {
        what: "an image in a text".to_owned(),
        consequence: "the text is drawn without it",
    }
}

/// The function of numbers that has this name and takes so many operands.
fn number_function(name: &str, operands: usize) -> Option<NumberFunction> {
    Some(match (name, operands) {
        ("+", _) => |n| n.iter().sum(),
        ("*", _) => |n| n.iter().product(),
        ("-", 1) => |n| -n[0],
        ("-", 2) => |n| n[0] - n[1],
        ("/", 2) => |n| n[0] / n[1],
        ("%", 2) => |n| n[0] % n[1],
        ("^", 2) => |n| n[0].powf(n[1]),
        ("min", 1..) => |n| n.iter().copied().fold(f64::INFINITY, f64::min),
        ("max", 1..) => |n| n.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        ("abs", 1) => |n| n[0].abs(),
        ("ceil", 1) => |n| n[0].ceil(),
        ("floor", 1) => |n| n[0].floor(),
        ("round", 1) => |n| n[0].round(),
        ("sqrt", 1) => |n| n[0].sqrt(),
        ("ln", 1) => |n| n[0].ln(),
        ("log10", 1) => |n| n[0].log10(),
        ("log2", 1) => |n| n[0].log2(),
        ("sin", 1) => |n| n[0].sin(),
        ("cos", 1) => |n| n[0].cos(),
        ("tan", 1) => |n| n[0].tan(),
        ("asin", 1) => |n| n[0].asin(),
        ("acos", 1) => |n| n[0].acos(),
        ("atan", 1) => |n| n[0].atan(),
        ("e", 0) => |_| std::f64::consts::E,
        ("pi", 0) => |_| std::f64::consts::PI,
        ("ln2", 0) => |_| std::f64::consts::LN_2,
        _ => return None,
    })
}

/// JSON cut to a length that a warning can bear.
pub(super) fn shortened(json: &Json) -> String {
    let text = json.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text,
    }
}
