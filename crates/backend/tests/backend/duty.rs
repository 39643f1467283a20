//! The duty log and the handover at the backend: whose they are, that they are recorded once, and
//! that both officers sign the same sheet in either order.

use domain::duty::{HandoverSheet, TakenOver, Undone};
use domain::trail::OfficerRole;
use domain::{Intent, OfficerId, Proposal};
use protocol::ErrorCode;
use testkit::{Caller, RunningBackend, builders};

const DUTY: OfficerRole = OfficerRole::DutyOfficer;
const LEADER: OfficerRole = OfficerRole::ShiftLeader;

fn id(role: OfficerRole) -> OfficerId {
    builders::officer(role).id
}

fn by(role: OfficerRole, number: u128, intent: Intent) -> Proposal {
    let mut proposal = builders::proposal(number, intent);
    proposal.officer = id(role);
    proposal
}

fn entry(text: &str) -> Intent {
    Intent::LogDuty {
        text: text.to_owned(),
    }
}

fn sheet(number: u128) -> HandoverSheet {
    HandoverSheet {
        id: builders::key(number),
        outgoing: id(DUTY),
        incoming: id(LEADER),
        at: testkit::FakeClock::default().now(),
        as_of: None,
        open: Vec::new(),
        undone: vec![TakenOver {
            what: Undone::Parked {
                key: builders::key(77),
                incident: None,
            },
            remark: "早班重发".to_owned(),
        }],
        queued: 1,
        remarks: String::new(),
    }
}

fn sign(sheet: &HandoverSheet) -> Intent {
    Intent::HandOver {
        sheet: Box::new(sheet.clone()),
    }
}

async fn code(caller: &Caller, proposal: &Proposal) -> ErrorCode {
    caller.propose(proposal).await.expect_err("refused").code
}

#[tokio::test]
async fn an_entry_is_recorded_once_with_its_own_time_and_carried_to_the_halls() {
    let running = RunningBackend::start();
    let hall = running.hall();
    let officer = hall.sign_in(DUTY).await;
    let mut proposal = by(DUTY, 1, entry(" 20 时井盖缺失，已派单 "));
    proposal.occurred_at = running.clock.now().plus_ms(-3_600_000);
    let cursor = hall.snapshot().await.cursor;
    let first = officer.propose(&proposal).await.expect("taken");
    let again = officer.propose(&proposal).await.expect("the same");
    assert_eq!(first, again);
    let changes = hall.changes(cursor, 0).await.expect("told").changes;
    assert_eq!(changes.len(), 1);
    let log = hall.snapshot().await.situation.duty_log;
    let entry = &log[&proposal.key];
    assert_eq!(entry.text, "20 时井盖缺失，已派单");
    assert_eq!(entry.at, proposal.occurred_at);
    assert_eq!(entry.recorded_at, running.clock.now());
    assert_eq!(log.len(), 1);
}

#[tokio::test]
async fn only_those_on_duty_write_and_sign() {
    let running = RunningBackend::start();
    let hall = running.hall();
    let roles = [OfficerRole::StreetLeader, OfficerRole::ItOfficer];
    for (number, role) in (1..).zip(roles) {
        let caller = hall.sign_in(role).await;
        let written = by(role, number, entry("x"));
        assert_eq!(code(&caller, &written).await, ErrorCode::Forbidden);
        let signed = by(role, number + 10, sign(&sheet(50)));
        assert_eq!(code(&caller, &signed).await, ErrorCode::Forbidden);
    }
    let duty = hall.sign_in(DUTY).await;
    let empty = by(DUTY, 30, entry(" "));
    assert_eq!(code(&duty, &empty).await, ErrorCode::BadRequest);
    let endless = by(DUTY, 31, entry(&"长".repeat(4_001)));
    assert_eq!(code(&duty, &endless).await, ErrorCode::BadRequest);
    let mut of_others = sheet(32);
    of_others.outgoing = id(LEADER);
    of_others.incoming = OfficerId::from("nobody");
    let stranger = by(DUTY, 33, sign(&of_others));
    assert_eq!(code(&duty, &stranger).await, ErrorCode::BadRequest);
    assert!(hall.snapshot().await.situation.handovers.is_empty());
}

#[tokio::test]
async fn both_sign_the_same_sheet_in_either_order() {
    for is_outgoing_first in [true, false] {
        let running = RunningBackend::start();
        let hall = running.hall();
        let (duty, leader) = (hall.sign_in(DUTY).await, hall.sign_in(LEADER).await);
        let outgoing = by(DUTY, 50, sign(&sheet(50)));
        let incoming = by(LEADER, 51, sign(&sheet(50)));
        let mut signatures = [(&duty, &outgoing), (&leader, &incoming)];
        if !is_outgoing_first {
            signatures.reverse();
        }
        let (caller, proposal) = signatures[0];
        caller.propose(proposal).await.expect("the first signs");
        let half = hall.snapshot().await.situation.handovers;
        assert!(!half[&builders::key(50)].is_signed());
        let (caller, proposal) = signatures[1];
        caller.propose(proposal).await.expect("the second signs");
        caller
            .propose(proposal)
            .await
            .expect("a repetition is the same");
        let whole = &hall.snapshot().await.situation.handovers[&builders::key(50)];
        assert!(whole.is_signed());
        assert_eq!(whole.sheet, sheet(50));
    }
}

#[tokio::test]
async fn a_sheet_that_the_other_has_not_signed_and_a_second_signature_are_refused() {
    let running = RunningBackend::start();
    let hall = running.hall();
    let (duty, leader) = (hall.sign_in(DUTY).await, hall.sign_in(LEADER).await);
    duty.propose(&by(DUTY, 50, sign(&sheet(50))))
        .await
        .expect("signed");
    let mut other = sheet(50);
    other.remarks = "改过".to_owned();
    let differing = by(LEADER, 51, sign(&other));
    assert_eq!(code(&leader, &differing).await, ErrorCode::NotAllowedNow);
    let under_another_key = by(DUTY, 52, sign(&sheet(50)));
    assert_eq!(code(&duty, &under_another_key).await, ErrorCode::BadRequest);
    leader
        .propose(&by(LEADER, 53, sign(&sheet(50))))
        .await
        .expect("signed");
    let twice = by(LEADER, 54, sign(&sheet(50)));
    assert_eq!(code(&leader, &twice).await, ErrorCode::NotAllowedNow);
    let mut bare = sheet(60);
    bare.undone[0].remark = " ".to_owned();
    let bare = by(DUTY, 60, sign(&bare));
    assert_eq!(code(&duty, &bare).await, ErrorCode::BadRequest);
    let mut alone = sheet(61);
    alone.incoming = id(DUTY);
    let alone = by(DUTY, 61, sign(&alone));
    assert_eq!(code(&duty, &alone).await, ErrorCode::BadRequest);
}
