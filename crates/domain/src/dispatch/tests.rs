//! Who is offered, in which order, and why.

use proptest::prelude::*;

use super::*;
use crate::incidents::IncidentState;
use crate::people::{POSITION_LOST_MS, POSITION_STALE_MS, Post};
use crate::roster::{Absence, AbsenceKind, EmergencyTurn, Span};
use crate::samples::{self, NOW, after, fix, person, rules, shift};
use crate::time::MINUTE_MS;

const TEN_MINUTES: Route = Route {
    distance_m: 3_000.0,
    time_s: 600.0,
};

fn of_post(post: Post) -> Person {
    Person { post, ..person(1) }
}

/// Judges a responder alone in the roster, after changes to rules and incident.
fn judged_with(
    responder: &Responder<'_>,
    change: impl FnOnce(&mut Rules, &mut Incident),
    mode: Mode,
) -> Candidate {
    let (mut rules, mut incident) = (rules(), samples::incident_at_m1(IncidentState::Filed));
    change(&mut rules, &mut incident);
    let roster = Roster::of([responder.person]);
    let matter = Matter::new(&incident, &rules, &roster, mode, NOW);
    judge(responder, &matter)
}

fn responder<'a>(
    person: &'a Person,
    fix: Option<&'a PositionFix>,
    open_orders: u32,
) -> Responder<'a> {
    Responder {
        person,
        fix,
        open_orders,
        route: fix.map(|_| TEN_MINUTES),
    }
}

fn judged(person: &Person, fix: Option<&PositionFix>, open_orders: u32) -> Candidate {
    let responder = responder(person, fix, open_orders);
    judged_with(&responder, |_, _| {}, Mode::Normal)
}

/// The score in whole minutes, with the terms that make it.
fn score(candidate: &Candidate) -> (i64, Vec<(ScoreWhat, i64)>) {
    let whole = |minutes: f64| {
        assert!((minutes - minutes.round()).abs() < 1e-9, "{minutes}");
        minutes.round() as i64
    };
    let terms = candidate.terms.iter();
    (
        whole(candidate.score_min),
        terms.map(|term| (term.what, whole(term.minutes))).collect(),
    )
}

#[test]
fn each_weight_is_worth_its_minutes() {
    use ScoreWhat::{FittingSkill, HomeGrid, LeadPost, OpenOrders, RoadTime, StalePosition};
    let plain = person(1);
    let of = |person: &Person, age_min, orders| {
        score(&judged(person, Some(&fix(age_min * MINUTE_MS)), orders))
    };
    assert_eq!(of(&plain, 0, 0), (10, vec![(RoadTime, 10)]));
    assert_eq!(
        of(&plain, 0, 2),
        (22, vec![(RoadTime, 10), (OpenOrders, 12)])
    );
    assert_eq!(
        of(&plain, 6, 0),
        (15, vec![(RoadTime, 10), (StalePosition, 5)])
    );
    let lead = of_post(Post::CityManagement);
    assert_eq!(of(&lead, 0, 0), (6, vec![(RoadTime, 10), (LeadPost, -4)]));
    let mut able = plain.clone();
    able.skills = vec![Skill::Greenery, Skill::Sanitation];
    assert_eq!(
        of(&able, 0, 0),
        (7, vec![(RoadTime, 10), (FittingSkill, -3)])
    );
    let fitting = judged(&able, Some(&fix(0)), 0).fitting_skills;
    assert_eq!(fitting, [Skill::Sanitation]);
    for grid in ["c1", "g1", "m1", "u1"] {
        let mut local = plain.clone();
        local.home_grid = Some(grid.into());
        assert_eq!(of(&local, 0, 0), (8, vec![(RoadTime, 10), (HomeGrid, -2)]));
    }
    let mut stranger = plain;
    stranger.home_grid = Some("m2".into());
    assert_eq!(of(&stranger, 0, 0).0, 10);
}

#[test]
fn an_exclusive_or_a_responsibility_grid_is_a_home_like_any_other() {
    let mut person = person(1);
    let is_home = |person: &Person| {
        let beside = |_: &mut Rules, incident: &mut Incident| {
            incident.grids.exclusive = vec!["market".into()];
            incident.grids.responsibility = vec!["patrol-3".into()];
        };
        let fix = fix(0);
        judged_with(&responder(person, Some(&fix), 0), beside, Mode::Normal).is_home_grid
    };
    assert!(!is_home(&person));
    for (home, expected) in [("market", true), ("patrol-3", true), ("patrol-4", false)] {
        person.home_grid = Some(home.into());
        assert_eq!(is_home(&person), expected, "{home}");
    }
}

#[test]
fn positions_turn_stale_after_five_and_lost_after_thirty_minutes() {
    let plain = person(1);
    let at = |age_ms| judged(&plain, Some(&fix(age_ms)), 0);
    assert_eq!(score(&at(POSITION_STALE_MS)).0, 10);
    assert_eq!(score(&at(POSITION_STALE_MS + 1)).0, 15);
    assert!(at(POSITION_LOST_MS).is_offered());
    assert_eq!(
        at(POSITION_LOST_MS + 1).not_offered,
        [NotOffered::PositionLost]
    );
    let from_the_future = at(-MINUTE_MS);
    assert_eq!(
        (score(&from_the_future).0, from_the_future.position_age_s),
        (10, Some(0))
    );
}

#[test]
fn every_reason_against_offering_is_named() {
    let mut off_duty = person(1);
    off_duty.shift = shift(10, 20);
    let fresh = fix(0);
    let reasons = |person: &Person, fix: Option<&PositionFix>| judged(person, fix, 0).not_offered;
    assert_eq!(reasons(&off_duty, Some(&fresh)), [NotOffered::OffDuty]);
    assert_eq!(reasons(&person(1), None), [NotOffered::PositionLost]);
    let police = of_post(Post::Police);
    assert_eq!(reasons(&police, Some(&fresh)), [NotOffered::NotResponsible]);
    let cut_off = Responder {
        route: None,
        ..responder(&police, Some(&fresh), 0)
    };
    let cut_off = judged_with(&cut_off, |_, _| {}, Mode::Normal);
    assert_eq!(
        cut_off.not_offered,
        [NotOffered::NotResponsible, NotOffered::Unreachable]
    );
    assert_eq!(
        judged(&off_duty, None, 0).duty,
        Duty::Off {
            next_begins_at: Some(after(60))
        }
    );
    let on = Duty::On {
        by: OnDutyBy::Pattern,
    };
    assert_eq!(judged(&police, None, 0).duty, on);
    assert!(
        NotOffered::ALL
            .iter()
            .all(|r| NotOffered::ALL.iter().filter(|o| o == &r).count() == 1)
    );
}

#[test]
fn without_a_rule_nobody_is_responsible_and_who_may_only_assist_is_not_offered() {
    let (member, fresh) = (person(1), fix(0));
    let member = responder(&member, Some(&fresh), 0);
    let without_rule = judged_with(&member, |rules, _| rules.categories.clear(), Mode::Normal);
    assert_eq!(without_rule.not_offered, [NotOffered::NotResponsible]);
    assert!(!without_rule.is_lead_post);
    let assists = |rules: &mut Rules, _: &mut Incident| {
        let list = &mut rules.categories[0];
        list.assist_posts = std::mem::take(&mut list.posts);
    };
    let assistant = judged_with(&member, assists, Mode::Normal);
    assert_eq!(assistant.not_offered, [NotOffered::NotResponsible]);
}

#[test]
fn nobody_is_offered_more_orders_than_the_mode_allows() {
    let (plain, fresh) = (person(1), fix(0));
    let offered = |orders, mode| {
        let change = |rules: &mut Rules, _: &mut Incident| {
            rules.dispatch.normal.most_open_orders = 2;
            rules.dispatch.emergency.most_open_orders = 4;
        };
        judged_with(&responder(&plain, Some(&fresh), orders), change, mode).not_offered
    };
    assert_eq!(offered(1, Mode::Normal), []);
    assert_eq!(offered(2, Mode::Normal), [NotOffered::Overloaded]);
    assert_eq!(offered(3, Mode::EmergencyBlue), []);
    assert_eq!(offered(4, Mode::EmergencyRed), [NotOffered::Overloaded]);
    assert!(
        judged(&plain, Some(&fresh), u32::MAX - 1).is_offered(),
        "no bound by default"
    );
}

#[test]
fn each_class_is_sent_up_to_its_level() {
    let fresh = fix(0);
    let offered = |post, level, mode| {
        let person = of_post(post);
        let change = |rules: &mut Rules, incident: &mut Incident| {
            rules.categories[0].posts = Post::ALL.to_vec();
            rules.dispatch.normal.highest_level = ClassLevels {
                street_staff: Level::Medium,
                stationed_force: Level::Large,
                social_force: Level::Small,
            };
            incident.level = level;
        };
        judged_with(&responder(&person, Some(&fresh), 0), change, mode).not_offered
    };
    let too_high = [NotOffered::LevelAboveClass];
    assert_eq!(offered(Post::Volunteer, Level::Small, Mode::Normal), []);
    assert_eq!(
        offered(Post::Volunteer, Level::Medium, Mode::Normal),
        too_high
    );
    assert_eq!(
        offered(Post::Volunteer, Level::Medium, Mode::EmergencyRed),
        []
    );
    assert_eq!(offered(Post::GridHead, Level::Medium, Mode::Normal), []);
    assert_eq!(
        offered(Post::GridHead, Level::Large, Mode::Normal),
        too_high
    );
    assert_eq!(offered(Post::Police, Level::Large, Mode::Normal), []);
}

#[test]
fn some_categories_need_a_fitting_skill() {
    let fresh = fix(0);
    let offered = |skills: &[Skill]| {
        let person = Person {
            skills: skills.to_vec(),
            ..person(1)
        };
        let change = |rules: &mut Rules, incident: &mut Incident| {
            rules.dispatch.needs_skill = vec![incident.category];
        };
        judged_with(&responder(&person, Some(&fresh), 0), change, Mode::Normal).not_offered
    };
    assert_eq!(offered(&[Skill::Greenery]), [NotOffered::SkillNeeded]);
    assert_eq!(offered(&[Skill::Greenery, Skill::Sanitation]), []);
}

#[test]
fn substitutes_and_the_emergency_set_are_offered_and_say_so() {
    let fresh = fix(0);
    let mut night = person(1);
    night.shift = shift(20, 8);
    night.duty.emergency = Some(EmergencyTurn {
        from_mode: Mode::EmergencyOrange,
        shift: shift(0, 0),
    });
    let judged = judged_with(
        &responder(&night, Some(&fresh), 0),
        |_, _| {},
        Mode::EmergencyRed,
    );
    assert_eq!(
        judged.duty,
        Duty::On {
            by: OnDutyBy::EmergencySet
        }
    );
    assert!(judged.is_offered());

    let mut absent = person(2);
    absent.duty.absences = vec![Absence {
        span: Span {
            from: after(-60),
            to: after(60),
        },
        kind: AbsenceKind::Leave,
        substitute: Some(PersonId(1)),
    }];
    let (rules, incident) = (rules(), samples::incident_at_m1(IncidentState::Filed));
    let people = [night, absent];
    let roster = Roster::of(&people);
    let matter = Matter::new(&incident, &rules, &roster, Mode::Normal, NOW);
    let candidates = people
        .each_ref()
        .map(|p| judge(&responder(p, Some(&fresh), 0), &matter));
    let by = OnDutyBy::Substitute { of: PersonId(2) };
    assert_eq!(candidates[0].duty, Duty::On { by });
    assert!(candidates[0].is_offered());
    assert_eq!(candidates[1].not_offered, [NotOffered::OffDuty]);
}

#[test]
fn an_emergency_weighs_bounds_and_calls_otherwise_and_for_its_matters_only() {
    let fresh = fix(0);
    let mut night = person(1);
    night.skills = vec![Skill::Sanitation];
    night.shift = shift(20, 8);
    night.duty.emergency = Some(EmergencyTurn {
        from_mode: Mode::EmergencyBlue,
        shift: shift(0, 0),
    });
    let judged = |mode, other: bool| {
        let change = |rules: &mut Rules, incident: &mut Incident| {
            rules.dispatch.normal.most_open_orders = 1;
            if other {
                incident.category = "E02.01".parse().expect("a code");
                let mut second = rules.categories[0].clone();
                second.code = incident.category;
                rules.categories.push(second);
            }
        };
        judged_with(&responder(&night, Some(&fresh), 1), change, mode)
    };
    let calm = judged(Mode::Normal, false);
    assert_eq!(
        calm.not_offered,
        [NotOffered::OffDuty, NotOffered::Overloaded]
    );
    assert_eq!(score(&calm).0, 10 + 6 - 3);
    let red = judged(Mode::EmergencyRed, false);
    assert!(red.is_offered());
    assert_eq!(score(&red), (10, vec![(ScoreWhat::RoadTime, 10)]));
    // Blue makes an emergency of it and does not call the second duty set.
    let blue = judged(Mode::EmergencyBlue, false);
    assert_eq!(blue.not_offered, [NotOffered::OffDuty]);
    assert_eq!(score(&blue).0, 13);
    // Another matter goes on as on any other day, with everybody whom red has called.
    let other = judged(Mode::EmergencyRed, true);
    assert_eq!(other.not_offered, [NotOffered::Overloaded]);
    assert_eq!(score(&other).0, 13);
}

#[test]
fn the_offered_come_first_then_the_score_then_the_number() {
    let candidate = |number, score_min, is_offered: bool| {
        let mut candidate = judged(&person(number), Some(&fix(0)), 0);
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
    let nowhere = judged(&person(1), None, 0);
    assert!(nowhere.distance_m.is_infinite() && nowhere.score_min.is_infinite());
    let somewhere = judged(&person(2), Some(&fix(0)), 0);
    for candidate in [nowhere, somewhere] {
        let json = serde_json::to_string(&candidate).expect("JSON");
        let read: Candidate = serde_json::from_str(&json).expect(&json);
        assert_eq!(read, candidate);
    }
}

/// The row of the issue: "380 m · on duty · electrician · 1 open order".
#[test]
fn the_reasons_are_spelled_out() {
    let near = Route {
        distance_m: 384.0,
        time_s: 61.0,
    };
    let mut electrician = of_post(Post::CityManagement);
    electrician.skills = vec![Skill::Electrician];
    electrician.home_grid = Some("m1".into());
    let fresh = fix(7 * MINUTE_MS + 59_000);
    let with_route = Responder {
        route: Some(near),
        ..responder(&electrician, Some(&fresh), 1)
    };
    let change = |rules: &mut Rules, _: &mut Incident| {
        rules.categories[0].skills = vec![Skill::Electrician];
    };
    let candidate = judged_with(&with_route, change, Mode::Normal);
    assert_eq!(
        reasons(&candidate),
        [
            Reason::ByRoad { distance_m: 380 },
            Reason::Minutes(2),
            Reason::OnDuty(OnDutyBy::Pattern),
            Reason::Skill(Skill::Electrician),
            Reason::OpenOrders(1),
            Reason::HomeGrid,
            Reason::LeadPost,
            Reason::StalePosition { minutes: 7 },
        ]
    );
    let mut cut_off = candidate.clone();
    cut_off.not_offered = vec![NotOffered::Unreachable];
    let crow = Reason::AsTheCrowFlies { distance_m: 380 };
    assert_eq!(
        reasons(&cut_off)[..2],
        [crow, Reason::OnDuty(OnDutyBy::Pattern)]
    );
    let mut off_duty = person(1);
    off_duty.shift = shift(10, 12);
    assert_eq!(
        reasons(&judged(&off_duty, None, 0)),
        [Reason::OpenOrders(0)]
    );
    let at_the_scene = Responder {
        route: Some(Route {
            distance_m: 2.0,
            time_s: 1.0,
        }),
        ..responder(&electrician, Some(&fresh), 0)
    };
    let there = reasons(&judged_with(&at_the_scene, |_, _| {}, Mode::Normal));
    assert_eq!(
        there[..2],
        [Reason::ByRoad { distance_m: 0 }, Reason::Minutes(1)]
    );
}

#[test]
fn a_stale_position_is_said_from_the_next_second_on() {
    let says = |age_ms: i64| {
        reasons(&judged(&person(1), Some(&fix(age_ms)), 0))
            .into_iter()
            .any(|reason| matches!(reason, Reason::StalePosition { .. }))
    };
    assert!(!says(POSITION_STALE_MS) && says(POSITION_STALE_MS + 1_000));
    assert!(!says(POSITION_LOST_MS + 1_000), "then there is none");
}

#[test]
fn distances_are_rounded_for_reading() {
    let shown = |distance_m| {
        let mut candidate = judged(&person(1), Some(&fix(0)), 0);
        candidate.distance_m = distance_m;
        match reasons(&candidate)[0] {
            Reason::ByRoad { distance_m } => distance_m,
            other => panic!("{other:?}"),
        }
    };
    for (distance_m, read) in [
        (3.0, 0),
        (384.0, 380),
        (994.9, 990),
        (995.0, 1000),
        (1449.0, 1400),
    ] {
        assert_eq!(shown(distance_m), read, "{distance_m}");
    }
}

/// Everything about one responder that may differ.
#[derive(Debug, Clone)]
struct Drawn {
    person: Person,
    age_ms: Option<i64>,
    open_orders: u32,
    route: Option<Route>,
}

impl Drawn {
    fn judged(&self, mode: Mode, extra_age_ms: i64) -> Candidate {
        let fix = self.age_ms.map(|age_ms| fix(age_ms + extra_age_ms));
        judged_with(&self.responder(fix.as_ref()), bounded, mode)
    }

    fn responder<'a>(&'a self, fix: Option<&'a PositionFix>) -> Responder<'a> {
        Responder {
            person: &self.person,
            fix,
            open_orders: self.open_orders,
            route: self.route.filter(|_| fix.is_some()),
        }
    }
}

fn bounded(rules: &mut Rules, _: &mut Incident) {
    rules.dispatch.normal.most_open_orders = 3;
    rules.dispatch.normal.highest_level.social_force = Level::Micro;
}

fn drawn(number: u32) -> impl Strategy<Value = Drawn> {
    let posts = vec![Post::CityManagement, Post::GridMember, Post::Volunteer];
    (
        proptest::sample::select(posts),
        proptest::sample::subsequence(vec![Skill::Sanitation, Skill::Plumbing], 0..=2),
        proptest::option::of(proptest::sample::select(vec!["m1", "m2", "c1"])),
        (0_u16..24, 0_u16..24),
        proptest::option::of(0..40 * MINUTE_MS),
        0_u32..6,
        proptest::option::of((1.0..9_000.0_f64, 1.0..3_600.0_f64)),
    )
        .prop_map(
            move |(post, skills, grid, hours, age_ms, open_orders, route)| Drawn {
                person: Person {
                    post,
                    skills,
                    home_grid: grid.map(Into::into),
                    shift: shift(hours.0, hours.1),
                    ..person(number)
                },
                age_ms,
                open_orders,
                route: route.map(|(distance_m, time_s)| Route { distance_m, time_s }),
            },
        )
}

fn modes() -> impl Strategy<Value = Mode> {
    proptest::sample::select(vec![Mode::Normal, Mode::EmergencyBlue, Mode::EmergencyRed])
}

proptest! {
    /// Anyone who adds the terms up gets the score, and no term is there for nothing.
    #[test]
    fn the_score_is_the_sum_of_its_terms(drawn in drawn(1), mode in modes()) {
        let candidate = drawn.judged(mode, 0);
        let sum = candidate.terms.iter().fold(0.0, |sum, term| sum + term.minutes);
        prop_assert_eq!(sum.to_bits(), candidate.score_min.to_bits());
        prop_assert_eq!(candidate.terms[0].what, ScoreWhat::RoadTime);
        prop_assert!(candidate.terms[1..].iter().all(|term| term.minutes != 0.0));
        if mode == Mode::EmergencyRed {
            // Red weighs nothing but the way.
            prop_assert_eq!(candidate.terms.len(), 1);
            return Ok(());
        }
        let has = |what| candidate.terms.iter().any(|term| term.what == what);
        prop_assert_eq!(has(ScoreWhat::LeadPost), candidate.is_lead_post);
        prop_assert_eq!(has(ScoreWhat::HomeGrid), candidate.is_home_grid);
        prop_assert_eq!(has(ScoreWhat::FittingSkill), !candidate.fitting_skills.is_empty());
        prop_assert_eq!(has(ScoreWhat::OpenOrders), candidate.open_orders > 0);
    }

    /// A bound from a shorter time never exceeds the score, and from the time itself it is the
    /// score: nobody is left out who could be among the best.
    #[test]
    fn the_lower_bound_is_one(drawn in drawn(1), share in 0.0..=1.0_f64, mode in modes()) {
        let candidate = drawn.judged(mode, 0);
        let fix = drawn.age_ms.map(fix);
        let (mut rules, mut incident) = (rules(), samples::incident_at_m1(IncidentState::Filed));
        bounded(&mut rules, &mut incident);
        let roster = Roster::of([&drawn.person]);
        let matter = Matter::new(&incident, &rules, &roster, mode, NOW);
        let standing = Standing::of(&drawn.responder(fix.as_ref()), &matter);
        let bound = |time_s| standing.score_lower_bound_min(time_s, matter.weights());
        let time_s = candidate.travel_time_s;
        prop_assert_eq!(bound(time_s).to_bits(), candidate.score_min.to_bits());
        if time_s.is_finite() {
            prop_assert!(bound(time_s * share) <= candidate.score_min);
        }
        let is_unreachable = candidate.not_offered.contains(&NotOffered::Unreachable);
        prop_assert_eq!(
            standing.is_offered_given_a_way(),
            candidate.is_offered() || candidate.not_offered == [NotOffered::Unreachable]
        );
        prop_assert_eq!(is_unreachable, fix.is_some() && drawn.route.is_none());
    }

    /// However the candidates come, they are ranked alike, and each stands where [`compare`] says.
    #[test]
    fn ranking_is_total_and_stable(
        (drawn, shuffled) in proptest::collection::vec(drawn(0), 1..14)
            .prop_map(|list| {
                let numbered = |(number, mut one): (u32, Drawn)| {
                    one.person.id = PersonId(number);
                    one
                };
                (1..).zip(list).map(numbered).collect::<Vec<_>>()
            })
            .prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle())),
    ) {
        let ranked = |list: &[Drawn]| {
            let mut list: Vec<_> = list.iter().map(|d| d.judged(Mode::Normal, 0)).collect();
            rank(&mut list);
            list
        };
        let (first, second) = (ranked(&drawn), ranked(&shuffled));
        prop_assert_eq!(&first, &second);
        for (a, b) in first.iter().zip(&first[1..]) {
            prop_assert!(a.is_offered() >= b.is_offered());
            if a.is_offered() == b.is_offered() {
                prop_assert!((a.score_min, a.person) < (b.score_min, b.person));
            }
            prop_assert_eq!(compare(a, b), Ordering::Less);
            prop_assert_eq!(compare(b, a), Ordering::Greater);
        }
    }

    /// An older position or another order never makes anybody eligible, nor better.
    #[test]
    fn eligibility_only_falls_with_age_and_load(
        drawn in drawn(1),
        extra_age_ms in 0..60 * MINUTE_MS,
        more_orders in 0_u32..4,
    ) {
        let before = drawn.judged(Mode::Normal, 0);
        let aged = drawn.judged(Mode::Normal, extra_age_ms);
        let mut busier = drawn.clone();
        busier.open_orders += more_orders;
        let busier = busier.judged(Mode::Normal, 0);
        for worse in [aged, busier] {
            prop_assert!(before.is_offered() || !worse.is_offered());
            prop_assert!(before.not_offered.iter().all(|why| worse.not_offered.contains(why)));
            if before.is_offered() && worse.is_offered() {
                prop_assert!(before.score_min <= worse.score_min);
            }
        }
    }
}

#[test]
fn in_a_joint_handling_each_department_is_asked_for_its_own_duty() {
    let person = of_post(Post::Police);
    let fix = fix(0);
    let police = responder(&person, Some(&fix), 0);
    let joint = |rules: &mut Rules, incident: &mut Incident, is_led: bool| {
        (*rules, *incident) = samples::joint_handling();
        incident.orders.extend(is_led.then(|| samples::key(7)));
    };
    let judge = |is_led| judged_with(&police, |r, i| joint(r, i, is_led), Mode::Normal);
    let (early, led) = (judge(false), judge(true));
    assert_eq!(early.not_offered, [NotOffered::LeadFirst]);
    assert_eq!(led.not_offered, []);
    assert_eq!(
        (led.charge, led.department),
        (DispatchDuty::Assist, Some("police".into()))
    );
    let lead = of_post(Post::CityManagement);
    let lead = judged_with(
        &responder(&lead, Some(&fix), 0),
        |r, i| joint(r, i, false),
        Mode::Normal,
    );
    assert_eq!(lead.not_offered, []);
    assert_eq!(lead.charge, DispatchDuty::Lead);
    // Outside a joint handling everybody would lead, which the list does not let the police do.
    assert_eq!(
        judged(&person, Some(&fix), 0).not_offered,
        [NotOffered::NotResponsible]
    );
}
