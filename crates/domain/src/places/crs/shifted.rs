//! The shifted systems of map providers: GCJ-02 and BD-09.
//!
//! The shift of GCJ-02 is a sum of sines on the Krasovsky ellipsoid as it is publicly known; it
//! applies inside a box around China and nowhere else. BD-09 turns and shifts GCJ-02 once more.
//! Neither has a closed inverse: both are inverted by iterating the forward direction, which ends
//! far below a millimetre (a single step would be off by 0.2–0.7 m).

use std::f64::consts::PI;

use crate::places::position::LonLat;

/// Semi-major axis of the Krasovsky ellipsoid in metres.
const KRASOVSKY_A_M: f64 = 6_378_245.0;
/// Its eccentricity squared.
const KRASOVSKY_EE: f64 = 0.006_693_421_622_965_943;
/// BD-09's fixed shift in degrees.
const BD09_SHIFT: (f64, f64) = (0.006_5, 0.006);
/// Argument of BD-09's sines per degree.
const BD09_X_PI: f64 = PI * 3_000.0 / 180.0;
/// The shift changes by less than 1 % over its own length, so that each step gains two digits.
const MOST_STEPS: usize = 12;
/// Degrees, about 10 µm.
const CLOSE_ENOUGH_DEG: f64 = 1e-10;

/// Whether the shift of GCJ-02 applies.
fn is_shifted(p: LonLat) -> bool {
    (72.004..=137.8347).contains(&p.lon) && (0.8293..=55.8271).contains(&p.lat)
}

/// The waves along an axis; their lengths are the same for both, the two longest differ in height.
fn waves(at: f64, twelfth: f64, thirtieth: f64) -> f64 {
    (20.0 * (at * PI).sin() + 40.0 * (at / 3.0 * PI).sin()) * 2.0 / 3.0
        + (twelfth * (at / 12.0 * PI).sin() + thirtieth * (at / 30.0 * PI).sin()) * 2.0 / 3.0
}

fn ripple(x: f64) -> f64 {
    (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0
}

/// GCJ-02 of a WGS 84 position; the same position outside of China.
pub fn wgs84_to_gcj02(p: LonLat) -> LonLat {
    if !is_shifted(p) {
        return p;
    }
    let (x, y) = (p.lon - 105.0, p.lat - 35.0);
    let root = x.abs().sqrt();
    let north_m = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + ripple(x)
        + waves(y, 160.0, 320.0);
    let east_m = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + ripple(x)
        + waves(x, 150.0, 300.0);
    let lat = p.lat.to_radians();
    let magic = 1.0 - KRASOVSKY_EE * lat.sin().powi(2);
    let radius_lat = KRASOVSKY_A_M * (1.0 - KRASOVSKY_EE) / (magic * magic.sqrt());
    let radius_lon = KRASOVSKY_A_M / magic.sqrt() * lat.cos();
    LonLat::new(
        p.lon + (east_m / radius_lon).to_degrees(),
        p.lat + (north_m / radius_lat).to_degrees(),
    )
}

/// WGS 84 of a GCJ-02 position.
pub fn gcj02_to_wgs84(p: LonLat) -> LonLat {
    inverted(p, wgs84_to_gcj02)
}

/// BD-09 of a GCJ-02 position.
pub fn gcj02_to_bd09(p: LonLat) -> LonLat {
    let length = p.lon.hypot(p.lat) + 0.000_02 * (p.lat * BD09_X_PI).sin();
    let angle = p.lat.atan2(p.lon) + 0.000_003 * (p.lon * BD09_X_PI).cos();
    LonLat::new(
        length * angle.cos() + BD09_SHIFT.0,
        length * angle.sin() + BD09_SHIFT.1,
    )
}

/// GCJ-02 of a BD-09 position.
pub fn bd09_to_gcj02(p: LonLat) -> LonLat {
    inverted(p, gcj02_to_bd09)
}

/// The position that `forward` brings to `target`: what is missing is added until nothing is.
fn inverted(target: LonLat, forward: fn(LonLat) -> LonLat) -> LonLat {
    let mut guess = target;
    for _ in 0..MOST_STEPS {
        let there = forward(guess);
        let missing = (target.lon - there.lon, target.lat - there.lat);
        guess = LonLat::new(guess.lon + missing.0, guess.lat + missing.1);
        if missing.0.abs() < CLOSE_ENOUGH_DEG && missing.1.abs() < CLOSE_ENOUGH_DEG {
            break;
        }
    }
    guess
}
