//! Places as they come in: in the coordinate system of whoever sends them.

use domain::LonLat;
use domain::places::Crs;

use crate::refusal::Refusal;

/// A place in CGCS2000, in which everything is stored. Refuses what is no place of the system, and
/// systems in metres, which no phone and no channel uses.
pub fn in_cgcs2000(place: LonLat, crs: Crs) -> Result<LonLat, Refusal> {
    if crs.is_projected() {
        return Err(Refusal::bad_request(
            format!("坐标系 {crs} 以米为单位，请改用 cgcs2000、wgs84、gcj02 或 bd09 的经纬度"),
            format!("{crs} is in metres: send degrees in cgcs2000, wgs84, gcj02 or bd09"),
        ));
    }
    crs.to_cgcs2000(place.lon, place.lat).map_err(|_| {
        Refusal::bad_request(
            format!("坐标 {}, {} 无效", place.lon, place.lat),
            format!("{}, {} is no longitude and latitude", place.lon, place.lat),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_of_four_systems_are_the_same_place() {
        // The test vector of the coordinate systems.
        let place = LonLat::new(104.10, 30.66);
        for (crs, lon, lat) in [
            (Crs::Cgcs2000, 104.10, 30.66),
            (Crs::Wgs84, 104.10, 30.66),
            (Crs::Gcj02, 104.102_542, 30.657_603),
            (Crs::Bd09, 104.109_136, 30.663_294),
        ] {
            let found = in_cgcs2000(LonLat::new(lon, lat), crs).expect("a place");
            assert!(found.distance_m(place) < 0.2, "{crs}: {found:?}");
        }
    }

    #[test]
    fn metres_and_what_is_nowhere_are_refused_with_a_sentence() {
        let zone: Crs = "cgcs2000-3deg-35".parse().expect("a system");
        let refused = in_cgcs2000(LonLat::new(35_414_000.0, 3_393_000.0), zone);
        let said = refused.expect_err("metres").to_string();
        assert!(
            said.contains("cgcs2000-3deg-35") && said.contains("gcj02"),
            "{said}"
        );
        for crs in [Crs::Cgcs2000, Crs::Wgs84, Crs::Gcj02, Crs::Bd09] {
            for (lon, lat) in [(f64::NAN, 30.0), (181.0, 30.0), (104.0, f64::INFINITY)] {
                let refused = in_cgcs2000(LonLat::new(lon, lat), crs).expect_err("nowhere");
                assert!(
                    refused.to_string().contains("longitude and latitude"),
                    "{refused}"
                );
            }
        }
    }
}
