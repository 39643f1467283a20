//! Positions in degrees and boxes around them.

use serde::{Deserialize, Serialize};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_degree_of_latitude_is_111_km() {
        let d = LonLat::new(104.0, 30.0).distance_m(LonLat::new(104.0, 31.0));
        assert!((d - 111_195.0).abs() < 10.0, "{d}");
    }

    #[test]
    fn a_box_holds_its_edge_and_nothing_beyond() {
        let points = [LonLat::new(104.2, 30.5), LonLat::new(104.1, 30.7)];
        let bounds = Bounds::around(points).expect("two points");
        assert_eq!(bounds.min, LonLat::new(104.1, 30.5));
        assert!(bounds.contains(LonLat::new(104.1, 30.7)));
        assert!(!bounds.contains(LonLat::new(104.099, 30.6)));
        assert!(!bounds.contains(LonLat::new(f64::NAN, 30.6)));
        assert_eq!(Bounds::around([]), None);
    }
}
