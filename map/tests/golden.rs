//! Golden images: the shipped drawing code and style, drawn natively by Mesa's software driver.
//!
//! `cargo test --test golden` compares, `BLESS=1 cargo test --test golden` holds the new pictures
//! in `tests/golden`. A channel may differ by 10 of 255, and 0.2 % of the pixels by more.

#![allow(clippy::unwrap_used)]

mod scene;
mod themes;
