//! Tools that draw on the map.

use crate::wire::wire_enum;

wire_enum! {
    /// A tool in the user's hand.
    pub enum Tool, "tool" {
        /// The bare hand: it moves the map and selects.
        None = 0,
        /// A line of straight pieces; each click adds a point.
        Measure = 1,
        /// A circle: its middle, then a point of its rim. Drawn in one drag.
        Radius = 2,
        /// A line around something. Drawn in one drag; its end is joined with its start.
        Lasso = 3,
    }
}
