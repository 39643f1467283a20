//! Reads major and minor categories.

use std::collections::BTreeMap;

use domain::Level;
use domain::people::{Post, Skill};
use domain::rules::{CategoryCode, CategoryRule, FilingCondition};
use serde::Deserialize;
use toml::Spanned;

use crate::conditions::ConditionSets;
use crate::fault::{Faults, Source};
use crate::limits::read_limit;
use crate::schema::RulesFile;
use crate::texts::check_name;

/// A major category with what its minors take from it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MajorText {
    code: Spanned<String>,
    name: Spanned<String>,
    limit: Spanned<String>,
    level: Level,
    posts: Spanned<Vec<Post>>,
    skills: Vec<Skill>,
    minors: Spanned<Vec<Spanned<MinorText>>>,
}

/// A minor category with what differs from its major.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MinorText {
    code: Spanned<String>,
    name: Spanned<String>,
    limit: Option<Spanned<String>>,
    conditions: Option<Spanned<String>>,
    level: Option<Level>,
    posts: Option<Spanned<Vec<Post>>>,
    skills: Option<Vec<Skill>>,
}

/// All categories of all files in the order of their codes.
pub fn read(
    files: &[(&Source, RulesFile)],
    sets: &ConditionSets,
    faults: &mut Faults,
) -> Vec<CategoryRule> {
    let mut rules = BTreeMap::new();
    for (at, file) in files {
        for major in &file.major {
            read_major(at, major.get_ref(), sets, &mut rules, faults);
        }
    }
    rules.into_values().collect()
}

fn read_major(
    at: &Source,
    major: &MajorText,
    sets: &ConditionSets,
    rules: &mut BTreeMap<CategoryCode, CategoryRule>,
    faults: &mut Faults,
) {
    let code = major.code.get_ref();
    // A major is written like a minor without its last two digits.
    let is_code = format!("{code}.01").parse::<CategoryCode>().is_ok();
    faults.require(is_code, at, &major.code, "major.code", || {
        format!("\"{code}\" is no major code; write such as \"E01\" (event) or \"C01\" (component)")
    });
    check_name(at, &major.name, &format!("{code}.name"), faults);
    check_posts(at, &major.posts, &format!("{code}.posts"), faults);
    read_limit(at, &major.limit, &format!("{code}.limit"), faults);
    faults.require(
        !major.minors.get_ref().is_empty(),
        at,
        &major.minors,
        &format!("{code}.minors"),
        || "a major needs at least one minor".to_owned(),
    );
    if !is_code {
        return;
    }
    for minor in major.minors.get_ref() {
        let Some(rule) = read_minor(at, major, minor.get_ref(), sets, faults) else {
            continue;
        };
        let code = rule.code;
        if rules.insert(code, rule).is_some() {
            faults.add(
                at,
                minor.span(),
                &code.to_string(),
                "is given twice".to_owned(),
            );
        }
    }
}

fn read_minor(
    at: &Source,
    major: &MajorText,
    minor: &MinorText,
    sets: &ConditionSets,
    faults: &mut Faults,
) -> Option<CategoryRule> {
    let text = format!("{}.{}", major.code.get_ref(), minor.code.get_ref());
    let code = text.parse::<CategoryCode>().ok();
    let field = format!("{}.minors.code", major.code.get_ref());
    faults.require(code.is_some(), at, &minor.code, &field, || {
        format!(
            "\"{}\" is no minor code; write two digits from \"01\" to \"99\"",
            minor.code.get_ref()
        )
    });
    check_name(at, &minor.name, &format!("{text}.name"), faults);
    if let Some(own) = &minor.posts {
        check_posts(at, own, &format!("{text}.posts"), faults);
    }
    let posts = minor.posts.as_ref().unwrap_or(&major.posts);
    let conditions = read_conditions(at, minor, &text, sets, faults);
    let limit = match (&minor.limit, conditions.first()) {
        (Some(own), _) => read_limit(at, own, &format!("{text}.limit"), faults),
        (None, Some(ordinary)) => Some(ordinary.limit),
        // The fault of the major's limit has been reported with the major.
        (None, None) => read_limit(at, &major.limit, "", &mut Faults::default()),
    };
    Some(CategoryRule {
        code: code?,
        major_name: major.name.get_ref().clone(),
        name: minor.name.get_ref().clone(),
        limit: limit?,
        conditions,
        level: minor.level.unwrap_or(major.level),
        posts: posts.get_ref().clone(),
        skills: minor.skills.as_ref().unwrap_or(&major.skills).clone(),
    })
}

/// The conditions of the set that the minor names.
fn read_conditions(
    at: &Source,
    minor: &MinorText,
    code: &str,
    sets: &ConditionSets,
    faults: &mut Faults,
) -> Vec<FilingCondition> {
    let Some(name) = &minor.conditions else {
        return Vec::new();
    };
    let field = format!("{code}.conditions");
    faults.require(minor.limit.is_none(), at, name, &field, || {
        "a minor with conditions has no limit of its own: each condition has one".to_owned()
    });
    let set = sets.get(name.get_ref());
    faults.require(set.is_some(), at, name, &field, || {
        format!("there is no [[condition_set]] named \"{}\"", name.get_ref())
    });
    set.cloned().unwrap_or_default()
}

fn check_posts(at: &Source, posts: &Spanned<Vec<Post>>, field: &str, faults: &mut Faults) {
    let list = posts.get_ref();
    faults.require(!list.is_empty(), at, posts, field, || {
        "the responsibility list needs at least its lead post".to_owned()
    });
    let is_twice = list
        .iter()
        .enumerate()
        .any(|(i, post)| list[..i].contains(post));
    faults.require(!is_twice, at, posts, field, || {
        "names a post twice".to_owned()
    });
}
