//! Simulated time: it stands while anything can still be done and then jumps to the next deadline.
//!
//! It is the paused clock of the runtime that everything runs on, so a sleep in the engine and a
//! delay on the simulated network are measured by the same clock. The civil clocks of the halls
//! differ from it by what somebody has set them wrong.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::Timestamp;

/// The civil time at which every run begins.
pub const BEGINNING: Timestamp = testkit::clock::FRIDAY_NINE;

/// Time since the run began; clones are the same.
#[derive(Debug, Clone, Copy)]
pub struct Timeline {
    began: tokio::time::Instant,
}

impl Timeline {
    /// Begins now; only inside of the simulation's runtime.
    pub fn begin() -> Self {
        Self {
            began: tokio::time::Instant::now(),
        }
    }

    /// How long the run has lasted.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// The true civil time.
    pub fn now(&self) -> Timestamp {
        BEGINNING.plus_ms(self.elapsed().as_millis() as i64)
    }
}

impl backend::clock::Clock for Timeline {
    fn now(&self) -> Timestamp {
        Self::now(self)
    }
}

/// The clock of one hall's machine.
#[derive(Debug)]
pub struct HallClock {
    timeline: Timeline,
    wrong_by_ms: AtomicI64,
    /// When it was last set, in milliseconds of the run.
    set_at_ms: AtomicI64,
}

impl HallClock {
    /// A clock that is right.
    pub const fn new(timeline: Timeline) -> Self {
        Self {
            timeline,
            wrong_by_ms: AtomicI64::new(0),
            set_at_ms: AtomicI64::new(i64::MIN / 2),
        }
    }

    /// Sets it so many milliseconds ahead of the true time, behind it if negative.
    /// Returns by how much it was set, and how long it had been left alone, both in milliseconds.
    pub fn set_wrong_by(&self, ms: i64) -> (i64, i64) {
        let now_ms = self.timeline.elapsed().as_millis() as i64;
        let before_ms = self.wrong_by_ms.swap(ms, Ordering::Relaxed);
        let set_at_ms = self.set_at_ms.swap(now_ms, Ordering::Relaxed);
        (ms - before_ms, now_ms - set_at_ms)
    }

    /// How far it is ahead of the true time, in milliseconds.
    pub fn wrong_by_ms(&self) -> i64 {
        self.wrong_by_ms.load(Ordering::Relaxed)
    }
}

impl sync_engine::Clock for HallClock {
    fn now(&self) -> Timestamp {
        self.timeline
            .now()
            .plus_ms(self.wrong_by_ms.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        self.timeline.elapsed()
    }

    fn steady(&self) -> Duration {
        self.timeline.elapsed()
    }
}
