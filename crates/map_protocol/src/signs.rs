//! Signs on marks: pictures, lamps of clocks and kinds of devices. They say what is to be drawn;
//! what they stand for is the user interface's affair.

use crate::wire::wire_enum;

wire_enum! {
    /// A picture in the middle of a mark, named after what it shows.
    pub enum Icon, "icon" {
        /// None: the mark stays plain.
        Nothing = 0,
        Bin = 1,
        Poster = 2,
        Crane = 3,
        Stall = 4,
        Bolt = 5,
        Dots = 6,
        Tap = 7,
        Cone = 8,
        Tree = 9,
        Phone = 10,
        /// Two speech bubbles.
        Dispute = 11,
        /// An exclamation mark in a triangle.
        Warning = 12,
        Shield = 13,
        Crowd = 14,
        Waves = 15,
        Lens = 16,
        Gauge = 17,
        Smoke = 18,
        Flame = 19,
        Antenna = 20,
    }
}

wire_enum! {
    /// The lamp of a clock on a mark; its form tells it from the others without its colour.
    pub enum Lamp, "lamp" {
        /// No clock runs.
        None = 0,
        /// In time: a disc.
        Green = 1,
        /// Running out: a half disc.
        Amber = 2,
        /// Overdue: a square.
        Red = 3,
        /// Standing still: two bars.
        Grey = 4,
    }
}

wire_enum! {
    /// What kind of device a [`crate::Camera`] is; decides the outline of its mark and its picture.
    pub enum DeviceKind, "kind of a device" {
        /// A rounded square with a lens.
        Camera = 0,
        /// A triangle with a gauge.
        WaterLevel = 1,
        /// A circle with smoke.
        Smoke = 2,
        /// A diamond with a flame.
        Gas = 3,
        /// Any other: a hexagon with an antenna.
        Sensor = 4,
    }
}
