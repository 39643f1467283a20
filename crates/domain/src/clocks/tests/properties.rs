//! What holds for every calendar, limit and instant.

use proptest::prelude::*;

use super::oracle::{
    SPAN_MIN, any_calendar, instant, is_working_minute, working_calendar, working_minutes,
};
use super::*;

const SPAN_MS: i64 = SPAN_MIN * MINUTE_MS;

fn any_limit() -> impl Strategy<Value = Limit> {
    let units = [
        EmergencyMinute,
        EmergencyHour,
        EmergencyDay,
        WorkingHour,
        WorkingDay,
    ];
    (0u32..12, prop::sample::select(units.to_vec()))
        .prop_map(|(amount, unit)| Limit { amount, unit })
}

fn any_instant() -> impl Strategy<Value = Timestamp> {
    (0..SPAN_MS).prop_map(|ms| FRIDAY.plus_ms(ms))
}

fn ascending<const N: usize>() -> impl Strategy<Value = [Timestamp; N]> {
    prop::collection::vec(any_instant(), N).prop_map(|mut instants| {
        instants.sort_unstable();
        std::array::from_fn(|i| instants[i])
    })
}

proptest! {
    #[test]
    fn working_time_is_counted_minute_by_minute(
        calendar in any_calendar(),
        from in 0..SPAN_MIN,
        to in 0..SPAN_MIN,
    ) {
        prop_assert_eq!(
            calendar.working_ms_between(instant(from), instant(to)),
            working_minutes(&calendar, from, to) * MINUTE_MS
        );
    }

    #[test]
    fn a_deadline_is_the_first_minute_with_enough_working_time(
        calendar in any_calendar(),
        from in 0..SPAN_MIN,
        amount in 0u32..12,
    ) {
        let end = deadline(Limit { amount, unit: WorkingHour }, instant(from), &calendar);
        let wanted = i64::from(amount) * 60;
        let mut counted = 0;
        let mut minute = from;
        while counted < wanted && minute < SPAN_MIN {
            counted += i64::from(is_working_minute(&calendar, minute));
            minute += 1;
        }
        if counted == wanted {
            prop_assert_eq!(end, instant(minute));
        } else {
            prop_assert!(end > instant(SPAN_MIN));
        }
    }

    #[test]
    fn working_time_is_additive(calendar in any_calendar(), [a, b, c] in ascending::<3>()) {
        let between = |from, to| calendar.working_ms_between(from, to);
        prop_assert_eq!(between(a, b) + between(b, c), between(a, c));
        prop_assert!(between(a, b) <= b.ms_since(a));
        prop_assert_eq!(between(c, a), 0);
    }

    #[test]
    fn a_deadline_is_exactly_the_limit_away(
        calendar in working_calendar(),
        limit in any_limit(),
        from in any_instant(),
    ) {
        let clock = StageClock::start(limit, from, &calendar);
        prop_assert_eq!(clock.left_ms(from, &calendar), limit.length_ms(&calendar));
        prop_assert_eq!(clock.left_ms(clock.deadline, &calendar), 0);
        if limit.counts_working_time() && limit.amount > 0 {
            // One millisecond earlier it is not spent yet.
            prop_assert_eq!(clock.left_ms(clock.deadline.plus_ms(-1), &calendar), 1);
        }
        let mut extended = clock;
        extended.extend(&calendar);
        prop_assert_eq!(extended.left_ms(from, &calendar), 2 * limit.length_ms(&calendar));
    }

    #[test]
    fn time_left_never_grows_and_lamps_turn_one_way(
        calendar in any_calendar(),
        limit in any_limit(),
        [start, a, b] in ascending::<3>(),
        share in 0.0..1.0,
    ) {
        let clock = StageClock::start(limit, start, &calendar);
        prop_assert!(clock.left_ms(a, &calendar) >= clock.left_ms(b, &calendar));
        prop_assert!(clock.lamp(a, &calendar, share) <= clock.lamp(b, &calendar, share));
        prop_assert!(clock.is_overdue(a) <= clock.is_overdue(b));
        prop_assert_eq!(clock.is_overdue(b), clock.lamp(b, &calendar, share) == Lamp::Red);
        prop_assert!(clock.is_overdue(b) || clock.left_ms(b, &calendar) >= 0);
        prop_assert!(!clock.is_overdue(b) || clock.left_ms(b, &calendar) <= 0);
    }

    #[test]
    fn a_pause_of_any_length_keeps_time_left_and_lamp(
        calendar in any_calendar(),
        limit in any_limit(),
        [start, pause, resume] in ascending::<3>(),
    ) {
        let running = StageClock::start(limit, start, &calendar);
        let mut clock = running;
        clock.pause(pause);
        let left = running.left_ms(pause, &calendar);
        prop_assert_eq!(clock.left_ms(resume, &calendar), left);
        prop_assert_eq!(clock.is_overdue(resume), running.is_overdue(pause));
        clock.resume(resume, &calendar);
        // A clock that is overdue by nothing has no earlier deadline to be given.
        let is_overdue_by_nothing = left == 0 && running.is_overdue(pause);
        let slack = i64::from(is_overdue_by_nothing);
        let after = clock.left_ms(resume, &calendar);
        prop_assert!((left - slack..=left).contains(&after), "{} became {}", left, after);
        prop_assert_eq!(clock.is_overdue(resume), running.is_overdue(pause));
        prop_assert!(clock.deadline >= running.deadline);
        let mut again = clock;
        again.resume(resume, &calendar);
        prop_assert_eq!(again, clock);
        prop_assert_eq!((clock.limit, clock.started_at), (limit, start));
    }

    #[test]
    fn a_pause_of_no_length_changes_nothing(
        calendar in any_calendar(),
        limit in any_limit(),
        [start, pause] in ascending::<2>(),
    ) {
        let running = StageClock::start(limit, start, &calendar);
        prop_assume!(!running.is_overdue(pause));
        let mut clock = running;
        clock.pause(pause);
        clock.resume(pause, &calendar);
        prop_assert_eq!(clock, running);
    }

    #[test]
    fn no_instant_and_no_amount_is_too_absurd(
        calendar in any_calendar(),
        amount in any::<u32>(),
        working in any::<bool>(),
        instants in prop::array::uniform3(any::<i64>()),
    ) {
        let unit = if working { WorkingDay } else { EmergencyDay };
        let [start, pause, resume] = instants.map(Timestamp::from_unix_ms);
        let mut clock = StageClock::start(Limit { amount, unit }, start, &calendar);
        prop_assert!(clock.deadline.ms_since(start) <= HORIZON_DAYS * DAY_MS);
        clock.pause(pause);
        clock.resume(resume, &calendar);
        clock.extend(&calendar);
        clock.left_ms(pause, &calendar);
        prop_assert!(clock.deadline >= start);
    }
}
