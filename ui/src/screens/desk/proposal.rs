//! Asking for the ranking of responders, and sending by it.

use domain::{IncidentId, IntentKey, OrderState, PersonId};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::commands::{Propose, ShownProposal};
use protocol::feed::OutboxItem;
use rust_i18n::t;

use super::actions::{can_dispatch, may_dispatch};
use super::candidates::{CandidateRow, CandidateRows, candidate_rows};
use super::orders::sent_to;
use super::prospect::Prospect;
use super::state::{DeskContext, DeskDialog, ProposalView};
use super::tasks::{Task, Upon};
use crate::bindings::call;
use crate::map_view::{ProposedWay, use_map};
use crate::state::{Hall, Slice};
use crate::strings;

/// A parked order that is being changed: it is replaced when somebody is sent to its incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Replacing {
    /// The parked order.
    pub parked: IntentKey,
    /// Its incident.
    pub incident: IncidentId,
    /// What it is, in words.
    pub what: String,
    /// What it told the phone.
    pub instruction: String,
}

impl Replacing {
    /// Whether the parked order is still there to be replaced.
    fn is_parked_in(&self, outbox: &[OutboxItem]) -> bool {
        let parked = outbox
            .iter()
            .filter(|item| item.state == OrderState::Parked);
        parked
            .map(|item| item.proposal.key)
            .any(|key| key == self.parked)
    }
}

/// How long the buttons rest after another responder has become the best.
const SETTLE_MS: u32 = 800;

/// The rows of the shown proposal. While an order is being sent, and for the seconds in which it can
/// be taken back, they stay as they were: who has just been sent must not give way to the next in
/// line under the pointer.
pub fn candidates(desk: DeskContext) -> Memo<CandidateRows> {
    let fresh = desk.hall.memo(
        &[
            Slice::Incidents,
            Slice::Orders,
            Slice::Outbox,
            Slice::People,
        ],
        move |hall, _, _| {
            desk.proposal.with(|view| {
                let ProposalView::Shown(shown) = view else {
                    return (None, CandidateRows::default());
                };
                let situation = &hall.situation;
                let Some(incident) = situation.incidents.get(&shown.incident) else {
                    return (None, CandidateRows::default());
                };
                let sent = sent_to(situation, &hall.outbox, incident.id);
                let rows = candidate_rows(&shown.candidates, incident, situation, &sent);
                (Some(incident.id), rows)
            })
        },
    );
    let held = Memo::new(
        move |before: Option<&(Option<IncidentId>, CandidateRows)>| {
            let (incident, rows) = fresh.get();
            let is_held =
                incident.is_some_and(|id| desk.is_sending(id) || desk.undoable(id).is_some());
            match before {
                Some((of, shown)) if is_held && *of == incident => (incident, shown.clone()),
                _ => (incident, rows),
            }
        },
    );
    Memo::new(move |_| held.with(|(_, rows)| rows.clone()))
}

/// Asks for a ranking whenever another incident is selected or the selected one has moved on.
pub fn follow_selection(desk: DeskContext) {
    let hall = desk.hall;
    let slices = &[Slice::Incidents, Slice::Outbox];
    let wanted = hall.memo(slices, move |hall_now, catalogue, _| {
        let selected = desk.incident.get()?;
        let prospect = Prospect::in_hall(hall_now, catalogue, selected)?;
        let (steps, role) = (prospect.shown().steps, desk.role.get());
        (can_dispatch(prospect.incident()) && may_dispatch(role)).then_some((selected, steps, role))
    });
    Effect::new(move |_| match wanted.get() {
        None => desk.proposal.set(ProposalView::None),
        Some((incident, ..)) => ask(desk, incident),
    });
    // Of a shown proposal some keys may be used up without the incident having moved: an order was
    // refused, or taken back. Whoever is chosen again is another intent, and needs another key.
    let used_up = hall.memo(&[Slice::Orders, Slice::Outbox], move |hall_now, _, _| {
        desk.proposal.with(|view| match view {
            ProposalView::Shown(shown) => {
                let keys = shown.keys.iter().copied();
                let keys: Vec<IntentKey> = keys.filter(|key| is_used_up(hall_now, *key)).collect();
                (!keys.is_empty()).then_some((shown.incident, keys))
            }
            _ => None,
        })
    });
    Effect::new(move |_| {
        if let Some((incident, _)) = used_up.get() {
            ask(desk, incident);
        }
    });
}

/// Whether the order that has a key was refused or is at its end.
fn is_used_up(hall: &Hall, key: IntentKey) -> bool {
    let is_parked = |item: &OutboxItem| item.state == OrderState::Parked;
    let mut items = hall.outbox.iter();
    items.any(|item| item.proposal.key == key && is_parked(item))
        || hall
            .situation
            .orders
            .get(&key)
            .is_some_and(|order| order.state().is_final())
}

/// Asks for the ranking; what is shown stays until the answer is there.
pub fn ask(desk: DeskContext, incident: IncidentId) {
    if desk.proposal.with_untracked(ProposalView::incident) != Some(incident) {
        desk.proposal.set(ProposalView::Asked(incident));
        let replaced = desk.replaced_at(incident);
        desk.instruction.set(replaced.map(|one| one.instruction));
    }
    spawn_local(async move {
        let answer = call(Propose { incident }).await;
        if desk.proposal.with_untracked(ProposalView::incident) != Some(incident) {
            // Another incident has been selected meanwhile.
            return;
        }
        match answer {
            Ok(shown) => desk.proposal.set(ProposalView::Shown(shown)),
            Err(error) => desk.proposal.set(ProposalView::Failed(incident, error)),
        }
    });
}

/// Forgets the parked order that the next one was to replace, once it has left the outbox by another
/// way: what replaces nothing is refused, and so would be every later order about the incident.
pub fn follow_replaced(desk: DeskContext) {
    Effect::new(move |_| {
        desk.hall.track(Slice::Outbox);
        let Some(replaced) = desk.replacing.get() else {
            return;
        };
        if desk.hall.with(|hall| replaced.is_parked_in(&hall.outbox)) {
            return;
        }
        desk.replacing.set(None);
        let is_shown =
            desk.proposal.with_untracked(ProposalView::incident) == Some(replaced.incident);
        // What the officer has written since is no longer the parked one's.
        let is_untouched = desk
            .instruction
            .with_untracked(|words| words.as_ref() == Some(&replaced.instruction));
        if is_shown && is_untouched {
            desk.instruction.set(None);
        }
    });
}

/// Lets the buttons rest for a moment whenever another responder takes the first place of the same
/// incident's proposal, for whatever reason.
pub fn settle_after_changes(desk: DeskContext, rows: Memo<CandidateRows>) {
    let best = Memo::new(move |_| {
        let incident = desk.proposal.with(ProposalView::incident);
        (
            incident,
            rows.with(|rows| rows.best.as_ref().map(|b| b.person)),
        )
    });
    Effect::new(
        move |before: Option<(Option<IncidentId>, Option<PersonId>)>| {
            let now = best.get();
            let is_swapped = before.is_some_and(|before| {
                before.0 == now.0 && before.1.is_some() && before.1 != now.1 && now.1.is_some()
            });
            if is_swapped {
                desk.is_settling.set(true);
                Timeout::new(SETTLE_MS, move || desk.is_settling.set(false)).forget();
            }
            now
        },
    );
}

/// Shows the best responder's way on the map.
pub fn follow_on_map(desk: DeskContext, rows: Memo<CandidateRows>) {
    let map = use_map();
    let way = Memo::new(move |_| {
        let person = rows.with(|rows| rows.best.as_ref().map(|best| best.person))?;
        desk.proposal.with(|view| match view {
            ProposalView::Shown(shown) => Some(ProposedWay {
                person,
                // The way belongs to the first of the ranking; another one has none.
                route: if shown.candidates.first().is_some_and(|c| c.person == person) {
                    shown.route.clone()
                } else {
                    Vec::new()
                },
            }),
            _ => None,
        })
    });
    Effect::new(move |_| map.proposed.set(way.get()));
}

impl DeskContext {
    /// Sends somebody by the shown proposal, or opens the dialog that an override needs.
    pub fn dispatch(self, row: &CandidateRow) {
        let Some((shown, instruction)) = self.shown_intent() else {
            return;
        };
        let incident = shown.incident;
        if !self.can_send(incident) || row.is_sent {
            return;
        }
        let Some(key) = shown.key_of(row.person) else {
            return;
        };
        let task = Task::Send {
            key,
            upon: Upon {
                seen: Some(shown.seen),
                replaces: self.replaced_at(incident).map(|one| one.parked),
            },
            incident,
            to: row.person,
            name: row.name.clone(),
            instruction,
            override_reason: None,
        };
        if row.is_offered() {
            self.perform(task);
        } else {
            self.open(DeskDialog::Override {
                name: row.name.clone(),
                objections: objections(row),
                task: Box::new(task),
            });
        }
    }

    /// Sends the best of the shown proposal, as the key does.
    pub fn dispatch_best(self, rows: Memo<CandidateRows>) {
        if let Some(best) = rows.with_untracked(|rows| rows.best.clone()) {
            self.dispatch(&best);
        }
    }

    /// The parked order that the next one about the incident replaces.
    fn replaced_at(self, incident: IncidentId) -> Option<Replacing> {
        let replacing = self.replacing.get_untracked();
        replacing.filter(|one| one.incident == incident)
    }

    fn shown_intent(self) -> Option<(ShownProposal, String)> {
        let changed = self.instruction.get_untracked();
        self.proposal.with_untracked(|view| match view {
            ProposalView::Shown(shown) => Some((
                shown.clone(),
                changed.unwrap_or_else(|| shown.instruction.clone()),
            )),
            _ => None,
        })
    }

    /// Whether a click may send now: no call is under way, nothing was sent in the last seconds
    /// (the second click of a double click must not send the next in line), and the officer has
    /// had time to see who is proposed.
    pub fn can_send(self, incident: IncidentId) -> bool {
        !self.is_settling.get() && !self.is_sending(incident) && self.undoable(incident).is_none()
    }

    /// Whether an order about the incident is on its way to the disk.
    pub fn is_sending(self, incident: IncidentId) -> bool {
        self.is_busy(&format!("send {incident}"))
    }
}

/// What speaks against sending a person, in one line.
pub fn objections(row: &CandidateRow) -> String {
    if row.is_sent {
        return t!("desk.propose.sent_already").into_owned();
    }
    let words: Vec<String> = row
        .objections
        .iter()
        .map(|one| strings::not_offered(*one))
        .collect();
    words.join("、")
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn only_an_order_that_is_still_parked_is_replaced() {
        let mut item = sample::queued_order(7, 1, 1);
        item.state = OrderState::Parked;
        let replacing = Replacing {
            parked: item.proposal.key,
            incident: sample::incident_id(1),
            what: String::new(),
            instruction: String::new(),
        };
        assert!(replacing.is_parked_in(std::slice::from_ref(&item)));
        let mut other = sample::queued_order(8, 1, 1);
        other.state = OrderState::Parked;
        assert!(!replacing.is_parked_in(&[other]), "it was dropped");
        item.state = OrderState::Queued;
        assert!(!replacing.is_parked_in(&[item]), "it is tried again");
    }
}
