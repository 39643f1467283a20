//! Duty at every minute against a model that looks at single minutes, and each fault of a roster.

use proptest::prelude::*;

use super::*;
use crate::orders::OrderState;
use crate::samples::{MIDNIGHT, person, shift};

const HOUR_MS: i64 = crate::time::HOUR_MS;

/// So many hours after local midnight of 20 November 2026.
fn at(hour: i64) -> Timestamp {
    MIDNIGHT.plus_ms(hour * HOUR_MS)
}

fn span(from_hour: i64, to_hour: i64) -> Span {
    Span {
        from: at(from_hour),
        to: at(to_hour),
    }
}

fn away(from_hour: i64, to_hour: i64, substitute: Option<u32>) -> Absence {
    Absence {
        span: span(from_hour, to_hour),
        kind: AbsenceKind::Leave,
        substitute: substitute.map(PersonId),
    }
}

fn of_hours(number: u32, from_hour: u16, to_hour: u16) -> Person {
    Person {
        shift: shift(from_hour, to_hour),
        ..person(number)
    }
}

fn by(people: &[Person], number: u32, hour: i64, mode: Mode) -> Option<OnDutyBy> {
    let person = people.iter().find(|p| p.id.0 == number).expect("known");
    Roster::of(people).on_duty(person, at(hour), mode)
}

fn next(people: &[Person], number: u32, hour: i64, mode: Mode) -> Option<i64> {
    let person = people.iter().find(|p| p.id.0 == number).expect("known");
    match Roster::of(people).duty(person, at(hour), mode) {
        Duty::On { .. } => panic!("on duty"),
        Duty::Off { next_begins_at } => next_begins_at.map(|t| t.ms_since(MIDNIGHT) / HOUR_MS),
    }
}

#[test]
fn a_shift_over_midnight_goes_on_into_the_next_day() {
    let people = [of_hours(1, 20, 8)];
    for (hour, on) in [(19, false), (20, true), (23, true), (31, true), (32, false)] {
        assert_eq!(by(&people, 1, hour, Mode::Normal).is_some(), on, "{hour}");
    }
    assert_eq!(next(&people, 1, 10, Mode::Normal), Some(20));
    let always = [of_hours(1, 7, 7)];
    assert_eq!(by(&always, 1, 3, Mode::Normal), Some(OnDutyBy::Pattern));
}

#[test]
fn a_span_holds_its_first_instant_and_not_its_last() {
    let span = span(8, 10);
    assert!(span.covers(at(8)) && span.covers(at(10).plus_ms(-1)));
    assert!(!span.covers(at(10)) && !span.covers(at(8).plus_ms(-1)));
    assert!(span.overlaps(self::span(9, 11)) && span.overlaps(self::span(7, 9)));
    assert!(!span.overlaps(self::span(10, 11)) && !span.overlaps(self::span(6, 8)));
}

#[test]
fn an_absence_takes_off_duty_and_the_substitute_takes_over_its_turns() {
    let mut absent = of_hours(1, 8, 20);
    absent.duty.absences = vec![away(0, 48, Some(2))];
    let people = [absent, of_hours(2, 20, 8), of_hours(3, 8, 20)];
    assert_eq!(by(&people, 1, 9, Mode::Normal), None);
    assert_eq!(next(&people, 1, 9, Mode::Normal), Some(56));
    let substitute = OnDutyBy::Substitute { of: PersonId(1) };
    assert_eq!(by(&people, 2, 9, Mode::Normal), Some(substitute));
    assert_eq!(by(&people, 2, 21, Mode::Normal), Some(OnDutyBy::Pattern));
    assert_eq!(by(&people, 3, 9, Mode::Normal), Some(OnDutyBy::Pattern));
    // The absence is over: the substitute's days are free again.
    assert_eq!(by(&people, 2, 48 + 9, Mode::Normal), None);
    assert_eq!(
        by(&people, 1, 48 + 9, Mode::Normal),
        Some(OnDutyBy::Pattern)
    );
}

#[test]
fn a_substitute_who_is_away_stands_in_for_nobody() {
    let mut absent = of_hours(1, 8, 20);
    absent.duty.absences = vec![away(0, 48, Some(2))];
    let mut second = of_hours(2, 20, 8);
    second.duty.absences = vec![away(8, 16, Some(1))];
    let people = [absent, second];
    // A cycle that was stored all the same ends, and nobody is on duty by it.
    assert_eq!(by(&people, 1, 9, Mode::Normal), None);
    assert_eq!(by(&people, 2, 9, Mode::Normal), None);
    assert_eq!(next(&people, 2, 9, Mode::Normal), Some(16));
    let substitute = OnDutyBy::Substitute { of: PersonId(1) };
    assert_eq!(by(&people, 2, 17, Mode::Normal), Some(substitute));
}

#[test]
fn a_swap_moves_two_turns() {
    let swap = |from, to, with| Absence {
        kind: AbsenceKind::Swap,
        ..away(from, to, Some(with))
    };
    let (mut day, mut night) = (of_hours(1, 8, 20), of_hours(2, 20, 8));
    day.duty.absences = vec![swap(8, 20, 2)];
    night.duty.absences = vec![swap(44, 56, 1)];
    let people = [day, night];
    let stands_in = |of| Some(OnDutyBy::Substitute { of: PersonId(of) });
    assert_eq!(by(&people, 2, 10, Mode::Normal), stands_in(1));
    assert_eq!(by(&people, 1, 10, Mode::Normal), None);
    assert_eq!(by(&people, 1, 45, Mode::Normal), stands_in(2));
    assert_eq!(by(&people, 2, 45, Mode::Normal), None);
    let known: BTreeMap<_, _> = people.iter().map(|p| (p.id, p.clone())).collect();
    for person in &people {
        assert_eq!(check(person, &known), Ok(()));
    }
}

#[test]
fn extra_turns_and_the_emergency_set_add_to_the_pattern() {
    let mut one = of_hours(1, 8, 12);
    one.duty.extra_turns = vec![span(14, 16)];
    one.duty.emergency = Some(EmergencyTurn {
        from_mode: Mode::EmergencyYellow,
        shift: shift(11, 18),
    });
    let people = [one];
    let duty = |hour, mode| by(&people, 1, hour, mode);
    assert_eq!(duty(11, Mode::EmergencyRed), Some(OnDutyBy::Pattern));
    assert_eq!(duty(14, Mode::Normal), Some(OnDutyBy::ExtraTurn));
    assert_eq!(duty(13, Mode::Normal), None);
    assert_eq!(
        duty(13, Mode::EmergencyBlue),
        None,
        "milder than the turn's"
    );
    assert_eq!(
        duty(13, Mode::EmergencyYellow),
        Some(OnDutyBy::EmergencySet)
    );
    assert_eq!(duty(13, Mode::EmergencyRed), Some(OnDutyBy::EmergencySet));
    assert_eq!(next(&people, 1, 12, Mode::Normal), Some(14));
    assert_eq!(next(&people, 1, 19, Mode::EmergencyRed), Some(32));
    let [mut late] = people;
    late.duty.emergency = Some(EmergencyTurn {
        from_mode: Mode::EmergencyYellow,
        shift: shift(22, 23),
    });
    assert_eq!(next(&[late.clone()], 1, 19, Mode::EmergencyRed), Some(22));
    assert_eq!(next(&[late], 1, 19, Mode::Normal), Some(32));
}

#[test]
fn an_emergency_turn_from_normal_mode_on_counts_in_emergencies_only() {
    let mut one = of_hours(1, 8, 12);
    one.duty.emergency = Some(EmergencyTurn {
        from_mode: Mode::Normal,
        shift: shift(0, 0),
    });
    let people = [one];
    assert_eq!(by(&people, 1, 20, Mode::Normal), None);
    assert_eq!(
        by(&people, 1, 20, Mode::EmergencyBlue),
        Some(OnDutyBy::EmergencySet)
    );
}

#[test]
fn whoever_has_an_order_answers_for_it_beyond_the_shift() {
    let people = [of_hours(1, 8, 20)];
    let roster = Roster::of(&people);
    let answering = |hour, state| roster.answering(&people[0], state, at(hour), Mode::Normal);
    assert_eq!(answering(19, OrderState::Accepted), Answering::OnDuty);
    assert_eq!(answering(20, OrderState::Accepted), Answering::Overtime);
    assert_eq!(answering(20, OrderState::Sent), Answering::Overtime);
    for ended in [OrderState::Done, OrderState::Refused, OrderState::Withdrawn] {
        assert_eq!(answering(19, ended), Answering::No);
    }
}

#[test]
fn positions_outside_the_roster_are_withheld_unless_in_an_emergency() {
    let on = Some(OnDutyBy::Pattern);
    assert_eq!(position_use(on, false, Mode::Normal), PositionUse::Shown);
    assert_eq!(position_use(None, true, Mode::Normal), PositionUse::Shown);
    assert_eq!(
        position_use(None, false, Mode::Normal),
        PositionUse::Withheld
    );
    for mode in [Mode::EmergencyBlue, Mode::EmergencyRed] {
        assert_eq!(position_use(None, false, mode), PositionUse::ShownAndLogged);
        assert_eq!(position_use(on, false, mode), PositionUse::Shown);
    }
}

#[test]
fn entries_of_the_previous_version_read_and_keep_their_shift() {
    let old = r#"{"id":7,"name":"a","post":"police","skills":[],"phone":"","home_grid":null,
        "shift":{"from_minute":480,"to_minute":1200},"travel":"walk"}"#;
    let person: Person = serde_json::from_str(old).expect("reads");
    assert_eq!(
        (person.duty.clone(), person.groups.len()),
        (DutyPlan::default(), 0)
    );
    assert_eq!(by(&[person], 7, 9, Mode::Normal), Some(OnDutyBy::Pattern));
}

fn fault(person: &Person, others: &[Person]) -> String {
    let roster = others.iter().map(|p| (p.id, p.clone())).collect();
    check(person, &roster).expect_err("a fault").to_string()
}

#[test]
fn every_fault_of_an_entry_is_named() {
    let mut entry = person(1);
    entry.shift.to_minute = 1_440;
    assert!(fault(&entry, &[]).contains("480 to 1440"));
    entry.shift = Shift {
        from_minute: 1_440,
        to_minute: 0,
    };
    assert!(fault(&entry, &[]).contains("1440 to 0"));
    let with = |plan: DutyPlan| Person {
        duty: plan,
        ..person(1)
    };
    let emergency = with(DutyPlan {
        emergency: Some(EmergencyTurn {
            from_mode: Mode::EmergencyRed,
            shift: Shift {
                from_minute: 0,
                to_minute: 2_000,
            },
        }),
        ..DutyPlan::default()
    });
    assert!(fault(&emergency, &[]).contains("0 to 2000"));
    let absent = |absences| {
        with(DutyPlan {
            absences,
            ..DutyPlan::default()
        })
    };
    for (from, to) in [(5, 5), (6, 5), (0, LONGEST_SPAN_DAYS * 24 + 1)] {
        assert!(fault(&absent(vec![away(from, to, None)]), &[]).contains("is no span"));
    }
    assert_eq!(
        check(
            &absent(vec![away(0, LONGEST_SPAN_DAYS * 24, None)]),
            &BTreeMap::new()
        ),
        Ok(())
    );
    let turns = |count| {
        with(DutyPlan {
            extra_turns: vec![span(0, 1); count],
            ..DutyPlan::default()
        })
    };
    assert_eq!(check(&turns(MOST_ENTRIES), &BTreeMap::new()), Ok(()));
    assert!(fault(&turns(MOST_ENTRIES + 1), &[]).contains("more than 64"));
    let absences = |count| absent((0..count).map(|h| away(2 * h, 2 * h + 1, None)).collect());
    assert_eq!(check(&absences(64), &BTreeMap::new()), Ok(()));
    assert!(fault(&absences(65), &[]).contains("more than 64"));
    let two = absent(vec![away(0, 3, None), away(2, 5, None)]);
    assert!(fault(&two, &[]).contains("overlaps"));
    let touching = absent(vec![away(0, 3, None), away(3, 5, None)]);
    assert_eq!(check(&touching, &BTreeMap::new()), Ok(()));
    let mut both = absent(vec![away(0, 3, None)]);
    both.duty.extra_turns = vec![span(2, 4)];
    assert!(fault(&both, &[]).contains("overlaps"));
    assert!(fault(&absent(vec![away(0, 3, Some(1))]), &[]).contains("oneself"));
    let unknown = fault(&absent(vec![away(0, 3, Some(9))]), &[]);
    assert!(
        unknown.contains("P000009, who stands in, is not in the roster"),
        "{unknown}"
    );
}

#[test]
fn chains_and_cycles_of_substitutes_are_refused_from_both_sides() {
    let absent = |number, absence| {
        let mut person = person(number);
        person.duty.absences = vec![absence];
        person
    };
    let first = absent(1, away(0, 24, Some(2)));
    let second = absent(2, away(12, 36, Some(3)));
    let there = person(3);
    let said = fault(&first, &[second.clone(), there.clone()]);
    assert_eq!(
        said,
        "P000002 stands in for P000001 from 2026-11-20 and is absent then: name somebody who is there"
    );
    assert_eq!(fault(&second, &[first.clone(), there]), said);
    let cycle = absent(2, away(12, 36, Some(1)));
    assert!(fault(&first, std::slice::from_ref(&cycle)).contains("is absent then"));
    assert!(fault(&cycle, std::slice::from_ref(&first)).contains("is absent then"));
    // One after the other is no chain.
    let later = absent(2, away(24, 36, Some(1)));
    let roster = [first.clone(), later.clone()].map(|p| (p.id, p)).into();
    assert_eq!(
        (check(&first, &roster), check(&later, &roster)),
        (Ok(()), Ok(()))
    );
}

/// The roster asked minute by minute, written down from the rules and not from the code.
fn model(people: &[Person], person: &Person, minute: i64, mode: Mode) -> bool {
    let now = MIDNIGHT.plus_ms(minute * MINUTE_MS);
    let of_day = minute.rem_euclid(1_440);
    let in_shift = |shift: Shift| {
        let (from, to) = (i64::from(shift.from_minute), i64::from(shift.to_minute));
        let length = if from == to {
            1_440
        } else {
            (to - from).rem_euclid(1_440)
        };
        (of_day - from).rem_euclid(1_440) < length
    };
    let inside = |span: &Span| span.from <= now && now < span.to;
    let away = |p: &Person| p.duty.absences.iter().any(|a| inside(&a.span));
    let has_turn = |p: &Person| {
        let emergency = p.duty.emergency.filter(|_| mode > Mode::Normal);
        in_shift(p.shift)
            || p.duty.extra_turns.iter().any(inside)
            || emergency.is_some_and(|turn| turn.from_mode <= mode && in_shift(turn.shift))
    };
    let stands_in = people.iter().any(|other| {
        let mut absences = other.duty.absences.iter();
        absences.any(|a| a.substitute == Some(person.id) && inside(&a.span)) && has_turn(other)
    });
    !away(person) && (has_turn(person) || stands_in)
}

fn shifts_of_hours() -> impl Strategy<Value = Shift> {
    (0_u16..24, 0_u16..24).prop_map(|(from, to)| shift(from, to))
}

fn spans() -> impl Strategy<Value = Span> {
    (-30_i64..60, 1_i64..40).prop_map(|(from, hours)| span(from, from + hours))
}

fn modes() -> impl Strategy<Value = Mode> {
    proptest::sample::select(vec![
        Mode::Normal,
        Mode::EmergencyBlue,
        Mode::EmergencyOrange,
    ])
}

fn person_of(number: u32) -> impl Strategy<Value = Person> {
    let absences = proptest::collection::vec((spans(), proptest::option::of(1_u32..4)), 0..3);
    let emergency = proptest::option::of((modes(), shifts_of_hours()));
    (
        shifts_of_hours(),
        absences,
        proptest::collection::vec(spans(), 0..2),
        emergency,
    )
        .prop_map(move |(shift, absences, extra_turns, emergency)| Person {
            shift,
            duty: DutyPlan {
                absences: absences
                    .into_iter()
                    .map(|(span, substitute)| Absence {
                        span,
                        kind: AbsenceKind::Leave,
                        substitute: substitute.map(PersonId),
                    })
                    .collect(),
                extra_turns,
                emergency: emergency.map(|(from_mode, shift)| EmergencyTurn { from_mode, shift }),
            },
            ..person(number)
        })
}

proptest! {
    /// Also for rosters with faults: duty is what the model says, and the next turn begins at the
    /// first minute at which the model has one.
    #[test]
    fn duty_and_the_next_turn_agree_with_a_look_at_every_minute(
        people in (person_of(1), person_of(2), person_of(3)),
        hour in -20_i64..40,
        mode in modes(),
    ) {
        let people = [people.0, people.1, people.2];
        let roster = Roster::of(&people);
        let minute = hour * 60 + 7;
        for person in &people {
            let now = MIDNIGHT.plus_ms(minute * MINUTE_MS);
            let duty = roster.duty(person, now, mode);
            prop_assert_eq!(
                matches!(duty, Duty::On { .. }),
                model(&people, person, minute, mode)
            );
            if let Duty::Off { next_begins_at } = duty {
                // Everything lies on full hours, and nothing lasts beyond four days from here.
                let first = (hour + 1..hour + 24 * 8)
                    .find(|hour| model(&people, person, hour * 60, mode))
                    .map(at);
                prop_assert_eq!(next_begins_at, first);
            }
        }
    }

    /// The word for why somebody is on duty tells the truth.
    #[test]
    fn the_reason_for_duty_holds(
        people in (person_of(1), person_of(2), person_of(3)),
        hour in -20_i64..40,
        mode in modes(),
    ) {
        let people = [people.0, people.1, people.2];
        let roster = Roster::of(&people);
        let now = at(hour);
        for person in &people {
            match roster.on_duty(person, now, mode) {
                None => {}
                Some(OnDutyBy::Pattern) => prop_assert!(person.shift.covers(now)),
                Some(OnDutyBy::ExtraTurn) => {
                    prop_assert!(person.duty.extra_turns.iter().any(|turn| turn.covers(now)));
                }
                Some(OnDutyBy::EmergencySet) => {
                    let turn = person.duty.emergency.expect("has one");
                    prop_assert!(mode != Mode::Normal && turn.shift.covers(now));
                }
                Some(OnDutyBy::Substitute { of }) => {
                    let absent = people.iter().find(|p| p.id == of).expect("in the roster");
                    let mut absences = absent.duty.absences.iter();
                    let takes_over = absences
                        .any(|a| a.substitute == Some(person.id) && a.span.covers(now));
                    prop_assert!(takes_over);
                }
            }
        }
    }

    /// In a roster that passes the checks an absence with a substitute leaves no turn open.
    #[test]
    fn a_checked_roster_covers_every_turn_that_has_a_substitute(
        people in (person_of(1), person_of(2), person_of(3)),
        hour in -20_i64..40,
    ) {
        let people = [people.0, people.1, people.2];
        let known: BTreeMap<_, _> = people.iter().map(|p| (p.id, p.clone())).collect();
        prop_assume!(people.iter().all(|p| check(p, &known).is_ok()));
        let roster = Roster::of(&people);
        for absent in &people {
            for absence in &absent.duty.absences {
                let Some(substitute) = absence.substitute else { continue };
                if absence.span.covers(at(hour)) && absent.shift.covers(at(hour)) {
                    prop_assert!(
                        roster.on_duty(&known[&substitute], at(hour), Mode::Normal).is_some()
                    );
                }
            }
        }
    }
}
