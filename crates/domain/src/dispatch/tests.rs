//! Who is offered, and in which order.

use super::*;
use crate::clocks::{Calendar, Limit, LimitUnit};
use crate::ids::IncidentId;
use crate::incidents::{IncidentState, Level};
use crate::people::{Post, Shift, TravelMode};
use crate::places::{GridPath, LonLat};
use crate::rules::{RankingWeights, StageLimits};
use crate::time::MINUTE_MS;
use crate::trail::SourceChannel;

/// Friday, 20 November 2026, 09:00 local time.
const NOW: Timestamp = Timestamp::from_unix_ms(1_795_136_400_000);
const SCENE: LonLat = LonLat::new(104.1, 30.66);

fn rules() -> Rules {
    let limit = Limit {
        amount: 30,
        unit: LimitUnit::EmergencyMinute,
    };
    Rules {
        version: "test.1".to_owned(),
        calendar: Calendar::default(),
        stage_limits: StageLimits {
            verify: limit,
            file: limit,
            dispatch: limit,
            check: limit,
        },
        yellow_share: 0.25,
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
            ..CategoryRule::new("E01.10".parse().expect("a code"), limit)
        }],
        ..Rules::default()
    }
}

fn incident() -> Incident {
    Incident {
        id: IncidentId::new(NOW, 1),
        steps: 1,
        state: IncidentState::Reported,
        suspended_from: None,
        category: "E01.10".parse().expect("a code"),
        channel: SourceChannel::GridPatrol,
        title: String::new(),
        description: String::new(),
        address: String::new(),
        location: SCENE,
        grids: GridPath {
            micro: Some("m1".into()),
            ..GridPath::default()
        },
        level: Level::Micro,
        level_reason: String::new(),
        reported_at: NOW,
        state_since: NOW,
        ended_at: None,
        clock: None,
        orders: Vec::new(),
        supervised: false,
        extensions: 0,
        reworks: 0,
        rules_version: String::new(),
        condition: None,
        department: None,
        assisting: Vec::new(),
        duplicate_of: None,
        is_unreasonable: false,
        particulars: crate::particulars::Particulars::default(),
        is_drill: false,
    }
}

fn person(number: u32, post: Post) -> Person {
    Person {
        id: PersonId(number),
        name: String::new(),
        post,
        skills: Vec::new(),
        phone: String::new(),
        home_grid: None,
        shift: Shift {
            from_minute: 8 * 60,
            to_minute: 20 * 60,
        },
        travel: TravelMode::EBike,
    }
}

fn fix(age_min: i64) -> PositionFix {
    PositionFix {
        person: PersonId(1),
        location: SCENE,
        at: NOW.plus_ms(-age_min * MINUTE_MS),
        accuracy_m: 5.0,
        speed_mps: 0.0,
        heading_deg: 0.0,
    }
}

const TEN_MINUTES: Route = Route {
    distance_m: 3_000.0,
    time_s: 600.0,
};

fn judged(person: &Person, fix: Option<&PositionFix>, open_orders: u32) -> Candidate {
    let rules = rules();
    let responder = Responder {
        person,
        fix,
        open_orders,
        route: fix.map(|_| TEN_MINUTES),
    };
    judge(
        &responder,
        &incident(),
        rules.categories.first(),
        &rules,
        NOW,
    )
}

#[test]
fn each_weight_is_worth_its_minutes() {
    let plain = person(1, Post::GridMember);
    let score = |person: &Person, age_min, orders| judged(person, Some(&fix(age_min)), orders);
    let base = score(&plain, 0, 0);
    assert!(base.is_offered());
    assert!((base.score_min - 10.0).abs() < 1e-9);
    assert!((score(&plain, 0, 2).score_min - 22.0).abs() < 1e-9);
    assert!((score(&plain, 6, 0).score_min - 15.0).abs() < 1e-9);

    let lead = score(&person(1, Post::CityManagement), 0, 0);
    assert!(lead.is_lead_post && (lead.score_min - 6.0).abs() < 1e-9);

    let mut able = plain.clone();
    able.skills = vec![Skill::Greenery, Skill::Sanitation];
    let able = score(&able, 0, 0);
    assert_eq!(able.fitting_skills, [Skill::Sanitation]);
    assert!((able.score_min - 7.0).abs() < 1e-9);

    let mut local = plain;
    local.home_grid = Some("m1".into());
    let local = score(&local, 0, 0);
    assert!(local.is_home_grid && (local.score_min - 8.0).abs() < 1e-9);
}

#[test]
fn every_reason_against_offering_is_named() {
    let mut off_duty = person(1, Post::GridMember);
    off_duty.shift.from_minute = 10 * 60;
    let reasons = |person: &Person, fix: Option<&PositionFix>| judged(person, fix, 0).not_offered;
    let fresh = fix(0);
    assert_eq!(reasons(&off_duty, Some(&fresh)), [NotOffered::OffDuty]);
    let lost = fix(31);
    let on_duty = person(1, Post::GridMember);
    assert_eq!(reasons(&on_duty, Some(&lost)), [NotOffered::PositionLost]);
    assert_eq!(reasons(&on_duty, None), [NotOffered::PositionLost]);
    let police = person(1, Post::Police);
    assert_eq!(reasons(&police, Some(&fresh)), [NotOffered::NotResponsible]);

    let rules = rules();
    let cut_off = Responder {
        person: &on_duty,
        fix: Some(&fresh),
        open_orders: 0,
        route: None,
    };
    let judged = judge(&cut_off, &incident(), rules.categories.first(), &rules, NOW);
    assert_eq!(judged.not_offered, [NotOffered::Unreachable]);
}

#[test]
fn without_a_rule_everybody_is_responsible() {
    let rules = rules();
    let (police, fresh) = (person(1, Post::Police), fix(0));
    let responder = Responder {
        person: &police,
        fix: Some(&fresh),
        open_orders: 0,
        route: Some(TEN_MINUTES),
    };
    assert!(judge(&responder, &incident(), None, &rules, NOW).is_offered());
}

#[test]
fn the_offered_come_first_then_the_score_then_the_number() {
    let candidate = |number, score_min, is_offered: bool| {
        let mut candidate = judged(&person(number, Post::GridMember), Some(&fix(0)), 0);
        candidate.score_min = score_min;
        if !is_offered {
            candidate.not_offered = vec![NotOffered::OffDuty, NotOffered::PositionLost];
        }
        candidate
    };
    let mut list = [
        candidate(5, 1.0, false),
        candidate(4, 9.0, true),
        candidate(3, 2.0, true),
        candidate(2, 9.0, true),
        candidate(1, f64::INFINITY, false),
    ];
    rank(&mut list);
    assert_eq!(list.map(|c| c.person.0), [3, 2, 4, 5, 1]);
}

#[test]
fn somebody_without_a_position_crosses_the_wire() {
    let nowhere = judged(&person(1, Post::GridMember), None, 0);
    assert!(nowhere.distance_m.is_infinite() && nowhere.score_min.is_infinite());
    let somewhere = judged(&person(2, Post::GridMember), Some(&fix(0)), 0);
    for candidate in [nowhere, somewhere] {
        let json = serde_json::to_string(&candidate).expect("JSON");
        let read: Candidate = serde_json::from_str(&json).expect(&json);
        assert_eq!(read, candidate);
    }
}
