//! The desk shows its part of the map on the wall, and takes it back.

use domain::LonLat;
use domain::places::Bounds;
use leptos::prelude::*;
use protocol::commands::WallPlace;
use protocol::feed::PushedSelection;
use rust_i18n::t;

use super::state::use_desk;
use super::tasks::Task;
use crate::map_view::use_map;
use crate::state::survey::Drawing;
use crate::state::{Selection, Slice, use_hall};
use crate::strings;

/// The button over the map, and who has pushed what until when.
#[component]
pub fn WallView() -> impl IntoView {
    let desk = use_desk();
    let (hall, map) = (use_hall(), use_map());
    let shown = hall.memo(&[Slice::PushedView, Slice::Second], |hall, _, now| {
        let view = hall.pushed_view.as_ref()?;
        let left_ms = view.until.ms_since(now);
        (left_ms > 0).then(|| (view.by.clone(), strings::running_time(left_ms)))
    });
    let push = move |_| {
        if let Some((_, bounds)) = map.place.get_value() {
            let place = WallPlace {
                bounds: bounds_of(bounds),
                selection: hall.selection.with_untracked(pushed),
                hidden: map.hidden.get_untracked(),
                heat: map.heat.get_untracked(),
                drawing: map.drawing.with_untracked(Drawing::pushed),
            };
            desk.perform(Task::ShowOnWall { place: Some(place) });
        }
    };
    view! {
        <div class="map-wall" role="group" aria-label=t!("map_wall.what").into_owned()>
            {move || shown.get().map(|(by, left)| {
                view! {
                    <span class="map-wall-note" data-testid="wall-shows">
                        {t!("map_wall.shows", by = by, left = left).into_owned()}
                    </span>
                    <button
                        type="button"
                        class="button"
                        data-testid="wall-return"
                        on:click=move |_| desk.perform(Task::ShowOnWall { place: None })
                    >
                        {t!("map_wall.take_back").into_owned()}
                    </button>
                }
            })}
            <button
                type="button"
                class="button"
                data-testid="show-on-wall"
                title=t!("map_wall.hint").into_owned()
                on:click=push
            >
                {t!("map_wall.push").into_owned()}
            </button>
        </div>
    }
}

fn bounds_of(bounds: map_protocol::Bounds) -> Bounds {
    Bounds {
        min: LonLat::new(bounds.west, bounds.south),
        max: LonLat::new(bounds.east, bounds.north),
    }
}

fn pushed(selection: &Selection) -> PushedSelection {
    match selection.clone() {
        Selection::Nothing => PushedSelection::Nothing,
        Selection::Incident(id) => PushedSelection::Incident(id),
        Selection::Person(id) => PushedSelection::Person(id),
        Selection::Grid(code) => PushedSelection::Grid(code),
        Selection::Camera(id) => PushedSelection::Camera(id),
        Selection::Sensor(id) => PushedSelection::Sensor(id),
    }
}
