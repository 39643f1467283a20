//! The bridge to the shell: typed commands, the feed and the beat.
//!
//! Nothing else in this crate touches the shell, so another transport (a desk in a browser) needs
//! changes in [`transport`] only.

pub mod beat;
pub mod feed;
pub mod transport;

use protocol::commands::Command;
use protocol::{ErrorCode, UiError};

use crate::strings;

/// Calls a command of the shell.
pub async fn call<C: Command>(args: C) -> Result<C::Reply, UiError> {
    let args = serde_json::to_string(&args).map_err(|e| wrong_shape(C::NAME, &e))?;
    let reply = transport::invoke(C::NAME, &args).await;
    let reply = reply.map_err(|error| UiError {
        message: strings::message(&error.message),
        ..error
    })?;
    serde_json::from_str(&reply).map_err(|e| wrong_shape(C::NAME, &e))
}

fn wrong_shape(command: &str, cause: &serde_json::Error) -> UiError {
    UiError::fatal(
        ErrorCode::Internal,
        format!("the command {command} has another shape on the other side: {cause}"),
    )
}
