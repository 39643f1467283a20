//! Lines that stand for roads where no base map shows them.

use crate::{
    geometry::Position,
    wire::{wire_enum, wire_struct},
};

wire_enum! {
    /// How important a line is; decides width, colour and from which zoom it is drawn. Declared in
    /// draw order from below.
    pub enum LineClass, "class of a line" {
        /// Ways for people on foot and on bicycles.
        Path = 0,
        /// Residential and service roads.
        Minor = 1,
        /// Roads between quarters.
        Secondary = 2,
        Primary = 3,
        Motorway = 4,
    }
}

/// A line of the layer of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFeature {
    pub class: LineClass,
    /// Fewer than two different points draw nothing.
    pub points: Vec<Position>,
}

wire_struct!(LineFeature {
    class: LineClass,
    points: Vec<Position>,
});
