//! Builders of domain values with sensible contents; a test changes what it is about.

use std::collections::BTreeMap;

use domain::incidents::{Incident, Level};
use domain::orders::{Order, OrderStamp};
use domain::particulars::Particulars;
use domain::people::{Person, Post, Shift, TravelMode};
use domain::places::{Grid, GridLevel, GridPath, ResponsibilityGrid};
use domain::roads::{RoadEdge, RoadNetwork};
use domain::roster::DutyPlan;
use domain::rules::Rules;
use domain::trail::{Action, Actor, Officer, OfficerRole, ReportFacts, SourceChannel, TrailEntry};
use domain::{
    IncidentId, IncidentState, Intent, IntentKey, LonLat, NewMatter, OfficerId, OrderState,
    PersonId, PositionFix, Proposal, Timestamp,
};
use protocol::Reference;
use protocol::http::NewReport;
use protocol::seed::{Seed, SeedOfficer};

/// The middle of the test street.
pub const CENTRE: LonLat = LonLat::new(104.10, 30.66);

/// PIN of every test officer.
pub const PIN: &str = "246810";

/// The rules that ship with the program.
pub fn rules() -> Rules {
    rules::shipped().expect("the shipped rules load")
}

/// A key that is the same in every run.
pub const fn key(number: u128) -> IntentKey {
    // Version and variant bits of a real UUID, so that every parser takes it.
    IntentKey(uuid::Uuid::from_u128(
        0x0190_0000_0000_7000_8000_0000_0000_0000 | number,
    ))
}

/// A grid member on round-the-clock duty.
pub fn person(number: u32) -> Person {
    Person {
        id: PersonId(number),
        name: format!("测试员{number}"),
        post: Post::GridMember,
        skills: Vec::new(),
        phone: format!("138{number:08}"),
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

/// A person who stands somewhere.
pub fn fix(number: u32, location: LonLat, at: Timestamp) -> PositionFix {
    PositionFix {
        person: PersonId(number),
        location,
        at,
        accuracy_m: 8.0,
        speed_mps: 0.0,
        heading_deg: 0.0,
        source_crs: domain::places::Crs::default(),
        source: domain::PositionSource::Field,
    }
}

/// An officer of a role; the sign-in name is that of the role.
pub fn officer(role: OfficerRole) -> Officer {
    let (id, name) = match role {
        OfficerRole::ShiftLeader => ("zhou.min", "周敏"),
        OfficerRole::DutyOfficer => ("li.na", "李娜"),
        OfficerRole::StreetLeader => ("wang.qiang", "王强"),
        OfficerRole::ItOfficer => ("zhao.lei", "赵磊"),
    };
    Officer {
        id: OfficerId::from(id),
        name: name.to_owned(),
        role,
        provenance: None,
    }
}

/// Exposed rubbish in the middle of the street.
pub fn report(number: u128, at: Timestamp) -> NewReport {
    NewReport {
        key: key(0xF000_0000 | number),
        category: "E01.10".to_owned(),
        channel: SourceChannel::GridPatrol,
        title: format!("暴露垃圾 {number}"),
        description: "路边有一堆垃圾".to_owned(),
        address: "锦川路 12 号".to_owned(),
        location: CENTRE,
        occurred_at: at,
        particulars: Particulars::default(),
        crs: domain::places::Crs::default(),
        is_drill: false,
    }
}

/// The same as an officer takes it in by telephone.
pub fn new_matter() -> NewMatter {
    NewMatter {
        category: "E01.10".parse().expect("a category code"),
        channel: SourceChannel::DutyPhone,
        title: "电话上报的垃圾".to_owned(),
        description: "路边有一堆垃圾".to_owned(),
        address: "锦川路 12 号".to_owned(),
        location: CENTRE,
        crs: domain::places::Crs::default(),
        particulars: Particulars::default(),
        is_drill: false,
    }
}

/// The wish to take it in, as a proposal of that number has it.
pub fn take_in(number: u128) -> Intent {
    domain::new_matter::intent_of(key(number), Box::new(new_matter()))
}

/// The facts of a report of exposed rubbish.
pub fn facts() -> ReportFacts {
    ReportFacts {
        category: "E01.10".parse().expect("a category code"),
        channel: SourceChannel::GridPatrol,
        title: "暴露垃圾".to_owned(),
        description: "路边有一堆垃圾".to_owned(),
        address: "锦川路 12 号".to_owned(),
        location: CENTRE,
        grids: GridPath::default(),
        level: Level::Micro,
        level_reason: "暴露垃圾".to_owned(),
        level_reason_en: String::new(),
        particulars: Particulars::default(),
        is_drill: false,
        source_crs: domain::places::Crs::default(),
    }
}

/// A link of a trail as the backend would write it, without its hash.
pub fn entry(incident: IncidentId, step: u32, action: Action, state: IncidentState) -> TrailEntry {
    TrailEntry {
        incident,
        step,
        action,
        state,
        by: Actor::Rule,
        reason: None,
        occurred_at: crate::clock::FRIDAY_NINE.plus_ms(i64::from(step) * 60_000),
        recorded_at: crate::clock::FRIDAY_NINE.plus_ms(i64::from(step) * 60_000),
        clock: None,
        rules_version: "test".to_owned(),
        from: None,
        mandate: None,
        previous_hash: String::new(),
        hash: String::new(),
    }
}

/// The incident of that number on the test day, in a state and at a step as wanted.
pub fn incident(number: u32, state: IncidentState) -> Incident {
    let id = IncidentId::new(crate::clock::FRIDAY_NINE, number);
    let opening = entry(
        id,
        1,
        Action::Report(Box::new(facts())),
        IncidentState::Reported,
    );
    let mut incident = Incident::opened(&opening).expect("a report opens an incident");
    incident.state = state;
    incident
}

/// An order to a person, sent.
pub fn order(number: u128, incident: IncidentId, to: u32) -> Order {
    let stamp = |state| OrderStamp {
        state,
        at: crate::clock::FRIDAY_NINE,
        location: None,
        note: None,
        source_crs: domain::places::Crs::default(),
    };
    Order {
        id: key(number),
        incident,
        to: PersonId(to),
        by: officer(OfficerRole::DutyOfficer).id,
        instruction: "请到现场处置".to_owned(),
        override_reason: None,
        stamps: vec![stamp(OrderState::Queued), stamp(OrderState::Sent)],
    }
}

/// A proposal of the test day's duty officer.
pub fn proposal(number: u128, intent: Intent) -> Proposal {
    Proposal {
        key: key(number),
        officer: officer(OfficerRole::DutyOfficer).id,
        occurred_at: crate::clock::FRIDAY_NINE,
        intent,
        basis: None,
    }
}

/// The wish to send a person to an incident.
pub fn send(incident: IncidentId, to: u32) -> Intent {
    Intent::SendOrder {
        incident,
        to: PersonId(to),
        instruction: "请到现场处置".to_owned(),
        override_reason: None,
    }
}

/// Reference data of a street of one square of grids around [`CENTRE`], with one road.
pub fn reference() -> Reference {
    Reference {
        version: 1,
        street: domain::places::Street {
            code: "510108099".to_owned(),
            name_zh: "测试街道".to_owned(),
            name_en: "Test Street".to_owned(),
            is_demo: true,
        },
        bounds: domain::places::Bounds::around(square(0.01).into_iter().flatten()),
        outline: square(0.01),
        grids: grids(),
        responsibility_grids: responsibility_grids(),
        cameras: Vec::new(),
        sensors: Vec::new(),
        roads: roads(),
        rules: rules(),
        officers: Vec::new(),
        provenance: BTreeMap::new(),
    }
}

/// The outline of a square around [`CENTRE`] with sides of twice `half_deg`.
fn square(half_deg: f64) -> Vec<Vec<LonLat>> {
    let (west, east) = (CENTRE.lon - half_deg, CENTRE.lon + half_deg);
    let (south, north) = (CENTRE.lat - half_deg, CENTRE.lat + half_deg);
    let corners = [
        (west, south),
        (east, south),
        (east, north),
        (west, north),
        (west, south),
    ];
    vec![corners.map(|(lon, lat)| LonLat::new(lon, lat)).to_vec()]
}

/// One grid of each level, each around [`CENTRE`] and inside its parent.
fn grids() -> Vec<Grid> {
    let levels = [
        ("510108099001", GridLevel::Community, 0.01),
        ("510108099001G1", GridLevel::General, 0.008),
        ("510108099001M1", GridLevel::Micro, 0.004),
        ("510108099001001", GridLevel::Unit, 0.001),
    ];
    let mut parent = None;
    levels
        .map(|(code, level, half_deg)| Grid {
            code: code.into(),
            name: format!("测试网格 {code}"),
            level,
            parent: parent.replace(code).map(Into::into),
            rings: square(half_deg),
            label_at: CENTRE,
        })
        .to_vec()
}

/// Who answers for the one unit grid.
fn responsibility_grids() -> Vec<ResponsibilityGrid> {
    vec![ResponsibilityGrid {
        code: "510108099001R1".into(),
        name: "测试责任网格".to_owned(),
        kind: "城管".to_owned(),
        unit_grids: ["510108099001001".into()].into(),
        responsible: Some(PersonId(1)),
    }]
}

/// A road from west to east through [`CENTRE`], both ways.
fn roads() -> RoadNetwork {
    let edge = |from, to| RoadEdge {
        from,
        to,
        length_m: 900.0,
        speed_mps: 10.0,
        for_cars: true,
        class: "residential".to_owned(),
        name: "锦川路".to_owned(),
        via: Vec::new(),
    };
    RoadNetwork {
        nodes: vec![
            CENTRE,
            LonLat::new(CENTRE.lon - 0.009, CENTRE.lat),
            LonLat::new(CENTRE.lon + 0.009, CENTRE.lat),
        ],
        edges: vec![edge(0, 1), edge(1, 0), edge(0, 2), edge(2, 0)],
    }
}

/// A seed with one officer of each role, five people and no incidents.
pub fn seed() -> Seed {
    let officers = [
        OfficerRole::ShiftLeader,
        OfficerRole::DutyOfficer,
        OfficerRole::StreetLeader,
        OfficerRole::ItOfficer,
    ];
    Seed {
        reference: reference(),
        people: (1..=5).map(person).collect(),
        officers: officers
            .map(|role| SeedOfficer {
                officer: officer(role),
                pin: PIN.to_owned(),
            })
            .to_vec(),
        incidents: Vec::new(),
        positions: Vec::new(),
        mode: domain::intents::Mode::Normal,
    }
}
