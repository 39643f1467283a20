//! The checks of single answers: what the backend should not have carried out, or not refused.

use domain::conflicts::LaterStep;
use domain::trail::{Action, Actor};
use domain::{Intent, OfficerId, Proposal};
use protocol::http::{ChangeBody, Problem};

use super::Authority;
use crate::ledger::Dropped;

impl Authority {
    /// Where an order was carried out on top of another hall's that its officer had not seen, as the
    /// log tells; no code of the comparison itself is asked.
    pub(super) fn unseen(&self, proposal: &Proposal) -> Option<String> {
        let (Intent::SendOrder { incident, .. }, Some(basis)) = (&proposal.intent, &proposal.basis)
        else {
            return None;
        };
        let incident = self.numbers().of(*incident);
        let state = self.state();
        let trail = state.log.iter().filter_map(|change| match &change.body {
            ChangeBody::Trail(entry) if entry.incident == incident => Some(entry),
            _ => None,
        });
        let others = trail
            .filter(|entry| entry.step > basis.seen.steps)
            .find(|entry| {
                let by_other_hall = match &entry.by {
                    Actor::Officer(officer) => !is_of_same_hall(officer, &proposal.officer),
                    _ => false,
                };
                by_other_hall && matches!(entry.action, Action::Dispatch { .. })
            })?;
        Some(format!(
            "{} was carried out on top of step {} of {incident}, which its officer had not seen",
            proposal.key, others.step
        ))
    }

    /// Where a proposal was refused for what its own hall had done before, and for nothing else:
    /// within one hall the queue is first in, first out, and its officers see what stands in it.
    pub(super) fn own_steps(&self, proposal: &Proposal, problem: &Problem) -> Option<String> {
        let conflict = problem.conflict.as_ref()?;
        let mut against = conflict.since.iter().filter(|step| step.is_in_conflict);
        let all_own = self.ledger(|ledger| {
            let wish = ledger.get(proposal.key)?;
            let is_earlier = |key: &domain::IntentKey| {
                let step = ledger.get(*key)?;
                let is_own = step.hall == wish.hall && step.dropped == Dropped::No;
                // Who has it parked in sight and acts all the same makes news for it.
                Some(is_own && !step.parked_before.contains(&wish.key))
            };
            let is_own = |step: &LaterStep| step.intent.as_ref().and_then(is_earlier) == Some(true);
            // A copy of what was dropped meanwhile comes behind all that its hall has done since.
            let is_late = wish.may_come_late && wish.dropped != Dropped::No;
            Some(!wish.looked_behind && !is_late && against.all(is_own))
        })?;
        (all_own && !conflict.since.is_empty()).then(|| {
            format!(
                "{proposal:?} was refused for what the own hall had done: {:?}",
                conflict.since
            )
        })
    }

    /// What the checks of single answers have found.
    pub fn take_faults(&self) -> Vec<String> {
        std::mem::take(&mut self.state().faults)
    }
}

/// `officer-7-a` and `officer-7-b` sit in one hall.
fn is_of_same_hall(one: &OfficerId, other: &OfficerId) -> bool {
    let hall = |officer: &OfficerId| {
        officer
            .as_str()
            .rsplit_once('-')
            .map(|(hall, _)| hall.to_owned())
    };
    hall(one) == hall(other)
}
