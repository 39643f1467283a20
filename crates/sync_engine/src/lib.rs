//! The hall's memory and its line to the backend: cache, outbox, puller and sender.
//!
//! Runs without a window and without the shell, so that every promise about orders can be tested
//! on its own.

pub mod clock;
pub mod errors;
pub mod pace;

pub use clock::{Clock, SystemClock};
pub use errors::{OpenError, StoreError};
pub use pace::Pace;
