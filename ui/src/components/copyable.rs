//! Copying a text, and an identifier that a click copies.

use leptos::prelude::*;
use rust_i18n::t;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::toast::{Toasts, use_toasts};

/// Copies a text and says whether it could be done. A page that came by plain HTTP has no clipboard.
pub fn copy_text(toasts: Toasts, text: &str) {
    let clipboard = window().navigator().clipboard();
    if clipboard.is_undefined() {
        toasts.warn(t!("copy.failed"));
        return;
    }
    let written = clipboard.write_text(text);
    spawn_local(async move {
        match JsFuture::from(written).await {
            Ok(_) => toasts.tell(t!("copy.done")),
            Err(_) => toasts.warn(t!("copy.failed")),
        }
    });
}

/// An identifier; a click or Enter copies it.
#[component]
pub fn CopyableId(
    /// The identifier.
    #[prop(into)]
    text: Signal<String>,
    /// What is shown instead of a long identifier.
    #[prop(into, optional)]
    label: Option<Signal<String>>,
) -> impl IntoView {
    let toasts = use_toasts();
    let copy = move |event: leptos::ev::MouseEvent| {
        event.stop_propagation();
        copy_text(toasts, &text.get_untracked());
    };
    view! {
        <button
            type="button"
            class="copyable"
            title=move || t!("copy.do", text = text.get()).into_owned()
            on:click=copy
        >
            {move || label.map_or_else(|| text.get(), |label| label.get())}
        </button>
    }
}
