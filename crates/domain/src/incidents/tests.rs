//! The published transition table, cell by cell, and what decisions do to clocks and orders.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::clocks::{Calendar, Limit, LimitUnit};
use crate::ids::{IntentKey, PersonId};
use crate::people::Post;
use crate::rules::{CategoryRule, RankingWeights, StageLimits};
use crate::time::{HOUR_MS, MINUTE_MS};
use crate::trail::Actor;

/// Friday, 20 November 2026, 09:00 local time.
const NOW: Timestamp = Timestamp::from_unix_ms(1_795_136_400_000);

const fn minutes(amount: u32) -> Limit {
    Limit {
        amount,
        unit: LimitUnit::EmergencyMinute,
    }
}

const HANDLING: Limit = Limit {
    amount: 4,
    unit: LimitUnit::WorkingHour,
};

fn category() -> CategoryCode {
    "E01.10".parse().expect("a code")
}

fn rules() -> Rules {
    Rules {
        version: "test.1".to_owned(),
        calendar: Calendar::default(),
        stage_limits: StageLimits {
            verify: minutes(30),
            file: minutes(15),
            dispatch: minutes(15),
            check: minutes(30),
        },
        yellow_share: 0.25,
        ranking: RankingWeights {
            lead_post_min: 4.0,
            skill_min: 3.0,
            open_order_min: 6.0,
            home_grid_min: 3.0,
            stale_position_min: 5.0,
        },
        categories: vec![CategoryRule {
            major_name: "市容环境".to_owned(),
            name: "暴露垃圾".to_owned(),
            posts: vec![Post::CityManagement],
            ..CategoryRule::new(category(), HANDLING)
        }],
        ..Rules::default()
    }
}

fn order(number: u128) -> OrderId {
    IntentKey(Uuid::from_u128(number))
}

fn entry(step: u32, action: Action, decision: Decision, at: Timestamp) -> TrailEntry {
    TrailEntry {
        incident: IncidentId::new(NOW, 1),
        step,
        action,
        state: decision.state,
        by: Actor::Rule,
        reason: None,
        occurred_at: at,
        recorded_at: at,
        clock: decision.clock,
        rules_version: "test.1".to_owned(),
        previous_hash: String::new(),
        hash: String::new(),
    }
}

fn report() -> Action {
    Action::Report(Box::new(ReportFacts {
        category: category(),
        channel: SourceChannel::GridPatrol,
        title: "暴露垃圾".to_owned(),
        description: String::new(),
        address: String::new(),
        location: LonLat::new(104.1, 30.66),
        grids: GridPath::default(),
        level: Level::Micro,
        level_reason: String::new(),
        particulars: Particulars::default(),
        is_drill: false,
    }))
}

fn reported() -> Incident {
    let clock = StageClock::start(minutes(30), NOW, &Calendar::default());
    let decision = Decision {
        state: IncidentState::Reported,
        clock: Some(clock),
    };
    Incident::opened(&entry(1, report(), decision, NOW)).expect("a report")
}

/// Decides and folds, as the backend does.
fn take(incident: &mut Incident, action: Action, at: Timestamp) -> Result<(), ActionRefused> {
    let decision = decide(incident, &action, None, Some("理由"), at, &rules())?;
    let entry = entry(incident.steps + 1, action, decision, at);
    assert!(incident.apply(&entry), "the entry is the next step");
    Ok(())
}

fn dispatch(number: u128) -> Action {
    Action::Dispatch {
        order: order(number),
        to: PersonId(1),
        department: None,
        duty: DispatchDuty::Lead,
    }
}

fn handled(number: u128) -> Action {
    Action::Handled {
        order: order(number),
        result: String::new(),
    }
}

fn undispatch(number: u128) -> Action {
    Action::Undispatch {
        order: order(number),
    }
}

fn all_actions() -> Vec<Action> {
    vec![
        report(),
        Action::Verify,
        Action::File {
            limit: HANDLING,
            condition: None,
        },
        Action::NotAccept,
        dispatch(1),
        undispatch(1),
        Action::StartHandling { order: order(1) },
        handled(1),
        Action::Return,
        Action::Suspend,
        Action::Resume,
        Action::Extend,
        Action::Rework,
        Action::Close,
        Action::ForceClose,
        Action::Cancel,
        Action::Supervise,
        Action::Note {
            text: "x".to_owned(),
        },
    ]
}

/// The table as the field publishes it, one line for each action: `from>to` for every legal start,
/// all others refused. `=` keeps the state, `^` returns to where a suspension began (here: 处置中).
const TABLE: [&str; 18] = [
    "",
    "Reported>PendingFile",
    "Reported>Filed PendingFile>Filed",
    "Reported>NotAccepted PendingFile>NotAccepted",
    "Filed>Dispatched Returned>Dispatched Dispatched>Dispatched Handling>Handling",
    "Dispatched>Filed Handling>Filed",
    "Dispatched>Handling Handling>Handling",
    "Dispatched>Handled Handling>Handled",
    "Dispatched>Returned Handling>Returned",
    "Filed>Suspended Dispatched>Suspended Handling>Suspended",
    "Suspended>Handling",
    "Dispatched>Dispatched Handling>Handling",
    "Handled>Filed",
    "Handled>Closed",
    "Reported>Closed PendingFile>Closed Filed>Closed Dispatched>Closed Handling>Closed \
     Handled>Closed Returned>Closed Suspended>Closed",
    "Reported>Cancelled PendingFile>Cancelled Filed>Cancelled Dispatched>Cancelled \
     Handling>Cancelled Handled>Cancelled Returned>Cancelled Suspended>Cancelled",
    "Reported>Reported PendingFile>PendingFile Filed>Filed Dispatched>Dispatched \
     Handling>Handling Handled>Handled Returned>Returned Suspended>Suspended",
    "Reported>Reported PendingFile>PendingFile Filed>Filed NotAccepted>NotAccepted \
     Dispatched>Dispatched Handling>Handling Handled>Handled Returned>Returned \
     Suspended>Suspended Closed>Closed Cancelled>Cancelled",
];

#[test]
fn every_legal_transition_is_taken_and_every_other_refused() {
    let suspended_from = Some(IncidentState::Handling);
    for (action, line) in all_actions().iter().zip(TABLE) {
        let expected: Vec<(&str, &str)> = line
            .split_whitespace()
            .filter_map(|cell| cell.split_once('>'))
            .collect();
        let mut found = 0;
        for from in IncidentState::ALL {
            let to = next_state(from, suspended_from, action);
            let name = format!("{from:?}");
            let wanted = expected.iter().find(|(start, _)| *start == name);
            assert_eq!(
                to.map(|to| format!("{to:?}")),
                wanted.map(|(_, to)| (*to).to_owned()),
                "{action:?} from {name}"
            );
            found += usize::from(to.is_some());
        }
        assert_eq!(
            found,
            expected.len(),
            "{action:?}: a line of the table is misspelt"
        );
    }
}

#[test]
fn states_that_are_not_open_can_only_be_remarked_upon() {
    for state in IncidentState::ALL.into_iter().filter(|s| !s.is_open()) {
        for action in all_actions() {
            let is_note = matches!(action, Action::Note { .. });
            assert_eq!(next_state(state, None, &action).is_some(), is_note);
        }
    }
}

#[test]
fn roles_may_do_what_their_office_gives_them() {
    use OfficerRole::{DutyOfficer, ItOfficer, ShiftLeader, StreetLeader};
    for action in all_actions() {
        let may = |role| is_allowed(role, &action);
        let expected = match action {
            Action::ForceClose | Action::Cancel | Action::Supervise => [true, false, true, false],
            Action::Note { .. } => [true; 4],
            _ => [true, true, false, false],
        };
        let found = [ShiftLeader, DutyOfficer, StreetLeader, ItOfficer].map(may);
        assert_eq!(found, expected, "{action:?}");
    }
    let refused = decide(
        &reported(),
        &Action::Verify,
        Some(ItOfficer),
        None,
        NOW,
        &rules(),
    );
    assert_eq!(
        refused,
        Err(ActionRefused::NotForThisRole { role: ItOfficer })
    );
}

#[test]
fn side_paths_need_a_reason() {
    for reason in [None, Some(""), Some("  ")] {
        let refused = decide(&reported(), &Action::Cancel, None, reason, NOW, &rules());
        assert_eq!(refused, Err(ActionRefused::ReasonNeeded), "{reason:?}");
    }
    assert!(
        decide(
            &reported(),
            &Action::Cancel,
            None,
            Some("误报"),
            NOW,
            &rules()
        )
        .is_ok()
    );
    assert!(decide(&reported(), &Action::Verify, None, None, NOW, &rules()).is_ok());
}

#[test]
fn each_stage_has_its_own_clock() {
    let mut incident = reported();
    let limit = |incident: &Incident| incident.clock.map(|clock| clock.limit);
    assert_eq!(limit(&incident), Some(minutes(30)));
    take(&mut incident, Action::Verify, NOW).expect("verified");
    assert_eq!(limit(&incident), Some(minutes(15)));
    take(
        &mut incident,
        Action::File {
            limit: HANDLING,
            condition: None,
        },
        NOW,
    )
    .expect("filed");
    assert_eq!(limit(&incident), Some(minutes(15)));
    take(&mut incident, dispatch(1), NOW).expect("dispatched");
    assert_eq!(limit(&incident), Some(HANDLING));
    // 09:00 and four working hours: one after lunch.
    let deadline = NOW.plus_ms(6 * HOUR_MS);
    assert_eq!(incident.clock.map(|c| c.deadline), Some(deadline));
    take(
        &mut incident,
        Action::StartHandling { order: order(1) },
        NOW,
    )
    .expect("begun");
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

fn dispatched() -> Incident {
    let mut incident = reported();
    take(
        &mut incident,
        Action::File {
            limit: HANDLING,
            condition: None,
        },
        NOW,
    )
    .expect("filed");
    take(&mut incident, dispatch(1), NOW).expect("dispatched");
    incident
}

#[test]
fn a_suspension_keeps_the_time_left_and_returns_to_its_state() {
    let mut incident = dispatched();
    take(
        &mut incident,
        Action::StartHandling { order: order(1) },
        NOW,
    )
    .expect("begun");
    let an_hour_in = NOW.plus_ms(HOUR_MS);
    take(&mut incident, Action::Suspend, an_hour_in).expect("suspended");
    assert_eq!(incident.suspended_from, Some(IncidentState::Handling));
    let next_week = NOW.plus_ms(7 * 24 * HOUR_MS);
    assert!(!incident.is_overdue(next_week));
    take(&mut incident, Action::Resume, next_week).expect("resumed");
    assert_eq!(incident.state, IncidentState::Handling);
    let clock = incident.clock.expect("running again");
    assert_eq!(clock.left_ms(next_week, &Calendar::default()), 3 * HOUR_MS);
}

#[test]
fn an_extension_adds_one_original_limit_twice_at_most() {
    let mut incident = dispatched();
    let left = |incident: &Incident| {
        let clock = incident.clock.expect("a clock");
        clock.left_ms(NOW, &Calendar::default()) / HOUR_MS
    };
    assert_eq!(left(&incident), 4);
    for hours in [8, 12] {
        take(&mut incident, Action::Extend, NOW).expect("extended");
        assert_eq!(left(&incident), hours);
    }
    assert_eq!(
        take(&mut incident, Action::Extend, NOW),
        Err(ActionRefused::ExtendedTwice)
    );
    assert_eq!(left(&incident), 12);
}

#[test]
fn only_the_last_order_that_ends_brings_the_matter_back() {
    let mut incident = dispatched();
    let handling_clock = incident.clock;
    take(&mut incident, dispatch(2), NOW.plus_ms(MINUTE_MS)).expect("a second one");
    assert_eq!(incident.clock, handling_clock);
    take(&mut incident, undispatch(1), NOW).expect("refused");
    assert_eq!(incident.state, IncidentState::Dispatched);
    assert_eq!(incident.orders, [order(2)]);
    assert_eq!(incident.clock, handling_clock);
    take(&mut incident, undispatch(2), NOW).expect("refused");
    assert_eq!(incident.state, IncidentState::Filed);
    assert!(incident.orders.is_empty());
    assert_eq!(incident.clock.map(|c| c.limit), Some(minutes(15)));
}

#[test]
fn whoever_is_on_the_way_is_called_back_when_the_matter_ends_or_returns() {
    for action in [Action::Return, Action::ForceClose, Action::Cancel] {
        let mut incident = dispatched();
        take(&mut incident, dispatch(2), NOW).expect("a second one");
        take(&mut incident, action, NOW).expect("ended");
        assert!(incident.orders.is_empty());
    }
    let mut incident = dispatched();
    take(&mut incident, Action::Suspend, NOW).expect("suspended");
    assert_eq!(incident.orders, [order(1)]);
}

#[test]
fn a_return_pauses_the_clock_and_a_new_dispatch_starts_it_anew() {
    let mut incident = dispatched();
    take(&mut incident, Action::Return, NOW.plus_ms(HOUR_MS)).expect("returned");
    assert!(
        incident
            .clock
            .is_some_and(|clock| clock.paused_at.is_some())
    );
    let later = NOW.plus_ms(2 * HOUR_MS);
    take(&mut incident, dispatch(2), later).expect("dispatched");
    let clock = incident.clock.expect("a clock");
    assert_eq!((clock.started_at, clock.paused_at), (later, None));
}

#[test]
fn a_category_outside_of_the_rules_is_not_dispatched() {
    let mut incident = reported();
    take(
        &mut incident,
        Action::File {
            limit: HANDLING,
            condition: None,
        },
        NOW,
    )
    .expect("filed");
    let mut rules = rules();
    rules.categories.clear();
    let refused = decide(&incident, &dispatch(1), None, None, NOW, &rules);
    assert!(matches!(
        refused,
        Err(ActionRefused::UnknownCategory { .. })
    ));
}

#[test]
fn an_entry_that_is_not_the_next_step_changes_nothing() {
    let before = reported();
    let decision = Decision {
        state: IncidentState::Closed,
        clock: None,
    };
    for step in [0, 1, 3, 99] {
        let mut incident = before.clone();
        assert!(!incident.apply(&entry(step, Action::Close, decision, NOW)));
        assert_eq!(incident, before);
    }
    let mut foreign = entry(2, Action::Close, decision, NOW);
    foreign.incident = IncidentId::new(NOW, 2);
    let mut incident = before.clone();
    assert!(!incident.apply(&foreign));
    assert!(Incident::opened(&foreign).is_none());
}

proptest! {
    /// Whatever is tried in whatever order, the incident stays one that makes sense.
    #[test]
    fn random_lives_keep_the_invariants(
        steps in prop::collection::vec((0usize..18, 1u128..4, 0i64..600), 1..60)
    ) {
        let mut incident = reported();
        let mut now = NOW;
        for (index, number, pause) in steps {
            now = now.plus_ms(pause * MINUTE_MS);
            let action = match index {
                4 => dispatch(number),
                5 => undispatch(number),
                7 => handled(number),
                _ => all_actions()[index].clone(),
            };
            let before = incident.clone();
            if take(&mut incident, action, now).is_err() {
                prop_assert_eq!(&incident, &before);
            } else {
                prop_assert_eq!(incident.steps, before.steps + 1);
            }
            let is_open = incident.state.is_open();
            prop_assert_eq!(incident.clock.is_some(), is_open);
            prop_assert_eq!(incident.ended_at.is_none(), is_open);
            prop_assert!(is_open || incident.orders.is_empty());
            prop_assert!(!incident.state.awaits_dispatch() || incident.orders.is_empty());
            prop_assert!(incident.extensions <= MAX_EXTENSIONS);
            let is_suspended = incident.state == IncidentState::Suspended;
            prop_assert!(!is_suspended || incident.suspended_from.is_some());
            if let Some(clock) = incident.clock {
                prop_assert!(clock.deadline >= clock.started_at);
            }
        }
    }
}
