//! The one transition table: what it is written in, and how it is read.
//!
//! The rows stand in `rows.rs`. Whatever decides, offers or explains a step reads them: the
//! backend through [`super::decide`], the desk through [`legal_now`] and [`is_allowed`], the page
//! `docs/transitions.md` row by row.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::rows::TABLE;
use super::{ActionRefused, Incident, IncidentState, Stage, guards};
use crate::trail::{Action, ActionKind, DispatchDuty, Taker};

/// All that the table says about one action.
#[derive(Debug, Clone, Copy)]
pub struct ActionRow {
    /// The action.
    pub action: ActionKind,
    /// Who may take it.
    pub takers: &'static [Taker],
    /// What it must come with.
    pub requires: &'static [RequiredField],
    /// What has to hold besides the state.
    pub guards: &'static [Guard],
    /// Where it leads; from every state that no move names it is refused.
    pub moves: &'static [Move],
    /// What it means and does besides, for the published page.
    pub note: &'static str,
}

/// Where an action leads from some states.
#[derive(Debug, Clone, Copy)]
pub struct Move {
    /// The states.
    pub from: &'static [IncidentState],
    /// Which of several moves from the same state it is.
    pub when: When,
    /// The state after it.
    pub to: To,
    /// What happens to the clock.
    pub clock: ClockEffect,
    /// Who alone may make this move, where not everybody may who takes the action; empty
    /// otherwise.
    pub only: &'static [Taker],
}

/// Which of several moves from the same state is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// There is only one.
    Always,
    /// The order that ends is the only one of the lead.
    LastLeadOrder,
    /// Another order of the lead stays under way, or the one that ends is an assistant's.
    LeadStays,
}

/// The state that a move leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// The same.
    Same,
    /// The one from which the suspension began.
    WhereSuspended,
    /// This one.
    State(IncidentState),
}

/// What a move does to the clock of the incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClockEffect {
    /// It stays as it is.
    Keep,
    /// The stage's own limit starts.
    StartStage(Stage),
    /// The handling limit of the filing condition starts, or the clock that waits since a return
    /// goes on where the same department is sent again.
    StartHandling,
    /// It stands still.
    Pause,
    /// It goes on with the time that was left.
    Resume,
    /// The deadline moves by one original limit.
    Extend,
    /// There is none any more.
    Stop,
}

/// What an action must come with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequiredField {
    /// A reason.
    Reason,
    /// A text.
    Text,
    /// The reason of a level.
    LevelReason,
    /// Departments, each once, and the lead not among its assistants.
    Departments,
    /// What was deliberated.
    Deliberation,
    /// A rating from 0 to 100.
    Rating,
}

impl fmt::Display for RequiredField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reason => "a reason",
            Self::Text => "a text",
            Self::LevelReason => "the reason of the level",
            Self::Departments => "a department, each once and the lead not among the assistants,",
            Self::Deliberation => "what was deliberated",
            Self::Rating => "a rating from 0 to 100",
        })
    }
}

/// What has to hold besides the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// The step passes over nobody who returned the matter.
    NotPastReturner,
    /// A supervision has been replied to.
    ReplyGiven,
    /// There is a supervision to reply to.
    ReplyOwed,
    /// An extension is left.
    ExtensionLeft,
    /// The category and the filing condition are in the rules in force.
    InRules,
    /// The order is not under way yet.
    NewOrder,
    /// The order is under way for this matter.
    OrderUnderWay,
    /// The order is under way as the lead's.
    LeadOrder,
    /// The order is under way as an assistant's.
    AssistantOrder,
    /// An assistant goes only where somebody leads.
    LeadFirst,
    /// In a joint handling, the department has that duty.
    ConvenedDuty,
    /// No assistant is under way any more.
    AssistantsDone,
    /// The other matter is another one.
    OtherMatter,
}

/// The row of an action.
pub fn row(action: ActionKind) -> &'static ActionRow {
    &TABLE[action as usize]
}

/// Whether somebody may take an action at all.
pub fn is_allowed(taker: Taker, action: ActionKind) -> bool {
    row(action).takers.contains(&taker)
}

/// Whether the table asks for a reason.
pub fn needs_reason(action: ActionKind) -> bool {
    row(action).requires.contains(&RequiredField::Reason)
}

/// The move that an action makes from where the incident stands; `None` where it is illegal.
pub fn move_of(incident: &Incident, action: &Action) -> Option<&'static Move> {
    let when = match action {
        Action::Undispatch { order } if is_last_lead(incident, order) => When::LastLeadOrder,
        Action::Undispatch { .. } => When::LeadStays,
        _ => When::Always,
    };
    row(action.kind()).moves.iter().find(|one| {
        one.from.contains(&incident.state) && (one.when == When::Always || one.when == when)
    })
}

fn is_last_lead(incident: &Incident, order: &crate::ids::OrderId) -> bool {
    incident.orders.contains(order) && incident.orders.iter().all(|other| other == order)
}

impl Move {
    /// The state after the move.
    pub fn target(&self, incident: &Incident) -> IncidentState {
        match self.to {
            To::Same => incident.state,
            To::WhereSuspended => incident.suspended_from.unwrap_or(IncidentState::Filed),
            To::State(state) => state,
        }
    }
}

/// The state after `action`, or `None` where the table has no such transition.
pub fn next_state(incident: &Incident, action: &Action) -> Option<IncidentState> {
    move_of(incident, action).map(|one| one.target(incident))
}

/// Whether the action is possible now, whoever takes it and whatever it says: its move, or why
/// there is none. The rules in force are asked by [`super::decide`] alone.
pub fn legal_now(incident: &Incident, action: &Action) -> Result<&'static Move, ActionRefused> {
    let one = move_of(incident, action).ok_or(ActionRefused::NotInThisState {
        state: incident.state,
    })?;
    for guard in row(action.kind()).guards {
        guards::check(*guard, incident, action, one.target(incident))?;
    }
    Ok(one)
}

/// The duty of a dispatch.
pub(super) const fn duty(action: &Action) -> Option<DispatchDuty> {
    match action {
        Action::Dispatch { duty, .. } => Some(*duty),
        _ => None,
    }
}
