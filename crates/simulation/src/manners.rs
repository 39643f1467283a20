//! Whether the halls pause after a failure as they have to: in every second of a run, also in the
//! first ones of an outage and of the return, each of them may ask the same thing again only after
//! the pause that its failures in a row call for.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::IntentKey;
use sync_engine::Pace;

use crate::line::Ask;

/// What is asked again after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Repeated {
    Greeting,
    Everything,
    Changes,
    Positions,
    Proposal(IntentKey),
}

impl Repeated {
    fn of(ask: &Ask) -> Option<Self> {
        match ask {
            Ask::Hello => Some(Self::Greeting),
            Ask::Snapshot(_) => Some(Self::Everything),
            Ask::Changes(..) => Some(Self::Changes),
            Ask::Positions(_) => Some(Self::Positions),
            Ask::Propose(sent) => Some(Self::Proposal(sent.key())),
            // These come only behind a greeting that was answered, or from an officer.
            _ => None,
        }
    }

    /// The shortest pause after so many failures in a row: the lower half of each step is jitter.
    fn least_pause(self, failures: u32) -> Duration {
        let pace = Pace::default();
        let (failures, longest) = match self {
            Self::Greeting | Self::Everything | Self::Positions => {
                (failures, pace.longest_line_backoff)
            }
            // Whether the backend is there when one question was cut off is looked into at once.
            Self::Changes => (failures - 1, pace.longest_line_backoff),
            Self::Proposal(_) => (failures, pace.longest_send_backoff),
        };
        if failures == 0 {
            return Duration::ZERO;
        }
        let step = pace.first_backoff * (1 << (failures - 1).min(10));
        step.min(longest) / 2
    }
}

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// What was asked for.
    Given,
    /// That it is not to be had.
    Refused,
    /// None that says anything about what was asked, so that it is asked again.
    Failed,
}

/// The line of one hall, as its questions tell.
#[derive(Debug, Clone, Copy, Default)]
struct Followed {
    /// Changes have come since it was last down.
    has_changes: bool,
    /// The hall has gone on asking behind those.
    is_up: bool,
    /// Changes have come since the process began.
    was_up: bool,
    /// When they last did.
    changes_at: Option<Duration>,
}

/// The failures of all halls.
#[derive(Debug)]
pub struct Manners {
    /// Of each hall how often each question has failed in a row, and when last.
    failures: Vec<BTreeMap<Repeated, (u32, Duration)>>,
    lines: Vec<Followed>,
    /// What each hall has asked since it began anew: how a question from before that ends says nothing
    /// about the pauses after it, also where both fall on one instant.
    asked: Vec<BTreeSet<Repeated>>,
    /// Who has asked again too soon.
    hasty: Vec<String>,
}

impl Manners {
    /// Nobody has failed yet.
    pub fn new(halls: usize) -> Self {
        Self {
            failures: vec![BTreeMap::new(); halls],
            lines: vec![Followed::default(); halls],
            asked: vec![BTreeSet::new(); halls],
            hasty: Vec::new(),
        }
    }

    /// Whether what a hall asks has failed the last time.
    pub fn has_failed(&self, hall: usize, ask: &Ask) -> bool {
        Repeated::of(ask).is_some_and(|what| self.failures[hall].contains_key(&what))
    }

    /// A hall asks.
    pub fn asks(&mut self, hall: usize, ask: &Ask, now: Duration) {
        let line = &mut self.lines[hall];
        if matches!(ask, Ask::Changes(_, wait) if wait.is_zero()) {
            // The line is tried: what came before could perhaps not be stored, and then it was not up.
            (line.has_changes, line.is_up) = (false, false);
        } else if matches!(ask, Ask::Changes(..)) && line.has_changes && !line.is_up {
            // The line is up from here on, and that ends all pauses, also of what failed meanwhile.
            line.is_up = true;
            self.failures[hall].clear();
        }
        let Some(what) = Repeated::of(ask) else {
            return;
        };
        self.asked[hall].insert(what);
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
        let Some(Ended { what, answer }) = ask else {
            return;
        };
        let of_hall = &mut self.failures[hall];
        match (answer, what) {
            (Answer::Failed, _) if !self.asked[hall].contains(&what) => {}
            (Answer::Failed, _) => {
                let failures = of_hall.get(&what).map_or(0, |(failures, _)| *failures);
                of_hall.insert(what, (failures + 1, now));
            }
            // Where the log does not continue, the hall is no further than before.
            (Answer::Refused, Repeated::Changes) => {}
            (Answer::Given, Repeated::Changes) => {
                of_hall.remove(&what);
                let line = &mut self.lines[hall];
                (line.has_changes, line.was_up) = (true, true);
                line.changes_at = Some(now);
            }
            _ => drop(of_hall.remove(&what)),
        }
    }

    /// A hall begins anew, because it was started (`is_start`) or its line was switched: it owes no
    /// pause.
    pub fn begins_anew(&mut self, hall: usize, is_start: bool) {
        self.failures[hall].clear();
        self.asked[hall].clear();
        let before = self.lines[hall];
        self.lines[hall] = Followed {
            was_up: before.was_up && !is_start,
            // A switch that was on already changes nothing for the hall.
            changes_at: before.changes_at.filter(|_| !is_start),
            ..Followed::default()
        };
    }

    /// Whether changes have come since that moment.
    pub fn has_changes_since(&self, hall: usize, moment: Duration) -> bool {
        self.lines[hall].changes_at.is_some_and(|at| at >= moment)
    }

    /// Whether changes have come since the hall was started.
    pub fn was_up(&self, hall: usize) -> bool {
        self.lines[hall].was_up
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
    answer: Answer,
}

impl Ended {
    /// The end of a question that will have been one of these.
    pub fn of(ask: &Ask) -> Option<Self> {
        let answer = Answer::Given;
        Repeated::of(ask).map(|what| Self { what, answer })
    }

    /// Whether a greeting was answered.
    pub fn is_greeting_given(self) -> bool {
        (self.what, self.answer) == (Repeated::Greeting, Answer::Given)
    }

    /// What came of it.
    #[must_use]
    pub const fn with(mut self, answer: Answer) -> Self {
        self.answer = answer;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALL: usize = 0;

    fn greets(manners: &mut Manners, at_ms: u64) {
        manners.asks(HALL, &Ask::Hello, Duration::from_millis(at_ms));
    }

    fn fails(manners: &mut Manners, at_ms: u64) {
        let ended = Ended::of(&Ask::Hello).map(|ended| ended.with(Answer::Failed));
        manners.ends(HALL, ended, Duration::from_millis(at_ms));
    }

    #[test]
    fn a_question_from_before_a_switch_says_nothing_about_the_pauses_after_it() {
        let mut manners = Manners::new(1);
        greets(&mut manners, 1);
        manners.begins_anew(HALL, false);
        fails(&mut manners, 2);
        greets(&mut manners, 4);
        assert_eq!(manners.hasty(), [""; 0], "it tries the line at once");
        fails(&mut manners, 5);
        greets(&mut manners, 7);
        assert_eq!(manners.hasty().len(), 1, "and then pauses");
    }
}
