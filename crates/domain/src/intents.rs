//! What an officer wants done, as the outbox keeps it until the backend has answered.

use serde::{Deserialize, Serialize};

use crate::addressees::Addressees;
use crate::conflicts::Basis;
use crate::duty::HandoverSheet;
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
    /// Write into the duty log (值班日志).
    LogDuty {
        /// What happened.
        text: String,
    },
    /// Sign a handover (交接班), as its outgoing or its incoming officer.
    HandOver {
        /// What is signed.
        sheet: Box<HandoverSheet>,
    },
}

/// The queue that an intent joins; first in, first out in each.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// The hall's own: switches of the mode.
    Hall,
    /// An incident's; that of a matter without a number is the one of its provisional number.
    Incident(IncidentId),
    /// The duty log of one officer. An officer who has left without a session must not hold up what
    /// the next one writes, let alone a switch of the mode.
    Duty(OfficerId),
}

impl Intent {
    /// The incident that it is about; [`Proposal::lane`] says which queue it joins.
    pub const fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::SendOrder { incident, .. }
            | Self::SendOrders { incident, .. }
            | Self::WithdrawOrder { incident, .. }
            | Self::Act { incident, .. }
            | Self::Report { incident, .. } => Some(*incident),
            Self::SetMode { .. } | Self::LogDuty { .. } | Self::HandOver { .. } => None,
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
            Self::SetMode { .. }
            | Self::Report { .. }
            | Self::LogDuty { .. }
            | Self::HandOver { .. } => {}
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
    /// What the officer decided upon, so that the backend notices when others have acted meanwhile;
    /// `None` where it is about no incident, and from versions that did not say it: such a proposal
    /// is carried out wherever the life cycle allows it.
    #[serde(default)]
    pub basis: Option<Box<Basis>>,
}

impl Proposal {
    /// The queue that it joins.
    pub fn lane(&self) -> Lane {
        match &self.intent {
            Intent::LogDuty { .. } | Intent::HandOver { .. } => Lane::Duty(self.officer.clone()),
            other => other.incident().map_or(Lane::Hall, Lane::Incident),
        }
    }
}
