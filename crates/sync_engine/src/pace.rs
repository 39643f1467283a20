//! How long the engine waits for what; one value so that tests can be quick without sleeping.

use std::time::Duration;

/// Timeouts and pauses of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Longest time to open a connection.
    pub connect_timeout: Duration,
    /// Longest time for a short answer (hello, receipt).
    pub answer_timeout: Duration,
    /// Longest time for a snapshot, the reference data or a batch of changes, also over a slow line.
    pub bulk_timeout: Duration,
    /// Longest wait until a snapshot or the reference data begin to come: the backend puts them together
    /// first, for many halls at once.
    pub bulk_begin: Duration,
    /// Longest silence in the middle of an answer: the connection is dead then.
    pub longest_silence: Duration,
    /// How long the backend may hold a poll that has nothing to say.
    pub poll_wait: Duration,
    /// Pause between two polls for positions, so that they arrive in batches.
    pub position_pause: Duration,
    /// First pause after a failure; doubles with every further one.
    pub first_backoff: Duration,
    /// Longest pause before the line is tried again.
    pub longest_line_backoff: Duration,
    /// Longest pause before a proposal is tried again.
    pub longest_send_backoff: Duration,
    /// How often it is looked whether somebody has set the machine's clock while there is no line.
    pub clock_look: Duration,
}

impl Default for Pace {
    /// Vanished packets are noticed within `poll_wait + 2 × answer_timeout` (8 s) while a poll waits, and
    /// otherwise when the silence in an answer, or the wait for its beginning, has been too long.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(2),
            answer_timeout: Duration::from_millis(2_500),
            bulk_timeout: Duration::from_mins(10),
            bulk_begin: Duration::from_mins(1),
            longest_silence: Duration::from_secs(10),
            poll_wait: Duration::from_secs(3),
            position_pause: Duration::from_millis(150),
            first_backoff: Duration::from_millis(250),
            longest_line_backoff: Duration::from_secs(8),
            longest_send_backoff: Duration::from_secs(30),
            clock_look: Duration::from_secs(1),
        }
    }
}
