//! Receipts from the field: they move an order forward, and with it the incident.

use domain::orders::OrderStamp;
use domain::trail::{Action, Actor};
use domain::{IncidentState, Order, OrderState};
use protocol::ErrorCode;
use protocol::http::FieldReceipt;

use super::proposals::undispatch;
use super::texts::{LONGEST_TEXT, limit};
use super::work::{Step, Work};
use crate::refusal::Refusal;

/// Takes a receipt and returns the order as it then stands. A late or repeated receipt changes
/// nothing and is no error: the phone only needs to know that it arrived.
pub fn take(work: &mut Work<'_>, receipt: &FieldReceipt) -> Result<Order, Refusal> {
    check(work, receipt)?;
    let at = receipt.at.min(work.now());
    let moved = work.advance(
        receipt.order,
        OrderStamp {
            state: receipt.state,
            at,
            location: receipt.location,
            note: receipt.note.clone(),
        },
    )?;
    let order = work.order(receipt.order)?.clone();
    if !moved {
        return Ok(order);
    }
    let step = |action| Step {
        action,
        by: Actor::Person(receipt.person),
        role: None,
        reason: None,
        at,
    };
    let id = order.id;
    let state = work.incident(order.incident)?.state;
    match receipt.state {
        OrderState::Arrived if state == IncidentState::Dispatched => {
            work.act(order.incident, step(Action::StartHandling { order: id }))?;
        }
        OrderState::Done => {
            let result = receipt.note.clone().unwrap_or_default();
            let action = if matches!(state, IncidentState::Dispatched | IncidentState::Handling) {
                Action::Handled { order: id, result }
            } else {
                // Nobody waits for the result any more, but what was done there is on the record.
                Action::Note {
                    text: format!("{} 处置反馈：{result}", receipt.person),
                }
            };
            work.act(order.incident, step(action))?;
        }
        OrderState::Refused => {
            let mut step = step(Action::Undispatch { order: id });
            step.reason.clone_from(&receipt.note);
            undispatch(work, order.incident, step)?;
        }
        _ => {}
    }
    Ok(order)
}

fn check(work: &mut Work<'_>, receipt: &FieldReceipt) -> Result<(), Refusal> {
    limit(
        receipt.note.as_deref().unwrap_or_default(),
        LONGEST_TEXT,
        "说明",
        "the note",
    )?;
    if receipt.location.is_some_and(|place| !place.is_on_globe()) {
        return Err(Refusal::bad_request(
            "坐标无效",
            "the location is no longitude and latitude",
        ));
    }
    if !matches!(
        receipt.state,
        OrderState::Delivered
            | OrderState::Read
            | OrderState::Accepted
            | OrderState::Refused
            | OrderState::Arrived
            | OrderState::Done
    ) {
        return Err(Refusal::bad_request(
            format!(
                "现场不能把派单置为“{}”",
                crate::words::order_state(receipt.state)
            ),
            format!("the field cannot make an order {:?}", receipt.state),
        ));
    }
    let has_reason = receipt.note.as_ref().is_some_and(|n| !n.trim().is_empty());
    if receipt.state == OrderState::Refused && !has_reason {
        return Err(Refusal::bad_request(
            "拒单须说明理由",
            "a refusal needs its reason in the note",
        ));
    }
    let order = work.order(receipt.order)?;
    if order.to != receipt.person {
        return Err(Refusal::new(
            ErrorCode::Forbidden,
            format!("派单 {} 不是派给 {} 的", order.id, receipt.person),
            format!("order {} is not for {}", order.id, receipt.person),
        ));
    }
    Ok(())
}
