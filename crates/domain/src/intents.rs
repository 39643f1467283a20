//! What an officer wants done, as the outbox keeps it until the backend has answered.

use serde::{Deserialize, Serialize};

use crate::addressees::Addressees;
use crate::ids::{IncidentId, IntentKey, OfficerId, OrderId, PersonId};
use crate::new_matter::NewMatter;
use crate::time::Timestamp;
use crate::trail::Action;

pub use crate::modes::Mode;

/// One wish of an officer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// Send one person to an incident. A matter not yet filed is filed by the same act.
    SendOrder {
        /// The incident.
        incident: IncidentId,
        /// Who goes.
        to: PersonId,
        /// What to do, as the phone shows it.
        instruction: String,
        /// Reason for sending somebody who is not offered.
        override_reason: Option<String>,
    },
    /// Send several people, a whole grid or a group to an incident, each under an order of their
    /// own whose key follows from the intent's ([`crate::addressees::order_key`]).
    SendOrders {
        /// The incident.
        incident: IncidentId,
        /// Who goes; resolved by the backend when it accepts the intent.
        to: Addressees,
        /// What to do, as the phones show it.
        instruction: String,
        /// Reason for sending those whose post is not on the responsibility list.
        override_reason: Option<String>,
    },
    /// Take back an order that has been sent.
    WithdrawOrder {
        /// The incident, so that it queues behind the order it takes back.
        incident: IncidentId,
        /// The order.
        order: OrderId,
        /// Why.
        reason: String,
    },
    /// Any other step on an incident.
    Act {
        /// The incident.
        incident: IncidentId,
        /// The step.
        action: Action,
        /// Why, where the table asks for a reason.
        reason: Option<String>,
    },
    /// Switch between normal and emergency mode.
    SetMode {
        /// The mode wanted.
        mode: Mode,
        /// Whether it is only exercised (演练).
        #[serde(default)]
        is_drill: bool,
    },
    /// 登记: a matter that was reported at the desk itself, by telephone or at the counter.
    Report {
        /// The provisional number of the matter, [`IncidentId::provisional`] of the key: what is
        /// wanted about it before it has a number of its own queues behind it under this one.
        incident: IncidentId,
        /// What was reported.
        matter: Box<NewMatter>,
    },
}

impl Intent {
    /// The incident whose queue the intent joins (first in, first out); `None` joins the hall's own.
    pub const fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::SendOrder { incident, .. }
            | Self::SendOrders { incident, .. }
            | Self::WithdrawOrder { incident, .. }
            | Self::Act { incident, .. }
            | Self::Report { incident, .. } => Some(*incident),
            Self::SetMode { .. } => None,
        }
    }

    /// The same intent with every incident that it is about, or names, as `number` has it: one that
    /// was wanted about a provisional number as it is carried out about the real one. The number of
    /// a report stays, because it follows from its key.
    #[must_use]
    pub fn renumbered(&self, mut number: impl FnMut(IncidentId) -> IncidentId) -> Self {
        let mut intent = self.clone();
        match &mut intent {
            Self::SendOrder { incident, .. }
            | Self::SendOrders { incident, .. }
            | Self::WithdrawOrder { incident, .. } => *incident = number(*incident),
            Self::Act {
                incident, action, ..
            } => {
                *incident = number(*incident);
                if let Action::MarkDuplicate { of } = action {
                    *of = number(*of);
                }
            }
            Self::SetMode { .. } | Self::Report { .. } => {}
        }
        intent
    }
}

/// An intent with its key, its officer and its time: what lies in the outbox and goes to the
/// backend. Until the backend has accepted it, it is a proposal and no part of the trail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// Minted when the proposal was shown.
    pub key: IntentKey,
    /// Who wants it.
    pub officer: OfficerId,
    /// When the officer clicked, corrected by the measured clock offset.
    pub occurred_at: Timestamp,
    /// What.
    pub intent: Intent,
}
