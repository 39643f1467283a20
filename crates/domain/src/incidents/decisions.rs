//! What follows from an action: decided from the table and the rules in force, before anything
//! is written.

use super::guards::{in_rules, required};
use super::table::{is_allowed, legal_now, row};
use super::{ActionRefused, ClockEffect, Guard, Incident, IncidentState, Stage};
use crate::clocks::{Limit, StageClock, clock_on_dispatch};
use crate::people::Post;
use crate::rules::Rules;
use crate::time::Timestamp;
use crate::trail::{Action, DispatchDuty, Taker};

/// The state and clock after an action, decided under the rules in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// State after the action.
    pub state: IncidentState,
    /// Clock after the action.
    pub clock: Option<StageClock>,
}

/// State and clock of a matter that is reported at `at`.
pub fn decide_report(at: Timestamp, rules: &Rules) -> Decision {
    Decision {
        state: IncidentState::Reported,
        clock: Some(stage_clock(Stage::Verify, at, rules)),
    }
}

/// Decides whether an action is legal now and what follows from it. Nothing is changed: the
/// decision becomes part of the incident when its trail entry is folded.
///
/// `at` is when it happened. Where that is before the latest entry took effect (an offline hall
/// sent it late), it takes effect at that later instant: clocks never begin, stand still or go on
/// in a past that other steps have been decided upon.
pub fn decide(
    incident: &Incident,
    action: &Action,
    taker: Taker,
    reason: Option<&str>,
    at: Timestamp,
    rules: &Rules,
) -> Result<Decision, ActionRefused> {
    let row = row(action.kind());
    if !is_allowed(taker, action.kind()) {
        return Err(ActionRefused::NotForThisTaker { taker });
    }
    let one = legal_now(incident, action)?;
    if !one.only.is_empty() && !one.only.contains(&taker) {
        return Err(ActionRefused::NotForThisTaker { taker });
    }
    for field in row.requires {
        required(*field, action, reason)?;
    }
    if row.guards.contains(&Guard::InRules) {
        in_rules(incident, action, rules)?;
    }
    let at = incident.course.effect_of(at);
    Ok(Decision {
        state: one.target(incident),
        clock: clock_after(one.clock, incident, action, at, rules)?,
    })
}

fn clock_after(
    effect: ClockEffect,
    incident: &Incident,
    action: &Action,
    at: Timestamp,
    rules: &Rules,
) -> Result<Option<StageClock>, ActionRefused> {
    let mut clock = incident.clock;
    match effect {
        ClockEffect::Keep => {}
        ClockEffect::StartStage(stage) => clock = Some(stage_clock(stage, at, rules)),
        ClockEffect::StartHandling => clock = Some(handling_clock(incident, action, at, rules)?),
        ClockEffect::Pause => {
            if let Some(clock) = &mut clock {
                clock.pause(at);
            }
        }
        ClockEffect::Resume => {
            if let Some(clock) = &mut clock {
                clock.resume(at, &rules.calendar);
            }
        }
        ClockEffect::Extend => {
            if let Some(clock) = &mut clock {
                clock.extend(&rules.calendar);
            }
        }
        ClockEffect::Stop => clock = None,
    }
    Ok(clock)
}

fn stage_clock(stage: Stage, at: Timestamp, rules: &Rules) -> StageClock {
    let limits = &rules.stage_limits;
    let limit = match stage {
        Stage::Verify => limits.verify,
        Stage::File => limits.file,
        // Handling has the limit of its filing condition; see `handling_clock`.
        Stage::Dispatch | Stage::Handle => limits.dispatch,
        Stage::Check => limits.check,
    };
    StageClock::start(limit, at, &rules.calendar)
}

/// A return pauses the handling clock: the same department resumes it, another one starts anew.
/// So does a department that is not known, and one whose matter was filed anew with another limit.
fn handling_clock(
    incident: &Incident,
    action: &Action,
    at: Timestamp,
    rules: &Rules,
) -> Result<StageClock, ActionRefused> {
    let limit = handling_limit(incident, rules)?;
    let waiting = incident.course.waiting_clock;
    let waiting = waiting.filter(|clock| clock.limit == limit);
    Ok(match action {
        Action::Dispatch {
            department: Some(next),
            ..
        } => {
            let previous = incident.department.as_ref();
            clock_on_dispatch(previous, next, waiting, limit, at, &rules.calendar)
        }
        _ => StageClock::start(limit, at, &rules.calendar),
    })
}

/// The limit with which the matter was filed; a record of an earlier version that does not know
/// it takes that of the category.
fn handling_limit(incident: &Incident, rules: &Rules) -> Result<Limit, ActionRefused> {
    if let Some(limit) = incident.course.limit {
        return Ok(limit);
    }
    rules
        .category(incident.category)
        .map(|rule| rule.limit)
        .ok_or_else(|| ActionRefused::UnknownCategory {
            category: incident.category,
            rules_version: rules.version.clone(),
        })
}

/// Checks that a matter may be called a repetition of `of`, which itself must be no repetition and
/// must go on or have been settled. `is_followed` tells whether other matters have been called
/// repetitions of `incident`: they would become a chain.
pub fn check_duplicate(
    incident: &Incident,
    of: &Incident,
    is_followed: bool,
) -> Result<(), ActionRefused> {
    if incident.id == of.id {
        return Err(ActionRefused::DuplicateOfItself);
    }
    let is_dropped = matches!(
        of.state,
        IncidentState::NotAccepted | IncidentState::Cancelled
    );
    if is_followed || is_dropped || of.duplicate_of.is_some() {
        return Err(ActionRefused::DuplicateChain);
    }
    Ok(())
}

/// The duty that a person of the department has when sent to the matter: that of the joint
/// handling where there is one, the lead otherwise.
pub fn duty_at(incident: &Incident, department: Option<&crate::ids::DepartmentId>) -> DispatchDuty {
    let joint = incident.course.joint.as_ref();
    joint
        .zip(department)
        .and_then(|(joint, department)| joint.duty_of(department))
        .unwrap_or_default()
}

/// The same for somebody of the post: the department that answers for a post is in the rules.
pub fn duty_of_post(incident: &Incident, post: Post, rules: &Rules) -> DispatchDuty {
    let department = rules.department_of(post);
    duty_at(incident, department.map(|department| &department.id))
}

/// Refuses to send somebody to a matter that is not filed yet, which verifies and files it by the
/// same act, where this passes over whoever returned it.
pub fn check_direct_dispatch(incident: &Incident) -> Result<(), ActionRefused> {
    let stage = incident.state.stage();
    // From where somebody can be sent by right, handling is the next stage and nobody is passed.
    match incident.course.barrier(stage, Some(Stage::Handle)) {
        Some(stage) => Err(ActionRefused::PastReturner { stage }),
        None => Ok(()),
    }
}
