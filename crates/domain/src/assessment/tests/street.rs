//! A street in a test: trails that are legal because every step is decided by the domain.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::assessment::{Assessment, AssessmentRules, By, Figures, Indicator, Period, Table};
use crate::assessment::{Each, recompute};
use crate::clocks::{Limit, LimitUnit, StageClock};
use crate::ids::{DepartmentId, IncidentId, IntentKey, OrderId, PersonId};
use crate::incidents::{Incident, IncidentState, Level, decide, row};
use crate::places::{GridPath, LonLat};
use crate::rules::{CategoryRule, Rules, StageLimits};
use crate::time::{MINUTE_MS, Timestamp};
use crate::trail::{Action, Actor, DispatchDuty, ReportFacts, SourceChannel, TrailEntry};

/// Friday, 20 November 2026, local midnight.
pub const FRIDAY: Timestamp = Timestamp::from_unix_ms(1_795_104_000_000);

/// Friday at `hour:minute`; hours beyond 24 are on the days after.
pub const fn at(hour: i64, minute: i64) -> Timestamp {
    FRIDAY.plus_ms((hour * 60 + minute) * MINUTE_MS)
}

pub fn friday() -> Period {
    Period::holding(FRIDAY, Each::Day)
}

const fn minutes(amount: u32) -> Limit {
    Limit {
        amount,
        unit: LimitUnit::EmergencyMinute,
    }
}

/// Verify 30, file 15, dispatch 15, check 30 minutes that never stop; `E01.10` has 2 emergency
/// hours, `E01.12` 4 working hours.
pub fn rules() -> Rules {
    let category = |code: &str, amount, unit| {
        CategoryRule::new(code.parse().expect("a code"), Limit { amount, unit })
    };
    Rules {
        version: "test.1".to_owned(),
        stage_limits: StageLimits {
            verify: minutes(30),
            file: minutes(15),
            dispatch: minutes(15),
            check: minutes(30),
        },
        categories: vec![
            category("E01.10", 2, LimitUnit::EmergencyHour),
            category("E01.12", 4, LimitUnit::WorkingHour),
            category("C01.02", 30, LimitUnit::EmergencyMinute),
        ],
        ..Rules::default()
    }
}

/// All incidents with their trails, in the order of acceptance.
pub struct Street {
    pub rules: Rules,
    pub trail: Vec<TrailEntry>,
    pub incidents: BTreeMap<IncidentId, Incident>,
}

pub fn order(number: u128) -> OrderId {
    IntentKey(Uuid::from_u128(number))
}

pub fn facts() -> ReportFacts {
    ReportFacts {
        category: "E01.10".parse().expect("a code"),
        channel: SourceChannel::GridPatrol,
        title: String::new(),
        description: String::new(),
        address: String::new(),
        location: LonLat::new(104.1, 30.66),
        grids: GridPath::default(),
        level: Level::Micro,
        level_reason: String::new(),
        level_reason_en: String::new(),
        is_drill: false,
        particulars: crate::particulars::Particulars::default(),
        source_crs: crate::places::Crs::default(),
    }
}

pub fn hotline() -> ReportFacts {
    ReportFacts {
        channel: SourceChannel::Hotline12345,
        ..facts()
    }
}

pub fn file() -> Action {
    Action::File {
        limit: minutes(120),
        condition: None,
    }
}

/// The order with the number goes to the person with the number.
pub fn dispatch(number: u32) -> Action {
    dispatch_for(number, None)
}

pub fn dispatch_for(number: u32, department: Option<&str>) -> Action {
    Action::Dispatch {
        order: order(number.into()),
        to: PersonId(number),
        department: department.map(DepartmentId::from),
        duty: DispatchDuty::Lead,
    }
}

pub fn start(number: u128) -> Action {
    Action::StartHandling {
        order: order(number),
    }
}

pub fn handled(number: u128) -> Action {
    Action::Handled {
        order: order(number),
        result: String::new(),
    }
}

impl Street {
    pub fn new() -> Self {
        Self {
            rules: rules(),
            trail: Vec::new(),
            incidents: BTreeMap::new(),
        }
    }

    /// Opens incident `number`.
    pub fn report(&mut self, number: u32, at: Timestamp, facts: ReportFacts) -> IncidentId {
        let id = IncidentId::new(FRIDAY, number);
        let limit = self.rules.stage_limits.verify;
        let entry = TrailEntry {
            incident: id,
            step: 1,
            by: Actor::Channel(facts.channel),
            action: Action::Report(Box::new(facts)),
            state: IncidentState::Reported,
            reason: None,
            occurred_at: at,
            recorded_at: self.recorded_at(at),
            clock: Some(StageClock::start(limit, at, &self.rules.calendar)),
            rules_version: self.rules.version.clone(),
            from: None,
            mandate: None,
            previous_hash: String::new(),
            hash: String::new(),
        };
        let incident = Incident::opened(&entry).expect("a report");
        self.incidents.insert(id, incident);
        self.trail.push(entry);
        id
    }

    /// Accepted when it happened, or after what was accepted before.
    fn recorded_at(&self, at: Timestamp) -> Timestamp {
        self.trail
            .last()
            .map_or(at, |last| last.recorded_at.max(at))
    }

    /// Decides a step; an illegal one changes nothing.
    pub fn try_act(&mut self, id: IncidentId, at: Timestamp, action: Action) -> bool {
        let recorded_at = self.recorded_at(at);
        let Some(incident) = self.incidents.get_mut(&id) else {
            return false;
        };
        let taker = row(action.kind()).takers[0];
        let decided = decide(incident, &action, taker, Some("理由"), at, &self.rules);
        let Ok(decision) = decided else { return false };
        let entry = TrailEntry {
            incident: id,
            step: incident.steps + 1,
            action,
            state: decision.state,
            by: Actor::Rule,
            reason: Some("理由".to_owned()),
            occurred_at: at,
            recorded_at,
            clock: decision.clock,
            rules_version: self.rules.version.clone(),
            from: None,
            mandate: None,
            previous_hash: String::new(),
            hash: String::new(),
        };
        assert!(incident.apply(&entry), "the next step");
        self.trail.push(entry);
        true
    }

    /// Opens an incident and takes its steps, which must be legal.
    pub fn live(
        &mut self,
        number: u32,
        reported: Timestamp,
        facts: ReportFacts,
        steps: Vec<(Timestamp, Action)>,
    ) -> IncidentId {
        let id = self.report(number, reported, facts);
        for (at, action) in steps {
            let what = format!("{action:?} at {}", at.local_hm());
            assert!(self.try_act(id, at, action), "incident {number}: {what}");
        }
        id
    }

    /// The table by both computations, which must agree.
    pub fn table(&self, rules: &AssessmentRules, period: Period, by: By, now: Timestamp) -> Table {
        let slow = recompute(&self.trail, rules, period, by, now);
        let mut live = Assessment::new(rules.clone(), period, by, period.from);
        for entry in &self.trail {
            assert!(live.apply(entry), "the next step");
        }
        live.advance(now);
        assert_eq!(live.table(), slow);
        slow
    }

    /// The figures of all incidents on Friday, seen at its end.
    pub fn figures(&self, rules: &AssessmentRules) -> Figures {
        self.table(rules, friday(), By::Whole, at(24, 0)).total.all
    }
}

/// Numerator and denominator as `incident/step` numbers without the day, such as `1/4 2/4 | 1/4`:
/// the numerator stands before the bar, the rest of the denominator after it.
pub fn shown(figures: &Figures, indicator: Indicator) -> String {
    let ratio = figures.ratio(indicator);
    assert!(ratio.numerator.is_subset(&ratio.denominator));
    let name = |subject: &crate::assessment::Subject| {
        format!("{}/{}", subject.incident.number(), subject.step)
    };
    let hits: Vec<String> = ratio.numerator.iter().map(name).collect();
    let misses: Vec<String> = ratio
        .denominator
        .difference(&ratio.numerator)
        .map(name)
        .collect();
    format!("{} | {}", hits.join(" "), misses.join(" "))
        .trim()
        .to_owned()
}

/// Compares what is [`shown`] of some indicators.
pub fn check(figures: &Figures, expected: &[(Indicator, &str)]) {
    for (indicator, text) in expected {
        assert_eq!(shown(figures, *indicator), *text, "{indicator:?}");
    }
}
