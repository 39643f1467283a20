//! How old a number is and when it is too old to be shown as the present.

use domain::Timestamp;
use protocol::feed::{Line, LineState};

/// Data from the backend is stale after this; the long poll renews the contact well within it.
pub const BACKEND_LIMIT_MS: i64 = 60_000;

/// Age of a panel's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// When the data was last known to be true; `None` when it never was.
    pub as_of: Option<Timestamp>,
    /// Whether the age is past its limit: the panel greys out.
    pub is_stale: bool,
    /// Age in milliseconds, never negative; `None` like `as_of`.
    pub age_ms: Option<i64>,
}

impl Freshness {
    /// Age of data that is good for `limit_ms`.
    pub fn of(as_of: Option<Timestamp>, now: Timestamp, limit_ms: i64) -> Self {
        let age_ms = as_of.map(|at| now.ms_since(at).max(0));
        Self {
            as_of,
            is_stale: age_ms.is_none_or(|age| age > limit_ms),
            age_ms,
        }
    }

    /// Age of what comes over the line: stale as soon as the line is known to be down for longer
    /// than the limit, or the window has heard nothing for so long.
    pub fn of_line(line: &Line, now: Timestamp) -> Self {
        Self::of(line.last_contact, now, BACKEND_LIMIT_MS)
    }

    /// The age with whole seconds, so that it changes once a second.
    pub fn age_s(&self) -> Option<i64> {
        self.age_ms.map(|ms| ms / 1000)
    }
}

/// Whether the picture follows the backend at this moment.
pub const fn is_live(state: LineState) -> bool {
    matches!(state, LineState::Online)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_ms(1_795_104_000_000);

    #[test]
    fn data_is_stale_past_its_limit_and_when_there_never_was_any() {
        assert!(!Freshness::of(Some(NOW.plus_ms(-60_000)), NOW, 60_000).is_stale);
        assert!(Freshness::of(Some(NOW.plus_ms(-60_001)), NOW, 60_000).is_stale);
        assert!(Freshness::of(None, NOW, 60_000).is_stale);
    }

    #[test]
    fn data_from_the_future_is_fresh_and_has_no_negative_age() {
        let age = Freshness::of(Some(NOW.plus_ms(5_000)), NOW, 60_000);
        assert_eq!(age.age_ms, Some(0));
        assert!(!age.is_stale);
    }
}
