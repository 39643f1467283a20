//! Orders as the phones in the street live through them.

use std::collections::{BTreeMap, BTreeSet};

use domain::roads::RoadGraph;
use domain::{OrderId, OrderState, PersonId, Timestamp};
use protocol::http::{FieldOrder, FieldReceipt};

use super::crew::Crew;
use crate::dice::Dice;
use crate::matters::TEMPLATES;
use crate::seed::{REFUSAL_REASON, REFUSALS};

/// Minutes of handling of a matter that is none of the known kinds.
const USUAL_HANDLING_MIN: f64 = 30.0;

/// What comes next, with the simulated seconds until then.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    /// The phone has not got it yet.
    Receiving(f64),
    /// Not opened yet.
    Unread(f64),
    /// Opened, not decided.
    Deciding(f64),
    /// Accepted, waiting until the person has finished another order.
    Waiting,
    /// On the way.
    Travelling,
    /// On the spot.
    Working(f64),
}

struct Errand {
    order: FieldOrder,
    phase: Phase,
}

/// All orders under way in the field.
pub struct Errands {
    list: BTreeMap<OrderId, Errand>,
    /// Orders that are over for the phone although the backend may not know it yet; what the
    /// backend says of them is an echo.
    over: BTreeSet<OrderId>,
    dice: Dice,
    graph: RoadGraph,
}

impl Errands {
    /// No orders yet.
    pub const fn new(graph: RoadGraph, dice: Dice) -> Self {
        Self {
            list: BTreeMap::new(),
            over: BTreeSet::new(),
            dice,
            graph,
        }
    }

    /// Orders under way.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Takes an order as the backend now has it: a new one begins, an ended one is given up.
    pub fn take(&mut self, order: FieldOrder, crew: &mut Crew) {
        let id = order.order.id;
        let state = order.order.state();
        if !state.is_under_way() {
            self.over.remove(&id);
            if let Some(given_up) = self.list.remove(&id)
                && matches!(given_up.phase, Phase::Travelling | Phase::Working(_))
            {
                self.free(given_up.order.order.to, crew);
            }
            return;
        }
        if self.list.contains_key(&id) || self.over.contains(&id) {
            return;
        }
        let phase = match state {
            OrderState::Delivered => Phase::Unread(self.dice.between(6.0, 90.0)),
            OrderState::Read => Phase::Deciding(self.dice.between(4.0, 30.0)),
            OrderState::Accepted => Phase::Waiting,
            OrderState::Arrived => {
                crew.keep_busy(order.order.to);
                Phase::Working(self.handling_s(&order.title) * self.dice.between(0.2, 1.0))
            }
            _ => Phase::Receiving(self.dice.between(0.8, 3.0)),
        };
        self.list.insert(id, Errand { order, phase });
    }

    /// Lets `step_s` real seconds pass at `speed` and returns what the phones report.
    pub fn advance(
        &mut self,
        now: Timestamp,
        step_s: f64,
        speed: f64,
        crew: &mut Crew,
    ) -> Vec<FieldReceipt> {
        let passed = step_s * speed;
        let mut receipts = Vec::new();
        let ids: Vec<OrderId> = self.list.keys().copied().collect();
        for id in ids {
            // Several short phases may end within one step at high speed.
            for _ in 0..3 {
                let Some(receipt) = self.step(id, now, passed, crew) else {
                    break;
                };
                receipts.push(receipt);
            }
        }
        receipts
    }

    fn step(
        &mut self,
        id: OrderId,
        now: Timestamp,
        passed: f64,
        crew: &mut Crew,
    ) -> Option<FieldReceipt> {
        let errand = self.list.get_mut(&id)?;
        let person = errand.order.order.to;
        let left = match &mut errand.phase {
            Phase::Receiving(left)
            | Phase::Unread(left)
            | Phase::Deciding(left)
            | Phase::Working(left) => {
                *left -= passed;
                *left
            }
            Phase::Waiting | Phase::Travelling => 0.0,
        };
        if left > 0.0 {
            return None;
        }
        let (state, note) = self.next(id, crew)?;
        Some(FieldReceipt {
            order: id,
            person,
            state,
            at: now,
            location: crew.location(person),
            note,
            refusal_reason: (state == OrderState::Refused).then(|| REFUSAL_REASON.into()),
            crs: domain::places::Crs::Wgs84,
        })
    }

    /// The phase that begins now, and the state that the phone reports with it.
    fn next(&mut self, id: OrderId, crew: &mut Crew) -> Option<(OrderState, Option<String>)> {
        let phase = self.list.get(&id)?.phase;
        let person = self.list.get(&id)?.order.order.to;
        match phase {
            Phase::Receiving(_) => {
                let wait = self.dice.between(6.0, 75.0);
                self.set(id, Phase::Unread(wait));
                Some((OrderState::Delivered, None))
            }
            Phase::Unread(_) => {
                let wait = self.dice.between(4.0, 35.0);
                self.set(id, Phase::Deciding(wait));
                Some((OrderState::Read, None))
            }
            Phase::Deciding(_) => {
                if self.dice.chance(0.06) {
                    self.list.remove(&id);
                    self.over.insert(id);
                    let reason = (*self.dice.pick(REFUSALS)).to_owned();
                    return Some((OrderState::Refused, Some(reason)));
                }
                self.set(id, Phase::Waiting);
                Some((OrderState::Accepted, None))
            }
            Phase::Waiting => {
                if !self.is_engaged(person) {
                    self.set_out(id, crew);
                }
                None
            }
            Phase::Travelling => {
                if !crew.has_arrived(person) {
                    return None;
                }
                crew.keep_busy(person);
                let title = self.list.get(&id)?.order.title.clone();
                let wait = self.handling_s(&title);
                self.set(id, Phase::Working(wait));
                Some((OrderState::Arrived, None))
            }
            Phase::Working(_) => {
                let errand = self.list.remove(&id)?;
                self.over.insert(id);
                self.free(person, crew);
                Some((
                    OrderState::Done,
                    Some(result(&errand.order.title).to_owned()),
                ))
            }
        }
    }

    fn set(&mut self, id: OrderId, phase: Phase) {
        if let Some(errand) = self.list.get_mut(&id) {
            errand.phase = phase;
        }
    }

    /// Whether somebody is on the way or at work already.
    fn is_engaged(&self, person: PersonId) -> bool {
        self.list.values().any(|errand| {
            errand.order.order.to == person
                && matches!(errand.phase, Phase::Travelling | Phase::Working(_))
        })
    }

    fn free(&self, person: PersonId, crew: &mut Crew) {
        if !self.is_engaged(person) {
            crew.release(person);
        }
    }

    /// Begins the way by the road network; straight where no road leads.
    fn set_out(&mut self, id: OrderId, crew: &mut Crew) {
        let Some(errand) = self.list.get_mut(&id) else {
            return;
        };
        errand.phase = Phase::Travelling;
        let (person, goal) = (errand.order.order.to, errand.order.location);
        let Some((from, mode)) = crew.location(person).zip(crew.travel(person)) else {
            return;
        };
        let way = self.graph.way(from, goal, mode);
        let way = way.map_or_else(|| vec![from, goal], |way| way.points);
        crew.send(person, &way);
    }

    /// Simulated seconds on the spot: mostly as usual, sometimes much longer.
    fn handling_s(&mut self, title: &str) -> f64 {
        let usual = kind(title).map_or(USUAL_HANDLING_MIN, |k| TEMPLATES[k].handling_min);
        let factor = if self.dice.chance(0.06) {
            self.dice.between(6.0, 20.0)
        } else {
            self.dice.between(0.4, 1.6)
        };
        usual * factor * 60.0
    }
}

/// The kind of a matter by the fixed end of its title.
fn kind(title: &str) -> Option<usize> {
    TEMPLATES.iter().position(|template| {
        let end = template.title.rsplit('}').next().unwrap_or(template.title);
        !end.is_empty() && title.ends_with(end)
    })
}

/// What a phone reports when a matter is done.
fn result(title: &str) -> &'static str {
    kind(title).map_or("现场已处置完毕。", |k| TEMPLATES[k].result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_known_by_its_title() {
        for (i, template) in TEMPLATES.iter().enumerate() {
            let title = template
                .title
                .replace("{road}", "青桐大道一段")
                .replace("{place}", "锦川公园");
            let found = kind(&title).map(|k| TEMPLATES[k].category);
            assert_eq!(found, Some(TEMPLATES[i].category), "{title}");
        }
        assert_eq!(kind("别的事情"), None);
    }
}
