//! The disk of a hall fills up while it shows the street.

use domain::{IncidentId, OrderState};
use faulty_disk::{Fault, FaultyDisk};
use hall_api::Hall;
use protocol::ErrorCode;
use protocol::feed::{LineState, NoticeKind, Picture};
use testkit::builders::key;

use crate::harness::{
    Street, click, hall, note, propose, staffed_hall, state_of, until, until_line,
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
        p.outbox.is_empty() && state_of(p, proposal.key) == Some(OrderState::Sent)
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
