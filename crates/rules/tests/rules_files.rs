//! The shipped rules load, and every way of writing a rules file wrongly is answered with file,
//! line and field.

use std::fs;

use domain::clocks::LimitUnit::{EmergencyHour, WorkingDay, WorkingHour};
use domain::clocks::{Limit, LimitUnit};
use domain::rules::{CategoryKind, Rules};
use expect_test::{Expect, expect};

/// A smallest complete set: the line numbers below count in this text.
const SOUND: &str = r#"version = "test.1"
yellow_share = 0.25
repeat_raises_level_from = 3
[stage_limits]
verify = "30 emergency_minute"
file = "15 emergency_minute"
dispatch = "15 emergency_minute"
check = "30 emergency_minute"
[ranking]
lead_post_min = 4.0
skill_min = 3.0
open_order_min = 6.0
home_grid_min = 3.0
stale_position_min = 5.0
[calendar]
windows = ["08:00-12:00", "14:00-18:00"]
[[calendar.holiday]]
name = "国庆节"
from = 2026-10-01
to = 2026-10-07
make_up_days = [2026-10-10]
[[major]]
code = "E01"
name = "市容环境"
limit = "1 working_day"
level = "micro"
posts = ["city_management"]
skills = []
minors = [
  { code = "10", name = "暴露垃圾", limit = "4 working_hour" },
]
"#;

fn load(files: &[(&str, &str)]) -> Result<Rules, String> {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("written");
    }
    let prefix = format!("{}/", folder.path().display());
    rules::load_dir(folder.path()).map_err(|e| e.to_string().replace(&prefix, ""))
}

/// Replaces one piece of the sound file and compares what is said about it.
fn check(sound: &str, broken: &str, expected: &Expect) {
    assert!(SOUND.contains(sound), "{sound} is not in the sound file");
    let said = load(&[("street.toml", &SOUND.replacen(sound, broken, 1))]).expect_err(broken);
    expected.assert_eq(&said);
}

#[test]
fn the_sound_file_loads() {
    let rules = load(&[("street.toml", SOUND)]).expect("sound");
    assert_eq!(rules.version, "test.1");
    let rule = rules
        .category("E01.10".parse().expect("code"))
        .expect("rule");
    assert_eq!(rule.limit.unit, LimitUnit::WorkingHour);
    assert_eq!(rules.calendar.holidays.len(), 7);
}

#[test]
fn the_shipped_rules_load_and_hold_what_the_sources_give() {
    let rules = rules::shipped().expect("shipped rules");
    assert_eq!(rules.version, "chengdu-street-2026.1");
    let limit = |code: &str| {
        let rule = rules
            .category(code.parse().expect("code"))
            .unwrap_or_else(|| panic!("{code} is missing"));
        (rule.name.as_str(), rule.limit.amount, rule.limit.unit)
    };
    assert_eq!(limit("C01.02"), ("污水井盖", 2, EmergencyHour));
    assert_eq!(limit("E05.01"), ("供水管破裂", 1, EmergencyHour));
    assert_eq!(limit("E05.05"), ("路面塌陷", 2, EmergencyHour));
    assert_eq!(limit("E01.10"), ("暴露垃圾", 4, WorkingHour));
    assert_eq!(limit("E01.01"), ("私搭乱建", 15, WorkingDay));
    let minutes = |amount| Limit {
        amount,
        unit: LimitUnit::EmergencyMinute,
    };
    assert_eq!(rules.stage_limits.verify, minutes(30));
    assert_eq!(rules.stage_limits.file, minutes(15));
    assert_eq!(rules.stage_limits.dispatch, minutes(15));
    assert_eq!(rules.stage_limits.check, minutes(30));
    let count = |kind, local: bool| {
        rules
            .categories
            .iter()
            .filter(|r| r.code.kind == kind && (r.code.major >= 79) == local)
            .count()
    };
    assert_eq!(count(CategoryKind::Event, false), 66);
    assert_eq!(count(CategoryKind::Component, false), 44);
    assert_eq!(count(CategoryKind::Event, true), 26);
    let days = |list: &std::collections::BTreeSet<_>| list.len();
    assert_eq!(days(&rules.calendar.holidays), 3 + 9 + 3 + 5 + 3 + 3 + 7);
    assert_eq!(days(&rules.calendar.make_up_days), 1 + 2 + 1 + 2);
}

#[test]
fn the_embedded_set_is_the_folder() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/rules");
    assert_eq!(
        rules::load_dir(folder).expect("folder"),
        rules::shipped().expect("shipped")
    );
}

#[test]
fn limits_and_codes_are_checked() {
    check(
        "\"4 working_hour\"",
        "\"4 hours\"",
        &expect![[r#"
            规则文件有误 / the rules have faults:
            street.toml:30: E01.10.limit: "4 hours" is no limit; write an amount of 1 to 1000 and a unit, such as "4 working_hour" (units: emergency_minute, emergency_hour, emergency_day, working_hour, working_day)"#]],
    );
    check(
        "code = \"E01\"",
        "code = \"X1\"",
        &expect![[r#"
            规则文件有误 / the rules have faults:
            street.toml:23: major.code: "X1" is no major code; write such as "E01" (event) or "C01" (component)"#]],
    );
    check(
        "code = \"10\"",
        "code = \"0\"",
        &expect![[r#"
            规则文件有误 / the rules have faults:
            street.toml:30: E01.minors.code: "0" is no minor code; write two digits from "01" to "99""#]],
    );
    check(
        "posts = [\"city_management\"]",
        "posts = []",
        &expect![[r"
            规则文件有误 / the rules have faults:
            street.toml:27: E01.posts: the responsibility list needs at least its lead post"]],
    );
    check(
        "  { code = \"10\"",
        "  { code = \"10\", name = \"a\" },\n  { code = \"10\"",
        &expect![[r"
            规则文件有误 / the rules have faults:
            street.toml:31: E01.10: is given twice"]],
    );
}

#[test]
fn unknown_missing_and_mistyped_fields_are_named() {
    check(
        "yellow_share = 0.25",
        "yelow_share = 0.25",
        &expect![[r"
            规则文件有误 / the rules have faults:
            street.toml:2: yelow_share: unknown field `yelow_share`, expected one of `version`, `yellow_share`, `repeat_raises_level_from`, `stage_limits`, `ranking`, `calendar`, `major`"]],
    );
    check(
        "version = \"test.1\"",
        "",
        &expect![[r"
            规则文件有误 / the rules have faults:
            street.toml: version: is missing in all files"]],
    );
    check(
        "skill_min = 3.0",
        "skill_min = \"three\"",
        &expect![[r#"
            规则文件有误 / the rules have faults:
            street.toml:11: skill_min: invalid type: string "three", expected f64"#]],
    );
    check(
        "level = \"micro\"",
        "level = \"tiny\"",
        &expect![[r"
            规则文件有误 / the rules have faults:
            street.toml:26: level: unknown variant `tiny`, expected one of `micro`, `small`, `medium`, `large`"]],
    );
    check(
        "yellow_share = 0.25",
        "yellow_share = 25.0",
        &expect![[r"
            规则文件有误 / the rules have faults:
            street.toml:2: yellow_share: 25 is not between 0.0 and 1.0"]],
    );
    check(
        "[ranking]",
        "[ranking",
        &expect![[r"
            规则文件有误 / the rules have faults:
            street.toml:9: ranking: unclosed table, expected `]`"]],
    );
}

#[test]
fn the_calendar_is_checked() {
    check(
        "\"14:00-18:00\"",
        "\"11:00-18:00\"",
        &expect![[r#"
            规则文件有误 / the rules have faults:
            street.toml:16: calendar.windows: "11:00-18:00" is no window after the one before it; write such as "08:00-12:00""#]],
    );
    check(
        "[2026-10-10]",
        "[2026-10-12]",
        &expect![[r"
            规则文件有误 / the rules have faults:
            street.toml:21: calendar.holiday 国庆节.make_up_days: 2026-10-12 is no Saturday or Sunday and works anyway"]],
    );
    check(
        "to = 2026-10-07",
        "to = 2026-09-07",
        &expect![[r"
            规则文件有误 / the rules have faults:
            street.toml:20: calendar.holiday 国庆节.to: a holiday has 1 to 15 days, this one has -23"]],
    );
}

#[test]
fn a_value_in_two_files_and_an_empty_folder_are_faults() {
    let said = load(&[("a.toml", SOUND), ("b.toml", "version = \"x\"\n")]).expect_err("twice");
    expect![[r"
        规则文件有误 / the rules have faults:
        b.toml:1: version: stands in a.toml already"]]
    .assert_eq(&said);
    let said = load(&[("readme.txt", "")]).expect_err("no files");
    assert!(said.contains("no .toml file"), "{said}");
    assert!(rules::load_dir("/no/such/folder").is_err());
}
