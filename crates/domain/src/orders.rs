//! Orders (派单) and the one table of their states.

use serde::{Deserialize, Serialize};

use crate::ids::{IncidentId, OfficerId, OrderId, PersonId};
use crate::places::{Crs, LonLat};
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

/// The one table of order states: row, the present state; column, the next one; `x` where the
/// step is taken. Both follow [`OrderState::ALL`].
///
/// Receipts may be lost or overtake each other, so every later state on the way may be reached
/// directly and none is ever left backwards. A parked order was refused by the backend and is
/// sent after all when a second try under the same key succeeds, of which the first news may be a
/// later receipt. Rework and return are actions on the incident and no steps of an order.
const MAY_BECOME: [&[u8; 10]; 10] = [
    //  ┌ queued
    //  │┌ parked
    //  ││┌ sent
    //  │││┌ delivered
    //  ││││┌ read
    //  │││││┌ accepted
    //  ││││││┌ arrived
    //  │││││││┌ done
    //  ││││││││┌ refused
    //  │││││││││┌ withdrawn
    b".xxxxxxxxx", // queued
    b"..xxxxxxxx", // parked
    b"...xxxxxxx", // sent
    b"....xxxxxx", // delivered
    b".....xxxxx", // read
    b"......xxxx", // accepted
    b".......xxx", // arrived
    b"..........", // done
    b"..........", // refused
    b"..........", // withdrawn
];

impl OrderState {
    /// Every state: the way of an order from the hall to its end, then the other two ends.
    pub const ALL: [Self; 10] = [
        Self::Queued,
        Self::Parked,
        Self::Sent,
        Self::Delivered,
        Self::Read,
        Self::Accepted,
        Self::Arrived,
        Self::Done,
        Self::Refused,
        Self::Withdrawn,
    ];

    /// Whether no further change is possible.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Refused | Self::Withdrawn)
    }

    /// Whether the responder still has something to do.
    pub const fn is_under_way(self) -> bool {
        !self.is_final() && !matches!(self, Self::Parked)
    }

    /// Whether the responder has said whether they go: until then the order may be escalated.
    pub const fn is_answered(self) -> bool {
        matches!(self, Self::Accepted | Self::Arrived) || self.is_final()
    }

    /// Whether the table has the step.
    pub const fn may_become(self, next: Self) -> bool {
        MAY_BECOME[self as usize][next as usize] == b'x'
    }

    /// The word of the wire and of the published table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Parked => "parked",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Accepted => "accepted",
            Self::Arrived => "arrived",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// The table of order states as Markdown: a row for each present state, a column for each next
/// one, ✓ where the step is taken.
pub fn state_table_markdown() -> String {
    let mut table = String::from("| from \\ to |");
    for state in OrderState::ALL {
        table.push_str(&[" ", state.name(), " |"].concat());
    }
    table.push_str("\n|---|");
    table.push_str(&":-:|".repeat(OrderState::ALL.len()));
    for from in OrderState::ALL {
        table.push_str(&["\n| **", from.name(), "** |"].concat());
        for to in OrderState::ALL {
            table.push_str(if from.may_become(to) {
                " ✓ |"
            } else {
                "   |"
            });
        }
    }
    table.push('\n');
    table
}

/// When an order reached a state, and from where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderStamp {
    /// The state reached.
    pub state: OrderState,
    /// When it happened.
    pub at: Timestamp,
    /// Where the responder was, when known, converted to CGCS2000.
    pub location: Option<LonLat>,
    /// The coordinate system that the place came in.
    #[serde(default)]
    pub source_crs: Crs,
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

    /// When the present state was reached.
    pub fn since(&self) -> Timestamp {
        self.stamps.last().map_or(Timestamp::default(), |s| s.at)
    }

    /// When the state was reached; `None` when it was not, or was skipped.
    pub fn reached_at(&self, state: OrderState) -> Option<Timestamp> {
        self.stamps.iter().find(|s| s.state == state).map(|s| s.at)
    }

    /// How much of its past is known beyond the hall that sent it: only that hall knows that an
    /// order was parked.
    pub fn reported_stamps(&self) -> usize {
        let stamps = self.stamps.iter();
        stamps.filter(|s| s.state != OrderState::Parked).count()
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
mod tests;
