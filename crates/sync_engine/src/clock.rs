//! The one real clock of the hall; everything else is told what time it is.

use std::fmt::Debug;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use domain::Timestamp;

/// A clock that can be replaced by one that a test moves.
pub trait Clock: Debug + Send + Sync {
    /// The civil time of this machine; it may jump.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment; it never jumps and never goes back. Pauses are measured by it.
    fn monotonic(&self) -> Duration;

    /// Time since some fixed moment that passes as [`Self::now`] does, also while the machine sleeps,
    /// and goes on when somebody sets that: where the two part, the civil time has jumped.
    fn steady(&self) -> Duration;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// The clock; its monotonic time starts now.
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // A machine set before 1970 has no usable time; the epoch makes that visible at once.
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_unix_ms(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }

    /// The standard library's clock stands while a Linux machine sleeps, so that waking up would look
    /// like a clock that was set. Both run as fast as the civil one where that is disciplined.
    #[cfg(target_os = "linux")]
    fn steady(&self) -> Duration {
        use nix::time::{ClockId, clock_gettime};

        let since_boot = clock_gettime(ClockId::CLOCK_BOOTTIME).map(Duration::from);
        // Linux has had it since 2011.
        since_boot.unwrap_or_else(|_| self.monotonic())
    }

    #[cfg(not(target_os = "linux"))]
    fn steady(&self) -> Duration {
        self.monotonic()
    }
}
