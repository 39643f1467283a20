//! The edges that the documentation of the clocks defines, one by one.

use super::*;

#[test]
fn a_reading_before_the_start_is_one_at_the_start() {
    let calendar = Calendar::default();
    let mut clock = StageClock::start(limit(4, WorkingHour), at(0, 10, 0), &calendar);
    assert_eq!(clock.left_ms(at(-3, 10, 0), &calendar), 4 * HOUR_MS);
    assert!(!clock.is_overdue(at(-3, 10, 0)));
    clock.pause(at(-3, 10, 0));
    assert_eq!(clock.paused_at, Some(at(0, 10, 0)));
    clock.resume(at(0, 11, 0), &calendar);
    assert_eq!(clock.deadline, at(0, 17, 0));
}

#[test]
fn a_resume_before_the_pause_moves_nothing() {
    let calendar = Calendar::default();
    let clock = StageClock::start(limit(4, WorkingHour), at(0, 10, 0), &calendar);
    let mut jumped = clock;
    jumped.pause(at(0, 11, 0));
    jumped.resume(at(0, 10, 30), &calendar);
    assert_eq!(jumped, clock);
    jumped.resume(at(0, 15, 0), &calendar);
    assert_eq!(jumped, clock);
}

#[test]
fn a_pause_after_the_deadline_keeps_what_is_overdue() {
    let calendar = Calendar::default();
    let mut clock = StageClock::start(limit(1, WorkingHour), at(0, 16, 0), &calendar);
    clock.pause(at(3, 9, 0));
    assert_eq!(clock.left_ms(at(3, 9, 0), &calendar), -2 * HOUR_MS);
    clock.resume(at(5, 9, 30), &calendar);
    assert_eq!(clock.left_ms(at(5, 9, 30), &calendar), -2 * HOUR_MS);
    assert_eq!(clock.deadline, at(4, 17, 30));
    assert!(clock.is_overdue(at(5, 9, 30)));
}

#[test]
fn a_clock_that_is_overdue_by_nothing_stays_overdue() {
    let calendar = Calendar::default();
    let mut clock = StageClock::start(limit(1, WorkingHour), at(0, 17, 0), &calendar);
    assert_eq!(clock.left_ms(at(0, 20, 0), &calendar), 0);
    assert!(clock.is_overdue(at(0, 20, 0)));
    clock.pause(at(0, 20, 0));
    clock.resume(at(3, 10, 0), &calendar);
    assert!(clock.is_overdue(at(3, 10, 0)));
    assert_eq!(clock.left_ms(at(3, 10, 0), &calendar), -1);
    // At its deadline it is not overdue, and nothing is left.
    let mut clock = StageClock::start(limit(1, WorkingHour), at(0, 17, 0), &calendar);
    clock.pause(at(0, 18, 0));
    clock.resume(at(3, 10, 0), &calendar);
    assert!(!clock.is_overdue(at(3, 10, 0)));
    assert!(clock.is_overdue(at(3, 10, 0).plus_ms(1)));
}

#[test]
fn a_shift_that_ends_during_a_suspension_costs_nothing() {
    let calendar = Calendar::default();
    let mut clock = StageClock::start(limit(4, WorkingHour), at(0, 15, 0), &calendar);
    clock.pause(at(0, 17, 0));
    for (evening, deadline) in [(20, at(3, 10, 0)), (29, at(3, 10, 0))] {
        let mut clock = clock;
        clock.resume(at(0, evening, 0), &calendar);
        assert_eq!(clock.deadline, deadline);
        assert_eq!(clock.left_ms(at(0, evening, 0), &calendar), 2 * HOUR_MS);
    }
}

#[test]
fn a_return_across_a_holiday_costs_nothing() {
    let mut calendar = Calendar::default();
    calendar.holidays.insert(date!(2026 - 11 - 23));
    calendar.holidays.insert(date!(2026 - 11 - 24));
    let mut clock = StageClock::start(limit(2, WorkingDay), at(0, 8, 0), &calendar);
    clock.pause(at(0, 17, 0));
    clock.resume(at(4, 12, 0), &calendar);
    // One hour of the first day and the whole second are left when work begins on Wednesday.
    assert_eq!(clock.left_ms(at(4, 12, 0), &calendar), 9 * HOUR_MS);
    assert_eq!(clock.deadline, at(6, 9, 0));
}

#[test]
fn a_limit_of_nothing_runs_out_at_its_start() {
    let calendar = Calendar::default();
    for unit in [
        EmergencyMinute,
        EmergencyHour,
        EmergencyDay,
        WorkingHour,
        WorkingDay,
    ] {
        for start in [at(0, 9, 0), at(0, 22, 0), at(1, 9, 0)] {
            let clock = StageClock::start(limit(0, unit), start, &calendar);
            assert_eq!(clock.deadline, start, "{unit:?}");
            assert_eq!(clock.lamp(start, &calendar, SHARE), Lamp::Yellow);
            assert!(clock.is_overdue(start.plus_ms(1)));
        }
    }
}

#[test]
fn a_limit_beyond_the_horizon_is_clamped_there() {
    let calendar = Calendar::default();
    let horizon = FRIDAY.plus_ms(HORIZON_DAYS * DAY_MS);
    for unit in [EmergencyHour, EmergencyDay, WorkingHour, WorkingDay] {
        let clock = StageClock::start(limit(u32::MAX, unit), FRIDAY, &calendar);
        assert_eq!(clock.deadline, horizon, "{unit:?}");
        assert!(!clock.is_overdue(horizon));
    }
    // The largest limit that a rules file may hold is not clamped.
    for unit in [EmergencyDay, WorkingDay] {
        let longest = limit(1_000, unit);
        let end = deadline(longest, FRIDAY, &calendar);
        assert_eq!(
            longest.time_between(FRIDAY, end, &calendar),
            longest.length_ms(&calendar)
        );
    }
    assert_eq!(HORIZON_DAYS, 3_660);
    let end_of_time = Timestamp::from_unix_ms(i64::MAX);
    let clock = StageClock::start(limit(u32::MAX, EmergencyDay), end_of_time, &calendar);
    assert_eq!(clock.deadline, end_of_time);
    assert_eq!(clock.left_ms(end_of_time, &calendar), 0);
}

#[test]
fn a_calendar_without_working_time_never_spends_a_limit() {
    let mut no_day = Calendar::default();
    let mut day = date!(2026 - 11 - 01);
    while day < date!(2037 - 01 - 01) {
        no_day.holidays.insert(day);
        day = day.next_day().expect("a day");
    }
    for calendar in [windows(&[]), windows(&[(600, 600)]), no_day] {
        for unit in [WorkingHour, WorkingDay] {
            let mut clock = StageClock::start(limit(1, unit), FRIDAY, &calendar);
            let horizon = FRIDAY.plus_ms(HORIZON_DAYS * DAY_MS);
            assert_eq!(clock.deadline, horizon);
            assert_eq!(clock.left_ms(at(40, 0, 0), &calendar), 0);
            assert!(!clock.is_overdue(at(40, 0, 0)));
            clock.pause(at(40, 0, 0));
            clock.resume(at(50, 0, 0), &calendar);
            assert_eq!(clock.deadline, horizon);
        }
    }
}

#[test]
fn windows_may_touch_midnight_and_each_other() {
    let night = windows(&[(0, 480), (480, 600), (1200, 1440)]);
    assert_eq!(night.working_ms_per_day(), 14 * HOUR_MS);
    assert_eq!(
        night.working_ms_between(at(0, 0, 0), at(1, 0, 0)),
        14 * HOUR_MS
    );
    assert_eq!(night.working_ms_between(at(0, 23, 0), at(1, 0, 0)), HOUR_MS);
    let eight = limit(8, WorkingHour);
    assert_eq!(deadline(eight, at(3, 20, 0), &night), at(4, 4, 0));
    assert_eq!(deadline(eight, at(0, 20, 0), &night), at(3, 4, 0));
    assert_eq!(
        deadline(limit(1, WorkingDay), at(3, 0, 0), &night),
        at(4, 0, 0)
    );
    let always = windows(&[(0, 1440)]);
    assert_eq!(
        deadline(limit(1, WorkingDay), at(0, 9, 0), &always),
        at(3, 9, 0)
    );
}

#[test]
fn windows_that_no_loader_accepts_are_still_defined() {
    for (list, hours_per_day) in [
        (&[(480, 720), (600, 780)][..], 5),
        (&[(840, 1080), (480, 720)], 4),
        (&[(480, 720), (480, 720)], 4),
        (&[(720, 480)], 0),
        (&[(1380, 1500), (1500, 60_000)], 1),
    ] {
        let calendar = windows(list);
        let day = calendar.working_ms_between(at(0, 0, 0), at(1, 0, 0));
        assert_eq!(day, hours_per_day * HOUR_MS, "{list:?}");
        assert_eq!(day, calendar.working_ms_per_day(), "{list:?}");
    }
}

#[test]
fn looking_back_stops_at_the_earliest_instant() {
    let calendar = Calendar::default();
    let (from, to) = (at(0, 9, 0), at(0, 11, 0));
    let back = |ms| calendar.before_working_ms(from, to, ms);
    assert_eq!(back(HOUR_MS), at(0, 10, 0));
    assert_eq!(back(2 * HOUR_MS), from);
    assert_eq!(back(9 * HOUR_MS), from);
    assert_eq!(
        calendar.before_working_ms(at(0, 11, 0), at(0, 15, 0), HOUR_MS),
        at(0, 14, 0)
    );
}
