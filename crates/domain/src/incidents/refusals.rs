//! Why an action is not carried out.

use serde::{Deserialize, Serialize};

use super::{IncidentState, MAX_EXTENSIONS, RequiredField, Stage};
use crate::ids::{ConditionCode, DepartmentId, OrderId};
use crate::rules::CategoryCode;
use crate::trail::Taker;

/// Why an action was not carried out; nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionRefused {
    /// The table has no such transition.
    #[error("not possible while the incident is {state:?}")]
    NotInThisState {
        /// The state it is in.
        state: IncidentState,
    },
    /// The table does not give this action to whoever wants to take it.
    #[error("a {taker} may not do this")]
    NotForThisTaker {
        /// Who.
        taker: Taker,
    },
    /// Something that the action needs is missing or makes no sense.
    #[error("{field} is needed")]
    FieldNeeded {
        /// What.
        field: RequiredField,
    },
    /// The limit has been extended as often as it can be.
    #[error("extended {MAX_EXTENSIONS} times already")]
    ExtensionsUsedUp,
    /// The category is not in the rules in force.
    #[error("category {category} is not in rules {rules_version}")]
    UnknownCategory {
        /// The category.
        category: CategoryCode,
        /// The rules looked at.
        rules_version: String,
    },
    /// The category has no such filing condition.
    #[error("category {category} has no filing condition {condition}")]
    UnknownCondition {
        /// The category.
        category: CategoryCode,
        /// The condition.
        condition: ConditionCode,
    },
    /// The matter was returned, and this step would take it past whoever returned it.
    #[error("the matter was returned from stage {stage:?} and has to go through each stage again")]
    PastReturner {
        /// The stage that has to be gone through again.
        stage: Stage,
    },
    /// The matter is supervised and its leader has not been answered.
    #[error("the supervision has to be replied to first")]
    ReplyOwed,
    /// There is no supervision to reply to.
    #[error("the matter is not supervised")]
    NotSupervised,
    /// Assistants of a joint handling are still under way.
    #[error("{count} assistants are under way: wait for them, or withdraw their orders")]
    AssistantsUnderWay {
        /// How many.
        count: usize,
    },
    /// The order is not, or no longer, under way for this matter, or not with that duty.
    #[error("order {order} is not under way for this matter in that duty")]
    OrderNotUnderWay {
        /// The order.
        order: OrderId,
    },
    /// The order is under way already.
    #[error("order {order} is under way already")]
    OrderUnderWay {
        /// The order.
        order: OrderId,
    },
    /// An assistant cannot be sent before somebody leads.
    #[error("the lead has to be sent before an assistant")]
    LeadFirst,
    /// The joint handling does not give this duty to the department.
    #[error("the joint handling does not name {} for this duty", .department.as_ref().map_or("an unnamed department", DepartmentId::as_str))]
    NotConvened {
        /// The department of the order; `None` where it is not known.
        department: Option<DepartmentId>,
    },
    /// A matter cannot be a repetition of itself.
    #[error("a matter is no duplicate of itself")]
    DuplicateOfItself,
    /// The other matter is itself a repetition, has repetitions of its own to follow, or is none
    /// that goes on.
    #[error("the other matter cannot stand for this one: no chains, and none that was dropped")]
    DuplicateChain,
}
