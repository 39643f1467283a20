//! One unit of work: loads what it touches, decides with the domain, and at its end writes
//! records, trail and change log together.

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::incidents::{decide, decide_report, legal_now};
use domain::modes::rules_in_mode;
use domain::orders::OrderStamp;
use domain::rules::Rules;
use domain::situation::Record;
use domain::trail::{
    Action, Actor, Mandate, OfficerRole, Origin, ReportFacts, Taker, TrailEntry, seal,
};
use domain::{
    Incident, IncidentId, IncidentState, Order, OrderId, OrderState, Person, Provenance, Timestamp,
};
use protocol::http::ChangeBody;
use rusqlite::Connection;

use crate::refusal::Refusal;
use crate::store::StoreError;
use crate::tables::{changes, complaints, incidents, modes, orders, people, trail};

/// A step to be decided.
#[derive(Debug)]
pub struct Step {
    /// What.
    pub action: Action,
    /// Who.
    pub by: Actor,
    /// Role of the officer; `None` where no officer acts.
    pub role: Option<OfficerRole>,
    /// Why.
    pub reason: Option<String>,
    /// When it happened.
    pub at: Timestamp,
}

/// Changes of one transaction that have been decided and not yet written.
#[derive(Debug)]
pub struct Work<'t> {
    db: &'t Connection,
    rules: &'t Rules,
    now: Timestamp,
    is_history: bool,
    from: Option<Origin>,
    mandate: Option<Mandate>,
    head: String,
    incidents: BTreeMap<IncidentId, Touched<Incident>>,
    orders: BTreeMap<OrderId, Touched<Order>>,
    log: Vec<ChangeBody>,
}

/// The step of an order that is reported done: the matter's own end, or an assistant's part.
pub fn done(incident: &Incident, order: OrderId, result: String) -> Action {
    if incident.assisting.contains(&order) {
        Action::Assisted { order, result }
    } else {
        Action::Handled { order, result }
    }
}

/// Orders under way for a matter, those of its assistants first: the lead waits for them.
fn under_way(incident: &Incident) -> Vec<OrderId> {
    let assisting = incident.assisting.iter();
    assisting.chain(&incident.orders).copied().collect()
}

#[derive(Debug)]
struct Touched<T> {
    value: T,
    is_changed: bool,
}

impl<'t> Work<'t> {
    /// Begins inside a writing transaction.
    pub fn begin(db: &'t Connection, rules: &'t Rules, now: Timestamp) -> Result<Self, StoreError> {
        Ok(Self {
            head: trail::head(db)?,
            db,
            rules,
            now,
            is_history: false,
            from: None,
            mandate: None,
            incidents: BTreeMap::new(),
            orders: BTreeMap::new(),
            log: Vec::new(),
        })
    }

    /// The same for things that happened in the past.
    pub fn begin_history(
        db: &'t Connection,
        rules: &'t Rules,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut work = Self::begin(db, rules, now)?;
        work.is_history = true;
        Ok(work)
    }

    /// The same for somebody who acts from there: every step that is not taken by rule bears it.
    #[must_use]
    pub fn from(mut self, origin: Option<Origin>) -> Self {
        self.from = origin;
        self
    }

    /// The same for an officer's intent: every step that follows from it bears its key.
    #[must_use]
    pub fn by_intent(mut self, mandate: Mandate) -> Self {
        self.mandate = Some(mandate);
        self
    }

    /// When the backend got what an officer did at `at`: now, except in history.
    pub fn received_at(&self, at: Timestamp) -> Timestamp {
        if self.is_history { at } else { self.now }
    }

    /// The transaction, for reads that belong to the decision.
    pub fn db(&self) -> &'t Connection {
        self.db
    }

    /// The rules in force.
    pub fn rules(&self) -> &'t Rules {
        self.rules
    }

    /// The moment of acceptance.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// An incident as this work leaves it.
    pub fn incident(&mut self, id: IncidentId) -> Result<&Incident, Refusal> {
        Ok(&self.load_incident(id)?.value)
    }

    fn load_incident(&mut self, id: IncidentId) -> Result<&mut Touched<Incident>, Refusal> {
        let known = match self.incidents.entry(id) {
            std::collections::btree_map::Entry::Occupied(known) => return Ok(known.into_mut()),
            std::collections::btree_map::Entry::Vacant(free) => free,
        };
        let Some(value) = incidents::get(self.db, id)? else {
            return Err(Refusal::not_found(
                format!("没有案件 {id}"),
                format!("there is no incident {id}"),
            ));
        };
        Ok(known.insert(Touched {
            value,
            is_changed: false,
        }))
    }

    /// An order as this work leaves it.
    pub fn order(&mut self, id: OrderId) -> Result<&Order, Refusal> {
        Ok(&self.load_order(id)?.value)
    }

    fn load_order(&mut self, id: OrderId) -> Result<&mut Touched<Order>, Refusal> {
        let known = match self.orders.entry(id) {
            std::collections::btree_map::Entry::Occupied(known) => return Ok(known.into_mut()),
            std::collections::btree_map::Entry::Vacant(free) => free,
        };
        let Some(value) = orders::get(self.db, id)? else {
            return Err(Refusal::not_found(
                format!("没有派单 {id}"),
                format!("there is no order {id}"),
            ));
        };
        Ok(known.insert(Touched {
            value,
            is_changed: false,
        }))
    }

    /// The rules as the mode in force has them for an incident. Its running clock keeps the limit
    /// that it was started with.
    pub fn rules_for(&mut self, id: IncidentId) -> Result<Cow<'t, Rules>, Refusal> {
        let view = rules_in_mode(self.rules, modes::current(self.db)?);
        Ok(view.for_incident(self.incident(id)?).effective())
    }

    /// Opens an incident with its first trail entry.
    pub fn open(
        &mut self,
        id: IncidentId,
        facts: ReportFacts,
        by: Actor,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        let mode = modes::current(self.db)?;
        let matter = rules_in_mode(self.rules, mode).for_matter(facts.category, facts.is_drill);
        let decision = decide_report(at, &matter.effective());
        let mut entry = TrailEntry {
            incident: id,
            step: 1,
            action: Action::Report(Box::new(facts)),
            state: decision.state,
            mandate: self.mandate_of(&by),
            by,
            from: self.from.clone(),
            reason: None,
            occurred_at: at,
            recorded_at: self.now,
            clock: decision.clock,
            rules_version: self.rules.version.clone(),
            previous_hash: String::new(),
            hash: String::new(),
        };
        self.seal(&mut entry)?;
        if let Some(value) = Incident::opened(&entry) {
            self.incidents.insert(
                id,
                Touched {
                    value,
                    is_changed: true,
                },
            );
        }
        self.log.push(ChangeBody::Trail(Box::new(entry)));
        Ok(())
    }

    /// Decides one step on an incident, and withdraws the orders that it leaves without a purpose.
    pub fn act(&mut self, id: IncidentId, step: Step) -> Result<(), Refusal> {
        let rules = self.rules_for(id)?;
        let now = self.now;
        let incident = &self.load_incident(id)?.value;
        let decision = decide(
            incident,
            &step.action,
            Taker::of(&step.by, step.role),
            step.reason.as_deref(),
            step.at,
            &rules,
        )
        .map_err(|why| Refusal::of_action(&why, id))?;
        let mut entry = TrailEntry {
            incident: id,
            step: incident.steps + 1,
            action: step.action,
            state: decision.state,
            from: self.from.clone().filter(|_| step.by != Actor::Rule),
            mandate: self.mandate_of(&step.by),
            by: step.by,
            reason: step.reason,
            occurred_at: step.at,
            recorded_at: now,
            clock: decision.clock,
            rules_version: rules.version.clone(),
            previous_hash: String::new(),
            hash: String::new(),
        };
        self.seal(&mut entry)?;
        if let Action::Recategorise { category } = &entry.action {
            complaints::recategorise(self.db, id, *category)?;
        }
        let is_resumed = matches!(entry.action, Action::Resume);
        let at = entry.occurred_at;
        let touched = self.load_incident(id)?;
        let before = under_way(&touched.value);
        let had_assistants = !touched.value.assisting.is_empty();
        touched.value.apply(&entry);
        touched.is_changed = true;
        let after = under_way(&touched.value);
        let last_assistant_ended = had_assistants && touched.value.assisting.is_empty();
        self.log.push(ChangeBody::Trail(Box::new(entry)));
        for order in before.into_iter().filter(|order| !after.contains(order)) {
            self.advance(
                order,
                OrderStamp {
                    state: OrderState::Withdrawn,
                    at,
                    location: None,
                    note: Some("案件已不需处置 / the matter no longer needs it".to_owned()),
                    source_crs: domain::places::Crs::default(),
                },
            )?;
        }
        if is_resumed || last_assistant_ended {
            self.settle(id, &after, at)?;
        }
        Ok(())
    }

    /// What a step bears of the intent in work; the override stands on what the officer did.
    fn mandate_of(&self, by: &Actor) -> Option<Mandate> {
        let mut mandate = self.mandate.clone()?;
        if *by == Actor::Rule {
            mandate.anyway = None;
        }
        Some(mandate)
    }

    /// Makes up for what happened to orders when their matter could not follow them, while it was
    /// suspended or a lead that was done waited for its assistants: first who went away, then who arrived, then what was done, so that none of them
    /// stays on a matter that another has moved on.
    fn settle(&mut self, id: IncidentId, orders: &[OrderId], at: Timestamp) -> Result<(), Refusal> {
        let mut happened = Vec::new();
        for order in orders {
            let order = self.order(*order)?;
            let last = order.stamps.last();
            let note = last.and_then(|stamp| stamp.note.clone());
            happened.push((order.id, order.state(), note.unwrap_or_default()));
        }
        happened.sort_by_key(|(_, state, _)| match state {
            OrderState::Done => 2,
            OrderState::Arrived => 1,
            _ => 0,
        });
        for (order, state, result) in happened {
            let incident = self.incident(id)?;
            let action = match state {
                // Who had arrived before has begun already.
                OrderState::Arrived if incident.state == IncidentState::Dispatched => {
                    Action::StartHandling { order }
                }
                OrderState::Done => done(incident, order, result),
                OrderState::Refused | OrderState::Withdrawn => Action::Undispatch { order },
                _ => continue,
            };
            // An earlier order of the list may have brought the matter further already.
            if legal_now(incident, &action).is_ok() {
                let step = Step {
                    action,
                    by: Actor::Rule,
                    role: None,
                    reason: None,
                    at,
                };
                self.act(id, step)?;
            }
        }
        Ok(())
    }

    /// Whether another matter has been called a repetition of this one.
    pub fn has_repetitions(&self, id: IncidentId) -> Result<bool, StoreError> {
        let is_touched = self
            .incidents
            .values()
            .any(|touched| touched.value.duplicate_of == Some(id));
        Ok(is_touched || incidents::has_repetitions(self.db, id)?)
    }

    fn seal(&mut self, entry: &mut TrailEntry) -> Result<(), StoreError> {
        let canonical = seal(entry, &self.head).map_err(|source| StoreError::Row {
            table: "trail",
            row: format!("{} step {}", entry.incident, entry.step),
            source,
        })?;
        trail::append(self.db, entry, &canonical)?;
        self.head.clone_from(&entry.hash);
        Ok(())
    }

    /// Whether an order has this key already, in the database or in this work.
    pub fn has_order(&self, id: OrderId) -> Result<bool, StoreError> {
        Ok(self.orders.contains_key(&id) || orders::get(self.db, id)?.is_some())
    }

    /// Adds a new order.
    pub fn add_order(&mut self, order: Order) {
        self.orders.insert(
            order.id,
            Touched {
                value: order,
                is_changed: true,
            },
        );
    }

    /// Moves an order forward; `false` where the table has it do nothing.
    pub fn advance(&mut self, id: OrderId, stamp: OrderStamp) -> Result<bool, Refusal> {
        let touched = self.load_order(id)?;
        let moved = touched.value.advance(stamp);
        touched.is_changed |= moved;
        Ok(moved)
    }

    /// Writes a roster entry with where it comes from, whatever it says of that itself.
    pub fn put_person(&mut self, person: Person, from: Provenance) -> Result<(), StoreError> {
        let person = Person {
            provenance: Some(from),
            ..person
        };
        people::put(self.db, &person)?;
        self.log
            .push(ChangeBody::Record(Record::Person(Box::new(person))));
        Ok(())
    }

    /// Logs a switch of the mode that its table has already, with who made it and when.
    pub fn log_mode(&mut self) -> Result<(), StoreError> {
        let mode = modes::in_force(self.db)?;
        self.log_record(Record::Mode(Box::new(mode)));
        Ok(())
    }

    /// Logs a record that its table has already.
    pub fn log_record(&mut self, record: Record) {
        self.log.push(ChangeBody::Record(record));
    }

    /// Writes everything and returns the cursor of the last change.
    pub fn finish(self) -> Result<u64, StoreError> {
        for body in &self.log {
            changes::append(self.db, self.now, body)?;
        }
        for touched in self.incidents.into_values().filter(|t| t.is_changed) {
            incidents::put(self.db, &touched.value)?;
            let body = ChangeBody::Record(Record::Incident(Box::new(touched.value)));
            changes::append(self.db, self.now, &body)?;
        }
        for touched in self.orders.into_values().filter(|t| t.is_changed) {
            let body = ChangeBody::Record(Record::Order(Box::new(touched.value.clone())));
            let cursor = changes::append(self.db, self.now, &body)?;
            orders::put(self.db, &touched.value, cursor)?;
        }
        changes::newest(self.db)
    }

    /// Writes everything without logging single changes, for a seed: the log begins anew, so that
    /// every hall with an older cursor takes a snapshot.
    pub fn finish_anew(self, reference_version: u64) -> Result<u64, StoreError> {
        for touched in self.incidents.into_values().filter(|t| t.is_changed) {
            incidents::put(self.db, &touched.value)?;
        }
        let body = ChangeBody::Reference {
            version: reference_version,
        };
        let cursor = changes::append(self.db, self.now, &body)?;
        changes::cut(self.db, cursor)?;
        for touched in self.orders.into_values().filter(|t| t.is_changed) {
            orders::put(self.db, &touched.value, cursor)?;
        }
        Ok(cursor)
    }
}
