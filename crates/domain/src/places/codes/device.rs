//! Ids of video devices by GB/T 28181.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::area::DistrictCode;
use super::digits::{CodeError, CodeFault, Reading, as_text};
use crate::ids::CameraId;

/// What the three type digits stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// Digital video recorder, 111.
    Dvr,
    /// Network video recorder, 118.
    Nvr,
    /// Camera, 132.
    Camera,
    /// Another type of the standard, by its number.
    Other(u16),
}

impl DeviceKind {
    /// From the three digits.
    pub const fn of(number: u16) -> Self {
        match number {
            111 => Self::Dvr,
            118 => Self::Nvr,
            132 => Self::Camera,
            other => Self::Other(other),
        }
    }
}

/// A device: 20 digits = 8 area + 2 industry + 3 type + 1 + 6, such as `51010899001320000001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeviceId {
    area: u32,
    industry: u8,
    kind: u16,
    network: u8,
    serial: u32,
}

impl DeviceId {
    /// The eight digits of the area; the first six are those of the district.
    pub const fn area(self) -> u32 {
        self.area
    }

    /// The district.
    pub fn district(self) -> Result<DistrictCode, CodeFault> {
        DistrictCode::new(self.area / 100)
    }

    /// The two digits of the industry.
    pub const fn industry(self) -> u8 {
        self.industry
    }

    /// What the device is.
    pub const fn kind(self) -> DeviceKind {
        DeviceKind::of(self.kind)
    }

    /// The one digit between type and serial number.
    pub const fn network(self) -> u8 {
        self.network
    }

    /// The serial number.
    pub const fn serial(self) -> u32 {
        self.serial
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            area,
            industry,
            kind,
            network,
            serial,
        } = self;
        write!(f, "{area:08}{industry:02}{kind:03}{network}{serial:06}")
    }
}

impl FromStr for DeviceId {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = "20 digits: 8 area, 2 industry, 3 type, 1, 6 serial";
        let reading = Reading::new("device id", text, 20..21, allowed)?;
        reading.part(DistrictCode::new(reading.number(0..6)))?;
        Ok(Self {
            area: reading.number(0..8),
            industry: reading.number(8..10) as u8,
            kind: reading.number(10..13) as u16,
            network: reading.number(13..14) as u8,
            serial: reading.number(14..20),
        })
    }
}

impl TryFrom<&CameraId> for DeviceId {
    type Error = CodeError;

    fn try_from(id: &CameraId) -> Result<Self, Self::Error> {
        id.as_str().parse()
    }
}

as_text!(DeviceId);
