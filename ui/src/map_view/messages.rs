//! What comes back from the map: clicks, moves, the pointer, its figures and its faults.

use std::rc::Rc;

use domain::LonLat;
use gloo_timers::future::TimeoutFuture;
use leptos::logging;
use leptos::prelude::*;
use map_protocol::{FollowEnd, FromMap, Problem, ProblemKind, ProblemLevel, Target, ToMap, View};
use rust_i18n::t;
use wasm_bindgen_futures::spawn_local;

use super::chooser::Choice;
use super::cluster_tip;
use super::control::{MapControl, MapStatus};
use super::host::{Host, SharedHost};
use super::style;
use super::view::{selection_of, words_of};
use crate::clock::local_now;
use crate::state::Selection;

/// How long the pointer rests on a thing before it is said aloud.
const HOVER_SAID_MS: u32 = 500;

/// How long the figures of a cluster stay that a finger has tapped, which does not leave it as a pointer
/// does.
const TAPPED_TIP_MS: u32 = 5_000;

/// Names the question what lies at a pixel, asked for its place alone.
const PLACE_REQUEST: u32 = 1;

/// Takes a message; called from within `send`, so it is handled in the next turn.
pub fn receive(host: &SharedHost, message: FromMap) {
    let sender = Rc::clone(host);
    spawn_local(async move { handle(&sender, message) });
}

fn handle(sender: &SharedHost, message: FromMap) {
    let mut host = sender.borrow_mut();
    let control = host.control;
    if takes_place(&host, &message) {
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
        FromMap::ClusterHovered { ids, x, y } => {
            host.hover_cluster(&ids, [x, y]);
            say_hovered_cluster(sender, host.hovers);
        }
        FromMap::Stats { stats } => {
            control.note_frames(stats.frames);
            control.figures.set(Some((stats, local_now())));
        }
        FromMap::FollowEnded { target, end } => follow_ended(&host, target, end),
        FromMap::Slow { slow, frame_ms } => note_pace(control, slow, frame_ms),
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
            end_tapped_tip(control, [x, y]);
        }
        FromMap::ToolDrawn {
            tool,
            points,
            finished,
        } => host.note_drawn(tool, points, finished),
        FromMap::Problem { problem } => note_problem(&host, &problem),
        FromMap::Idle {} => {
            control.set_complete();
            // Tests wait for the first complete picture.
            host.container.set_attribute("data-idle", "true").ok();
        }
    }
}

fn note_pace(control: MapControl, is_slow: bool, frame_ms: f32) {
    if is_slow {
        logging::warn!("the map is slow: {frame_ms:.0} ms between two frames");
    }
    control.slow_at.set(is_slow.then(local_now));
}

/// A click on the map, for whoever waits for a place.
#[derive(Debug, Clone, Copy, PartialEq)]
enum ClickedPlace {
    /// It is known.
    At(LonLat),
    /// A cluster was clicked on and told its own place: what lies at this pixel is still to be asked.
    Unknown { x: f32, y: f32 },
}

impl ClickedPlace {
    const fn of(message: &FromMap) -> Option<Self> {
        match *message {
            FromMap::Picked {
                request: 0 | PLACE_REQUEST,
                lon,
                lat,
                ..
            } => Some(Self::At(LonLat::new(lon, lat))),
            FromMap::ClusterPicked { x, y, .. } => Some(Self::Unknown { x, y }),
            _ => None,
        }
    }
}

/// Takes the place of a click that somebody waits for; such a click selects nothing.
fn takes_place(host: &Host, message: &FromMap) -> bool {
    let control = host.control;
    if !control.placing.get_untracked() {
        return false;
    }
    let Some(clicked) = ClickedPlace::of(message) else {
        return false;
    };
    match clicked {
        ClickedPlace::At(place) => control.placed.set(Some(place)),
        ClickedPlace::Unknown { x, y } => host.send(&ToMap::Pick {
            x,
            y,
            request: PLACE_REQUEST,
        }),
    }
    true
}

fn view_moved(host: &mut Host, view: View, by_user: bool) {
    if by_user {
        host.close_lists();
    }
    host.view = Some(view);
    host.was_moved |= by_user;
    if host
        .hall
        .settings
        .with_value(|settings| settings.test_hooks)
    {
        let words = format!("{:.6} {:.6} {:.3}", view.lon, view.lat, view.zoom);
        host.container.set_attribute("data-view", &words).ok();
    }
    host.zoom_changed(view.zoom);
}

/// Nobody looks at the console of a hall's window, so what concerns the style is told where whoever
/// has brought the style reads it: in the hall's log, and by one note on the screen.
fn note_problem(host: &Host, problem: &Problem) {
    match problem.level {
        ProblemLevel::Warning => logging::warn!("map: {}", problem.text),
        ProblemLevel::Error => logging::error!("map: {}", problem.text),
    }
    if problem.kind == ProblemKind::Style && !host.style.name.is_empty() {
        style::note(&host.style.name, &problem.text);
        style::remind_left_out(host.toasts, &host.style.name);
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

/// The same for a cluster.
fn say_hovered_cluster(host: &SharedHost, hovers: u32) {
    let host = Rc::clone(host);
    spawn_local(async move {
        TimeoutFuture::new(HOVER_SAID_MS).await;
        let host = host.borrow();
        let hovered = host.control.hovered_cluster.get_untracked();
        let Some(hovered) = hovered.filter(|_| host.hovers == hovers) else {
            return;
        };
        let hall = host.hall;
        let what = hall.with(|hall| cluster_tip::words(hall, &hovered.incidents));
        if let Some(what) = what {
            let words = t!("map_said.hovered", what = what).into_owned();
            host.control.said.set(words);
        }
    });
}

/// Takes the figures of a tapped cluster away after a while. Those of a pointer began where it came upon
/// the cluster and not where it clicked.
fn end_tapped_tip(control: MapControl, tapped_px: [f32; 2]) {
    spawn_local(async move {
        TimeoutFuture::new(TAPPED_TIP_MS).await;
        let is_tapped = control.hovered_cluster.with_untracked(|hovered| {
            let at_px = hovered.as_ref().map(|hovered| hovered.at_px);
            at_px.is_some_and(|at_px| at_px.map(f32::to_bits) == tapped_px.map(f32::to_bits))
        });
        if is_tapped {
            control.hovered_cluster.set(None);
        }
    });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_click_is_where_it_was_and_not_where_its_cluster_stands() {
        let picked = |request| FromMap::Picked {
            request,
            x: 10.0,
            y: 20.0,
            lon: 104.1,
            lat: 30.66,
            targets: Vec::new(),
        };
        let at = Some(ClickedPlace::At(LonLat::new(104.1, 30.66)));
        assert_eq!(ClickedPlace::of(&picked(0)), at);
        assert_eq!(ClickedPlace::of(&picked(PLACE_REQUEST)), at);
        let cluster = FromMap::ClusterPicked {
            x: 10.0,
            y: 20.0,
            lon: 104.2,
            lat: 30.7,
            ids: vec![1, 2],
            apart_zoom: None,
        };
        let unknown = Some(ClickedPlace::Unknown { x: 10.0, y: 20.0 });
        assert_eq!(ClickedPlace::of(&cluster), unknown);
        assert_eq!(ClickedPlace::of(&FromMap::Idle {}), None);
    }
}
