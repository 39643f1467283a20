//! 值班: the log of the duty desk, and the handover (交接班) that both officers sign.
//!
//! A handover is one sheet: what is open, what is undone, what still waits in the outbox, and the
//! remarks. Whatever is undone blocks it until the incoming officer takes it over by name, with a
//! remark. Each of the two signs by a proposal of their own, so that the backend knows of each that
//! it was they; the two may arrive in any order and days apart.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ids::{IncidentId, IntentKey, OfficerId};
use crate::incidents::{Incident, IncidentState};
use crate::situation::Situation;
use crate::time::Timestamp;
use crate::trail::OfficerRole;

/// Entries of the duty log that a hall keeps: more than a week of a busy desk. The newest by time
/// and key are kept, so that every copy of the log keeps the same ones, in whatever order they came.
pub const KEPT_ENTRIES: usize = 400;
/// Handovers that a hall keeps, two or three a day.
pub const KEPT_HANDOVERS: usize = 60;

/// One entry of the duty log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Key of the intent that wrote it.
    pub id: IntentKey,
    /// Who wrote it.
    pub officer: OfficerId,
    /// When it was written at the desk.
    pub at: Timestamp,
    /// When the backend recorded it.
    pub recorded_at: Timestamp,
    /// What happened.
    pub text: String,
}

/// Something that must not be left behind unsaid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undone {
    /// A proposal that the backend refused and nobody has decided about.
    Parked {
        /// The proposal.
        key: IntentKey,
        /// What it is about.
        incident: Option<IncidentId>,
    },
    /// A matter past its deadline on which nobody works: no order about it is under way, sent or
    /// still queued.
    Overdue {
        /// The matter.
        incident: IncidentId,
    },
}

/// Something undone that the incoming officer takes over by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenOver {
    /// What.
    pub what: Undone,
    /// What is to be done about it, or why it stands so.
    pub remark: String,
}

/// Open matters in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenMatters {
    /// The state.
    pub state: IncidentState,
    /// How many.
    pub count: u32,
    /// How many of them are past their deadline.
    pub overdue: u32,
}

/// What both sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoverSheet {
    /// Its name: the key of the outgoing officer's proposal.
    pub id: IntentKey,
    /// Who leaves the desk.
    pub outgoing: OfficerId,
    /// Who takes it over.
    pub incoming: OfficerId,
    /// When it was signed at the desk.
    pub at: Timestamp,
    /// When the backend last answered: the counts are as old as this. `None` if it never did.
    pub as_of: Option<Timestamp>,
    /// Open matters by state, in the order of the life cycle; states without any are left out.
    pub open: Vec<OpenMatters>,
    /// Everything undone, each with its remark.
    pub undone: Vec<TakenOver>,
    /// Proposals that wait in the outbox for the line.
    pub queued: u32,
    /// What else there is to say.
    pub remarks: String,
}

/// One officer's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// When it was given at the desk.
    pub at: Timestamp,
    /// When the backend recorded it.
    pub recorded_at: Timestamp,
}

/// A handover as the backend has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// What both sign.
    pub sheet: HandoverSheet,
    /// When the first of the two signed.
    pub at: Timestamp,
    /// The outgoing officer's signature, once it has arrived.
    pub outgoing: Option<Signature>,
    /// The incoming officer's signature, once it has arrived.
    pub incoming: Option<Signature>,
}

/// Why a handover does not stand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandoverRefused {
    /// Nobody hands over to oneself.
    #[error("the outgoing and the incoming officer are the same")]
    SamePerson,
    /// Something undone is not taken over.
    #[error("{} undone items are not taken over", .0.len())]
    NotTakenOver(Vec<Undone>),
    /// Something is taken over without a remark.
    #[error("an item is taken over without a remark")]
    RemarkMissing(Undone),
}

/// Whether the role keeps the duty desk: writes its log, hands it over and takes it over.
pub const fn keeps_duty(role: OfficerRole) -> bool {
    matches!(role, OfficerRole::ShiftLeader | OfficerRole::DutyOfficer)
}

/// Whether the record of a matter has it past its deadline with nobody at work.
fn is_left_overdue(incident: &Incident, now: Timestamp) -> bool {
    incident.is_overdue(now) && incident.orders.is_empty() && incident.assisting.is_empty()
}

/// Everything that blocks a handover until it is taken over: refused proposals in the order given,
/// then overdue matters by number. Whoever was sent without the line is at work as well: the order
/// is under way before the record of its matter knows of it.
pub fn undone(
    situation: &Situation,
    parked: impl IntoIterator<Item = (IntentKey, Option<IncidentId>)>,
    now: Timestamp,
) -> Vec<Undone> {
    let parked = parked
        .into_iter()
        .map(|(key, incident)| Undone::Parked { key, incident });
    let under_way = situation.orders.values();
    let under_way = under_way.filter(|order| order.state().is_under_way());
    let worked_on: BTreeSet<IncidentId> = under_way.map(|order| order.incident).collect();
    let overdue = situation
        .incidents
        .values()
        .filter(|incident| is_left_overdue(incident, now) && !worked_on.contains(&incident.id))
        .map(|incident| Undone::Overdue {
            incident: incident.id,
        });
    parked.chain(overdue).collect()
}

/// Open matters by state, in the order of the life cycle.
pub fn open_matters(situation: &Situation, now: Timestamp) -> Vec<OpenMatters> {
    let of = |state: IncidentState| {
        let all = situation.incidents.values().filter(|i| i.state == state);
        let (count, overdue) = all.fold((0, 0), |(count, overdue), incident| {
            (count + 1, overdue + u32::from(incident.is_overdue(now)))
        });
        OpenMatters {
            state,
            count,
            overdue,
        }
    };
    let open = IncidentState::ALL.into_iter().filter(|s| s.is_open());
    open.map(of).filter(|matters| matters.count > 0).collect()
}

impl HandoverSheet {
    /// Whether the sheet may be signed while these things are undone.
    pub fn check(&self, undone: &[Undone]) -> Result<(), HandoverRefused> {
        self.check_form()?;
        let is_left = |what: &&Undone| self.undone.iter().all(|taken| taken.what != **what);
        let left: Vec<Undone> = undone.iter().filter(is_left).copied().collect();
        if left.is_empty() {
            Ok(())
        } else {
            Err(HandoverRefused::NotTakenOver(left))
        }
    }

    /// What can be seen of the sheet alone, by whoever does not know what was undone then.
    pub fn check_form(&self) -> Result<(), HandoverRefused> {
        if self.outgoing == self.incoming {
            return Err(HandoverRefused::SamePerson);
        }
        let bare = self
            .undone
            .iter()
            .find(|taken| taken.remark.trim().is_empty());
        bare.map_or(Ok(()), |taken| {
            Err(HandoverRefused::RemarkMissing(taken.what))
        })
    }
}

impl Handover {
    /// Whether both have signed.
    pub const fn is_signed(&self) -> bool {
        self.outgoing.is_some() && self.incoming.is_some()
    }

    const fn signatures(&self) -> usize {
        self.outgoing.is_some() as usize + self.incoming.is_some() as usize
    }
}

/// Takes an entry into a log; `false` when it is there already or older than all that is kept.
pub fn take_entry(log: &mut BTreeMap<IntentKey, LogEntry>, entry: LogEntry) -> bool {
    let id = entry.id;
    if log.get(&id) == Some(&entry) {
        return false;
    }
    log.insert(id, entry);
    keep_newest(log, KEPT_ENTRIES, |entry| entry.at);
    log.contains_key(&id)
}

/// Takes a handover; `false` when one with as many signatures is there, or it is older than all
/// that is kept.
pub fn take_handover(known: &mut BTreeMap<IntentKey, Handover>, handover: Handover) -> bool {
    let id = handover.sheet.id;
    let shown = known.get(&id);
    if shown.is_some_and(|shown| shown.signatures() >= handover.signatures()) {
        return false;
    }
    known.insert(id, handover);
    keep_newest(known, KEPT_HANDOVERS, |handover| handover.at);
    known.contains_key(&id)
}

fn keep_newest<T>(all: &mut BTreeMap<IntentKey, T>, most: usize, at: impl Fn(&T) -> Timestamp) {
    while all.len() > most {
        let oldest = all.iter().min_by_key(|(id, value)| (at(value), **id));
        let Some(oldest) = oldest.map(|(id, _)| *id) else {
            return;
        };
        all.remove(&oldest);
    }
}

/// The last handover that both have signed: its incoming officer is on duty.
pub fn last_signed(handovers: &BTreeMap<IntentKey, Handover>) -> Option<&Handover> {
    let signed = handovers.values().filter(|handover| handover.is_signed());
    signed.max_by_key(|handover| (handover.at, handover.sheet.id))
}

#[cfg(test)]
mod tests;
