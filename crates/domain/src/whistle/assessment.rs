//! What follows from whistles for a department: the street's ratings (反向评价) and the admonitory
//! talk (约谈).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::score::{Scope, ScorePart, WhistleScore};
use super::{CallRef, WhistleBook};
use crate::clocks::deadline;
use crate::ids::DepartmentId;
use crate::rules::Rules;
use crate::time::Timestamp;
use crate::trail::OfficerRole;

/// How the street rates one department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReverseRow {
    /// The department.
    pub department: DepartmentId,
    /// The calls that were rated, each with its latest rating from 0 to 100.
    pub rated: Vec<(CallRef, u8)>,
    /// The calls that have ended or were handled and are not rated.
    pub unrated: Vec<CallRef>,
    /// The mean of the ratings in hundredths, rounded half up; `None` is "—".
    pub mean_hundredths: Option<u32>,
}

impl WhistleBook {
    /// The reverse assessment: one row for each department called within the scope.
    pub fn reverse_assessment(&self, scope: &Scope) -> Vec<ReverseRow> {
        let mut rows: BTreeMap<DepartmentId, ReverseRow> = BTreeMap::new();
        for (call, matter, progress) in self.calls() {
            if !scope.covers(&call, matter, progress) {
                continue;
            }
            let department = call.department.clone();
            let row = rows.entry(department).or_insert_with_key(|key| ReverseRow {
                department: key.clone(),
                rated: Vec::new(),
                unrated: Vec::new(),
                mean_hundredths: None,
            });
            match progress.rating {
                Some(rating) => row.rated.push((call, rating)),
                None if !progress.is_open() => row.unrated.push(call),
                None => {}
            }
        }
        let mut rows: Vec<ReverseRow> = rows.into_values().collect();
        for row in &mut rows {
            row.mean_hundredths = mean_hundredths(&row.rated);
        }
        rows
    }
}

fn mean_hundredths(rated: &[(CallRef, u8)]) -> Option<u32> {
    let count = rated.len() as u64;
    let sum: u64 = rated.iter().map(|(_, rating)| u64::from(*rating)).sum();
    // A mean of ratings of at most 100 fits.
    (200 * sum + count)
        .checked_div(2 * count)
        .map(|mean| mean as u32)
}

/// Why a department is asked to an admonitory talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdmonitionCause {
    /// The score is below the threshold of the rules.
    ScoreBelow {
        /// The score in hundredths of a point.
        score_hundredths: u32,
        /// The threshold in hundredths of a point.
        threshold_hundredths: u32,
    },
    /// So many whistles were never answered.
    Unanswered {
        /// How many.
        count: u32,
        /// From how many on a talk is due.
        from: u32,
    },
}

/// An admonitory talk that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmonitoryTalk {
    /// Who is asked to it.
    pub department: DepartmentId,
    /// Why; at least one cause.
    pub causes: Vec<AdmonitionCause>,
    /// Who leads it.
    pub led_by: OfficerRole,
    /// Until when it is held.
    pub due_by: Timestamp,
    /// The rules that ask for it.
    pub rules_version: String,
}

/// The talk that a department's score asks for at the instant of the score; `None` where it asks
/// for none or is not of one department.
pub fn admonition(score: &WhistleScore, rules: &Rules) -> Option<AdmonitoryTalk> {
    let department = score.scope.department.clone()?;
    let threshold = &rules.whistle.admonition;
    let counted = |calls: usize| u32::try_from(calls).unwrap_or(u32::MAX);
    let due = score
        .term(ScorePart::Response)
        .map_or(0, |term| counted(term.denominator.len()));
    let mut causes = Vec::new();
    let threshold_hundredths = u32::from(threshold.score_below) * 100;
    if let Some(score_hundredths) = score.total_hundredths
        && due >= threshold.whistles_at_least
        && score_hundredths < threshold_hundredths
    {
        causes.push(AdmonitionCause::ScoreBelow {
            score_hundredths,
            threshold_hundredths,
        });
    }
    let count = counted(score.unanswered.len());
    if count >= threshold.unanswered_from {
        causes.push(AdmonitionCause::Unanswered {
            count,
            from: threshold.unanswered_from,
        });
    }
    (!causes.is_empty()).then(|| AdmonitoryTalk {
        department,
        causes,
        led_by: threshold.led_by,
        due_by: deadline(threshold.within, score.at, &rules.calendar),
        rules_version: rules.version.clone(),
    })
}
