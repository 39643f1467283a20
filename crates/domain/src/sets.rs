//! Named sets of incidents: one predicate behind every count, list and map filter, so that a
//! clicked count always opens exactly the incidents it counted.

use serde::{Deserialize, Serialize};

use crate::ids::GridCode;
use crate::incidents::{Incident, IncidentState, Level};
use crate::rules::CategoryKind;
use crate::time::Timestamp;

/// A set of incidents.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentSet {
    /// Everything that still needs work.
    Open,
    /// Open and past the deadline of its stage.
    Overdue,
    /// Open and waiting for somebody to be sent.
    AwaitingDispatch,
    /// Open with somebody on it.
    UnderWay,
    /// Handled and waiting for the check.
    AwaitingCheck,
    /// Closed since local midnight.
    DoneToday,
    /// Reported since local midnight.
    ReportedToday,
    /// Open, of one level.
    OpenOfLevel(Level),
    /// Open, of one major category.
    OpenOfMajor(CategoryKind, u8),
    /// Open, in one grid of any level.
    OpenInGrid(GridCode),
    /// Watched by a leader (督办) and open.
    Supervised,
    /// Open, in one state.
    OpenInState(IncidentState),
}

impl IncidentSet {
    /// Whether the incident belongs to the set at the instant.
    pub fn contains(&self, incident: &Incident, now: Timestamp) -> bool {
        let open = incident.state.is_open();
        match self {
            Self::Open => open,
            Self::Overdue => incident.is_overdue(now),
            Self::AwaitingDispatch => incident.state.awaits_dispatch(),
            Self::UnderWay => {
                matches!(
                    incident.state,
                    IncidentState::Dispatched | IncidentState::Handling
                )
            }
            Self::AwaitingCheck => incident.state == IncidentState::Handled,
            Self::DoneToday => {
                incident.state == IncidentState::Closed
                    && incident
                        .ended_at
                        .is_some_and(|at| at >= now.local_day_start())
            }
            Self::ReportedToday => incident.reported_at >= now.local_day_start(),
            Self::OpenOfLevel(level) => open && incident.level == *level,
            Self::OpenOfMajor(kind, major) => {
                open && (incident.category.kind, incident.category.major) == (*kind, *major)
            }
            Self::OpenInGrid(code) => open && incident.grids.holds(code),
            Self::Supervised => open && incident.supervised,
            Self::OpenInState(state) => open && incident.state == *state,
        }
    }
}
