//! The desk of a duty officer: queue, map, detail, and everything that can be done about an
//! incident.
//!
//! What is shown is decided by plain values (`queue`, `candidates`, `orders`, `actions`, `timeline`,
//! `outbox`, `undo`, `keys`, `counts`); components only show it.

pub mod actions;
pub mod candidates;
pub mod counts;
pub mod keys;
pub mod orders;
pub mod outbox;
pub mod queue;
#[cfg(test)]
mod sample;
pub mod timeline;
pub mod undo;

use leptos::prelude::*;
use rust_i18n::t;

use crate::map_view::MapView;

/// The desk.
#[component]
pub fn Desk() -> impl IntoView {
    view! {
        <main class="desk">
            <h1 class="visually-hidden">{t!("desk.queue.title").into_owned()}</h1>
            <MapView is_interactive=true mark_scale=1.0 />
        </main>
    }
}
