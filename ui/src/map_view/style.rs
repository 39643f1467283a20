//! Loading of the base map's style and of the icons that lie beside it: the street's own, where the
//! hall's data directory has them, or the shipped ones; and saying what is wrong with them.

use std::cell::RefCell;
use std::collections::BTreeSet;

use leptos::logging;
use leptos::prelude::window;
use map_protocol::SpriteSheet;
use protocol::commands::NoteMapStyle;
use protocol::map_styles::OWN_URL;
use rust_i18n::t;
use serde_json::Value as Json;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Response;

use crate::bindings::call;
use crate::components::Toasts;

/// A style with its icons.
#[derive(Debug, Clone, Default)]
pub struct LoadedStyle {
    /// Its name, without an ending.
    pub name: String,
    /// The style document; `None` where there is none.
    pub json: Option<String>,
    /// The sheets that the style names.
    pub sprites: Vec<SpriteSheet>,
}

/// Where the shipped styles lie.
const FOLDER: &str = "map_styles";

/// What is said of tiles whose layers no shipped style knows.
const UNKNOWN_TILES: &str = "the base map's tiles have the layers of neither OpenMapTiles nor Protomaps, so little of them may be drawn; use tiles of one of these schemas, or put a style for these layers under this name into the folder map_styles of the hall's data directory";

/// A place that files are loaded from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The hall's data directory, through the shell.
    Own,
    /// The pages.
    Shipped,
}

impl Origin {
    /// The address of a file that lies beside the styles.
    fn address(self, file: &str) -> String {
        match self {
            Self::Own => format!("{OWN_URL}/{file}"),
            Self::Shipped => format!("{FOLDER}/{file}"),
        }
    }
}

/// Loads the style for tiles of this schema and this look, and the sheets for screens of this density.
pub async fn load(schema: &str, look: &str, pixel_ratio: f64, toasts: Toasts) -> LoadedStyle {
    let (kind, is_known) = kind_of(schema);
    let name = format!("{kind}_{look}");
    let file = format!("{name}.json");
    let Some((json, origin)) = load_document(&file, toasts).await else {
        return LoadedStyle::default();
    };
    // A street that has put a style of its own for such tiles has done what is asked for here.
    if !is_known && origin == Origin::Shipped {
        note(&name, UNKNOWN_TILES);
        remind(toasts, t!("map_style.unknown_tiles").into_owned());
    }
    let mut sprites = Vec::new();
    for (prefix, reference) in sheets_of(&json) {
        let Some(sheet) = name_beside(&reference) else {
            note(
                &name,
                &format!(
                    "the sprite {reference} is not loaded: nothing comes from a network; put it beside the style as sprites/hall and name it so"
                ),
            );
            remind_left_out(toasts, &name);
            continue;
        };
        match load_sheet(prefix, sheet, origin, pixel_ratio).await {
            Ok(sheet) => sprites.push(sheet),
            Err(error) => {
                let text = format!(
                    "the sprite {sheet} cannot be loaded ({error:?}), and its icons are left out; the sheet of a street's own style is called sprites/hall"
                );
                note(&name, &text);
                remind_left_out(toasts, &name);
            }
        }
    }
    LoadedStyle {
        name,
        json: Some(json),
        sprites,
    }
}

/// What the name of the style for a schema begins with, and whether the schema is known.
fn kind_of(schema: &str) -> (&'static str, bool) {
    match schema {
        "protomaps" => ("protomaps", true),
        "raster" => ("raster", true),
        other => ("openmaptiles", other == "openmaptiles"),
    }
}

/// The street's own style, or the shipped one where there is none that can be used.
async fn load_document(file: &str, toasts: Toasts) -> Option<(String, Origin)> {
    match own(file).await {
        Own::Given(response) => {
            if let Ok(text) = text_of(&response).await {
                return Some((text, Origin::Own));
            }
        }
        Own::Refused => remind(toasts, t!("map_style.refused", file = file).into_owned()),
        Own::Missing => {}
    }
    let path = Origin::Shipped.address(file);
    match fetch_text(&path).await {
        Ok(json) => Some((json, Origin::Shipped)),
        Err(error) => {
            logging::error!("the map style {path} cannot be loaded: {error:?}");
            None
        }
    }
}

/// What the shell has of a street's own.
enum Own {
    Given(Response),
    /// There is a file, but it cannot be used; the shell has said why.
    Refused,
    Missing,
}

async fn own(file: &str) -> Own {
    // Outside the hall's own windows nobody answers there, and all styles are the shipped ones.
    let Ok(response) = ask(&Origin::Own.address(file)).await else {
        return Own::Missing;
    };
    match response.status() {
        200 => Own::Given(response),
        422 => Own::Refused,
        _ => Own::Missing,
    }
}

/// Has the shell's log say something about a style, and says it once in this window.
pub fn note(style: &str, text: &str) {
    if !is_news(&format!("{style}: {text}")) {
        return;
    }
    let noted = NoteMapStyle {
        style: style.to_owned(),
        text: text.to_owned(),
    };
    spawn_local(async move {
        if let Err(error) = call(noted).await {
            logging::warn!("the shell does not take a remark about a map style: {error}");
        }
    });
}

/// Shows once in this window that a style is not drawn whole; what is missing stands in the log.
pub fn remind_left_out(toasts: Toasts, style: &str) {
    let file = format!("{style}.json");
    remind(toasts, t!("map_style.left_out", file = file).into_owned());
}

fn remind(toasts: Toasts, words: String) {
    if is_news(&words) {
        toasts.remind(words);
    }
}

/// Whether this was not said in this window yet: styles are set anew with every look and every
/// rebuilt map, and say the same each time.
fn is_news(words: &str) -> bool {
    thread_local! {
        static SAID: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
    }
    SAID.with_borrow_mut(|said| said.insert(words.to_owned()))
}

/// The sheets that a style names, each with the prefix of its icons' names.
fn sheets_of(style_json: &str) -> Vec<(String, String)> {
    let style: Json = serde_json::from_str(style_json).unwrap_or_default();
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    match &style["sprite"] {
        Json::String(reference) => vec![(String::new(), reference.clone())],
        Json::Array(sheets) => sheets
            .iter()
            .map(|sheet| {
                let id = text(&sheet["id"]);
                let prefix = if id == "default" { String::new() } else { id };
                (prefix, text(&sheet["url"]))
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The name of a sheet that lies beside the style; `None` for one from elsewhere.
fn name_beside(reference: &str) -> Option<&str> {
    let elsewhere = reference.is_empty()
        || reference.starts_with('/')
        || reference.contains([':', '\\', '?', '#'])
        || reference.split('/').any(|part| part == "..");
    (!elsewhere).then_some(reference)
}

/// Loads the sheet for dense screens where the screen is one, and the plain one where there is no such
/// sheet. The sheets of a shipped style are the shipped ones; an own style may do with those, too.
async fn load_sheet(
    prefix: String,
    name: &str,
    style: Origin,
    pixel_ratio: f64,
) -> Result<SpriteSheet, JsValue> {
    let mut last = Err(JsValue::NULL);
    for (origin, suffix) in sheet_places(style, pixel_ratio) {
        last = fetch_sheet(&prefix, origin, &format!("{name}{suffix}")).await;
        if last.is_ok() {
            break;
        }
    }
    last
}

/// Where the sheet of a style is looked for, in this order.
fn sheet_places(style: Origin, pixel_ratio: f64) -> Vec<(Origin, &'static str)> {
    let suffixes = if pixel_ratio > 1.0 {
        ["@2x", ""]
    } else {
        ["", "@2x"]
    };
    let origins: &[Origin] = match style {
        Origin::Own => &[Origin::Own, Origin::Shipped],
        Origin::Shipped => &[Origin::Shipped],
    };
    let places = origins.iter();
    places
        .flat_map(|origin| suffixes.map(|suffix| (*origin, suffix)))
        .collect()
}

async fn fetch_sheet(prefix: &str, origin: Origin, name: &str) -> Result<SpriteSheet, JsValue> {
    Ok(SpriteSheet {
        prefix: prefix.to_owned(),
        index_json: fetch_text(&origin.address(&format!("{name}.json"))).await?,
        png: fetch_bytes(&origin.address(&format!("{name}.png"))).await?,
    })
}

async fn fetch_text(path: &str) -> Result<String, JsValue> {
    text_of(&fetch(path).await?).await
}

async fn text_of(response: &Response) -> Result<String, JsValue> {
    let text = JsFuture::from(response.text()?).await?;
    Ok(text.as_string().unwrap_or_default())
}

async fn fetch_bytes(path: &str) -> Result<Vec<u8>, JsValue> {
    let buffer = JsFuture::from(fetch(path).await?.array_buffer()?).await?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// Only an answer with a content is one: the shell says 204 of what it has nothing of.
async fn fetch(path: &str) -> Result<Response, JsValue> {
    let response = ask(path).await?;
    if response.status() == 200 {
        Ok(response)
    } else {
        Err(JsValue::from_str(&format!("status {}", response.status())))
    }
}

async fn ask(path: &str) -> Result<Response, JsValue> {
    JsFuture::from(window().fetch_with_str(path))
        .await?
        .dyn_into()
}

#[cfg(test)]
mod tests {
    use protocol::map_styles::STYLES;

    use super::*;

    #[test]
    fn a_style_names_one_sheet_or_several() {
        let own = |prefix: &str, path: &str| (prefix.to_owned(), path.to_owned());
        assert_eq!(sheets_of("{}"), []);
        assert_eq!(sheets_of("no style"), []);
        assert_eq!(sheets_of(r#"{"sprite": "a/b"}"#), [own("", "a/b")]);
        let several = r#"{"sprite": [{"id": "default", "url": "a"}, {"id": "own", "url": "b"}]}"#;
        assert_eq!(sheets_of(several), [own("", "a"), own("own", "b")]);
    }

    #[test]
    fn a_sheet_lies_beside_the_style_or_is_not_loaded() {
        assert_eq!(name_beside("sprites/hall"), Some("sprites/hall"));
        for elsewhere in [
            "https://example.org/sprite",
            "//example.org/sprite",
            "/sprite",
            "../theme/x",
            "a/../../x",
            "",
            "x?y",
        ] {
            assert_eq!(name_beside(elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn every_schema_and_look_has_a_style_that_a_street_may_replace() {
        use crate::appearance::Appearance::{Dark, Light};
        for (schema, known) in [
            ("openmaptiles", true),
            ("protomaps", true),
            ("raster", true),
            ("unknown", false),
            ("../x", false),
        ] {
            let (kind, is_known) = kind_of(schema);
            assert_eq!(is_known, known, "{schema}");
            for look in [Dark, Light] {
                let name = format!("{kind}_{}", look.name());
                assert!(STYLES.contains(&name.as_str()), "{name}");
            }
        }
    }

    #[test]
    fn only_a_streets_own_style_has_the_streets_own_sheets() {
        use Origin::{Own, Shipped};
        assert_eq!(
            sheet_places(Shipped, 1.0),
            [(Shipped, ""), (Shipped, "@2x")]
        );
        let own = [(Own, "@2x"), (Own, ""), (Shipped, "@2x"), (Shipped, "")];
        assert_eq!(sheet_places(Own, 2.0), own);
        assert_eq!(Own.address("a.json"), "tiles://localhost/map_styles/a.json");
        assert_eq!(Shipped.address("a.json"), "map_styles/a.json");
    }

    #[test]
    fn the_same_is_said_once() {
        assert!(is_news("raster_dark: a"));
        assert!(is_news("raster_light: a"));
        assert!(!is_news("raster_dark: a"));
    }
}
