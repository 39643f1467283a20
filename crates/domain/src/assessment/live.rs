//! The live assessment: counts that follow the trail entry by entry.

use std::collections::{BTreeMap, BTreeSet};

use super::counted::{Counted, Counter};
use super::counts::Counts;
use super::matter::Matter;
use super::{AssessmentRules, By, Period, Table};
use crate::ids::IncidentId;
use crate::time::Timestamp;
use crate::trail::{Action, TrailEntry};

/// Keeps the figures of one period, in one grouping, while entries arrive and time passes.
#[derive(Debug)]
pub struct Assessment {
    rules: AssessmentRules,
    period: Period,
    by: By,
    now: Timestamp,
    incidents: BTreeMap<IncidentId, Known>,
    counts: Counts,
    /// Instants to come at which the counts of an incident change by themselves.
    agenda: BTreeSet<(Timestamp, IncidentId)>,
}

/// An incident of which the trail has told.
#[derive(Debug)]
struct Known {
    steps: u32,
    /// `None` for a drill, and where the report lies after the period.
    matter: Option<Matter>,
    counted: Vec<Counted>,
    changes_at: Option<Timestamp>,
}

impl Assessment {
    /// An assessment of a period before anything has happened, seen at `now`.
    pub fn new(rules: AssessmentRules, period: Period, by: By, now: Timestamp) -> Self {
        Self {
            rules,
            period,
            by,
            now,
            incidents: BTreeMap::new(),
            counts: Counts::default(),
            agenda: BTreeSet::new(),
        }
    }

    /// Takes the next entry of the trail. Returns `false`, changing nothing, unless it is the
    /// next step of its incident.
    pub fn apply(&mut self, entry: &TrailEntry) -> bool {
        let is_seen = entry.occurred_at < self.period.to;
        if let Some(known) = self.incidents.get_mut(&entry.incident) {
            if entry.step != known.steps + 1 {
                return false;
            }
            known.steps = entry.step;
            match known.matter.as_mut().filter(|_| is_seen) {
                Some(matter) => matter.fold(entry),
                None => return true,
            }
        } else {
            let (Action::Report(facts), 1) = (&entry.action, entry.step) else {
                return false;
            };
            let counts = is_seen && !facts.is_drill;
            let known = Known {
                steps: entry.step,
                matter: counts.then(|| Matter::reported(facts, entry)),
                counted: Vec::new(),
                changes_at: None,
            };
            self.incidents.insert(entry.incident, known);
        }
        self.count(entry.incident);
        true
    }

    /// Lets time pass: what has become due since is counted. Time never goes back.
    pub fn advance(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        while let Some((at, id)) = self.agenda.first().copied()
            && at < self.now
        {
            self.agenda.remove(&(at, id));
            self.count(id);
        }
    }

    /// The table as it now stands.
    pub fn table(&self) -> Table {
        Table {
            period: self.period,
            now: self.now,
            by: self.by,
            total: self.counts.total(&self.rules.composites),
            rows: self.counts.rows(&self.rules.composites),
        }
    }

    /// Counts an incident anew; where that is what it counted for already, nothing is touched.
    fn count(&mut self, id: IncidentId) {
        let Some(known) = self.incidents.get_mut(&id) else {
            return;
        };
        let Some(matter) = &known.matter else { return };
        let seen = (self.period, self.now);
        let (counted, changes_at) = Counter::new(&self.rules, seen, self.by, (id, matter)).run();
        if let Some(at) = known.changes_at {
            self.agenda.remove(&(at, id));
        }
        if let Some(at) = changes_at {
            self.agenda.insert((at, id));
        }
        known.changes_at = changes_at;
        if counted != known.counted {
            for old in &known.counted {
                self.counts.take_back(old);
            }
            for new in &counted {
                self.counts.add(new);
            }
            known.counted = counted;
        }
    }
}
