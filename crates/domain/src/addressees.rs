//! To whom an order goes: one person, several, a whole grid or a group, resolved at the moment at
//! which it is given, with a verdict on each.
//!
//! Everybody's order has a key of its own, derived from the key of the officer's intent and the
//! roster number ([`order_key`]), so that it is the same at every retry and each person is ordered
//! once. Who gets none, and why, spoils nothing for the others.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::admission::NotAdmitted;
use crate::ids::{GridCode, GroupId, IntentKey, OrderId, PersonId};
use crate::incidents::{Incident, duty_of_post};
use crate::modes::Mode;
use crate::people::Person;
use crate::places::Grid;
use crate::roster::Roster;
use crate::rules::Rules;
use crate::time::Timestamp;
use crate::trail::DispatchDuty;

/// People whom one act orders at most: more is a slip of the hand.
pub const MOST_ADDRESSEES: usize = 500;
/// No hierarchy of grids is deeper; a cycle in bad data ends here.
const DEEPEST_GRID: usize = 16;
/// Keeps the derived keys apart from every other use of the hash.
const KEY_DOMAIN: &[u8] = b"streethall order of a proposal";

/// To whom an officer gives an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Addressees {
    /// One person.
    One(PersonId),
    /// Several, named one by one; a person named twice is ordered once.
    Several(Vec<PersonId>),
    /// Everybody on duty whose own grid is this one or lies in it.
    Grid(GridCode),
    /// Everybody on duty who belongs to the group.
    Group(GroupId),
}

impl Addressees {
    /// Whether the officer has named each person, and not a place or group.
    const fn are_named(&self) -> bool {
        matches!(self, Self::One(_) | Self::Several(_))
    }
}

/// Why somebody gets no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotAddressed {
    /// The roster has no such person.
    NotInRoster,
    /// An order about the matter is under way to them already.
    OnTheWayAlready,
    /// The responsibility list does not charge the post, and no reason was given for sending anyway.
    NotAdmitted {
        /// Why.
        why: NotAdmitted,
    },
    /// Off duty; an order to a grid or group calls nobody from home.
    OffDuty,
    /// The person would assist in a joint handling, and no lead is under way or sent by this act.
    LeadFirst,
}

/// One person of an order to many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addressee {
    /// Who.
    pub person: PersonId,
    /// The key of this person's order, whether it is sent or not.
    pub order: OrderId,
    /// Why it is not sent; `None` when it is.
    pub not_sent: Option<NotAddressed>,
    /// As lead, or as assistant of a joint handling.
    #[serde(default)]
    pub duty: DispatchDuty,
}

/// What is known at the moment at which an order is given.
#[derive(Debug, Clone, Copy)]
pub struct Muster<'a> {
    /// The roster.
    pub people: &'a BTreeMap<PersonId, Person>,
    /// The same, prepared for questions about instants.
    pub roster: &'a Roster<'a>,
    /// Grids of all levels; needed for an order to a grid only.
    pub grids: &'a [Grid],
    /// People to whom an order about the matter is under way.
    pub on_their_way: &'a BTreeSet<PersonId>,
    /// The matter.
    pub incident: &'a Incident,
    /// The rules in force.
    pub rules: &'a Rules,
    /// Whether the officer gives a reason for sending those who are not responsible.
    pub is_overridden: bool,
    /// The mode in which the roster is asked who is on duty.
    pub duty_mode: Mode,
    /// When.
    pub now: Timestamp,
}

/// Why an order has no addressees at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddresseesError {
    /// Nobody is named, or belongs to the grid or group.
    #[error("nobody is addressed: name people, or a grid or group that has some")]
    Nobody,
    /// More people than one act may order.
    #[error(
        "{count} people are addressed, more than {MOST_ADDRESSEES}: name a smaller grid or group"
    )]
    TooMany {
        /// How many.
        count: usize,
    },
}

/// The key of the order to one person out of an act to several: a UUID of version 8 (RFC 9562)
/// whose free bits are the first of SHA-256 over a fixed text, the key of the act and the roster
/// number, so that the same act gives the same person the same key at every retry, and no two
/// share one.
pub fn order_key(act: IntentKey, person: PersonId) -> OrderId {
    let mut digest = Sha256::new();
    digest.update(KEY_DOMAIN);
    digest.update(act.0.as_bytes());
    digest.update(person.0.to_be_bytes());
    let hash = digest.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    IntentKey(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// Everybody addressed, each with the verdict: those who lead before those who assist, and each in
/// the order of their roster numbers.
pub fn resolve(
    addressees: &Addressees,
    act: IntentKey,
    muster: &Muster<'_>,
) -> Result<Vec<Addressee>, AddresseesError> {
    let addressed = members(addressees, muster);
    match addressed.len() {
        0 => Err(AddresseesError::Nobody),
        count if count > MOST_ADDRESSEES => Err(AddresseesError::TooMany { count }),
        _ => Ok(judged(addressed, act, addressees.are_named(), muster)),
    }
}

fn judged(
    addressed: BTreeSet<PersonId>,
    act: IntentKey,
    are_named: bool,
    muster: &Muster<'_>,
) -> Vec<Addressee> {
    let judge = |person| Addressee {
        person,
        order: order_key(act, person),
        not_sent: objection(person, are_named, muster),
        duty: muster.duty(person),
    };
    let mut judged: Vec<_> = addressed.into_iter().map(judge).collect();
    judged.sort_by_key(|one| one.duty == DispatchDuty::Assist);
    let leads = |one: &Addressee| one.duty == DispatchDuty::Lead && one.not_sent.is_none();
    if muster.incident.orders.is_empty() && !judged.iter().any(leads) {
        for assistant in judged.iter_mut().filter(|one| one.not_sent.is_none()) {
            assistant.not_sent = Some(NotAddressed::LeadFirst);
        }
    }
    judged
}

impl Muster<'_> {
    /// The duty that the person has when sent to the matter.
    fn duty(&self, person: PersonId) -> DispatchDuty {
        let person = self.people.get(&person);
        person.map_or(DispatchDuty::default(), |person| {
            duty_of_post(self.incident, person.post, self.rules)
        })
    }
}

fn members(addressees: &Addressees, muster: &Muster<'_>) -> BTreeSet<PersonId> {
    let all_who = |belongs: &dyn Fn(&Person) -> bool| {
        let people = muster.people.values();
        people.filter(|p| belongs(p)).map(|p| p.id).collect()
    };
    match addressees {
        Addressees::One(person) => BTreeSet::from([*person]),
        Addressees::Several(people) => people.iter().copied().collect(),
        Addressees::Group(group) => all_who(&|person| person.groups.contains(group)),
        Addressees::Grid(code) => {
            let parents: BTreeMap<&GridCode, &GridCode> = muster
                .grids
                .iter()
                .filter_map(|grid| Some((&grid.code, grid.parent.as_ref()?)))
                .collect();
            all_who(&|person| {
                let chain = std::iter::successors(person.home_grid.as_ref(), |grid| {
                    parents.get(grid).copied()
                });
                chain.take(DEEPEST_GRID).any(|grid| grid == code)
            })
        }
    }
}

fn objection(id: PersonId, is_named: bool, muster: &Muster<'_>) -> Option<NotAddressed> {
    let Some(person) = muster.people.get(&id) else {
        return Some(NotAddressed::NotInRoster);
    };
    let list = muster.rules.category(muster.incident.category);
    let listed = list.map_or(Err(NotAdmitted::NoList), |list| {
        list.admits(person.post, muster.duty(id))
    });
    if muster.on_their_way.contains(&id) {
        Some(NotAddressed::OnTheWayAlready)
    } else if let (Err(why), false) = (listed, muster.is_overridden) {
        Some(NotAddressed::NotAdmitted { why })
    } else if !is_named
        && muster
            .roster
            .on_duty(person, muster.now, muster.duty_mode)
            .is_none()
    {
        Some(NotAddressed::OffDuty)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
