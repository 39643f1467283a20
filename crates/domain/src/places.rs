//! Places: coordinates, the grid hierarchy and its codes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::{CameraId, GridCode, IdError};

/// Mean Earth radius in metres (IUGG), for distances inside one city.
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A position in CGCS2000 (EPSG:4490) degrees; WGS 84 is taken as equal (below a metre).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct LonLat {
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
}

impl LonLat {
    /// A position from degrees east and north.
    pub const fn new(lon: f64, lat: f64) -> Self {
        Self { lon, lat }
    }

    /// Whether both numbers are finite and on the globe.
    pub fn is_on_globe(self) -> bool {
        self.lon.abs() <= 180.0 && self.lat.abs() <= 90.0
    }

    /// Great-circle distance in metres (haversine).
    pub fn distance_m(self, other: Self) -> f64 {
        let (lat1, lat2) = (self.lat.to_radians(), other.lat.to_radians());
        let half_lat = ((lat2 - lat1) / 2.0).sin();
        let half_lon = ((other.lon - self.lon).to_radians() / 2.0).sin();
        let chord = half_lat * half_lat + lat1.cos() * lat2.cos() * half_lon * half_lon;
        2.0 * EARTH_RADIUS_M * chord.sqrt().min(1.0).asin()
    }

    /// The point `fraction` of the way to `other` on a straight line in degrees, which is exact
    /// enough inside one street.
    pub fn towards(self, other: Self, fraction: f64) -> Self {
        Self::new(
            self.lon + (other.lon - self.lon) * fraction,
            self.lat + (other.lat - self.lat) * fraction,
        )
    }
}

/// An axis-aligned box in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// South-west corner.
    pub min: LonLat,
    /// North-east corner.
    pub max: LonLat,
}

impl Bounds {
    /// The smallest box around the points; `None` when there are none.
    pub fn around(points: impl IntoIterator<Item = LonLat>) -> Option<Self> {
        points.into_iter().fold(None, |bounds: Option<Self>, p| {
            Some(bounds.map_or(Self { min: p, max: p }, |b| Self {
                min: LonLat::new(b.min.lon.min(p.lon), b.min.lat.min(p.lat)),
                max: LonLat::new(b.max.lon.max(p.lon), b.max.lat.max(p.lat)),
            }))
        })
    }

    /// Whether the point lies in the box or on its edge.
    pub fn contains(&self, p: LonLat) -> bool {
        (self.min.lon..=self.max.lon).contains(&p.lon)
            && (self.min.lat..=self.max.lat).contains(&p.lat)
    }

    /// The middle of the box.
    pub fn centre(&self) -> LonLat {
        self.min.towards(self.max, 0.5)
    }
}

/// The levels of the grid hierarchy below the street.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GridLevel {
    /// 社区.
    Community,
    /// 一般网格.
    General,
    /// 微网格, 30–100 households.
    Micro,
    /// 单元网格, about 10,000 m².
    Unit,
    /// 专属网格: a market, a campus; lies beside the others.
    Exclusive,
}

/// One grid of any level with its outline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    /// Unique within the street.
    pub code: GridCode,
    /// Name for people, such as `锦水社区第3网格`.
    pub name: String,
    /// Level in the hierarchy.
    pub level: GridLevel,
    /// The grid one level up (unit grids belong to a micro grid); `None` for a community.
    pub parent: Option<GridCode>,
    /// Rings in degrees: the outline first, then holes; closed (first point repeated).
    pub rings: Vec<Vec<LonLat>>,
    /// A point inside, for the label.
    pub label_at: LonLat,
}

impl Grid {
    /// Whether the point lies inside (even-odd over all rings, so holes are outside).
    pub fn contains(&self, p: LonLat) -> bool {
        let mut inside = false;
        for ring in &self.rings {
            for edge in ring.windows(2) {
                let (a, b) = (edge[0], edge[1]);
                if (a.lat > p.lat) != (b.lat > p.lat)
                    && p.lon < (b.lon - a.lon) * (p.lat - a.lat) / (b.lat - a.lat) + a.lon
                {
                    inside = !inside;
                }
            }
        }
        inside
    }
}

/// The grids of each level that hold one point.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GridPath {
    /// 社区.
    pub community: Option<GridCode>,
    /// 一般网格.
    pub general: Option<GridCode>,
    /// 微网格.
    pub micro: Option<GridCode>,
    /// 单元网格.
    pub unit: Option<GridCode>,
}

/// A unit grid code by GB/T 30428: 6 digits district + 3 street + 3 community + sequence of 2–4
/// digits (14, 15 and 16 digits are all in service).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitGridCode {
    /// GB/T 2260 district code.
    pub district: u32,
    /// GB/T 10114 street code.
    pub street: u16,
    /// Community number within the street.
    pub community: u16,
    /// Sequence within the community, west → east, north → south.
    pub sequence: u16,
    /// How many digits the sequence is written with: 2, 3 or 4.
    pub sequence_digits: u8,
}

impl fmt::Display for UnitGridCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:06}{:03}{:03}{:0width$}",
            self.district,
            self.street,
            self.community,
            self.sequence,
            width = usize::from(self.sequence_digits)
        )
    }
}

impl FromStr for UnitGridCode {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || IdError {
            text: text.to_owned(),
            expected: "a unit grid code of 14, 15 or 16 digits",
        };
        if !matches!(text.len(), 14..=16) || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(refused());
        }
        let digits = |range: std::ops::Range<usize>| text[range].parse().map_err(|_| refused());
        Ok(Self {
            district: digits(0..6)?,
            street: digits(6..9)? as u16,
            community: digits(9..12)? as u16,
            sequence: digits(12..text.len())? as u16,
            sequence_digits: (text.len() - 12) as u8,
        })
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_grid_codes_of_all_three_lengths_read_back() {
        for text in ["51010809900101", "510108099001012", "5101080990010123"] {
            let code: UnitGridCode = text.parse().expect(text);
            assert_eq!(code.to_string(), text);
            assert_eq!(
                (code.district, code.street, code.community),
                (510_108, 99, 1)
            );
        }
        for bad in ["5101080990010", "51010809900101234", "5101080990010x"] {
            assert!(bad.parse::<UnitGridCode>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_hole_is_outside() {
        let square = |a: f64, b: f64| {
            [(a, a), (b, a), (b, b), (a, b), (a, a)]
                .map(|(x, y)| LonLat::new(x, y))
                .to_vec()
        };
        let grid = Grid {
            code: "g".into(),
            name: String::new(),
            level: GridLevel::Unit,
            parent: None,
            rings: vec![square(0.0, 10.0), square(4.0, 6.0)],
            label_at: LonLat::new(1.0, 1.0),
        };
        assert!(grid.contains(LonLat::new(1.0, 1.0)));
        assert!(!grid.contains(LonLat::new(5.0, 5.0)));
        assert!(!grid.contains(LonLat::new(11.0, 5.0)));
    }

    #[test]
    fn one_degree_of_latitude_is_111_km() {
        let d = LonLat::new(104.0, 30.0).distance_m(LonLat::new(104.0, 31.0));
        assert!((d - 111_195.0).abs() < 10.0, "{d}");
    }
}
