//! The rows of the queue, of which only those in sight are in the document.

use domain::orders::OrderState;
use domain::sets::IncidentSet;
use domain::{IncidentId, Timestamp};
use leptos::html::Div;
use leptos::prelude::*;
use rust_i18n::t;

use super::queue::{Narrowing, rows_in_sight, scroll_to_show};
use super::state::{DeskContext, use_desk};
use crate::app::unit_px;
use crate::components::{DrillBadge, LampClock, LevelBadge, Tag, incident_tone, order_tone};
use crate::state::panels::{IncidentRow, incident_row};
use crate::state::{Slice, use_hall};
use crate::strings;

/// Id of the list, for the link that skips to it.
pub const LIST_ID: &str = "queue-list";
/// Height of a row in units of the type scale.
const ROW_REM: f64 = 4.75;

/// The list's window on its rows, in pixels.
#[derive(Clone, Copy)]
struct Sight {
    list: NodeRef<Div>,
    scroll_top_px: RwSignal<f64>,
    height_px: RwSignal<f64>,
    row_px: RwSignal<f64>,
}

impl Sight {
    fn new() -> Self {
        Self {
            list: NodeRef::new(),
            scroll_top_px: RwSignal::new(0.0),
            height_px: RwSignal::new(900.0),
            row_px: RwSignal::new(ROW_REM * unit_px()),
        }
    }

    fn measure(self) {
        if let Some(list) = self.list.get_untracked() {
            self.height_px.set(f64::from(list.client_height()));
            self.row_px.set(ROW_REM * unit_px());
        }
    }

    /// Measures again when the window or the tools above the list change their size.
    fn follow_size(self, desk: DeskContext) {
        // The type scale follows the window in its own listener, so it is read a moment later.
        let resized = window_event_listener(leptos::ev::resize, move |_| {
            request_animation_frame(move || self.measure());
        });
        on_cleanup(move || resized.remove());
        Effect::new(move |_| {
            desk.narrowing.track();
            desk.hall.filter.track();
            request_animation_frame(move || self.measure());
        });
    }

    /// Scrolls a selection made on the map or by the keyboard into sight. Scrolling by hand does
    /// not jump back, because only a change of the selection runs this.
    fn follow_selection(self, desk: DeskContext) {
        Effect::new(move |_| {
            let Some(selected) = desk.incident.get() else {
                return;
            };
            let place = desk
                .rows
                .with_untracked(|rows| rows.iter().position(|row| *row == selected));
            let (Some(place), Some(list)) = (place, self.list.get()) else {
                return;
            };
            let top = scroll_to_show(
                place,
                f64::from(list.scroll_top()),
                f64::from(list.client_height()),
                self.row_px.get_untracked(),
            );
            if let Some(top) = top {
                list.set_scroll_top(top as i32);
            }
        });
    }

    fn scrolled(self) {
        if let Some(list) = self.list.get_untracked() {
            self.scroll_top_px.set(f64::from(list.scroll_top()));
        }
    }
}

/// The rows, or why there are none.
#[component]
pub fn Rows() -> impl IntoView {
    let desk = use_desk();
    let sight = Sight::new();
    sight.follow_size(desk);
    sight.follow_selection(desk);
    let total = Memo::new(move |_| desk.rows.with(Vec::len));
    let range = Memo::new(move |_| {
        rows_in_sight(
            total.get(),
            sight.scroll_top_px.get(),
            sight.height_px.get(),
            sight.row_px.get(),
        )
    });
    let shown = Memo::new(move |_| {
        let range = range.get();
        desk.rows
            .with(|rows| rows.get(range).map(<[_]>::to_vec).unwrap_or_default())
    });
    let rem = |rows: usize| format!("{}rem", rows as f64 * ROW_REM);
    view! {
        <div
            node_ref=sight.list
            id=LIST_ID
            class="queue-list"
            role="listbox"
            tabindex="0"
            aria-labelledby="queue-title"
            aria-activedescendant=move || desk.incident.get().map(row_id)
            on:scroll=move |_| sight.scrolled()
        >
            <div aria-hidden="true" style:height=move || rem(range.get().start)></div>
            <For each=move || shown.get() key=|id| *id let(id)>
                <Row id />
            </For>
            <div
                aria-hidden="true"
                style:height=move || rem(total.get().saturating_sub(range.get().end))
            ></div>
            <Nothing />
        </div>
    }
}

/// Why the list is empty, when it is.
#[component]
fn Nothing() -> impl IntoView {
    let desk = use_desk();
    let hall = use_hall();
    let words = move || {
        if !desk.rows.with(Vec::is_empty) {
            return None;
        }
        let is_filtered = hall.filter.with(|set| *set != IncidentSet::Open)
            || desk.narrowing.with(Narrowing::is_active);
        Some(if !hall.has_data.get() {
            (t!("desk.queue.waiting"), t!("desk.queue.waiting_hint"))
        } else if is_filtered {
            (t!("desk.queue.empty"), t!("desk.queue.empty_hint"))
        } else {
            (t!("desk.queue.empty_open"), "".into())
        })
    };
    move || {
        words().map(|(title, hint)| {
            view! {
                <div class="empty" role="status" data-testid="queue-empty">
                    <p>{title.into_owned()}</p>
                    <p class="faint">{hint.into_owned()}</p>
                </div>
            }
        })
    }
}

fn row_id(incident: IncidentId) -> String {
    format!("incident-{incident}")
}

/// What a row shows.
#[derive(Debug, Clone, PartialEq)]
struct RowView {
    incident: IncidentRow,
    clock: Option<domain::clocks::StageClock>,
    ended: Option<String>,
    order: Option<OrderState>,
    report: Option<OrderState>,
}

#[component]
fn Row(id: IncidentId) -> impl IntoView {
    let desk = use_desk();
    let hall = use_hall();
    let row = hall.memo(
        &[Slice::Incidents, Slice::Orders, Slice::Outbox],
        move |hall, catalogue, _| {
            let incident = hall.situation.incidents.get(&id)?;
            Some(RowView {
                clock: incident.clock.filter(|_| incident.state.is_open()),
                ended: incident.ended_at.map(Timestamp::local_hm),
                order: super::orders::leading_state(&hall.situation, &hall.outbox, incident),
                report: super::outbox::report_state(&hall.outbox, incident),
                incident: incident_row(incident, catalogue),
            })
        },
    );
    let is_selected = move || desk.incident.get() == Some(id);
    view! {
        <div
            id=row_id(id)
            class="queue-row"
            role="option"
            data-testid="incident-row"
            data-incident=id.to_string()
            aria-selected=move || is_selected().to_string()
            style:height=format!("{ROW_REM}rem")
            on:click=move |_| desk.select(id)
        >
            {move || row.get().map(row_content)}
        </div>
    }
}

fn row_content(row: RowView) -> impl IntoView {
    let RowView {
        incident,
        clock,
        ended,
        order,
        report,
    } = row;
    let title = incident.title.clone();
    let address = incident.address.clone();
    view! {
        <LevelBadge level=incident.level />
        <span class="queue-row-title" title=title.clone()>{title.clone()}</span>
        <span class="queue-row-clock">
            {if clock.is_some() {
                view! { <LampClock clock=clock /> }.into_any()
            } else {
                let words = ended.unwrap_or_else(|| t!("desk.queue.no_clock").into_owned());
                view! { <span class="faint">{words}</span> }.into_any()
            }}
        </span>
        <span class="queue-row-address" title=address.clone()>{address.clone()}</span>
        <span class="queue-row-note">
            {incident.is_drill.then(|| view! { <DrillBadge /> " " })}
            <span class="number">{strings::incident_number(incident.id)}</span>
            " · "
            {incident.category.clone()}
            {incident
                .is_supervised
                .then(|| view! { " · " <span class="supervised">{t!("badge.supervised").into_owned()}</span> })}
        </span>
        <span class="queue-row-state">
            {report.map(super::words::report_tag)}
            <Tag
                text=strings::incident_state(incident.state)
                tone=incident_tone(incident.state)
            />
            {order
                .map(|state| view! { <Tag text=strings::order_state(state) tone=order_tone(state) /> })}
        </span>
    }
}

/// A word for an order's state in attributes.
pub const fn order_state_name(state: OrderState) -> &'static str {
    match state {
        OrderState::Queued => "queued",
        OrderState::Parked => "parked",
        OrderState::Sent => "sent",
        OrderState::Delivered => "delivered",
        OrderState::Read => "read",
        OrderState::Accepted => "accepted",
        OrderState::Arrived => "arrived",
        OrderState::Done => "done",
        OrderState::Refused => "refused",
        OrderState::Withdrawn => "withdrawn",
    }
}
