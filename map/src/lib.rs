//! The map of the hall: maplibre-rs as the engine's frame, and plugins of our own that draw.
//!
//! The crate is compiled twice from the same code:
//! - for the page to a WebAssembly module of its own: `cargo build --target
//!   wasm32-unknown-unknown --profile wasm-release` gives `street_map.wasm`, from which
//!   wasm-bindgen (target `web`) makes `street_map.js` and `street_map_bg.wasm`. The page loads
//!   them through `glue/street_map_frame.js`, the only script that touches the module;
//! - natively, drawing into an image without a window, for golden images (`tests/`).
//!
//! [`app::StreetMap`] is the whole map without input or output; [`web`] is its face to the page and
//! [`offscreen`] its face to the tests. [`engine`] puts maplibre's parts together, [`layers`] holds
//! what is drawn, and the other modules hold one matter each.

pub mod app;
pub mod engine;
pub mod glyphs;
pub mod grids;
pub mod hand;
pub mod incidents;
pub mod layers;
pub mod motion;
#[cfg(not(target_arch = "wasm32"))]
pub mod offscreen;
pub mod parcel;
pub mod people;
pub mod tiles;
#[cfg(target_arch = "wasm32")]
pub mod web;
