//! The legend of the map: what colours and shapes mean, in words.

use domain::Level;
use domain::people::PersonClass;
use leptos::prelude::*;
use protocol::commands::WindowKind;
use rust_i18n::t;

use super::heat::HeatChoice;
use super::pack::work_class;
use crate::components::{DrillBadge, LevelBadge};
use crate::state::panels;
use crate::state::people::{Activity, newest_position};
use crate::state::{Freshness, Slice, use_hall};
use crate::strings;
use domain::people::POSITION_STALE_MS;

/// Lower ends of the classes of open work.
const WORK_STEPS: [usize; 5] = [1, 2, 4, 7, LAST_STEP];
const LAST_STEP: usize = 11;

/// The legend, with source and age of the moving layer. Folded, it is one line and leaves the street
/// to the eye: a wall begins so, because who works before it knows its marks.
#[component]
pub fn Legend() -> impl IntoView {
    let hall = use_hall();
    let is_desk = hall
        .settings
        .with_value(|settings| settings.window == WindowKind::Desk);
    let is_open = RwSignal::new(is_desk);
    let positions = hall.memo(&[Slice::Positions, Slice::Second], |hall, _, now| {
        let newest = newest_position(&hall.situation);
        Freshness::of(newest, now, POSITION_STALE_MS)
    });
    let has_drills = hall.memo(&[Slice::Incidents], |hall, _, now| {
        panels::open_drills(&hall.situation, now) > 0
    });
    let age = move || {
        positions
            .get()
            .age_ms
            .map_or_else(|| t!("panel.never").into_owned(), strings::age)
    };
    view! {
        <div class="map-legend" role="note" aria-label=t!("map.legend").into_owned()>
            <Show when=move || has_drills.get()>
                <div class="map-legend-row">
                    <DrillBadge />
                    <span>{t!("map.legend_drill").into_owned()}</span>
                </div>
            </Show>
            <div class="map-legend-row" class:is-stale=move || positions.get().is_stale>
                {Level::ALL.map(|level| view! { <LevelBadge level=Signal::stored(level) /> }).collect_view()}
                <span class="map-legend-age">{t!("map.legend_positions").into_owned()} " " {age}</span>
                <Fold is_open />
            </div>
            <Show when=move || is_open.get()>
                <Marks />
            </Show>
        </div>
    }
}

/// The button that folds and unfolds the legend.
#[component]
fn Fold(is_open: RwSignal<bool>) -> impl IntoView {
    let hint = move || {
        let hint = if is_open.get() {
            t!("map.legend_fold")
        } else {
            t!("map.legend_unfold")
        };
        hint.into_owned()
    };
    view! {
        <button
            type="button"
            class="icon-button map-legend-fold"
            data-testid="legend-fold"
            aria-expanded=move || is_open.get().to_string()
            aria-label=hint
            title=hint
            on:click=move |_| is_open.update(|is_open| *is_open = !*is_open)
        >
            {move || if is_open.get() { "▾" } else { "▴" }}
        </button>
    }
}

/// What the marks mean.
#[component]
fn Marks() -> impl IntoView {
    view! {
        <>
            <div class="map-legend-row">
                {PersonClass::ALL.map(person_key).collect_view()}
            </div>
            <div class="map-legend-row">
                {Activity::ALL.map(activity_key).collect_view()}
                {key("map-key-stale", DISC, t!("map_key.stale").into_owned())}
                {key("map-key-heading", HEADED, t!("map_key.heading").into_owned())}
            </div>
            <div class="map-legend-row">
                {[Ring::Overdue, Ring::Unacknowledged, Ring::Selected].map(ring_key).collect_view()}
            </div>
            <div class="map-legend-row">
                <span>{t!("map.legend_work").into_owned()}</span>
                <span class="work-hatched" aria-hidden="true"></span>
                <span>{t!("map.legend_overdue").into_owned()}</span>
                <span class="work-scale">
                    {WORK_STEPS
                        .map(|from| {
                            let class = format!("work-step work-step-{}", work_class(from));
                            let more = if from == LAST_STEP { "+" } else { "" };
                            view! { <span class=class>{from}{more}</span> }
                        })
                        .collect_view()}
                </span>
            </div>
            <HeatChoice />
        </>
    }
}

/// Shape of a class of people: circle, square, triangle, as on the map.
fn person_key(class: PersonClass) -> impl IntoView {
    let path = match class {
        PersonClass::StreetStaff => "M8 3a5 5 0 1 1 0 10a5 5 0 1 1 0-10z",
        PersonClass::StationedForce => "M3.5 3.5h9v9h-9z",
        PersonClass::SocialForce => "M8 3l6 10H2z",
    };
    view! {
        <span class="person-key">
            <svg viewBox="0 0 16 16" aria-hidden="true">
                <path d=path></path>
            </svg>
            <span>{strings::person_class(class)}</span>
        </span>
    }
}

/// A filled disc, and one with the wedge that points where somebody goes.
const DISC: &str = "M8 4a4 4 0 1 1 0 8a4 4 0 1 1 0-8z";
const HEADED: &str = "M6 6a4 4 0 1 1 0 8a4 4 0 1 1 0-8zM9.6 4.6L15 1L12.6 7.2z";

/// A ring around a mark.
#[derive(Debug, Clone, Copy)]
enum Ring {
    Overdue,
    Unacknowledged,
    Selected,
}

/// The colour of an activity.
fn activity_key(activity: Activity) -> impl IntoView {
    let class = match activity {
        Activity::Available => "map-key-available",
        Activity::Busy => "map-key-busy",
        Activity::OffDuty => "map-key-off-duty",
    };
    key(class, DISC, strings::activity(activity))
}

/// What a ring means.
fn ring_key(ring: Ring) -> impl IntoView {
    let (class, words) = match ring {
        Ring::Overdue => ("map-key-ring is-overdue", t!("map_key.overdue")),
        Ring::Unacknowledged => ("map-key-ring is-new", t!("map_key.unacknowledged")),
        Ring::Selected => ("map-key-ring is-chosen", t!("map_key.selected")),
    };
    key(class, DISC, words.into_owned())
}

fn key(class: &'static str, path: &'static str, words: String) -> impl IntoView {
    view! {
        <span class=format!("person-key {class}")>
            <svg viewBox="0 0 16 16" aria-hidden="true">
                <path d=path></path>
            </svg>
            <span>{words}</span>
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_of_the_scale_begins_its_class() {
        for (n, from) in WORK_STEPS.into_iter().enumerate() {
            assert_eq!(usize::from(work_class(from)), n + 1);
            assert_eq!(usize::from(work_class(from - 1)), n);
        }
    }
}
