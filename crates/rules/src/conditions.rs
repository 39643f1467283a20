//! Reads the sets of filing conditions (立案条件) that minor categories name.

use std::collections::BTreeMap;

use domain::rules::{FilingCondition, InterimLimit};
use serde::Deserialize;
use toml::Spanned;

use crate::fault::{Faults, Source};
use crate::limits::read_limit;
use crate::schema::RulesFile;
use crate::texts::{check_id, check_name};

/// Filing conditions under a name, for the minor categories that have them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionSetText {
    name: Spanned<String>,
    conditions: Spanned<Vec<ConditionText>>,
}

/// One filing condition.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionText {
    code: Spanned<String>,
    text: Spanned<String>,
    limit: Spanned<String>,
    #[serde(default)]
    interim: Vec<InterimText>,
}

/// Something that must be done on the way.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InterimText {
    text: Spanned<String>,
    limit: Spanned<String>,
}

/// Sets of filing conditions by their names.
pub type ConditionSets = BTreeMap<String, Vec<FilingCondition>>;

/// All sets of all files. A set with a fault is in the result, so that a category that names it
/// is not called wrong as well.
pub fn read(files: &[(&Source, RulesFile)], faults: &mut Faults) -> ConditionSets {
    let mut sets = ConditionSets::new();
    for (at, file) in files {
        for set in &file.condition_set {
            let name = set.name.get_ref();
            let field = format!("condition_set {name}");
            let conditions = read_set(at, set, &field, faults);
            let earlier = sets.insert(name.clone(), conditions);
            faults.require(earlier.is_none(), at, &set.name, &field, || {
                "is given twice".to_owned()
            });
        }
    }
    sets
}

fn read_set(
    at: &Source,
    set: &ConditionSetText,
    field: &str,
    faults: &mut Faults,
) -> Vec<FilingCondition> {
    let texts = set.conditions.get_ref();
    faults.require(!texts.is_empty(), at, &set.conditions, field, || {
        "a set needs at least one condition, the ordinary one first".to_owned()
    });
    let mut conditions: Vec<FilingCondition> = Vec::new();
    for text in texts {
        let code = text.code.get_ref();
        let is_new = conditions.iter().all(|known| known.code.as_str() != code);
        let field = format!("{field}.{code}");
        faults.require(is_new, at, &text.code, &field, || {
            "is given twice".to_owned()
        });
        conditions.extend(read_condition(at, text, &field, faults));
    }
    conditions
}

fn read_condition(
    at: &Source,
    text: &ConditionText,
    field: &str,
    faults: &mut Faults,
) -> Option<FilingCondition> {
    check_id(at, &text.code, &format!("{field}.code"), faults);
    check_name(at, &text.text, &format!("{field}.text"), faults);
    let limit = read_limit(at, &text.limit, &format!("{field}.limit"), faults);
    let mut interim = Vec::new();
    for step in &text.interim {
        let field = format!("{field}.interim");
        check_name(at, &step.text, &format!("{field}.text"), faults);
        let limit = read_limit(at, &step.limit, &format!("{field}.limit"), faults);
        interim.extend(limit.map(|limit| InterimLimit {
            text: step.text.get_ref().clone(),
            limit,
        }));
    }
    Some(FilingCondition {
        code: text.code.get_ref().as_str().into(),
        text: text.text.get_ref().clone(),
        limit: limit?,
        interim,
    })
}
