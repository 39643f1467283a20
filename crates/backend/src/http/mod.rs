//! The HTTP interface of [`protocol::http`]: reads requests, calls, writes answers.

mod assessment;
mod caller;
mod feeds;
mod field;
mod imports;
mod lingering;
mod reading;
mod reply;
mod serving;
mod sign_in;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use protocol::http::{PROTOCOL_HEADER, paths};
use protocol::{ErrorCode, PROTOCOL_VERSION, Versions};
use tokio::sync::oneshot;

use crate::refusal::Refusal;
use crate::{Shared, StoreError};
pub(crate) use feeds::ChangesReply;
pub(crate) use reading::SnapshotReply;
use reply::refuse;
pub(crate) use serving::{MOST_CONNECTIONS, serve};

/// Largest body of an ordinary request: some 50,000 positions.
const BODY_LIMIT_BYTES: usize = 8 << 20;
/// Largest body of an import: the roads of a district.
const IMPORT_LIMIT_BYTES: usize = 128 << 20;
/// No request takes longer; the longest wait for changes is shorter.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);

/// Shared state of all handlers.
pub(crate) type App = Arc<Shared>;

/// All routes.
pub(crate) fn router(shared: App) -> axum::Router {
    let imports = axum::Router::new()
        .route(paths::IMPORT_ROADS, post(imports::roads))
        .route(paths::IMPORT_PEOPLE, post(imports::people))
        .route(
            paths::IMPORT_RESPONSIBILITY_GRIDS,
            post(imports::responsibility_grids),
        )
        .layer(DefaultBodyLimit::max(IMPORT_LIMIT_BYTES));
    axum::Router::new()
        .route(paths::HELLO, get(reading::hello))
        .route(paths::SIGN_IN, post(sign_in::sign_in))
        .route(paths::SIGN_OUT, post(sign_in::sign_out))
        .route(paths::REFERENCE, get(reading::reference))
        .route(paths::SNAPSHOT, get(reading::snapshot))
        .route(paths::CHANGES, get(feeds::changes))
        .route(
            paths::POSITIONS,
            get(feeds::positions).post(field::take_positions),
        )
        .route(paths::PROPOSALS, post(sign_in::propose))
        .route(paths::OFFICERS, get(sign_in::standings))
        .route(paths::INCIDENT_TRAIL, get(reading::trail))
        .route(paths::REPORT_PLACES, get(reading::report_places))
        .route(paths::ASSESSMENT, get(assessment::assessment))
        .route(paths::REPORTS, post(field::report))
        .route(paths::FIELD_RECEIPTS, post(field::receipt))
        .route(paths::FIELD_ORDERS, get(feeds::field_orders))
        .layer(DefaultBodyLimit::max(BODY_LIMIT_BYTES))
        .merge(imports)
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(middleware::from_fn(frame))
        .with_state(shared)
}

/// Around every request: the protocol version in both directions, and a limit on its time.
async fn frame(request: Request, next: Next) -> Response {
    let mut response = match check_version(&request) {
        Err(refusal) => refuse(&refusal),
        Ok(()) => tokio::time::timeout(REQUEST_TIMEOUT, next.run(request))
            .await
            .unwrap_or_else(|_| too_slow()),
    };
    response
        .headers_mut()
        .insert(PROTOCOL_HEADER, HeaderValue::from(PROTOCOL_VERSION));
    response
}

/// [`paths::HELLO`] is answered to everybody, because it tells which version is spoken here.
fn check_version(request: &Request) -> Result<(), Refusal> {
    if request.uri().path() == paths::HELLO {
        return Ok(());
    }
    let spoken = request
        .headers()
        .get(PROTOCOL_HEADER)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("-");
    if spoken.parse().is_ok_and(|v| Versions::OURS.include(v)) {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorCode::ProtocolMismatch,
        format!("通信协议版本不符：后台 {PROTOCOL_VERSION}，对方 {spoken}，请升级较旧的一方"),
        format!(
            "the backend speaks protocol {PROTOCOL_VERSION}, the request {spoken} \
             (header {PROTOCOL_HEADER}): update the older side"
        ),
    ))
}

fn too_slow() -> Response {
    let problem = Refusal::new(
        ErrorCode::Unreachable,
        "请求超时，请重试",
        "the request took too long: try again",
    )
    .problem();
    (StatusCode::REQUEST_TIMEOUT, axum::Json(problem)).into_response()
}

async fn no_such_path(request: Request) -> Response {
    refuse(&Refusal::not_found(
        format!("没有此接口：{}", request.uri().path()),
        format!("there is no {} here", request.uri().path()),
    ))
}

async fn no_such_method(request: Request) -> Response {
    let problem = Refusal::bad_request(
        format!("此接口不支持 {}", request.method()),
        format!(
            "{} does not take {}",
            request.uri().path(),
            request.method()
        ),
    )
    .problem();
    (StatusCode::METHOD_NOT_ALLOWED, axum::Json(problem)).into_response()
}

/// Runs work on the store beside the asynchronous tasks.
async fn blocking<T: Send + 'static>(
    shared: &App,
    work: impl FnOnce(&Shared) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let shared = Arc::clone(shared);
    let done = tokio::task::spawn_blocking(move || work(&shared)).await;
    done.unwrap_or_else(|error| failed_inside(&error))
}

fn failed_inside<T>(cause: &dyn std::error::Error) -> Result<T, Refusal> {
    tracing::error!(%cause, "a request failed inside");
    Err(Refusal::new(
        ErrorCode::Internal,
        "后台内部错误，见日志",
        "the backend failed inside, see its log",
    ))
}

/// Takes the answer of work that goes on for a moment after it.
#[derive(Debug)]
struct Answerer<T>(oneshot::Sender<Result<T, Refusal>>);

impl<T> Answerer<T> {
    fn give(self, answer: Result<T, Refusal>) {
        // Nobody waits any more when the caller has hung up; the work is done all the same.
        self.0.send(answer).ok();
    }
}

/// The same, no longer than until the work gives its answer.
async fn blocking_until_answered<T: Send + 'static>(
    shared: &App,
    work: impl FnOnce(&Shared, Answerer<T>) + Send + 'static,
) -> Result<T, Refusal> {
    let shared = Arc::clone(shared);
    let (answer, answered) = oneshot::channel();
    tokio::task::spawn_blocking(move || work(&shared, Answerer(answer)));
    // The other end is dropped by a panic, which its hook has reported, or by the end of the runtime.
    answered.await.unwrap_or_else(|error| failed_inside(&error))
}

/// Runs a read of the store beside the asynchronous tasks.
async fn reading_store<T: Send + 'static>(
    shared: &App,
    work: impl FnOnce(&rusqlite::Connection) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Refusal> {
    blocking(shared, move |shared| {
        Ok(shared.store.read(|db| work(db))?)
    })
    .await
}
