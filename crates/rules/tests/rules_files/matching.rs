//! Duplicates and repeated complaints.

use domain::nearness::Nearness;
use expect_test::expect;

use crate::check;

#[test]
fn duplicates_are_50_metres_and_30_minutes_apart_at_most() {
    let rules = rules::shipped().expect("shipped rules");
    assert_eq!(
        rules.duplicates,
        Nearness {
            within_m: 50.0,
            within_ms: 30 * 60 * 1_000
        }
    );
}

#[test]
fn numbers_stay_in_their_ranges() {
    for (sound, broken, expected) in [
        (
            "within_m = 50.0",
            "within_m = 0.0",
            expect!["matching.toml:HERE: duplicates.within_m: 0 is not between 1 and 10000 metres"],
        ),
        (
            "within_m = 50.0",
            "within_m = nan",
            expect![
                "matching.toml:HERE: duplicates.within_m: NaN is not between 1 and 10000 metres"
            ],
        ),
        (
            "within_min = 30",
            "within_min = 0",
            expect![
                "matching.toml:HERE: duplicates.within_min: 0 is not between 1 and 10080 minutes"
            ],
        ),
        (
            "within_min = 30",
            "within_min = 10081",
            expect![
                "matching.toml:HERE: duplicates.within_min: 10081 is not between 1 and 10080 minutes"
            ],
        ),
        (
            "within_days = 7",
            "within_days = 0",
            expect!["matching.toml:HERE: clusters.within_days: 0 is not between 1 and 366"],
        ),
        (
            "complaints_from = 3",
            "complaints_from = 1",
            expect!["matching.toml:HERE: clusters.complaints_from: 1 is not between 2 and 1000"],
        ),
        (
            "within_m = 50.0\ncomplaints_from",
            "within_m = -1.0\ncomplaints_from",
            expect!["matching.toml:HERE: clusters.within_m: -1 is not between 1 and 10000 metres"],
        ),
    ] {
        check("matching.toml", sound, broken, &expected);
    }
}
