//! The queue of incidents as a value: what is let through, in which order, and which rows are in
//! sight.
//!
//! List, counts and map all ask [`IncidentSet::contains`] through [`QueueFilter::admits`], so that a
//! clicked count, the list below it and the marks on the map are one and the same set.

use std::cmp::Reverse;
use std::ops::Range;

use domain::places::measures::Region;
use domain::rules::{CategoryKind, Rules};
use domain::sets::IncidentSet;
use domain::{Incident, IncidentId, Level, Situation, Timestamp};

/// What narrows a set further.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Narrowing {
    /// Only this level.
    pub level: Option<Level>,
    /// Only this major category.
    pub major: Option<(CategoryKind, u8)>,
    /// Words that must all occur in number, title, address or category.
    pub text: String,
    /// Only within what was drawn on the map.
    pub region: Option<Region>,
}

/// What the officer wants to see.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueFilter {
    /// The named set.
    pub set: IncidentSet,
    /// What narrows it.
    pub narrowing: Narrowing,
}

impl Default for QueueFilter {
    fn default() -> Self {
        Self::of_set(IncidentSet::Open)
    }
}

impl QueueFilter {
    /// The filter of one clicked count: the set alone, so that the list holds exactly what was
    /// counted.
    pub fn of_set(set: IncidentSet) -> Self {
        Self {
            set,
            narrowing: Narrowing::default(),
        }
    }

    /// Whether anything narrows the list beyond what the desk shows on its own.
    pub fn is_active(&self) -> bool {
        *self != Self::default()
    }

    /// Whether the incident belongs to what is shown.
    pub fn admits(&self, incident: &Incident, rules: Option<&Rules>, now: Timestamp) -> bool {
        self.set.contains(incident, now) && self.narrowing.admits(incident, rules)
    }
}

impl Narrowing {
    /// Whether it narrows at all.
    pub fn is_active(&self) -> bool {
        *self != Self::default()
    }

    /// Whether the incident is let through.
    pub fn admits(&self, incident: &Incident, rules: Option<&Rules>) -> bool {
        self.level.is_none_or(|level| incident.level == level)
            && self
                .major
                .is_none_or(|(kind, major)| is_of_major(incident, kind, major))
            && self
                .region
                .as_ref()
                .is_none_or(|region| region.contains(incident.location))
            && self.admits_text(incident, rules)
    }

    fn admits_text(&self, incident: &Incident, rules: Option<&Rules>) -> bool {
        let wanted = self.text.trim();
        if wanted.is_empty() {
            return true;
        }
        let category = rules.and_then(|rules| rules.category(incident.category));
        let searched = format!(
            "{} {} {} {} {}",
            incident.id,
            incident.title,
            incident.address,
            category.map_or("", |rule| rule.name.as_str()),
            category.map_or("", |rule| rule.major_name.as_str()),
        )
        .to_lowercase();
        wanted
            .to_lowercase()
            .split_whitespace()
            .all(|word| searched.contains(word))
    }
}

fn is_of_major(incident: &Incident, kind: CategoryKind, major: u8) -> bool {
    incident.category.kind == kind && incident.category.major == major
}

/// The order of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QueueSort {
    /// The clock that runs out first stands first; clocks that stand still come after all that run.
    #[default]
    MostUrgent,
    /// The latest report first.
    Newest,
    /// The highest level first, within a level the most urgent.
    Level,
}

impl QueueSort {
    /// All orders, as the control lists them.
    pub const ALL: [Self; 3] = [Self::MostUrgent, Self::Newest, Self::Level];

    /// A word for the control's value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MostUrgent => "urgent",
            Self::Newest => "newest",
            Self::Level => "level",
        }
    }

    /// The order of that name; the most urgent first when the name is unknown.
    pub fn of_name(name: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|sort| sort.name() == name)
            .unwrap_or_default()
    }
}

/// Running clocks by deadline, then standing ones, then those without a clock.
fn urgency(incident: &Incident) -> (u8, i64) {
    match incident.clock {
        Some(clock) if clock.paused_at.is_none() && incident.state.is_open() => {
            (0, clock.deadline.unix_ms())
        }
        Some(_) => (1, incident.reported_at.unix_ms()),
        None => (2, incident.reported_at.unix_ms()),
    }
}

/// The numbers of the incidents in the queue, in order.
pub fn queue(
    situation: &Situation,
    filter: &QueueFilter,
    sort: QueueSort,
    rules: Option<&Rules>,
    now: Timestamp,
) -> Vec<IncidentId> {
    let mut rows: Vec<&Incident> = situation
        .incidents
        .values()
        .filter(|incident| filter.admits(incident, rules, now))
        .collect();
    match sort {
        QueueSort::MostUrgent => rows.sort_by_key(|i| (urgency(i), Reverse(i.id))),
        QueueSort::Newest => rows.sort_by_key(|i| Reverse((i.reported_at, i.id))),
        QueueSort::Level => rows.sort_by_key(|i| (Reverse(i.level), urgency(i), Reverse(i.id))),
    }
    rows.into_iter().map(|incident| incident.id).collect()
}

/// The major categories that occur among the open incidents, with their numbers, for the control:
/// kind, code, name, count; in the order of the codes.
pub fn majors_in_use(
    situation: &Situation,
    rules: &Rules,
) -> Vec<(CategoryKind, u8, String, usize)> {
    let mut majors: Vec<(CategoryKind, u8, String, usize)> = Vec::new();
    for incident in situation.incidents.values().filter(|i| i.state.is_open()) {
        let (kind, major) = (incident.category.kind, incident.category.major);
        if let Some(known) = majors.iter_mut().find(|m| (m.0, m.1) == (kind, major)) {
            known.3 += 1;
        } else {
            let name = rules
                .category(incident.category)
                .map_or_else(|| incident.category.to_string(), |r| r.major_name.clone());
            majors.push((kind, major, name, 1));
        }
    }
    majors.sort_by_key(|m| (m.0, m.1));
    majors
}

/// The row that the arrow keys reach from the selected one, without wrapping round at the ends.
///
/// A selected row that has left the list (because its incident moved on) leaves its place behind:
/// `last_place` is where it stood, so that the keys go on from there. Without either, the first row
/// is reached downwards and the last one upwards; the ends of the list are the same from everywhere.
pub fn step(
    rows: &[IncidentId],
    selected: Option<IncidentId>,
    last_place: Option<usize>,
    by: isize,
) -> Option<IncidentId> {
    let last = rows.len().checked_sub(1)?;
    let at = selected.and_then(|id| rows.iter().position(|row| *row == id));
    let next = match (at, last_place) {
        (Some(at), _) => at.saturating_add_signed(by).min(last),
        // The next row has moved up into the place.
        (None, Some(place)) if selected.is_some() => place
            .saturating_add_signed(by - by.signum().max(0))
            .min(last),
        (None, _) if by == isize::MIN => 0,
        (None, _) if by == isize::MAX || by < 0 => last,
        (None, _) => 0,
    };
    rows.get(next).copied()
}

/// How many rows beyond the visible ones are kept in the document, so that scrolling shows no gap.
const OVERSCAN_ROWS: usize = 6;

/// The rows to draw: all lengths in pixels, `row_px` above zero.
pub fn rows_in_sight(
    total: usize,
    scroll_top_px: f64,
    height_px: f64,
    row_px: f64,
) -> Range<usize> {
    if row_px <= 0.0 || !row_px.is_finite() {
        return 0..total.min(OVERSCAN_ROWS);
    }
    let first = (scroll_top_px.max(0.0) / row_px).floor() as usize;
    let count = (height_px.max(0.0) / row_px).ceil() as usize + 1;
    let from = first.min(total).saturating_sub(OVERSCAN_ROWS);
    let to = first
        .saturating_add(count)
        .saturating_add(OVERSCAN_ROWS)
        .min(total);
    from..to.max(from)
}

/// Where to scroll so that a row is whole in sight; `None` when it is already.
pub fn scroll_to_show(row: usize, scroll_top_px: f64, height_px: f64, row_px: f64) -> Option<f64> {
    let top = row as f64 * row_px;
    let bottom = top + row_px;
    if top < scroll_top_px {
        Some(top)
    } else if bottom > scroll_top_px + height_px {
        Some(bottom - height_px)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use domain::IncidentState;

    fn at() -> Timestamp {
        sample::NOON
    }

    #[test]
    fn a_clicked_count_opens_exactly_the_incidents_it_counted() {
        let situation = sample::situation();
        for set in [
            IncidentSet::Open,
            IncidentSet::Overdue,
            IncidentSet::AwaitingDispatch,
            IncidentSet::UnderWay,
            IncidentSet::AwaitingCheck,
            IncidentSet::DoneToday,
            IncidentSet::OpenOfLevel(Level::Large),
        ] {
            let filter = QueueFilter::of_set(set.clone());
            let mut listed = queue(&situation, &filter, QueueSort::Newest, None, at());
            listed.sort();
            let counted: Vec<IncidentId> = situation.members(&set, at()).map(|i| i.id).collect();
            assert!(!counted.is_empty(), "the sample has no member of {set:?}");
            assert_eq!(listed, counted, "{set:?}");
        }
    }

    #[test]
    fn words_are_searched_in_number_title_address_and_category() {
        let situation = sample::situation();
        let rules = sample::rules();
        let listed = |text: &str| {
            let mut filter = QueueFilter::default();
            filter.narrowing.text = text.to_owned();
            queue(&situation, &filter, QueueSort::Newest, Some(&rules), at())
        };
        assert_eq!(listed(" 锦水路  井盖 "), [sample::incident_id(1)]);
        assert_eq!(listed("20261120-0002"), [sample::incident_id(2)]);
        assert_eq!(listed("公用设施"), [sample::incident_id(1)]);
        assert!(listed("井盖 热线").is_empty());
        assert_eq!(
            listed("").len(),
            situation.count(&IncidentSet::Open, at()),
            "an empty search shows everything"
        );
    }

    #[test]
    fn level_and_category_narrow_further() {
        let situation = sample::situation();
        let mut filter = QueueFilter::default();
        filter.narrowing.level = Some(Level::Large);
        filter.narrowing.major = Some((CategoryKind::Event, 5));
        let rows = queue(&situation, &filter, QueueSort::Newest, None, at());
        assert_eq!(rows, [sample::incident_id(2)]);
        assert!(filter.is_active() && !QueueFilter::default().is_active());
    }

    #[test]
    fn the_most_urgent_clock_stands_first_and_standing_clocks_last() {
        let mut situation = sample::situation();
        let rows = queue(
            &situation,
            &QueueFilter::default(),
            QueueSort::MostUrgent,
            None,
            at(),
        );
        assert_eq!(rows.first(), Some(&sample::incident_id(3)), "overdue");
        let paused = situation
            .incidents
            .get_mut(&sample::incident_id(3))
            .expect("sample");
        paused.state = IncidentState::Suspended;
        paused.clock = paused.clock.map(|mut clock| {
            clock.pause(at());
            clock
        });
        let rows = queue(
            &situation,
            &QueueFilter::default(),
            QueueSort::MostUrgent,
            None,
            at(),
        );
        assert_eq!(rows.last(), Some(&sample::incident_id(3)));
    }

    #[test]
    fn the_newest_and_the_gravest_stand_first_when_asked_for() {
        let situation = sample::situation();
        let newest = queue(
            &situation,
            &QueueFilter::default(),
            QueueSort::Newest,
            None,
            at(),
        );
        let reported: Vec<_> = newest
            .iter()
            .map(|id| situation.incidents[id].reported_at)
            .collect();
        assert!(reported.is_sorted_by(|a, b| a >= b));
        let gravest = queue(
            &situation,
            &QueueFilter::default(),
            QueueSort::Level,
            None,
            at(),
        );
        let levels: Vec<_> = gravest
            .iter()
            .map(|id| situation.incidents[id].level)
            .collect();
        assert!(levels.is_sorted_by(|a, b| a >= b) && levels.first() != levels.last());
    }

    #[test]
    fn sort_names_read_back() {
        for sort in QueueSort::ALL {
            assert_eq!(QueueSort::of_name(sort.name()), sort);
        }
        assert_eq!(QueueSort::of_name("?"), QueueSort::MostUrgent);
    }

    #[test]
    fn arrows_stop_at_the_ends() {
        let rows = [1, 2, 3].map(sample::incident_id);
        let from = |selected, by| step(&rows, selected, None, by);
        assert_eq!(from(None, 1), Some(rows[0]));
        assert_eq!(from(None, -1), Some(rows[2]));
        assert_eq!(from(None, isize::MIN), Some(rows[0]));
        assert_eq!(from(None, isize::MAX), Some(rows[2]));
        assert_eq!(from(Some(rows[1]), 1), Some(rows[2]));
        assert_eq!(from(Some(rows[2]), 1), Some(rows[2]));
        assert_eq!(from(Some(rows[0]), -1), Some(rows[0]));
        assert_eq!(from(Some(rows[0]), 10), Some(rows[2]));
        assert_eq!(from(Some(rows[2]), isize::MIN), Some(rows[0]));
        assert_eq!(from(Some(rows[0]), isize::MAX), Some(rows[2]));
        assert_eq!(step(&[], None, None, 1), None);
    }

    #[test]
    fn arrows_go_on_from_where_a_row_has_left() {
        let rows = [1, 3, 4].map(sample::incident_id);
        let left = Some(sample::incident_id(2));
        assert_eq!(step(&rows, left, Some(1), 1), Some(rows[1]));
        assert_eq!(step(&rows, left, Some(1), -1), Some(rows[0]));
        assert_eq!(step(&rows, left, Some(3), 1), Some(rows[2]));
        assert_eq!(step(&rows, left, Some(1), isize::MAX), Some(rows[2]));
        assert_eq!(step(&rows, left, None, 1), Some(rows[0]));
    }

    #[test]
    fn only_rows_near_the_window_are_drawn() {
        assert_eq!(rows_in_sight(5000, 0.0, 800.0, 80.0), 0..17);
        assert_eq!(rows_in_sight(5000, 80_000.0, 800.0, 80.0), 994..1017);
        assert_eq!(rows_in_sight(12, 0.0, 800.0, 80.0), 0..12);
        assert_eq!(rows_in_sight(3, 99_999.0, 800.0, 80.0), 0..3);
        assert_eq!(rows_in_sight(0, 0.0, 800.0, 80.0), 0..0);
        assert_eq!(rows_in_sight(4, 0.0, 800.0, 0.0), 0..4);
    }

    #[test]
    fn a_selected_row_is_scrolled_into_sight_only_when_it_is_not() {
        assert_eq!(scroll_to_show(2, 0.0, 800.0, 80.0), None);
        assert_eq!(scroll_to_show(10, 0.0, 800.0, 80.0), Some(80.0));
        assert_eq!(scroll_to_show(1, 400.0, 800.0, 80.0), Some(80.0));
    }
}
