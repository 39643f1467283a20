//! map_core
