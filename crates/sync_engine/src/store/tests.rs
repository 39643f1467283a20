//! The cache over a real file: rows and cursor together, and never backwards.

use domain::situation::Record;
use domain::trail::Action;
use domain::{IncidentState, OrderState};
use protocol::http::{Change, ChangeBody, LogId, Snapshot};
use testkit::builders::{entry, fix, incident, order, person};

use super::cache::{Cache, Cached, Meeting, Rebuilt};
use super::database::Durability;
use super::{encryption, keys};
use crate::errors::StoreError;

pub(super) const NOW: domain::Timestamp = testkit::clock::FRIDAY_NINE;

fn open(dir: &std::path::Path) -> (Cache, Cached) {
    let keys = keys::find(dir, None, NOW).unwrap();
    Cache::open(dir, "here", &keys.current, NOW).unwrap()
}

pub(super) fn log() -> LogId {
    LogId("log".to_owned())
}

fn change(cursor: u64, body: ChangeBody) -> Change {
    Change {
        cursor,
        at: NOW,
        body,
    }
}

pub(super) fn incident_at(cursor: u64, number: u32, steps: u32) -> Change {
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
        log: log(),
        continues: true,
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
        .apply(
            log(),
            vec![
                incident_at(1, 1, 1),
                change(2, ChangeBody::Trail(Box::new(noted.clone()))),
                change(3, ChangeBody::Record(Record::Person(Box::new(person(4))))),
                change(4, ChangeBody::Reference { version: 9 }),
            ],
        )
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
    assert_eq!(
        cache
            .apply(log(), batch.clone())
            .await
            .unwrap()
            .records
            .len(),
        2
    );
    assert!(cache.apply(log(), batch).await.unwrap().records.is_empty());
    let late = vec![incident_at(3, 1, 4), order_in(4, OrderState::Delivered)];
    let applied = cache.apply(log(), late).await.unwrap();
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
    cache
        .apply(log(), vec![incident_at(1, 1, 1)])
        .await
        .unwrap();
    cache.limit_pages(1).await;
    let flood = (2..400).map(|n| incident_at(n, n as u32, 1)).collect();
    let error = cache.apply(log(), flood).await.unwrap_err();
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
        .apply(log(), vec![incident_at(1, 1, 5), incident_at(2, 2, 1)])
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
    cache
        .apply(log(), vec![incident_at(1, 1, 1)])
        .await
        .unwrap();
    let aside = rebuilt(&cache).await;
    assert!(aside.exists());
    assert_eq!(cache.progress().await.unwrap().cursor, None);
    cache
        .apply(log(), vec![incident_at(1, 2, 1)])
        .await
        .unwrap();
    let second = rebuilt(&cache).await;
    assert_ne!(aside, second, "what was kept before is not overwritten");
    assert!(
        second.exists() && !aside.exists(),
        "of the copies one is enough"
    );
}

async fn rebuilt(cache: &Cache) -> std::path::PathBuf {
    match cache.rebuild("here".to_owned(), NOW).await.unwrap() {
        Rebuilt::OnDisk { aside } => aside,
        Rebuilt::InMemory { cause } => panic!("{cause}"),
    }
}

#[tokio::test]
async fn a_cache_that_breaks_where_no_other_can_be_begun_goes_on_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let (cache, _) = open(dir.path());
    cache
        .apply(log(), vec![incident_at(1, 1, 1)])
        .await
        .unwrap();
    // The folder is gone, so the file can neither be kept nor another one be begun.
    std::fs::remove_dir_all(dir.path()).unwrap();
    let rebuilt = cache.rebuild("here".to_owned(), NOW).await.unwrap();
    assert!(matches!(rebuilt, Rebuilt::InMemory { .. }), "{rebuilt:?}");
    assert_eq!(cache.progress().await.unwrap().cursor, None);
    cache
        .apply(log(), vec![incident_at(1, 2, 1)])
        .await
        .expect("it is followed in memory");
    assert_eq!(cache.progress().await.unwrap().cursor, Some(1));
}

#[test]
fn a_cache_with_a_row_that_nobody_can_read_is_damaged() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let keys = keys::find(dir.path(), None, NOW).unwrap();
    encryption::connect(
        &dir.path().join("cache.db"),
        &keys.current,
        encryption::LARGE_PAGES,
    )
    .unwrap()
    .unwrap()
    .execute(
        "INSERT INTO records (kind, id, body) VALUES ('incident', 'x', 'no json')",
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
    cache.apply(log(), batch).await.unwrap();
    assert_eq!(cache.prune(NOW).await.unwrap().situation, None);
    let left = cache
        .prune(NOW.plus_ms(1))
        .await
        .unwrap()
        .situation
        .unwrap();
    assert_eq!((left.incidents.len(), left.orders.len()), (1, 0));
    assert!(cache.trail(ended.id).await.unwrap().is_empty());
    cache.close().await;
    drop(cache);
    let (_, cached) = open(dir.path());
    assert_eq!(cached.situation, left);
    assert_eq!(cached.progress.cursor, Some(4));
}

#[tokio::test]
async fn who_reads_waits_for_no_transaction_that_is_being_written() {
    let dir = tempfile::tempdir().unwrap();
    let (cache, _) = open(dir.path());
    let cache = std::sync::Arc::new(cache);
    let id = incident(1, IncidentState::Reported).id;
    let links = [2, 3].map(|step| entry(id, step, Action::Verify, IncidentState::PendingFile));
    let [first, second] = links.clone();
    let body = ChangeBody::Trail(Box::new(first.clone()));
    cache.apply(log(), vec![change(1, body)]).await.unwrap();

    let (begun, is_begun) = std::sync::mpsc::channel();
    let (release, is_released) = std::sync::mpsc::channel::<()>();
    let writer = std::sync::Arc::clone(&cache);
    let writing = tokio::spawn(async move {
        let write = move |db: &rusqlite::Transaction<'_>| {
            super::trail::put(db, &second)?;
            begun.send(()).unwrap();
            // Stays open until the readers have their answers.
            is_released.recv().ok();
            Ok(())
        };
        writer.database().transact(Durability::Lazy, write).await
    });
    tokio::task::spawn_blocking(move || is_begun.recv().unwrap())
        .await
        .unwrap();
    let reading = async { (cache.trail(id).await, cache.progress().await) };
    let (trail, progress) = tokio::time::timeout(std::time::Duration::from_mins(1), reading)
        .await
        .expect("the answers do not wait for the end of the transaction");
    assert_eq!(trail.unwrap(), [first], "what is committed");
    assert_eq!(progress.unwrap().cursor, Some(1));
    release.send(()).unwrap();
    writing.await.unwrap().unwrap();
    assert_eq!(cache.trail(id).await.unwrap(), links);
}

/// An incident with so much text that a few dozen of them are many pages, and a link of its trail.
fn bulky(number: u32, ended_at: Option<domain::Timestamp>) -> [Change; 2] {
    let mut incident = incident(number, IncidentState::Closed);
    incident.title = "a".repeat(6_000);
    incident.ended_at = ended_at;
    let mut link = entry(incident.id, 2, Action::Close, IncidentState::Closed);
    link.reason = Some("b".repeat(6_000));
    let cursor = u64::from(number) * 2;
    [
        change(
            cursor,
            ChangeBody::Record(Record::Incident(Box::new(incident))),
        ),
        change(cursor + 1, ChangeBody::Trail(Box::new(link))),
    ]
}

/// Forty matters that ended one minute after the other, and ten that are open.
async fn fill(cache: &Cache) {
    let ended = (1..=40).map(|number| (number, Some(NOW.plus_ms(i64::from(number) * 60_000))));
    let open = (41..=50).map(|number| (number, None));
    let changes = ended.chain(open).flat_map(|(number, at)| bulky(number, at));
    cache.apply(log(), changes.collect()).await.unwrap();
}

async fn used_bytes(cache: &Cache) -> u64 {
    let used = cache.database().read(super::retention::used_bytes);
    used.await.unwrap()
}

#[tokio::test]
async fn over_its_budget_the_cache_lets_go_of_what_ended_longest_ago_and_shrinks() {
    let dir = tempfile::tempdir().unwrap();
    let (cache, _) = open(dir.path());
    fill(&cache).await;
    let full_bytes = used_bytes(&cache).await;
    let budget_bytes = full_bytes / 2;
    let cache = cache.with_budget(budget_bytes);
    let pruned = cache.prune(NOW).await.unwrap();
    assert_eq!(pruned.over_budget, None);
    let left = pruned.situation.expect("some went");
    let numbers: Vec<u64> = left.incidents.keys().map(|id| id.0 % 1_000_000).collect();
    let ended = numbers.iter().filter(|number| **number <= 40).count() as u64;
    assert!(ended > 0 && ended < 40, "no more than had to: {ended}");
    let newest_ended = (41 - ended)..=50;
    assert_eq!(numbers, newest_ended.collect::<Vec<_>>(), "the oldest went");
    assert!(
        cache
            .trail(incident(1, IncidentState::Closed).id)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        cache
            .trail(incident(50, IncidentState::Closed).id)
            .await
            .unwrap()
            .len(),
        1
    );
    let on_disk = std::fs::metadata(dir.path().join("cache.db"))
        .unwrap()
        .len();
    assert!(on_disk <= budget_bytes, "{on_disk} of {budget_bytes} bytes");
    assert_eq!(cache.prune(NOW).await.unwrap().situation, None, "once");

    let cache = cache.with_budget(1 << 16);
    let pruned = cache.prune(NOW).await.unwrap();
    let left = pruned.situation.expect("the rest of what had ended went");
    assert_eq!(left.incidents.len(), 10, "what is open never goes");
    let over = pruned.over_budget.expect("it is said");
    assert_eq!(over.budget_bytes, 1 << 16);
    assert_eq!(over.used_bytes, used_bytes(&cache).await);
    let again = cache.prune(NOW).await.unwrap();
    assert_eq!((again.situation, again.over_budget), (None, Some(over)));
    cache.close().await;
    drop(cache);
    assert_eq!(open(dir.path()).1.situation.incidents.len(), 10);
}

#[tokio::test]
async fn a_cache_of_an_earlier_version_shrinks_as_well() {
    let dir = tempfile::tempdir().unwrap();
    let keys = keys::find(dir.path(), None, NOW).unwrap();
    let old = encryption::connect(
        &dir.path().join("cache.db"),
        &keys.current,
        encryption::LARGE_PAGES,
    )
    .unwrap()
    .unwrap();
    old.execute_batch(include_str!("versions/cache_1.sql"))
        .unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    drop(old);
    let (cache, _) = open(dir.path());
    fill(&cache).await;
    let full_bytes = used_bytes(&cache).await;
    let left = cache.prune(NOW.plus_ms(60 * 60_000)).await.unwrap();
    assert_eq!(left.situation.unwrap().incidents.len(), 10);
    let on_disk = std::fs::metadata(dir.path().join("cache.db"))
        .unwrap()
        .len();
    assert!(on_disk < full_bytes / 2, "{on_disk} of {full_bytes} bytes");
}

#[tokio::test]
async fn a_look_for_old_matters_reads_none_of_those_that_stay() {
    let dir = tempfile::tempdir().unwrap();
    let (cache, _) = open(dir.path());
    fill(&cache).await;
    // A row that nobody can read stands for all that need not be read.
    let spoil = |db: &rusqlite::Transaction<'_>| {
        db.execute(
            "UPDATE records SET body = 'no json' WHERE kind = 'incident'",
            [],
        )
    };
    let spoilt = cache.database().transact(Durability::Lazy, spoil);
    assert_eq!(spoilt.await.unwrap(), 50);
    assert_eq!(cache.prune(NOW).await.unwrap().situation, None);
    let read = cache.prune(NOW.plus_ms(90_000)).await;
    assert!(read.is_err(), "the test would see it");
}
