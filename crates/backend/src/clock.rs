//! The backend's only way to read the time.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::Timestamp;

/// Tells the time; tests give one that they can turn.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealClock;

impl Clock for RealClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let unix_ms = since.map_or(0, |since| since.as_millis().try_into().unwrap_or(i64::MAX));
        Timestamp::from_unix_ms(unix_ms)
    }
}
