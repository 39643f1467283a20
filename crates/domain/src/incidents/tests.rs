//! The published transition table, cell by cell, and what decisions do to clocks and orders.

use uuid::Uuid;

use super::*;
use crate::clocks::{Calendar, Limit, LimitUnit};
use crate::ids::{IntentKey, PersonId};
use crate::people::Post;
use crate::rules::{CategoryRule, FilingCondition, RankingWeights, Rules, StageLimits};
use crate::time::HOUR_MS;
use crate::trail::{ActionKind, Actor, CallBack, EscalatedTo, OfficerRole, Taker};

mod conflicting;
mod duties;
mod guarded;
mod interim;
mod lives;
mod oracle;
mod returns;
mod stages;
mod transitions;

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

/// 2 emergency hours where something is missing.
fn condition() -> FilingCondition {
    FilingCondition {
        code: "missing".into(),
        text: "缺失".to_owned(),
        limit: Limit {
            amount: 2,
            unit: LimitUnit::EmergencyHour,
        },
        interim: Vec::new(),
    }
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
            conditions: vec![condition()],
            ..CategoryRule::new(category(), HANDLING)
        }],
        ..Rules::default()
    }
}

fn order(number: u128) -> OrderId {
    IntentKey(Uuid::from_u128(number))
}

fn officer(name: &str) -> Actor {
    Actor::Officer(name.into())
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
        from: None,
        mandate: None,
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
        level_reason_en: String::new(),
        particulars: Particulars::default(),
        is_drill: false,
        source_crs: crate::places::Crs::default(),
    }))
}

fn reported() -> Incident {
    Incident::opened(&entry(1, report(), decide_report(NOW, &rules()), NOW)).expect("a report")
}

/// Decides and folds, as the backend does, in the name of the first who may take the action.
fn take(incident: &mut Incident, action: Action, at: Timestamp) -> Result<(), ActionRefused> {
    take_by(incident, action, &Actor::Rule, at)
}

/// The same with an actor on the record.
fn take_by(
    incident: &mut Incident,
    action: Action,
    by: &Actor,
    at: Timestamp,
) -> Result<(), ActionRefused> {
    let taker = row(action.kind()).takers[0];
    let decision = decide(incident, &action, taker, Some("理由"), at, &rules())?;
    let mut entry = entry(incident.steps + 1, action, decision, at);
    entry.by = by.clone();
    assert!(incident.apply(&entry), "the entry is the next step");
    assert_eq!(
        (incident.state, incident.clock),
        (decision.state, decision.clock)
    );
    Ok(())
}

/// Takes one action after the other, each a minute after the one before.
fn live(incident: &mut Incident, actions: impl IntoIterator<Item = Action>) {
    for action in actions {
        let at = incident.course.effective_at.plus_ms(60_000);
        let kind = action.kind();
        take(incident, action, at).unwrap_or_else(|why| panic!("{kind}: {why}"));
    }
}

fn dispatch(number: u128) -> Action {
    dispatch_to(number, None, DispatchDuty::Lead)
}

fn dispatch_to(number: u128, department: Option<&str>, duty: DispatchDuty) -> Action {
    Action::Dispatch {
        order: order(number),
        to: PersonId(1),
        department: department.map(DepartmentId::from),
        duty,
    }
}

fn handled(number: u128) -> Action {
    Action::Handled {
        order: order(number),
        result: String::new(),
    }
}

fn assisted(number: u128) -> Action {
    Action::Assisted {
        order: order(number),
        result: String::new(),
    }
}

fn undispatch(number: u128) -> Action {
    Action::Undispatch {
        order: order(number),
    }
}

fn start(number: u128) -> Action {
    Action::StartHandling {
        order: order(number),
    }
}

fn file() -> Action {
    Action::File {
        limit: HANDLING,
        condition: None,
    }
}

fn note() -> Action {
    Action::Note {
        text: "备注".to_owned(),
    }
}

fn reply() -> Action {
    Action::ReplyToSupervision {
        text: "已在办".to_owned(),
    }
}

fn convene(lead: &str, assistants: &[&str]) -> Action {
    Action::Convene {
        lead: lead.into(),
        assistants: assistants.iter().map(|name| (*name).into()).collect(),
    }
}

fn dispatched() -> Incident {
    let mut incident = reported();
    live(&mut incident, [Action::Verify, file(), dispatch(1)]);
    incident
}

/// One sound action of each kind, about the order of that number, in the order of the kinds.
fn all_actions(number: u128) -> Vec<Action> {
    let mut actions = vec![
        report(),
        Action::Verify,
        file(),
        Action::NotAccept,
        dispatch(number),
        undispatch(number),
        start(number),
        handled(number),
        Action::Return,
        Action::Suspend,
        Action::Resume,
        Action::Extend,
        Action::Rework,
        Action::Close,
        Action::ForceClose,
        Action::Cancel,
        Action::Supervise,
        note(),
        Action::Recategorise {
            category: category(),
        },
        Action::SetLevel {
            level: Level::Medium,
            level_reason: "涉及三个部门".to_owned(),
            level_reason_en: String::new(),
        },
        convene("urban_management", &["water"]),
        assisted(number),
        reply(),
        Action::ContactCaller,
    ];
    actions.extend(actions_around(number));
    actions
}

/// The actions around the handling itself.
fn actions_around(number: u128) -> Vec<Action> {
    let department = || DepartmentId::from("urban_management");
    vec![
        Action::CallBack(CallBack {
            is_reached: true,
            is_resolved: true,
            is_satisfied: false,
        }),
        Action::FlagUnreasonable {
            is_unreasonable: true,
        },
        Action::MarkDuplicate {
            of: IncidentId::new(NOW, 2),
        },
        Action::JudgeDispatch {
            order: order(number),
            is_right: false,
        },
        Action::Escalate {
            order: order(number),
            step: 1,
            to: EscalatedTo::ShiftLeader,
        },
        Action::Whistle {
            whistle: 1,
            push: None,
            departments: vec![department()],
            deliberation: "街道已处置两次".to_owned(),
        },
        Action::SignIn {
            whistle: 1,
            department: department(),
        },
        Action::WhistleHandled {
            whistle: 1,
            department: department(),
            result: String::new(),
        },
        Action::RateDepartment {
            whistle: 1,
            department: department(),
            rating: 90,
        },
        Action::AdjustPoints {
            whistle: 1,
            department: department(),
            points: -2,
        },
    ]
}
