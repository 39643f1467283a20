//! Matters that an officer takes in at the desk: once, with the time of the call, under the
//! officer's name, and found again by the provisional number under which the hall showed them.

use domain::trail::{Action, Actor, OfficerRole, TrailEntry};
use domain::{Incident, IncidentId, IncidentState, Intent, Proposal};
use protocol::ErrorCode;
use protocol::http::{Receipt, paths};
use testkit::caller::Refused;
use testkit::{Caller, RunningBackend, builders};

struct Desk {
    running: RunningBackend,
    hall: Caller,
    officer: Caller,
}

impl Desk {
    async fn of(role: OfficerRole) -> Self {
        let running = RunningBackend::start();
        let hall = running.hall();
        Self {
            officer: hall.sign_in(role).await,
            hall,
            running,
        }
    }

    async fn incidents(&self) -> Vec<Incident> {
        let situation = self.hall.snapshot().await.situation;
        situation.incidents.into_values().collect()
    }

    async fn trail(&self, incident: IncidentId) -> Vec<TrailEntry> {
        let path = paths::INCIDENT_TRAIL.replace("{id}", &incident.to_string());
        self.hall.get(&path).await.expect("a trail")
    }

    async fn propose(&self, proposal: &Proposal) -> Result<Receipt, Refused> {
        self.officer.propose(proposal).await
    }
}

fn provisional(number: u128) -> IncidentId {
    IncidentId::provisional(builders::key(number))
}

fn note(incident: IncidentId, text: &str) -> Intent {
    Intent::Act {
        incident,
        action: Action::Note {
            text: text.to_owned(),
        },
        reason: None,
    }
}

#[tokio::test]
async fn a_call_is_one_incident_at_its_own_time_under_the_officers_name() {
    let desk = Desk::of(OfficerRole::DutyOfficer).await;
    let call = builders::proposal(1, builders::take_in(1));
    desk.running.clock.turn(3_600_000);
    let receipt = desk.propose(&call).await.expect("taken in");
    assert_eq!(desk.propose(&call).await, Ok(receipt.clone()), "a replay");
    let [incident] = &desk.incidents().await[..] else {
        panic!("one call is one incident");
    };
    assert_eq!(incident.reported_at, call.occurred_at);
    assert_eq!(incident.state, IncidentState::Reported);
    assert_eq!(incident.particulars.provisional, Some(provisional(1)));
    assert!(!incident.id.is_provisional());
    // What every channel gets: grids, level with its reason, the clock of verification.
    assert!(incident.grids.unit.is_some() && incident.clock.is_some());
    assert!(!incident.level_reason.is_empty());
    let trail = desk.trail(incident.id).await;
    assert_eq!(trail[0].by, Actor::Officer("li.na".into()));
    assert_eq!(trail[0].occurred_at, call.occurred_at);
    assert_eq!(trail[0].recorded_at, desk.running.clock.now());
}

#[tokio::test]
async fn what_is_wanted_about_a_provisional_number_reaches_the_incident() {
    let desk = Desk::of(OfficerRole::ShiftLeader).await;
    let officer = builders::officer(OfficerRole::ShiftLeader).id;
    let by_leader = |number, intent| Proposal {
        officer: officer.clone(),
        ..builders::proposal(number, intent)
    };
    let call = by_leader(1, builders::take_in(1));
    desk.propose(&call).await.expect("taken in");
    let id = desk.incidents().await[0].id;
    let order = by_leader(2, builders::send(provisional(1), 1));
    let first = desk.propose(&order).await.expect("sent");
    desk.propose(&by_leader(3, note(provisional(1), "在等")))
        .await
        .expect("noted");
    let snapshot = desk.hall.snapshot().await;
    assert_eq!(snapshot.situation.orders[&builders::key(2)].incident, id);
    let notes = desk.trail(id).await;
    assert!(
        notes
            .iter()
            .any(|e| matches!(&e.action, Action::Note { text } if text == "在等"))
    );
    // A later try may name the matter by the number that it has by now.
    let renamed = by_leader(2, builders::send(id, 1));
    assert_eq!(desk.propose(&renamed).await, Ok(first));
    let withdrawal = Intent::WithdrawOrder {
        incident: provisional(1),
        order: builders::key(2),
        reason: String::new(),
    };
    desk.propose(&by_leader(4, withdrawal))
        .await
        .expect("withdrawn");
    // Another matter can be called a repetition of it before anybody knows its number.
    desk.propose(&by_leader(5, builders::take_in(5)))
        .await
        .expect("taken in");
    let repetition = Intent::Act {
        incident: provisional(5),
        action: Action::MarkDuplicate { of: provisional(1) },
        reason: Some("同一件事".to_owned()),
    };
    desk.propose(&by_leader(6, repetition))
        .await
        .expect("marked");
    let marked = desk.incidents().await;
    assert_eq!(marked[1].duplicate_of, Some(id));
}

#[tokio::test]
async fn a_provisional_number_that_nothing_stands_behind_is_refused_in_words() {
    let desk = Desk::of(OfficerRole::DutyOfficer).await;
    let order = builders::proposal(2, builders::send(provisional(1), 1));
    let refused = desk.propose(&order).await.expect_err("unknown");
    assert_eq!(refused.code, ErrorCode::NotFound);
    assert!(refused.message.contains(&provisional(1).to_string()));
    // Once the report has come the same order is carried out.
    let call = builders::proposal(1, builders::take_in(1));
    desk.propose(&call).await.expect("taken in");
    desk.propose(&order).await.expect("sent");
}

#[tokio::test]
async fn a_desk_is_checked_like_a_channel_and_a_refusal_leaves_nothing() {
    let desk = Desk::of(OfficerRole::DutyOfficer).await;
    let mut number = 0;
    let mut refused = async |change: fn(&mut domain::NewMatter), code| {
        number += 1;
        let mut matter = builders::new_matter();
        change(&mut matter);
        let intent = domain::new_matter::intent_of(builders::key(number), Box::new(matter));
        let answer = desk.propose(&builders::proposal(number, intent)).await;
        assert_eq!(answer.expect_err("refused").code, code);
    };
    let bad = ErrorCode::BadRequest;
    refused(|m| m.category = "E99.99".parse().expect("a code"), bad).await;
    refused(|m| m.title = " ".to_owned(), bad).await;
    refused(|m| m.description = "长".repeat(4_001), bad).await;
    refused(|m| m.location = domain::LonLat::new(200.0, 30.0), bad).await;
    let mut foreign = builders::proposal(20, builders::take_in(20));
    foreign.key = builders::key(21);
    let answer = desk.propose(&foreign).await;
    assert_eq!(answer.expect_err("another key's number").code, bad);
    assert!(desk.incidents().await.is_empty());
}

#[tokio::test]
async fn only_the_desk_takes_matters_in() {
    for role in [OfficerRole::StreetLeader, OfficerRole::ItOfficer] {
        let desk = Desk::of(role).await;
        let call = Proposal {
            officer: builders::officer(role).id,
            ..builders::proposal(1, builders::take_in(1))
        };
        let refused = desk.propose(&call).await.expect_err("not theirs");
        assert_eq!(refused.code, ErrorCode::Forbidden, "{role:?}");
        assert!(desk.incidents().await.is_empty());
    }
}

#[tokio::test]
async fn a_channel_cannot_give_its_report_the_provisional_number_of_a_desk() {
    let desk = Desk::of(OfficerRole::DutyOfficer).await;
    let mut report = builders::report(1, desk.running.clock.now());
    report.particulars.provisional = Some(provisional(7));
    desk.running.field().report(&report).await.expect("taken");
    assert_eq!(desk.incidents().await[0].particulars.provisional, None);
    // Nor may a desk use a key that a channel has used.
    let key = report.key;
    let call = Proposal {
        key,
        ..builders::proposal(
            0,
            domain::new_matter::intent_of(key, Box::new(builders::new_matter())),
        )
    };
    let refused = desk.propose(&call).await.expect_err("used");
    assert_eq!(refused.code, ErrorCode::BadRequest);
    assert_eq!(desk.incidents().await.len(), 1);
}
