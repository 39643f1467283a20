//! From the hall's values to the map's features; pure, so that what the map shows can be tested
//! without one.

use domain::incidents::IncidentState;
use domain::people::{PersonClass, PositionAge};
use domain::places::{Grid, GridLevel};
use domain::{IncidentId, Level, LonLat, Order, OrderState, PersonId, Situation, Timestamp};
use map_protocol as map;
use map_protocol::{IncidentFlags, Layer, PersonFlags, Position};

use super::signs::{icon_of, lamp_of};
use super::tracks::Tracks;
use crate::state::people::Activities;
use crate::state::{Catalogue, Hall};

/// A position for the map.
pub fn position(at: LonLat) -> Position {
    Position::from_lon_lat(at.lon, at.lat)
}

/// The layer of a grid level.
pub const fn layer_of(level: GridLevel) -> Layer {
    match level {
        GridLevel::Community => Layer::Communities,
        GridLevel::General => Layer::GeneralGrids,
        GridLevel::Micro => Layer::MicroGrids,
        GridLevel::Unit => Layer::UnitGrids,
        GridLevel::Exclusive => Layer::ExclusiveGrids,
    }
}

/// All grid levels with a layer, finest last.
pub const LEVELS: [GridLevel; 5] = [
    GridLevel::Community,
    GridLevel::General,
    GridLevel::Exclusive,
    GridLevel::Micro,
    GridLevel::Unit,
];

/// From this zoom on micro grids are coloured by their open work, below it general grids: two
/// fills above each other would say neither.
const MICRO_ZOOM: f64 = 15.4;

/// The level that is coloured by open work at a zoom.
pub fn coloured_level(zoom: f64) -> GridLevel {
    if zoom >= MICRO_ZOOM {
        GridLevel::Micro
    } else {
        GridLevel::General
    }
}

/// Colour class of so much open work: none, 1, 2–3, 4–6, 7–10, more.
pub const fn work_class(open: usize) -> u8 {
    match open {
        0 => 0,
        1 => 1,
        2..=3 => 2,
        4..=6 => 3,
        7..=10 => 4,
        _ => 5,
    }
}

/// The polygon of a grid, without fill; its id is its place in the reference data.
pub fn polygon(index: usize, grid: &Grid) -> map::PolygonFeature {
    let rings = grid.rings.iter();
    map::PolygonFeature {
        id: index as u32,
        class: 0,
        hatched: false,
        polygons: vec![
            rings
                .map(|ring| ring.iter().map(|at| position(*at)).collect())
                .collect(),
        ],
        label: grid.name.clone(),
        label_at: position(grid.label_at),
    }
}

/// The outline of the street.
pub fn street_outline(rings: &[Vec<LonLat>]) -> map::PolygonFeature {
    map::PolygonFeature {
        id: 0,
        class: 0,
        hatched: false,
        polygons: rings
            .iter()
            .map(|ring| vec![ring.iter().map(|at| position(*at)).collect()])
            .collect(),
        label: String::new(),
        label_at: Position { x: 0, y: 0 },
    }
}

/// An incident's mark.
pub fn incident(
    id: u32,
    incident: &domain::Incident,
    catalogue: Option<&Catalogue>,
    selected: Option<IncidentId>,
    now: Timestamp,
) -> map::Incident {
    let severity = match incident.level {
        Level::Micro => map::Severity::Micro,
        Level::Small => map::Severity::Small,
        Level::Medium => map::Severity::Medium,
        Level::Large => map::Severity::Large,
    };
    let mut flags = 0;
    if incident.is_overdue(now) {
        flags |= IncidentFlags::OVERDUE;
    }
    if incident.state == IncidentState::Reported {
        flags |= IncidentFlags::UNACKNOWLEDGED;
    }
    if selected == Some(incident.id) {
        flags |= IncidentFlags::SELECTED;
    }
    if incident.is_drill {
        flags |= IncidentFlags::DIMMED;
    }
    map::Incident {
        at: position(incident.location),
        id,
        severity,
        shape: severity.shape(),
        icon: icon_of(incident.category),
        lamp: lamp_of(incident, catalogue, now),
        flags: IncidentFlags(flags),
    }
}

/// People who stand out from the others.
#[derive(Debug, Clone, Copy, Default)]
pub struct Emphasis {
    /// The proposed responder.
    pub proposed: Option<PersonId>,
    /// The selected person.
    pub selected: Option<PersonId>,
}

/// A person's mark; `None` for somebody who is not shown: no position, or off duty without an
/// order while the mode does not allow it.
pub fn person(
    situation: &Situation,
    id: PersonId,
    activities: &Activities<'_>,
    emphasis: Emphasis,
    tracks: &Tracks,
    now: Timestamp,
) -> Option<map::Person> {
    let person = situation.people.get(&id)?;
    let fix = situation.positions.get(&id)?;
    let activity = activities.of(person);
    if !activities.shows(person) {
        return None;
    }
    let mut flags = 0;
    if emphasis.proposed == Some(id) {
        flags |= PersonFlags::PROPOSED;
    }
    if emphasis.selected == Some(id) {
        flags |= PersonFlags::SELECTED;
    }
    Some(map::Person {
        at: position(fix.location),
        id: id.0,
        class: match person.class() {
            PersonClass::StreetStaff => map::PersonClass::Staff,
            PersonClass::StationedForce => map::PersonClass::Forces,
            PersonClass::SocialForce => map::PersonClass::Social,
        },
        state: activity as u8,
        age: match PositionAge::of(fix.at, now) {
            PositionAge::Fresh => map::PersonAge::Fresh,
            PositionAge::Stale => map::PersonAge::Stale,
            PositionAge::Lost => map::PersonAge::Lost,
        },
        heading: tracks.heading(fix),
        flags: PersonFlags(flags),
    })
}

/// The orders whose responders are under way to an incident.
pub fn under_way(situation: &Situation, incident: IncidentId) -> impl Iterator<Item = &Order> {
    let orders = situation.orders.values();
    orders.filter(move |order| order.incident == incident && order.state() == OrderState::Accepted)
}

/// The ways of the responders who are under way to an incident, by road from where they are now.
pub fn routes_under_way(
    hall: &Hall,
    catalogue: Option<&Catalogue>,
    incident: IncidentId,
) -> Vec<map::Route> {
    let Some(graph) = catalogue.and_then(Catalogue::roads) else {
        return Vec::new();
    };
    let situation = &hall.situation;
    let Some(goal) = situation.incidents.get(&incident).map(|i| i.location) else {
        return Vec::new();
    };
    under_way(situation, incident)
        .filter_map(|order| {
            let person = situation.people.get(&order.to)?;
            let from = situation.positions.get(&order.to)?.location;
            let points = graph.way(from, goal, person.travel)?.points;
            Some(map::Route {
                id: order.to.0,
                state: map::RouteState::Underway,
                points: points.into_iter().map(position).collect(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::panels::tests::{NOW, incident as sample, picture};
    use crate::state::people::Activity;
    use domain::PositionFix;
    use domain::modes::{Mode, ModeInForce, ModeSession};
    use domain::time::{HOUR_MS, MINUTE_MS};

    #[test]
    fn overdue_and_new_incidents_are_marked() {
        let fresh = incident(7, &sample(0), None, None, NOW);
        assert_eq!(fresh.id, 7);
        assert!(fresh.flags.has(IncidentFlags::UNACKNOWLEDGED));
        assert!(!fresh.flags.has(IncidentFlags::OVERDUE));
        assert!(!fresh.flags.has(IncidentFlags::SELECTED));
        let late = incident(
            7,
            &sample(0),
            None,
            Some(sample(0).id),
            NOW.plus_ms(3 * HOUR_MS),
        );
        assert!(
            late.flags
                .has(IncidentFlags::OVERDUE | IncidentFlags::SELECTED)
        );
        assert_eq!(
            incident(8, &sample(3), None, None, NOW).shape,
            map::IncidentShape::Hexagon
        );
    }

    #[test]
    fn a_drill_is_drawn_faint() {
        let mut drill = sample(0);
        drill.is_drill = true;
        let dimmed = |of: &domain::Incident| {
            incident(7, of, None, None, NOW)
                .flags
                .has(IncidentFlags::DIMMED)
        };
        assert!(dimmed(&drill) && !dimmed(&sample(0)));
    }

    #[test]
    fn people_are_shown_by_age_and_only_on_duty_or_with_an_order() {
        let mut situation = picture().situation;
        let id = PersonId(1);
        let nothing = Emphasis::default();
        let person = |situation: &Situation, emphasis, now| {
            super::person(
                situation,
                id,
                &Activities::at(situation, None, now),
                emphasis,
                &Tracks::default(),
                now,
            )
        };
        let proposed = Emphasis {
            proposed: Some(id),
            selected: None,
        };
        assert_eq!(person(&situation, nothing, NOW), None);
        situation.locate(PositionFix {
            person: id,
            location: LonLat::new(104.0, 30.6),
            at: NOW.plus_ms(-6 * MINUTE_MS),
            accuracy_m: 5.0,
            speed_mps: 0.0,
            heading_deg: 0.0,
            source_crs: domain::places::Crs::default(),
            source: domain::PositionSource::default(),
        });
        let shown = person(&situation, proposed, NOW).expect("shown");
        assert_eq!(shown.age, map::PersonAge::Stale);
        assert!(shown.flags.has(PersonFlags::PROPOSED));
        let night = NOW.plus_ms(8 * HOUR_MS);
        assert_eq!(person(&situation, nothing, night), None);
        let catalogue = crate::state::mode_view::tests::catalogue();
        for (is_drill, is_seen) in [(false, true), (true, false)] {
            situation.mode = ModeSession::new(Mode::EmergencyRed, is_drill).into();
            let activities = Activities::at(&situation, Some(&catalogue), night);
            let mark = super::person(
                &situation,
                id,
                &activities,
                nothing,
                &Tracks::default(),
                night,
            );
            assert_eq!(mark.is_some(), is_seen, "off duty, drill {is_drill}");
        }
        situation.mode = ModeInForce::default();
        let order = domain::Order {
            id: domain::IntentKey(uuid::Uuid::from_u128(1)),
            incident: sample(1).id,
            to: id,
            by: "zhou.min".into(),
            instruction: String::new(),
            override_reason: None,
            stamps: Vec::new(),
        };
        situation.orders.insert(order.id, order);
        let sent = person(&situation, nothing, night).expect("shown");
        assert_eq!(sent.state, Activity::Busy as u8);
    }

    #[test]
    fn classes_of_work_never_fall() {
        let classes: Vec<u8> = (0..30).map(work_class).collect();
        assert!(classes.is_sorted());
        assert_eq!((classes[0], classes[1], classes[29]), (0, 1, 5));
    }
}
