//! 撤销: the seconds after sending in which one click takes the order back.

use domain::{OrderId, Timestamp};

/// How long an order can be taken back by one click, in milliseconds.
pub const UNDO_MS: i64 = 5_000;

/// The orders that can be taken back by one click, with the instants at which they were sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UndoWindows {
    open: Vec<(OrderId, Timestamp)>,
}

impl UndoWindows {
    /// Opens the window of an order that was sent at `now`. A second click on the same proposal
    /// sends the same key and does not lengthen the window.
    pub fn open(&mut self, order: OrderId, now: Timestamp) {
        if !self.open.iter().any(|(known, _)| *known == order) {
            self.open.push((order, now));
        }
    }

    /// Closes the window of an order that has been taken back.
    pub fn close(&mut self, order: OrderId) {
        self.open.retain(|(known, _)| *known != order);
    }

    /// Forgets windows that have run out. Returns whether any is left, that is, whether the
    /// countdown has to go on.
    pub fn prune(&mut self, now: Timestamp) -> bool {
        self.open.retain(|(_, sent_at)| left_ms(*sent_at, now) > 0);
        !self.open.is_empty()
    }

    /// Seconds left, as the button counts them (5, 4, 3, 2, 1); `None` when the window is shut.
    pub fn seconds_left(&self, order: OrderId, now: Timestamp) -> Option<u8> {
        let (_, sent_at) = self.open.iter().find(|(known, _)| *known == order)?;
        let left = left_ms(*sent_at, now);
        (left > 0).then(|| (left as u64).div_ceil(1000) as u8)
    }

    /// Whether any window is open.
    pub const fn is_empty(&self) -> bool {
        self.open.is_empty()
    }
}

/// Milliseconds left of a window. A clock that was set back must not hold the window open longer
/// than it is, and one that jumped ahead shuts it.
fn left_ms(sent_at: Timestamp, now: Timestamp) -> i64 {
    (UNDO_MS - now.ms_since(sent_at)).min(UNDO_MS)
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn the_countdown_runs_from_five_to_one_and_shuts() {
        let order = sample::key(1);
        let mut windows = UndoWindows::default();
        windows.open(order, sample::NOON);
        let at = |ms| windows.seconds_left(order, sample::NOON.plus_ms(ms));
        assert_eq!(at(0), Some(5));
        assert_eq!(at(1), Some(5));
        assert_eq!(at(1000), Some(4));
        assert_eq!(at(4999), Some(1));
        assert_eq!(at(5000), None);
        assert_eq!(at(-60_000), Some(5), "a clock set back");
    }

    #[test]
    fn a_second_click_does_not_lengthen_the_window() {
        let order = sample::key(1);
        let mut windows = UndoWindows::default();
        windows.open(order, sample::NOON);
        windows.open(order, sample::NOON.plus_ms(3000));
        assert_eq!(
            windows.seconds_left(order, sample::NOON.plus_ms(4000)),
            Some(1)
        );
    }

    #[test]
    fn each_order_has_its_own_window() {
        let (first, second) = (sample::key(1), sample::key(2));
        let mut windows = UndoWindows::default();
        windows.open(first, sample::NOON);
        windows.open(second, sample::NOON.plus_ms(2000));
        assert!(windows.prune(sample::NOON.plus_ms(5500)));
        assert_eq!(
            windows.seconds_left(first, sample::NOON.plus_ms(5500)),
            None
        );
        assert_eq!(
            windows.seconds_left(second, sample::NOON.plus_ms(5500)),
            Some(2)
        );
        windows.close(second);
        assert!(windows.is_empty() && !windows.prune(sample::NOON));
    }
}
