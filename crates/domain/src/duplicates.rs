//! Duplicates: matters of the same minor category that are so near in space and time that they are
//! likely one. They are suggested to an officer and never merged by themselves.

use serde::{Deserialize, Serialize};

use crate::ids::IncidentId;
use crate::incidents::{Incident, IncidentState};
use crate::nearness::{NearIndex, Nearness, Spot};
use crate::rules::CategoryCode;
use crate::situation::Situation;

/// A matter that is likely the same, with what speaks for it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// The other matter.
    pub of: IncidentId,
    /// Metres between them.
    pub distance_m: f64,
    /// Milliseconds between the two reports.
    pub apart_ms: i64,
}

/// What only matters of one kind share: the minor category, and whether it is a drill.
type Kind = (CategoryCode, bool);

const fn kind_of(incident: &Incident) -> Kind {
    (incident.category, incident.is_drill)
}

const fn spot_of(incident: &Incident) -> Spot {
    (incident.location, incident.reported_at)
}

/// Whether a matter can be one with another. What was not accepted or cancelled, as a duplicate
/// for one, is settled.
const fn is_candidate(incident: &Incident) -> bool {
    !matches!(
        incident.state,
        IncidentState::NotAccepted | IncidentState::Cancelled
    )
}

/// Whether two matters are likely one; the same whichever comes first.
pub fn compare(incident: &Incident, other: &Incident, nearness: &Nearness) -> Option<Suggestion> {
    let may_be_one = incident.id != other.id
        && kind_of(incident) == kind_of(other)
        && is_candidate(incident)
        && is_candidate(other);
    if !may_be_one {
        return None;
    }
    let distance_m = nearness.distance_m(spot_of(incident), spot_of(other))?;
    Some(Suggestion {
        of: other.id,
        distance_m,
        apart_ms: incident.reported_at.ms_since(other.reported_at).abs(),
    })
}

/// Nearest first, then the smaller number, so that the order is the same everywhere.
fn sort(suggestions: &mut [Suggestion]) {
    suggestions.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then(a.of.cmp(&b.of)));
}

impl Situation {
    /// What is likely the same matter as one that is shown, nearest first. Only incidents numbered
    /// on the days in reach are looked at, and those that have no number yet.
    pub fn duplicates_of(&self, incident: &Incident, nearness: &Nearness) -> Vec<Suggestion> {
        const LAST_OF_DAY: u32 = 999_999;
        let reach_ms = nearness.within_ms.max(0);
        let (from, to) = (
            IncidentId::new(incident.reported_at.plus_ms(-reach_ms), 0),
            IncidentId::new(incident.reported_at.plus_ms(reach_ms), LAST_OF_DAY),
        );
        let mut suggestions: Vec<Suggestion> = self
            .incidents
            .range(from..=to)
            .chain(self.provisional())
            .filter_map(|(_, other)| compare(incident, other, nearness))
            .collect();
        sort(&mut suggestions);
        suggestions
    }
}

/// Every pair of matters that are likely one: the later report with the earlier one that it may
/// repeat, in the order of their numbers. Good for hundreds of thousands at once.
pub fn pairs<'a>(
    incidents: impl IntoIterator<Item = &'a Incident>,
    nearness: &Nearness,
) -> Vec<(IncidentId, Suggestion)> {
    let mut incidents: Vec<&Incident> = incidents.into_iter().filter(|i| is_candidate(i)).collect();
    incidents.sort_by_key(|incident| incident.id);
    let mut seen = NearIndex::new(*nearness);
    let mut pairs = Vec::new();
    for incident in incidents {
        let (kind, spot) = (kind_of(incident), spot_of(incident));
        let mut suggestions: Vec<Suggestion> = seen
            .near(kind, spot)
            .map(|(of, (_, at), distance_m)| Suggestion {
                of,
                distance_m,
                apart_ms: spot.1.ms_since(at).abs(),
            })
            .collect();
        sort(&mut suggestions);
        pairs.extend(suggestions.into_iter().map(|found| (incident.id, found)));
        seen.insert(kind, incident.id, spot);
    }
    pairs
}

#[cfg(test)]
mod tests;
