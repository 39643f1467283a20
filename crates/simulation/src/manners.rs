//! Whether the halls pause after a failure as they have to: in every second of a run, also in the
//! first ones of an outage and of the return, each of them may ask the same thing again only after
//! the pause that its failures in a row call for.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::IntentKey;
use sync_engine::Pace;

use crate::line::Ask;

/// What is asked again after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Repeated {
    Greeting,
    Positions,
    Proposal(IntentKey),
}

impl Repeated {
    fn of(ask: &Ask) -> Option<Self> {
        match ask {
            Ask::Hello => Some(Self::Greeting),
            Ask::Positions(_) => Some(Self::Positions),
            Ask::Propose(sent) => Some(Self::Proposal(sent.key())),
            // These come only behind a greeting that was answered, or from an officer.
            _ => None,
        }
    }

    /// The shortest pause after so many failures in a row: the lower half of each step is jitter.
    fn least_pause(self, failures: u32) -> Duration {
        let pace = Pace::default();
        let longest = match self {
            Self::Greeting | Self::Positions => pace.longest_line_backoff,
            Self::Proposal(_) => pace.longest_send_backoff,
        };
        let step = pace.first_backoff * (1 << (failures - 1).min(10));
        step.min(longest) / 2
    }
}

/// The failures of all halls.
#[derive(Debug)]
pub struct Manners {
    /// Of each hall how often each question has failed in a row, and when last.
    failures: Vec<BTreeMap<Repeated, (u32, Duration)>>,
    /// Whether a greeting was answered since the hall last began to follow changes.
    is_greeted: Vec<bool>,
    /// Who has asked again too soon.
    hasty: Vec<String>,
}

impl Manners {
    /// Nobody has failed yet.
    pub fn new(halls: usize) -> Self {
        Self {
            failures: vec![BTreeMap::new(); halls],
            is_greeted: vec![false; halls],
            hasty: Vec::new(),
        }
    }

    /// A hall asks.
    pub fn asks(&mut self, hall: usize, ask: &Ask, now: Duration) {
        if matches!(ask, Ask::Changes(_)) && std::mem::take(&mut self.is_greeted[hall]) {
            // The line is up from here on, and that ends all pauses, also of what failed meanwhile.
            self.failures[hall].clear();
        }
        let Some(what) = Repeated::of(ask) else {
            return;
        };
        let Some((failures, at)) = self.failures[hall].get(&what).copied() else {
            return;
        };
        let (pause, least) = (now.saturating_sub(at), what.least_pause(failures));
        if pause < least {
            self.hasty.push(format!(
                "hall {hall} asked again for {what:?} {pause:?} after failure {failures} in a row, \
                 {least:?} is the least"
            ));
        }
    }

    /// A hall has its answer, or knows that there is none.
    pub fn ends(&mut self, hall: usize, ask: Option<Ended>, now: Duration) {
        let Some(Ended { what, has_failed }) = ask else {
            return;
        };
        let of_hall = &mut self.failures[hall];
        if has_failed {
            let failures = of_hall.get(&what).map_or(0, |(failures, _)| *failures);
            of_hall.insert(what, (failures + 1, now));
        } else if what == Repeated::Greeting {
            of_hall.clear();
            self.is_greeted[hall] = true;
        } else {
            of_hall.remove(&what);
        }
    }

    /// A hall begins anew, because it was started or its line was switched: it owes no pause.
    pub fn begins_anew(&mut self, hall: usize) {
        self.failures[hall].clear();
        self.is_greeted[hall] = false;
    }

    /// Who has asked again too soon.
    pub fn hasty(&self) -> &[String] {
        &self.hasty
    }
}

/// The end of a question that may be repeated.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    what: Repeated,
    has_failed: bool,
}

impl Ended {
    /// The end of a question that will have been one of these.
    pub fn of(ask: &Ask) -> Option<Self> {
        let has_failed = false;
        Repeated::of(ask).map(|what| Self { what, has_failed })
    }

    /// Whether it has failed.
    #[must_use]
    pub const fn with(mut self, has_failed: bool) -> Self {
        self.has_failed = has_failed;
        self
    }
}
