//! The dialogs of the desk: reasons, confirmations and the list of shortcuts.
//!
//! At most one is open. An error of what it asked for is said inside it, and it stays open, so that
//! nothing typed is lost.

use domain::intents::Mode;
use domain::trail::Action;
use domain::{DepartmentId, IncidentId, IntentKey, OrderId};
use leptos::prelude::*;
use protocol::commands::SeenIncident;
use rust_i18n::t;

use super::actions::Step;
use super::dialog_forms::{Buttons, Confirm, DialogError, Words};
use super::handover_form::{HandoverForm, SignedSheet};
use super::keeping::OpenWords;
use super::sign_in::SignIn;
use super::state::{DeskContext, DeskDialog, mint_key, use_desk};
use super::tasks::{Task, Upon, step_name};
use super::whistle_form::WhistleForm;
use super::words;
use crate::components::Dialog;
use crate::strings;

/// Whatever dialog is open.
#[component]
pub fn Dialogs() -> impl IntoView {
    let desk = use_desk();
    let is_open = RwSignal::new(false);
    Effect::new(move |_| is_open.set(desk.dialog.with(Option::is_some)));
    Effect::new(move |before: Option<bool>| {
        let is_open = is_open.get();
        if before == Some(true) && !is_open {
            desk.close_dialog();
        }
        is_open
    });
    let title = Signal::derive(move || {
        desk.dialog
            .with(|d| d.as_ref().map(title).unwrap_or_default())
    });
    view! {
        <Dialog open=is_open title=title>
            {move || desk.dialog.get().map(|dialog| body(desk, dialog))}
        </Dialog>
    }
}

fn title(dialog: &DeskDialog) -> String {
    match dialog {
        DeskDialog::SignIn(_) => t!("desk.officer.title").into_owned(),
        DeskDialog::Step {
            step: Step::Note, ..
        } => t!("desk.step.note_title").into_owned(),
        DeskDialog::Step { step, .. } => words::step(*step),
        DeskDialog::SendAnyway { .. } => t!("conflict.send_title").into_owned(),
        DeskDialog::Override { name, .. } => {
            t!("desk.propose.override_title", name = name).into_owned()
        }
        DeskDialog::Withdraw { name, .. } => {
            t!("desk.orders.withdraw_title", name = name).into_owned()
        }
        DeskDialog::Drop { .. } => t!("desk.outbox.drop_title").into_owned(),
        DeskDialog::Mode { mode, .. } => {
            t!("desk.mode.confirm_title", mode = strings::mode(*mode)).into_owned()
        }
        DeskDialog::Whistle { incident, .. } => {
            t!("whistle.form.title", incident = incident).into_owned()
        }
        DeskDialog::WhistleDone { name, .. } => {
            t!("whistle.done_form.title", name = name).into_owned()
        }
        DeskDialog::Shortcuts => t!("desk.keys.title").into_owned(),
        DeskDialog::Handover => t!("duty.form.title").into_owned(),
        DeskDialog::HandoverSheet(_) => t!("duty.done.title").into_owned(),
    }
}

/// One arm for each dialog, so that a new one cannot come out empty.
fn body(desk: DeskContext, dialog: DeskDialog) -> AnyView {
    let about = desk.about(&dialog);
    let open = |key, initial| OpenWords::open(desk, about, key, initial);
    match dialog {
        DeskDialog::SignIn(then) => view! { <SignIn then /> }.into_any(),
        DeskDialog::Shortcuts => shortcuts().into_any(),
        DeskDialog::Handover => view! { <HandoverForm /> }.into_any(),
        DeskDialog::HandoverSheet(sheet) => view! { <SignedSheet sheet=*sheet /> }.into_any(),
        DeskDialog::Mode {
            key,
            mode,
            may_be_drill,
        } => view! { <ModeSwitch key mode may_be_drill /> }.into_any(),
        DeskDialog::Whistle {
            key,
            incident,
            seen,
            needs_reason,
            choices,
        } => {
            let words = open(key, String::new());
            view! { <WhistleForm words incident seen needs_reason choices /> }.into_any()
        }
        DeskDialog::WhistleDone {
            key,
            incident,
            seen,
            whistle,
            department,
            ..
        } => {
            let words = open(key, String::new());
            view! { <WhistleDone words incident seen whistle department /> }.into_any()
        }
        DeskDialog::Step {
            key,
            incident,
            step,
            seen,
            replaces,
        } => {
            let (replaces, initial) = replaces.unzip();
            let words = open(key, initial.unwrap_or_default());
            view! { <StepWords words incident step seen replaces /> }.into_any()
        }
        DeskDialog::SendAnyway {
            parked,
            key,
            seen_steps,
            what,
        } => {
            let words = open(key, String::new());
            send_anyway(desk, words, parked, key, seen_steps, &what).into_any()
        }
        DeskDialog::Override {
            objections, task, ..
        } => override_reason(desk, open(mint_key(), String::new()), &objections, task).into_any(),
        DeskDialog::Withdraw { order, seen, .. } => {
            withdraw(desk, open(mint_key(), String::new()), order, seen).into_any()
        }
        DeskDialog::Drop {
            key,
            what,
            is_report,
        } => drop_proposal(desk, key, &what, is_report).into_any(),
    }
}

fn reason() -> String {
    t!("desk.step.reason").into_owned()
}

/// Asks why something that is in conflict is sent all the same.
fn send_anyway(
    desk: DeskContext,
    words: OpenWords,
    parked: IntentKey,
    key: IntentKey,
    seen_steps: u32,
    what: &str,
) -> impl IntoView + use<> {
    view! {
        <Words
            text=t!("conflict.send_text", what = what, steps = seen_steps).into_owned()
            label=reason()
            submit=t!("conflict.send").into_owned()
            is_grave=true
            busy=format!("outbox {parked}")
            words
            on_submit=move |(_, reason): (IntentKey, String)| {
                // Its key is that of the card: more steps of others make another one.
                desk.perform(Task::SendAnyway { parked, key, seen_steps, reason });
            }
        />
    }
}

/// Asks why somebody is sent who is not offered.
fn override_reason(
    desk: DeskContext,
    words: OpenWords,
    objections: &str,
    task: Box<Task>,
) -> impl IntoView + use<> {
    let busy = task.name();
    view! {
        <Words
            text=t!("desk.propose.override_text", objections = objections).into_owned()
            label=reason()
            submit=t!("desk.propose.override").into_owned()
            is_grave=true
            busy
            words
            on_submit=move |(_, said): (IntentKey, String)| {
                // Its key is that of the shown proposal.
                desk.perform(task.clone().overridden(said));
            }
        />
    }
}

/// Asks why an order is taken back.
fn withdraw(
    desk: DeskContext,
    words: OpenWords,
    order: OrderId,
    seen: Option<SeenIncident>,
) -> impl IntoView {
    view! {
        <Words
            text=t!("desk.orders.withdraw_text").into_owned()
            label=reason()
            submit=t!("desk.orders.withdraw").into_owned()
            is_grave=true
            busy=format!("withdraw {order}")
            words
            on_submit=move |(_, reason): (IntentKey, String)| {
                desk.perform(Task::Withdraw { order, reason, seen });
            }
        />
    }
}

/// Asks whether a proposal is to be given up or taken back.
fn drop_proposal(
    desk: DeskContext,
    key: IntentKey,
    what: &str,
    is_report: bool,
) -> impl IntoView + use<> {
    let text = if is_report {
        t!("report.drop_text", what = what)
    } else {
        t!("desk.outbox.drop_text", what = what)
    };
    view! {
        <Confirm
            text=text.into_owned()
            submit=t!("desk.outbox.drop").into_owned()
            busy=format!("outbox {key}")
            on_submit=move || desk.perform(Task::Drop { key })
        />
    }
}

/// Asks for the words of a step.
#[component]
fn StepWords(
    /// What is typed, with its key.
    words: OpenWords,
    /// The incident.
    incident: IncidentId,
    /// The step.
    step: Step,
    /// The incident as it was shown when the dialog opened.
    seen: Option<SeenIncident>,
    /// The parked step in whose place it comes.
    replaces: Option<IntentKey>,
) -> impl IntoView {
    let desk = use_desk();
    let label = match step {
        Step::Note => t!("desk.step.note_text").into_owned(),
        Step::Reply => t!("desk.step.reply_text").into_owned(),
        _ => reason(),
    };
    view! {
        <Words
            text=step_text(incident, step, replaces.is_some())
            label
            submit=words::step(step)
            is_grave=step.is_grave()
            busy=Signal::derive(move || step_name(words.key()))
            words
            on_submit=move |(key, said): (IntentKey, String)| {
                desk.take_step(key, incident, step, &said, Upon { seen, replaces });
            }
        />
    }
}

/// What the dialog of a step says at first.
fn step_text(incident: IncidentId, step: Step, is_change: bool) -> String {
    if is_change {
        t!("conflict.replacing_step", what = words::step(step)).into_owned()
    } else {
        format!("{} · {}", incident, words::step_hint(step))
    }
}

/// Asks what a department has done.
#[component]
fn WhistleDone(
    /// What is typed, with its key.
    words: OpenWords,
    /// The incident.
    incident: IncidentId,
    /// The incident as it was shown when the dialog opened.
    seen: Option<SeenIncident>,
    /// The whistle.
    whistle: u16,
    /// The department.
    department: DepartmentId,
) -> impl IntoView {
    let desk = use_desk();
    view! {
        <Words
            text=t!("whistle.done_form.text").into_owned()
            label=t!("whistle.done_form.result").into_owned()
            submit=t!("action.whistle_handled").into_owned()
            is_grave=false
            busy=Signal::derive(move || step_name(words.key()))
            words
            on_submit=move |(key, result): (IntentKey, String)| {
                desk.perform(Task::Act {
                    key,
                    incident,
                    action: Action::WhistleHandled {
                        whistle,
                        department: department.clone(),
                        result,
                    },
                    reason: None,
                    upon: Upon::shown(seen),
                });
            }
        />
    }
}

/// Asks whether the switch of the mode is meant, and whether only as a drill.
#[component]
fn ModeSwitch(
    /// Minted when the dialog opened.
    key: IntentKey,
    /// The mode wanted.
    mode: Mode,
    /// Whether it may be begun as a drill.
    may_be_drill: bool,
) -> impl IntoView {
    let desk = use_desk();
    let is_drill = RwSignal::new(false);
    // Another wish is another intent: a key that was used for the one is refused for the other.
    let key = RwSignal::new(key);
    let text = move || {
        if is_drill.get() {
            t!("desk.mode.drill_text").into_owned()
        } else {
            t!("desk.mode.confirm_text").into_owned()
        }
    };
    let choice = may_be_drill.then(|| {
        view! {
            <label class="form-check">
                <input
                    type="checkbox"
                    data-testid="mode-drill"
                    prop:checked=is_drill
                    on:change=move |event| {
                        is_drill.set(event_target_checked(&event));
                        key.set(mint_key());
                    }
                />
                <span>{t!("desk.mode.as_drill").into_owned()}</span>
            </label>
        }
    });
    view! {
        <form
            class="dialog-form"
            on:submit=move |event| {
                event.prevent_default();
                desk.perform(Task::SetMode {
                    key: key.get_untracked(),
                    mode,
                    is_drill: is_drill.get_untracked(),
                });
            }
        >
            <p role="status">{text}</p>
            {choice}
            <DialogError />
            <Buttons
                submit=t!("desk.mode.switch").into_owned()
                is_grave=true
                busy="mode".to_owned()
            />
        </form>
    }
}

fn shortcuts() -> impl IntoView {
    let keys = [
        ("↑  ↓", t!("desk.keys.step")),
        ("PgUp  PgDn", t!("desk.keys.page")),
        ("Home  End", t!("desk.keys.ends")),
        ("Enter", t!("desk.keys.detail")),
        ("D", t!("desk.keys.dispatch")),
        ("N", t!("report.open")),
        ("Z", t!("desk.keys.undo")),
        ("/", t!("desk.keys.search")),
        ("O", t!("desk.keys.outbox")),
        ("L", t!("duty.button_hint")),
        ("Esc", t!("desk.keys.back")),
        ("F", t!("map_hand.follow_hint")),
        ("Ctrl+Shift+F", t!("map_figures.title")),
        ("?", t!("desk.keys.help")),
    ];
    view! {
        <dl class="shortcuts" data-testid="shortcuts">
            {keys
                .into_iter()
                .map(|(key, words)| {
                    view! {
                        <dt>
                            {key
                                .split("  ")
                                .map(|one| view! { <kbd class="key">{one.to_owned()}</kbd> })
                                .collect_view()}
                        </dt>
                        <dd>{words.into_owned()}</dd>
                    }
                })
                .collect_view()}
        </dl>
    }
}
