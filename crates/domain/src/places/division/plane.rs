//! The plane in metres on which a division is measured.

use geo::Coord;

use super::Division;
use crate::places::crs::Crs;
use crate::places::position::LonLat;

/// Semi-major axis of CGCS2000 in metres.
const SEMI_MAJOR_M: f64 = 6_378_137.0;
/// Eccentricity squared of CGCS2000.
const EE: f64 = 0.006_694_380_022_90;

/// Metres around the middle of the data; an affine picture of the data's own coordinates, so that
/// straight edges stay straight.
#[derive(Debug, Clone)]
pub struct Plane {
    crs: Crs,
    middle: (f64, f64),
    metres_per_unit: (f64, f64),
}

impl Plane {
    /// The plane of a division; `None` when not one corner is a place.
    pub fn of(division: &Division) -> Option<Self> {
        let grids = division.grids.iter().flat_map(|grid| &grid.rings);
        let buildings = division.buildings.iter().flat_map(|b| &b.rings);
        let is_place = |corner: &&(f64, f64)| division.crs.to_cgcs2000(corner.0, corner.1).is_ok();
        let corners = grids.chain(buildings).flatten().filter(is_place);
        let (mut low, mut high): ((f64, f64), (f64, f64)) = {
            let mut corners = corners.clone();
            let first = *corners.next()?;
            (first, first)
        };
        for (x, y) in corners {
            low = (low.0.min(*x), low.1.min(*y));
            high = (high.0.max(*x), high.1.max(*y));
        }
        let middle = (f64::midpoint(low.0, high.0), f64::midpoint(low.1, high.1));
        let metres_per_unit = if division.crs.is_projected() {
            (1.0, 1.0)
        } else {
            metres_per_degree(middle.1)
        };
        Some(Self {
            crs: division.crs,
            middle,
            metres_per_unit,
        })
    }

    /// A corner of the data in metres; `None` for one that is no place.
    pub fn corner(&self, (x, y): (f64, f64)) -> Option<Coord> {
        self.crs.to_cgcs2000(x, y).ok()?;
        Some(Coord {
            x: (x - self.middle.0) * self.metres_per_unit.0,
            y: (y - self.middle.1) * self.metres_per_unit.1,
        })
    }

    /// The position of a point of the plane.
    pub fn position(&self, at: Coord) -> Option<LonLat> {
        let x = self.middle.0 + at.x / self.metres_per_unit.0;
        let y = self.middle.1 + at.y / self.metres_per_unit.1;
        self.crs.to_cgcs2000(x, y).ok()
    }
}

/// Metres of one degree of longitude and of latitude on the ellipsoid.
fn metres_per_degree(lat: f64) -> (f64, f64) {
    let (sin, cos) = lat.to_radians().sin_cos();
    let magic = 1.0 - EE * sin * sin;
    let across = SEMI_MAJOR_M / magic.sqrt() * cos.max(1e-6);
    let along = SEMI_MAJOR_M * (1.0 - EE) / magic.powf(1.5);
    (across.to_radians(), along.to_radians())
}
