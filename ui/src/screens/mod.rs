//! The two screens: the wall that everybody sees and the desk that somebody works at.

pub mod desk;
pub mod wall;
