//! Incidents (案件): states, the one transition table, and the fold of a trail into the present.

use serde::{Deserialize, Serialize};

use crate::clocks::StageClock;
use crate::ids::{ConditionCode, DepartmentId, IncidentId, OrderId};
use crate::particulars::Particulars;
use crate::places::{GridPath, LonLat};
use crate::rules::CategoryCode;
use crate::time::{DAY_MS, Timestamp};
use crate::trail::{Action, DispatchDuty, ReportFacts, SourceChannel, TrailEntry};

mod course;
mod decisions;
mod guards;
mod interim;
mod refusals;
mod rows;
mod states;
mod table;

pub use course::{Course, Joint, Returned};
pub use decisions::{
    Decision, check_direct_dispatch, check_duplicate, decide, decide_report, duty_at, duty_of_post,
};
pub use interim::interim_clocks_of;
pub use refusals::ActionRefused;
pub use rows::TABLE;
pub use states::{IncidentState, Level, Stage};
pub use table::{
    ActionRow, ClockEffect, Guard, Move, RequiredField, To, When, is_allowed, legal_now, move_of,
    needs_reason, next_state, row,
};

/// How often the handling limit can be extended (延期).
pub const MAX_EXTENSIONS: u8 = 2;

/// Version of the fold: raise it with every change after which the same trail gives another
/// record, so that stored records of an earlier version are folded anew.
pub const FOLD_VERSION: u64 = 2;

/// For so long an incident that has ended is still shown by the halls: of whatever was reported longer
/// ago, those that have ended may be known to the backend alone.
pub const SHOWN_AFTER_END_MS: i64 = 3 * DAY_MS;

/// One incident as it stands: the fold of its trail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Number for people.
    pub id: IncidentId,
    /// Steps of the trail folded so far; a record with more steps is newer.
    pub steps: u32,
    /// The [`FOLD_VERSION`] that made this record: of two with the same steps, that of the later
    /// fold is newer. Records from before this was kept have 0.
    #[serde(default)]
    pub fold_version: u64,
    /// Present state.
    pub state: IncidentState,
    /// State before a suspension, to return to.
    pub suspended_from: Option<IncidentState>,
    /// Category.
    pub category: CategoryCode,
    /// Channel it came through.
    pub channel: SourceChannel,
    /// One line for lists.
    pub title: String,
    /// What was reported.
    pub description: String,
    /// Address in words.
    pub address: String,
    /// Where.
    pub location: LonLat,
    /// Its grids.
    pub grids: GridPath,
    /// Level.
    pub level: Level,
    /// Why this level, in Chinese, or as the officer wrote it who set it.
    pub level_reason: String,
    /// The same in English; empty for an officer's words, and on records from before it was kept.
    #[serde(default)]
    pub level_reason_en: String,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// When the present state began.
    pub state_since: Timestamp,
    /// When it was closed, cancelled or not accepted.
    pub ended_at: Option<Timestamp>,
    /// The running or paused clock of the present stage.
    pub clock: Option<StageClock>,
    /// Orders under way, in the order of sending.
    pub orders: Vec<OrderId>,
    /// Whether a leader watches it (督办).
    pub supervised: bool,
    /// Extensions used.
    pub extensions: u8,
    /// Failed checks so far.
    pub reworks: u8,
    /// Rules that made the latest decision.
    pub rules_version: String,
    /// The filing condition, once filed; `None` is the first of the category.
    #[serde(default)]
    pub condition: Option<ConditionCode>,
    /// The department that answers for it, from its last dispatch on.
    #[serde(default)]
    pub department: Option<DepartmentId>,
    /// Orders of assistants under way; those of the lead are in `orders`.
    #[serde(default)]
    pub assisting: Vec<OrderId>,
    /// The matter of which it is a repetition.
    #[serde(default)]
    pub duplicate_of: Option<IncidentId>,
    /// Whether the complaint is flagged as unreasonable.
    #[serde(default)]
    pub is_unreasonable: bool,
    /// Harm, people affected, repeats, caller and origin, as reported.
    #[serde(default)]
    pub particulars: Particulars,
    /// Whether it belongs to a drill; said by the report, and nothing changes it.
    #[serde(default)]
    pub is_drill: bool,
    /// What the life cycle remembers beyond the state.
    #[serde(default)]
    pub course: Course,
}

impl Incident {
    /// The incident that a report begins; `None` when the entry is no report or not a first step.
    pub fn opened(entry: &TrailEntry) -> Option<Self> {
        let Action::Report(facts) = &entry.action else {
            return None;
        };
        (entry.step == 1).then(|| Self::first(entry, ReportFacts::clone(facts)))
    }

    /// The incident whose first link is `entry` with these facts.
    pub(crate) fn first(entry: &TrailEntry, facts: ReportFacts) -> Self {
        Self {
            id: entry.incident,
            steps: entry.step,
            fold_version: FOLD_VERSION,
            state: entry.state,
            suspended_from: None,
            category: facts.category,
            channel: facts.channel,
            title: facts.title,
            description: facts.description,
            address: facts.address,
            location: facts.location,
            grids: facts.grids,
            level: facts.level,
            level_reason: facts.level_reason,
            level_reason_en: facts.level_reason_en,
            reported_at: entry.occurred_at,
            state_since: entry.occurred_at,
            ended_at: None,
            clock: entry.clock,
            orders: Vec::new(),
            supervised: false,
            extensions: 0,
            reworks: 0,
            rules_version: entry.rules_version.clone(),
            condition: None,
            department: None,
            assisting: Vec::new(),
            duplicate_of: None,
            is_unreasonable: false,
            particulars: facts.particulars,
            is_drill: facts.is_drill,
            course: Course {
                effective_at: entry.occurred_at,
                ..Course::default()
            },
        }
    }

    /// Folds the next entry of the trail. Returns `false`, changing nothing, unless the entry is
    /// exactly the next step of this incident.
    pub fn apply(&mut self, entry: &TrailEntry) -> bool {
        let is_next = entry.incident == self.id && Some(entry.step) == self.steps.checked_add(1);
        if !is_next || matches!(entry.action, Action::Report(_)) {
            return false;
        }
        self.fold_action(&entry.action);
        self.course.fold(entry, self.state, self.clock);
        if entry.state != self.state {
            self.enter(entry.state);
        }
        self.clock = entry.clock;
        self.steps = entry.step;
        self.rules_version.clone_from(&entry.rules_version);
        true
    }

    fn fold_action(&mut self, action: &Action) {
        match action {
            Action::File { condition, .. } => self.condition.clone_from(condition),
            Action::Dispatch {
                order,
                department,
                duty,
                ..
            } => self.fold_dispatch(*order, department.as_ref(), *duty),
            Action::Undispatch { order }
            | Action::Handled { order, .. }
            | Action::Assisted { order, .. } => {
                self.orders.retain(|o| o != order);
                self.assisting.retain(|o| o != order);
            }
            Action::Recategorise { category } => {
                self.category = *category;
                // Filing conditions are those of a category.
                self.condition = None;
            }
            Action::SetLevel {
                level,
                level_reason,
                level_reason_en,
            } => {
                self.level = *level;
                self.level_reason.clone_from(level_reason);
                self.level_reason_en.clone_from(level_reason_en);
            }
            Action::FlagUnreasonable { is_unreasonable } => {
                self.is_unreasonable = *is_unreasonable;
            }
            Action::MarkDuplicate { of } => self.duplicate_of = Some(*of),
            Action::Suspend => self.suspended_from = Some(self.state),
            Action::Extend => self.extensions = self.extensions.saturating_add(1),
            Action::Rework => self.reworks = self.reworks.saturating_add(1),
            Action::Supervise => self.supervised = true,
            Action::ReplyToSupervision { .. } => self.supervised = false,
            _ => {}
        }
    }

    fn fold_dispatch(
        &mut self,
        order: OrderId,
        department: Option<&DepartmentId>,
        duty: DispatchDuty,
    ) {
        if duty == DispatchDuty::Assist {
            self.assisting.push(order);
            return;
        }
        // Further people who are sent to a matter under way do not change who answers for it.
        if self.orders.is_empty() || self.department.is_none() {
            self.department = department.cloned();
        }
        self.orders.push(order);
    }

    fn enter(&mut self, state: IncidentState) {
        self.state = state;
        self.state_since = self.course.effective_at;
        self.ended_at = (!state.is_open()).then_some(self.course.effective_at);
        if state != IncidentState::Suspended {
            self.suspended_from = None;
        }
        // Whoever is still on the way to a matter that has ended, was returned or has to be
        // dispatched anew is called back.
        if !state.is_open() || state.awaits_dispatch() {
            self.orders.clear();
            self.assisting.clear();
        }
    }

    /// Whether the present stage's clock has run out.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.state.is_open() && self.clock.is_some_and(|clock| clock.is_overdue(now))
    }
}

#[cfg(test)]
mod tests;
