//! The plan of the demo street: everything that stands still.

pub mod blocks;
pub mod frame;
pub mod majors;
pub mod cells;
pub mod division;
pub mod territory;
