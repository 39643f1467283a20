//! Whistles of an incident as rows, and whether another may be blown.
//!
//! The rules are the domain's; this module asks them, so that the form is offered exactly when the
//! backend would accept a whistle. What is shown of departments is what the backend has; what can be
//! recorded of them follows from what waits to be recorded already.

use domain::clocks::StageClock;
use domain::incidents::{is_allowed, next_state};
use domain::rules::Rules;
use domain::trail::{Action, ActionKind, OfficerRole, Taker, TrailEntry};
use domain::whistle::{
    MatterWhistles, Permission, Progress, Standing, WhistleRefused, may_whistle,
};
use domain::{DepartmentId, Timestamp};

use super::prospect::Prospect;

/// How far a called department has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallState {
    /// Not signed in, still in time.
    Called,
    /// Not signed in, the limit has run out.
    Unanswered,
    /// Signed in, within the limit or late.
    SignedIn {
        /// After the limit.
        is_late: bool,
    },
    /// Done, within the limit or late.
    Done {
        /// After the limit.
        is_late: bool,
    },
    /// The matter ended first.
    Released,
}

/// Whether something that an officer records of a department can be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recording {
    /// Now.
    Open,
    /// It has been, and waits to be carried out.
    Waiting,
}

/// One department called by one whistle.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRow {
    /// Number of the whistle.
    pub whistle: u16,
    /// The department.
    pub department: DepartmentId,
    /// Its name, or its id where the rules in force do not know it.
    pub name: String,
    /// How far it has come.
    pub state: CallState,
    /// The clock that counts now: that of the response until the sign-in, then that of the handling.
    pub clock: StageClock,
    /// The street's rating.
    pub rating: Option<u8>,
    /// Its sign-in.
    pub sign_in: Option<Recording>,
    /// Its completion.
    pub completion: Option<Recording>,
}

/// Why no whistle is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyNot {
    /// The trail is not there yet.
    Loading,
    /// The state of the matter has no whistle.
    State,
    /// The officer's role may not.
    Role,
    /// A whistle waits to be carried out.
    Waiting,
    /// Everybody who could be called is at work already.
    AllCalled,
    /// The rules of whistles.
    Rule(WhistleRefused),
}

/// A department that the form lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The department.
    pub department: DepartmentId,
    /// Its name.
    pub name: String,
    /// Whether it has not finished an earlier whistle.
    pub is_called: bool,
}

/// What the card shows.
#[derive(Debug, Clone, PartialEq)]
pub struct WhistleCard {
    /// The calls, the newest whistle first.
    pub rows: Vec<CallRow>,
    /// The form, or why there is none.
    pub offer: Result<Permission, WhyNot>,
    /// The departments of the form.
    pub choices: Vec<Choice>,
    /// Whether the matter goes on and the officer may record what departments do.
    pub may_record: bool,
}

/// The card of an incident; `None` where there is nothing to say about whistles.
pub fn card(
    prospect: &Prospect<'_>,
    trail: Option<&[TrailEntry]>,
    role: Option<OfficerRole>,
    rules: &Rules,
    now: Timestamp,
) -> Option<WhistleCard> {
    let matter = trail.map(MatterWhistles::of_trail);
    // The same once what waits has been carried out. A whistle that waits has no number yet and
    // changes nothing, and neither does a step that does not follow the trail that is there.
    let then = matter.clone().map(|mut matter| {
        for step in prospect.steps() {
            matter.apply(step).ok();
        }
        matter
    });
    let rows = matter
        .as_ref()
        .zip(then.as_ref())
        .map_or_else(Vec::new, |(matter, then)| {
            rows(matter, then, prospect, rules, now)
        });
    if rows.is_empty() && !prospect.shown().state.is_open() {
        return None;
    }
    let choices = choices(matter.as_ref(), rules);
    Some(WhistleCard {
        rows,
        offer: offer(prospect, then.as_ref(), role, rules, &choices),
        choices,
        may_record: prospect.shown().state.is_open() && may(role),
    })
}

fn rows(
    matter: &MatterWhistles,
    then: &MatterWhistles,
    prospect: &Prospect<'_>,
    rules: &Rules,
    now: Timestamp,
) -> Vec<CallRow> {
    let newest_first = matter.whistles.values().rev();
    newest_first
        .flat_map(|whistle| {
            let called = whistle.departments.iter();
            called.map(|(department, progress)| {
                let then = then.whistles.get(&whistle.number);
                let then = then.and_then(|whistle| whistle.departments.get(department));
                let then = then.unwrap_or(progress);
                let call = (whistle.number, department);
                CallRow {
                    whistle: whistle.number,
                    department: department.clone(),
                    name: name_of(department, rules),
                    state: state(progress, rules, now),
                    clock: clock(progress, rules),
                    rating: progress.rating,
                    sign_in: recording(
                        waits(prospect, ActionKind::SignIn, call),
                        then.is_open() && then.signed_in_at.is_none(),
                    ),
                    completion: recording(
                        waits(prospect, ActionKind::WhistleHandled, call),
                        then.is_open() && then.signed_in_at.is_some(),
                    ),
                }
            })
        })
        .collect()
}

const fn recording(waits: bool, can: bool) -> Option<Recording> {
    match (waits, can) {
        (true, _) => Some(Recording::Waiting),
        (false, true) => Some(Recording::Open),
        (false, false) => None,
    }
}

/// Whether a step of that kind waits about a department called.
fn waits(prospect: &Prospect<'_>, kind: ActionKind, call: (u16, &DepartmentId)) -> bool {
    prospect.waiting().any(|(_, action)| match action {
        Action::SignIn {
            whistle,
            department,
        }
        | Action::WhistleHandled {
            whistle,
            department,
            ..
        } => action.kind() == kind && (*whistle, department) == call,
        _ => false,
    })
}

fn name_of(department: &DepartmentId, rules: &Rules) -> String {
    let known = rules.department(department);
    known.map_or_else(|| department.to_string(), |known| known.name.clone())
}

fn state(progress: &Progress, rules: &Rules, now: Timestamp) -> CallState {
    let is_late = |standing| standing == Standing::Late;
    let response = progress.response(now, &rules.calendar);
    if progress.handled_at.is_some() {
        let handling = progress.handling(now, &rules.calendar);
        CallState::Done {
            is_late: is_late(handling),
        }
    } else if progress.ended_at.is_some() {
        CallState::Released
    } else if progress.signed_in_at.is_some() {
        CallState::SignedIn {
            is_late: is_late(response),
        }
    } else if response == Standing::Overdue {
        CallState::Unanswered
    } else {
        CallState::Called
    }
}

fn clock(progress: &Progress, rules: &Rules) -> StageClock {
    if progress.signed_in_at.is_some() {
        progress.handling_clock(&rules.calendar)
    } else {
        progress.response_clock(&rules.calendar)
    }
}

fn choices(matter: Option<&MatterWhistles>, rules: &Rules) -> Vec<Choice> {
    let callable = rules.whistle.departments.iter();
    callable
        .map(|department| Choice {
            department: department.clone(),
            name: name_of(department, rules),
            is_called: matter.is_some_and(|m| m.open_whistle(department).is_some()),
        })
        .collect()
}

/// Without a signed-in officer the form is offered, because the sign-in that precedes it decides.
fn may(role: Option<OfficerRole>) -> bool {
    role.is_none_or(|role| is_allowed(Taker::Officer(role), ActionKind::Whistle))
}

/// A whistle without its contents, enough to look it up in the table.
fn a_whistle() -> Action {
    Action::Whistle {
        whistle: 0,
        departments: Vec::new(),
        deliberation: String::new(),
        push: None,
    }
}

fn offer(
    prospect: &Prospect<'_>,
    matter: Option<&MatterWhistles>,
    role: Option<OfficerRole>,
    rules: &Rules,
    choices: &[Choice],
) -> Result<Permission, WhyNot> {
    if !may(role) {
        return Err(WhyNot::Role);
    }
    let mut waiting = prospect.waiting();
    if waiting.any(|(_, action)| action.kind() == ActionKind::Whistle) {
        return Err(WhyNot::Waiting);
    }
    let incident = prospect.incident();
    if next_state(incident, &a_whistle()).is_none() {
        return Err(WhyNot::State);
    }
    let matter = matter.ok_or(WhyNot::Loading)?;
    let permission = may_whistle(incident, matter, &rules.whistle).map_err(WhyNot::Rule)?;
    if choices.iter().all(|choice| choice.is_called) {
        return Err(WhyNot::AllCalled);
    }
    Ok(permission)
}

#[cfg(test)]
mod tests;
