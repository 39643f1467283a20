//! A tooltip that also keyboards and screen readers reach.

use leptos::prelude::*;

/// Shows the words while the content is pointed at or has the focus.
#[component]
pub fn Tip(
    /// The words.
    #[prop(into)]
    text: Signal<String>,
    /// What they explain.
    children: Children,
) -> impl IntoView {
    view! {
        <span class="tip">
            {children()}
            <span class="tip-text" role="tooltip">
                {text}
            </span>
        </span>
    }
}
