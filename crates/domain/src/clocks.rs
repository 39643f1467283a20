//! Working-time clocks: limits, calendars, deadlines, time left and lamps.
//!
//! Emergency hours and days (紧急工作时/日) never stop. Working hours and days (工作时/工作日)
//! count only inside the day's windows (by default 8–12 and 14–18, so a day is 8 h), on days that
//! the calendar calls working days: Monday to Friday without holidays, plus make-up days. What
//! happens at the edges (leap seconds, clocks that jump, limits of 0, calendars without working
//! time) is defined at [`StageClock`]'s module and tested case by case.

mod calendar;
mod returns;
mod stage_clock;

use serde::{Deserialize, Serialize};

use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

pub use calendar::{Calendar, HORIZON_DAYS, WorkingWindow};
pub use returns::clock_on_dispatch;
pub use stage_clock::StageClock;

/// The unit in which a limit is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    /// Minutes that never stop; used for filing, dispatching and checking.
    EmergencyMinute,
    /// 紧急工作时: hours that never stop.
    EmergencyHour,
    /// 紧急工作日: days of 24 h that never stop.
    EmergencyDay,
    /// 工作时: hours inside working windows.
    WorkingHour,
    /// 工作日: working days; one is the sum of the day's windows.
    WorkingDay,
}

/// A time limit, such as 4 working hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Limit {
    /// How many units.
    pub amount: u32,
    /// Of what.
    pub unit: LimitUnit,
}

impl Limit {
    /// Whether the clock stops outside working windows.
    pub const fn counts_working_time(self) -> bool {
        matches!(self.unit, LimitUnit::WorkingHour | LimitUnit::WorkingDay)
    }

    /// The length in milliseconds of the kind of time that the limit counts. It fits for every
    /// amount: 2³² days are less than 2⁵⁹ ms.
    pub fn length_ms(self, calendar: &Calendar) -> i64 {
        let unit_ms = match self.unit {
            LimitUnit::EmergencyMinute => MINUTE_MS,
            LimitUnit::EmergencyHour | LimitUnit::WorkingHour => HOUR_MS,
            LimitUnit::EmergencyDay => DAY_MS,
            LimitUnit::WorkingDay => calendar.working_ms_per_day(),
        };
        i64::from(self.amount) * unit_ms
    }

    /// The limit whose clock never stops: emergency hours and days for working hours and days.
    pub const fn round_the_clock(self) -> Self {
        let unit = match self.unit {
            LimitUnit::WorkingHour => LimitUnit::EmergencyHour,
            LimitUnit::WorkingDay => LimitUnit::EmergencyDay,
            unit => unit,
        };
        Self { unit, ..self }
    }

    /// Milliseconds from `from` to `to` of the kind of time that the limit counts; negative when
    /// `to` is earlier.
    fn time_between(self, from: Timestamp, to: Timestamp, calendar: &Calendar) -> i64 {
        if self.counts_working_time() {
            calendar.working_ms_between(from, to) - calendar.working_ms_between(to, from)
        } else {
            to.ms_since(from)
        }
    }
}

/// The colour of a clock's lamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lamp {
    /// In time.
    Green,
    /// Running out.
    Yellow,
    /// Overdue.
    Red,
}

/// The first instant at which a limit that starts at `from` is spent; [`HORIZON_DAYS`] later at
/// most, whatever the limit and the calendar say.
pub fn deadline(limit: Limit, from: Timestamp, calendar: &Calendar) -> Timestamp {
    let length = limit.length_ms(calendar);
    let never_ends = limit.amount > 0 && length == 0;
    if limit.counts_working_time() && !never_ends {
        calendar.after_working_ms(from, length)
    } else {
        let horizon_ms = HORIZON_DAYS * DAY_MS;
        from.plus_ms(if never_ends {
            horizon_ms
        } else {
            length.min(horizon_ms)
        })
    }
}

#[cfg(test)]
mod tests;
