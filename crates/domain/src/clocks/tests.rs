//! Tables of limits, pauses, extensions, lamps and returns. The edges are in [`edges`], the rules
//! that hold for every calendar in [`properties`].

use time::macros::date;

use super::LimitUnit::{EmergencyDay, EmergencyHour, EmergencyMinute, WorkingDay, WorkingHour};
use super::*;

mod edges;
mod oracle;
mod properties;

/// Friday, 20 November 2026, local midnight.
const FRIDAY: Timestamp = Timestamp::from_unix_ms(1_795_104_000_000);
/// Share of a limit below which the lamp is yellow.
const SHARE: f64 = 0.25;

/// A local time so many days after that Friday.
fn at(day: i64, hour: i64, minute: i64) -> Timestamp {
    FRIDAY.plus_ms(day * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS)
}

fn limit(amount: u32, unit: LimitUnit) -> Limit {
    Limit { amount, unit }
}

fn windows(list: &[(u16, u16)]) -> Calendar {
    let window = |&(from_minute, to_minute)| WorkingWindow {
        from_minute,
        to_minute,
    };
    Calendar {
        windows: list.iter().map(window).collect(),
        ..Calendar::default()
    }
}

#[test]
fn working_hours_skip_lunch_nights_and_weekends() {
    let calendar = Calendar::default();
    for (amount, unit, from, until) in [
        (4, WorkingHour, at(0, 8, 0), at(0, 12, 0)),
        (4, WorkingHour, at(0, 11, 0), at(0, 17, 0)),
        (4, WorkingHour, at(0, 17, 0), at(3, 11, 0)),
        (4, WorkingHour, at(0, 12, 30), at(0, 18, 0)),
        (1, WorkingHour, at(1, 10, 0), at(3, 9, 0)),
        (5, WorkingDay, at(0, 14, 0), at(7, 12, 0)),
        (1, WorkingDay, at(0, 0, 0), at(0, 18, 0)),
        (15, WorkingDay, at(0, 8, 0), at(20, 18, 0)),
        (30, EmergencyMinute, at(0, 23, 45), at(1, 0, 15)),
        (2, EmergencyHour, at(0, 23, 0), at(1, 1, 0)),
        (2, EmergencyDay, at(0, 23, 0), at(2, 23, 0)),
        (7, EmergencyDay, at(0, 9, 0), at(7, 9, 0)),
    ] {
        let limit = limit(amount, unit);
        assert_eq!(
            deadline(limit, from, &calendar),
            until,
            "{limit:?} {from:?}"
        );
    }
}

#[test]
fn lengths_are_those_of_the_units() {
    let calendar = Calendar::default();
    for (unit, ms) in [
        (EmergencyMinute, 60_000),
        (EmergencyHour, 3_600_000),
        (EmergencyDay, 86_400_000),
        (WorkingHour, 3_600_000),
        (WorkingDay, 28_800_000),
    ] {
        assert_eq!(limit(3, unit).length_ms(&calendar), 3 * ms, "{unit:?}");
        let is_working = matches!(unit, WorkingHour | WorkingDay);
        assert_eq!(limit(3, unit).counts_working_time(), is_working);
    }
}

#[test]
fn holidays_and_make_up_days_come_from_the_calendar() {
    let mut calendar = Calendar::default();
    calendar.holidays.insert(date!(2026 - 11 - 23));
    calendar.make_up_days.insert(date!(2026 - 11 - 21));
    let four = limit(4, WorkingHour);
    assert_eq!(deadline(four, at(0, 17, 0), &calendar), at(1, 11, 0));
    assert_eq!(deadline(four, at(1, 17, 0), &calendar), at(4, 11, 0));
}

#[test]
fn days_that_change_nothing_are_not_counted_twice() {
    let mut calendar = Calendar::default();
    let week = (date!(2026 - 11 - 20), date!(2026 - 11 - 27));
    let days = |calendar: &Calendar| calendar.working_days_between(week.0, week.1);
    assert_eq!(days(&calendar), 5);
    // A holiday on a Saturday takes nothing, a make-up day on a Tuesday gives nothing.
    calendar.holidays.insert(date!(2026 - 11 - 21));
    calendar.make_up_days.insert(date!(2026 - 11 - 24));
    assert_eq!(days(&calendar), 5);
    // A day that is both works.
    calendar.holidays.insert(date!(2026 - 11 - 24));
    calendar.make_up_days.insert(date!(2026 - 11 - 21));
    assert!(calendar.is_working_day(date!(2026 - 11 - 24)));
    assert!(calendar.is_working_day(date!(2026 - 11 - 21)));
    assert_eq!(days(&calendar), 6);
    // The first day belongs to the span and the last does not.
    calendar.holidays.extend([week.0, week.1]);
    assert_eq!(days(&calendar), 5);
    assert_eq!(calendar.working_days_between(week.1, week.0), 0);
}

#[test]
fn a_year_of_2026_has_the_working_days_of_its_notice() {
    // 365 days with 104 of weekends; the notice takes 19 weekdays and gives 6 weekend days back.
    let holidays = [
        (date!(2026 - 01 - 01), 3),
        (date!(2026 - 02 - 15), 9),
        (date!(2026 - 04 - 04), 3),
        (date!(2026 - 05 - 01), 5),
        (date!(2026 - 06 - 19), 3),
        (date!(2026 - 09 - 25), 3),
        (date!(2026 - 10 - 01), 7),
    ];
    let mut calendar = Calendar::default();
    for (first, days) in holidays {
        let all = (0..days).map(|day| first + time::Duration::days(day));
        calendar.holidays.extend(all);
    }
    calendar.make_up_days.extend([
        date!(2026 - 01 - 04),
        date!(2026 - 02 - 14),
        date!(2026 - 02 - 28),
        date!(2026 - 05 - 09),
        date!(2026 - 09 - 20),
        date!(2026 - 10 - 10),
    ]);
    let (first, next) = (date!(2026 - 01 - 01), date!(2027 - 01 - 01));
    let mut one_by_one = 0;
    let mut day = first;
    while day < next {
        one_by_one += i64::from(calendar.is_working_day(day));
        day = day.next_day().expect("a day");
    }
    assert_eq!(calendar.working_days_between(first, next), one_by_one);
    assert_eq!(one_by_one, 248);
}

#[test]
fn a_pause_keeps_the_time_left() {
    let calendar = Calendar::default();
    let mut clock = StageClock::start(limit(4, WorkingHour), at(0, 8, 0), &calendar);
    clock.pause(at(0, 9, 0));
    assert_eq!(clock.left_ms(at(0, 16, 0), &calendar), 3 * HOUR_MS);
    clock.pause(at(0, 11, 0));
    assert_eq!(clock.left_ms(at(0, 16, 0), &calendar), 3 * HOUR_MS);
    clock.resume(at(0, 16, 0), &calendar);
    assert_eq!(clock.deadline, at(3, 9, 0));
    assert_eq!(clock.left_ms(at(0, 16, 0), &calendar), 3 * HOUR_MS);
    assert_eq!(clock.started_at, at(0, 8, 0));
}

#[test]
fn an_emergency_clock_is_moved_by_the_length_of_its_pause() {
    let calendar = Calendar::default();
    let mut clock = StageClock::start(limit(2, EmergencyHour), at(0, 23, 0), &calendar);
    clock.pause(at(0, 23, 30));
    clock.resume(at(2, 0, 0), &calendar);
    assert_eq!(clock.deadline, at(2, 1, 30));
    clock.pause(at(2, 2, 30));
    assert_eq!(clock.left_ms(at(9, 0, 0), &calendar), -HOUR_MS);
    clock.resume(at(3, 0, 0), &calendar);
    assert_eq!(clock.deadline, at(2, 23, 0));
    assert_eq!(clock.left_ms(at(3, 0, 0), &calendar), -HOUR_MS);
}

#[test]
fn an_extension_adds_one_original_limit_to_the_deadline() {
    let calendar = Calendar::default();
    let mut clock = StageClock::start(limit(4, WorkingHour), at(0, 10, 0), &calendar);
    assert_eq!(clock.deadline, at(0, 16, 0));
    clock.extend(&calendar);
    assert_eq!(clock.deadline, at(3, 10, 0));
    assert_eq!(clock.left_ms(at(0, 10, 0), &calendar), 8 * HOUR_MS);
    // An overdue clock gets as much as one that is not, and may stay overdue.
    let mut late = StageClock::start(limit(1, EmergencyHour), at(0, 8, 0), &calendar);
    late.extend(&calendar);
    assert!(late.is_overdue(at(0, 10, 1)));
    late.extend(&calendar);
    assert_eq!(late.deadline, at(0, 11, 0));
}

#[test]
fn lamps_turn_in_order_and_exactly() {
    let calendar = Calendar::default();
    let clock = StageClock::start(limit(2, EmergencyHour), at(0, 8, 0), &calendar);
    let lamp = |at| clock.lamp(at, &calendar, SHARE);
    assert_eq!(lamp(at(0, 8, 10)), Lamp::Green);
    assert_eq!(lamp(at(0, 9, 30)), Lamp::Green);
    assert_eq!(lamp(at(0, 9, 30).plus_ms(1)), Lamp::Yellow);
    assert_eq!(lamp(at(0, 10, 0)), Lamp::Yellow);
    assert_eq!(lamp(at(0, 10, 0).plus_ms(1)), Lamp::Red);
    assert!(Lamp::Green < Lamp::Yellow && Lamp::Yellow < Lamp::Red);
    // A share of nothing knows no yellow, neither does one that is no number.
    for share in [0.0, f64::NAN] {
        assert_eq!(clock.lamp(at(0, 10, 0), &calendar, share), Lamp::Green);
    }
}

mod returns {
    use super::*;

    const FOUR: Limit = Limit {
        amount: 4,
        unit: WorkingHour,
    };

    fn paused(calendar: &Calendar) -> StageClock {
        let mut clock = StageClock::start(FOUR, at(0, 8, 0), calendar);
        clock.pause(at(0, 11, 0));
        clock
    }

    #[test]
    fn the_same_department_resumes_and_another_starts_anew() {
        let calendar = Calendar::default();
        let dispatch = |previous: Option<&str>, next: &str, clock: Option<StageClock>| {
            clock_on_dispatch(
                previous.as_ref(),
                &next,
                clock,
                FOUR,
                at(0, 14, 0),
                &calendar,
            )
        };
        let same = dispatch(Some("water"), "water", Some(paused(&calendar)));
        assert_eq!(
            (same.started_at, same.deadline),
            (at(0, 8, 0), at(0, 15, 0))
        );
        assert_eq!(same.paused_at, None);
        let anew = StageClock::start(FOUR, at(0, 14, 0), &calendar);
        assert_eq!(
            dispatch(Some("water"), "gas", Some(paused(&calendar))),
            anew
        );
        assert_eq!(dispatch(None, "gas", Some(paused(&calendar))), anew);
        assert_eq!(dispatch(Some("water"), "water", None), anew);
        let running = StageClock::start(FOUR, at(0, 8, 0), &calendar);
        assert_eq!(dispatch(Some("water"), "water", Some(running)), running);
    }
}
