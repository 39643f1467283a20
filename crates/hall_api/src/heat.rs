//! What the heat map needs and the hall no longer holds.

use protocol::commands::GetReports;
use protocol::heat::ReportPlaces;
use protocol::{ErrorCode, UiError};
use sync_engine::client::CallError;

use crate::Hall;
use crate::errors::both;

impl Hall {
    /// Where something was reported in a span of time, as the backend has it.
    pub async fn get_reports(&self, command: GetReports) -> Result<ReportPlaces, UiError> {
        self.engine()
            .reports(command.from, command.until)
            .await
            .map_err(|error| of_reading(&error))
    }
}

/// Why the backend has not told.
fn of_reading(error: &CallError) -> UiError {
    match error {
        CallError::Refused(problem) => UiError::fatal(problem.code, problem.message.clone()),
        CallError::OtherProtocol { .. } => UiError::fatal(
            ErrorCode::ProtocolMismatch,
            both("后台协议版本不同，无法查询", &error.to_string()),
        ),
        CallError::Unreachable { .. } | CallError::Busy { .. } | CallError::Nonsense(_) => {
            UiError::retryable(
                ErrorCode::Unreachable,
                both(
                    "后台无法连接，热力图只含本机数据",
                    &format!(
                        "the backend cannot be reached, the heat map shows what the hall holds: {error}"
                    ),
                ),
            )
        }
    }
}
