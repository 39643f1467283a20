//! Orders from the click to the receipt, and everything that may go wrong on the way.

use domain::IncidentState::{Dispatched, Filed, Handled, Handling, PendingFile, Reported};
use domain::trail::{Action, Actor, OfficerRole, TrailEntry};
use domain::{Incident, IncidentId, IncidentState, Intent, OrderState, PersonId, Proposal};
use protocol::ErrorCode;
use protocol::http::{FieldOrders, paths};
use testkit::{Caller, FakeClock, Fault, FaultProxy, RunningBackend, builders};

struct Street {
    running: RunningBackend,
    hall: Caller,
    officer: Caller,
    field: Caller,
    incident: IncidentId,
}

impl Street {
    async fn with_a_report() -> Self {
        let running = RunningBackend::start();
        let hall = running.hall();
        let field = running.field();
        let report = builders::report(1, running.clock.now());
        let incident = field.report(&report).await.expect("taken").incident;
        Self {
            officer: hall.sign_in(OfficerRole::DutyOfficer).await,
            hall,
            field,
            incident,
            running,
        }
    }

    async fn incident(&self) -> Incident {
        self.hall.snapshot().await.situation.incidents[&self.incident].clone()
    }

    async fn receipt(&self, number: u128, state: OrderState) -> OrderState {
        self.field
            .receipt(builders::key(number), 1, state, self.running.clock.now())
            .await
            .expect("taken")
            .state()
    }

    async fn trail(&self) -> Vec<TrailEntry> {
        let path = paths::INCIDENT_TRAIL.replace("{id}", &self.incident.to_string());
        self.hall.get(&path).await.expect("a trail")
    }

    fn act(&self, number: u128, action: Action, reason: Option<&str>) -> Proposal {
        builders::proposal(
            number,
            Intent::Act {
                incident: self.incident,
                action,
                reason: reason.map(str::to_owned),
            },
        )
    }
}

#[tokio::test]
async fn one_order_verifies_files_dispatches_and_is_followed_to_the_end() {
    let street = Street::with_a_report().await;
    let receipt = street
        .officer
        .propose(&builders::proposal(1, builders::send(street.incident, 1)))
        .await
        .expect("sent");
    assert_eq!(receipt.recorded_at, street.running.clock.now());
    let steps = |trail: &[TrailEntry]| trail.iter().map(|e| e.state).collect::<Vec<_>>();
    let trail = street.trail().await;
    assert_eq!(steps(&trail), [Reported, PendingFile, Filed, Dispatched]);
    assert_eq!(trail[3].by, Actor::Officer("li.na".into()));
    assert_eq!(street.incident().await.orders, [builders::key(1)]);

    for (state, after) in [
        (OrderState::Delivered, Dispatched),
        (OrderState::Read, Dispatched),
        (OrderState::Accepted, Dispatched),
        (OrderState::Arrived, Handling),
        (OrderState::Done, Handled),
    ] {
        assert_eq!(street.receipt(1, state).await, state);
        assert_eq!(street.incident().await.state, after, "{state:?}");
    }
    let last = street.trail().await.pop().expect("a step");
    assert_eq!(last.by, Actor::Person(PersonId(1)));
    assert!(matches!(last.action, Action::Handled { ref result, .. } if result == "测试"));

    street
        .officer
        .propose(&street.act(2, Action::Close, None))
        .await
        .expect("closed");
    let incident = street.incident().await;
    assert_eq!(incident.state, IncidentState::Closed);
    assert!(incident.ended_at.is_some() && incident.orders.is_empty());
    street.running.backend.verify_chain().expect("whole");
}

#[tokio::test]
async fn a_replay_gets_the_first_receipt_and_acts_once() {
    let street = Street::with_a_report().await;
    let proposal = builders::proposal(1, builders::send(street.incident, 1));
    let first = street.officer.propose(&proposal).await.expect("sent");
    street.running.clock.turn(60_000);
    let mut again = proposal.clone();
    again.occurred_at = street.running.clock.now();
    assert_eq!(street.officer.propose(&again).await.expect("again"), first);
    assert_eq!(street.trail().await.len(), 4);

    let other = builders::proposal(1, builders::send(street.incident, 2));
    let refused = street.officer.propose(&other).await.expect_err("key used");
    assert_eq!(refused.code, ErrorCode::BadRequest);
}

#[tokio::test]
async fn the_same_proposal_from_many_connections_at_once_acts_once() {
    let street = Street::with_a_report().await;
    let proposal = builders::proposal(1, builders::send(street.incident, 1));
    let tries: Vec<_> = (0..24)
        .map(|_| {
            let officer = street.officer.clone();
            let proposal = proposal.clone();
            tokio::spawn(async move { officer.propose(&proposal).await })
        })
        .collect();
    let mut receipts = Vec::new();
    for answer in tries {
        receipts.push(answer.await.expect("ran").expect("sent"));
    }
    receipts.dedup();
    assert_eq!(receipts.len(), 1);
    assert_eq!(street.trail().await.len(), 4);
    assert_eq!(street.hall.snapshot().await.situation.orders.len(), 1);
}

#[tokio::test]
async fn a_lost_answer_and_a_repeated_request_lead_to_one_order() {
    let street = Street::with_a_report().await;
    let proxy = FaultProxy::start(street.running.address());
    let proxied = Caller::new(proxy.base_url(), "");
    let officer = proxied
        .with_key(street.running.backend.hall_key())
        .sign_in(OfficerRole::DutyOfficer)
        .await;
    let proposal = builders::proposal(1, builders::send(street.incident, 1));
    let body = serde_json::to_vec(&proposal).expect("json");
    proxy.next([
        Fault::LoseRequest,
        Fault::LoseResponse,
        Fault::CutResponse,
        Fault::Repeat,
    ]);
    let mut answers = Vec::new();
    for _ in 0..4 {
        let tried = officer
            .raw(
                reqwest::Method::POST,
                paths::PROPOSALS,
                &protocol::PROTOCOL_VERSION.to_string(),
                body.clone(),
            )
            .await;
        answers.push(tried.is_ok_and(|(status, _)| status == 200));
    }
    assert_eq!(answers, [false, false, false, true]);
    assert_eq!(street.trail().await.len(), 4);
    assert_eq!(street.hall.snapshot().await.situation.orders.len(), 1);
}

#[tokio::test]
async fn receipts_only_go_forward_and_repeats_change_nothing() {
    let street = Street::with_a_report().await;
    let proposal = builders::proposal(1, builders::send(street.incident, 1));
    street.officer.propose(&proposal).await.expect("sent");
    // Overtaken: accepted comes first, the others late and twice.
    assert_eq!(
        street.receipt(1, OrderState::Accepted).await,
        OrderState::Accepted
    );
    let cursor = street.hall.snapshot().await.cursor;
    for late in [
        OrderState::Delivered,
        OrderState::Read,
        OrderState::Accepted,
    ] {
        assert_eq!(street.receipt(1, late).await, OrderState::Accepted);
    }
    assert_eq!(street.hall.snapshot().await.cursor, cursor);
    // Done without arrived: the incident follows.
    assert_eq!(street.receipt(1, OrderState::Done).await, OrderState::Done);
    assert_eq!(street.incident().await.state, IncidentState::Handled);
    assert_eq!(
        street.receipt(1, OrderState::Refused).await,
        OrderState::Done
    );
}

#[tokio::test]
async fn a_refusal_brings_the_matter_back_only_with_the_last_order() {
    let street = Street::with_a_report().await;
    let send = |number, to| builders::proposal(number, builders::send(street.incident, to));
    street.officer.propose(&send(1, 1)).await.expect("sent");
    street.officer.propose(&send(2, 2)).await.expect("sent");
    street.receipt(1, OrderState::Refused).await;
    let incident = street.incident().await;
    assert_eq!(incident.state, IncidentState::Dispatched);
    assert_eq!(incident.orders, [builders::key(2)]);
    let now = street.running.clock.now();
    street
        .field
        .receipt(builders::key(2), 2, OrderState::Refused, now)
        .await
        .expect("taken");
    let incident = street.incident().await;
    assert_eq!(incident.state, IncidentState::Filed);
    assert!(incident.orders.is_empty());
    // It can be dispatched anew, also to somebody who refused before.
    street.officer.propose(&send(3, 1)).await.expect("sent");
    assert_eq!(street.incident().await.state, IncidentState::Dispatched);
    street.running.backend.verify_chain().expect("whole");
}

#[tokio::test]
async fn a_withdrawal_reaches_the_field_and_a_finished_order_cannot_be_withdrawn() {
    let street = Street::with_a_report().await;
    let withdraw = |number, order| {
        builders::proposal(
            number,
            Intent::WithdrawOrder {
                incident: street.incident,
                order: builders::key(order),
                reason: "派错了".to_owned(),
            },
        )
    };
    street
        .officer
        .propose(&builders::proposal(1, builders::send(street.incident, 1)))
        .await
        .expect("sent");
    let orders: FieldOrders = street.field.get(paths::FIELD_ORDERS).await.expect("orders");
    assert_eq!(orders.orders.len(), 1);
    assert_eq!(orders.orders[0].address, "锦川路 12 号");

    street
        .officer
        .propose(&withdraw(2, 1))
        .await
        .expect("withdrawn");
    assert_eq!(street.incident().await.state, IncidentState::Filed);
    let path = format!("{}?after={}", paths::FIELD_ORDERS, orders.cursor);
    let news: FieldOrders = street.field.get(&path).await.expect("orders");
    assert_eq!(news.orders[0].order.state(), OrderState::Withdrawn);
    let all: FieldOrders = street.field.get(paths::FIELD_ORDERS).await.expect("orders");
    assert!(all.orders.is_empty());

    for (number, order) in [(3, 1), (4, 99)] {
        let refused = street.officer.propose(&withdraw(number, order)).await;
        let expected = if order == 1 {
            ErrorCode::NotAllowedNow
        } else {
            ErrorCode::NotFound
        };
        assert_eq!(refused.expect_err("refused").code, expected);
    }
}

#[tokio::test]
async fn closing_a_matter_calls_back_whoever_is_still_on_the_way() {
    let street = Street::with_a_report().await;
    for to in [1, 2] {
        let send = builders::proposal(u128::from(to), builders::send(street.incident, to));
        street.officer.propose(&send).await.expect("sent");
    }
    let leader = street.hall.sign_in(OfficerRole::ShiftLeader).await;
    let mut close = street.act(3, Action::ForceClose, Some("居民已自行清理"));
    close.officer = builders::officer(OfficerRole::ShiftLeader).id;
    leader.propose(&close).await.expect("closed");
    let situation = street.hall.snapshot().await.situation;
    assert!(
        situation
            .orders
            .values()
            .all(|o| o.state() == OrderState::Withdrawn)
    );
    // What somebody did there all the same is put on the record.
    assert_eq!(
        street.receipt(1, OrderState::Done).await,
        OrderState::Withdrawn
    );
    street.running.backend.verify_chain().expect("whole");
}

#[tokio::test]
async fn what_is_not_possible_is_refused_with_a_typed_reason() {
    let street = Street::with_a_report().await;
    let id = street.incident;
    let unknown = IncidentId(id.0 + 77);
    let note = Action::Note {
        text: " ".to_owned(),
    };
    let dispatch = Action::Dispatch {
        order: builders::key(50),
        to: PersonId(1),
        department: None,
        duty: domain::trail::DispatchDuty::Lead,
    };
    let cases = [
        (builders::send(unknown, 1), ErrorCode::NotFound),
        (builders::send(id, 999), ErrorCode::NotFound),
        (act(id, Action::Close), ErrorCode::NotAllowedNow),
        (act(id, Action::Resume), ErrorCode::NotAllowedNow),
        (act(id, Action::NotAccept), ErrorCode::BadRequest),
        (act(id, note), ErrorCode::BadRequest),
        (act(id, dispatch), ErrorCode::BadRequest),
        (
            act(id, Action::Report(Box::new(builders::facts()))),
            ErrorCode::BadRequest,
        ),
        (act(unknown, Action::Verify), ErrorCode::NotFound),
        (
            Intent::SendOrder {
                incident: id,
                to: PersonId(1),
                instruction: String::new(),
                override_reason: None,
            },
            ErrorCode::BadRequest,
        ),
    ];
    let before = street.hall.snapshot().await.cursor;
    for (number, (intent, code)) in (10..).zip(cases) {
        let refused = street
            .officer
            .propose(&builders::proposal(number, intent.clone()))
            .await
            .expect_err("refused");
        assert_eq!(refused.code, code, "{intent:?}: {}", refused.message);
        assert!(refused.message.contains(" / "), "{}", refused.message);
    }
    assert_eq!(street.hall.snapshot().await.cursor, before);
    // A refused key is not used up.
    let proposal = builders::proposal(10, builders::send(id, 1));
    street.officer.propose(&proposal).await.expect("sent");
}

fn act(incident: IncidentId, action: Action) -> Intent {
    Intent::Act {
        incident,
        action,
        reason: None,
    }
}

#[tokio::test]
async fn somebody_off_the_responsibility_list_needs_a_reason() {
    let mut seed = builders::seed();
    seed.people[0].post = domain::people::Post::Police;
    let running = RunningBackend::start_with(seed);
    let hall = running.hall();
    let officer = hall.sign_in(OfficerRole::DutyOfficer).await;
    let report = builders::report(1, running.clock.now());
    let incident = running
        .field()
        .report(&report)
        .await
        .expect("taken")
        .incident;
    let mut proposal = builders::proposal(1, builders::send(incident, 1));
    let refused = officer.propose(&proposal).await.expect_err("not listed");
    assert_eq!(
        (refused.status, refused.code),
        (409, ErrorCode::NotAllowedNow)
    );
    if let Intent::SendOrder {
        override_reason, ..
    } = &mut proposal.intent
    {
        *override_reason = Some("附近没有其他人".to_owned());
    }
    // The same key again: a refused proposal has used nothing up.
    officer.propose(&proposal).await.expect("overridden");
    let situation = hall.snapshot().await.situation;
    let order = &situation.orders[&builders::key(1)];
    assert_eq!(order.override_reason.as_deref(), Some("附近没有其他人"));
}

#[tokio::test]
async fn a_second_order_to_the_same_person_is_refused() {
    let street = Street::with_a_report().await;
    let send = |number| builders::proposal(number, builders::send(street.incident, 1));
    street.officer.propose(&send(1)).await.expect("sent");
    let refused = street.officer.propose(&send(2)).await.expect_err("twice");
    assert_eq!(refused.code, ErrorCode::NotAllowedNow);
}

#[tokio::test]
async fn a_receipt_must_come_from_the_one_who_was_sent() {
    let street = Street::with_a_report().await;
    let send = builders::proposal(1, builders::send(street.incident, 1));
    street.officer.propose(&send).await.expect("sent");
    let now = street.running.clock.now();
    let take = async |number, person, state| {
        let answer = street
            .field
            .receipt(builders::key(number), person, state, now);
        answer.await.expect_err("refused").code
    };
    assert_eq!(take(1, 2, OrderState::Read).await, ErrorCode::Forbidden);
    assert_eq!(take(9, 1, OrderState::Read).await, ErrorCode::NotFound);
    for state in [
        OrderState::Queued,
        OrderState::Sent,
        OrderState::Withdrawn,
        OrderState::Parked,
    ] {
        assert_eq!(take(1, 1, state).await, ErrorCode::BadRequest);
    }
}

#[tokio::test]
async fn a_click_from_hours_ago_keeps_its_time() {
    let street = Street::with_a_report().await;
    let clicked_at = street.running.clock.now();
    street.running.clock.turn(72 * 3_600_000);
    let proposal = builders::proposal(1, builders::send(street.incident, 1));
    let officer = street.hall.sign_in(OfficerRole::DutyOfficer).await;
    let receipt = officer.propose(&proposal).await.expect("sent");
    assert_eq!(receipt.recorded_at, street.running.clock.now());
    let last = street.trail().await.pop().expect("a step");
    assert_eq!(last.occurred_at, clicked_at);
    assert_eq!(last.recorded_at, street.running.clock.now());
    let order = &street.hall.snapshot().await.situation.orders[&builders::key(1)];
    assert_eq!(order.given_at(), clicked_at);
}

#[tokio::test]
async fn what_was_answered_survives_a_restart_and_its_replay() {
    let folder = tempfile::tempdir().expect("folder");
    let clock = FakeClock::default();
    let running = RunningBackend::start_in(folder.path(), clock.clone(), 0);
    let (hall, field) = (running.hall(), running.field());
    let incident = field
        .report(&builders::report(1, clock.now()))
        .await
        .expect("taken")
        .incident;
    let proposal = builders::proposal(1, builders::send(incident, 1));
    let first = hall
        .sign_in(OfficerRole::DutyOfficer)
        .await
        .propose(&proposal)
        .await
        .expect("sent");
    let before = hall.snapshot().await;
    field
        .post::<protocol::http::Accepted>(
            paths::POSITIONS,
            &[builders::fix(1, builders::CENTRE, clock.now())],
        )
        .await
        .expect("taken");
    let stop = move || running.stop();
    tokio::task::spawn_blocking(stop).await.expect("stopped");

    let path = folder.path().to_owned();
    let running = tokio::task::spawn_blocking(move || RunningBackend::start_in(&path, clock, 0))
        .await
        .expect("started");
    let after = running.hall().snapshot().await;
    assert_eq!((after.cursor, &after.trail), (before.cursor, &before.trail));
    assert_eq!(after.situation.incidents, before.situation.incidents);
    assert_eq!(after.situation.orders, before.situation.orders);
    assert_eq!(after.situation.positions.len(), 1);
    let officer = running.hall().sign_in(OfficerRole::DutyOfficer).await;
    assert_eq!(officer.propose(&proposal).await.expect("replay"), first);
}

#[tokio::test]
async fn what_happened_during_a_suspension_is_made_up_for() {
    for (state, after) in [
        (OrderState::Done, Handled),
        (OrderState::Refused, Filed),
        (OrderState::Arrived, Handling),
        (OrderState::Accepted, Dispatched),
    ] {
        let street = Street::with_a_report().await;
        let send = builders::proposal(1, builders::send(street.incident, 1));
        street.officer.propose(&send).await.expect("sent");
        let suspend = street.act(2, Action::Suspend, Some("等待材料"));
        street.officer.propose(&suspend).await.expect("suspended");
        street.receipt(1, state).await;
        assert_eq!(street.incident().await.state, IncidentState::Suspended);
        let resume = street.act(3, Action::Resume, None);
        street.officer.propose(&resume).await.expect("resumed");
        assert_eq!(street.incident().await.state, after, "{state:?}");
        street.running.backend.verify_chain().expect("whole");
    }
}
