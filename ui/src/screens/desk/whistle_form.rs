//! The forms of whistles: whom to call and why, and what a department has done.

use std::collections::BTreeSet;

use domain::trail::Action;
use domain::{DepartmentId, IncidentId, IntentKey};
use leptos::html::Textarea;
use leptos::prelude::*;
use protocol::commands::SeenIncident;
use rust_i18n::t;

use super::dialog_forms::{Buttons, DialogError, focus_when_shown};
use super::state::use_desk;
use super::tasks::{Task, Upon, step_name};
use super::whistles::Choice;
use crate::strings;

/// What is still missing before the whistle can be sent, as the key of its sentence.
fn missing(
    chosen: &BTreeSet<DepartmentId>,
    deliberation: &str,
    reason: Option<&str>,
) -> Option<&'static str> {
    let is_blank = |text: &str| text.trim().is_empty();
    if chosen.is_empty() {
        Some("whistle.form.no_department")
    } else if is_blank(deliberation) {
        Some("whistle.form.no_deliberation")
    } else if reason.is_some_and(is_blank) {
        Some("whistle.form.no_reason")
    } else {
        None
    }
}

/// Asks whom to call and why.
#[component]
pub fn WhistleForm(
    /// Minted when the form opened.
    key: IntentKey,
    /// The incident.
    incident: IncidentId,
    /// The incident as it was shown when the form opened.
    seen: Option<SeenIncident>,
    /// Whether the level needs a reason.
    needs_reason: bool,
    /// The departments that may be called.
    choices: Vec<Choice>,
) -> impl IntoView {
    let desk = use_desk();
    let chosen = RwSignal::new(BTreeSet::new());
    let deliberation = NodeRef::<Textarea>::new();
    let reason = NodeRef::<Textarea>::new();
    focus_when_shown(deliberation);
    let words = |field: NodeRef<Textarea>| {
        let field = field.get_untracked();
        field
            .map(|f| f.value().trim().to_owned())
            .unwrap_or_default()
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let departments = chosen.get_untracked();
        let deliberation = words(deliberation);
        let reason = needs_reason.then(|| words(reason));
        let missing = missing(&departments, &deliberation, reason.as_deref());
        desk.dialog_error
            .set(missing.map(|key| t!(key).into_owned()));
        if missing.is_none() {
            desk.perform(Task::Act {
                key,
                incident,
                action: Action::Whistle {
                    whistle: 0,
                    departments: departments.into_iter().collect(),
                    deliberation,
                    push: None,
                },
                reason,
                upon: Upon::shown(seen),
            });
        }
    };
    let limit = desk.hall.catalogue.with_untracked(|catalogue| {
        let rules = catalogue.as_ref().map(|c| &c.reference.rules);
        rules.map_or_else(String::new, |r| strings::limit(r.whistle.response))
    });
    view! {
        <form class="dialog-form" on:submit=submit>
            <p>{t!("whistle.form.text", limit = limit).into_owned()}</p>
            <fieldset class="whistle-choices">
                <legend>{t!("whistle.form.departments").into_owned()}</legend>
                {choices.into_iter().map(|choice| check_box(choice, chosen)).collect_view()}
            </fieldset>
            {text_area(t!("whistle.form.deliberation").into_owned(), deliberation, "whistle-deliberation")}
            {needs_reason
                .then(|| text_area(t!("whistle.form.reason").into_owned(), reason, "whistle-reason"))}
            <DialogError />
            <Buttons submit=t!("whistle.blow_what").into_owned() busy=step_name(key) />
        </form>
    }
}

fn check_box(choice: Choice, chosen: RwSignal<BTreeSet<DepartmentId>>) -> impl IntoView {
    let note = choice
        .is_called
        .then(|| format!("（{}）", t!("whistle.form.called")));
    let department = choice.department.clone();
    let toggle = move |event| {
        let is_wanted = event_target_checked(&event);
        chosen.update(|chosen| {
            if is_wanted {
                chosen.insert(department.clone());
            } else {
                chosen.remove(&department);
            }
        });
    };
    view! {
        <label>
            <input
                type="checkbox"
                data-testid=format!("whistle-choice-{}", choice.department)
                disabled=choice.is_called
                on:change=toggle
            />
            {choice.name}
            {note}
        </label>
    }
}

fn text_area(label: String, field: NodeRef<Textarea>, name: &'static str) -> impl IntoView {
    view! {
        <label class="form-field">
            <span>{label}</span>
            <textarea
                node_ref=field
                class="field"
                rows="3"
                maxlength="500"
                aria-required="true"
                data-testid=name
            ></textarea>
        </label>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_one_after_the_other() {
        let nobody = BTreeSet::new();
        let gas = BTreeSet::from([DepartmentId::from("gas")]);
        for (chosen, deliberation, reason, said) in [
            (&nobody, "x", None, Some("whistle.form.no_department")),
            (&gas, " ", None, Some("whistle.form.no_deliberation")),
            (&gas, "x", Some(""), Some("whistle.form.no_reason")),
            (&gas, "x", Some("y"), None),
            (&gas, "x", None, None),
        ] {
            assert_eq!(missing(chosen, deliberation, reason), said);
        }
    }
}
