//! A tile server on the loopback that answers as the test says, and remembers what it was asked.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// An answer in the making.
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    never: bool,
}

impl Reply {
    /// A status with nothing else.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            never: false,
        }
    }

    /// A body with status 200.
    pub fn body(body: &[u8]) -> Self {
        Self {
            body: body.to_vec(),
            ..Self::status(200)
        }
    }

    /// No answer at all.
    pub fn never() -> Self {
        Self {
            never: true,
            ..Self::status(200)
        }
    }

    /// With a header.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

type Script = Box<dyn Fn(&str, &HeaderMap) -> Reply + Send + Sync>;

struct Shared {
    script: Mutex<Script>,
    asked: Mutex<Vec<String>>,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    /// What lets requests through; all of them unless [`Server::hold`] took it away.
    gate: Semaphore,
}

/// The running server.
pub struct Server {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    serving: Mutex<Option<JoinHandle<()>>>,
}

const OPEN_GATE: usize = 1_000_000;

impl Server {
    /// Answers every request with the script.
    pub fn start(
        runtime: &tokio::runtime::Runtime,
        script: impl Fn(&str, &HeaderMap) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let shared = Arc::new(Shared {
            script: Mutex::new(Box::new(script)),
            asked: Mutex::default(),
            at_once: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
            gate: Semaphore::new(OPEN_GATE),
        });
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(answer).with_state(shared.clone());
        let serving = runtime.spawn(async move {
            axum::serve(listener, router).await.expect("serving");
        });
        Self {
            address,
            shared,
            serving: Mutex::new(Some(serving)),
        }
    }

    /// Answers otherwise from now on.
    pub fn answer(&self, script: impl Fn(&str, &HeaderMap) -> Reply + Send + Sync + 'static) {
        *self.shared.script.lock().expect("the script") = Box::new(script);
    }

    /// The paths asked for since the last call.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.asked.lock().expect("the list"))
    }

    /// Holds requests from now on; [`Server::let_through`] lets some of them go.
    pub fn hold(&self) {
        self.shared.gate.forget_permits(OPEN_GATE);
    }

    pub fn let_through(&self, requests: usize) {
        self.shared.gate.add_permits(requests);
    }

    /// Requests that wait at the gate or are being answered.
    pub fn at_once(&self) -> usize {
        self.shared.at_once.load(Ordering::SeqCst)
    }

    pub fn most_at_once(&self) -> usize {
        self.shared.most_at_once.load(Ordering::SeqCst)
    }

    /// Takes the server off the line.
    pub fn stop(&self, runtime: &tokio::runtime::Runtime) {
        if let Some(serving) = self.serving.lock().expect("the task").take() {
            serving.abort();
            assert!(runtime.block_on(serving).is_err(), "it was serving");
        }
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let path = request.uri().path_and_query().map(ToString::to_string);
    let path = path.unwrap_or_default();
    shared.asked.lock().expect("the list").push(path.clone());
    let now = shared.at_once.fetch_add(1, Ordering::SeqCst) + 1;
    shared.most_at_once.fetch_max(now, Ordering::SeqCst);
    let passed = shared.gate.acquire().await.expect("the gate stands");
    passed.forget();
    let reply = (shared.script.lock().expect("the script"))(&path, request.headers());
    shared.at_once.fetch_sub(1, Ordering::SeqCst);
    if reply.never {
        std::future::pending::<()>().await;
    }
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(reply.body)).expect("a response")
}
