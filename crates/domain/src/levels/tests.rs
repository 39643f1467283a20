//! What decides a level.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::clocks::{Limit, LimitUnit};
use crate::people::Post;
use crate::rules::Department;

fn words(text: &str) -> Words {
    Words {
        zh: text.to_owned(),
        en: text.to_owned(),
    }
}

fn rule(id: &str, when: LevelCondition, effect: LevelEffect) -> LevelRule {
    LevelRule {
        id: id.to_owned(),
        when,
        effect,
        reason: words("{people}/{repeats}/{departments}"),
    }
}

fn category(level: Level) -> CategoryRule {
    let limit = Limit {
        amount: 1,
        unit: LimitUnit::EmergencyHour,
    };
    CategoryRule {
        name: "暴露垃圾".to_owned(),
        level,
        ..CategoryRule::new("E01.10".parse().expect("a code"), limit)
    }
}

fn rules(list: Vec<LevelRule>) -> Rules {
    let names = ["微", "小", "中", "大"];
    Rules {
        version: "test.1".to_owned(),
        levels: LevelRules {
            meanings: Level::ALL
                .iter()
                .zip(names)
                .map(|(level, name)| LevelMeaning {
                    level: *level,
                    name: words(name),
                    settled_by: words(name),
                })
                .collect(),
            rules: list,
        },
        ..Rules::default()
    }
}

#[test]
fn the_level_is_that_of_the_category_when_no_rule_applies() {
    let decided = rules(Vec::new()).level(&category(Level::Small), &LevelFacts::default());
    assert_eq!(decided.level, Level::Small);
    assert!(decided.changed_by.is_empty());
    assert_eq!(decided.reason.zh, "暴露垃圾：小（规则 test.1）");
    assert_eq!(decided.reason.en, "暴露垃圾: 小 (rules test.1)");
}

#[test]
fn rules_apply_in_their_order_and_name_themselves() {
    let from = |repeats| LevelCondition {
        repeats_from: Some(repeats),
        ..LevelCondition::default()
    };
    let list = vec![
        rule("repeated", from(3), LevelEffect::Raise),
        rule("often", from(5), LevelEffect::AtLeast(Level::Medium)),
        rule("always", from(5), LevelEffect::AtLeast(Level::Small)),
    ];
    let facts = |repeats| LevelFacts {
        people_affected: 7,
        repeats,
        departments: 2,
        ..LevelFacts::default()
    };
    let rules = rules(list);
    let decide = |repeats| rules.level(&category(Level::Micro), &facts(repeats));
    assert_eq!(decide(2).level, Level::Micro);
    assert_eq!(decide(3).level, Level::Small);
    let often = decide(5);
    assert_eq!(often.level, Level::Medium);
    // A rule that changes nothing is not named.
    assert_eq!(often.changed_by, ["repeated", "often"]);
    assert_eq!(
        often.reason.zh,
        "暴露垃圾：微 → 小，7/5/2（repeated） → 中，7/5/2（often）（规则 test.1）"
    );
    assert_eq!(
        often.reason.en,
        "暴露垃圾: 微 → 小, 7/5/2 (repeated) → 中, 7/5/2 (often) (rules test.1)"
    );
}

#[test]
fn every_condition_given_must_hold() {
    let when = LevelCondition {
        majors: vec!["E01".parse().expect("a major")],
        harm_from: Some(Harm::Property),
        people_from: Some(10),
        repeats_from: Some(2),
        departments_from: Some(3),
    };
    let facts = LevelFacts {
        harm: Harm::Property,
        people_affected: 10,
        repeats: 2,
        departments: 3,
    };
    let (own, other) = (
        "E01".parse().expect("a major"),
        "C01".parse().expect("a major"),
    );
    assert!(when.holds(own, &facts));
    assert!(!when.holds(other, &facts));
    for less in [
        LevelFacts {
            harm: Harm::None,
            ..facts
        },
        LevelFacts {
            people_affected: 9,
            ..facts
        },
        LevelFacts {
            repeats: 1,
            ..facts
        },
        LevelFacts {
            departments: 2,
            ..facts
        },
    ] {
        assert!(!when.holds(own, &less), "{less:?}");
    }
}

#[test]
fn the_largest_level_stays() {
    let when = LevelCondition {
        repeats_from: Some(0),
        ..LevelCondition::default()
    };
    let decided = rules(vec![rule("any", when, LevelEffect::Raise)])
        .level(&category(Level::Large), &LevelFacts::default());
    assert_eq!((decided.level, decided.changed_by.len()), (Level::Large, 0));
}

#[test]
fn departments_are_counted_once_and_at_least_one() {
    let department = |id: &str, posts: &[Post]| Department {
        id: id.into(),
        name: String::new(),
        posts: posts.to_vec(),
    };
    let rules = Rules {
        departments: vec![
            department("police", &[Post::Police]),
            department("community", &[Post::GridHead, Post::GridMember]),
        ],
        ..Rules::default()
    };
    let needed = |posts: &[Post], assist: &[Post]| {
        rules.departments_needed(&CategoryRule {
            posts: posts.to_vec(),
            assist_posts: assist.to_vec(),
            ..category(Level::Micro)
        })
    };
    assert_eq!(needed(&[Post::Police], &[]), 1);
    // Those who might lead instead of the first are not needed beside it.
    assert_eq!(needed(&[Post::Police, Post::GridHead], &[]), 1);
    let grid = [Post::GridHead, Post::GridMember];
    assert_eq!(needed(&[Post::Police], &grid), 2);
    assert_eq!(needed(&[Post::GridHead], &grid), 1);
    assert_eq!(needed(&[Post::Volunteer], &[]), 1);
}

fn any_level() -> impl Strategy<Value = Level> {
    select(Level::ALL.to_vec())
}

fn any_harm() -> impl Strategy<Value = Harm> {
    select(vec![Harm::None, Harm::Property, Harm::Life])
}

fn any_rule() -> impl Strategy<Value = LevelRule> {
    let condition = (
        prop::option::of(any_harm()),
        prop::option::of(0..6_u32),
        prop::option::of(0..6_u32),
        prop::option::of(0..6_u32),
    );
    let effect = prop_oneof![
        any_level().prop_map(LevelEffect::AtLeast),
        Just(LevelEffect::Raise)
    ];
    (condition, effect).prop_map(|((harm, people, repeats, departments), effect)| {
        let when = LevelCondition {
            majors: Vec::new(),
            harm_from: harm,
            people_from: people,
            repeats_from: repeats,
            departments_from: departments,
        };
        rule("r", when, effect)
    })
}

fn any_facts() -> impl Strategy<Value = LevelFacts> {
    (any_harm(), 0..6_u32, 0..6_u32, 0..6_u32).prop_map(
        |(harm, people_affected, repeats, departments)| LevelFacts {
            harm,
            people_affected,
            repeats,
            departments,
        },
    )
}

proptest! {
    /// A matter that is graver in every respect never has a smaller level, and no matter has less
    /// than its category.
    #[test]
    fn graver_matters_have_no_smaller_level(
        list in prop::collection::vec(any_rule(), 0..6),
        base in any_level(),
        (a, b) in (any_facts(), any_facts()),
    ) {
        let rules = rules(list);
        let graver = LevelFacts {
            harm: a.harm.max(b.harm),
            people_affected: a.people_affected.max(b.people_affected),
            repeats: a.repeats.max(b.repeats),
            departments: a.departments.max(b.departments),
        };
        let category = category(base);
        let (less, more) = (rules.level(&category, &a), rules.level(&category, &graver));
        prop_assert!(base <= less.level && less.level <= more.level);
        prop_assert!(less.reason.zh.contains("test.1"));
        prop_assert_eq!(less.level == base, less.changed_by.is_empty());
    }
}
