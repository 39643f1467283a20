//! The index finds what a comparison with everything finds.

use proptest::prelude::*;

use super::*;
use crate::time::{HOUR_MS, MINUTE_MS};

const NEAR: Nearness = Nearness {
    within_m: 50.0,
    within_ms: 30 * MINUTE_MS,
};
/// Friday, 20 November 2026, 09:00 local time.
const NOW: Timestamp = Timestamp::from_unix_ms(1_795_136_400_000);

/// A point `metres` north of another.
fn north_of(place: LonLat, metres: f64) -> LonLat {
    LonLat::new(
        place.lon,
        place.lat + (metres / EARTH_RADIUS_M).to_degrees(),
    )
}

#[test]
fn the_bounds_are_included_and_nothing_beyond() {
    let here = LonLat::new(104.1, 30.66);
    let after = |ms| NOW.plus_ms(ms);
    for (metres, ms, is_near) in [
        (0.0, 0, true),
        (50.0, 0, true),
        (50.001, 0, false),
        (0.0, 30 * MINUTE_MS, true),
        (0.0, 30 * MINUTE_MS + 1, false),
        (0.0, -30 * MINUTE_MS, true),
        (0.0, -30 * MINUTE_MS - 1, false),
        (50.0, 30 * MINUTE_MS, true),
    ] {
        let there = (north_of(here, metres), after(ms));
        let found = NEAR.distance_m((here, NOW), there);
        assert_eq!(found.is_some(), is_near, "{metres} m, {ms} ms");
        assert_eq!(NEAR.distance_m(there, (here, NOW)).is_some(), is_near);
        let mut index = NearIndex::new(NEAR);
        index.insert((), 1, there);
        assert_eq!(index.near((), (here, NOW)).count(), usize::from(is_near));
    }
}

#[test]
fn kinds_do_not_see_each_other_and_removed_items_are_gone() {
    let here = (LonLat::new(104.1, 30.66), NOW);
    let mut index = NearIndex::new(NEAR);
    index.insert('a', 1, here);
    index.insert('a', 2, here);
    index.insert('b', 3, here);
    let found = |index: &NearIndex<char, i32>, kind| {
        let mut items: Vec<i32> = index.near(kind, here).map(|(item, ..)| item).collect();
        items.sort_unstable();
        items
    };
    assert_eq!(found(&index, 'a'), [1, 2]);
    index.remove('a', 1, here);
    index.remove('a', 3, here);
    assert_eq!((found(&index, 'a'), found(&index, 'b')), (vec![2], vec![3]));
    index.remove('a', 2, here);
    assert_eq!(index.cells.len(), 1);
}

#[test]
fn what_is_not_on_the_globe_is_near_to_nothing() {
    let mut index = NearIndex::new(NEAR);
    let nowhere = [f64::NAN, f64::INFINITY, 181.0].map(|lon| (LonLat::new(lon, 30.0), NOW));
    for place in nowhere {
        index.insert((), 1, place);
        assert_eq!(index.near((), place).count(), 0);
    }
    assert!(index.cells.is_empty());
}

fn around(lon: f64, lat: f64) -> impl Strategy<Value = LonLat> {
    let (lon, lat) = (lon - 0.002..lon + 0.002, lat - 0.002..lat + 0.002);
    (lon, lat).prop_map(|(lon, lat)| {
        // Over the date line and not over the pole.
        let lon = if lon > 180.0 { lon - 360.0 } else { lon };
        LonLat::new(lon, lat.clamp(-90.0, 90.0))
    })
}

fn crowd() -> impl Strategy<Value = Vec<Spot>> {
    let place = prop_oneof![
        around(104.1, 30.66),
        around(180.0, 52.0),
        around(12.0, 89.9999),
        around(-60.0, -89.9999),
        (-180.0..=180.0, -90.0..=90.0).prop_map(|(lon, lat)| LonLat::new(lon, lat)),
    ];
    let spot = (place, 0..2 * HOUR_MS).prop_map(|(place, ms)| (place, NOW.plus_ms(ms)));
    prop::collection::vec(spot, 0..80)
}

proptest! {
    #[test]
    fn the_index_finds_what_brute_force_finds(
        spots in crowd(),
        within_m in prop_oneof![Just(0.0), Just(50.0), 0.0..500.0, 0.0..2.1e7],
        within_ms in 0..HOUR_MS,
    ) {
        let nearness = Nearness { within_m, within_ms };
        let mut index = NearIndex::new(nearness);
        for (item, spot) in spots.iter().enumerate() {
            index.insert((), item, *spot);
        }
        for spot in &spots {
            let mut found: Vec<usize> = index.near((), *spot).map(|(item, ..)| item).collect();
            found.sort_unstable();
            let expected: Vec<usize> = (0..spots.len())
                .filter(|other| nearness.distance_m(*spot, spots[*other]).is_some())
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
