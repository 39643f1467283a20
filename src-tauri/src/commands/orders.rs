//! Orders and the other steps on incidents.

use protocol::UiError;
use protocol::commands::{
    Act, Command, DropProposal, Propose, RetryParked, SendAnyway, SendOrder, SetMode,
    ShownProposal, TakeReport, WithdrawOrder, Withdrawal,
};
use tauri::State;

use crate::state::Shell;

/// See [`Propose`].
#[tauri::command]
pub async fn propose(shell: State<'_, Shell>, args: Propose) -> Result<ShownProposal, UiError> {
    shell.hall.propose(args).await
}

/// See [`SendOrder`].
#[tauri::command]
pub async fn send_order(shell: State<'_, Shell>, args: SendOrder) -> Result<(), UiError> {
    shell.hall.send_order(args).await
}

/// See [`WithdrawOrder`].
#[tauri::command]
pub async fn withdraw_order(
    shell: State<'_, Shell>,
    args: WithdrawOrder,
) -> Result<Withdrawal, UiError> {
    shell.hall.withdraw_order(args).await
}

/// See [`Act`].
#[tauri::command]
pub async fn act(shell: State<'_, Shell>, args: Act) -> Result<(), UiError> {
    shell.hall.act(args).await
}

/// See [`SetMode`].
#[tauri::command]
pub async fn set_mode(shell: State<'_, Shell>, args: SetMode) -> Result<(), UiError> {
    shell.hall.set_mode(args).await
}

/// See [`RetryParked`].
#[tauri::command]
pub async fn retry_parked(shell: State<'_, Shell>, args: RetryParked) -> Result<(), UiError> {
    shell.hall.retry_parked(args).await
}

/// See [`SendAnyway`].
#[tauri::command]
pub async fn send_anyway(shell: State<'_, Shell>, args: SendAnyway) -> Result<(), UiError> {
    shell.hall.send_anyway(args).await
}

/// See [`DropProposal`].
#[tauri::command]
pub async fn drop_proposal(shell: State<'_, Shell>, args: DropProposal) -> Result<(), UiError> {
    shell.hall.drop_proposal(args).await
}

/// See [`TakeReport`].
#[tauri::command]
pub async fn take_report(
    shell: State<'_, Shell>,
    args: TakeReport,
) -> Result<<TakeReport as Command>::Reply, UiError> {
    shell.hall.take_report(args).await
}
