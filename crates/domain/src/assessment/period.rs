//! Periods of an assessment: days, weeks and months of the local calendar, and any interval.

use serde::{Deserialize, Serialize};
use time::Date;

use crate::time::{DAY_MS, Timestamp};

/// An interval `from <= t < to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
}

/// The parts into which a period is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Each {
    /// Local days.
    Day,
    /// Weeks from Monday on.
    Week,
    /// Calendar months.
    Month,
}

impl Period {
    /// The local days from the first to the last, both included. An empty period when the last is
    /// before the first.
    pub fn of_days(first: Date, last: Date) -> Self {
        Self {
            from: start_of(first),
            to: start_of(last).plus_ms(DAY_MS),
        }
    }

    /// The day, week or month that holds the instant.
    pub fn holding(at: Timestamp, each: Each) -> Self {
        let day = at.local_day_start();
        let date = at.local_date();
        match each {
            Each::Day => Self {
                from: day,
                to: day.plus_ms(DAY_MS),
            },
            Each::Week => {
                let since_monday = i64::from(date.weekday().number_days_from_monday());
                let from = day.plus_ms(-since_monday * DAY_MS);
                Self {
                    from,
                    to: from.plus_ms(7 * DAY_MS),
                }
            }
            Each::Month => {
                let from = day.plus_ms(-(i64::from(date.day()) - 1) * DAY_MS);
                let days = i64::from(date.month().length(date.year()));
                Self {
                    from,
                    to: from.plus_ms(days * DAY_MS),
                }
            }
        }
    }

    /// Whether it holds the instant.
    pub fn contains(self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// The days, weeks or months that the period touches, each cut at its ends, oldest first.
    pub fn split(self, each: Each) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut from = self.from;
        while from < self.to {
            let to = Self::holding(from, each).to.min(self.to);
            parts.push(Self { from, to });
            from = to;
        }
        parts
    }
}

/// Local midnight at the beginning of a date: midnight of UTC is eight o'clock of the same date.
fn start_of(date: Date) -> Timestamp {
    let seconds = date.midnight().assume_utc().unix_timestamp();
    Timestamp::from_unix_ms(seconds.saturating_mul(1_000)).local_day_start()
}
