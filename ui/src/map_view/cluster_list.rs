//! The incidents of a cluster that no zoom parts, as a list over the map.

use domain::IncidentId;
use leptos::prelude::*;
use rust_i18n::t;

use super::control::use_map;
use crate::components::LevelBadge;
use crate::state::panels::incident_row;
use crate::state::{Selection, Slice, use_hall};

/// A cluster that was clicked.
#[derive(Debug, Clone, PartialEq)]
pub struct ClickedCluster {
    /// Its incidents.
    pub incidents: Vec<IncidentId>,
    /// Where it was clicked, in CSS pixels of the map.
    pub at_px: [f32; 2],
}

/// The list; nothing while no such cluster was clicked.
#[component]
pub fn ClusterList() -> impl IntoView {
    let control = use_map();
    let hall = use_hall();
    let rows = hall.memo(&[Slice::Incidents], move |hall, catalogue, _| {
        let clicked = control.cluster.get();
        let ids = clicked.map_or_else(Vec::new, |clicked| clicked.incidents);
        let incidents = ids.iter().filter_map(|id| hall.situation.incidents.get(id));
        incidents
            .map(|incident| incident_row(incident, catalogue))
            .collect::<Vec<_>>()
    });
    let place = move |axis: usize| {
        let clicked = control.cluster.get();
        clicked.map(|clicked| format!("{}px", clicked.at_px[axis]))
    };
    let title = move || t!("map.cluster", count = rows.with(Vec::len)).into_owned();
    view! {
        <Show when=move || control.cluster.with(Option::is_some)>
            <div
                class="map-cluster"
                style:left=move || place(0)
                style:top=move || place(1)
                role="group"
                aria-label=title
                data-testid="map-cluster"
            >
                <p class="map-cluster-head">
                    <span>{title}</span>
                    <button
                        type="button"
                        class="icon-button"
                        aria-label=t!("map.tools.close").into_owned()
                        title=t!("map.tools.close").into_owned()
                        on:click=move |_| control.cluster.set(None)
                    >
                        "×"
                    </button>
                </p>
                <ul>
                    <For each=move || rows.get() key=|row| row.id let(row)>
                        <li>
                            <button
                                type="button"
                                class="map-cluster-row"
                                on:click=move |_| {
                                    hall.selection.set(Selection::Incident(row.id));
                                    control.cluster.set(None);
                                }
                            >
                                <LevelBadge level=Signal::stored(row.level) />
                                <span>{row.title.clone()}</span>
                            </button>
                        </li>
                    </For>
                </ul>
            </div>
        </Show>
    }
}
