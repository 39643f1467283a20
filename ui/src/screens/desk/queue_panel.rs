//! The queue of incidents: tools to narrow and order it above its rows.

use domain::Level;
use domain::rules::CategoryKind;
use domain::sets::IncidentSet;
use leptos::html::Input;
use leptos::prelude::*;
use rust_i18n::t;

use super::counts::{level_name, set_name};
use super::queue::{QueueSort, majors_in_use};
use super::queue_rows::Rows;
use super::report_state::ReportRests;
use super::state::use_desk;
use super::words;
use crate::state::{Freshness, Slice, use_hall};
use crate::strings;

/// Id of the search field, for the key that jumps into it.
pub const SEARCH_ID: &str = "queue-search";
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
            <NewReport />
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

/// Opens the form of a new matter, or the one that was begun.
#[component]
fn NewReport() -> impl IntoView {
    let desk = use_desk();
    let rests = Memo::new(move |_| desk.report_rests());
    let has_draft = Memo::new(move |_| desk.report.draft.with(Option::is_some));
    let hint = move || {
        match rests.get() {
            None => t!("report.open_hint"),
            Some(ReportRests::NoCatalogue) => t!("report.no_catalogue"),
            Some(ReportRests::NotForRole) => t!("report.not_for_role"),
        }
        .into_owned()
    };
    let words = move || {
        if has_draft.get() {
            t!("report.open_draft").into_owned()
        } else {
            t!("report.open").into_owned()
        }
    };
    view! {
        // A button that is disabled shows no tooltip of its own.
        <div class="queue-report" title=hint>
            <button
                type="button"
                class="button queue-new"
                data-testid="report-open"
                data-draft=move || has_draft.get().to_string()
                disabled=move || rests.get().is_some()
                on:click=move |_| desk.open_report()
            >
                {words}
                <kbd class="key" aria-hidden="true">"N"</kbd>
            </button>
        </div>
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
            if narrowing.region.is_some() {
                parts.push(("region", t!("map.tools.region").into_owned()));
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
        "region" => desk.narrowing.update(|n| n.region = None),
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
                    title=t!("desk.queue.clear").into_owned()
                    on:click=move |_| desk.show_set(IncidentSet::Open)
                >
                    {t!("desk.queue.clear").into_owned()}
                </button>
            </div>
        </Show>
    }
}
