//! The disk of a hall fills up while it shows the street.

use domain::trail::OfficerRole;
use domain::{IncidentId, OrderState};
use faulty_disk::{Fault, FaultyDisk};
use hall_api::Hall;
use protocol::ErrorCode;
use protocol::commands::SignInOfficer;
use protocol::feed::{LineState, NoticeKind, Picture};
use testkit::builders::{self, key};

use crate::harness::{
    Street, click, hall, note, propose, sessions, staffed_hall, state_of, until, until_line,
    until_so,
};

fn says(picture: &Picture, kind: NoticeKind) -> bool {
    picture.notices.iter().any(|notice| notice.kind == kind)
}

/// Why the first note is refused for which what the outbox has on the disk has to grow. What was taken
/// before it is on the disk and goes out.
async fn refusal(hall: &Hall, incident: IncidentId) -> ErrorCode {
    for number in 1..500 {
        if let Err(error) = hall.act(note(incident, number)).await {
            let queued = hall.picture().outbox;
            assert!(queued.iter().all(|item| item.proposal.key != key(number)));
            return error.code;
        }
    }
    panic!("the disk has taken whatever came");
}

#[tokio::test]
async fn a_hall_whose_disk_fills_up_goes_on_showing_the_street_and_takes_orders_when_there_is_room()
{
    let dir = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::under(dir.path());
    let street = Street::up();
    let (first, incidents) = staffed_hall(&street, dir.path(), 1).await;
    disk.fail_after(0, Fault::Full);
    let second = street.report(2).await;
    let picture = until(&first, "what happens next is shown", |p| {
        p.line.state == LineState::Online && p.situation.incidents.contains_key(&second)
    })
    .await;
    assert!(says(&picture, NoticeKind::CacheInMemory));
    assert_eq!(
        refusal(&first, incidents[0]).await,
        ErrorCode::StorageFailed
    );

    disk.heal();
    let proposal = propose(&first, incidents[0]).await;
    first.send_order(click(&proposal)).await.unwrap();
    until(&first, "the order is recorded", |p| {
        p.outbox.is_empty() && state_of(p, proposal.keys[0]) == Some(OrderState::Sent)
    })
    .await;
    first.shutdown().await;
    // What lies on the disk is as old as it was, and is brought up by the log.
    let again = hall(&street, dir.path());
    assert!(!again.picture().situation.incidents.contains_key(&second));
    let picture = until_line(&again, LineState::Online).await;
    assert!(!says(&picture, NoticeKind::CacheInMemory));
    assert_eq!(
        picture.situation.incidents,
        street.snapshot().await.situation.incidents
    );
    again.shutdown().await;
}

#[tokio::test]
async fn a_session_that_a_full_disk_cannot_keep_is_ended_at_the_backend() {
    let (dir, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let disk = FaultyDisk::under(dir.path());
    let street = Street::up_in(data.path());
    let (hall, incidents) = staffed_hall(&street, dir.path(), 1).await;
    assert_eq!(sessions(data.path()), 1);
    disk.fail_after(0, Fault::Full);
    assert_eq!(refusal(&hall, incidents[0]).await, ErrorCode::StorageFailed);
    let sign_in = SignInOfficer {
        officer: builders::officer(OfficerRole::ShiftLeader).id,
        pin: builders::PIN.to_owned(),
    };
    let refused = hall.sign_in(sign_in).await.expect_err("the disk is full");
    assert_eq!(refused.code, ErrorCode::StorageFailed);
    disk.heal();
    until_so("the session has ended", || sessions(data.path()) == 1).await;
    hall.shutdown().await;
}
