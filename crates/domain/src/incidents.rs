//! Incidents (案件): states, the one transition table, and the fold of a trail into the present.

use serde::{Deserialize, Serialize};

use crate::clocks::{StageClock, deadline};
use crate::ids::{ConditionCode, DepartmentId, IncidentId, OrderId};
use crate::particulars::Particulars;
use crate::places::{GridPath, LonLat};
use crate::rules::{CategoryCode, Rules};
use crate::time::Timestamp;
use crate::trail::{Action, DispatchDuty, OfficerRole, ReportFacts, SourceChannel, TrailEntry};

/// How often the handling limit can be extended (延期).
pub const MAX_EXTENSIONS: u8 = 2;

/// Levels 微 小 中 大.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 微: settled in the micro grid.
    Micro,
    /// 小: settled by the community.
    Small,
    /// 中: the street with its stationed forces.
    Medium,
    /// 大: whistled or reported to the district.
    Large,
}

impl Level {
    /// All levels, the smallest first.
    pub const ALL: [Self; 4] = [Self::Micro, Self::Small, Self::Medium, Self::Large];

    /// One level up; 大 stays 大.
    pub const fn raised(self) -> Self {
        match self {
            Self::Micro => Self::Small,
            Self::Small => Self::Medium,
            Self::Medium | Self::Large => Self::Large,
        }
    }
}

/// Where an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// 上报, waiting to be verified.
    Reported,
    /// 核实 done, waiting to be filed.
    PendingFile,
    /// 立案, waiting for dispatch.
    Filed,
    /// 不予受理.
    NotAccepted,
    /// 派遣, nobody on the spot yet.
    Dispatched,
    /// 处置中.
    Handling,
    /// 处置 reported, waiting for the check.
    Handled,
    /// 回退, waiting to be dispatched elsewhere.
    Returned,
    /// 挂账.
    Suspended,
    /// 结案.
    Closed,
    /// 作废.
    Cancelled,
}

impl IncidentState {
    /// Every state, in the order of the life cycle.
    pub const ALL: [Self; 11] = [
        Self::Reported,
        Self::PendingFile,
        Self::Filed,
        Self::NotAccepted,
        Self::Dispatched,
        Self::Handling,
        Self::Handled,
        Self::Returned,
        Self::Suspended,
        Self::Closed,
        Self::Cancelled,
    ];

    /// Whether work remains to be done.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::NotAccepted | Self::Closed | Self::Cancelled)
    }

    /// Whether the hall has to send somebody.
    pub const fn awaits_dispatch(self) -> bool {
        matches!(
            self,
            Self::Reported | Self::PendingFile | Self::Filed | Self::Returned
        )
    }
}

/// Why an action was not carried out; nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionRefused {
    /// The table has no such transition.
    #[error("not possible while the incident is {state:?}")]
    NotInThisState {
        /// The state it is in.
        state: IncidentState,
    },
    /// The role may not do this.
    #[error("the role {role:?} may not do this")]
    NotForThisRole {
        /// The role of the officer.
        role: OfficerRole,
    },
    /// A reason must be given.
    #[error("a reason is needed")]
    ReasonNeeded,
    /// The limit has been extended twice already.
    #[error("extended twice already")]
    ExtendedTwice,
    /// The category is not in the rules in force.
    #[error("category {category} is not in rules {rules_version}")]
    UnknownCategory {
        /// The category.
        category: CategoryCode,
        /// The rules looked at.
        rules_version: String,
    },
}

/// One incident as it stands: the fold of its trail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Number for people.
    pub id: IncidentId,
    /// Steps of the trail folded so far; a record with more steps is newer.
    pub steps: u32,
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
    /// Why this level.
    pub level_reason: String,
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
    /// Whether it belongs to a drill.
    #[serde(default)]
    pub is_drill: bool,
}

impl Incident {
    /// The incident that a report begins; `None` when the entry is no report.
    pub fn opened(entry: &TrailEntry) -> Option<Self> {
        let Action::Report(facts) = &entry.action else {
            return None;
        };
        let facts = ReportFacts::clone(facts);
        Some(Self {
            id: entry.incident,
            steps: entry.step,
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
        })
    }

    /// Folds the next entry of the trail. Returns `false`, changing nothing, unless the entry is
    /// exactly the next step of this incident.
    pub fn apply(&mut self, entry: &TrailEntry) -> bool {
        if entry.incident != self.id || entry.step != self.steps + 1 {
            return false;
        }
        match &entry.action {
            Action::File { condition, .. } => self.condition.clone_from(condition),
            Action::Dispatch {
                order,
                duty: DispatchDuty::Assist,
                ..
            } => self.assisting.push(*order),
            Action::Dispatch {
                order, department, ..
            } => {
                self.orders.push(*order);
                self.department.clone_from(department);
            }
            Action::Undispatch { order }
            | Action::Handled { order, .. }
            | Action::Assisted { order, .. } => {
                self.orders.retain(|o| o != order);
                self.assisting.retain(|o| o != order);
            }
            Action::Recategorise { category } => self.category = *category,
            Action::SetLevel {
                level,
                level_reason,
            } => {
                self.level = *level;
                self.level_reason.clone_from(level_reason);
            }
            Action::ReplyToSupervision { .. } => self.supervised = false,
            Action::FlagUnreasonable { is_unreasonable } => {
                self.is_unreasonable = *is_unreasonable;
            }
            Action::MarkDuplicate { of } => self.duplicate_of = Some(*of),
            Action::Suspend => self.suspended_from = Some(self.state),
            Action::Resume => self.suspended_from = None,
            Action::Extend => self.extensions += 1,
            Action::Rework => self.reworks += 1,
            Action::Supervise => self.supervised = true,
            _ => {}
        }
        if entry.state != self.state {
            self.state = entry.state;
            self.state_since = entry.occurred_at;
            self.ended_at = (!entry.state.is_open()).then_some(entry.occurred_at);
            // Whoever is still on the way to a matter that has ended, was returned or has to be
            // dispatched anew is called back.
            if !entry.state.is_open() || entry.state.awaits_dispatch() {
                self.orders.clear();
                self.assisting.clear();
            }
        }
        self.clock = entry.clock;
        self.steps = entry.step;
        self.rules_version.clone_from(&entry.rules_version);
        true
    }

    /// Whether the present stage's clock has run out.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.state.is_open() && self.clock.is_some_and(|clock| clock.is_overdue(now))
    }
}

/// The transition table: the state after `action`, or `None` where the action is illegal.
/// `suspended_from` is needed only to leave a suspension.
#[allow(
    clippy::match_same_arms,
    reason = "each line is one row of the published table"
)]
pub fn next_state(
    from: IncidentState,
    suspended_from: Option<IncidentState>,
    action: &Action,
) -> Option<IncidentState> {
    use IncidentState as S;
    match (from, action) {
        (S::Reported, Action::Verify) => Some(S::PendingFile),
        (S::Reported | S::PendingFile, Action::File { .. }) => Some(S::Filed),
        (S::Reported | S::PendingFile, Action::NotAccept) => Some(S::NotAccepted),
        (S::Filed | S::Returned | S::Dispatched, Action::Dispatch { .. }) => Some(S::Dispatched),
        (S::Handling, Action::Dispatch { .. }) => Some(S::Handling),
        (S::Dispatched | S::Handling, Action::Undispatch { .. }) => Some(S::Filed),
        (S::Dispatched | S::Handling, Action::StartHandling { .. }) => Some(S::Handling),
        (S::Dispatched | S::Handling, Action::Handled { .. }) => Some(S::Handled),
        (S::Dispatched | S::Handling, Action::Return) => Some(S::Returned),
        (S::Filed | S::Dispatched | S::Handling, Action::Suspend) => Some(S::Suspended),
        (S::Suspended, Action::Resume) => Some(suspended_from.unwrap_or(S::Filed)),
        (S::Dispatched | S::Handling, Action::Extend) => Some(from),
        (S::Handled, Action::Rework) => Some(S::Filed),
        (S::Handled, Action::Close) => Some(S::Closed),
        (state, Action::ForceClose) if state.is_open() => Some(S::Closed),
        (state, Action::Cancel) if state.is_open() => Some(S::Cancelled),
        (state, Action::Supervise) if state.is_open() => Some(state),
        (state, Action::Note { .. }) => Some(state),
        (S::Reported | S::PendingFile, Action::Recategorise { .. }) => Some(from),
        (state, Action::SetLevel { .. } | Action::ContactCaller) if state.is_open() => Some(state),
        (S::Filed | S::Dispatched | S::Handling | S::Returned, Action::Convene { .. }) => {
            Some(from)
        }
        (S::Dispatched | S::Handling | S::Handled, Action::Assisted { .. }) => Some(from),
        (state, Action::ReplyToSupervision { .. }) if state.is_open() => Some(state),
        (S::Handled | S::Closed, Action::CallBack(_)) => Some(from),
        (state, Action::FlagUnreasonable { .. } | Action::JudgeDispatch { .. }) => Some(state),
        (state, Action::MarkDuplicate { .. }) if state.awaits_dispatch() => Some(S::Cancelled),
        (S::Dispatched | S::Handling, Action::Escalate { .. }) => Some(from),
        (S::Filed | S::Dispatched | S::Handling, Action::Whistle { .. }) => Some(from),
        (state, Action::SignIn { .. } | Action::WhistleHandled { .. }) if state.is_open() => {
            Some(state)
        }
        (state, Action::RateDepartment { .. } | Action::AdjustPoints { .. }) => Some(state),
        _ => None,
    }
}

/// Whether an officer of the role may do this.
pub const fn is_allowed(role: OfficerRole, action: &Action) -> bool {
    match action {
        Action::ForceClose | Action::Cancel => {
            matches!(role, OfficerRole::ShiftLeader | OfficerRole::StreetLeader)
        }
        Action::Supervise => matches!(role, OfficerRole::ShiftLeader | OfficerRole::StreetLeader),
        Action::Note { .. } => true,
        _ => matches!(role, OfficerRole::ShiftLeader | OfficerRole::DutyOfficer),
    }
}

/// Whether the table asks for a reason.
pub const fn needs_reason(action: &Action) -> bool {
    matches!(
        action,
        Action::NotAccept
            | Action::Return
            | Action::Suspend
            | Action::Extend
            | Action::Rework
            | Action::ForceClose
            | Action::Cancel
            | Action::FlagUnreasonable { .. }
            | Action::MarkDuplicate { .. }
            | Action::JudgeDispatch { .. }
            | Action::AdjustPoints { .. }
    )
}

/// The state and clock after an action, decided under the rules in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// State after the action.
    pub state: IncidentState,
    /// Clock after the action.
    pub clock: Option<StageClock>,
}

/// Decides whether an action is legal now and what follows from it. `role` is `None` for actions
/// that no officer takes (the field's, a rule's).
pub fn decide(
    incident: &Incident,
    action: &Action,
    role: Option<OfficerRole>,
    reason: Option<&str>,
    at: Timestamp,
    rules: &Rules,
) -> Result<Decision, ActionRefused> {
    if let Some(role) = role.filter(|role| !is_allowed(*role, action)) {
        return Err(ActionRefused::NotForThisRole { role });
    }
    let mut state = next_state(incident.state, incident.suspended_from, action).ok_or(
        ActionRefused::NotInThisState {
            state: incident.state,
        },
    )?;
    if let Action::Undispatch { order } = action
        && incident.orders.iter().any(|other| other != order)
    {
        // Somebody else is still on the way: only the last order that ends brings the matter back.
        state = incident.state;
    }
    if needs_reason(action) && reason.is_none_or(|r| r.trim().is_empty()) {
        return Err(ActionRefused::ReasonNeeded);
    }
    if matches!(action, Action::Extend) && incident.extensions >= MAX_EXTENSIONS {
        return Err(ActionRefused::ExtendedTwice);
    }
    let clock = clock_after(incident, action, state, at, rules)?;
    Ok(Decision { state, clock })
}

#[allow(
    clippy::match_same_arms,
    reason = "one line for each action, in the order of the life cycle"
)]
fn clock_after(
    incident: &Incident,
    action: &Action,
    state: IncidentState,
    at: Timestamp,
    rules: &Rules,
) -> Result<Option<StageClock>, ActionRefused> {
    let calendar = &rules.calendar;
    let stage = |limit| Some(StageClock::start(limit, at, calendar));
    let present = incident.clock;
    Ok(match action {
        Action::Verify => stage(rules.stage_limits.file),
        Action::File { .. } | Action::Rework => stage(rules.stage_limits.dispatch),
        Action::Undispatch { .. } if state == incident.state => present,
        Action::Dispatch { .. } if incident.state.awaits_dispatch() => {
            let rule = rules.category(incident.category).ok_or_else(|| {
                ActionRefused::UnknownCategory {
                    category: incident.category,
                    rules_version: rules.version.clone(),
                }
            })?;
            stage(rule.limit)
        }
        Action::Undispatch { .. } => stage(rules.stage_limits.dispatch),
        Action::Handled { .. } => stage(rules.stage_limits.check),
        Action::Return | Action::Suspend => present.map(|mut clock| {
            clock.pause(at);
            clock
        }),
        Action::Resume => present.map(|mut clock| {
            clock.resume(at, calendar);
            clock
        }),
        Action::Extend => present.map(|mut clock| {
            clock.deadline = deadline(clock.limit, clock.deadline, calendar);
            clock
        }),
        _ if state.is_open() => present,
        _ => None,
    })
}

#[cfg(test)]
mod tests;
