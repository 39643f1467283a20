//! The layers of a style: which properties each type reads, and what they are when nothing is said.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::expression::Expression;
use super::feature_view::{Context, FeatureView};
use super::filter::filter;
use super::parse::shortened;
use super::property::{Kind, Property};
use super::raster::Raster;
use super::symbol::{self, Symbol};
use super::value::Value;
use super::warnings::{self, Warnings};
use super::{LineCap, LineJoin};

/// One layer of a style.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The layer's name.
    pub id: String,
    /// The layer of the tiles that it draws; empty for a background and for pictures.
    pub source_layer: String,
    /// Drawn from this zoom on.
    pub min_zoom: f32,
    /// Drawn below this zoom.
    pub max_zoom: f32,
    pub(super) filter: Option<Expression>,
    pub(super) content: Content,
}

impl Layer {
    /// Whether the layer is drawn at a zoom.
    pub fn is_visible_at(&self, zoom: f64) -> bool {
        zoom >= f64::from(self.min_zoom) && zoom < f64::from(self.max_zoom)
    }

    /// Whether the layer may be drawn between this whole zoom and the next.
    pub fn is_visible_within(&self, display_zoom: u8) -> bool {
        f64::from(self.min_zoom) < f64::from(display_zoom) + 1.0
            && f64::from(self.max_zoom) > f64::from(display_zoom)
    }

    /// Whether the filter lets a feature through.
    pub(crate) fn accepts(&self, feature: FeatureView<'_>, display_zoom: u8) -> bool {
        let context = Context {
            zoom: f64::from(display_zoom),
            feature: Some(feature),
        };
        self.filter.as_ref().is_none_or(|f| {
            f.evaluate(&context)
                .and_then(|v| v.as_bool())
                .unwrap_or(false)
        })
    }

    /// Whether it is a symbol layer that asks for icons.
    pub(super) fn has_icons(&self) -> bool {
        matches!(&self.content, Content::Symbol(symbol) if symbol.has_icons())
    }

    pub(crate) fn content(&self) -> &Content {
        &self.content
    }
}

/// What a layer draws.
#[derive(Clone, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there are a hundred at most, in one list"
)]
pub(crate) enum Content {
    Background(Background),
    Fill(Fill),
    Line(Line),
    Circle(Circle),
    Raster(Raster),
    Symbol(Box<Symbol>),
}

#[derive(Clone, Debug)]
pub(crate) struct Background {
    pub(super) colour: Property,
    pub(super) opacity: Property,
}

#[derive(Clone, Debug)]
pub(crate) struct Fill {
    pub(super) colour: Property,
    pub(super) opacity: Property,
    pub(super) outline: Option<Property>,
    pub(super) translate: Property,
    pub(super) sort_key: Option<Property>,
}

#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(super) colour: Property,
    pub(super) opacity: Property,
    pub(super) width: Property,
    pub(super) gap_width: Property,
    pub(super) offset: Option<Property>,
    pub(super) blur: Property,
    pub(super) dashes: Option<Property>,
    pub(super) translate: Property,
    pub(super) cap: Property,
    pub(super) join: Property,
    pub(super) miter_limit: Property,
    pub(super) sort_key: Option<Property>,
}

#[derive(Clone, Debug)]
pub(crate) struct Circle {
    pub(super) colour: Property,
    pub(super) opacity: Property,
    pub(super) radius: Property,
    pub(super) blur: Property,
    pub(super) stroke_colour: Property,
    pub(super) stroke_opacity: Property,
    pub(super) stroke_width: Property,
    pub(super) sort_key: Option<Property>,
}

/// Reads one layer, or says why it cannot be drawn.
pub(super) fn read(json: &Json, warnings: &mut Warnings) -> Option<Layer> {
    let id = json["id"].as_str().unwrap_or("without a name").to_owned();
    let layer_type = json["type"].as_str().unwrap_or_default();
    let empty = Map::new();
    let mut reader = LayerReader {
        id: &id,
        layout: json["layout"].as_object().unwrap_or(&empty),
        paint: json["paint"].as_object().unwrap_or(&empty),
        read: BTreeSet::from(["visibility"]),
        warnings,
    };
    if reader.layout.get("visibility").and_then(Json::as_str) == Some("none") {
        return None;
    }
    warnings::name_members_of_layer(json, &id, reader.warnings);
    let content = match layer_type {
        "background" => Content::Background(reader.background()),
        "fill" => Content::Fill(reader.fill()),
        "line" => Content::Line(reader.line()),
        "circle" => Content::Circle(reader.circle()),
        "raster" => Content::Raster(Raster::read(&mut reader)),
        "symbol" => Content::Symbol(Box::new(symbol::read(&mut reader)?)),
        other => {
            reader.warnings.say(
                &id,
                &format!("the layer type \"{other}\""),
                "its layers are left out",
            );
            return None;
        }
    };
    reader.name_the_rest();
    let filter = match json
        .get("filter")
        .filter(|f| !f.is_null())
        .map(filter)
        .transpose()
    {
        Ok(filter) => filter,
        Err(what) => {
            warnings.say(&id, &what, "the layer is left out");
            return None;
        }
    };
    let source_layer = json["source-layer"].as_str().unwrap_or_default().to_owned();
    if source_layer.is_empty() && !matches!(layer_type, "background" | "raster") {
        warnings.say(
            &id,
            "a layer without \"source-layer\"",
            "the layer is left out",
        );
        return None;
    }
    let zoom = |key: &str, default: f64| json[key].as_f64().unwrap_or(default) as f32;
    Some(Layer {
        source_layer,
        min_zoom: zoom("minzoom", 0.0),
        max_zoom: zoom("maxzoom", 99.0),
        filter,
        content,
        id,
    })
}

/// Reads the properties of one layer and keeps account of which it knew.
pub(super) struct LayerReader<'a> {
    id: &'a str,
    layout: &'a Map<String, Json>,
    paint: &'a Map<String, Json>,
    read: BTreeSet<&'static str>,
    warnings: &'a mut Warnings,
}

impl LayerReader<'_> {
    /// Names something that this layer asks for in vain.
    pub(super) fn say(&mut self, what: &str, consequence: &str) {
        self.warnings.say(self.id, what, consequence);
    }

    pub(super) fn optional(
        &mut self,
        name: &'static str,
        kind: Kind,
        default: &Value,
    ) -> Option<Property> {
        self.read.insert(name);
        let json = self.paint.get(name).or_else(|| self.layout.get(name))?;
        match Property::read(json, kind, default) {
            Ok(property) => {
                let numbers = property.literal_numbers();
                let too_large = numbers.filter_map(|number| warnings::too_large(name, number));
                for note in property.notes().iter().cloned().chain(too_large) {
                    let what = format!("{} in \"{name}\"", note.what);
                    self.warnings.say(self.id, &what, note.consequence);
                }
                Some(property)
            }
            Err(what) => {
                self.warnings.say(
                    self.id,
                    &format!("{what} in \"{name}\""),
                    "the property's default is used",
                );
                None
            }
        }
    }

    pub(super) fn property(&mut self, name: &'static str, kind: Kind, default: Value) -> Property {
        self.optional(name, kind, &default)
            .unwrap_or_else(|| Property::constant(default))
    }

    pub(super) fn number(&mut self, name: &'static str, default: f64) -> Property {
        self.property(name, Kind::Number, Value::Number(default))
    }

    pub(super) fn colour(&mut self, name: &'static str, default: &str) -> Property {
        let colour = Value::text(default)
            .to_rgba()
            .map_or(Value::Null, Value::Colour);
        self.property(name, Kind::Colour, colour)
    }

    /// A word, of which these are drawn.
    pub(super) fn word(&mut self, name: &'static str, default: &str, drawn: &[&str]) -> Property {
        self.optional_word(name, drawn)
            .unwrap_or_else(|| Property::constant(Value::text(default)))
    }

    pub(super) fn optional_word(&mut self, name: &'static str, drawn: &[&str]) -> Option<Property> {
        let property = self.optional(name, Kind::Other, &Value::Null)?;
        self.name_words(name, property.words_beside(drawn));
        Some(property)
    }

    /// A list in which these words are drawn, and numbers with them.
    pub(super) fn optional_words(
        &mut self,
        name: &'static str,
        drawn: &[&str],
    ) -> Option<Property> {
        let property = self.optional(name, Kind::Other, &Value::Null)?;
        self.name_words(name, property.listed_words_beside(drawn));
        Some(property)
    }

    fn name_words(&mut self, name: &str, words: Vec<String>) {
        for word in words {
            let what = format!("{} as \"{name}\"", shortened(&Json::from(word)));
            self.say(&what, "the property's default is used");
        }
    }

    pub(super) fn truth(&mut self, name: &'static str) -> Property {
        self.property(name, Kind::Bool, Value::Bool(false))
    }

    pub(super) fn pair(&mut self, name: &'static str) -> Property {
        self.property(
            name,
            Kind::Numbers,
            Value::List([Value::Number(0.0), Value::Number(0.0)].into()),
        )
    }

    pub(super) fn sort_key(&mut self, name: &'static str) -> Option<Property> {
        self.optional(name, Kind::Number, &Value::Number(0.0))
    }

    /// Names a property that differs between features and that a layer has only one of for all of them.
    pub(super) fn of_all(&mut self, name: &'static str, property: Property) -> Property {
        if property.depends_on_feature() {
            self.say(
                &format!("\"{name}\" that differs between features"),
                "all have what one without attributes would have",
            );
        }
        property
    }

    /// A number that is the same for all features.
    pub(super) fn number_of_all(&mut self, name: &'static str, default: f64) -> Property {
        let property = self.number(name, default);
        self.of_all(name, property)
    }

    fn colour_of_all(&mut self, name: &'static str, default: &str) -> Property {
        let property = self.colour(name, default);
        self.of_all(name, property)
    }

    fn pair_of_all(&mut self, name: &'static str) -> Property {
        let property = self.pair(name);
        self.of_all(name, property)
    }

    fn background(&mut self) -> Background {
        Background {
            colour: self.colour_of_all("background-color", "black"),
            opacity: self.number_of_all("background-opacity", 1.0),
        }
    }

    fn fill(&mut self) -> Fill {
        Fill {
            colour: self.colour("fill-color", "black"),
            opacity: self.number("fill-opacity", 1.0),
            outline: self.optional("fill-outline-color", Kind::Colour, &Value::Null),
            translate: self.pair_of_all("fill-translate"),
            sort_key: self.sort_key("fill-sort-key"),
        }
    }

    fn line(&mut self) -> Line {
        Line {
            colour: self.colour("line-color", "black"),
            opacity: self.number("line-opacity", 1.0),
            width: self.number("line-width", 1.0),
            gap_width: self
                .of_zoom("line-gap-width")
                .unwrap_or_else(|| Property::constant(Value::Number(0.0))),
            offset: self.of_zoom("line-offset"),
            blur: self.number_of_all("line-blur", 0.0),
            dashes: self.dashes(),
            translate: self.pair_of_all("line-translate"),
            cap: self.word("line-cap", "butt", &["butt", "round", "square"]),
            join: self.word("line-join", "miter", &["miter", "bevel", "round"]),
            miter_limit: self.number("line-miter-limit", 2.0),
            sort_key: self.sort_key("line-sort-key"),
        }
    }

    /// A number that may change with the zoom, but is the same for all features.
    fn of_zoom(&mut self, name: &'static str) -> Option<Property> {
        let property = self.optional(name, Kind::Number, &Value::Number(0.0))?;
        if property.depends_on_feature() {
            self.say(
                &format!("\"{name}\" that differs between features"),
                "the property's default is used",
            );
            return None;
        }
        Some(property)
    }

    fn dashes(&mut self) -> Option<Property> {
        let dashes = self.optional("line-dasharray", Kind::Other, &Value::Null)?;
        if dashes.depends_on_feature() {
            self.say(
                "\"line-dasharray\" that differs between features",
                "the lines are solid",
            );
            return None;
        }
        // An odd number of lengths counts twice.
        if dashes.lengths().any(|n| n > 4 || n == 3) {
            self.say(
                "a dash pattern of more than four lengths",
                "the first four are drawn",
            );
        }
        Some(dashes)
    }

    fn circle(&mut self) -> Circle {
        Circle {
            colour: self.colour("circle-color", "black"),
            opacity: self.number("circle-opacity", 1.0),
            radius: self.number("circle-radius", 5.0),
            blur: self.number_of_all("circle-blur", 0.0),
            stroke_colour: self.colour_of_all("circle-stroke-color", "black"),
            stroke_opacity: self.number_of_all("circle-stroke-opacity", 1.0),
            stroke_width: self.number_of_all("circle-stroke-width", 0.0),
            sort_key: self.sort_key("circle-sort-key"),
        }
    }

    /// Warns of every property that no one has read.
    fn name_the_rest(&mut self) {
        for (name, value) in self.layout.iter().chain(self.paint) {
            if self.read.contains(name.as_str()) {
                continue;
            }
            if let Some(note) = warnings::unread(name, value) {
                self.warnings.say(self.id, &note.what, note.consequence);
            }
        }
    }
}

/// How lines of this name end.
pub(super) fn line_cap(name: &str) -> LineCap {
    match name {
        "round" => LineCap::Round,
        "square" => LineCap::Square,
        _ => LineCap::Butt,
    }
}

/// How lines of this name turn.
pub(super) fn line_join(name: &str) -> LineJoin {
    match name {
        "round" => LineJoin::Round,
        "bevel" => LineJoin::Bevel,
        _ => LineJoin::Miter,
    }
}
