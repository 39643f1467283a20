//! The map's frame script, the only way to the map module.

use leptos::logging;
use map_protocol::{FromMap, ToMap};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;

#[wasm_bindgen(raw_module = "./street_map_frame.js")]
extern "C" {
    #[wasm_bindgen(js_name = createMap, catch)]
    async fn create_map(container: &HtmlElement, options: &JsValue) -> Result<JsValue, JsValue>;

    type MapFrame;

    #[wasm_bindgen(method, catch)]
    fn send(this: &MapFrame, bytes: &[u8]) -> Result<(), JsValue>;

    #[wasm_bindgen(method)]
    fn destroy(this: &MapFrame);

    #[wasm_bindgen(method, js_name = loseContext)]
    fn lose_context(this: &MapFrame);
}

/// A running map; taken down when dropped.
pub struct Map {
    frame: MapFrame,
    _on_message: Closure<dyn FnMut(Vec<u8>)>,
    _on_lost: Closure<dyn FnMut(String, String)>,
    _on_still: Closure<dyn FnMut(bool)>,
}

impl Map {
    /// Creates a map that fills the container, with a name for screen readers and the id of the
    /// element that describes its keys. All callbacks may be called from within
    /// [`Map::send`]; `on_lost` at most once, with a reason for the log. `on_still` is told when the
    /// browser has stopped showing frames, and when it shows them again.
    pub async fn create(
        container: &HtmlElement,
        label: &str,
        described_by: &str,
        mut on_message: impl FnMut(FromMap) + 'static,
        mut on_lost: impl FnMut(String) + 'static,
        on_still: impl FnMut(bool) + 'static,
    ) -> Result<Self, String> {
        let on_message = Closure::<dyn FnMut(Vec<u8>)>::new(move |bytes: Vec<u8>| {
            match FromMap::decode(&bytes) {
                Ok(message) => on_message(message),
                Err(error) => logging::error!("{error}"),
            }
        });
        let on_lost = Closure::<dyn FnMut(String, String)>::new(move |reason, detail| {
            on_lost(format!("{reason}: {detail}"));
        });
        let on_still = Closure::<dyn FnMut(bool)>::new(on_still);
        let options = js_sys::Object::new();
        for (name, value) in [
            ("onMessage", on_message.as_ref()),
            ("onLost", on_lost.as_ref()),
            ("onStill", on_still.as_ref()),
            ("label", &JsValue::from_str(label)),
            ("describedBy", &JsValue::from_str(described_by)),
        ] {
            js_sys::Reflect::set(&options, &JsValue::from_str(name), value)
                .map_err(|error| words(&error))?;
        }
        let frame = create_map(container, &options)
            .await
            .map_err(|error| words(&error))?;
        Ok(Self {
            frame: frame.unchecked_into(),
            _on_message: on_message,
            _on_lost: on_lost,
            _on_still: on_still,
        })
    }

    /// Sends a message.
    pub fn send(&self, message: &ToMap) {
        if let Err(error) = self.frame.send(&message.encode()) {
            logging::error!("the map refused a message: {}", words(&error));
        }
    }

    /// Test hook: loses the graphics context as a driver reset would.
    pub fn lose_context(&self) {
        self.frame.lose_context();
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        self.frame.destroy();
    }
}

fn words(error: &JsValue) -> String {
    error
        .dyn_ref::<js_sys::Error>()
        .map_or_else(|| format!("{error:?}"), |error| error.message().into())
}
