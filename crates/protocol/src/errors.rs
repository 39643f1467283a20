//! Error codes: one exists only where a consumer branches on it.

use serde::{Deserialize, Serialize};

/// What went wrong, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The request is malformed: fix it, do not repeat it.
    BadRequest,
    /// No or wrong key, or the officer's session has ended: sign in again; nothing is lost.
    SignInNeeded,
    /// Name or PIN wrong.
    WrongPin,
    /// Too many wrong PINs: wait.
    TooManyAttempts,
    /// The role may not do this.
    Forbidden,
    /// No such incident, order or person.
    NotFound,
    /// The life cycle or the order table does not allow it now; `message` says why.
    NotAllowedNow,
    /// Others have acted on the incident since the officer saw it; what they did comes along, and
    /// nothing was carried out.
    Conflict,
    /// The two sides speak different protocol versions: update one of them.
    ProtocolMismatch,
    /// The cursor is older than the change log, or of another one: take a snapshot.
    CursorTooOld,
    /// The request was meant for a backend that writes another log; nothing was carried out. Greet
    /// anew and send it again.
    OtherLog,
    /// The backend cannot be reached; orders stay queued.
    Unreachable,
    /// The disk is full or the database cannot be written; nothing was queued.
    StorageFailed,
    /// A fault of the program itself.
    Internal,
}

/// An error as a window gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct UiError {
    /// For programs.
    pub code: ErrorCode,
    /// For people: what, where and what to do.
    pub message: String,
    /// Whether the same call may succeed later.
    pub retryable: bool,
}

impl UiError {
    /// An error that repeating will not mend.
    pub fn fatal(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retryable: false,
        }
    }

    /// An error that may go away by itself.
    pub fn retryable(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retryable: true,
        }
    }
}
