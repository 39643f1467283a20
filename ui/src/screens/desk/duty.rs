//! The duty log and the handover as rows and words: what is shown, what is still missing before
//! both may sign, and the text that is printed.

use std::collections::BTreeMap;

use domain::duty::{Handover, HandoverSheet, OpenMatters, TakenOver, Undone, last_signed};
use domain::trail::{Officer, OfficerRole};
use domain::{Intent, IntentKey, OfficerId, OrderState, Situation, Timestamp};
use protocol::feed::OutboxItem;
use rust_i18n::t;

use crate::strings;

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
}

/// The entry of the log that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// The key that it will have.
    pub key: IntentKey,
    /// What happened.
    pub text: String,
}

impl NewEntry {
    /// An empty field.
    pub const fn new(key: IntentKey) -> Self {
        Self {
            key,
            text: String::new(),
        }
    }

    /// What stands in the field once an entry was taken: nothing, or what was typed meanwhile, which
    /// is another entry.
    pub fn after(self, taken: IntentKey, text: &str, next: IntentKey) -> Self {
        if self.key != taken {
            return self;
        }
        let is_as_sent = self.text.trim() == text;
        Self {
            key: next,
            text: if is_as_sent { String::new() } else { self.text },
        }
    }
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
}

/// What is typed into the handover form; it stays while the form is closed to look at a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Names the handover.
    pub key: IntentKey,
    /// Key of the incoming officer's signature.
    pub incoming_key: IntentKey,
    /// Who takes over, once chosen.
    pub incoming: Option<OfficerId>,
    /// A remark for each undone item.
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

/// Name of an officer, or the sign-in name while there is no list.
pub fn name_of(officer: &OfficerId, officers: &[Officer]) -> String {
    let known = officers.iter().find(|known| known.id == *officer);
    known.map_or_else(|| officer.to_string(), |known| known.name.clone())
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

const fn recorded(state: OrderState) -> Recorded {
    match state {
        OrderState::Parked => Recorded::Refused,
        _ => Recorded::Queued,
    }
}

/// The log, newest first, with what still waits in the outbox.
pub fn log_rows(situation: &Situation, outbox: &[OutboxItem], officers: &[Officer]) -> Vec<LogRow> {
    let stored = situation.duty_log.values().map(|entry| LogRow {
        key: entry.id,
        at: entry.at,
        officer: name_of(&entry.officer, officers),
        text: entry.text.clone(),
        recorded: Recorded::Yes,
    });
    let waiting = outbox.iter().filter_map(|item| {
        let proposal = &item.proposal;
        let Intent::LogDuty { text } = &proposal.intent else {
            return None;
        };
        let is_there = situation.duty_log.contains_key(&proposal.key);
        (!is_there).then(|| LogRow {
            key: proposal.key,
            at: proposal.occurred_at,
            officer: name_of(&proposal.officer, officers),
            text: text.clone(),
            recorded: recorded(item.state),
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
    let mut sheets: BTreeMap<IntentKey, (HandoverSheet, Recorded)> = BTreeMap::new();
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
        sheets.insert(sheet.id, (sheet.clone(), recorded));
    }
    for item in outbox {
        let Intent::HandOver { sheet } = &item.proposal.intent else {
            continue;
        };
        let state = recorded(item.state);
        let known = sheets
            .entry(sheet.id)
            .or_insert_with(|| ((**sheet).clone(), state));
        if state == Recorded::Refused {
            known.1 = state;
        }
    }
    let mut rows: Vec<HandoverRow> = sheets
        .into_values()
        .map(|(sheet, recorded)| HandoverRow {
            outgoing: name_of(&sheet.outgoing, officers),
            incoming: name_of(&sheet.incoming, officers),
            sheet,
            recorded,
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.sheet.at, row.sheet.id)));
    rows
}

/// Who has had the desk since the last handover that both have signed, and since when.
pub fn on_duty(situation: &Situation, officers: &[Officer]) -> Option<(String, Timestamp)> {
    let last = last_signed(&situation.handovers)?;
    Some((name_of(&last.sheet.incoming, officers), last.at))
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
                    .and_then(|item| item.last_error.clone())
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

/// One line for the open matters of a state.
pub fn matters(matters: &OpenMatters) -> String {
    let state = strings::incident_state(matters.state);
    if matters.overdue > 0 {
        t!(
            "duty.sheet.matters_overdue",
            state = state,
            n = matters.count,
            overdue = matters.overdue
        )
    } else {
        t!("duty.sheet.matters", state = state, n = matters.count)
    }
    .into_owned()
}

fn instant(at: Timestamp) -> String {
    format!("{} {}", at.local_ymd(), at.local_hm())
}

/// The sheet as text, for the printer and for copying; `log` is written under it, oldest last.
pub fn sheet_text(
    sheet: &HandoverSheet,
    street: &str,
    officers: &[Officer],
    situation: &Situation,
) -> String {
    let mut lines = vec![
        format!("{street} {}", t!("duty.sheet.title")),
        t!("duty.sheet.at", at = instant(sheet.at)).into_owned(),
        t!(
            "duty.sheet.outgoing",
            name = name_of(&sheet.outgoing, officers)
        )
        .into_owned(),
        t!(
            "duty.sheet.incoming",
            name = name_of(&sheet.incoming, officers)
        )
        .into_owned(),
    ];
    lines.push(match sheet.as_of {
        Some(at) => t!("duty.sheet.as_of", at = instant(at)).into_owned(),
        None => t!("duty.sheet.as_of_never").into_owned(),
    });
    let total: u32 = sheet.open.iter().map(|open| open.count).sum();
    lines.push(t!("duty.sheet.open", n = total).into_owned());
    lines.extend(sheet.open.iter().map(|open| format!("  {}", matters(open))));
    lines.push(t!("duty.sheet.undone", n = sheet.undone.len()).into_owned());
    for taken in &sheet.undone {
        let what = match taken.what {
            Undone::Overdue { incident } => {
                let known = situation.incidents.get(&incident);
                let title = known.map_or("", |known| known.title.as_str());
                t!("duty.sheet.overdue", id = incident, title = title).into_owned()
            }
            Undone::Parked { incident, .. } => {
                let id = incident.map_or_else(|| "—".to_owned(), |id| id.to_string());
                t!("duty.sheet.parked", id = id).into_owned()
            }
        };
        lines.push(format!("  {what}：{}", taken.remark));
    }
    lines.push(t!("duty.sheet.queued", n = sheet.queued).into_owned());
    if !sheet.remarks.is_empty() {
        lines.push(t!("duty.sheet.remarks", text = sheet.remarks).into_owned());
    }
    lines.push(sheet.id.to_string());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use domain::duty::{LogEntry, Signature};
    use domain::{IncidentState, Proposal};

    use super::super::sample;
    use super::*;

    fn officers() -> Vec<Officer> {
        sample::reference().officers
    }

    fn item(number: u8, intent: Intent, state: OrderState) -> OutboxItem {
        OutboxItem {
            conflict: None,
            proposal: Proposal {
                basis: None,
                key: sample::key(number),
                officer: OfficerId::from("zhou.min"),
                occurred_at: sample::NOON.plus_ms(i64::from(number) * 1_000),
                intent,
            },
            state,
            attempts: 0,
            last_error: None,
            next_attempt_at: None,
        }
    }

    fn log(number: u8, text: &str, state: OrderState) -> OutboxItem {
        let text = text.to_owned();
        item(number, Intent::LogDuty { text }, state)
    }

    fn sheet(undone: Vec<TakenOver>) -> HandoverSheet {
        HandoverSheet {
            id: sample::key(50),
            outgoing: OfficerId::from("zhou.min"),
            incoming: OfficerId::from("li.na"),
            at: sample::NOON,
            as_of: Some(sample::NOON.plus_ms(-60_000)),
            open: vec![OpenMatters {
                state: IncidentState::Filed,
                count: 3,
                overdue: 1,
            }],
            undone,
            queued: 2,
            remarks: "夜间有雨".to_owned(),
        }
    }

    #[test]
    fn the_log_shows_what_is_recorded_and_what_waits_newest_first() {
        let mut situation = sample::situation();
        let entry = LogEntry {
            id: sample::key(1),
            officer: OfficerId::from("zhou.min"),
            at: sample::NOON.plus_ms(1_000),
            recorded_at: sample::NOON.plus_ms(2_000),
            text: "已记录".to_owned(),
        };
        situation.duty_log.insert(entry.id, entry);
        let outbox = [
            // The receipt of the first is on its way; it stands once.
            log(1, "已记录", OrderState::Sent),
            log(2, "等待", OrderState::Queued),
            log(3, "退回", OrderState::Parked),
            sample::queued_order(7, 1, 1),
        ];
        let rows = log_rows(&situation, &outbox, &officers());
        let shown: Vec<_> = rows.iter().map(|r| (r.text.as_str(), r.recorded)).collect();
        assert_eq!(
            shown,
            [
                ("退回", Recorded::Refused),
                ("等待", Recorded::Queued),
                ("已记录", Recorded::Yes)
            ]
        );
        assert_eq!(rows[2].officer, "周敏");
    }

    #[test]
    fn what_is_typed_while_an_entry_is_written_stays_and_is_another_entry() {
        let of = |key: u8, text: &str| NewEntry {
            key: sample::key(key),
            text: text.to_owned(),
        };
        let after = |entry: NewEntry| entry.after(sample::key(1), "巡查", sample::key(2));
        assert_eq!(after(of(1, " 巡查 ")), of(2, ""));
        assert_eq!(after(of(1, "巡查，无异常")), of(2, "巡查，无异常"));
        assert_eq!(after(of(3, "巡查")), of(3, "巡查"), "another one already");
    }

    #[test]
    fn a_handover_is_recorded_when_both_signatures_are() {
        let mut situation = sample::situation();
        let signed = sheet(Vec::new());
        let intent = || Intent::HandOver {
            sheet: Box::new(sheet(Vec::new())),
        };
        let of = |situation: &Situation, outbox: &[OutboxItem]| {
            handover_rows(situation, outbox, &officers())[0].recorded
        };
        let waiting = [
            item(50, intent(), OrderState::Queued),
            item(51, intent(), OrderState::Queued),
        ];
        assert_eq!(of(&situation, &waiting), Recorded::Queued);
        assert_eq!(on_duty(&situation, &officers()), None);
        let signature = Signature {
            at: sample::NOON,
            recorded_at: sample::NOON,
        };
        let mut handover = Handover {
            sheet: signed,
            at: sample::NOON,
            outgoing: Some(signature),
            incoming: None,
        };
        situation
            .handovers
            .insert(handover.sheet.id, handover.clone());
        assert_eq!(of(&situation, &waiting[1..]), Recorded::Queued);
        let refused = [item(51, intent(), OrderState::Parked)];
        assert_eq!(of(&situation, &refused), Recorded::Refused);
        handover.incoming = Some(signature);
        situation.handovers.insert(handover.sheet.id, handover);
        assert_eq!(of(&situation, &[]), Recorded::Yes);
        let since = Some(("li.na".to_owned(), sample::NOON));
        assert_eq!(
            on_duty(&situation, &officers()),
            since,
            "no such name known"
        );
    }

    #[test]
    fn the_form_says_what_is_missing_one_after_the_other() {
        let situation = sample::situation();
        let mut parked = sample::queued_order(8, 2, 2);
        parked.state = OrderState::Parked;
        parked.last_error = Some("案件已结案".to_owned());
        let undone = undone_rows(&situation, &[parked], sample::NOON);
        assert!(undone[0].why.contains("案件已结案"));
        assert!(undone[0].title.contains("建设路路面塌陷"));
        let mut draft = Draft::new(sample::key(50), sample::key(51));
        let mut offered = officers();
        offered[0].id = OfficerId::from("li.na");
        let missing = |draft: &Draft, pin| draft.missing(&undone, &offered, pin);
        assert_eq!(missing(&draft, ""), Some("duty.form.no_remark"));
        for row in &undone {
            draft.taken_over.insert(row.what, " 早班跟进 ".to_owned());
        }
        assert_eq!(missing(&draft, ""), Some("duty.form.no_incoming"));
        draft.incoming = Some(OfficerId::from("li.na"));
        assert_eq!(missing(&draft, " "), Some("duty.form.no_pin"));
        assert_eq!(missing(&draft, "1234"), None);
        let nobody = draft.missing(&undone, &[], "1234");
        assert_eq!(nobody, Some("duty.form.no_incoming"), "no longer offered");
        let taken = draft.taken_over(&undone);
        assert_eq!(taken.len(), undone.len());
        assert!(taken.iter().all(|taken| taken.remark == "早班跟进"));
    }

    #[test]
    fn whoever_has_the_desk_is_not_offered_as_successor() {
        let officers = officers();
        let first = officers[0].id.clone();
        let others = successors(&officers, Some(&first));
        assert!(others.iter().all(|officer| officer.id != first));
    }

    #[test]
    fn the_text_of_a_sheet_says_everything_that_was_signed() {
        let taken = TakenOver {
            what: Undone::Overdue {
                incident: sample::incident_id(3),
            },
            remark: "已催办".to_owned(),
        };
        let text = sheet_text(
            &sheet(vec![taken]),
            "测试街道",
            &officers(),
            &sample::situation(),
        );
        for said in [
            "测试街道",
            "2026-11-20 12:00",
            "2026-11-20 11:59",
            "周敏",
            "li.na",
            "小区门口垃圾堆积",
            "已催办",
            "夜间有雨",
        ] {
            assert!(text.contains(said), "{said} is missing in\n{text}");
        }
    }
}
