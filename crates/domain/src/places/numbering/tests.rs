//! The rule on rows, on irregular ground, and under the trembling of a survey.

use proptest::prelude::*;

use super::*;

/// Degrees of longitude of a metre in Chengdu.
const LON_PER_M: f64 = 1.0 / 95_800.0;

fn at(east_m: f64, south_m: f64) -> LonLat {
    LonLat::new(104.1 + east_m * LON_PER_M, 30.66 - south_m / METRES_PER_LAT)
}

fn community() -> CommunityCode {
    "510108014003".parse().expect("a community")
}

fn numbers(centres: &[LonLat]) -> Vec<u16> {
    let codes = number_unit_grids(community(), SequenceDigits::Three, [], centres);
    codes
        .expect("numbers")
        .iter()
        .map(|code| code.sequence())
        .collect()
}

#[test]
fn rows_run_west_to_east_and_follow_each_other_southward() {
    // Two rows that are not level, given in no order.
    let centres = [
        at(100.0, 96.0),
        at(200.0, 8.0),
        at(0.0, 110.0),
        at(0.0, 0.0),
        at(100.0, -7.0),
        at(300.0, 104.0),
    ];
    assert_eq!(numbers(&centres), [5, 3, 4, 1, 2, 6]);
}

#[test]
fn where_no_gap_is_the_row_ends_at_the_longest_step() {
    // Depths every 20 m but for one step of 24 m at 100 m: less than a quarter of a row height.
    let mut depths: Vec<f64> = (0..=5).map(|i| f64::from(i) * 20.0).collect();
    depths.extend((0..6).map(|i| 124.0 + f64::from(i) * 20.0));
    // Every grid lies further west than the one before, so that rows show.
    let centres: Vec<LonLat> = depths
        .iter()
        .enumerate()
        .map(|(i, depth)| at(-50.0 * i as f64, *depth))
        .collect();
    assert_eq!(numbers(&centres), [6, 5, 4, 3, 2, 1, 12, 11, 10, 9, 8, 7]);
    // Equal steps: the row ends at the first that begins half a row height down.
    let even: Vec<LonLat> = (0..12)
        .map(|i| {
            at(
                -50.0 * f64::from(i),
                f64::from(i) * 20.0 + 1e-3 * f64::from(i % 2),
            )
        })
        .collect();
    let order = reading_order(&even, ROW_HEIGHT_M);
    assert!(order[..3].iter().all(|i| *i < 8), "{order:?}");
    assert_eq!(order.len(), 12);
}

#[test]
fn one_and_a_half_row_heights_end_in_one_row() {
    let level: Vec<LonLat> = (0..8)
        .map(|i| at(-50.0 * f64::from(i), f64::from(i) * 20.0))
        .collect();
    assert_eq!(
        numbers(&level),
        [8, 7, 6, 5, 4, 3, 2, 1],
        "140 m are one row"
    );
}

#[test]
fn numbers_go_on_after_the_largest_in_use() {
    let digits = SequenceDigits::Two;
    let code = |text: &str| text.parse::<UnitGridCode>().expect("a code");
    let taken = [
        code("51010801400397"),
        code("51010801400402"),
        code("51010801400303"),
    ];
    let centres = [at(100.0, 0.0), at(0.0, 0.0)];
    let codes = number_unit_grids(community(), digits, &taken, &centres).expect("two are left");
    assert_eq!(codes, [code("51010801400399"), code("51010801400398")]);
    let three = [at(0.0, 0.0), at(1.0, 0.0), at(2.0, 0.0)];
    let error = number_unit_grids(community(), digits, &taken, &three).expect_err("full");
    assert_eq!(
        error.to_string(),
        "community 510108014003 needs numbers up to 100, and 2 digits end at 99: use a longer \
         sequence"
    );
    assert_eq!(
        number_unit_grids(community(), digits, &taken, &[]),
        Ok(Vec::new())
    );
}

#[test]
fn what_is_no_place_is_named() {
    let centres = [at(0.0, 0.0), LonLat::new(104.0, f64::NAN)];
    let error = number_unit_grids(community(), SequenceDigits::Four, [], &centres);
    let error = error.expect_err("no place").to_string();
    assert_eq!(error, "grid 2 of the list has no place: 104, NaN");
    assert_eq!(
        reading_order(&[LonLat::new(f64::NAN, f64::NAN); 3], 100.0).len(),
        3
    );
}

fn scattered() -> impl Strategy<Value = Vec<LonLat>> {
    let point = (0.0_f64..1_500.0, 0.0_f64..1_500.0);
    prop::collection::vec(point.prop_map(|(x, y)| at(x, y)), 1..80)
}

proptest! {
    #[test]
    fn every_grid_gets_one_number_and_rows_never_mix(centres in scattered()) {
        let rows = rows(&centres, ROW_HEIGHT_M);
        let mut all = rows.concat();
        prop_assert_eq!(&all, &reading_order(&centres, ROW_HEIGHT_M));
        all.sort_unstable();
        prop_assert_eq!(all, (0..centres.len()).collect::<Vec<_>>());
        let south = |row: &[usize]| {
            row.iter().map(|i| centres[*i].lat).fold(f64::INFINITY, f64::min)
        };
        let north = |row: &[usize]| {
            row.iter().map(|i| centres[*i].lat).fold(-f64::INFINITY, f64::max)
        };
        for two in rows.windows(2) {
            prop_assert!(north(&two[1]) <= south(&two[0]));
        }
        for row in &rows {
            prop_assert!(row.windows(2).all(|two| centres[two[0]].lon <= centres[two[1]].lon));
            let height_m = (north(row) - south(row)) * METRES_PER_LAT;
            prop_assert!(height_m <= 1.5 * ROW_HEIGHT_M + 1e-6, "{height_m}");
        }
    }

    #[test]
    fn the_order_of_the_list_does_not_matter(centres in scattered(), turn in 0_usize..80) {
        let turn = turn % centres.len();
        let mut turned = centres.clone();
        turned.rotate_left(turn);
        let mut expected = numbers(&centres);
        expected.rotate_left(turn);
        prop_assert_eq!(numbers(&turned), expected);
    }

    #[test]
    fn a_trembling_survey_changes_no_number(
        shifts in prop::collection::vec((-12.0_f64..12.0, -12.0_f64..12.0), 48),
        trembling in prop::collection::vec((-0.3_f64..0.3, -0.3_f64..0.3), 48),
    ) {
        // Eight unit grids in each of six rows, none of them quite in its place.
        let place = |i: usize, (dx, dy): (f64, f64)| {
            (100.0 * (i % 8) as f64 + dx, 100.0 * (i / 8) as f64 + dy)
        };
        let rough: Vec<(f64, f64)> = (0..48).map(|i| place(i, shifts[i])).collect();
        let first: Vec<LonLat> = rough.iter().map(|(x, y)| at(*x, *y)).collect();
        let second: Vec<LonLat> = rough
            .iter()
            .zip(&trembling)
            .map(|((x, y), (dx, dy))| at(x + dx, y + dy))
            .collect();
        prop_assert_eq!(numbers(&first), (1..=48).collect::<Vec<u16>>());
        prop_assert_eq!(numbers(&first), numbers(&second));
    }
}
