//! Notes over the map: what it cannot show, that it is slow or holds too much, whom it follows, and what is said aloud.

use std::collections::BTreeSet;

use leptos::prelude::*;
use map_protocol::Held;
use rust_i18n::t;

use super::control::{MapControl, MapStatus, use_map};
use crate::clock::local_now;
use crate::state::{Slice, layers, use_hall};
use crate::strings;

/// The map repeats every three seconds that it is slow; after this it is so no longer.
const SLOW_FOR_MS: i64 = 8_000;

/// All notes, one below the other at the upper edge, where nothing else of the map lies.
#[component]
pub fn Notes(
    /// Whether there is a base map.
    has_base_map: bool,
) -> impl IntoView {
    let hall = use_hall();
    let control = use_map();
    let state = move || match control.status.get() {
        MapStatus::Loading => Some(t!("panel.loading").into_owned()),
        MapStatus::Ready => None,
        MapStatus::Rebuilding => Some(t!("map.rebuilding").into_owned()),
        MapStatus::Unavailable(error) => Some(t!("map.unavailable", error = error).into_owned()),
    };
    let is_slow = Memo::new(move |_| {
        hall.track(Slice::Second);
        let told_at = control.slow_at.get();
        told_at.is_some_and(|at| local_now().ms_since(at) < SLOW_FOR_MS)
    });
    let pace = move || match (control.is_still.get(), is_slow.get()) {
        (true, _) => Some(("map-still", t!("map_hand.still").into_owned())),
        (false, true) => Some(("map-slow", t!("map_hand.slow").into_owned())),
        (false, false) => None,
    };
    let heavy = Memo::new(move |_| {
        control.figures.with(|figures| {
            let live = figures.as_ref().map(|(stats, _)| stats.memory.live);
            live.is_some_and(is_over_limit)
        })
    });
    let load = move || {
        let words = || ("map-heavy", t!("map_hand.heavy").into_owned());
        heavy.get().then(words)
    };
    let warn = |(what, words): (&'static str, String)| {
        view! { <p class="map-note map-note-warn" data-testid=what>{words}</p> }
    };
    let note = |words: String| view! { <p class="map-note">{words}</p> };
    view! {
        <div class="map-notes">
            <div role="status">{move || state().map(note)}</div>
            <div role="status">{move || pace().map(warn)}</div>
            <div role="status">{move || load().map(warn)}</div>
            <Hidden control />
            <Followed control />
            {(!has_base_map).then(|| {
                view! {
                    <p class="map-note map-note-quiet" data-testid="map-none">
                        {t!("map.none").into_owned()}
                    </p>
                }
            })}
        </div>
        <p class="visually-hidden" role="status" aria-live="polite" data-testid="map-said">
            {move || control.said.get()}
        </p>
    }
}

/// Whether more is held than should be.
const fn is_over_limit(held: Held) -> bool {
    held.bytes > held.limit
}

/// Which layers are hidden: nobody may take an empty map for an empty street.
#[component]
fn Hidden(control: MapControl) -> impl IntoView {
    let words = Memo::new(move |_| {
        let separator = t!("map_layers.separator");
        control.hidden.with(|hidden| {
            let names: Vec<_> = layers::all()
                .filter(|layer| hidden.contains(layer))
                .map(strings::map_layer)
                .collect();
            (!names.is_empty())
                .then(|| t!("map_layers.hidden", layers = names.join(&separator)).into_owned())
        })
    });
    view! {
        <div role="status">
            {move || words.get().map(|words| {
                view! {
                    <p class="map-note map-note-warn map-note-follow" data-testid="map-hidden">
                        <span>{words}</span>
                        <button
                            type="button"
                            class="button"
                            data-testid="map-show-layers"
                            on:click=move |_| control.hidden.set(BTreeSet::new())
                        >
                            {t!("map_layers.show_all").into_owned()}
                        </button>
                    </p>
                }
            })}
        </div>
    }
}

/// Whom the map follows, with a way to stop.
#[component]
fn Followed(control: MapControl) -> impl IntoView {
    let hall = use_hall();
    let name = hall.memo(&[Slice::People], move |hall, _, _| {
        let person = control.followed.get()?;
        let known = hall.situation.people.get(&person);
        Some(known.map_or_else(|| person.to_string(), |person| person.name.clone()))
    });
    move || {
        name.get().map(|name| {
            view! {
                <p class="map-note map-note-follow" data-testid="map-followed">
                    <span>{t!("map_hand.following", name = name).into_owned()}</span>
                    <button
                        type="button"
                        class="button"
                        data-testid="map-unfollow"
                        on:click=move |_| control.followed.set(None)
                    >
                        {t!("map_hand.unfollow").into_owned()}
                    </button>
                </p>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_beyond_its_limit_is_too_much() {
        let over = |bytes: u32| is_over_limit(Held { bytes, limit: 160 });
        assert_eq!([0, 160, 161].map(over), [false, false, true]);
    }
}
