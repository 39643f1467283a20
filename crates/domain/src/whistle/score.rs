//! The score of whistles, from the trail alone and so that a person can add it up again.
//!
//! Three rates and two sums of points. Each rate is a count of calls over a count of calls; a
//! *call* is one department named by one whistle.
//!
//! - response (态度): signed in within the response limit, of those that signed in or whose limit
//!   has run out;
//! - closing (专业): done within the handling limit, of those that were done or whose limit has
//!   run out;
//! - satisfaction (回访): the caller reached last after the completion was satisfied, of those
//!   calls after whose completion a caller was reached.
//!
//! A rate without a denominator is "—" and gives its weight to the others. With *W* the sum of the
//! weights that have a denominator, a term is worth
//! `weight / W × 100 × numerator / denominator` points, rounded half up to hundredths of a point;
//! the score is the sum of the rounded terms (at most 100, which rounding can pass by a hundredth),
//! plus the points added, minus the points taken (each up to its bound), and never below 0. Without
//! any denominator the score is "—". Drills are never scored.

use serde::{Deserialize, Serialize};

use super::{CallRef, MatterWhistles, Progress, Standing, WhistleBook, WhistleRules};
use crate::ids::{DepartmentId, IncidentId};
use crate::rules::Rules;
use crate::time::Timestamp;

/// Hundredths of a point in a full score.
const FULL_HUNDREDTHS: u32 = 100 * 100;

/// Which calls a score counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Of this department; `None` counts all.
    pub department: Option<DepartmentId>,
    /// Of this one whistle; `None` counts all.
    pub whistle: Option<(IncidentId, u16)>,
    /// Pushed at or after this instant.
    pub from: Timestamp,
    /// Pushed before this instant.
    pub before: Timestamp,
    /// Whether complaints flagged as unreasonable count.
    pub counts_unreasonable: bool,
}

impl Scope {
    /// Every call that there is.
    pub fn everything() -> Self {
        Self {
            department: None,
            whistle: None,
            from: Timestamp::from_unix_ms(i64::MIN),
            before: Timestamp::from_unix_ms(i64::MAX),
            counts_unreasonable: true,
        }
    }

    /// The calls of a department that were pushed in a period, its end excluded.
    pub fn period(department: DepartmentId, from: Timestamp, before: Timestamp) -> Self {
        Self {
            department: Some(department),
            from,
            before,
            ..Self::everything()
        }
    }

    /// One department's part of one whistle.
    pub fn call(call: &CallRef) -> Self {
        Self {
            department: Some(call.department.clone()),
            whistle: Some((call.incident, call.whistle)),
            ..Self::everything()
        }
    }

    /// Whether the call counts.
    pub fn covers(&self, call: &CallRef, matter: &MatterWhistles, progress: &Progress) -> bool {
        let is_wanted = self
            .department
            .as_ref()
            .is_none_or(|d| *d == call.department)
            && self
                .whistle
                .is_none_or(|whistle| whistle == (call.incident, call.whistle));
        is_wanted
            && self.from <= progress.push.at
            && progress.push.at < self.before
            && !matter.is_drill
            && (self.counts_unreasonable || !matter.is_unreasonable)
    }
}

/// The rates of the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScorePart {
    /// 态度.
    Response,
    /// 专业.
    Closing,
    /// 回访.
    Satisfaction,
}

/// One rate of the score with everything behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreTerm {
    /// Which rate.
    pub part: ScorePart,
    /// Its weight in the rules.
    pub weight: u32,
    /// The calls of the numerator, all of them in the denominator too.
    pub numerator: Vec<CallRef>,
    /// The calls of the denominator.
    pub denominator: Vec<CallRef>,
    /// What it is worth, in hundredths of a point; `None` is "—".
    pub worth_hundredths: Option<u32>,
}

/// Points of one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointsTerm {
    /// Whose.
    pub call: CallRef,
    /// Points added.
    pub added: u32,
    /// Points taken.
    pub taken: u32,
}

/// A score with every term that it is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhistleScore {
    /// What was counted.
    pub scope: Scope,
    /// When: a limit that had not run out then is not due.
    pub at: Timestamp,
    /// The rules whose weights were used.
    pub rules_version: String,
    /// The rates.
    pub terms: Vec<ScoreTerm>,
    /// The calls with points.
    pub points: Vec<PointsTerm>,
    /// Points that count for the score, up to their bound.
    pub points_added: u32,
    /// Points that count against the score, up to their bound.
    pub points_taken: u32,
    /// Calls whose response limit has run out without a sign-in.
    pub unanswered: Vec<CallRef>,
    /// The score in hundredths of a point; `None` is "—".
    pub total_hundredths: Option<u32>,
}

impl WhistleScore {
    /// The term of a rate.
    pub fn term(&self, part: ScorePart) -> Option<&ScoreTerm> {
        self.terms.iter().find(|term| term.part == part)
    }
}

/// `92.50`, or `—` where there is nothing to divide by.
pub fn hundredths_text(hundredths: Option<u32>) -> String {
    hundredths.map_or_else(
        || "—".to_owned(),
        |value| format!("{}.{:02}", value / 100, value % 100),
    )
}

impl WhistleBook {
    /// Scores the calls of a scope as they stood at an instant.
    pub fn score(&self, scope: Scope, at: Timestamp, rules: &Rules) -> WhistleScore {
        let weights = rules.whistle.weights;
        let term = |part, weight| ScoreTerm {
            part,
            weight,
            numerator: Vec::new(),
            denominator: Vec::new(),
            worth_hundredths: None,
        };
        let mut response = term(ScorePart::Response, weights.response);
        let mut closing = term(ScorePart::Closing, weights.closing);
        let mut satisfaction = term(ScorePart::Satisfaction, weights.satisfaction);
        let mut points = Vec::new();
        let mut unanswered = Vec::new();
        for (call, matter, progress) in self.calls() {
            if !scope.covers(&call, matter, progress) {
                continue;
            }
            let responded = progress.response(at, &rules.calendar);
            if responded == Standing::Overdue {
                unanswered.push(call.clone());
            }
            count_standing(&mut response, &call, responded);
            count_standing(&mut closing, &call, progress.handling(at, &rules.calendar));
            if let Some(is_satisfied) = progress.is_caller_satisfied {
                count(&mut satisfaction, &call, is_satisfied);
            }
            if progress.points_added > 0 || progress.points_taken > 0 {
                points.push(PointsTerm {
                    call,
                    added: progress.points_added,
                    taken: progress.points_taken,
                });
            }
        }
        let mut score = WhistleScore {
            scope,
            at,
            rules_version: rules.version.clone(),
            terms: vec![response, closing, satisfaction],
            points,
            points_added: 0,
            points_taken: 0,
            unanswered,
            total_hundredths: None,
        };
        score.add_up(&rules.whistle);
        score
    }
}

fn count_standing(term: &mut ScoreTerm, call: &CallRef, standing: Standing) {
    if standing.is_due() {
        count(term, call, standing == Standing::InTime);
    }
}

fn count(term: &mut ScoreTerm, call: &CallRef, is_good: bool) {
    term.denominator.push(call.clone());
    if is_good {
        term.numerator.push(call.clone());
    }
}

impl WhistleScore {
    fn add_up(&mut self, rules: &WhistleRules) {
        let bounded = |sum: u64, most: u16| sum.min(u64::from(most)) as u32;
        let sum = |of: fn(&PointsTerm) -> u32| self.points.iter().map(|p| u64::from(of(p))).sum();
        self.points_added = bounded(sum(|p| p.added), rules.points.most_added);
        self.points_taken = bounded(sum(|p| p.taken), rules.points.most_taken);
        let present = |term: &&ScoreTerm| !term.denominator.is_empty();
        let all_weights: u64 = self
            .terms
            .iter()
            .filter(present)
            .map(|term| u64::from(term.weight))
            .sum();
        for term in &mut self.terms {
            term.worth_hundredths = worth(term, all_weights);
        }
        let worths = self.terms.iter().filter_map(|term| term.worth_hundredths);
        let base = worths.reduce(|sum, worth| sum + worth);
        self.total_hundredths = base.map(|base| {
            let base = base.min(FULL_HUNDREDTHS);
            (base + self.points_added * 100).saturating_sub(self.points_taken * 100)
        });
    }
}

/// What a term is worth, rounded half up; `None` where there is nothing to divide by.
fn worth(term: &ScoreTerm, all_weights: u64) -> Option<u32> {
    let count = |calls: &[CallRef]| calls.len() as u64;
    let whole = u128::from(all_weights) * u128::from(count(&term.denominator));
    if whole == 0 {
        return None;
    }
    let part =
        u128::from(FULL_HUNDREDTHS) * u128::from(term.weight) * u128::from(count(&term.numerator));
    // A term is never worth more than the full score, which fits.
    Some(((2 * part + whole) / (2 * whole)) as u32)
}
