//! The test vector, round trips over China, and the projection against what is known of it.

use proptest::prelude::*;

use super::gauss_krueger::{FLATTENING, SEMI_MAJOR_M};
use super::*;

fn zone(number: u8) -> GaussZone {
    GaussZone::new(number).expect("a zone")
}

#[test]
fn the_test_vector() {
    let here = LonLat::new(104.10, 30.66);
    let near = |found: (f64, f64), lon: f64, lat: f64| {
        // The vector is given to six digits.
        assert!((found.0 - lon).abs() < 6e-7, "{found:?}");
        assert!((found.1 - lat).abs() < 6e-7, "{found:?}");
    };
    near(
        Crs::Gcj02.from_cgcs2000(here).expect("inside"),
        104.102_542,
        30.657_603,
    );
    near(
        Crs::Bd09.from_cgcs2000(here).expect("inside"),
        104.109_136,
        30.663_294,
    );
    near(
        Crs::Wgs84.from_cgcs2000(here).expect("inside"),
        104.10,
        30.66,
    );
    let back = |crs: Crs, x, y| crs.to_cgcs2000(x, y).expect("inside").distance_m(here);
    assert!(back(Crs::Gcj02, 104.102_542, 30.657_603) < 0.1);
    assert!(back(Crs::Bd09, 104.109_136, 30.663_294) < 0.1);
}

#[test]
fn the_shifts_in_chengdu_are_as_large_as_they_are_known_to_be() {
    let here = LonLat::new(104.10, 30.66);
    let off = |crs: Crs| {
        let (lon, lat) = crs.from_cgcs2000(here).expect("inside");
        LonLat::new(lon, lat).distance_m(here)
    };
    assert!(
        (off(Crs::Gcj02) - 360.0).abs() < 20.0,
        "{}",
        off(Crs::Gcj02)
    );
    assert!((off(Crs::Bd09) - 950.0).abs() < 20.0, "{}", off(Crs::Bd09));
}

#[test]
fn a_single_step_of_the_inverse_is_not_enough_and_ours_is() {
    // Places all over Chengdu, where a single step is off by some tenths of a metre.
    for (lon, lat) in [
        (104.10, 30.66),
        (103.95, 30.55),
        (104.25, 30.80),
        (104.05, 30.66),
    ] {
        let here = LonLat::new(lon, lat);
        let shifted = |p| {
            let (lon, lat) = Crs::Gcj02.from_cgcs2000(p).expect("inside");
            LonLat::new(lon, lat)
        };
        let there = shifted(here);
        let again = shifted(there);
        let one_step = LonLat::new(
            there.lon - (again.lon - there.lon),
            there.lat - (again.lat - there.lat),
        );
        let off_m = one_step.distance_m(here);
        assert!((0.1..1.0).contains(&off_m), "{lon}, {lat}: {off_m} m");
        let ours = Crs::Gcj02
            .to_cgcs2000(there.lon, there.lat)
            .expect("inside");
        assert!(ours.distance_m(here) < 1e-3, "{lon}, {lat}");
    }
}

#[test]
fn outside_of_china_gcj02_is_the_identity() {
    for p in [(2.35, 48.86), (-74.0, 40.7), (140.0, 35.0), (104.0, 0.5)] {
        let p = LonLat::new(p.0, p.1);
        assert_eq!(Crs::Gcj02.from_cgcs2000(p), Ok((p.lon, p.lat)));
        assert_eq!(Crs::Gcj02.to_cgcs2000(p.lon, p.lat), Ok(p));
    }
}

#[test]
fn names_and_epsg_numbers_read_back() {
    let mut all = vec![Crs::Cgcs2000, Crs::Wgs84, Crs::Gcj02, Crs::Bd09];
    for number in 25..=45 {
        all.extend([
            Crs::GaussZone(zone(number)),
            Crs::GaussMeridian(zone(number)),
        ]);
    }
    for crs in all {
        assert_eq!(crs.to_string().parse(), Ok(crs));
        if let Some(epsg) = crs.epsg() {
            assert_eq!(format!("EPSG:{epsg}").parse(), Ok(crs));
        }
        let json = serde_json::to_string(&crs).expect("writes");
        assert_eq!(serde_json::from_str::<Crs>(&json).expect("reads"), crs);
    }
    for (text, crs) in [
        ("EPSG:4513", Crs::GaussZone(zone(25))),
        ("epsg:4523", Crs::GaussZone(zone(35))),
        ("EPSG:4533", Crs::GaussZone(zone(45))),
        ("EPSG:4534", Crs::GaussMeridian(zone(25))),
        ("cgcs2000-cm-105", Crs::GaussMeridian(zone(35))),
        ("EPSG:4554", Crs::GaussMeridian(zone(45))),
    ] {
        assert_eq!(text.parse(), Ok(crs), "{text}");
    }
    assert_eq!(Crs::Gcj02.epsg(), None);
    for bad in [
        "",
        "utm",
        "EPSG:4555",
        "EPSG:4512",
        "cgcs2000-3deg-",
        "epsg:99999999",
    ] {
        let error = bad.parse::<Crs>().expect_err(bad);
        assert!(
            error.to_string().contains("no coordinate system"),
            "{error}"
        );
    }
    for bad in [
        "cgcs2000-3deg-24",
        "cgcs2000-3deg-46",
        "cgcs2000-cm-104",
        "cgcs2000-cm-138",
    ] {
        assert!(bad.parse::<Crs>().is_err(), "{bad}");
    }
    assert!(serde_json::from_str::<Crs>("{\"gauss_zone\":7}").is_err());
    assert_eq!(zone(35).central_meridian_deg(), 105);
    assert_eq!(GaussZone::around(104.1), Some(zone(35)));
    assert_eq!(GaussZone::around(-74.0), None);
}

#[test]
fn coordinates_outside_of_a_system_are_refused() {
    for crs in [
        Crs::Cgcs2000,
        Crs::Gcj02,
        Crs::Bd09,
        Crs::GaussZone(zone(35)),
    ] {
        for (x, y) in [(f64::NAN, 30.0), (104.0, f64::INFINITY), (1e300, -1e300)] {
            assert!(crs.to_cgcs2000(x, y).is_err(), "{crs} {x} {y}");
        }
        assert!(crs.from_cgcs2000(LonLat::new(f64::NAN, 30.0)).is_err());
        assert!(crs.from_cgcs2000(LonLat::new(104.0, 91.0)).is_err());
    }
    // An easting without its zone number, and degrees given as metres with a zone number wanted.
    assert!(
        Crs::GaussZone(zone(35))
            .to_cgcs2000(414_000.0, 3_393_000.0)
            .is_err()
    );
    assert!(
        Crs::GaussZone(zone(35))
            .to_cgcs2000(36_414_000.0, 3_393_000.0)
            .is_err()
    );
    assert!(
        Crs::GaussMeridian(zone(35))
            .to_cgcs2000(414_000.0, 3_393_000.0)
            .is_ok()
    );
    let far = LonLat::new(112.0, 30.0);
    let error = Crs::GaussZone(zone(35))
        .from_cgcs2000(far)
        .expect_err("7° off");
    assert_eq!(
        error.to_string(),
        "112, 30 lies outside of cgcs2000-3deg-35"
    );
}

/// Metres along the meridian from the equator, by Simpson's rule over its radius of curvature.
fn meridian_arc_m(lat_deg: f64) -> f64 {
    let ee = FLATTENING * (2.0 - FLATTENING);
    let radius = |lat: f64| SEMI_MAJOR_M * (1.0 - ee) / (1.0 - ee * lat.sin().powi(2)).powf(1.5);
    let steps = 2_000;
    let h = lat_deg.to_radians() / f64::from(steps);
    let inner: f64 = (1..steps)
        .map(|i| {
            let weight = if i % 2 == 0 { 2.0 } else { 4.0 };
            weight * radius(f64::from(i) * h)
        })
        .sum();
    (radius(0.0) + inner + radius(lat_deg.to_radians())) * h / 3.0
}

#[test]
fn the_central_meridian_is_true_to_length() {
    let crs = Crs::GaussMeridian(zone(35));
    for lat in [0.0, 3.5, 18.2, 30.66, 39.9, 53.6, 80.0] {
        let (x, y) = crs.from_cgcs2000(LonLat::new(105.0, lat)).expect("inside");
        assert!((x - 500_000.0).abs() < 1e-6, "{x}");
        assert!((y - meridian_arc_m(lat)).abs() < 1e-5, "{lat}: {y}");
    }
    // The quarter meridian of GRS 80, whose figures CGCS2000 shares, is published to 0.1 mm.
    let (_, pole) = crs.from_cgcs2000(LonLat::new(105.0, 90.0)).expect("inside");
    assert!((pole - 10_001_965.729_3).abs() < 2e-4, "{pole}");
}

#[test]
fn the_zone_number_stands_before_the_easting() {
    let here = LonLat::new(104.1, 30.66);
    let (x, y) = Crs::GaussMeridian(zone(35))
        .from_cgcs2000(here)
        .expect("inside");
    let (long, same) = Crs::GaussZone(zone(35))
        .from_cgcs2000(here)
        .expect("inside");
    assert!((long - x - 35_000_000.0).abs() < 1e-6 && (same - y).abs() < 1e-9);
    // West of the meridian, by the length of the parallel: 0.9° at 30.66° N.
    assert!((500_000.0 - x - 86_255.0).abs() < 20.0, "{x}");
}

#[test]
fn the_projection_is_conformal_with_its_known_scale() {
    // By the classical expansion the scale 1° off is 1 + (λ cos φ)² (1 + η²) / 2 + small terms.
    let crs = Crs::GaussMeridian(zone(35));
    let ee = FLATTENING * (2.0 - FLATTENING);
    for (lon, lat) in [(105.0, 30.66), (104.0, 30.66), (106.4, 22.0), (103.6, 45.0)] {
        let at = |lon: f64, lat: f64| crs.from_cgcs2000(LonLat::new(lon, lat)).expect("inside");
        let step = 1e-4_f64;
        let (east, west) = (at(lon + step, lat), at(lon - step, lat));
        let (north, south) = (at(lon, lat + step), at(lon, lat - step));
        let lat_rad = f64::to_radians(lat);
        let magic = 1.0 - ee * lat_rad.sin().powi(2);
        let along_parallel = SEMI_MAJOR_M / magic.sqrt() * lat_rad.cos();
        let along_meridian = SEMI_MAJOR_M * (1.0 - ee) / magic.powf(1.5);
        let span = 2.0 * step.to_radians();
        let scale_east = (east.0 - west.0).hypot(east.1 - west.1) / (along_parallel * span);
        let scale_north = (north.0 - south.0).hypot(north.1 - south.1) / (along_meridian * span);
        assert!((scale_east - scale_north).abs() < 1e-8, "{lon} {lat}");
        let off = (lon - 105.0_f64).to_radians() * lat_rad.cos();
        let eta2 = ee / (1.0 - ee) * lat_rad.cos().powi(2);
        let expected = 1.0 + off * off / 2.0 * (1.0 + eta2);
        assert!(
            (scale_north - expected).abs() < 2e-7,
            "{lon} {lat}: {scale_north}"
        );
        let dot = (east.0 - west.0) * (north.0 - south.0) + (east.1 - west.1) * (north.1 - south.1);
        let lengths = along_parallel * span * along_meridian * span;
        assert!(
            (dot / lengths).abs() < 1e-8,
            "{lon} {lat} is not at right angles"
        );
    }
}

proptest! {
    #[test]
    fn round_trips_over_china_stay_within_a_tenth_of_a_metre(
        lon in 73.5_f64..135.0,
        lat in 3.5_f64..53.6,
    ) {
        let here = LonLat::new(lon, lat);
        let zone = GaussZone::around(lon).expect("a zone of China");
        for crs in [
            Crs::Cgcs2000,
            Crs::Wgs84,
            Crs::Gcj02,
            Crs::Bd09,
            Crs::GaussZone(zone),
            Crs::GaussMeridian(zone),
        ] {
            let (x, y) = crs.from_cgcs2000(here).expect("inside");
            let back = crs.to_cgcs2000(x, y).expect("inside");
            let off_m = back.distance_m(here);
            prop_assert!(off_m < 1e-3, "{crs}: {off_m} m");
            // The other way round as well: what is printed in the system comes back.
            let (again_x, again_y) = crs.from_cgcs2000(back).expect("inside");
            let unit_m = if crs.is_projected() { 1.0 } else { 111_000.0 };
            prop_assert!((again_x - x).hypot(again_y - y) * unit_m < 0.1, "{crs}");
        }
    }

    #[test]
    fn no_number_panics(x in proptest::num::f64::ANY, y in proptest::num::f64::ANY, which in 0..6) {
        let zone = GaussZone::new(35).expect("a zone");
        let crs = [Crs::Cgcs2000, Crs::Wgs84, Crs::Gcj02, Crs::Bd09,
            Crs::GaussZone(zone), Crs::GaussMeridian(zone)][which as usize];
        if let Ok(p) = crs.to_cgcs2000(x, y) {
            prop_assert!(p.is_on_globe());
        }
        if let Ok((x, y)) = crs.from_cgcs2000(LonLat::new(x, y)) {
            prop_assert!(x.is_finite() && y.is_finite());
        }
    }
}
