//! Unanswered orders are passed on by rule: the next in line, then the shift leader, each once.

use domain::addressees::order_key;
use domain::trail::{Action, Actor, EscalatedTo, OfficerRole, TrailEntry};
use domain::{IncidentId, IncidentState, LonLat, OrderState, PersonId, PositionFix};
use protocol::http::{Accepted, paths};
use testkit::{Caller, RunningBackend, builders};

const MINUTE_MS: i64 = 60_000;

struct Street {
    running: RunningBackend,
    hall: Caller,
    field: Caller,
    incident: IncidentId,
}

impl Street {
    /// Five people along the road, the smaller the number the nearer, and an order to the first.
    async fn with_an_order() -> Self {
        let running = RunningBackend::start();
        let (hall, field) = (running.hall(), running.field());
        let report = builders::report(1, running.clock.now());
        let incident = field.report(&report).await.expect("taken").incident;
        let street = Self {
            running,
            hall,
            field,
            incident,
        };
        street.report_positions().await;
        let officer = street.hall.sign_in(OfficerRole::DutyOfficer).await;
        let send = builders::proposal(1, builders::send(incident, 1));
        officer.propose(&send).await.expect("sent");
        street
    }

    async fn report_positions(&self) {
        let now = self.running.clock.now();
        let fixes: Vec<PositionFix> = (1..=5)
            .map(|number| {
                let east = 0.001 * f64::from(number);
                let at = LonLat::new(builders::CENTRE.lon + east, builders::CENTRE.lat);
                builders::fix(number, at, now)
            })
            .collect();
        let answer: Accepted = self
            .field
            .post(paths::POSITIONS, &fixes)
            .await
            .expect("taken");
        assert_eq!(answer.accepted, 5);
    }

    fn pass(&self, after_min: i64) -> usize {
        self.running.clock.turn(after_min * MINUTE_MS);
        let now = self.running.clock.now();
        self.running.backend.escalate(now).expect("a pass")
    }

    async fn escalations(&self) -> Vec<TrailEntry> {
        let path = paths::INCIDENT_TRAIL.replace("{id}", &self.incident.to_string());
        let trail: Vec<TrailEntry> = self.hall.get(&path).await.expect("a trail");
        trail
            .into_iter()
            .filter(|e| matches!(e.action, Action::Escalate { .. }))
            .collect()
    }

    async fn receipt(&self, key: domain::OrderId, to: u32, state: OrderState) {
        let now = self.running.clock.now();
        self.field
            .receipt(key, to, state, now)
            .await
            .expect("taken");
    }
}

#[tokio::test]
async fn the_next_in_line_is_ordered_and_then_the_leader_told_each_once() {
    let street = Street::with_an_order().await;
    assert_eq!(street.pass(4), 0, "it has five minutes to be delivered");
    assert_eq!(street.pass(1), 1);
    assert_eq!(street.pass(0), 0, "done already");
    let order = builders::key(1);
    let second = order_key(order, PersonId(2));
    let situation = street.hall.snapshot().await.situation;
    let passed_on = &situation.orders[&second];
    assert_eq!(
        (passed_on.to, passed_on.state()),
        (PersonId(2), OrderState::Sent)
    );
    assert_eq!(passed_on.instruction, situation.orders[&order].instruction);
    assert_eq!(passed_on.by, situation.orders[&order].by);
    let incident = &situation.incidents[&street.incident];
    assert_eq!(incident.orders, [order, second], "the first stays in force");

    assert_eq!(street.pass(14), 0);
    assert_eq!(street.pass(1), 1, "fifteen minutes later");
    assert_eq!(street.pass(24 * 60), 0, "and never again");
    let entries = street.escalations().await;
    assert!(entries.iter().all(|entry| entry.by == Actor::Rule));
    let steps: Vec<_> = entries.into_iter().map(|entry| entry.action).collect();
    let step = |step, to| Action::Escalate { order, step, to };
    assert_eq!(
        steps,
        [
            step(1, EscalatedTo::Person(PersonId(2))),
            step(2, EscalatedTo::ShiftLeader),
        ]
    );
    street.running.backend.verify_chain().expect("whole");
}

#[tokio::test]
async fn an_answer_ends_it() {
    let street = Street::with_an_order().await;
    let order = builders::key(1);
    street.receipt(order, 1, OrderState::Delivered).await;
    assert_eq!(street.pass(9), 0, "delivered: ten minutes to be read");
    street.receipt(order, 1, OrderState::Accepted).await;
    assert_eq!(street.pass(60), 0);
    assert_eq!(street.escalations().await, []);
}

#[tokio::test]
async fn the_one_who_is_next_in_line_may_answer_instead() {
    let street = Street::with_an_order().await;
    assert_eq!(street.pass(5), 1);
    let second = order_key(builders::key(1), PersonId(2));
    street.receipt(second, 2, OrderState::Accepted).await;
    assert_eq!(street.pass(60), 0);
    assert_eq!(street.escalations().await.len(), 1);
}

#[tokio::test]
async fn with_nobody_to_send_the_leader_is_told_at_once() {
    let street = Street::with_an_order().await;
    // Half an hour without a position: nobody is offered.
    assert_eq!(street.pass(31), 1);
    let entries = street.escalations().await;
    let expected = Action::Escalate {
        order: builders::key(1),
        step: 2,
        to: EscalatedTo::ShiftLeader,
    };
    assert_eq!(entries[0].action, expected);
    assert_eq!(street.hall.snapshot().await.situation.orders.len(), 1);
}

#[tokio::test]
async fn a_suspended_matter_is_not_passed_on_and_passes_at_once_write_each_step_once() {
    let street = Street::with_an_order().await;
    let officer = street.hall.sign_in(OfficerRole::DutyOfficer).await;
    let act = |number, action| {
        let intent = domain::Intent::Act {
            incident: street.incident,
            action,
            reason: Some("等待配件".to_owned()),
        };
        builders::proposal(number, intent)
    };
    officer
        .propose(&act(2, Action::Suspend))
        .await
        .expect("suspended");
    assert_eq!(street.pass(10), 0);
    officer
        .propose(&act(3, Action::Resume))
        .await
        .expect("resumed");
    let now = street.running.clock.now();
    let passes: Vec<_> = (0..8)
        .map(|_| {
            let backend = street.running.backend.clone();
            std::thread::spawn(move || backend.escalate(now).expect("a pass"))
        })
        .collect();
    let steps: usize = passes.into_iter().map(|p| p.join().expect("ran")).sum();
    assert_eq!(steps, 1);
    assert_eq!(street.escalations().await.len(), 1);
    let incident = &street.hall.snapshot().await.situation.incidents[&street.incident];
    assert_eq!(incident.state, IncidentState::Dispatched);
}
