//! Major and minor categories.

use expect_test::expect;

use crate::check;

#[test]
fn limits_and_codes_are_checked() {
    check(
        "events.toml",
        "name = \"暴露垃圾\", limit = \"4 working_hour\"",
        "name = \"暴露垃圾\", limit = \"4 hours\"",
        &expect![[
            r#"events.toml:HERE: E01.10.limit: "4 hours" is no limit; write an amount of 1 to 1000 and a unit, such as "4 working_hour" (units: emergency_minute, emergency_hour, emergency_day, working_hour, working_day)"#
        ]],
    );
    check(
        "events.toml",
        "code = \"E02\"",
        "code = \"X1\"",
        &expect![[r#"
            events.toml:HERE: major.code: "X1" is no major code; write such as "E01" (event) or "C01" (component)
            signals.toml:22: signals.majors: there is no major "E02""#]],
    );
    check(
        "events.toml",
        "code = \"12\", name = \"道路不洁\"",
        "code = \"0\", name = \"道路不洁\"",
        &expect![[
            r#"events.toml:HERE: E01.minors.code: "0" is no minor code; write two digits from "01" to "99""#
        ]],
    );
    check(
        "events.toml",
        "{ code = \"11\", name = \"积存渣土\"",
        "{ code = \"10\", name = \"积存渣土\"",
        &expect!["events.toml:HERE: E01.10: is given twice"],
    );
}

#[test]
fn the_responsibility_list_has_a_lead_and_no_post_twice() {
    check(
        "local.toml",
        "posts = [\"police\", \"public_order\"]",
        "posts = []",
        &expect![
            "local.toml:HERE: E83.posts: the responsibility list needs at least its lead post"
        ],
    );
    check(
        "local.toml",
        "posts = [\"police\", \"public_order\"]",
        "posts = [\"police\", \"police\"]",
        &expect!["local.toml:HERE: E83.posts: names a post twice"],
    );
}
