//! The situation: everything a hall shows, folded from the backend's changes.
//!
//! The same fold runs in the cache and in each window, so a count on the wall, a row at the desk
//! and a record in the database can only agree.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::duty::{Handover, LogEntry, take_entry, take_handover};
use crate::ids::{IncidentId, IntentKey, OrderId, PersonId};
use crate::incidents::Incident;
use crate::modes::ModeInForce;
use crate::orders::Order;
use crate::people::{Person, PositionFix};
use crate::sets::IncidentSet;
use crate::time::Timestamp;

/// One record of the backend as it now is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// An incident.
    Incident(Box<Incident>),
    /// An order.
    Order(Box<Order>),
    /// A roster entry.
    Person(Box<Person>),
    /// The mode of the street, or its exercise, with who set it and when.
    Mode(Box<ModeInForce>),
    /// An entry of the duty log.
    DutyEntry(Box<LogEntry>),
    /// A handover with the signatures so far.
    Handover(Box<Handover>),
}

/// What a record changed, so that only that is drawn again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Touched {
    /// Nothing: the record was not newer than what is shown.
    Nothing,
    /// An incident.
    Incident(IncidentId),
    /// An order.
    Order(OrderId),
    /// A roster entry.
    Person(PersonId),
    /// The mode.
    Mode,
    /// The duty log or a handover.
    Duty,
}

/// Everything a hall shows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Situation {
    /// Open incidents and those that ended within the days that the backend keeps in its snapshot.
    pub incidents: BTreeMap<IncidentId, Incident>,
    /// Orders of those incidents.
    pub orders: BTreeMap<OrderId, Order>,
    /// The roster.
    pub people: BTreeMap<PersonId, Person>,
    /// Newest position of each person.
    pub positions: BTreeMap<PersonId, PositionFix>,
    /// Normal or emergency, or the exercise of one, with who set it and when.
    pub mode: ModeInForce,
    /// The newest entries of the duty log, at most [`crate::duty::KEPT_ENTRIES`].
    #[serde(default)]
    pub duty_log: BTreeMap<IntentKey, LogEntry>,
    /// The last handovers, at most [`crate::duty::KEPT_HANDOVERS`].
    #[serde(default)]
    pub handovers: BTreeMap<IntentKey, Handover>,
}

impl Situation {
    /// Folds a record; an older state than the one shown is never taken.
    pub fn apply(&mut self, record: Record) -> Touched {
        match record {
            Record::Incident(incident) => {
                let id = incident.id;
                if self.number_of(id) != id {
                    // It has its number by now; the one without is never shown again.
                    return Touched::Nothing;
                }
                let age = |incident: &Incident| (incident.steps, incident.fold_version);
                let shown = self.incidents.get(&id);
                if shown.is_some_and(|shown| age(shown) >= age(&incident)) {
                    return Touched::Nothing;
                }
                if let Some(provisional) = incident.particulars.provisional {
                    self.replace_provisional(provisional, id);
                }
                self.incidents.insert(id, *incident);
                Touched::Incident(id)
            }
            Record::Order(mut order) => {
                let id = order.id;
                order.incident = self.number_of(order.incident);
                if let Some(shown) = self.orders.get(&id) {
                    let forward = shown.state().may_become(order.state());
                    // In the same state the record that knows no less of the past is taken: what a
                    // hall has shown of its own accord gives way to what the backend has.
                    let truer = shown.state() == order.state()
                        && order.reported_stamps() >= shown.reported_stamps()
                        && *shown != *order;
                    if !forward && !truer {
                        return Touched::Nothing;
                    }
                }
                self.orders.insert(id, *order);
                Touched::Order(id)
            }
            Record::Person(person) => {
                let id = person.id;
                if self.people.get(&id) == Some(&*person) {
                    return Touched::Nothing;
                }
                self.people.insert(id, *person);
                Touched::Person(id)
            }
            Record::Mode(mode) if *mode == self.mode => Touched::Nothing,
            Record::Mode(mode) => {
                self.mode = *mode;
                Touched::Mode
            }
            Record::DutyEntry(entry) => duty_or_nothing(take_entry(&mut self.duty_log, *entry)),
            Record::Handover(handover) => {
                duty_or_nothing(take_handover(&mut self.handovers, *handover))
            }
        }
    }

    /// The number under which a matter is shown: the real one of a matter that was shown under a
    /// provisional one, once it is known; any other number is its own.
    pub fn number_of(&self, id: IncidentId) -> IncidentId {
        if !id.is_provisional() {
            return id;
        }
        let mut incidents = self.incidents.values();
        incidents
            .find(|incident| incident.particulars.provisional == Some(id))
            .map_or(id, |incident| incident.id)
    }

    /// Matters that have no number yet.
    pub fn provisional(&self) -> impl Iterator<Item = (&IncidentId, &Incident)> {
        let newest_first = self.incidents.iter().rev();
        newest_first.take_while(|(id, _)| id.is_provisional())
    }

    /// The matter has its number: what was shown without is shown no more, and the orders about it
    /// are about the numbered one.
    fn replace_provisional(&mut self, provisional: IncidentId, id: IncidentId) {
        self.incidents.remove(&provisional);
        let orders = self.orders.values_mut();
        for order in orders.filter(|order| order.incident == provisional) {
            order.incident = id;
        }
    }

    /// Forgets a matter that will never have a number, with the orders about it; answers whether
    /// it was shown.
    pub fn forget_provisional(&mut self, id: IncidentId) -> bool {
        let is_shown = id.is_provisional() && self.incidents.remove(&id).is_some();
        if is_shown {
            self.orders.retain(|_, order| order.incident != id);
        }
        is_shown
    }

    /// The mode as a record.
    pub fn mode_record(&self) -> Record {
        Record::Mode(Box::new(self.mode.clone()))
    }

    /// The duty log and the handovers as records.
    pub fn duty_records(&self) -> impl Iterator<Item = Record> {
        let entries = self.duty_log.values().cloned();
        let handovers = self.handovers.values().cloned();
        entries
            .map(|entry| Record::DutyEntry(Box::new(entry)))
            .chain(handovers.map(|handover| Record::Handover(Box::new(handover))))
    }

    /// Takes a position unless a newer one of the same person is shown already.
    pub fn locate(&mut self, fix: PositionFix) -> bool {
        match self.positions.get(&fix.person) {
            Some(shown) if shown.at >= fix.at => false,
            _ => {
                self.positions.insert(fix.person, fix);
                true
            }
        }
    }

    /// Forgets where a person is, because it may no longer be shown.
    pub fn lose(&mut self, person: PersonId) -> bool {
        self.positions.remove(&person).is_some()
    }

    /// The incidents of a set, in the order of their numbers.
    pub fn members<'a>(
        &'a self,
        set: &'a IncidentSet,
        now: Timestamp,
    ) -> impl Iterator<Item = &'a Incident> {
        self.incidents
            .values()
            .filter(move |incident| set.contains(incident, now))
    }

    /// How many incidents a set has.
    pub fn count(&self, set: &IncidentSet, now: Timestamp) -> usize {
        self.members(set, now).count()
    }

    /// Orders under way to a person.
    pub fn open_orders_of(&self, person: PersonId) -> impl Iterator<Item = &Order> {
        self.orders
            .values()
            .filter(move |order| order.to == person && order.state().is_under_way())
    }

    /// Incidents reported in each of the 24 hours that end with the hour of `now`, oldest first.
    pub fn reports_by_hour(&self, now: Timestamp) -> [u32; 24] {
        let this_hour = now.unix_ms().div_euclid(crate::time::HOUR_MS);
        let mut hours = [0; 24];
        for incident in self.incidents.values() {
            let age = this_hour
                - incident
                    .reported_at
                    .unix_ms()
                    .div_euclid(crate::time::HOUR_MS);
            if (0..24).contains(&age) {
                hours[23 - age as usize] += 1;
            }
        }
        hours
    }
}

const fn duty_or_nothing(is_news: bool) -> Touched {
    if is_news {
        Touched::Duty
    } else {
        Touched::Nothing
    }
}

#[cfg(test)]
mod tests;
