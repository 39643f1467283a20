//! The heat map: weighted places of one window of time.

use crate::{geometry::Position, wire::wire_struct};

/// A place of the heat map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeatPoint {
    pub at: Position,
    /// How much it counts; nothing unless above 0.
    pub weight: f32,
}

wire_struct!(HeatPoint {
    at: Position,
    weight: f32
});
