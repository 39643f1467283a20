//! Coordinate systems that positions come in, and the way to and from CGCS2000.
//!
//! Everything is stored in CGCS2000 (EPSG:4490). WGS 84 from GPS is taken as equal (below a
//! metre). GCJ-02 and BD-09 are the shifted systems of Chinese map providers (about 360 m and
//! 950 m off in Chengdu); surveys come in Gauss–Krüger 3° zones of CGCS2000 in metres.
//!
//! | [`Crs`] | written | EPSG |
//! |---|---|---|
//! | `Cgcs2000` | `cgcs2000` | 4490 |
//! | `Wgs84` | `wgs84` | 4326 |
//! | `Gcj02` | `gcj02` | – |
//! | `Bd09` | `bd09` | – |
//! | `GaussZone(25..=45)` | `cgcs2000-3deg-35` | 4513–4533, easting begins with the zone |
//! | `GaussMeridian(75, 78 ..= 135)` | `cgcs2000-cm-105` | 4534–4554, easting without it |

mod gauss_krueger;
mod shifted;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::position::LonLat;

/// A coordinate system; see the module for how each is written.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Crs {
    /// CGCS2000 in degrees, the one in which everything is stored.
    #[default]
    Cgcs2000,
    /// WGS 84 in degrees, from GPS.
    Wgs84,
    /// GCJ-02 (火星坐标) in degrees.
    Gcj02,
    /// BD-09 (百度坐标) in degrees.
    Bd09,
    /// Gauss–Krüger 3° zone with the zone number before the easting, in metres.
    GaussZone(GaussZone),
    /// Gauss–Krüger 3° zone by its central meridian, easting without zone number, in metres.
    GaussMeridian(GaussZone),
}

/// A 3° zone of the Gauss–Krüger projection: 25–45, with central meridians 75°–135° E.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct GaussZone(u8);

impl GaussZone {
    /// The zone with a number; those of China are 25 to 45.
    pub const fn new(number: u8) -> Result<Self, CrsError> {
        match number {
            25..=45 => Ok(Self(number)),
            _ => Err(CrsError::Zone { number }),
        }
    }

    /// The zone around a central meridian in whole degrees east.
    pub const fn of_meridian(degrees: u8) -> Result<Self, CrsError> {
        match degrees {
            75..=135 if degrees.is_multiple_of(3) => Ok(Self(degrees / 3)),
            _ => Err(CrsError::Meridian { degrees }),
        }
    }

    /// The zone whose central meridian is nearest; `None` outside of China's zones.
    pub fn around(lon: f64) -> Option<Self> {
        let number = (lon / 3.0).round();
        ((25.0..=45.0).contains(&number)).then_some(Self(number as u8))
    }

    /// The number, 25 to 45.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The central meridian in degrees east.
    pub const fn central_meridian_deg(self) -> u8 {
        self.0 * 3
    }
}

impl TryFrom<u8> for GaussZone {
    type Error = CrsError;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        Self::new(number)
    }
}

impl From<GaussZone> for u8 {
    fn from(zone: GaussZone) -> Self {
        zone.0
    }
}

/// Why a coordinate system or a pair of coordinates was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CrsError {
    /// No such 3° zone.
    #[error("there is no 3° zone {number} in China, zones are 25 to 45")]
    Zone {
        /// The number.
        number: u8,
    },
    /// No such central meridian.
    #[error("{degrees}° is no central meridian of a 3° zone in China: 75, 78 … 135")]
    Meridian {
        /// The degrees.
        degrees: u8,
    },
    /// An unknown name.
    #[error(
        "\"{text}\" is no coordinate system: write cgcs2000, wgs84, gcj02, bd09, \
         cgcs2000-3deg-ZONE (25-45), cgcs2000-cm-MERIDIAN (75, 78 … 135) or EPSG:NUMBER"
    )]
    Unknown {
        /// The text.
        text: String,
    },
    /// Numbers that lie outside of the system.
    #[error("{x}, {y} lies outside of {crs}")]
    Outside {
        /// Easting or longitude.
        x: f64,
        /// Northing or latitude.
        y: f64,
        /// The system.
        crs: Crs,
    },
}

impl Crs {
    /// Whether coordinates are metres on a plane; otherwise they are degrees.
    pub const fn is_projected(self) -> bool {
        matches!(self, Self::GaussZone(_) | Self::GaussMeridian(_))
    }

    /// The position of coordinates `(x, y)`: longitude and latitude in degrees, or easting and
    /// northing in metres. Errs where they are no numbers, not on the globe, or further than 6°
    /// from the central meridian of their zone (most often a missing or wrong zone number).
    pub fn to_cgcs2000(self, x: f64, y: f64) -> Result<LonLat, CrsError> {
        let outside = || CrsError::Outside { x, y, crs: self };
        let degrees = Some(LonLat::new(x, y)).filter(|p| p.is_on_globe());
        let position = match self {
            Self::Cgcs2000 | Self::Wgs84 => degrees,
            Self::Gcj02 => degrees.map(shifted::gcj02_to_wgs84),
            Self::Bd09 => degrees.map(|p| shifted::gcj02_to_wgs84(shifted::bd09_to_gcj02(p))),
            Self::GaussZone(zone) => gauss_krueger::to_lon_lat(zone, x, y, true),
            Self::GaussMeridian(zone) => gauss_krueger::to_lon_lat(zone, x, y, false),
        };
        position.filter(|p| p.is_on_globe()).ok_or_else(outside)
    }

    /// The coordinates `(x, y)` of a position in this system. Errs as [`Crs::to_cgcs2000`].
    pub fn from_cgcs2000(self, position: LonLat) -> Result<(f64, f64), CrsError> {
        let LonLat { lon, lat } = position;
        let outside = || CrsError::Outside {
            x: lon,
            y: lat,
            crs: self,
        };
        if !position.is_on_globe() {
            return Err(outside());
        }
        let pair = |p: LonLat| (p.lon, p.lat);
        match self {
            Self::Cgcs2000 | Self::Wgs84 => Ok((lon, lat)),
            Self::Gcj02 => Ok(pair(shifted::wgs84_to_gcj02(position))),
            Self::Bd09 => Ok(pair(shifted::gcj02_to_bd09(shifted::wgs84_to_gcj02(
                position,
            )))),
            Self::GaussZone(zone) => {
                gauss_krueger::from_lon_lat(zone, position, true).ok_or_else(outside)
            }
            Self::GaussMeridian(zone) => {
                gauss_krueger::from_lon_lat(zone, position, false).ok_or_else(outside)
            }
        }
    }

    /// The EPSG number, where there is one.
    pub const fn epsg(self) -> Option<u16> {
        match self {
            Self::Cgcs2000 => Some(4490),
            Self::Wgs84 => Some(4326),
            Self::Gcj02 | Self::Bd09 => None,
            Self::GaussZone(zone) => Some(4488 + zone.0 as u16),
            Self::GaussMeridian(zone) => Some(4509 + zone.0 as u16),
        }
    }

    fn of_epsg(number: u16) -> Option<Self> {
        match number {
            4490 => Some(Self::Cgcs2000),
            4326 => Some(Self::Wgs84),
            4513..=4533 => Some(Self::GaussZone(GaussZone((number - 4488) as u8))),
            4534..=4554 => Some(Self::GaussMeridian(GaussZone((number - 4509) as u8))),
            _ => None,
        }
    }
}

impl fmt::Display for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cgcs2000 => f.write_str("cgcs2000"),
            Self::Wgs84 => f.write_str("wgs84"),
            Self::Gcj02 => f.write_str("gcj02"),
            Self::Bd09 => f.write_str("bd09"),
            Self::GaussZone(zone) => write!(f, "cgcs2000-3deg-{}", zone.number()),
            Self::GaussMeridian(zone) => write!(f, "cgcs2000-cm-{}", zone.central_meridian_deg()),
        }
    }
}

impl FromStr for Crs {
    type Err = CrsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || CrsError::Unknown {
            text: text.chars().take(40).collect(),
        };
        let lower = text.trim().to_ascii_lowercase();
        let number = |digits: &str| digits.parse::<u8>().map_err(|_| unknown());
        match lower.as_str() {
            "cgcs2000" => return Ok(Self::Cgcs2000),
            "wgs84" => return Ok(Self::Wgs84),
            "gcj02" => return Ok(Self::Gcj02),
            "bd09" => return Ok(Self::Bd09),
            _ => {}
        }
        if let Some(zone) = lower.strip_prefix("cgcs2000-3deg-") {
            return GaussZone::new(number(zone)?).map(Self::GaussZone);
        }
        if let Some(degrees) = lower.strip_prefix("cgcs2000-cm-") {
            return GaussZone::of_meridian(number(degrees)?).map(Self::GaussMeridian);
        }
        let epsg = lower.strip_prefix("epsg:").and_then(|n| n.parse().ok());
        epsg.and_then(Self::of_epsg).ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests;
