//! The ten best responders by road among a hundred thousand, with the reasons.
//!
//! Ours asks the crowd outward from the matter and stops when nobody who is left can be among the
//! best. The peer, brute force, judges everybody by the same function, with one search of all roads
//! for each way of moving. Beside it stand those three searches alone, without finding anybody's
//! road, judging or sorting: no brute force is faster than that.

use std::hint::black_box;

use anyhow::{Result, ensure};
use domain::crowd::{Crowd, Kind, best_offered};
use domain::dispatch::{Candidate, Matter, Responder, judge, rank};
use domain::intents::Mode;
use domain::people::{Person, Post, Shift, Skill, TravelMode};
use domain::roads::{RoadGraph, TravelRules};
use domain::roster::{DutyPlan, Roster};
use domain::rules::{CategoryRule, Rules};
use domain::{Incident, LonLat, PersonId, PositionFix, Timestamp};

use crate::Setting;
use crate::dice::Dice;
use crate::networks;
use crate::report::{Contestant, Report, Unit, take_turns, timed};

const PEOPLE: u32 = 100_000;
const WANTED: usize = 10;
/// Matters all over the city that each contestant ranks for.
const MATTERS: usize = 8;
/// Posts of the crowd, and how those who hold them get about.
const POSTS: [(Post, TravelMode); 7] = [
    (Post::GridMember, TravelMode::EBike),
    (Post::CityManagement, TravelMode::Car),
    (Post::Police, TravelMode::Car),
    (Post::Maintenance, TravelMode::EBike),
    (Post::CommunityWorker, TravelMode::Walk),
    (Post::MicroGridMember, TravelMode::Walk),
    (Post::Emergency, TravelMode::Car),
];
/// 20 November 2026, 09:00 in Chengdu.
const NOW: Timestamp = Timestamp::from_unix_ms(1_795_136_400_000);

pub fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    let rules = rules::shipped()?;
    let graph = RoadGraph::new(networks::city(), &TravelRules::default())?;
    let mut dice = Dice::new(11);
    let city = City::new(&graph, &mut dice);
    let roster = Roster::of(&city.people);
    let (mut crowd, index_s) = timed(|| Crowd::of(city.located()));
    report.figure("people", f64::from(PEOPLE), "people");
    report.figure("crowd-index", index_s * 1e3, "ms");
    let ((), move_s) = timed(|| {
        for (person, kind, place) in city.located() {
            crowd.locate(person, kind, place);
        }
    });
    report.figure("crowd-move", move_s / f64::from(PEOPLE) * 1e6, "us");

    let mut incidents: Vec<Incident> = Vec::new();
    let (mut reached_nodes, mut seen_people) = (0, 0);
    while incidents.len() < MATTERS {
        let incident = city.incident(&rules, &mut dice)?;
        let asked = asked(&incident, &rules, &roster);
        let (found, seen, reached) = city.ours(&graph, &crowd, &asked);
        ensure!(
            found == city.everybody(&graph, &asked),
            "not those of brute force"
        );
        // Of some categories the rules charge nobody of this crowd.
        if found.len() == WANTED {
            reached_nodes += reached;
            seen_people += seen;
            incidents.push(incident);
        }
    }
    let matters: Vec<Asked> = incidents
        .iter()
        .map(|incident| asked(incident, &rules, &roster))
        .collect();
    report.figure("people-seen", seen_people as f64 / MATTERS as f64, "people");
    report.figure(
        "nodes-reached",
        reached_nodes as f64 / MATTERS as f64,
        "nodes",
    );
    measure(setting, report, &city, &graph, &crowd, &matters);
    Ok(())
}

fn measure(
    setting: &Setting,
    report: &mut Report,
    city: &City,
    graph: &RoadGraph,
    crowd: &Crowd,
    matters: &[Asked],
) {
    let mut contestants: Vec<Contestant> = vec![
        (
            "ours",
            Box::new(|| {
                for matter in matters {
                    black_box(city.ours(graph, crowd, matter));
                }
            }),
        ),
        (
            "brute-force",
            Box::new(|| {
                for matter in matters {
                    black_box(city.everybody(graph, matter));
                }
            }),
        ),
        (
            "full-searches",
            Box::new(|| {
                for (place, _) in matters {
                    let mut ways = graph.ways_by_mode(*place);
                    for mode in RoadGraph::MODES {
                        ways.of(mode).settle_all();
                    }
                    black_box(&ways);
                }
            }),
        ),
    ];
    let medians: Vec<(&str, f64)> = take_turns(setting.runs, &mut contestants)
        .into_iter()
        .map(|(who, seconds)| (who, seconds / matters.len() as f64))
        .collect();
    report.times("ten-best", Unit::Ms, &medians);
}

/// Where something is the matter, and what.
type Asked<'a> = (LonLat, Matter<'a>);

fn asked<'a>(incident: &'a Incident, rules: &'a Rules, roster: &'a Roster<'a>) -> Asked<'a> {
    let matter = Matter::new(incident, rules, roster, Mode::Normal, NOW);
    (incident.location, matter)
}

/// A crowd with its positions and orders.
struct City {
    people: Vec<Person>,
    fixes: Vec<PositionFix>,
    open_orders: Vec<u32>,
    /// Where something may happen.
    places: Vec<LonLat>,
}

impl City {
    fn new(graph: &RoadGraph, dice: &mut Dice) -> Self {
        let nodes = &graph.network().nodes;
        let near_a_road = |dice: &mut Dice| {
            let node = nodes[dice.below(nodes.len())];
            let aside = |dice: &mut Dice| dice.between(-6e-4, 6e-4);
            LonLat::new(node.lon + aside(dice), node.lat + aside(dice))
        };
        let numbers = || (1..=PEOPLE).map(PersonId);
        Self {
            people: numbers().map(|id| person(id, dice)).collect(),
            fixes: numbers()
                .map(|person| PositionFix {
                    person,
                    location: near_a_road(dice),
                    // Some are stale and some are lost.
                    at: NOW.plus_ms(-(dice.between(0.0, 35.0) * 60_000.0) as i64),
                    accuracy_m: 8.0,
                    speed_mps: 0.0,
                    heading_deg: 0.0,
                    source_crs: domain::places::Crs::default(),
                    source: domain::PositionSource::default(),
                })
                .collect(),
            open_orders: numbers().map(|_| dice.below(4) as u32).collect(),
            places: (0..1_000).map(|_| near_a_road(dice)).collect(),
        }
    }

    fn located(&self) -> impl Iterator<Item = (PersonId, Kind, LonLat)> {
        let people = self.people.iter().zip(&self.fixes);
        people.map(|(person, fix)| (person.id, Kind::of(person), fix.location))
    }

    fn responder(&self, person: PersonId) -> Option<Responder<'_>> {
        let index = person.0.checked_sub(1)? as usize;
        Some(Responder {
            person: self.people.get(index)?,
            fix: self.fixes.get(index),
            open_orders: self.open_orders[index],
            route: None,
        })
    }

    /// A matter of some category somewhere. Whatever does not bear on a ranking is left as a
    /// stored record may leave it.
    fn incident(&self, rules: &Rules, dice: &mut Dice) -> Result<Incident> {
        let known = |rule: &&CategoryRule| {
            POSTS
                .iter()
                .any(|(post, _)| rule.posts.first() == Some(post))
        };
        let categories: Vec<&CategoryRule> = rules.categories.iter().filter(known).collect();
        let category = categories[dice.below(categories.len())].code;
        Ok(serde_json::from_value(serde_json::json!({
            "id": 20_261_120_000_001_u64,
            "steps": 1,
            "state": "filed",
            "suspended_from": null,
            "category": category,
            "channel": "grid_patrol",
            "title": "",
            "description": "",
            "address": "",
            "location": self.places[dice.below(self.places.len())],
            "grids": {},
            "level": "micro",
            "level_reason": "",
            "reported_at": NOW,
            "state_since": NOW,
            "ended_at": null,
            "clock": null,
            "orders": [],
            "supervised": false,
            "extensions": 0,
            "reworks": 0,
            "rules_version": "",
        }))?)
    }

    /// The ten best, how many people were passed on the way outward, and how many nodes of the
    /// roads were reached.
    fn ours(
        &self,
        graph: &RoadGraph,
        crowd: &Crowd,
        (place, matter): &Asked,
    ) -> (Vec<Candidate>, usize, usize) {
        let mut ways = graph.ways_by_mode(*place);
        let mut seen = 0;
        let outward = crowd.outward(graph, *place, |post| matter.may_charge(post));
        let outward = outward.inspect(|_| seen += 1);
        let nearby =
            outward.filter_map(|(least_s, person)| Some((least_s, self.responder(person)?)));
        let best = best_offered(WANTED, matter, &mut ways, nearby);
        let reached = RoadGraph::MODES.map(|mode| ways.of(mode).reached_nodes());
        (best, seen, reached.into_iter().sum())
    }

    /// The ten best by judging everybody.
    fn everybody(&self, graph: &RoadGraph, (place, matter): &Asked) -> Vec<Candidate> {
        let mut ways = graph.ways_by_mode(*place);
        let mut candidates: Vec<Candidate> = (1..=PEOPLE)
            .filter_map(|number| self.responder(PersonId(number)))
            .map(|responder| {
                let ways = ways.of(responder.person.travel);
                let route = responder.fix.and_then(|fix| ways.route(fix.location));
                judge(&Responder { route, ..responder }, matter)
            })
            .filter(Candidate::is_offered)
            .collect();
        rank(&mut candidates);
        candidates.truncate(WANTED);
        candidates
    }
}

fn person(id: PersonId, dice: &mut Dice) -> Person {
    let skills = [
        Skill::Sanitation,
        Skill::Electrician,
        Skill::FirstAid,
        Skill::Mediation,
    ];
    let (post, travel) = POSTS[dice.below(POSTS.len())];
    Person {
        id,
        name: String::new(),
        post,
        skills: vec![skills[dice.below(skills.len())]],
        phone: String::new(),
        home_grid: None,
        // Day and night in turns: half of them are on duty.
        shift: if dice.chance(0.5) {
            Shift {
                from_minute: 8 * 60,
                to_minute: 20 * 60,
            }
        } else {
            Shift {
                from_minute: 20 * 60,
                to_minute: 8 * 60,
            }
        },
        travel,
        duty: DutyPlan::default(),
        groups: Vec::new(),
        provenance: None,
    }
}
