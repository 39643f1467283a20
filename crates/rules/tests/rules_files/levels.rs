//! Levels: what they mean and what decides them.

use domain::Level;
use domain::levels::{Harm, LevelFacts};
use expect_test::expect;

use crate::check;

#[test]
fn the_shipped_levels_mean_what_the_field_says() {
    let rules = rules::shipped().expect("shipped rules");
    let meanings: Vec<_> = Level::ALL
        .iter()
        .map(|level| {
            let meaning = rules.levels.meaning(*level).expect("a meaning");
            (meaning.name.zh.as_str(), meaning.settled_by.en.as_str())
        })
        .collect();
    assert_eq!(
        meanings,
        [
            ("微", "settled in the micro grid"),
            ("小", "settled by the community"),
            ("中", "settled by the street with its stationed forces"),
            ("大", "whistled, or reported to the district"),
        ]
    );
}

#[test]
fn the_shipped_rules_raise_levels_with_a_reason() {
    let rules = rules::shipped().expect("shipped rules");
    let rubbish = rules
        .category("E01.10".parse().expect("code"))
        .expect("rubbish");
    let reason = |facts: LevelFacts| rules.level(rubbish, &facts).reason.zh;
    let none = LevelFacts::default();
    expect!["暴露垃圾：微（规则 chengdu-street-2026.1）"].assert_eq(&reason(none));
    expect!["暴露垃圾：微 → 小，同一事项已有 3 次重复（repeated）（规则 chengdu-street-2026.1）"]
        .assert_eq(&reason(LevelFacts { repeats: 3, ..none }));
    expect!["暴露垃圾：微 → 小，危及财产（property_in_danger） → 中，危及生命（life_in_danger） → 大，12 人有生命危险（crowd_in_danger）（规则 chengdu-street-2026.1）"].assert_eq(&reason(LevelFacts {
        harm: Harm::Life,
        people_affected: 12,
        repeats: 5,
        ..none
    }));
    expect![
        "暴露垃圾：微 → 中，需 3 个部门协同（several_departments）（规则 chengdu-street-2026.1）"
    ]
    .assert_eq(&reason(LevelFacts {
        departments: 3,
        ..none
    }));
}

#[test]
fn every_level_has_one_meaning() {
    check(
        "levels.toml",
        "level = \"medium\"",
        "level = \"small\"",
        &expect![[r"
            levels.toml:HERE: levels.meaning small: is given twice
            levels.toml:10: levels.meaning: nothing is said about medium"]],
    );
}

#[test]
fn rules_have_conditions_and_one_effect() {
    check(
        "levels.toml",
        "harm_from = \"property\"\n",
        "",
        &expect![
            "levels.toml:34: levels.rule property_in_danger: has no condition, so it would hold for every matter"
        ],
    );
    check(
        "levels.toml",
        "raise = true\n",
        "",
        &expect![
            "levels.toml:72: levels.rule repeated: needs either at_least with a level or raise = true"
        ],
    );
    check(
        "levels.toml",
        "raise = true\nreason",
        "raise = true\nat_least = \"large\"\nreason",
        &expect![
            "levels.toml:72: levels.rule repeated: needs either at_least with a level or raise = true"
        ],
    );
    check(
        "levels.toml",
        "id = \"life_in_danger\"",
        "id = \"property_in_danger\"",
        &expect!["levels.toml:HERE: levels.rule property_in_danger: is given twice"],
    );
}

#[test]
fn rules_name_known_majors_and_numbers() {
    check(
        "levels.toml",
        "majors = [\"E84\"]",
        "majors = [\"E84\", \"E99\"]",
        &expect![[r#"levels.toml:HERE: levels.rule large_crowd.majors: there is no major "E99""#]],
    );
    check(
        "levels.toml",
        "zh = \"聚集 {people} 人\"",
        "zh = \"聚集 {persons} 人\"",
        &expect![
            "levels.toml:HERE: levels.rule large_crowd.reason: names {persons}; only {people}, {repeats}, {departments} can be filled in"
        ],
    );
    check(
        "levels.toml",
        "people_from = 30",
        "people_from = -1",
        &expect!["levels.toml:HERE: people_from: invalid value: integer `-1`, expected u32"],
    );
}
