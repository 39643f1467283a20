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
type Rank = (usize, u32, Reverse<IncidentId>);

/// The correlations among the sightings, the strongest first. A matter belongs to one of them at
/// most: the strongest takes all that is near to its centre, and the rest is looked at again
/// without them. So no correlation reaches further than twice the nearness, however many matters
/// there are. The order in which sightings are given does not matter.
pub fn correlate(
    sightings: impl IntoIterator<Item = Sighting>,
    nearness: &Nearness,
) -> Vec<Correlation> {
    let mut neighbourhoods = Neighbourhoods::of(sightings, nearness);
    let count = neighbourhoods.sightings.len();
    let mut queue: BinaryHeap<(Rank, usize)> = (0..count)
        .map(|centre| (neighbourhoods.rank(centre), centre))
        .collect();
    let mut correlations = Vec::new();
    // Taking matters away only ever weakens what is left, so the strongest that is still as strong
    // as when it was queued is the strongest of all.
    while let Some((queued, centre)) = queue.pop() {
        if neighbourhoods.is_taken[centre] || queued.0 < 2 {
            continue;
        }
        let rank = neighbourhoods.rank(centre);
        if rank == queued {
            correlations.push(neighbourhoods.take(centre));
        } else {
            queue.push((rank, centre));
        }
    }
    correlations
}

/// What is near to each sighting, counted by signal and kept up to date while matters are taken.
#[derive(Debug)]
struct Neighbourhoods {
    /// In the order of their numbers.
    sightings: Vec<Sighting>,
    rest: NearIndex<bool, usize>,
    counts: Vec<[u32; Signal::ALL.len()]>,
    is_taken: Vec<bool>,
}

impl Neighbourhoods {
    fn of(sightings: impl IntoIterator<Item = Sighting>, nearness: &Nearness) -> Self {
        let by_id: BTreeMap<IncidentId, Sighting> =
            sightings.into_iter().map(|s| (s.id, s)).collect();
        let sightings: Vec<Sighting> = by_id.into_values().collect();
        let mut rest = NearIndex::new(*nearness);
        for (item, sighting) in sightings.iter().enumerate() {
            rest.insert(sighting.is_drill, item, sighting.spot);
        }
        let count = |centre: &Sighting| {
            let mut count = [0; Signal::ALL.len()];
            for (item, ..) in rest.near(centre.is_drill, centre.spot) {
                count[sightings[item].signal as usize] += 1;
            }
            count
        };
        Self {
            counts: sightings.iter().map(count).collect(),
            is_taken: vec![false; sightings.len()],
            sightings,
            rest,
        }
    }

    fn rank(&self, centre: usize) -> Rank {
        let counts = &self.counts[centre];
        (
            counts.iter().filter(|count| **count > 0).count(),
            counts.iter().sum(),
            Reverse(self.sightings[centre].id),
        )
    }

    /// Takes everything that is near to a centre out of the rest.
    fn take(&mut self, centre: usize) -> Correlation {
        let Sighting {
            id, spot, is_drill, ..
        } = self.sightings[centre];
        let mut members: Vec<usize> = self
            .rest
            .near(is_drill, spot)
            .map(|(item, ..)| item)
            .collect();
        members.sort_unstable();
        for member in &members {
            self.rest
                .remove(is_drill, *member, self.sightings[*member].spot);
            self.is_taken[*member] = true;
        }
        let mut signals = BTreeSet::new();
        for member in &members {
            let Sighting { signal, spot, .. } = self.sightings[*member];
            signals.insert(signal);
            for (left, ..) in self.rest.near(is_drill, spot) {
                self.counts[left][signal as usize] -= 1;
            }
        }
        Correlation {
            centre: id,
            incidents: members.iter().map(|m| self.sightings[*m].id).collect(),
            signals: signals.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests;
