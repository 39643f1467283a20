//! The wall.

use leptos::prelude::*;

use crate::map_view::MapView;

/// The wall.
#[component]
pub fn Wall() -> impl IntoView {
    view! {
        <main class="wall">
            <MapView is_interactive=true mark_scale=1.0 />
        </main>
    }
}
