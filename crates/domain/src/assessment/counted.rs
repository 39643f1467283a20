//! What one incident puts into the live counts, under the choices of the rules file.

use super::matter::{Matter, Wait, Work};
use super::rules::{AssessmentRules, Counting, DueAt, ReworkOutOf};
use super::{By, GroupKey, Indicator, Period, Subject};
use crate::ids::{GridCode, IncidentId, OrderId};
use crate::incidents::IncidentState;
use crate::places::GridLevel;
use crate::time::Timestamp;

/// One thing counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    pub subject: Subject,
    pub what: What,
    /// The groups that it belongs to; never empty, `None` is "no group".
    pub groups: Vec<Option<GroupKey>>,
    /// Whether the incident is flagged as unreasonable.
    pub is_unreasonable: bool,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Part of the denominator, and perhaps of the numerator.
    Share(Indicator, bool),
    /// Time spent on an order.
    Effort(OrderId, i64),
}

/// How to count, for one table.
#[derive(Debug)]
pub struct Counter<'a> {
    pub rules: &'a AssessmentRules,
    pub period: Period,
    pub now: Timestamp,
    pub by: By,
    id: IncidentId,
    matter: &'a Matter,
    counted: Vec<Counted>,
    /// The earliest instant at which the counts change although nothing happens.
    changes_at: Option<Timestamp>,
}

impl<'a> Counter<'a> {
    pub fn new(
        rules: &'a AssessmentRules,
        (period, now): (Period, Timestamp),
        by: By,
        (id, matter): (IncidentId, &'a Matter),
    ) -> Self {
        Self {
            rules,
            period,
            now,
            by,
            id,
            matter,
            counted: Vec::new(),
            changes_at: None,
        }
    }

    /// Everything that the incident counts for, and when that will change by time alone.
    pub fn run(mut self) -> (Vec<Counted>, Option<Timestamp>) {
        self.report();
        let is_void = self.matter.state == IncidentState::Cancelled;
        let rule = if self.matter.is_duplicate {
            self.rules.duplicates
        } else {
            self.rules.cancelled
        };
        if !is_void || rule.is_counted() {
            self.filing();
            for wait in &self.matter.waits {
                self.dispatching(wait);
            }
            for work in &self.matter.works {
                self.handling(work);
            }
            self.closing();
            self.effort();
            if self.rules.hotline.channels.contains(&self.matter.channel) {
                self.hotline();
            }
        }
        (self.counted, self.changes_at)
    }

    fn report(&mut self) {
        let matter = self.matter;
        if !self.period.contains(matter.reported_at) {
            return;
        }
        let is_undecided = matches!(
            matter.state,
            IncidentState::Reported | IncidentState::PendingFile
        );
        if is_undecided && self.rules.undecided_reports == Counting::LeftOut {
            return;
        }
        let is_valid = if matter.is_duplicate {
            self.rules.duplicates.is_counted()
        } else {
            matter.filed.is_some() && matter.state != IncidentState::Cancelled
        };
        self.share(1, Indicator::ValidReporting, is_valid, None);
    }

    fn filing(&mut self) {
        if let Some((step, at, in_time)) = self.matter.filed
            && self.period.contains(at)
        {
            self.share(step, Indicator::OnTimeFiling, in_time, None);
        }
    }

    fn dispatching(&mut self, wait: &Wait) {
        let order = wait.ended.and_then(|(_, order)| order);
        let done = order.and(wait.ended).map(|(at, _)| at);
        let voided = match wait.ended {
            Some((at, None)) => Some(at),
            _ => None,
        };
        let in_time = match self.due(wait.owed, done, voided) {
            Some(in_time) => {
                self.share(wait.begun, Indicator::OnTimeDispatch, in_time, order);
                true
            }
            None => wait.owed.is_none() && done.is_some_and(|at| self.has_come(at)),
        };
        if !in_time {
            return;
        }
        let verdict = order
            .and_then(|order| self.matter.orders.get(&order))
            .and_then(|charge| charge.is_right);
        let is_left_out = done.is_some()
            && verdict.is_none()
            && self.rules.unjudged_dispatches == Counting::LeftOut;
        if !is_left_out {
            let is_right = done.is_some() && verdict.unwrap_or(!wait.was_returned);
            self.share(wait.begun, Indicator::AccurateDispatch, is_right, order);
        }
    }

    fn handling(&mut self, work: &Work) {
        let order = self.matter.order_of(work);
        let done = work.handled.map(|(at, _)| at);
        if let Some(in_time) = self.due(work.owed, done, work.ended_undone) {
            let is_pending = done.is_none() && work.ended_undone.is_none();
            for (indicator, is_hit) in [
                (Indicator::Handling, done.is_some()),
                (Indicator::OnTimeHandling, in_time),
                (Indicator::OverduePending, is_pending),
                (Indicator::Extension, work.is_extended),
            ] {
                self.share(work.begun, indicator, is_hit, order);
            }
        }
        let has_failed = work.checked.is_some_and(|(_, failed)| failed);
        let counts_at = match self.rules.rework_out_of {
            ReworkOutOf::DueToClose => None,
            ReworkOutOf::Checked => work.checked.map(|(at, _)| at),
            ReworkOutOf::Handled => done,
        };
        if counts_at.is_some_and(|at| self.period.contains(at)) {
            self.share(work.begun, Indicator::Rework, has_failed, order);
        }
    }

    fn closing(&mut self) {
        let matter = self.matter;
        let is_closed = matter.state == IncidentState::Closed;
        let (mut done, mut voided) = (None, None);
        match matter.ended {
            Some((at, is_forced))
                if is_closed && (!is_forced || self.rules.forced_closes.is_counted()) =>
            {
                done = Some(at);
            }
            ended => voided = ended.map(|(at, _)| at),
        }
        let Some(in_time) = self.due(matter.closing_owed, done, voided) else {
            return;
        };
        let order = matter.works.last().and_then(|work| matter.order_of(work));
        self.share(1, Indicator::Closing, done.is_some(), order);
        self.share(1, Indicator::OnTimeClosing, in_time, order);
        if self.rules.rework_out_of == ReworkOutOf::DueToClose {
            self.share(1, Indicator::Rework, matter.is_reworked, order);
        }
    }

    fn effort(&mut self) {
        for (step, at, order, spent_ms) in &self.matter.efforts {
            if self.period.contains(*at) {
                self.add(*step, What::Effort(*order, *spent_ms), Some(*order));
            }
        }
    }

    fn hotline(&mut self) {
        let matter = self.matter;
        let deadline = self
            .rules
            .hotline
            .response_deadline(matter.category, matter.reported_at);
        let order = matter.works.last().and_then(|work| matter.order_of(work));
        if let Some(in_time) = self.due(Some(deadline), matter.contacted_at, None) {
            self.share(1, Indicator::HotlineResponse, in_time, order);
        }
        let call = match self.rules.unreached_call_backs {
            Counting::Counted => matter.call_back,
            Counting::LeftOut => matter.reached_call_back,
        };
        if let Some((step, at, answer)) = call
            && self.period.contains(at)
        {
            let is_resolved = answer.is_reached && answer.is_resolved;
            self.share(step, Indicator::HotlineResolution, is_resolved, order);
            let is_satisfied = answer.is_reached && answer.is_satisfied;
            self.share(step, Indicator::HotlineSatisfaction, is_satisfied, order);
        }
    }

    /// Whether something owed is due in the period, and if so, whether it was done in time.
    fn due(
        &mut self,
        owed: Option<Timestamp>,
        done: Option<Timestamp>,
        voided: Option<Timestamp>,
    ) -> Option<bool> {
        let deadline = owed?;
        if voided.is_some_and(|at| at <= deadline) {
            return None;
        }
        let instant = match self.rules.due_at {
            DueAt::Deadline => deadline,
            DueAt::Settled => done.map_or(deadline, |at| at.min(deadline)),
        };
        self.has_come(instant)
            .then(|| done.is_some_and(|at| at <= deadline))
    }

    /// Whether the instant lies in the period and in the past; one that is still to come is noted.
    fn has_come(&mut self, instant: Timestamp) -> bool {
        if !self.period.contains(instant) {
            return false;
        }
        if instant < self.now {
            return true;
        }
        let sooner = self.changes_at.map_or(instant, |known| known.min(instant));
        self.changes_at = Some(sooner);
        false
    }

    fn share(&mut self, step: u32, indicator: Indicator, is_hit: bool, order: Option<OrderId>) {
        self.add(step, What::Share(indicator, is_hit), order);
    }

    fn add(&mut self, step: u32, what: What, order: Option<OrderId>) {
        let counted = Counted {
            subject: Subject {
                incident: self.id,
                step,
            },
            what,
            groups: self.groups(order),
            is_unreasonable: self.matter.is_unreasonable,
        };
        self.counted.push(counted);
    }

    fn groups(&self, order: Option<OrderId>) -> Vec<Option<GroupKey>> {
        let matter = self.matter;
        let charge = order.and_then(|order| matter.orders.get(&order));
        let grids = &matter.grids;
        let single = |code: &Option<GridCode>| code.clone().map(GroupKey::Grid);
        let overlapping = |codes: &[GridCode]| match codes {
            [] => vec![None],
            several => several
                .iter()
                .cloned()
                .map(GroupKey::Grid)
                .map(Some)
                .collect(),
        };
        let key = match self.by {
            By::Whole => return Vec::new(),
            By::Person => charge.map(|charge| GroupKey::Person(charge.person)),
            By::Department => charge
                .and_then(|charge| charge.department.clone())
                .map(GroupKey::Department),
            By::MajorCategory => Some(GroupKey::Major(matter.category.major_code())),
            By::MinorCategory => Some(GroupKey::Category(matter.category)),
            By::Channel => Some(GroupKey::Channel(matter.channel)),
            By::Grid(GridLevel::Exclusive) => return overlapping(&grids.exclusive),
            By::ResponsibilityGrid => return overlapping(&grids.responsibility),
            By::Grid(GridLevel::Community) => single(&grids.community),
            By::Grid(GridLevel::General) => single(&grids.general),
            By::Grid(GridLevel::Micro) => single(&grids.micro),
            By::Grid(GridLevel::Unit) => single(&grids.unit),
        };
        vec![key]
    }
}
