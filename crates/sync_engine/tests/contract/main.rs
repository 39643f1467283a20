//! The suite of the stores over SQLite.

#[cfg(test)]
mod sqlite;
#[cfg(test)]
mod suite;
