//! One lane of the queue: what waits in it, what holds it up, and what it sends next.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::index::Head;
use crate::backoff::pause;
use crate::faults::{self, Fault};
use crate::pace::Pace;

#[derive(Debug, Default)]
pub(super) struct Lane {
    /// What waits, oldest first.
    pub(super) queued: BTreeSet<i64>,
    /// What was refused, with the newest number at that moment.
    pub(super) parked: BTreeMap<i64, i64>,
    /// The refused reports among them: nothing can be carried out about a matter that the backend
    /// does not know, so everything waits behind them, whenever it was queued.
    pub(super) refused_reports: BTreeSet<i64>,
    /// What is acknowledged and not yet confirmed.
    pub(super) sent: BTreeSet<i64>,
    /// The lane's place among those that may send.
    pub(super) head: Option<Head>,
    pub(super) departed: Option<i64>,
    /// Whether the answer to it has come and is being taken.
    pub(super) is_answered: bool,
    /// Whether the log was replaced since it departed, so that a receipt may be from the one before.
    pub(super) is_doubted: bool,
    /// Whether an earlier try of the departed proposal may have reached the backend.
    pub(super) left_before: bool,
    /// What has failed and is to be tried again. Each has a pause of its own, because an older one that
    /// an officer tries again, or that a restored backend has forgotten, may go out meanwhile.
    pub(super) pauses: BTreeMap<i64, Pause>,
}

/// How long something that failed waits before it is tried again.
#[derive(Debug)]
pub(super) struct Pause {
    /// How often it has failed in a row.
    pub(super) failures: u32,
    /// When (monotonic) the pause ends; `None` while it is under way again.
    pub(super) until: Option<Duration>,
}

impl Pause {
    /// The pause after so many failures in a row.
    pub(super) fn after(failures: u32, now: Duration, pace: &Pace, jitter: f64) -> Self {
        let (first, longest) = (pace.first_backoff, pace.longest_send_backoff);
        Self {
            failures,
            until: Some(now + pause(failures, first, longest, jitter)),
        }
    }
}

impl Lane {
    pub(super) fn is_empty(&self) -> bool {
        self.queued.is_empty() && self.parked.is_empty() && self.sent.is_empty()
    }

    /// Until when (monotonic) a proposal pauses after a failure.
    pub(super) fn pause_of(&self, seq: i64) -> Option<Duration> {
        self.pauses.get(&seq)?.until
    }

    /// Whether an older proposal was refused while this one was waiting behind it, or is a refused
    /// report.
    pub(super) fn is_behind_parked(&self, seq: i64) -> bool {
        let report = self.refused_reports.first();
        if report.is_some_and(|report| *report < seq) {
            return true;
        }
        let mut older = self.parked.range(..seq);
        older.any(|(_, after)| seq <= *after || faults::has(Fault::ParkedHoldsLane))
    }

    /// The proposal that is sent next: always the oldest one, or none.
    pub(super) fn next(&self) -> Option<i64> {
        if faults::has(Fault::NewestFirst) {
            return self.queued.last().copied();
        }
        let mut queued = self.queued.iter().copied();
        queued
            .find(|seq| !faults::has(Fault::IgnoreOrder) || self.departed < Some(*seq))
            .filter(|seq| !self.is_behind_parked(*seq))
    }
}
