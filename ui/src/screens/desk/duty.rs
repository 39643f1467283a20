//! The duty log and the handover as rows and words: what is shown, what is still missing before
//! both may sign, and the text that is printed.

use std::collections::BTreeMap;

use crate::strings::{self, officer_name};
use domain::duty::{Handover, HandoverSheet, TakenOver, Undone, last_signed};
use domain::trail::{Officer, OfficerRole};
use domain::{Intent, IntentKey, OfficerId, OrderState, Situation, Timestamp};
use protocol::feed::OutboxItem;
use rust_i18n::t;
use serde::{Deserialize, Serialize};

use super::typed::pairs;

mod sheet;

pub use sheet::{matters, sheet_text};

/// Where an entry stands on its way to the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// The backend has it.
    Yes,
    /// It waits in the outbox.
    Queued,
    /// The backend has refused it.
    Refused,
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// Its key.
    pub key: IntentKey,
    /// When it was written.
    pub at: Timestamp,
    /// Who wrote it.
    pub officer: String,
    /// What happened.
    pub text: String,
    /// Whether the backend has it.
    pub recorded: Recorded,
    /// Why the backend has refused it, where it has said so.
    pub why: Option<String>,
}

/// One handover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoverRow {
    /// What was signed.
    pub sheet: HandoverSheet,
    /// From whom.
    pub outgoing: String,
    /// To whom.
    pub incoming: String,
    /// Whether the backend has both signatures.
    pub recorded: Recorded,
    /// Why the backend has refused one, where it has said so.
    pub why: Option<String>,
}

/// What is typed into the handover form; it stays while the form is closed to look at a list, and is
/// there again after a reload of the window. The PIN is no part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Names the handover.
    pub key: IntentKey,
    /// Key of the incoming officer's signature.
    pub incoming_key: IntentKey,
    /// Who takes over, once chosen.
    pub incoming: Option<OfficerId>,
    /// A remark for each undone item.
    #[serde(with = "pairs")]
    pub taken_over: BTreeMap<Undone, String>,
    /// What else there is to say.
    pub remarks: String,
}

/// Something undone with what is shown of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoneRow {
    /// What.
    pub what: Undone,
    /// In words.
    pub title: String,
    /// What is wrong with it.
    pub why: String,
}

/// Who can take the desk over from the officer who has it.
pub fn successors(officers: &[Officer], outgoing: Option<&OfficerId>) -> Vec<Officer> {
    let keeps = |officer: &&Officer| {
        matches!(
            officer.role,
            OfficerRole::ShiftLeader | OfficerRole::DutyOfficer
        )
    };
    let others = officers.iter().filter(keeps);
    others
        .filter(|officer| Some(&officer.id) != outgoing)
        .cloned()
        .collect()
}

/// Where an item of the outbox stands, and why, if it was refused. An error that the next try may
/// overcome is no refusal.
fn recorded(item: &OutboxItem) -> (Recorded, Option<String>) {
    match item.state {
        OrderState::Parked => (
            Recorded::Refused,
            item.last_error.as_deref().map(strings::message),
        ),
        _ => (Recorded::Queued, None),
    }
}

/// The log, newest first, with what still waits in the outbox.
pub fn log_rows(situation: &Situation, outbox: &[OutboxItem], officers: &[Officer]) -> Vec<LogRow> {
    let stored = situation.duty_log.values().map(|entry| LogRow {
        key: entry.id,
        at: entry.at,
        officer: officer_name(&entry.officer, officers),
        text: entry.text.clone(),
        recorded: Recorded::Yes,
        why: None,
    });
    let waiting = outbox.iter().filter_map(|item| {
        let proposal = &item.proposal;
        let Intent::LogDuty { text } = &proposal.intent else {
            return None;
        };
        let is_there = situation.duty_log.contains_key(&proposal.key);
        let (recorded, why) = recorded(item);
        (!is_there).then(|| LogRow {
            key: proposal.key,
            at: proposal.occurred_at,
            officer: officer_name(&proposal.officer, officers),
            text: text.clone(),
            recorded,
            why,
        })
    });
    let mut rows: Vec<LogRow> = stored.chain(waiting).collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.at, row.key)));
    rows
}

/// The handovers, newest first, with those that still wait in the outbox.
pub fn handover_rows(
    situation: &Situation,
    outbox: &[OutboxItem],
    officers: &[Officer],
) -> Vec<HandoverRow> {
    let mut sheets: BTreeMap<IntentKey, (HandoverSheet, (Recorded, Option<String>))> =
        BTreeMap::new();
    for Handover {
        sheet,
        outgoing,
        incoming,
        ..
    } in situation.handovers.values()
    {
        let recorded = if outgoing.is_some() && incoming.is_some() {
            Recorded::Yes
        } else {
            Recorded::Queued
        };
        sheets.insert(sheet.id, (sheet.clone(), (recorded, None)));
    }
    for item in outbox {
        let Intent::HandOver { sheet } = &item.proposal.intent else {
            continue;
        };
        let state = recorded(item);
        let known = sheets
            .entry(sheet.id)
            .or_insert_with(|| ((**sheet).clone(), state.clone()));
        if state.0 == Recorded::Refused {
            known.1 = state;
        }
    }
    let mut rows: Vec<HandoverRow> = sheets
        .into_values()
        .map(|(sheet, (recorded, why))| HandoverRow {
            outgoing: officer_name(&sheet.outgoing, officers),
            incoming: officer_name(&sheet.incoming, officers),
            sheet,
            recorded,
            why,
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.sheet.at, row.sheet.id)));
    rows
}

/// Who has had the desk since the last handover that both have signed, and since when.
pub fn on_duty(situation: &Situation, officers: &[Officer]) -> Option<(String, Timestamp)> {
    let last = last_signed(&situation.handovers)?;
    Some((officer_name(&last.sheet.incoming, officers), last.at))
}

/// What blocks the handover, with words.
pub fn undone_rows(situation: &Situation, outbox: &[OutboxItem], now: Timestamp) -> Vec<UndoneRow> {
    let parked = outbox
        .iter()
        .filter(|item| item.state == OrderState::Parked)
        .map(|item| (item.proposal.key, item.proposal.intent.incident()));
    let title = |incident: Option<domain::IncidentId>| {
        let Some(id) = incident else {
            return t!("duty.undone.hall").into_owned();
        };
        let known = situation.incidents.get(&id);
        known.map_or_else(|| id.to_string(), |known| format!("{id} {}", known.title))
    };
    domain::duty::undone(situation, parked, now)
        .into_iter()
        .map(|what| match what {
            Undone::Parked { key, incident } => UndoneRow {
                what,
                title: title(incident),
                why: outbox
                    .iter()
                    .find(|item| item.proposal.key == key)
                    .and_then(|item| item.last_error.as_deref().map(strings::message))
                    .map_or_else(
                        || t!("duty.undone.parked").into_owned(),
                        |why| t!("duty.undone.parked_why", why = why).into_owned(),
                    ),
            },
            Undone::Overdue { incident } => UndoneRow {
                what,
                title: title(Some(incident)),
                why: t!("duty.undone.overdue").into_owned(),
            },
        })
        .collect()
}

impl Draft {
    /// An empty form.
    pub const fn new(key: IntentKey, incoming_key: IntentKey) -> Self {
        Self {
            key,
            incoming_key,
            incoming: None,
            taken_over: BTreeMap::new(),
            remarks: String::new(),
        }
    }

    /// Whether nothing has been filled in.
    pub fn is_empty(&self) -> bool {
        let is_blank = |text: &String| text.trim().is_empty();
        self.incoming.is_none() && is_blank(&self.remarks) && self.taken_over.values().all(is_blank)
    }

    /// The undone items with their remarks; what was typed about others is left out.
    pub fn taken_over(&self, undone: &[UndoneRow]) -> Vec<TakenOver> {
        let remark = |row: &UndoneRow| TakenOver {
            what: row.what,
            remark: self
                .taken_over
                .get(&row.what)
                .map(|remark| remark.trim().to_owned())
                .unwrap_or_default(),
        };
        undone.iter().map(remark).collect()
    }

    /// What is still missing before both can sign, as the key of its sentence. A successor who is no
    /// longer offered is not seen any more, and so not chosen.
    pub fn missing(
        &self,
        undone: &[UndoneRow],
        offered: &[Officer],
        pin: &str,
    ) -> Option<&'static str> {
        let taken = self.taken_over(undone);
        let is_offered = |chosen: &OfficerId| offered.iter().any(|one| one.id == *chosen);
        if taken.iter().any(|taken| taken.remark.is_empty()) {
            Some("duty.form.no_remark")
        } else if !self.incoming.as_ref().is_some_and(is_offered) {
            Some("duty.form.no_incoming")
        } else if pin.trim().is_empty() {
            Some("duty.form.no_pin")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests;
