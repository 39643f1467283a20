//! The real process killed while it orders over a bad line: at the end the backend has done
//! everything that was said to be queued, once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::trail::Action;
use domain::{IncidentId, IntentKey, OrderState};
use hall_api::{Hall, HallConfig};
use protocol::commands::{Act, DropProposal, WithdrawOrder};
use protocol::http::Snapshot;
use testkit::builders::key;
use testkit::{FakeClock, FaultProxy, RunningBackend, builders};

use crate::harness::{HallClock, order, short_pauses, sign_in, until};
use crate::killed::{Instants, queue_and_kill, say_queued, times};

/// Set for the process that is to be killed: the data directory, the backend's address and key, and
/// the number of the first key that it uses.
const DIR: &str = "STREETHALL_TEST_ORDERING_DIR";
const URL: &str = "STREETHALL_TEST_ORDERING_URL";
const HALL_KEY: &str = "STREETHALL_TEST_ORDERING_KEY";
const FIRST: &str = "STREETHALL_TEST_ORDERING_FIRST";

/// Incidents that a batch of lives works on, as real trails do not grow without end.
const INCIDENTS: usize = 6;
const PEOPLE: u128 = 5;
/// Longest life, in milliseconds.
const LONGEST_MS: u64 = 420;
/// Keys of one life; more than any life has time for.
const KEYS_OF_A_LIFE: u128 = 100_000;

fn open(dir: &Path, url: &str, hall_key: &str) -> Hall {
    let mut config = HallConfig::new(dir, url, hall_key, "本街道");
    // The backend's clock stands, too, so that no session ends.
    config.clock = Arc::new(HallClock::of(&FakeClock::default()));
    config.pace = short_pauses();
    let hall = Hall::open(config).expect("the hall opens");
    hall.start();
    hall
}

/// What a number stands for, for the process that wishes it and for whoever looks for its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Order { to: u32 },
    Note,
    Withdrawal { of: IntentKey },
}

fn wish(number: u128) -> Wish {
    match number % 3 {
        0 => Wish::Order {
            to: (number / 3 % PEOPLE) as u32 + 1,
        },
        1 => Wish::Note,
        _ => Wish::Withdrawal {
            of: key(number - 2),
        },
    }
}

/// Three wishes in a row are about one incident.
fn incident_of(number: u128, incidents: &[IncidentId]) -> IncidentId {
    incidents[(number / 3) as usize % incidents.len()]
}

/// Orders, notes and withdraws while its line carries some of it and loses some of it, and says each
/// key when the call has returned. Does nothing in an ordinary run of the tests.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_that_is_killed_at_work() {
    let set = |name| std::env::var(name).ok();
    let (Some(dir), Some(url), Some(hall_key), Some(first)) =
        (set(DIR), set(URL), set(HALL_KEY), set(FIRST))
    else {
        return;
    };
    let hall = open(Path::new(&dir), &url, &hall_key);
    let mut incidents: Vec<_> = {
        let situation = hall.picture().situation;
        situation.incidents.into_keys().collect()
    };
    let incidents = incidents.split_off(incidents.len() - INCIDENTS);
    for number in first.parse::<u128>().unwrap().. {
        let incident = incident_of(number, &incidents);
        match wish(number) {
            Wish::Order { to } => hall.send_order(order(key(number), incident, to)).await,
            Wish::Note => hall.act(note(number, incident)).await,
            Wish::Withdrawal { of } => {
                // From here on the order may be dropped without a trace; whoever listens must know.
                say_queued(key(number));
                let withdrawal = WithdrawOrder {
                    order: of,
                    reason: "误派".to_owned(),
                    seen: None,
                };
                hall.withdraw_order(withdrawal).await.map(drop)
            }
        }
        .unwrap();
        if !matches!(wish(number), Wish::Withdrawal { .. }) {
            say_queued(key(number));
        }
        // An officer does not click faster than this; meanwhile some of it is sent.
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

fn note(number: u128, incident: IncidentId) -> Act {
    Act {
        seen: None,
        replaces: None,
        key: key(number),
        incident,
        action: Action::Note {
            text: number.to_string(),
        },
        reason: None,
    }
}

/// How often each wish has had its effect, by key.
fn effects(snapshot: &Snapshot) -> BTreeMap<IntentKey, usize> {
    let mut effects = BTreeMap::new();
    for entry in &snapshot.trail {
        let done = match &entry.action {
            Action::Note { text } => key(text.parse().unwrap()),
            Action::Dispatch { order, .. } => *order,
            _ => continue,
        };
        *effects.entry(done).or_default() += 1;
    }
    effects
}

/// Waits until everything is sent, and drops what was refused, as an officer would: a life that
/// ended before it took an order back leaves that person on the way, and the next order to them
/// about the same matter is refused. Returns what was dropped.
async fn drain(hall: &Hall) -> BTreeSet<IntentKey> {
    let mut refused = BTreeSet::new();
    loop {
        let picture = until(hall, "all is sent or something refused", |p| {
            let mut items = p.outbox.iter();
            p.outbox.is_empty() || items.any(|item| item.state == OrderState::Parked)
        })
        .await;
        assert!(picture.notices.is_empty(), "{:?}", picture.notices);
        if picture.outbox.is_empty() {
            return refused;
        }
        for item in picture.outbox {
            if item.state == OrderState::Parked {
                let key = item.proposal.key;
                let why = item.last_error.unwrap_or_default();
                assert!(why.contains("is on the way"), "{key}: {why}");
                hall.drop_proposal(DropProposal { key }).await.unwrap();
                refused.insert(key);
            }
        }
    }
}

/// Checks everything that was said against what the backend has done and what it has refused.
fn check(said: &BTreeSet<u128>, refused: &BTreeSet<IntentKey>, snapshot: &Snapshot) {
    let effects = effects(snapshot);
    let count = |number| effects.get(&key(number)).copied().unwrap_or(0);
    let was_refused = |number| refused.contains(&key(number));
    for number in said.iter().copied() {
        match wish(number) {
            Wish::Withdrawal { of } => {
                let order = snapshot.situation.orders.get(&of);
                assert!(
                    order.is_none_or(|order| order.state() == OrderState::Withdrawn)
                        || !said.contains(&(number + 1)),
                    "{number}: {order:?} was withdrawn"
                );
            }
            // It may have been dropped before it left.
            Wish::Order { .. } if said.contains(&(number + 2)) => {
                assert!(count(number) <= 1, "order {number} {} times", count(number));
            }
            Wish::Order { .. } if was_refused(number) => assert_eq!(count(number), 0),
            Wish::Order { .. } | Wish::Note => {
                assert_eq!(count(number), 1, "effects of what was queued as {number}");
            }
        }
    }
    assert!(effects.values().all(|count| *count == 1), "{effects:?}");
}

/// Reports the incidents of a batch.
async fn give_work(backend: &RunningBackend, batch: u32) {
    for number in 1..=INCIDENTS as u128 {
        let number = u128::from(batch) * 100 + number;
        let report = builders::report(number, backend.clock.now());
        backend.hall().report(&report).await.unwrap();
    }
}

#[tokio::test]
async fn a_process_killed_while_it_orders_over_a_bad_line_leaves_nothing_out_and_nothing_twice() {
    let (dir, backend_dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let backend = RunningBackend::start_in(backend_dir.path(), FakeClock::default(), 0);
    let proxy = FaultProxy::start(backend.address());
    let hall_key = backend.backend.hall_key().to_owned();
    let first = open(dir.path(), &proxy.base_url(), &hall_key);
    until(&first, "the street is known", |p| p.reference_version > 0).await;
    sign_in(&first).await;
    first.shutdown().await;

    let mut instants = Instants::draw("while it works", LONGEST_MS);
    let (mut said, mut refused) = (BTreeSet::new(), BTreeSet::new());
    for batch in 0..times().div_ceil(25) {
        give_work(&backend, batch).await;
        let hall = open(dir.path(), &proxy.base_url(), &hall_key);
        let most = INCIDENTS * (batch as usize + 1);
        until(&hall, "the new matters are shown", |p| {
            p.situation.incidents.len() == most
        })
        .await;
        hall.shutdown().await;
        proxy.misbehave(Some(u64::from(batch)));
        for round in batch * 25..times().min(batch * 25 + 25) {
            let environment = [
                (DIR, dir.path().display().to_string()),
                (URL, proxy.base_url()),
                (HALL_KEY, hall_key.clone()),
                (
                    FIRST,
                    (3 * u128::from(round) * KEYS_OF_A_LIFE + 3).to_string(),
                ),
            ];
            // Anywhere in starting, opening and working, which has no end.
            let (alive_for, from_first_line) = instants.next_life();
            let test = "killed_at_work::the_process_that_is_killed_at_work";
            let killed = move || queue_and_kill(test, &environment, alive_for, from_first_line);
            let keys = tokio::task::spawn_blocking(killed).await.unwrap();
            said.extend(keys.into_iter().map(number_of));
        }
        proxy.misbehave(None);
        let hall = open(dir.path(), &proxy.base_url(), &hall_key);
        refused.extend(drain(&hall).await);
        let snapshot = backend.hall().snapshot().await;
        check(&said, &refused, &snapshot);
        let mut shown = hall.picture().situation.orders;
        // What was dropped here is shown as withdrawn until the next start; nobody else knows it.
        shown.retain(|order, _| !refused.contains(order));
        assert_eq!(shown, snapshot.situation.orders);
        hall.shutdown().await;
    }
    assert!(said.len() > times() as usize, "hardly anything was queued");
}

/// The number of a key of the builders.
fn number_of(key: IntentKey) -> u128 {
    key.0.as_u128() & 0xFFFF_FFFF_FFFF
}
