//! The same rules by brute force, minute by minute, sharing no arithmetic with the clocks.

use proptest::prelude::*;
use time::{Date, Duration, Weekday};

use super::{Calendar, FRIDAY, MINUTE_MS, Timestamp, WorkingWindow};

/// Days around [`FRIDAY`] in which random instants lie and random days differ from the week.
pub const SPAN_DAYS: i64 = 30;
/// Minutes of that span.
pub const SPAN_MIN: i64 = SPAN_DAYS * 1440;

/// Whether a minute after [`FRIDAY`] is working time.
pub fn is_working_minute(calendar: &Calendar, minute: i64) -> bool {
    let date = first_day() + Duration::days(minute.div_euclid(1440));
    let is_weekend = [Weekday::Saturday, Weekday::Sunday].contains(&date.weekday());
    let is_ordinary = !is_weekend && !calendar.holidays.contains(&date);
    let of_day = minute.rem_euclid(1440);
    let is_in_window = |window: &WorkingWindow| {
        i64::from(window.from_minute) <= of_day && of_day < i64::from(window.to_minute)
    };
    (is_ordinary || calendar.make_up_days.contains(&date))
        && calendar.windows.iter().any(is_in_window)
}

/// Working minutes of `from..to`, counted one by one.
pub fn working_minutes(calendar: &Calendar, from: i64, to: i64) -> i64 {
    (from..to)
        .filter(|minute| is_working_minute(calendar, *minute))
        .count() as i64
}

/// A calendar of random windows, ascending, and random days around [`FRIDAY`].
pub fn any_calendar() -> impl Strategy<Value = Calendar> {
    let edges = prop::collection::btree_set(0u16..=1440, 0..7);
    let days = || prop::collection::btree_set(0..SPAN_DAYS, 0..8);
    (edges, days(), days()).prop_map(|(edges, off, on)| {
        let edges: Vec<u16> = edges.into_iter().collect();
        let date = |day: i64| first_day() + Duration::days(day);
        Calendar {
            windows: edges
                .chunks_exact(2)
                .map(|edge| WorkingWindow {
                    from_minute: edge[0],
                    to_minute: edge[1],
                })
                .collect(),
            holidays: off.into_iter().map(date).collect(),
            make_up_days: on.into_iter().map(date).collect(),
        }
    })
}

/// A calendar in which some working time passes every week.
pub fn working_calendar() -> impl Strategy<Value = Calendar> {
    any_calendar().prop_filter("no working time", |calendar| {
        calendar.working_ms_per_day() > 60 * MINUTE_MS
    })
}

/// The instant of a minute after [`FRIDAY`].
pub fn instant(minute: i64) -> Timestamp {
    FRIDAY.plus_ms(minute * MINUTE_MS)
}

fn first_day() -> Date {
    FRIDAY.local_date()
}
