//! What happens to orders while their matter is suspended (挂账), and when it goes on.

use domain::trail::{Action, Actor, OfficerRole, TrailEntry};
use domain::{Incident, IncidentId, IncidentState, Intent, OrderState};
use protocol::http::paths;
use testkit::{Caller, RunningBackend, builders};

struct Street {
    running: RunningBackend,
    hall: Caller,
    officer: Caller,
    field: Caller,
    incident: IncidentId,
}

impl Street {
    /// A matter with an order to each of so many people, the first being number 1.
    async fn with_orders(count: u32) -> Self {
        let running = RunningBackend::start();
        let (hall, field) = (running.hall(), running.field());
        let report = builders::report(1, running.clock.now());
        let incident = field.report(&report).await.expect("taken").incident;
        let officer = hall.sign_in(OfficerRole::DutyOfficer).await;
        for to in 1..=count {
            let send = builders::proposal(u128::from(to), builders::send(incident, to));
            officer.propose(&send).await.expect("sent");
        }
        Self {
            running,
            hall,
            officer,
            field,
            incident,
        }
    }

    async fn act(&self, number: u128, action: Action) {
        let intent = Intent::Act {
            incident: self.incident,
            action,
            reason: Some("等待配件".to_owned()),
        };
        let proposal = builders::proposal(number, intent);
        self.officer.propose(&proposal).await.expect("acted");
    }

    async fn receipt(&self, to: u32, state: OrderState) {
        let now = self.running.clock.now();
        let key = builders::key(u128::from(to));
        let order = self
            .field
            .receipt(key, to, state, now)
            .await
            .expect("taken");
        assert_eq!(order.state(), state);
    }

    async fn incident(&self) -> Incident {
        self.hall.snapshot().await.situation.incidents[&self.incident].clone()
    }

    async fn trail(&self) -> Vec<TrailEntry> {
        let path = paths::INCIDENT_TRAIL.replace("{id}", &self.incident.to_string());
        self.hall.get(&path).await.expect("a trail")
    }

    /// Actions after the first entry that suspends.
    async fn since_suspension(&self) -> Vec<Action> {
        let trail = self.trail().await;
        let suspended = trail.iter().position(|e| e.action == Action::Suspend);
        let from = suspended.expect("suspended") + 1;
        trail.into_iter().skip(from).map(|e| e.action).collect()
    }
}

#[tokio::test]
async fn an_order_done_meanwhile_makes_the_matter_handled_when_it_goes_on() {
    let street = Street::with_orders(1).await;
    street.receipt(1, OrderState::Arrived).await;
    street.act(50, Action::Suspend).await;
    street.running.clock.turn(30 * 60_000);
    street.receipt(1, OrderState::Done).await;
    assert_eq!(street.incident().await.state, IncidentState::Suspended);
    street.running.clock.turn(30 * 60_000);
    street.act(51, Action::Resume).await;
    let incident = street.incident().await;
    assert_eq!(incident.state, IncidentState::Handled);
    assert!(incident.orders.is_empty());
    let actions = street.since_suspension().await;
    let key = builders::key(1);
    assert!(
        matches!(
            &actions[..],
            [
                Action::Note { .. },
                Action::Resume,
                Action::Handled { order, result },
            ] if *order == key && result == "测试"
        ),
        "{actions:?}"
    );
    let last = street.trail().await.pop().expect("an entry");
    assert_eq!(last.by, Actor::Rule);
    street.running.backend.verify_chain().expect("whole");
}

#[tokio::test]
async fn a_matter_that_was_being_handled_goes_on_without_beginning_again() {
    let street = Street::with_orders(1).await;
    street.receipt(1, OrderState::Arrived).await;
    street.act(50, Action::Suspend).await;
    street.act(51, Action::Resume).await;
    assert_eq!(street.incident().await.state, IncidentState::Handling);
    // The arrival has been on the record since it happened.
    assert_eq!(street.since_suspension().await, [Action::Resume]);
}

#[tokio::test]
async fn an_arrival_meanwhile_begins_the_handling_when_the_matter_goes_on() {
    let street = Street::with_orders(2).await;
    street.act(50, Action::Suspend).await;
    street.receipt(1, OrderState::Arrived).await;
    street.receipt(2, OrderState::Arrived).await;
    street.act(51, Action::Resume).await;
    assert_eq!(street.incident().await.state, IncidentState::Handling);
    let begun = street.since_suspension().await;
    let starts = begun
        .iter()
        .filter(|a| matches!(a, Action::StartHandling { .. }));
    assert_eq!(starts.count(), 1, "{begun:?}");
}

#[tokio::test]
async fn with_every_order_refused_meanwhile_the_matter_waits_for_dispatch() {
    let street = Street::with_orders(2).await;
    street.act(50, Action::Suspend).await;
    street.receipt(1, OrderState::Refused).await;
    street.receipt(2, OrderState::Refused).await;
    street.act(51, Action::Resume).await;
    let incident = street.incident().await;
    assert_eq!(incident.state, IncidentState::Filed);
    assert!(incident.orders.is_empty());
}

#[tokio::test]
async fn one_done_and_one_refused_leave_no_order_behind() {
    for (first, second) in [
        (OrderState::Done, OrderState::Refused),
        (OrderState::Refused, OrderState::Done),
    ] {
        let street = Street::with_orders(2).await;
        street.act(50, Action::Suspend).await;
        street.receipt(1, first).await;
        street.receipt(2, second).await;
        street.act(51, Action::Resume).await;
        let incident = street.incident().await;
        assert_eq!(incident.state, IncidentState::Handled, "{first:?}");
        assert!(
            incident.orders.is_empty(),
            "{first:?}: {:?}",
            incident.orders
        );
    }
}
