//! The outbox: what waits for the line or for an officer.

use domain::{IntentKey, OrderState};
use leptos::prelude::*;
use rust_i18n::t;

use super::conflict_card::ConflictOf;
use super::outbox::{OutboxRow, Waiting, Wish, count, rows};
use super::queue_rows::order_state_name;
use super::state::{DeskContext, DeskDialog, use_desk};
use super::tasks::Task;
use super::trail_panel::moment;
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
            let reference = catalogue.map(|catalogue| &catalogue.reference);
            rows(&hall.outbox, &hall.situation, reference, now)
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
    let is_drill = row.is_drill;
    let in_conflict = row.is_in_conflict;
    let at = row.occurred_at;
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
            <span class="number">{move || moment(at, desk.today.get())}</span>
            " · "
            {row.officer.clone()}
            {tries.map(|tries| format!(" · {tries}"))}
        </p>
        {words::written(&row.words)}
        {reason
            .filter(|_| !in_conflict)
            .map(|reason| view! { <p class="outbox-reason">{reason}</p> })}
        {in_conflict.then(|| view! { <ConflictOf key=row.key /> })}
        {buttons(desk, row, &what)}
    }
}

/// What an officer can do about it: try again or drop what was refused, take back what has not left. A
/// conflict has a card with buttons of its own.
fn buttons(desk: DeskContext, row: &OutboxRow, what: &str) -> impl IntoView + use<> {
    let key = row.key;
    let is_report = row.wish == Wish::Report;
    let is_parked = row.is_parked() && !row.is_in_conflict;
    // What another backend has accepted is only cleared away.
    let can_take_back = row.state == OrderState::Queued && row.can_drop;
    let is_left_over = row.state == OrderState::Sent && row.can_drop;
    let drop = (is_parked || can_take_back || is_left_over)
        .then(|| drop_button(desk, key, what.to_owned(), is_report, can_take_back));
    let retry = is_parked.then(|| retry_button(desk, key));
    drop.is_some()
        .then(|| view! { <div class="outbox-buttons">{retry} {drop}</div> })
}

fn retry_button(desk: DeskContext, key: IntentKey) -> impl IntoView + use<> {
    view! {
        <button
            type="button"
            class="button"
            data-testid="outbox-retry"
            title=t!("desk.outbox.retry_hint").into_owned()
            disabled=move || desk.is_busy(&format!("outbox {key}"))
            on:click=move |_| desk.perform(Task::Retry { key })
        >
            {t!("desk.outbox.retry").into_owned()}
        </button>
    }
}

fn drop_button(
    desk: DeskContext,
    key: IntentKey,
    what: String,
    is_report: bool,
    is_unsent: bool,
) -> impl IntoView + use<> {
    let (name, hint, testid) = if is_unsent {
        (
            "desk.outbox.take_back",
            "desk.outbox.take_back_hint",
            "outbox-take-back",
        )
    } else {
        ("desk.outbox.drop", "desk.outbox.drop_hint", "outbox-drop")
    };
    view! {
        <button
            type="button"
            class="button is-quiet"
            data-testid=testid
            title=t!(hint).into_owned()
            disabled=move || desk.is_busy(&format!("outbox {key}"))
            on:click=move |_| {
                let what = what.clone();
                desk.open(DeskDialog::Drop { key, what, is_report });
            }
        >
            {t!(name).into_owned()}
        </button>
    }
}
