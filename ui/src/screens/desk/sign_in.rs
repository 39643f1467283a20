//! The sign-in: who, and the PIN; afterwards what was begun goes on.

use domain::trail::Officer;
use domain::{OfficerId, Timestamp};
use leptos::html::Input;
use leptos::prelude::*;
use rust_i18n::t;

use super::dialog_forms::{Buttons, DialogError, focus_when_shown};
use super::reference_ages::provenance_words;
use super::state::{DeskContext, use_desk};
use super::tasks::Task;
use crate::state::use_hall;
use crate::strings;

/// Who signs in, and the PIN.
#[component]
pub fn SignIn(
    /// What goes on afterwards.
    then: Option<Box<Task>>,
) -> impl IntoView {
    let desk = use_desk();
    let officers = listed_officers(desk);
    let chosen = RwSignal::new(None::<OfficerId>);
    let officer = Memo::new(move |_| {
        chosen.get().or_else(|| {
            // A duty officer is the one who signs in most.
            officers.with(|all| first_to_offer(all).map(|officer| officer.id.clone()))
        })
    });
    let pin = NodeRef::<Input>::new();
    focus_when_shown(pin);
    let why = then.as_ref().map_or_else(
        || t!("desk.officer.why"),
        |task| t!("desk.officer.why_continue", what = task.words()),
    );
    let then = StoredValue::new(then);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let typed = pin.get_untracked().map(|p| p.value()).unwrap_or_default();
        match complete(officer.get_untracked(), &typed) {
            Ok((officer, pin)) => {
                desk.dialog_error.set(None);
                desk.sign_in(officer, pin, then.get_value());
            }
            Err(words) => desk.dialog_error.set(Some(words)),
        }
    };
    view! {
        <form class="dialog-form" data-testid="sign-in" on:submit=submit>
            <p>{why.into_owned()}</p>
            <label class="form-field">
                <span>{t!("desk.officer.name").into_owned()}</span>
                <select
                    class="field"
                    data-testid="sign-in-officer"
                    on:change=move |event| {
                        chosen.set(Some(OfficerId(event_target_value(&event))));
                    }
                >
                    {move || officer_options(&officers.get(), officer.get_untracked().as_ref())}
                </select>
            </label>
            <label class="form-field">
                <span>{t!("desk.officer.pin").into_owned()}</span>
                <input
                    node_ref=pin
                    class="field"
                    type="password"
                    inputmode="numeric"
                    autocomplete="off"
                    maxlength="12"
                    data-testid="sign-in-pin"
                />
            </label>
            <Account officers officer />
            <DemoPin officer pin />
            <DialogError />
            <Buttons submit=t!("desk.officer.sign_in").into_owned() busy="sign-in".to_owned() />
        </form>
    }
}

/// The officers who can sign in; none before the first contact with a backend.
fn listed_officers(desk: DeskContext) -> Memo<Vec<Officer>> {
    Memo::new(move |_| {
        desk.hall.catalogue.with(|catalogue| {
            let officers = catalogue.as_ref().map(|c| c.reference.officers.clone());
            officers.unwrap_or_default()
        })
    })
}

/// What was chosen and typed, or what is still missing.
fn complete(officer: Option<OfficerId>, typed: &str) -> Result<(OfficerId, String), String> {
    let officer = officer.ok_or_else(|| t!("desk.officer.no_officers").into_owned())?;
    let pin = typed.trim();
    if pin.is_empty() {
        return Err(t!("desk.officer.pin_missing").into_owned());
    }
    Ok((officer, pin.to_owned()))
}

fn first_to_offer(officers: &[Officer]) -> Option<&Officer> {
    use domain::trail::OfficerRole;
    officers
        .iter()
        .find(|officer| officer.role == OfficerRole::DutyOfficer)
        .or_else(|| officers.first())
}

/// By which way the chosen account came and when it was recorded last.
#[component]
fn Account(officers: Memo<Vec<Officer>>, officer: Memo<Option<OfficerId>>) -> impl IntoView {
    let hall = use_hall();
    let words = move || {
        let chosen = officer.get()?;
        let officers = officers.get();
        let known = officers.iter().find(|known| known.id == chosen)?;
        Some(account_words(known, hall.now.get()))
    };
    view! { <p class="faint" data-testid="account">{words}</p> }
}

/// Where an account comes from, such as `账号：初始数据，2026-11-20（10天前）`.
pub fn account_words(officer: &Officer, now: Timestamp) -> String {
    let from = provenance_words(officer.provenance.as_ref(), now);
    t!("desk.officer.account", from = from).into_owned()
}

fn officer_options(officers: &[Officer], chosen: Option<&OfficerId>) -> impl IntoView + use<> {
    officers
        .iter()
        .map(|officer| {
            let words = format!("{} · {}", officer.name, strings::role(officer.role));
            let is_chosen = Some(&officer.id) == chosen;
            view! { <option value=officer.id.to_string() selected=is_chosen>{words}</option> }
        })
        .collect_view()
}

/// The PIN of a demonstration officer, which the shell tells only where the street is a demo.
#[component]
fn DemoPin(officer: Memo<Option<OfficerId>>, pin: NodeRef<Input>) -> impl IntoView {
    let desk = use_desk();
    let known = move || {
        let officer = officer.get()?;
        desk.hall.settings.with_value(|settings| {
            let mut pins = settings.demo_pins.iter();
            pins.find(|(of, _)| *of == officer)
                .map(|(_, pin)| pin.clone())
        })
    };
    move || {
        known().map(|demo_pin| {
            view! {
                <p class="demo-pin">
                    {t!("desk.officer.demo_pin", pin = demo_pin).into_owned()}
                    <button
                        type="button"
                        class="link"
                        data-testid="use-demo-pin"
                        on:click=move |_| {
                            if let Some(pin) = pin.get_untracked() {
                                pin.set_value(&demo_pin);
                            }
                        }
                    >
                        {t!("desk.officer.use_demo_pin").into_owned()}
                    </button>
                </p>
            }
        })
    }
}
