//! The duty log: what happened on this shift, who had the desk before, and the way to hand it over.

use leptos::prelude::*;
use rust_i18n::t;

use super::duty::{HandoverRow, LogRow, Recorded, handover_rows, log_rows, on_duty};
use super::state::{DeskContext, DeskDialog, mint_key, use_desk};
use super::tasks::Task;
use crate::components::KeyedRows;
use crate::state::Slice;

/// The panel; nothing while it is closed.
#[component]
pub fn DutyPanel() -> impl IntoView {
    let desk = use_desk();
    let since = desk.hall.memo(&[Slice::Duty], |hall, catalogue, _| {
        let officers = catalogue.map_or(&[][..], |c| &c.reference.officers);
        on_duty(&hall.situation, officers)
    });
    let since_words = move || match since.get() {
        Some((name, at)) => {
            let at = format!("{} {}", at.local_ymd(), at.local_hm());
            t!("duty.on_duty", name = name, at = at).into_owned()
        }
        None => t!("duty.nobody").into_owned(),
    };
    view! {
        <Show when=move || desk.is_duty_open.get()>
            <section class="drawer duty" aria-labelledby="duty-title" data-testid="duty">
                <header class="desk-head">
                    <h2 id="duty-title">{t!("duty.title").into_owned()}</h2>
                    <span class="desk-head-note">{since_words}</span>
                    <button
                        type="button"
                        class="icon-button"
                        aria-label=t!("desk.close").into_owned()
                        title=t!("desk.close").into_owned()
                        on:click=move |_| desk.is_duty_open.set(false)
                    >
                        "×"
                    </button>
                </header>
                <EntryField />
                <Log />
                <Handovers />
            </section>
        </Show>
    }
}

/// The field for the next entry; Ctrl and Enter send it, too.
#[component]
fn EntryField() -> impl IntoView {
    let desk = use_desk();
    let text = move || desk.duty_entry.with(|entry| entry.words.text.clone());
    let is_empty = Memo::new(move |_| desk.duty_entry.with(|entry| entry.words.is_empty()));
    let write = move || {
        let mut entry = desk.duty_entry.get_untracked();
        if entry.words.is_empty() {
            desk.toasts.warn(t!("duty.text_missing"));
        } else if untrack(|| !desk.is_busy("log-duty")) {
            let key = entry.click(mint_key());
            let text = entry.words.trimmed().text;
            desk.duty_entry.set(entry);
            desk.perform(Task::LogDuty { key, text });
        }
    };
    view! {
        <form
            class="duty-new"
            on:submit=move |event| {
                event.prevent_default();
                write();
            }
        >
            <textarea
                class="field"
                rows="2"
                maxlength="2000"
                data-testid="duty-text"
                aria-label=t!("duty.field").into_owned()
                placeholder=t!("duty.placeholder").into_owned()
                prop:value=text
                on:input=move |event| {
                    let typed = event_target_value(&event);
                    desk.duty_entry.update(|entry| entry.words.text = typed);
                }
                on:keydown=move |event| {
                    if event.key() == "Enter" && event.ctrl_key() {
                        event.prevent_default();
                        write();
                    }
                }
            ></textarea>
            <button
                type="submit"
                class="button is-primary"
                data-testid="duty-write"
                disabled=move || is_empty.get() || desk.is_busy("log-duty")
            >
                {t!("duty.write").into_owned()}
            </button>
        </form>
    }
}

#[component]
fn Log() -> impl IntoView {
    let desk = use_desk();
    let rows = desk
        .hall
        .memo(&[Slice::Duty, Slice::Outbox], |hall, catalogue, _| {
            let officers = catalogue.map_or(&[][..], |c| &c.reference.officers);
            log_rows(&hall.situation, &hall.outbox, officers)
        });
    view! {
        <h3 class="duty-head">{t!("duty.log").into_owned()}</h3>
        <Show when=move || rows.with(Vec::is_empty)>
            <p class="faint duty-empty">{t!("duty.empty").into_owned()}</p>
        </Show>
        <ul class="duty-log" data-testid="duty-log">
            <KeyedRows rows key=|row: &LogRow| row.key row=move |row| view! { <Entry row /> } />
        </ul>
    }
}

const fn recorded_name(recorded: Recorded) -> &'static str {
    match recorded {
        Recorded::Yes => "recorded",
        Recorded::Queued => "queued",
        Recorded::Refused => "refused",
    }
}

/// A mark on what the backend does not have yet.
fn recorded_badge(recorded: Recorded, queued: String) -> Option<impl IntoView> {
    let (class, words) = match recorded {
        Recorded::Yes => return None,
        Recorded::Queued => ("warn", queued),
        Recorded::Refused => ("bad", t!("duty.refused").into_owned()),
    };
    Some(view! { <span class=class>{words}</span> })
}

/// Why the backend has refused it.
fn reason(why: Option<String>) -> Option<impl IntoView> {
    why.map(|why| view! { <p class="bad duty-text" data-testid="duty-why">{why}</p> })
}

#[component]
fn Entry(row: Memo<LogRow>) -> impl IntoView {
    view! {
        <li
            class="duty-entry"
            data-testid="duty-entry"
            data-recorded=move || recorded_name(row.get().recorded)
        >
            {move || {
                let row = row.get();
                view! {
                    <p class="faint duty-about">
                        <span class="number">{row.at.local_ymd()} " " {row.at.local_hm()}</span>
                        " · "
                        {row.officer}
                        " "
                        {recorded_badge(row.recorded, t!("duty.queued").into_owned())}
                    </p>
                    <p class="duty-text">{row.text}</p>
                    {reason(row.why)}
                }
            }}
        </li>
    }
}

#[component]
fn Handovers() -> impl IntoView {
    let desk = use_desk();
    let rows = desk
        .hall
        .memo(&[Slice::Duty, Slice::Outbox], |hall, catalogue, _| {
            let officers = catalogue.map_or(&[][..], |c| &c.reference.officers);
            handover_rows(&hall.situation, &hall.outbox, officers)
        });
    let hint = move || {
        if desk.is_signed_in() {
            t!("duty.hand_over_hint").into_owned()
        } else {
            t!("duty.sign_in_first").into_owned()
        }
    };
    view! {
        <header class="duty-head">
            <h3>{t!("duty.handovers").into_owned()}</h3>
            <button
                type="button"
                class="button"
                data-testid="hand-over"
                title=hint
                on:click=move |_| {
                    let dialog = if desk.role.get_untracked().is_some() {
                        DeskDialog::Handover
                    } else {
                        DeskDialog::SignIn(None)
                    };
                    desk.open(dialog);
                }
            >
                {t!("duty.hand_over").into_owned()}
            </button>
        </header>
        <Show when=move || rows.with(Vec::is_empty)>
            <p class="faint duty-empty">{t!("duty.no_handovers").into_owned()}</p>
        </Show>
        <ul class="duty-handovers" data-testid="handovers">
            <KeyedRows
                rows
                key=|row: &HandoverRow| row.sheet.id
                row=move |row| view! { <li class="duty-entry">{move || handover(desk, row.get())}</li> }
            />
        </ul>
    }
}

fn handover(desk: DeskContext, row: HandoverRow) -> impl IntoView {
    let at = format!("{} {}", row.sheet.at.local_ymd(), row.sheet.at.local_hm());
    let who = t!(
        "duty.from_to",
        outgoing = row.outgoing,
        incoming = row.incoming
    )
    .into_owned();
    let sheet = row.sheet;
    view! {
        <p
            class="duty-handover"
            data-testid="handover"
            data-recorded=recorded_name(row.recorded)
        >
            <span class="number faint">{at.clone()}</span>
            <span>{who}</span>
            {recorded_badge(row.recorded, t!("duty.half_signed").into_owned())}
            <button
                type="button"
                class="link"
                data-testid="handover-show"
                title=t!("duty.show_hint", at = at).into_owned()
                on:click=move |_| {
                    desk.open(DeskDialog::HandoverSheet(Box::new(sheet.clone())));
                }
            >
                {t!("duty.show").into_owned()}
            </button>
        </p>
        {reason(row.why)}
    }
}
