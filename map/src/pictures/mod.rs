//! Picture tiles: what comes before the device.

mod decode;

pub use decode::{MAX_SIDE_PX, Picture, PictureError, PictureKind};
