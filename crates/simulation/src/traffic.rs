//! What goes over the lines, counted, so that a storm of requests shows.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::line::Ask;
use crate::manners::{Ended, Manners};
use crate::time::Timeline;

/// After so long without the line the pauses of the halls have spread.
pub const SPREAD_AFTER: Duration = Duration::from_secs(8);

/// Counts of one run.
#[derive(Debug)]
pub struct Traffic {
    timeline: Timeline,
    under_way: Vec<u32>,
    most_under_way: Vec<u32>,
    /// Which process of each hall is counted.
    process: Vec<u64>,
    /// Since when each hall has had a reason to try its line at once: its start, or its switch.
    begun: Vec<Duration>,
    /// Who greeted, and when.
    greetings: Vec<(usize, Duration)>,
    /// Those of them that came so long after that reason that the pauses have spread.
    spread: Vec<(usize, Duration)>,
    /// Who asked for positions again after that had failed, and when.
    positions_again: Vec<(usize, Duration)>,
    /// How often each hall was greeted in answer.
    greeted: Vec<u32>,
    manners: Manners,
    /// Calls in all.
    pub calls: u64,
}

impl Traffic {
    /// Nothing yet.
    pub fn new(timeline: Timeline, halls: usize) -> Self {
        Self {
            timeline,
            under_way: vec![0; halls],
            most_under_way: vec![0; halls],
            process: vec![0; halls],
            begun: vec![Duration::ZERO; halls],
            greetings: Vec::new(),
            spread: Vec::new(),
            positions_again: Vec::new(),
            greeted: vec![0; halls],
            manners: Manners::new(halls),
            calls: 0,
        }
    }

    /// A hall has a new process, which waits for nothing that was asked before.
    pub fn boot(&mut self, hall: usize) {
        self.process[hall] += 1;
        self.under_way[hall] = 0;
        self.begun[hall] = self.timeline.elapsed();
        self.manners.begins_anew(hall, true);
    }

    /// Somebody switches the line of a hall, which tries it at once.
    pub fn switched(&mut self, hall: usize) {
        self.begun[hall] = self.timeline.elapsed();
        self.manners.begins_anew(hall, false);
    }

    /// What is known of how the halls pause, and of how their lines are.
    pub const fn manners(&mut self) -> &mut Manners {
        &mut self.manners
    }

    /// A hall has its answer, or knows that there is none.
    pub fn answered(&mut self, hall: usize, ended: Option<Ended>) {
        self.greeted[hall] += u32::from(ended.is_some_and(Ended::is_greeting_given));
        self.manners.ends(hall, ended, self.timeline.elapsed());
    }

    /// How often a hall was greeted in answer: each time it has measured its clock.
    pub fn greeted(&self, hall: usize) -> u32 {
        self.greeted[hall]
    }

    /// A hall asks something; returns the number of its process.
    pub fn begin(&mut self, hall: usize, ask: &Ask) -> u64 {
        let now = self.timeline.elapsed();
        self.calls += 1;
        if matches!(ask, Ask::Positions(_)) && self.manners.has_failed(hall, ask) {
            self.positions_again.push((hall, now));
        }
        self.manners.asks(hall, ask, now);
        self.under_way[hall] += 1;
        let under_way = self.under_way[hall];
        self.most_under_way[hall] = self.most_under_way[hall].max(under_way);
        if matches!(ask, Ask::Hello) {
            self.greetings.push((hall, now));
            if now >= self.begun[hall] + SPREAD_AFTER {
                self.spread.push((hall, now));
            }
        }
        self.process[hall]
    }

    /// A process of a hall has its answer, or waits for it no longer.
    pub fn end(&mut self, hall: usize, process: u64) {
        if self.process[hall] == process {
            self.under_way[hall] = self.under_way[hall].saturating_sub(1);
        }
    }

    /// Calls that were under way in one hall at the same time, at most.
    pub fn most_under_way(&self) -> u32 {
        self.most_under_way.iter().copied().max().unwrap_or(0)
    }

    /// How often the busiest hall greeted from one moment to another.
    pub fn most_greetings_of_one(&self, from: Duration, to: Duration) -> usize {
        let mut counts = vec![0; self.under_way.len()];
        for (hall, at) in &self.greetings {
            if (from..to).contains(at) {
                counts[*hall] += 1;
            }
        }
        counts.into_iter().max().unwrap_or(0)
    }

    /// How many halls asked for positions again within one window, at most, from a moment on.
    pub fn most_positions_within(&self, window: Duration, from: Duration) -> usize {
        let after = self.positions_again.iter().filter(|(_, at)| *at >= from);
        most_within(window, &after.copied().collect::<Vec<_>>())
    }

    /// How many halls greeted within one window, at most, from one moment to another: of those whose
    /// pauses have spread, as many that are started in the same second try at once.
    pub fn most_greetings_within(&self, window: Duration, from: Duration, to: Duration) -> usize {
        let inside: Vec<_> = self
            .spread
            .iter()
            .filter(|(_, at)| (from..to).contains(at))
            .copied()
            .collect();
        most_within(window, &inside)
    }

    /// The first greeting from a moment on of each hall that had greeted in vain shortly before: it comes
    /// back then, and is not merely started in the same second as others were.
    pub fn first_greetings(&self, from: Duration) -> Vec<(usize, Duration)> {
        let recently = from.saturating_sub(SPREAD_AFTER * 2)..from;
        let before = self
            .greetings
            .iter()
            .filter(|(_, at)| recently.contains(at));
        let mut waiting: BTreeSet<usize> = before.map(|(hall, _)| *hall).collect();
        let after = self.greetings.iter().filter(|(_, at)| *at >= from);
        after
            .filter(|(hall, _)| waiting.remove(hall))
            .copied()
            .collect()
    }

    /// How often one hall greeted within one window, at most.
    pub fn most_greetings_of_one_within(&self, window: Duration) -> usize {
        let halls = 0..self.under_way.len();
        let most = halls.map(|hall| {
            let of_hall = self.greetings.iter().filter(|(of, _)| *of == hall);
            let at: Vec<Duration> = of_hall.map(|(_, at)| *at).collect();
            let counts = at.iter().enumerate().map(|(first, begin)| {
                let inside = at[first..].iter().take_while(|at| **at < *begin + window);
                inside.count()
            });
            counts.max().unwrap_or(0)
        });
        most.max().unwrap_or(0)
    }
}

/// How many halls greeted within one window, at most.
pub fn most_within(window: Duration, greetings: &[(usize, Duration)]) -> usize {
    let mut most = 0;
    for (first, (_, begin)) in greetings.iter().enumerate() {
        let together = greetings[first..].iter();
        let halls: BTreeSet<usize> = together
            .take_while(|(_, at)| *at < *begin + window)
            .map(|(hall, _)| *hall)
            .collect();
        most = most.max(halls.len());
    }
    most
}
