//! A street whose backend can be cut off, brought back and made to misbehave, and a hall for it.

use std::convert::Infallible;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use backend::{Backend, BackendConfig};
use domain::trail::{Officer, OfficerRole};
use domain::{IncidentId, IntentKey, OrderState, PersonId, Proposal, Timestamp};
use futures_util::stream;
use hall_api::{Clock, Hall, HallConfig, Pace, SystemClock};
use protocol::commands::{Act, Propose, SendOrder, ShownProposal, SignInOfficer, WindowKind};
use protocol::feed::{LineState, Picture};
use protocol::http::{Hello, Snapshot, paths};
use sync_engine::store::encryption;
use testkit::background::Background;
use testkit::{Caller, FakeClock, builders};
use tokio::net::TcpListener;

/// No test waits longer for anything that has to happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the server does wrong.
#[derive(Debug, Default)]
pub struct Faults {
    /// So many answers to proposals are lost after the backend has acted.
    pub lose_answers: AtomicUsize,
    /// So many proposals are answered with an error of the server before the backend sees them.
    pub busy: AtomicUsize,
    /// Everything is answered by a web page.
    pub nonsense: AtomicBool,
    /// The backend says that it speaks another version.
    pub other_protocol: AtomicBool,
    /// The backend says that it speaks newer versions as well.
    pub newer_protocol_too: AtomicBool,
    /// Whoever asks for changes gets no answer.
    pub withholds_changes: AtomicBool,
    /// Questions for changes that were left without an answer.
    pub withheld: AtomicUsize,
    /// So many questions for changes are answered before that.
    pub answers_changes_first: AtomicUsize,
    /// Greetings go on, and whoever asks for changes is told to come later.
    pub refuses_changes: AtomicBool,
    /// Answers with many changes come in pieces, as over a slow line.
    pub slows_changes: AtomicBool,
    /// Slow answers that were begun.
    pub slow_answers: AtomicUsize,
    /// Greetings that were asked for.
    pub greeted: AtomicUsize,
    /// Keys of the proposals that arrived, in order.
    pub seen: Mutex<Vec<IntentKey>>,
}

fn take_one(count: &AtomicUsize) -> bool {
    count
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1))
        .is_ok()
}

/// From this size on an answer with changes is slow, in bytes.
const SLOW_FROM: usize = 10_000;
/// In so many pieces, one after each pause.
const SLOW_PIECES: usize = 20;
const SLOW_PAUSE: Duration = Duration::from_millis(100);

/// The answer, of which a large one comes in pieces.
async fn slowly(faults: &Faults, response: Response) -> Response {
    let (head, body) = response.into_parts();
    let body = to_bytes(body, 64 << 20).await.expect("an answer");
    if body.len() < SLOW_FROM {
        return Response::from_parts(head, Body::from(body));
    }
    faults.slow_answers.fetch_add(1, Ordering::SeqCst);
    let piece = body.len().div_ceil(SLOW_PIECES);
    let pieces = stream::unfold(body, move |mut rest| async move {
        tokio::time::sleep(SLOW_PAUSE).await;
        let piece = rest.split_to(piece.min(rest.len()));
        (!piece.is_empty()).then_some((Ok::<_, Infallible>(piece), rest))
    });
    Response::from_parts(head, Body::from_stream(pieces))
}

async fn misbehave(State(faults): State<Arc<Faults>>, request: Request, next: Next) -> Response {
    if faults.nonsense.load(Ordering::SeqCst) {
        return "<html>It works!</html>".into_response();
    }
    let path = request.uri().path().to_owned();
    if path == paths::HELLO && faults.other_protocol.load(Ordering::SeqCst) {
        return r#"{"protocol":99,"something":"else"}"#.into_response();
    }
    if path == paths::HELLO && faults.newer_protocol_too.load(Ordering::SeqCst) {
        let body = next.run(request).await.into_body();
        let body = to_bytes(body, 1 << 20).await.expect("a greeting");
        let mut hello: Hello = serde_json::from_slice(&body).expect("a greeting");
        hello.spoken.protocol += 3;
        return axum::Json(hello).into_response();
    }
    if path == paths::HELLO {
        faults.greeted.fetch_add(1, Ordering::SeqCst);
    }
    if path == paths::CHANGES && faults.refuses_changes.load(Ordering::SeqCst) {
        return (StatusCode::SERVICE_UNAVAILABLE, "no changes").into_response();
    }
    if path == paths::CHANGES
        && faults.withholds_changes.load(Ordering::SeqCst)
        && !take_one(&faults.answers_changes_first)
    {
        faults.withheld.fetch_add(1, Ordering::SeqCst);
        return std::future::pending().await;
    }
    if path == paths::CHANGES && faults.slows_changes.load(Ordering::SeqCst) {
        return slowly(&faults, next.run(request).await).await;
    }
    if path != paths::PROPOSALS {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.expect("a body");
    let proposal: Proposal = serde_json::from_slice(&body).expect("a proposal");
    faults.seen.lock().unwrap().push(proposal.key);
    if take_one(&faults.busy) {
        return (StatusCode::SERVICE_UNAVAILABLE, "later").into_response();
    }
    let response = next.run(Request::from_parts(head, Body::from(body))).await;
    if take_one(&faults.lose_answers) {
        // Ends the connection without an answer, as a lost one would; no panic message is printed.
        std::panic::resume_unwind(Box::new("the answer is lost"));
    }
    response
}

/// A street with its backend on a port of its own.
pub struct Street {
    pub backend: Backend,
    pub clock: FakeClock,
    pub faults: Arc<Faults>,
    port: u16,
    serving: Option<Background>,
}

impl Street {
    /// Gives an officer another role or another PIN; hashing that takes its time.
    pub async fn put_officer(&self, officer: &Officer, pin: &'static str) {
        let (backend, officer) = (self.backend.clone(), officer.clone());
        let put = tokio::task::spawn_blocking(move || backend.put_officer(&officer, pin)).await;
        put.expect("it does not panic").expect("it is stored");
    }

    /// A street with its backend running.
    pub fn up() -> Self {
        let clock = FakeClock::default();
        let mut street = Self {
            backend: open_backend(&clock),
            clock,
            faults: Arc::default(),
            port: 0,
            serving: None,
        };
        street.come_back();
        street
    }

    /// A street whose backend keeps its data in a directory.
    pub fn up_in(dir: &Path) -> Self {
        let clock = FakeClock::default();
        let mut street = Self {
            backend: open_backend_in(dir, &clock),
            clock,
            faults: Arc::default(),
            port: 0,
            serving: None,
        };
        street.come_back();
        street
    }

    /// The backend is replaced by one on a copy of its data that was made before.
    pub fn restore(&mut self, backup: &Path) {
        self.go_down();
        self.backend = open_backend_in(backup, &self.clock);
    }

    /// The backend's process dies: every connection breaks.
    pub fn go_down(&mut self) {
        self.serving = None;
    }

    /// The backend is back at the same address, with everything that it knew.
    pub fn come_back(&mut self) {
        let serving = Background::start();
        let address = ("127.0.0.1", self.port);
        let listener = serving
            .run(TcpListener::bind(address))
            .expect("the port is free");
        self.port = listener.local_addr().expect("an address").port();
        let router = self
            .backend
            .router()
            .layer(from_fn_with_state(Arc::clone(&self.faults), misbehave));
        serving
            .handle()
            .spawn(async move { axum::serve(listener, router).await });
        self.serving = Some(serving);
    }

    /// Another backend takes the address over; it knows nothing of what the first one did.
    pub fn begin_anew(&mut self) {
        self.go_down();
        self.backend = open_backend_with_key(&self.clock, Some(self.backend.hall_key()));
        self.come_back();
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn caller(&self) -> Caller {
        Caller::new(self.url(), self.backend.hall_key())
    }

    pub fn field(&self) -> Caller {
        Caller::new(self.url(), self.backend.field_key())
    }

    /// Reports a matter.
    pub async fn report(&self, number: u128) -> IncidentId {
        self.caller()
            .report(&builders::report(number, self.clock.now()))
            .await
            .expect("the report is taken")
            .incident
    }

    pub async fn snapshot(&self) -> Snapshot {
        self.caller().snapshot().await
    }

    pub fn seen(&self) -> Vec<IntentKey> {
        self.faults.seen.lock().unwrap().clone()
    }
}

/// Copies the data of a backend at rest.
pub fn back_up(dir: &Path) -> tempfile::TempDir {
    let backup = tempfile::tempdir().expect("a directory");
    for entry in std::fs::read_dir(dir).expect("it is there") {
        let file = entry.expect("it is listed").path();
        let name = file.file_name().expect("a name");
        // The log's shared memory belongs to the running process.
        if !name.to_string_lossy().ends_with("-shm") {
            std::fs::copy(&file, backup.path().join(name)).expect("copied");
        }
    }
    backup
}

fn open_backend_in(dir: &Path, clock: &FakeClock) -> Backend {
    Backend::open(BackendConfig {
        data_dir: Some(dir.to_owned()),
        ..settings_of(clock)
    })
    .expect("the backend opens")
}

fn open_backend(clock: &FakeClock) -> Backend {
    open_backend_with_key(clock, None)
}

fn open_backend_with_key(clock: &FakeClock, hall_key: Option<&str>) -> Backend {
    Backend::open(BackendConfig {
        hall_key: hall_key.map(str::to_owned),
        ..settings_of(clock)
    })
    .expect("the backend opens")
}

/// A backend in memory with the test seed.
fn settings_of(clock: &FakeClock) -> BackendConfig {
    let mut seed = builders::seed();
    let places = [(1, 0.001), (2, 0.002), (3, 0.003), (4, 0.004), (5, 0.005)];
    seed.positions = places
        .map(|(number, east)| {
            let mut place = builders::CENTRE;
            place.lon += east;
            builders::fix(number, place, clock.now())
        })
        .to_vec();
    BackendConfig {
        seed: Some(seed),
        clock: Arc::new(clock.clone()),
        ..BackendConfig::in_memory(builders::rules())
    }
}

/// A clock whose civil time a test turns, while pauses run in real time.
#[derive(Debug, Clone)]
pub struct HallClock {
    pub civil: FakeClock,
    pauses: SystemClock,
    wrong_by_ms: Arc<AtomicI64>,
}

impl HallClock {
    /// A clock that shows what another one shows.
    pub fn of(civil: &FakeClock) -> Self {
        Self {
            civil: civil.clone(),
            pauses: SystemClock::new(),
            wrong_by_ms: Arc::default(),
        }
    }

    /// Somebody sets it so far ahead of what the other one shows, or behind it if negative.
    pub fn set_wrong_by(&self, ms: i64) {
        self.wrong_by_ms.store(ms, Ordering::SeqCst);
    }
}

impl Clock for HallClock {
    fn now(&self) -> Timestamp {
        let wrong_by_ms = self.wrong_by_ms.load(Ordering::SeqCst);
        self.civil.now().plus_ms(wrong_by_ms)
    }

    fn monotonic(&self) -> Duration {
        self.pauses.monotonic()
    }

    /// The time that a test lets pass.
    fn steady(&self) -> Duration {
        let passed_ms = self.civil.now().ms_since(Timestamp::default());
        Duration::from_millis(passed_ms.unsigned_abs())
    }
}

/// Settings of a hall for the street, with short pauses.
pub fn config(street: &Street, dir: &Path) -> HallConfig {
    let mut config = HallConfig::new(dir, street.url(), street.backend.hall_key(), "本街道");
    config.clock = Arc::new(HallClock::of(&street.clock));
    config.pace = short_pauses();
    config
}

/// Pauses that a test does not notice.
pub fn short_pauses() -> Pace {
    Pace {
        poll_wait: Duration::from_millis(400),
        position_pause: Duration::from_millis(5),
        first_backoff: Duration::from_millis(10),
        longest_line_backoff: Duration::from_millis(80),
        longest_send_backoff: Duration::from_millis(80),
        clock_look: Duration::from_millis(20),
        ..Pace::default()
    }
}

/// A hall of the street, opened and started.
pub fn hall(street: &Street, dir: &Path) -> Hall {
    let hall = Hall::open(config(street, dir)).expect("the hall opens");
    hall.start();
    hall
}

/// A database of a hall's directory, opened beside the hall with its key.
pub fn database(dir: &Path, name: &str) -> rusqlite::Connection {
    let keys = sync_engine::store::keys::find(dir, None, Timestamp::default()).expect("the key");
    let opened = encryption::connect(&dir.join(name), &keys.current, encryption::SMALL_PAGES);
    opened.expect("it is read").expect("the key fits")
}

/// Sessions that a backend with its data in a directory knows.
pub fn sessions(dir: &Path) -> i64 {
    let backend = rusqlite::Connection::open(dir.join("backend.db")).expect("it opens");
    let count = backend.query_row("SELECT count(*) FROM sessions", [], |row| row.get(0));
    count.expect("it is read")
}

/// Waits until something is so of which no window hears.
pub async fn until_so(what: &str, is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waiting).await;
    assert!(waited.is_ok(), "in vain waited until {what}");
}

/// Waits until the picture is as wanted.
pub async fn until(hall: &Hall, what: &str, is_so: impl Fn(&Picture) -> bool) -> Picture {
    let mut feed = hall.subscribe(WindowKind::Desk);
    let waiting = async {
        while feed.next_frame().await.is_some() {
            let picture = hall.picture();
            if is_so(&picture) {
                return Some(picture);
            }
        }
        None
    };
    match tokio::time::timeout(PATIENCE, waiting).await {
        Ok(Some(picture)) => picture,
        Ok(None) => panic!("the hall shut down before {what}"),
        Err(_) => {
            let picture = hall.picture();
            panic!(
                "in vain waited until {what}; line {:?}, outbox {:#?}",
                picture.line, picture.outbox
            )
        }
    }
}

pub async fn until_line(hall: &Hall, state: LineState) -> Picture {
    until(hall, &format!("the line is {state:?}"), |p| {
        p.line.state == state
    })
    .await
}

/// A hall that is online, with the duty officer signed in and so many reported incidents shown.
pub async fn staffed_hall(street: &Street, dir: &Path, reports: u128) -> (Hall, Vec<IncidentId>) {
    let mut incidents = Vec::new();
    for number in 1..=reports {
        incidents.push(street.report(number).await);
    }
    let hall = hall(street, dir);
    until(&hall, "everything is shown", |p| {
        p.line.state == LineState::Online
            && p.reference_version > 0
            && p.situation.incidents.len() as u128 == reports
            && p.situation.positions.len() == 5
    })
    .await;
    sign_in(&hall).await;
    (hall, incidents)
}

pub async fn sign_in(hall: &Hall) {
    hall.sign_in(SignInOfficer {
        officer: builders::officer(OfficerRole::DutyOfficer).id,
        pin: builders::PIN.to_owned(),
    })
    .await
    .expect("the officer signs in");
}

pub async fn propose(hall: &Hall, incident: IncidentId) -> ShownProposal {
    hall.propose(Propose { incident })
        .await
        .expect("somebody is proposed")
}

/// The click on a proposal.
pub fn click(proposal: &ShownProposal) -> SendOrder {
    SendOrder {
        key: proposal.keys[0],
        incident: proposal.incident,
        to: proposal.candidates[0].person,
        instruction: proposal.instruction.clone(),
        override_reason: None,
        seen: None,
        replaces: None,
    }
}

/// An order under a key of the test's own.
pub fn order(key: IntentKey, incident: IncidentId, to: u32) -> SendOrder {
    SendOrder {
        key,
        incident,
        to: PersonId(to),
        instruction: "请到现场处置".to_owned(),
        override_reason: None,
        seen: None,
        replaces: None,
    }
}

/// A remark on an incident.
pub fn note(incident: IncidentId, number: u128) -> Act {
    Act {
        key: builders::key(number),
        incident,
        action: domain::trail::Action::Note {
            text: format!("备注 {number}"),
        },
        reason: None,
        seen: None,
        replaces: None,
    }
}

pub fn state_of(picture: &Picture, key: IntentKey) -> Option<OrderState> {
    picture.situation.orders.get(&key).map(domain::Order::state)
}
