//! When a turn began, and what is put on record while modes are switched.

use domain::intents::Mode;
use domain::people::Shift;
use domain::roster::{Absence, AbsenceKind, Span};
use testkit::builders;

use super::*;
use crate::{Backend, BackendConfig};

/// A person on duty from eight in the evening to eight in the morning.
fn by_night() -> Person {
    let mut person = builders::person(1);
    person.shift = Shift {
        from_minute: 20 * 60,
        to_minute: 8 * 60,
    };
    person
}

/// Minutes after midnight of a Friday in Chengdu.
fn at(minute: i64) -> Timestamp {
    Timestamp::from_unix_ms(1_795_104_000_000 + minute * MINUTE_MS)
}

#[test]
fn a_turn_began_when_the_roster_says_so() {
    assert_eq!(at(0).local_hms(), "00:00:00");
    let mut person = by_night();
    for (now, began) in [(1_200, 1_200), (1_439, 1_200), (0, -240), (479, -240)] {
        let found = turn_began(&person, OnDutyBy::Pattern, at(now));
        assert_eq!(found, Some(at(began)), "{now}");
    }
    let span = |from, to| Span {
        from: at(from),
        to: at(to),
    };
    person.duty.extra_turns = vec![span(540, 600), span(660, 720)];
    let extra = |now| turn_began(&person, OnDutyBy::ExtraTurn, at(now));
    assert_eq!((extra(540), extra(700)), (Some(at(540)), Some(at(660))));
    assert_eq!(extra(600), None);
    for by in [
        OnDutyBy::EmergencySet,
        OnDutyBy::Substitute { of: PersonId(2) },
    ] {
        assert_eq!(turn_began(&person, by, at(700)), None);
    }
}

#[test]
fn who_comes_back_in_the_middle_of_a_turn_begins_then() {
    let mut person = by_night();
    let away = |from, to| Absence {
        span: Span {
            from: at(from),
            to: at(to),
        },
        kind: AbsenceKind::Leave,
        substitute: None,
    };
    person.duty.absences = vec![away(1_100, 1_260), away(1_300, 1_310), away(0, 60)];
    for (now, began) in [(1_260, 1_260), (1_299, 1_260), (1_320, 1_310), (100, 60)] {
        let found = turn_began(&person, OnDutyBy::Pattern, at(now));
        assert_eq!(found, Some(at(began)), "{now}");
    }
}

#[test]
fn nobody_is_put_on_record_under_a_switch_that_has_ended() {
    let backend = Backend::open(BackendConfig {
        seed: Some(builders::seed()),
        ..BackendConfig::in_memory(builders::rules())
    })
    .expect("a backend");
    let shared = &backend.shared;
    let switch = |mode: Mode| {
        shared
            .store
            .write(|db| modes::switch(db, mode.into(), None, at(0), at(0)))
            .expect("switched");
    };
    let on_record = || -> u32 {
        let count = |db: &rusqlite::Transaction<'_>| -> Result<u32, StoreError> {
            Ok(db.query_row("SELECT count(*) FROM position_uses", [], |row| row.get(0))?)
        };
        shared.store.read(count).expect("a count")
    };
    switch(Mode::EmergencyRed);
    let mut state = shared.visible.lock();
    shared.renew(&mut state).expect("a look");
    switch(Mode::Normal);
    assert!(!shared.note(&mut state, vec![PersonId(1)], at(1)));
    assert_eq!((on_record(), state.session.1.len()), (0, 0));
    switch(Mode::EmergencyOrange);
    shared.renew(&mut state).expect("a look");
    assert!(shared.note(&mut state, vec![PersonId(1)], at(1)));
    assert_eq!((on_record(), state.session.1.len()), (1, 1));
}
