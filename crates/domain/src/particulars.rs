//! What a report says of a matter beside its place, its category and its words.

use serde::{Deserialize, Serialize};

use crate::ids::{CallerId, IncidentId};
use crate::levels::Harm;

/// A record of another system: its number there, and the class that it has there.
///
/// Both are kept as they came, so that an answer goes back under the same number and class whatever
/// our own category became.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ForeignRecord {
    /// The system, as the crosswalk names it.
    pub system: String,
    /// Its number there.
    pub id: String,
    /// Its class there.
    pub class: String,
}

/// What decides the level and ties repetitions together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Particulars {
    /// What is in danger.
    pub harm: Harm,
    /// How many people are affected, as far as is known.
    pub people_affected: u32,
    /// How often the same matter was reported before: on a report, as the channel counts; on an
    /// incident, the larger of that and of what the backend has counted itself.
    pub repeats: u32,
    /// Who reported it, where the channel tells callers apart.
    pub caller: Option<CallerId>,
    /// The record of another system that it came from.
    pub origin: Option<ForeignRecord>,
    /// The provisional number under which a hall showed the matter before it had this one: whoever
    /// knows the matter by it finds it again. Only a report taken in at a desk has one.
    pub provisional: Option<IncidentId>,
}
