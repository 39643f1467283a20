//! Orders as screens show them: the backend's records and, before those arrive, the hall's own
//! echoes from the outbox.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use domain::{Incident, IncidentId, Intent, Level, OrderId, OrderState, PersonId, Timestamp};
use protocol::feed::OutboxItem;

use super::hall::Hall;
use crate::strings;

/// An order in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderRow {
    /// The order.
    pub id: OrderId,
    /// What it is about.
    pub incident: IncidentId,
    /// Title and level of the incident, where it is known.
    pub about: Option<(String, Level)>,
    /// Whether it belongs to a drill, because its incident does.
    pub is_drill: bool,
    /// Who is to go.
    pub to: PersonId,
    /// Name of that person as this window may show it.
    pub name: String,
    /// State.
    pub state: OrderState,
    /// When it was given.
    pub given_at: Timestamp,
    /// When the state was reached.
    pub since: Timestamp,
    /// Whether its withdrawal waits in the outbox.
    pub withdrawal_queued: bool,
    /// Why it was parked, refused or withdrawn.
    pub note: Option<String>,
}

/// Withdrawals that wait in the outbox.
fn queued_withdrawals(outbox: &[OutboxItem]) -> impl Iterator<Item = OrderId> {
    outbox
        .iter()
        .filter_map(|item| match &item.proposal.intent {
            Intent::WithdrawOrder { order, .. } if item.state != OrderState::Withdrawn => {
                Some(*order)
            }
            _ => None,
        })
}

/// All orders that the window knows, those of the backend replacing their echoes.
pub fn all(hall: &Hall) -> BTreeMap<OrderId, OrderRow> {
    let situation = &hall.situation;
    let mut rows: BTreeMap<OrderId, OrderRow> = BTreeMap::new();
    for item in &hall.outbox {
        if let Some(row) = echo(hall, item) {
            rows.insert(row.id, row);
        }
    }
    for order in situation.orders.values() {
        let last = order.stamps.last();
        let row = OrderRow {
            id: order.id,
            incident: order.incident,
            about: about(situation.incidents.get(&order.incident)),
            is_drill: is_drill(hall, order.incident),
            to: order.to,
            name: name_of(hall, order.to),
            state: order.state(),
            given_at: order.given_at(),
            since: last.map_or(order.given_at(), |stamp| stamp.at),
            withdrawal_queued: false,
            note: last.and_then(|stamp| stamp.note.clone()),
        };
        rows.insert(order.id, row);
    }
    for id in queued_withdrawals(&hall.outbox) {
        if let Some(row) = rows.get_mut(&id) {
            row.withdrawal_queued = true;
        }
    }
    rows
}

fn echo(hall: &Hall, item: &OutboxItem) -> Option<OrderRow> {
    let Intent::SendOrder { incident, to, .. } = &item.proposal.intent else {
        return None;
    };
    let at = item.proposal.occurred_at;
    Some(OrderRow {
        id: item.proposal.key,
        incident: *incident,
        about: about(hall.situation.incidents.get(incident)),
        is_drill: is_drill(hall, *incident),
        to: *to,
        name: name_of(hall, *to),
        state: item.state,
        given_at: at,
        since: at,
        withdrawal_queued: false,
        note: item.last_error.as_deref().map(strings::message),
    })
}

fn about(incident: Option<&Incident>) -> Option<(String, Level)> {
    incident.map(|incident| (incident.title.clone(), incident.level))
}

fn is_drill(hall: &Hall, incident: IncidentId) -> bool {
    let incident = hall.situation.incidents.get(&incident);
    incident.is_some_and(|incident| incident.is_drill)
}

fn name_of(hall: &Hall, person: PersonId) -> String {
    let people = &hall.situation.people;
    people
        .get(&person)
        .map_or_else(|| person.to_string(), |p| p.name.clone())
}

/// Orders under way, the newest first.
pub fn under_way(hall: &Hall) -> Vec<OrderRow> {
    let mut rows: Vec<_> = all(hall)
        .into_values()
        .filter(|row| row.state.is_under_way())
        .collect();
    rows.sort_by_key(|row| Reverse((row.given_at, row.id)));
    rows
}

/// Orders of one incident, oldest first.
pub fn of_incident(hall: &Hall, incident: IncidentId) -> Vec<OrderRow> {
    let mut rows: Vec<_> = all(hall)
        .into_values()
        .filter(|row| row.incident == incident)
        .collect();
    rows.sort_by_key(|row| (row.given_at, row.id));
    rows
}

/// How many proposals wait for the line, and how many were refused and wait for an officer.
pub fn outbox_counts(outbox: &[OutboxItem]) -> (usize, usize) {
    let in_state = |state| outbox.iter().filter(|item| item.state == state).count();
    (in_state(OrderState::Queued), in_state(OrderState::Parked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::panels::tests::{NOW, incident, picture};
    use domain::orders::{Order, OrderStamp};
    use domain::{OfficerId, Proposal};
    use protocol::feed::Frame;
    use uuid::Uuid;

    const KEY: OrderId = domain::IntentKey(Uuid::from_u128(7));

    fn item(intent: Intent, key: OrderId, state: OrderState) -> OutboxItem {
        OutboxItem {
            proposal: Proposal {
                key,
                officer: OfficerId::from("zhou.min"),
                occurred_at: NOW,
                intent,
                basis: None,
            },
            state,
            attempts: 0,
            last_error: None,
            next_attempt_at: None,
            conflict: None,
            is_held: false,
            can_drop: false,
        }
    }

    fn send() -> Intent {
        Intent::SendOrder {
            incident: incident(1).id,
            to: PersonId(1),
            instruction: String::new(),
            override_reason: None,
        }
    }

    fn hall() -> Hall {
        let mut hall = Hall::default();
        hall.take(Frame::Snapshot(Box::new(picture())));
        hall
    }

    fn record(state: OrderState) -> Order {
        Order {
            id: KEY,
            incident: incident(1).id,
            to: PersonId(1),
            by: OfficerId::from("zhou.min"),
            instruction: String::new(),
            override_reason: None,
            stamps: vec![OrderStamp {
                state,
                at: NOW,
                location: None,
                note: None,
                source_crs: domain::places::Crs::default(),
            }],
        }
    }

    #[test]
    fn an_echo_shows_at_once_and_the_record_replaces_it() {
        let mut hall = hall();
        hall.outbox = vec![item(send(), KEY, OrderState::Queued)];
        let rows = under_way(&hall);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].state, OrderState::Queued);
        assert_eq!(rows[0].about, Some(("matter 1".to_owned(), Level::Small)));

        hall.situation.orders.insert(KEY, record(OrderState::Read));
        let rows = of_incident(&hall, incident(1).id);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].state, OrderState::Read);
    }

    #[test]
    fn an_order_of_a_drill_is_marked_as_echo_and_as_record() {
        let mut hall = hall();
        assert!(under_way(&hall).iter().all(|row| !row.is_drill));
        let drill = hall.situation.incidents.get_mut(&incident(1).id);
        drill.expect("in the picture").is_drill = true;
        hall.outbox = vec![item(send(), KEY, OrderState::Queued)];
        assert!(under_way(&hall)[0].is_drill);
        hall.outbox.clear();
        hall.situation.orders.insert(KEY, record(OrderState::Sent));
        assert!(under_way(&hall)[0].is_drill);
    }

    #[test]
    fn a_queued_withdrawal_marks_its_order() {
        let mut hall = hall();
        hall.situation.orders.insert(KEY, record(OrderState::Sent));
        let withdraw = Intent::WithdrawOrder {
            incident: incident(1).id,
            order: KEY,
            reason: String::new(),
        };
        let key = domain::IntentKey(Uuid::from_u128(8));
        hall.outbox = vec![item(withdraw, key, OrderState::Queued)];
        assert!(under_way(&hall)[0].withdrawal_queued);
    }

    #[test]
    fn parked_and_final_orders_are_not_under_way() {
        let mut hall = hall();
        hall.outbox = vec![item(send(), KEY, OrderState::Parked)];
        assert!(under_way(&hall).is_empty());
        assert_eq!(outbox_counts(&hall.outbox), (0, 1));
        hall.outbox.clear();
        hall.situation.orders.insert(KEY, record(OrderState::Done));
        assert!(under_way(&hall).is_empty());
    }
}
