//! The hall's memory and its line to the backend: cache, outbox, puller and sender.
//!
//! Runs without a window and without the shell, so that every promise about orders can be tested
//! on its own.

pub mod backoff;
pub mod board;
pub mod calls;
pub mod client;
pub mod clock;
pub mod data_dir;
pub mod engine;
pub mod errors;
pub mod faults;
mod finishing;
pub mod outbox;
pub mod pace;
pub mod pins;
pub mod puller;
pub mod sender;
pub mod signing_in;
pub mod store;

pub use calls::Calls;
pub use clock::{Clock, SystemClock};
pub use engine::{Engine, EngineConfig, EngineParts};
pub use errors::{OpenError, StoreError};
pub use outbox::OutboxError;
pub use pace::Pace;
pub use signing_in::SignInError;
pub use store::Keyring;
