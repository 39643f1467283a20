//! Lengths and regions that an officer draws on the map.
//!
//! Lengths are geodesics of the WGS 84 ellipsoid (Karney, "Algorithms for geodesics", 2013), as the
//! crate `geo` computes them: exact to micrometres where a sphere errs by up to half a percent.
//! Whether a place lies in a lasso is asked in degrees, as it was drawn: on the map a straight edge
//! is one of constant bearing, and within a city both are the same to a hand's breadth.

use geo::{Distance, Geodesic, Point};

use super::position::LonLat;

/// Metres along a line on the ground. Points that are not on the globe are left out.
pub fn length_m(line: &[LonLat]) -> f64 {
    let mut before: Option<LonLat> = None;
    let mut total_m = 0.0;
    for at in line.iter().copied().filter(|at| at.is_on_globe()) {
        total_m += before.map_or(0.0, |before| geodesic_m(before, at));
        before = Some(at);
    }
    total_m
}

/// Metres between two places on the ground; not a number where one is not on the globe.
pub fn geodesic_m(from: LonLat, to: LonLat) -> f64 {
    if !(from.is_on_globe() && to.is_on_globe()) {
        return f64::NAN;
    }
    let point = |at: LonLat| Point::new(at.lon, at.lat);
    Geodesic.distance(point(from), point(to))
}

/// A region drawn on the map.
#[derive(Debug, Clone, PartialEq)]
pub enum Region {
    /// Everything within a distance.
    Circle {
        /// Its middle.
        centre: LonLat,
        /// Metres from the middle to the rim, which belongs to it.
        radius_m: f64,
    },
    /// Everything that a drawn line goes around, however often.
    Lasso(Vec<LonLat>),
}

impl Region {
    /// The circle around a place through another; `None` where it has no size.
    pub fn circle(centre: LonLat, rim: LonLat) -> Option<Self> {
        let radius_m = geodesic_m(centre, rim);
        // Not a number is no size either.
        (radius_m > 0.0).then_some(Self::Circle { centre, radius_m })
    }

    /// The region inside of a line, which need not be closed; `None` where it goes around nothing.
    pub fn lasso(line: &[LonLat]) -> Option<Self> {
        let corners: Vec<LonLat> = line.iter().copied().filter(|at| at.is_on_globe()).collect();
        let first = *corners.first()?;
        let spread =
            |of: fn(&LonLat, LonLat) -> f64| corners.iter().any(|corner| of(corner, first) != 0.0);
        let is_wide = spread(|corner, first| turn_deg(first.lon, corner.lon));
        let is_high = spread(|corner, first| corner.lat - first.lat);
        (corners.len() >= 3 && is_wide && is_high).then_some(Self::Lasso(corners))
    }

    /// Whether a place lies in it.
    pub fn contains(&self, at: LonLat) -> bool {
        match self {
            Self::Circle { centre, radius_m } => geodesic_m(*centre, at) <= *radius_m,
            Self::Lasso(corners) => at.is_on_globe() && windings(corners, at) != 0,
        }
    }
}

/// Degrees east from one longitude to another, the short way around.
fn turn_deg(from: f64, to: f64) -> f64 {
    (to - from + 180.0).rem_euclid(360.0) - 180.0
}

/// How often the closed line goes around a place. Longitudes count from the line's first corner on,
/// each edge the short way around, so that a line may cross the antimeridian.
fn windings(corners: &[LonLat], at: LonLat) -> i32 {
    let Some(first) = corners.first() else {
        return 0;
    };
    let mut windings = 0;
    let mut x = 0.0;
    let place = turn_deg(first.lon, at.lon);
    for (index, corner) in corners.iter().enumerate() {
        let next = corners[(index + 1) % corners.len()];
        let next_x = x + turn_deg(corner.lon, next.lon);
        let side = (next_x - x) * (at.lat - corner.lat) - (place - x) * (next.lat - corner.lat);
        if corner.lat <= at.lat && next.lat > at.lat && side > 0.0 {
            windings += 1;
        } else if corner.lat > at.lat && next.lat <= at.lat && side < 0.0 {
            windings -= 1;
        }
        x = next_x;
    }
    windings
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::new(lon, lat)
    }

    #[test]
    fn lengths_are_those_of_the_ellipsoid() {
        // One degree of the equator, and of a meridian at the equator and near the pole, after the
        // axes of WGS 84.
        for (from, to, want_m) in [
            (at(104.0, 0.0), at(105.0, 0.0), 111_319.491),
            (at(104.0, 0.0), at(104.0, 1.0), 110_574.389),
            (at(104.0, 89.0), at(104.0, 90.0), 111_693.865),
        ] {
            let got_m = length_m(&[from, to]);
            assert!((got_m - want_m).abs() < 0.01, "{from:?} {got_m}");
        }
        let corner = [at(104.0, 30.0), at(104.001, 30.0), at(104.001, 30.001)];
        let legs_m = geodesic_m(corner[0], corner[1]) + geodesic_m(corner[1], corner[2]);
        assert!((length_m(&corner) - legs_m).abs() < 1e-9);
    }

    #[test]
    fn nothing_and_nonsense_have_no_length_and_no_region() {
        assert!(length_m(&[]).abs() < f64::EPSILON);
        assert!(length_m(&[at(104.0, 30.0)]).abs() < f64::EPSILON);
        let with_nonsense = [
            at(104.0, 30.0),
            at(f64::NAN, 30.0),
            at(400.0, 0.0),
            at(104.0, 30.0),
        ];
        assert!(length_m(&with_nonsense).abs() < f64::EPSILON);
        let place = at(104.0, 30.0);
        assert_eq!(Region::circle(place, place), None);
        assert_eq!(Region::circle(place, at(f64::NAN, 0.0)), None);
        assert_eq!(Region::lasso(&[]), None);
        assert_eq!(Region::lasso(&[place; 5]), None);
        assert_eq!(
            Region::lasso(&[at(1.0, 1.0), at(2.0, 1.0), at(3.0, 1.0)]),
            None
        );
    }

    #[test]
    fn the_antimeridian_is_no_wall() {
        let across = geodesic_m(at(179.99, 10.0), at(-179.99, 10.0));
        assert!(across < 2_300.0, "{across}");
        let circle = Region::circle(at(179.999, 0.0), at(-179.99, 0.0)).expect("a size");
        assert!(circle.contains(at(-179.995, 0.0)) && !circle.contains(at(179.9, 0.0)));
        let lasso = Region::lasso(&[
            at(179.9, -0.1),
            at(-179.9, -0.1),
            at(-179.9, 0.1),
            at(179.9, 0.1),
        ])
        .expect("a region");
        assert!(lasso.contains(at(180.0, 0.0)) && lasso.contains(at(-179.95, 0.0)));
        assert!(!lasso.contains(at(0.0, 0.0)) && !lasso.contains(at(179.8, 0.0)));
    }

    #[test]
    fn a_line_that_crosses_itself_still_takes_in_what_it_goes_around() {
        // A star of five points: its middle is gone around twice.
        let star: Vec<LonLat> = [0, 2, 4, 1, 3]
            .map(|corner| {
                let (sin, cos) = (f64::from(corner) * 1.256_637_061).sin_cos();
                at(104.0 + 0.01 * sin, 30.0 + 0.01 * cos)
            })
            .to_vec();
        let region = Region::lasso(&star).expect("a region");
        assert!(region.contains(at(104.0, 30.0)));
        assert!(!region.contains(at(104.0, 29.99)));
    }

    proptest! {
        #[test]
        fn a_lasso_around_a_box_holds_what_the_box_holds(
            lon in -180.0..180.0_f64, lat in -80.0..80.0_f64,
            east in -0.03..0.03_f64, north in -0.03..0.03_f64, turned in any::<bool>(),
        ) {
            let wrapped = |lon: f64| (lon + 180.0).rem_euclid(360.0) - 180.0;
            let mut corners: Vec<LonLat> = [[-0.01, -0.01], [0.01, -0.01], [0.01, 0.01], [-0.01, 0.01]]
                .map(|[dx, dy]| at(wrapped(lon + dx), lat + dy))
                .to_vec();
            if turned {
                corners.reverse();
            }
            let region = Region::lasso(&corners).expect("a region");
            let near_edge = |v: f64| (v.abs() - 0.01).abs() < 1e-6;
            prop_assume!(!near_edge(east) && !near_edge(north));
            let inside = east.abs() < 0.01 && north.abs() < 0.01;
            prop_assert_eq!(region.contains(at(wrapped(lon + east), lat + north)), inside);
        }
    }
}
