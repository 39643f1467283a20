//! Passes unanswered orders on: the rule decides, this looks, writes the trail and sends.
//!
//! Each incident is one transaction in which everything is looked at anew, so that two passes at
//! the same time do each step once.

use std::collections::{BTreeMap, BTreeSet};

use domain::dispatch::{Candidate, Matter, Responder, judge, rank};
use domain::escalation::{Case, Escalation, due_escalations, escalated_order, past_steps};
use domain::modes::{ModeSession, rules_in_mode};
use domain::roads::RoadGraph;
use domain::roster::Roster;
use domain::rules::Rules;
use domain::trail::{Action, Actor, EscalatedTo};
use domain::{Incident, IncidentId, Order, PersonId, PositionFix, Timestamp};
use rusqlite::Connection;

use super::orders::{Giver, OrderWanted, give};
use super::work::{Step, Work};
use crate::refusal::Refusal;
use crate::store::StoreError;
use crate::tables::{incidents, modes, orders, people, trail};

/// Where people are and how they get to an incident.
#[derive(Debug)]
pub struct Whereabouts<'a> {
    /// Newest positions.
    pub positions: &'a [PositionFix],
    /// The roads; `None` when there are none, and then nobody is offered.
    pub roads: Option<&'a RoadGraph>,
}

/// Incidents of which an order is unanswered for too long.
pub fn due(db: &Connection, rules: &Rules, now: Timestamp) -> Result<Vec<IncidentId>, StoreError> {
    let unanswered: BTreeSet<IncidentId> = orders::under_way(db)?
        .into_iter()
        .filter(|order| !order.state().is_answered())
        .map(|order| order.incident)
        .collect();
    let mut due = Vec::new();
    for id in unanswered {
        if let Some(facts) = Facts::read(db, rules, id)?
            && !facts.case().due_steps(&rules.escalation, now).is_empty()
        {
            due.push(id);
        }
    }
    Ok(due)
}

/// Does the steps that are due for one incident and returns how many there were.
pub fn carry_out(
    db: &Connection,
    rules: &Rules,
    now: Timestamp,
    id: IncidentId,
    whereabouts: &Whereabouts<'_>,
) -> Result<usize, Refusal> {
    let Some(facts) = Facts::read(db, rules, id)? else {
        return Ok(0);
    };
    let case = facts.case();
    if case.due_steps(&rules.escalation, now).is_empty() {
        return Ok(0);
    }
    let ranking = ranking(db, rules, now, &facts, whereabouts)?;
    let due = due_escalations(&case, &ranking, &rules.escalation, now);
    let mut work = Work::begin(db, rules, now)?;
    for escalation in &due {
        escalate(&mut work, &facts, escalation, now)?;
    }
    work.finish()?;
    Ok(due.len())
}

/// Writes one step down, and sends the order that it asks for.
fn escalate(
    work: &mut Work<'_>,
    facts: &Facts,
    escalation: &Escalation,
    now: Timestamp,
) -> Result<(), Refusal> {
    let id = facts.incident.id;
    let Escalation { order, step, to } = *escalation;
    let action = Action::Escalate { order, step, to };
    let step = Step {
        action,
        by: Actor::Rule,
        role: None,
        reason: None,
        at: now,
    };
    work.act(id, step)?;
    let unanswered = facts.orders.iter().find(|known| known.id == order);
    if let (EscalatedTo::Person(person), Some(unanswered)) = (to, unanswered) {
        let giver = Giver {
            by: Actor::Rule,
            role: None,
            officer: unanswered.by.clone(),
        };
        let wanted = OrderWanted {
            key: escalated_order(order, person),
            incident: id,
            to: person,
            instruction: &unanswered.instruction,
            override_reason: None,
        };
        give(work, &giver, &wanted, now)?;
    }
    Ok(())
}

/// One incident with what its escalation looks at.
struct Facts {
    incident: Incident,
    orders: Vec<Order>,
    past: Vec<domain::escalation::PastStep>,
    mode: ModeSession,
    is_emergency: bool,
}

impl Facts {
    fn read(db: &Connection, rules: &Rules, id: IncidentId) -> Result<Option<Self>, StoreError> {
        let Some(incident) = incidents::get(db, id)? else {
            return Ok(None);
        };
        let mode = modes::current(db)?;
        Ok(Some(Self {
            orders: orders::of_incident(db, id)?,
            past: past_steps(&trail::entries_of(db, id)?),
            mode,
            is_emergency: rules_in_mode(rules, mode)
                .for_incident(&incident)
                .is_emergency(),
            incident,
        }))
    }

    fn case(&self) -> Case<'_> {
        Case {
            incident: &self.incident,
            orders: &self.orders,
            past: &self.past,
            is_emergency: self.is_emergency,
        }
    }
}

/// The whole roster ranked for the incident by road, best first.
fn ranking(
    db: &Connection,
    rules: &Rules,
    now: Timestamp,
    facts: &Facts,
    whereabouts: &Whereabouts<'_>,
) -> Result<Vec<Candidate>, StoreError> {
    let people = people::all(db)?;
    let mut open_orders: BTreeMap<PersonId, u32> = BTreeMap::new();
    for order in orders::under_way(db)? {
        *open_orders.entry(order.to).or_default() += 1;
    }
    let positions: BTreeMap<PersonId, &PositionFix> = whereabouts
        .positions
        .iter()
        .map(|fix| (fix.person, fix))
        .collect();
    let destination = facts.incident.location;
    let mut ways = whereabouts
        .roads
        .map(|roads| RoadGraph::MODES.map(|mode| roads.ways_to(destination, mode)));
    let roster = Roster::of(&people);
    let matter = Matter::new(&facts.incident, rules, &roster, facts.mode, now);
    let mut candidates: Vec<Candidate> = people
        .iter()
        .map(|person| {
            let fix = positions.get(&person.id).copied();
            let of_mode = ways
                .iter_mut()
                .flatten()
                .find(|ways| ways.mode() == person.travel);
            let route = fix.and_then(|fix| of_mode?.route(fix.location));
            let responder = Responder {
                person,
                fix,
                open_orders: open_orders.get(&person.id).copied().unwrap_or(0),
                route,
            };
            judge(&responder, &matter)
        })
        .collect();
    rank(&mut candidates);
    Ok(candidates)
}
