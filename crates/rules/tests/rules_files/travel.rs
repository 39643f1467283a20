//! The speeds of the three ways of moving.

use domain::roads::TravelRules;
use expect_test::expect;

use crate::check;

#[test]
fn records_stored_without_speeds_read_as_the_shipped_ones() {
    let shipped = rules::shipped().expect("shipped");
    assert_eq!(shipped.travel, TravelRules::default());
}

#[test]
fn slips_of_the_pen_are_named() {
    check(
        "travel.toml",
        "walk_mps = 1.3",
        "walk_mps = 4.8",
        &expect!["travel.toml:HERE: travel.walk_mps: 4.8 is not between 0.5 and 3 m/s"],
    );
    check(
        "travel.toml",
        "ebike_mps = 5.0",
        "ebike_mps = 18.0",
        &expect!["travel.toml:HERE: travel.ebike_mps: 18 is not between 0.5 and 6.94 m/s"],
    );
    check(
        "travel.toml",
        "car_share = 0.6",
        "car_share = nan",
        &expect!["travel.toml:HERE: travel.car_share: NaN is not between 0.1 and 1"],
    );
    check(
        "travel.toml",
        "car_most_mps = 33.33",
        "car_most_mps = 120.0",
        &expect!["travel.toml:HERE: travel.car_most_mps: 120 is not between 5 and 33.34 m/s"],
    );
    check(
        "travel.toml",
        "approach_most_m = 2000.0",
        "approach_most_m = 0.0",
        &expect!["travel.toml:HERE: travel.approach_most_m: 0 is not between 50 and 20000 m"],
    );
    check(
        "travel.toml",
        "car_share = 0.6",
        "",
        &expect!["travel.toml:3: travel: missing field `car_share`"],
    );
}
