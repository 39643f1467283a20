//! Sends the hall's feed to a window over one IPC channel of raw bytes.

#![allow(
    clippy::let_underscore_must_use,
    reason = "tauri's command macro expands to it in every handler"
)]

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tauri::ipc::{Channel, InvokeResponseBody};
use tauri::{State, WebviewWindow};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::state::{Shell, kind_of};

/// Frames that a window may be behind, about five seconds of them. What comes meanwhile waits in the
/// feed, which is bounded: a window that was further behind gets a snapshot.
const MOST_BEHIND: u64 = 50;

/// The running feed of each window.
#[derive(Default)]
pub struct Feeds {
    running: Mutex<HashMap<String, Running>>,
}

struct Running {
    task: JoinHandle<()>,
    /// Frames that the window says to have taken.
    taken: watch::Sender<u64>,
}

impl Feeds {
    fn running(&self) -> MutexGuard<'_, HashMap<String, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A window has taken so many frames since it subscribed.
    pub fn note_taken(&self, label: &str, frames: u64) {
        if let Some(running) = self.running().get(label) {
            running.taken.send_replace(frames);
        }
    }

    /// The window is closed: nothing waits for it any more.
    pub fn end(&self, label: &str) {
        if let Some(running) = self.running().remove(label) {
            running.task.abort();
        }
    }

    fn begin(&self, label: &str, taken: watch::Sender<u64>, task: JoinHandle<()>) {
        let before = self
            .running()
            .insert(label.to_owned(), Running { task, taken });
        if let Some(before) = before {
            before.task.abort();
        }
    }
}

/// Waits until a window to which so many frames were sent is not too far behind; `false` when its feed
/// has ended.
async fn keeps_up(sent: u64, taken: &mut watch::Receiver<u64>) -> bool {
    let is_near = |taken: &u64| sent.saturating_sub(*taken) < MOST_BEHIND;
    taken.wait_for(is_near).await.is_ok()
}

/// Starts the feed of the calling window; a feed that it had before ends.
#[tauri::command]
pub async fn subscribe_feed(
    window: WebviewWindow,
    shell: State<'_, Shell>,
    feeds: State<'_, Feeds>,
    channel: Channel<InvokeResponseBody>,
) -> Result<(), protocol::UiError> {
    let mut feed = shell.hall.subscribe(kind_of(window.label()));
    let (taken, mut told) = watch::channel(0);
    let task = tokio::spawn(async move {
        let mut sent = 0;
        while keeps_up(sent, &mut told).await
            && let Some(frame) = feed.next_frame().await
            && channel.send(InvokeResponseBody::Raw(frame)).is_ok()
        {
            sent += 1;
        }
    });
    feeds.begin(window.label(), taken, task);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_window_that_does_not_keep_up_is_sent_no_more_until_it_has() {
        let (taken, mut told) = watch::channel(0);
        assert!(keeps_up(MOST_BEHIND - 1, &mut told).await);
        let waits =
            tokio::time::timeout(Duration::from_millis(50), keeps_up(MOST_BEHIND, &mut told));
        assert!(waits.await.is_err(), "it beats and takes nothing");
        taken.send_replace(1);
        assert!(keeps_up(MOST_BEHIND, &mut told).await);
        // The count of a page that was loaded anew begins again, an old one may come late.
        taken.send_replace(10_000);
        assert!(keeps_up(3, &mut told).await);
        drop(taken);
        assert!(!keeps_up(MOST_BEHIND + 10_000, &mut told).await);
    }
}
