//! People on duty and what each of them is doing.

use std::collections::BTreeSet;

use domain::modes::{Mode, rules_in_mode};
use domain::people::{Person, PersonClass, PositionAge};
use domain::roster::Roster;
use domain::{PersonId, Situation, Timestamp};

use super::catalogue::Catalogue;

/// What a person is doing, for colours and words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Activity {
    /// On duty without an order.
    Available,
    /// With an order under way.
    Busy,
    /// Off duty.
    OffDuty,
}

impl Activity {
    /// All activities in the order of the map's palette.
    pub const ALL: [Self; 3] = [Self::Available, Self::Busy, Self::OffDuty];
}

/// People with an order under way.
fn busy_people(situation: &Situation) -> BTreeSet<PersonId> {
    let orders = situation.orders.values();
    orders
        .filter(|order| order.state().is_under_way())
        .map(|order| order.to)
        .collect()
}

/// What everybody is doing at an instant.
#[derive(Debug)]
pub struct Activities<'a> {
    busy: BTreeSet<PersonId>,
    roster: Roster<'a>,
    duty_mode: Mode,
    shows_outside_roster: bool,
    now: Timestamp,
}

impl<'a> Activities<'a> {
    /// The activities in a situation; without rules as on an ordinary day. Who is called for an
    /// exercise is on duty for the exercise alone.
    pub fn at(situation: &'a Situation, catalogue: Option<&Catalogue>, now: Timestamp) -> Self {
        let rules = catalogue.map(|c| &c.reference.rules);
        let in_mode = rules.map(|rules| rules_in_mode(rules, situation.mode.session));
        Self {
            busy: busy_people(situation),
            roster: Roster::of(situation.people.values()),
            duty_mode: in_mode.map_or(Mode::Normal, |mode| mode.duty_mode(false)),
            shows_outside_roster: in_mode.is_some_and(|m| m.position_mode() != Mode::Normal),
            now,
        }
    }

    /// What a person is doing; an order outweighs the roster.
    pub fn of(&self, person: &Person) -> Activity {
        if self.busy.contains(&person.id) {
            Activity::Busy
        } else if self.is_on_duty(person) {
            Activity::Available
        } else {
            Activity::OffDuty
        }
    }

    /// Whether a position of the person may be shown. The backend has decided already; this hides
    /// what the hall has kept from before, while the line is down for one.
    pub fn shows(&self, person: &Person) -> bool {
        self.shows_outside_roster || self.of(person) != Activity::OffDuty
    }

    fn is_on_duty(&self, person: &Person) -> bool {
        let by = self.roster.on_duty(person, self.now, self.duty_mode);
        by.is_some()
    }
}

/// Age of a person's newest position.
pub fn position_age(situation: &Situation, person: PersonId, now: Timestamp) -> PositionAge {
    situation
        .positions
        .get(&person)
        .map_or(PositionAge::Lost, |fix| PositionAge::of(fix.at, now))
}

/// People of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassCount {
    /// The class.
    pub class: PersonClass,
    /// How many are on duty.
    pub on_duty: usize,
    /// How many of those have an order under way.
    pub busy: usize,
    /// How many of those have a fresh position.
    pub located: usize,
    /// How many the roster has.
    pub roster: usize,
}

/// People on duty by class, in the order of [`PersonClass::ALL`].
pub fn on_duty(
    situation: &Situation,
    catalogue: Option<&Catalogue>,
    now: Timestamp,
) -> [ClassCount; 3] {
    let activities = Activities::at(situation, catalogue, now);
    let mut counts = PersonClass::ALL.map(|class| ClassCount {
        class,
        on_duty: 0,
        busy: 0,
        located: 0,
        roster: 0,
    });
    for person in situation.people.values() {
        let Some(count) = counts.iter_mut().find(|c| c.class == person.class()) else {
            continue;
        };
        count.roster += 1;
        if !activities.is_on_duty(person) {
            continue;
        }
        count.on_duty += 1;
        count.busy += usize::from(activities.busy.contains(&person.id));
        let age = position_age(situation, person.id, now);
        count.located += usize::from(age == PositionAge::Fresh);
    }
    counts
}

/// When the newest position was measured.
pub fn newest_position(situation: &Situation) -> Option<Timestamp> {
    situation.positions.values().map(|fix| fix.at).max()
}
