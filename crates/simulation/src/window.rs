//! Somebody who watches a hall's screen and remembers all that was ever shown there, over every
//! restart: nothing may go back, and nothing may vanish.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use domain::duty::Handover;
use domain::situation::Record;
use domain::{
    IncidentId, IntentKey, Order, OrderId, OrderState, PersonId, PositionFix, Proposal, Situation,
    Timestamp,
};
use protocol::feed::{LineState, PictureChange};
use sync_engine::Engine;
use sync_engine::board::Look;

use crate::hall::Hall;
use crate::life::Life;

/// The newest that was shown of everything.
#[derive(Debug, Default)]
pub struct Seen {
    orders: BTreeMap<OrderId, OrderState>,
    steps: BTreeMap<IncidentId, u32>,
    fixes: BTreeMap<PersonId, Timestamp>,
    /// Entries of the duty log, and the signatures of each handover.
    duty_log: BTreeSet<IntentKey>,
    signatures: BTreeMap<IntentKey, usize>,
    /// The reference data; a restored backend goes back to that of its backup.
    reference: u64,
    may_lack_reference: bool,
    was_restored: bool,
    /// Orders that were taken back before they were sent: only this hall knows of them.
    taken_back: BTreeSet<OrderId>,
    /// Orders that somebody is taking back, once for each who does: the screen may show it, and the
    /// picture lack the order, before that officer has the answer.
    in_hand: Vec<OrderId>,
    /// Matters without a number whose report was given up.
    given_up: BTreeSet<IncidentId>,
    /// After a power cut the cache may have lost what no disk had yet. Until it has come to this
    /// cursor again, the screen may show less, as the line says how old it is.
    pub catching_up_to: Option<u64>,
    /// The backend has forgotten a part of what was shown, and the hall may not know it yet.
    is_restored: bool,
    /// Orders that it had acknowledged and has forgotten. They are sent again, and what was taken once
    /// may be refused then.
    forgotten: BTreeSet<OrderId>,
}

impl Seen {
    /// An officer has taken the order back before it was sent: it may vanish.
    pub fn forget(&mut self, order: OrderId) {
        self.orders.remove(&order);
        self.taken_back.insert(order);
    }

    /// An officer begins to take the order back.
    pub fn begin_taking_back(&mut self, order: OrderId) {
        self.in_hand.push(order);
    }

    /// That officer has the answer, or never gets one.
    pub fn end_taking_back(&mut self, order: OrderId) {
        if let Some(place) = self.in_hand.iter().position(|known| *known == order) {
            self.in_hand.swap_remove(place);
        }
    }

    /// Nothing has come of taking these back: they are watched again.
    pub fn remember(&mut self, orders: &[OrderId]) {
        self.taken_back.retain(|order| !orders.contains(order));
    }

    /// Nor of giving the report of the matter up.
    pub fn remember_matter(&mut self, matter: IncidentId) {
        self.given_up.remove(&matter);
    }

    /// Whether somebody is about to take it back, by itself or with the report of its matter.
    pub fn is_in_hand(&self, proposal: &Proposal) -> bool {
        let matter = proposal.intent.incident();
        self.in_hand.contains(&proposal.key)
            || matter.is_some_and(|matter| self.given_up.contains(&matter))
    }

    /// An officer has given the report of the matter up: it vanishes.
    pub fn forget_matter(&mut self, matter: IncidentId) {
        self.steps.remove(&matter);
        self.given_up.insert(matter);
    }

    /// The machine has lost its power when the backend was at `newest`.
    pub fn lost_power(&mut self, newest: u64) {
        self.catching_up_to = Some(newest);
        self.may_lack_reference = true;
        self.fixes.clear();
    }

    /// The backend was restored from a backup.
    pub fn restored(&mut self, forgotten: BTreeSet<OrderId>) {
        self.is_restored = true;
        self.was_restored = true;
        self.forgotten = forgotten;
    }

    /// What was shown before the restoration counts no more.
    pub fn begin_anew(&mut self) {
        *self = Self {
            taken_back: std::mem::take(&mut self.taken_back),
            in_hand: std::mem::take(&mut self.in_hand),
            forgotten: std::mem::take(&mut self.forgotten),
            given_up: std::mem::take(&mut self.given_up),
            catching_up_to: self.catching_up_to,
            was_restored: true,
            ..Self::default()
        };
    }

    /// Looks at a whole picture; says what is worse than what was shown before.
    pub fn whole(&mut self, situation: &Situation) -> Vec<String> {
        let mut worse = Vec::new();
        let orders = situation.orders.values();
        worse.extend(orders.filter_map(|order| self.order(order)));
        for (id, incident) in &situation.incidents {
            worse.extend(self.incident(*id, incident.steps));
        }
        for id in self.steps.keys().filter(|id| id.is_provisional()) {
            if !situation.incidents.contains_key(&situation.number_of(*id)) {
                worse.push(format!("the matter {id} vanished before it had a number"));
            }
        }
        worse.extend(shown_twice(situation));
        worse.extend(self.duty(situation));
        for (id, state) in &self.orders {
            // Where nothing comes of that, it is missed in the next picture.
            if !situation.orders.contains_key(id) && !self.in_hand.contains(id) {
                worse.push(format!("order {id} vanished, it was shown as {state:?}"));
            }
        }
        self.fixes
            .retain(|person, _| situation.positions.contains_key(person));
        let fixes = situation.positions.values();
        worse.extend(fixes.filter_map(|fix| self.fix(fix)));
        self.unless_catching_up(worse)
    }

    /// Looks at a change; says in which way it is worse than what was shown before.
    fn change(&mut self, change: &PictureChange) -> Vec<String> {
        let worse = match change {
            PictureChange::Record(Record::Order(order)) => self.order(order).into_iter().collect(),
            PictureChange::Record(Record::Incident(incident)) => {
                let worse = self.incident(incident.id, incident.steps);
                worse.into_iter().collect()
            }
            PictureChange::Record(Record::DutyEntry(entry)) => {
                self.duty_log.insert(entry.id);
                Vec::new()
            }
            PictureChange::Record(Record::Handover(handover)) => {
                self.handover(handover).into_iter().collect()
            }
            PictureChange::Reference { version } => self.reference(*version).into_iter().collect(),
            PictureChange::Positions(fixes) => {
                fixes.iter().filter_map(|fix| self.fix(fix)).collect()
            }
            PictureChange::PositionsGone(people) => {
                self.fixes.retain(|person, _| !people.contains(person));
                Vec::new()
            }
            _ => Vec::new(),
        };
        self.unless_catching_up(worse)
    }

    /// Nothing of the duty log vanishes, and no signature does.
    fn duty(&mut self, situation: &Situation) -> Vec<String> {
        let log = &situation.duty_log;
        let mut worse: Vec<String> = self
            .duty_log
            .iter()
            .filter(|id| !log.contains_key(id))
            .map(|id| format!("the entry {id} of the duty log vanished"))
            .collect();
        self.duty_log.extend(log.keys());
        for id in self.signatures.keys() {
            if !situation.handovers.contains_key(id) {
                worse.push(format!("the handover {id} vanished"));
            }
        }
        let handovers = situation.handovers.values();
        worse.extend(handovers.filter_map(|handover| self.handover(handover)));
        worse
    }

    fn handover(&mut self, handover: &Handover) -> Option<String> {
        let id = handover.sheet.id;
        let now = [handover.outgoing, handover.incoming];
        let now = now.iter().flatten().count();
        let before = self.signatures.insert(id, now);
        before
            .filter(|before| *before > now)
            .map(|before| format!("the handover {id} went from {before} signatures to {now}"))
    }

    /// Looks at which reference data is shown.
    pub fn reference(&mut self, version: u64) -> Option<String> {
        let before = self.reference;
        if version >= before {
            self.reference = version;
            self.may_lack_reference = false;
            return None;
        }
        let is_worse = !self.may_lack_reference && !self.was_restored;
        is_worse.then(|| format!("the reference data went from {before} to {version}"))
    }

    fn unless_catching_up(&self, worse: Vec<String>) -> Vec<String> {
        match self.catching_up_to {
            None if !self.is_restored => worse,
            _ => Vec::new(),
        }
    }

    fn order(&mut self, order: &Order) -> Option<String> {
        let now = order.state();
        if self.taken_back.contains(&order.id) {
            return None;
        }
        let before = *self.orders.entry(order.id).or_insert(now);
        if now == before {
            return None;
        }
        let is_refused_now = before == OrderState::Sent
            && now == OrderState::Parked
            && self.forgotten.contains(&order.id);
        if before.may_become(now) || is_refused_now {
            self.orders.insert(order.id, now);
            return None;
        }
        Some(format!(
            "order {} went from {before:?} to {now:?}",
            order.id
        ))
    }

    fn incident(&mut self, id: IncidentId, steps: u32) -> Option<String> {
        if self.given_up.contains(&id) {
            return None;
        }
        let before = self.steps.entry(id).or_insert(steps);
        if steps < *before {
            return Some(format!("incident {id} went from step {before} to {steps}"));
        }
        *before = steps;
        None
    }

    fn fix(&mut self, fix: &PositionFix) -> Option<String> {
        let before = self.fixes.entry(fix.person).or_insert(fix.at);
        if fix.at < *before {
            let late_ms = before.ms_since(fix.at);
            return Some(format!("{} went back by {late_ms} ms", fix.person));
        }
        *before = fix.at;
        None
    }
}

/// Matters that are shown with and without their number at the same time.
fn shown_twice(situation: &Situation) -> Vec<String> {
    let provisional = situation.provisional();
    let doubles = provisional.filter(|(id, _)| situation.number_of(**id) != **id);
    doubles
        .map(|(id, _)| format!("the matter {id} is shown twice"))
        .collect()
}

/// What a window has seen of its line.
#[derive(Debug, Default)]
struct SeenLine {
    is_up: bool,
    /// When it was last seen to be up. It went down some time after that, and came up behind that
    /// again: a window is not told of every moment.
    up_at: Duration,
}

impl SeenLine {
    /// Looks whether the line is said to have come up, and whether changes have come over it.
    fn look(&mut self, hall: &Hall, is_up: bool) -> Option<String> {
        let world = &hall.world;
        let has_changes = world.traffic(|traffic| {
            let manners = traffic.manners();
            manners.has_changes_since(hall.number, self.up_at)
        });
        let is_right = self.is_up || !is_up || has_changes;
        self.is_up = is_up;
        if is_up {
            self.up_at = world.timeline.elapsed();
        }
        (!is_right).then(|| "the line is said to be up, and no changes have come".to_owned())
    }
}

/// Watches until the process ends, as a window does: a picture first, then changes.
pub async fn watch(hall: Arc<Hall>, engine: Arc<Engine>, life: Life) {
    let subscription = engine.subscribe();
    let mut line = SeenLine::default();
    loop {
        subscription.changed().await;
        if !life.lasts() {
            return;
        }
        let worse = match subscription.look() {
            Look::Unchanged => continue,
            Look::Closed => return,
            Look::Picture(picture) => hall.seen(|seen| {
                let mut worse = seen.whole(&picture.situation);
                worse.extend(seen.reference(picture.reference_version));
                worse
            }),
            Look::Changes(changes) => hall.seen(|seen| {
                let worse = changes.iter().flat_map(|change| seen.change(change));
                worse.collect::<Vec<_>>()
            }),
        };
        let is_up = engine.read(|picture| picture.line.state == LineState::Online);
        let fault = line.look(&hall, is_up);
        let twice = engine.read(|picture| shown_twice(&picture.situation));
        for what in worse.into_iter().chain(twice).chain(fault) {
            hall.world.broken(format!("hall {}: {what}", hall.number));
        }
    }
}

#[cfg(test)]
mod tests {
    use testkit::builders::{incident, key, order};

    use super::*;

    #[test]
    fn an_order_may_be_missing_while_somebody_takes_it_back_and_no_longer() {
        let place = incident(1, domain::IncidentState::Filed).id;
        let (mut seen, empty) = (Seen::default(), Situation::default());
        let mut full = Situation::default();
        full.apply(Record::Order(Box::new(order(1, place, 1))));
        assert_eq!(seen.whole(&full), [""; 0]);
        seen.begin_taking_back(key(1));
        seen.begin_taking_back(key(1));
        seen.end_taking_back(key(1));
        assert_eq!(seen.whole(&empty), [""; 0], "one of two is still at it");
        seen.end_taking_back(key(1));
        assert_eq!(seen.whole(&empty).len(), 1, "nothing came of it");
        seen.forget(key(1));
        assert_eq!(seen.whole(&empty), [""; 0], "it was taken back");
    }
}
