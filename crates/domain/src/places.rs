//! Places: positions, grids and their hierarchy, codes, coordinate systems.
//!
//! - [`position`]: degrees and boxes; [`crs`]: the coordinate systems that positions come in.
//! - [`grids`], [`hierarchy`], [`responsibility`]: grids of every level and how they nest;
//!   [`codes`] their standard codes, [`components`] what stands in them.
//! - [`index`]: which grids hold a point.
//! - [`measures`]: lengths and regions that are drawn on the map.
//! - [`division`]: what is wrong with a division that is to be imported; [`numbering`] of new unit
//!   grids.

pub mod codes;
pub mod components;
pub mod crs;
pub mod division;
pub mod grids;
pub mod hierarchy;
pub mod index;
pub mod measures;
pub mod numbering;
pub mod position;
pub mod responsibility;
pub mod street;

pub use codes::{
    CodeError, CommunityCode, CommunityGridCode, ComponentId, DeviceId, DistrictCode,
    SequenceDigits, StreetCode, UnitGridCode,
};
pub use components::Component;
pub use crs::Crs;
pub use grids::{Grid, GridLevel, GridPath};
pub use hierarchy::Hierarchy;
pub use index::GridIndex;
pub use position::{Bounds, LonLat};
pub use responsibility::ResponsibilityGrid;
pub use street::{Camera, Sensor, SensorKind, Street};
