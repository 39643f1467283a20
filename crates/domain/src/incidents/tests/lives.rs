//! Random lives of thousands of steps: whatever is tried in whatever order, the incident stays
//! one that makes sense, and is what a reading of its raw trail says.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use crate::time::MINUTE_MS;

/// What is tried: which action about which order, by whom, how many minutes after the last one
/// (before it, where a hall was offline), with a reason or without.
pub(super) type Try = (usize, u128, usize, i64, bool);

pub(super) fn tries(most: usize) -> impl Strategy<Value = Vec<Try>> {
    let one = (
        0..ActionKind::ALL.len(),
        1u128..6,
        0..Taker::ALL.len() * 3,
        -60i64..600,
        prop::bool::weighted(0.9),
    );
    prop::collection::vec(one, 1..most)
}

/// Actions of a random life: some of them name departments and duties.
fn action(index: usize, number: u128) -> Action {
    let departments = [None, Some("water"), Some("police")];
    let department = departments[(number % 3) as usize];
    match (ActionKind::ALL[index], number) {
        (ActionKind::Dispatch, 4..) => dispatch_to(number, department, DispatchDuty::Assist),
        (ActionKind::Dispatch, _) => dispatch_to(number, department, DispatchDuty::Lead),
        (ActionKind::Convene, 3) => convene("water", &["police"]),
        (ActionKind::Convene, _) => convene("police", &["water"]),
        (ActionKind::File, 1..=2) => Action::File {
            limit: condition().limit,
            condition: Some("missing".into()),
        },
        (ActionKind::Recategorise, 3..) => Action::Recategorise {
            category: other_category(),
        },
        (ActionKind::SetLevel, _) => Action::SetLevel {
            level: Level::ALL[(number % 4) as usize],
            level_reason: format!("理由 {number}"),
            level_reason_en: format!("reason {number}"),
        },
        (ActionKind::FlagUnreasonable, _) => Action::FlagUnreasonable {
            is_unreasonable: number.is_multiple_of(2),
        },
        // Lives that end at once show little.
        (
            ActionKind::ForceClose
            | ActionKind::Cancel
            | ActionKind::NotAccept
            | ActionKind::MarkDuplicate
            | ActionKind::Close,
            2..,
        ) => note(),
        _ => all_actions(number).swap_remove(index),
    }
}

fn other_category() -> CategoryCode {
    "E01.11".parse().expect("a code")
}

/// The rules with a second category that has the same filing condition.
pub(super) fn rules_of_two_categories() -> Rules {
    let mut rules = rules();
    let first = rules.categories[0].clone();
    rules.categories.push(CategoryRule {
        code: other_category(),
        ..first
    });
    rules
}

fn check_invariants(incident: &Incident) -> Result<(), TestCaseError> {
    let state = incident.state;
    let is_open = state.is_open();
    prop_assert_eq!(incident.clock.is_some(), is_open);
    prop_assert_eq!(incident.ended_at.is_none(), is_open);
    let under_way = incident.orders.len() + incident.assisting.len();
    prop_assert!(under_way == 0 || is_open && !state.awaits_dispatch());
    let with_field = matches!(state, IncidentState::Dispatched | IncidentState::Handling);
    prop_assert!(!with_field || !incident.orders.is_empty());
    prop_assert!(state != IncidentState::Handled || incident.assisting.is_empty());
    prop_assert!(incident.extensions <= MAX_EXTENSIONS);
    prop_assert_eq!(
        incident.suspended_from.is_some(),
        state == IncidentState::Suspended
    );
    prop_assert_eq!(
        incident
            .clock
            .is_some_and(|clock| clock.paused_at.is_some()),
        state == IncidentState::Suspended
    );
    if let Some(clock) = incident.clock {
        prop_assert!(clock.deadline >= clock.started_at);
        prop_assert!(clock.started_at <= incident.course.effective_at);
        prop_assert!(clock.paused_at.is_none_or(|at| at >= clock.started_at));
    }
    let course = &incident.course;
    prop_assert!(
        course
            .waiting_clock
            .is_none_or(|clock| clock.paused_at.is_some())
    );
    prop_assert!(course.waiting_clock.is_none() || is_open);
    if let Some(returned) = &course.returned {
        prop_assert!(is_open);
        prop_assert!(
            state
                .stage()
                .is_none_or(|stage| stage <= returned.until_stage)
        );
        prop_assert!(returned.to_stage < returned.from_stage);
        prop_assert!(returned.from_stage <= returned.until_stage);
    }
    prop_assert!(incident.state_since <= course.effective_at);
    Ok(())
}

/// Lives through the tries; returns the trail and the incident after each of its steps.
pub(super) fn live_through(
    tries: &[Try],
) -> Result<(Vec<TrailEntry>, Vec<Incident>), TestCaseError> {
    let opening = entry(1, report(), decide_report(NOW, &rules()), NOW);
    let mut incident = Incident::opened(&opening).expect("a report");
    let (mut trail, mut states) = (vec![opening], vec![incident.clone()]);
    let rules = rules_of_two_categories();
    let mut now = NOW;
    for (index, number, taker, minutes, has_reason) in tries {
        let at = now.plus_ms(minutes * MINUTE_MS);
        now = now.max(at);
        let action = action(*index, *number);
        // Two tries of three are by somebody who may.
        let takers = row(action.kind()).takers;
        let taker = Taker::ALL
            .get(*taker)
            .copied()
            .unwrap_or(takers[*taker % takers.len()]);
        let before = incident.clone();
        let reason = has_reason.then_some("理由");
        let Ok(decision) = decide(&incident, &action, taker, reason, at, &rules) else {
            continue;
        };
        prop_assert!(is_allowed(taker, action.kind()));
        prop_assert!(has_reason | !needs_reason(action.kind()));
        prop_assert_eq!(next_state(&incident, &action), Some(decision.state));
        let mut entry = entry(incident.steps + 1, action, decision, at);
        entry.by = officer(&format!("officer {number}"));
        prop_assert!(incident.apply(&entry));
        prop_assert_eq!(incident.steps, before.steps + 1);
        prop_assert_eq!(incident.state, decision.state);
        prop_assert_eq!(incident.clock, decision.clock);
        prop_assert!(incident.course.effective_at >= before.course.effective_at);
        prop_assert!(incident.state_since >= before.state_since);
        check_invariants(&incident)?;
        prop_assert!(
            incident
                .ended_at
                .is_none_or(|at| at == incident.state_since)
        );
        trail.push(entry);
        states.push(incident.clone());
    }
    Ok((trail, states))
}

/// Holds an incident against what its raw trail says, read by code of its own.
fn check_against_trail(incident: &Incident, trail: &[TrailEntry]) -> Result<(), TestCaseError> {
    prop_assert_eq!(incident, &oracle::read(trail, incident));
    Ok(())
}

fn replay(trail: &[TrailEntry]) -> Incident {
    let mut incident = Incident::opened(&trail[0]).expect("a report");
    for entry in &trail[1..] {
        assert!(incident.apply(entry));
    }
    incident
}

proptest! {
    #[test]
    fn random_lives_keep_the_invariants_and_are_what_their_trails_say(tries in tries(400)) {
        let (trail, states) = live_through(&tries)?;
        check_against_trail(states.last().expect("the report"), &trail)?;
    }

    #[test]
    fn every_prefix_of_a_trail_gives_the_incident_of_that_time(tries in tries(120)) {
        let (trail, states) = live_through(&tries)?;
        for (steps, state) in (1..).zip(&states) {
            check_against_trail(&replay(&trail[..steps]), &trail[..steps])?;
            prop_assert_eq!(&replay(&trail[..steps]), state);
        }
    }

    #[test]
    fn entries_out_of_order_repeated_or_foreign_change_nothing(
        tries in tries(60),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 20),
    ) {
        let (trail, states) = live_through(&tries)?;
        for pick in &picks {
            let state = &states[pick.index(states.len())];
            for entry in &trail {
                let mut incident = state.clone();
                if entry.step == state.steps + 1 {
                    let mut foreign = entry.clone();
                    foreign.incident = IncidentId(entry.incident.0 + 1);
                    prop_assert!(!incident.apply(&foreign));
                } else {
                    prop_assert!(!incident.apply(entry));
                }
                prop_assert_eq!(&incident, state);
            }
        }
    }
}

#[test]
fn a_life_of_thousands_of_steps_is_what_its_trail_says() {
    let mut runner = TestRunner::deterministic();
    let tries = prop::collection::vec(tries(2), 9_000)
        .new_tree(&mut runner)
        .expect("a life")
        .current()
        .concat();
    // What ends a matter is about order 1 alone.
    let immortal: Vec<Try> = tries
        .into_iter()
        .map(|(index, number, taker, minutes, has_reason)| {
            (index, number.max(2), taker, minutes, has_reason)
        })
        .collect();
    let (trail, states) = live_through(&immortal).expect("a life that makes sense");
    assert!(trail.len() > 2_000, "only {} steps", trail.len());
    let visited: std::collections::BTreeSet<_> = states.iter().map(|i| i.state).collect();
    let open = IncidentState::ALL.into_iter().filter(|s| s.is_open());
    assert!(open.clone().all(|s| visited.contains(&s)), "{visited:?}");
    check_against_trail(states.last().expect("the report"), &trail).expect("the same");
}

#[test]
fn an_entry_that_is_not_the_next_step_changes_nothing() {
    let before = reported();
    let decision = Decision {
        state: IncidentState::Closed,
        clock: None,
    };
    for step in [0, 1, 3, 99, u32::MAX] {
        let mut incident = before.clone();
        assert!(!incident.apply(&entry(step, Action::Close, decision, NOW)));
        assert_eq!(incident, before);
    }
    let mut foreign = entry(2, Action::Close, decision, NOW);
    foreign.incident = IncidentId::new(NOW, 2);
    let mut incident = before.clone();
    assert!(!incident.apply(&foreign));
    assert_eq!(incident, before);
    assert!(Incident::opened(&foreign).is_none());
    assert!(Incident::opened(&entry(2, report(), decision, NOW)).is_none());
    let mut full = before;
    full.steps = u32::MAX;
    assert!(!full.clone().apply(&entry(0, Action::Close, decision, NOW)));
}
