//! The queue of incidents: tools to narrow and order it, and its rows, of which only those in
//! sight are in the document.

use domain::orders::OrderState;
use domain::rules::CategoryKind;
use domain::sets::IncidentSet;
use domain::{IncidentId, Level};
use leptos::html::{Div, Input};
use leptos::prelude::*;
use rust_i18n::t;

use super::counts::{level_name, set_name};
use super::queue::{Narrowing, QueueSort, majors_in_use, rows_in_sight, scroll_to_show};
use super::state::use_desk;
use super::words;
use crate::components::{LampClock, LevelBadge, Tag, incident_tone, order_tone};
use crate::state::panels::{IncidentRow, incident_row};
use crate::state::{Freshness, Slice, use_hall};
use crate::strings;

/// Height of a row in units of the type scale.
const ROW_REM: f64 = 4.75;

/// Id of the search field, for the key that jumps into it.
pub const SEARCH_ID: &str = "queue-search";
/// Id of the list, for the link that skips to it.
pub const LIST_ID: &str = "queue-list";

/// The queue.
#[component]
pub fn QueuePanel() -> impl IntoView {
    let desk = use_desk();
    let hall = use_hall();
    let size = move || t!("desk.queue.size", n = desk.rows.with(Vec::len)).into_owned();
    let age = Memo::new(move |_| {
        hall.track(Slice::Line);
        let now = hall.now.get();
        let freshness = hall.with(|hall| Freshness::of_line(&hall.line, now));
        let age = freshness
            .age_ms
            .map_or_else(|| t!("panel.never").into_owned(), strings::age);
        (
            format!("{} · {age}", t!("panel.source_backend")),
            freshness.is_stale,
        )
    });
    view! {
        <section class="queue" aria-labelledby="queue-title">
            <header class="desk-head">
                <h2 id="queue-title">{t!("desk.queue.title").into_owned()}</h2>
                <span class="number" data-testid="list-size" aria-live="polite">
                    {size}
                </span>
                <span class="desk-head-note" class:warn=move || age.get().1>
                    {move || age.get().0}
                </span>
                <SortChoice />
            </header>
            <div class="queue-tools">
                <SearchField />
                <LevelChoice />
                <CategoryChoice />
            </div>
            <ActiveFilter />
            <Rows />
        </section>
    }
}

#[component]
fn SortChoice() -> impl IntoView {
    let desk = use_desk();
    let label = t!("desk.queue.sort").into_owned();
    view! {
        <select
            class="field queue-sort"
            data-testid="queue-sort"
            aria-label=label.clone()
            title=label
            prop:value=move || desk.sort.get().name()
            on:change=move |event| desk.sort.set(QueueSort::of_name(&event_target_value(&event)))
        >
            {QueueSort::ALL
                .map(|sort| view! { <option value=sort.name()>{words::sort(sort)}</option> })
                .collect_view()}
        </select>
    }
}

#[component]
fn SearchField() -> impl IntoView {
    let desk = use_desk();
    let field = NodeRef::<Input>::new();
    let label = t!("desk.queue.search").into_owned();
    view! {
        <label class="queue-search">
            <span class="visually-hidden">{label.clone()}</span>
            <input
                node_ref=field
                id=SEARCH_ID
                class="field"
                type="search"
                data-testid="queue-search"
                autocomplete="off"
                spellcheck="false"
                placeholder=label.clone()
                title=label
                prop:value=move || desk.narrowing.with(|n| n.text.clone())
                on:input=move |event| {
                    desk.narrowing.update(|n| n.text = event_target_value(&event));
                }
            />
            <kbd class="key" aria-hidden="true">"/"</kbd>
        </label>
    }
}

#[component]
fn LevelChoice() -> impl IntoView {
    let desk = use_desk();
    let label = t!("desk.queue.level").into_owned();
    let levels = Level::ALL.map(|level| (level_name(level), level));
    view! {
        <select
            class="field"
            data-testid="queue-level"
            aria-label=label.clone()
            title=label
            prop:value=move || desk.narrowing.with(|n| n.level.map_or("", level_name))
            on:change=move |event| {
                let chosen = event_target_value(&event);
                let level = levels.iter().find(|(name, _)| *name == chosen).map(|(_, level)| *level);
                desk.narrowing.update(|n| n.level = level);
            }
        >
            <option value="">{t!("desk.queue.all_levels").into_owned()}</option>
            {levels
                .into_iter()
                .rev()
                .map(|(name, level)| {
                    view! { <option value=name>{strings::level(level)}</option> }
                })
                .collect_view()}
        </select>
    }
}

/// `event-5` and back.
fn major_value(major: (CategoryKind, u8)) -> String {
    set_name(&IncidentSet::OpenOfMajor(major.0, major.1))
}

#[component]
fn CategoryChoice() -> impl IntoView {
    let desk = use_desk();
    let hall = use_hall();
    let label = t!("desk.queue.category").into_owned();
    let majors = hall.memo(&[Slice::Incidents], |hall, catalogue, _| {
        catalogue.map_or_else(Vec::new, |c| {
            majors_in_use(&hall.situation, &c.reference.rules)
        })
    });
    let chosen = move || {
        desk.narrowing
            .with(|n| n.major.map_or(String::new(), major_value))
    };
    view! {
        <select
            class="field"
            data-testid="queue-category"
            aria-label=label.clone()
            title=label
            prop:value=chosen
            on:change=move |event| {
                let value = event_target_value(&event);
                let major = majors
                    .with(|all| {
                        all.iter().map(|m| (m.0, m.1)).find(|major| major_value(*major) == value)
                    });
                desk.narrowing.update(|n| n.major = major);
            }
        >
            <option value="">{t!("desk.queue.all_categories").into_owned()}</option>
            {move || {
                let present = chosen();
                majors
                    .get()
                    .into_iter()
                    .map(|(kind, major, name, n)| {
                        let value = major_value((kind, major));
                        let words = t!("desk.queue.option", name = name, n = n).into_owned();
                        let is_chosen = value == present;
                        view! { <option value=value selected=is_chosen>{words}</option> }
                    })
                    .collect_view()
            }}
        </select>
    }
}

/// What narrows the list, each part removable, and one button that clears all.
#[component]
fn ActiveFilter() -> impl IntoView {
    let desk = use_desk();
    let hall = use_hall();
    let parts = Memo::new(move |_| {
        let catalogue = hall.catalogue.get();
        let catalogue = catalogue.as_deref();
        let mut parts: Vec<(&'static str, String)> = Vec::new();
        let set = hall.filter.get();
        if set != IncidentSet::Open {
            parts.push(("set", strings::incident_set(&set, catalogue)));
        }
        desk.narrowing.with(|narrowing| {
            if let Some(level) = narrowing.level {
                let set = IncidentSet::OpenOfLevel(level);
                parts.push(("level", strings::incident_set(&set, catalogue)));
            }
            if let Some((kind, major)) = narrowing.major {
                let set = IncidentSet::OpenOfMajor(kind, major);
                parts.push(("major", strings::incident_set(&set, catalogue)));
            }
            let text = narrowing.text.trim();
            if !text.is_empty() {
                parts.push(("text", format!("“{text}”")));
            }
        });
        parts
    });
    let remove = move |part: &str| match part {
        "set" => hall.filter.set(IncidentSet::Open),
        "level" => desk.narrowing.update(|n| n.level = None),
        "major" => desk.narrowing.update(|n| n.major = None),
        _ => desk.narrowing.update(|n| n.text.clear()),
    };
    view! {
        <Show when=move || !parts.with(Vec::is_empty)>
            <div class="queue-filter" data-testid="active-filter" role="group"
                aria-label=t!("desk.queue.filtered").into_owned()>
                <For each=move || parts.get() key=Clone::clone let((part, name))>
                    <button
                        type="button"
                        class="chip"
                        title=t!("desk.queue.clear_one", name = name.clone()).into_owned()
                        on:click=move |_| remove(part)
                    >
                        {name.clone()}
                        <span aria-hidden="true">" ×"</span>
                    </button>
                </For>
                <button
                    type="button"
                    class="link queue-clear"
                    data-testid="clear-filter"
                    on:click=move |_| {
                        hall.filter.set(IncidentSet::Open);
                        desk.narrowing.set(Narrowing::default());
                    }
                >
                    {t!("desk.queue.clear").into_owned()}
                </button>
            </div>
        </Show>
    }
}

#[component]
fn Rows() -> impl IntoView {
    let desk = use_desk();
    let hall = use_hall();
    let list = NodeRef::<Div>::new();
    let scroll_top_px = RwSignal::new(0.0);
    let height_px = RwSignal::new(900.0);
    let row_px = RwSignal::new(ROW_REM * 16.0);
    let measure = move || {
        if let Some(list) = list.get_untracked() {
            height_px.set(f64::from(list.client_height()));
            row_px.set(ROW_REM * unit_px());
        }
    };
    let resized = window_event_listener(leptos::ev::resize, move |_| {
        // The type scale follows the window in its own listener, so it is read a moment later.
        request_animation_frame(measure);
    });
    on_cleanup(move || resized.remove());
    Effect::new(move |_| {
        desk.narrowing.track();
        hall.filter.track();
        request_animation_frame(measure);
    });
    let sight = Memo::new(move |_| {
        rows_in_sight(
            desk.rows.with(Vec::len),
            scroll_top_px.get(),
            height_px.get(),
            row_px.get(),
        )
    });
    let shown = Memo::new(move |_| {
        let sight = sight.get();
        desk.rows
            .with(|rows| rows.get(sight).map(<[_]>::to_vec).unwrap_or_default())
    });
    // A selection made on the map or by the keyboard scrolls into sight; scrolling by hand does not
    // jump back, because only a change of the selection runs this.
    Effect::new(move |_| {
        let Some(selected) = desk.incident.get() else {
            return;
        };
        let place = desk
            .rows
            .with_untracked(|rows| rows.iter().position(|row| *row == selected));
        let (Some(place), Some(list)) = (place, list.get()) else {
            return;
        };
        let top = scroll_to_show(
            place,
            f64::from(list.scroll_top()),
            f64::from(list.client_height()),
            row_px.get_untracked(),
        );
        if let Some(top) = top {
            list.set_scroll_top(top as i32);
        }
    });
    let before_rem = move || sight.get().start as f64 * ROW_REM;
    let after_rem =
        move || (desk.rows.with(Vec::len).saturating_sub(sight.get().end)) as f64 * ROW_REM;
    view! {
        <div
            node_ref=list
            id=LIST_ID
            class="queue-list"
            role="listbox"
            tabindex="0"
            aria-labelledby="queue-title"
            aria-activedescendant=move || desk.incident.get().map(row_id)
            on:scroll=move |_| {
                if let Some(list) = list.get_untracked() {
                    scroll_top_px.set(f64::from(list.scroll_top()));
                }
            }
        >
            <div aria-hidden="true" style:height=move || format!("{}rem", before_rem())></div>
            <For each=move || shown.get() key=|id| *id let(id)>
                <Row id />
            </For>
            <div aria-hidden="true" style:height=move || format!("{}rem", after_rem())></div>
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
        Some(if !hall.has_picture.get() {
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
                ended: incident.ended_at.map(domain::Timestamp::local_hm),
                order: super::orders::leading_state(&hall.situation, &hall.outbox, incident),
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
            <span class="number">{incident.id.to_string()}</span>
            " · "
            {incident.category.clone()}
            {incident
                .is_supervised
                .then(|| view! { " · " <span class="supervised">{t!("badge.supervised").into_owned()}</span> })}
        </span>
        <span class="queue-row-state">
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

/// Pixels of one unit of the type scale.
fn unit_px() -> f64 {
    const USUAL_PX: f64 = 16.0;
    document()
        .document_element()
        .and_then(|root| window().get_computed_style(&root).ok().flatten())
        .and_then(|style| style.get_property_value("font-size").ok())
        .and_then(|size| size.trim_end_matches("px").parse().ok())
        .unwrap_or(USUAL_PX)
}
