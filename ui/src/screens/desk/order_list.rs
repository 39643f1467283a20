//! Orders about the selected incident: how far each has come, and how it is taken back.

use domain::{IncidentId, OrderState, Timestamp};
use leptos::prelude::*;
use rust_i18n::t;

use super::orders::{Ending, OrderRow, Stage, StageLook, order_rows};
use super::queue_rows::order_state_name;
use super::state::{DeskContext, DeskDialog, use_desk};
use super::tasks::Task;
use super::trail_panel::moment;
use crate::components::{DrillBadge, KeyedRows, Tag, order_tone};
use crate::state::Slice;
use crate::strings;

/// The rows of the incident's orders, the newest first.
pub fn rows_of(desk: DeskContext, incident: IncidentId) -> Memo<Vec<OrderRow>> {
    desk.hall.memo(
        &[Slice::Orders, Slice::Outbox, Slice::People],
        move |hall, _, _| order_rows(&hall.situation, &hall.outbox, incident),
    )
}

/// The orders; nothing where nobody has been sent.
#[component]
pub fn OrderList(
    /// The incident.
    incident: IncidentId,
    /// Its orders.
    rows: Memo<Vec<OrderRow>>,
) -> impl IntoView {
    let is_drill = use_desk()
        .hall
        .memo(&[Slice::Incidents], move |hall, _, _| {
            let incident = hall.situation.incidents.get(&incident);
            incident.is_some_and(|incident| incident.is_drill)
        });
    view! {
        <Show when=move || !rows.with(Vec::is_empty)>
            <section class="card orders" aria-labelledby="orders-title" data-testid="orders">
                <header class="card-head">
                    <h3 id="orders-title">{t!("desk.orders.title").into_owned()}</h3>
                    <Show when=move || is_drill.get()>
                        <DrillBadge />
                    </Show>
                </header>
                <ul>
                    <KeyedRows
                        rows
                        key=|row: &OrderRow| row.id
                        row=move |row| view! { <OrderItem incident row /> }
                    />
                </ul>
            </section>
        </Show>
    }
}

#[component]
fn OrderItem(incident: IncidentId, row: Memo<OrderRow>) -> impl IntoView {
    let desk = use_desk();
    let (order, person) = row.with_untracked(|row| (row.id, row.to));
    let name = move || row.with(|row| row.name.clone());
    let state = Memo::new(move |_| row.with(|row| row.state));
    // What ended otherwise says how and why in one line; its way is in the trail.
    let has_way = Memo::new(move |_| row.with(|row| row.ending.is_none()));
    let remarks = move || {
        row.with(|row| {
            (
                row.ending
                    .as_ref()
                    .map(|ending| ending_line(ending, desk.today.get())),
                row.override_reason.as_ref().map(|reason| {
                    let words = t!("desk.orders.override", reason = reason).into_owned();
                    view! { <p class="warn">{words}</p> }
                }),
                row.result.as_ref().map(|result| {
                    let words = t!("desk.orders.result", result = result).into_owned();
                    view! { <p>{words}</p> }
                }),
            )
        })
    };
    view! {
        <li class="order" data-testid="order" data-order=order.to_string()>
            <div class="order-head">
                <button
                    type="button"
                    class="link order-name"
                    title=move || t!("desk.orders.show_person", name = name()).into_owned()
                    on:click=move |_| desk.show_person(person)
                >
                    {name}
                </button>
                <span
                    data-testid="order-state"
                    data-state=move || order_state_name(state.get())
                    role="status"
                >
                    <Tag
                        text=Signal::derive(move || strings::order_state(state.get()))
                        tone=Signal::derive(move || order_tone(state.get()))
                    />
                </span>
                <span class="order-actions">
                    <TakeBack incident row />
                </span>
            </div>
            <Show when=move || has_way.get()>
                {move || way(&row.with(|row| row.stages.clone()), desk.today.get())}
                <p class="order-words">{move || row.with(|row| row.instruction.clone())}</p>
            </Show>
            {remarks}
        </li>
    }
}

fn ending_line(ending: &Ending, today: Timestamp) -> impl IntoView + use<> {
    let words = t!(
        "desk.orders.ended",
        at = moment(ending.at, today),
        state = strings::order_state(ending.state)
    )
    .into_owned();
    let reason = ending.reason.clone();
    view! {
        <p class="order-ending" data-state=order_state_name(ending.state)>
            {words} {(!reason.is_empty()).then(|| format!("：{reason}"))}
        </p>
    }
}

fn way(stages: &[Stage], today: Timestamp) -> impl IntoView + use<> {
    view! {
        <ol class="way">
            {stages
                .iter()
                .map(|stage| {
                    let at = stage.at.map(|at| moment(at, today)).unwrap_or_default();
                    let words = stage_words(stage, today);
                    let hint = words.clone();
                    view! {
                        <li
                            class="way-stage"
                            data-look=stage.look.name()
                            data-stage=order_state_name(stage.state)
                            title=hint
                        >
                            <span class="way-name">{strings::order_state(stage.state)}</span>
                            <span class="way-time number">{at}</span>
                            <span class="visually-hidden">{words}</span>
                        </li>
                    }
                })
                .collect_view()}
        </ol>
    }
}

fn stage_words(stage: &Stage, today: Timestamp) -> String {
    let state = strings::order_state(stage.state);
    match (stage.at, stage.look) {
        (Some(at), _) => t!("desk.orders.stage", state = state, at = moment(at, today)),
        (None, StageLook::Ahead) => t!("desk.orders.not_reached", state = state),
        (None, _) => t!("desk.orders.skipped", state = state),
    }
    .into_owned()
}

/// 撤销 for five seconds after sending, 撤回 afterwards. The button stays the same element while it
/// counts down and while the order moves on, so that no click on it is lost.
#[component]
fn TakeBack(incident: IncidentId, row: Memo<OrderRow>) -> impl IntoView {
    let desk = use_desk();
    let order = row.with_untracked(|row| row.id);
    let can_withdraw = Memo::new(move |_| row.with(OrderRow::can_withdraw));
    let is_being_withdrawn = Memo::new(move |_| row.with(|row| row.is_being_withdrawn));
    let seconds = Memo::new(move |_| {
        desk.undoable(incident)
            .filter(|(undoable, _)| *undoable == order && can_withdraw.get())
            .map(|(_, seconds)| seconds)
    });
    let is_undo_shown = Memo::new(move |_| seconds.get().is_some());
    let is_busy = move || desk.is_busy(&format!("withdraw {order}"));
    let shown_seconds = move || seconds.get().unwrap_or_default();
    let name = move || row.with(|row| row.name.clone());
    view! {
        <Show when=move || is_being_withdrawn.get()>
            <span class="faint">{t!("desk.orders.withdrawing").into_owned()}</span>
        </Show>
        <Show when=move || is_undo_shown.get()>
            <button
                type="button"
                class="button is-warning"
                data-testid="undo-order"
                title=move || t!("desk.orders.undo_hint", n = shown_seconds()).into_owned()
                disabled=is_busy
                on:click=move |_| desk.undo_order(incident, order)
            >
                {move || t!("desk.orders.undo", n = shown_seconds()).into_owned()}
                <kbd class="key" aria-hidden="true">"Z"</kbd>
            </button>
        </Show>
        <Show when=move || can_withdraw.get() && !is_undo_shown.get()>
            <button
                type="button"
                class="button is-quiet"
                data-testid="withdraw-order"
                title=move || t!("desk.orders.withdraw_hint", name = name()).into_owned()
                disabled=is_busy
                on:click=move |_| {
                    let seen = desk.seen(incident);
                    desk.open(DeskDialog::Withdraw { order, name: name(), seen });
                }
            >
                {t!("desk.orders.withdraw").into_owned()}
            </button>
        </Show>
    }
}

impl DeskContext {
    /// Takes an order back within the seconds of grace, without asking for a reason.
    pub fn undo_order(self, incident: IncidentId, order: domain::OrderId) {
        self.perform(Task::Withdraw {
            order,
            reason: t!("desk.orders.undo_reason").into_owned(),
            seen: self.seen(incident),
        });
    }

    /// Takes the newest order about the selected incident back, as the key does.
    pub fn undo_newest(self) {
        let Some(incident) = self.incident.get_untracked() else {
            return;
        };
        if let Some((order, _)) = self.undoable(incident) {
            self.undo_order(incident, order);
        }
    }
}

/// Whether any of the orders is under way.
pub fn is_any_under_way(rows: &[OrderRow]) -> bool {
    rows.iter()
        .any(|row| OrderState::is_under_way(row.state) && !row.is_being_withdrawn)
}
