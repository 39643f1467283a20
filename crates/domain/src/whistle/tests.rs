//! What a whistle needs, how it runs, and what it is worth.

mod assessment;
mod course;
mod eligibility;
mod random;
mod recount;
mod score;

use uuid::Uuid;

use super::*;
use crate::ids::{IntentKey, OrderId, PersonId};
use crate::incidents::{Incident, IncidentState};
use crate::places::{GridPath, LonLat};
use crate::rules::Rules;
use crate::time::{HOUR_MS, MINUTE_MS};
use crate::trail::{Action, Actor, CallBack, DispatchDuty, ReportFacts, SourceChannel, TrailEntry};

/// Friday, 20 November 2026, 09:00 local time.
const NINE: Timestamp = Timestamp::from_unix_ms(1_795_136_400_000);

const fn limit(amount: u32, unit: LimitUnit) -> Limit {
    Limit { amount, unit }
}

const PUSH: WhistlePush = WhistlePush {
    at: NINE,
    response: limit(2, LimitUnit::EmergencyHour),
    handling: limit(1, LimitUnit::WorkingDay),
};

/// So many minutes after nine.
const fn after(minutes: i64) -> Timestamp {
    NINE.plus_ms(minutes * MINUTE_MS)
}

fn dept(name: &str) -> DepartmentId {
    DepartmentId::from(name)
}

fn depts(names: &[&str]) -> Vec<DepartmentId> {
    names.iter().copied().map(dept).collect()
}

fn order(number: u128) -> OrderId {
    IntentKey(Uuid::from_u128(number))
}

fn rules() -> Rules {
    Rules {
        version: "test.1".to_owned(),
        whistle: WhistleRules {
            levels: vec![Level::Large],
            levels_with_override: vec![Level::Medium],
            categories: vec!["E01.01".parse().expect("a code")],
            departments: depts(&["fire", "gas", "water"]),
            points: PointBounds {
                most_at_once: 5,
                most_added: 10,
                most_taken: 20,
            },
            admonition: AdmonitionRules {
                score_below: 60,
                whistles_at_least: 3,
                unanswered_from: 2,
                within: limit(5, LimitUnit::WorkingDay),
                led_by: OfficerRole::StreetLeader,
            },
            ..WhistleRules::default()
        },
        ..Rules::default()
    }
}

fn facts(level: Level) -> ReportFacts {
    ReportFacts {
        category: "E01.10".parse().expect("a code"),
        channel: SourceChannel::GridPatrol,
        title: String::new(),
        description: String::new(),
        address: String::new(),
        location: LonLat::new(104.1, 30.66),
        grids: GridPath::default(),
        level,
        level_reason: String::new(),
        level_reason_en: String::new(),
        particulars: crate::particulars::Particulars::default(),
        is_drill: false,
        source_crs: crate::places::Crs::default(),
    }
}

/// A matter whose trail grows by one entry after the other.
struct Matter {
    number: u32,
    state: IncidentState,
    whistles: MatterWhistles,
    trail: Vec<TrailEntry>,
    /// Who takes the next step.
    by: Actor,
}

impl Matter {
    /// Reported at nine, with nothing done yet.
    fn reported(number: u32) -> Self {
        let mut matter = Self {
            number,
            state: IncidentState::Reported,
            whistles: MatterWhistles::default(),
            trail: Vec::new(),
            by: Actor::Rule,
        };
        let report = Action::Report(Box::new(facts(Level::Large)));
        matter.take(0, report).expect("a report");
        matter
    }

    /// The street has sent somebody, who has begun.
    fn tried(number: u32) -> Self {
        let mut matter = Self::reported(number);
        matter.take(0, dispatch(1, None)).expect("sent");
        let begin = Action::StartHandling { order: order(1) };
        matter.take(0, begin).expect("begun");
        matter
    }

    /// Whistled at nine to these departments.
    fn whistled(number: u32, departments: &[&str]) -> Self {
        let mut matter = Self::tried(number);
        matter.take(0, whistle(1, departments)).expect("whistled");
        matter
    }

    fn take(&mut self, minutes: i64, action: Action) -> Result<(), WhistleRefused> {
        self.take_because(minutes, action, None)
    }

    fn take_because(
        &mut self,
        minutes: i64,
        action: Action,
        reason: Option<&str>,
    ) -> Result<(), WhistleRefused> {
        match action {
            Action::Close => self.state = IncidentState::Closed,
            Action::Cancel => self.state = IncidentState::Cancelled,
            _ => {}
        }
        let by = self.by.clone();
        let entry = TrailEntry {
            incident: IncidentId::new(NINE, self.number),
            step: self.whistles.steps + 1,
            action,
            state: self.state,
            by,
            reason: reason.map(str::to_owned),
            occurred_at: after(minutes),
            recorded_at: after(minutes),
            clock: None,
            rules_version: "test.1".to_owned(),
            from: None,
            mandate: None,
            previous_hash: String::new(),
            hash: String::new(),
        };
        let outcome = self.whistles.apply(&entry);
        self.trail.push(entry);
        outcome
    }

    /// Signs in and reports done after so many minutes each, where given.
    fn answers(mut self, who: &str, signed_in: Option<i64>, handled: Option<i64>) -> Self {
        if let Some(minutes) = signed_in {
            self.take(minutes, sign_in(1, who)).expect("signed in");
        }
        if let Some(minutes) = handled {
            self.take(minutes, done(1, who)).expect("done");
        }
        self
    }

    fn progress(&self, who: &str) -> &Progress {
        &self.whistles.whistles[&1].departments[&dept(who)]
    }

    fn incident(&self, level: Level) -> Incident {
        let mut incident = Incident::opened(&self.trail[0]).expect("a report");
        incident.level = level;
        incident
    }
}

fn dispatch(number: u128, department: Option<&str>) -> Action {
    Action::Dispatch {
        order: order(number),
        to: PersonId(1),
        department: department.map(dept),
        duty: DispatchDuty::Lead,
    }
}

fn whistle(number: u16, departments: &[&str]) -> Action {
    Action::Whistle {
        whistle: number,
        departments: depts(departments),
        deliberation: "街道无执法权".to_owned(),
        push: Some(PUSH),
    }
}

fn sign_in(whistle: u16, who: &str) -> Action {
    Action::SignIn {
        whistle,
        department: dept(who),
    }
}

fn done(whistle: u16, who: &str) -> Action {
    Action::WhistleHandled {
        whistle,
        department: dept(who),
        result: "已关阀".to_owned(),
    }
}

fn rate(whistle: u16, who: &str, rating: u8) -> Action {
    Action::RateDepartment {
        whistle,
        department: dept(who),
        rating,
    }
}

fn points(whistle: u16, who: &str, points: i16) -> Action {
    Action::AdjustPoints {
        whistle,
        department: dept(who),
        points,
    }
}

fn call_back(is_reached: bool, is_satisfied: bool) -> Action {
    Action::CallBack(CallBack {
        is_reached,
        is_resolved: true,
        is_satisfied,
    })
}

/// A book over whole trails.
fn book(matters: &[Matter]) -> WhistleBook {
    let mut book = WhistleBook::default();
    for entry in matters.iter().flat_map(|matter| &matter.trail) {
        book.apply(entry).ok();
    }
    book
}
