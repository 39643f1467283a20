//! A disk that fails on demand under the real SQLite: full, unreadable, tearing writes, and losing
//! at a power cut what was not synced. For tests only.
//!
//! The first [`FaultyDisk`] of a process puts itself before SQLite's ordinary file access. Only
//! files in the directory of a disk are touched; everything else passes through.

mod disk;
mod files;
mod sqlite;

pub use disk::{Fault, FaultyDisk, Survivors};
