//! The duty log and the handover of the desk.

use protocol::UiError;
use protocol::commands::{HandOver, HandoverSheet, LogDuty};
use tauri::State;

use crate::state::Shell;

/// See [`LogDuty`].
#[tauri::command]
pub async fn log_duty(shell: State<'_, Shell>, args: LogDuty) -> Result<(), UiError> {
    shell.hall.log_duty(args).await
}

/// See [`HandOver`].
#[tauri::command]
pub async fn hand_over(shell: State<'_, Shell>, args: HandOver) -> Result<HandoverSheet, UiError> {
    shell.hall.hand_over(args).await
}
