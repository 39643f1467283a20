//! Loading of the base map's style and of the icons that lie beside it.

use leptos::logging;
use leptos::prelude::window;
use map_protocol::SpriteSheet;
use serde_json::Value as Json;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// A style with its icons.
#[derive(Debug, Clone, Default)]
pub struct LoadedStyle {
    /// The style document; `None` where there is none.
    pub json: Option<String>,
    /// The sheets that the style names.
    pub sprites: Vec<SpriteSheet>,
}

/// Where the shipped styles lie.
const FOLDER: &str = "map_styles";

/// Loads a shipped style by its name, and the sheets for screens of this density.
pub async fn load(name: &str, pixel_ratio: f64) -> LoadedStyle {
    let path = format!("{FOLDER}/{name}.json");
    let json = match fetch_text(&path).await {
        Ok(json) => json,
        Err(error) => {
            logging::error!("the map style {path} cannot be loaded: {error:?}");
            return LoadedStyle::default();
        }
    };
    let mut sprites = Vec::new();
    for (prefix, reference) in sheets_of(&json) {
        let Some(path) = path_beside(&reference) else {
            logging::warn!(
                "the style's sprite {reference} is not loaded: nothing comes from a network; put it beside the style and name it by its path there"
            );
            continue;
        };
        match load_sheet(prefix, &path, pixel_ratio).await {
            Ok(sheet) => sprites.push(sheet),
            Err(error) => {
                logging::warn!("the style's sprite {path} cannot be loaded: {error:?}");
            }
        }
    }
    LoadedStyle {
        json: Some(json),
        sprites,
    }
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

/// The path of a sheet that lies beside the style; `None` for one from elsewhere.
fn path_beside(reference: &str) -> Option<String> {
    let elsewhere = reference.is_empty()
        || reference.starts_with('/')
        || reference.contains([':', '\\', '?', '#'])
        || reference.split('/').any(|part| part == "..");
    (!elsewhere).then(|| format!("{FOLDER}/{reference}"))
}

/// Loads the sheet for dense screens where the screen is one, and the plain one where there is no such sheet.
async fn load_sheet(prefix: String, path: &str, pixel_ratio: f64) -> Result<SpriteSheet, JsValue> {
    let suffixes: &[&str] = if pixel_ratio > 1.0 {
        &["@2x", ""]
    } else {
        &["", "@2x"]
    };
    let mut last = Err(JsValue::NULL);
    for suffix in suffixes {
        last = fetch_sheet(&prefix, &format!("{path}{suffix}")).await;
        if last.is_ok() {
            break;
        }
    }
    last
}

async fn fetch_sheet(prefix: &str, path: &str) -> Result<SpriteSheet, JsValue> {
    Ok(SpriteSheet {
        prefix: prefix.to_owned(),
        index_json: fetch_text(&format!("{path}.json")).await?,
        png: fetch_bytes(&format!("{path}.png")).await?,
    })
}

async fn fetch_text(path: &str) -> Result<String, JsValue> {
    let text = JsFuture::from(fetch(path).await?.text()?).await?;
    Ok(text.as_string().unwrap_or_default())
}

async fn fetch_bytes(path: &str) -> Result<Vec<u8>, JsValue> {
    let buffer = JsFuture::from(fetch(path).await?.array_buffer()?).await?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}

async fn fetch(path: &str) -> Result<Response, JsValue> {
    let response: Response = JsFuture::from(window().fetch_with_str(path))
        .await?
        .dyn_into()?;
    if response.ok() {
        Ok(response)
    } else {
        Err(JsValue::from_str(&format!("status {}", response.status())))
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(
            path_beside("sprites/hall").as_deref(),
            Some("map_styles/sprites/hall")
        );
        for elsewhere in [
            "https://example.org/sprite",
            "//example.org/sprite",
            "/sprite",
            "../theme/x",
            "a/../../x",
            "",
            "x?y",
        ] {
            assert_eq!(path_beside(elsewhere), None, "{elsewhere}");
        }
    }
}
