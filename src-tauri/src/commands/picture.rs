//! Reading: settings, reference data, trails, places of reports; and what a window says of itself: its sign of life and its map's style.

use protocol::commands::{
    Beat, GetReference, GetReports, GetSettings, GetTrail, NoteMapStyle, Settings,
};
use protocol::heat::ReportPlaces;
use protocol::{Reference, UiError};
use tauri::{State, WebviewWindow};

use crate::feed::Feeds;
use crate::state::{Shell, kind_of};

type Trail = Vec<protocol::commands::TrailEntry>;

/// See [`GetSettings`].
#[tauri::command]
pub async fn get_settings(
    window: WebviewWindow,
    shell: State<'_, Shell>,
    args: GetSettings,
) -> Result<Settings, UiError> {
    let GetSettings {} = args;
    Ok(shell.settings_of(window.label()).await)
}

/// See [`GetReference`].
#[tauri::command]
pub async fn get_reference(
    window: WebviewWindow,
    shell: State<'_, Shell>,
    args: GetReference,
) -> Result<Option<Reference>, UiError> {
    let GetReference {} = args;
    shell.hall.get_reference(kind_of(window.label())).await
}

/// See [`GetTrail`].
#[tauri::command]
pub async fn get_trail(shell: State<'_, Shell>, args: GetTrail) -> Result<Trail, UiError> {
    shell.hall.get_trail(args).await
}

/// See [`GetReports`].
#[tauri::command]
pub async fn get_reports(
    shell: State<'_, Shell>,
    args: GetReports,
) -> Result<ReportPlaces, UiError> {
    shell.hall.get_reports(args).await
}

/// See [`Beat`].
#[tauri::command]
pub async fn beat(
    window: WebviewWindow,
    shell: State<'_, Shell>,
    feeds: State<'_, Feeds>,
    args: Beat,
) -> Result<(), UiError> {
    feeds.note_taken(window.label(), args.frames_taken);
    shell.watchdog.beat(window.label(), args.map_ready);
    shell.figures.take_beat(window.label(), &args);
    Ok(())
}

/// See [`NoteMapStyle`].
#[tauri::command]
pub async fn note_map_style(shell: State<'_, Shell>, args: NoteMapStyle) -> Result<(), UiError> {
    shell.style_notes.take(&shell.own_styles, &args);
    Ok(())
}
