//! Interim limits along a life: they run, stand still and start anew with the handling clock.

use proptest::prelude::*;

use super::lives::{Try, live_through, rules_of_two_categories, tries};
use super::*;
use crate::rules::InterimLimit;
use crate::time::DAY_MS;

fn interim(text: &str, limit: Limit) -> InterimLimit {
    InterimLimit {
        text: text.to_owned(),
        limit,
    }
}

/// An illegal building: stopped within 2 emergency days, demolished within 15 working days.
fn building() -> FilingCondition {
    let limit = |amount, unit| Limit { amount, unit };
    FilingCondition {
        code: "illegal_building".into(),
        text: "违法建设".to_owned(),
        limit: limit(15, LimitUnit::WorkingDay),
        interim: vec![interim("责令停工", limit(2, LimitUnit::EmergencyDay))],
    }
}

fn rules_with(condition: &FilingCondition) -> Rules {
    let mut rules = rules_of_two_categories();
    for category in &mut rules.categories {
        category.conditions = vec![condition.clone()];
    }
    rules
}

/// An hour of a day, counted from Friday, 20 November 2026.
fn at(day: i64, hour: i64) -> Timestamp {
    NOW.plus_ms(day * DAY_MS + (hour - 9) * HOUR_MS)
}

struct Life {
    trail: Vec<TrailEntry>,
    incident: Incident,
    rules: Rules,
}

impl Life {
    fn of_a_building() -> Self {
        let rules = rules_with(&building());
        let opening = entry(1, report(), decide_report(NOW, &rules), NOW);
        Self {
            incident: Incident::opened(&opening).expect("a report"),
            trail: vec![opening],
            rules,
        }
    }

    /// Takes one more step and returns when the building has to be stopped, and since when that
    /// clock stands still.
    fn step(&mut self, action: Action, at: Timestamp) -> Option<(Timestamp, Option<Timestamp>)> {
        let taker = row(action.kind()).takers[0];
        let decision = decide(
            &self.incident,
            &action,
            taker,
            Some("理由"),
            at,
            &self.rules,
        );
        let entry = entry(
            self.incident.steps + 1,
            action,
            decision.expect("legal"),
            at,
        );
        assert!(self.incident.apply(&entry));
        self.trail.push(entry);
        let clocks = interim_clocks_of(&self.trail, &self.rules);
        assert!(clocks.iter().all(|(text, _)| text == "责令停工"));
        assert!(clocks.len() < 2);
        clocks
            .first()
            .map(|(_, clock)| (clock.deadline, clock.paused_at))
    }
}

#[test]
fn a_building_is_stopped_within_two_days_less_suspensions_and_returns() {
    let mut life = Life::of_a_building();
    let filed = Action::File {
        limit: building().limit,
        condition: Some("illegal_building".into()),
    };
    let sent = |order, department| dispatch_to(order, Some(department), DispatchDuty::Lead);
    assert_eq!(life.step(Action::Verify, at(0, 9)), None);
    assert_eq!(life.step(filed, at(0, 9)), None, "nobody handles it yet");
    let running = |day, hour| Some((at(day, hour), None));
    let standing = |day, hour, since| Some((at(day, hour), Some(since)));
    assert_eq!(life.step(sent(1, "water"), at(0, 10)), running(2, 10));
    assert_eq!(life.step(start(1), at(0, 11)), running(2, 10));
    // A suspension of a day.
    assert_eq!(
        life.step(Action::Suspend, at(0, 14)),
        standing(2, 10, at(0, 14))
    );
    assert_eq!(life.step(note(), at(1, 2)), standing(2, 10, at(0, 14)));
    assert_eq!(life.step(Action::Resume, at(1, 14)), running(3, 10));
    assert_eq!(
        life.step(Action::Extend, at(1, 15)),
        running(3, 10),
        "the handling alone"
    );
    // A return of twelve hours; the same department goes on.
    assert_eq!(
        life.step(Action::Return, at(1, 20)),
        standing(3, 10, at(1, 20))
    );
    assert_eq!(life.step(sent(2, "water"), at(2, 8)), running(3, 22));
    // Another department starts anew.
    assert_eq!(
        life.step(Action::Return, at(2, 9)),
        standing(3, 22, at(2, 9))
    );
    assert_eq!(life.step(sent(3, "police"), at(3, 9)), running(5, 9));
    // An order taken back for half a day.
    assert_eq!(life.step(undispatch(3), at(4, 9)), standing(5, 9, at(4, 9)));
    assert_eq!(life.step(sent(4, "police"), at(4, 21)), running(5, 21));
    // Done in time; a failed check starts anew.
    assert_eq!(life.step(handled(4), at(5, 20)), standing(5, 21, at(5, 20)));
    assert_eq!(
        life.step(Action::Rework, at(6, 8)),
        standing(5, 21, at(5, 20))
    );
    assert_eq!(life.step(sent(5, "police"), at(6, 9)), running(8, 9));
}

#[test]
fn without_interim_limits_or_a_trail_there_are_no_clocks() {
    let mut life = Life::of_a_building();
    for action in [Action::Verify, file(), dispatch(1)] {
        life.step(action, at(0, 10));
    }
    let clocks = |trail: &[TrailEntry], rules: &Rules| interim_clocks_of(trail, rules).len();
    assert_eq!(clocks(&life.trail, &life.rules), 1);
    assert_eq!(clocks(&life.trail, &rules()), 0, "a condition without any");
    assert_eq!(
        clocks(&life.trail, &Rules::default()),
        0,
        "an unknown category"
    );
    assert_eq!(clocks(&[], &life.rules), 0);
    assert_eq!(clocks(&life.trail[1..], &life.rules), 0, "no report");
    life.trail.remove(1);
    assert_eq!(clocks(&life.trail, &life.rules), 0, "a step is missing");
}

proptest! {
    #[test]
    fn an_interim_limit_as_long_as_the_handling_limit_has_the_handling_clock(tries in tries(300)) {
        // An extension moves the handling limit alone.
        let is_kept = |one: &Try| ActionKind::ALL[one.0] != ActionKind::Extend;
        let tries: Vec<Try> = tries.into_iter().filter(is_kept).collect();
        let (trail, states) = live_through(&tries)?;
        let limits = [HANDLING, condition().limit];
        let both = FilingCondition {
            interim: limits.map(|limit| interim("一半", limit)).to_vec(),
            ..condition()
        };
        let rules = rules_with(&both);
        for (steps, state) in (1..).zip(&states) {
            let stands = state.suspended_from.unwrap_or(state.state);
            if stands.stage() != Some(Stage::Handle) {
                continue;
            }
            let clocks = interim_clocks_of(&trail[..steps], &rules);
            prop_assert_eq!(clocks.len(), 2);
            let same = clocks.iter().find(|(_, clock)| Some(clock.limit) == state.course.limit);
            prop_assert_eq!(same.map(|(_, clock)| *clock), state.clock);
        }
    }
}
