//! Everything that crosses a wire: the backend's HTTP interface, the feed and the commands
//! between the shell and its windows, and the error codes that somebody branches on.
//!
//! Domain values that are facts (incidents, orders, roster entries) travel as they are; this crate
//! adds the envelopes around them and the checks on what comes in from outside.

pub mod commands;
pub mod errors;
pub mod feed;
pub mod heat;
pub mod http;
pub mod map_styles;
pub mod reference;
pub mod seed;
pub mod versions;

pub use errors::{ErrorCode, UiError};
pub use reference::{Reference, ReferencePart};
pub use seed::Seed;
pub use versions::{SpokenVersions, Versions};

/// Newest version of the wire between halls, field and backend; [`Versions::OURS`] says which older
/// ones are spoken, too.
pub const PROTOCOL_VERSION: u32 = 4;
