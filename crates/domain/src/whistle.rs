//! Whistles (吹哨报到): the street calls the departments that it cannot do without.
//!
//! The street handles a matter first and deliberates; then it whistles to named departments, which
//! sign in within the response limit, handle their part and are rated. What a whistle stands at is
//! a fold of the trail ([`course`]), whether one may be blown is asked of [`eligibility`], and what
//! a department is worth follows from the trail alone ([`score`], [`assessment`]).

pub mod assessment;
pub mod course;
pub mod eligibility;
pub mod progress;
pub mod score;

use serde::{Deserialize, Serialize};

use crate::clocks::{Limit, LimitUnit};
use crate::ids::{DepartmentId, IncidentId};
use crate::incidents::Level;
use crate::rules::CategoryCode;
use crate::time::Timestamp;
use crate::trail::OfficerRole;

pub use course::{MatterWhistles, WhistleBook, WhistleState};
pub use eligibility::{Permission, WhistleWanted, check_points, check_whistle, may_whistle};
pub use progress::{Progress, Standing};

/// What is decided when a whistle is accepted and pushed to its departments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhistlePush {
    /// When the departments were told; the response clock starts here.
    pub at: Timestamp,
    /// From the push to the sign-in.
    pub response: Limit,
    /// From the sign-in to the report of completion.
    pub handling: Limit,
}

/// One department called by one whistle: what every count of the score counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallRef {
    /// The matter.
    pub incident: IncidentId,
    /// Number of the whistle within the matter.
    pub whistle: u16,
    /// The department called.
    pub department: DepartmentId,
}

/// What a street's rules say about whistles; the section `[whistle]` of its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhistleRules {
    /// From the push to the sign-in; 2 emergency hours in the field's sources.
    pub response: Limit,
    /// From the sign-in to the report of completion.
    pub handling: Limit,
    /// Levels that may be whistled.
    pub levels: Vec<Level>,
    /// Levels that may be whistled when an officer gives a reason under his name.
    pub levels_with_override: Vec<Level>,
    /// Categories that may be whistled at any level.
    pub categories: Vec<CategoryCode>,
    /// Departments that may be called.
    pub departments: Vec<DepartmentId>,
    /// Weights of the score.
    pub weights: WhistleWeights,
    /// Bounds of the points.
    pub points: PointBounds,
    /// When a department is asked to an admonitory talk.
    pub admonition: AdmonitionRules,
}

/// Weights of the three rates of the score; they add up to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhistleWeights {
    /// Of the response rate (态度).
    pub response: u32,
    /// Of the closing rate (专业).
    pub closing: u32,
    /// Of the satisfaction found by call-back (回访).
    pub satisfaction: u32,
}

/// How many points can be added and taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointBounds {
    /// Most points of one adjustment, either way.
    pub most_at_once: u16,
    /// Most points that count for a score, however many were added.
    pub most_added: u16,
    /// Most points that count against a score, however many were taken.
    pub most_taken: u16,
}

/// When a department is asked to an admonitory talk (约谈), and what that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmonitionRules {
    /// A score below so many points asks for a talk.
    pub score_below: u16,
    /// Fewer whistles due than this say nothing about a department.
    pub whistles_at_least: u32,
    /// So many whistles that were never answered ask for a talk whatever the score.
    pub unanswered_from: u32,
    /// Time until the talk has been held.
    pub within: Limit,
    /// Who leads it.
    pub led_by: OfficerRole,
}

impl Default for WhistleRules {
    /// Rules that call nobody: what a set of rules from before whistles reads as.
    fn default() -> Self {
        let limit = |amount, unit| Limit { amount, unit };
        Self {
            response: limit(2, LimitUnit::EmergencyHour),
            handling: limit(5, LimitUnit::WorkingDay),
            levels: Vec::new(),
            levels_with_override: Vec::new(),
            categories: Vec::new(),
            departments: Vec::new(),
            weights: WhistleWeights {
                response: 30,
                closing: 40,
                satisfaction: 30,
            },
            points: PointBounds {
                most_at_once: 0,
                most_added: 0,
                most_taken: 0,
            },
            admonition: AdmonitionRules {
                score_below: 0,
                whistles_at_least: 1,
                unanswered_from: u32::MAX,
                within: limit(5, LimitUnit::WorkingDay),
                led_by: OfficerRole::StreetLeader,
            },
        }
    }
}

/// Why a whistle or a step of one was not accepted; nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhistleRefused {
    /// The rules do not let matters of this level and category be whistled.
    #[error("the rules let no matter of level {level:?} and category {category} be whistled")]
    LevelNotAllowed {
        /// The level of the matter.
        level: Level,
        /// Its category.
        category: CategoryCode,
    },
    /// The level may be whistled only with a reason.
    #[error("a matter of level {level:?} is whistled only with an officer's reason")]
    OverrideNeeded {
        /// The level of the matter.
        level: Level,
    },
    /// Nothing on the trail says that the street tried itself.
    #[error("the trail has no handling by the street itself: send somebody first")]
    StreetHasNotHandled,
    /// The deliberation is empty.
    #[error("what the street deliberated is missing")]
    DeliberationMissing,
    /// Nobody is called.
    #[error("no department is named")]
    NoDepartment,
    /// A department is named twice.
    #[error("department {department} is named twice")]
    NamedTwice {
        /// Which.
        department: DepartmentId,
    },
    /// The rules know no such department, or it may not be called.
    #[error("department {department} is not among those that the rules let be whistled")]
    UnknownDepartment {
        /// Which.
        department: DepartmentId,
    },
    /// The department has not finished an earlier whistle of the matter.
    #[error("department {department} has not finished whistle {whistle} of this matter")]
    StillOpen {
        /// Which.
        department: DepartmentId,
        /// The earlier whistle.
        whistle: u16,
    },
    /// The number is not the next one of the matter.
    #[error("whistle {whistle} is not the next of the matter, which is {expected}")]
    WrongNumber {
        /// The number given.
        whistle: u16,
        /// The next one.
        expected: u16,
    },
    /// The matter has had as many whistles as there are numbers.
    #[error("the matter can have no more whistles")]
    NoNumberLeft,
    /// A whistle without its push is a proposal and no part of the trail.
    #[error("the whistle has not been pushed")]
    NotPushed,
    /// The matter has no such whistle.
    #[error("the matter has no whistle {whistle}")]
    NoSuchWhistle {
        /// The number given.
        whistle: u16,
    },
    /// The whistle did not call the department.
    #[error("whistle {whistle} did not call {department}")]
    NotCalled {
        /// The whistle.
        whistle: u16,
        /// Who was not called.
        department: DepartmentId,
    },
    /// The department signed in before.
    #[error("{department} has signed in already")]
    SignedInAlready {
        /// Who.
        department: DepartmentId,
    },
    /// The department has not signed in.
    #[error("{department} has not signed in yet")]
    NotSignedIn {
        /// Who.
        department: DepartmentId,
    },
    /// The department reported its part done before.
    #[error("{department} has reported its part done already")]
    HandledAlready {
        /// Who.
        department: DepartmentId,
    },
    /// The department has not reported its part done, and the matter goes on.
    #[error("{department} has not reported its part done yet")]
    NotHandled {
        /// Who.
        department: DepartmentId,
    },
    /// A rating is 0 to 100.
    #[error("a rating is 0 to 100, not {rating}")]
    RatingOutOfRange {
        /// The rating given.
        rating: u8,
    },
    /// Points are added or taken within bounds.
    #[error("at most {most} points are added or taken at once, and not none: {points}")]
    PointsOutOfRange {
        /// The points given.
        points: i16,
        /// The bound.
        most: u16,
    },
    /// The matter has ended.
    #[error("the matter has ended")]
    MatterEnded,
    /// The entry is not the next of the matter's trail.
    #[error("step {step} does not follow step {last} of the trail")]
    NotTheNextStep {
        /// The step given.
        step: u32,
        /// The last one folded.
        last: u32,
    },
}

#[cfg(test)]
mod tests;
