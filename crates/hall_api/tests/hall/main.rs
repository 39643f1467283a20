//! The hall's promises, shown against the real backend over real connections and real databases.

mod feed;
mod harness;
mod line;
mod opening;
mod orders;
mod refusals;
