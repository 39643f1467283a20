//! Drills (演练): begun by a report or a switch of the mode, marked wherever they go, and kept apart
//! from what is real.

use domain::intents::Mode;
use domain::modes::ModeSession;
use domain::trail::{Action, OfficerRole, SourceChannel};
use domain::{Incident, IncidentId, Intent};
use protocol::ErrorCode;
use protocol::http::{FieldOrders, NewReport, paths};
use testkit::{Caller, Refused, RunningBackend, builders};

const MINUTE_MS: i64 = 60_000;

struct Street {
    running: RunningBackend,
    hall: Caller,
    leader: Caller,
    number: u128,
}

impl Street {
    async fn start() -> Self {
        let running = RunningBackend::start();
        let hall = running.hall();
        Self {
            leader: hall.sign_in(OfficerRole::ShiftLeader).await,
            hall,
            running,
            number: 0,
        }
    }

    async fn report(&mut self, category: &str, is_drill: bool) -> IncidentId {
        self.number += 1;
        let report = NewReport {
            category: category.to_owned(),
            // A channel whose reports count as repetitions of each other.
            channel: SourceChannel::Hotline12345,
            is_drill,
            ..builders::report(self.number, self.running.clock.now())
        };
        let taken = self.running.field().report(&report).await;
        taken.expect("taken").incident
    }

    async fn propose(&mut self, intent: Intent) -> Result<(), Refused> {
        self.number += 1;
        let mut proposal = builders::proposal(self.number, intent);
        proposal.officer = builders::officer(OfficerRole::ShiftLeader).id;
        self.leader.propose(&proposal).await.map(|_| ())
    }

    async fn switch(&mut self, mode: Mode, is_drill: bool) -> Result<(), Refused> {
        self.propose(Intent::SetMode { mode, is_drill }).await
    }

    async fn mode(&self) -> ModeSession {
        self.hall.snapshot().await.situation.mode.session
    }

    async fn incident(&self, id: IncidentId) -> Incident {
        self.hall.snapshot().await.situation.incidents[&id].clone()
    }

    async fn field_orders(&self, query: &str) -> FieldOrders {
        let path = format!("{}{query}", paths::FIELD_ORDERS);
        self.running.field().get(&path).await.expect("orders")
    }
}

#[tokio::test]
async fn the_rules_of_an_exercised_mode_hold_for_drill_matters_alone() {
    let mut street = Street::start().await;
    let now = street.running.clock.now();
    street
        .switch(Mode::EmergencyRed, true)
        .await
        .expect("begun");
    let exercise = ModeSession::new(Mode::EmergencyRed, true);
    assert_eq!(street.mode().await, exercise);
    let live = street.report("E85.04", false).await;
    let drill = street.report("E85.04", true).await;
    for (id, is_drill, minutes) in [(live, false, 30), (drill, true, 10)] {
        let incident = street.incident(id).await;
        assert_eq!(incident.is_drill, is_drill);
        let deadline = incident.clock.expect("a clock").deadline;
        assert_eq!(deadline, now.plus_ms(minutes * MINUTE_MS), "{id}");
    }
}

#[tokio::test]
async fn an_emergency_interrupts_an_exercise_and_never_the_other_way_round() {
    let mut street = Street::start().await;
    street
        .switch(Mode::EmergencyRed, true)
        .await
        .expect("begun");
    street
        .switch(Mode::EmergencyBlue, false)
        .await
        .expect("true");
    let refused = street.switch(Mode::EmergencyRed, true).await;
    let refused = refused.expect_err("an emergency is in force");
    assert_eq!(
        (refused.status, refused.code),
        (409, ErrorCode::NotAllowedNow)
    );
    assert_eq!(street.mode().await, Mode::EmergencyBlue.into());
    street.switch(Mode::Normal, true).await.expect("ended");
    assert_eq!(street.mode().await, Mode::Normal.into());
}

#[tokio::test]
async fn a_gateway_that_does_not_mark_drills_gets_no_order_of_one() {
    let mut street = Street::start().await;
    let live = street.report("E01.10", false).await;
    let drill = street.report("E01.10", true).await;
    for (incident, person) in [(live, 1), (drill, 2)] {
        let order = builders::send(incident, person);
        street.propose(order).await.expect("sent");
    }
    let about = |orders: &FieldOrders| -> Vec<(IncidentId, bool)> {
        let orders = orders.orders.iter();
        orders.map(|o| (o.order.incident, o.is_drill)).collect()
    };
    let unmarked = street.field_orders("").await;
    assert_eq!(about(&unmarked), [(live, false)]);
    let marked = street.field_orders("?drills=true").await;
    assert_eq!(about(&marked), [(live, false), (drill, true)]);
    assert_eq!(unmarked.cursor, marked.cursor);
}

#[tokio::test]
async fn a_drill_and_a_live_matter_are_never_called_one() {
    let mut street = Street::start().await;
    let first = street.report("E01.10", false).await;
    let drill = street.report("E01.10", true).await;
    let second = street.report("E01.10", false).await;
    // The drill is no repetition of the live matter, nor the other way round.
    for (id, repeats) in [(first, 0), (drill, 0), (second, 1)] {
        assert_eq!(
            street.incident(id).await.particulars.repeats,
            repeats,
            "{id}"
        );
    }
    for (incident, of) in [(drill, first), (second, drill)] {
        let refused = street.propose(duplicate(incident, of)).await;
        let refused = refused.expect_err("one is a drill");
        assert_eq!(refused.code, ErrorCode::NotAllowedNow);
        assert!(refused.message.contains("演练"), "{refused:?}");
    }
    let merged = street.propose(duplicate(second, first)).await;
    merged.expect("both are live");
}

fn duplicate(incident: IncidentId, of: IncidentId) -> Intent {
    Intent::Act {
        incident,
        action: Action::MarkDuplicate { of },
        reason: Some("同一事项".to_owned()),
    }
}
