//! The tools over the desk's map: measure a way, a circle around a place, a line around things;
//! and the panel with what they found. What lies in a region is also what the list shows.

use domain::places::measures::Region;
use domain::{IncidentId, PersonId};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use map_protocol::Tool;
use rust_i18n::t;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::map_layers::MapLayers;
use super::state::{DeskContext, use_desk};
use crate::components::CopyableId;
use crate::map_view::use_map;
use crate::state::survey::{Drawing, Survey};
use crate::state::{Selection, Slice, use_hall};
use crate::strings;

/// Names that a list of the panel shows; the counts are of all.
const MOST_NAMES: usize = 6;

/// The bar of tools, and the panel while something is drawn.
#[component]
pub fn MapTools() -> impl IntoView {
    let desk = use_desk();
    let drawing = use_map().drawing;
    narrow_to_region(desk);
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        take_back_point(drawing, &event);
    });
    on_cleanup(move || keys.remove());
    view! {
        <div class="map-tools" role="toolbar" aria-label=t!("map.tools.label").into_owned()>
            <ToolButton tool=Tool::Measure name=t!("map.tools.measure").into_owned() path=RULER />
            <ToolButton tool=Tool::Radius name=t!("map.tools.radius").into_owned() path=CIRCLE />
            <ToolButton tool=Tool::Lasso name=t!("map.tools.lasso").into_owned() path=LASSO />
            <MapLayers />
        </div>
        <Show when=move || drawing.with(|drawing| drawing.tool != Tool::None)>
            <ResultPanel />
        </Show>
    }
}

const RULER: &str = "M2.5 13.5 13.5 2.5M4 9.5l2 2M6.5 7l2 2M9 4.5l2 2";
const CIRCLE: &str = "M8 2a6 6 0 1 1 0 12a6 6 0 1 1 0-12zM8 8h6";
const LASSO: &str = "M3 6c0-2.5 2.5-4 5.5-4s5 1.5 5 3.500-2.5 4-5.5 4S3 8.5 3 6zM4.5 8.5c-1.5 1.5 0 3 1 2.5M5 11c.5 1.5 0 2.5-1.5 3";

#[component]
fn ToolButton(tool: Tool, name: String, path: &'static str) -> impl IntoView {
    let drawing = use_map().drawing;
    let is_held = move || drawing.with(|drawing| drawing.is_held && drawing.tool == tool);
    let take = move |_| {
        let next = if is_held() { Tool::None } else { tool };
        drawing.set(Drawing::begin(next));
    };
    view! {
        <button
            type="button"
            class="icon-button map-tool"
            data-testid=format!("map-tool-{}", tool as u8)
            aria-pressed=move || is_held().to_string()
            aria-label=name.clone()
            title=name.clone()
            on:click=take
        >
            <svg viewBox="0 0 16 16" aria-hidden="true">
                <path d=path></path>
            </svg>
        </button>
    }
}

/// What was drawn, in numbers and names.
#[component]
fn ResultPanel() -> impl IntoView {
    let drawing = use_map().drawing;
    let what = move || match drawing.with(|drawing| drawing.tool) {
        Tool::Measure => t!("map.tools.measure"),
        Tool::Radius => t!("map.tools.radius"),
        _ => t!("map.tools.lasso"),
    };
    let hint = move || {
        drawing.with(|drawing| match (drawing.is_held, drawing.tool) {
            (true, Tool::Measure) => Some(t!("map.tools.measure_hint").into_owned()),
            (true, Tool::Radius) => Some(t!("map.tools.radius_hint").into_owned()),
            (true, Tool::Lasso) => Some(t!("map.tools.lasso_hint").into_owned()),
            _ => None,
        })
    };
    let metres = Memo::new(move |_| {
        drawing.with(|drawing| drawing.length_m().or_else(|| drawing.radius_m()))
    });
    let exact =
        Signal::derive(move || metres.get().map_or_else(String::new, |m| format!("{m:.0}")));
    let words = Signal::derive(move || metres.get().map_or_else(String::new, strings::measured));
    view! {
        <aside class="map-result" data-testid="map-result" role="status">
            <p class="map-result-head">
                <strong>{move || what().into_owned()}</strong>
                <Show when=move || metres.with(Option::is_some)>
                    <CopyableId text=exact label=words />
                </Show>
                <button
                    type="button"
                    class="icon-button"
                    aria-label=t!("map.tools.close").into_owned()
                    title=t!("map.tools.close").into_owned()
                    on:click=move |_| drawing.set(Drawing::default())
                >
                    "×"
                </button>
            </p>
            {move || hint().map(|hint| view! { <p class="faint">{hint}</p> })}
            <Found />
        </aside>
    }
}

/// Counts and names of what lies within the region.
#[component]
fn Found() -> impl IntoView {
    let hall = use_hall();
    let drawing = use_map().drawing;
    let region: Memo<Option<Region>> = Memo::new(move |_| drawing.with(Drawing::finished_region));
    let survey = hall.memo(
        &[Slice::Incidents, Slice::Positions, Slice::Second],
        move |hall, catalogue, now| {
            let region = region.get()?;
            Some(Survey::of(&region, &hall.situation, catalogue, now))
        },
    );
    move || {
        survey.get().map(|survey| {
            let incidents = survey.incidents.iter().take(MOST_NAMES);
            let people = survey.people.iter().take(MOST_NAMES);
            view! {
                <dl class="facts" data-testid="map-result-counts">
                    {count_row(t!("map.tools.incidents").into_owned(), survey.incidents.len())}
                    {count_row(t!("map.tools.people").into_owned(), survey.people.len())}
                    {count_row(t!("map.tools.cameras").into_owned(), survey.cameras.len())}
                    {count_row(t!("map.tools.sensors").into_owned(), survey.sensors.len())}
                </dl>
                <ul class="map-result-names">
                    {incidents.map(|id| incident_name(*id)).collect_view()}
                    {people.map(|id| person_name(*id)).collect_view()}
                </ul>
            }
        })
    }
}

fn count_row(name: String, count: usize) -> impl IntoView {
    view! {
        <dt>{name}</dt>
        <dd>
            <CopyableId text=Signal::stored(count.to_string()) />
        </dd>
    }
}

fn incident_name(id: IncidentId) -> impl IntoView {
    let hall = use_hall();
    let title = hall.with(|hall| hall.situation.incidents.get(&id).map(|i| i.title.clone()));
    name_button(
        title.unwrap_or_else(|| id.to_string()),
        Selection::Incident(id),
    )
}

fn person_name(id: PersonId) -> impl IntoView {
    let hall = use_hall();
    let name = hall.with(|hall| hall.situation.people.get(&id).map(|p| p.name.clone()));
    name_button(name.unwrap_or_default(), Selection::Person(id))
}

fn name_button(name: String, selection: Selection) -> impl IntoView {
    let hall = use_hall();
    view! {
        <li>
            <button type="button" class="link" on:click=move |_| hall.selection.set(selection.clone())>
                {name}
            </button>
        </li>
    }
}

/// What lies in the finished region is what the list shows; wiping the drawing shows all again.
fn narrow_to_region(desk: DeskContext) {
    let drawing = use_map().drawing;
    let region = Memo::new(move |_| drawing.with(Drawing::finished_region));
    Effect::new(move |_| {
        let region = region.get();
        let differs = desk.narrowing.with_untracked(|n| n.region != region);
        if differs {
            desk.narrowing.update(|n| n.region = region);
        }
    });
    // Clearing the list's filter clears the drawing that was its reason.
    Effect::new(move |before: Option<bool>| {
        let is_narrowed = desk.narrowing.with(|n| n.region.is_some());
        let is_drawn = drawing.with_untracked(|d| d.finished_region().is_some());
        if before == Some(true) && !is_narrowed && is_drawn {
            drawing.set(Drawing::default());
        }
        is_narrowed
    });
}

/// One step back, where something is drawn; answers whether there was.
pub fn step_back(drawing: RwSignal<Drawing>) -> bool {
    let is_drawn = drawing.with_untracked(|drawing| drawing.tool != Tool::None);
    if is_drawn {
        drawing.update(|drawing| *drawing = drawing.stepped_back());
    }
    is_drawn
}

/// Backspace takes the last point of a measured line back, unless it belongs to a text.
fn take_back_point(drawing: RwSignal<Drawing>, event: &KeyboardEvent) {
    let target = event.target().and_then(|t| t.dyn_into::<Element>().ok());
    let types = target.is_some_and(|element| {
        let field = element.closest("input, textarea, select, dialog");
        field.ok().flatten().is_some()
    });
    if event.key() != "Backspace" || types {
        return;
    }
    if let Some(shorter) = drawing.with_untracked(Drawing::without_last_point) {
        drawing.set(shorter);
        event.prevent_default();
    }
}
