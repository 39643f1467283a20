//! The drill mark (演练): what stems from a drill can never reach a live gateway.
//!
//! The mark is set where a matter begins, on its report or on the session of a mode, and is
//! inherited by everything that stems from it: an order, a receipt, a whistle, an escalation or a
//! message is a drill's exactly when its incident is. There is one mark, so that no two can
//! disagree.
//!
//! Every function that hands something to the world outside (a text message, a siren, another
//! office's system) takes a [`LiveOnly`] and nothing else. A `LiveOnly` cannot be made of a thing
//! that bears the mark: there is no other way to make one, it is neither read from a wire nor
//! given a default, and what is in it cannot be exchanged.
//!
//! ```
//! use domain::drill::{DrillMarked, LiveOnly};
//! # struct Alarm { is_drill: bool }
//! # impl DrillMarked for Alarm { fn is_drill(&self) -> bool { self.is_drill } }
//! fn sound_the_siren(alarm: &LiveOnly<Alarm>) { /* … */ }
//!
//! assert!(LiveOnly::new(Alarm { is_drill: true }).is_err());
//! let alarm = LiveOnly::new(Alarm { is_drill: false }).expect("live");
//! sound_the_siren(&alarm);
//! ```
//!
//! A thing that has not been asked does not fit:
//!
//! ```compile_fail,E0308
//! # use domain::drill::{DrillMarked, LiveOnly};
//! # struct Alarm { is_drill: bool }
//! # impl DrillMarked for Alarm { fn is_drill(&self) -> bool { self.is_drill } }
//! fn sound_the_siren(alarm: &LiveOnly<Alarm>) { /* … */ }
//! sound_the_siren(&Alarm { is_drill: false });
//! ```
//!
//! nor can one be put together by hand:
//!
//! ```compile_fail,E0423
//! # use domain::drill::LiveOnly;
//! let live = LiveOnly("a drill");
//! ```

use std::ops::Deref;

use crate::ids::{IncidentId, OrderId};
use crate::incidents::Incident;
use crate::orders::Order;
use crate::trail::ReportFacts;

/// Something that knows whether it stems from a drill.
pub trait DrillMarked {
    /// Whether it does.
    fn is_drill(&self) -> bool;
}

impl DrillMarked for Incident {
    fn is_drill(&self) -> bool {
        self.is_drill
    }
}

impl DrillMarked for ReportFacts {
    fn is_drill(&self) -> bool {
        self.is_drill
    }
}

/// Why something may not leave the hall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotLive {
    /// It stems from a drill.
    #[error("演练内容不得发往外部系统 / this stems from a drill and goes to no live gateway")]
    Drill,
    /// The order is about another incident, whose mark is not known here.
    #[error("派单 {order} 不属于案件 {incident} / order {order} is not about incident {incident}")]
    OtherIncident {
        /// The order.
        order: OrderId,
        /// The incident that was given for it.
        incident: IncidentId,
    },
}

/// Something that does not stem from a drill: the only thing that a live gateway takes.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveOnly<T>(T);

impl<T: DrillMarked> LiveOnly<T> {
    /// Lets a live thing through and refuses a drill's.
    pub fn new(thing: T) -> Result<Self, NotLive> {
        if thing.is_drill() {
            Err(NotLive::Drill)
        } else {
            Ok(Self(thing))
        }
    }
}

impl LiveOnly<Order> {
    /// Lets the order of a live incident through.
    pub fn order(order: Order, incident: &Incident) -> Result<Self, NotLive> {
        if order.incident != incident.id {
            return Err(NotLive::OtherIncident {
                order: order.id,
                incident: incident.id,
            });
        }
        if incident.is_drill {
            return Err(NotLive::Drill);
        }
        Ok(Self(order))
    }
}

impl<T> LiveOnly<T> {
    /// Something made of what is in it, such as a message about an incident, is as live. `make`
    /// is a bare function, so that nothing else finds its way in.
    pub fn map<U>(self, make: fn(T) -> U) -> LiveOnly<U> {
        LiveOnly(make(self.0))
    }

    /// What was let through.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for LiveOnly<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

#[cfg(test)]
pub mod tests;
