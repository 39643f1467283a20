//! A clock that stands until a test turns it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::Timestamp;

/// Friday, 20 November 2026, 09:00 in Chengdu: inside working hours.
pub const FRIDAY_NINE: Timestamp = Timestamp::from_unix_ms(1_795_136_400_000);

/// A clock that stands; clones show the same time.
#[derive(Debug, Clone)]
pub struct FakeClock {
    now_ms: Arc<AtomicI64>,
}

impl Default for FakeClock {
    fn default() -> Self {
        Self::at(FRIDAY_NINE)
    }
}

impl FakeClock {
    /// A clock that stands at an instant.
    pub fn at(now: Timestamp) -> Self {
        Self {
            now_ms: Arc::new(AtomicI64::new(now.unix_ms())),
        }
    }

    /// The instant that it shows.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.now_ms.load(Ordering::SeqCst))
    }

    /// Turns it by so many milliseconds, backwards if negative.
    pub fn turn(&self, by_ms: i64) {
        self.now_ms.fetch_add(by_ms, Ordering::SeqCst);
    }
}

impl backend::clock::Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Self::now(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_show_the_same_time() {
        let clock = FakeClock::default();
        assert_eq!(clock.now().local_ymd(), "2026-11-20");
        assert_eq!(clock.now().local_hm(), "09:00");
        let other = clock.clone();
        clock.turn(60_000);
        assert_eq!(other.now().local_hm(), "09:01");
    }
}
