//! The strip of counts below the top bar; a click opens the counted set in list and map.

use domain::sets::IncidentSet;
use leptos::prelude::*;
use rust_i18n::t;

use super::counts::{Count, counts, set_name};
use super::state::use_desk;
use crate::components::LevelBadge;
use crate::state::Slice;
use crate::strings;

/// The strip.
#[component]
pub fn CountsStrip() -> impl IntoView {
    let hall = use_desk().hall;
    // Overdue and done today change with the clock alone.
    let all = hall.memo(&[Slice::Incidents, Slice::Second], |hall, _, now| {
        counts(&hall.situation, now)
    });
    let is_level = |set: &IncidentSet| matches!(set, IncidentSet::OpenOfLevel(_));
    let sets: Vec<IncidentSet> =
        all.with_untracked(|all| all.iter().map(|c| c.set.clone()).collect());
    let (levels, states): (Vec<_>, Vec<_>) = sets.into_iter().partition(is_level);
    view! {
        <nav class="counts" aria-label=t!("desk.counts.label").into_owned()>
            {states.into_iter().map(|set| tile(all, set)).collect_view()}
            <div class="counts-levels" role="group" aria-label=t!("desk.counts.by_level").into_owned()>
                {levels.into_iter().map(|set| tile(all, set)).collect_view()}
            </div>
        </nav>
    }
}

fn tile(all: Memo<Vec<Count>>, set: IncidentSet) -> impl IntoView {
    let desk = use_desk();
    let name = set_name(&set);
    let words = strings::incident_set(&set, None);
    let value = {
        let set = set.clone();
        Memo::new(move |_| all.with(|all| all.iter().find(|c| c.set == set).map_or(0, |c| c.value)))
    };
    let is_shown = {
        let set = set.clone();
        Memo::new(move |_| desk.hall.filter.with(|shown| *shown == set) && set != IncidentSet::Open)
    };
    let hint = {
        let words = words.clone();
        move || t!("desk.counts.hint", name = words, n = value.get()).into_owned()
    };
    let label = match &set {
        IncidentSet::OpenOfLevel(level) => view! { <LevelBadge level=*level /> }.into_any(),
        _ => view! { <span class="count-name">{words}</span> }.into_any(),
    };
    view! {
        <button
            type="button"
            class="count"
            data-testid=format!("count-{name}")
            data-set=name
            data-count=move || value.get().to_string()
            aria-pressed=move || is_shown.get().to_string()
            aria-label=hint.clone()
            title=hint
            on:click=move |_| desk.toggle_set(set.clone())
        >
            {label}
            <span class="count-value number">{value}</span>
        </button>
    }
}
