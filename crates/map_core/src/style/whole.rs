//! What layers can only have together: one source, and one ground beneath them all.

use serde_json::Value as Json;

use super::layers::{Content, Layer};
use super::warnings::Warnings;

/// What the layers read so far draw from and lie on.
pub(super) struct Together<'a> {
    sources: &'a Json,
    /// The first layer of pictures, and the first layer of features.
    pictures: Option<First<'a>>,
    features: Option<First<'a>>,
    /// The zooms of the backgrounds.
    grounds: Vec<[f32; 2]>,
}

/// A layer that is the first of its kind.
#[derive(Clone, Copy)]
struct First<'a> {
    id: &'a str,
    /// Empty where it names none.
    source: &'a str,
}

impl<'a> Together<'a> {
    pub(super) fn new(style: &'a Json) -> Self {
        Self {
            sources: &style["sources"],
            pictures: None,
            features: None,
            grounds: Vec::new(),
        }
    }

    /// The source of the pictures, where there are pictures and no features.
    pub(super) fn only_pictures(&self) -> Option<&'a str> {
        let first = self.pictures.filter(|_| self.features.is_none());
        first.map(|first| first.source)
    }

    /// Takes the next layer, which was read from `json`, and names what it cannot have beside those before.
    pub(super) fn take(&mut self, layer: &Layer, json: &'a Json, warnings: &mut Warnings) {
        let is_picture = match layer.content() {
            Content::Background(_) => return self.take_ground(layer, warnings),
            Content::Raster(_) => true,
            _ => false,
        };
        let source = json["source"].as_str().unwrap_or_default();
        let first = if is_picture {
            &mut self.pictures
        } else {
            &mut self.features
        };
        let id = json["id"].as_str().unwrap_or_default();
        let first = first.get_or_insert(First { id, source }).source;
        if first != source {
            warnings.say(
                &layer.id,
                &format!("a second source, \"{source}\" beside \"{first}\","),
                "its layers are drawn from the source that is opened",
            );
        }
        if let (Some(pictures), Some(_)) = (self.pictures, self.features) {
            warnings.say(
                pictures.id,
                "a layer of pictures beside layers of features",
                "only those that fit the source that is opened are drawn",
            );
        }
        self.name_source(layer, source, warnings);
    }

    /// Names what a source asks for beyond tiles.
    fn name_source(&self, layer: &Layer, source: &str, warnings: &mut Warnings) {
        let described = &self.sources[source];
        if let Some(other) = described["type"].as_str()
            && !matches!(other, "vector" | "raster")
        {
            warnings.say(
                &layer.id,
                &format!("the source type \"{other}\""),
                "its layers are drawn from the source that is opened",
            );
        }
        if !described["promoteId"].is_null() {
            warnings.say(
                &layer.id,
                &format!("\"promoteId\" of the source \"{source}\""),
                "features keep the numbers that the tiles give them",
            );
        }
    }

    fn take_ground(&mut self, layer: &Layer, warnings: &mut Warnings) {
        let [from, to] = [layer.min_zoom, layer.max_zoom];
        if self.grounds.iter().any(|[a, b]| from < *b && *a < to) {
            warnings.say(
                &layer.id,
                "a second background at the same zooms",
                "only the first is drawn",
            );
        } else if self.pictures.is_some() || self.features.is_some() {
            warnings.say(
                &layer.id,
                "a background above other layers",
                "it is drawn beneath all of them",
            );
        }
        self.grounds.push([from, to]);
    }
}
