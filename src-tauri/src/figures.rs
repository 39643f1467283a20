//! Figures of a run for benchmarks: one JSON object `{"name", "value", "unit"}` per line in the
//! file that `STREETHALL_FIGURES` names.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use protocol::commands::Beat;
use serde_json::json;
use tokio::time::Instant;

/// The frame time of a window is written at this beat, when the first rush is over.
const FRAME_FIGURE_AT_BEAT: u32 = 15;

/// Writes figures; without the variable it does nothing.
pub struct Figures {
    path: Option<OsString>,
    started: Instant,
    seen: Mutex<HashMap<String, Seen>>,
}

#[derive(Default)]
struct Seen {
    map_ready: bool,
    beats_with_map: u32,
}

impl Figures {
    /// Starts counting at `started`, the beginning of the process.
    pub fn since(started: Instant) -> Self {
        Self {
            path: std::env::var_os("STREETHALL_FIGURES"),
            started,
            seen: Mutex::default(),
        }
    }

    /// Takes what a window says about itself with its sign of life.
    pub fn take_beat(&self, label: &str, beat: &Beat) {
        if self.path.is_none() || !beat.map_ready {
            return;
        }
        let (first, settled) = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let seen = seen.entry(label.to_owned()).or_default();
            let first = !std::mem::replace(&mut seen.map_ready, true);
            seen.beats_with_map += 1;
            (first, seen.beats_with_map == FRAME_FIGURE_AT_BEAT)
        };
        if first {
            let ready_ms = self.started.elapsed().as_secs_f64() * 1000.0;
            self.write(&format!("map_ready_{label}"), ready_ms, "ms");
        }
        if settled {
            self.write(&format!("frame_{label}"), f64::from(beat.frame_ms), "ms");
        }
    }

    /// Appends a figure. A file that cannot be written is said in the log and otherwise ignored,
    /// because measuring must not stop a hall.
    fn write(&self, name: &str, value: f64, unit: &str) {
        let Some(path) = &self.path else { return };
        let line = json!({ "name": name, "value": value, "unit": unit });
        let written = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .and_then(|mut file| writeln!(file, "{line}"));
        if let Err(error) = written {
            tracing::warn!(%error, name, "a figure cannot be written");
        }
    }
}
