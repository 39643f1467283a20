//! The clock of each stage, suspension, extension, rework, supervision, and what ends a matter.

use super::*;
use crate::incidents::ActionRefused as Refused;
use crate::time::{DAY_MS, MINUTE_MS};

fn limit(incident: &Incident) -> Option<Limit> {
    incident.clock.map(|clock| clock.limit)
}

fn left_hours(incident: &Incident, at: Timestamp) -> i64 {
    let clock = incident.clock.expect("a clock");
    clock.left_ms(at, &Calendar::default()) / HOUR_MS
}

#[test]
fn each_stage_has_its_own_clock() {
    let mut incident = reported();
    assert_eq!(limit(&incident), Some(minutes(30)));
    take(&mut incident, Action::Verify, NOW).expect("verified");
    assert_eq!(limit(&incident), Some(minutes(15)));
    take(&mut incident, file(), NOW).expect("filed");
    assert_eq!(limit(&incident), Some(minutes(15)));
    take(&mut incident, dispatch(1), NOW).expect("dispatched");
    assert_eq!(limit(&incident), Some(HANDLING));
    // 09:00 and four working hours: one after lunch.
    let deadline = NOW.plus_ms(6 * HOUR_MS);
    assert_eq!(incident.clock.map(|c| c.deadline), Some(deadline));
    take(&mut incident, start(1), NOW).expect("begun");
    assert_eq!(limit(&incident), Some(HANDLING));
    assert!(!incident.is_overdue(deadline));
    assert!(incident.is_overdue(deadline.plus_ms(1)));
    take(&mut incident, handled(1), NOW).expect("handled");
    assert_eq!(limit(&incident), Some(minutes(30)));
    take(&mut incident, Action::Rework, NOW).expect("reworked");
    assert_eq!((limit(&incident), incident.reworks), (Some(minutes(15)), 1));
    take(&mut incident, dispatch(2), NOW).expect("dispatched");
    take(&mut incident, handled(2), NOW).expect("handled");
    take(&mut incident, Action::Close, NOW).expect("closed");
    assert_eq!((incident.clock, incident.ended_at), (None, Some(NOW)));
    assert!(!incident.is_overdue(NOW.plus_ms(1_000 * HOUR_MS)));
}

#[test]
fn handling_has_the_limit_with_which_the_matter_was_filed() {
    let mut incident = reported();
    let two_hours = condition().limit;
    let under = |code: &str| Action::File {
        limit: two_hours,
        condition: Some(code.into()),
    };
    let unknown = Refused::UnknownCondition {
        category: category(),
        condition: "sunken".into(),
    };
    assert_eq!(take(&mut incident, under("sunken"), NOW), Err(unknown));
    let filed = under("missing");
    live(&mut incident, [Action::Verify, filed, dispatch(1)]);
    assert_eq!(limit(&incident), Some(two_hours));
    assert_eq!(incident.condition, Some("missing".into()));
    // A record of an earlier version does not know its limit and takes the category's.
    let mut older = reported();
    live(&mut older, [Action::Verify, file()]);
    older.course.limit = None;
    let at = older.course.effective_at;
    take(&mut older, dispatch(1), at).expect("dispatched");
    assert_eq!(limit(&older), Some(HANDLING));
}

#[test]
fn a_category_outside_of_the_rules_is_neither_filed_nor_given() {
    let incident = reported();
    let desk = row(ActionKind::File).takers[0];
    let mut empty = rules();
    empty.categories.clear();
    let refused = Refused::UnknownCategory {
        category: category(),
        rules_version: "test.1".to_owned(),
    };
    let filed = decide(&incident, &file(), desk, None, NOW, &empty);
    assert_eq!(filed, Err(refused.clone()));
    let unknown: CategoryCode = "E01.11".parse().expect("a code");
    let action = Action::Recategorise { category: unknown };
    assert!(matches!(
        decide(&incident, &action, desk, None, NOW, &rules()),
        Err(Refused::UnknownCategory { category, .. }) if category == unknown
    ));
    let mut filed = incident;
    live(&mut filed, [file()]);
    filed.course.limit = None;
    let sent = decide(&filed, &dispatch(1), desk, None, NOW, &empty);
    assert_eq!(sent, Err(refused));
}

#[test]
fn a_new_category_forgets_the_condition_of_the_old_one() {
    let mut incident = reported();
    incident.condition = Some("missing".into());
    let again = Action::Recategorise {
        category: category(),
    };
    live(&mut incident, [again]);
    assert_eq!(incident.condition, None);
    assert_eq!(incident.category, category());
}

#[test]
fn a_suspension_keeps_the_time_left_and_returns_to_its_state() {
    let mut incident = dispatched();
    let begun = incident.course.effective_at;
    take(&mut incident, start(1), begun).expect("begun");
    take(&mut incident, Action::Suspend, begun.plus_ms(HOUR_MS)).expect("suspended");
    assert_eq!(incident.suspended_from, Some(IncidentState::Handling));
    assert_eq!(incident.orders, [order(1)], "nobody is called back");
    let next_week = NOW.plus_ms(7 * DAY_MS);
    assert!(!incident.is_overdue(next_week));
    take(&mut incident, Action::Resume, next_week).expect("resumed");
    assert_eq!(incident.state, IncidentState::Handling);
    assert_eq!(incident.suspended_from, None);
    assert_eq!(left_hours(&incident, next_week), 3);
}

#[test]
fn a_suspension_that_ends_otherwise_leaves_nothing_behind() {
    for action in [Action::ForceClose, Action::Cancel] {
        let mut incident = dispatched();
        live(&mut incident, [Action::Suspend, action]);
        assert_eq!((incident.suspended_from, incident.clock), (None, None));
        assert!(incident.orders.is_empty() && incident.ended_at.is_some());
    }
}

#[test]
fn an_extension_adds_one_original_limit_twice_at_most() {
    let mut incident = dispatched();
    let at = incident.course.effective_at;
    assert_eq!(left_hours(&incident, at), 4);
    for hours in [8, 12] {
        take(&mut incident, Action::Extend, at).expect("extended");
        assert_eq!(left_hours(&incident, at), hours);
    }
    let third = take(&mut incident, Action::Extend, at);
    assert_eq!(third, Err(Refused::ExtensionsUsedUp));
    assert_eq!(left_hours(&incident, at), 12);
    // Nor after another dispatch: they are those of the matter.
    live(&mut incident, [undispatch(1), dispatch(2)]);
    let third = take(&mut incident, Action::Extend, at);
    assert_eq!(third, Err(Refused::ExtensionsUsedUp));
}

#[test]
fn only_the_last_order_that_ends_brings_the_matter_back() {
    let mut incident = dispatched();
    let handling_clock = incident.clock;
    live(&mut incident, [dispatch(2)]);
    assert_eq!(incident.clock, handling_clock);
    live(&mut incident, [undispatch(1)]);
    assert_eq!(incident.state, IncidentState::Dispatched);
    assert_eq!(incident.orders, [order(2)]);
    assert_eq!(incident.clock, handling_clock);
    live(&mut incident, [undispatch(2)]);
    assert_eq!(incident.state, IncidentState::Filed);
    assert!(incident.orders.is_empty());
    assert_eq!(limit(&incident), Some(minutes(15)));
}

#[test]
fn an_order_that_ends_after_the_work_is_done_only_leaves_the_list() {
    let mut incident = dispatched();
    live(&mut incident, [dispatch(2), handled(1)]);
    assert_eq!(incident.orders, [order(2)]);
    live(&mut incident, [undispatch(2)]);
    assert_eq!(incident.state, IncidentState::Handled);
    assert!(incident.orders.is_empty());
    assert_eq!(limit(&incident), Some(minutes(30)));
}

#[test]
fn orders_that_are_not_under_way_move_nothing() {
    let foreign = Refused::OrderNotUnderWay { order: order(9) };
    let about_nine = [
        undispatch(9),
        start(9),
        handled(9),
        assisted(9),
        Action::Escalate {
            order: order(9),
            step: 1,
            to: EscalatedTo::ShiftLeader,
        },
    ];
    for action in about_nine {
        let mut incident = dispatched();
        let at = incident.course.effective_at;
        assert_eq!(take(&mut incident, action, at), Err(foreign.clone()));
    }
    let mut incident = dispatched();
    let again = take(&mut incident, dispatch(1), NOW);
    assert_eq!(again, Err(Refused::OrderUnderWay { order: order(1) }));
}

#[test]
fn whoever_is_on_the_way_is_called_back_when_the_matter_ends_or_goes_back() {
    for action in [Action::Return, Action::ForceClose, Action::Cancel] {
        let mut incident = dispatched();
        live(&mut incident, [dispatch(2), action]);
        assert!(incident.orders.is_empty());
    }
    for action in [Action::Close, Action::Rework] {
        let mut incident = dispatched();
        live(&mut incident, [dispatch(2), handled(1)]);
        assert_eq!(
            incident.orders,
            [order(2)],
            "still under way until the check"
        );
        live(&mut incident, [action]);
        assert!(incident.orders.is_empty());
    }
}

#[test]
fn a_supervised_matter_is_not_ended_by_the_desk_before_a_reply() {
    let duplicate = Action::MarkDuplicate {
        of: IncidentId::new(NOW, 2),
    };
    for (before, end) in [
        (vec![], Action::NotAccept),
        (vec![], duplicate),
        (vec![file(), dispatch(1), handled(1)], Action::Close),
    ] {
        let mut incident = reported();
        live(&mut incident, before);
        live(&mut incident, [Action::Supervise]);
        assert!(incident.supervised);
        let at = incident.course.effective_at;
        assert_eq!(
            take(&mut incident, end.clone(), at),
            Err(Refused::ReplyOwed)
        );
        live(&mut incident, [reply(), end]);
        assert!(!incident.supervised && !incident.state.is_open());
    }
    // The leader who supervises may end it as it is.
    let mut incident = dispatched();
    live(&mut incident, [Action::Supervise, Action::ForceClose]);
    assert_eq!(incident.state, IncidentState::Closed);
}

#[test]
fn a_reply_needs_a_supervision() {
    let mut incident = dispatched();
    let at = incident.course.effective_at;
    assert_eq!(
        take(&mut incident, reply(), at),
        Err(Refused::NotSupervised)
    );
    live(
        &mut incident,
        [Action::Supervise, Action::Supervise, reply()],
    );
    assert_eq!(
        take(&mut incident, reply(), at),
        Err(Refused::NotSupervised)
    );
    live(&mut incident, [Action::Supervise, reply()]);
}

#[test]
fn flags_and_levels_change_nothing_else() {
    let mut incident = dispatched();
    let before = incident.clone();
    let flag = |is_unreasonable| Action::FlagUnreasonable { is_unreasonable };
    live(&mut incident, [flag(true)]);
    assert!(incident.is_unreasonable);
    live(&mut incident, [flag(false)]);
    assert!(!incident.is_unreasonable);
    live(
        &mut incident,
        [Action::SetLevel {
            level: Level::Large,
            level_reason: "三次投诉".to_owned(),
            level_reason_en: "three complaints".to_owned(),
        }],
    );
    assert_eq!(incident.level, Level::Large);
    assert_eq!(incident.level_reason, "三次投诉");
    assert_eq!(incident.level_reason_en, "three complaints");
    let mut old = serde_json::to_value(&incident).expect("json");
    let old_fields = old.as_object_mut().expect("an object");
    assert!(old_fields.remove("level_reason_en").is_some());
    let old: Incident = serde_json::from_value(old).expect("a record of the previous version");
    assert_eq!(
        (old.level_reason.as_str(), old.level_reason_en.as_str()),
        ("三次投诉", "")
    );
    assert_eq!(incident.state_since, before.state_since);
    assert_eq!(
        (incident.state, incident.clock),
        (before.state, before.clock)
    );
}

#[test]
fn a_duplicate_is_of_another_matter_that_is_none_itself() {
    let of = IncidentId::new(NOW, 2);
    let mut incident = reported();
    let itself = Action::MarkDuplicate { of: incident.id };
    let refused = take(&mut incident, itself, NOW);
    assert_eq!(refused, Err(Refused::DuplicateOfItself));
    let mut other = dispatched();
    other.id = of;
    let may = |incident: &Incident, other: &Incident, is_followed| {
        check_duplicate(incident, other, is_followed)
    };
    assert_eq!(may(&incident, &other, false), Ok(()));
    assert_eq!(
        may(&incident, &incident, false),
        Err(Refused::DuplicateOfItself)
    );
    assert_eq!(may(&incident, &other, true), Err(Refused::DuplicateChain));
    for (state, is_taken) in [
        (IncidentState::Closed, true),
        (IncidentState::Suspended, true),
        (IncidentState::Cancelled, false),
        (IncidentState::NotAccepted, false),
    ] {
        other.state = state;
        assert_eq!(may(&incident, &other, false).is_ok(), is_taken, "{state:?}");
    }
    other.state = IncidentState::Filed;
    other.duplicate_of = Some(IncidentId::new(NOW, 3));
    assert_eq!(may(&incident, &other, false), Err(Refused::DuplicateChain));
    live(&mut incident, [Action::MarkDuplicate { of }]);
    assert_eq!(incident.duplicate_of, Some(of));
    assert_eq!(incident.state, IncidentState::Cancelled);
}

#[test]
fn the_report_alone_says_whether_it_is_a_drill() {
    let drill = |is_drill| {
        let Action::Report(mut facts) = report() else {
            panic!("a report");
        };
        facts.is_drill = is_drill;
        Action::Report(facts)
    };
    for is_drill in [true, false] {
        let opening = entry(1, drill(is_drill), decide_report(NOW, &rules()), NOW);
        let mut incident = Incident::opened(&opening).expect("a report");
        for action in all_actions(1) {
            let decision = Decision {
                state: incident.state,
                clock: incident.clock,
            };
            incident.apply(&entry(incident.steps + 1, action, decision, NOW));
            assert_eq!(incident.is_drill, is_drill);
        }
        let second = entry(
            incident.steps + 1,
            drill(!is_drill),
            decide_report(NOW, &rules()),
            NOW,
        );
        assert!(!incident.apply(&second), "a second report is no step");
        assert_eq!(incident.is_drill, is_drill);
    }
}

#[test]
fn what_an_offline_hall_sends_late_takes_effect_after_what_was_decided_before() {
    let mut incident = dispatched();
    let dispatched_at = incident.state_since;
    assert_eq!(dispatched_at, NOW.plus_ms(3 * MINUTE_MS));
    // Happened ten minutes before the report even, by a clock that was wrong.
    take(&mut incident, Action::Suspend, NOW.plus_ms(-10 * MINUTE_MS)).expect("suspended");
    assert_eq!(incident.state_since, dispatched_at);
    let clock = incident.clock.expect("a clock");
    assert_eq!(clock.paused_at, Some(dispatched_at));
    assert_eq!(
        left_hours(&incident, NOW.plus_ms(DAY_MS)),
        4,
        "no time was won"
    );
    let later = NOW.plus_ms(HOUR_MS);
    take(&mut incident, Action::Resume, later).expect("resumed");
    take(&mut incident, Action::ForceClose, NOW).expect("closed");
    assert_eq!(incident.ended_at, Some(later));
    assert_eq!(incident.course.effective_at, later);
}
