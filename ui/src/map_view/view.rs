//! The component: starts the map, keeps it told, and handles what comes back.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use leptos::html;
use leptos::logging;
use leptos::prelude::*;
use map_protocol::{FollowEnd, FromMap, Layer, Problem, ProblemLevel, Target, View};
use rust_i18n::t;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::KeyboardEvent;

use super::announce;
use super::chooser::{Choice, Chooser};
use super::cluster_list::ClusterList;
use super::control::{MapControl, MapStatus, use_map};
use super::figures::Figures;
use super::frame::Map;
use super::host::{Host, Look, SharedHost};
use super::keys::{MapKey, wish};
use super::legend::Legend;
use super::notes::Notes;
use super::style::{self, LoadedStyle};
use crate::appearance::{Appearance, use_appearance};
use crate::clock::local_now;
use crate::components::use_toasts;
use crate::state::{HallContext, Selection, Slice, use_hall};

/// A style without layers: the ground, grids and marks are drawn all the same.
pub const EMPTY_STYLE: &str = r#"{"version":8,"sources":{},"layers":[]}"#;

/// The element that describes the keys of the map.
const KEYS_ID: &str = "map-keys";

/// How long the pointer rests on a thing before it is said aloud.
const HOVER_SAID_MS: u32 = 500;

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
            spawn_local(start(host));
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
            control.heat.track();
            hall.track(Slice::Incidents);
            hall.track(Slice::Second);
        }),
        Host::refresh_heat,
    );
    on(Box::new(move || control.chosen.track()), Host::take_choice);
    on(
        Box::new(move || {
            control.shows_cameras.track();
            control.shows_people.track();
        }),
        |host| host.tell_visibility(),
    );
    keep_sent(host, control);
}

/// Wires the host to where it is sent, whom it follows and what is drawn on it.
fn keep_sent(host: &SharedHost, control: MapControl) {
    let on = |track: Box<dyn Fn()>, act: fn(&mut Host)| {
        let host = Rc::clone(host);
        Effect::new(move |_| {
            track();
            act(&mut host.borrow_mut());
        });
    };
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

/// Builds the map, again and again until it stands.
async fn start(host: SharedHost) {
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
    for tries in 0.. {
        TimeoutFuture::new(RETRY_MS[tries.min(RETRY_MS.len() - 1)]).await;
        let (told, lost) = (Rc::clone(&host), Rc::clone(&host));
        let map = Map::create(
            &container,
            &label,
            KEYS_ID,
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
            host.control.rebuilds.set(host.rebuilds);
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

fn handle(sender: &SharedHost, message: FromMap) {
    let mut host = sender.borrow_mut();
    let control = host.control;
    if takes_place(control, &message) {
        return;
    }
    match message {
        FromMap::Ready { renderer, .. } => {
            logging::log!("map: {renderer}");
            control.renderer.set(renderer);
            control.status.set(MapStatus::Ready);
        }
        FromMap::ViewChanged {
            view,
            by_user,
            bounds,
            ..
        } => {
            control.place.set_value(Some((view, bounds)));
            view_moved(&mut host, view, by_user);
        }
        FromMap::Picked {
            request: 0,
            targets,
            x,
            y,
            ..
        } => picked(&mut host, &targets, [x, y].map(f64::from)),
        FromMap::Picked { .. } => {}
        FromMap::HeatMeasured { peak } => control.heat_peak.set(peak),
        FromMap::Hovered { target, .. } => {
            host.hovered = target;
            host.hovers += 1;
            say_hovered(sender, host.hovers);
        }
        FromMap::Stats { stats } => {
            control.note_frames(stats.frames);
            control.figures.set(Some((stats, local_now())));
        }
        FromMap::FollowEnded { target, end } => follow_ended(&host, target, end),
        FromMap::Slow { slow, frame_ms } => {
            if slow {
                logging::warn!("the map is slow: {frame_ms:.0} ms between two frames");
            }
            control.slow_at.set(slow.then(local_now));
        }
        FromMap::ClusterPicked {
            x,
            y,
            lon,
            lat,
            ids,
            apart_zoom,
        } => {
            let parts = apart_zoom.map(|zoom| View { lon, lat, zoom });
            host.cluster_clicked(&ids, [x, y], parts);
        }
        FromMap::ToolDrawn {
            tool,
            points,
            finished,
        } => host.note_drawn(tool, points, finished),
        FromMap::Problem { problem } => note_problem(&problem),
        FromMap::Idle {} => {
            control.set_complete();
            // Tests wait for the first complete picture.
            host.container.set_attribute("data-idle", "true").ok();
        }
    }
}

/// Takes the place of a click that somebody waits for; such a click selects nothing.
fn takes_place(control: MapControl, message: &FromMap) -> bool {
    let place = match *message {
        FromMap::Picked {
            request: 0,
            lon,
            lat,
            ..
        }
        | FromMap::ClusterPicked { lon, lat, .. } => domain::LonLat::new(lon, lat),
        _ => return false,
    };
    let is_waited_for = control.placing.get_untracked();
    if is_waited_for {
        control.placed.set(Some(place));
    }
    is_waited_for
}

fn view_moved(host: &mut Host, view: View, by_user: bool) {
    if by_user {
        host.close_lists();
    }
    host.view = Some(view);
    host.was_moved |= by_user;
    host.zoom_changed(view.zoom);
}

fn note_problem(problem: &Problem) {
    match problem.level {
        ProblemLevel::Warning => logging::warn!("map: {}", problem.text),
        ProblemLevel::Error => logging::error!("map: {}", problem.text),
    }
}

/// The map stopped following by itself: says so and why.
fn follow_ended(host: &Host, target: Target, end: FollowEnd) {
    let followed = host.control.followed;
    if followed.get_untracked().map(|person| person.0) != Some(target.id) {
        return;
    }
    let name = host.hall.with(|hall| {
        let person = hall.situation.people.get(&domain::PersonId(target.id))?;
        Some(person.name.clone())
    });
    let name = name.unwrap_or_else(|| t!("map_hand.somebody").into_owned());
    let words = match end {
        FollowEnd::ByUser => t!("map_hand.ended_by_user", name = name),
        FollowEnd::Gone => t!("map_hand.ended_gone", name = name),
    };
    followed.set(None);
    host.control.said.set(words.to_string());
    host.toasts.tell(words);
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

/// Says what is under the pointer, once it has rested there for a moment.
fn say_hovered(host: &SharedHost, hovers: u32) {
    let host = Rc::clone(host);
    spawn_local(async move {
        TimeoutFuture::new(HOVER_SAID_MS).await;
        let host = host.borrow();
        let Some(target) = host.hovered.filter(|_| host.hovers == hovers) else {
            return;
        };
        let what = selection_of(&host, target);
        if let Some(what) = words_of(host.hall, &what) {
            let words = t!("map_said.hovered", what = what).into_owned();
            host.control.said.set(words);
        }
    });
}

fn words_of(hall: HallContext, what: &Selection) -> Option<String> {
    let now = hall.now.get_untracked();
    hall.catalogue.with_untracked(|catalogue| {
        hall.with(|hall| announce::words(hall, catalogue.as_deref(), what, now))
    })
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

/// A click on the map: the topmost thing is selected, a second click on it selects nothing. Where
/// several marks lie on each other, the others are offered.
fn picked(host: &mut Host, targets: &[Target], at: [f64; 2]) {
    let cluster = host.control.cluster;
    if cluster.with_untracked(Option::is_some) {
        cluster.set(None);
    }
    let choice = Choice::among(targets, at, |target| selection_of(host, target));
    host.control.choice.set(choice);
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

/// The style that fits the base map with its icons; nothing without a base map or when it is missing.
async fn load_style(host: &SharedHost, appearance: Appearance) -> LoadedStyle {
    let settings = host.borrow().hall.settings.get_value();
    let Some(source) = settings.map else {
        return LoadedStyle::default();
    };
    let name = match source.schema.as_str() {
        "protomaps" | "raster" => source.schema,
        _ => "openmaptiles".to_owned(),
    };
    let name = format!("{name}_{}", appearance.name());
    style::load(&name, window().device_pixel_ratio()).await
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
