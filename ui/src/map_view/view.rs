//! The component: starts the map, keeps it told, and handles what comes back.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use leptos::html;
use leptos::logging;
use leptos::prelude::*;
use map_protocol::{FromMap, Layer, ProblemLevel, Target};
use rust_i18n::t;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Response;

use super::control::{MapStatus, use_map};
use super::frame::Map;
use super::host::{Host, Look, SharedHost};
use super::legend::Legend;
use crate::appearance::{Appearance, use_appearance};
use crate::state::{Selection, Slice, use_hall};

/// A style without layers: the ground, grids and marks are drawn all the same.
pub const EMPTY_STYLE: &str = r#"{"version":8,"sources":{},"layers":[]}"#;

/// Pause after the n-th failed try in a row to build the map.
const RETRY_MS: [u32; 4] = [0, 250, 1000, 5000];

/// The map of the street, filling its box.
#[component]
pub fn MapView(
    /// Whether pointer and keyboard move it.
    is_interactive: bool,
    /// Scale of marks and labels; 1 at a desk.
    mark_scale: f64,
) -> impl IntoView {
    let hall = use_hall();
    let control = use_map();
    let container = NodeRef::<html::Div>::new();
    let look = Look {
        is_interactive,
        mark_scale,
    };
    Effect::new(move |_| {
        if let Some(element) = container.get() {
            let host = Host::new(hall, control, element.unchecked_into(), look);
            keep_told(&host);
            offer_test_hooks(&host);
            spawn_local(start(host));
        }
    });
    let source = hall.settings.with_value(|settings| settings.map.clone());
    let note = move || match control.status.get() {
        MapStatus::Loading => Some(t!("panel.loading").into_owned()),
        MapStatus::Ready => None,
        MapStatus::Rebuilding => Some(t!("map.rebuilding").into_owned()),
        MapStatus::Unavailable(error) => Some(t!("map.unavailable", error = error).into_owned()),
    };
    let no_base_map = source.is_none();
    let attribution = source.map(|map| {
        let name = t!("map.attribution", name = map.name).into_owned();
        format!("{name} · {}", map.attribution)
    });
    view! {
        <section class="map-view" aria-label=t!("map.label").into_owned()>
            <div class="map-canvas" node_ref=container></div>
            <Show when=move || note().is_some()>
                <p class="map-note" role="status">
                    {note}
                </p>
            </Show>
            <Show when=move || no_base_map>
                <p class="map-note map-note-quiet">{t!("map.none").into_owned()}</p>
            </Show>
            <Legend />
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
    on(
        Box::new(move || {
            control.shows_cameras.track();
            control.shows_people.track();
        }),
        |host| host.tell_visibility(),
    );
    on(Box::new(move || control.fly_to.track()), |host| {
        if let Some(at) = host.control.fly_to.get_untracked() {
            host.fly_to(at);
            host.control.fly_to.set(None);
        }
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

/// Builds the map, again and again until it stands.
async fn start(host: SharedHost) {
    let control = host.borrow().control;
    if host.borrow().style_json.is_none() {
        let shown = host.borrow().appearance.shown.get_untracked();
        let style = load_style(&host, shown).await;
        host.borrow_mut().style_json = style;
    }
    let container = host.borrow().container.clone();
    let label = t!("map.label").into_owned();
    for tries in 0.. {
        TimeoutFuture::new(RETRY_MS[tries.min(RETRY_MS.len() - 1)]).await;
        let (told, lost) = (Rc::clone(&host), Rc::clone(&host));
        let map = Map::create(
            &container,
            &label,
            move |message| receive(&told, message),
            move |reason| rebuild(&lost, &reason),
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
        {
            let mut host = host.borrow_mut();
            host.map = None;
            host.rebuilds += 1;
            host.control.status.set(MapStatus::Rebuilding);
            let rebuilds = host.rebuilds.to_string();
            host.container
                .set_attribute("data-rebuilds", &rebuilds)
                .ok();
        }
        start(host).await;
    });
}

/// Takes a message; called from within `send`, so it is handled in the next turn.
fn receive(host: &SharedHost, message: FromMap) {
    let sender = Rc::clone(host);
    spawn_local(async move { handle(&sender, message) });
}

fn handle(host: &SharedHost, message: FromMap) {
    let mut host = host.borrow_mut();
    let control = host.control;
    match message {
        FromMap::Ready { renderer, .. } => {
            logging::log!("map: {renderer}");
            control.status.set(MapStatus::Ready);
        }
        FromMap::ViewChanged { view, by_user, .. } => {
            host.view = Some(view);
            host.was_moved |= by_user;
            host.zoom_changed(view.zoom);
        }
        FromMap::Picked {
            request: 0,
            targets,
            ..
        } => picked(&mut host, &targets),
        FromMap::Picked { .. } | FromMap::Hovered { .. } => {}
        FromMap::Stats { stats } => control.note_frames(stats.frames),
        FromMap::Problem { problem } => match problem.level {
            ProblemLevel::Warning => logging::warn!("map: {}", problem.text),
            ProblemLevel::Error => logging::error!("map: {}", problem.text),
        },
        FromMap::Idle {} => {
            control.set_complete();
            // Tests wait for the first complete picture.
            host.container.set_attribute("data-idle", "true").ok();
        }
    }
}

/// A click on the map: the topmost thing is selected, a second click on it selects nothing.
fn picked(host: &mut Host, targets: &[Target]) {
    let is_area = |target: &&Target| target.layer.holds_polygons();
    let mark = targets.iter().find(|target| !is_area(target));
    let coloured = host.coloured_layer();
    let area = targets.iter().find(|target| target.layer == coloured);
    let selection = mark
        .or(area)
        .map_or(Selection::Nothing, |target| selection_of(host, *target));
    host.picked = Some(selection.clone());
    host.hall.toggle_selection(selection);
}

fn selection_of(host: &Host, target: Target) -> Selection {
    let index = target.id as usize;
    let catalogue = host.hall.catalogue.get_untracked();
    let reference = catalogue.as_ref().map(|catalogue| &catalogue.reference);
    match target.layer {
        Layer::Incidents => host.incident_of(target.id).map(Selection::Incident),
        Layer::People => Some(Selection::Person(domain::PersonId(target.id))),
        Layer::Cameras => reference
            .and_then(|r| r.cameras.get(index))
            .map(|camera| Selection::Camera(camera.id.clone())),
        _ => reference
            .and_then(|r| r.grids.get(index))
            .map(|grid| Selection::Grid(grid.code.clone())),
    }
    .unwrap_or_default()
}

/// The style document that fits the base map; `None` without a base map or when it is missing.
async fn load_style(host: &SharedHost, appearance: Appearance) -> Option<String> {
    let settings = host.borrow().hall.settings.get_value();
    let schema = settings.map?.schema;
    let name = if schema == "protomaps" {
        "protomaps"
    } else {
        "openmaptiles"
    };
    let path = format!("map_styles/{name}_{}.json", appearance.name());
    let style = fetch_text(&path).await;
    if let Err(error) = &style {
        logging::error!("the map style {path} cannot be loaded: {error:?}");
    }
    style.ok()
}

async fn fetch_text(path: &str) -> Result<String, JsValue> {
    let response: Response = JsFuture::from(window().fetch_with_str(path))
        .await?
        .dyn_into()?;
    if !response.ok() {
        return Err(JsValue::from_str(&format!("status {}", response.status())));
    }
    let text = JsFuture::from(response.text()?).await?;
    Ok(text.as_string().unwrap_or_default())
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
