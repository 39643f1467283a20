//! Whistles: limits, whom they call, weights, points and the admonitory talk.

use domain::clocks::{Limit, LimitUnit};
use domain::incidents::Level;
use domain::trail::OfficerRole;
use expect_test::expect;

use crate::check;

#[test]
fn departments_answer_a_whistle_within_two_hours() {
    let rules = rules::shipped().expect("shipped rules");
    let whistle = &rules.whistle;
    let two_hours = Limit {
        amount: 2,
        unit: LimitUnit::EmergencyHour,
    };
    assert_eq!(whistle.response, two_hours);
    assert_eq!(whistle.levels, [Level::Large]);
    assert_eq!(whistle.levels_with_override, [Level::Medium]);
    assert_eq!(whistle.categories.len(), 2);
    let is_known = |id| rules.department(id).is_some();
    assert!(whistle.departments.iter().all(is_known));
    let weights = &whistle.weights;
    assert_eq!(
        [weights.response, weights.closing, weights.satisfaction],
        [30, 40, 30]
    );
    let points = &whistle.points;
    assert_eq!(
        [points.most_at_once, points.most_added, points.most_taken],
        [5, 10, 20]
    );
    let admonition = &whistle.admonition;
    assert_eq!(admonition.score_below, 60);
    assert_eq!(
        (admonition.whistles_at_least, admonition.unanswered_from),
        (3, 2)
    );
    assert_eq!(admonition.led_by, OfficerRole::StreetLeader);
}

#[test]
fn whom_a_whistle_calls_is_checked() {
    check(
        "whistle.toml",
        "departments = [\"police\"",
        "departments = [\"polizei\"",
        &expect![[
            r#"whistle.toml:HERE: whistle.departments: "polizei" is no department of these files"#
        ]],
    );
    check(
        "whistle.toml",
        "\"urban_management\"",
        "\"police\"",
        &expect![[r#"whistle.toml:HERE: whistle.departments: "police" is named twice"#]],
    );
    check(
        "whistle.toml",
        "departments = [\"police\", \"urban_management\", \"emergency\", \"public_order\", \"maintenance\"]",
        "departments = []",
        &expect![
            "whistle.toml:HERE: whistle.departments: name at least one department that may be called"
        ],
    );
    check(
        "whistle.toml",
        "E05.02",
        "E01.99",
        &expect![[
            r#"whistle.toml:HERE: whistle.categories: "E01.99" is no category of these files"#
        ]],
    );
    check(
        "whistle.toml",
        "E05.02",
        "gas",
        &expect![[r#"whistle.toml:HERE: whistle.categories: "gas" is no category of these files"#]],
    );
    check(
        "whistle.toml",
        "[\"medium\"]",
        "[\"large\"]",
        &expect![
            "whistle.toml:HERE: whistle.levels_with_override: large stands in levels already, where it needs no reason"
        ],
    );
}

#[test]
fn limits_weights_and_points_are_checked() {
    check(
        "whistle.toml",
        "2 emergency_hour",
        "2 hours",
        &expect![[
            r#"whistle.toml:HERE: whistle.response: "2 hours" is no limit; write an amount of 1 to 1000 and a unit, such as "4 working_hour" (units: emergency_minute, emergency_hour, emergency_day, working_hour, working_day)"#
        ]],
    );
    check(
        "whistle.toml",
        "[whistle.weights]\nresponse = 30",
        "[whistle.weights]\nresponse = 4294967295",
        &expect![
            "whistle.toml:HERE: whistle.weights: the weights add up to 4294967365 and not to 100"
        ],
    );
    check(
        "whistle.toml",
        "most_taken = 20",
        "most_taken = 101",
        &expect!["whistle.toml:HERE: whistle.points.most_taken: 101 is not between 0 and 100"],
    );
    check(
        "whistle.toml",
        "score_below = 60",
        "score_below = 600",
        &expect!["whistle.toml:HERE: whistle.admonition.score_below: 600 is not between 0 and 100"],
    );
    check(
        "whistle.toml",
        "unanswered_from = 2",
        "unanswered_from = 0",
        &expect!["whistle.toml:HERE: whistle.admonition.unanswered_from: must be at least 1"],
    );
    check(
        "whistle.toml",
        "\"street_leader\"",
        "\"mayor\"",
        &expect![
            "whistle.toml:HERE: led_by: unknown variant `mayor`, expected one of `shift_leader`, `duty_officer`, `street_leader`, `it_officer`"
        ],
    );
}
