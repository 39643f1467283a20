//! One department called by one whistle: its clocks and how far it has come.

use serde::{Deserialize, Serialize};

use super::WhistlePush;
use crate::clocks::{Calendar, StageClock};
use crate::time::Timestamp;

/// How one step of a called department stands against its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Not done, the limit has not run out.
    Waiting,
    /// Done within the limit.
    InTime,
    /// Done after the limit.
    Late,
    /// Not done, the limit has run out.
    Overdue,
    /// The matter ended before the limit ran out, so nobody waits for it any more.
    Released,
}

impl Standing {
    /// Whether the step counts in a rate: it was done, or it should have been.
    pub const fn is_due(self) -> bool {
        matches!(self, Self::InTime | Self::Late | Self::Overdue)
    }
}

/// How far a called department has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// When it was told, and its limits.
    pub push: WhistlePush,
    /// 报到, never before the push: an officer without a line may record it earlier.
    pub signed_in_at: Option<Timestamp>,
    /// When it reported its part done, never before the sign-in.
    pub handled_at: Option<Timestamp>,
    /// What it reported.
    pub result: Option<String>,
    /// The street's latest rating, 0 to 100.
    pub rating: Option<u8>,
    /// Points added so far.
    pub points_added: u32,
    /// Points taken so far.
    pub points_taken: u32,
    /// Whether the caller who was reached last after the department had finished was satisfied.
    pub is_caller_satisfied: Option<bool>,
    /// When the matter ended.
    pub ended_at: Option<Timestamp>,
}

impl Progress {
    /// A department that has just been told.
    pub(super) const fn pushed(push: WhistlePush) -> Self {
        Self {
            push,
            signed_in_at: None,
            handled_at: None,
            result: None,
            rating: None,
            points_added: 0,
            points_taken: 0,
            is_caller_satisfied: None,
            ended_at: None,
        }
    }

    /// The clock from the push to the sign-in; it stands still once the department has signed in
    /// or the matter has ended.
    pub fn response_clock(&self, calendar: &Calendar) -> StageClock {
        let clock = StageClock::start(self.push.response, self.push.at, calendar);
        stopped(clock, self.signed_in_at.or(self.ended_at))
    }

    /// The clock of the handling. It starts at the sign-in, at the latest when the response limit
    /// has run out: whoever signs in late gains nothing by it.
    pub fn handling_clock(&self, calendar: &Calendar) -> StageClock {
        let latest = self.response_clock(calendar).deadline;
        let start = self.signed_in_at.map_or(latest, |at| at.min(latest));
        let clock = StageClock::start(self.push.handling, start, calendar);
        stopped(clock, self.handled_at.or(self.ended_at))
    }

    /// How the response stands at an instant.
    pub fn response(&self, now: Timestamp, calendar: &Calendar) -> Standing {
        let deadline = self.response_clock(calendar).deadline;
        self.standing(deadline, self.signed_in_at, now)
    }

    /// How the handling stands at an instant.
    pub fn handling(&self, now: Timestamp, calendar: &Calendar) -> Standing {
        let deadline = self.handling_clock(calendar).deadline;
        self.standing(deadline, self.handled_at, now)
    }

    /// Whether the department is still called: it has not finished, and the matter goes on.
    pub const fn is_open(&self) -> bool {
        self.handled_at.is_none() && self.ended_at.is_none()
    }

    /// A step on the deadline itself is in time, as with every clock.
    fn standing(
        &self,
        deadline: Timestamp,
        done_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Standing {
        let until = self.ended_at.unwrap_or(now);
        match done_at {
            Some(at) if at <= deadline => Standing::InTime,
            Some(_) => Standing::Late,
            None if until > deadline => Standing::Overdue,
            None if self.ended_at.is_some() => Standing::Released,
            None => Standing::Waiting,
        }
    }
}

fn stopped(mut clock: StageClock, at: Option<Timestamp>) -> StageClock {
    if let Some(at) = at {
        clock.pause(at);
    }
    clock
}
