//! Reads what levels mean and the rules that decide them.

use domain::Level;
use domain::levels::{Harm, LevelCondition, LevelEffect, LevelMeaning, LevelRule};
use domain::rules::{MajorCode, Rules};
use serde::Deserialize;
use toml::Spanned;

use crate::fault::{Faults, Source};
use crate::section::Section;
use crate::texts::{WordsText, check_id, word};

/// Numbers that the words of a reason may name.
const NUMBERS: [&str; 3] = ["people", "repeats", "departments"];

/// The section as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelsText {
    meaning: Vec<Spanned<MeaningText>>,
    #[serde(default)]
    rule: Vec<Spanned<RuleText>>,
}

/// What one level means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MeaningText {
    level: Spanned<Level>,
    name: WordsText,
    settled_by: WordsText,
}

/// One rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    id: Spanned<String>,
    #[serde(default)]
    majors: Vec<Spanned<String>>,
    harm_from: Option<Harm>,
    people_from: Option<u32>,
    repeats_from: Option<u32>,
    departments_from: Option<u32>,
    at_least: Option<Level>,
    raise: Option<Spanned<bool>>,
    reason: WordsText,
}

impl Section for LevelsText {
    const NAME: &'static str = "levels";

    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        for meaning in &text.get_ref().meaning {
            read_meaning(meaning.get_ref(), at, rules, faults);
        }
        for level in Level::ALL {
            let is_there = rules.levels.meaning(level).is_some();
            faults.require(is_there, at, text, "levels.meaning", || {
                format!("nothing is said about {}", word(&level))
            });
        }
        rules.levels.meanings.sort_by_key(|meaning| meaning.level);
        for rule in &text.get_ref().rule {
            read_rule(rule, at, rules, faults);
        }
    }
}

fn read_meaning(text: &MeaningText, at: &Source, rules: &mut Rules, faults: &mut Faults) {
    let level = *text.level.get_ref();
    let field = format!("levels.meaning {}", word(&level));
    let is_new = rules.levels.meaning(level).is_none();
    faults.require(is_new, at, &text.level, &field, || {
        "is given twice".to_owned()
    });
    rules.levels.meanings.push(LevelMeaning {
        level,
        name: text.name.read(at, &format!("{field}.name"), faults),
        settled_by: text
            .settled_by
            .read(at, &format!("{field}.settled_by"), faults),
    });
}

fn read_rule(text: &Spanned<RuleText>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
    let rule = text.get_ref();
    let id = rule.id.get_ref();
    let field = format!("levels.rule {id}");
    check_id(at, &rule.id, &format!("{field}.id"), faults);
    let is_new = rules.levels.rules.iter().all(|known| known.id != *id);
    faults.require(is_new, at, &rule.id, &field, || "is given twice".to_owned());
    let when = LevelCondition {
        majors: read_majors(&rule.majors, at, &field, rules, faults),
        harm_from: rule.harm_from,
        people_from: rule.people_from,
        repeats_from: rule.repeats_from,
        departments_from: rule.departments_from,
    };
    let has_condition = !rule.majors.is_empty() || when != LevelCondition::default();
    faults.require(has_condition, at, &rule.id, &field, || {
        "has no condition, so it would hold for every matter".to_owned()
    });
    let is_raise = rule.raise.as_ref().is_some_and(|raise| *raise.get_ref());
    let effect = match (rule.at_least, is_raise) {
        (Some(level), false) => Some(LevelEffect::AtLeast(level)),
        (None, true) => Some(LevelEffect::Raise),
        _ => None,
    };
    faults.require(effect.is_some(), at, &rule.id, &field, || {
        "needs either at_least with a level or raise = true".to_owned()
    });
    let reason = rule.reason.read(at, &format!("{field}.reason"), faults);
    for (words, value) in [(&rule.reason.zh, &reason.zh), (&rule.reason.en, &reason.en)] {
        let unknown = unknown_number(value);
        faults.require(
            unknown.is_none(),
            at,
            words,
            &format!("{field}.reason"),
            || {
                format!(
                    "names {{{}}}; only {{{}}} can be filled in",
                    unknown.unwrap_or_default(),
                    NUMBERS.join("}, {")
                )
            },
        );
    }
    if let Some(effect) = effect {
        rules.levels.rules.push(LevelRule {
            id: id.clone(),
            when,
            effect,
            reason,
        });
    }
}

/// Majors that the categories have; others leave a fault.
pub fn read_majors(
    texts: &[Spanned<String>],
    at: &Source,
    field: &str,
    rules: &Rules,
    faults: &mut Faults,
) -> Vec<MajorCode> {
    let mut majors = Vec::new();
    for text in texts {
        let major = text.get_ref().parse().ok().filter(|major| {
            let mut codes = rules.categories.iter().map(|rule| rule.code.major_code());
            codes.any(|code| code == *major)
        });
        faults.require(
            major.is_some(),
            at,
            text,
            &format!("{field}.majors"),
            || format!("there is no major \"{}\"", text.get_ref()),
        );
        majors.extend(major);
    }
    majors
}

/// What stands in braces and is none of the numbers.
fn unknown_number(text: &str) -> Option<&str> {
    text.split('{')
        .skip(1)
        .map(|rest| rest.split_once('}').map_or(rest, |(name, _)| name))
        .find(|name| !NUMBERS.contains(name))
}
