//! The two databases of a hall: the cache, which can be fetched anew, and the outbox, which cannot.
//!
//! Each database has one writing connection on a thread of its own, so there is a single writer and
//! no caller ever blocks the runtime on a disk. The cache is read by a second connection on another
//! thread, which waits for no transaction; the outbox is only read at the start. Each table has one
//! file with its migration, its row, its reads and its writes. Both are encrypted with the key of
//! [`keys`].

pub mod cache;
pub mod contract;
pub mod database;
pub mod encryption;
mod kept;
pub mod keys;
mod others;
pub mod outbox_db;
pub mod positions;
pub mod progress;
pub mod proposals;
pub mod reader;
pub mod records;
pub mod reference;
pub mod rescue;
pub mod retention;
pub mod sessions;
pub mod trail;
pub mod verifiers;
pub mod worker;

#[cfg(test)]
mod migrations;
#[cfg(test)]
mod tests;

pub use cache::Cache;
pub use contract::{CacheStore, OutboxStore};
pub use database::Database;
pub use keys::{DatabaseKey, Keyring, Keys};
pub use outbox_db::OutboxDb;
