//! Reloads a window whose web process hangs: every page beats once a second, and five seconds of
//! silence end its process and load it anew.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use protocol::feed::NoticeKind;
use tauri::{AppHandle, Manager};
use tokio::time::Instant;

use crate::platform;
use crate::state::Shell;

/// Silence after which a window counts as hung.
const SILENCE: Duration = Duration::from_secs(5);
/// While the map draws its first picture, compiling shaders and filling caches, a page on a machine
/// without a GPU may be silent for longer without being hung.
const SILENCE_BEFORE_MAP: Duration = Duration::from_secs(20);
/// A page that is being loaded may take this long to its first beat.
const LOADING: Duration = Duration::from_mins(1);
const LOOK: Duration = Duration::from_secs(1);

/// Until when a window must beat.
#[derive(Clone, Copy)]
struct Due {
    at: Instant,
    /// Its page is being loaded and has not beaten yet.
    is_loading: bool,
}

impl Due {
    fn of_loading(now: Instant) -> Self {
        Self {
            at: now + LOADING,
            is_loading: true,
        }
    }
}

/// Until when each window must beat.
#[derive(Default)]
pub struct Watchdog {
    due: Mutex<HashMap<String, Due>>,
    revived: Mutex<HashSet<String>>,
}

impl Watchdog {
    /// The window is alive, and its map has or has not drawn a first picture.
    pub fn beat(&self, label: &str, map_ready: bool) {
        self.beat_at(label, map_ready, Instant::now());
        if locked(&self.revived).remove(label) {
            tracing::info!(label, "the window is alive again");
        }
    }

    /// The window begins to load, for the first time or anew.
    pub fn loading(&self, label: &str) {
        self.loading_at(label, Instant::now());
    }

    fn beat_at(&self, label: &str, map_ready: bool, now: Instant) {
        let patience = if map_ready {
            SILENCE
        } else {
            SILENCE_BEFORE_MAP
        };
        let mut due = Due {
            at: now + patience,
            is_loading: false,
        };
        let mut dues = locked(&self.due);
        // A page beats before it has a map. A beat with one is the last of the page that is left,
        // come late, and takes no time from the page that is loaded.
        if map_ready && let Some(loading) = dues.get(label).filter(|due| due.is_loading) {
            due.at = due.at.max(loading.at);
            due.is_loading = true;
        }
        dues.insert(label.to_owned(), due);
    }

    fn loading_at(&self, label: &str, now: Instant) {
        locked(&self.due).insert(label.to_owned(), Due::of_loading(now));
    }

    /// The whole machine was suspended, nobody could beat: all windows get a new chance.
    fn resumed(&self, now: Instant) {
        for due in locked(&self.due).values_mut() {
            due.at = due.at.max(now + SILENCE_BEFORE_MAP);
        }
    }

    /// Windows that are silent for too long at `now`; each is given time to load again.
    fn hung(&self, now: Instant) -> Vec<String> {
        let mut due = locked(&self.due);
        let mut hung: Vec<String> = due
            .iter()
            .filter(|(_, due)| due.at < now)
            .map(|(label, _)| label.clone())
            .collect();
        hung.sort();
        for label in &hung {
            due.insert(label.clone(), Due::of_loading(now));
            locked(&self.revived).insert(label.clone());
        }
        hung
    }

    /// The window is closed and need not beat.
    pub fn forget(&self, label: &str) {
        locked(&self.due).remove(label);
    }
}

/// What a panicking thread left behind is still a valid set of labels.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Looks after the windows until the process ends.
pub async fn watch(app: AppHandle) {
    let mut tick = tokio::time::interval(LOOK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut last = Instant::now();
    loop {
        tick.tick().await;
        let now = Instant::now();
        let shell = app.state::<Shell>();
        if now.duration_since(last) > SILENCE {
            shell.watchdog.resumed(now);
        }
        last = now;
        for label in shell.watchdog.hung(now) {
            let Some(window) = app.get_webview_window(&label) else {
                shell.watchdog.forget(&label);
                continue;
            };
            tracing::warn!(label, "the window hangs and is reloaded");
            shell.hall.notify(NoticeKind::WindowReloaded, label.clone());
            if let Err(error) = platform::revive(&window) {
                tracing::error!(label, %error, "the window cannot be reloaded");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_of_five_seconds_is_a_hang_and_is_reported_once() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let dog = Watchdog::default();
        dog.loading_at("wall", start);
        dog.beat_at("desk", true, start);
        assert!(dog.hung(after(5)).is_empty());
        assert_eq!(dog.hung(after(6)), ["desk"]);
        assert!(dog.hung(after(7)).is_empty());
        dog.beat_at("wall", false, after(7));
        dog.beat_at("wall", true, after(8));
        assert!(dog.hung(after(13)).is_empty());
        assert_eq!(dog.hung(after(14)), ["wall"]);
        dog.beat_at("slow", false, after(14));
        assert!(
            dog.hung(after(34)).is_empty(),
            "its map is still being drawn"
        );
        assert_eq!(dog.hung(after(35)), ["slow"]);
        dog.forget("desk");
        assert!(!dog.hung(after(1000)).contains(&"desk".to_owned()));
    }

    #[test]
    fn a_page_that_is_loaded_anew_has_its_minute_though_the_left_one_with_its_map_is_heard_once_more()
     {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let dog = Watchdog::default();
        dog.loading_at("desk", start);
        dog.beat_at("desk", false, after(3));
        dog.beat_at("desk", true, after(8));
        dog.loading_at("desk", after(10));
        dog.beat_at("desk", true, after(10));
        assert!(dog.hung(after(69)).is_empty(), "the new page is loaded");
        dog.beat_at("desk", false, after(70));
        dog.beat_at("desk", true, after(96));
        dog.resumed(after(100));
        assert!(dog.hung(after(120)).is_empty(), "the machine slept");
        assert_eq!(dog.hung(after(121)), ["desk"], "the new page hangs");
    }
}
