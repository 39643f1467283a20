//! Reads working windows, holidays and make-up days.

use std::collections::BTreeSet;

use domain::clocks::{Calendar, WorkingWindow};
use domain::rules::Rules;
use serde::Deserialize;
use time::{Date, Month, Weekday};
use toml::Spanned;
use toml::value::Datetime;

use crate::fault::{Faults, Source};
use crate::section::Section;

/// The longest holiday that is believed to be meant.
const LONGEST_HOLIDAY_DAYS: i64 = 15;

/// Working windows and the days that differ from the week.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarText {
    windows: Vec<Spanned<String>>,
    #[serde(default)]
    holiday: Vec<Spanned<HolidayText>>,
}

/// One holiday with its make-up days.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HolidayText {
    name: String,
    from: Spanned<Datetime>,
    to: Spanned<Datetime>,
    #[serde(default)]
    make_up_days: Vec<Spanned<Datetime>>,
}

impl Section for CalendarText {
    const NAME: &'static str = "calendar";

    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        let text = text.get_ref();
        let mut calendar = Calendar {
            windows: read_windows(at, &text.windows, faults).unwrap_or_default(),
            holidays: BTreeSet::new(),
            make_up_days: BTreeSet::new(),
        };
        for holiday in &text.holiday {
            // A holiday that cannot be read has left its fault.
            read_holiday(at, holiday.get_ref(), &mut calendar, faults);
        }
        rules.calendar = calendar;
    }
}

fn read_windows(
    at: &Source,
    texts: &[Spanned<String>],
    faults: &mut Faults,
) -> Option<Vec<WorkingWindow>> {
    let mut windows: Vec<WorkingWindow> = Vec::new();
    for text in texts {
        let window = parse_window(text.get_ref()).filter(|window| {
            windows
                .last()
                .is_none_or(|before| before.to_minute <= window.from_minute)
        });
        faults.require(window.is_some(), at, text, "calendar.windows", || {
            format!(
                "\"{}\" is no window after the one before it; write such as \"08:00-12:00\"",
                text.get_ref()
            )
        });
        windows.push(window?);
    }
    Some(windows)
}

fn parse_window(text: &str) -> Option<WorkingWindow> {
    let (from, to) = text.split_once('-')?;
    let minute = |clock: &str| -> Option<u16> {
        let (hour, minute) = clock.trim().split_once(':')?;
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        (hour * 60 + minute <= 1440 && hour <= 24 && minute < 60).then_some(hour * 60 + minute)
    };
    let (from_minute, to_minute) = (minute(from)?, minute(to)?);
    (from_minute < to_minute).then_some(WorkingWindow {
        from_minute,
        to_minute,
    })
}

fn read_holiday(
    at: &Source,
    text: &HolidayText,
    calendar: &mut Calendar,
    faults: &mut Faults,
) -> Option<()> {
    let field = |name: &str| format!("calendar.holiday {}.{name}", text.name);
    let from = read_date(at, &text.from, &field("from"), faults)?;
    let to = read_date(at, &text.to, &field("to"), faults)?;
    let days = (to - from).whole_days() + 1;
    let is_sound = (1..=LONGEST_HOLIDAY_DAYS).contains(&days);
    faults.require(is_sound, at, &text.to, &field("to"), || {
        format!("a holiday has 1 to {LONGEST_HOLIDAY_DAYS} days, this one has {days}")
    });
    if !is_sound {
        return None;
    }
    let mut day = from;
    for _ in 0..days {
        calendar.holidays.insert(day);
        day = day.next_day().unwrap_or(day);
    }
    for text in &text.make_up_days {
        let date = read_date(at, text, &field("make_up_days"), faults)?;
        let is_weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        faults.require(is_weekend, at, text, &field("make_up_days"), || {
            format!("{date} is no Saturday or Sunday and works anyway")
        });
        let is_free = !calendar.holidays.contains(&date);
        faults.require(is_free, at, text, &field("make_up_days"), || {
            format!("{date} is a holiday already")
        });
        if !(is_weekend && is_free) {
            return None;
        }
        calendar.make_up_days.insert(date);
    }
    Some(())
}

fn read_date(
    at: &Source,
    text: &Spanned<Datetime>,
    field: &str,
    faults: &mut Faults,
) -> Option<Date> {
    let value = text.get_ref();
    let date = value
        .date
        .filter(|_| value.time.is_none())
        .and_then(|date| {
            let month = Month::try_from(date.month).ok()?;
            Date::from_calendar_date(i32::from(date.year), month, date.day).ok()
        });
    faults.require(date.is_some(), at, text, field, || {
        format!("{value} is no date; write such as 2026-10-01 without quotes")
    });
    date
}
