//! The live counts: what is added can be taken away again, and scores are made of what remains.

use std::collections::BTreeMap;

use super::counted::{Counted, What};
use super::rules::{CompositeRule, Missing};
use super::{CompositeScore, CompositeTerm, Figures, GroupKey, Row};

/// The counts of all groups.
#[derive(Debug, Default)]
pub struct Counts {
    total: Sums,
    groups: BTreeMap<Option<GroupKey>, Sums>,
}

#[derive(Debug, Default)]
struct Sums {
    all: Figures,
    reasonable: Figures,
}

impl Counts {
    /// Counts something in.
    pub fn add(&mut self, counted: &Counted) {
        self.total.each(counted, insert);
        for key in &counted.groups {
            let sums = self.groups.entry(key.clone()).or_default();
            sums.each(counted, insert);
        }
    }

    /// Takes back what was counted in before.
    pub fn take_back(&mut self, counted: &Counted) {
        self.total.each(counted, remove);
        for key in &counted.groups {
            let Some(sums) = self.groups.get_mut(key) else {
                continue;
            };
            sums.each(counted, remove);
            if sums.all == Figures::default() {
                self.groups.remove(key);
            }
        }
    }

    /// The total.
    pub fn total(&self, rules: &[CompositeRule]) -> Row {
        self.total.row(None, rules)
    }

    /// The groups.
    pub fn rows(&self, rules: &[CompositeRule]) -> Vec<Row> {
        self.groups
            .iter()
            .map(|(key, sums)| sums.row(key.clone(), rules))
            .collect()
    }
}

impl Sums {
    fn each(&mut self, counted: &Counted, change: impl Fn(&mut Figures, &Counted)) {
        change(&mut self.all, counted);
        if !counted.is_unreasonable {
            change(&mut self.reasonable, counted);
        }
    }

    fn row(&self, key: Option<GroupKey>, rules: &[CompositeRule]) -> Row {
        Row {
            key,
            all: scored(&self.all, rules),
            reasonable: scored(&self.reasonable, rules),
        }
    }
}

fn insert(figures: &mut Figures, counted: &Counted) {
    match counted.what {
        What::Share(indicator, is_hit) => {
            let ratio = figures.ratios.entry(indicator).or_default();
            ratio.denominator.insert(counted.subject);
            if is_hit {
                ratio.numerator.insert(counted.subject);
            }
        }
        What::Effort(order, spent_ms) => {
            let effort = super::Effort { order, spent_ms };
            figures.effort.insert(counted.subject, effort);
        }
    }
}

fn remove(figures: &mut Figures, counted: &Counted) {
    match counted.what {
        What::Share(indicator, _) => {
            if let Some(ratio) = figures.ratios.get_mut(&indicator) {
                ratio.denominator.remove(&counted.subject);
                ratio.numerator.remove(&counted.subject);
                if ratio.denominator.is_empty() {
                    figures.ratios.remove(&indicator);
                }
            }
        }
        What::Effort(..) => {
            figures.effort.remove(&counted.subject);
        }
    }
}

fn scored(figures: &Figures, rules: &[CompositeRule]) -> Figures {
    let mut figures = figures.clone();
    figures.composites = rules.iter().map(|rule| score(rule, &figures)).collect();
    figures
}

/// Every term is rounded to hundredths of a point before the sum is made, so that the printed terms
/// add up to the printed score.
fn score(rule: &CompositeRule, figures: &Figures) -> CompositeScore {
    let (mut sum, mut weight, mut present) = (0, 0, 0);
    let mut terms = Vec::new();
    for term in &rule.terms {
        let rate = figures.ratios.get(&term.indicator).map(|ratio| {
            let (n, d) = (ratio.numerator.len(), ratio.denominator.len());
            (if term.is_inverted { d - n } else { n } as u64, d as u64)
        });
        let points = rate.map(|(n, d)| rounded(u64::from(term.weight_hundredths) * n, d));
        weight += u64::from(term.weight_hundredths);
        if let Some(points) = points {
            sum += points;
            present += u64::from(term.weight_hundredths);
        }
        terms.push(CompositeTerm {
            indicator: term.indicator,
            is_inverted: term.is_inverted,
            weight_hundredths: term.weight_hundredths,
            points_hundredths: points,
        });
    }
    let score_hundredths = match rule.missing {
        _ if present == 0 => None,
        _ if present == weight => Some(sum),
        Missing::Dash => None,
        Missing::Redistribute => Some(rounded(sum * weight, present)),
    };
    CompositeScore {
        name: rule.name.clone(),
        terms,
        score_hundredths,
    }
}

/// `n / d`, half rounded up.
fn rounded(n: u64, d: u64) -> u64 {
    (2 * n + d) / (2 * d)
}
