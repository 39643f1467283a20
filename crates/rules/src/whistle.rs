//! Reads whom the street may whistle for, and how departments are scored for it.

use domain::DepartmentId;
use domain::clocks::Limit;
use domain::incidents::Level;
use domain::rules::{CategoryCode, Rules};
use domain::trail::OfficerRole;
use domain::whistle::{AdmonitionRules, PointBounds, WhistleRules, WhistleWeights};
use serde::Deserialize;
use toml::Spanned;

use crate::fault::{Faults, Source};
use crate::limits::read_limit;
use crate::section::Section;
use crate::texts::word;

/// The weights of the score add up to this.
const ALL_WEIGHTS: u64 = 100;
/// More points than a full score has are a slip of the pen and not a rule.
const MOST_POINTS: u16 = 100;

/// The section as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhistleText {
    response: Spanned<String>,
    handling: Spanned<String>,
    levels: Spanned<Vec<Spanned<Level>>>,
    levels_with_override: Vec<Spanned<Level>>,
    categories: Vec<Spanned<String>>,
    departments: Spanned<Vec<Spanned<String>>>,
    weights: Spanned<WeightsText>,
    points: PointsText,
    admonition: AdmonitionText,
}

/// Weights in hundredths of the score.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WeightsText {
    response: u32,
    closing: u32,
    satisfaction: u32,
}

/// Bounds of the points.
#[derive(Debug, Deserialize)]
#[allow(
    clippy::struct_field_names,
    reason = "each field of the file says that it is a bound"
)]
#[serde(deny_unknown_fields)]
struct PointsText {
    most_at_once: Spanned<u16>,
    most_added: Spanned<u16>,
    most_taken: Spanned<u16>,
}

/// Thresholds of the admonitory talk.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AdmonitionText {
    score_below: Spanned<u16>,
    whistles_at_least: Spanned<u32>,
    unanswered_from: Spanned<u32>,
    within: Spanned<String>,
    led_by: OfficerRole,
}

impl Section for WhistleText {
    const NAME: &'static str = "whistle";

    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        let text = text.get_ref();
        // A department misspelt in its own section must not be told again for each mention here.
        let compares = faults.is_empty();
        let levels = levels(text, at, faults);
        let categories = categories(text, at, compares.then_some(rules), faults);
        let departments = departments(text, at, compares.then_some(rules), faults);
        let weights = weights(&text.weights, at, faults);
        let points = points(&text.points, at, faults);
        let response = read_limit(at, &text.response, "whistle.response", faults);
        let handling = read_limit(at, &text.handling, "whistle.handling", faults);
        let within = &text.admonition.within;
        let within = read_limit(at, within, "whistle.admonition.within", faults);
        let limits = (response, handling, within);
        if let (Some(response), Some(handling), Some(within)) = limits {
            rules.whistle = WhistleRules {
                response,
                handling,
                levels,
                levels_with_override: values(&text.levels_with_override),
                categories,
                departments,
                weights,
                points,
                admonition: admonition(&text.admonition, within, at, faults),
            };
        }
    }
}

fn values<T: Copy>(list: &[Spanned<T>]) -> Vec<T> {
    list.iter().map(|value| *value.get_ref()).collect()
}

fn levels(text: &WhistleText, at: &Source, faults: &mut Faults) -> Vec<Level> {
    let levels = values(text.levels.get_ref());
    for level in &text.levels_with_override {
        let is_new = !levels.contains(level.get_ref());
        faults.require(is_new, at, level, "whistle.levels_with_override", || {
            let level = word(level.get_ref());
            format!("{level} stands in levels already, where it needs no reason")
        });
    }
    levels
}

fn categories(
    text: &WhistleText,
    at: &Source,
    rules: Option<&Rules>,
    faults: &mut Faults,
) -> Vec<CategoryCode> {
    let mut codes = Vec::new();
    for written in &text.categories {
        let code = written.get_ref().parse().ok();
        let is_known = |code| rules.is_none_or(|rules| rules.category(code).is_some());
        let known = code.filter(|code| is_known(*code));
        faults.require(known.is_some(), at, written, "whistle.categories", || {
            format!("\"{}\" is no category of these files", written.get_ref())
        });
        codes.extend(known);
    }
    codes
}

fn departments(
    text: &WhistleText,
    at: &Source,
    rules: Option<&Rules>,
    faults: &mut Faults,
) -> Vec<DepartmentId> {
    const FIELD: &str = "whistle.departments";
    let written = &text.departments;
    faults.require(!written.get_ref().is_empty(), at, written, FIELD, || {
        "name at least one department that may be called".to_owned()
    });
    let mut ids: Vec<DepartmentId> = Vec::new();
    for one in written.get_ref() {
        let id = DepartmentId(one.get_ref().clone());
        let is_known = rules.is_none_or(|rules| rules.department(&id).is_some());
        faults.require(is_known, at, one, FIELD, || {
            format!("\"{id}\" is no department of these files")
        });
        faults.require(!ids.contains(&id), at, one, FIELD, || {
            format!("\"{id}\" is named twice")
        });
        ids.push(id);
    }
    ids
}

fn weights(text: &Spanned<WeightsText>, at: &Source, faults: &mut Faults) -> WhistleWeights {
    let written = text.get_ref();
    let weights = WhistleWeights {
        response: written.response,
        closing: written.closing,
        satisfaction: written.satisfaction,
    };
    let all = [weights.response, weights.closing, weights.satisfaction];
    let sum: u64 = all.into_iter().map(u64::from).sum();
    let is_whole = sum == ALL_WEIGHTS;
    faults.require(is_whole, at, text, "whistle.weights", || {
        format!("the weights add up to {sum} and not to {ALL_WEIGHTS}")
    });
    weights
}

fn points(text: &PointsText, at: &Source, faults: &mut Faults) -> PointBounds {
    let mut bound = |name: &str, value: &Spanned<u16>| {
        let points = *value.get_ref();
        let field = format!("whistle.points.{name}");
        faults.require(points <= MOST_POINTS, at, value, &field, || {
            format!("{points} is not between 0 and {MOST_POINTS}")
        });
        points
    };
    PointBounds {
        most_at_once: bound("most_at_once", &text.most_at_once),
        most_added: bound("most_added", &text.most_added),
        most_taken: bound("most_taken", &text.most_taken),
    }
}

fn admonition(
    text: &AdmonitionText,
    within: Limit,
    at: &Source,
    faults: &mut Faults,
) -> AdmonitionRules {
    let score_below = *text.score_below.get_ref();
    let field = "whistle.admonition.score_below";
    let is_score = score_below <= MOST_POINTS;
    faults.require(is_score, at, &text.score_below, field, || {
        format!("{score_below} is not between 0 and {MOST_POINTS}")
    });
    let mut count = |name: &str, value: &Spanned<u32>| {
        let field = format!("whistle.admonition.{name}");
        faults.require(*value.get_ref() > 0, at, value, &field, || {
            "must be at least 1".to_owned()
        });
        *value.get_ref()
    };
    AdmonitionRules {
        score_below,
        whistles_at_least: count("whistles_at_least", &text.whistles_at_least),
        unanswered_from: count("unanswered_from", &text.unanswered_from),
        within,
        led_by: text.led_by,
    }
}
