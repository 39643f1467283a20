//! What a cluster under the pointer holds: how many incidents of each level.

use domain::incidents::Level;
use domain::{Incident, IncidentId};
use leptos::prelude::*;
use rust_i18n::t;

use super::control::use_map;
use crate::components::LevelBadge;
use crate::state::{Hall, Slice, use_hall};
use crate::strings;

/// The heaviest first, as everywhere.
const LEVELS: [Level; 4] = [Level::Large, Level::Medium, Level::Small, Level::Micro];

/// A cluster under the pointer.
#[derive(Debug, Clone, PartialEq)]
pub struct HoveredCluster {
    /// Its incidents.
    pub incidents: Vec<IncidentId>,
    /// Where the pointer came upon it, in CSS pixels of the map.
    pub at_px: [f32; 2],
}

/// How many of the incidents have each level that occurs, the heaviest first.
pub fn by_level(hall: &Hall, ids: &[IncidentId]) -> Vec<(Level, usize)> {
    let incidents = ids.iter().filter_map(|id| hall.situation.incidents.get(id));
    counts(incidents)
}

fn counts<'a>(incidents: impl Iterator<Item = &'a Incident>) -> Vec<(Level, usize)> {
    let mut counts = LEVELS.map(|level| (level, 0));
    for incident in incidents {
        if let Some((_, count)) = counts
            .iter_mut()
            .find(|(level, _)| *level == incident.level)
        {
            *count += 1;
        }
    }
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

/// The cluster in words, for those who do not see it; `None` once it is none any more.
pub fn words(hall: &Hall, ids: &[IncidentId]) -> Option<String> {
    let levels = by_level(hall, ids);
    let count: usize = levels.iter().map(|(_, count)| count).sum();
    let each = levels
        .iter()
        .map(|(level, count)| format!("{} {count}", strings::level(*level)));
    let levels = each.collect::<Vec<_>>().join(&t!("map_said.separator"));
    (count > 1).then(|| t!("map_said.cluster", count = count, levels = levels).into_owned())
}

/// The figures beside the pointer; nothing while it is over no cluster.
#[component]
pub fn ClusterTip() -> impl IntoView {
    let control = use_map();
    let hall = use_hall();
    let levels = hall.memo(&[Slice::Incidents], move |hall, _, _| {
        control
            .hovered_cluster
            .with(|hovered| {
                hovered
                    .as_ref()
                    .map(|hovered| by_level(hall, &hovered.incidents))
            })
            .unwrap_or_default()
    });
    let place = move |axis: usize| {
        control
            .hovered_cluster
            .get()
            .map(|hovered| hovered.at_px[axis])
    };
    // It stays within the map, which cuts off what stands over its edges.
    let left = move || place(0).map(|x| format!("clamp(6rem, {x}px, 100% - 6rem)"));
    let top = move || place(1).map(|y| format!("max(4rem, {y}px)"));
    // What is said aloud says the same.
    view! {
        <Show when=move || levels.with(|levels| !levels.is_empty())>
            <div
                class="map-cluster-tip"
                style:left=left
                style:top=top
                aria-hidden="true"
                data-testid="map-cluster-tip"
            >
                <For each=move || levels.get() key=|row| *row let((level, count))>
                    <span class="map-cluster-count">
                        <LevelBadge level=Signal::stored(level) />
                        <b>{count}</b>
                    </span>
                </For>
            </div>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screens::desk::sample;

    #[test]
    fn each_level_that_occurs_is_counted_the_heaviest_first() {
        let of = |level| {
            let mut incident = sample::incident(0);
            incident.level = level;
            incident
        };
        let incidents = [Level::Micro, Level::Large, Level::Micro].map(of);
        assert_eq!(
            counts(incidents.iter()),
            [(Level::Large, 1), (Level::Micro, 2)]
        );
        assert_eq!(counts(std::iter::empty()), []);
    }
}
