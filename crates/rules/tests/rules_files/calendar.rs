//! Windows, holidays and make-up days.

use expect_test::expect;

use crate::check;

#[test]
fn windows_follow_one_another() {
    check(
        "calendar.toml",
        "\"14:00-18:00\"",
        "\"11:00-18:00\"",
        &expect![[
            r#"calendar.toml:HERE: calendar.windows: "11:00-18:00" is no window after the one before it; write such as "08:00-12:00""#
        ]],
    );
}

#[test]
fn holidays_are_short_and_make_up_days_lie_on_weekends() {
    check(
        "calendar.toml",
        "[2026-09-20, 2026-10-10]",
        "[2026-09-20, 2026-10-12]",
        &expect![
            "calendar.toml:HERE: calendar.holiday 国庆节.make_up_days: 2026-10-12 is no Saturday or Sunday and works anyway"
        ],
    );
    check(
        "calendar.toml",
        "to = 2026-10-07",
        "to = 2026-09-07",
        &expect![
            "calendar.toml:HERE: calendar.holiday 国庆节.to: a holiday has 1 to 15 days, this one has -23"
        ],
    );
    check(
        "calendar.toml",
        "to = 2026-10-07",
        "to = \"2026-10-07\"",
        &expect![[
            r#"calendar.toml:HERE: to: invalid type: string "2026-10-07", expected a TOML datetime"#
        ]],
    );
}
