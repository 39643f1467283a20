//! The field's idea of the time: the backend's clock, carried on by the ticks of the runtime.
//!
//! The field reads no clock of its own. It asks the backend for the time now and then, and adds
//! how far its ticks have come since.

use domain::Timestamp;
use tokio::time::Instant;

/// The backend's time at a tick.
#[derive(Clone, Copy, Debug)]
pub struct TickClock {
    anchor: (Instant, Timestamp),
    now: Timestamp,
    last_tick: Instant,
}

/// A pause longer than this (a suspended machine, a debugger) does not run in fast motion after.
const LONGEST_STEP_S: f64 = 5.0;

impl TickClock {
    /// The backend said `now` at a tick.
    pub const fn new(tick: Instant, now: Timestamp) -> Self {
        Self {
            anchor: (tick, now),
            now,
            last_tick: tick,
        }
    }

    /// Takes the backend's time anew.
    pub fn anchor(&mut self, tick: Instant, now: Timestamp) {
        self.anchor = (tick, now);
        self.now = self.now.max(now);
    }

    /// Moves on to a tick and returns the seconds that have passed; time never goes back.
    pub fn advance(&mut self, tick: Instant) -> f64 {
        let since = tick.saturating_duration_since(self.anchor.0);
        let now = self.anchor.1.plus_ms(since.as_millis() as i64);
        self.now = self.now.max(now);
        let step = tick.saturating_duration_since(self.last_tick).as_secs_f64();
        self.last_tick = tick;
        step.min(LONGEST_STEP_S)
    }

    /// The backend's time at the last tick.
    pub const fn now(&self) -> Timestamp {
        self.now
    }
}
