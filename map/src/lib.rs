//! The map of the hall: maplibre-rs as the engine's frame, and plugins of our own that draw.
//!
//! The crate is compiled twice from the same code:
//! - for the page to a WebAssembly module of its own: `cargo build --target
//!   wasm32-unknown-unknown --profile wasm-release` gives `street_map.wasm`, from which
//!   wasm-bindgen (target `web`, with its function to reset the state) makes `street_map.js` and
//!   `street_map_bg.wasm`. They lie beside the scripts of `glue/`: `street_map_frame.js`, the
//!   page's only way to the module, with what it passes on (hand, glyphs, the worker's jobs) in
//!   scripts of their own, and `street_map_worker.js`, which builds tiles in an instance of the
//!   same module;
//! - natively, drawing into an image without a window, for the golden images of `tests/`:
//!   `cargo test` compares, `BLESS=1 cargo test --test golden` holds new ones. It needs Mesa's
//!   software driver (mesa-vulkan-drivers) and a Chinese font (fonts-noto-cjk).
//!
//! [`app::StreetMap`] is the whole map without input or output: messages, pointer events, tiles and
//! glyphs go in, frames and messages come out, and the clock is an argument. `web` is its face to
//! the page and `offscreen` its face to the tests. [`engine`] puts maplibre's parts together,
//! [`layers`] holds what is drawn and in which order, the other modules hold one matter each.
//!
//! When the module traps or its graphics context is lost, the glue takes the map down and tells the
//! page, which creates a new one and sends its last state again: the map keeps no truth.

pub mod app;
pub mod budget;
pub mod clusters;
pub mod engine;
pub mod glyphs;
pub mod grids;
pub mod hand;
mod heat;
pub mod incidents;
pub mod layers;
pub mod motion;
#[cfg(not(target_arch = "wasm32"))]
pub mod offscreen;
pub mod parcel;
pub mod people;
pub mod pictograms;
pub mod pictures;
pub mod sketch;
mod sprites;
pub mod tiles;
mod trails;
#[cfg(target_arch = "wasm32")]
pub mod web;
