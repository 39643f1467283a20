//! Who is proposed for an incident, in which words, and under which key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::clocks::deadline;
use domain::crowd::{
    best_offered, by_distance, by_least_time, held_back_to_call, nearest_held_back,
};
use domain::dispatch::{Candidate, Matter, Responder};
use domain::modes::{ModeSession, rules_in_mode};
use domain::roads::RoadGraph;
use domain::roster::Roster;
use domain::rules::Rules;
use domain::{Incident, LonLat, Person, PersonId, PositionFix, Timestamp};
use protocol::Reference;

/// Candidates who may be sent at once that a proposal lists at most.
const LISTED_OFFERED: usize = 16;

/// People who are not offered that a proposal lists at most, so that an officer sees why the one
/// round the corner is not sent, and can send them under their own name.
const LISTED_HELD_BACK: usize = 4;

/// People who are not offered that a proposal lists where the list of the offered is not full: after
/// half an hour without the line it is empty, and whoever is reached by telephone must be on the
/// list to be sent. [`LISTED_HELD_BACK`] more may follow of those who cannot simply be called.
const LISTED_TO_CALL: usize = 50;

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
    pub mode: ModeSession,
    /// When.
    pub now: Timestamp,
}

/// A ranking.
#[derive(Debug)]
pub struct Ranking {
    /// The offered, best first, then those who are not offered: the nearest four behind a full list
    /// of sixteen, and behind any other up to fifty-four, of whom those stand first against whom
    /// nothing speaks but a lost position.
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
    /// The graph; one without roads when the network is unusable.
    pub graph: RoadGraph,
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
            graph: graph.unwrap_or_default(),
        }
    }
}

/// Ranks the roster for an incident: one search of the roads for each way of moving.
pub fn ranking(facts: &Facts, reference: &Reference, roads: &Arc<Roads>) -> Ranking {
    let rules = &reference.rules;
    let roster = Roster::of(&facts.people);
    let matter = Matter::new(&facts.incident, rules, &roster, facts.mode, facts.now);
    let destination = facts.incident.location;
    let mut ways = roads.graph.ways_by_mode(destination);
    let asked = facts.people.iter();
    let asked = asked.filter(|person| !facts.on_their_way.contains(&person.id));
    let responders = || {
        asked.clone().map(|person| Responder {
            person,
            fix: facts.positions.get(&person.id),
            open_orders: facts.open_orders.get(&person.id).copied().unwrap_or(0),
            route: None,
        })
    };
    let soonest = by_least_time(&roads.graph, destination, responders());
    let mut candidates = best_offered(LISTED_OFFERED, &matter, &mut ways, soonest);
    // However many are offered, the nearest of the others appear with what speaks against them.
    let nearest = by_distance(destination, responders());
    let held_back = if candidates.len() < LISTED_OFFERED {
        let most = (LISTED_TO_CALL, LISTED_HELD_BACK);
        held_back_to_call(most, &matter, &mut ways, nearest)
    } else {
        nearest_held_back(LISTED_HELD_BACK, &matter, &mut ways, nearest)
    };
    candidates.extend(held_back);
    let first = candidates.first().and_then(|first| {
        let responder = responders().find(|responder| responder.person.id == first.person)?;
        ways.of(responder.person.travel)
            .way(responder.fix?.location)
    });
    Ranking {
        candidates,
        route: first.map_or_else(Vec::new, |way| way.points),
        instruction: instruction(
            &facts.incident,
            &rules_in_mode(rules, facts.mode)
                .for_incident(&facts.incident)
                .effective(),
            facts.now,
        ),
    }
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
    use domain::IncidentState;
    use domain::dispatch::NotOffered;
    use domain::people::Post;
    use testkit::builders;

    #[test]
    fn an_order_names_a_time_that_is_still_to_come() {
        // 20 November 2026, 16:48 in Chengdu.
        let now = Timestamp::from_unix_ms(1_795_104_000_000 + (16 * 60 + 48) * 60_000);
        let after = |minutes: i64| due_words(now.plus_ms(minutes * 60_000), now);
        assert_eq!(after(30), "，请于17:18前办结");
        assert_eq!(after(24 * 60), "，请于11月21日16:48前办结");
        assert_eq!(after(-4), "，已超时，请尽快办结");
    }

    /// Grid members east of the test street's centre, 10 m apart, and three of the police, whom
    /// nothing makes responsible for rubbish, between them.
    fn facts(members: u32) -> Facts {
        let now = testkit::clock::FRIDAY_NINE;
        let mut people: Vec<Person> = (1..=members + 3).map(builders::person).collect();
        for person in &mut people[members as usize..] {
            person.post = Post::Police;
        }
        let place = |number: u32| {
            let steps = if number > members {
                number - members
            } else {
                number
            };
            LonLat::new(
                builders::CENTRE.lon + 1e-4 * f64::from(steps),
                builders::CENTRE.lat,
            )
        };
        let fixes = people
            .iter()
            .map(|person| builders::fix(person.id.0, place(person.id.0), now));
        Facts {
            incident: builders::incident(1, IncidentState::Filed),
            positions: fixes.map(|fix| (fix.person, fix)).collect(),
            people,
            open_orders: BTreeMap::from([(PersonId(1), 2)]),
            on_their_way: BTreeSet::from([PersonId(3)]),
            mode: ModeSession::default(),
            now,
        }
    }

    fn listed(facts: &Facts) -> (Vec<u32>, Ranking) {
        let reference = builders::reference();
        let ranking = ranking(facts, &reference, &Arc::new(Roads::of(&reference)));
        let numbers = ranking
            .candidates
            .iter()
            .map(|candidate| candidate.person.0);
        (numbers.collect(), ranking)
    }

    #[test]
    fn the_nearest_who_are_not_offered_appear_behind_a_full_list() {
        let (numbers, ranking) = listed(&facts(30));
        // The nearest has two orders already and falls behind; the third is on the way already.
        let mut expected = vec![2];
        expected.extend(4..=18);
        expected.extend([31, 32, 33]);
        assert_eq!(numbers, expected);
        let last = ranking.candidates.last().expect("nineteen");
        assert_eq!(last.not_offered, [NotOffered::NotResponsible]);
        assert_eq!(ranking.route.last(), Some(&builders::CENTRE));
    }

    #[test]
    fn without_positions_whoever_can_be_called_is_listed_and_the_own_grid_stands_first() {
        let mut facts = facts(60);
        for fix in facts.positions.values_mut() {
            fix.at = facts.now.plus_ms(-31 * 60_000);
        }
        // The nearest, who has no fault but the position, is off duty today.
        facts.people[1].shift = domain::people::Shift {
            from_minute: 20 * 60,
            to_minute: 22 * 60,
        };
        facts.incident.grids.micro = Some("m1".into());
        facts.people[39].home_grid = Some("m1".into());
        let (numbers, ranking) = listed(&facts);
        // The fortieth answers the telephone; 3 is on the way already.
        let mut expected = vec![40, 1];
        expected.extend((4..=52).filter(|number| *number != 40));
        assert_eq!(numbers[..50], expected);
        // Beside them the nearest of those against whom more speaks than the position.
        let mut others = numbers[50..].to_vec();
        others.sort_unstable();
        assert_eq!(others, [2, 61, 62, 63]);
        assert!(ranking.candidates.iter().all(|one| !one.is_offered()));
    }

    #[test]
    fn few_people_are_all_listed_and_nobody_is_no_fault() {
        let (numbers, _) = listed(&facts(3));
        assert_eq!(numbers, [2, 1, 4, 5, 6]);
        let nobody = Facts {
            people: Vec::new(),
            ..facts(1)
        };
        assert_eq!(listed(&nobody).0, [0u32; 0]);
    }
}
