//! Reads what counts in an assessment, and the weights of its scores.

use std::collections::BTreeSet;

use domain::assessment::{
    AssessmentRules, CompositeRule, Counting, DueAt, HotlineChannels, Indicator, Missing,
    ResponseLimit, ReworkOutOf, TermRule,
};
use domain::rules::{MajorCode, Rules};
use domain::trail::SourceChannel;
use serde::Deserialize;
use toml::Spanned;

use crate::fault::{Faults, Source};
use crate::limits::read_limit;
use crate::modes::read_scopes;
use crate::section::Section;
use crate::texts::{check_name, word};

/// What the weights of a score add up to, in hundredths of a point.
const WHOLE_SCORE_HUNDREDTHS: u32 = 10_000;

/// The section as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssessmentText {
    due_at: DueAt,
    rework_out_of: ReworkOutOf,
    forced_closes: Counting,
    cancelled: Counting,
    duplicates: Counting,
    undecided_reports: Counting,
    unjudged_dispatches: Counting,
    unreached_call_backs: Counting,
    hotline: HotlineText,
    composite: Vec<CompositeText>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HotlineText {
    channels: Vec<Spanned<SourceChannel>>,
    response_within: Spanned<String>,
    #[serde(default)]
    exceptions: Vec<ExceptionText>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExceptionText {
    // Files of earlier versions name majors alone.
    #[serde(alias = "majors")]
    categories: Vec<Spanned<String>>,
    within: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CompositeText {
    name: Spanned<String>,
    missing: Missing,
    terms: Spanned<Vec<TermText>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TermText {
    indicator: Spanned<Indicator>,
    weight: Spanned<f64>,
    #[serde(default)]
    is_inverted: bool,
}

impl Section for AssessmentText {
    const NAME: &'static str = "assessment";

    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        let text = text.get_ref();
        let mut composites: Vec<CompositeRule> = Vec::new();
        for composite in &text.composite {
            let name = &composite.name;
            let field = format!("assessment.composite {}", name.get_ref());
            check_name(at, name, "assessment.composite.name", faults);
            let is_new = composites.iter().all(|known| known.name != *name.get_ref());
            faults.require(is_new, at, name, &field, || "is given twice".to_owned());
            composites.push(CompositeRule {
                name: name.get_ref().clone(),
                missing: composite.missing,
                terms: read_terms(at, &composite.terms, &field, faults),
            });
        }
        rules.assessment = AssessmentRules {
            due_at: text.due_at,
            rework_out_of: text.rework_out_of,
            forced_closes: text.forced_closes,
            cancelled: text.cancelled,
            duplicates: text.duplicates,
            undecided_reports: text.undecided_reports,
            unjudged_dispatches: text.unjudged_dispatches,
            unreached_call_backs: text.unreached_call_backs,
            hotline: read_hotline(at, &text.hotline, rules, faults),
            composites,
        };
    }
}

fn read_hotline(
    at: &Source,
    text: &HotlineText,
    rules: &Rules,
    faults: &mut Faults,
) -> HotlineChannels {
    let mut channels = Vec::new();
    for channel in &text.channels {
        let is_new = !channels.contains(channel.get_ref());
        faults.require(is_new, at, channel, "assessment.hotline.channels", || {
            format!("{} is named twice", word(channel.get_ref()))
        });
        channels.push(*channel.get_ref());
    }
    let response_within_ms = read_ms(
        at,
        &text.response_within,
        "assessment.hotline.response_within",
        faults,
    );
    let mut exceptions: Vec<ResponseLimit> = Vec::new();
    for exception in &text.exceptions {
        let field = "assessment.hotline.exceptions";
        let within_ms = read_ms(at, &exception.within, &format!("{field}.within"), faults);
        for text in &exception.categories {
            let one = std::slice::from_ref(text);
            for scope in read_scopes(at, one, rules, field, faults) {
                let limit = ResponseLimit {
                    major: MajorCode {
                        kind: scope.kind,
                        major: scope.major,
                    },
                    minor: scope.minor,
                    within_ms,
                };
                let scope = (limit.major, limit.minor);
                let is_new = exceptions
                    .iter()
                    .all(|known| (known.major, known.minor) != scope);
                faults.require(is_new, at, text, &format!("{field}.categories"), || {
                    format!("{} is named twice", text.get_ref())
                });
                exceptions.push(limit);
            }
        }
    }
    HotlineChannels {
        channels,
        response_within_ms,
        exceptions,
    }
}

/// A time that never stops, in milliseconds: whoever waits for an answer waits at night too.
fn read_ms(at: &Source, text: &Spanned<String>, field: &str, faults: &mut Faults) -> i64 {
    let Some(limit) = read_limit(at, text, field, faults) else {
        return 0;
    };
    faults.require(!limit.counts_working_time(), at, text, field, || {
        format!(
            "\"{}\" stops at night; write emergency_minute, emergency_hour or emergency_day",
            text.get_ref()
        )
    });
    limit.length_ms(&domain::clocks::Calendar::default())
}

fn read_terms(
    at: &Source,
    terms: &Spanned<Vec<TermText>>,
    field: &str,
    faults: &mut Faults,
) -> Vec<TermRule> {
    let mut known = BTreeSet::new();
    let mut read = Vec::new();
    let mut sum = Some(0_u32);
    for term in terms.get_ref() {
        let indicator = *term.indicator.get_ref();
        faults.require(known.insert(indicator), at, &term.indicator, field, || {
            format!("has the term {} twice", word(&indicator))
        });
        let weight_hundredths = read_weight(at, &term.weight, field, faults);
        sum = sum
            .zip(weight_hundredths)
            .and_then(|(sum, weight)| sum.checked_add(weight));
        read.push(TermRule {
            indicator,
            weight_hundredths: weight_hundredths.unwrap_or_default(),
            is_inverted: term.is_inverted,
        });
    }
    // A weight that is none has left its own fault.
    if let Some(sum) = sum {
        faults.require(sum == WHOLE_SCORE_HUNDREDTHS, at, terms, field, || {
            let (points, hundredths) = (sum / 100, sum % 100);
            format!("its weights add up to {points}.{hundredths:02} and not to 100")
        });
    }
    read
}

/// A weight in hundredths of a point; `None` where it has left a fault.
fn read_weight(
    at: &Source,
    weight: &Spanned<f64>,
    field: &str,
    faults: &mut Faults,
) -> Option<u32> {
    let points = *weight.get_ref();
    let hundredths = (points * 100.0).round();
    let is_weight = (1.0..=f64::from(WHOLE_SCORE_HUNDREDTHS)).contains(&hundredths)
        && (points * 100.0 - hundredths).abs() < 1e-6;
    faults.require(is_weight, at, weight, &format!("{field}.weight"), || {
        format!("{points} is no weight from 0.01 to 100 with at most two decimals")
    });
    is_weight.then_some(hundredths as u32)
}
