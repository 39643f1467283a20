//! What a mode changes, for whom, and what it leaves alone.

use proptest::prelude::*;

use super::*;
use crate::clocks::LimitUnit::{
    EmergencyDay, EmergencyHour, EmergencyMinute, WorkingDay, WorkingHour,
};
use crate::clocks::{LimitUnit, StageClock};
use crate::drill::DrillMarked;
use crate::rules::{FilingCondition, InterimLimit};
use crate::time::{HOUR_MS, Timestamp};

/// Friday, 20 November 2026, 09:00 local time.
const NOW: Timestamp = Timestamp::from_unix_ms(1_795_136_400_000);

const fn limit(amount: u32, unit: LimitUnit) -> Limit {
    Limit { amount, unit }
}

fn code(text: &str) -> CategoryCode {
    text.parse().expect(text)
}

fn stages(minutes: u32) -> StageLimits {
    let limit = limit(minutes, EmergencyMinute);
    StageLimits {
        verify: limit,
        file: limit,
        dispatch: limit,
        check: limit,
    }
}

fn weights(skill_min: f64) -> RankingWeights {
    RankingWeights {
        skill_min,
        ..RankingWeights::default()
    }
}

fn mode_rule(mode: Mode) -> ModeRule {
    ModeRule {
        mode,
        scopes: vec![
            "E85".parse().expect("a major"),
            "E05.06".parse().expect("a minor"),
        ],
        calls_emergency_duty: true,
        shows_outside_roster: true,
        is_round_the_clock: true,
        stage_limits: Some(stages(5)),
        ranking: Some(weights(9.0)),
        screen: ModeScreen {
            theme: "emergency-red".to_owned(),
            panel: "flood".to_owned(),
        },
    }
}

/// Rubbish is an everyday matter, floods (E85) and one event are named by red mode; blue mode
/// names them as well and changes nothing but the screen.
fn rules() -> Rules {
    let mut flood = CategoryRule::new(code("E85.01"), limit(4, WorkingHour));
    flood.conditions = vec![
        FilingCondition {
            code: "puddle".into(),
            text: "积水".to_owned(),
            limit: limit(4, WorkingHour),
            interim: Vec::new(),
        },
        FilingCondition {
            code: "subsided".into(),
            text: "退水".to_owned(),
            limit: limit(2, WorkingDay),
            interim: vec![InterimLimit {
                text: "巡查".to_owned(),
                limit: limit(4, WorkingHour),
            }],
        },
    ];
    Rules {
        version: "test-1".to_owned(),
        stage_limits: stages(30),
        ranking: weights(3.0),
        categories: vec![
            CategoryRule::new(code("E01.10"), limit(4, WorkingHour)),
            CategoryRule::new(code("E05.06"), limit(2, EmergencyHour)),
            flood,
        ],
        modes: vec![
            ModeRule {
                calls_emergency_duty: false,
                shows_outside_roster: false,
                is_round_the_clock: false,
                stage_limits: None,
                ranking: None,
                ..mode_rule(Mode::EmergencyBlue)
            },
            mode_rule(Mode::EmergencyRed),
        ],
        ..Rules::default()
    }
}

#[test]
fn levels_are_those_of_the_colours() {
    let levels = Mode::ALL.map(Mode::emergency_level);
    assert_eq!(levels, [None, Some(4), Some(3), Some(2), Some(1)]);
    assert!(Mode::ALL.is_sorted());
    assert_eq!(Mode::default(), Mode::Normal);
}

#[test]
fn scopes_are_a_major_or_a_minor() {
    let covers = |scope: &str, category: &str| {
        let scope: CategoryScope = scope.parse().expect(scope);
        scope.covers(code(category))
    };
    assert!(covers("E85", "E85.01") && covers("E85", "E85.99"));
    assert!(!covers("E85", "E84.01") && !covers("E85", "C85.01"));
    assert!(covers("E85.02", "E85.02") && !covers("E85.02", "E85.01"));
    assert!(!covers("E85.02", "E84.02"));
    for bad in ["", "E", "E8", "85", "E85.", "E85.02.01", "E00", "flood"] {
        let said = bad.parse::<CategoryScope>().map_err(|e| e.to_string());
        let said = said.expect_err(bad);
        assert!(said.contains("E85.02") && said.contains(bad), "{said}");
    }
}

#[test]
fn the_named_matters_follow_the_mode() {
    let rules = rules();
    let red = rules_in_mode(&rules, Mode::EmergencyRed);
    for category in ["E85.01", "E05.06"] {
        let matter = red.for_matter(code(category), false);
        assert!(matter.is_emergency());
        assert_eq!(matter.stage_limits(), stages(5));
        assert_eq!(matter.ranking(), weights(9.0));
    }
    let flood = red.for_matter(code("E85.01"), false);
    assert_eq!(flood.handling_limit(None), Some(limit(4, EmergencyHour)));
    let subsided = Some("subsided".into());
    assert_eq!(
        flood.handling_limit(subsided.as_ref()),
        Some(limit(2, EmergencyDay))
    );
    assert_eq!(flood.handling_limit(Some(&"unknown".into())), None);
    assert_eq!(flood.category(), rules.category(code("E85.01")));
    assert_eq!(
        red.for_matter(code("E85.09"), false).handling_limit(None),
        None
    );
    // Emergency minutes, hours and days never stopped.
    for unit in [EmergencyMinute, EmergencyHour, EmergencyDay] {
        assert_eq!(limit(3, unit).round_the_clock(), limit(3, unit));
    }
    assert_eq!(red.duty_mode(false), Mode::EmergencyRed);
    assert_eq!(red.position_mode(), Mode::EmergencyRed);
    assert_eq!(red.screen().map(|s| s.panel.as_str()), Some("flood"));
}

#[test]
fn a_rule_that_says_nothing_changes_nothing_but_the_screen() {
    let rules = rules();
    let blue = rules_in_mode(&rules, Mode::EmergencyBlue);
    let flood = blue.for_matter(code("E85.01"), false);
    assert!(flood.is_emergency());
    assert_eq!(flood.stage_limits(), stages(30));
    assert_eq!(flood.ranking(), weights(3.0));
    assert_eq!(flood.handling_limit(None), Some(limit(4, WorkingHour)));
    assert_eq!(blue.duty_mode(true), Mode::Normal);
    assert_eq!(blue.position_mode(), Mode::Normal);
    assert!(blue.screen().is_some());
    // Nor does a mode that has no rule.
    let yellow = rules_in_mode(&rules, Mode::EmergencyYellow);
    assert!(!yellow.for_matter(code("E85.01"), false).is_emergency());
    assert_eq!(yellow.duty_mode(false), Mode::Normal);
    assert_eq!(yellow.screen(), None);
}

#[test]
fn an_exercise_holds_for_drill_matters_alone() {
    let rules = rules();
    let exercise = ModeSession {
        mode: Mode::EmergencyRed,
        is_drill: true,
    };
    assert!(exercise.is_drill() && !ModeSession::from(Mode::EmergencyRed).is_drill());
    let view = rules_in_mode(&rules, exercise);
    assert!(!view.for_matter(code("E85.01"), false).is_emergency());
    assert!(view.for_matter(code("E85.01"), true).is_emergency());
    assert!(!view.for_matter(code("E01.10"), true).is_emergency());
    assert_eq!(view.duty_mode(true), Mode::EmergencyRed);
    assert_eq!(view.duty_mode(false), Mode::Normal);
    assert_eq!(view.position_mode(), Mode::Normal);
    // In a true emergency a drill's matter is treated like one.
    let live = rules_in_mode(&rules, Mode::EmergencyRed);
    assert!(live.for_matter(code("E85.01"), true).is_emergency());
}

/// Deadlines of the four stages of a matter, of which each starts so long after the one before
/// and under the session beside it.
fn deadlines(rules: &Rules, category: &str, course: &[(ModeSession, i64)]) -> Vec<Timestamp> {
    let mut at = NOW;
    let mut start = |stage: usize, (session, ms): &(ModeSession, i64)| {
        at = at.plus_ms(*ms);
        let matter = rules_in_mode(rules, *session).for_matter(code(category), false);
        let stages = matter.stage_limits();
        let handling = matter.handling_limit(None).expect("a limit");
        let limit = [stages.verify, stages.file, stages.dispatch, handling][stage];
        StageClock::start(limit, at, &rules.calendar).deadline
    };
    course
        .iter()
        .enumerate()
        .map(|(stage, leg)| start(stage, leg))
        .collect()
}

#[test]
fn the_effective_rules_say_what_the_view_says() {
    let rules = rules();
    let red = rules_in_mode(&rules, Mode::EmergencyRed);
    let flood = red.for_matter(code("E85.01"), false);
    let effective = flood.effective();
    assert_eq!(effective.stage_limits, flood.stage_limits());
    assert_eq!(effective.ranking, flood.ranking());
    assert_eq!(effective.version, rules.version);
    let own = effective.category(code("E85.01")).expect("a category");
    for condition in [None, Some("puddle".into()), Some("subsided".into())] {
        let limit = own.limit_under(condition.as_ref());
        assert_eq!(limit, flood.handling_limit(condition.as_ref()));
    }
    let inspect = own.conditions[1].interim[0].limit;
    assert_eq!(inspect, limit(4, EmergencyHour));
    assert_eq!(
        effective.category(code("E01.10")),
        rules.category(code("E01.10"))
    );
    // Where nothing changes, nothing is copied.
    let rubbish = red.for_matter(code("E01.10"), false);
    assert!(
        matches!(rubbish.effective(), Cow::Borrowed(same) if std::ptr::eq(same, &raw const rules))
    );
}

#[test]
fn an_incident_is_seen_by_its_category_and_its_mark() {
    let rules = rules();
    let exercise = ModeSession {
        mode: Mode::EmergencyRed,
        is_drill: true,
    };
    for is_drill in [false, true] {
        let incident = crate::drill::tests::incident(1, is_drill);
        let view = rules_in_mode(&rules, exercise).for_incident(&incident);
        assert_eq!(view.is_emergency(), is_drill);
    }
}

fn any_session() -> impl Strategy<Value = ModeSession> {
    (prop::sample::select(Mode::ALL.to_vec()), any::<bool>())
        .prop_map(|(mode, is_drill)| ModeSession { mode, is_drill })
}

proptest! {
    #[test]
    fn everyday_matters_notice_no_mode(session in any_session(), is_drill in any::<bool>()) {
        let rules = rules();
        let rubbish = code("E01.10");
        let everyday = rules_in_mode(&rules, Mode::Normal).for_matter(rubbish, false);
        prop_assert_eq!(rules_in_mode(&rules, session).for_matter(rubbish, is_drill), everyday);
        prop_assert_eq!(everyday.handling_limit(None), Some(limit(4, WorkingHour)));
        prop_assert_eq!(everyday.stage_limits(), rules.stage_limits);
    }

    #[test]
    fn everyday_deadlines_are_the_same_under_every_course_of_modes(
        course in prop::collection::vec((any_session(), 0..48 * HOUR_MS), 4),
        category in prop::sample::select(vec!["E01.10", "E85.01"]),
    ) {
        let rules = rules();
        let switched = deadlines(&rules, category, &course);
        let normal = course.iter().map(|(_, ms)| (Mode::Normal.into(), *ms));
        let undisturbed = deadlines(&rules, category, &normal.collect::<Vec<_>>());
        if category == "E01.10" {
            prop_assert_eq!(switched, undisturbed);
        } else {
            // Each clock of a named matter is decided by the mode in which it started alone.
            for ((session, _), (own, everyday)) in course.iter().zip(switched.iter().zip(undisturbed)) {
                let is_quicker = session.mode == Mode::EmergencyRed && !session.is_drill;
                prop_assert_eq!(*own < everyday, is_quicker);
                prop_assert!(*own <= everyday);
            }
        }
    }

    #[test]
    fn switching_there_and_back_changes_nothing(
        sessions in prop::collection::vec(any_session(), 0..12),
        category in prop::sample::select(vec!["E01.10", "E85.01", "E05.06"]),
        is_drill in any::<bool>(),
    ) {
        let rules = rules();
        let untouched = rules.clone();
        let before = rules_in_mode(&rules, Mode::Normal);
        let matter = before.for_matter(code(category), is_drill);
        for session in sessions {
            let view = rules_in_mode(&rules, session);
            prop_assert_eq!(view.for_matter(code(category), is_drill).category(), matter.category());
        }
        let after = rules_in_mode(&rules, Mode::Normal);
        prop_assert_eq!(after, before);
        prop_assert_eq!(after.for_matter(code(category), is_drill), matter);
        prop_assert!(!matter.is_emergency() && after.screen().is_none());
        prop_assert_eq!((after.duty_mode(is_drill), after.position_mode()), (Mode::Normal, Mode::Normal));
        prop_assert_eq!(&rules, &untouched);
    }
}
