//! Tauri's own bridge, reached through the global object that it puts into the page.

use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use protocol::{ErrorCode, UiError};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Calls the command with `{ args: … }`; arguments and reply are JSON texts.
pub async fn invoke(command: &str, args_json: &str) -> Result<String, UiError> {
    let argument = Object::new();
    let args = JSON::parse(args_json).map_err(|e| broken_bridge(&e))?;
    set(&argument, "args", &args)?;
    let reply = invoke_raw(command, &argument).await?;
    if reply.is_undefined() {
        return Ok("null".to_owned());
    }
    JSON::stringify(&reply)
        .map(String::from)
        .map_err(|e| broken_bridge(&e))
}

/// A channel from the shell; messages stop being handed on when this is dropped.
pub struct Channel {
    _on_message: Closure<dyn FnMut(JsValue)>,
}

/// Calls the command with `{ channel }`, a new channel whose byte messages go to `on_bytes`.
pub async fn open_channel(
    command: &str,
    on_bytes: impl FnMut(Vec<u8>) + 'static,
) -> Result<Channel, UiError> {
    let mut on_bytes = on_bytes;
    let on_message = Closure::<dyn FnMut(JsValue)>::new(move |message: JsValue| {
        on_bytes(js_sys::Uint8Array::new(&message).to_vec());
    });
    let class: Function = bridge("Channel")?;
    let channel = Reflect::construct(&class, &Array::new()).map_err(|e| broken_bridge(&e))?;
    set(&channel, "onmessage", on_message.as_ref())?;
    let argument = Object::new();
    set(&argument, "channel", &channel)?;
    invoke_raw(command, &argument).await?;
    Ok(Channel {
        _on_message: on_message,
    })
}

async fn invoke_raw(command: &str, argument: &Object) -> Result<JsValue, UiError> {
    let promise = bridge("invoke")?
        .call2(&JsValue::NULL, &JsValue::from_str(command), argument)
        .map_err(|e| error_of(command, &e))?;
    JsFuture::from(Promise::resolve(&promise))
        .await
        .map_err(|e| error_of(command, &e))
}

/// A member of `window.__TAURI__.core`.
fn bridge(name: &str) -> Result<Function, UiError> {
    let mut object: JsValue = js_sys::global().into();
    for step in ["__TAURI__", "core", name] {
        object = Reflect::get(&object, &JsValue::from_str(step)).unwrap_or(JsValue::UNDEFINED);
        if object.is_undefined() {
            return Err(UiError::fatal(
                ErrorCode::Internal,
                "this page runs outside the hall's own windows; start it with ./hall run",
            ));
        }
    }
    object
        .dyn_into()
        .map_err(|other: JsValue| broken_bridge(&other))
}

fn set(object: &JsValue, key: &str, value: &JsValue) -> Result<(), UiError> {
    Reflect::set(object, &JsValue::from_str(key), value)
        .map(|_| ())
        .map_err(|e| broken_bridge(&e))
}

fn broken_bridge(cause: &JsValue) -> UiError {
    UiError::fatal(
        ErrorCode::Internal,
        format!("the bridge to the shell failed: {cause:?}"),
    )
}

/// What a refused call says: our own error as JSON, or the words of Tauri (an unknown command, a
/// capability that does not grant it).
fn error_of(command: &str, refused: &JsValue) -> UiError {
    let json = JSON::stringify(refused).map(String::from);
    if let Ok(Ok(error)) = json.as_deref().map(serde_json::from_str) {
        return error;
    }
    let words = refused
        .as_string()
        .unwrap_or_else(|| format!("{refused:?}"));
    UiError::fatal(ErrorCode::Forbidden, format!("{command}: {words}"))
}
