//! Marks that lie on each other: a click selects the topmost and offers the others in a list.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use map_protocol::Target;
use rust_i18n::t;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::announce;
use super::control::use_map;
use crate::state::{Selection, use_hall};

/// More than this many are only counted: the place is to be looked at closer.
const MOST: usize = 12;
/// The list keeps this far from the right and the lower edge of the map, in CSS pixels.
const ROOM_PX: [f64; 2] = [340.0, 300.0];

/// What lay under a click, in CSS pixels of the map; the topmost first.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Where.
    pub at: [f64; 2],
    /// The first of what lies there.
    pub things: Vec<Selection>,
    /// How many more lie there.
    pub more: usize,
}

impl Choice {
    /// A choice among the marks of a click; `None` where there is nothing to choose.
    pub fn among(
        targets: &[Target],
        at: [f64; 2],
        selection_of: impl Fn(Target) -> Selection,
    ) -> Option<Self> {
        let marks = targets
            .iter()
            .filter(|target| !target.layer.holds_polygons());
        let things = marks.map(|target| selection_of(*target));
        let mut things: Vec<_> = things
            .filter(|thing| *thing != Selection::Nothing)
            .collect();
        let more = things.len().saturating_sub(MOST);
        things.truncate(MOST);
        (things.len() > 1).then_some(Self { at, things, more })
    }
}

/// The list at the place of the click: arrows and Tab move in it, Escape and a click elsewhere
/// close it.
#[component]
pub fn Chooser() -> impl IntoView {
    let control = use_map();
    view! {
        {move || control.choice.get().map(|choice| view! { <ChoiceList choice /> })}
    }
}

#[component]
fn ChoiceList(choice: Choice) -> impl IntoView {
    let hall = use_hall();
    let control = use_map();
    let list = NodeRef::<html::Ul>::new();
    let close = move || control.choice.set(None);
    close_when_pressed_elsewhere(list, close);
    let on_key = move |event: KeyboardEvent| {
        match event.key().as_str() {
            "Escape" => {
                close();
                focus_map();
            }
            "ArrowDown" => step(list, 1),
            "ArrowUp" => step(list, -1),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    Effect::new(move |_| step(list, 1));
    let [x, y] = choice.at;
    let [right, lower] = ROOM_PX;
    let left = format!("min({x:.0}px, 100% - {right:.0}px)");
    let top = format!("min({y:.0}px, 100% - {lower:.0}px)");
    let more = choice.more;
    let row = move |thing: Selection| {
        let now = hall.now.get_untracked();
        let words = hall.catalogue.with_untracked(|catalogue| {
            hall.with(|hall| announce::words(hall, catalogue.as_deref(), &thing, now))
        });
        let shown = thing.clone();
        let is_selected = move || hall.selection.with(|selection| *selection == shown);
        let select = move |_| {
            control.chosen.set(Some(thing.clone()));
            close();
            focus_map();
        };
        view! {
            <li>
                <button type="button" class:is-selected=is_selected on:click=select>
                    {words}
                </button>
            </li>
        }
    };
    view! {
        <ul
            node_ref=list
            class="map-chooser"
            style:left=left
            style:top=top
            aria-label=t!("map_choice.label").into_owned()
            data-testid="map-chooser"
            on:keydown=on_key
        >
            {choice.things.into_iter().map(row).collect_view()}
            {(more > 0).then(|| {
                view! { <li class="map-chooser-more">{t!("map_choice.more", count = more).into_owned()}</li> }
            })}
        </ul>
    }
}

fn close_when_pressed_elsewhere(list: NodeRef<html::Ul>, close: impl Fn() + 'static) {
    let pressed = window_event_listener(leptos::ev::pointerdown, move |event| {
        let target = event
            .target()
            .and_then(|at| at.dyn_into::<web_sys::Node>().ok());
        let inside = list
            .get_untracked()
            .is_some_and(|list| list.contains(target.as_ref()));
        if !inside {
            close();
        }
    });
    on_cleanup(move || pressed.remove());
}

/// Gives the focus back to the map, where it came from: its keys move the picture.
fn focus_map() {
    let canvas = document()
        .query_selector(".map-canvas canvas")
        .ok()
        .flatten();
    if let Some(canvas) = canvas.and_then(|node| node.dyn_into::<HtmlElement>().ok()) {
        canvas.focus().ok();
    }
}

/// Moves the focus to the next or the previous button, beginning with the first.
fn step(list: NodeRef<html::Ul>, by: i32) {
    let Some(list) = list.get_untracked() else {
        return;
    };
    let Ok(buttons) = list.query_selector_all("button") else {
        return;
    };
    let focused = document().active_element();
    let at = (0..buttons.length()).find(|at| {
        let button = buttons.get(*at).and_then(|node| node.dyn_into().ok());
        focused.is_some() && button == focused
    });
    let count = buttons.length().cast_signed();
    let next = at.map_or(0, |at| (at.cast_signed() + by).rem_euclid(count.max(1)));
    let button = buttons.get(next.cast_unsigned());
    if let Some(button) = button.and_then(|node| node.dyn_into::<HtmlElement>().ok()) {
        button.focus().ok();
    }
}

#[cfg(test)]
mod tests {
    use domain::PersonId;
    use map_protocol::Layer;

    use super::*;

    fn among(targets: &[(Layer, u32)]) -> Option<Choice> {
        let targets: Vec<Target> = targets
            .iter()
            .map(|(layer, id)| Target {
                layer: *layer,
                id: *id,
            })
            .collect();
        Choice::among(&targets, [1.0, 2.0], |target| match target.id {
            0 => Selection::Nothing,
            id => Selection::Person(PersonId(id)),
        })
    }

    #[test]
    fn only_several_marks_are_a_choice() {
        let people = Layer::People;
        assert_eq!(
            among(&[(people, 1), (Layer::MicroGrids, 2)]),
            None,
            "areas do not count"
        );
        assert_eq!(
            among(&[(people, 1), (people, 0)]),
            None,
            "what is unknown does not count"
        );
        let two = among(&[(people, 2), (people, 1), (Layer::Street, 0)]).expect("a choice");
        let ids = [2, 1].map(|id| Selection::Person(PersonId(id)));
        assert_eq!((two.things, two.more), (ids.to_vec(), 0));
    }

    #[test]
    fn a_crowd_is_cut_and_the_rest_counted() {
        let crowd: Vec<_> = (1..=40).map(|id| (Layer::People, id)).collect();
        let choice = among(&crowd).expect("a choice");
        assert_eq!((choice.things.len(), choice.more), (MOST, 40 - MOST));
    }
}
