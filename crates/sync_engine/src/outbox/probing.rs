//! What becomes of sending where nothing gets through: the line is there and the backend takes no
//! proposal, of whatever incident. Then one after the other asks, with growing pauses between them, and
//! not each of the thousands that may wait.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::backoff::pause;
use crate::pace::Pace;
use crate::store::proposals::ProposalRow;

/// So many different ones that fail, and none that gets through between them, are no matter of one
/// incident any more.
const MOST_FAILED: usize = 8;

/// How sending went lately.
#[derive(Debug, Default)]
pub struct Probing {
    /// Numbers of those that have failed since one got through.
    failed: BTreeSet<i64>,
    /// How often it was tried in vain since these were so many.
    probes: u32,
    /// When (monotonic) the next one may go.
    until: Duration,
}

impl Probing {
    /// Nothing is known about what was sent.
    pub fn failed(&mut self, seq: i64, now: Duration, pace: &Pace, jitter: f64) {
        self.failed.insert(seq);
        if self.is_on() {
            self.probes = self.probes.saturating_add(1);
            let (first, longest) = (pace.first_backoff, pace.longest_line_backoff);
            self.until = now + pause(self.probes, first, longest, jitter);
        }
    }

    /// The backend has answered, whatever it says.
    pub fn got_through(&mut self) {
        *self = Self::default();
    }

    /// Whether one asks for all.
    pub fn is_on(&self) -> bool {
        self.failed.len() >= MOST_FAILED
    }

    /// Of those that are due the ones to ask with: first who has not failed since one got through, so that
    /// those that always fail keep nobody else from asking.
    pub fn choose(&self, due: &mut Vec<ProposalRow>, room: usize) {
        due.sort_by_key(|row| (self.failed.contains(&row.seq), row.seq));
        due.truncate(room);
    }

    /// How many have failed since one got through.
    pub fn failures(&self) -> usize {
        self.failed.len()
    }

    /// When (monotonic) the next one may go; `None` where that is not for this to say.
    pub fn until(&self) -> Option<Duration> {
        self.is_on().then_some(self.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Duration = Duration::from_secs(100);

    fn fail(probing: &mut Probing, seqs: impl IntoIterator<Item = i64>) {
        for seq in seqs {
            probing.failed(seq, AT, &Pace::default(), 1.0);
        }
    }

    #[test]
    fn one_that_fails_again_and_again_holds_up_nobody_else() {
        let mut probing = Probing::default();
        fail(&mut probing, std::iter::repeat_n(7, 100));
        fail(&mut probing, 0..6);
        assert_eq!(probing.until(), None);
    }

    #[test]
    fn where_nothing_gets_through_one_asks_ever_less_until_one_does() {
        let mut probing = Probing::default();
        fail(&mut probing, 0..8);
        let first = Pace::default().first_backoff;
        assert_eq!(probing.until(), Some(AT + first));
        fail(&mut probing, [3, 4]);
        assert_eq!(probing.until(), Some(AT + first * 4));
        fail(&mut probing, 0..100);
        assert_eq!(
            probing.until(),
            Some(AT + Pace::default().longest_line_backoff)
        );
        probing.got_through();
        assert_eq!(probing.until(), None);
        fail(&mut probing, 0..7);
        assert!(!probing.is_on());
    }
}
