//! When the line is looked at because something else could not be sent over it.

use std::time::Duration;

use crate::backoff::{Jitter, pause};
use crate::pace::Pace;

/// The looks at the line that others have asked for.
#[derive(Debug, Default)]
pub struct Doubts {
    /// How many came shortly after each other.
    in_a_row: u32,
    /// When (monotonic) the last one was due.
    last: Option<Duration>,
}

impl Doubts {
    /// How long to wait before the line is looked at again: a backend that greets and takes nothing
    /// would be greeted as fast as it answers.
    pub fn rest(&mut self, now: Duration, pace: &Pace, jitter: &Jitter) -> Duration {
        let longest = pace.longest_line_backoff;
        let passed = self.last.map(|last| now.saturating_sub(last));
        let Some(passed) = passed.filter(|passed| *passed < longest * 2) else {
            *self = Self {
                in_a_row: 0,
                last: Some(now),
            };
            return Duration::ZERO;
        };
        self.in_a_row = self.in_a_row.saturating_add(1);
        let least = pause(self.in_a_row, pace.first_backoff, longest, jitter.next());
        let rest = least.saturating_sub(passed);
        self.last = Some(now + rest);
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_doubt_is_looked_into_at_once_and_those_after_it_ever_later() {
        let (pace, jitter) = (Pace::default(), Jitter::seeded(1));
        let mut doubts = Doubts::default();
        let mut now = Duration::from_secs(50);
        assert_eq!(doubts.rest(now, &pace, &jitter), Duration::ZERO);
        let mut looks = 0;
        while now < Duration::from_mins(3) {
            now += doubts.rest(now, &pace, &jitter);
            // The greeting and the next failure take no time.
            looks += 1;
        }
        assert!(looks < 40, "{looks} looks in two minutes");
        now += pace.longest_line_backoff * 2;
        assert_eq!(doubts.rest(now, &pace, &jitter), Duration::ZERO);
    }
}
