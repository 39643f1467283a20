//! Plane geometry in metres: points, rings, planar arrangements and unions that keep shared
//! vertices, so that areas which tile do so exactly.

pub mod arrangement;
pub mod point;
pub mod ring;
pub mod shared;

pub use point::{Point, point};
pub use ring::Ring;
