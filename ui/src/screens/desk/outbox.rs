//! The outbox as rows: what waits, for what, and what the officer can do about it.

use std::collections::BTreeSet;

use domain::addressees::Addressees;
use domain::intents::Mode;
use domain::trail::Action;
use domain::{Incident, IncidentId, Intent, IntentKey, OrderState, PersonId, Situation, Timestamp};
use protocol::Reference;
use protocol::feed::OutboxItem;

use super::actions::Step;
use super::timeline;
use crate::strings::{self, officer_name};

/// What an item wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Send a person.
    Send {
        /// Name, or the roster number.
        name: String,
    },
    /// Take an order back.
    Withdraw,
    /// A step of the life cycle.
    Step(Step),
    /// A step that has a form of its own.
    OtherStep {
        /// What it is called.
        action: String,
        /// Name of whom or what it concerns.
        about: Option<String>,
    },
    /// Switch the mode.
    Mode {
        /// To which.
        mode: Mode,
        /// Whether it is only exercised.
        is_drill: bool,
    },
    /// Take a new matter in.
    Report,
    /// Write into the duty log.
    Log {
        /// What.
        text: String,
    },
    /// Sign a handover.
    HandOver,
}

/// What an item waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// The line.
    ForTheLine,
    /// An officer's decision about a refused one of the same incident before it.
    ForTheOneBefore,
    /// The next try, in so many seconds.
    ForTheNextTry {
        /// Seconds from now, at least 0.
        seconds: i64,
    },
    /// The backend's record, the receipt having come.
    ForTheRecord,
    /// An officer: it was refused.
    ForAnOfficer,
    /// Nothing: it was dropped before it was sent.
    ForNothing,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// The key.
    pub key: IntentKey,
    /// Whose queue it is in.
    pub incident: Option<IncidentId>,
    /// Title of the incident, empty when it is not in the picture.
    pub title: String,
    /// What it wants.
    pub wish: Wish,
    /// What the officer has written: the text, the reason, what the phone is told; empty where there
    /// is nothing.
    pub words: String,
    /// Whether it belongs to a drill: its incident does, or it begins one.
    pub is_drill: bool,
    /// Name of who wants it, or the sign-in name.
    pub officer: String,
    /// When the officer clicked.
    pub occurred_at: Timestamp,
    /// State for attributes.
    pub state: OrderState,
    /// What it waits for.
    pub waiting: Waiting,
    /// Tries so far.
    pub attempts: u32,
    /// Why the last try failed, empty when none did.
    pub reason: String,
    /// Whether others have acted meanwhile, which its own card tells.
    pub is_in_conflict: bool,
    /// Whether it can be dropped without a trace.
    pub can_drop: bool,
}

impl OutboxRow {
    /// Whether an officer can try it again or drop it.
    pub fn is_parked(&self) -> bool {
        self.state == OrderState::Parked
    }
}

/// How many items wait and how many are parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxCount {
    /// Not yet acknowledged, parked ones included.
    pub waiting: usize,
    /// Refused, waiting for an officer.
    pub parked: usize,
}

/// Counts what is not settled.
pub fn count(outbox: &[OutboxItem]) -> OutboxCount {
    let of = |state: OrderState| outbox.iter().filter(|item| item.state == state).count();
    let parked = of(OrderState::Parked);
    OutboxCount {
        waiting: of(OrderState::Queued) + parked,
        parked,
    }
}

/// The rows, parked ones first because they need somebody, otherwise in the order of sending.
pub fn rows(
    outbox: &[OutboxItem],
    situation: &Situation,
    reference: Option<&Reference>,
    now: Timestamp,
) -> Vec<OutboxRow> {
    let mut rows: Vec<OutboxRow> = outbox
        .iter()
        .map(|item| row(item, situation, reference, now))
        .collect();
    rows.sort_by_key(|row| !row.is_parked());
    rows
}

/// What is wanted of an incident and not on its record yet, the newest first as on the trail.
/// `recorded` are the intents that its trail has carried out already.
pub fn pending_rows(
    outbox: &[OutboxItem],
    incident: IncidentId,
    recorded: &BTreeSet<IntentKey>,
    situation: &Situation,
    reference: Option<&Reference>,
    now: Timestamp,
) -> Vec<OutboxRow> {
    let incident = situation.number_of(incident);
    let is_pending = |row: &OutboxRow| {
        row.incident == Some(incident)
            && row.state != OrderState::Withdrawn
            && !recorded.contains(&row.key)
    };
    let newest_first = outbox.iter().rev();
    newest_first
        .map(|item| row(item, situation, reference, now))
        .filter(is_pending)
        .collect()
}

fn row(
    item: &OutboxItem,
    situation: &Situation,
    reference: Option<&Reference>,
    now: Timestamp,
) -> OutboxRow {
    let officers = reference.map_or(&[][..], |reference| &reference.officers);
    let incident = item.proposal.intent.incident();
    let incident = incident.map(|id| situation.number_of(id));
    OutboxRow {
        key: item.proposal.key,
        incident,
        title: incident
            .and_then(|id| situation.incidents.get(&id))
            .map(|incident| incident.title.clone())
            .unwrap_or_default(),
        wish: wish(&item.proposal.intent, situation, reference),
        words: words_of(&item.proposal.intent),
        is_drill: is_drill(&item.proposal.intent, situation),
        officer: officer_name(&item.proposal.officer, officers),
        occurred_at: item.proposal.occurred_at,
        state: item.state,
        waiting: match (item.state, item.next_attempt_at) {
            (OrderState::Parked, _) => Waiting::ForAnOfficer,
            _ if item.is_held => Waiting::ForTheOneBefore,
            (OrderState::Queued, Some(at)) => Waiting::ForTheNextTry {
                seconds: (at.ms_since(now).max(0) + 999) / 1000,
            },
            (OrderState::Queued, None) => Waiting::ForTheLine,
            (OrderState::Withdrawn, _) => Waiting::ForNothing,
            _ => Waiting::ForTheRecord,
        },
        attempts: item.attempts,
        reason: item
            .last_error
            .as_deref()
            .map(strings::message)
            .unwrap_or_default(),
        is_in_conflict: item.conflict.is_some(),
        can_drop: item.can_drop,
    }
}

/// What an intent wants, in terms of the screen.
pub fn wish(intent: &Intent, situation: &Situation, reference: Option<&Reference>) -> Wish {
    match intent {
        Intent::SendOrder { to, .. } => Wish::Send {
            name: name_of(*to, situation),
        },
        Intent::SendOrders { to, .. } => Wish::Send {
            name: names_of(to, situation),
        },
        Intent::WithdrawOrder { .. } => Wish::Withdraw,
        Intent::Act { action, .. } => step_of(action).map_or_else(
            || Wish::OtherStep {
                action: strings::action(action),
                about: timeline::about(action, situation, reference),
            },
            Wish::Step,
        ),
        Intent::SetMode { mode, is_drill } => Wish::Mode {
            mode: *mode,
            is_drill: *is_drill,
        },
        Intent::Report { .. } => Wish::Report,
        Intent::LogDuty { text } => Wish::Log { text: text.clone() },
        Intent::HandOver { .. } => Wish::HandOver,
    }
}

/// What the officer has written for an intent, each part on a line of its own.
pub fn words_of(intent: &Intent) -> String {
    let parts: [Option<&String>; 2] = match intent {
        Intent::SendOrder {
            instruction,
            override_reason,
            ..
        }
        | Intent::SendOrders {
            instruction,
            override_reason,
            ..
        } => [Some(instruction), override_reason.as_ref()],
        Intent::WithdrawOrder { reason, .. } => [Some(reason), None],
        Intent::Act { action, reason, .. } => [timeline::own_words(action), reason.as_ref()],
        // These say it in their wish, or show it as the matter that they take in.
        Intent::SetMode { .. }
        | Intent::Report { .. }
        | Intent::LogDuty { .. }
        | Intent::HandOver { .. } => [None, None],
    };
    let parts = parts.into_iter().flatten().map(|part| part.trim());
    let said: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    said.join("\n")
}

fn is_drill(intent: &Intent, situation: &Situation) -> bool {
    let of_incident = |id| {
        let incident = situation.incidents.get(&id);
        incident.is_some_and(|incident| incident.is_drill)
    };
    matches!(intent, Intent::SetMode { is_drill: true, .. })
        || intent.incident().is_some_and(of_incident)
}

/// The name of a person, or the roster number.
pub fn name_of(person: PersonId, situation: &Situation) -> String {
    situation
        .people
        .get(&person)
        .map_or_else(|| person.to_string(), |person| person.name.clone())
}

/// The people named, or the code of the grid or group that stands for them.
fn names_of(to: &Addressees, situation: &Situation) -> String {
    match to {
        Addressees::One(person) => name_of(*person, situation),
        Addressees::Several(people) => {
            let names: Vec<String> = people.iter().map(|p| name_of(*p, situation)).collect();
            names.join("、")
        }
        Addressees::Grid(code) => code.to_string(),
        Addressees::Group(group) => group.to_string(),
    }
}

/// Where the report of a matter stands that has no number yet; `None` for one that has.
pub fn report_state(outbox: &[OutboxItem], incident: &Incident) -> Option<OrderState> {
    if !incident.id.is_provisional() {
        return None;
    }
    let report = outbox.iter().find(|item| {
        matches!(
            &item.proposal.intent,
            Intent::Report { incident: of, .. } if *of == incident.id
        )
    });
    // It is gone from the outbox for the moment between its receipt and its record.
    Some(report.map_or(OrderState::Sent, |item| item.state))
}

/// The step that an action is, when it is one that officers take by hand.
pub fn step_of(action: &Action) -> Option<Step> {
    Some(match action {
        Action::Verify => Step::Verify,
        Action::File { .. } => Step::File,
        Action::NotAccept => Step::NotAccept,
        Action::Close => Step::Close,
        Action::Rework => Step::Rework,
        Action::Return => Step::Return,
        Action::Suspend => Step::Suspend,
        Action::Resume => Step::Resume,
        Action::Extend => Step::Extend,
        Action::Supervise => Step::Supervise,
        Action::ReplyToSupervision { .. } => Step::Reply,
        Action::ContactCaller => Step::ContactCaller,
        Action::FlagUnreasonable {
            is_unreasonable: true,
        } => Step::FlagUnreasonable,
        Action::FlagUnreasonable { .. } => Step::TakeFlagBack,
        Action::Note { .. } => Step::Note,
        Action::ForceClose => Step::ForceClose,
        Action::Cancel => Step::Cancel,
        // Everything else follows from a report, an order or a receipt, or has a form of its own.
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
