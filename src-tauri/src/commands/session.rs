//! The officer's session, the line, and what the officer shows on the wall.

use protocol::UiError;
use protocol::commands::{Officer, SetLink, ShowOnWall, SignInOfficer, SignOut};
use tauri::State;

use crate::state::Shell;

/// See [`SignInOfficer`].
#[tauri::command]
pub async fn sign_in(shell: State<'_, Shell>, args: SignInOfficer) -> Result<Officer, UiError> {
    shell.hall.sign_in(args).await
}

/// See [`SignOut`].
#[tauri::command]
pub async fn sign_out(shell: State<'_, Shell>, args: SignOut) -> Result<(), UiError> {
    let SignOut {} = args;
    shell.hall.sign_out().await
}

/// See [`SetLink`].
#[tauri::command]
pub async fn set_link(shell: State<'_, Shell>, args: SetLink) -> Result<(), UiError> {
    shell.hall.set_link(args).await
}

/// See [`ShowOnWall`].
#[tauri::command]
pub async fn show_on_wall(shell: State<'_, Shell>, args: ShowOnWall) -> Result<usize, UiError> {
    shell.hall.show_on_wall(args)
}
