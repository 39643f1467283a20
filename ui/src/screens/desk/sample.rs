//! A small situation for the tests of the desk: one incident of each kind that the desk treats
//! differently.

use domain::clocks::{Limit, LimitUnit, StageClock};
use domain::dispatch::Candidate;
use domain::incidents::IncidentState;
use domain::orders::OrderStamp;
use domain::people::{Person, Post, Shift, Skill, TravelMode};
use domain::places::{GridPath, Street};
use domain::roads::RoadNetwork;
use domain::roster::{Duty, DutyPlan, OnDutyBy};
use domain::rules::{CategoryRule, RankingWeights, Rules, StageLimits};
use domain::trail::{Action, Actor, DispatchDuty, Officer, OfficerRole, SourceChannel, TrailEntry};
use domain::{
    Incident, IncidentId, Intent, IntentKey, Level, LonLat, Order, OrderId, OrderState, PersonId,
    Proposal, Situation, Timestamp,
};
use protocol::Reference;
use protocol::feed::OutboxItem;

/// Friday, 20 November 2026, 12:00 local time.
pub const NOON: Timestamp = Timestamp::from_unix_ms(1_795_147_200_000);

const HOUR_MS: i64 = 3_600_000;

pub fn incident_id(number: u32) -> IncidentId {
    IncidentId::new(NOON, number)
}

pub fn key(number: u8) -> IntentKey {
    format!("00000000-0000-7000-8000-0000000000{number:02}")
        .parse()
        .expect("a UUID")
}

const fn hours(amount: u32) -> Limit {
    Limit {
        amount,
        unit: LimitUnit::EmergencyHour,
    }
}

pub fn rules() -> Rules {
    let category = |code: &str, major: &str, name: &str, level, limit| CategoryRule {
        major_name: major.to_owned(),
        name: name.to_owned(),
        level,
        posts: vec![Post::Maintenance, Post::GridMember],
        skills: vec![Skill::RoadRepair],
        ..CategoryRule::new(code.parse().expect("a category"), limit)
    };
    let minutes = |amount| Limit {
        amount,
        unit: LimitUnit::EmergencyMinute,
    };
    Rules {
        version: "test-1".to_owned(),
        calendar: domain::clocks::Calendar::default(),
        stage_limits: StageLimits {
            verify: minutes(30),
            file: minutes(15),
            dispatch: minutes(15),
            check: minutes(30),
        },
        yellow_share: 0.25,
        ranking: RankingWeights {
            lead_post_min: 3.0,
            skill_min: 4.0,
            open_order_min: 6.0,
            home_grid_min: 2.0,
            stale_position_min: 5.0,
        },
        categories: vec![
            category("C01.02", "公用设施", "污水井盖", Level::Small, hours(2)),
            category("E05.05", "突发事件", "路面塌陷", Level::Large, hours(2)),
            category("E01.10", "市容环境", "暴露垃圾", Level::Micro, hours(4)),
        ],
        ..Rules::default()
    }
}

/// Number 1 is reported, 2 filed and grave, 3 overdue, 4 has somebody on the way, 5 waits for the
/// check, 6 was closed this morning, 7 the day before.
pub fn incident(number: u32) -> Incident {
    use IncidentState as S;
    let (state, category, title, level) = match number {
        2 => (S::Filed, "E05.05", "建设路路面塌陷", Level::Large),
        3 => (S::Handling, "E01.10", "小区门口垃圾堆积", Level::Micro),
        4 => (S::Dispatched, "E01.10", "暴露垃圾", Level::Medium),
        5 => (S::Handled, "E01.10", "餐厨垃圾遗撒", Level::Micro),
        6 | 7 => (S::Closed, "C01.02", "井盖松动", Level::Small),
        _ => (S::Reported, "C01.02", "井盖缺失", Level::Small),
    };
    let reported_at = NOON.plus_ms(-i64::from(number) * HOUR_MS / 2);
    let ended_at = match number {
        6 => Some(NOON.plus_ms(-HOUR_MS)),
        7 => Some(NOON.plus_ms(-26 * HOUR_MS)),
        _ => None,
    };
    let calendar = domain::clocks::Calendar::default();
    let limit = if number == 3 { hours(1) } else { hours(4) };
    Incident {
        id: incident_id(number),
        steps: 1,
        state,
        fold_version: domain::incidents::FOLD_VERSION,
        suspended_from: None,
        category: category.parse().expect("a category"),
        channel: SourceChannel::Hotline12345,
        title: title.to_owned(),
        description: "市民来电反映。".to_owned(),
        address: "锦水路 18 号".to_owned(),
        location: LonLat::new(104.10, 30.66),
        grids: GridPath::default(),
        level,
        level_reason: "规则".to_owned(),
        level_reason_en: String::new(),
        reported_at,
        state_since: reported_at,
        ended_at,
        clock: ended_at
            .is_none()
            .then(|| StageClock::start(limit, reported_at, &calendar)),
        orders: if number == 4 {
            vec![order_of(4).id]
        } else {
            Vec::new()
        },
        supervised: false,
        extensions: 0,
        reworks: 0,
        rules_version: "test-1".to_owned(),
        condition: None,
        department: None,
        assisting: Vec::new(),
        duplicate_of: None,
        is_unreasonable: false,
        particulars: domain::particulars::Particulars::default(),
        is_drill: false,
        course: domain::incidents::Course::default(),
    }
}

/// The order of incident 4, accepted without ever having been read.
pub fn order_of(number: u32) -> Order {
    let stamp = |state, minute: i64| OrderStamp {
        state,
        at: NOON.plus_ms((minute - 30) * 60_000),
        location: None,
        note: None,
        source_crs: domain::places::Crs::default(),
    };
    Order {
        id: key(40),
        incident: incident_id(number),
        to: PersonId(2),
        by: "zhou.min".into(),
        instruction: "请处置".to_owned(),
        override_reason: None,
        stamps: vec![
            stamp(OrderState::Queued, 0),
            stamp(OrderState::Sent, 1),
            stamp(OrderState::Delivered, 2),
            stamp(OrderState::Accepted, 4),
        ],
    }
}

fn person(number: u32, name: &str) -> Person {
    Person {
        id: PersonId(number),
        name: name.to_owned(),
        post: Post::Maintenance,
        skills: vec![Skill::RoadRepair],
        phone: "13800001234".to_owned(),
        home_grid: None,
        shift: Shift {
            from_minute: 0,
            to_minute: 0,
        },
        travel: TravelMode::EBike,
        duty: DutyPlan::default(),
        groups: Vec::new(),
        provenance: None,
    }
}

pub fn situation() -> Situation {
    let mut situation = Situation::default();
    for number in 1..=7 {
        let incident = incident(number);
        situation.incidents.insert(incident.id, incident);
    }
    let order = order_of(4);
    situation.orders.insert(order.id, order);
    for (number, name) in [(1, "李建国"), (2, "王芳")] {
        let person = person(number, name);
        situation.people.insert(person.id, person);
    }
    situation
}

pub fn candidate(number: u32) -> Candidate {
    Candidate {
        person: PersonId(number),
        not_offered: Vec::new(),
        duty: Duty::On {
            by: OnDutyBy::Pattern,
        },
        distance_m: 380.0 + f64::from(number),
        travel_time_s: 190.0,
        position_age_s: Some(20),
        fitting_skills: vec![Skill::RoadRepair],
        is_lead_post: false,
        is_home_grid: true,
        open_orders: 1,
        charge: DispatchDuty::Lead,
        department: None,
        score_min: f64::from(number),
        terms: Vec::new(),
    }
}

fn item(number: u8, intent: Intent) -> OutboxItem {
    OutboxItem {
        proposal: Proposal {
            key: key(number),
            officer: "zhou.min".into(),
            occurred_at: NOON,
            intent,
            basis: None,
        },
        state: OrderState::Queued,
        attempts: 0,
        last_error: None,
        next_attempt_at: None,
        conflict: None,
        is_held: false,
        can_drop: false,
    }
}

pub fn queued_order(number: u8, incident: u32, to: u32) -> OutboxItem {
    item(
        number,
        Intent::SendOrder {
            incident: incident_id(incident),
            to: PersonId(to),
            instruction: "请处置".to_owned(),
            override_reason: None,
        },
    )
}

pub fn queued_withdrawal(number: u8, incident: u32, order: OrderId) -> OutboxItem {
    item(
        number,
        Intent::WithdrawOrder {
            incident: incident_id(incident),
            order,
            reason: "误派".to_owned(),
        },
    )
}

pub fn queued_step(number: u8, incident: u32, action: Action) -> OutboxItem {
    item(
        number,
        Intent::Act {
            incident: incident_id(incident),
            action,
            reason: None,
        },
    )
}

pub fn reference() -> Reference {
    Reference {
        version: 1,
        street: Street::default(),
        bounds: None,
        outline: Vec::new(),
        grids: Vec::new(),
        responsibility_grids: Vec::new(),
        cameras: Vec::new(),
        sensors: Vec::new(),
        roads: RoadNetwork::default(),
        rules: rules(),
        officers: vec![Officer {
            id: "zhou.min".into(),
            name: "周敏".to_owned(),
            role: OfficerRole::DutyOfficer,
            provenance: None,
        }],
        provenance: std::collections::BTreeMap::new(),
    }
}

/// Reported, verified and dispatched.
pub fn trail(number: u32) -> Vec<TrailEntry> {
    let order = order_of(number);
    let entry = |step: u32, action, state, by| TrailEntry {
        incident: incident_id(number),
        step,
        action,
        state,
        by,
        reason: None,
        occurred_at: NOON.plus_ms(i64::from(step) * 60_000),
        recorded_at: NOON.plus_ms(i64::from(step) * 60_000 + 200),
        clock: None,
        rules_version: "test-1".to_owned(),
        from: None,
        mandate: None,
        previous_hash: String::new(),
        hash: format!("{step:064x}"),
    };
    let officer = || Actor::Officer("zhou.min".into());
    vec![
        entry(
            1,
            Action::Note {
                text: String::new(),
            },
            IncidentState::Reported,
            Actor::Channel(SourceChannel::Hotline12345),
        ),
        entry(2, Action::Verify, IncidentState::PendingFile, officer()),
        entry(
            3,
            Action::Dispatch {
                order: order.id,
                to: order.to,
                department: None,
                duty: domain::trail::DispatchDuty::Lead,
            },
            IncidentState::Dispatched,
            officer(),
        ),
    ]
}
