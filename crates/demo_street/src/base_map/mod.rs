//! The base map of the demo street: a real vector tile archive (MBTiles, OpenMapTiles schema), so
//! that the map reads for the demo what it reads for a real city.

mod archive;
mod clip;
mod encode;
mod features;
mod roads;

pub use archive::{BaseMapError, LAYERS, MAX_ZOOM, MIN_ZOOM, tile, write_archive};
pub use encode::{message, read_geometry};
pub use features::{Feature, Shape, Value, features};
