//! One incident as the live assessment remembers it: its rounds, folded entry by entry.

use std::collections::BTreeMap;

use crate::clocks::StageClock;
use crate::ids::{DepartmentId, OrderId, PersonId};
use crate::incidents::IncidentState;
use crate::places::GridPath;
use crate::rules::CategoryCode;
use crate::time::Timestamp;
use crate::trail::{Action, CallBack, DispatchDuty, ReportFacts, SourceChannel, TrailEntry};

/// What the present clock is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Verifying and filing.
    Intake,
    Dispatch,
    Handling,
    Check,
}

/// A stretch of waiting for dispatch.
#[derive(Debug)]
pub struct Wait {
    /// Step with which it began.
    pub begun: u32,
    /// Standing deadline.
    pub owed: Option<Timestamp>,
    /// When it ended, and by which order; without an order it ended undone.
    pub ended: Option<(Timestamp, Option<OrderId>)>,
    /// Whether the handling that followed was returned.
    pub was_returned: bool,
}

/// A stretch of handling, with the check that follows it.
#[derive(Debug)]
pub struct Work {
    /// Step with which it began.
    pub begun: u32,
    /// Orders of the lead, in the order of sending.
    pub orders: Vec<OrderId>,
    /// Standing deadline of the handling.
    pub owed: Option<Timestamp>,
    /// When it was handled, and by which order.
    pub handled: Option<(Timestamp, Option<OrderId>)>,
    /// When it ended without being handled.
    pub ended_undone: Option<Timestamp>,
    /// When it was checked, and whether the check failed.
    pub checked: Option<(Timestamp, bool)>,
    /// Whether its limit was extended.
    pub is_extended: bool,
    is_open: bool,
}

/// One order as it was given.
#[derive(Debug)]
pub struct Charge {
    /// Who was sent.
    pub person: PersonId,
    /// Who answers for it.
    pub department: Option<DepartmentId>,
    /// The latest verdict on it.
    pub is_right: Option<bool>,
    is_taken_back: bool,
    has_started: bool,
    /// When its effort began, and the suspended time of the matter until then.
    effort_from: (Timestamp, i64),
}

/// An incident that counts.
#[derive(Debug)]
pub struct Matter {
    pub category: CategoryCode,
    pub channel: SourceChannel,
    pub grids: GridPath,
    pub reported_at: Timestamp,
    pub state: IncidentState,
    pub is_unreasonable: bool,
    pub is_duplicate: bool,
    /// Step and instant of filing, and whether it was in time.
    pub filed: Option<(u32, Timestamp, bool)>,
    pub waits: Vec<Wait>,
    pub works: Vec<Work>,
    pub orders: BTreeMap<OrderId, Charge>,
    /// Standing deadline of its closing.
    pub closing_owed: Option<Timestamp>,
    /// When it ended, and whether by force.
    pub ended: Option<(Timestamp, bool)>,
    pub is_reworked: bool,
    pub contacted_at: Option<Timestamp>,
    pub call_back: Option<(u32, Timestamp, CallBack)>,
    pub reached_call_back: Option<(u32, Timestamp, CallBack)>,
    /// Step, order and milliseconds of each order reported done, with the instant.
    pub efforts: Vec<(u32, Timestamp, OrderId, i64)>,
    stage: Stage,
    owed: Option<Timestamp>,
    suspended_since: Option<Timestamp>,
    suspended_ms: i64,
}

impl Matter {
    /// The matter that a report begins.
    pub fn reported(facts: &ReportFacts, entry: &TrailEntry) -> Self {
        Self {
            category: facts.category,
            channel: facts.channel,
            grids: facts.grids.clone(),
            reported_at: entry.occurred_at,
            state: entry.state,
            is_unreasonable: false,
            is_duplicate: false,
            filed: None,
            waits: Vec::new(),
            works: Vec::new(),
            orders: BTreeMap::new(),
            closing_owed: None,
            ended: None,
            is_reworked: false,
            contacted_at: None,
            call_back: None,
            reached_call_back: None,
            efforts: Vec::new(),
            stage: Stage::Intake,
            owed: standing(entry.clock),
            suspended_since: None,
            suspended_ms: 0,
        }
    }

    /// Folds one entry.
    pub fn fold(&mut self, entry: &TrailEntry) {
        self.note_facts(entry);
        self.note_orders(entry);
        self.leave_rounds(entry);
        self.enter_rounds(entry);
        self.set_clock(entry);
        self.state = entry.state;
    }

    fn note_facts(&mut self, entry: &TrailEntry) {
        let at = entry.occurred_at;
        match &entry.action {
            Action::File { .. } => {
                let in_time = self.owed.is_some_and(|deadline| at <= deadline);
                self.filed = Some((entry.step, at, in_time));
            }
            Action::Recategorise { category } => self.category = *category,
            Action::FlagUnreasonable { is_unreasonable } => {
                self.is_unreasonable = *is_unreasonable;
            }
            Action::MarkDuplicate { .. } => self.is_duplicate = true,
            Action::Rework => self.is_reworked = true,
            Action::ContactCaller => {
                self.contacted_at.get_or_insert(at);
            }
            Action::CallBack(answer) => {
                let call = Some((entry.step, at, *answer));
                self.call_back = call;
                if answer.is_reached {
                    self.reached_call_back = call;
                }
            }
            _ => {}
        }
        let (was, is) = (self.state, entry.state);
        if is == IncidentState::Suspended && was != is {
            self.suspended_since = Some(at);
        } else if is != IncidentState::Suspended
            && let Some(since) = self.suspended_since.take()
        {
            self.suspended_ms += at.ms_since(since).max(0);
        }
        if was.is_open() && !is.is_open() {
            self.ended = Some((at, matches!(entry.action, Action::ForceClose)));
        }
    }

    fn note_orders(&mut self, entry: &TrailEntry) {
        let at = entry.occurred_at;
        match &entry.action {
            Action::Dispatch {
                order,
                to,
                department,
                ..
            } => {
                let charge = Charge {
                    person: *to,
                    department: department.clone(),
                    is_right: None,
                    is_taken_back: false,
                    has_started: false,
                    effort_from: (at, self.suspended_ms),
                };
                self.orders.insert(*order, charge);
            }
            Action::Undispatch { order } => {
                if let Some(charge) = self.orders.get_mut(order) {
                    charge.is_taken_back = true;
                }
            }
            Action::JudgeDispatch { order, is_right } => {
                if let Some(charge) = self.orders.get_mut(order) {
                    charge.is_right = Some(*is_right);
                }
            }
            Action::StartHandling { order } => {
                let from = (at, self.suspended_ms);
                if let Some(charge) = self.orders.get_mut(order).filter(|c| !c.has_started) {
                    charge.has_started = true;
                    charge.effort_from = from;
                }
            }
            Action::Handled { order, .. } | Action::Assisted { order, .. } => {
                if let Some(charge) = self.orders.get(order) {
                    let (from, suspended_ms) = charge.effort_from;
                    let spent_ms = at.ms_since(from) - (self.suspended_ms - suspended_ms);
                    self.efforts.push((entry.step, at, *order, spent_ms.max(0)));
                }
            }
            _ => {}
        }
    }

    fn leave_rounds(&mut self, entry: &TrailEntry) {
        let (at, is) = (entry.occurred_at, entry.state);
        if is == IncidentState::Suspended {
            return;
        }
        if let Some(wait) = self.waits.last_mut().filter(|wait| wait.ended.is_none())
            && !is_waiting(is)
        {
            let order = match &entry.action {
                Action::Dispatch { order, .. } => Some(*order),
                _ => None,
            };
            wait.ended = Some((at, order));
        }
        let Some(work) = self.works.last_mut().filter(|work| work.is_open) else {
            return;
        };
        if work.handled.is_some() {
            if is != IncidentState::Handled {
                work.is_open = false;
                if is != IncidentState::Cancelled {
                    work.checked = Some((at, is.is_open()));
                }
            }
        } else if is == IncidentState::Handled {
            let order = match &entry.action {
                Action::Handled { order, .. } => Some(*order),
                _ => None,
            };
            work.handled = Some((at, order));
        } else if !is_working(is) {
            work.is_open = false;
            work.ended_undone = Some(at);
            // Where a step between is not seen yet, a return by the desk can follow on work.
            if matches!(entry.action, Action::Return)
                && is == IncidentState::Returned
                && let Some(wait) = self.waits.last_mut()
            {
                wait.was_returned = true;
            }
        }
    }

    fn enter_rounds(&mut self, entry: &TrailEntry) {
        let is = entry.state;
        if is_waiting(is) && self.waits.last().is_none_or(|wait| wait.ended.is_some()) {
            self.waits.push(Wait {
                begun: entry.step,
                owed: None,
                ended: None,
                was_returned: false,
            });
        }
        if is_working(is) && self.works.last().is_none_or(|work| !work.is_open) {
            self.works.push(Work {
                begun: entry.step,
                orders: Vec::new(),
                owed: None,
                handled: None,
                ended_undone: None,
                checked: None,
                is_extended: false,
                is_open: true,
            });
        }
        let Some(work) = self.works.last_mut().filter(|work| work.is_open) else {
            return;
        };
        match &entry.action {
            Action::Dispatch {
                order,
                duty: DispatchDuty::Lead,
                ..
            } => work.orders.push(*order),
            Action::Extend => work.is_extended = true,
            _ => {}
        }
    }

    fn set_clock(&mut self, entry: &TrailEntry) {
        use IncidentState as S;
        if !entry.state.is_open() {
            return;
        }
        self.owed = standing(entry.clock);
        self.stage = match entry.state {
            S::Suspended => self.stage,
            S::Filed | S::Returned => Stage::Dispatch,
            S::Dispatched | S::Handling => Stage::Handling,
            S::Handled => Stage::Check,
            _ => Stage::Intake,
        };
        self.closing_owed = match self.stage {
            Stage::Handling | Stage::Check => self.owed,
            Stage::Intake | Stage::Dispatch => None,
        };
        if let Some(wait) = self.waits.last_mut().filter(|wait| wait.ended.is_none()) {
            // Trails of earlier versions have the stopped clock of the handling after a return.
            let is_of_handling = entry.state == S::Returned
                && entry.clock.is_some_and(|clock| clock.paused_at.is_some());
            wait.owed = self
                .owed
                .filter(|_| self.stage == Stage::Dispatch && !is_of_handling);
        }
        if let Some(work) = self.works.last_mut()
            && work.is_open
            && work.handled.is_none()
        {
            work.owed = self.owed;
        }
    }

    /// The order whose holder a handling round belongs to: the one that handled it; before that
    /// the last of the lead that was not taken back, or the last of all.
    pub fn order_of(&self, work: &Work) -> Option<OrderId> {
        let handler = work.handled.and_then(|(_, order)| order);
        let is_standing = |order: &&OrderId| {
            self.orders
                .get(order)
                .is_some_and(|charge| !charge.is_taken_back)
        };
        handler
            .or_else(|| work.orders.iter().rev().find(is_standing).copied())
            .or_else(|| work.orders.last().copied())
    }
}

/// The deadline of a clock that runs, or that had run out before it was stopped.
fn standing(clock: Option<StageClock>) -> Option<Timestamp> {
    let clock = clock?;
    let stands = clock
        .paused_at
        .is_none_or(|paused_at| paused_at > clock.deadline);
    stands.then_some(clock.deadline)
}

const fn is_waiting(state: IncidentState) -> bool {
    matches!(state, IncidentState::Filed | IncidentState::Returned)
}

const fn is_working(state: IncidentState) -> bool {
    matches!(state, IncidentState::Dispatched | IncidentState::Handling)
}
