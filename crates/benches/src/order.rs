//! `order`: from the call of the outbox until the order is on the disk, and from there until its
//! receipt, each beside the least that any program has to do for it.
//!
//! `durable`: ours is the outbox of a real hall without a line, in its encrypted database. `commit` is
//! one bare commit of the same row by SQLite with `synchronous=FULL`, `commit-encrypted` the same in
//! a database that SQLCipher encrypts.
//!
//! `receipt`: ours is the real hall and the real backend, each over its own database file, on
//! loopback: from the moment at which the call has returned until the hall has the backend's receipt.
//! `round-trip` is a request with the same body to an axum server that makes one bare commit of it
//! and answers. `shown` goes on until the hall has written the receipt and the board shows the order
//! as sent, for which the peer has nothing to do. One order is under way at a time, so nothing shares a
//! commit; the next one is given when what the last one has changed is in the cache, as an officer's
//! next click finds it.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use domain::trail::{Action, OfficerRole};
use domain::{IncidentId, Intent, OrderState, Proposal};
use hall_api::SystemClock;
use protocol::feed::LineState;
use protocol::http::SignIn;
use rusqlite::{Connection, params};
use sync_engine::client::{Address, Client};
use sync_engine::store::{Cache, OutboxDb, keys};
use sync_engine::{Engine, EngineConfig, EngineParts, Pace};
use testkit::{FakeClock, RunningBackend, builders};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::Setting;
use crate::report::{Report, SelfTimed, Unit, begin, median, take_timed_turns};

mod timed_line;

use timed_line::TimedLine;

/// Orders of one turn.
const ORDERS: usize = 100;
const PATIENCE: Duration = Duration::from_secs(30);

/// Measures.
pub fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    // Beside the program, because a folder for temporary files may lie in memory.
    let beside = std::env::current_exe()?;
    let beside = beside.parent().context("the program lies in a folder")?;
    let folder = tempfile::tempdir_in(beside)?;
    durable(setting, report, &runtime, folder.path())?;
    receipt(setting, report, &runtime, folder.path())
}

fn durable(setting: &Setting, report: &mut Report, runtime: &Runtime, folder: &Path) -> Result<()> {
    let engine = runtime.block_on(async { open(folder, "http://127.0.0.1:9", "key") })?;
    let mut number = 0;
    let mut ours = || {
        let begun = begin();
        for _ in 0..ORDERS {
            number += 1;
            let proposal = order(
                number,
                builders::incident(1, domain::IncidentState::Filed).id,
            );
            runtime.block_on(engine.commit(proposal))?;
        }
        Ok(per_order(begun))
    };
    let mut plain = BareTable::open(&folder.join("plain.db"), false)?;
    let mut encrypted = BareTable::open(&folder.join("encrypted.db"), true)?;
    let mut contestants: [SelfTimed<'_>; 3] = [
        ("ours", Box::new(&mut ours)),
        ("commit", Box::new(|| plain.turn())),
        ("commit-encrypted", Box::new(|| encrypted.turn())),
    ];
    let taken = take_timed_turns(setting.runs, &mut contestants)?;
    report.times("durable", Unit::Us, &taken);
    runtime.block_on(engine.shutdown());
    Ok(())
}

fn receipt(setting: &Setting, report: &mut Report, runtime: &Runtime, folder: &Path) -> Result<()> {
    let dir = folder.join("backend");
    let backend = RunningBackend::start_in(&dir, FakeClock::default(), 0);
    let incidents = filed(&backend, (setting.runs + 1) * ORDERS)?;
    let hall_dir = folder.join("online");
    let key = backend.backend.hall_key();
    let (engine, line) =
        runtime.block_on(async { assemble(&hall_dir, &backend.base_url(), key) })?;
    runtime.block_on(come_online(&engine, incidents.len()))?;
    let mut next = incidents.into_iter().zip(1..);
    let shown = RefCell::new(Vec::new());
    let ours = || {
        let (mut receipt_s, mut shown_s) = (0.0, 0.0);
        for (incident, number) in next.by_ref().take(ORDERS) {
            let sent = until_sent(&engine, &line, order(number, incident));
            let sent = runtime.block_on(sent)?;
            receipt_s += sent.receipt_s;
            shown_s += sent.shown_s;
        }
        shown.borrow_mut().push(shown_s / ORDERS as f64);
        Ok(receipt_s / ORDERS as f64)
    };
    let bare = runtime.block_on(BareServer::start(&folder.join("bare.db")))?;
    let peer = || {
        let begun = begin();
        runtime.block_on(bare.orders())?;
        Ok(per_order(begun))
    };
    let mut contestants: [SelfTimed<'_>; 2] =
        [("ours", Box::new(ours)), ("round-trip", Box::new(peer))];
    let taken = take_timed_turns(setting.runs, &mut contestants)?;
    drop(contestants);
    report.times("receipt", Unit::Us, &taken);
    // The first turn warms up.
    let until_shown = median(shown.take().split_off(1));
    let peer = taken.iter().filter(|(name, _)| *name != "ours").copied();
    let beside: Vec<_> = std::iter::once(("ours", until_shown)).chain(peer).collect();
    report.times("shown", Unit::Us, &beside);
    runtime.block_on(engine.shutdown());
    Ok(())
}

fn per_order(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() / ORDERS as f64
}

fn open(folder: &Path, url: &str, key: &str) -> Result<Engine> {
    let engine = Engine::open(EngineConfig {
        data_dir: folder.join("hall"),
        address: Address {
            url: url.to_owned(),
            key: key.to_owned(),
            ca_pem: None,
        },
        backend: "bench".to_owned(),
        keyring: None,
        clock: Arc::new(SystemClock::new()),
        pace: Pace::default(),
        cache_budget_bytes: sync_engine::store::cache::DEFAULT_BUDGET_BYTES,
    })?;
    Ok(engine)
}

/// The same hall over a line that notes when receipts come.
fn assemble(folder: &Path, url: &str, key: &str) -> Result<(Engine, Arc<TimedLine>)> {
    let (pace, clock) = (Pace::default(), SystemClock::new());
    let address = Address {
        url: url.to_owned(),
        key: key.to_owned(),
        ca_pem: None,
    };
    let line = Arc::new(TimedLine::new(Client::new(&address, pace)?));
    std::fs::create_dir_all(folder)?;
    let now = hall_api::Clock::now(&clock);
    let keys = keys::find(folder, None, now)?;
    let (outbox, stored) = OutboxDb::open(folder, &keys, now)?;
    let (cache, cached) = Cache::open(folder, "bench", &keys.current, now)?;
    let engine = Engine::assemble(EngineParts {
        calls: Arc::clone(&line) as Arc<_>,
        cache: Arc::new(cache),
        cached,
        outbox: Box::new(outbox),
        stored,
        backend: "bench".to_owned(),
        clock: Arc::new(clock),
        pace,
        jitter_seed: 1,
        keeps_verifiers: true,
    });
    Ok((engine, line))
}

fn order(number: u128, incident: IncidentId) -> Proposal {
    let to = 1 + (number % 5) as u32;
    builders::proposal(number, builders::send(incident, to))
}

/// Matters that are reported and filed, so that an order is no more than an order.
fn filed(backend: &RunningBackend, count: usize) -> Result<Vec<IncidentId>> {
    let leader = builders::officer(OfficerRole::ShiftLeader);
    // The backend puts the limit of its rules in its place.
    let limit = domain::clocks::Limit {
        amount: 1,
        unit: domain::clocks::LimitUnit::WorkingDay,
    };
    let mut incidents = Vec::new();
    for number in 0..count as u128 {
        let report = builders::report(number, backend.clock.now());
        let told = |problem: protocol::http::Problem| anyhow::anyhow!(problem.message);
        let incident = backend.backend.report(&report).map_err(told)?;
        let intent = Intent::Act {
            incident,
            action: Action::File {
                limit,
                condition: None,
            },
            reason: None,
        };
        let proposal = Proposal {
            officer: leader.id.clone(),
            ..builders::proposal(1_000_000 + number, intent)
        };
        backend
            .backend
            .carry_out(&leader, &proposal, None)
            .map_err(told)?;
        incidents.push(incident);
    }
    Ok(incidents)
}

async fn come_online(engine: &Engine, incidents: usize) -> Result<()> {
    engine.start();
    let watching = engine.subscribe();
    let waiting = async {
        while !engine
            .read(|p| p.line.state == LineState::Online && p.situation.incidents.len() == incidents)
        {
            watching.changed().await;
            watching.look();
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .context("the hall does not come online")?;
    engine
        .sign_in(SignIn {
            officer: builders::officer(OfficerRole::DutyOfficer).id,
            pin: builders::PIN.to_owned(),
        })
        .await?;
    Ok(())
}

/// Seconds from the return of the call until the hall has the receipt, and until the order is shown as
/// sent.
struct Sent {
    receipt_s: f64,
    shown_s: f64,
}

async fn until_sent(engine: &Engine, line: &TimedLine, proposal: Proposal) -> Result<Sent> {
    let key = proposal.key;
    let watching = engine.subscribe();
    let is_new = engine.commit(proposal).await?;
    let begun = begin();
    ensure!(is_new, "the key was used before");
    let waiting = async {
        while engine
            .order(key)
            .is_none_or(|o| o.state() != OrderState::Sent)
        {
            watching.changed().await;
        }
        let shown_s = begun.elapsed().as_secs_f64();
        let answered = line.answered();
        while !engine.outbox_items().is_empty() {
            watching.changed().await;
        }
        (shown_s, answered)
    };
    let (shown_s, answered) = tokio::time::timeout(PATIENCE, waiting)
        .await
        .with_context(|| format!("no receipt; the order is {:?}", engine.order(key)))?;
    let answered = answered.context("an order without a receipt is shown as sent")?;
    Ok(Sent {
        receipt_s: answered.saturating_duration_since(begun).as_secs_f64(),
        shown_s,
    })
}

/// A table with the columns of ours, and nothing around it.
struct BareTable {
    connection: Connection,
    number: u128,
}

impl BareTable {
    fn open(path: &Path, is_encrypted: bool) -> Result<Self> {
        let connection = Connection::open(path)?;
        if is_encrypted {
            let key = "ab".repeat(32);
            connection.pragma_update(None, "key", format!("x'{key}'"))?;
        }
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        connection.execute_batch("PRAGMA synchronous = FULL")?;
        connection.execute_batch(sync_engine::store::proposals::MIGRATION)?;
        Ok(Self {
            connection,
            number: 0,
        })
    }

    fn turn(&mut self) -> Result<f64> {
        let incident = builders::incident(1, domain::IncidentState::Filed).id;
        let begun = begin();
        for _ in 0..ORDERS {
            self.number += 1;
            let proposal = order(self.number, incident);
            let intent = serde_json::to_string(&proposal.intent)?;
            self.commit(&proposal, &intent)?;
        }
        Ok(per_order(begun))
    }

    fn commit(&mut self, proposal: &Proposal, intent: &str) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO proposals (key, backend, officer, occurred_at, intent, stage, has_left,
                 attempts) VALUES (?1, 'bench', ?2, ?3, ?4, 'queued', 0, 0)",
            )?
            .execute(params![
                proposal.key.to_string(),
                proposal.officer.as_str(),
                proposal.occurred_at.unix_ms(),
                intent
            ])?;
        Ok(())
    }
}

/// An axum server that commits what it is sent, and a client of it.
struct BareServer {
    client: reqwest::Client,
    address: SocketAddr,
    number: Mutex<u128>,
}

type Table = Arc<Mutex<BareTable>>;

async fn commit(
    State(table): State<Table>,
    body: axum::body::Bytes,
) -> Result<String, (StatusCode, String)> {
    let failed = |error: String| (StatusCode::INTERNAL_SERVER_ERROR, error);
    let committing = tokio::task::spawn_blocking(move || -> Result<String> {
        let proposal: Proposal = serde_json::from_slice(&body)?;
        let intent = serde_json::to_string(&proposal.intent)?;
        let mut table = table.lock().map_err(|_| anyhow::anyhow!("poisoned"))?;
        table.commit(&proposal, &intent)?;
        Ok(format!("{{\"key\":\"{}\"}}", proposal.key))
    });
    let done = committing
        .await
        .map_err(|error| failed(error.to_string()))?;
    done.map_err(|error| failed(error.to_string()))
}

impl BareServer {
    async fn start(path: &Path) -> Result<Self> {
        let table = Arc::new(Mutex::new(BareTable::open(path, false)?));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let router = axum::Router::new()
            .route("/", post(commit))
            .with_state(table);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .build()?;
        Ok(Self {
            client,
            address,
            number: Mutex::new(0),
        })
    }

    async fn orders(&self) -> Result<()> {
        let incident = builders::incident(1, domain::IncidentState::Filed).id;
        for _ in 0..ORDERS {
            let number = {
                let mut number = self
                    .number
                    .lock()
                    .map_err(|_| anyhow::anyhow!("poisoned"))?;
                *number += 1;
                *number
            };
            let url = format!("http://{}/", self.address);
            let body = order(number, incident);
            let answer = self.client.post(url).json(&body).send().await?;
            ensure!(answer.status().is_success(), "{}", answer.text().await?);
            answer.text().await?;
        }
        Ok(())
    }
}
