//! Values with sensible contents for tests; a test changes what it is about.

use uuid::Uuid;

use crate::clocks::{Limit, LimitUnit};
use crate::ids::{IncidentId, IntentKey, OfficerId, PersonId};
use crate::incidents::{Incident, IncidentState, Joint, Level};
use crate::modes::{Mode, ModeRule, ModeScreen};
use crate::orders::{Order, OrderStamp, OrderState};
use crate::people::{Person, PositionFix, Post, Shift, Skill, TravelMode};
use crate::places::{GridPath, LonLat};
use crate::roster::DutyPlan;
use crate::rules::{CategoryRule, Department, RankingWeights, Rules};
use crate::time::{MINUTE_MS, Timestamp};
use crate::trail::{Action, Actor, ReportFacts, SourceChannel, TrailEntry};

/// Friday, 20 November 2026, 09:00 local time.
pub const NOW: Timestamp = Timestamp::from_unix_ms(1_795_136_400_000);
/// Local midnight before it.
pub const MIDNIGHT: Timestamp = NOW.plus_ms(-9 * 60 * MINUTE_MS);
/// Where the matter is.
pub const SCENE: LonLat = LonLat::new(104.1, 30.66);

/// So many minutes after [`NOW`].
pub const fn after(minutes: i64) -> Timestamp {
    NOW.plus_ms(minutes * MINUTE_MS)
}

pub const fn key(number: u128) -> IntentKey {
    IntentKey(Uuid::from_u128(number))
}

/// Exposed rubbish: city management leads, grid members assist, cleaning fits. Blue and red make an
/// emergency of it; red calls the emergency duty set and weighs nothing but the way.
pub fn rules() -> Rules {
    let code = "E01.10".parse().expect("a code");
    let limit = Limit {
        amount: 4,
        unit: LimitUnit::WorkingHour,
    };
    Rules {
        version: "test.1".to_owned(),
        ranking: RankingWeights {
            lead_post_min: 4.0,
            skill_min: 3.0,
            open_order_min: 6.0,
            home_grid_min: 2.0,
            stale_position_min: 5.0,
        },
        categories: vec![CategoryRule {
            posts: vec![Post::CityManagement, Post::GridMember],
            skills: vec![Skill::Sanitation],
            ..CategoryRule::new(code, limit)
        }],
        modes: [Mode::EmergencyBlue, Mode::EmergencyRed]
            .map(|mode| ModeRule {
                mode,
                scopes: vec!["E01".parse().expect("a scope")],
                calls_emergency_duty: mode == Mode::EmergencyRed,
                shows_outside_roster: true,
                is_round_the_clock: false,
                stage_limits: None,
                ranking: (mode == Mode::EmergencyRed).then(RankingWeights::default),
                screen: ModeScreen {
                    theme: String::new(),
                    panel: String::new(),
                },
            })
            .to_vec(),
        ..Rules::default()
    }
}

/// A grid member on duty from 8 to 20.
pub fn person(number: u32) -> Person {
    Person {
        id: PersonId(number),
        name: String::new(),
        post: Post::GridMember,
        skills: Vec::new(),
        phone: String::new(),
        home_grid: None,
        shift: shift(8, 20),
        travel: TravelMode::EBike,
        duty: DutyPlan::default(),
        groups: Vec::new(),
        provenance: None,
    }
}

/// A shift between full hours.
pub const fn shift(from_hour: u16, to_hour: u16) -> Shift {
    Shift {
        from_minute: from_hour * 60,
        to_minute: to_hour * 60,
    }
}

/// A position at the scene of that age.
pub fn fix(age_ms: i64) -> PositionFix {
    PositionFix {
        person: PersonId(1),
        location: SCENE,
        at: NOW.plus_ms(-age_ms),
        accuracy_m: 5.0,
        speed_mps: 0.0,
        heading_deg: 0.0,
        source_crs: crate::places::Crs::default(),
        source: crate::people::PositionSource::default(),
    }
}

/// A link of the trail of [`incident_at_m1`].
pub fn entry(step: u32, action: Action, state: IncidentState, at: Timestamp) -> TrailEntry {
    TrailEntry {
        incident: IncidentId::new(NOW, 1),
        step,
        action,
        state,
        by: Actor::Rule,
        reason: None,
        occurred_at: at,
        recorded_at: at,
        clock: None,
        rules_version: String::new(),
        from: None,
        mandate: None,
        previous_hash: String::new(),
        hash: String::new(),
    }
}

/// Exposed rubbish in the micro grid `m1`, in that state.
pub fn incident_at_m1(state: IncidentState) -> Incident {
    let facts = ReportFacts {
        category: "E01.10".parse().expect("a code"),
        channel: SourceChannel::GridPatrol,
        title: String::new(),
        description: String::new(),
        address: String::new(),
        location: SCENE,
        grids: GridPath {
            community: Some("c1".into()),
            micro: Some("m1".into()),
            unit: Some("u1".into()),
            ..GridPath::default()
        },
        level: Level::Micro,
        level_reason: String::new(),
        level_reason_en: String::new(),
        particulars: crate::particulars::Particulars::default(),
        is_drill: false,
        source_crs: crate::places::Crs::default(),
    };
    let opening = entry(1, Action::Report(Box::new(facts)), state, NOW);
    let mut incident = Incident::opened(&opening).expect("a report opens an incident");
    incident.grids.general = Some("g1".into());
    incident
}

/// An order of that number to that person, given at [`NOW`] and moved on to the state.
pub fn order(number: u128, to: u32, state: OrderState) -> Order {
    let stamp = |state| OrderStamp {
        state,
        at: NOW,
        location: None,
        note: None,
        source_crs: crate::places::Crs::default(),
    };
    let mut order = Order {
        id: key(number),
        incident: IncidentId::new(NOW, 1),
        to: PersonId(to),
        by: OfficerId::from("li.na"),
        instruction: String::new(),
        override_reason: None,
        stamps: vec![stamp(OrderState::Queued), stamp(OrderState::Sent)],
    };
    order.advance(stamp(state));
    order
}

/// Exposed rubbish, reported by the hotline at [`NOW`] under this number of the day.
pub fn incident(number: u32) -> Incident {
    let facts = ReportFacts {
        category: "E01.10".parse().expect("a code"),
        channel: SourceChannel::Hotline12345,
        title: String::new(),
        description: String::new(),
        address: String::new(),
        location: SCENE,
        grids: GridPath::default(),
        level: Level::Micro,
        level_reason: String::new(),
        level_reason_en: String::new(),
        particulars: crate::particulars::Particulars::default(),
        is_drill: false,
        source_crs: crate::places::Crs::default(),
    };
    let entry = TrailEntry {
        incident: IncidentId::new(NOW, number),
        step: 1,
        action: Action::Report(Box::new(facts)),
        state: IncidentState::Reported,
        by: Actor::Rule,
        reason: None,
        occurred_at: NOW,
        recorded_at: NOW,
        clock: None,
        rules_version: String::new(),
        from: None,
        mandate: None,
        previous_hash: String::new(),
        hash: String::new(),
    };
    Incident::opened(&entry).expect("a report opens an incident")
}

/// Rules in which city management and the grid belong to 城管, which leads a joint handling, and the
/// police assists; and a filed matter for which both are convened.
pub fn joint_handling() -> (Rules, Incident) {
    let mut rules = rules();
    let department = |id: &str, posts: &[Post]| Department {
        id: id.into(),
        name: String::new(),
        posts: posts.to_vec(),
    };
    rules.departments = vec![
        department(
            "urban_management",
            &[Post::CityManagement, Post::GridMember],
        ),
        department("police", &[Post::Police]),
    ];
    rules.categories[0].assist_posts = vec![Post::Police];
    let mut incident = incident_at_m1(IncidentState::Filed);
    incident.course.joint = Some(Joint {
        lead: "urban_management".into(),
        assistants: vec!["police".into()],
    });
    (rules, incident)
}
