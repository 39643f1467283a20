//! What the map shows, in words: for a screen reader, which cannot see where a mark lies.

use domain::people::PositionAge;
use domain::sets::IncidentSet;
use domain::{CameraId, GridCode, IncidentId, PersonId, SensorId, Timestamp};
use rust_i18n::t;

use crate::state::people::{Activities, position_age};
use crate::state::{Catalogue, Hall, Selection};
use crate::strings;

/// A thing of the map with its name, state, level and age; `None` for nothing, and for what the
/// picture no longer holds.
pub fn words(
    hall: &Hall,
    catalogue: Option<&Catalogue>,
    what: &Selection,
    now: Timestamp,
) -> Option<String> {
    match what {
        Selection::Nothing => None,
        Selection::Incident(id) => incident(hall, *id, now),
        Selection::Person(id) => person(hall, catalogue, *id, now),
        Selection::Grid(code) => grid(hall, catalogue?, code, now),
        Selection::Camera(id) => camera(catalogue?, id),
        Selection::Sensor(id) => sensor(catalogue?, id),
    }
}

fn incident(hall: &Hall, id: IncidentId, now: Timestamp) -> Option<String> {
    let incident = hall.situation.incidents.get(&id)?;
    let age_ms = now.ms_since(incident.reported_at).max(0);
    let facts = t!(
        "map_said.incident",
        title = incident.title,
        level = strings::level(incident.level),
        state = strings::incident_state(incident.state),
        age = strings::age(age_ms)
    );
    let mut parts = vec![facts.into_owned()];
    if incident.is_overdue(now) {
        parts.push(t!("map_said.overdue").into_owned());
    }
    if incident.is_drill {
        parts.push(t!("map_said.drill").into_owned());
    }
    Some(parts.join(&t!("map_said.separator")))
}

fn person(
    hall: &Hall,
    catalogue: Option<&Catalogue>,
    id: PersonId,
    now: Timestamp,
) -> Option<String> {
    let situation = &hall.situation;
    let person = situation.people.get(&id)?;
    let activity = Activities::at(situation, catalogue, now).of(person);
    let (post, activity) = (strings::post(person.post), strings::activity(activity));
    let name = &person.name;
    let position = situation.positions.get(&id);
    let words = match position {
        Some(fix) if position_age(situation, id, now) != PositionAge::Lost => t!(
            "map_said.person",
            name = name,
            post = post,
            activity = activity,
            age = strings::age(now.ms_since(fix.at).max(0))
        ),
        _ => t!(
            "map_said.person_lost",
            name = name,
            post = post,
            activity = activity
        ),
    };
    Some(words.into_owned())
}

fn grid(hall: &Hall, catalogue: &Catalogue, code: &GridCode, now: Timestamp) -> Option<String> {
    let (name, kind) = strings::grid_words(catalogue, code)?;
    let set = IncidentSet::OpenInGrid(code.clone());
    let count = hall.situation.count(&set, now);
    Some(t!("map_said.grid", name = name, kind = kind, count = count).into_owned())
}

fn sensor(catalogue: &Catalogue, id: &SensorId) -> Option<String> {
    let sensor = catalogue.sensor(id)?;
    let kind = strings::sensor_kind(sensor.kind);
    Some(t!("map_said.sensor", kind = kind, name = sensor.name).into_owned())
}

fn camera(catalogue: &Catalogue, id: &CameraId) -> Option<String> {
    let camera = catalogue.camera(id)?;
    Some(t!("map_said.camera", name = camera.name).into_owned())
}
