//! Periods of the local calendar, and what falls on their edges.

use time::{Date, Month};

use super::street::*;
use crate::assessment::Indicator as I;
use crate::assessment::{AssessmentRules, By, Each, Period};
use crate::time::{DAY_MS, Timestamp};
use crate::trail::Action;

fn days(period: Period) -> (String, String) {
    let last = period.to.plus_ms(-1);
    (period.from.local_ymd(), last.local_ymd())
}

#[test]
fn days_weeks_and_months_hold_their_instant() {
    let holding = |instant, each| {
        let (from, last) = days(Period::holding(instant, each));
        format!("{from} {last}")
    };
    assert_eq!(holding(at(9, 0), Each::Day), "2026-11-20 2026-11-20");
    assert_eq!(holding(at(9, 0), Each::Week), "2026-11-16 2026-11-22");
    // Sunday night and Monday morning.
    assert_eq!(holding(at(71, 59), Each::Week), "2026-11-16 2026-11-22");
    assert_eq!(holding(at(72, 0), Each::Week), "2026-11-23 2026-11-29");
    assert_eq!(holding(at(9, 0), Each::Month), "2026-11-01 2026-11-30");
    let leap = Timestamp::from_unix_ms(1_834_000_000_000);
    assert_eq!(holding(leap, Each::Month), "2028-02-01 2028-02-29");
}

#[test]
fn a_period_of_days_includes_both_ends() {
    let date = |day| Date::from_calendar_date(2026, Month::November, day).expect("a date");
    let period = Period::of_days(date(20), date(20));
    assert_eq!(period, friday());
    let period = Period::of_days(date(20), date(21));
    assert_eq!((period.from, period.to), (FRIDAY, at(48, 0)));
    let empty = Period::of_days(date(21), date(20));
    assert!(!empty.contains(empty.from));
}

#[test]
fn parts_cover_a_period_without_gaps() {
    let period = Period {
        from: at(12, 0),
        to: at(12, 0).plus_ms(40 * DAY_MS),
    };
    for (each, count) in [(Each::Day, 41), (Each::Week, 7), (Each::Month, 2)] {
        let parts = period.split(each);
        assert_eq!(parts.len(), count, "{each:?}");
        assert_eq!(parts.first().map(|p| p.from), Some(period.from));
        assert_eq!(parts.last().map(|p| p.to), Some(period.to));
        assert!(parts.windows(2).all(|pair| pair[0].to == pair[1].from));
    }
    let absurd = Period {
        from: Timestamp::from_unix_ms(i64::MAX),
        to: Timestamp::from_unix_ms(i64::MAX),
    };
    assert!(absurd.split(Each::Month).is_empty());
    let to_the_end = Period {
        from: Timestamp::from_unix_ms(i64::MAX).plus_ms(-DAY_MS * 3 / 2),
        to: Timestamp::from_unix_ms(i64::MAX),
    };
    assert_eq!(to_the_end.split(Each::Day).len(), 2);
}

/// An incident whose handling is due at 10:30 and done at the given minute of Friday.
fn done_at(minute: Option<i64>) -> Street {
    let mut street = Street::new();
    let mut steps = vec![
        (at(8, 10), Action::Verify),
        (at(8, 20), file()),
        (at(8, 30), dispatch(1)),
    ];
    if let Some(minute) = minute {
        steps.push((at(0, minute), handled(1)));
    }
    street.live(1, at(8, 0), facts(), steps);
    street
}

fn handling(street: &Street, period: Period, now: Timestamp) -> String {
    let table = street.table(&AssessmentRules::default(), period, By::Whole, now);
    let figures = table.total.all;
    [I::Handling, I::OnTimeHandling, I::OverduePending]
        .map(|indicator| shown(&figures, indicator).replace("1/4", "x"))
        .join(", ")
}

#[test]
fn in_time_includes_the_deadline_itself() {
    let seen = |minute| handling(&done_at(minute), friday(), at(24, 0));
    assert_eq!(seen(Some(629)), "x |, x |, | x");
    assert_eq!(seen(Some(630)), "x |, x |, | x");
    assert_eq!(seen(Some(631)), "x |, | x, | x");
    assert_eq!(seen(None), "| x, | x, x |");
}

#[test]
fn a_period_begins_with_its_first_instant_and_ends_before_its_last() {
    let street = done_at(None);
    let seen = |from, to| handling(&street, Period { from, to }, at(24, 0));
    let due = at(10, 30);
    let none = "|, |, |";
    assert_eq!(seen(due, due.plus_ms(1)), "| x, | x, x |");
    assert_eq!(seen(due.plus_ms(1), at(24, 0)), none);
    assert_eq!(seen(at(0, 0), due), none);
    assert_eq!(seen(at(0, 0), due.plus_ms(1)), "| x, | x, x |");
}

#[test]
fn nothing_is_due_before_its_instant_has_passed() {
    for street in [done_at(None), done_at(Some(600))] {
        let due = at(10, 30);
        assert_eq!(handling(&street, friday(), due), "|, |, |");
        assert_ne!(handling(&street, friday(), due.plus_ms(1)), "|, |, |");
    }
}

#[test]
fn what_happens_after_the_period_is_not_seen() {
    // Handled at 12:00: until 11:00 it was overdue.
    let street = done_at(Some(720));
    let until = |to| Period { from: FRIDAY, to };
    let now = at(24, 0);
    assert_eq!(handling(&street, until(at(11, 0)), now), "| x, | x, x |");
    assert_eq!(handling(&street, until(at(12, 0)), now), "| x, | x, x |");
    let just_after = at(12, 0).plus_ms(1);
    assert_eq!(handling(&street, until(just_after), now), "x |, | x, | x");
    // A matter that was reported after the period is not known at all.
    assert_eq!(handling(&street, until(at(8, 0)), now), "|, |, |");
}

#[test]
fn reports_filings_and_call_backs_count_by_their_own_instant() {
    let street = done_at(None);
    let seen = |from, to| {
        let period = Period { from, to };
        let table = street.table(&AssessmentRules::default(), period, By::Whole, at(24, 0));
        let figures = table.total.all;
        (
            shown(&figures, I::ValidReporting),
            shown(&figures, I::OnTimeFiling),
        )
    };
    let all = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(seen(at(8, 0), at(8, 1)), all("| 1/1", "|"));
    assert_eq!(seen(at(8, 1), at(8, 20)), all("|", "|"));
    assert_eq!(seen(at(8, 1), at(8, 21)), all("|", "1/3 |"));
    assert_eq!(seen(at(8, 0), at(8, 21)), all("1/1 |", "1/3 |"));
}
