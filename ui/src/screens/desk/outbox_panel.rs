//! The outbox: what waits for the line or for an officer.

use leptos::prelude::*;
use rust_i18n::t;

use super::conflict_card::ConflictOf;
use super::outbox::{OutboxRow, Waiting, Wish, count, rows};
use super::queue_rows::order_state_name;
use super::state::{DeskContext, DeskDialog, use_desk};
use super::tasks::Task;
use super::words;
use crate::components::{DrillBadge, KeyedRows};
use crate::state::Slice;
use crate::strings;

/// The panel; nothing while it is closed.
#[component]
pub fn OutboxPanel() -> impl IntoView {
    let desk = use_desk();
    let shown = desk
        .hall
        .memo(&[Slice::Outbox, Slice::Second], |hall, catalogue, now| {
            let officers = catalogue.map_or(&[][..], |c| &c.reference.officers);
            rows(&hall.outbox, &hall.situation, officers, now)
        });
    let summary = desk
        .hall
        .memo(&[Slice::Outbox], |hall, _, _| count(&hall.outbox));
    let summary_words = move || {
        let count = summary.get();
        t!(
            "desk.outbox.summary",
            waiting = count.waiting - count.parked,
            parked = count.parked
        )
        .into_owned()
    };
    view! {
        <Show when=move || desk.is_outbox_open.get()>
            <section class="drawer outbox" aria-labelledby="outbox-title" data-testid="outbox">
                <header class="desk-head">
                    <h2 id="outbox-title">{t!("desk.outbox.title").into_owned()}</h2>
                    <span class="desk-head-note">{summary_words}</span>
                    <button
                        type="button"
                        class="icon-button"
                        aria-label=t!("desk.close").into_owned()
                        title=t!("desk.close").into_owned()
                        on:click=move |_| desk.is_outbox_open.set(false)
                    >
                        "×"
                    </button>
                </header>
                <Show when=move || shown.with(Vec::is_empty)>
                    <div class="empty">
                        <p>{t!("desk.outbox.empty").into_owned()}</p>
                        <p class="faint">{t!("desk.outbox.empty_hint").into_owned()}</p>
                    </div>
                </Show>
                <ul class="outbox-list">
                    <KeyedRows
                        rows=shown
                        key=|row: &OutboxRow| row.key
                        row=move |row| view! { <Item row /> }
                    />
                </ul>
            </section>
        </Show>
    }
}

#[component]
fn Item(row: Memo<OutboxRow>) -> impl IntoView {
    let desk = use_desk();
    view! {
        <li
            class="outbox-item"
            data-testid="outbox-item"
            data-state=move || order_state_name(row.get().state)
        >
            {move || item_content(desk, &row.get())}
        </li>
    }
}

fn item_content(desk: DeskContext, row: &OutboxRow) -> impl IntoView + use<> {
    let what = words::wish(&row.wish);
    let tries =
        (row.attempts > 0).then(|| t!("desk.outbox.attempts", n = row.attempts).into_owned());
    let reason = (!row.reason.is_empty()).then(|| row.reason.clone());
    let (is_parked, is_drill) = (row.is_parked(), row.is_drill);
    let in_conflict = row.is_in_conflict;
    let about = row.incident.map(|incident| {
        let hint = t!("desk.outbox.open_incident", id = incident).into_owned();
        view! {
            <button type="button" class="link number" title=hint on:click=move |_| desk.select(incident)>
                {strings::incident_number(incident)}
            </button>
        }
    });
    let waiting_class = match row.waiting {
        Waiting::ForAnOfficer => "outbox-waiting bad",
        Waiting::ForTheLine | Waiting::ForTheOneBefore | Waiting::ForTheNextTry { .. } => {
            "outbox-waiting warn"
        }
        Waiting::ForTheRecord | Waiting::ForNothing => "outbox-waiting faint",
    };
    view! {
        <p class="outbox-what">
            <span>{what.clone()} {is_drill.then(|| view! { " " <DrillBadge /> })}</span>
            <span class=waiting_class>{words::waiting(row)}</span>
        </p>
        <p class="faint outbox-about">
            {about} " " {row.title.clone()}
        </p>
        <p class="faint">
            <span class="number">{row.occurred_at.local_hms()}</span>
            " · "
            {row.officer.clone()}
            {tries.map(|tries| format!(" · {tries}"))}
        </p>
        {reason
            .filter(|_| !in_conflict)
            .map(|reason| view! { <p class="outbox-reason">{reason}</p> })}
        {in_conflict.then(|| view! { <ConflictOf key=row.key /> })}
        {(is_parked && !in_conflict)
            .then(|| parked_buttons(desk, row.key, what, row.wish == Wish::Report))}
    }
}

fn parked_buttons(
    desk: DeskContext,
    key: domain::IntentKey,
    what: String,
    is_report: bool,
) -> impl IntoView + use<> {
    let is_busy = move || desk.is_busy(&format!("outbox {key}"));
    view! {
        <div class="outbox-buttons">
            <button
                type="button"
                class="button"
                data-testid="outbox-retry"
                title=t!("desk.outbox.retry_hint").into_owned()
                disabled=is_busy
                on:click=move |_| desk.perform(Task::Retry { key })
            >
                {t!("desk.outbox.retry").into_owned()}
            </button>
            <button
                type="button"
                class="button is-quiet"
                data-testid="outbox-drop"
                title=t!("desk.outbox.drop_hint").into_owned()
                disabled=is_busy
                on:click=move |_| {
                    let what = what.clone();
                    desk.open(DeskDialog::Drop { key, what, is_report });
                }
            >
                {t!("desk.outbox.drop").into_owned()}
            </button>
        </div>
    }
}
