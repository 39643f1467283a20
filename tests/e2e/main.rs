//! End to end: the real program in its real windows against the real backend.
//!
//! Needs a display, a session bus and WebKitWebDriver; `./hall test` provides them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bad_input;
mod conflict;
mod desk;
mod duty;
mod main_job;
mod map_figures;
mod map_hand;
mod map_layers;
mod map_sensors;
mod map_tools;
mod offline;
mod own_style;
mod pixels;
mod real_input;
mod reports;
mod robustness;
mod support;
mod wall;
