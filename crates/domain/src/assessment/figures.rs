//! The words of an assessment: indicators, what they count, groups, and the finished table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Period;
use crate::ids::{DepartmentId, GridCode, IdError, IncidentId, OrderId, PersonId};
use crate::places::GridLevel;
use crate::rules::{CategoryCode, MajorCode};
use crate::time::Timestamp;
use crate::trail::SourceChannel;

/// The indicators. The formulas are those of the field's published assessments; what "due" means
/// is defined in the module's documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Indicator {
    /// 有效上报率 = valid / reported. Counts incidents by the instant of their report; valid is
    /// one that was filed and neither cancelled nor a duplicate.
    ValidReporting,
    /// 按时立案率 = filed in time / filed. Counts incidents by the instant of filing; in time is
    /// one filed by the deadline of the clock that ran before.
    OnTimeFiling,
    /// 按时派遣率 = dispatched in time / due to dispatch. Counts dispatch rounds.
    OnTimeDispatch,
    /// 准确派遣率 = rightly dispatched / due to dispatch. Counts dispatch rounds; one without a
    /// deadline is due when it is dispatched.
    AccurateDispatch,
    /// 处置率 = handled / due to be handled. Counts handling rounds.
    Handling,
    /// 按期处置率 = handled in time / due to be handled. Counts handling rounds.
    OnTimeHandling,
    /// 超期待处置率 = overdue and still to be handled at the end of the period / due to be
    /// handled. Counts handling rounds.
    OverduePending,
    /// 延期率 = extended / due to be handled. Counts handling rounds.
    Extension,
    /// 结案率 = closed / due to close. Counts incidents.
    Closing,
    /// 按期结案率 = closed in time / due to close. Counts incidents.
    OnTimeClosing,
    /// 返工率 = reworked / due to close, or what the rules file sets as denominator.
    Rework,
    /// 响应率 = contacted in time / due to be contacted. Counts incidents of the hotline's
    /// channels.
    HotlineResponse,
    /// 解决率 = solved / called back. Counts incidents of the hotline's channels by the instant
    /// of their latest call-back.
    HotlineResolution,
    /// 满意率 = satisfied / called back, as 解决率.
    HotlineSatisfaction,
}

impl Indicator {
    /// All, in the order in which tables list them.
    pub const ALL: [Self; 14] = [
        Self::ValidReporting,
        Self::OnTimeFiling,
        Self::OnTimeDispatch,
        Self::AccurateDispatch,
        Self::Handling,
        Self::OnTimeHandling,
        Self::OverduePending,
        Self::Extension,
        Self::Closing,
        Self::OnTimeClosing,
        Self::Rework,
        Self::HotlineResponse,
        Self::HotlineResolution,
        Self::HotlineSatisfaction,
    ];

    /// The field's name.
    pub const fn name_zh(self) -> &'static str {
        match self {
            Self::ValidReporting => "有效上报率",
            Self::OnTimeFiling => "按时立案率",
            Self::OnTimeDispatch => "按时派遣率",
            Self::AccurateDispatch => "准确派遣率",
            Self::Handling => "处置率",
            Self::OnTimeHandling => "按期处置率",
            Self::OverduePending => "超期待处置率",
            Self::Extension => "延期率",
            Self::Closing => "结案率",
            Self::OnTimeClosing => "按期结案率",
            Self::Rework => "返工率",
            Self::HotlineResponse => "热线响应率",
            Self::HotlineResolution => "热线解决率",
            Self::HotlineSatisfaction => "热线满意率",
        }
    }

    /// Numerator and denominator in words, Chinese.
    pub const fn formula_zh(self) -> &'static str {
        match self {
            Self::ValidReporting => "有效/上报",
            Self::OnTimeFiling => "按时立案/立案",
            Self::OnTimeDispatch => "按时派遣/应派遣",
            Self::AccurateDispatch => "准确派遣/应派遣",
            Self::Handling => "处置/应处置",
            Self::OnTimeHandling => "按期处置/应处置",
            Self::OverduePending => "超期待处置/应处置",
            Self::Extension => "延期/应处置",
            Self::Closing => "结案/应结案",
            Self::OnTimeClosing => "按期结案/应结案",
            Self::Rework => "返工/应结案",
            Self::HotlineResponse => "按时响应/应响应",
            Self::HotlineResolution => "解决/回访",
            Self::HotlineSatisfaction => "满意/回访",
        }
    }
}

/// One thing that an indicator counts: the step of an incident's trail with which it began (the
/// report, the filing, the dispatch) or, for a call-back, in which it is. Printed as
/// `20261120-0042/3`, and written so in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Subject {
    /// The incident.
    pub incident: IncidentId,
    /// Step of its trail, from 1.
    pub step: u32,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.incident, self.step)
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.to_string()
    }
}

impl TryFrom<String> for Subject {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let parts = text.split_once('/').and_then(|(incident, step)| {
            let incident = incident.parse().ok()?;
            let step = step.parse().ok()?;
            Some(Self { incident, step })
        });
        parts.ok_or(IdError {
            text,
            expected: "a step of an incident such as 20261120-0042/3",
        })
    }
}

/// Numerator and denominator with everything behind them; the numerator is part of the
/// denominator.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ratio {
    /// What counts for the rate.
    pub numerator: BTreeSet<Subject>,
    /// What the rate is a share of.
    pub denominator: BTreeSet<Subject>,
}

impl Ratio {
    /// The rate in hundredths of a percent, half a hundredth rounded up; `None` ("—") without a
    /// denominator.
    pub fn percent_hundredths(&self) -> Option<u64> {
        let (n, d) = (self.numerator.len() as u64, self.denominator.len() as u64);
        (d > 0).then(|| (n * 20_000 + d) / (2 * d))
    }

    /// `66.67%`, or `—` without a denominator.
    pub fn percent(&self) -> String {
        self.percent_hundredths()
            .map_or_else(|| "—".to_owned(), |rate| format!("{}%", hundredths(rate)))
    }
}

/// A number of hundredths with two decimals, such as `66.67`.
pub fn hundredths(value: u64) -> String {
    format!("{}.{:02}", value / 100, value % 100)
}

/// The time that one order took its responder: from the first start of handling (from the dispatch
/// where the trail has no start) to its being reported done, without times of suspension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effort {
    /// The order.
    pub order: OrderId,
    /// Milliseconds.
    pub spent_ms: i64,
}

/// All figures of one group.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Indicators that have a denominator; all others are "—".
    pub ratios: BTreeMap<Indicator, Ratio>,
    /// Effort of the orders reported done in the period, by the step of that report.
    pub effort: BTreeMap<Subject, Effort>,
    /// The composite scores, in the order of the rules file.
    pub composites: Vec<CompositeScore>,
}

impl Figures {
    /// The ratio of an indicator; an empty one where nothing is counted.
    pub fn ratio(&self, indicator: Indicator) -> Ratio {
        self.ratios.get(&indicator).cloned().unwrap_or_default()
    }

    /// Effort in whole minutes, half a minute rounded up.
    pub fn effort_min(&self) -> i64 {
        let ms: i64 = self.effort.values().map(|effort| effort.spent_ms).sum();
        (ms + 30_000) / 60_000
    }
}

/// A composite score with its terms, so that anyone can add them up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompositeScore {
    /// Name for people.
    pub name: String,
    /// The terms in the order of the rules file.
    pub terms: Vec<CompositeTerm>,
    /// The score in hundredths of a point; `None` is "—".
    pub score_hundredths: Option<u64>,
}

/// One term of a composite score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompositeTerm {
    /// The rate.
    pub indicator: Indicator,
    /// Whether it counts as 1 − rate.
    pub is_inverted: bool,
    /// Points that the whole term is worth, in hundredths.
    pub weight_hundredths: u32,
    /// Points reached in hundredths, half a hundredth rounded up; `None` is "—".
    pub points_hundredths: Option<u64>,
}

/// What the rows of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// No rows, only the total.
    #[default]
    Whole,
    /// Whoever was charged with the work.
    Person,
    /// Grids of a level; communities are one of them. What lies in several exclusive grids counts
    /// in each.
    Grid(GridLevel),
    /// 责任网格; what belongs to several kinds of them counts in each.
    ResponsibilityGrid,
    /// The department that answers for the work.
    Department,
    /// 大类.
    MajorCategory,
    /// 小类.
    MinorCategory,
    /// 来源.
    Channel,
}

/// One group of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupKey {
    /// A person.
    Person(PersonId),
    /// A grid.
    Grid(GridCode),
    /// A department.
    Department(DepartmentId),
    /// A major category.
    Major(MajorCode),
    /// A minor category.
    Category(CategoryCode),
    /// A channel.
    Channel(SourceChannel),
}

/// The figures of one group, with and without complaints that are flagged as unreasonable.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Row {
    /// The group; `None` is the total, or work that belongs to no group of the kind.
    pub key: Option<GroupKey>,
    /// Of all incidents.
    pub all: Figures,
    /// Without incidents flagged as unreasonable at the end of the period.
    pub reasonable: Figures,
}

/// An assessment of one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The period.
    pub period: Period,
    /// The instant from which it was seen.
    pub now: Timestamp,
    /// What the rows are.
    pub by: By,
    /// Everything together.
    pub total: Row,
    /// The groups that anything is counted for, in the order of their keys; work of no group
    /// comes first.
    pub rows: Vec<Row>,
}
