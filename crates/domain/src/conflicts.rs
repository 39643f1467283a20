//! Conflicts: whether what an officer wanted still fits the incident after what others have done to
//! it meanwhile.
//!
//! A proposal carries its [`Basis`]: the incident as the officer saw it, and the own proposals that
//! were still on their way. When the backend accepts the proposal, [`conflict`] holds it against the
//! steps that the officer had not seen. Which step of others speaks against which wish stands in one
//! table (`conflicts/rows.rs`); a step of the hall's own earlier proposals speaks against nothing.

use serde::{Deserialize, Serialize};

use crate::ids::{DepartmentId, IntentKey, OrderId, PersonId};
use crate::incidents::{Incident, IncidentState, Level, check_direct_dispatch, legal_now};
use crate::intents::Intent;
use crate::rules::CategoryCode;
use crate::time::Timestamp;
use crate::trail::{Action, Actor, TrailEntry};

mod rows;

pub use rows::{TABLE, Verdict, Wanted, WantedRow, verdict};

/// Later steps that a conflict names at most; those that are in conflict come before others.
pub const MOST_STEPS: usize = 24;
/// Own proposals that a basis names at most.
pub const MOST_OWN: usize = 256;

/// An incident as far as it matters to a decision about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// When the matter was reported. Where a backend was restored from a backup, another matter may
    /// have got the number of one that it has forgotten: this tells the two apart. `None` in what was
    /// queued by versions that did not keep it.
    #[serde(default)]
    pub reported_at: Option<Timestamp>,
    /// Steps of its trail that are in it.
    pub steps: u32,
    /// State.
    pub state: IncidentState,
    /// Level.
    pub level: Level,
    /// Category.
    pub category: CategoryCode,
    /// Whether a leader watches it (督办).
    pub is_supervised: bool,
    /// Who is under way, in the order of sending.
    pub under_way: Vec<PersonId>,
}

impl Version {
    /// The incident as it stands, with the people who are under way.
    pub const fn of(incident: &Incident, under_way: Vec<PersonId>) -> Self {
        Self {
            reported_at: Some(incident.reported_at),
            steps: incident.steps,
            state: incident.state,
            level: incident.level,
            category: incident.category,
            is_supervised: incident.supervised,
            under_way,
        }
    }

    /// Whether the two are known to be of different matters that bear the same number.
    pub fn is_of_other_matter(&self, other: &Self) -> bool {
        self.reported_at
            .zip(other.reported_at)
            .is_some_and(|(one, other)| one != other)
    }
}

/// What an officer decided upon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// The incident as the officer saw it.
    pub seen: Version,
    /// The own proposals about it that were on their way and stand before this one: their steps are
    /// no news to the officer.
    #[serde(default)]
    pub own: Vec<IntentKey>,
    /// Why it is sent although others have acted meanwhile, once an officer has said so.
    #[serde(default)]
    pub anyway: Option<Anyway>,
}

/// The named override of a conflict. What it overrides are the steps up to those that the basis has
/// seen; whatever comes after them is another conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anyway {
    /// The officer's reason.
    pub reason: String,
    /// Steps of the trail that the officer had seen when it was first composed.
    pub composed_at: u32,
}

/// A step of the trail that the officer had not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LaterStep {
    /// Its number.
    pub step: u32,
    /// What was done.
    pub action: Action,
    /// State after it.
    pub state: IncidentState,
    /// Who did it.
    pub by: Actor,
    /// The intent that it carried out, where an officer's did.
    pub intent: Option<IntentKey>,
    /// Why, where a reason was given.
    pub reason: Option<String>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When the backend accepted it.
    pub recorded_at: Timestamp,
    /// Whether it speaks against what was wanted; the others are told along with these.
    pub is_in_conflict: bool,
}

/// What has happened since, and where the incident stands by it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    /// The incident as it is now.
    pub theirs: Version,
    /// The steps since, oldest first, without the own ones.
    pub since: Vec<LaterStep>,
}

/// Whether what was wanted conflicts with what others have done since; `None` where it does not.
///
/// `now` is the incident as it stands, `later` its trail, of which only the steps after
/// `basis.seen` count. A basis that has seen more steps than there are was made on another record
/// of the incident, and conflicts with this one.
pub fn conflict(
    intent: &Intent,
    basis: &Basis,
    now: &Version,
    later: &[TrailEntry],
) -> Option<Conflict> {
    let wanted = Wanted::of(intent)?;
    let mut since: Vec<LaterStep> = later
        .iter()
        .filter(|entry| entry.step > basis.seen.steps && !is_own(entry, basis))
        .map(|entry| LaterStep {
            step: entry.step,
            action: entry.action.clone(),
            state: entry.state,
            by: entry.by.clone(),
            intent: entry.mandate.as_ref().map(|mandate| mandate.intent),
            reason: entry.reason.clone(),
            occurred_at: entry.occurred_at,
            recorded_at: entry.recorded_at,
            is_in_conflict: is_against(wanted, intent, &entry.action),
        })
        .collect();
    let is_other_record = basis.seen.steps > now.steps;
    if !is_other_record && !since.iter().any(|step| step.is_in_conflict) {
        return None;
    }
    if since.len() > MOST_STEPS {
        since.retain(|step| step.is_in_conflict);
        since.drain(..since.len().saturating_sub(MOST_STEPS));
    }
    Some(Conflict {
        theirs: now.clone(),
        since,
    })
}

fn is_own(entry: &TrailEntry, basis: &Basis) -> bool {
    let mandate = entry.mandate.as_ref();
    mandate.is_some_and(|mandate| basis.own.contains(&mandate.intent))
}

fn is_against(wanted: Wanted, intent: &Intent, later: &Action) -> bool {
    match verdict(wanted, later.kind()) {
        Verdict::Fits => false,
        Verdict::Conflicts => true,
        Verdict::SameSubject => subject_of(intent).is_some_and(|own| subject(later) == Some(own)),
    }
}

/// What a step is about within its incident.
#[derive(PartialEq, Eq)]
enum Subject<'a> {
    Order(OrderId),
    Call(u16, &'a DepartmentId),
}

fn subject_of(intent: &Intent) -> Option<Subject<'_>> {
    match intent {
        Intent::WithdrawOrder { order, .. } => Some(Subject::Order(*order)),
        Intent::Act { action, .. } => subject(action),
        Intent::SendOrder { .. }
        | Intent::SendOrders { .. }
        | Intent::SetMode { .. }
        | Intent::Report { .. }
        | Intent::LogDuty { .. }
        | Intent::HandOver { .. } => None,
    }
}

fn subject(action: &Action) -> Option<Subject<'_>> {
    match action {
        Action::Dispatch { order, .. }
        | Action::Undispatch { order }
        | Action::StartHandling { order }
        | Action::Handled { order, .. }
        | Action::Assisted { order, .. }
        | Action::Escalate { order, .. }
        | Action::JudgeDispatch { order, .. } => Some(Subject::Order(*order)),
        Action::SignIn {
            whistle,
            department,
        }
        | Action::WhistleHandled {
            whistle,
            department,
            ..
        }
        | Action::RateDepartment {
            whistle,
            department,
            ..
        }
        | Action::AdjustPoints {
            whistle,
            department,
            ..
        } => Some(Subject::Call(*whistle, department)),
        _ => None,
    }
}

/// Whether the life cycle would still carry the wish out, as far as the incident alone tells: where
/// it would not, no override helps and the wish can only be changed or dropped.
pub fn is_possible(intent: &Intent, incident: &Incident) -> bool {
    match intent {
        Intent::SendOrder { .. } | Intent::SendOrders { .. } => {
            let takes_orders = incident.state.awaits_dispatch()
                || matches!(
                    incident.state,
                    IncidentState::Dispatched | IncidentState::Handling
                );
            takes_orders && check_direct_dispatch(incident).is_ok()
        }
        Intent::WithdrawOrder { order, .. } => {
            incident.orders.contains(order) || incident.assisting.contains(order)
        }
        Intent::Act { action, .. } => legal_now(incident, action).is_ok(),
        Intent::SetMode { .. }
        | Intent::Report { .. }
        | Intent::LogDuty { .. }
        | Intent::HandOver { .. } => true,
    }
}

impl Wanted {
    /// What an intent wants of its incident; `None` where it is about none, and for a report, which
    /// nobody can have acted before.
    pub const fn of(intent: &Intent) -> Option<Self> {
        match intent {
            Intent::SendOrder { .. } | Intent::SendOrders { .. } => Some(Self::Order),
            Intent::WithdrawOrder { .. } => Some(Self::Withdrawal),
            Intent::Act { action, .. } => Some(Self::Step(action.kind())),
            Intent::SetMode { .. }
            | Intent::Report { .. }
            | Intent::LogDuty { .. }
            | Intent::HandOver { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests;
