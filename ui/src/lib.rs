//! The user interface of the hall: one WebAssembly module for the wall and the desk.
//!
//! Decisions live in plain structs (`state`) with plain tests; components only show them. What the
//! shell knows arrives through `bindings`, what the street looks like is drawn by the map module
//! behind `map_view`.

pub mod app;
pub mod appearance;
pub mod bindings;
pub mod clock;
pub mod components;
pub mod map_view;
pub mod scale;
pub mod screens;
pub mod state;
pub mod strings;

rust_i18n::i18n!("../assets/strings", fallback = "zh-CN");

/// The words of a key in one language, whatever the language of the window.
pub fn translation(language: &str, key: &str) -> String {
    rust_i18n::t!(key, locale = language).into_owned()
}

/// Mounts the user interface into the page.
pub fn start() {
    leptos::mount::mount_to_body(app::App);
}
