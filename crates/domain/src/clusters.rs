//! Repeated complaints: who complains again, and what is complained about again at the same place.
//!
//! A complaint is a report through a channel behind which somebody stands who can be called back.
//! Two complaints belong together when they are at most so many days apart and either come from the
//! same caller, or are of the same minor category and at most so many metres apart. A cluster is a
//! chain of them, and it names every complaint in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{CallerId, IncidentId};
use crate::incidents::{Incident, IncidentState};
use crate::nearness::{NearIndex, Nearness};
use crate::places::LonLat;
use crate::rules::{CategoryCode, Rules};
use crate::time::{DAY_MS, Timestamp};

/// The section `[clusters]` of the rules files.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ClusterRules {
    /// Days between two complaints of a chain at most, each of 24 hours.
    pub within_days: u32,
    /// Metres between two complaints about one place at most.
    pub within_m: f64,
    /// Complaints from which a chain is a cluster.
    pub complaints_from: u32,
}

impl ClusterRules {
    /// The same as a measure of place and time.
    pub const fn nearness(&self) -> Nearness {
        Nearness {
            within_m: self.within_m,
            within_ms: self.within_days as i64 * DAY_MS,
        }
    }
}

/// What ties the complaints of a cluster together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClusterKind {
    /// The same caller.
    Caller(CallerId),
    /// The same place and category.
    Place(CategoryCode),
}

/// Complaints that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// What ties them together.
    pub kind: ClusterKind,
    /// The complaints, in the order of their numbers.
    pub incidents: Vec<IncidentId>,
    /// When the first was reported.
    pub first_at: Timestamp,
    /// When the last was reported.
    pub last_at: Timestamp,
}

/// What counts of a complaint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Complaint<'a> {
    /// Its number.
    pub id: IncidentId,
    /// Its category.
    pub category: CategoryCode,
    /// Who complains.
    pub caller: Option<&'a CallerId>,
    /// Where.
    pub location: LonLat,
    /// When.
    pub at: Timestamp,
    /// Whether it belongs to a drill, which never ties up with what is real.
    pub is_drill: bool,
}

impl<'a> Complaint<'a> {
    /// The incident as a complaint. `None` where nobody stands behind the channel, or the report
    /// was not accepted or cancelled; what was cancelled as a duplicate is a repetition all the
    /// more.
    pub fn of(incident: &'a Incident, rules: &Rules) -> Option<Self> {
        let has_caller = rules
            .channel(incident.channel)
            .is_some_and(|channel| channel.has_caller);
        let counts = match incident.state {
            IncidentState::NotAccepted => false,
            IncidentState::Cancelled => incident.duplicate_of.is_some(),
            _ => true,
        };
        (has_caller && counts).then_some(Self {
            id: incident.id,
            category: incident.category,
            caller: incident.particulars.caller.as_ref(),
            location: incident.location,
            at: incident.reported_at,
            is_drill: incident.is_drill,
        })
    }

    /// Whether this one repeats an earlier one about the same matter: of the same category, within
    /// the days, and from the same place or the same caller. How many it repeats is one of the
    /// things that decide its level.
    pub fn repeats(&self, earlier: &Complaint<'_>, rules: &ClusterRules) -> bool {
        let nearness = rules.nearness();
        let age_ms = self.at.ms_since(earlier.at);
        let is_same_caller = self.caller.is_some() && self.caller == earlier.caller;
        self.id != earlier.id
            && self.category == earlier.category
            && self.is_drill == earlier.is_drill
            && (0..=nearness.within_ms).contains(&age_ms)
            && (is_same_caller
                || nearness
                    .distance_m((self.location, self.at), (earlier.location, earlier.at))
                    .is_some())
    }
}

/// The clusters among the complaints, the largest first, then by the number of their first
/// complaint and by kind. The order in which complaints are given does not matter.
pub fn clusters<'a>(
    complaints: impl IntoIterator<Item = Complaint<'a>>,
    rules: &ClusterRules,
) -> Vec<Cluster> {
    let mut complaints: Vec<Complaint<'_>> = complaints.into_iter().collect();
    complaints.sort_by_key(|complaint| (complaint.at, complaint.id));
    complaints.dedup_by_key(|complaint| complaint.id);
    let mut clusters = by_caller(&complaints, rules);
    clusters.extend(by_place(&complaints, rules));
    clusters.sort_by(|a, b| {
        let size = b.incidents.len().cmp(&a.incidents.len());
        size.then_with(|| a.incidents.cmp(&b.incidents))
            .then_with(|| a.kind.cmp(&b.kind))
    });
    clusters
}

/// Chains of one caller, of complaints in the order of their times.
fn by_caller(complaints: &[Complaint<'_>], rules: &ClusterRules) -> Vec<Cluster> {
    let mut callers: BTreeMap<(&CallerId, bool), Vec<&Complaint<'_>>> = BTreeMap::new();
    for complaint in complaints {
        if let Some(caller) = complaint.caller {
            let key = (caller, complaint.is_drill);
            callers.entry(key).or_default().push(complaint);
        }
    }
    let within_ms = rules.nearness().within_ms;
    callers
        .into_iter()
        .flat_map(|((caller, _), list)| {
            list.chunk_by(|a, b| b.at.ms_since(a.at) <= within_ms)
                .filter_map(|chain| cluster(ClusterKind::Caller(caller.clone()), chain, rules))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Chains of one category at one place: what is connected by nearness.
fn by_place(complaints: &[Complaint<'_>], rules: &ClusterRules) -> Vec<Cluster> {
    let mut index = NearIndex::new(rules.nearness());
    let mut chains = Chains::of(complaints.len());
    for (item, complaint) in complaints.iter().enumerate() {
        let kind = (complaint.category, complaint.is_drill);
        let spot = (complaint.location, complaint.at);
        for (other, ..) in index.near(kind, spot) {
            chains.join(item, other);
        }
        index.insert(kind, item, spot);
    }
    let mut members: BTreeMap<usize, Vec<&Complaint<'_>>> = BTreeMap::new();
    for (item, complaint) in complaints.iter().enumerate() {
        members
            .entry(chains.root(item))
            .or_default()
            .push(complaint);
    }
    members
        .into_values()
        .filter_map(|chain| cluster(ClusterKind::Place(chain[0].category), &chain, rules))
        .collect()
}

/// A chain as a cluster, if it is long enough; complaints come in the order of their times.
fn cluster(kind: ClusterKind, chain: &[&Complaint<'_>], rules: &ClusterRules) -> Option<Cluster> {
    let (first, last) = (chain.first()?, chain.last()?);
    let mut incidents: Vec<IncidentId> = chain.iter().map(|complaint| complaint.id).collect();
    incidents.sort_unstable();
    (incidents.len() >= rules.complaints_from as usize).then_some(Cluster {
        kind,
        incidents,
        first_at: first.at,
        last_at: last.at,
    })
}

/// Which items are connected (union by the smaller root, with paths halved).
#[derive(Debug)]
struct Chains(Vec<usize>);

impl Chains {
    fn of(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, mut item: usize) -> usize {
        while self.0[item] != item {
            self.0[item] = self.0[self.0[item]];
            item = self.0[item];
        }
        item
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests;
