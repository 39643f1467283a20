//! The street itself and its cameras.

use serde::{Deserialize, Serialize};

use super::position::LonLat;
use crate::ids::CameraId;

/// A camera of the street.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Camera {
    /// GB/T 28181 device id.
    pub id: CameraId,
    /// Name for people, such as `建设路与锦水街口北侧`.
    pub name: String,
    /// Where it stands.
    pub location: LonLat,
    /// Direction of view in degrees from north, clockwise.
    pub heading_deg: f32,
}

/// The street (街道) itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Street {
    /// District code and street code, 9 digits.
    pub code: String,
    /// Chinese name, such as `锦川街道`.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Whether everything here is generated demonstration data, to be said on every screen.
    pub is_demo: bool,
}
