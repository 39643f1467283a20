//! The slow assessment: every number from the trail alone, one definition after the other.
//!
//! It shares no code with the live counts. Whoever doubts a number reads `history` (what is known
//! of an incident), `definitions` (what each indicator counts) and this file (how a table is made
//! of that), and finds the same sentences in `docs/assessment.md`.

mod definitions;
mod history;

use std::collections::{BTreeMap, BTreeSet};

use super::rules::{AssessmentRules, CompositeRule, Missing};
use super::{
    By, CompositeScore, CompositeTerm, Effort, Figures, GroupKey, Indicator, Period, Ratio, Row,
    Subject, Table,
};
use crate::ids::{IncidentId, OrderId};
use crate::time::Timestamp;
use crate::trail::TrailEntry;
use definitions::View;
use history::History;

/// One line of evidence: something that stands behind a number.
#[derive(Debug)]
struct Evidence {
    subject: Subject,
    group: Vec<Option<GroupKey>>,
    is_unreasonable: bool,
    fact: Fact,
}

#[derive(Debug, Clone, Copy)]
enum Fact {
    Share { of: Indicator, is_hit: bool },
    Effort { order: OrderId, spent_ms: i64 },
}

/// Makes the table of a period, seen at `now`, from the trails of all incidents. The entries of
/// each incident stand in the order of their steps, those of different incidents in any order.
pub fn recompute<'a>(
    trail: impl IntoIterator<Item = &'a TrailEntry>,
    rules: &AssessmentRules,
    period: Period,
    by: By,
    now: Timestamp,
) -> Table {
    let mut trails: BTreeMap<IncidentId, Vec<&TrailEntry>> = BTreeMap::new();
    for entry in trail {
        trails.entry(entry.incident).or_default().push(entry);
    }
    let view = View { rules, period, now };
    let mut evidence = Vec::new();
    for (id, entries) in trails {
        if let Some(history) = History::until(period.to, entries) {
            add_evidence(id, &history, &view, by, &mut evidence);
        }
    }
    let every: Vec<&Evidence> = evidence.iter().collect();
    let groups: BTreeSet<&Option<GroupKey>> = evidence.iter().flat_map(|e| &e.group).collect();
    let rows = groups.into_iter().map(|key| {
        let own: Vec<&Evidence> = evidence.iter().filter(|e| e.group.contains(key)).collect();
        row(key.clone(), &own, rules)
    });
    Table {
        period,
        now,
        by,
        total: row(None, &every, rules),
        rows: rows.collect(),
    }
}

fn add_evidence(
    id: IncidentId,
    history: &History<'_>,
    view: &View<'_>,
    by: By,
    evidence: &mut Vec<Evidence>,
) {
    let is_unreasonable = history.is_unreasonable();
    let mut add = |step, order, fact| {
        evidence.push(Evidence {
            subject: Subject { incident: id, step },
            group: history.groups(by, order),
            is_unreasonable,
            fact,
        });
    };
    for of in Indicator::ALL {
        for item in view.items(history, of) {
            let is_hit = item.is_hit;
            add(item.step, item.order, Fact::Share { of, is_hit });
        }
    }
    for (step, order, spent_ms) in view.efforts(history) {
        add(step, Some(order), Fact::Effort { order, spent_ms });
    }
}

fn row(key: Option<GroupKey>, evidence: &[&Evidence], rules: &AssessmentRules) -> Row {
    let is_reasonable = |e: &&Evidence| !e.is_unreasonable;
    let reasonable: Vec<&Evidence> = evidence.iter().copied().filter(is_reasonable).collect();
    Row {
        key,
        all: figures(evidence, rules),
        reasonable: figures(&reasonable, rules),
    }
}

fn figures(evidence: &[&Evidence], rules: &AssessmentRules) -> Figures {
    let mut figures = Figures::default();
    for indicator in Indicator::ALL {
        let mut ratio = Ratio::default();
        for one in evidence {
            let Fact::Share { of, is_hit } = one.fact else {
                continue;
            };
            if of == indicator {
                ratio.denominator.insert(one.subject);
            }
            if of == indicator && is_hit {
                ratio.numerator.insert(one.subject);
            }
        }
        if !ratio.denominator.is_empty() {
            figures.ratios.insert(indicator, ratio);
        }
    }
    for one in evidence {
        if let Fact::Effort { order, spent_ms } = one.fact {
            let effort = Effort { order, spent_ms };
            figures.effort.insert(one.subject, effort);
        }
    }
    for rule in &rules.composites {
        let score = composite(rule, &figures.ratios);
        figures.composites.push(score);
    }
    figures
}

/// Σ weight × rate, or weight × (1 − rate) where a small rate is good. Each term is rounded to
/// hundredths of a point first.
fn composite(rule: &CompositeRule, ratios: &BTreeMap<Indicator, Ratio>) -> CompositeScore {
    let points = |indicator: Indicator, weight: u32, is_inverted: bool| -> Option<u64> {
        let ratio = ratios.get(&indicator)?;
        let all = ratio.denominator.len() as u64;
        let hits = ratio.numerator.len() as u64;
        let good = if is_inverted { all - hits } else { hits };
        Some(divide(u64::from(weight) * good, all))
    };
    let terms: Vec<CompositeTerm> = rule
        .terms
        .iter()
        .map(|term| CompositeTerm {
            indicator: term.indicator,
            is_inverted: term.is_inverted,
            weight_hundredths: term.weight_hundredths,
            points_hundredths: points(term.indicator, term.weight_hundredths, term.is_inverted),
        })
        .collect();
    let reached: u64 = terms.iter().filter_map(|t| t.points_hundredths).sum();
    let worth = |terms: &mut dyn Iterator<Item = &CompositeTerm>| -> u64 {
        terms.map(|term| u64::from(term.weight_hundredths)).sum()
    };
    let whole = worth(&mut terms.iter());
    let known = worth(&mut terms.iter().filter(|t| t.points_hundredths.is_some()));
    let is_whole = terms.iter().all(|term| term.points_hundredths.is_some());
    let score_hundredths = if known == 0 {
        None
    } else if is_whole {
        Some(reached)
    } else if rule.missing == Missing::Redistribute {
        Some(divide(reached * whole, known))
    } else {
        None
    };
    CompositeScore {
        name: rule.name.clone(),
        terms,
        score_hundredths,
    }
}

/// Division with half a unit rounded up.
fn divide(n: u64, d: u64) -> u64 {
    let (whole, rest) = (n / d, n % d);
    if rest >= d - rest { whole + 1 } else { whole }
}
