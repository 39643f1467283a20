//! What a return (回退) does to the handling clock.
//!
//! A return pauses the handling clock; the same department resumes it, another one starts anew.

use super::{Calendar, Limit, StageClock};
use crate::time::Timestamp;

/// The handling clock when a matter is dispatched at `at`.
///
/// `paused` is the handling clock that a return or a suspension has paused, `None` when the
/// matter is dispatched for the first time. It goes on where `next` is the department (or
/// whatever else the street calls one charge: a post, a unit) that had the matter before;
/// otherwise, and when nobody is known to have had it, a clock over `limit`, that of the filing
/// condition, starts at `at`. A clock that still runs is not touched: a second order to the same
/// department is no new charge.
pub fn clock_on_dispatch<D: PartialEq>(
    previous: Option<&D>,
    next: &D,
    paused: Option<StageClock>,
    limit: Limit,
    at: Timestamp,
    calendar: &Calendar,
) -> StageClock {
    match paused {
        Some(mut clock) if previous == Some(next) => {
            clock.resume(at, calendar);
            clock
        }
        _ => StageClock::start(limit, at, calendar),
    }
}
