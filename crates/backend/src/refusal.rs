//! What the backend answers when it does not do what was asked.

use domain::conflicts::Conflict;
use domain::incidents::ActionRefused;
use protocol::ErrorCode;
use protocol::http::Problem;

use crate::store::StoreError;
use crate::words;

/// A request that was not carried out; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The request, its sender or the moment is at fault.
    #[error("{zh} / {en}")]
    Refused {
        /// For programs.
        code: ErrorCode,
        /// What, where and what to do, in Chinese.
        zh: String,
        /// The same in English.
        en: String,
    },
    /// Others have acted since the officer saw the incident.
    #[error("{zh} / {en}")]
    Conflict {
        /// What happened, in Chinese.
        zh: String,
        /// The same in English.
        en: String,
        /// How the incident stands, and what was done to it since.
        conflict: Box<Conflict>,
    },
    /// The store failed.
    #[error("数据库出错 / the database failed: {0}")]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Refusal {
    /// A refusal with its sentence in both languages.
    pub fn new(code: ErrorCode, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Refused {
            code,
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// A malformed request.
    pub fn bad_request(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadRequest, zh, en)
    }

    /// Something that does not exist.
    pub fn not_found(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotFound, zh, en)
    }

    /// Something that is not possible at this moment.
    pub fn not_now(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotAllowedNow, zh, en)
    }

    /// What the domain refused, with the incident that it is about.
    pub fn of_action(why: &ActionRefused, incident: domain::IncidentId) -> Self {
        let code = match why {
            ActionRefused::NotForThisTaker { .. } => ErrorCode::Forbidden,
            ActionRefused::FieldNeeded { .. }
            | ActionRefused::DuplicateOfItself
            | ActionRefused::UnknownCondition { .. } => ErrorCode::BadRequest,
            ActionRefused::NotInThisState { .. }
            | ActionRefused::ExtensionsUsedUp
            | ActionRefused::UnknownCategory { .. }
            | ActionRefused::PastReturner { .. }
            | ActionRefused::ReplyOwed
            | ActionRefused::NotSupervised
            | ActionRefused::AssistantsUnderWay { .. }
            | ActionRefused::OrderNotUnderWay { .. }
            | ActionRefused::OrderUnderWay { .. }
            | ActionRefused::LeadFirst
            | ActionRefused::NotConvened { .. }
            | ActionRefused::DuplicateChain => ErrorCode::NotAllowedNow,
        };
        Self::new(
            code,
            format!("案件 {incident}：{}", words::refused(why)),
            format!("incident {incident}: {why}"),
        )
    }

    /// The code for programs.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Refused { code, .. } => *code,
            Self::Conflict { .. } => ErrorCode::Conflict,
            Self::Store(error) if error.is_storage_failure() => ErrorCode::StorageFailed,
            Self::Store(_) => ErrorCode::Internal,
        }
    }

    /// The body of the reply.
    pub fn problem(&self) -> Problem {
        Problem {
            code: self.code(),
            message: self.to_string(),
            conflict: match self {
                Self::Conflict { conflict, .. } => Some(conflict.clone()),
                Self::Refused { .. } | Self::Store(_) => None,
            },
        }
    }
}
