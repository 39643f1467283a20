//! Proposed responders as rows: who, and every reason for and against, ready to be put in words.

use std::collections::BTreeSet;

use domain::dispatch::{Candidate, NotOffered};
use domain::people::{POSITION_STALE_MS, Post, Skill};
use domain::{Incident, PersonId, Situation};

/// One reason of the ranking, in the order in which the row says them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Merit {
    /// Metres by road.
    ByRoad {
        /// Distance in metres, rounded for reading.
        distance_m: u32,
    },
    /// Metres as the crow flies, where no way by road is known.
    AsTheCrowFlies {
        /// Distance in metres, rounded for reading.
        distance_m: u32,
    },
    /// Road time in minutes, at least 1.
    Minutes(u32),
    /// The roster has the person on duty.
    OnDuty,
    /// A skill that fits the category.
    Skill(Skill),
    /// Orders already under way; 0 is said as well, because being free is a reason.
    OpenOrders(u32),
    /// The incident lies in the person's own grid.
    HomeGrid,
    /// The post leads the responsibility list.
    LeadPost,
    /// The position is older than it should be.
    StalePosition {
        /// Age in whole minutes.
        minutes: u32,
    },
}

/// One proposed responder.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CandidateRow {
    /// Who.
    pub person: PersonId,
    /// Full name; the roster number when the roster does not know the person (any more).
    pub name: String,
    /// Phone number, empty when unknown.
    pub phone: String,
    /// Post, when the roster knows the person.
    pub post: Option<Post>,
    /// What speaks for sending, and what should be known.
    pub merits: Vec<Merit>,
    /// What speaks against; sending needs a named override unless this is empty.
    pub objections: Vec<NotOffered>,
    /// Whether an order about this incident is under way to this person already.
    pub is_sent: bool,
}

impl CandidateRow {
    /// Whether one click may send this person.
    pub fn is_offered(&self) -> bool {
        self.objections.is_empty() && !self.is_sent
    }
}

/// The rows of a proposal, split as the screen shows them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CandidateRows {
    /// Who is sent by the primary button: the first who is offered and not sent yet.
    pub best: Option<CandidateRow>,
    /// Others who are offered, best first.
    pub others: Vec<CandidateRow>,
    /// Those on whom an order is under way already, and those who need an override.
    pub held_back: Vec<CandidateRow>,
}

impl CandidateRows {
    /// Whether the proposal names nobody at all.
    pub const fn is_empty(&self) -> bool {
        self.best.is_none() && self.others.is_empty() && self.held_back.is_empty()
    }
}

/// Splits a proposal into rows.
pub fn candidate_rows(
    candidates: &[Candidate],
    incident: &Incident,
    situation: &Situation,
    sent_to: &BTreeSet<PersonId>,
) -> CandidateRows {
    let mut rows = CandidateRows::default();
    for candidate in candidates {
        let row = row(candidate, situation, sent_to, incident);
        if !row.is_offered() {
            rows.held_back.push(row);
        } else if rows.best.is_none() {
            rows.best = Some(row);
        } else {
            rows.others.push(row);
        }
    }
    rows
}

fn row(
    candidate: &Candidate,
    situation: &Situation,
    sent_to: &BTreeSet<PersonId>,
    incident: &Incident,
) -> CandidateRow {
    let person = situation.people.get(&candidate.person);
    let is_sent = sent_to.contains(&candidate.person)
        || incident.orders.iter().any(|order| {
            situation
                .orders
                .get(order)
                .is_some_and(|o| o.to == candidate.person && o.state().is_under_way())
        });
    CandidateRow {
        person: candidate.person,
        name: person.map_or_else(|| candidate.person.to_string(), |p| p.name.clone()),
        phone: person.map(|p| p.phone.clone()).unwrap_or_default(),
        post: person.map(|p| p.post),
        merits: merits(candidate),
        objections: candidate.not_offered.clone(),
        is_sent,
    }
}

fn merits(candidate: &Candidate) -> Vec<Merit> {
    let mut merits = Vec::new();
    if candidate.distance_m.is_finite() {
        let distance_m = rounded_distance_m(candidate.distance_m);
        if candidate.not_offered.contains(&NotOffered::Unreachable) {
            merits.push(Merit::AsTheCrowFlies { distance_m });
        } else {
            merits.push(Merit::ByRoad { distance_m });
            let minutes = (candidate.travel_time_s / 60.0).ceil().max(1.0);
            merits.push(Merit::Minutes(minutes as u32));
        }
    }
    if !candidate.not_offered.contains(&NotOffered::OffDuty) {
        merits.push(Merit::OnDuty);
    }
    merits.extend(candidate.fitting_skills.iter().copied().map(Merit::Skill));
    merits.push(Merit::OpenOrders(candidate.open_orders));
    if candidate.is_home_grid {
        merits.push(Merit::HomeGrid);
    }
    if candidate.is_lead_post {
        merits.push(Merit::LeadPost);
    }
    if let Some(age_s) = candidate.position_age_s
        && age_s * 1000 > POSITION_STALE_MS
        && !candidate.not_offered.contains(&NotOffered::PositionLost)
    {
        merits.push(Merit::StalePosition {
            minutes: u32::try_from(age_s / 60).unwrap_or(u32::MAX),
        });
    }
    merits
}

/// Metres as people read them: to 10 m below a kilometre, to 100 m above.
fn rounded_distance_m(distance_m: f64) -> u32 {
    let to = if distance_m < 995.0 { 10.0 } else { 100.0 };
    ((distance_m / to).round() * to).max(0.0) as u32
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn rows(candidates: &[Candidate]) -> CandidateRows {
        let situation = sample::situation();
        let incident = sample::incident(1);
        candidate_rows(candidates, &incident, &situation, &BTreeSet::new())
    }

    #[test]
    fn the_best_says_every_reason() {
        let rows = rows(&[sample::candidate(1)]);
        let best = rows.best.expect("one is offered");
        assert_eq!(best.name, "李建国");
        assert_eq!(
            best.merits,
            [
                Merit::ByRoad { distance_m: 380 },
                Merit::Minutes(4),
                Merit::OnDuty,
                Merit::Skill(Skill::RoadRepair),
                Merit::OpenOrders(1),
                Merit::HomeGrid,
            ]
        );
        assert!(best.is_offered());
    }

    #[test]
    fn somebody_who_is_not_offered_stands_apart_with_the_reasons() {
        let mut off_duty = sample::candidate(2);
        off_duty.not_offered = vec![NotOffered::OffDuty, NotOffered::Unreachable];
        let rows = rows(&[sample::candidate(1), off_duty]);
        assert_eq!(rows.held_back.len(), 1);
        let row = &rows.held_back[0];
        assert_eq!(row.objections.len(), 2);
        assert!(!row.merits.contains(&Merit::OnDuty));
        assert!(matches!(row.merits[0], Merit::AsTheCrowFlies { .. }));
    }

    #[test]
    fn somebody_who_is_on_the_way_already_is_not_proposed_again() {
        let situation = sample::situation();
        let incident = sample::incident(1);
        let candidates = [sample::candidate(1), sample::candidate(2)];
        let sent = BTreeSet::from([PersonId(1)]);
        let rows = candidate_rows(&candidates, &incident, &situation, &sent);
        assert_eq!(rows.best.map(|row| row.person), Some(PersonId(2)));
        assert!(rows.held_back[0].is_sent && rows.held_back[0].objections.is_empty());
    }

    #[test]
    fn an_order_of_the_situation_counts_as_sent_until_it_has_ended() {
        let situation = sample::situation();
        let incident = &situation.incidents[&sample::incident_id(4)];
        let rows = candidate_rows(
            &[sample::candidate(2)],
            incident,
            &situation,
            &BTreeSet::new(),
        );
        assert!(rows.held_back[0].is_sent);
    }

    #[test]
    fn a_person_without_position_claims_no_distance() {
        let mut lost = sample::candidate(1);
        lost.distance_m = f64::INFINITY;
        lost.travel_time_s = f64::INFINITY;
        lost.position_age_s = None;
        lost.not_offered = vec![NotOffered::PositionLost];
        let rows = rows(&[lost]);
        assert_eq!(rows.held_back[0].merits[0], Merit::OnDuty);
        assert!(rows.best.is_none() && !rows.is_empty());
    }

    #[test]
    fn an_ageing_position_is_said() {
        let mut stale = sample::candidate(1);
        stale.position_age_s = Some(8 * 60 + 20);
        let best = rows(&[stale]).best.expect("still offered");
        assert_eq!(
            best.merits.last(),
            Some(&Merit::StalePosition { minutes: 8 })
        );
    }

    #[test]
    fn distances_are_rounded_for_reading() {
        for (distance_m, shown) in [
            (3.0, 0),
            (384.0, 380),
            (994.9, 990),
            (996.0, 1000),
            (1449.0, 1400),
        ] {
            assert_eq!(rounded_distance_m(distance_m), shown);
        }
    }
}
