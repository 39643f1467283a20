//! The form of a new matter (登记) as a value: what was typed so far, what is wrong with it, and the
//! matter that it makes.

use std::collections::BTreeMap;

use domain::duplicates::Suggestion;
use domain::levels::Harm;
use domain::new_matter::{Known, LONGEST_LINE, MatterFault, caller_of_phone};
use domain::particulars::Particulars;
use domain::places::Crs;
use domain::rules::{CategoryCode, CategoryRule, Rules};
use domain::trail::{Actor, SourceChannel};
use domain::{IncidentId, IntentKey, LonLat, NewMatter, Situation, Timestamp};
use serde::{Deserialize, Serialize};

use crate::state::pinyin::initials;

/// Matches that the field of the category lists at most.
const MOST_MATCHES: usize = 8;

/// The coordinate systems in which somebody may read a place out.
pub const SYSTEMS: [Crs; 4] = [Crs::Cgcs2000, Crs::Wgs84, Crs::Gcj02, Crs::Bd09];

/// Channels by which something reaches the desk itself, the commonest first.
pub const CHANNELS: [SourceChannel; 9] = [
    SourceChannel::DutyPhone,
    SourceChannel::LetterVisit,
    SourceChannel::LeaderInstruction,
    SourceChannel::HigherDispatch,
    SourceChannel::DepartmentTransfer,
    SourceChannel::EmergencyOffice,
    SourceChannel::PropertyCompany,
    SourceChannel::Media,
    SourceChannel::Inspection,
];

/// What was typed so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The key of the intent, minted when the form was opened and used by every click on it.
    pub key: IntentKey,
    /// The key of the note on another matter that may be written instead.
    pub note_key: IntentKey,
    /// When the telephone rang.
    pub at: Timestamp,
    /// Category, once chosen.
    pub category: Option<CategoryCode>,
    /// What is searched for among the categories.
    pub search: String,
    /// Title; empty takes the name of the category.
    pub title: String,
    /// What was reported.
    pub description: String,
    /// Address in words.
    pub address: String,
    /// Longitude as typed or taken from the map.
    pub lon: String,
    /// Latitude.
    pub lat: String,
    /// The system of both.
    pub crs: Crs,
    /// Channel.
    pub channel: SourceChannel,
    /// How the caller is called.
    pub caller: String,
    /// Where the caller can be called back.
    pub phone: String,
    /// What is in danger.
    pub harm: Harm,
    /// How many people are affected, as typed.
    pub people: String,
    /// Whether it belongs to the drill that is on; `None` while nobody has said.
    pub is_drill: Option<bool>,
}

/// A field with a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The category.
    Category,
    /// The title.
    Title,
    /// The place.
    Place,
    /// The address.
    Address,
    /// The description.
    Description,
    /// How many people.
    People,
    /// Drill or not.
    Drill,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No category is chosen, or the rules in force do not know it any more.
    NoCategory,
    /// Neither a place on the map nor coordinates.
    NoPlace,
    /// Something that is no coordinate.
    NoCoordinate,
    /// It has more characters than this.
    TooLong(usize),
    /// It is no number.
    NoNumber,
    /// A drill is on, and nobody has said whether this belongs to it.
    DrillUnsaid,
    /// It was to belong to a drill, and that has ended.
    DrillOver,
}

/// Everything that is wrong, field by field.
pub type Faults = BTreeMap<Field, Fault>;

impl Draft {
    /// An empty form.
    pub fn new(key: IntentKey, note_key: IntentKey, at: Timestamp) -> Self {
        Self {
            key,
            note_key,
            at,
            category: None,
            search: String::new(),
            title: String::new(),
            description: String::new(),
            address: String::new(),
            lon: String::new(),
            lat: String::new(),
            crs: Crs::default(),
            channel: SourceChannel::DutyPhone,
            caller: String::new(),
            phone: String::new(),
            harm: Harm::None,
            people: String::new(),
            is_drill: None,
        }
    }

    /// Whether nothing has been typed that would be a pity to lose.
    pub fn is_empty(&self) -> bool {
        let untouched = Self {
            crs: self.crs,
            ..Self::new(self.key, self.note_key, self.at)
        };
        *self == untouched
    }

    /// The number under which the matter is shown once it is taken in.
    pub const fn provisional(&self) -> IncidentId {
        IncidentId::provisional(self.key)
    }

    /// Takes a place of the map, which is in CGCS2000.
    pub fn put_place(&mut self, place: LonLat) {
        self.crs = Crs::Cgcs2000;
        self.lon = format!("{:.6}", place.lon);
        self.lat = format!("{:.6}", place.lat);
    }

    /// Chooses a category.
    pub fn choose(&mut self, rule: &CategoryRule) {
        self.category = Some(rule.code);
        self.search.clone_from(&rule.name);
    }

    /// Whether somebody has to say if it belongs to a drill: while one is on, and after it while this
    /// is still said to belong to it.
    pub fn asks_about_drill(&self, is_drill_on: bool) -> bool {
        is_drill_on || self.is_drill == Some(true)
    }

    /// The coordinates as numbers.
    fn location(&self) -> Result<LonLat, Fault> {
        let (lon, lat) = (self.lon.trim(), self.lat.trim());
        if lon.is_empty() && lat.is_empty() {
            return Err(Fault::NoPlace);
        }
        let number = |text: &str| text.parse::<f64>().ok().filter(|n| n.is_finite());
        match (number(lon), number(lat)) {
            (Some(lon), Some(lat)) => Ok(LonLat::new(lon, lat)),
            _ => Err(Fault::NoCoordinate),
        }
    }

    /// Where it is, in CGCS2000, as far as what is typed says it.
    pub fn place(&self) -> Option<LonLat> {
        let LonLat { lon, lat } = self.location().ok()?;
        self.crs.to_cgcs2000(lon, lat).ok()
    }

    /// The description with who called and where they can be called back, which a wall does not
    /// show.
    fn whole_description(&self, words: &CallerWords) -> String {
        let (caller, phone) = (self.caller.trim(), self.phone.trim());
        let mut lines = vec![self.description.trim().to_owned()];
        if !caller.is_empty() {
            lines.push(format!("{}{caller}", words.caller));
        }
        if !phone.is_empty() {
            lines.push(format!("{}{phone}", words.phone));
        }
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }

    /// The matter that the form makes, or what is wrong with it.
    pub fn matter(&self, of: &Surroundings<'_>) -> Result<NewMatter, Faults> {
        let mut faults = Faults::new();
        let rule = self.category.and_then(|code| of.rules.category(code));
        if rule.is_none() {
            faults.insert(Field::Category, Fault::NoCategory);
        }
        let location = self.location().unwrap_or_else(|fault| {
            faults.insert(Field::Place, fault);
            LonLat::default()
        });
        let people = match self.people.trim() {
            "" => 0,
            typed => typed.parse().unwrap_or_else(|_| {
                faults.insert(Field::People, Fault::NoNumber);
                0
            }),
        };
        // What is said stands: a drill that ends elsewhere makes nothing real of what belonged to it.
        match self.is_drill {
            None if of.is_drill_on => faults.insert(Field::Drill, Fault::DrillUnsaid),
            Some(true) if !of.is_drill_on => faults.insert(Field::Drill, Fault::DrillOver),
            _ => None,
        };
        let title = self.title.trim();
        let named = rule.map(|rule| rule.name.as_str()).unwrap_or_default();
        let matter = NewMatter {
            category: self.category.unwrap_or(NO_CATEGORY),
            channel: self.channel,
            title: if title.is_empty() { named } else { title }.to_owned(),
            description: self.whole_description(of.words),
            address: self.address.trim().to_owned(),
            location,
            crs: self.crs,
            particulars: Particulars {
                harm: self.harm,
                people_affected: people,
                caller: caller_of_phone(of.street, &self.phone),
                ..Particulars::default()
            },
            is_drill: self.is_drill == Some(true),
        };
        for fault in matter.faults(of.rules) {
            let (field, fault) = field_of(fault);
            faults.entry(field).or_insert(fault);
        }
        if faults.is_empty() {
            Ok(matter)
        } else {
            Err(faults)
        }
    }

    /// The remark that says the same on another matter.
    pub fn as_note(&self, rules: &Rules, words: &CallerWords) -> String {
        let named = self.category.and_then(|code| rules.category(code));
        let title = self.title.trim();
        let title = match named {
            Some(rule) if title.is_empty() => rule.name.as_str(),
            _ => title,
        };
        let parts = [
            format!("{}{title}", words.again),
            self.address.trim().to_owned(),
            self.whole_description(words),
        ];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("\n")
    }

    /// Open matters that are likely the same one, nearest first.
    pub fn duplicates(&self, situation: &Situation, rules: &Rules) -> Vec<Suggestion> {
        let (Some(category), Some(place)) = (self.category, self.place()) else {
            return Vec::new();
        };
        let matter = NewMatter {
            category,
            channel: self.channel,
            title: String::new(),
            description: String::new(),
            address: String::new(),
            location: place,
            crs: Crs::Cgcs2000,
            particulars: Particulars::default(),
            is_drill: self.is_drill == Some(true),
        };
        let by = Actor::Channel(self.channel);
        let shown = matter.shown_as(self.provisional(), by, self.at, &Known::default());
        let mut found = situation.duplicates_of(&shown, &rules.duplicates);
        found.retain(|suggestion| {
            let other = situation.incidents.get(&suggestion.of);
            other.is_some_and(|other| other.state.is_open())
        });
        found
    }
}

/// Stands for a category while none is chosen; no rules know it.
const NO_CATEGORY: CategoryCode = CategoryCode {
    kind: domain::rules::CategoryKind::Event,
    major: 0,
    minor: 0,
};

const fn field_of(fault: MatterFault) -> (Field, Fault) {
    match fault {
        MatterFault::UnknownCategory | MatterFault::NoTitle => (Field::Category, Fault::NoCategory),
        MatterFault::LongTitle => (Field::Title, Fault::TooLong(LONGEST_LINE)),
        MatterFault::LongAddress => (Field::Address, Fault::TooLong(LONGEST_LINE)),
        MatterFault::LongDescription => (
            Field::Description,
            Fault::TooLong(domain::new_matter::LONGEST_TEXT),
        ),
        MatterFault::NoPlace => (Field::Place, Fault::NoCoordinate),
    }
}

/// What the form is filled in under.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The rules in force.
    pub rules: &'a Rules,
    /// The street.
    pub street: &'a str,
    /// Whether a drill is on.
    pub is_drill_on: bool,
    /// Words that the text of the matter is made with.
    pub words: &'a CallerWords,
}

/// How a caller is written down.
#[derive(Debug, Clone, Default)]
pub struct CallerWords {
    /// Before the caller's name.
    pub caller: String,
    /// Before the telephone number.
    pub phone: String,
    /// Before what is noted on another matter.
    pub again: String,
}

/// The categories that a text may mean, best first: those of that code, then those whose name, or
/// the first letters of whose name, begin with it, then those that have it anywhere. An empty text
/// means all.
pub fn matches<'a>(text: &str, rules: &'a Rules) -> Vec<&'a CategoryRule> {
    let wanted: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    let mut found: Vec<(u8, &CategoryRule)> = rules
        .categories
        .iter()
        .filter_map(|rule| Some((rank(&wanted, rule)?, rule)))
        .collect();
    found.sort_by_key(|(rank, rule)| (*rank, rule.code));
    let best = found.into_iter().take(MOST_MATCHES);
    best.map(|(_, rule)| rule).collect()
}

fn rank(wanted: &str, rule: &CategoryRule) -> Option<u8> {
    let code = rule.code.to_string().to_lowercase();
    let bare: String = code.chars().filter(char::is_ascii_digit).collect();
    let digits: String = wanted.chars().filter(char::is_ascii_digit).collect();
    let name = rule.name.to_lowercase();
    let letters = initials(&rule.name);
    // Nobody types the point of a code.
    let is_code = code.replace('.', "").starts_with(&wanted.replace('.', ""))
        || (digits == wanted && bare.starts_with(wanted));
    if is_code {
        return Some(0);
    }
    if name.starts_with(wanted) || letters.starts_with(wanted) {
        return Some(1);
    }
    let is_within = name.contains(wanted)
        || letters.contains(wanted)
        || rule.major_name.to_lowercase().contains(wanted)
        || initials(&rule.major_name).starts_with(wanted);
    is_within.then_some(2)
}

#[cfg(test)]
mod tests;
