//! Sends the hall's feed to a window over one IPC channel of raw bytes.

#![allow(
    clippy::let_underscore_must_use,
    reason = "tauri's command macro expands to it in every handler"
)]

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tauri::ipc::{Channel, InvokeResponseBody};
use tauri::{State, WebviewWindow};
use tokio::task::JoinHandle;

use crate::state::{Shell, kind_of};

/// The running feed of each window.
#[derive(Default)]
pub struct Feeds {
    running: Mutex<HashMap<String, JoinHandle<()>>>,
}

/// Starts the feed of the calling window; a feed that it had before ends. What piles up for a
/// window that does not read is bounded by the watchdog, which reloads it after five seconds.
#[tauri::command]
pub async fn subscribe_feed(
    window: WebviewWindow,
    shell: State<'_, Shell>,
    feeds: State<'_, Feeds>,
    channel: Channel<InvokeResponseBody>,
) -> Result<(), protocol::UiError> {
    let mut feed = shell.hall.subscribe(kind_of(window.label()));
    let task = tokio::spawn(async move {
        while let Some(frame) = feed.next_frame().await {
            if channel.send(InvokeResponseBody::Raw(frame)).is_err() {
                break;
            }
        }
    });
    let before = feeds
        .running
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(window.label().to_owned(), task);
    if let Some(before) = before {
        before.abort();
    }
    Ok(())
}
