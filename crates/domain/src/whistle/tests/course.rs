//! The fold of a trail: order of steps, clocks and what they stand at.

use super::*;
use crate::clocks::{Calendar, Lamp};

fn response(matter: &Matter, minutes: i64) -> Standing {
    matter
        .progress("gas")
        .response(after(minutes), &Calendar::default())
}

fn handling(matter: &Matter, minutes: i64) -> Standing {
    matter
        .progress("gas")
        .handling(after(minutes), &Calendar::default())
}

#[test]
fn the_response_has_two_hours_that_never_stop() {
    let waiting = || Matter::whistled(1, &["gas"]);
    assert_eq!(response(&waiting(), 120), Standing::Waiting);
    let deadline = after(120);
    let progress = waiting().progress("gas").clone();
    let calendar = Calendar::default();
    assert_eq!(progress.response_clock(&calendar).deadline, deadline);
    assert_eq!(
        progress.response(deadline.plus_ms(1), &calendar),
        Standing::Overdue
    );
    let in_time = waiting().answers("gas", Some(120), None);
    assert_eq!(response(&in_time, 500), Standing::InTime);
    let late = waiting().answers("gas", Some(121), None);
    assert_eq!(response(&late, 121), Standing::Late);
}

#[test]
fn the_response_clock_stands_still_after_the_sign_in() {
    let calendar = Calendar::default();
    let signed = Matter::whistled(1, &["gas"]).answers("gas", Some(30), None);
    let clock = signed.progress("gas").response_clock(&calendar);
    assert_eq!(clock.left_ms(after(999), &calendar), 90 * MINUTE_MS);
    assert_eq!(clock.lamp(after(999), &calendar, 0.25), Lamp::Green);
    let waiting = Matter::whistled(1, &["gas"]);
    let clock = waiting.progress("gas").response_clock(&calendar);
    assert_eq!(clock.lamp(after(121), &calendar, 0.25), Lamp::Red);
}

#[test]
fn the_handling_starts_with_the_sign_in_and_a_late_one_gains_nothing() {
    // One working day: from 10:00 on Friday to 10:00 on Monday.
    let calendar = Calendar::default();
    let monday_ten = after(72 * 60 + 60);
    let matter = Matter::whistled(1, &["gas"]).answers("gas", Some(60), None);
    let clock = matter.progress("gas").handling_clock(&calendar);
    assert_eq!(clock.deadline, monday_ten);
    assert_eq!(handling(&matter, 73 * 60), Standing::Waiting);
    assert_eq!(handling(&matter, 73 * 60 + 1), Standing::Overdue);
    // From 11:00, when the response limit has run out, whether somebody signs in later or never.
    let monday_eleven = after(72 * 60 + 120);
    for signed_in in [None, Some(121), Some(9_000)] {
        let late = Matter::whistled(1, &["gas"]).answers("gas", signed_in, None);
        let clock = late.progress("gas").handling_clock(&calendar);
        assert_eq!(clock.deadline, monday_eleven, "{signed_in:?}");
    }
}

#[test]
fn what_is_done_is_in_time_or_late_for_ever() {
    let done_after = |minutes| {
        let matter = Matter::whistled(1, &["gas"]).answers("gas", Some(60), Some(minutes));
        let calendar = Calendar::default();
        let clock = matter.progress("gas").handling_clock(&calendar);
        assert_eq!(clock.paused_at, Some(after(minutes)));
        (handling(&matter, minutes), handling(&matter, 999_999))
    };
    let (in_time, late) = (Standing::InTime, Standing::Late);
    assert_eq!(done_after(73 * 60), (in_time, in_time));
    assert_eq!(done_after(73 * 60 + 1), (late, late));
}

#[test]
fn the_end_of_the_matter_releases_whom_it_still_gave_time() {
    let ended = |minutes| {
        let mut matter = Matter::whistled(1, &["gas"]);
        matter.take(minutes, Action::Close).expect("closed");
        (response(&matter, 9_999), handling(&matter, 99_999))
    };
    assert_eq!(ended(120), (Standing::Released, Standing::Released));
    assert_eq!(ended(121), (Standing::Overdue, Standing::Released));
    assert_eq!(ended(74 * 60 + 1), (Standing::Overdue, Standing::Overdue));
    let mut matter = Matter::whistled(1, &["gas"]);
    matter.take(10, Action::Cancel).expect("cancelled");
    let calendar = Calendar::default();
    let clock = matter.progress("gas").response_clock(&calendar);
    assert_eq!(clock.paused_at, Some(after(10)));
    assert_eq!(
        matter.take(20, sign_in(1, "gas")),
        Err(WhistleRefused::MatterEnded)
    );
    assert_eq!(
        matter.take(21, whistle(2, &["fire"])),
        Err(WhistleRefused::MatterEnded)
    );
}

#[test]
fn a_sign_in_recorded_without_a_line_is_never_before_the_push() {
    let mut matter = Matter::whistled(1, &["gas"]);
    matter.take(-30, sign_in(1, "gas")).expect("signed in");
    matter.take(-20, done(1, "gas")).expect("done");
    let progress = matter.progress("gas");
    assert_eq!(progress.signed_in_at, Some(NINE));
    assert_eq!(progress.handled_at, Some(NINE));
    assert_eq!(progress.result.as_deref(), Some("已关阀"));
    let mut matter = Matter::whistled(1, &["gas"]);
    matter.take(-30, Action::Close).expect("closed");
    assert_eq!(matter.progress("gas").ended_at, Some(NINE));
}

#[test]
fn steps_out_of_order_are_refused_and_change_nothing() {
    let gas = || dept("gas");
    let not_called = || WhistleRefused::NotCalled {
        whistle: 1,
        department: dept("fire"),
    };
    let no_such = || WhistleRefused::NoSuchWhistle { whistle: 2 };
    let before_sign_in = [
        (
            done(1, "gas"),
            WhistleRefused::NotSignedIn { department: gas() },
        ),
        (
            rate(1, "gas", 90),
            WhistleRefused::NotHandled { department: gas() },
        ),
        (sign_in(1, "fire"), not_called()),
        (done(1, "fire"), not_called()),
        (rate(1, "fire", 1), not_called()),
        (points(1, "fire", 1), not_called()),
        (sign_in(2, "gas"), no_such()),
        (points(2, "gas", 1), no_such()),
        (
            rate(1, "gas", 101),
            WhistleRefused::RatingOutOfRange { rating: 101 },
        ),
    ];
    let mut matter = Matter::whistled(1, &["gas"]);
    for (action, refused) in before_sign_in {
        let before = matter.whistles.whistles.clone();
        assert_eq!(matter.take(5, action), Err(refused));
        assert_eq!(matter.whistles.whistles, before);
    }
    let mut matter = matter.answers("gas", Some(10), Some(20));
    let before = matter.whistles.whistles.clone();
    let again = [
        (
            sign_in(1, "gas"),
            WhistleRefused::SignedInAlready { department: gas() },
        ),
        (
            done(1, "gas"),
            WhistleRefused::HandledAlready { department: gas() },
        ),
    ];
    for (action, refused) in again {
        assert_eq!(matter.take(30, action), Err(refused));
        assert_eq!(matter.whistles.whistles, before);
    }
}

#[test]
fn the_last_rating_counts_and_who_never_came_is_rated_after_the_end() {
    let mut matter = Matter::whistled(1, &["gas", "fire"]).answers("gas", Some(1), Some(2));
    matter.take(3, rate(1, "gas", 40)).expect("rated");
    matter.take(4, rate(1, "gas", 100)).expect("rated again");
    assert_eq!(matter.progress("gas").rating, Some(100));
    assert_eq!(
        matter.take(5, rate(1, "fire", 0)),
        Err(WhistleRefused::NotHandled {
            department: dept("fire")
        })
    );
    matter.take(6, Action::Close).expect("closed");
    matter.take(7, rate(1, "fire", 0)).expect("rated");
    assert_eq!(matter.progress("fire").rating, Some(0));
}

#[test]
fn points_are_summed_apart() {
    let mut matter = Matter::whistled(1, &["gas"]);
    for step in [3, -2, 4, -5, 0] {
        matter.take(5, points(1, "gas", step)).expect("counted");
    }
    let progress = matter.progress("gas");
    assert_eq!((progress.points_added, progress.points_taken), (7, 7));
    matter.take(6, points(1, "gas", i16::MIN)).expect("counted");
    assert_eq!(matter.progress("gas").points_taken, 7 + 32_768);
}

#[test]
fn whistles_are_numbered_and_call_each_department_once_at_a_time() {
    let mut matter = Matter::whistled(1, &["gas"]);
    let wrong = |whistle| WhistleRefused::WrongNumber {
        whistle,
        expected: 2,
    };
    assert_eq!(matter.take(1, whistle(3, &["fire"])), Err(wrong(3)));
    assert_eq!(matter.take(1, whistle(1, &["fire"])), Err(wrong(1)));
    assert_eq!(
        matter.take(1, whistle(2, &[])),
        Err(WhistleRefused::NoDepartment)
    );
    assert_eq!(
        matter.take(1, whistle(2, &["fire", "fire"])),
        Err(WhistleRefused::NamedTwice {
            department: dept("fire")
        })
    );
    assert_eq!(
        matter.take(1, whistle(2, &["fire", "gas"])),
        Err(WhistleRefused::StillOpen {
            department: dept("gas"),
            whistle: 1
        })
    );
    let mut unpushed = whistle(2, &["fire"]);
    if let Action::Whistle { push, .. } = &mut unpushed {
        *push = None;
    }
    assert_eq!(matter.take(1, unpushed), Err(WhistleRefused::NotPushed));
    matter.take(1, whistle(2, &["fire"])).expect("another");
    let mut matter = matter.answers("gas", Some(2), Some(3));
    matter.take(4, whistle(3, &["gas"])).expect("called anew");
    assert_eq!(matter.whistles.open_whistle(&dept("gas")), Some(3));
    assert_eq!(matter.whistles.open_whistle(&dept("fire")), Some(2));
    assert_eq!(matter.whistles.open_whistle(&dept("water")), None);
    assert_eq!(matter.whistles.next_number(), Ok(4));
}

#[test]
fn numbers_end_without_an_overflow() {
    let mut matter = Matter::whistled(1, &["gas"]);
    let mut last = matter.whistles.whistles[&1].clone();
    last.number = u16::MAX;
    last.departments.clear();
    matter.whistles.whistles.insert(u16::MAX, last);
    assert_eq!(
        matter.take(1, whistle(2, &["fire"])),
        Err(WhistleRefused::NoNumberLeft)
    );
}

#[test]
fn a_reason_for_the_level_stays_on_the_whistle() {
    let mut matter = Matter::tried(1);
    matter
        .take_because(0, whistle(1, &["gas"]), Some("分管领导同意"))
        .expect("whistled");
    let state = &matter.whistles.whistles[&1];
    assert_eq!(state.override_reason.as_deref(), Some("分管领导同意"));
    assert_eq!(state.deliberation, "街道无执法权");
}

#[test]
fn only_the_next_step_of_the_trail_is_folded() {
    let mut matter = Matter::whistled(1, &["gas"]);
    let whole = matter.whistles.clone();
    let repeated = matter.trail[2].clone();
    let mut ahead = repeated.clone();
    ahead.step = 9;
    for (entry, step) in [(repeated, 3), (ahead, 9)] {
        let refused = WhistleRefused::NotTheNextStep { step, last: 4 };
        assert_eq!(matter.whistles.apply(&entry), Err(refused));
        assert_eq!(matter.whistles, whole);
    }
    assert_eq!(MatterWhistles::of_trail(&matter.trail), whole);
    let book = book(&[matter]);
    assert_eq!(book.matter(IncidentId::new(NINE, 1)), Some(&whole));
    assert_eq!(book.matter(IncidentId::new(NINE, 2)), None);
}

#[test]
fn a_call_back_speaks_of_those_who_had_finished() {
    let mut matter = Matter::whistled(1, &["gas", "fire"]).answers("gas", Some(1), Some(2));
    assert_eq!(matter.progress("gas").is_caller_satisfied, None);
    matter
        .take(3, call_back(false, true))
        .expect("nobody there");
    assert_eq!(matter.progress("gas").is_caller_satisfied, None);
    matter.take(4, call_back(true, true)).expect("reached");
    assert_eq!(matter.progress("gas").is_caller_satisfied, Some(true));
    assert_eq!(matter.progress("fire").is_caller_satisfied, None);
    matter.take(5, call_back(true, false)).expect("reached");
    matter
        .take(6, call_back(false, true))
        .expect("nobody there");
    assert_eq!(matter.progress("gas").is_caller_satisfied, Some(false));
}
