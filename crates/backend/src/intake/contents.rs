//! What the steps of officers say: checked and completed before the domain decides on them.

use domain::incidents::{ActionRefused, check_duplicate};
use domain::trail::Action;
use domain::{ConditionCode, DepartmentId, IncidentId, OrderId};

use super::texts::{LONGEST_LINE, LONGEST_TEXT, limit, require};
use super::work::Work;
use crate::refusal::Refusal;

/// The step as it may be decided on: what the rules know is theirs, whatever the hall believed;
/// texts are of bearable length; matters, orders and departments that it names exist.
pub fn checked(
    work: &mut Work<'_>,
    incident: IncidentId,
    action: &Action,
) -> Result<Action, Refusal> {
    match action {
        Action::File { condition, .. } => {
            return Ok(Action::File {
                limit: filing_limit(work, incident, condition.as_ref())?,
                condition: condition.clone(),
            });
        }
        Action::Note { text } => require(text, LONGEST_TEXT, "备注", "the remark")?,
        Action::ReplyToSupervision { text } => {
            require(text, LONGEST_TEXT, "督办回复", "the reply")?;
        }
        Action::SetLevel {
            level_reason,
            level_reason_en,
            ..
        } => level_reasons(level_reason, level_reason_en)?,
        Action::Convene { lead, assistants } => {
            departments(work, std::iter::once(lead).chain(assistants))?;
        }
        Action::MarkDuplicate { of } => duplicate(work, incident, *of)?,
        Action::JudgeDispatch { order, .. } => order_of(work, incident, *order)?,
        Action::Report(_)
        | Action::Dispatch { .. }
        | Action::Undispatch { .. }
        | Action::StartHandling { .. }
        | Action::Handled { .. }
        | Action::Assisted { .. }
        | Action::Escalate { .. } => {
            return Err(Refusal::bad_request(
                "此步骤只能由上报、派单或现场回执产生",
                "this step follows from a report, an order or a receipt of the field only",
            ));
        }
        Action::Verify
        | Action::NotAccept
        | Action::Return
        | Action::Suspend
        | Action::Resume
        | Action::Extend
        | Action::Rework
        | Action::Close
        | Action::ForceClose
        | Action::Cancel
        | Action::Supervise
        | Action::Recategorise { .. }
        | Action::ContactCaller
        | Action::CallBack(_)
        | Action::FlagUnreasonable { .. }
        // Those of whistles have rules of their own; see `whistles`.
        | Action::Whistle { .. }
        | Action::SignIn { .. }
        | Action::WhistleHandled { .. }
        | Action::RateDepartment { .. }
        | Action::AdjustPoints { .. } => {}
    }
    Ok(action.clone())
}

fn level_reasons(zh: &str, en: &str) -> Result<(), Refusal> {
    require(zh, LONGEST_TEXT, "定级理由", "the reason of the level")?;
    limit(
        en,
        LONGEST_TEXT,
        "定级理由的英文",
        "the English reason of the level",
    )
}

/// The limit that the rules in force give a matter when it is filed under a condition; the
/// category's ordinary one where none is named.
pub fn filing_limit(
    work: &mut Work<'_>,
    incident: IncidentId,
    condition: Option<&ConditionCode>,
) -> Result<domain::clocks::Limit, Refusal> {
    let category = work.incident(incident)?.category;
    let rules = work.rules_for(incident)?;
    let Some(rule) = rules.category(category) else {
        let why = ActionRefused::UnknownCategory {
            category,
            rules_version: rules.version.clone(),
        };
        return Err(Refusal::of_action(&why, incident));
    };
    rule.limit_under(condition).ok_or_else(|| {
        let unknown = condition.map_or("", ConditionCode::as_str);
        let known: Vec<_> = rule.conditions.iter().map(|c| c.code.as_str()).collect();
        let known = known.join(", ");
        Refusal::bad_request(
            format!("{category} 没有立案条件“{unknown}”，可用的有：{known}"),
            format!("{category} has no filing condition \"{unknown}\"; it has: {known}"),
        )
    })
}

/// The departments are those of the street.
fn departments<'a>(
    work: &Work<'_>,
    named: impl IntoIterator<Item = &'a DepartmentId>,
) -> Result<(), Refusal> {
    for department in named {
        limit(department.as_str(), LONGEST_LINE, "部门", "the department")?;
        if work.rules().department(department).is_none() {
            return Err(Refusal::bad_request(
                format!("规则中没有部门“{department}”"),
                format!("there is no department \"{department}\" in the rules"),
            ));
        }
    }
    Ok(())
}

/// The other matter exists, and no chain of repetitions comes about.
fn duplicate(work: &mut Work<'_>, incident: IncidentId, of: IncidentId) -> Result<(), Refusal> {
    let other = work.incident(of)?.clone();
    if other.is_drill != work.incident(incident)?.is_drill {
        return Err(Refusal::not_now(
            format!("案件 {incident} 与 {of} 一为演练、一为实战，不能合并"),
            format!("incidents {incident} and {of}: one is a drill, the other is not"),
        ));
    }
    let is_followed = work.has_repetitions(incident)?;
    check_duplicate(work.incident(incident)?, &other, is_followed)
        .map_err(|why| Refusal::of_action(&why, incident))
}

fn order_of(work: &mut Work<'_>, incident: IncidentId, order: OrderId) -> Result<(), Refusal> {
    if work.order(order)?.incident == incident {
        return Ok(());
    }
    Err(Refusal::bad_request(
        format!("派单 {order} 不属于案件 {incident}"),
        format!("order {order} is not about incident {incident}"),
    ))
}
