//! The component: starts the map and keeps it told.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use leptos::html;
use leptos::logging;
use leptos::prelude::*;
use map_protocol::{Layer, Target};
use rust_i18n::t;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::KeyboardEvent;

use super::chooser::Chooser;
use super::cluster_list::ClusterList;
use super::cluster_tip::ClusterTip;
use super::control::{MapControl, MapStatus, use_map};
use super::figures::Figures;
use super::frame::Map;
use super::host::{CALM, Host, Look, SharedHost};
use super::keys::{MapKey, wish};
use super::legend::Legend;
use super::messages::receive;
use super::notes::Notes;
use super::style::{self, LoadedStyle};
use super::{announce, devices, heat_past};
use crate::appearance::{Appearance, use_appearance};
use crate::clock::page_ms;
use crate::components::use_toasts;
use crate::state::{HallContext, Selection, Slice, use_hall};

/// A style without layers: the ground, grids and marks are drawn all the same.
pub const EMPTY_STYLE: &str = r#"{"version":8,"sources":{},"layers":[]}"#;

/// The element that describes the keys of the map.
const KEYS_ID: &str = "map-keys";

/// Screens for which icons of twice the size are loaded, as [`style::load`] decides it.
const DENSE: &str = "(min-resolution: 1.001dppx)";

/// Pause after the n-th failed try in a row to build the map.
const RETRY_MS: [u32; 4] = [0, 250, 1000, 5000];
/// A map that is lost again within this time was not whole for long.
const LOST_LATELY_MS: f64 = 30_000.0;

/// The map of the street, filling its box.
#[component]
pub fn MapView(
    /// Whether pointer and keyboard move it.
    is_interactive: bool,
    /// Scale of marks and labels; 1 at a desk.
    mark_scale: Signal<f64>,
) -> impl IntoView {
    let hall = use_hall();
    let (control, toasts) = (use_map(), use_toasts());
    let container = NodeRef::<html::Div>::new();
    let look = Look {
        is_interactive,
        mark_scale,
    };
    Effect::new(move |_| {
        if let Some(element) = container.get() {
            let host = Host::new(hall, control, toasts, element.unchecked_into(), look);
            keep_told(&host);
            listen_to_keys(&host);
            say_selection(&host);
            offer_test_hooks(&host);
            let scaled = Rc::clone(&host);
            Effect::new(move |_| {
                mark_scale.track();
                scaled.borrow_mut().tell_mark_scale();
            });
            spawn_local(start(host, 0));
        }
    });
    let source = hall.settings.with_value(|settings| settings.map.clone());
    let has_base_map = source.is_some();
    let attribution = source.map(|map| {
        let name = t!("map.attribution", name = map.name).into_owned();
        if map.attribution.is_empty() {
            return name;
        }
        format!("{name} · {}", map.attribution)
    });
    view! {
        <section class="map-view" aria-label=t!("map.label").into_owned()>
            <div class="map-canvas" node_ref=container></div>
            <p class="visually-hidden" id=KEYS_ID>{t!("map_hand.keys").into_owned()}</p>
            <Notes has_base_map />
            <Legend />
            <Figures />
            <Chooser />
            <ClusterList />
            <ClusterTip />
            <p class="map-attribution">{attribution}</p>
        </section>
    }
}

/// Wires the host to what it shows.
fn keep_told(host: &SharedHost) {
    let (hall, control) = {
        let host = host.borrow();
        (host.hall, host.control)
    };
    let moved = Rc::clone(host);
    hall.on_changes(move |hall, changes| moved.borrow_mut().people_moved(hall, changes));

    let on = |track: Box<dyn Fn()>, act: fn(&mut Host)| {
        let host = Rc::clone(host);
        Effect::new(move |_| {
            track();
            act(&mut host.borrow_mut());
        });
    };
    on(
        Box::new(move || hall.catalogue.track()),
        Host::reference_changed,
    );
    on(
        Box::new(move || {
            hall.filter.track();
            control.narrowed_to.track();
            hall.track(Slice::Incidents);
            hall.track(Slice::Second);
        }),
        Host::refresh_incidents,
    );
    on(
        Box::new(move || {
            control.proposed.track();
            control.followed.track();
            for slice in [Slice::People, Slice::Orders, Slice::Second] {
                hall.track(slice);
            }
        }),
        Host::refresh_people,
    );
    on(
        Box::new(move || hall.selection.track()),
        Host::selection_changed,
    );
    on(
        Box::new(move || {
            hall.selection.track();
            control.proposed.track();
            hall.track(Slice::Orders);
            hall.track(Slice::Positions);
        }),
        |host| host.tell_routes(),
    );
    follow_appearance(host);
    follow_density(host);
    follow_calm(host);
    heat_past::follow_window(hall, control);
    on(
        Box::new(move || {
            control.heat.track();
            control.heat_past.track();
            hall.track(Slice::Incidents);
            hall.track(Slice::Second);
        }),
        Host::refresh_heat,
    );
    keep_sent(host, control);
}

/// Wires the host to where it is sent, whom it follows, and what is chosen, hidden and drawn on it.
fn keep_sent(host: &SharedHost, control: MapControl) {
    let on = |track: Box<dyn Fn()>, act: fn(&mut Host)| {
        let host = Rc::clone(host);
        Effect::new(move |_| {
            track();
            act(&mut host.borrow_mut());
        });
    };
    on(Box::new(move || control.chosen.track()), Host::take_choice);
    on(
        Box::new(move || control.hidden.track()),
        Host::hidden_changed,
    );
    on(Box::new(move || control.drawing.track()), |host| {
        host.tell_drawing();
    });
    on(Box::new(move || control.go_to.track()), |host| {
        if let Some(sight) = host.control.go_to.get_untracked() {
            host.go_to(sight);
            host.control.go_to.set(None);
        }
    });
    on(Box::new(move || control.fly_to.track()), |host| {
        if let Some(at) = host.control.fly_to.get_untracked() {
            host.fly_to(at);
            host.control.fly_to.set(None);
        }
    });
    on(Box::new(move || control.followed.track()), |host| {
        host.tell_followed();
    });
    on(Box::new(move || control.show_all.track()), |host| {
        if host.control.show_all.get_untracked() > 0 {
            host.show_all(700);
        }
    });
}

/// Gives the map the style and the colours of another look. The one it began with is loaded by
/// [`start`].
fn follow_appearance(host: &SharedHost) {
    let appearance = use_appearance();
    let host = Rc::clone(host);
    Effect::new(move |before: Option<Appearance>| {
        let shown = appearance.shown.get();
        if before.is_some_and(|before| before != shown) {
            let host = Rc::clone(&host);
            spawn_local(async move {
                let style = load_style(&host, shown).await;
                // A slower answer must not undo a later choice.
                if appearance.shown.get_untracked() == shown {
                    host.borrow_mut().look_changed(style);
                }
            });
        }
        shown
    });
}

/// Loads the icons anew when the window comes to a screen of another density; what else is drawn in
/// its pixels the map follows by itself.
fn follow_density(host: &SharedHost) {
    let appearance = use_appearance();
    let host = Rc::clone(host);
    let Ok(Some(dense)) = window().match_media(DENSE) else {
        return;
    };
    let changed = Closure::<dyn FnMut()>::new(move || {
        let host = Rc::clone(&host);
        spawn_local(async move {
            let shown = appearance.shown.get_untracked();
            let pixel_ratio = window().device_pixel_ratio();
            let style = load_style(&host, shown).await;
            // A slower answer must not undo a later change.
            let is_now = window()
                .device_pixel_ratio()
                .total_cmp(&pixel_ratio)
                .is_eq();
            if is_now && appearance.shown.get_untracked() == shown {
                host.borrow_mut().density_changed(style);
            }
        });
    });
    // Without the listener the icons keep the density of the first screen.
    dense
        .add_event_listener_with_callback("change", changed.as_ref().unchecked_ref())
        .ok();
    // Map and query live as long as the page.
    changed.forget();
    std::mem::forget(dense);
}

/// Tells the map when somebody asks this machine for less motion, or for more again.
fn follow_calm(host: &SharedHost) {
    let Ok(Some(calm)) = window().match_media(CALM) else {
        return;
    };
    let host = Rc::clone(host);
    let changed = Closure::<dyn FnMut()>::new(move || host.borrow_mut().tell_calm());
    // Without the listener the map moves as it was told when it was built.
    calm.add_event_listener_with_callback("change", changed.as_ref().unchecked_ref())
        .ok();
    // Map and query live as long as the page.
    changed.forget();
    std::mem::forget(calm);
}

/// The number of the try with which a lost map is begun anew: at once after one or two losses, with a
/// pause where it is lost again and again as soon as it stands. `losses` are in milliseconds.
fn first_try(losses: &mut Vec<f64>, now_ms: f64) -> usize {
    losses.retain(|at_ms| now_ms - at_ms < LOST_LATELY_MS);
    losses.push(now_ms);
    losses.len().saturating_sub(2)
}

/// Builds the map, again and again until it stands.
async fn start(host: SharedHost, first_try: usize) {
    let control = host.borrow().control;
    if host.borrow().style.json.is_none() {
        let appearance = host.borrow().appearance.shown;
        // Another look may be chosen while the style of one is being loaded.
        loop {
            let shown = appearance.get_untracked();
            let style = load_style(&host, shown).await;
            host.borrow_mut().style = style;
            if appearance.get_untracked() == shown {
                break;
            }
        }
    }
    let container = host.borrow().container.clone();
    let label = t!("map.label").into_owned();
    for tries in first_try.. {
        TimeoutFuture::new(RETRY_MS[tries.min(RETRY_MS.len() - 1)]).await;
        let (told, lost) = (Rc::clone(&host), Rc::clone(&host));
        let map = Map::create(
            &container,
            &label,
            KEYS_ID,
            move |message| receive(&told, message),
            move |reason| rebuild(&lost, &reason),
            move |is_still| {
                if is_still {
                    logging::warn!("the browser shows no frame of the map any more");
                }
                control.is_still.set(is_still);
            },
        )
        .await;
        match map {
            Ok(map) => {
                let mut host = host.borrow_mut();
                host.map = Some(map);
                host.tell_all();
                return;
            }
            Err(error) => {
                logging::error!("the map cannot be started: {error}");
                control.status.set(MapStatus::Unavailable(error));
            }
        }
    }
}

/// The map is lost: builds it anew with the same view and layers. May be called from within a
/// message to the map, so nothing of the host is touched before the next turn.
fn rebuild(host: &SharedHost, reason: &str) {
    logging::warn!("the map is built anew: {reason}");
    let host = Rc::clone(host);
    spawn_local(async move {
        let tries;
        {
            let mut host = host.borrow_mut();
            let now_ms = page_ms();
            tries = first_try(&mut host.losses, now_ms);
            host.map = None;
            host.rebuilds += 1;
            host.control.status.set(MapStatus::Rebuilding);
            host.control.rebuilds.set(host.rebuilds);
            // What lay under the pointer, and what the page says of the map, ended with it.
            host.hovered = None;
            host.control.hovered_cluster.set(None);
            for said in ["data-people", "data-incidents", "data-idle"] {
                host.container.remove_attribute(said).ok();
            }
            let rebuilds = host.rebuilds.to_string();
            host.container
                .set_attribute("data-rebuilds", &rebuilds)
                .ok();
        }
        start(host, tries).await;
    });
}

/// Says what is selected, for those who do not see it. What changes about it is said by the card
/// and the detail.
fn say_selection(host: &SharedHost) {
    let host = Rc::clone(host);
    let (hall, control) = {
        let host = host.borrow();
        (host.hall, host.control)
    };
    Effect::new(move |before: Option<Selection>| {
        let selection = hall.selection.get();
        if before.as_ref().is_some_and(|before| *before != selection) {
            let words = words_of(hall, &selection).map_or_else(
                || t!("map_said.nothing").into_owned(),
                |what| t!("map_said.selected", what = what).into_owned(),
            );
            control.said.set(words);
        }
        selection
    });
}

/// What is selected or pointed to, in words.
pub fn words_of(hall: HallContext, what: &Selection) -> Option<String> {
    let now = hall.now.get_untracked();
    hall.catalogue.with_untracked(|catalogue| {
        hall.with(|hall| announce::words(hall, catalogue.as_deref(), what, now))
    })
}

/// What a thing of the map is to the hall.
pub fn selection_of(host: &Host, target: Target) -> Selection {
    let index = target.id as usize;
    let catalogue = host.hall.catalogue.get_untracked();
    let reference = catalogue.as_ref().map(|catalogue| &catalogue.reference);
    match target.layer {
        Layer::Incidents => host.incident_of(target.id).map(Selection::Incident),
        Layer::People => Some(Selection::Person(domain::PersonId(target.id))),
        Layer::Cameras => reference.and_then(|r| devices::selection_of(r, index)),
        _ => reference
            .and_then(|r| r.grids.get(index))
            .map(|grid| Selection::Grid(grid.code.clone())),
    }
    .unwrap_or_default()
}

/// Keys of the map that concern more than the picture.
fn listen_to_keys(host: &SharedHost) {
    let (hall, control, container) = {
        let host = host.borrow();
        (host.hall, host.control, host.container.clone())
    };
    let pressed = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let selected = hall.selection.with_untracked(Selection::person);
        match wish(&event.key(), selected, control.followed.get_untracked()) {
            Some(MapKey::ShowAll) => control.show_all.update(|count| *count += 1),
            Some(MapKey::Follow(person)) => control.toggle_follow(person),
            None => return,
        }
        event.prevent_default();
    };
    let pressed = Closure::<dyn Fn(KeyboardEvent)>::new(pressed);
    let listened =
        container.add_event_listener_with_callback("keydown", pressed.as_ref().unchecked_ref());
    if let Err(error) = listened {
        logging::error!("the keys of the map cannot be heard: {error:?}");
    }
    // The map lives as long as the window.
    pressed.forget();
}

/// The style that fits the base map with its icons; nothing without a base map or when it is missing.
async fn load_style(host: &SharedHost, appearance: Appearance) -> LoadedStyle {
    let (settings, toasts) = {
        let host = host.borrow();
        (host.hall.settings.get_value(), host.toasts)
    };
    let Some(source) = settings.map else {
        return LoadedStyle::default();
    };
    let pixel_ratio = window().device_pixel_ratio();
    style::load(&source.schema, appearance.name(), pixel_ratio, toasts).await
}

/// Lets tests lose the map: events on the window, only where the settings allow it.
fn offer_test_hooks(host: &SharedHost) {
    let hall = host.borrow().hall;
    if !hall.settings.with_value(|settings| settings.test_hooks) {
        return;
    }
    let trapped = Rc::clone(host);
    let trap = window_event_listener_untyped("streethall:trap-map", move |_| {
        if let Some(map) = &trapped.borrow().map {
            map.send(&map_protocol::ToMap::Trap {});
        }
    });
    let lost = Rc::clone(host);
    let lose = window_event_listener_untyped("streethall:lose-map-context", move |_| {
        if let Some(map) = &lost.borrow().map {
            map.lose_context();
        }
    });
    // The map lives as long as the window.
    std::mem::forget((trap, lose));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_that_is_lost_as_soon_as_it_stands_is_begun_anew_after_ever_longer_pauses() {
        let mut losses = Vec::new();
        let mut tries = |now_ms: f64| first_try(&mut losses, now_ms);
        assert_eq!([tries(0.0), tries(2_000.0)], [0, 0], "at once");
        assert_eq!([tries(2_500.0), tries(4_000.0), tries(9_000.0)], [1, 2, 3]);
        assert_eq!(tries(60_000.0), 0, "it stood for long");
    }
}
