//! A new matter as an officer takes it in (登记): by telephone at the desk, from a letter, from
//! whoever stands at the counter.
//!
//! The backend decides about it as about a report of any other channel. Until it has, a hall shows
//! the matter as the same rules make it of what the hall knows.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ids::{CallerId, IncidentId, IntentKey};
use crate::incidents::{Incident, Level, decide_report};
use crate::modes::{ModeSession, rules_in_mode};
use crate::particulars::Particulars;
use crate::places::{Crs, GridIndex, GridPath, LonLat};
use crate::rules::{CategoryCode, Rules};
use crate::time::Timestamp;
use crate::trail::{Action, Actor, ReportFacts, SourceChannel, TrailEntry};

/// Longest line, such as a title or an address, in characters.
pub const LONGEST_LINE: usize = 200;
/// Longest text, such as a description or a remark, in characters.
pub const LONGEST_TEXT: usize = 4_000;

/// What was reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewMatter {
    /// Category.
    pub category: CategoryCode,
    /// How it came to the desk.
    pub channel: SourceChannel,
    /// One line for lists.
    pub title: String,
    /// What was reported, in full.
    pub description: String,
    /// Address in words.
    pub address: String,
    /// Where, in degrees of [`NewMatter::crs`].
    pub location: LonLat,
    /// The coordinate system of the location.
    pub crs: Crs,
    /// Harm, people affected and caller.
    pub particulars: Particulars,
    /// Whether it belongs to a drill (演练); nothing changes that later.
    pub is_drill: bool,
}

/// What keeps a matter from being taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatterFault {
    /// The rules in force do not know the category.
    UnknownCategory,
    /// The title is empty.
    NoTitle,
    /// The title has more than [`LONGEST_LINE`] characters.
    LongTitle,
    /// So has the address.
    LongAddress,
    /// The description has more than [`LONGEST_TEXT`] characters.
    LongDescription,
    /// The location is none of the coordinate system, or that is in metres.
    NoPlace,
}

impl NewMatter {
    /// Everything that keeps it from being taken in.
    pub fn faults(&self, rules: &Rules) -> Vec<MatterFault> {
        let is_longer = |text: &str, most: usize| text.chars().count() > most;
        let found = [
            (
                rules.category(self.category).is_none(),
                MatterFault::UnknownCategory,
            ),
            (self.title.trim().is_empty(), MatterFault::NoTitle),
            (is_longer(&self.title, LONGEST_LINE), MatterFault::LongTitle),
            (
                is_longer(&self.address, LONGEST_LINE),
                MatterFault::LongAddress,
            ),
            (
                is_longer(&self.description, LONGEST_TEXT),
                MatterFault::LongDescription,
            ),
            (self.place().is_none(), MatterFault::NoPlace),
        ];
        let found = found.into_iter().filter(|(is_so, _)| *is_so);
        found.map(|(_, fault)| fault).collect()
    }

    /// Where it is, in CGCS2000; `None` for what is no place in degrees.
    pub fn place(&self) -> Option<LonLat> {
        if self.crs.is_projected() {
            return None;
        }
        let LonLat { lon, lat } = self.location;
        self.crs.to_cgcs2000(lon, lat).ok()
    }

    /// The facts of the report, with the level of its category until [`decide_level`] is asked.
    pub fn facts(&self, location: LonLat, grids: GridPath, level: Level) -> ReportFacts {
        ReportFacts {
            category: self.category,
            channel: self.channel,
            title: self.title.clone(),
            description: self.description.clone(),
            address: self.address.clone(),
            location,
            source_crs: self.crs,
            grids,
            level,
            level_reason: String::new(),
            level_reason_en: String::new(),
            particulars: self.particulars.clone(),
            is_drill: self.is_drill,
        }
    }

    /// The matter as a hall shows it from the click until the backend has numbered it: under a
    /// provisional number, with grids, level and clock as far as rules and grids are at hand.
    /// `version` is that of the reference data they come from; a later one shows it anew.
    pub fn shown_as(
        &self,
        id: IncidentId,
        by: Actor,
        at: Timestamp,
        known: &Known<'_>,
    ) -> Incident {
        let location = self.place().unwrap_or(self.location);
        let grids = known.grids.map(|grids| grids.locate(location));
        let mut facts = self.facts(location, grids.unwrap_or_default(), Level::Small);
        facts.particulars.provisional = None;
        let mut clock = None;
        let mut rules_version = String::new();
        if let Some(rules) = known.rules {
            decide_level(rules, &mut facts);
            let matter = rules_in_mode(rules, known.mode).for_matter(self.category, self.is_drill);
            clock = decide_report(at, &matter.effective()).clock;
            rules_version.clone_from(&rules.version);
        }
        let entry = TrailEntry {
            incident: id,
            step: 1,
            action: Action::Report(Box::new(facts.clone())),
            state: crate::incidents::IncidentState::Reported,
            by,
            from: None,
            reason: None,
            mandate: None,
            occurred_at: at,
            recorded_at: at,
            clock,
            rules_version,
            previous_hash: String::new(),
            hash: String::new(),
        };
        Incident {
            fold_version: known.version,
            ..Incident::first(&entry, facts)
        }
    }
}

/// What a hall knows when it shows a matter that the backend has not seen yet.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The rules in force; without them the matter has no clock and a level that says nothing.
    pub rules: Option<&'a Rules>,
    /// The grids; without them it lies in none.
    pub grids: Option<&'a GridIndex>,
    /// The mode in force.
    pub mode: ModeSession,
    /// Version of the reference data that rules and grids come from.
    pub version: u64,
}

/// Decides the level of a report by its category and particulars; where the rules do not know the
/// category it stays as it is.
pub fn decide_level(rules: &Rules, facts: &mut ReportFacts) {
    if let Some(decided) = rules.level_of(facts.category, &facts.particulars) {
        facts.level = decided.level;
        facts.level_reason = decided.reason.zh;
        facts.level_reason_en = decided.reason.en;
    }
}

/// The pseudonym of whoever calls from a telephone number: the same for every call from it within a
/// street, so that repeated calls are recognised, and nothing that can be dialled. `None` for what
/// has no digits.
pub fn caller_of_phone(street: &str, phone: &str) -> Option<CallerId> {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() {
        return None;
    }
    let mut digest = Sha256::new();
    digest.update(street.as_bytes());
    digest.update([0]);
    digest.update(digits.as_bytes());
    let hash = digest.finalize();
    let hex: Vec<String> = hash
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Some(CallerId(format!("tel-{}", hex.concat())))
}

/// The report that a key takes in.
pub const fn intent_of(key: IntentKey, matter: Box<NewMatter>) -> crate::intents::Intent {
    crate::intents::Intent::Report {
        incident: IncidentId::provisional(key),
        matter,
    }
}

#[cfg(test)]
mod tests;
