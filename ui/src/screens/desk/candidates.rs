//! Proposed responders as rows: who, and every reason for and against, ready to be put in words.

use std::collections::BTreeSet;

use domain::dispatch::{Candidate, NotOffered, Reason, reasons};
use domain::people::Post;
use domain::{Incident, PersonId, Situation};

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
    pub reasons: Vec<Reason>,
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
        reasons: reasons(candidate),
        objections: candidate.not_offered.clone(),
        is_sent,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use domain::people::Skill;
    use domain::roster::{Duty, OnDutyBy};

    const ON_DUTY: Reason = Reason::OnDuty(OnDutyBy::Pattern);

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
            best.reasons,
            [
                Reason::ByRoad { distance_m: 380 },
                Reason::Minutes(4),
                ON_DUTY,
                Reason::Skill(Skill::RoadRepair),
                Reason::OpenOrders(1),
                Reason::HomeGrid,
            ]
        );
        assert!(best.is_offered());
    }

    #[test]
    fn somebody_who_is_not_offered_stands_apart_with_the_reasons() {
        let mut off_duty = sample::candidate(2);
        off_duty.not_offered = vec![NotOffered::OffDuty, NotOffered::Unreachable];
        off_duty.duty = Duty::Off {
            next_begins_at: None,
        };
        let rows = rows(&[sample::candidate(1), off_duty]);
        assert_eq!(rows.held_back.len(), 1);
        let row = &rows.held_back[0];
        assert_eq!(row.objections.len(), 2);
        assert!(!row.reasons.contains(&ON_DUTY));
        assert!(matches!(row.reasons[0], Reason::AsTheCrowFlies { .. }));
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
        assert_eq!(rows.held_back[0].reasons[0], ON_DUTY);
        assert!(rows.best.is_none() && !rows.is_empty());
    }

    #[test]
    fn an_ageing_position_is_said() {
        let mut stale = sample::candidate(1);
        stale.position_age_s = Some(8 * 60 + 20);
        let best = rows(&[stale]).best.expect("still offered");
        assert_eq!(
            best.reasons.last(),
            Some(&Reason::StalePosition { minutes: 8 })
        );
    }
}
