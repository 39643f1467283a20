//! What the officers are shown while the disk fails: an order that could not be kept is refused and
//! not shown, one that could not be taken back is still shown.

use std::path::Path;
use std::sync::Arc;

use domain::{IncidentState, Intent, IntentKey, OrderState};
use faulty_disk::{Fault, FaultyDisk};
use protocol::commands::Withdrawal;
use sync_engine::client::Address;
use sync_engine::{Engine, EngineConfig, OutboxError, Pace, StoreError, SystemClock};
use testkit::builders::{incident, key, proposal, send};

use crate::fixtures::FAILURES;

fn engine(dir: &Path) -> Engine {
    Engine::open(EngineConfig {
        data_dir: dir.to_owned(),
        address: Address {
            url: "http://127.0.0.1:9".to_owned(),
            key: "key".to_owned(),
            ca_pem: None,
        },
        backend: "here".to_owned(),
        keyring: None,
        cache_budget_bytes: sync_engine::store::cache::DEFAULT_BUDGET_BYTES,
        clock: Arc::new(SystemClock::new()),
        pace: Pace::default(),
    })
    .expect("it opens")
}

fn shown(engine: &Engine) -> Vec<IntentKey> {
    let picture = engine.picture();
    picture
        .outbox
        .iter()
        .map(|item| item.proposal.key)
        .collect()
}

async fn order(engine: &Engine, number: u128) -> Result<bool, OutboxError> {
    let intent = send(incident(1, IncidentState::Filed).id, 1);
    engine.commit(proposal(number, intent)).await
}

async fn take_back(engine: &Engine, number: u128) -> Result<Withdrawal, OutboxError> {
    let intent = Intent::WithdrawOrder {
        incident: incident(1, IncidentState::Filed).id,
        order: key(number),
        reason: String::new(),
    };
    engine.withdraw(key(number), proposal(90, intent)).await
}

#[tokio::test]
async fn what_is_shown_is_what_is_on_the_disk_whatever_call_fails() {
    for fault in FAILURES {
        for calls in 0.. {
            assert!(calls < 500, "the scenario has an end");
            let dir = tempfile::tempdir().unwrap();
            let disk = FaultyDisk::under(dir.path());
            let first = engine(dir.path());
            order(&first, 1).await.unwrap();
            disk.fail_after(calls, fault);
            let mut wanted = Vec::new();
            let is_taken_back = take_back(&first, 1).await.is_ok();
            wanted.extend((!is_taken_back).then(|| key(1)));
            for number in 2..5 {
                let is_queued = order(&first, number).await.is_ok();
                wanted.extend(is_queued.then(|| key(number)));
            }
            let context = format!("{fault:?} after {calls}");
            assert_eq!(shown(&first), wanted, "{context}");
            first.shutdown().await;
            drop(first);
            let had_come = disk.heal();
            let second = engine(dir.path());
            assert_eq!(shown(&second), wanted, "after a restart, {context}");
            assert!(second.picture().notices.is_empty(), "{context}");
            if !had_come {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_full_disk_is_said_to_be_full_and_the_same_click_works_once_it_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::under(dir.path());
    let hall = engine(dir.path());
    disk.fail_after(0, Fault::Full);
    let refused = order(&hall, 1).await.unwrap_err();
    let is_full = matches!(&refused, OutboxError::Store(StoreError::DiskFull { .. }));
    assert!(is_full, "{refused:?}");
    assert!(refused.to_string().contains("磁盘已满"), "{refused}");
    assert_eq!((shown(&hall), hall.order(key(1))), (Vec::new(), None));
    disk.heal();
    order(&hall, 1).await.unwrap();
    assert_eq!(hall.order(key(1)).unwrap().state(), OrderState::Queued);
}
