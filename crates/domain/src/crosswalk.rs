//! Crosswalks: the numbers and classes of other systems, and ours, without loss.
//!
//! Many classes of another system may be one category of ours. Nothing is lost by that, because a
//! report keeps the number and the class that it came with ([`ForeignRecord`]), and an answer goes
//! back under them. A matter of our own goes out under the one class that is marked for sending,
//! and comes back as the category that it had. What nothing maps waits in a queue, counted, until
//! somebody completes the file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::IncidentId;
use crate::particulars::ForeignRecord;
use crate::rules::{CategoryCode, Rules};
use crate::time::Timestamp;

/// One class of another system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassMapping {
    /// The class, exactly as the other system writes it.
    pub class: String,
    /// Ours.
    pub category: CategoryCode,
    /// Whether matters of the category that began with us go out under this class; one class of
    /// each category is.
    pub is_sent: bool,
}

/// The classes of one other system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crosswalk {
    /// The system, as records name it.
    pub system: String,
    /// In the order of the file.
    pub classes: Vec<ClassMapping>,
}

impl Crosswalk {
    /// Our category of a class.
    pub fn category_of(&self, class: &str) -> Option<CategoryCode> {
        let mut classes = self.classes.iter();
        let found = classes.find(|mapping| mapping.class == class);
        found.map(|mapping| mapping.category)
    }

    /// The class under which a category of ours goes out.
    pub fn class_of(&self, category: CategoryCode) -> Option<&str> {
        self.classes
            .iter()
            .find(|mapping| mapping.is_sent && mapping.category == category)
            .map(|mapping| mapping.class.as_str())
    }

    /// The class of an answer about a matter: the one that it came with, or that of its category.
    pub fn class_of_answer<'a>(
        &'a self,
        origin: Option<&'a ForeignRecord>,
        category: CategoryCode,
    ) -> Option<&'a str> {
        origin
            .filter(|origin| origin.system == self.system)
            .map(|origin| origin.class.as_str())
            .or_else(|| self.class_of(category))
    }
}

impl Rules {
    /// The crosswalk of a system.
    pub fn crosswalk(&self, system: &str) -> Option<&Crosswalk> {
        self.crosswalks.iter().find(|walk| walk.system == system)
    }

    /// Our category of a class of another system, or a note in the queue of what nothing maps.
    pub fn translate(
        &self,
        system: &str,
        class: &str,
        at: Timestamp,
        queue: &mut UnmappedQueue,
    ) -> Option<CategoryCode> {
        let category = self
            .crosswalk(system)
            .and_then(|walk| walk.category_of(class));
        if category.is_none() {
            queue.note(system, class, at);
        }
        category
    }
}

/// A class that nothing maps yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmapped {
    /// The system that sent it.
    pub system: String,
    /// The class, exactly as it came.
    pub class: String,
    /// How many records had it.
    pub count: u64,
    /// When the first came.
    pub first_seen: Timestamp,
    /// When the last came.
    pub last_seen: Timestamp,
}

/// The classes that nothing maps, for whoever completes the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnmappedQueue(BTreeMap<(String, String), Unmapped>);

impl UnmappedQueue {
    /// Counts one more record of a class.
    pub fn note(&mut self, system: &str, class: &str, at: Timestamp) {
        let waiting = self
            .0
            .entry((system.to_owned(), class.to_owned()))
            .or_insert_with(|| Unmapped {
                system: system.to_owned(),
                class: class.to_owned(),
                count: 0,
                first_seen: at,
                last_seen: at,
            });
        waiting.count += 1;
        waiting.first_seen = waiting.first_seen.min(at);
        waiting.last_seen = waiting.last_seen.max(at);
    }

    /// Takes out what the rules map by now.
    pub fn settle(&mut self, rules: &Rules) {
        self.0.retain(|(system, class), _| {
            let walk = rules.crosswalk(system);
            walk.and_then(|walk| walk.category_of(class)).is_none()
        });
    }

    /// What waits, the most frequent first, then by system and class.
    pub fn waiting(&self) -> Vec<&Unmapped> {
        let mut waiting: Vec<&Unmapped> = self.0.values().collect();
        waiting.sort_by_key(|unmapped| std::cmp::Reverse(unmapped.count));
        waiting
    }
}

/// Why two numbers cannot be tied together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TieRefused {
    /// The other system's number belongs to another incident of ours.
    #[error("number {id} of {system} is incident {incident} already")]
    RecordTaken {
        /// The system.
        system: String,
        /// Its number.
        id: String,
        /// The incident that has it.
        incident: IncidentId,
    },
    /// Our incident has another number there.
    #[error("incident {incident} is number {id} of {system} already")]
    IncidentTaken {
        /// The system.
        system: String,
        /// The number that it has there.
        id: String,
        /// The incident.
        incident: IncidentId,
    },
}

/// Numbers of other systems and ours: one to one within each system, so that each leads back to
/// the other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NumberCrosswalk {
    ours: BTreeMap<(String, String), IncidentId>,
    theirs: BTreeMap<(String, IncidentId), String>,
}

impl NumberCrosswalk {
    /// Ties a number of another system to an incident; once more changes nothing.
    pub fn tie(&mut self, system: &str, id: &str, incident: IncidentId) -> Result<(), TieRefused> {
        let (record, own) = (
            (system.to_owned(), id.to_owned()),
            (system.to_owned(), incident),
        );
        if let Some(taken) = self.ours.get(&record).filter(|taken| **taken != incident) {
            return Err(TieRefused::RecordTaken {
                system: record.0,
                id: record.1,
                incident: *taken,
            });
        }
        if let Some(taken) = self.theirs.get(&own).filter(|taken| *taken != id) {
            return Err(TieRefused::IncidentTaken {
                system: record.0,
                id: taken.clone(),
                incident,
            });
        }
        self.ours.insert(record, incident);
        self.theirs.insert(own, id.to_owned());
        Ok(())
    }

    /// The incident of another system's number.
    pub fn incident(&self, system: &str, id: &str) -> Option<IncidentId> {
        let record = (system.to_owned(), id.to_owned());
        self.ours.get(&record).copied()
    }

    /// The number that an incident has in another system.
    pub fn number(&self, system: &str, incident: IncidentId) -> Option<&str> {
        let own = (system.to_owned(), incident);
        self.theirs.get(&own).map(String::as_str)
    }
}

#[cfg(test)]
mod tests;
