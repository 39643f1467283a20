//! The suite of the stores over the model that the simulation puts in the place of SQLite.

#[cfg(test)]
mod model;
// The suite is written against the contract alone; it stands beside the stores of the engine.
#[cfg(test)]
#[path = "../../../sync_engine/tests/contract/suite/mod.rs"]
mod suite;
