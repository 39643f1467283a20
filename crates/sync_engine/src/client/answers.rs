//! What an answer of the backend says: a value, a refusal, or nothing that a backend of ours says.

use protocol::errors::ErrorCode;
use protocol::http::Problem;
use reqwest::StatusCode;
use serde::de::DeserializeOwned;

use super::CallError;

/// From this size on, decoding gets a thread of its own, in bytes.
const LARGE_BODY: usize = 256 << 10;

/// The value in an answer.
pub async fn decode<T: DeserializeOwned + Send + 'static>(
    path: String,
    body: Vec<u8>,
) -> Result<T, CallError> {
    if body.len() < LARGE_BODY {
        return serde_json::from_slice(&body).map_err(|e| nonsense(&path, &e));
    }
    tokio::task::spawn_blocking(move || {
        serde_json::from_slice(&body).map_err(|e| nonsense(&path, &e))
    })
    .await
    .unwrap_or_else(|e| {
        Err(CallError::Nonsense(format!(
            "the answer could not be decoded: {e}"
        )))
    })
}

/// What came is no answer to this question.
pub fn nonsense(path: &str, error: &serde_json::Error) -> CallError {
    CallError::Nonsense(format!(
        "{path} 的应答不是本系统后台的内容，请检查地址 / \
         the answer to {path} is not what a streethall backend says: {error}"
    ))
}

/// Says what an error status means. Only an answer that is recognisably the backend's own may
/// refuse something for good; a proxy or a captive portal between us must not.
pub fn failure(status: StatusCode, path: &str, body: &[u8], speaks_ours: bool) -> CallError {
    if let Ok(problem) = serde_json::from_slice::<Problem>(body) {
        return match problem.code {
            ErrorCode::TooManyAttempts
            | ErrorCode::Unreachable
            | ErrorCode::StorageFailed
            | ErrorCode::Internal => CallError::Busy {
                status: status.as_u16(),
                detail: problem.message,
                code: Some(problem.code),
            },
            _ => CallError::Refused(problem),
        };
    }
    let detail: String = String::from_utf8_lossy(body).chars().take(200).collect();
    if speaks_ours && matches!(status.as_u16(), 400 | 413 | 415 | 422) {
        return CallError::Refused(Problem {
            code: ErrorCode::BadRequest,
            message: format!("the backend cannot read the request: {detail}"),
            conflict: None,
        });
    }
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return CallError::Busy {
            status: status.as_u16(),
            detail,
            code: None,
        };
    }
    CallError::Nonsense(format!(
        "{path} 应答 {status}，不是本系统的后台，请检查地址 / \
         {path} answers with status {status}, not as a streethall backend does; check the address"
    ))
}
