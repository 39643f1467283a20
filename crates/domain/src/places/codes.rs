//! The codes of places and devices: read, print, check.
//!
//! Each code is a value of its own that can only be had whole: reading refuses what the standard
//! does not allow and says which part is wrong, printing gives back the same digits.
//!
//! - [`DistrictCode`] GB/T 2260, [`StreetCode`] GB/T 10114, [`CommunityCode`] below it;
//! - [`UnitGridCode`] GB/T 30428 with a sequence of 2, 3 or 4 digits, [`CommunityGridCode`] CJ/T 349;
//! - [`ComponentId`] GB/T 30428;
//! - [`DeviceId`] GB/T 28181.

mod area;
mod component;
mod device;
mod digits;
mod unit;

pub use area::{CityCode, CommunityCode, DistrictCode, StreetCode, StreetKind};
pub use component::ComponentId;
pub use device::{DeviceId, DeviceKind};
pub use digits::{CodeError, CodeFault};
pub use unit::{CommunityGridCode, SequenceDigits, UnitGridCode};

#[cfg(test)]
mod tests;
