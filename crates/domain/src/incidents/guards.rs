//! What has to hold besides the state, and what an action must come with.

use super::table::duty;
use super::{
    ActionRefused, Guard, Incident, IncidentState, MAX_EXTENSIONS, RequiredField, duty_at,
};
use crate::ids::{DepartmentId, OrderId};
use crate::rules::Rules;
use crate::trail::{Action, DispatchDuty};

/// Checks one guard of an action that would lead to `target`.
pub(super) fn check(
    guard: Guard,
    incident: &Incident,
    action: &Action,
    target: IncidentState,
) -> Result<(), ActionRefused> {
    let refuse_unless = |holds: bool, why: ActionRefused| if holds { Ok(()) } else { Err(why) };
    match guard {
        Guard::NotPastReturner => {
            let (from, to) = (incident.state.stage(), target.stage());
            match incident.course.barrier(from, to) {
                Some(stage) => Err(ActionRefused::PastReturner { stage }),
                None => Ok(()),
            }
        }
        Guard::ReplyGiven => refuse_unless(!incident.supervised, ActionRefused::ReplyOwed),
        Guard::ReplyOwed => refuse_unless(incident.supervised, ActionRefused::NotSupervised),
        Guard::ExtensionLeft => refuse_unless(
            incident.extensions < MAX_EXTENSIONS,
            ActionRefused::ExtensionsUsedUp,
        ),
        // Only with the rules at hand: `in_rules`.
        Guard::InRules => Ok(()),
        Guard::NewOrder => each_order(action, |order| {
            let is_new = !incident.orders.contains(&order) && !incident.assisting.contains(&order);
            refuse_unless(is_new, ActionRefused::OrderUnderWay { order })
        }),
        Guard::OrderUnderWay => each_order(action, |order| {
            let is_there = incident.orders.contains(&order) || incident.assisting.contains(&order);
            refuse_unless(is_there, ActionRefused::OrderNotUnderWay { order })
        }),
        Guard::LeadOrder => each_order(action, |order| {
            let leads = incident.orders.contains(&order);
            refuse_unless(leads, ActionRefused::OrderNotUnderWay { order })
        }),
        Guard::AssistantOrder => each_order(action, |order| {
            let assists = incident.assisting.contains(&order);
            refuse_unless(assists, ActionRefused::OrderNotUnderWay { order })
        }),
        Guard::LeadFirst => {
            let is_too_early =
                duty(action) == Some(DispatchDuty::Assist) && incident.orders.is_empty();
            refuse_unless(!is_too_early, ActionRefused::LeadFirst)
        }
        Guard::ConvenedDuty => convened_duty(incident, action),
        Guard::AssistantsDone => refuse_unless(
            incident.assisting.is_empty(),
            ActionRefused::AssistantsUnderWay {
                count: incident.assisting.len(),
            },
        ),
        Guard::OtherMatter => {
            let is_itself = matches!(action, Action::MarkDuplicate { of } if *of == incident.id);
            refuse_unless(!is_itself, ActionRefused::DuplicateOfItself)
        }
    }
}

/// Asks about the order that an action names.
fn each_order(
    action: &Action,
    ask: impl FnOnce(OrderId) -> Result<(), ActionRefused>,
) -> Result<(), ActionRefused> {
    match action {
        Action::Dispatch { order, .. }
        | Action::Undispatch { order }
        | Action::StartHandling { order }
        | Action::Handled { order, .. }
        | Action::Assisted { order, .. }
        | Action::Escalate { order, .. } => ask(*order),
        _ => Ok(()),
    }
}

/// Without a joint handling there is nobody to assist; in one, its departments have their duties,
/// and whoever else is sent stands on the side of the lead.
fn convened_duty(incident: &Incident, action: &Action) -> Result<(), ActionRefused> {
    match action {
        Action::Dispatch {
            department, duty, ..
        } if duty_at(incident, department.as_ref()) != *duty => Err(ActionRefused::NotConvened {
            department: department.clone(),
        }),
        _ => Ok(()),
    }
}

/// Checks that the category and the filing condition are in the rules in force.
pub(super) fn in_rules(
    incident: &Incident,
    action: &Action,
    rules: &Rules,
) -> Result<(), ActionRefused> {
    let category = match action {
        Action::Recategorise { category } => *category,
        _ => incident.category,
    };
    let rule = rules
        .category(category)
        .ok_or_else(|| ActionRefused::UnknownCategory {
            category,
            rules_version: rules.version.clone(),
        })?;
    match action {
        Action::File {
            condition: Some(condition),
            ..
        } if rule.condition(Some(condition)).is_none() => Err(ActionRefused::UnknownCondition {
            category,
            condition: condition.clone(),
        }),
        _ => Ok(()),
    }
}

/// Checks what an action must come with.
pub(super) fn required(
    field: RequiredField,
    action: &Action,
    reason: Option<&str>,
) -> Result<(), ActionRefused> {
    let is_there = match (field, action) {
        (RequiredField::Reason, _) => reason.is_some_and(says_something),
        (RequiredField::Text, Action::Note { text } | Action::ReplyToSupervision { text }) => {
            says_something(text)
        }
        (RequiredField::LevelReason, Action::SetLevel { level_reason, .. }) => {
            says_something(level_reason)
        }
        (RequiredField::Departments, Action::Convene { lead, assistants }) => {
            are_distinct(assistants) && is_named(lead) && !assistants.contains(lead)
        }
        (RequiredField::Departments, Action::Whistle { departments, .. }) => {
            are_distinct(departments)
        }
        (RequiredField::Deliberation, Action::Whistle { deliberation, .. }) => {
            says_something(deliberation)
        }
        (RequiredField::Rating, Action::RateDepartment { rating, .. }) => *rating <= 100,
        // The table's test holds every field to the actions that have it.
        _ => false,
    };
    if is_there {
        Ok(())
    } else {
        Err(ActionRefused::FieldNeeded { field })
    }
}

fn says_something(text: &str) -> bool {
    !text.trim().is_empty()
}

fn is_named(department: &DepartmentId) -> bool {
    says_something(department.as_str())
}

/// At least one, all of them named, none twice.
fn are_distinct(departments: &[DepartmentId]) -> bool {
    !departments.is_empty()
        && departments.iter().enumerate().all(|(index, department)| {
            is_named(department) && !departments[..index].contains(department)
        })
}
