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
use crate::trail::{Action, EscalatedTo, TrailEntry};

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
        self.orders
            .iter()
            .filter(|order| !self.is_escalated(order.id))
            .filter_map(|order| Some((order.id, self.due_step(order, limits, now)?)))
            .collect()
    }

    fn due_step(&self, order: &Order, limits: &EscalationLimits, now: Timestamp) -> Option<u8> {
        let limit_min = answer_limit_min(order.state(), limits)?;
        let mut steps = self.past.iter().filter(|past| past.order == order.id);
        let Some(last) = steps.clone().max_by_key(|past| past.step) else {
            let sent_at = order
                .reached_at(OrderState::Sent)
                .unwrap_or_else(|| order.given_at());
            return is_over(sent_at, limit_min, now).then_some(STEP_NEXT_IN_LINE);
        };
        let is_answered = steps.any(|past| self.is_answered_by(past));
        let is_due = last.step < STEP_SHIFT_LEADER
            && !is_answered
            && is_over(last.at, limits.leader_min, now);
        is_due.then_some(STEP_SHIFT_LEADER)
    }

    /// Whether the order came out of an escalation.
    fn is_escalated(&self, order: OrderId) -> bool {
        self.past.iter().any(|past| past.sent() == Some(order))
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

fn is_over(since: Timestamp, limit_min: u16, now: Timestamp) -> bool {
    now.ms_since(since) >= i64::from(limit_min) * MINUTE_MS
}

/// The steps to be done now for one incident, given the ranking for it, best first. The next in
/// line is the first who is offered and has had no order about the matter; where there is nobody,
/// the shift leader is told at once.
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
