//! Proposals of officers: carried out once, however often they arrive.

use domain::addressees::Addressee;
use domain::incidents::legal_now;
use domain::intents::{Intent, Proposal};
use domain::modes::{ModeSession, SwitchRefused};
use domain::places::GridIndex;
use domain::trail::{Action, Actor, Officer, OfficerRole, Origin};
use domain::{IncidentId, OrderId, OrderState, Timestamp};
use protocol::ErrorCode;
use protocol::http::Receipt;
use rusqlite::Connection;

use super::conflicts;
use super::contents;
use super::duty;
use super::orders::{OrderWanted, OrdersWanted, send_order, send_orders, stamp};
use super::reports;
use super::texts::{LONGEST_TEXT, limit, require};
use super::whistles;
use super::work::{Step, Work};
use crate::credentials::sha256_hex;
use crate::refusal::Refusal;
use crate::store::StoreError;
use crate::tables::proposals::ProposalRow;
use crate::tables::{modes, proposals};
use crate::words;
use domain::rules::Rules;

/// Carries a proposal out, or returns the first receipt of its key. Effect, key and receipt are
/// written by the one transaction that this runs in.
pub fn carry_out(
    db: &Connection,
    (rules, grids): (&Rules, &GridIndex),
    now: Timestamp,
    officer: &Officer,
    proposal: &Proposal,
    from: Option<Origin>,
) -> Result<Receipt, Refusal> {
    if proposal.officer != officer.id {
        return Err(Refusal::new(
            ErrorCode::Forbidden,
            format!(
                "此操作属于 {}，当前登录的是 {}",
                proposal.officer, officer.id
            ),
            format!(
                "the proposal is by {}, the session by {}",
                proposal.officer, officer.id
            ),
        ));
    }
    let mut work = Work::begin(db, rules, now)?.from(from);
    let named = proposal.intent.incident();
    let proposal = Proposal {
        intent: numbered(&work, &proposal.intent)?,
        ..proposal.clone()
    };
    let fingerprint = fingerprint(&proposal)?;
    if let Some(done) = proposals::get(db, proposal.key)? {
        if done.fingerprint == fingerprint {
            return Ok(done.receipt);
        }
        return Err(Refusal::bad_request(
            format!("编号 {} 已用于另一操作，请重新发起", proposal.key),
            format!(
                "key {} has been used for another proposal: mint a new one",
                proposal.key
            ),
        ));
    }
    conflicts::check(&mut work, &proposal, named)?;
    let mut work = work.by_intent(conflicts::mandate(&proposal));
    let addressees = perform(&mut work, grids, officer, &proposal)?;
    let receipt = Receipt {
        key: proposal.key,
        recorded_at: now,
        cursor: work.finish()?,
        addressees,
    };
    let row = ProposalRow {
        fingerprint,
        receipt: receipt.clone(),
    };
    proposals::insert(db, &row)?;
    Ok(receipt)
}

/// What is wanted about a matter that had no number when it was wanted, about its number: the one
/// place where that is looked up, for everything that an intent may be.
fn numbered(work: &Work<'_>, intent: &Intent) -> Result<Intent, Refusal> {
    let mut unknown = None;
    let found = intent.renumbered(|id| match reports::number_of(work, id) {
        Ok(number) => number,
        Err(refusal) => {
            unknown = Some(refusal);
            id
        }
    });
    unknown.map_or(Ok(found), Err)
}

/// Does what the intent asks for; for an order to several people with the verdict on each.
fn perform(
    work: &mut Work<'_>,
    grids: &GridIndex,
    officer: &Officer,
    proposal: &Proposal,
) -> Result<Vec<Addressee>, Refusal> {
    let at = proposal.occurred_at.min(work.now());
    match &proposal.intent {
        Intent::SendOrders {
            incident,
            to,
            instruction,
            override_reason,
        } => {
            let wanted = OrdersWanted {
                key: proposal.key,
                incident: *incident,
                to,
                instruction,
                override_reason: override_reason.as_deref(),
            };
            return send_orders(work, officer, &wanted, at);
        }
        Intent::SendOrder {
            incident,
            to,
            instruction,
            override_reason,
        } => {
            let wanted = OrderWanted {
                key: proposal.key,
                incident: *incident,
                to: *to,
                instruction,
                override_reason: override_reason.as_deref(),
            };
            send_order(work, officer, &wanted, at)
        }
        Intent::WithdrawOrder {
            incident,
            order,
            reason,
        } => withdraw_order(work, officer, *incident, *order, reason, at),
        Intent::Act {
            incident,
            action,
            reason,
        } => act(work, officer, *incident, action, reason.as_ref(), at),
        Intent::SetMode { mode, is_drill } => {
            set_mode(work, officer, ModeSession::new(*mode, *is_drill), at)
        }
        Intent::Report { incident, matter } => {
            let known_as = (proposal.key, *incident);
            reports::take_at_desk(work, grids, officer, known_as, matter, at).map(drop)
        }
        Intent::LogDuty { text } => duty::log(work, officer, proposal, text, at),
        Intent::HandOver { sheet } => duty::sign(work, officer, proposal, sheet, at),
    }?;
    Ok(Vec::new())
}

/// Officer, intent and override; the time is left out, because a second try may carry a later one,
/// and so is what the officer had seen, of which the own proposals may change their keys. Whether
/// the matter was named by its provisional number or, in a later try, by its own is left out, too:
/// the proposal is the numbered one.
fn fingerprint(numbered: &Proposal) -> Result<String, StoreError> {
    let (officer, intent) = (&numbered.officer, &numbered.intent);
    let basis = numbered.basis.as_ref();
    let bytes = match basis.and_then(|basis| basis.anyway.as_ref()) {
        Some(anyway) => serde_json::to_vec(&(officer, intent, &anyway.reason)),
        None => serde_json::to_vec(&(officer, intent)),
    };
    bytes
        .map(|bytes| sha256_hex(&bytes))
        .map_err(|source| StoreError::Row {
            table: "proposals",
            row: numbered.key.to_string(),
            source,
        })
}

fn withdraw_order(
    work: &mut Work<'_>,
    officer: &Officer,
    incident: IncidentId,
    order: OrderId,
    reason: &str,
    at: Timestamp,
) -> Result<(), Refusal> {
    limit(reason, LONGEST_TEXT, "理由", "the reason")?;
    if !matches!(
        officer.role,
        OfficerRole::DutyOfficer | OfficerRole::ShiftLeader
    ) {
        return Err(not_for_role(officer, "撤回派单", "withdraw an order"));
    }
    let state = {
        let order = work.order(order)?;
        if order.incident != incident {
            return Err(Refusal::bad_request(
                format!("派单 {} 不属于案件 {incident}", order.id),
                format!("order {} is not about incident {incident}", order.id),
            ));
        }
        order.state()
    };
    let moved = work.advance(order, stamp(OrderState::Withdrawn, at, Some(reason)))?;
    if !moved {
        return Err(Refusal::not_now(
            format!("派单{}，不能撤回", words::order_state(state)),
            format!("the order is {state:?} and can no longer be withdrawn"),
        ));
    }
    let is_counted = {
        let incident = work.incident(incident)?;
        if incident.assisting.contains(&order) {
            // The lead may be waiting for this assistant: whoever releases it says why.
            require(reason, LONGEST_TEXT, "理由", "the reason")?;
        }
        incident.orders.contains(&order) || incident.assisting.contains(&order)
    };
    if is_counted {
        let step = Step {
            action: Action::Undispatch { order },
            by: Actor::Officer(officer.id.clone()),
            role: Some(officer.role),
            reason: Some(reason.to_owned()),
            at,
        };
        return undispatch(work, incident, step);
    }
    Ok(())
}

/// Takes an ended order off its incident, where the incident's state knows orders at all.
pub fn undispatch(work: &mut Work<'_>, incident: IncidentId, step: Step) -> Result<(), Refusal> {
    if legal_now(work.incident(incident)?, &step.action).is_ok() {
        return work.act(incident, step);
    }
    Ok(())
}

fn act(
    work: &mut Work<'_>,
    officer: &Officer,
    incident: IncidentId,
    action: &Action,
    reason: Option<&String>,
    at: Timestamp,
) -> Result<(), Refusal> {
    limit(
        reason.map_or("", String::as_str),
        LONGEST_TEXT,
        "理由",
        "the reason",
    )?;
    let action = contents::checked(work, incident, action)?;
    let action = whistles::accepted(work, incident, action, reason.map(String::as_str), at)?;
    let told = match action {
        Action::Recategorise { .. } => Some(reports::repeats_told(work, incident)?),
        _ => None,
    };
    work.act(
        incident,
        Step {
            action,
            by: Actor::Officer(officer.id.clone()),
            role: Some(officer.role),
            reason: reason.cloned(),
            at,
        },
    )?;
    if let Some(told) = told {
        reports::level_again(work, incident, told, at)?;
    }
    Ok(())
}

fn set_mode(
    work: &mut Work<'_>,
    officer: &Officer,
    wanted: ModeSession,
    at: Timestamp,
) -> Result<(), Refusal> {
    if officer.role == OfficerRole::ItOfficer {
        return Err(not_for_role(officer, "切换平战状态", "switch the mode"));
    }
    let current = modes::current(work.db())?;
    if current != wanted {
        current.may_become(wanted).map_err(refuse_switch)?;
        modes::switch(work.db(), wanted, Some(&officer.id), at, work.now())?;
        work.log_mode()?;
    }
    Ok(())
}

fn refuse_switch(why: SwitchRefused) -> Refusal {
    match why {
        SwitchRefused::DrillInEmergency => Refusal::not_now(
            "战时状态中不能开始演练，请先恢复平时状态",
            "no drill is begun while an emergency is in force: return to normal mode first",
        ),
    }
}

pub fn not_for_role(officer: &Officer, what_zh: &str, what_en: &str) -> Refusal {
    Refusal::new(
        ErrorCode::Forbidden,
        format!("{}无权{what_zh}", words::role(officer.role)),
        format!("the role {:?} may not {what_en}", officer.role),
    )
}
