//! What is known of one incident at the end of a period: questions answered by looking through its
//! trail each time.

use crate::assessment::{By, GroupKey};
use crate::ids::{DepartmentId, GridCode, OrderId, PersonId};
use crate::incidents::IncidentState as S;
use crate::places::GridLevel;
use crate::rules::{CategoryCode, MajorCode};
use crate::time::Timestamp;
use crate::trail::{Action, DispatchDuty, ReportFacts, TrailEntry};

/// The entries of one incident that occurred before the end of the period, the report first.
#[derive(Debug)]
pub struct History<'a> {
    pub entries: Vec<&'a TrailEntry>,
    pub facts: &'a ReportFacts,
}

/// A stretch of entries by their places: the first of it, and the first after it if it has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub first: usize,
    pub end: Option<usize>,
}

impl<'a> History<'a> {
    /// The history of an incident; `None` for a drill, and where the report came later.
    pub fn until(end: Timestamp, entries: Vec<&'a TrailEntry>) -> Option<Self> {
        let report = *entries.first()?;
        let Action::Report(facts) = &report.action else {
            return None;
        };
        if facts.is_drill || report.occurred_at >= end {
            return None;
        }
        let entries = entries
            .into_iter()
            .filter(|entry| entry.occurred_at < end)
            .collect();
        Some(Self { entries, facts })
    }

    /// The state at the end of the period.
    pub fn state(&self) -> S {
        self.entries.last().map_or(S::Reported, |entry| entry.state)
    }

    /// The state at a place, looking through a suspension at the state before it.
    pub fn state_behind(&self, place: usize) -> S {
        let before = self.entries[..=place].iter().rev();
        let mut states = before.map(|entry| entry.state);
        states.find(|s| *s != S::Suspended).unwrap_or(S::Reported)
    }

    /// The deadline at a place, if the clock runs there or had run out before it was stopped.
    pub fn deadline(&self, place: usize) -> Option<Timestamp> {
        let clock = self.entries[place].clock?;
        match clock.paused_at {
            Some(paused_at) if paused_at <= clock.deadline => None,
            _ => Some(clock.deadline),
        }
    }

    /// The place of the first entry that ended the incident.
    pub fn end(&self) -> Option<usize> {
        self.entries.iter().position(|e| !e.state.is_open())
    }

    /// Whether an action of the kind is on the trail.
    pub fn has(&self, is_it: impl Fn(&Action) -> bool) -> bool {
        self.entries.iter().any(|entry| is_it(&entry.action))
    }

    pub fn is_duplicate(&self) -> bool {
        self.has(|action| matches!(action, Action::MarkDuplicate { .. }))
    }

    /// The latest flag.
    pub fn is_unreasonable(&self) -> bool {
        let flags = self.entries.iter().rev().filter_map(|e| match e.action {
            Action::FlagUnreasonable { is_unreasonable } => Some(is_unreasonable),
            _ => None,
        });
        flags.take(1).any(|flag| flag)
    }

    /// The latest category.
    pub fn category(&self) -> CategoryCode {
        let mut corrections = self.entries.iter().rev().filter_map(|e| match e.action {
            Action::Recategorise { category } => Some(category),
            _ => None,
        });
        corrections.next().unwrap_or(self.facts.category)
    }

    /// The stretches of waiting for dispatch.
    pub fn waits(&self) -> Vec<Stretch> {
        let waits = |state| matches!(state, S::Filed | S::Returned);
        let ends = |place: usize| !waits(self.state_behind(place));
        self.stretches(waits, ends)
    }

    /// The stretches of handling, each with the wait for its check.
    pub fn works(&self) -> Vec<Stretch> {
        let ends = |place: usize| match self.state_behind(place) {
            S::Dispatched | S::Handling => self.state_behind(place - 1) == S::Handled,
            S::Handled => false,
            _ => true,
        };
        self.stretches(is_working, ends)
    }

    /// Stretches that begin where the state behind enters what `begins`, and end at the first
    /// later place that `ends`.
    fn stretches(&self, begins: fn(S) -> bool, ends: impl Fn(usize) -> bool) -> Vec<Stretch> {
        let places = 1..self.entries.len();
        let firsts = places.clone().filter(|place| {
            begins(self.state_behind(*place)) && !begins(self.state_behind(place - 1))
        });
        firsts
            .map(|first| Stretch {
                first,
                end: places.clone().find(|place| *place > first && ends(*place)),
            })
            .collect()
    }

    /// The last place of a stretch.
    pub fn last(&self, stretch: Stretch) -> usize {
        stretch.end.unwrap_or(self.entries.len()) - 1
    }

    /// Where a stretch of handling was handled.
    pub fn handled(&self, work: Stretch) -> Option<usize> {
        (work.first..=self.last(work)).find(|place| self.entries[*place].state == S::Handled)
    }

    /// Who was sent with an order, and for which department.
    pub fn charged(&self, order: OrderId) -> Option<(PersonId, Option<DepartmentId>)> {
        let mut dispatches = self.entries.iter().rev().filter_map(|e| match &e.action {
            Action::Dispatch {
                order: sent,
                to,
                department,
                ..
            } if *sent == order => Some((*to, department.clone())),
            _ => None,
        });
        dispatches.next()
    }

    /// The order that a stretch of handling belongs to: the one that handled it; before that, the
    /// last of the lead that was not taken back; where all were, the last of the lead.
    pub fn order_of(&self, work: Stretch) -> Option<OrderId> {
        if let Some(place) = self.handled(work)
            && let Action::Handled { order, .. } = self.entries[place].action
        {
            return Some(order);
        }
        let mut last = None;
        let mut last_standing = None;
        for place in work.first..=self.last(work) {
            if let Action::Dispatch {
                order,
                duty: DispatchDuty::Lead,
                ..
            } = self.entries[place].action
            {
                last = Some(order);
                let mut later = self.entries[place..].iter();
                if !later.any(|e| e.action == Action::Undispatch { order }) {
                    last_standing = last;
                }
            }
        }
        last_standing.or(last)
    }

    /// The order of the last stretch of handling.
    pub fn last_order(&self) -> Option<OrderId> {
        let work = self.works().pop()?;
        self.order_of(work)
    }

    /// The groups of work on an order, or of the incident where no order is given.
    pub fn groups(&self, by: By, order: Option<OrderId>) -> Vec<Option<GroupKey>> {
        let charged = order.and_then(|order| self.charged(order));
        let category = self.category();
        let grids = &self.facts.grids;
        let only = |grid: &Option<_>| vec![grid.clone().map(GroupKey::Grid)];
        let each = |codes: &Vec<GridCode>| {
            let mut keys = Vec::new();
            for code in codes {
                keys.push(Some(GroupKey::Grid(code.clone())));
            }
            if keys.is_empty() {
                keys.push(None);
            }
            keys
        };
        match by {
            By::Whole => Vec::new(),
            By::Person => vec![charged.map(|(person, _)| GroupKey::Person(person))],
            By::Department => {
                let department = charged.and_then(|(_, department)| department);
                vec![department.map(GroupKey::Department)]
            }
            By::MajorCategory => vec![Some(GroupKey::Major(MajorCode {
                kind: category.kind,
                major: category.major,
            }))],
            By::MinorCategory => vec![Some(GroupKey::Category(category))],
            By::Channel => vec![Some(GroupKey::Channel(self.facts.channel))],
            By::Grid(GridLevel::Community) => only(&grids.community),
            By::Grid(GridLevel::General) => only(&grids.general),
            By::Grid(GridLevel::Micro) => only(&grids.micro),
            By::Grid(GridLevel::Unit) => only(&grids.unit),
            By::Grid(GridLevel::Exclusive) => each(&grids.exclusive),
            By::ResponsibilityGrid => each(&grids.responsibility),
        }
    }
}

fn is_working(state: S) -> bool {
    matches!(state, S::Dispatched | S::Handling)
}
