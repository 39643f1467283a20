//! What the emergency modes change.

use domain::Mode;
use domain::modes::{THEMES, rules_in_mode};
use expect_test::expect;

use crate::check;

#[test]
fn the_shipped_modes_leave_everyday_matters_alone() {
    let rules = rules::shipped().expect("shipped rules");
    let modes: Vec<_> = rules.modes.iter().map(|rule| rule.mode).collect();
    assert_eq!(modes, Mode::ALL[1..]);
    for mode in Mode::ALL {
        let view = rules_in_mode(&rules, mode);
        for rule in &rules.categories {
            let matter = view.for_matter(rule.code, false);
            if !matter.is_emergency() {
                assert_eq!(matter.stage_limits(), rules.stage_limits);
                assert_eq!(matter.ranking(), rules.ranking);
                assert_eq!(matter.handling_limit(None), Some(rule.limit));
            }
        }
        let rubbish = view.for_matter("E01.10".parse().expect("code"), false);
        let flood = view.for_matter("E85.01".parse().expect("code"), false);
        assert!(!rubbish.is_emergency());
        assert_eq!(flood.is_emergency(), mode != Mode::Normal);
        assert!(flood.stage_limits().verify.amount <= rules.stage_limits.verify.amount);
    }
}

#[test]
fn the_theme_has_the_tokens_of_the_modes() {
    let theme = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/theme/theme.css");
    let theme = std::fs::read_to_string(theme).expect("the theme");
    for token in THEMES {
        let token = format!("--{token}:");
        assert!(theme.contains(&token), "{token} is not in the theme");
    }
}

#[test]
fn modes_are_checked() {
    for (sound, broken, expected) in [
        (
            "\"emergency_red\"",
            "\"emergency_purple\"",
            expect![
                "modes.toml:HERE: mode: unknown variant `emergency_purple`, expected one of `normal`, `emergency_blue`, `emergency_yellow`, `emergency_orange`, `emergency_red`"
            ],
        ),
        (
            "\"emergency_red\"",
            "\"emergency_blue\"",
            expect![[r"
                modes.toml:HERE: mode emergency_blue: is given twice
                modes.toml:19: mode: there is no rule for emergency_red"]],
        ),
        (
            "\"emergency_red\"",
            "\"normal\"",
            expect![[r"
                modes.toml:HERE: mode normal: normal mode is what all other files say; it changes nothing
                modes.toml:19: mode: there is no rule for emergency_red"]],
        ),
        (
            "[\"E05\", \"E85\"]",
            "[\"E5\", \"E77\"]",
            expect![[r#"
            modes.toml:HERE: mode emergency_blue.categories: "E5" is not a major such as E85 or a minor such as E85.02
            modes.toml:HERE: mode emergency_blue.categories: no category is E77"#]],
        ),
        (
            "\"emergency-blue\"",
            "\"emergency-purple\"",
            expect![[
                r#"modes.toml:HERE: mode emergency_blue.theme: "emergency-purple" is no token of the theme for a mode; known: emergency-blue, emergency-yellow, emergency-orange, emergency-red"#
            ]],
        ),
        (
            "\"incidents\"",
            "\"flood\"",
            expect![[
                r#"modes.toml:HERE: mode emergency_blue.panel: "flood" is no panel of the wall for a mode; known: headline, levels, majors, curve, incidents, orders, people"#
            ]],
        ),
        (
            "\"20 emergency_minute\"",
            "\"20\"",
            expect![[
                r#"modes.toml:HERE: mode emergency_yellow.stage_limits.verify: "20" is no limit; write an amount of 1 to 1000 and a unit, such as "4 working_hour" (units: emergency_minute, emergency_hour, emergency_day, working_hour, working_day)"#
            ]],
        ),
        (
            "skill_min = 6.0",
            "skill_min = -6.0",
            expect![
                "modes.toml:HERE: mode emergency_orange.ranking.skill_min: -6 is not between 0 and 1440 minutes"
            ],
        ),
        (
            "calls_emergency_duty = false\n",
            "",
            expect!["modes.toml:19: mode: missing field `calls_emergency_duty`"],
        ),
    ] {
        check("modes.toml", sound, broken, &expected);
    }
}
