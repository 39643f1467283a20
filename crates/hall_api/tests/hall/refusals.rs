//! What a command refuses, in which code, and that nothing is queued by it.

use domain::trail::OfficerRole;
use domain::{IncidentId, OfficerId};
use protocol::ErrorCode;
use protocol::commands::{Propose, SignInOfficer, WithdrawOrder};
use protocol::feed::LineState;
use testkit::builders::{self, key};

use crate::harness::{Street, config, hall, order, staffed_hall, until_line};

#[tokio::test]
async fn an_order_needs_an_officer_an_incident_a_person_and_words() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    let incident = incidents[0];
    let mut mute = order(key(1), incident, 1);
    mute.instruction = "  ".to_owned();
    let mut endless = order(key(1), incident, 1);
    endless.instruction = "长".repeat(2001);
    let cases = [
        (order(key(1), IncidentId(1), 1), ErrorCode::NotFound),
        (order(key(1), incident, 99), ErrorCode::NotFound),
        (mute, ErrorCode::BadRequest),
        (endless, ErrorCode::BadRequest),
    ];
    for (command, code) in cases {
        assert_eq!(hall.send_order(command).await.unwrap_err().code, code);
    }
    let unknown = hall
        .withdraw_order(WithdrawOrder {
            order: key(7),
            reason: String::new(),
            seen: None,
        })
        .await
        .unwrap_err();
    assert_eq!(unknown.code, ErrorCode::NotFound);
    let nowhere = hall
        .propose(Propose {
            incident: IncidentId(1),
        })
        .await;
    assert_eq!(nowhere.unwrap_err().code, ErrorCode::NotFound);
    hall.sign_out().await.unwrap();
    let refused = hall
        .send_order(order(key(1), incident, 1))
        .await
        .unwrap_err();
    assert_eq!(refused.code, ErrorCode::SignInNeeded);
    assert!(hall.picture().outbox.is_empty());
    hall.shutdown().await;
}

#[tokio::test]
async fn signing_in_says_what_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let mut street = Street::up();
    let hall = hall(&street, dir.path());
    until_line(&hall, LineState::Online).await;
    let attempt = |officer: OfficerId, pin: &str| {
        hall.sign_in(SignInOfficer {
            officer,
            pin: pin.to_owned(),
        })
    };
    let officer = builders::officer(OfficerRole::DutyOfficer).id;
    let wrong = attempt(officer.clone(), "0000").await.unwrap_err();
    assert_eq!(wrong.code, ErrorCode::WrongPin);
    street.go_down();
    until_line(&hall, LineState::Offline).await;
    let offline = attempt(officer, builders::PIN).await.unwrap_err();
    assert_eq!(offline.code, ErrorCode::Unreachable);
    assert!(offline.retryable);
    assert!(
        offline.message.contains("后台无法连接"),
        "{}",
        offline.message
    );
    hall.shutdown().await;
}

#[tokio::test]
async fn a_wrong_hall_key_is_not_mistaken_for_a_wrong_officer() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let mut config = config(&street, dir.path());
    config.backend_key = "wrong".to_owned();
    let hall = hall_api::Hall::open(config).unwrap();
    hall.start();
    let picture = until_line(&hall, LineState::KeyRefused).await;
    // Nothing has been shown to this hall, so no data may look fresh.
    assert_eq!(picture.line.last_contact, None);
    let refused = hall
        .sign_in(SignInOfficer {
            officer: builders::officer(OfficerRole::DutyOfficer).id,
            pin: builders::PIN.to_owned(),
        })
        .await
        .unwrap_err();
    assert_eq!(refused.code, ErrorCode::Forbidden);
    hall.shutdown().await;
}
