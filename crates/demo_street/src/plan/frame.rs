//! The ground on which the street is laid out: the local plane, and the ring-and-radial pattern
//! of Chengdu that gives its roads their direction.
//!
//! Chengdu's ring roads are circles around Tianfu Square and its avenues radiate from there, so a
//! street in the east of the city is a slightly fanned, slightly bent grid. [`Frame`] turns city
//! coordinates (distance and bearing from the square) into the local plane and bends them a bit
//! more, because no real road is a perfect arc.

use crate::dice::Dice;
use crate::geom::{Point, point};

/// Longitude of the plane's origin in degrees.
pub const ORIGIN_LON: f64 = 104.12;
/// Latitude of the plane's origin in degrees.
pub const ORIGIN_LAT: f64 = 30.66;
/// Metres of one degree of longitude at the origin (CGCS2000 ellipsoid).
pub const METRES_PER_LON: f64 = 95_842.0;
/// Metres of one degree of latitude at the origin (CGCS2000 ellipsoid).
pub const METRES_PER_LAT: f64 = 110_864.0;
/// Half the side of the square for which a base map is made, in metres.
pub const MAP_HALF_M: f64 = 2_850.0;

/// Tianfu Square in the local plane.
const CITY_CENTRE: Point = point(-5_204.0, -288.0);

/// Longitude and latitude in degrees (CGCS2000), rounded to a centimetre.
pub fn lon_lat(p: Point) -> [f64; 2] {
    let round = |degrees: f64| (degrees * 1e7).round() / 1e7;
    [
        round(ORIGIN_LON + p.x / METRES_PER_LON),
        round(ORIGIN_LAT + p.y / METRES_PER_LAT),
    ]
}

/// The local plane point of a longitude and latitude.
pub fn from_lon_lat(lon: f64, lat: f64) -> Point {
    point(
        (lon - ORIGIN_LON) * METRES_PER_LON,
        (lat - ORIGIN_LAT) * METRES_PER_LAT,
    )
}

#[derive(Clone, Copy)]
struct Wave {
    along: Point,
    push: Point,
    phase: f64,
}

/// The bent ring-and-radial pattern.
#[derive(Clone)]
pub struct Frame {
    waves: Vec<Wave>,
    turns: Vec<Wave>,
}

impl Frame {
    /// Draws the bends of this seed.
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed, "frame");
        let mut wave = |length_low: f64, length_high: f64, strength: f64| {
            let length = dice.between(length_low, length_high);
            let angle = dice.between(0.0, std::f64::consts::TAU);
            let across = angle + dice.between(1.0, 2.1);
            Wave {
                along: point(1.0, 0.0).turned(angle) * (std::f64::consts::TAU / length),
                push: point(strength, 0.0).turned(across),
                phase: dice.between(0.0, std::f64::consts::TAU),
            }
        };
        let waves = vec![
            wave(2_400.0, 3_400.0, 55.0),
            wave(1_500.0, 2_200.0, 32.0),
            wave(800.0, 1_200.0, 12.0),
        ];
        let turns = vec![wave(2_200.0, 3_000.0, 0.11), wave(1_100.0, 1_700.0, 0.07)];
        Self { waves, turns }
    }

    /// The point `radius_m` from the city centre at `bearing_deg` north of east.
    pub fn polar(&self, radius_m: f64, bearing_deg: f64) -> Point {
        self.bent(CITY_CENTRE + point(radius_m, 0.0).turned(bearing_deg.to_radians()))
    }

    fn bent(&self, p: Point) -> Point {
        self.waves.iter().fold(p, |at, wave| {
            at + wave.push * libm::sin(wave.along.dot(p) + wave.phase)
        })
    }

    /// Distance in metres and bearing in degrees from the city centre, the bends undone.
    pub fn measure(&self, p: Point) -> (f64, f64) {
        let mut straight = p;
        for _ in 0..4 {
            straight = p - (self.bent(straight) - straight);
        }
        let off = straight - CITY_CENTRE;
        (off.length(), off.angle().to_degrees())
    }

    /// The outward direction of the pattern at `p`; the other roads run at right angles to it.
    pub fn outward(&self, p: Point) -> Point {
        let turn: f64 = self
            .turns
            .iter()
            .map(|wave| wave.push.length() * libm::sin(wave.along.dot(p) + wave.phase))
            .sum();
        (p - CITY_CENTRE).direction().turned(turn)
    }

    /// A ring road at `radius_m` between two bearings.
    pub fn arc(&self, radius_m: f64, from_deg: f64, to_deg: f64) -> Vec<Point> {
        let length = radius_m * (to_deg - from_deg).abs().to_radians();
        let steps = (length / 45.0).ceil().max(2.0) as usize;
        (0..=steps)
            .map(|i| {
                let t = i as f64 / steps as f64;
                self.polar(radius_m, from_deg + (to_deg - from_deg) * t)
            })
            .collect()
    }

    /// A straight road in the pattern between two places given as (radius, bearing).
    pub fn spoke(&self, from: (f64, f64), to: (f64, f64)) -> Vec<Point> {
        let length = point(to.0 - from.0, (to.1 - from.1).to_radians() * to.0).length();
        let steps = (length / 45.0).ceil().max(2.0) as usize;
        (0..=steps)
            .map(|i| {
                let t = i as f64 / steps as f64;
                self.polar(from.0 + (to.0 - from.0) * t, from.1 + (to.1 - from.1) * t)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plane_and_degrees_agree() {
        let p = point(1234.5, -987.6);
        let [lon, lat] = lon_lat(p);
        assert!(p.distance(from_lon_lat(lon, lat)) < 0.02);
        assert!((104.10..104.14).contains(&lon) && (30.64..30.68).contains(&lat));
    }
}
