//! What time it is while somebody may set the machine's clock.
//!
//! The backend's clock is the right one, and its difference from the civil clock of this machine is
//! measured whenever it answers. Between two answers the steady clock tells whether the civil one was
//! set: then the difference between the two is taken out again, so that the time goes on as before,
//! until the next answer. A start knows the civil clock alone, and that it is later than the last contact.

use std::time::Duration;

use domain::Timestamp;
use protocol::feed::NoticeKind;

use super::{Board, Shared, lock};
use crate::clock::Clock;
use crate::faults::{self, Fault};

/// Clocks that part by more than this were not merely read a little apart: one of them was set.
pub const JUMP_MS: i64 = 2_000;
/// An offset of the two clocks beyond this is told to the officers, in milliseconds.
const NOTABLE_OFFSET_MS: i64 = 30_000;
/// Both clocks are read within this time, or read again.
const READ_WITHIN: Duration = Duration::from_millis(500);
/// So often at most, where the machine is too busy for that.
const READS: usize = 3;

/// Both clocks of the machine at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// What the civil clock shows.
    pub civil: Timestamp,
    /// What the steady one does.
    pub steady: Duration,
}

/// A difference of the clocks that has taken up what the civil one was set by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// When the backend last answered, if it ever did.
    pub last_contact: Option<Timestamp>,
    /// Its clock minus ours, in milliseconds.
    pub clock_offset_ms: i64,
}

impl Reading {
    /// Reads both clocks.
    pub fn of(clock: &dyn Clock) -> Self {
        let once = || Self {
            civil: clock.now(),
            steady: clock.steady(),
        };
        let mut before = clock.steady();
        let mut reading = once();
        for _ in 1..READS {
            if reading.steady.saturating_sub(before) <= READ_WITHIN {
                break;
            }
            before = reading.steady;
            reading = once();
        }
        reading
    }

    /// How long after an earlier reading, in milliseconds, whatever the civil clock says.
    pub fn ms_after(self, earlier: Self) -> i64 {
        let passed = self.steady.saturating_sub(earlier.steady);
        i64::try_from(passed.as_millis()).unwrap_or(i64::MAX)
    }

    /// By how much the civil clock was set since an earlier reading, in milliseconds, forward if
    /// positive; 0 where it has gone on as it should.
    fn set_since(self, earlier: Self) -> i64 {
        let set_ms = self.civil.ms_since(earlier.civil) - self.ms_after(earlier);
        if set_ms.abs() > JUMP_MS { set_ms } else { 0 }
    }
}

impl Board {
    /// The corrected time.
    pub(super) fn corrected(&self, shared: &Shared) -> Timestamp {
        let now = Reading::of(&*self.clock);
        let corrected = now.civil.plus_ms(shared.picture.line.clock_offset_ms);
        if faults::has(Fault::BelieveCivilClock) {
            return corrected;
        }
        corrected.plus_ms(-now.set_since(shared.measured_at))
    }

    /// The backend's clock was so far ahead of the civil one, in milliseconds, when that was read.
    /// `answered` is the time of an answer about the street, which is as old as it shows from then on.
    pub fn measured(&self, at: Reading, clock_offset_ms: i64, answered: Option<Timestamp>) {
        let mut shared = lock(&self.shared);
        shared.measured_at = at;
        self.change_line(&mut shared, |line| {
            line.clock_offset_ms = clock_offset_ms;
            line.last_contact = answered.or(line.last_contact);
        });
    }

    /// Holds the time where somebody has set the clock since it was last measured or held, and says
    /// so; `None` where nobody has.
    pub fn hold_time(&self) -> Option<Held> {
        let mut shared = lock(&self.shared);
        let now = Reading::of(&*self.clock);
        let set_ms = now.set_since(shared.measured_at);
        if set_ms == 0 {
            return None;
        }
        shared.measured_at = now;
        let taken_up_ms = if faults::has(Fault::BelieveCivilClock) {
            0
        } else {
            set_ms
        };
        self.change_line(&mut shared, |line| line.clock_offset_ms -= taken_up_ms);
        let line = &shared.picture.line;
        let held = Held {
            last_contact: line.last_contact,
            clock_offset_ms: line.clock_offset_ms,
        };
        drop(shared);
        self.tell_offset(held.clock_offset_ms);
        Some(held)
    }

    /// Tells the officers of a large difference of the clocks that they have not been told of since the
    /// start.
    pub fn tell_if_notable(&self, clock_offset_ms: i64) {
        let told = lock(&self.shared).told_offset_ms;
        let is_known = told.is_some_and(|told| (clock_offset_ms - told).abs() <= JUMP_MS);
        if clock_offset_ms.abs() > NOTABLE_OFFSET_MS && !is_known {
            self.tell_offset(clock_offset_ms);
        }
    }

    /// Tells the officers how far the clocks are apart.
    fn tell_offset(&self, clock_offset_ms: i64) {
        lock(&self.shared).told_offset_ms = Some(clock_offset_ms);
        let detail = format!("{:+} s", clock_offset_ms / 1000);
        self.notify(NoticeKind::ClockOffset, detail);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

    use domain::Situation;
    use domain::time::HOUR_MS;

    use super::*;

    /// A clock of which a test moves both sides, in milliseconds.
    #[derive(Debug, Default)]
    struct Hands {
        civil: AtomicI64,
        steady: AtomicU64,
        /// The machine does something else for a minute before this look at the steady side.
        is_busy_in: AtomicI64,
    }

    impl Hands {
        fn pass(&self, ms: u64) {
            self.civil.fetch_add(ms as i64, Ordering::SeqCst);
            self.steady.fetch_add(ms, Ordering::SeqCst);
        }

        fn set(&self, by_ms: i64) {
            self.civil.fetch_add(by_ms, Ordering::SeqCst);
        }
    }

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            Timestamp::from_unix_ms(self.civil.load(Ordering::SeqCst))
        }

        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }

        fn steady(&self) -> Duration {
            if self.is_busy_in.fetch_sub(1, Ordering::SeqCst) == 1 {
                self.pass(60_000);
            }
            Duration::from_millis(self.steady.load(Ordering::SeqCst))
        }
    }

    fn board() -> (Arc<Hands>, Arc<Board>) {
        let hands = Arc::<Hands>::default();
        let clock: Arc<dyn Clock> = Arc::<Hands>::clone(&hands);
        let line = Board::untried_line("", clock.now(), None, 0);
        let board = Board::new(clock, Situation::default(), 0, line);
        (hands, Arc::new(board))
    }

    fn told(board: &Board) -> Vec<String> {
        board.read(|picture| picture.notices.iter().map(|n| n.detail.clone()).collect())
    }

    #[test]
    fn the_time_goes_on_whichever_way_the_clock_is_set_and_each_time_that_is_said_once() {
        let (hands, board) = board();
        hands.pass(5_000);
        assert_eq!(board.hold_time(), None);
        let mut offset_ms = 0;
        for (passed, set_ms) in [
            (5_000, 3 * HOUR_MS),
            (10_000, -4 * HOUR_MS),
            (15_000, 2_001),
        ] {
            hands.set(set_ms);
            hands.pass(5_000);
            let right = Timestamp::from_unix_ms(passed + 5_000);
            assert_eq!(board.now(), right, "before anybody has looked");
            offset_ms -= set_ms;
            let held = board.hold_time().expect("it is noticed");
            assert_eq!(held.clock_offset_ms, offset_ms);
            assert_eq!((board.now(), board.hold_time()), (right, None));
        }
        assert_eq!(told(&board), ["-10800 s", "+3600 s", "+3597 s"]);
    }

    #[test]
    fn clocks_that_part_by_little_are_left_alone() {
        let (hands, board) = board();
        hands.set(JUMP_MS);
        hands.pass(1_000);
        assert_eq!(board.hold_time(), None);
        assert_eq!(board.now(), Timestamp::from_unix_ms(JUMP_MS + 1_000));
    }

    #[test]
    fn the_next_measurement_counts_and_not_what_was_held() {
        let (hands, board) = board();
        hands.set(HOUR_MS);
        board.hold_time().expect("it is noticed");
        hands.pass(1_000);
        board.measured(Reading::of(&*hands), 700 - HOUR_MS, None);
        assert_eq!(board.now(), Timestamp::from_unix_ms(1_700));
        assert_eq!(board.hold_time(), None);
    }

    #[test]
    fn a_reading_in_which_the_machine_was_busy_is_no_jump() {
        let (hands, board) = board();
        // Between the look at the civil clock and the one at the steady clock.
        hands.is_busy_in.store(2, Ordering::SeqCst);
        assert_eq!(board.hold_time(), None);
        assert_eq!(board.now(), Timestamp::from_unix_ms(60_000));
    }
}
