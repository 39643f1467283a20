//! Where each shown person was before: for trails, and for the direction of those whose devices do
//! not say it. Kept in this window's memory alone, and forgotten with the person's position.

use std::collections::{HashMap, VecDeque};

use domain::{PersonId, PositionFix};
use map_protocol::{Heading, Position, Trail};

/// Earlier places kept of each person.
const PLACES: usize = 32;
/// A person who moved less than this many metres is at the same place: positions tremble.
const LEAST_STEP_M: f64 = 6.0;
/// Below this speed in metres per second the course of a device says nothing.
const LEAST_SPEED_MPS: f32 = 0.4;

/// The last places of everybody.
#[derive(Debug, Clone, Default)]
pub struct Tracks {
    places: HashMap<PersonId, VecDeque<Position>>,
}

impl Tracks {
    /// Notes where a person is.
    pub fn note(&mut self, fix: &PositionFix) {
        let at = super::pack::position(fix.location);
        let places = self.places.entry(fix.person).or_default();
        let moved = |last: &Position| metres(*last, at, fix.location.lat) >= LEAST_STEP_M;
        if places.back().is_none_or(moved) {
            if places.len() == PLACES {
                places.pop_front();
            }
            places.push_back(at);
        }
    }

    /// Forgets a person.
    pub fn forget(&mut self, person: PersonId) {
        self.places.remove(&person);
    }

    /// Forgets all but some.
    pub fn keep(&mut self, is_kept: impl Fn(PersonId) -> bool) {
        self.places.retain(|person, _| is_kept(*person));
    }

    /// Which way somebody goes: as the device says, else from the last two places; `None` for who
    /// stands.
    pub fn heading(&self, fix: &PositionFix) -> Option<Heading> {
        if fix.speed_mps < LEAST_SPEED_MPS {
            return None;
        }
        // Devices that do not know their course send a negative one or no number.
        if (0.0..=360.0).contains(&fix.heading_deg) {
            return Heading::from_degrees(f64::from(fix.heading_deg));
        }
        let at = super::pack::position(fix.location);
        let mut places = self.places.get(&fix.person)?.iter().rev();
        let before = places.find(|place| **place != at)?;
        Heading::of_way(*before, at)
    }

    /// The trail of a person who is at a place now; `None` without an earlier place.
    pub fn trail(&self, person: PersonId, at: Position) -> Option<Trail> {
        let places = self.places.get(&person)?;
        let points: Vec<Position> = places
            .iter()
            .copied()
            .filter(|place| *place != at)
            .collect();
        (!points.is_empty()).then_some(Trail {
            person: person.0,
            points,
        })
    }
}

/// Metres between two places near a latitude; a step of a position is 2⁻³² of the equator.
fn metres(from: Position, to: Position, lat: f64) -> f64 {
    const EQUATOR_M: f64 = 40_075_016.686;
    let way = |from: u32, to: u32| f64::from(to.wrapping_sub(from).cast_signed());
    let steps = way(from.x, to.x).hypot(way(from.y, to.y));
    steps / 2_f64.powi(32) * EQUATOR_M * lat.to_radians().cos()
}

#[cfg(test)]
mod tests {
    use domain::{LonLat, Timestamp};

    use super::*;

    const ID: PersonId = PersonId(7);

    /// So many metres to the east of a place.
    fn fix(east_m: f64, speed_mps: f32, heading_deg: f32) -> PositionFix {
        let lat = 30.6_f64;
        PositionFix {
            person: ID,
            location: LonLat::new(104.0 + east_m / (111_320.0 * lat.to_radians().cos()), lat),
            at: Timestamp::default(),
            accuracy_m: 5.0,
            speed_mps,
            heading_deg,
            source_crs: domain::places::Crs::default(),
            source: domain::PositionSource::default(),
        }
    }

    fn turn(heading: Option<Heading>) -> Option<u8> {
        heading.map(|heading| heading.0)
    }

    #[test]
    fn a_device_that_moves_is_believed_and_one_that_stands_has_no_direction() {
        let tracks = Tracks::default();
        assert_eq!(turn(tracks.heading(&fix(0.0, 1.4, 180.0))), Some(128));
        assert_eq!(turn(tracks.heading(&fix(0.0, 1.4, 360.0))), Some(0));
        assert_eq!(tracks.heading(&fix(0.0, 0.1, 180.0)), None);
        assert_eq!(
            tracks.heading(&fix(0.0, 1.4, -1.0)),
            None,
            "nothing to go by"
        );
    }

    #[test]
    fn without_a_course_the_last_two_places_tell_the_direction() {
        let mut tracks = Tracks::default();
        tracks.note(&fix(0.0, 1.4, -1.0));
        let now = fix(20.0, 1.4, f32::NAN);
        tracks.note(&now);
        assert_eq!(turn(tracks.heading(&now)), Some(64), "to the east");
        let unknown_speed = fix(20.0, f32::NAN, f32::NAN);
        assert_eq!(turn(tracks.heading(&unknown_speed)), Some(64));
    }

    #[test]
    fn a_trail_has_the_earlier_places_without_the_trembling() {
        let mut tracks = Tracks::default();
        let at = |east_m: f64| super::super::pack::position(fix(east_m, 1.0, 0.0).location);
        tracks.note(&fix(0.0, 1.0, 0.0));
        assert_eq!(tracks.trail(ID, at(0.0)), None, "only the present place");
        for east_m in [1.0, -2.0, 3.0] {
            tracks.note(&fix(east_m, 1.0, 0.0));
        }
        for east_m in [10.0, 20.0] {
            tracks.note(&fix(east_m, 1.0, 0.0));
        }
        let trail = tracks.trail(ID, at(20.0)).expect("a trail");
        assert_eq!(trail.points, [at(0.0), at(10.0)]);
        for step in 3..100 {
            tracks.note(&fix(f64::from(step) * 10.0, 1.0, 0.0));
        }
        let trail = tracks.trail(ID, at(990.0)).expect("a trail");
        assert_eq!(trail.points.len(), PLACES - 1);
        assert_eq!(trail.points[PLACES - 2], at(980.0), "the newest are kept");
        tracks.keep(|person| person != ID);
        assert_eq!(tracks.trail(ID, at(990.0)), None);
    }
}
