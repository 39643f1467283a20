//! Where an incident will stand once what a hall has queued about it has been carried out.
//!
//! A hall shows what the backend has; what its officers want is a proposal until then. But what can
//! be wanted next follows from what is wanted already: after a suspension that waits for the line
//! comes its end, and a matter that is going to be filed can no longer be refused.

use crate::ids::PersonId;
use crate::incidents::{
    Incident, IncidentState, check_direct_dispatch, decide, duty_at, legal_now,
};
use crate::intents::{Intent, Proposal};
use crate::modes::rules_in_mode;
use crate::rules::Rules;
use crate::situation::Situation;
use crate::trail::{Action, Actor, OfficerRole, Taker, TrailEntry};

/// A proposal that the backend has not refused.
#[derive(Debug, Clone, Copy)]
pub struct Pending<'p> {
    /// The proposal.
    pub proposal: &'p Proposal,
    /// The role of its officer; whoever is not known by it is taken for one who may.
    pub role: Option<OfficerRole>,
    /// Whether the backend has accepted it; its record may be in the picture already.
    pub is_accepted: bool,
}

/// What a proposal will have led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreseen<'p> {
    /// The proposal.
    pub proposal: &'p Proposal,
    /// The steps that it takes.
    pub steps: Vec<TrailEntry>,
    /// The incident after it.
    pub incident: Incident,
}

/// Folds proposals about an incident over a copy of it in the order of their queue, as the backend
/// is going to, and returns what each leads to. It ends at the first that the life cycle would not
/// carry out, because the backend will hold up what stands behind it.
///
/// What only the backend knows is not foreseen: what others do first, whom a grid or a group stands
/// for, the number of a whistle, what follows by rule from receipts of the field.
pub fn foresee<'p>(
    incident: &Incident,
    situation: &Situation,
    rules: &Rules,
    pending: impl IntoIterator<Item = Pending<'p>>,
) -> Vec<Foreseen<'p>> {
    let mut foreseen: Vec<Foreseen<'p>> = Vec::new();
    for one in pending {
        let before = foreseen.last().map_or(incident, |last| &last.incident);
        let mut course = Course {
            situation,
            rules,
            pending: one,
            incident: before.clone(),
            steps: Vec::new(),
        };
        match course.carry_out() {
            Some(()) => foreseen.push(Foreseen {
                proposal: one.proposal,
                steps: course.steps,
                incident: course.incident,
            }),
            None if one.is_accepted => {}
            None => break,
        }
    }
    foreseen
}

/// One proposal on its way through the life cycle.
struct Course<'a> {
    situation: &'a Situation,
    rules: &'a Rules,
    pending: Pending<'a>,
    incident: Incident,
    steps: Vec<TrailEntry>,
}

impl Course<'_> {
    /// `None` where the backend would refuse it, or where what it would do is not known.
    fn carry_out(&mut self) -> Option<()> {
        match &self.pending.proposal.intent {
            Intent::Act { action, reason, .. } => self.act(action.clone(), reason.as_deref()),
            Intent::SendOrder { to, .. } => self.send(*to),
            Intent::SendOrders { .. } => None,
            Intent::WithdrawOrder { order, reason, .. } => {
                let action = Action::Undispatch { order: *order };
                // An order that the state of the matter knows nothing of is taken back alone.
                if legal_now(&self.incident, &action).is_ok() {
                    self.act(action, Some(reason))?;
                }
                Some(())
            }
            Intent::Report { .. }
            | Intent::SetMode { .. }
            | Intent::LogDuty { .. }
            | Intent::HandOver { .. } => Some(()),
        }
    }

    /// Sends somebody; a matter that is not filed yet is verified and filed by the same act.
    fn send(&mut self, to: PersonId) -> Option<()> {
        let person = self.situation.people.get(&to)?;
        check_direct_dispatch(&self.incident).ok()?;
        if self.incident.state == IncidentState::Reported {
            self.act(Action::Verify, None)?;
        }
        if self.incident.state == IncidentState::PendingFile {
            let rule = self.rules.category(self.incident.category)?;
            let file = Action::File {
                limit: rule.limit,
                condition: None,
            };
            self.act(file, None)?;
        }
        let department = self.rules.department_of(person.post);
        let department = department.map(|known| known.id.clone());
        let duty = duty_at(&self.incident, department.as_ref());
        let dispatch = Action::Dispatch {
            order: self.pending.proposal.key,
            to,
            department,
            duty,
        };
        self.act(dispatch, None)
    }

    fn act(&mut self, action: Action, reason: Option<&str>) -> Option<()> {
        let proposal = self.pending.proposal;
        let taker = Taker::Officer(self.pending.role.unwrap_or(OfficerRole::ShiftLeader));
        let mode = self.situation.mode.session;
        let rules = rules_in_mode(self.rules, mode).for_incident(&self.incident);
        let rules = rules.effective();
        let at = proposal.occurred_at;
        let decision = decide(&self.incident, &action, taker, reason, at, &rules).ok()?;
        let entry = TrailEntry {
            incident: self.incident.id,
            step: self.incident.steps.checked_add(1)?,
            action,
            state: decision.state,
            by: Actor::Officer(proposal.officer.clone()),
            from: None,
            reason: reason.map(str::to_owned),
            mandate: None,
            occurred_at: at,
            recorded_at: at,
            clock: decision.clock,
            rules_version: rules.version.clone(),
            previous_hash: String::new(),
            hash: String::new(),
        };
        let is_folded = self.incident.apply(&entry);
        self.steps.push(entry);
        is_folded.then_some(())
    }
}

#[cfg(test)]
mod tests;
