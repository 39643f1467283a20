//! The four signals (四情) and their correlation in space and time.
//!
//! Each channel and each category feeds one signal; a matter feeds that of the two which stands
//! first in the precedence of the rules. Matters of different signals that are near to one another
//! are likely one affair seen from several sides: the hall is shown them together.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use serde::{Deserialize, Serialize};

use crate::ids::IncidentId;
use crate::incidents::{Incident, IncidentState};
use crate::nearness::{NearIndex, Nearness, Spot};
use crate::rules::{CategoryCode, MajorCode, Rules};
use crate::trail::SourceChannel;

/// The four signals (四情).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// 警情.
    Police,
    /// 案情.
    Case,
    /// 民情.
    Demand,
    /// 舆情.
    Opinion,
}

impl Signal {
    /// All four, in the order in which the field names them.
    pub const ALL: [Self; 4] = [Self::Police, Self::Case, Self::Demand, Self::Opinion];
}

/// The section `[signals]` of the rules files; the signals of channels stand with the channels.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SignalRules {
    /// How near matters of different signals have to be.
    pub nearness: Nearness,
    /// Which signal wins where channel and category feed different ones, the first before all.
    pub precedence: Vec<Signal>,
    /// The signal that the categories of each major feed.
    pub majors: BTreeMap<MajorCode, Signal>,
}

impl Rules {
    /// The signal that a matter feeds; loaded rules know every channel and every major.
    pub fn signal_of(&self, channel: SourceChannel, category: CategoryCode) -> Option<Signal> {
        let of_channel = self.channel(channel).map(|rule| rule.signal);
        let of_major = self.signals.majors.get(&category.major_code()).copied();
        let rank = |signal: &Signal| self.signals.precedence.iter().position(|s| s == signal);
        of_channel.into_iter().chain(of_major).min_by_key(rank)
    }
}

/// A matter as it is correlated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sighting {
    /// Its number.
    pub id: IncidentId,
    /// The signal that it feeds.
    pub signal: Signal,
    /// Where and when.
    pub spot: Spot,
    /// Whether it belongs to a drill, which never ties up with what is real.
    pub is_drill: bool,
}

impl Sighting {
    /// The incident as it is correlated; `None` for what was not accepted or cancelled.
    pub fn of(incident: &Incident, rules: &Rules) -> Option<Self> {
        let counts = !matches!(
            incident.state,
            IncidentState::NotAccepted | IncidentState::Cancelled
        );
        counts.then_some(())?;
        Some(Self {
            id: incident.id,
            signal: rules.signal_of(incident.channel, incident.category)?,
            spot: (incident.location, incident.reported_at),
            is_drill: incident.is_drill,
        })
    }
}

/// Matters of at least two signals around one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correlation {
    /// The matter that the others are near to.
    pub centre: IncidentId,
    /// All of them with the centre, in the order of their numbers.
    pub incidents: Vec<IncidentId>,
    /// Their signals, in the order in which the field names them.
    pub signals: Vec<Signal>,
}

/// What ranks a correlation: more signals, then more matters, then the smaller number of the
/// centre.
type Rank = (usize, usize, Reverse<IncidentId>);

/// The correlations among the sightings, the strongest first. A matter belongs to one of them at
/// most: the strongest takes all that is near to its centre, and the rest is looked at again
/// without them. So no correlation reaches further than twice the nearness, however many matters
/// there are. The order in which sightings are given does not matter.
pub fn correlate(
    sightings: impl IntoIterator<Item = Sighting>,
    nearness: &Nearness,
) -> Vec<Correlation> {
    let sightings: BTreeMap<IncidentId, Sighting> =
        sightings.into_iter().map(|s| (s.id, s)).collect();
    let mut rest = NearIndex::new(*nearness);
    for sighting in sightings.values() {
        rest.insert(
            sighting.is_drill,
            (sighting.id, sighting.signal),
            sighting.spot,
        );
    }
    let mut queue: BinaryHeap<Rank> = sightings
        .values()
        .filter_map(|centre| around(centre, &rest).map(|found| rank(&found)))
        .collect();
    let mut taken: BTreeSet<IncidentId> = BTreeSet::new();
    let mut correlations = Vec::new();
    // Taking matters away only ever weakens what is left, so the strongest that is still as strong
    // as when it was queued is the strongest of all.
    while let Some(queued) = queue.pop() {
        let Reverse(id) = queued.2;
        if taken.contains(&id) {
            continue;
        }
        let Some(found) = around(&sightings[&id], &rest) else {
            continue;
        };
        if rank(&found) != queued {
            queue.push(rank(&found));
            continue;
        }
        for member in &found.incidents {
            let Sighting {
                id,
                signal,
                spot,
                is_drill,
            } = sightings[member];
            rest.remove(is_drill, (id, signal), spot);
            taken.insert(id);
        }
        correlations.push(found);
    }
    correlations
}

fn rank(correlation: &Correlation) -> Rank {
    (
        correlation.signals.len(),
        correlation.incidents.len(),
        Reverse(correlation.centre),
    )
}

/// What is near to a centre, if it has at least two signals.
fn around(centre: &Sighting, rest: &NearIndex<bool, (IncidentId, Signal)>) -> Option<Correlation> {
    let mut incidents = Vec::new();
    let mut signals = BTreeSet::new();
    for ((id, signal), ..) in rest.near(centre.is_drill, centre.spot) {
        incidents.push(id);
        signals.insert(signal);
    }
    incidents.sort_unstable();
    (signals.len() >= 2).then(|| Correlation {
        centre: centre.id,
        incidents,
        signals: signals.into_iter().collect(),
    })
}

#[cfg(test)]
mod tests;
