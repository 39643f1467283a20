//! Working-time clocks: limits, calendars, deadlines, time left and lamps.
//!
//! Emergency hours and days (紧急工作时/日) never stop. Working hours and days (工作时/工作日)
//! count only inside the day's windows (by default 8–12 and 14–18, so a day is 8 h), on days that
//! the calendar calls working days: Monday to Friday without holidays, plus make-up days.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use time::{Date, Weekday};

use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

/// How far ahead a deadline is searched; a limit that does not fit into four years of the
/// calendar is a mistake in the rules and its deadline is clamped there.
const HORIZON_DAYS: i64 = 4 * 366;

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

    /// The length in milliseconds of the kind of time that the limit counts.
    pub fn length_ms(self, calendar: &Calendar) -> i64 {
        let unit_ms = match self.unit {
            LimitUnit::EmergencyMinute => MINUTE_MS,
            LimitUnit::EmergencyHour | LimitUnit::WorkingHour => HOUR_MS,
            LimitUnit::EmergencyDay => DAY_MS,
            LimitUnit::WorkingDay => calendar.working_ms_per_day(),
        };
        i64::from(self.amount).saturating_mul(unit_ms)
    }
}

/// A window of working time in local minutes of the day, `from_minute < to_minute`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkingWindow {
    /// First working minute.
    pub from_minute: u16,
    /// First minute after work, at most 1440.
    pub to_minute: u16,
}

/// Which days and hours count as working time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Windows of a working day, ascending and not overlapping.
    pub windows: Vec<WorkingWindow>,
    /// Days off although they are Monday to Friday.
    pub holidays: BTreeSet<Date>,
    /// Working days although they are Saturday or Sunday.
    pub make_up_days: BTreeSet<Date>,
}

impl Default for Calendar {
    /// Windows 8–12 and 14–18, no holidays.
    fn default() -> Self {
        Self {
            windows: vec![
                WorkingWindow {
                    from_minute: 8 * 60,
                    to_minute: 12 * 60,
                },
                WorkingWindow {
                    from_minute: 14 * 60,
                    to_minute: 18 * 60,
                },
            ],
            holidays: BTreeSet::new(),
            make_up_days: BTreeSet::new(),
        }
    }
}

impl Calendar {
    /// Whether the day is a working day.
    pub fn is_working_day(&self, date: Date) -> bool {
        if self.make_up_days.contains(&date) {
            return true;
        }
        !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
            && !self.holidays.contains(&date)
    }

    /// Working milliseconds of one working day.
    pub fn working_ms_per_day(&self) -> i64 {
        self.windows
            .iter()
            .map(|w| i64::from(w.to_minute.saturating_sub(w.from_minute)) * MINUTE_MS)
            .sum()
    }

    /// Working milliseconds between two instants; 0 when `to` is not after `from`.
    pub fn working_ms_between(&self, from: Timestamp, to: Timestamp) -> i64 {
        let mut total = 0;
        let mut day = from.local_day_start();
        while day < to {
            if self.is_working_day(day.local_date()) {
                for window in &self.windows {
                    let open = day
                        .plus_ms(i64::from(window.from_minute) * MINUTE_MS)
                        .max(from);
                    let close = day.plus_ms(i64::from(window.to_minute) * MINUTE_MS).min(to);
                    total += close.ms_since(open).max(0);
                }
            }
            day = day.plus_ms(DAY_MS);
        }
        total
    }

    /// The instant at which `working_ms` of working time have passed since `from`.
    pub fn after_working_ms(&self, from: Timestamp, working_ms: i64) -> Timestamp {
        let mut left = working_ms.max(0);
        let mut day = from.local_day_start();
        for _ in 0..HORIZON_DAYS {
            if self.is_working_day(day.local_date()) {
                for window in &self.windows {
                    let open = day
                        .plus_ms(i64::from(window.from_minute) * MINUTE_MS)
                        .max(from);
                    let close = day.plus_ms(i64::from(window.to_minute) * MINUTE_MS);
                    let span = close.ms_since(open);
                    if span > 0 && left <= span {
                        return open.plus_ms(left);
                    }
                    left -= span.max(0);
                }
            }
            day = day.plus_ms(DAY_MS);
        }
        day
    }
}

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
        self.paused_at.get_or_insert(at);
    }

    /// Lets a paused clock run again: the deadline moves so that the time left is what it was.
    pub fn resume(&mut self, at: Timestamp, calendar: &Calendar) {
        let Some(paused_at) = self.paused_at.take() else {
            return;
        };
        let left = time_left_ms(self.limit, self.deadline, paused_at, calendar);
        self.deadline = if self.limit.counts_working_time() {
            if left >= 0 {
                calendar.after_working_ms(at, left)
            } else {
                self.deadline.plus_ms(at.ms_since(paused_at))
            }
        } else {
            at.plus_ms(left)
        };
    }

    /// Time left in milliseconds of the limit's kind of time; negative when overdue.
    pub fn left_ms(&self, now: Timestamp, calendar: &Calendar) -> i64 {
        time_left_ms(
            self.limit,
            self.deadline,
            self.paused_at.unwrap_or(now),
            calendar,
        )
    }

    /// Whether the deadline has passed (or had passed when the clock was paused).
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.paused_at.unwrap_or(now) > self.deadline
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

/// The instant at which a limit that starts at `from` runs out.
pub fn deadline(limit: Limit, from: Timestamp, calendar: &Calendar) -> Timestamp {
    let length = limit.length_ms(calendar);
    if limit.counts_working_time() {
        calendar.after_working_ms(from, length)
    } else {
        from.plus_ms(length)
    }
}

fn time_left_ms(limit: Limit, deadline: Timestamp, now: Timestamp, calendar: &Calendar) -> i64 {
    if !limit.counts_working_time() {
        deadline.ms_since(now)
    } else if now <= deadline {
        calendar.working_ms_between(now, deadline)
    } else {
        -calendar.working_ms_between(deadline, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Friday, 20 November 2026, local midnight.
    const FRIDAY: Timestamp = Timestamp::from_unix_ms(1_795_104_000_000);

    fn at(day: i64, hour: i64, minute: i64) -> Timestamp {
        FRIDAY.plus_ms(day * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS)
    }

    fn limit(amount: u32, unit: LimitUnit) -> Limit {
        Limit { amount, unit }
    }

    #[test]
    fn working_hours_skip_lunch_nights_and_weekends() {
        let calendar = Calendar::default();
        let four = limit(4, LimitUnit::WorkingHour);
        assert_eq!(deadline(four, at(0, 8, 0), &calendar), at(0, 12, 0));
        assert_eq!(deadline(four, at(0, 11, 0), &calendar), at(0, 17, 0));
        assert_eq!(deadline(four, at(0, 17, 0), &calendar), at(3, 11, 0));
        assert_eq!(
            deadline(limit(5, LimitUnit::WorkingDay), at(0, 14, 0), &calendar),
            at(7, 12, 0)
        );
        assert_eq!(
            deadline(limit(2, LimitUnit::EmergencyHour), at(0, 23, 0), &calendar),
            at(1, 1, 0)
        );
    }

    #[test]
    fn holidays_and_make_up_days_come_from_the_calendar() {
        let mut calendar = Calendar::default();
        calendar.holidays.insert(at(3, 0, 0).local_date());
        calendar.make_up_days.insert(at(1, 0, 0).local_date());
        let four = limit(4, LimitUnit::WorkingHour);
        assert_eq!(deadline(four, at(0, 17, 0), &calendar), at(1, 11, 0));
        assert_eq!(deadline(four, at(1, 17, 0), &calendar), at(4, 11, 0));
    }

    #[test]
    fn a_pause_keeps_the_time_left() {
        let calendar = Calendar::default();
        let mut clock = StageClock::start(limit(4, LimitUnit::WorkingHour), at(0, 8, 0), &calendar);
        clock.pause(at(0, 9, 0));
        assert_eq!(clock.left_ms(at(0, 16, 0), &calendar), 3 * HOUR_MS);
        clock.resume(at(0, 16, 0), &calendar);
        assert_eq!(clock.deadline, at(3, 9, 0));
        assert_eq!(clock.left_ms(at(0, 16, 0), &calendar), 3 * HOUR_MS);
    }

    #[test]
    fn lamps_turn_in_order() {
        let calendar = Calendar::default();
        let clock = StageClock::start(limit(2, LimitUnit::EmergencyHour), at(0, 8, 0), &calendar);
        assert_eq!(clock.lamp(at(0, 8, 10), &calendar, 0.25), Lamp::Green);
        assert_eq!(clock.lamp(at(0, 9, 45), &calendar, 0.25), Lamp::Yellow);
        assert_eq!(clock.lamp(at(0, 10, 1), &calendar, 0.25), Lamp::Red);
    }

    #[test]
    fn a_calendar_without_working_time_does_not_hang() {
        let calendar = Calendar {
            windows: Vec::new(),
            ..Calendar::default()
        };
        let end = deadline(limit(1, LimitUnit::WorkingHour), FRIDAY, &calendar);
        assert!(end > FRIDAY);
    }

    proptest! {
        #[test]
        fn working_time_is_additive(a in 0i64..40 * 1440, b in 0i64..40 * 1440, c in 0i64..40 * 1440) {
            let mut t = [a, b, c];
            t.sort_unstable();
            let [a, b, c] = t.map(|m| FRIDAY.plus_ms(m * MINUTE_MS));
            let calendar = Calendar::default();
            prop_assert_eq!(
                calendar.working_ms_between(a, b) + calendar.working_ms_between(b, c),
                calendar.working_ms_between(a, c)
            );
        }

        #[test]
        fn the_deadline_is_exactly_the_limit_away(start in 0i64..40 * 1440, hours in 1u32..60) {
            let calendar = Calendar::default();
            let from = FRIDAY.plus_ms(start * MINUTE_MS);
            let end = deadline(limit(hours, LimitUnit::WorkingHour), from, &calendar);
            prop_assert_eq!(calendar.working_ms_between(from, end), i64::from(hours) * HOUR_MS);
        }
    }
}
