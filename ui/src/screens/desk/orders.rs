//! Orders of one incident: the backend's records together with the echoes of what still lies in
//! the outbox, and how far each has come.

use std::collections::BTreeSet;

use crate::strings;
use domain::orders::OrderStamp;
use domain::{
    Incident, IncidentId, Intent, Order, OrderId, OrderState, PersonId, Situation, Timestamp,
};
use protocol::feed::OutboxItem;

/// The way of an order when nothing goes wrong.
pub const WAY: [OrderState; 7] = [
    OrderState::Queued,
    OrderState::Sent,
    OrderState::Delivered,
    OrderState::Read,
    OrderState::Accepted,
    OrderState::Arrived,
    OrderState::Done,
];

/// How a stage of the way is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageLook {
    /// Passed.
    Passed,
    /// Where the order stands.
    Present,
    /// Not reached yet, or never, when the order ended before.
    Ahead,
}

impl StageLook {
    /// A word for attributes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Present => "present",
            Self::Ahead => "ahead",
        }
    }
}

/// One stage of an order's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// The state.
    pub state: OrderState,
    /// When it was reached; `None` when it is ahead or was skipped.
    pub at: Option<Timestamp>,
    /// How it is drawn.
    pub look: StageLook,
}

/// How an order ended, or why it waits for an officer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// `Parked`, `Refused` or `Withdrawn`.
    pub state: OrderState,
    /// When.
    pub at: Timestamp,
    /// The reason, empty when none was given.
    pub reason: String,
}

/// One order as the detail shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderRow {
    /// The order.
    pub id: OrderId,
    /// To whom.
    pub to: PersonId,
    /// Name, or the roster number when the roster does not know the person.
    pub name: String,
    /// Present state.
    pub state: OrderState,
    /// When it was given.
    pub given_at: Timestamp,
    /// What the phone shows.
    pub instruction: String,
    /// The named override, when there was one.
    pub override_reason: Option<String>,
    /// The way.
    pub stages: Vec<Stage>,
    /// How it ended otherwise.
    pub ending: Option<Ending>,
    /// Result of the handling, when the responder wrote one.
    pub result: Option<String>,
    /// Whether its withdrawal waits in the outbox.
    pub is_being_withdrawn: bool,
}

impl OrderRow {
    /// Whether the hall can take it back now.
    pub const fn can_withdraw(&self) -> bool {
        self.state.is_under_way() && !self.is_being_withdrawn
    }
}

/// The order that an item of the outbox will become; `None` when the item sends nobody.
fn echo(item: &OutboxItem) -> Option<Order> {
    let Intent::SendOrder {
        incident,
        to,
        instruction,
        override_reason,
    } = &item.proposal.intent
    else {
        return None;
    };
    let given_at = item.proposal.occurred_at;
    let stamp = |state, note| OrderStamp {
        state,
        at: given_at,
        location: None,
        note,
        source_crs: domain::places::Crs::default(),
    };
    let mut stamps = vec![stamp(OrderState::Queued, None)];
    if item.state != OrderState::Queued {
        let why = item.last_error.as_deref().map(strings::message);
        stamps.push(stamp(item.state, why));
    }
    Some(Order {
        id: item.proposal.key,
        incident: *incident,
        to: *to,
        by: item.proposal.officer.clone(),
        instruction: instruction.clone(),
        override_reason: override_reason.clone(),
        stamps,
    })
}

/// All orders of an incident, the newest first. An echo gives way to the backend's record as soon
/// as that is at least as far.
pub fn orders_of(situation: &Situation, outbox: &[OutboxItem], incident: IncidentId) -> Vec<Order> {
    let mut orders: Vec<Order> = situation
        .orders
        .values()
        .filter(|order| order.incident == incident)
        .cloned()
        .collect();
    for echo in outbox.iter().filter_map(echo) {
        if echo.incident != incident {
            continue;
        }
        match orders.iter_mut().find(|order| order.id == echo.id) {
            Some(known) if known.state().may_become(echo.state()) => *known = echo,
            Some(_) => {}
            None => orders.push(echo),
        }
    }
    orders.sort_by_key(|order| std::cmp::Reverse((order.given_at(), order.id)));
    orders
}

/// The rows of those orders.
pub fn order_rows(
    situation: &Situation,
    outbox: &[OutboxItem],
    incident: IncidentId,
) -> Vec<OrderRow> {
    orders_of(situation, outbox, incident)
        .into_iter()
        .map(|order| OrderRow {
            name: situation
                .people
                .get(&order.to)
                .map_or_else(|| order.to.to_string(), |person| person.name.clone()),
            stages: stages(&order),
            ending: ending(&order),
            result: result(&order),
            is_being_withdrawn: is_being_withdrawn(outbox, order.id),
            id: order.id,
            to: order.to,
            state: order.state(),
            given_at: order.given_at(),
            instruction: order.instruction,
            override_reason: order.override_reason,
        })
        .collect()
}

/// Who has an order about the incident under way, echoes included, and those that were refused and wait to be
/// tried again.
pub fn sent_to(
    situation: &Situation,
    outbox: &[OutboxItem],
    incident: IncidentId,
) -> BTreeSet<PersonId> {
    let waits = |id| {
        let mut items = outbox.iter();
        items.any(|item| item.proposal.key == id && item.state == OrderState::Queued)
    };
    orders_of(situation, outbox, incident)
        .iter()
        .filter(|order| order.state().is_under_way() || waits(order.id))
        .map(|order| order.to)
        .collect()
}

/// The state that a row of the queue shows: of the newest order under way, or of one that is
/// parked and waits for an officer.
pub fn leading_state(
    situation: &Situation,
    outbox: &[OutboxItem],
    incident: &Incident,
) -> Option<OrderState> {
    let echoed = outbox
        .iter()
        .filter(|item| item.proposal.intent.incident() == Some(incident.id))
        .filter_map(echo)
        .map(|order| {
            situation
                .orders
                .get(&order.id)
                .filter(|known| !known.state().may_become(order.state()))
                .map_or(order.state(), Order::state)
        })
        .next_back();
    let recorded = incident
        .orders
        .iter()
        .rev()
        .filter_map(|id| situation.orders.get(id))
        .map(Order::state)
        .find(|state| state.is_under_way());
    match echoed {
        Some(OrderState::Withdrawn) | None => recorded,
        Some(state) => Some(state),
    }
}

fn is_being_withdrawn(outbox: &[OutboxItem], wanted: OrderId) -> bool {
    outbox.iter().any(|item| {
        item.state != OrderState::Parked
            && matches!(&item.proposal.intent, Intent::WithdrawOrder { order, .. } if *order == wanted)
    })
}

fn stages(order: &Order) -> Vec<Stage> {
    let farthest = WAY
        .iter()
        .rposition(|state| order.reached_at(*state).is_some());
    let has_ended_otherwise = ending(order).is_some();
    WAY.iter()
        .enumerate()
        .map(|(place, state)| Stage {
            state: *state,
            at: order.reached_at(*state),
            look: match farthest {
                Some(far) if place < far => StageLook::Passed,
                Some(far) if place == far && has_ended_otherwise => StageLook::Passed,
                Some(far) if place == far => StageLook::Present,
                _ => StageLook::Ahead,
            },
        })
        .collect()
}

fn ending(order: &Order) -> Option<Ending> {
    let stamp = order.stamps.last()?;
    let note = stamp.note.as_deref().unwrap_or_default();
    let reason = match stamp.state {
        OrderState::Parked => strings::message(note),
        // What somebody wrote stands as it was written.
        OrderState::Refused | OrderState::Withdrawn => note.to_owned(),
        _ => return None,
    };
    Some(Ending {
        state: stamp.state,
        at: stamp.at,
        reason,
    })
}

fn result(order: &Order) -> Option<String> {
    order
        .stamps
        .iter()
        .find(|stamp| stamp.state == OrderState::Done)
        .and_then(|stamp| stamp.note.clone())
        .filter(|note| !note.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_queued_order_shows_before_the_backend_knows_it() {
        let situation = sample::situation();
        let outbox = [sample::queued_order(7, 1, 1)];
        let rows = order_rows(&situation, &outbox, sample::incident_id(1));
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].state, OrderState::Queued);
        assert_eq!(rows[0].name, "李建国");
        assert!(rows[0].can_withdraw());
        assert_eq!(rows[0].stages[0].look, StageLook::Present);
        assert_eq!(rows[0].stages[1].look, StageLook::Ahead);
        assert_eq!(
            sent_to(&situation, &outbox, sample::incident_id(1)),
            BTreeSet::from([PersonId(1)])
        );
    }

    #[test]
    fn the_backends_record_replaces_the_echo() {
        let situation = sample::situation();
        let recorded = sample::order_of(4);
        let mut item = sample::queued_order(0, 4, 2);
        item.proposal.key = recorded.id;
        let rows = order_rows(&situation, &[item], sample::incident_id(4));
        assert_eq!(rows.len(), 1, "one key is one order");
        assert_eq!(rows[0].state, OrderState::Accepted);
    }

    #[test]
    fn skipped_stages_are_passed_without_a_time() {
        let rows = order_rows(&sample::situation(), &[], sample::incident_id(4));
        let stages = &rows[0].stages;
        let read = stages.iter().find(|s| s.state == OrderState::Read);
        let read = read.expect("on the way");
        assert_eq!((read.at, read.look), (None, StageLook::Passed));
        let accepted = stages.iter().find(|s| s.state == OrderState::Accepted);
        assert_eq!(accepted.map(|s| s.look), Some(StageLook::Present));
        assert!(rows[0].ending.is_none());
    }

    #[test]
    fn an_order_that_ended_otherwise_says_why_and_has_no_present_stage() {
        let mut item = sample::queued_order(7, 1, 1);
        item.state = OrderState::Parked;
        item.last_error = Some("案件已作废".to_owned());
        let rows = order_rows(&sample::situation(), &[item], sample::incident_id(1));
        let ending = rows[0].ending.as_ref().expect("parked");
        assert_eq!(ending.reason, "案件已作废");
        assert!(rows[0].stages.iter().all(|s| s.look != StageLook::Present));
        assert!(!rows[0].can_withdraw());
    }

    #[test]
    fn a_queued_withdrawal_is_seen_on_the_order_it_takes_back() {
        let situation = sample::situation();
        let order = sample::order_of(4);
        let outbox = [sample::queued_withdrawal(8, 4, order.id)];
        let rows = order_rows(&situation, &outbox, sample::incident_id(4));
        assert!(rows[0].is_being_withdrawn && !rows[0].can_withdraw());
    }

    #[test]
    fn the_queue_row_shows_the_newest_order_under_way() {
        let situation = sample::situation();
        let state = |outbox: &[OutboxItem], n| {
            let incident = &situation.incidents[&sample::incident_id(n)];
            leading_state(&situation, outbox, incident)
        };
        assert_eq!(state(&[], 4), Some(OrderState::Accepted));
        assert_eq!(state(&[], 1), None);
        let queued = sample::queued_order(7, 1, 1);
        assert_eq!(
            state(std::slice::from_ref(&queued), 1),
            Some(OrderState::Queued)
        );
        let mut dropped = queued;
        dropped.state = OrderState::Withdrawn;
        assert_eq!(state(&[dropped], 1), None);
    }
}
