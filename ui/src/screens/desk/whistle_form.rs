//! The forms of whistles: whom to call and why, and what a department has done.

use std::collections::BTreeSet;

use domain::trail::Action;
use domain::{DepartmentId, IncidentId};
use leptos::html::Textarea;
use leptos::prelude::*;
use protocol::commands::SeenIncident;
use rust_i18n::t;

use super::dialog_forms::{Buttons, DialogError, focus_when_shown, kept_hint};
use super::keeping::OpenWords;
use super::state::{DeskContext, use_desk};
use super::tasks::{Task, Upon, step_name};
use super::typed::Words;
use super::whistles::Choice;
use crate::strings;

/// What is still missing before the whistle can be sent, as the key of its sentence.
fn missing(words: &Words, needs_reason: bool) -> Option<&'static str> {
    let is_blank = |text: &str| text.trim().is_empty();
    if words.departments.is_empty() {
        Some("whistle.form.no_department")
    } else if is_blank(&words.text) {
        Some("whistle.form.no_deliberation")
    } else if needs_reason && is_blank(&words.reason) {
        Some("whistle.form.no_reason")
    } else {
        None
    }
}

/// Those chosen before who can still be chosen.
fn still_offered(chosen: &BTreeSet<DepartmentId>, choices: &[Choice]) -> BTreeSet<DepartmentId> {
    let offered = choices.iter().filter(|choice| !choice.is_called);
    let offered = offered.map(|choice| &choice.department);
    offered.filter(|id| chosen.contains(id)).cloned().collect()
}

/// Asks whom to call and why.
#[component]
pub fn WhistleForm(
    /// What is typed and chosen, with its key.
    words: OpenWords,
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
    let deliberation = NodeRef::<Textarea>::new();
    focus_when_shown(deliberation);
    if words.are_back {
        // One that has been called meanwhile is no longer offered.
        words.edit(|words| words.departments = still_offered(&words.departments, &choices));
    }
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let said = words.words().trimmed();
        let missing = missing(&said, needs_reason);
        desk.dialog_error
            .set(missing.map(|key| t!(key).into_owned()));
        if missing.is_none() && untrack(|| !desk.is_busy(&step_name(words.key()))) {
            desk.perform(Task::Act {
                key: words.click(),
                incident,
                action: Action::Whistle {
                    whistle: 0,
                    departments: said.departments.into_iter().collect(),
                    deliberation: said.text,
                    push: None,
                },
                reason: needs_reason.then_some(said.reason),
                upon: Upon::shown(seen),
            });
        }
    };
    let limit = response_limit(desk);
    view! {
        <form class="dialog-form" on:submit=submit>
            <p>{t!("whistle.form.text", limit = limit).into_owned()}</p>
            <fieldset class="whistle-choices">
                <legend>{t!("whistle.form.departments").into_owned()}</legend>
                {choices.into_iter().map(|choice| check_box(choice, words)).collect_view()}
            </fieldset>
            {text_area(
                t!("whistle.form.deliberation").into_owned(),
                "whistle-deliberation",
                Some(deliberation),
                words,
                |words| &mut words.text,
            )}
            {needs_reason.then(|| reason_area(words))}
            {kept_hint(words)}
            <DialogError />
            <Buttons
                submit=t!("whistle.blow_what").into_owned()
                busy=Signal::derive(move || step_name(words.key()))
            />
        </form>
    }
}

/// How soon the departments have to answer, in words.
fn response_limit(desk: DeskContext) -> String {
    desk.hall.catalogue.with_untracked(|catalogue| {
        let rules = catalogue.as_ref().map(|c| &c.reference.rules);
        rules.map_or_else(String::new, |r| strings::limit(r.whistle.response))
    })
}

fn reason_area(words: OpenWords) -> impl IntoView {
    text_area(
        t!("whistle.form.reason").into_owned(),
        "whistle-reason",
        None,
        words,
        |words| &mut words.reason,
    )
}

fn check_box(choice: Choice, words: OpenWords) -> impl IntoView {
    let note = choice
        .is_called
        .then(|| format!("（{}）", t!("whistle.form.called")));
    let department = choice.department.clone();
    let is_chosen = words.words().departments.contains(&department);
    let toggle = move |event| {
        let is_wanted = event_target_checked(&event);
        words.edit(|words| {
            if is_wanted {
                words.departments.insert(department.clone());
            } else {
                words.departments.remove(&department);
            }
        });
    };
    view! {
        <label>
            <input
                type="checkbox"
                data-testid=format!("whistle-choice-{}", choice.department)
                disabled=choice.is_called
                prop:checked=is_chosen
                on:change=toggle
            />
            {choice.name}
            {note}
        </label>
    }
}

fn text_area(
    label: String,
    name: &'static str,
    field: Option<NodeRef<Textarea>>,
    words: OpenWords,
    part: fn(&mut Words) -> &mut String,
) -> impl IntoView {
    let initial = part(&mut words.words()).clone();
    let field = field.unwrap_or_default();
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
                prop:value=initial
                on:input=move |event| {
                    let typed = event_target_value(&event);
                    words.edit(|words| *part(words) = typed);
                }
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
        for (chosen, deliberation, reason, needs_reason, said) in [
            (&nobody, "x", "", false, Some("whistle.form.no_department")),
            (&gas, " ", "", false, Some("whistle.form.no_deliberation")),
            (&gas, "x", " ", true, Some("whistle.form.no_reason")),
            (&gas, "x", "y", true, None),
            (&gas, "x", "", false, None),
        ] {
            let words = Words {
                text: deliberation.to_owned(),
                reason: reason.to_owned(),
                departments: chosen.clone(),
            };
            assert_eq!(missing(&words, needs_reason), said);
        }
    }

    #[test]
    fn who_has_been_called_since_is_no_longer_chosen() {
        let choice = |id: &str, is_called| Choice {
            department: id.into(),
            name: id.to_owned(),
            is_called,
        };
        let choices = [
            choice("gas", true),
            choice("police", false),
            choice("fire", false),
        ];
        let chosen = BTreeSet::from(["gas".into(), "police".into()]);
        let left = still_offered(&chosen, &choices);
        assert_eq!(left, BTreeSet::from(["police".into()]));
    }
}
