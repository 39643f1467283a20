//! Which days and hours count as working time, and exact arithmetic on it.
//!
//! Nothing here walks over days one by one: working days between two dates are counted from the
//! week and the few days that differ from it, and instants are found by halving. Time left is
//! asked for every open incident every second.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use time::{Date, Weekday};

use crate::time::{DAY_MS, MINUTE_MS, Timestamp};

/// How far ahead of its start a deadline may lie, in days. A limit that does not fit into ten
/// years of the calendar is a mistake in the rules, and its deadline is clamped there.
pub const HORIZON_DAYS: i64 = 10 * 366;

/// A window of working time in local minutes of the day, `from_minute < to_minute`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkingWindow {
    /// First working minute.
    pub from_minute: u16,
    /// First minute after work, at most 1440.
    pub to_minute: u16,
}

/// Which days and hours count as working time.
///
/// The loader of the rules files accepts only windows that ascend and do not overlap. A calendar
/// built otherwise is still defined: of a window only that part counts which lies within the day
/// and behind every window listed before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Windows of a working day, ascending and not overlapping.
    pub windows: Vec<WorkingWindow>,
    /// Days off although they are Monday to Friday.
    pub holidays: BTreeSet<Date>,
    /// Working days although they are Saturday, Sunday or a holiday.
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
        self.make_up_days.contains(&date) || (!is_weekend(date) && !self.holidays.contains(&date))
    }

    /// Working milliseconds of one working day; 0 for a calendar without windows.
    pub fn working_ms_per_day(&self) -> i64 {
        self.spans_ms().map(|(open, close)| close - open).sum()
    }

    /// Working days from `from` until the day before `to`; 0 when `to` is not after `from`.
    pub fn working_days_between(&self, from: Date, to: Date) -> i64 {
        if from >= to {
            return 0;
        }
        let taken = self
            .holidays
            .range(from..to)
            .filter(|day| !is_weekend(**day) && !self.make_up_days.contains(day));
        let given = self
            .make_up_days
            .range(from..to)
            .filter(|day| is_weekend(**day));
        weekdays_before(to) - weekdays_before(from) - taken.count() as i64 + given.count() as i64
    }

    /// Working milliseconds between two instants; 0 when `to` is not after `from`.
    pub fn working_ms_between(&self, from: Timestamp, to: Timestamp) -> i64 {
        if from >= to {
            return 0;
        }
        let (first, last) = (from.local_date(), to.local_date());
        let whole_days = self.working_days_between(first, last) * self.working_ms_per_day();
        whole_days + self.worked_ms(last, to) - self.worked_ms(first, from)
    }

    /// The first instant at which `working_ms` of working time have passed since `from`: `from`
    /// itself for 0 or less, and [`HORIZON_DAYS`] later at most.
    pub fn after_working_ms(&self, from: Timestamp, working_ms: i64) -> Timestamp {
        let horizon = from.plus_ms(HORIZON_DAYS * DAY_MS);
        first_instant(from, horizon, |at| {
            self.working_ms_between(from, at) >= working_ms
        })
    }

    /// The last instant not before `earliest` from which at least `working_ms` (1 or more) of
    /// working time pass until `to`; `earliest` when there is no such instant.
    pub(super) fn before_working_ms(
        &self,
        earliest: Timestamp,
        to: Timestamp,
        working_ms: i64,
    ) -> Timestamp {
        let too_late = first_instant(earliest, to, |at| {
            self.working_ms_between(at, to) < working_ms
        });
        too_late.plus_ms(-1).max(earliest)
    }

    /// Working milliseconds of the day from its midnight until `at`, an instant of that day.
    fn worked_ms(&self, date: Date, at: Timestamp) -> i64 {
        if !self.is_working_day(date) {
            return 0;
        }
        let now = at.local_ms_of_day();
        self.spans_ms()
            .map(|(open, close)| now.clamp(open, close) - open)
            .sum()
    }

    /// The windows as milliseconds of the day, with `open <= close` and none overlapping another.
    fn spans_ms(&self) -> impl Iterator<Item = (i64, i64)> {
        let mut free_from = 0;
        self.windows.iter().map(move |window| {
            let open = (i64::from(window.from_minute) * MINUTE_MS).clamp(free_from, DAY_MS);
            let close = (i64::from(window.to_minute) * MINUTE_MS).clamp(open, DAY_MS);
            free_from = close;
            (open, close)
        })
    }
}

const fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// Mondays to Fridays before the date, counted from Julian day 0, which was a Monday.
fn weekdays_before(date: Date) -> i64 {
    let day = i64::from(date.to_julian_day());
    day.div_euclid(7) * 5 + day.rem_euclid(7).min(5)
}

/// The first instant in `low..high` that `is_reached` holds at, found by halving, or `high` when
/// it holds at none; once it holds, it must hold for every later instant.
fn first_instant(
    low: Timestamp,
    high: Timestamp,
    is_reached: impl Fn(Timestamp) -> bool,
) -> Timestamp {
    let (mut low, mut high) = (low, high);
    while low < high {
        let middle = low.plus_ms(high.ms_since(low) / 2);
        if is_reached(middle) {
            high = middle;
        } else {
            low = middle.plus_ms(1);
        }
    }
    high
}
