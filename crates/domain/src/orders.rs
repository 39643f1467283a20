//! Orders (派单) and the one table of their states.

use serde::{Deserialize, Serialize};

use crate::ids::{IncidentId, OfficerId, OrderId, PersonId};
use crate::places::LonLat;
use crate::time::Timestamp;

/// The delivery status of an order; it only ever moves forward (see [`OrderState::may_become`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// On this hall's disk, not yet acknowledged by the backend.
    Queued,
    /// The backend refused it; kept with the reason, blocks nothing else.
    Parked,
    /// The backend has it.
    Sent,
    /// The responder's phone has it.
    Delivered,
    /// The responder has opened it.
    Read,
    /// The responder is on the way.
    Accepted,
    /// The responder is on the spot.
    Arrived,
    /// The responder reports the matter handled.
    Done,
    /// The responder declined, with a reason.
    Refused,
    /// The hall took it back.
    Withdrawn,
}

impl OrderState {
    /// Whether no further change is possible.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Refused | Self::Withdrawn)
    }

    /// Whether the responder still has something to do.
    pub const fn is_under_way(self) -> bool {
        !self.is_final() && !matches!(self, Self::Parked)
    }

    /// The one table of order states. Receipts may be lost or overtake each other, so any later
    /// state on the way may be reached directly; none is ever left backwards. A parked order can
    /// only be sent after all (a second try keeps its key) or dropped.
    pub const fn may_become(self, next: Self) -> bool {
        use OrderState::{
            Accepted, Arrived, Delivered, Done, Parked, Queued, Read, Refused, Sent, Withdrawn,
        };
        match self {
            Queued => !matches!(next, Queued),
            Parked => matches!(next, Sent | Withdrawn),
            Sent => matches!(
                next,
                Delivered | Read | Accepted | Arrived | Done | Refused | Withdrawn
            ),
            Delivered => matches!(next, Read | Accepted | Arrived | Done | Refused | Withdrawn),
            Read => matches!(next, Accepted | Arrived | Done | Refused | Withdrawn),
            Accepted => matches!(next, Arrived | Done | Refused | Withdrawn),
            Arrived => matches!(next, Done | Refused | Withdrawn),
            Done | Refused | Withdrawn => false,
        }
    }
}

/// When an order reached a state, and from where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderStamp {
    /// The state reached.
    pub state: OrderState,
    /// When it happened.
    pub at: Timestamp,
    /// Where the responder was, when known.
    pub location: Option<LonLat>,
    /// The reason of a refusal, a withdrawal or a parking; a remark otherwise.
    pub note: Option<String>,
}

/// An order to one person about one incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The key of the intent that sent it.
    pub id: OrderId,
    /// What it is about.
    pub incident: IncidentId,
    /// Who is to go.
    pub to: PersonId,
    /// Who sent it.
    pub by: OfficerId,
    /// What to do, as the phone shows it.
    pub instruction: String,
    /// Named override when the responder was not eligible, with the reason.
    pub override_reason: Option<String>,
    /// Every state reached with its time, oldest first; never empty.
    pub stamps: Vec<OrderStamp>,
}

impl Order {
    /// The present state.
    pub fn state(&self) -> OrderState {
        self.stamps.last().map_or(OrderState::Queued, |s| s.state)
    }

    /// When the order was given.
    pub fn given_at(&self) -> Timestamp {
        self.stamps.first().map_or(Timestamp::default(), |s| s.at)
    }

    /// When the state was reached; `None` when it was not, or was skipped.
    pub fn reached_at(&self, state: OrderState) -> Option<Timestamp> {
        self.stamps.iter().find(|s| s.state == state).map(|s| s.at)
    }

    /// Moves the order forward. Returns whether anything changed: a repeated or late receipt is
    /// not an error, it simply changes nothing.
    pub fn advance(&mut self, stamp: OrderStamp) -> bool {
        if !self.state().may_become(stamp.state) {
            return false;
        }
        self.stamps.push(stamp);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [OrderState; 10] = [
        OrderState::Queued,
        OrderState::Parked,
        OrderState::Sent,
        OrderState::Delivered,
        OrderState::Read,
        OrderState::Accepted,
        OrderState::Arrived,
        OrderState::Done,
        OrderState::Refused,
        OrderState::Withdrawn,
    ];

    #[test]
    fn no_state_can_be_left_and_reached_again() {
        // Depth-first over the table: a cycle would let a status go back.
        fn reaches(from: OrderState, goal: OrderState, seen: &mut Vec<OrderState>) -> bool {
            ALL.into_iter()
                .filter(|next| from.may_become(*next))
                .any(|next| {
                    next == goal
                        || (!seen.contains(&next) && {
                            seen.push(next);
                            reaches(next, goal, seen)
                        })
                })
        }
        for state in ALL {
            assert!(
                !reaches(state, state, &mut Vec::new()),
                "{state:?} lies on a cycle"
            );
        }
    }

    #[test]
    fn final_states_have_no_way_out_and_all_others_can_be_withdrawn() {
        for state in ALL {
            assert_eq!(state.is_final(), !ALL.iter().any(|n| state.may_become(*n)));
            assert_eq!(!state.is_final(), state.may_become(OrderState::Withdrawn));
        }
    }
}
