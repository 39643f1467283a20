//! The clock that an incident is under in one stage: started, paused, resumed, extended, read.
//!
//! # What is defined for instants that nobody expects
//!
//! - *Before the start*: a reading or a pause before `started_at` (a clock of a hall that was set
//!   back) counts as made at the start; time left is never more than the whole limit.
//! - *A resume before the pause* counts as made at the pause: nothing moves.
//! - *A pause of a paused clock*, *a resume of a running one*: nothing happens.
//! - *A pause after the deadline*: the clock is overdue and stays so. When it runs again it is
//!   overdue by as much working time as before; a clock that was overdue by no working time at
//!   all (its deadline was the end of a shift, paused in the evening) is overdue by 1 ms at most.
//! - *A shift that ends during a suspension*, *a return across a holiday*: only working time is
//!   counted, so what was left at the pause is left at the resume, whatever lies between.
//! - *Limits of 0* run out at their start: one millisecond later they are overdue.
//! - *A calendar without working time*: a limit in working time is never spent, and its deadline
//!   lies at the horizon ([`HORIZON_DAYS`](super::HORIZON_DAYS)). So does every limit that would
//!   reach beyond it.
//! - *A leap second* has no Unix time: see [`Timestamp::from_rfc3339`].
//!
//! Steps of one clock are given in the order in which they happened; that is the trail's order.

use serde::{Deserialize, Serialize};

use super::{Calendar, Lamp, Limit, deadline};
use crate::time::Timestamp;

/// The clock that an incident is under in its present stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageClock {
    /// The limit of the stage.
    pub limit: Limit,
    /// When it began to run.
    pub started_at: Timestamp,
    /// When it runs out, unless it is paused.
    pub deadline: Timestamp,
    /// Set while the clock stands still (a suspension or a return).
    pub paused_at: Option<Timestamp>,
}

impl StageClock {
    /// Starts a clock.
    pub fn start(limit: Limit, at: Timestamp, calendar: &Calendar) -> Self {
        Self {
            limit,
            started_at: at,
            deadline: deadline(limit, at, calendar),
            paused_at: None,
        }
    }

    /// Stops the clock; a clock that stands already is left as it is.
    pub fn pause(&mut self, at: Timestamp) {
        let at = at.max(self.started_at);
        self.paused_at.get_or_insert(at);
    }

    /// Lets a paused clock run again: the deadline moves so that the time left is what it was.
    pub fn resume(&mut self, at: Timestamp, calendar: &Calendar) {
        let Some(paused_at) = self.paused_at.take() else {
            return;
        };
        let at = at.max(paused_at);
        let left = self.limit.time_between(paused_at, self.deadline, calendar);
        self.deadline = if !self.limit.counts_working_time() {
            at.plus_ms(left)
        } else if paused_at <= self.deadline {
            // A deadline that the horizon clamped may lie behind the last working time.
            calendar.after_working_ms(at, left).max(self.deadline)
        } else if left == 0 {
            at.plus_ms(-1)
        } else {
            calendar.before_working_ms(self.deadline, at, -left)
        };
    }

    /// 延期: adds one original limit, counted from the deadline, also to a clock that is overdue
    /// or paused. How often is the transition table's matter.
    pub fn extend(&mut self, calendar: &Calendar) {
        self.deadline = deadline(self.limit, self.deadline, calendar);
    }

    /// Time left in milliseconds of the limit's kind of time; negative when overdue. It never
    /// grows while the clock runs.
    pub fn left_ms(&self, now: Timestamp, calendar: &Calendar) -> i64 {
        self.limit
            .time_between(self.reading_at(now), self.deadline, calendar)
    }

    /// Whether the deadline has passed (or had passed when the clock was paused). A clock in
    /// working time is overdue from the first millisecond after its deadline, although no working
    /// time may have passed since.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.reading_at(now) > self.deadline
    }

    /// The lamp of the clock: red when overdue, yellow when less than `yellow_share` of the limit
    /// is left, green otherwise. It is neither the warning colour nor the severity.
    pub fn lamp(&self, now: Timestamp, calendar: &Calendar, yellow_share: f64) -> Lamp {
        if self.is_overdue(now) {
            return Lamp::Red;
        }
        let length = self.limit.length_ms(calendar).max(1);
        if (self.left_ms(now, calendar) as f64) < length as f64 * yellow_share {
            Lamp::Yellow
        } else {
            Lamp::Green
        }
    }

    /// The instant that a reading at `now` is taken for.
    fn reading_at(&self, now: Timestamp) -> Timestamp {
        self.paused_at.unwrap_or(now).max(self.started_at)
    }
}
