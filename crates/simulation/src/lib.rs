//! Many halls, one backend, a bad network and bad disks in simulated time.
//!
//! The promises about orders are about what happens when things fail at the worst moment. Here the
//! engine of every hall runs as it is ([`sync_engine::Engine`]), against the real backend, called as
//! plain functions over its database in memory. Simulated are what they stand on: the disks under
//! the two stores ([`disk`], [`stores`]), the lines ([`line`]), the clocks ([`time`]) and the people
//! ([`desk`], [`field`]). A seed makes a [`recipe`], the recipe a run ([`run`]). Two runs of one seed
//! are the same history, line for line: whoever waits first for a change is woken first ([`signal`]),
//! and what the engine gives to a thread begins when nothing else is to be done (`calm`).
//!
//! Everything runs on one thread of Tokio's own runtime with its clock paused, so that time jumps
//! to the next deadline. `turmoil` and `madsim` were looked at and not taken: `turmoil` simulates
//! sockets, which the HTTP client's library does not let one replace, and needs a build flag that
//! compiles every dependency anew to make `select!` repeatable; `madsim` replaces the runtime by
//! one of its own, and neither can reach into SQLite. The engine already parts what it decides from
//! what carries it ([`sync_engine::calls`], [`sync_engine::store::contract`]), so two simulated
//! implementations and a paused clock are all that is needed, and a run takes a second or two.

pub mod authority;
mod calm;
pub mod checks;
pub mod crowd;
mod decisions;
pub mod desk;
pub mod dice;
pub mod disk;
pub mod field;
pub mod hall;
mod handing_over;
pub mod ledger;
pub mod life;
pub mod line;
pub mod manners;
pub mod panics;
pub mod parallel;
pub mod recipe;
pub mod run;
pub mod sessions;
pub mod signal;
pub mod stores;
pub mod storm;
pub mod time;
pub mod traffic;
pub mod variants;
pub mod window;
pub mod world;

pub use parallel::in_parallel;
pub use run::{Outcome, run};
pub use variants::Variant;
