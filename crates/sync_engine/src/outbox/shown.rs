//! What the windows see of a proposal: its item in the outbox and, for an order or a report, its
//! echo.

use domain::conflicts::Conflict;
use domain::modes::ModeSession;
use domain::orders::OrderStamp;
use domain::situation::Record;
use domain::trail::Actor;
use domain::{Incident, IncidentId, Intent, Order, OrderState, Proposal, Timestamp};
use protocol::feed::OutboxItem;

use super::ground::Ground;
use super::queue;
use crate::board::Numbers;
use crate::store::proposals::{ProposalRow, Stage};

/// A stamp of the hall itself, which has no place.
pub fn stamp(state: OrderState, at: Timestamp, note: Option<String>) -> OrderStamp {
    OrderStamp {
        state,
        at,
        location: None,
        note,
        source_crs: domain::places::Crs::default(),
    }
}

/// What a proposal has shown until the backend's own records replace it: the order that it sends or
/// the matter that it reports.
pub fn echo_record(
    row: &ProposalRow,
    backend: &str,
    ground: &Ground,
    mode: ModeSession,
) -> Option<Record> {
    if let Some(incident) = reported(row, backend, ground, mode) {
        return Some(Record::Incident(Box::new(incident)));
    }
    echo(row, backend).map(|order| Record::Order(Box::new(order)))
}

fn reported(
    row: &ProposalRow,
    backend: &str,
    ground: &Ground,
    mode: ModeSession,
) -> Option<Incident> {
    let Intent::Report { incident, matter } = &row.proposal.intent else {
        return None;
    };
    let by = Actor::Officer(row.proposal.officer.clone());
    let is_ours = row.backend == backend;
    is_ours.then(|| {
        let at = row.proposal.occurred_at;
        matter.shown_as(*incident, by, at, &ground.known(mode))
    })
}

/// The order that a proposal asks for, as it is shown until the backend's own record replaces it;
/// `None` for anything but an order to this backend.
pub fn echo(row: &ProposalRow, backend: &str) -> Option<Order> {
    let Intent::SendOrder {
        incident,
        to,
        instruction,
        override_reason,
    } = &row.proposal.intent
    else {
        return None;
    };
    if row.backend != backend {
        return None;
    }
    let queued = stamp(OrderState::Queued, row.proposal.occurred_at, None);
    let parked = row
        .parked_before
        .map(|at| stamp(OrderState::Parked, at, None));
    let order = Order {
        id: row.proposal.key,
        incident: *incident,
        to: *to,
        by: row.proposal.officer.clone(),
        instruction: instruction.clone(),
        override_reason: override_reason.clone(),
        stamps: std::iter::once(queued).chain(parked).collect(),
    };
    Some(progress(row, Some(order.clone())).unwrap_or(order))
}

/// The shown order moved on to where its proposal stands; `None` when it stays as it is.
pub fn progress(row: &ProposalRow, shown: Option<Order>) -> Option<Order> {
    let mut order = shown?;
    let next = match &row.stage {
        Stage::Queued => return None,
        Stage::Parked { at, .. } => stamp(OrderState::Parked, *at, row.last_error.clone()),
        Stage::Sent { recorded_at, .. } => stamp(OrderState::Sent, *recorded_at, None),
    };
    order.advance(next).then_some(order)
}

/// How a proposal stands in the queue, and what it waits for.
#[derive(Debug, Default)]
pub struct Standing {
    /// Its officer has no session that the backend takes.
    pub for_sign_in: bool,
    /// An older proposal about the same incident is parked.
    pub behind_parked: bool,
    /// When it is tried again after a failure.
    pub next_try: Option<Timestamp>,
    /// Whether it can be dropped without a trace.
    pub can_drop: bool,
}

/// The item of a proposal, with the matters in it under the numbers under which they are shown.
pub fn item(
    row: &ProposalRow,
    backend: &str,
    standing: &Standing,
    numbers: &Numbers,
    conflict: Option<Box<Conflict>>,
) -> OutboxItem {
    let is_ours = row.backend == backend;
    let is_queued = row.stage == Stage::Queued;
    let state = match &row.stage {
        Stage::Sent { .. } => OrderState::Sent,
        Stage::Queued if is_ours => OrderState::Queued,
        Stage::Queued | Stage::Parked { .. } => OrderState::Parked,
    };
    let last_error = if !is_ours && is_queued {
        Some(format!(
            "为后台 {0} 排队，连接该后台时发送 / queued for the backend {0}, sent when the hall is started with it",
            row.backend
        ))
    } else if queue::waits_for_receipt(row) && standing.for_sign_in {
        Some(format!(
            "{0} 需重新登录后发送 / waits until {0} signs in again",
            row.proposal.officer
        ))
    } else if is_queued && standing.behind_parked {
        Some(
            "同一案件前一项被退回，请先处理 / waits for a decision about the parked one before it"
                .to_owned(),
        )
    } else if !is_queued && queue::waits_for_receipt(row) {
        Some(
            "后台数据可能恢复自备份，按原编号再次发送以确认 / \
             the backend's log was replaced; it is sent again under its key to make sure"
                .to_owned(),
        )
    } else {
        row.last_error.clone()
    };
    let number = |id: IncidentId| numbers.get(&id).copied().unwrap_or(id);
    OutboxItem {
        proposal: Proposal {
            intent: row.proposal.intent.renumbered(number),
            ..row.proposal.clone()
        },
        state,
        attempts: row.attempts,
        last_error,
        next_attempt_at: standing.next_try.filter(|_| is_queued && is_ours),
        conflict,
        is_held: is_queued && is_ours && standing.behind_parked,
        can_drop: standing.can_drop,
    }
}
