//! Answers: values as JSON, refusals as [`protocol::http::Problem`] with a fitting status.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use protocol::ErrorCode;
use protocol::http::{LogId, LogPlace};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::App;
use crate::refusal::Refusal;

/// What every handler returns.
pub type Answer<T> = Result<Json<T>, Rejected>;

/// A refusal on its way out.
#[derive(Debug)]
pub struct Rejected(pub Response);

impl From<Refusal> for Rejected {
    fn from(refusal: Refusal) -> Self {
        Self(refuse(&refusal))
    }
}

impl IntoResponse for Rejected {
    fn into_response(self) -> Response {
        self.0
    }
}

/// The answer to a refused request.
pub fn refuse(refusal: &Refusal) -> Response {
    if matches!(refusal, Refusal::Store(_)) {
        tracing::error!(error = %refusal, "the store failed");
    }
    (status(refusal.code()), Json(refusal.problem())).into_response()
}

const fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::BadRequest => StatusCode::BAD_REQUEST,
        ErrorCode::SignInNeeded | ErrorCode::WrongPin => StatusCode::UNAUTHORIZED,
        ErrorCode::TooManyAttempts => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Forbidden => StatusCode::FORBIDDEN,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::NotAllowedNow | ErrorCode::Conflict => StatusCode::CONFLICT,
        ErrorCode::ProtocolMismatch => StatusCode::UPGRADE_REQUIRED,
        ErrorCode::CursorTooOld | ErrorCode::OtherLog => StatusCode::GONE,
        ErrorCode::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::StorageFailed => StatusCode::INSUFFICIENT_STORAGE,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The bytes of a body within its limit.
#[derive(Debug)]
pub struct Body(pub Bytes);

impl FromRequest<App> for Body {
    type Rejection = Rejected;

    async fn from_request(request: Request, app: &App) -> Result<Self, Self::Rejection> {
        Bytes::from_request(request, app)
            .await
            .map(Self)
            .map_err(|rejection| {
                let problem = Refusal::bad_request(
                    "请求内容过大或中断，请分批发送",
                    format!(
                        "the body cannot be read: {}; send it in smaller parts",
                        rejection.body_text()
                    ),
                )
                .problem();
                Rejected((rejection.status(), Json(problem)).into_response())
            })
    }
}

impl Body {
    /// The value of the body's JSON.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_slice(&self.0).map_err(|error| malformed(&error))
    }

    /// The values of a JSON list, with a sentence for each item that is none of them. The usual
    /// case, in which all are, is read in one go.
    pub fn parse_list<T: DeserializeOwned>(&self) -> Result<(Vec<T>, Vec<String>), Refusal> {
        if let Ok(all) = serde_json::from_slice(&self.0) {
            return Ok((all, Vec::new()));
        }
        let items: Vec<serde_json::Value> = self.parse()?;
        let (mut sound, mut broken) = (Vec::new(), Vec::new());
        for (index, item) in items.into_iter().enumerate() {
            match serde_json::from_value(item) {
                Ok(item) => sound.push(item),
                Err(error) => broken.push(format!(
                    "第 {0} 项有误 / item {0} is malformed: {error}",
                    index + 1
                )),
            }
        }
        Ok((sound, broken))
    }
}

fn malformed(error: &serde_json::Error) -> Refusal {
    Refusal::bad_request(
        format!(
            "请求内容有误，第 {} 行第 {} 列",
            error.line(),
            error.column()
        ),
        format!("the body is malformed: {error}"),
    )
}

/// After what, and how long to wait for it.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Poll {
    /// Cursor; 0 for the beginning.
    #[serde(default)]
    pub after: u64,
    /// The log that the cursor belongs to, where the caller says so.
    #[serde(default)]
    pub log: Option<LogId>,
    /// Milliseconds to wait for something new.
    #[serde(default)]
    pub wait_ms: u64,
    /// Whether a gateway of the field also wants the orders of drills, which it marks.
    #[serde(default)]
    pub drills: bool,
}

impl Poll {
    /// How far the caller has come in which log, where it says so.
    pub fn place(&self) -> Option<LogPlace> {
        self.log.clone().map(|log| LogPlace {
            log,
            cursor: self.after,
        })
    }
}

impl FromRequestParts<App> for Poll {
    type Rejection = Rejected;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Query::<Self>::from_request_parts(parts, app)
            .await
            .map(|Query(poll)| poll)
            .map_err(|rejection| {
                Refusal::bad_request(
                    "查询参数有误，应为 ?after=数字&wait_ms=毫秒",
                    format!(
                        "the query is no ?after=CURSOR&wait_ms=MS: {}",
                        rejection.body_text()
                    ),
                )
                .into()
            })
    }
}
