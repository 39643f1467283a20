//! The menu of the map's layers: what is not ticked is not drawn, and the map says so as long as it
//! lasts. A matter of the machine like the window's look, so the page keeps it.

use std::collections::BTreeSet;

use leptos::prelude::*;
use protocol::feed::MapLayer;
use rust_i18n::t;

use crate::map_view::use_map;
use crate::state::layers;
use crate::strings;

/// Where the page keeps what is hidden.
const KEPT_AS: &str = "streethall-hidden-layers";

/// Three sheets, one above the other.
const SHEETS: &str = "M8 2 14 5 8 8 2 5zM2.500 8 8 10.750 13.500 8M2.500 11 8 13.750 13.500 11";

/// The button with its menu. Escape and a click elsewhere close it, like every menu of the desk.
#[component]
pub fn MapLayers() -> impl IntoView {
    let hidden = use_map().hidden;
    keep(hidden);
    let count = move || hidden.with(BTreeSet::len);
    let hint = move || match count() {
        0 => t!("map_layers.hint").into_owned(),
        count => t!("map_layers.hint_hidden", count = count).into_owned(),
    };
    view! {
        <details class="menu is-right map-layers" name="desk-menu">
            <summary
                class="icon-button map-tool"
                data-testid="map-layers"
                data-tone=move || { if count() > 0 { "warn" } else { "none" } }
                aria-label=hint
                title=hint
            >
                <svg viewBox="0 0 16 16" aria-hidden="true">
                    <path d=SHEETS></path>
                </svg>
            </summary>
            <fieldset class="menu-list">
                <legend class="faint">{t!("map_layers.label").into_owned()}</legend>
                {layers::all().map(|layer| view! { <Choice layer /> }).collect_view()}
            </fieldset>
        </details>
    }
}

/// The box of one layer.
#[component]
fn Choice(layer: MapLayer) -> impl IntoView {
    let hidden = use_map().hidden;
    let is_shown = move || hidden.with(|hidden| !hidden.contains(&layer));
    view! {
        <label class="map-layer-choice" title=t!("map_layers.choice_hint").into_owned()>
            <input
                type="checkbox"
                data-testid=format!("layer-{}", layers::name(layer))
                prop:checked=is_shown
                on:change=move |event| {
                    let is_shown = event_target_checked(&event);
                    hidden.update(|hidden| layers::set(hidden, layer, is_shown));
                }
            />
            <span>{strings::map_layer(layer)}</span>
        </label>
    }
}

/// What was hidden when the desk was left, and from now on keeps what is.
fn keep(hidden: RwSignal<BTreeSet<MapLayer>>) {
    let kept = storage().and_then(|storage| storage.get_item(KEPT_AS).ok().flatten());
    hidden.set(kept.map_or_else(BTreeSet::new, |text| layers::read(&text)));
    Effect::new(move |_| {
        let text = hidden.with(layers::written);
        if let Some(storage) = storage() {
            // A page that may keep nothing shows everything at the next start.
            storage.set_item(KEPT_AS, &text).ok();
        }
    });
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
