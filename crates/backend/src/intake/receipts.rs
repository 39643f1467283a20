//! Receipts from the field: they move an order forward, and with it the incident.

use domain::admission::RefusalReason;
use domain::incidents::legal_now;
use domain::orders::OrderStamp;
use domain::trail::{Action, Actor};
use domain::{IncidentState, Order, OrderState};
use protocol::ErrorCode;
use protocol::http::FieldReceipt;

use super::proposals::undispatch;
use super::texts::{LONGEST_TEXT, limit};
use super::work::{Step, Work, done};
use crate::refusal::Refusal;

/// Takes a receipt and returns the order as it then stands. A late or repeated receipt changes
/// nothing and is no error: the phone only needs to know that it arrived. Its place is in CGCS2000
/// already.
pub fn take(work: &mut Work<'_>, receipt: &FieldReceipt) -> Result<Order, Refusal> {
    check(work, receipt)?;
    let note = note(work, receipt)?;
    let at = receipt.at.min(work.now());
    let moved = work.advance(
        receipt.order,
        OrderStamp {
            state: receipt.state,
            at,
            location: receipt.location,
            source_crs: receipt.crs,
            note: note.clone(),
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
    match receipt.state {
        OrderState::Arrived
            if work.incident(order.incident)?.state == IncidentState::Dispatched =>
        {
            work.act(order.incident, step(Action::StartHandling { order: id }))?;
        }
        OrderState::Done => {
            let result = receipt.note.clone().unwrap_or_default();
            let incident = work.incident(order.incident)?;
            let mut action = done(incident, id, result.clone());
            if legal_now(incident, &action).is_err() {
                // The matter does not wait for it now (it is suspended, it has ended, a lead's
                // assistants are still at work), but what was done there is on the record.
                action = Action::Note {
                    text: format!("{} 处置反馈：{result}", receipt.person),
                };
            }
            work.act(order.incident, step(action))?;
        }
        OrderState::Refused => {
            let mut step = step(Action::Undispatch { order: id });
            step.reason = note;
            undispatch(work, order.incident, step)?;
        }
        _ => {}
    }
    Ok(order)
}

/// What is kept with the receipt: of a refusal the words of its reason, and then what the phone
/// added.
fn note(work: &mut Work<'_>, receipt: &FieldReceipt) -> Result<Option<String>, Refusal> {
    if receipt.state != OrderState::Refused {
        return Ok(receipt.note.clone());
    }
    let incident = work.order(receipt.order)?.incident;
    let category = work.incident(incident)?.category;
    let rules = work.rules();
    let allowed: Vec<&RefusalReason> = rules
        .refusal_reasons
        .iter()
        .filter(|reason| {
            let rule = rules.category(category);
            rule.is_some_and(|rule| rule.may_be_refused_for(&reason.id))
        })
        .collect();
    let given = receipt.refusal_reason.as_ref();
    let Some(reason) = allowed.iter().find(|reason| Some(&reason.id) == given) else {
        let ids: Vec<&str> = allowed.iter().map(|reason| reason.id.as_str()).collect();
        return Err(Refusal::bad_request(
            format!("拒单须注明 {category} 允许的理由：{}", ids.join("、")),
            format!(
                "a refusal names a reason that is allowed for {category}: {}",
                ids.join(", ")
            ),
        ));
    };
    let added = receipt.note.as_deref().map_or("", str::trim);
    let words = &reason.words.zh;
    Ok(Some(if added.is_empty() {
        words.clone()
    } else {
        format!("{words}：{added}")
    }))
}

fn check(work: &mut Work<'_>, receipt: &FieldReceipt) -> Result<(), Refusal> {
    limit(
        receipt.note.as_deref().unwrap_or_default(),
        LONGEST_TEXT,
        "说明",
        "the note",
    )?;
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
