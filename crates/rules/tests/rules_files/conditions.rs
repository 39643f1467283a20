//! Filing conditions and the hotline.

use expect_test::expect;

use crate::check;

#[test]
fn a_minor_names_a_set_or_has_a_limit() {
    let sound = "name = \"私搭乱建\", conditions = \"illegal_building\"";
    check(
        "events.toml",
        sound,
        "name = \"私搭乱建\", conditions = \"illegal\"",
        &expect![[
            r#"events.toml:HERE: E01.01.conditions: there is no [[condition_set]] named "illegal""#
        ]],
    );
    check(
        "events.toml",
        sound,
        "name = \"私搭乱建\", conditions = \"illegal_building\", limit = \"1 working_day\"",
        &expect![
            "events.toml:HERE: E01.01.conditions: a minor with conditions has no limit of its own: each condition has one"
        ],
    );
}

#[test]
fn conditions_are_checked() {
    for (sound, broken, expected) in [
        (
            "code = \"broken\"",
            "code = \"Broken\"",
            expect![[
                r#"components.toml:HERE: condition_set shaft_cover.Broken.code: "Broken" is no id; write 1 to 40 lower-case letters, digits and "_", a letter first"#
            ]],
        ),
        (
            "code = \"broken\"",
            "code = \"missing\"",
            expect!["components.toml:HERE: condition_set shaft_cover.missing: is given twice"],
        ),
        (
            "text = \"井盖破损\"",
            "text = \" \"",
            expect![
                "components.toml:HERE: condition_set shaft_cover.broken.text: a name has 1 to 24 characters, this one has 0"
            ],
        ),
        (
            "limit = \"4 working_hour\" }",
            "limit = \"4\" }",
            expect![[
                r#"components.toml:HERE: condition_set shaft_cover.broken.limit: "4" is no limit; write an amount of 1 to 1000 and a unit, such as "4 working_hour" (units: emergency_minute, emergency_hour, emergency_day, working_hour, working_day)"#
            ]],
        ),
    ] {
        check("components.toml", sound, broken, &expected);
    }
    check(
        "events.toml",
        "\"2 emergency_day\"",
        "\"2 days\"",
        &expect![[
            r#"events.toml:HERE: condition_set illegal_building.illegal_building.interim.limit: "2 days" is no limit; write an amount of 1 to 1000 and a unit, such as "4 working_hour" (units: emergency_minute, emergency_hour, emergency_day, working_hour, working_day)"#
        ]],
    );
    check(
        "events.toml",
        "\"责令停工\"",
        "\"\"",
        &expect![
            "events.toml:HERE: condition_set illegal_building.illegal_building.interim.text: a name has 1 to 24 characters, this one has 0"
        ],
    );
    check(
        "events.toml",
        "name = \"illegal_building\"\n",
        "name = \"illegal_building\"\nconditions = []\n[[condition_set]]\nname = \"illegal_building\"\n",
        &expect![[r"
            events.toml:HERE+1: condition_set illegal_building: a set needs at least one condition, the ordinary one first
            events.toml:HERE+3: condition_set illegal_building: is given twice"]],
    );
}

#[test]
fn the_hotline_is_checked() {
    for (sound, broken, expected) in [
        (
            "answer_within_s = 15",
            "answer_within_s = 0",
            expect![
                "street.toml:HERE: hotline.answer_within_s: 0 is not between 1 and 3600 seconds"
            ],
        ),
        (
            "connection_rate = 0.95",
            "connection_rate = 95.0",
            expect!["street.toml:HERE: hotline.connection_rate: 95 is not between 0.0 and 1.0"],
        ),
    ] {
        check("street.toml", sound, broken, &expected);
    }
}
