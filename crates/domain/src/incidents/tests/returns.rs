//! Returns: who cannot be passed over, and which clock goes on.

use super::*;
use crate::incidents::ActionRefused as Refused;
use crate::time::MINUTE_MS;

const LEAD: DispatchDuty = DispatchDuty::Lead;

#[test]
fn a_return_pauses_the_clock_and_the_same_department_resumes_it() {
    let sent_again = |department: Option<&str>| {
        let mut incident = reported();
        take(&mut incident, file(), NOW).expect("filed");
        take(&mut incident, dispatch_to(1, Some("water"), LEAD), NOW).expect("dispatched");
        take(&mut incident, Action::Return, NOW.plus_ms(HOUR_MS)).expect("returned");
        let paused = incident.course.waiting_clock.expect("a clock that waits");
        assert_eq!(paused.paused_at, Some(NOW.plus_ms(HOUR_MS)));
        let later = NOW.plus_ms(2 * HOUR_MS);
        take(&mut incident, dispatch_to(2, department, LEAD), later).expect("dispatched");
        assert_eq!(incident.course.waiting_clock, None);
        let clock = incident.clock.expect("a clock");
        assert_eq!(clock.paused_at, None);
        (clock.started_at, clock.left_ms(later, &Calendar::default()))
    };
    let resumed = (NOW, 3 * HOUR_MS);
    let anew = (NOW.plus_ms(2 * HOUR_MS), 4 * HOUR_MS);
    assert_eq!(sent_again(Some("water")), resumed);
    assert_eq!(sent_again(Some("urban_management")), anew);
    assert_eq!(
        sent_again(None),
        anew,
        "a department that is not known is not the same"
    );
}

#[test]
fn a_returned_matter_owes_its_next_dispatch() {
    let mut incident = dispatched();
    let returned_at = NOW.plus_ms(HOUR_MS);
    take(&mut incident, Action::Return, returned_at).expect("returned");
    let clock = incident.clock.expect("a clock");
    assert_eq!((clock.limit, clock.started_at), (minutes(15), returned_at));
    assert!(!incident.is_overdue(returned_at.plus_ms(14 * MINUTE_MS)));
    assert!(incident.is_overdue(returned_at.plus_ms(16 * MINUTE_MS)));
}

#[test]
fn nobody_known_before_and_nobody_known_after_are_not_the_same_department() {
    let mut incident = dispatched();
    let later = NOW.plus_ms(HOUR_MS);
    live(&mut incident, [Action::Return]);
    take(&mut incident, dispatch(2), later).expect("dispatched");
    assert_eq!(incident.clock.map(|clock| clock.started_at), Some(later));
}

#[test]
fn an_order_that_is_refused_wins_no_time_for_its_department() {
    let mut incident = reported();
    take(&mut incident, file(), NOW).expect("filed");
    take(&mut incident, dispatch_to(1, Some("water"), LEAD), NOW).expect("dispatched");
    take(&mut incident, undispatch(1), NOW.plus_ms(HOUR_MS)).expect("refused");
    assert_eq!(incident.clock.map(|clock| clock.limit), Some(minutes(15)));
    let later = NOW.plus_ms(HOUR_MS + 10 * MINUTE_MS);
    take(&mut incident, dispatch_to(2, Some("water"), LEAD), later).expect("dispatched");
    let clock = incident.clock.expect("a clock");
    assert_eq!(clock.left_ms(later, &Calendar::default()), 3 * HOUR_MS);
}

#[test]
fn another_limit_starts_the_clock_anew() {
    let mut incident = reported();
    live(&mut incident, [file(), dispatch_to(1, Some("water"), LEAD)]);
    let day = Limit {
        amount: 1,
        unit: LimitUnit::EmergencyDay,
    };
    let filed_anew = Action::File {
        limit: day,
        condition: None,
    };
    live(&mut incident, [Action::Return, Action::Return, filed_anew]);
    assert!(incident.course.waiting_clock.is_some());
    live(&mut incident, [dispatch_to(2, Some("water"), LEAD)]);
    let clock = incident.clock.expect("a clock");
    assert_eq!((clock.limit, clock.started_at), (day, incident.state_since));
}

#[test]
fn rework_starts_the_clock_anew_even_for_the_same_department() {
    let mut incident = reported();
    live(
        &mut incident,
        [
            file(),
            dispatch_to(1, Some("water"), LEAD),
            handled(1),
            Action::Rework,
            dispatch_to(2, Some("water"), LEAD),
        ],
    );
    let started = incident.clock.map(|clock| clock.started_at);
    assert_eq!(started, Some(incident.state_since));
}

#[test]
fn a_suspension_between_does_not_lose_the_waiting_clock() {
    let mut incident = reported();
    live(
        &mut incident,
        [file(), dispatch_to(1, Some("water"), LEAD), undispatch(1)],
    );
    let waiting = incident.course.waiting_clock;
    live(&mut incident, [Action::Suspend, note(), Action::Resume]);
    assert!(waiting.is_some());
    assert_eq!(incident.course.waiting_clock, waiting);
    live(&mut incident, [Action::Cancel]);
    assert_eq!(incident.course.waiting_clock, None);
}

#[test]
fn the_record_says_who_returned_it_and_to_whom() {
    let mut incident = reported();
    let mut at = NOW;
    let mut step = |incident: &mut Incident, name: &str, action| {
        at = at.plus_ms(MINUTE_MS);
        take_by(incident, action, &officer(name), at).expect("taken");
        at
    };
    step(&mut incident, "verifier", Action::Verify);
    step(&mut incident, "filer", file());
    let returned_at = step(&mut incident, "dispatcher", Action::Return);
    let expected = Returned {
        by: officer("dispatcher"),
        to: Some(officer("filer")),
        from_stage: Stage::Dispatch,
        to_stage: Stage::File,
        at: returned_at,
        until_stage: Stage::Dispatch,
    };
    assert_eq!(incident.course.returned, Some(expected));
    let returned_at = step(&mut incident, "filer", Action::Return);
    let expected = Returned {
        by: officer("filer"),
        to: Some(officer("verifier")),
        from_stage: Stage::File,
        to_stage: Stage::Verify,
        at: returned_at,
        until_stage: Stage::Dispatch,
    };
    assert_eq!(incident.course.returned, Some(expected));
}

#[test]
fn whoever_files_at_once_has_passed_on_both_stages() {
    let mut incident = reported();
    take_by(&mut incident, file(), &officer("one"), NOW).expect("filed");
    take_by(&mut incident, dispatch(1), &officer("two"), NOW).expect("dispatched");
    let by: Vec<_> = incident.course.passed_on_by.clone().into_iter().collect();
    let expected = [
        (Stage::Verify, officer("one")),
        (Stage::File, officer("one")),
        (Stage::Dispatch, officer("two")),
    ];
    assert_eq!(by, expected);
}

#[test]
fn filing_at_once_does_not_pass_the_filing_stage_that_returned_it() {
    let mut incident = reported();
    assert!(decide_file(&incident).is_ok(), "nobody has returned it");
    live(&mut incident, [Action::Verify, Action::Return]);
    let before = incident.clone();
    let past = Refused::PastReturner { stage: Stage::File };
    assert_eq!(decide_file(&incident), Err(past.clone()));
    assert_eq!(check_direct_dispatch(&incident), Err(past));
    assert_eq!(incident, before);
    live(&mut incident, [Action::Verify]);
    assert!(incident.course.returned.is_some());
    assert_eq!(
        check_direct_dispatch(&incident),
        Ok(()),
        "at the returner's own stage"
    );
    live(&mut incident, [file()]);
    assert_eq!(incident.course.returned, None);
}

fn decide_file(incident: &Incident) -> Result<Decision, Refused> {
    let desk = row(ActionKind::File).takers[0];
    decide(incident, &file(), desk, None, NOW, &rules())
}

#[test]
fn a_direct_dispatch_does_not_pass_the_dispatcher_who_returned_it() {
    let mut incident = reported();
    assert_eq!(check_direct_dispatch(&incident), Ok(()));
    live(&mut incident, [Action::Verify, file(), Action::Return]);
    let past = Refused::PastReturner {
        stage: Stage::Dispatch,
    };
    assert_eq!(check_direct_dispatch(&incident), Err(past.clone()));
    live(&mut incident, [Action::Return]);
    assert_eq!(
        decide_file(&incident),
        Err(past),
        "both returners stand in the way"
    );
    live(&mut incident, [Action::Verify, file()]);
    assert!(incident.course.returned.is_some());
    assert_eq!(check_direct_dispatch(&incident), Ok(()));
    live(&mut incident, [dispatch(1)]);
    assert_eq!(incident.course.returned, None);
}

#[test]
fn a_return_by_those_who_handle_is_over_once_it_is_handled() {
    let mut incident = dispatched();
    live(&mut incident, [Action::Return]);
    assert_eq!(incident.state, IncidentState::Returned);
    assert_eq!(
        check_direct_dispatch(&incident),
        Ok(()),
        "to be sent again is the next stage"
    );
    live(&mut incident, [dispatch(2)]);
    assert!(
        incident.course.returned.is_some(),
        "the returner's stage is not through yet"
    );
    live(&mut incident, [handled(2)]);
    assert_eq!(incident.course.returned, None);
}

#[test]
fn a_matter_that_has_ended_is_not_returned_any_more() {
    for end in [Action::Cancel, Action::ForceClose, Action::NotAccept] {
        let mut incident = reported();
        live(&mut incident, [Action::Verify, Action::Return, end]);
        assert_eq!(incident.course.returned, None);
    }
}

#[test]
fn suspending_a_returned_matter_does_not_forget_the_returner() {
    let mut incident = dispatched();
    live(
        &mut incident,
        [
            Action::Return,
            dispatch(2),
            Action::Suspend,
            note(),
            Action::Resume,
        ],
    );
    assert!(incident.course.returned.is_some());
}

#[test]
fn the_field_and_a_department_return_only_what_they_handle() {
    let mut filed = reported();
    live(&mut filed, [file()]);
    let mut verified = reported();
    live(&mut verified, [Action::Verify]);
    for taker in [Taker::Field, Taker::Department] {
        let returned = |incident| {
            decide(
                incident,
                &Action::Return,
                taker,
                Some("不属"),
                NOW,
                &rules(),
            )
        };
        let refused = Err(Refused::NotForThisTaker { taker });
        assert_eq!(returned(&filed), refused);
        assert_eq!(returned(&verified), refused);
        assert!(returned(&dispatched()).is_ok());
    }
    let desk = Taker::Officer(OfficerRole::DutyOfficer);
    assert!(decide(&filed, &Action::Return, desk, Some("不属"), NOW, &rules()).is_ok());
}
