//! The values that a street's rules files decide; loading and checking the files is the `rules`
//! crate's work.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::admission::RefusalReason;
use crate::assessment::AssessmentRules;
use crate::channels::ChannelRule;
use crate::clocks::{Calendar, Limit, LimitUnit};
use crate::clusters::ClusterRules;
use crate::crosswalk::Crosswalk;
use crate::dispatch::DispatchRules;
use crate::escalation::EscalationRules;
use crate::ids::{DepartmentId, IdError, RefusalReasonId};
use crate::incidents::Level;
use crate::levels::LevelRules;
use crate::modes::ModeRule;
use crate::nearness::Nearness;
use crate::people::{Post, Skill};
use crate::roads::TravelRules;
use crate::signals::SignalRules;
use crate::whistle::WhistleRules;

mod conditions;

pub use conditions::{FilingCondition, HotlineRules, InterimLimit, Pause};

/// Whether a category describes an event (事件) or a managed component (部件).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CategoryKind {
    /// 事件.
    Event,
    /// 部件.
    Component,
}

/// A category by kind, major (大类) and minor (小类) code, written `E01.10` or `C01.02`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CategoryCode {
    /// Event or component.
    pub kind: CategoryKind,
    /// 大类, 1–99.
    pub major: u8,
    /// 小类, 1–99.
    pub minor: u8,
}

impl fmt::Display for CategoryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            CategoryKind::Event => 'E',
            CategoryKind::Component => 'C',
        };
        write!(f, "{kind}{:02}.{:02}", self.major, self.minor)
    }
}

impl From<CategoryCode> for String {
    fn from(code: CategoryCode) -> Self {
        code.to_string()
    }
}

impl TryFrom<String> for CategoryCode {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl FromStr for CategoryCode {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || IdError {
            text: text.to_owned(),
            expected: "a category code such as E01.10 (event) or C01.02 (component)",
        };
        let kind = match text.as_bytes().first() {
            Some(b'E') => CategoryKind::Event,
            Some(b'C') => CategoryKind::Component,
            _ => return Err(refused()),
        };
        let (major, minor) = text[1..].split_once('.').ok_or_else(refused)?;
        let number = |digits: &str| match digits.parse::<u8>() {
            Ok(n @ 1..=99) if digits.len() == 2 => Ok(n),
            _ => Err(refused()),
        };
        Ok(Self {
            kind,
            major: number(major)?,
            minor: number(minor)?,
        })
    }
}

impl CategoryCode {
    /// The major that it belongs to.
    pub const fn major_code(self) -> MajorCode {
        MajorCode {
            kind: self.kind,
            major: self.major,
        }
    }
}

/// A major category (大类), written `E01` or `C01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MajorCode {
    /// Event or component.
    pub kind: CategoryKind,
    /// 大类, 1–99.
    pub major: u8,
}

impl fmt::Display for MajorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            CategoryKind::Event => 'E',
            CategoryKind::Component => 'C',
        };
        write!(f, "{kind}{:02}", self.major)
    }
}

impl From<MajorCode> for String {
    fn from(code: MajorCode) -> Self {
        code.to_string()
    }
}

impl TryFrom<String> for MajorCode {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl FromStr for MajorCode {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A major is written like a minor without its last two digits.
        format!("{text}.01")
            .parse()
            .map(CategoryCode::major_code)
            .map_err(|_| IdError {
                text: text.to_owned(),
                expected: "a major code such as E01 (event) or C01 (component)",
            })
    }
}

/// A text of the rules files in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Words {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// What the rules say about one category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CategoryRule {
    /// The category.
    pub code: CategoryCode,
    /// 大类 name, such as `市容环境`.
    pub major_name: String,
    /// 小类 name, such as `暴露垃圾`.
    pub name: String,
    /// Handling limit where no filing condition is named: that of the first one, if there are any.
    pub limit: Limit,
    /// Filing conditions (立案条件), the ordinary one first; empty where the category has only one.
    #[serde(default)]
    pub conditions: Vec<FilingCondition>,
    /// Level when nothing aggravates it.
    pub level: Level,
    /// Responsibility list (责任清单): posts that may be charged with it, the lead first.
    pub posts: Vec<Post>,
    /// Posts that assist the lead (协办) and may not lead themselves.
    #[serde(default)]
    pub assist_posts: Vec<Post>,
    /// Whether grids may be charged with it at all; no grid post is listed where they may not.
    #[serde(default)]
    pub grid_may_be_charged: bool,
    /// Reasons for which the field may refuse an order about it.
    #[serde(default)]
    pub refusal_reasons: Vec<RefusalReasonId>,
    /// Skills that make a responder fit.
    pub skills: Vec<Skill>,
}

impl CategoryRule {
    /// A category of which nothing but its code and its limit is known: level micro, no name, and
    /// nobody charged with it.
    pub fn new(code: CategoryCode, limit: Limit) -> Self {
        Self {
            code,
            major_name: String::new(),
            name: String::new(),
            limit,
            conditions: Vec::new(),
            level: Level::Micro,
            posts: Vec::new(),
            assist_posts: Vec::new(),
            grid_may_be_charged: false,
            refusal_reasons: Vec::new(),
            skills: Vec::new(),
        }
    }
}

/// A department (部门) of the street: it answers for matters through the people of its posts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// Its id, such as `urban_management`.
    pub id: DepartmentId,
    /// Name for people.
    pub name: String,
    /// The posts that belong to it; every post belongs to exactly one department.
    pub posts: Vec<Post>,
}

/// Limits of the stages around handling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageLimits {
    /// From report to verified.
    pub verify: Limit,
    /// From verified to filed.
    pub file: Limit,
    /// From filed to dispatched.
    pub dispatch: Limit,
    /// From handled to checked.
    pub check: Limit,
}

impl Default for StageLimits {
    /// No time at all for any stage.
    fn default() -> Self {
        let none = Limit {
            amount: 0,
            unit: LimitUnit::EmergencyMinute,
        };
        Self {
            verify: none,
            file: none,
            dispatch: none,
            check: none,
        }
    }
}

/// Weights of the ranking of responders; every term is in minutes of road time, so that weights
/// can be read as "worth so many minutes".
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct RankingWeights {
    /// Minutes gained by a person whose post leads the responsibility list.
    pub lead_post_min: f64,
    /// Minutes gained by a fitting skill.
    pub skill_min: f64,
    /// Minutes lost for each order already under way.
    pub open_order_min: f64,
    /// Minutes gained in the person's own grid.
    pub home_grid_min: f64,
    /// Minutes lost when the position is stale.
    pub stale_position_min: f64,
}

/// One version of a street's rules. The default has no section filled in: the loader starts from
/// it, and a test names only the sections that it is about.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Rules {
    /// Written on every record that these rules decide.
    pub version: String,
    /// Working windows, holidays and make-up days.
    pub calendar: Calendar,
    /// Limits around handling.
    pub stage_limits: StageLimits,
    /// Share of a limit below which the lamp turns yellow, in `0.0..=1.0`.
    pub yellow_share: f64,
    /// Weights for ranking responders.
    pub ranking: RankingWeights,
    /// How fast people get about.
    #[serde(default)]
    pub travel: TravelRules,
    /// What 12345 demands of the telephone.
    #[serde(default)]
    pub hotline: HotlineRules,
    /// Who is offered at all, beside the responsibility lists.
    #[serde(default)]
    pub dispatch: DispatchRules,
    /// When an unanswered order is passed on.
    #[serde(default)]
    pub escalation: EscalationRules,
    /// What each emergency mode changes, Ⅳ first; a mode without a rule changes nothing.
    #[serde(default)]
    pub modes: Vec<ModeRule>,
    /// All categories in the order of their codes.
    pub categories: Vec<CategoryRule>,
    /// The departments of the street in the order of the file.
    #[serde(default)]
    pub departments: Vec<Department>,
    /// What levels mean and what decides them.
    #[serde(default)]
    pub levels: LevelRules,
    /// Reasons for which the field may refuse an order.
    #[serde(default)]
    pub refusal_reasons: Vec<RefusalReason>,
    /// One for each source channel.
    #[serde(default)]
    pub channels: Vec<ChannelRule>,
    /// Whom the street may whistle for, how fast they answer and how they are scored.
    #[serde(default)]
    pub whistle: WhistleRules,
    /// How near reports have to be to be suggested as duplicates.
    #[serde(default)]
    pub duplicates: Nearness,
    /// What makes a cluster of repeated complaints.
    #[serde(default)]
    pub clusters: ClusterRules,
    /// The four signals.
    #[serde(default)]
    pub signals: SignalRules,
    /// How the classes of other systems are ours.
    #[serde(default)]
    pub crosswalks: Vec<Crosswalk>,
    /// What counts in an assessment, and the weights of its scores.
    #[serde(default)]
    pub assessment: AssessmentRules,
}

impl Rules {
    /// The rule of a category.
    pub fn category(&self, code: CategoryCode) -> Option<&CategoryRule> {
        self.categories.iter().find(|rule| rule.code == code)
    }

    /// The department that a post belongs to.
    pub fn department_of(&self, post: Post) -> Option<&Department> {
        self.departments.iter().find(|d| d.posts.contains(&post))
    }

    /// A department by its id.
    pub fn department(&self, id: &DepartmentId) -> Option<&Department> {
        self.departments.iter().find(|d| d.id == *id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn category_codes_read_back() {
        for text in ["E01.10", "C05.08", "E99.99"] {
            assert_eq!(text.parse::<CategoryCode>().expect(text).to_string(), text);
        }
        for bad in [
            "", "E1.10", "X01.10", "E01-10", "E00.10", "E01.1０", "é01.10",
        ] {
            assert!(bad.parse::<CategoryCode>().is_err(), "{bad}");
        }
    }
}
