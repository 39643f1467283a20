//! The strip of counts: which sets are counted and in which order.

use domain::sets::IncidentSet;
use domain::{Level, Situation, Timestamp};

/// One count of the strip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// What is counted; a click opens exactly this set.
    pub set: IncidentSet,
    /// How many.
    pub value: usize,
}

/// The sets of the strip by state, in the order of the life cycle.
pub const STATE_SETS: [IncidentSet; 6] = [
    IncidentSet::Open,
    IncidentSet::AwaitingDispatch,
    IncidentSet::UnderWay,
    IncidentSet::AwaitingCheck,
    IncidentSet::Overdue,
    IncidentSet::DoneToday,
];

/// The sets of the strip by level, the gravest first.
pub fn level_sets() -> impl Iterator<Item = IncidentSet> {
    Level::ALL.into_iter().rev().map(IncidentSet::OpenOfLevel)
}

/// Counts all sets of the strip in one pass over the incidents.
pub fn counts(situation: &Situation, now: Timestamp) -> Vec<Count> {
    let mut counts: Vec<Count> = STATE_SETS
        .into_iter()
        .chain(level_sets())
        .map(|set| Count { set, value: 0 })
        .collect();
    for incident in situation.incidents.values() {
        for count in &mut counts {
            count.value += usize::from(count.set.contains(incident, now));
        }
    }
    counts
}

/// The name of a set in test ids and attributes: `open`, `overdue`, `level-large` …
pub fn set_name(set: &IncidentSet) -> String {
    match set {
        IncidentSet::Open => "open".to_owned(),
        IncidentSet::Overdue => "overdue".to_owned(),
        IncidentSet::AwaitingDispatch => "awaiting-dispatch".to_owned(),
        IncidentSet::UnderWay => "under-way".to_owned(),
        IncidentSet::AwaitingCheck => "awaiting-check".to_owned(),
        IncidentSet::DoneToday => "done-today".to_owned(),
        IncidentSet::ReportedToday => "reported-today".to_owned(),
        IncidentSet::OpenOfLevel(level) => format!("level-{}", level_name(*level)),
        IncidentSet::OpenOfMajor(kind, major) => {
            let kind = match kind {
                domain::rules::CategoryKind::Event => "event",
                domain::rules::CategoryKind::Component => "component",
            };
            format!("major-{kind}-{major}")
        }
        IncidentSet::OpenInGrid(code) => format!("grid-{code}"),
        IncidentSet::Supervised => "supervised".to_owned(),
        IncidentSet::OpenInState(state) => format!("state-{state:?}").to_lowercase(),
    }
}

/// A word for the level in attributes: `micro`, `small`, `medium`, `large`.
pub const fn level_name(level: Level) -> &'static str {
    match level {
        Level::Micro => "micro",
        Level::Small => "small",
        Level::Medium => "medium",
        Level::Large => "large",
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn every_count_is_the_size_of_its_set() {
        let situation = sample::situation();
        let counts = counts(&situation, sample::NOON);
        assert_eq!(counts.len(), 10);
        for count in counts {
            assert_eq!(
                count.value,
                situation.count(&count.set, sample::NOON),
                "{:?}",
                count.set
            );
        }
    }

    #[test]
    fn levels_add_up_to_what_is_open() {
        let situation = sample::situation();
        let counts = counts(&situation, sample::NOON);
        let of_levels: usize = counts
            .iter()
            .filter(|c| matches!(c.set, IncidentSet::OpenOfLevel(_)))
            .map(|c| c.value)
            .sum();
        assert_eq!(of_levels, counts[0].value);
        assert!(of_levels > 0);
    }

    #[test]
    fn every_set_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<String> = STATE_SETS
            .into_iter()
            .chain(level_sets())
            .map(|set| set_name(&set))
            .collect();
        assert_eq!(names.len(), 10);
    }
}
