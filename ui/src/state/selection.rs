//! What is selected on the map and in lists.

use domain::{CameraId, GridCode, IncidentId, PersonId, SensorId};

/// The one thing that is selected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Selection {
    /// Nothing.
    #[default]
    Nothing,
    /// An incident.
    Incident(IncidentId),
    /// A person of the roster.
    Person(PersonId),
    /// A grid of any level.
    Grid(GridCode),
    /// A camera.
    Camera(CameraId),
    /// A sensor.
    Sensor(SensorId),
}

impl Selection {
    /// The selected incident.
    pub const fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::Incident(id) => Some(*id),
            _ => None,
        }
    }

    /// The selected person.
    pub const fn person(&self) -> Option<PersonId> {
        match self {
            Self::Person(id) => Some(*id),
            _ => None,
        }
    }
}
