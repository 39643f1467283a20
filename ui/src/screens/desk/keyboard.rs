//! Listens to the keyboard of the whole window and does what [`super::keys`] says.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::candidates::CandidateRows;
use super::detail::DETAIL_ID;
use super::keys::{Focus, KeyCommand, command};
use super::map_tools;
use super::queue::{Narrowing, step};
use super::queue_panel::SEARCH_ID;
use super::queue_rows::LIST_ID;
use super::report_form::FORM_CLASS;
use super::state::{DeskContext, DeskDialog};
use crate::state::Selection;
use domain::sets::IncidentSet;

/// Listens for as long as the desk is shown.
pub fn listen(desk: DeskContext, candidates: Memo<CandidateRows>) {
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() || event.is_composing() {
            return;
        }
        let Some(wanted) = command(&event.key(), focus(desk)) else {
            return;
        };
        if obey(desk, candidates, wanted, &event) {
            event.prevent_default();
        }
    });
    on_cleanup(move || keys.remove());
    let clicks = window_event_listener(leptos::ev::pointerdown, |event| {
        let target = event.target().and_then(|t| t.dyn_into::<Element>().ok());
        close_menus(target.as_ref());
    });
    on_cleanup(move || clicks.remove());
}

fn focus(desk: DeskContext) -> Focus {
    if desk.dialog.with_untracked(Option::is_some) {
        return Focus::Dialog;
    }
    let Some(element) = document().active_element() else {
        return Focus::Elsewhere;
    };
    let is_inside = |selector: &str| element.closest(selector).ok().flatten().is_some();
    if is_inside(&format!(".{FORM_CLASS}")) {
        return Focus::Form;
    }
    if is_inside("input:not([type=checkbox]), textarea, select") {
        Focus::Text
    } else if is_inside("button, summary, a, input") {
        Focus::Control
    } else if is_inside(".map-view") {
        Focus::Map
    } else {
        Focus::Elsewhere
    }
}

/// Does it; `false` when the key should keep its usual meaning.
fn obey(
    desk: DeskContext,
    candidates: Memo<CandidateRows>,
    wanted: KeyCommand,
    event: &KeyboardEvent,
) -> bool {
    match wanted {
        KeyCommand::Step(by) => {
            let selected = desk.incident.get_untracked();
            let place = desk.last_place.get_value();
            let next = desk
                .rows
                .with_untracked(|rows| step(rows, selected, place, by));
            if let Some(next) = next {
                desk.select(next);
            }
        }
        KeyCommand::OpenDetail => focus_on(DETAIL_ID),
        // A key that is held down must not send one after the other.
        KeyCommand::Dispatch if !event.repeat() => desk.dispatch_best(candidates),
        KeyCommand::Undo if !event.repeat() => desk.undo_newest(),
        KeyCommand::Dispatch | KeyCommand::Undo => {}
        KeyCommand::Search => focus_on(SEARCH_ID),
        KeyCommand::Report => desk.open_report(),
        KeyCommand::Outbox => desk.toggle_outbox(),
        KeyCommand::Duty => desk.toggle_duty(),
        KeyCommand::Shortcuts => desk.open(DeskDialog::Shortcuts),
        KeyCommand::Back => return step_back(desk),
    }
    true
}

fn focus_on(id: &str) {
    let element = document()
        .get_element_by_id(id)
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(element) = element {
        // An element that cannot take the focus leaves it where it is.
        element.focus().ok();
    }
}

/// Closes or clears one thing: what was opened last comes first.
fn step_back(desk: DeskContext) -> bool {
    let hall = desk.hall;
    if close_menus(None) {
        return true;
    }
    for drawer in [desk.is_outbox_open, desk.is_duty_open] {
        if drawer.get_untracked() {
            drawer.set(false);
            return true;
        }
    }
    if desk.hide_report() {
        focus_on(LIST_ID);
        return true;
    }
    if desk.map.cluster.with_untracked(Option::is_some) {
        desk.map.cluster.set(None);
        return true;
    }
    if map_tools::step_back(desk.map.drawing) {
        return true;
    }
    let is_card_open = hall.selection.with_untracked(|selection| {
        !matches!(selection, Selection::Nothing | Selection::Incident(_))
    });
    if is_card_open {
        desk.close_card();
        return true;
    }
    let is_filtered = desk.narrowing.with_untracked(Narrowing::is_active)
        || hall.filter.with_untracked(|set| *set != IncidentSet::Open);
    if is_filtered {
        desk.show_set(IncidentSet::Open);
    }
    focus_on(LIST_ID);
    is_filtered
}

/// Closes open menus that do not hold the element. Returns whether any was open.
fn close_menus(except: Option<&Element>) -> bool {
    let Ok(open) = document().query_selector_all("details.menu[open]") else {
        return false;
    };
    let mut closed = false;
    for place in 0..open.length() {
        let Some(menu) = open.item(place) else {
            continue;
        };
        let is_used = except.is_some_and(|element| menu.contains(Some(element)));
        if !is_used && let Ok(menu) = menu.dyn_into::<Element>() {
            // Removing an attribute that is there cannot fail.
            menu.remove_attribute("open").ok();
            closed = true;
        }
    }
    closed
}
