//! The built-in example street and its simulated field, both generated from a seed.

pub mod base_map;
pub mod colleague;
pub mod dice;
pub mod field;
pub mod geom;
pub mod matters;
pub mod plan;
pub mod seed;
