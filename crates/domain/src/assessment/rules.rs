//! What differs from town to town in the assessment: the choices of `assessment.toml`.

use serde::{Deserialize, Serialize};

use super::Indicator;
use crate::rules::{CategoryCode, MajorCode};
use crate::time::{HOUR_MS, Timestamp};
use crate::trail::SourceChannel;

/// The choices and weights by which a street is assessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssessmentRules {
    /// Which instant places a piece of work in a period.
    pub due_at: DueAt,
    /// Denominator of 返工率.
    pub rework_out_of: ReworkOutOf,
    /// Whether 强制结案 counts as closed; left out, the incident owes its closing no longer.
    pub forced_closes: Counting,
    /// Whether the work on an incident is counted although it was cancelled (作废).
    pub cancelled: Counting,
    /// Whether the work on a duplicate is counted and its report is valid.
    pub duplicates: Counting,
    /// Whether reports that nobody has decided on yet stand in the denominator of 有效上报率.
    pub undecided_reports: Counting,
    /// Whether a dispatch without a verdict counts: as right, unless its round was returned.
    pub unjudged_dispatches: Counting,
    /// Whether callers who were not reached stand in the denominators of 解决率 and 满意率.
    pub unreached_call_backs: Counting,
    /// Whose callers must be answered, and within which time.
    pub hotline: HotlineChannels,
    /// The scores.
    pub composites: Vec<CompositeRule>,
}

/// Which instant places a piece of work in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueAt {
    /// Its deadline.
    #[default]
    Deadline,
    /// The earlier of its deadline and its being done.
    Settled,
}

/// What 返工率 is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReworkOutOf {
    /// Incidents due to close; reworked are those with a failed check.
    #[default]
    DueToClose,
    /// Handling rounds whose check took place in the period, by the instant of the check.
    Checked,
    /// Handling rounds that were handled in the period, by the instant of the handling.
    Handled,
}

/// Whether something counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counting {
    /// It does.
    Counted,
    /// It does not.
    LeftOut,
}

impl Counting {
    /// Whether it counts.
    pub const fn is_counted(self) -> bool {
        matches!(self, Self::Counted)
    }
}

/// The channels whose callers must be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotlineChannels {
    /// The channels.
    pub channels: Vec<SourceChannel>,
    /// Time from the report to the first contact, in milliseconds that never stop.
    pub response_within_ms: i64,
    /// Times of categories that differ; of several that hold for a category, the shortest counts.
    pub exceptions: Vec<ResponseLimit>,
}

/// The response time of a major category with all its minors, or of one minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseLimit {
    /// 大类.
    pub major: MajorCode,
    /// 小类; all of them when `None`.
    #[serde(default)]
    pub minor: Option<u8>,
    /// Time from the report to the first contact, in milliseconds that never stop.
    pub within_ms: i64,
}

/// What becomes of a score of which a term is "—".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The score is "—" too.
    #[default]
    Dash,
    /// The weights of the other terms grow in proportion to make up for it.
    Redistribute,
}

/// One composite score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompositeRule {
    /// Name for people.
    pub name: String,
    /// What becomes of it when a term is "—".
    pub missing: Missing,
    /// Its terms in the order of the file.
    pub terms: Vec<TermRule>,
}

/// One term of a composite score: the weight times the rate, or times one less the rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermRule {
    /// The rate.
    pub indicator: Indicator,
    /// Points that the whole term is worth, in hundredths.
    pub weight_hundredths: u32,
    /// Whether a small rate is good: the term is weight × (1 − rate).
    pub is_inverted: bool,
}

impl Default for AssessmentRules {
    /// The published formulas with the starting values of the shipped file, no hotline and no
    /// scores.
    fn default() -> Self {
        Self {
            due_at: DueAt::Deadline,
            rework_out_of: ReworkOutOf::DueToClose,
            forced_closes: Counting::Counted,
            cancelled: Counting::LeftOut,
            duplicates: Counting::LeftOut,
            undecided_reports: Counting::Counted,
            unjudged_dispatches: Counting::Counted,
            unreached_call_backs: Counting::LeftOut,
            hotline: HotlineChannels {
                channels: Vec::new(),
                response_within_ms: 24 * HOUR_MS,
                exceptions: Vec::new(),
            },
            composites: Vec::new(),
        }
    }
}

impl HotlineChannels {
    /// When whoever reported a matter of the category at the instant must have been contacted.
    pub fn response_deadline(&self, category: CategoryCode, reported_at: Timestamp) -> Timestamp {
        let holds = |limit: &&ResponseLimit| {
            limit.major == category.major_code()
                && limit.minor.is_none_or(|minor| minor == category.minor)
        };
        let exceptions = self.exceptions.iter().filter(holds);
        let shortest = exceptions.map(|limit| limit.within_ms).min();
        reported_at.plus_ms(shortest.unwrap_or(self.response_within_ms))
    }
}
