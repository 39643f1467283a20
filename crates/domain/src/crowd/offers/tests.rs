//! The best of many against judging everybody, by score and by distance, ties included.

use proptest::prelude::*;

use super::*;
use crate::crowd::{Crowd, Kind};
use crate::dispatch::{NotOffered, rank};
use crate::ids::PersonId;
use crate::incidents::{Incident, IncidentState};
use crate::intents::Mode;
use crate::people::{Person, PositionFix, Post, Skill};
use crate::roads::{RoadEdge, RoadNetwork, TravelRules};
use crate::roster::Roster;
use crate::rules::Rules;
use crate::samples;

/// Metres east and north of the scene as a place; steps of twenty metres make ties common.
fn at(east: i32, north: i32) -> LonLat {
    let scene = samples::SCENE;
    LonLat::new(
        scene.lon + f64::from(east) * 2e-4,
        scene.lat + f64::from(north) * 2e-4,
    )
}

prop_compose! {
    /// Nine crossings around the scene with whatever streets between them; some places are cut off.
    fn any_roads()(
        streets in prop::collection::vec((0u32..9, 0u32..9, any::<bool>(), 1u8..4), 0..24),
    ) -> RoadGraph {
        let nodes = (0..9).map(|i| at((i % 3 - 1) * 40, (i / 3 - 1) * 40)).collect();
        let street = |(from, to, for_cars, speed): (u32, u32, bool, u8)| RoadEdge {
            from,
            to,
            length_m: 0.0,
            speed_mps: f32::from(speed) * 7.0,
            for_cars,
            class: if for_cars { "residential" } else { "path" }.to_owned(),
            name: String::new(),
            via: Vec::new(),
        };
        let edges = streets.into_iter().map(street).collect();
        RoadGraph::new(RoadNetwork { nodes, edges }, &TravelRules::default()).expect("sound")
    }
}

prop_compose! {
    fn any_weights()(
        gains in prop::array::uniform3(-1.0..12.0f64),
        open_order_min in prop_oneof![9 => 0.0..8.0f64, 1 => -2.0..0.0f64],
        stale_position_min in prop_oneof![9 => 0.0..8.0f64, 1 => -2.0..0.0f64],
    ) -> RankingWeights {
        let [lead_post_min, skill_min, home_grid_min] = gains;
        RankingWeights { lead_post_min, skill_min, open_order_min, home_grid_min, stale_position_min }
    }
}

/// Somebody with a position, if any, and orders.
type One = (Person, Option<PositionFix>, u32);

prop_compose! {
    fn any_one()(
        mode in 0usize..3,
        is_lead in any::<bool>(),
        is_responsible in prop::bool::weighted(0.8),
        is_able in any::<bool>(),
        is_home in any::<bool>(),
        is_on_duty in prop::bool::weighted(0.8),
        place in prop::option::weighted(0.9, (-60i32..60, -60i32..60)),
        age_min in 0i64..40,
        open_orders in 0u32..3,
    ) -> One {
        let mut person = samples::person(1);
        person.travel = RoadGraph::MODES[mode];
        person.post = match (is_responsible, is_lead) {
            (false, _) => Post::Police,
            (true, true) => Post::CityManagement,
            (true, false) => Post::GridMember,
        };
        person.skills = if is_able { vec![Skill::Sanitation] } else { Vec::new() };
        person.home_grid = is_home.then(|| "m1".into());
        if !is_on_duty {
            person.shift = samples::shift(20, 22);
        }
        let fix = place.map(|(east, north)| PositionFix {
            location: at(east, north),
            ..samples::fix(age_min * 60_000)
        });
        (person, fix, open_orders)
    }
}

fn any_people() -> impl Strategy<Value = Vec<One>> {
    prop::collection::vec(any_one(), 0..40).prop_map(|mut people| {
        for (number, (person, fix, _)) in (1u32..).zip(&mut people) {
            // The order of the numbers is not the order of the list.
            person.id = PersonId(number * 29 % 997);
            if let Some(fix) = fix {
                fix.person = person.id;
            }
        }
        people
    })
}

fn rules(ranking: RankingWeights) -> Rules {
    Rules {
        ranking,
        ..samples::rules()
    }
}

fn responders(people: &[One]) -> Vec<Responder<'_>> {
    people
        .iter()
        .map(|(person, fix, open_orders)| Responder {
            person,
            fix: fix.as_ref(),
            open_orders: *open_orders,
            route: None,
        })
        .collect()
}

/// Everybody judged and ranked.
fn everybody(matter: &Matter, roads: &RoadGraph, people: &[Responder]) -> Vec<Candidate> {
    let mut ways = roads.ways_by_mode(samples::SCENE);
    let mut judged: Vec<Candidate> = people
        .iter()
        .map(|responder| {
            let ways = ways.of(responder.person.travel);
            let route = responder.fix.and_then(|fix| ways.route(fix.location));
            judge(
                &Responder {
                    route,
                    ..*responder
                },
                matter,
            )
        })
        .collect();
    rank(&mut judged);
    judged
}

fn with_matter(weights: RankingWeights, people: &[One], test: impl FnOnce(&Matter)) {
    let incident: Incident = samples::incident_at_m1(IncidentState::Filed);
    let rules = rules(weights);
    let roster = Roster::of(people.iter().map(|(person, _, _)| person));
    let matter = Matter::new(&incident, &rules, &roster, Mode::Normal, samples::NOW);
    test(&matter);
}

proptest! {
    #[test]
    fn the_best_of_a_crowd_are_the_first_of_everybody(
        roads in any_roads(),
        weights in any_weights(),
        people in any_people(),
        limit in 1usize..12,
    ) {
        let all = responders(&people);
        with_matter(weights, &people, |matter| {
            let mut expected = everybody(matter, &roads, &all);
            expected.retain(Candidate::is_offered);
            expected.truncate(limit);
            let scene = samples::SCENE;
            let mut ways = roads.ways_by_mode(scene);
            let found = best_offered(limit, matter, &mut ways, by_least_time(&roads, scene, all.iter().copied()));
            assert_eq!(found, expected);

            let located = all.iter().filter_map(|one| Some((one.person, one.fix?)));
            let crowd = Crowd::of(located.map(|(person, fix)| (person.id, Kind::of(person), fix.location)));
            let of = |person| all.iter().find(|one| one.person.id == person).copied();
            let nearby = crowd.outward(&roads, scene, |post| matter.may_charge(post)).filter_map(|(least_s, person)| Some((least_s, of(person)?)));
            let mut ways = roads.ways_by_mode(scene);
            assert_eq!(best_offered(limit, matter, &mut ways, nearby), expected);
        });
    }

    #[test]
    fn those_held_back_are_the_nearest_of_everybody(
        roads in any_roads(),
        weights in any_weights(),
        people in any_people(),
        limit in 1usize..6,
    ) {
        let all = responders(&people);
        with_matter(weights, &people, |matter| {
            let mut expected = everybody(matter, &roads, &all);
            expected.retain(|judged| !judged.is_offered());
            // Stable: people at the same distance stay as ranked.
            expected.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m));
            expected.truncate(limit);
            let scene = samples::SCENE;
            let mut ways = roads.ways_by_mode(scene);
            let nearby = by_distance(scene, all.iter().copied());
            assert_eq!(nearest_held_back(limit, matter, &mut ways, nearby), expected);
        });
    }

    #[test]
    fn who_can_be_called_stands_first_and_the_own_grid_before_the_others(
        roads in any_roads(),
        people in any_people(),
        limit in 1usize..12,
        least_others in 0usize..4,
    ) {
        let all = responders(&people);
        with_matter(RankingWeights::default(), &people, |matter| {
            let mut expected = everybody(matter, &roads, &all);
            expected.retain(|judged| !judged.is_offered());
            expected.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m));
            let is_to_call = |judged: &Candidate| {
                let mut objections = judged.not_offered.iter();
                judged.not_offered.contains(&NotOffered::PositionLost)
                    && objections.all(|one| matches!(one, NotOffered::PositionLost | NotOffered::Unreachable))
            };
            let (mut to_call, mut others): (Vec<_>, Vec<_>) = expected.into_iter().partition(is_to_call);
            to_call.sort_by_key(|judged| !judged.is_home_grid);
            to_call.truncate(limit);
            others.truncate((limit - to_call.len()).max(least_others));
            to_call.extend(others);
            let mut ways = roads.ways_by_mode(samples::SCENE);
            let nearby = by_distance(samples::SCENE, all.iter().copied());
            let found = held_back_to_call((limit, least_others), matter, &mut ways, nearby);
            assert_eq!(found, to_call);
        });
    }
}

#[test]
fn the_own_member_who_is_fifth_can_be_called_where_every_position_is_lost() {
    // 1 to 8 ever farther away; 5 is of the grid, 2 off duty, 3 not responsible, 8 was never seen.
    let people: Vec<One> = (1..=8u32)
        .map(|number| {
            let mut person = samples::person(number);
            match number {
                2 => person.shift = samples::shift(20, 22),
                3 => person.post = Post::Police,
                5 => person.home_grid = Some("m1".into()),
                _ => {}
            }
            let fix = PositionFix {
                location: at(number as i32, 0),
                ..samples::fix(31 * 60_000)
            };
            (person, (number != 8).then_some(fix), 0)
        })
        .collect();
    with_matter(RankingWeights::default(), &people, |matter| {
        let roads = RoadGraph::default();
        let listed = |limit, least_others| -> Vec<u32> {
            let mut ways = roads.ways_by_mode(samples::SCENE);
            let nearby = by_distance(samples::SCENE, responders(&people));
            let found = held_back_to_call((limit, least_others), matter, &mut ways, nearby);
            assert!(found.iter().all(|judged| !judged.is_offered()));
            found.iter().map(|judged| judged.person.0).collect()
        };
        assert_eq!(listed(50, 4), [5, 1, 4, 6, 7, 8, 2, 3]);
        assert_eq!(listed(3, 1), [5, 1, 4, 2]);
        assert_eq!(listed(1, 0), [5]);
    });
}

#[test]
fn the_far_are_not_looked_up_on_the_roads() {
    let nodes = (0..200).map(|i| at(i * 10, 0)).collect();
    let street = |from: u32, to: u32| RoadEdge {
        from,
        to,
        length_m: 0.0,
        speed_mps: 10.0,
        for_cars: true,
        class: String::new(),
        name: String::new(),
        via: Vec::new(),
    };
    let edges = (0..199)
        .flat_map(|i| [street(i, i + 1), street(i + 1, i)])
        .collect();
    let network = RoadNetwork { nodes, edges };
    let roads = RoadGraph::new(network, &TravelRules::default()).expect("sound");
    let people: Vec<One> = (1..=100u32)
        .map(|number| {
            let mut person = samples::person(number);
            person.id = PersonId(number);
            let location = at(number as i32 * 20, 0);
            let fix = PositionFix {
                person: person.id,
                location,
                ..samples::fix(0)
            };
            (person, Some(fix), 0)
        })
        .collect();
    with_matter(RankingWeights::default(), &people, |matter| {
        let scene = samples::SCENE;
        let mut ways = roads.ways_by_mode(scene);
        let nearby = by_least_time(&roads, scene, responders(&people));
        let numbers: Vec<u32> = best_offered(3, matter, &mut ways, nearby)
            .iter()
            .map(|best| best.person.0)
            .collect();
        assert_eq!(numbers, [1, 2, 3]);
        let reached: usize = RoadGraph::MODES
            .map(|mode| ways.of(mode).reached_nodes())
            .iter()
            .sum();
        assert!((2..30).contains(&reached), "{reached} of 600 nodes");
    });
}

#[test]
fn the_most_that_can_be_gained_is_every_gain_at_once() {
    let weights = |stale_position_min, open_order_min| RankingWeights {
        lead_post_min: 4.0,
        skill_min: 3.0,
        home_grid_min: -2.0,
        open_order_min,
        stale_position_min,
    };
    // A negative gain is a loss, which nobody is bound to have.
    for (stale, open) in [(5.0, 6.0), (0.0, 0.0)] {
        assert!((most_gain_min(&weights(stale, open)) - 7.0).abs() < 1e-12);
    }
    for (stale, open) in [(-0.1, 6.0), (5.0, -0.1), (-1.0, -1.0)] {
        assert!(most_gain_min(&weights(stale, open)).is_infinite());
    }
}

#[test]
fn everybody_at_the_distance_of_the_last_is_looked_at() {
    // On duty elsewhere and cut off, all equally far: the lower numbers are listed.
    let people: Vec<One> = (1..=9u32)
        .rev()
        .map(|number| {
            let mut person = samples::person(number);
            person.post = Post::Police;
            let fix = PositionFix {
                location: at(30, 0),
                ..samples::fix(0)
            };
            (person, Some(fix), 0)
        })
        .collect();
    with_matter(RankingWeights::default(), &people, |matter| {
        let roads = RoadGraph::default();
        let mut ways = roads.ways_by_mode(samples::SCENE);
        let nearby = by_distance(samples::SCENE, responders(&people));
        let found = nearest_held_back(4, matter, &mut ways, nearby);
        let numbers: Vec<u32> = found.iter().map(|judged| judged.person.0).collect();
        assert_eq!(numbers, [1, 2, 3, 4]);
    });
}
