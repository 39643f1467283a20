//! The two stores of a hall over simulated disks: the same contract as over SQLite, on a disk that
//! is slow, full and loses what was not synced.

mod access;
mod cache;
mod outbox;

pub use access::Access;
pub use cache::{CacheRows, ModelCache};
pub use outbox::{ModelOutbox, OutboxRows, OutboxWrite};
