//! Reads major and minor categories.

use std::collections::BTreeMap;

use domain::Level;
use domain::clocks::{Limit, LimitUnit};
use domain::people::{Post, Skill};
use domain::rules::{CategoryCode, CategoryRule, FilingCondition, MajorCode, Rules};
use serde::Deserialize;
use toml::Spanned;

use crate::charges::Charges;
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
    pub posts: Spanned<Vec<Post>>,
    pub assist_posts: Option<Spanned<Vec<Post>>>,
    pub grid_may_be_charged: bool,
    #[serde(default)]
    pub refusal_reasons: Vec<Spanned<String>>,
    skills: Vec<Skill>,
    minors: Spanned<Vec<Spanned<MinorText>>>,
}

/// A minor category with what differs from its major.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinorText {
    code: Spanned<String>,
    name: Spanned<String>,
    limit: Option<Spanned<String>>,
    conditions: Option<Spanned<String>>,
    level: Option<Level>,
    pub posts: Option<Spanned<Vec<Post>>>,
    pub assist_posts: Option<Spanned<Vec<Post>>>,
    pub grid_may_be_charged: Option<bool>,
    pub refusal_reasons: Option<Vec<Spanned<String>>>,
    skills: Option<Vec<Skill>>,
}

impl MinorText {
    fn has_own_charges(&self) -> bool {
        self.posts.is_some()
            || self.assist_posts.is_some()
            || self.grid_may_be_charged.is_some()
            || self.refusal_reasons.is_some()
    }
}

/// What categories name of other sections, which are read before them.
#[derive(Debug, Clone, Copy)]
struct Named<'a> {
    sets: &'a ConditionSets,
    rules: &'a Rules,
}

/// Reads all categories of all files into the rules, in the order of their codes. The reasons for a
/// refusal are there already.
pub fn read(
    files: &[(&Source, RulesFile)],
    sets: &ConditionSets,
    rules: &mut Rules,
    faults: &mut Faults,
) {
    let mut categories = BTreeMap::new();
    let named = Named { sets, rules };
    for (at, file) in files {
        for major in &file.major {
            read_major(at, major.get_ref(), named, &mut categories, faults);
        }
    }
    rules.categories = categories.into_values().collect();
}

fn read_major(
    at: &Source,
    major: &MajorText,
    named: Named<'_>,
    categories: &mut BTreeMap<CategoryCode, CategoryRule>,
    faults: &mut Faults,
) {
    let code = major.code.get_ref();
    let is_code = code.parse::<MajorCode>().is_ok();
    faults.require(is_code, at, &major.code, "major.code", || {
        format!("\"{code}\" is no major code; write such as \"E01\" (event) or \"C01\" (component)")
    });
    check_name(at, &major.name, &format!("{code}.name"), faults);
    Charges::of(major, None).check(at, code, named.rules, faults);
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
        let Some(rule) = read_minor(at, major, minor.get_ref(), named, faults) else {
            continue;
        };
        let code = rule.code;
        if categories.insert(code, rule).is_some() {
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
    named: Named<'_>,
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
    let charges = Charges::of(major, Some(minor));
    if minor.has_own_charges() {
        charges.check(at, &text, named.rules, faults);
    }
    let conditions = read_conditions(at, minor, &text, named.sets, faults);
    let limit = match (&minor.limit, conditions.first()) {
        (Some(own), _) => read_limit(at, own, &format!("{text}.limit"), faults),
        (None, Some(ordinary)) => Some(ordinary.limit),
        // The fault of the major's limit has been reported with the major.
        (None, None) => read_limit(at, &major.limit, "", &mut Faults::default()),
    };
    // A limit that cannot be read has left its fault; the category stays, so that nobody who names
    // it is blamed.
    let limit = limit.unwrap_or(Limit {
        amount: 0,
        unit: LimitUnit::EmergencyMinute,
    });
    Some(CategoryRule {
        major_name: major.name.get_ref().clone(),
        name: minor.name.get_ref().clone(),
        conditions,
        level: minor.level.unwrap_or(major.level),
        posts: charges.posts.get_ref().clone(),
        assist_posts: charges.assist_posts(),
        grid_may_be_charged: charges.grid_may_be_charged,
        refusal_reasons: charges.allowed_refusals(named.rules),
        skills: minor.skills.as_ref().unwrap_or(&major.skills).clone(),
        ..CategoryRule::new(code?, limit)
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
