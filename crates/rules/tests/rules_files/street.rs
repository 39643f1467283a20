//! The values that stand alone, the limits of the stages and the weights of the ranking.

use expect_test::expect;

use crate::check;

#[test]
fn a_blank_or_overlong_version_is_refused() {
    check(
        "street.toml",
        "version = \"chengdu-street-2026.1\"",
        "version = \" \"",
        &expect![[
            r#"street.toml:HERE: version: must be a text of 1 to 64 letters, such as "chengdu-street-2026.1""#
        ]],
    );
    check(
        "street.toml",
        "version = \"chengdu-street-2026.1\"",
        &format!("version = \"{}\"", "x".repeat(65)),
        &expect![[
            r#"street.toml:HERE: version: must be a text of 1 to 64 letters, such as "chengdu-street-2026.1""#
        ]],
    );
}

#[test]
fn numbers_stay_in_their_ranges() {
    check(
        "street.toml",
        "yellow_share = 0.25",
        "yellow_share = 25.0",
        &expect!["street.toml:HERE: yellow_share: 25 is not between 0.0 and 1.0"],
    );
    check(
        "dispatch.toml",
        "skill_min = 3.0",
        "skill_min = -1.0",
        &expect!["dispatch.toml:HERE: ranking.skill_min: -1 is not between 0 and 1440 minutes"],
    );
    check(
        "dispatch.toml",
        "skill_min = 3.0",
        "skill_min = nan",
        &expect!["dispatch.toml:HERE: ranking.skill_min: NaN is not between 0 and 1440 minutes"],
    );
    check(
        "street.toml",
        "verify = \"30 emergency_minute\"",
        "verify = \"30 minutes\"",
        &expect![[
            r#"street.toml:HERE: stage_limits.verify: "30 minutes" is no limit; write an amount of 1 to 1000 and a unit, such as "4 working_hour" (units: emergency_minute, emergency_hour, emergency_day, working_hour, working_day)"#
        ]],
    );
}
