//! The right side: newest incidents with running clocks, and orders under way.

use domain::Timestamp;
use domain::sets::IncidentSet;
use leptos::prelude::*;
use rust_i18n::t;

use super::line_freshness;
use crate::components::{
    DrillBadge, KeyedRows, LampClock, LevelBadge, Panel, PanelState, Tag, incident_tone, order_tone,
};
use crate::state::orders::{self, OrderRow};
use crate::state::panels::{self, IncidentRow};
use crate::state::{Selection, Slice, use_hall};
use crate::strings;

/// More rows than any wall has room for; those that do not fit whole are not shown.
const ROWS: usize = 24;

/// The newest incidents of the set that the map shows.
#[component]
pub fn NewestPanel() -> impl IntoView {
    let hall = use_hall();
    let rows = Memo::new(move |_| {
        hall.track(Slice::Incidents);
        hall.track(Slice::Second);
        let (set, now) = (hall.filter.get(), hall.now.get_untracked());
        hall.catalogue.with(|catalogue| {
            hall.with(|hall| {
                let situation = &hall.situation;
                panels::newest(situation, catalogue.as_deref(), &set, now, ROWS)
            })
        })
    });
    let aside = Memo::new(move |_| {
        hall.track(Slice::Incidents);
        hall.track(Slice::Second);
        let (set, now) = (hall.filter.get(), hall.now.get_untracked());
        let count = hall.with(|hall| hall.situation.count(&set, now));
        t!("wall.total", count = count).into_owned()
    });
    let state = Signal::derive(move || {
        let is_empty = rows.with(Vec::is_empty);
        PanelState::of(hall.has_data.get(), is_empty, &t!("wall.no_incidents"))
    });
    let today = hall.today();
    let title = Signal::derive(move || {
        let set = hall.filter.get();
        if set == IncidentSet::Open {
            return t!("wall.newest").into_owned();
        }
        let name = |c: Option<&crate::state::Catalogue>| strings::incident_set(&set, c);
        hall.catalogue
            .with(|c| format!("{} · {}", t!("wall.newest"), name(c.as_deref())))
    });
    view! {
        <Panel
            title
            source=t!("panel.source_backend").into_owned()
            freshness=line_freshness(hall)
            state
            aside=Signal::derive(move || aside.get())
            class="newest"
        >
            <div class="whole-rows">
                <KeyedRows
                    rows
                    key=|row: &IncidentRow| row.id
                    row=move |row| view! { <Newest row today /> }
                />
            </div>
        </Panel>
    }
}

/// One incident; a click flies the map to it.
#[component]
fn Newest(row: Memo<IncidentRow>, today: Memo<Timestamp>) -> impl IntoView {
    let hall = use_hall();
    // Nothing changes whether it is a drill.
    let (id, is_drill) = row.with_untracked(|row| (row.id, row.is_drill));
    let is_selected = move || hall.selection.with(|s| *s == Selection::Incident(id));
    let reported = move || {
        let time = strings::minute(row.with(|row| row.reported_at), today.get());
        t!("wall.reported", time = time).into_owned()
    };
    view! {
        <button
            type="button"
            class="wall-row"
            class:is-selected=is_selected
            on:click=move |_| hall.toggle_selection(Selection::Incident(id))
        >
            <span class="wall-row-line">
                <LevelBadge level=Signal::derive(move || row.with(|row| row.level)) />
                {is_drill.then(|| view! { <DrillBadge /> })}
                <span class="wall-row-title">{move || row.with(|row| row.title.clone())}</span>
                <LampClock clock=Signal::derive(move || row.with(|row| row.clock)) />
            </span>
            <span class="wall-row-line wall-row-more">
                <Tag
                    text=Signal::derive(move || strings::incident_state(row.with(|row| row.state)))
                    tone=Signal::derive(move || incident_tone(row.with(|row| row.state)))
                />
                <span class="wall-row-place">{move || row.with(|row| row.address.clone())}</span>
                <span>{reported}</span>
            </span>
        </button>
    }
}

/// Orders under way, the newest first.
#[component]
pub fn OrdersPanel() -> impl IntoView {
    let hall = use_hall();
    let all = hall.memo(
        &[
            Slice::Orders,
            Slice::Outbox,
            Slice::Incidents,
            Slice::People,
        ],
        |hall, _, _| orders::under_way(hall),
    );
    let rows =
        Memo::new(move |_| all.with(|all| all.iter().take(ROWS).cloned().collect::<Vec<_>>()));
    let aside = Signal::derive(move || {
        let count = all.with(Vec::len);
        t!("wall.total", count = count).into_owned()
    });
    let state = Signal::derive(move || {
        let is_empty = rows.with(Vec::is_empty);
        PanelState::of(hall.has_data.get(), is_empty, &t!("wall.no_orders"))
    });
    view! {
        <Panel
            title=t!("wall.orders").into_owned()
            source=t!("panel.source_orders").into_owned()
            freshness=line_freshness(hall)
            state
            aside
            class="orders"
        >
            <div class="whole-rows">
                <KeyedRows
                    rows
                    key=|row: &OrderRow| row.id
                    row=|row| view! { <UnderWay row /> }
                />
            </div>
        </Panel>
    }
}

/// One order; a click flies the map to its incident.
#[component]
fn UnderWay(row: Memo<OrderRow>) -> impl IntoView {
    let hall = use_hall();
    let incident = row.with_untracked(|row| row.incident);
    let age = Memo::new(move |_| strings::age(hall.now.get().ms_since(row.with(|r| r.since))));
    let post = move || {
        let to = row.with(|row| row.to);
        hall.track(Slice::People);
        hall.with(|hall| {
            hall.situation
                .people
                .get(&to)
                .map(|p| strings::post(p.post))
        })
    };
    view! {
        <button
            type="button"
            class="wall-row"
            on:click=move |_| hall.toggle_selection(Selection::Incident(incident))
        >
            <span class="wall-row-line">
                {move || row.with(|row| row.is_drill).then(|| view! { <DrillBadge /> })}
                <span class="wall-row-title">
                    {move || row.with(|row| row.name.clone())} <small>{post}</small>
                </span>
                <Tag
                    text=Signal::derive(move || strings::order_state(row.with(|row| row.state)))
                    tone=Signal::derive(move || order_tone(row.with(|row| row.state)))
                />
            </span>
            <span class="wall-row-line wall-row-more">
                <span class="wall-row-place">
                    {move || row.with(|row| row.about.clone().map(|(title, _)| title))}
                </span>
                <span>{age}</span>
            </span>
        </button>
    }
}
