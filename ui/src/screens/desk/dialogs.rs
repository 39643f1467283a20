//! The dialogs of the desk: reasons, confirmations and the list of shortcuts.
//!
//! At most one is open. An error of what it asked for is said inside it, and it stays open, so that
//! nothing typed is lost.

use domain::IntentKey;
use domain::intents::Mode;
use domain::trail::Action;
use leptos::html::Textarea;
use leptos::prelude::*;
use rust_i18n::t;

use super::actions::Step;
use super::handover_form::{HandoverForm, SignedSheet};
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

fn body(desk: DeskContext, dialog: DeskDialog) -> AnyView {
    match dialog {
        DeskDialog::SignIn(then) => view! { <SignIn then /> }.into_any(),
        DeskDialog::Shortcuts => shortcuts().into_any(),
        DeskDialog::Handover => view! { <HandoverForm /> }.into_any(),
        DeskDialog::HandoverSheet(sheet) => view! { <SignedSheet sheet=*sheet /> }.into_any(),
        DeskDialog::Drop {
            key,
            what,
            is_report,
        } => view! {
            <Confirm
                text=if is_report {
                    t!("report.drop_text", what = what).into_owned()
                } else {
                    t!("desk.outbox.drop_text", what = what).into_owned()
                }
                submit=t!("desk.outbox.drop").into_owned()
                busy=format!("outbox {key}")
                on_submit=move || desk.perform(Task::Drop { key })
            />
        }
        .into_any(),
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
        } => view! { <WhistleForm key incident seen needs_reason choices /> }.into_any(),
        asking => asking_body(desk, asking),
    }
}

/// The dialogs that ask for words.
fn asking_body(desk: DeskContext, dialog: DeskDialog) -> AnyView {
    let reason = t!("desk.step.reason").into_owned();
    match dialog {
        DeskDialog::Step { .. } => step_body(desk, dialog),
        DeskDialog::SendAnyway {
            parked,
            key,
            seen_steps,
            what,
        } => view! {
            <Words
                text=t!("conflict.send_text", what = what, steps = seen_steps).into_owned()
                label=reason
                submit=t!("conflict.send").into_owned()
                is_grave=true
                busy=format!("outbox {parked}")
                on_submit=move |reason: String| {
                    desk.perform(Task::SendAnyway { parked, key, seen_steps, reason });
                }
            />
        }
        .into_any(),
        DeskDialog::Withdraw { order, seen, .. } => view! {
            <Words
                text=t!("desk.orders.withdraw_text").into_owned()
                label=reason
                submit=t!("desk.orders.withdraw").into_owned()
                is_grave=true
                busy=format!("withdraw {order}")
                on_submit=move |reason: String| {
                    desk.perform(Task::Withdraw { order, reason, seen });
                }
            />
        }
        .into_any(),
        DeskDialog::Override {
            objections, task, ..
        } => {
            let busy = task.name();
            view! {
                <Words
                    text=t!("desk.propose.override_text", objections = objections).into_owned()
                    label=reason
                    submit=t!("desk.propose.override").into_owned()
                    is_grave=true
                    busy
                    on_submit=move |words: String| desk.perform(task.clone().overridden(words))
                />
            }
            .into_any()
        }
        whistle => whistle_body(desk, whistle),
    }
}

/// The dialog of a step that needs words.
fn step_body(desk: DeskContext, dialog: DeskDialog) -> AnyView {
    match dialog {
        DeskDialog::Step {
            key,
            incident,
            step,
            seen,
            replaces,
        } => view! {
            <Words
                text=step_text(incident, step, replaces.is_some())
                initial=replaces.as_ref().map(|(_, words)| words.clone()).unwrap_or_default()
                label=match step {
                    Step::Note => t!("desk.step.note_text").into_owned(),
                    Step::Reply => t!("desk.step.reply_text").into_owned(),
                    _ => t!("desk.step.reason").into_owned(),
                }
                submit=words::step(step)
                is_grave=step.is_grave()
                busy=step_name(key)
                on_submit=move |words: String| {
                    let replaces = replaces.as_ref().map(|(key, _)| *key);
                    let upon = Upon { seen, replaces };
                    desk.take_step(key, incident, step, &words, upon);
                }
            />
        }
        .into_any(),
        _ => ().into_any(),
    }
}

/// What the dialog of a step says at first.
fn step_text(incident: domain::IncidentId, step: Step, is_change: bool) -> String {
    if is_change {
        t!("conflict.replacing_step", what = words::step(step)).into_owned()
    } else {
        format!("{} · {}", incident, words::step_hint(step))
    }
}

/// The dialog that asks what a department has done.
fn whistle_body(desk: DeskContext, dialog: DeskDialog) -> AnyView {
    match dialog {
        DeskDialog::WhistleDone {
            key,
            incident,
            seen,
            whistle,
            department,
            ..
        } => view! {
            <Words
                text=t!("whistle.done_form.text").into_owned()
                label=t!("whistle.done_form.result").into_owned()
                submit=t!("action.whistle_handled").into_owned()
                is_grave=false
                busy=step_name(key)
                on_submit=move |result: String| {
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
        .into_any(),
        _ => ().into_any(),
    }
}

/// The error of what the dialog asked for.
#[component]
pub fn DialogError() -> impl IntoView {
    let desk = use_desk();
    move || {
        desk.dialog_error.get().map(|words| {
            view! { <p class="dialog-error" role="alert" data-testid="dialog-error">{words}</p> }
        })
    }
}

/// A button that sends the form, and one that closes the dialog.
#[component]
pub fn Buttons(
    /// Words of the sending button.
    submit: String,
    /// Whether it ends something by force.
    #[prop(optional)]
    is_grave: bool,
    /// Name of the call that it starts.
    busy: String,
) -> impl IntoView {
    let desk = use_desk();
    let is_busy = Memo::new(move |_| desk.is_busy(&busy));
    let label = move || {
        if is_busy.get() {
            t!("desk.working").into_owned()
        } else {
            submit.clone()
        }
    };
    view! {
        <div class="dialog-buttons">
            <button
                type="button"
                class="button is-quiet"
                data-testid="dialog-cancel"
                on:click=move |_| desk.close_dialog()
            >
                {t!("desk.cancel").into_owned()}
            </button>
            <button
                type="submit"
                class="button"
                class:is-primary=!is_grave
                class:is-grave=is_grave
                data-testid="dialog-submit"
                disabled=move || is_busy.get()
                aria-busy=move || is_busy.get().to_string()
            >
                {label}
            </button>
        </div>
    }
}

/// Asks for words that must not be empty.
#[component]
fn Words(
    /// What will happen.
    text: String,
    /// Name of the field.
    label: String,
    /// Words of the button.
    submit: String,
    /// Whether it ends something by force.
    is_grave: bool,
    /// Name of the call.
    busy: String,
    /// What stands in the field at first.
    #[prop(optional)]
    initial: String,
    /// Called with the words.
    #[prop(into)]
    on_submit: Callback<String>,
) -> impl IntoView {
    let desk = use_desk();
    let field = NodeRef::<Textarea>::new();
    focus_when_shown(field);
    view! {
        <form
            class="dialog-form"
            on:submit=move |event| {
                event.prevent_default();
                let words = field.get_untracked().map(|f| f.value()).unwrap_or_default();
                if words.trim().is_empty() {
                    desk.dialog_error.set(Some(t!("desk.step.reason_missing").into_owned()));
                } else {
                    desk.dialog_error.set(None);
                    on_submit.run(words.trim().to_owned());
                }
            }
        >
            <p>{text}</p>
            <label class="form-field">
                <span>{label}</span>
                <textarea
                    node_ref=field
                    class="field"
                    rows="3"
                    maxlength="500"
                    aria-required="true"
                    data-testid="dialog-words"
                    prop:value=initial
                ></textarea>
            </label>
            <p class="faint">{t!("desk.step.reason_text").into_owned()}</p>
            <DialogError />
            <Buttons submit is_grave busy />
        </form>
    }
}

/// Puts the focus into the dialog's first field once it is in the page.
pub fn focus_when_shown<E>(field: NodeRef<E>)
where
    E: leptos::html::ElementType + 'static,
    E::Output: wasm_bindgen::JsCast + Clone + AsRef<web_sys::HtmlElement> + 'static,
{
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            request_animation_frame(move || {
                // Without focus the field can still be clicked.
                let field: &web_sys::HtmlElement = field.as_ref();
                field.focus().ok();
            });
        }
    });
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

/// Asks whether it is meant.
#[component]
fn Confirm(
    /// What will happen.
    text: String,
    /// Words of the button.
    submit: String,
    /// Name of the call.
    busy: String,
    /// Called when it is meant.
    #[prop(into)]
    on_submit: Callback<()>,
) -> impl IntoView {
    view! {
        <form
            class="dialog-form"
            on:submit=move |event| {
                event.prevent_default();
                on_submit.run(());
            }
        >
            <p>{text}</p>
            <DialogError />
            <Buttons submit is_grave=true busy />
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
