//! The street itself, its cameras and its sensors.

use serde::{Deserialize, Serialize};

use super::position::LonLat;
use crate::ids::{CameraId, SensorId};

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

/// What a sensor watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SensorKind {
    /// Level of a river, a sewer or water on a road.
    WaterLevel,
    /// Smoke in a building.
    Smoke,
    /// Leaking gas.
    Gas,
    /// Dust, noise and weather outdoors.
    Environment,
}

impl SensorKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::WaterLevel, Self::Smoke, Self::Gas, Self::Environment];
}

/// A sensor of the street (物联感知设备), whose alarms come in as matters of the channel of that name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sensor {
    /// Its id.
    pub id: SensorId,
    /// What it watches.
    pub kind: SensorKind,
    /// Name for people, such as `锦绣苑3号楼`.
    pub name: String,
    /// Where it is mounted.
    pub location: LonLat,
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
