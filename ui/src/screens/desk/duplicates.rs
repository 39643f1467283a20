//! What is likely the same matter as the one shown: suggested, with a way to look at it.

use domain::IncidentId;
use domain::duplicates::Suggestion;
use domain::time::MINUTE_MS;
use leptos::prelude::*;
use rust_i18n::t;

use super::state::use_desk;
use crate::state::Slice;

/// More than these are a cluster, which nobody judges one by one.
const MOST_SHOWN: usize = 3;

/// A line with the suggestions of an incident; nothing where there are none.
#[component]
pub fn Duplicates(incident: IncidentId) -> impl IntoView {
    let desk = use_desk();
    let suggestions = desk
        .hall
        .memo(&[Slice::Incidents], move |hall, catalogue, _| {
            let rules = &catalogue?.reference.rules;
            let shown = hall.situation.incidents.get(&incident)?;
            let is_open = shown.state.is_open();
            is_open.then(|| hall.situation.duplicates_of(shown, &rules.duplicates))
        });
    move || {
        let suggestions = suggestions.get().filter(|list| !list.is_empty())?;
        let links = suggestions
            .into_iter()
            .take(MOST_SHOWN)
            .map(|suggestion| {
                view! {
                    <button
                        type="button"
                        class="link"
                        title=t!("desk.detail.duplicate_show").into_owned()
                        on:click=move |_| desk.select(suggestion.of)
                    >
                        {words(&suggestion)}
                    </button>
                }
            })
            .collect_view();
        Some(view! {
            <p class="detail-duplicates" data-testid="duplicates">
                <span>{t!("desk.detail.duplicates").into_owned()}</span>
                {links}
            </p>
        })
    }
}

/// Number, distance in whole metres and time between the reports in whole minutes.
fn words(suggestion: &Suggestion) -> String {
    t!(
        "desk.detail.duplicate",
        id = suggestion.of,
        m = suggestion.distance_m.round(),
        min = suggestion.apart_ms / MINUTE_MS
    )
    .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggestion_says_what_speaks_for_it() {
        let suggestion = Suggestion {
            of: IncidentId(20_261_120_000_042),
            distance_m: 32.4,
            apart_ms: 5 * MINUTE_MS + 59_000,
        };
        let words = words(&suggestion);
        for part in ["20261120-0042", "32", "5"] {
            assert!(words.contains(part), "{words}");
        }
    }
}
