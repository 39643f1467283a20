//! The cache over a real file: rows and cursor together, and never backwards.

use domain::situation::Record;
use domain::trail::Action;
use domain::{IncidentState, OrderState};
use protocol::http::{Change, ChangeBody, Snapshot};
use testkit::builders::{entry, fix, incident, order, person};

use super::cache::{Cache, Cached, Meeting};
use super::{encryption, keys};
use crate::errors::StoreError;

const NOW: domain::Timestamp = testkit::clock::FRIDAY_NINE;

fn open(dir: &std::path::Path) -> (Cache, Cached) {
    let keys = keys::find(dir, None, NOW).unwrap();
    Cache::open(dir, "here", &keys.current, NOW).unwrap()
}

fn change(cursor: u64, body: ChangeBody) -> Change {
    Change {
        cursor,
        at: NOW,
        body,
    }
}

fn incident_at(cursor: u64, number: u32, steps: u32) -> Change {
    let mut incident = incident(number, IncidentState::Reported);
    incident.steps = steps;
    change(
        cursor,
        ChangeBody::Record(Record::Incident(Box::new(incident))),
    )
}

fn order_in(cursor: u64, state: OrderState) -> Change {
    let mut order = order(1, incident(1, IncidentState::Reported).id, 1);
    order.stamps.push(domain::orders::OrderStamp {
        state,
        at: NOW,
        location: None,
        note: None,
        source_crs: domain::places::Crs::default(),
    });
    change(cursor, ChangeBody::Record(Record::Order(Box::new(order))))
}

fn empty_snapshot(cursor: u64) -> Snapshot {
    Snapshot {
        cursor,
        reference_version: 1,
        situation: domain::Situation::default(),
        trail: Vec::new(),
    }
}

#[tokio::test]
async fn a_batch_is_stored_with_its_cursor_and_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let (cache, _) = open(dir.path());
    let id = incident(1, IncidentState::Reported).id;
    let noted = entry(id, 2, Action::Verify, IncidentState::PendingFile);
    let applied = cache
        .apply(vec![
            incident_at(1, 1, 1),
            change(2, ChangeBody::Trail(Box::new(noted.clone()))),
            change(3, ChangeBody::Record(Record::Person(Box::new(person(4))))),
            change(4, ChangeBody::Reference { version: 9 }),
        ])
        .await
        .unwrap();
    assert_eq!((applied.cursor, applied.reference_wanted), (4, 9));
    assert_eq!((applied.records.len(), applied.trails), (2, vec![id]));
    cache
        .locate(Vec::new(), vec![fix(4, testkit::builders::CENTRE, NOW)])
        .await
        .unwrap();
    assert_eq!(cache.trail(id).await.unwrap(), [noted]);
    cache.close().await;
    drop(cache);
    let (_, cached) = open(dir.path());
    assert_eq!(cached.progress.cursor, Some(4));
    assert_eq!(cached.situation.incidents.len(), 1);
    assert_eq!(cached.situation.people[&domain::PersonId(4)], person(4));
    assert_eq!(cached.situation.positions.len(), 1);
}

#[tokio::test]
async fn a_repeated_batch_changes_nothing_and_an_older_state_is_never_taken() {
    let dir = tempfile::tempdir().unwrap();
    let (cache, _) = open(dir.path());
    let batch = vec![incident_at(1, 1, 5), order_in(2, OrderState::Accepted)];
    assert_eq!(cache.apply(batch.clone()).await.unwrap().records.len(), 2);
    assert!(cache.apply(batch).await.unwrap().records.is_empty());
    let late = vec![incident_at(3, 1, 4), order_in(4, OrderState::Delivered)];
    let applied = cache.apply(late).await.unwrap();
    assert!(applied.records.is_empty());
    assert_eq!(applied.cursor, 4);
    cache.close().await;
    drop(cache);
    let (_, cached) = open(dir.path());
    let id = incident(1, IncidentState::Reported).id;
    assert_eq!(cached.situation.incidents[&id].steps, 5);
    let order = cached.situation.orders.values().next().unwrap();
    assert_eq!(order.state(), OrderState::Accepted);
}

#[tokio::test]
async fn a_batch_that_cannot_be_stored_leaves_rows_and_cursor_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let (cache, _) = open(dir.path());
    cache.apply(vec![incident_at(1, 1, 1)]).await.unwrap();
    cache.limit_pages(1).await;
    let flood = (2..400).map(|n| incident_at(n, n as u32, 1)).collect();
    let error = cache.apply(flood).await.unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error:?}");
    cache.close().await;
    drop(cache);
    let (_, cached) = open(dir.path());
    assert_eq!(cached.progress.cursor, Some(1));
    assert_eq!(cached.situation.incidents.len(), 1);
}

#[tokio::test]
async fn a_snapshot_of_the_same_log_keeps_what_is_newer_and_forgets_what_has_gone() {
    let dir = tempfile::tempdir().unwrap();
    let (cache, _) = open(dir.path());
    cache
        .apply(vec![incident_at(1, 1, 5), incident_at(2, 2, 1)])
        .await
        .unwrap();
    let mut snapshot = empty_snapshot(3);
    let mut older = incident(1, IncidentState::Reported);
    older.steps = 4;
    snapshot.situation.incidents.insert(older.id, older.clone());
    let shown = cache
        .install(snapshot.clone(), "street".to_owned(), Meeting::SameLog)
        .await
        .unwrap();
    assert_eq!(shown.incidents.len(), 1);
    assert_eq!(shown.incidents[&older.id].steps, 5);
    let replaced = cache
        .install(snapshot, "street".to_owned(), Meeting::OtherLog)
        .await
        .unwrap();
    assert_eq!(replaced.incidents[&older.id].steps, 4);
}

#[tokio::test]
async fn a_cache_that_breaks_while_in_use_is_kept_aside_and_begun_anew() {
    let dir = tempfile::tempdir().unwrap();
    let (cache, _) = open(dir.path());
    cache.apply(vec![incident_at(1, 1, 1)]).await.unwrap();
    let aside = cache.rebuild("here".to_owned(), NOW).await.unwrap();
    assert!(aside.exists());
    assert_eq!(cache.progress().await.unwrap().cursor, None);
    cache.apply(vec![incident_at(1, 2, 1)]).await.unwrap();
    let second = cache.rebuild("here".to_owned(), NOW).await.unwrap();
    assert_ne!(aside, second, "what was kept before is not overwritten");
}

#[test]
fn a_cache_with_a_row_that_nobody_can_read_is_damaged() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let keys = keys::find(dir.path(), None, NOW).unwrap();
    encryption::connect(&dir.path().join("cache.db"), &keys.current)
        .unwrap()
        .execute(
            "INSERT INTO records VALUES ('incident', 'x', 'no json')",
            [],
        )
        .unwrap();
    let (_, cached) = open(dir.path());
    assert!(cached.kept_aside.unwrap().contains("unreadable"));
}

#[tokio::test]
async fn what_ended_long_ago_is_removed_with_its_orders_and_trail() {
    let dir = tempfile::tempdir().unwrap();
    let (cache, _) = open(dir.path());
    let mut ended = incident(1, IncidentState::Closed);
    ended.ended_at = Some(NOW);
    let link = entry(ended.id, 2, Action::Close, IncidentState::Closed);
    let body = ChangeBody::Record(Record::Incident(Box::new(ended.clone())));
    let batch = vec![
        change(1, body),
        order_in(2, OrderState::Done),
        change(3, ChangeBody::Trail(Box::new(link))),
        incident_at(4, 2, 1),
    ];
    cache.apply(batch).await.unwrap();
    assert_eq!(cache.prune(NOW).await.unwrap(), None);
    let left = cache.prune(NOW.plus_ms(1)).await.unwrap().unwrap();
    assert_eq!((left.incidents.len(), left.orders.len()), (1, 0));
    assert!(cache.trail(ended.id).await.unwrap().is_empty());
    cache.close().await;
    drop(cache);
    let (_, cached) = open(dir.path());
    assert_eq!(cached.situation, left);
    assert_eq!(cached.progress.cursor, Some(4));
}
