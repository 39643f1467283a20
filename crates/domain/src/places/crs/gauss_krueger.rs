//! The Gauss–Krüger projection of CGCS2000 in 3° zones, by Krüger's series in the third
//! flattening to the fourth order (as in EPSG Guidance Note 7-2), exact below a micrometre inside
//! a zone.

use super::GaussZone;
use crate::places::position::LonLat;

/// Semi-major axis of CGCS2000 in metres.
pub(super) const SEMI_MAJOR_M: f64 = 6_378_137.0;
/// Flattening of CGCS2000.
pub(super) const FLATTENING: f64 = 1.0 / 298.257_222_101;
/// Third flattening.
const N: f64 = FLATTENING / (2.0 - FLATTENING);
const N2: f64 = N * N;
const N3: f64 = N2 * N;
const N4: f64 = N2 * N2;
/// Radius of the circle whose quarter is the meridian's.
const RECTIFYING_M: f64 = SEMI_MAJOR_M / (1.0 + N) * (1.0 + N2 / 4.0 + N4 / 64.0);
/// Coefficients of the series from the sphere to the plane.
const FORWARD: [f64; 4] = [
    N / 2.0 - 2.0 / 3.0 * N2 + 5.0 / 16.0 * N3 + 41.0 / 180.0 * N4,
    13.0 / 48.0 * N2 - 3.0 / 5.0 * N3 + 557.0 / 1_440.0 * N4,
    61.0 / 240.0 * N3 - 103.0 / 140.0 * N4,
    49_561.0 / 161_280.0 * N4,
];
/// Coefficients of the series back.
const BACKWARD: [f64; 4] = [
    N / 2.0 - 2.0 / 3.0 * N2 + 37.0 / 96.0 * N3 - 1.0 / 360.0 * N4,
    1.0 / 48.0 * N2 + 1.0 / 15.0 * N3 - 437.0 / 1_440.0 * N4,
    17.0 / 480.0 * N3 - 37.0 / 840.0 * N4,
    4_397.0 / 161_280.0 * N4,
];
/// Easting of the central meridian in metres.
const FALSE_EASTING_M: f64 = 500_000.0;
/// Metres between the eastings of two zones where the number stands before them.
const ZONE_STEP_M: f64 = 1_000_000.0;
/// How far from its central meridian a zone is used; twice its half width and the overlap.
const MOST_DEGREES_OFF: f64 = 6.0;
/// Metres on either side of the central meridian that 6° can reach, at the equator.
const MOST_METRES_OFF: f64 = 680_000.0;
/// No northing is larger: the quarter meridian.
const MOST_NORTHING_M: f64 = 10_001_966.0;

fn false_easting_m(zone: GaussZone, with_number: bool) -> f64 {
    let prefix = if with_number {
        f64::from(zone.number()) * ZONE_STEP_M
    } else {
        0.0
    };
    prefix + FALSE_EASTING_M
}

/// Easting and northing in metres; `None` further than 6° from the central meridian.
pub fn from_lon_lat(zone: GaussZone, p: LonLat, with_number: bool) -> Option<(f64, f64)> {
    let off_deg = p.lon - f64::from(zone.central_meridian_deg());
    if off_deg.abs() > MOST_DEGREES_OFF {
        return None;
    }
    let (lat, off) = (p.lat.to_radians(), off_deg.to_radians());
    let e = eccentricity();
    // tan of the conformal latitude.
    let sigma = (e * (e * lat.sin()).atanh()).sinh();
    let tan = lat.tan();
    let tau = tan * (1.0 + sigma * sigma).sqrt() - sigma * (1.0 + tan * tan).sqrt();
    let xi = tau.atan2(off.cos());
    let eta = (off.sin() / tau.hypot(off.cos())).asinh();
    let (mut north, mut east) = (xi, eta);
    for (order, h) in (1..).map(|j| f64::from(2 * j)).zip(FORWARD) {
        north += h * (order * xi).sin() * (order * eta).cosh();
        east += h * (order * xi).cos() * (order * eta).sinh();
    }
    Some((
        false_easting_m(zone, with_number) + RECTIFYING_M * east,
        RECTIFYING_M * north,
    ))
}

/// The position of an easting and northing; `None` where the zone does not reach.
pub fn to_lon_lat(zone: GaussZone, x: f64, y: f64, with_number: bool) -> Option<LonLat> {
    let off_m = x - false_easting_m(zone, with_number);
    let reaches = off_m.abs() <= MOST_METRES_OFF && y.abs() <= MOST_NORTHING_M;
    if !reaches {
        return None;
    }
    let (north, east) = (y / RECTIFYING_M, off_m / RECTIFYING_M);
    let (mut xi, mut eta) = (north, east);
    for (order, h) in (1..).map(|j| f64::from(2 * j)).zip(BACKWARD) {
        xi -= h * (order * north).sin() * (order * east).cosh();
        eta -= h * (order * north).cos() * (order * east).sinh();
    }
    let conformal = (xi.sin() / eta.cosh()).asin();
    let off = eta.sinh().atan2(xi.cos());
    let lon = f64::from(zone.central_meridian_deg()) + off.to_degrees();
    Some(LonLat::new(lon, geographic_lat(conformal).to_degrees()))
}

/// The geographic latitude of a conformal one, by iteration; each step gains more than two digits.
fn geographic_lat(conformal: f64) -> f64 {
    let e = eccentricity();
    let isometric = conformal.tan().asinh();
    let mut lat = conformal;
    for _ in 0..8 {
        lat = (isometric + e * (e * lat.sin()).atanh()).sinh().atan();
    }
    lat
}

fn eccentricity() -> f64 {
    (FLATTENING * (2.0 - FLATTENING)).sqrt()
}
