//! Who is proposed for an incident, in which words, and under which key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::clocks::deadline;
use domain::dispatch::{Candidate, Matter, Responder, judge, rank};
use domain::modes::{Mode, rules_in_mode};
use domain::people::TravelMode;
use domain::roads::{RoadGraph, WaysTo};
use domain::roster::Roster;
use domain::rules::Rules;
use domain::{Incident, LonLat, Person, PersonId, PositionFix, Timestamp};
use protocol::Reference;

/// Candidates who may be sent at once that a proposal lists at most.
const LISTED_OFFERED: usize = 16;

/// People who are not offered that a proposal lists at most, so that an officer sees why the one
/// round the corner is not sent, and can send them under their own name.
const LISTED_HELD_BACK: usize = 4;

/// What is known at the moment of ranking, copied out of the picture so that the search holds no
/// lock.
#[derive(Debug)]
pub struct Facts {
    /// The incident.
    pub incident: Incident,
    /// The roster.
    pub people: Vec<Person>,
    /// Newest positions.
    pub positions: BTreeMap<PersonId, PositionFix>,
    /// Orders under way of each person who has any.
    pub open_orders: BTreeMap<PersonId, u32>,
    /// People who are under way to this incident already; they are not proposed again.
    pub on_their_way: BTreeSet<PersonId>,
    /// Normal or emergency.
    pub mode: Mode,
    /// When.
    pub now: Timestamp,
}

/// A ranking.
#[derive(Debug)]
pub struct Ranking {
    /// The offered, best first, then the nearest of those who are not offered; at most twenty.
    pub candidates: Vec<Candidate>,
    /// Fastest way of the first; empty when there is none.
    pub route: Vec<LonLat>,
    /// Suggested words of the order.
    pub instruction: String,
}

/// The road graph of one version of the reference data.
#[derive(Debug)]
pub struct Roads {
    /// Version of the reference data.
    pub version: u64,
    /// The graph; `None` when the network is unusable.
    pub graph: Option<RoadGraph>,
}

impl Roads {
    /// Prepares the roads of the reference data. A network that contradicts itself is left out:
    /// everybody is then unreachable by road and ranked as the crow flies.
    pub fn of(reference: &Reference) -> Self {
        let graph = RoadGraph::new(reference.roads.clone(), &reference.rules.travel);
        if let Err(error) = &graph {
            tracing::error!(%error, version = reference.version, "the road network is unusable");
        }
        Self {
            version: reference.version,
            graph: graph.ok(),
        }
    }
}

/// Ranks the roster for an incident: one search of the roads for each way of moving.
pub fn ranking(facts: &Facts, reference: &Reference, roads: &Arc<Roads>) -> Ranking {
    let rules = &reference.rules;
    let roster = Roster::of(&facts.people);
    let matter = Matter::new(&facts.incident, rules, &roster, facts.mode, facts.now);
    let graph = roads.graph.as_ref();
    let destination = facts.incident.location;
    let mut ways: Option<[WaysTo; 3]> =
        graph.map(|graph| RoadGraph::MODES.map(|mode| graph.ways_to(destination, mode)));
    let mut candidates: Vec<Candidate> = facts
        .people
        .iter()
        .filter(|person| !facts.on_their_way.contains(&person.id))
        .map(|person| {
            let fix = facts.positions.get(&person.id);
            let route = fix.and_then(|fix| ways_by(&mut ways, person.travel)?.route(fix.location));
            let responder = Responder {
                person,
                fix,
                open_orders: facts.open_orders.get(&person.id).copied().unwrap_or(0),
                route,
            };
            judge(&responder, &matter)
        })
        .collect();
    rank(&mut candidates);
    let candidates = listed(candidates);
    let route = candidates
        .first()
        .and_then(|first| {
            let person = facts.people.iter().find(|p| p.id == first.person)?;
            let fix = facts.positions.get(&first.person)?;
            Some(ways_by(&mut ways, person.travel)?.way(fix.location)?.points)
        })
        .unwrap_or_default();
    Ranking {
        candidates,
        route,
        instruction: instruction(
            &facts.incident,
            &rules_in_mode(rules, facts.mode)
                .for_incident(&facts.incident)
                .effective(),
            facts.now,
        ),
    }
}

/// The search for one way of moving.
fn ways_by<'a, 'g>(
    ways: &'a mut Option<[WaysTo<'g>; 3]>,
    mode: TravelMode,
) -> Option<&'a mut WaysTo<'g>> {
    ways.as_mut()?.iter_mut().find(|ways| ways.mode() == mode)
}

/// The part of a whole ranking that a proposal lists: however many are offered, the nearest of the
/// others still appear with what speaks against them.
fn listed(ranked: Vec<Candidate>) -> Vec<Candidate> {
    let (mut listed, mut held_back): (Vec<Candidate>, Vec<Candidate>) =
        ranked.into_iter().partition(Candidate::is_offered);
    listed.truncate(LISTED_OFFERED);
    // A stable sort: people at the same distance, and those without a position, stay as ranked.
    held_back.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m));
    held_back.truncate(LISTED_HELD_BACK);
    listed.append(&mut held_back);
    listed
}

/// The words that an order begins with; the officer may change them.
fn instruction(incident: &Incident, rules: &Rules, now: Timestamp) -> String {
    let category = rules.category(incident.category);
    let name = category.map_or(incident.title.as_str(), |rule| rule.name.as_str());
    // Whoever joins a matter under way is bound by its running clock; a matter that waits for
    // dispatch gets its handling clock only by this order.
    let due = if incident.state.awaits_dispatch() {
        let condition = incident.condition.as_ref();
        category
            .and_then(|rule| rule.limit_under(condition))
            .map(|limit| deadline(limit, now, &rules.calendar))
    } else {
        incident.clock.map(|clock| clock.deadline)
    };
    format!(
        "请前往{}处置“{}”（{name}，{}）{}，到场和办结时请回报。",
        incident.address,
        incident.title,
        level_word(incident.level),
        due.map(|due| due_words(due, now)).unwrap_or_default(),
    )
}

/// By when the matter is to be settled, with the date unless that is today.
fn due_words(due: Timestamp, now: Timestamp) -> String {
    if due <= now {
        return "，已超时，请尽快办结".to_owned();
    }
    let day = if due.local_date() == now.local_date() {
        String::new()
    } else {
        let date = due.local_date();
        format!("{}月{}日", u8::from(date.month()), date.day())
    };
    format!("，请于{day}{}前办结", due.local_hm())
}

const fn level_word(level: domain::Level) -> &'static str {
    match level {
        domain::Level::Micro => "微级",
        domain::Level::Small => "小级",
        domain::Level::Medium => "中级",
        domain::Level::Large => "大级",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::dispatch::NotOffered;
    use domain::roster::{Duty, OnDutyBy};

    fn candidate(number: u32, distance_m: f64, not_offered: &[NotOffered]) -> Candidate {
        Candidate {
            person: PersonId(number),
            not_offered: not_offered.to_vec(),
            duty: Duty::On {
                by: OnDutyBy::Pattern,
            },
            distance_m,
            travel_time_s: distance_m,
            position_age_s: Some(1),
            fitting_skills: Vec::new(),
            is_lead_post: false,
            is_home_grid: false,
            open_orders: 0,
            // The more that speaks for the far: the nearest are then not simply the best.
            score_min: 1.0 / distance_m,
            terms: Vec::new(),
        }
    }

    #[test]
    fn the_nearest_who_are_not_offered_appear_behind_a_full_list() {
        let mut everybody: Vec<Candidate> = (1..=30)
            .map(|number| candidate(number, 100.0 * f64::from(number), &[]))
            .chain((31..=40).map(|number| {
                candidate(
                    number,
                    10.0 * f64::from(number),
                    &[NotOffered::NotResponsible],
                )
            }))
            .chain([candidate(41, f64::INFINITY, &[NotOffered::PositionLost])])
            .collect();
        rank(&mut everybody);
        let numbers: Vec<u32> = listed(everybody).iter().map(|c| c.person.0).collect();
        let offered: Vec<u32> = (15..=30).rev().collect();
        assert_eq!(numbers[..16], offered);
        assert_eq!(numbers[16..], [31, 32, 33, 34]);
    }

    #[test]
    fn an_order_names_a_time_that_is_still_to_come() {
        // 20 November 2026, 16:48 in Chengdu.
        let now = Timestamp::from_unix_ms(1_795_104_000_000 + (16 * 60 + 48) * 60_000);
        let after = |minutes: i64| due_words(now.plus_ms(minutes * 60_000), now);
        assert_eq!(after(30), "，请于17:18前办结");
        assert_eq!(after(24 * 60), "，请于11月21日16:48前办结");
        assert_eq!(after(-4), "，已超时，请尽快办结");
    }

    #[test]
    fn few_people_are_all_listed() {
        let off_duty = candidate(1, f64::INFINITY, &[NotOffered::OffDuty]);
        let offered = candidate(2, 50.0, &[]);
        let listed = listed(vec![off_duty.clone(), offered.clone()]);
        assert_eq!(listed, [offered, off_duty]);
        assert_eq!(super::listed(Vec::new()), []);
    }
}
