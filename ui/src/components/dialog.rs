//! A modal dialog on the browser's own element, which keeps the focus inside and closes on Escape.

use leptos::html;
use leptos::prelude::*;
use rust_i18n::t;

/// A dialog that is open while the signal is true.
#[component]
pub fn Dialog(
    /// Whether it is open; closing it by Escape or the button sets it to false.
    open: RwSignal<bool>,
    /// Title.
    #[prop(into)]
    title: Signal<String>,
    /// The content; kept while it is closed.
    children: Children,
) -> impl IntoView {
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let wanted = open.get();
        let Some(dialog) = element.get() else { return };
        if wanted && !dialog.open() {
            // Fails only when it is open already or not in the page.
            dialog.show_modal().ok();
        } else if !wanted && dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog
            class="dialog"
            node_ref=element
            aria-label=title
            on:close=move |_| open.set(false)
        >
            <header class="dialog-head">
                <h2>{title}</h2>
                <button
                    type="button"
                    class="icon-button"
                    aria-label=t!("dialog.close").into_owned()
                    on:click=move |_| open.set(false)
                >
                    "×"
                </button>
            </header>
            <div class="dialog-body">{children()}</div>
        </dialog>
    }
}
