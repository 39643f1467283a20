//! The cache: rows and cursor together, and never backwards.

use std::sync::Arc;

use domain::intents::Mode;
use domain::modes::{ModeInForce, ModeSwitch};
use domain::orders::OrderStamp;
use domain::situation::Record;
use domain::trail::Action;
use domain::{IncidentState, OfficerId, OrderState, PersonId, Situation};
use protocol::Reference;
use protocol::http::{Change, ChangeBody, LogId, Snapshot};
use sync_engine::StoreError;
use sync_engine::store::cache::Meeting;
use testkit::builders::{self, entry, fix, incident, order, person};

use super::{BACKEND, Machine, NOW};

fn log() -> LogId {
    LogId("log".to_owned())
}

fn change(cursor: u64, body: ChangeBody) -> Change {
    Change {
        cursor,
        at: NOW,
        body,
    }
}

fn record(cursor: u64, record: Record) -> Change {
    change(cursor, ChangeBody::Record(record))
}

fn incident_at(cursor: u64, number: u32, steps: u32) -> Change {
    let mut incident = incident(number, IncidentState::Reported);
    incident.steps = steps;
    record(cursor, Record::Incident(Box::new(incident)))
}

fn order_in(cursor: u64, state: OrderState) -> Change {
    let mut order = order(1, incident(1, IncidentState::Reported).id, 1);
    order.stamps.push(OrderStamp {
        state,
        at: NOW,
        location: None,
        note: None,
        source_crs: domain::places::Crs::default(),
    });
    record(cursor, Record::Order(Box::new(order)))
}

fn link(cursor: u64, number: u32, step: u32) -> Change {
    let id = incident(number, IncidentState::Reported).id;
    let entry = entry(id, step, Action::Verify, IncidentState::PendingFile);
    change(cursor, ChangeBody::Trail(Box::new(entry)))
}

fn empty_snapshot(cursor: u64) -> Snapshot {
    Snapshot {
        log: LogId("of the snapshot".to_owned()),
        continues: true,
        cursor,
        reference_version: 1,
        situation: Situation::default(),
        trail: Vec::new(),
    }
}

fn reference(version: u64) -> Arc<Reference> {
    Arc::new(Reference {
        version,
        ..builders::seed().reference
    })
}

pub async fn a_batch_is_stored_with_its_cursor_and_read_back(machine: &impl Machine) {
    let (cache, cached) = machine.open_cache();
    assert_eq!((cached.progress.cursor, cached.progress.log), (None, None));
    let id = incident(1, IncidentState::Reported).id;
    let batch = vec![
        incident_at(1, 1, 1),
        link(2, 1, 2),
        record(3, Record::Person(Box::new(person(4)))),
        change(4, ChangeBody::Reference { version: 9 }),
    ];
    let applied = cache.apply(log(), batch).await.unwrap();
    assert_eq!((applied.cursor, applied.reference_wanted), (4, 9));
    assert_eq!((applied.records.len(), applied.trails), (2, vec![id]));
    let place = builders::CENTRE;
    let fixes = vec![fix(4, place, NOW)];
    cache.locate(Vec::new(), fixes).await.unwrap();
    cache.put_reference(reference(9)).await.unwrap();
    cache.put_contact(NOW, 77).await.unwrap();
    assert_eq!(cache.trail(id).await.unwrap().len(), 1);
    let progress = cache.progress().await.unwrap();
    assert_eq!(progress.place().unwrap().cursor, 4);
    assert_eq!(progress.log, Some(log()));

    let (_cache, cached) = machine.read_back(cache).await;
    assert_eq!(cached.progress, progress);
    assert_eq!(
        (progress.last_contact, progress.clock_offset_ms),
        (Some(NOW), 77)
    );
    assert_eq!(cached.situation.incidents.len(), 1);
    assert_eq!(cached.situation.people[&PersonId(4)], person(4));
    assert_eq!(cached.situation.positions.len(), 1);
    assert_eq!(cached.reference.unwrap().version, 9);
}

pub async fn a_repeated_batch_changes_nothing_and_an_older_state_is_never_taken(
    machine: &impl Machine,
) {
    let (cache, _) = machine.open_cache();
    let batch = vec![incident_at(1, 1, 5), order_in(2, OrderState::Accepted)];
    let first = cache.apply(log(), batch.clone()).await.unwrap();
    assert_eq!(first.records.len(), 2);
    let again = cache.apply(log(), batch).await.unwrap();
    assert_eq!((again.records.len(), again.cursor), (0, 2));
    let late = vec![incident_at(3, 1, 4), order_in(4, OrderState::Delivered)];
    let applied = cache.apply(log(), late).await.unwrap();
    assert!(applied.records.is_empty());
    assert_eq!(applied.cursor, 4);
    let (_cache, cached) = machine.read_back(cache).await;
    let id = incident(1, IncidentState::Reported).id;
    assert_eq!(cached.situation.incidents[&id].steps, 5);
    let order = cached.situation.orders.values().next().unwrap();
    assert_eq!(order.state(), OrderState::Accepted);
}

pub async fn a_batch_for_which_there_is_no_room_leaves_rows_and_cursor_as_they_were(
    machine: &impl Machine,
) {
    let (cache, _) = machine.open_cache();
    cache
        .apply(log(), vec![incident_at(1, 1, 1)])
        .await
        .unwrap();
    machine.set_full(true);
    let flood = || (2..400).map(|n| incident_at(n, n as u32, 1)).collect();
    let error = cache.apply(log(), flood()).await.unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error:?}");
    assert_eq!(cache.progress().await.unwrap().cursor, Some(1));
    machine.set_full(false);
    let (cache, cached) = machine.read_back(cache).await;
    assert_eq!(cached.progress.cursor, Some(1));
    assert_eq!(cached.situation.incidents.len(), 1);
    let applied = cache.apply(log(), flood()).await.unwrap();
    assert_eq!((applied.cursor, applied.records.len()), (399, 398));
}

pub async fn a_snapshot_of_the_same_log_keeps_what_is_newer_and_forgets_what_has_gone(
    machine: &impl Machine,
) {
    let (cache, _) = machine.open_cache();
    let batch = vec![incident_at(1, 1, 5), incident_at(2, 2, 1), link(3, 2, 1)];
    cache.apply(log(), batch).await.unwrap();
    let mut snapshot = empty_snapshot(4);
    let mut older = incident(1, IncidentState::Reported);
    older.steps = 4;
    snapshot.situation.incidents.insert(older.id, older.clone());
    let street = "street".to_owned();
    let shown = cache.install(snapshot, street, Meeting::SameLog);
    let shown = shown.await.unwrap();
    assert_eq!(shown.incidents.len(), 1);
    assert_eq!(shown.incidents[&older.id].steps, 5);
    let gone = incident(2, IncidentState::Reported).id;
    assert!(cache.trail(gone).await.unwrap().is_empty());
    let progress = cache.progress().await.unwrap();
    assert_eq!((progress.cursor, &*progress.street), (Some(4), "street"));
    assert_eq!(progress.log, Some(empty_snapshot(4).log));
}

pub async fn a_snapshot_of_another_log_replaces_everything(machine: &impl Machine) {
    let (cache, _) = machine.open_cache();
    let batch = vec![incident_at(8, 1, 5), link(9, 1, 1)];
    cache.apply(log(), batch).await.unwrap();
    let fixes = vec![fix(4, builders::CENTRE, NOW)];
    cache.locate(Vec::new(), fixes).await.unwrap();
    cache.put_reference(reference(9)).await.unwrap();
    let mut snapshot = empty_snapshot(3);
    let mut older = incident(1, IncidentState::Reported);
    older.steps = 4;
    snapshot.situation.incidents.insert(older.id, older.clone());
    let wanted = snapshot.situation.clone();
    let street = "other".to_owned();
    let shown = cache.install(snapshot, street, Meeting::OtherLog);
    assert_eq!(shown.await.unwrap(), wanted);
    assert!(cache.trail(older.id).await.unwrap().is_empty());
    let (_cache, cached) = machine.read_back(cache).await;
    assert_eq!(cached.situation, wanted);
    assert!(cached.reference.is_none());
    assert_eq!(cached.progress.place().unwrap().cursor, 3);
}

pub async fn what_ended_long_ago_is_removed_with_its_orders_and_trail(machine: &impl Machine) {
    let (cache, _) = machine.open_cache();
    let mut ended = incident(1, IncidentState::Closed);
    ended.ended_at = Some(NOW);
    let batch = vec![
        record(1, Record::Incident(Box::new(ended.clone()))),
        order_in(2, OrderState::Done),
        link(3, 1, 2),
        incident_at(4, 2, 1),
        link(5, 2, 1),
    ];
    cache.apply(log(), batch).await.unwrap();
    assert_eq!(cache.prune(NOW).await.unwrap().situation, None);
    let left = cache.prune(NOW.plus_ms(1)).await.unwrap();
    assert_eq!(left.over_budget, None);
    let left = left.situation.unwrap();
    assert_eq!((left.incidents.len(), left.orders.len()), (1, 0));
    assert!(cache.trail(ended.id).await.unwrap().is_empty());
    let stays = incident(2, IncidentState::Reported).id;
    assert_eq!(cache.trail(stays).await.unwrap().len(), 1);
    let (_cache, cached) = machine.read_back(cache).await;
    assert_eq!(cached.situation, left);
    assert_eq!(cached.progress.cursor, Some(5));
}

pub async fn a_mode_is_kept_with_who_set_it_and_when_also_where_that_is_learnt_later(
    machine: &impl Machine,
) {
    let in_mode = |cursor, mode: &ModeInForce| record(cursor, Record::Mode(Box::new(mode.clone())));
    let (cache, _) = machine.open_cache();
    // As a backend of an earlier version tells it.
    let untold = ModeInForce::from(Mode::EmergencyRed);
    let batch = vec![in_mode(1, &untold)];
    cache.apply(log(), batch).await.unwrap();
    let (cache, cached) = machine.read_back(cache).await;
    assert_eq!(cached.situation.mode, untold);

    let told = ModeInForce {
        switch: Some(ModeSwitch {
            officer: Some(OfficerId::from("zhou.min")),
            occurred_at: NOW.plus_ms(-60_000),
            recorded_at: NOW,
        }),
        ..untold
    };
    let applied = cache.apply(log(), vec![in_mode(2, &told)]).await.unwrap();
    assert_eq!(applied.records, [Record::Mode(Box::new(told.clone()))]);
    let (cache, cached) = machine.read_back(cache).await;
    assert_eq!(cached.situation.mode, told);
    let applied = cache.apply(log(), vec![in_mode(3, &told)]).await.unwrap();
    assert!(applied.records.is_empty());
}

pub async fn the_newest_position_wins_and_who_is_gone_is_forgotten(machine: &impl Machine) {
    let (cache, _) = machine.open_cache();
    let at = |number, ms| fix(number, builders::CENTRE, NOW.plus_ms(ms));
    let batch = vec![at(1, 5_000), at(2, 0), at(1, 3_000)];
    cache.locate(Vec::new(), batch).await.unwrap();
    let gone = vec![PersonId(2)];
    cache
        .locate(gone, vec![at(1, 4_000), at(3, 0)])
        .await
        .unwrap();
    let (_cache, cached) = machine.read_back(cache).await;
    let positions = cached.situation.positions;
    assert_eq!(positions.len(), 2);
    assert_eq!(positions[&PersonId(1)], at(1, 5_000));
}

pub async fn a_rebuilt_cache_is_empty_and_goes_on(machine: &impl Machine) {
    let (cache, _) = machine.open_cache();
    cache
        .apply(log(), vec![incident_at(1, 1, 1), link(2, 1, 1)])
        .await
        .unwrap();
    cache.rebuild(BACKEND.to_owned(), NOW).await.unwrap();
    let progress = cache.progress().await.unwrap();
    assert_eq!((progress.place(), &*progress.backend), (None, BACKEND));
    let id = incident(1, IncidentState::Reported).id;
    assert!(cache.trail(id).await.unwrap().is_empty());
    cache
        .apply(log(), vec![incident_at(1, 2, 1)])
        .await
        .unwrap();
    let (_cache, cached) = machine.read_back(cache).await;
    assert_eq!(cached.situation.incidents.len(), 1);
    assert_eq!(cached.progress.cursor, Some(1));
}

pub async fn a_power_cut_leaves_rows_and_cursor_together(machine: &impl Machine) {
    let (cache, _) = machine.open_cache();
    for number in 1..30 {
        let change = incident_at(number, number as u32, 1);
        cache.apply(log(), vec![change]).await.unwrap();
    }
    machine.cut_power();
    cache.close().await;
    drop(cache);
    machine.switch_on();
    let (_cache, cached) = machine.open_cache();
    assert_eq!(cached.kept_aside, None, "nothing is damaged");
    let come_to = cached.progress.cursor.unwrap_or(0);
    assert_eq!(cached.situation.incidents.len() as u64, come_to);
}
