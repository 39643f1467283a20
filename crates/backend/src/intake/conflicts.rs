//! Proposals against what others have done since their officers saw the incident.
//!
//! The trail is read in the transaction that would carry the proposal out, so nothing can happen
//! between the comparison and the effect.

use domain::conflicts::{Basis, Conflict, MOST_OWN, Version, conflict};
use domain::trail::{AnywayOnRecord, Mandate};
use domain::{Incident, IncidentId, PersonId, Proposal};

use super::texts::{LONGEST_TEXT, require};
use super::work::Work;
use crate::refusal::Refusal;
use crate::tables::{incidents, trail};
use crate::words;

/// Refuses a proposal that others' steps speak against, and tells them, and one that is about another
/// matter than the one that bears the number now. `named` is the number that the hall named it by.
pub fn check(
    work: &mut Work<'_>,
    proposal: &Proposal,
    named: Option<IncidentId>,
) -> Result<(), Refusal> {
    let (Some(id), Some(basis)) = (proposal.intent.incident(), proposal.basis.as_deref()) else {
        return Ok(());
    };
    check_contents(basis)?;
    // What is wrong with an incident that does not exist is said where it is looked for.
    if incidents::get(work.db(), id)?.is_none() {
        return Ok(());
    }
    let incident = work.incident(id)?.clone();
    let now = Version::of(&incident, Vec::new());
    // A provisional number follows from the report's key, so it is never that of another matter.
    let is_by_number = named.is_some_and(|named| !named.is_provisional());
    if is_by_number && now.is_of_other_matter(&basis.seen) {
        return Err(Refusal::not_found(
            format!(
                "编号 {id} 现属另一案件：所指案件已不在后台（后台由备份恢复），请核对后重新登记"
            ),
            format!(
                "the number {id} belongs to another incident now: the backend was restored from a \
                 backup and has forgotten the one that is meant; report it again where needed"
            ),
        ));
    }
    if incident.steps == basis.seen.steps {
        return Ok(());
    }
    let later = trail::entries_after(work.db(), id, basis.seen.steps)?;
    let now = Version {
        under_way: under_way(work, &incident)?,
        ..now
    };
    match conflict(&proposal.intent, basis, &now, &later) {
        None => Ok(()),
        Some(conflict) => Err(refused(id, conflict)),
    }
}

/// What the steps of a proposal bear.
pub fn mandate(proposal: &Proposal) -> Mandate {
    let basis = proposal.basis.as_deref();
    Mandate {
        intent: proposal.key,
        anyway: basis.and_then(|basis| {
            let anyway = basis.anyway.as_ref()?;
            Some(AnywayOnRecord {
                reason: anyway.reason.trim().to_owned(),
                after_step: anyway.composed_at,
                until_step: basis.seen.steps,
            })
        }),
    }
}

fn check_contents(basis: &Basis) -> Result<(), Refusal> {
    let most = basis.own.len().max(basis.seen.under_way.len());
    if most > MOST_OWN {
        return Err(Refusal::bad_request(
            format!("操作所依据的内容过多：{most} 项，最多 {MOST_OWN} 项"),
            format!("the basis names {most} proposals or people, at most {MOST_OWN} are taken"),
        ));
    }
    match &basis.anyway {
        Some(anyway) => require(
            &anyway.reason,
            LONGEST_TEXT,
            "仍然发送的理由",
            "the reason to send anyway",
        ),
        None => Ok(()),
    }
}

fn under_way(work: &mut Work<'_>, incident: &Incident) -> Result<Vec<PersonId>, Refusal> {
    let mut people = Vec::new();
    for order in incident.orders.iter().chain(&incident.assisting) {
        let order = work.order(*order)?;
        if order.state().is_under_way() {
            people.push(order.to);
        }
    }
    Ok(people)
}

fn refused(id: IncidentId, conflict: Conflict) -> Refusal {
    let steps = conflict.since.len();
    let state = conflict.theirs.state;
    Refusal::Conflict {
        zh: format!(
            "案件 {id} 在操作之后已有变化：他人办理 {steps} 步，现为{}，请选择仍然发送、更改或放弃",
            words::incident_state(state)
        ),
        en: format!(
            "incident {id} has changed since: {steps} steps by others, it is {state:?} now; send \
             anyway, change or drop"
        ),
        conflict: Box::new(conflict),
    }
}
