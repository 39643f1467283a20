//! What ends a session with the backend, and which state of the line that is.

use protocol::errors::ErrorCode;
use protocol::feed::LineState;

use crate::client::CallError;
use crate::errors::StoreError;

/// The end of a session.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// What came could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no place in the log to go on from.
    #[error("the cache has no place in the backend's log")]
    NoPlace,
    /// The change log contradicts itself.
    #[error("the backend's change log is out of order: change {next} after {before}")]
    OutOfOrder {
        /// Cursor of the change before.
        before: u64,
        /// Cursor of the offending change.
        next: u64,
    },
}

impl Trouble {
    /// The state of the line.
    pub const fn state(&self) -> LineState {
        match self {
            Self::Call(CallError::Unreachable { .. } | CallError::Busy { .. })
            | Self::Store(_)
            | Self::NoPlace => LineState::Offline,
            Self::Call(CallError::Refused(problem)) => match problem.code {
                ErrorCode::ProtocolMismatch => LineState::ProtocolMismatch,
                ErrorCode::SignInNeeded | ErrorCode::Forbidden => LineState::KeyRefused,
                ErrorCode::BadRequest | ErrorCode::NotFound => LineState::Nonsense,
                _ => LineState::Offline,
            },
            Self::Call(CallError::OtherProtocol { .. }) => LineState::ProtocolMismatch,
            Self::Call(CallError::Nonsense(_)) | Self::OutOfOrder { .. } => LineState::Nonsense,
        }
    }
}
