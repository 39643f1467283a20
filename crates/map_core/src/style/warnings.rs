//! What is said of a style that is not drawn as it says, each thing once, and what need not be said.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

/// Something of a value that is left out while the rest of it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    /// A phrase that says what it is.
    pub(super) what: String,
    /// What is drawn instead.
    pub(super) consequence: &'static str,
}

/// Collects what is not supported, each thing once.
#[derive(Default)]
pub(super) struct Warnings {
    said: BTreeSet<String>,
    pub(super) sentences: Vec<String>,
}

impl Warnings {
    /// Says a thing at its first layer; `what` is a phrase.
    pub(super) fn say(&mut self, layer: &str, what: &str, consequence: &str) {
        if self.said.insert(what.to_owned()) {
            self.sentences.push(format!(
                "{what} is not supported (first in layer \"{layer}\"): {consequence}"
            ));
        }
    }

    /// Says a thing that no layer asks for, but the style as a whole.
    pub(super) fn say_of_style(&mut self, what: &str, consequence: &str) {
        if self.said.insert(what.to_owned()) {
            self.sentences
                .push(format!("{what} is not supported: {consequence}"));
        }
    }
}

/// What is passed over without a word, since nothing is lost by it on a map that is neither turned nor tilted.
const PASSED_OVER: [&str; 9] = [
    "circle-pitch-alignment",
    "circle-pitch-scale",
    "circle-translate-anchor",
    "fill-translate-anchor",
    "icon-pitch-alignment",
    "icon-translate-anchor",
    "line-translate-anchor",
    "text-pitch-alignment",
    "text-translate-anchor",
];

/// Properties that are not read, since there is one way in which everything is drawn, and the values that ask for it.
/// Round joins are drawn round at any angle, which nobody can tell from the specification's 1.05.
const DRAWN_AS: [(&str, &[&str]); 5] = [
    ("fill-antialias", &["true"]),
    ("line-round-limit", &["1.05", "1", "1.0"]),
    ("symbol-avoid-edges", &["false"]),
    ("symbol-z-order", &["\"auto\""]),
    ("text-keep-upright", &["true"]),
];

/// What there is to say of a property that nobody has read.
pub(super) fn unread(name: &str, value: &Json) -> Option<Note> {
    // A style does not change while it is shown, so that there is no transition to be seen.
    if value.is_null() || PASSED_OVER.contains(&name) || name.ends_with("-transition") {
        return None;
    }
    let written = value.to_string();
    match DRAWN_AS.iter().find(|(known, _)| *known == name) {
        Some((_, drawn)) if drawn.contains(&written.as_str()) => None,
        Some((_, drawn)) => Some(Note {
            what: format!("\"{name}\" other than {}", drawn[0]),
            consequence: "it is drawn as if nothing were said",
        }),
        None => Some(Note {
            what: format!("the property \"{name}\""),
            consequence: "it is left out",
        }),
    }
}

/// The largest values that are drawn.
const LARGEST: [(&str, f64); 9] = [
    ("circle-radius", 255.0),
    ("icon-halo-blur", 8.0),
    ("icon-halo-width", 8.0),
    ("icon-size", 64.0),
    ("line-gap-width", 255.0),
    ("line-offset", 255.0),
    ("line-width", 255.0),
    ("text-halo-blur", 8.0),
    ("text-halo-width", 8.0),
];

/// What there is to say of a number that is written in the style; its sign is of no account.
pub(super) fn too_large(name: &str, number: f64) -> Option<Note> {
    let (_, largest) = LARGEST.iter().find(|(known, _)| *known == name)?;
    (number.abs() > *largest).then(|| Note {
        what: format!("more than {largest}"),
        consequence: "no more than that is drawn",
    })
}

/// Members of a style that are read, or that would not be seen: notes about the style, where its author begins to
/// look, and what shows on hills, in the sky and in three dimensions only.
const STYLE_MEMBERS: [&str; 21] = [
    "center",
    "centerAltitude",
    "created",
    "draft",
    "id",
    "layers",
    "light",
    "metadata",
    "modified",
    "name",
    "owner",
    "protected",
    "sky",
    "sources",
    "sprite",
    "state",
    "terrain",
    "transition",
    "version",
    "visibility",
    "zoom",
];

/// Names the members of a style that would be seen and are not drawn.
pub(super) fn name_members(style: &Map<String, Json>, warnings: &mut Warnings) {
    for (name, value) in style {
        let consequence = match name.as_str() {
            "version" if value.as_f64() != Some(8.0) => "it is read as version 8",
            // The camera looks straight down with north up.
            "bearing" | "pitch" | "roll" if value.as_f64() == Some(0.0) => continue,
            "bearing" | "pitch" | "roll" => "the map is neither turned nor tilted",
            "projection" if value["type"] == "mercator" => continue,
            "projection" => "the map is drawn in the Mercator projection",
            "glyphs" | "font-faces" => "letters come from the system's fonts",
            known if STYLE_MEMBERS.contains(&known) => continue,
            _ => "it is left out",
        };
        if !value.is_null() {
            warnings.say_of_style(&format!("the style's \"{name}\""), consequence);
        }
    }
}

/// Members of a layer that are read, or that say nothing about how it is drawn.
const LAYER_MEMBERS: [&str; 11] = [
    "filter",
    "id",
    "interactive",
    "layout",
    "maxzoom",
    "metadata",
    "minzoom",
    "paint",
    "source",
    "source-layer",
    "type",
];

/// Names the members of a layer that are not read, or not as they are written.
pub(super) fn name_members_of_layer(layer: &Json, id: &str, warnings: &mut Warnings) {
    for (name, value) in layer.as_object().into_iter().flatten() {
        let is_read = match name.as_str() {
            "minzoom" | "maxzoom" => value.is_number(),
            "layout" | "paint" => value.is_object(),
            known => LAYER_MEMBERS.contains(&known),
        };
        if !is_read && !value.is_null() {
            let what = match name.as_str() {
                "minzoom" | "maxzoom" => format!("a \"{name}\" that is no number"),
                "layout" | "paint" => format!("a \"{name}\" that is no object"),
                _ => format!("the layer's \"{name}\""),
            };
            warnings.say(id, &what, "it is left out");
        }
    }
    let visibility = &layer["layout"]["visibility"];
    let is_read = visibility.is_null() || visibility == "visible" || visibility == "none";
    if !is_read {
        let what = "\"visibility\" other than \"visible\" and \"none\"";
        warnings.say(id, what, "the layer is shown");
    }
}
