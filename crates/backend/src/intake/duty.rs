//! The duty log and the handover of the duty desk.
//!
//! Each signature is a proposal of its officer, under that officer's own session. What was undone
//! when they signed cannot be known here, days later; that the sheet has a remark for each item and
//! that both signed the same sheet can.

use domain::Timestamp;
use domain::duty::{
    Handover, HandoverRefused, HandoverSheet, LogEntry, Signature, Undone, keeps_duty,
};
use domain::intents::Proposal;
use domain::situation::Record;
use domain::trail::Officer;
use protocol::ErrorCode;

use super::proposals::not_for_role;
use super::texts::{LONGEST_TEXT, limit, require};
use super::work::Work;
use crate::refusal::Refusal;
use crate::tables::{duty_log, handovers, officers};

/// Undone items that one sheet may list; a street with more has another problem.
const MOST_UNDONE: usize = 1_000;

/// Writes into the duty log.
pub fn log(
    work: &mut Work<'_>,
    officer: &Officer,
    proposal: &Proposal,
    text: &str,
    at: Timestamp,
) -> Result<(), Refusal> {
    if !keeps_duty(officer.role) {
        return Err(not_for_role(officer, "写值班日志", "write the duty log"));
    }
    require(text, LONGEST_TEXT, "值班日志", "the entry")?;
    let entry = LogEntry {
        id: proposal.key,
        officer: officer.id.clone(),
        at,
        recorded_at: work.now(),
        text: text.trim().to_owned(),
    };
    duty_log::add(work.db(), &entry)?;
    work.log_record(Record::DutyEntry(Box::new(entry)));
    Ok(())
}

/// Adds an officer's signature to a handover.
pub fn sign(
    work: &mut Work<'_>,
    officer: &Officer,
    proposal: &Proposal,
    sheet: &HandoverSheet,
    at: Timestamp,
) -> Result<(), Refusal> {
    if !keeps_duty(officer.role) {
        return Err(not_for_role(officer, "交接班", "hand the duty desk over"));
    }
    check(work, sheet)?;
    let is_outgoing = officer.id == sheet.outgoing;
    if !is_outgoing && officer.id != sheet.incoming {
        return Err(Refusal::new(
            ErrorCode::Forbidden,
            format!("{} 不在此交接单上", officer.id),
            format!("{} is not on this handover", officer.id),
        ));
    }
    if is_outgoing != (proposal.key == sheet.id) {
        return Err(Refusal::bad_request(
            "交接单编号应为交班人签字的编号",
            "a handover is named by the key of the outgoing officer's signature, and only by that",
        ));
    }
    let mut handover = handovers::get(work.db(), sheet.id)?.unwrap_or_else(|| Handover {
        sheet: sheet.clone(),
        at,
        outgoing: None,
        incoming: None,
    });
    if handover.sheet != *sheet {
        return Err(Refusal::not_now(
            "双方签字的交接单内容不同，请重新交接",
            "the two have signed different sheets: hand over anew",
        ));
    }
    let signature = if is_outgoing {
        &mut handover.outgoing
    } else {
        &mut handover.incoming
    };
    if signature.is_some() {
        return Err(Refusal::not_now(
            format!("{} 已在此交接单上签字", officer.id),
            format!("{} has signed this handover already", officer.id),
        ));
    }
    *signature = Some(Signature {
        at,
        recorded_at: work.now(),
    });
    handovers::put(work.db(), &handover)?;
    work.log_record(Record::Handover(Box::new(handover)));
    Ok(())
}

fn check(work: &Work<'_>, sheet: &HandoverSheet) -> Result<(), Refusal> {
    sheet.check_form().map_err(|why| refuse(&why))?;
    limit(&sheet.remarks, LONGEST_TEXT, "备注", "the remarks")?;
    if sheet.undone.len() > MOST_UNDONE {
        return Err(Refusal::bad_request(
            format!("未办事项过多，最多 {MOST_UNDONE} 项"),
            format!("the sheet lists more than {MOST_UNDONE} undone items"),
        ));
    }
    for taken in &sheet.undone {
        limit(&taken.remark, LONGEST_TEXT, "未办事项的说明", "a remark")?;
    }
    for id in [&sheet.outgoing, &sheet.incoming] {
        let known = officers::get(work.db(), id)?;
        if !known.is_some_and(|row| keeps_duty(row.officer.role)) {
            return Err(Refusal::bad_request(
                format!("{id} 不是值班人员"),
                format!("{id} does not keep the duty desk"),
            ));
        }
    }
    Ok(())
}

fn refuse(why: &HandoverRefused) -> Refusal {
    let zh = match why {
        HandoverRefused::SamePerson => "交班人与接班人不能是同一人".to_owned(),
        HandoverRefused::NotTakenOver(left) => format!("有 {} 项未办事项未接收", left.len()),
        HandoverRefused::RemarkMissing(Undone::Overdue { incident }) => {
            format!("案件 {incident} 缺少接收说明")
        }
        HandoverRefused::RemarkMissing(Undone::Parked { .. }) => {
            "被退回的操作缺少接收说明".to_owned()
        }
    };
    Refusal::bad_request(zh, why.to_string())
}
