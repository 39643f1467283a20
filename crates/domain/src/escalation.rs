//! Escalation of unanswered orders (催办升级): after so many minutes without a receipt the next in
//! line is ordered too, then the shift leader is told.
//!
//! An order is answered when it is accepted, refused or beyond. Until then the rules give it a time
//! to be delivered, to be read and to be accepted, each counted from its sending. The first order
//! stays in force: its addressee may be on the way with a dead phone. An order that came out of an
//! escalation is not escalated again; the second step of the first one tells the leader when
//! neither has answered.
//!
//! What has been done stands in the trail ([`past_steps`]), so that a step is due once: the same
//! question with its answer in the trail is answered with nothing.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::addressees::order_key;
use crate::dispatch::Candidate;
use crate::ids::{OrderId, PersonId};
use crate::incidents::{Incident, IncidentState, Level};
use crate::orders::{Order, OrderState};
use crate::time::{MINUTE_MS, Timestamp};
use crate::trail::{Action, DispatchDuty, EscalatedTo, TrailEntry};

/// The step that orders the next in line.
pub const STEP_NEXT_IN_LINE: u8 = 1;
/// The step that tells the shift leader.
pub const STEP_SHIFT_LEADER: u8 = 2;

/// When unanswered orders are passed on (`[[escalation]]` of the rules files). The default never
/// escalates.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EscalationRules {
    /// One for each level, as an emergency and not.
    pub limits: Vec<EscalationLimits>,
}

/// The limits for matters of one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscalationLimits {
    /// The level.
    pub level: Level,
    /// Whether they hold for matters of which the mode makes an emergency, or for all others.
    pub is_emergency: bool,
    /// Minutes after its sending within which an order is to be delivered.
    pub delivered_min: u16,
    /// The same for read; not less.
    pub read_min: u16,
    /// The same for accepted; not less.
    pub accepted_min: u16,
    /// Minutes after the first step until the shift leader is told; at least 1.
    pub leader_min: u16,
}

impl EscalationRules {
    /// The limits for a level, as an emergency or not.
    pub fn limits(&self, level: Level, is_emergency: bool) -> Option<&EscalationLimits> {
        self.limits
            .iter()
            .find(|limits| (limits.level, limits.is_emergency) == (level, is_emergency))
    }
}

/// A step that the trail holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastStep {
    /// The order that was unanswered.
    pub order: OrderId,
    /// The step.
    pub step: u8,
    /// To whom it was passed on.
    pub to: EscalatedTo,
    /// When.
    pub at: Timestamp,
}

/// The steps that a trail holds.
pub fn past_steps<'a>(trail: impl IntoIterator<Item = &'a TrailEntry>) -> Vec<PastStep> {
    trail
        .into_iter()
        .filter_map(|entry| match entry.action {
            Action::Escalate { order, step, to } => Some(PastStep {
                order,
                step,
                to,
                at: entry.occurred_at,
            }),
            _ => None,
        })
        .collect()
}

/// One incident with all that escalation looks at.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// Its orders, also those that have ended.
    pub orders: &'a [Order],
    /// What has been done ([`past_steps`]).
    pub past: &'a [PastStep],
    /// Whether the mode in force makes an emergency of the matter.
    pub is_emergency: bool,
}

/// A step to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Escalation {
    /// The order that is unanswered.
    pub order: OrderId,
    /// [`STEP_NEXT_IN_LINE`] or [`STEP_SHIFT_LEADER`].
    pub step: u8,
    /// To whom. A person gets an order of their own under [`escalated_order`].
    pub to: EscalatedTo,
}

/// The key of the order that the next in line gets.
pub fn escalated_order(unanswered: OrderId, to: PersonId) -> OrderId {
    order_key(unanswered, to)
}

impl Case<'_> {
    /// The orders of which a step is due, with the step; whether somebody is next in line is not
    /// asked yet. Empty for most incidents, so that nobody is ranked in vain.
    pub fn due_steps(&self, rules: &EscalationRules, now: Timestamp) -> Vec<(OrderId, u8)> {
        let is_under_way = matches!(
            self.incident.state,
            IncidentState::Dispatched | IncidentState::Handling
        );
        let Some(limits) = rules
            .limits(self.incident.level, self.is_emergency)
            .filter(|_| is_under_way)
        else {
            return Vec::new();
        };
        let mut due: Vec<(Timestamp, OrderId, u8)> = self
            .orders
            .iter()
            .filter(|order| !self.is_in_other_hands(order))
            .filter_map(|order| {
                let (step, since) = self.due_step(order, limits, now)?;
                Some((since, order.id, step))
            })
            .collect();
        due.sort_unstable();
        // One matter brings one more person at a time, however many do not answer: the one for whom
        // the time ran out first.
        let mut is_passed_on = false;
        due.retain(|(_, _, step)| {
            *step != STEP_NEXT_IN_LINE || !std::mem::replace(&mut is_passed_on, true)
        });
        due.into_iter()
            .map(|(_, order, step)| (order, step))
            .collect()
    }

    /// The step that is due, and since when.
    fn due_step(
        &self,
        order: &Order,
        limits: &EscalationLimits,
        now: Timestamp,
    ) -> Option<(u8, Timestamp)> {
        let limit_min = answer_limit_min(order.state(), limits)?;
        if let Some(origin) = self.past.iter().find(|past| past.sent() == Some(order.id)) {
            return self.due_step_of_the_next(order, origin, limits, now);
        }
        let sent_at = order
            .reached_at(OrderState::Sent)
            .unwrap_or_else(|| order.given_at());
        let mut steps = self.past.iter().filter(|past| past.order == order.id);
        let Some(last) = steps.clone().max_by_key(|past| past.step) else {
            // Whoever had an order when the matter was passed on is not replaced a second time.
            let is_covered = self.past.iter().any(|past| past.at >= sent_at);
            let since = self.run_out(sent_at, limit_min, now)?;
            return (!is_covered).then_some((STEP_NEXT_IN_LINE, since));
        };
        let is_answered = steps.any(|past| self.is_answered_by(past));
        let since = self.run_out(last.at, limits.leader_min, now)?;
        let is_due = last.step < STEP_SHIFT_LEADER && !is_answered;
        is_due.then_some((STEP_SHIFT_LEADER, since))
    }

    /// The order of the next in line is followed through the order that it came from, as long as
    /// that one lives; once it was refused or withdrawn, the next in line stands alone.
    fn due_step_of_the_next(
        &self,
        order: &Order,
        origin: &PastStep,
        limits: &EscalationLimits,
        now: Timestamp,
    ) -> Option<(u8, Timestamp)> {
        let has_origin_ended = self.orders.iter().any(|first| {
            first.id == origin.order
                && matches!(first.state(), OrderState::Refused | OrderState::Withdrawn)
        });
        let is_told = self.past.iter().any(|past| {
            past.step == STEP_SHIFT_LEADER && (past.order == order.id || past.order == origin.order)
        });
        let since = self.run_out(origin.at, limits.leader_min, now)?;
        (has_origin_ended && !is_told).then_some((STEP_SHIFT_LEADER, since))
    }

    /// The instant at which a limit that counts from `at` ran out, once it has. Time does not run
    /// while the matter is suspended: it counts from its present state at the earliest.
    fn run_out(&self, at: Timestamp, limit_min: u16, now: Timestamp) -> Option<Timestamp> {
        let end = at
            .max(self.incident.state_since)
            .plus_ms(i64::from(limit_min) * MINUTE_MS);
        (end <= now).then_some(end)
    }

    /// Whether somebody else who leads has taken the matter on. Assistants are each called for what
    /// only they can do, so nobody stands in for another.
    fn is_in_other_hands(&self, order: &Order) -> bool {
        let is_assisting = |id: &OrderId| self.incident.assisting.contains(id);
        !is_assisting(&order.id)
            && self.orders.iter().any(|other| {
                other.id != order.id
                    && !is_assisting(&other.id)
                    && matches!(other.state(), OrderState::Accepted | OrderState::Arrived)
            })
    }

    /// Whether the candidate can do what the one with the order was sent for.
    fn stands_in(&self, candidate: &Candidate, order: OrderId, ranking: &[Candidate]) -> bool {
        if !self.incident.assisting.contains(&order) {
            return candidate.charge == DispatchDuty::Lead;
        }
        let silent = self.orders.iter().find(|known| known.id == order);
        let silent = silent.and_then(|order| ranking.iter().find(|one| one.person == order.to));
        candidate.charge == DispatchDuty::Assist
            && silent.is_some_and(|silent| silent.department == candidate.department)
    }

    /// Whether the one to whom the order was passed on goes.
    fn is_answered_by(&self, past: &PastStep) -> bool {
        let sent = past.sent();
        self.orders.iter().any(|order| {
            Some(order.id) == sent
                && matches!(
                    order.state(),
                    OrderState::Accepted | OrderState::Arrived | OrderState::Done
                )
        })
    }
}

impl PastStep {
    fn sent(&self) -> Option<OrderId> {
        match self.to {
            EscalatedTo::Person(person) => Some(escalated_order(self.order, person)),
            EscalatedTo::ShiftLeader => None,
        }
    }
}

/// Minutes from its sending within which an order in this state must move on; `None` when it is
/// answered, or not sent at all.
const fn answer_limit_min(state: OrderState, limits: &EscalationLimits) -> Option<u16> {
    match state {
        OrderState::Sent => Some(limits.delivered_min),
        OrderState::Delivered => Some(limits.read_min),
        OrderState::Read => Some(limits.accepted_min),
        _ => None,
    }
}

/// The steps to be done now for one incident, given the ranking of the whole roster for it, best
/// first. The next in line is the first who is offered, has had no order about the matter and can
/// stand in for the one who does not answer: a lead for a lead, and for an assistant somebody of
/// the same department. Where there is nobody, the shift leader is told at once.
pub fn due_escalations(
    case: &Case<'_>,
    ranking: &[Candidate],
    rules: &EscalationRules,
    now: Timestamp,
) -> Vec<Escalation> {
    let mut ordered: BTreeSet<PersonId> = case.orders.iter().map(|order| order.to).collect();
    case.due_steps(rules, now)
        .into_iter()
        .map(|(order, step)| {
            let next = ranking
                .iter()
                .filter(|_| step == STEP_NEXT_IN_LINE)
                .filter(|candidate| case.stands_in(candidate, order, ranking))
                .find(|candidate| candidate.is_offered() && !ordered.contains(&candidate.person));
            match next {
                Some(candidate) => {
                    ordered.insert(candidate.person);
                    Escalation {
                        order,
                        step,
                        to: EscalatedTo::Person(candidate.person),
                    }
                }
                None => Escalation {
                    order,
                    step: STEP_SHIFT_LEADER,
                    to: EscalatedTo::ShiftLeader,
                },
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
