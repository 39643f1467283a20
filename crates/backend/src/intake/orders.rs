//! Orders: to one person, to several at once, and to the next in line.

use std::collections::{BTreeMap, BTreeSet};

use domain::addressees::{Addressee, Addressees, AddresseesError, Muster, NotAddressed, resolve};
use domain::admission::{Admission, Charge, Override, admit};
use domain::incidents::{check_direct_dispatch, duty_at, duty_of_post};
use domain::modes::rules_in_mode;
use domain::orders::{Order, OrderStamp};
use domain::people::Person;
use domain::places::Grid;
use domain::roster::Roster;
use domain::rules::Rules;
use domain::trail::{Action, Actor, Officer, OfficerRole};
use domain::{
    DepartmentId, Incident, IncidentId, IncidentState, IntentKey, OfficerId, OrderId, OrderState,
    PersonId, Timestamp,
};

use super::contents::filing_limit;
use super::texts::{LONGEST_TEXT, limit, require};
use super::work::{Step, Work};
use crate::refusal::Refusal;
use crate::tables::reference_parts::{self, GRIDS};
use crate::tables::{modes, people};
use crate::words;

/// An order that somebody wants sent.
#[derive(Debug)]
pub struct OrderWanted<'a> {
    /// Key of the intent, and so of the order.
    pub key: OrderId,
    /// About what.
    pub incident: IncidentId,
    /// To whom.
    pub to: PersonId,
    /// What to do.
    pub instruction: &'a str,
    /// Reason for sending somebody who is not on the responsibility list.
    pub override_reason: Option<&'a str>,
}

/// Orders that somebody wants sent by one act.
#[derive(Debug)]
pub struct OrdersWanted<'a> {
    /// Key of the intent, from which those of the orders follow.
    pub key: IntentKey,
    /// About what.
    pub incident: IncidentId,
    /// To whom.
    pub to: &'a Addressees,
    /// What to do.
    pub instruction: &'a str,
    /// Reason for sending those who are not on the responsibility list.
    pub override_reason: Option<&'a str>,
}

/// In whose name an order goes out.
#[derive(Debug)]
pub struct Giver {
    /// Who acts.
    pub by: Actor,
    /// Role of the officer; `None` where a rule acts.
    pub role: Option<OfficerRole>,
    /// The officer whom the order names.
    pub officer: OfficerId,
}

impl Giver {
    fn of(officer: &Officer) -> Self {
        Self {
            by: Actor::Officer(officer.id.clone()),
            role: Some(officer.role),
            officer: officer.id.clone(),
        }
    }
}

/// Sends an order. A matter that is not filed yet is verified and filed by the same act.
pub fn send_order(
    work: &mut Work<'_>,
    officer: &Officer,
    wanted: &OrderWanted<'_>,
    at: Timestamp,
) -> Result<(), Refusal> {
    let override_reason = check_texts(wanted.instruction, wanted.override_reason)?;
    let incident = work.incident(wanted.incident)?.clone();
    let not_sent = match people::get(work.db(), wanted.to)? {
        None => Some(NotAddressed::NotInRoster),
        Some(_) if on_their_way(work, &incident)?.contains(&wanted.to) => {
            Some(NotAddressed::OnTheWayAlready)
        }
        Some(person) => not_admitted(work.rules(), officer, &incident, &person, override_reason),
    };
    if let Some(why) = not_sent {
        return Err(not_addressed(why, wanted.to, &incident));
    }
    let giver = Giver::of(officer);
    file_first(work, &giver, &incident, at)?;
    let wanted = OrderWanted {
        override_reason,
        ..*wanted
    };
    give(work, &giver, &wanted, at)
}

/// Sends an order to everybody addressed who may get one, and returns the verdict on each. Who may
/// not is left out and spoils nothing for the others; when nobody is left the act is refused.
pub fn send_orders(
    work: &mut Work<'_>,
    officer: &Officer,
    wanted: &OrdersWanted<'_>,
    at: Timestamp,
) -> Result<Vec<Addressee>, Refusal> {
    let override_reason = check_texts(wanted.instruction, wanted.override_reason)?;
    let incident = work.incident(wanted.incident)?.clone();
    let people: BTreeMap<PersonId, Person> = people::all(work.db())?
        .into_iter()
        .map(|person| (person.id, person))
        .collect();
    // Only a grid needs the grids, and they are many.
    let grids: Vec<Grid> = match wanted.to {
        Addressees::Grid(_) => reference_parts::get(work.db(), GRIDS)?.unwrap_or_default(),
        _ => Vec::new(),
    };
    let muster = Muster {
        people: &people,
        roster: &Roster::of(people.values()),
        grids: &grids,
        on_their_way: &on_their_way(work, &incident)?,
        incident: &incident,
        rules: work.rules(),
        is_overridden: override_reason.is_some(),
        duty_mode: rules_in_mode(work.rules(), modes::current(work.db())?)
            .duty_mode(incident.is_drill),
        now: work.received_at(at),
    };
    let addressees = resolve(wanted.to, wanted.key, &muster).map_err(|why| refuse(&why))?;
    if let Some(first) = addressees
        .iter()
        .find_map(|one| Some((one.person, one.not_sent?)))
        && addressees.iter().all(|one| one.not_sent.is_some())
    {
        let (person, why) = first;
        return Err(not_addressed(why, person, &incident));
    }
    let giver = Giver::of(officer);
    file_first(work, &giver, &incident, at)?;
    for addressee in addressees.iter().filter(|one| one.not_sent.is_none()) {
        let one = OrderWanted {
            key: addressee.order,
            incident: wanted.incident,
            to: addressee.person,
            instruction: wanted.instruction,
            override_reason,
        };
        give(work, &giver, &one, at)?;
    }
    Ok(addressees)
}

/// Why the responsibility list blocks an order to the person; an officer may override it.
fn not_admitted(
    rules: &Rules,
    officer: &Officer,
    incident: &Incident,
    person: &Person,
    override_reason: Option<&str>,
) -> Option<NotAddressed> {
    let charge = Charge {
        post: person.post,
        duty: duty_of_post(incident, person.post, rules),
        department: None,
    };
    let override_by = override_reason.map(|reason| Override {
        by: officer.id.clone(),
        reason: reason.to_owned(),
    });
    match admit(rules, incident.category, &charge, override_by.as_ref()) {
        Admission::Blocked { why } => Some(NotAddressed::NotAdmitted { why }),
        Admission::Admitted { .. } | Admission::Overridden { .. } => None,
    }
}

/// The department that answers for a matter through the person: that of the post.
fn department_of(rules: &Rules, person: &Person) -> Option<DepartmentId> {
    let department = rules.department_of(person.post)?;
    Some(department.id.clone())
}

/// The reason without blanks around it; `None` when nothing remains.
fn check_texts<'a>(
    instruction: &str,
    override_reason: Option<&'a str>,
) -> Result<Option<&'a str>, Refusal> {
    require(instruction, LONGEST_TEXT, "指令", "the instruction")?;
    let reason = override_reason.map(str::trim).filter(|r| !r.is_empty());
    limit(
        reason.unwrap_or_default(),
        LONGEST_TEXT,
        "理由",
        "the reason",
    )?;
    Ok(reason)
}

/// Verifies and files a matter that waits for it, by the act that sends somebody.
fn file_first(
    work: &mut Work<'_>,
    giver: &Giver,
    incident: &Incident,
    at: Timestamp,
) -> Result<(), Refusal> {
    check_direct_dispatch(incident).map_err(|why| Refusal::of_action(&why, incident.id))?;
    if incident.state == IncidentState::Reported {
        work.act(incident.id, step(giver, Action::Verify, at))?;
    }
    if matches!(
        incident.state,
        IncidentState::Reported | IncidentState::PendingFile
    ) {
        let limit = filing_limit(work, incident.id, None)?;
        let file = Action::File {
            limit,
            condition: None,
        };
        work.act(incident.id, step(giver, file, at))?;
    }
    Ok(())
}

/// Puts one order on the record and dispatches the matter by it.
pub fn give(
    work: &mut Work<'_>,
    giver: &Giver,
    wanted: &OrderWanted<'_>,
    at: Timestamp,
) -> Result<(), Refusal> {
    // Keys of orders to several and of orders passed on are derived and stand in no proposal.
    if work.has_order(wanted.key)? {
        return Err(Refusal::bad_request(
            format!("编号 {} 已是另一派单，请重新发起", wanted.key),
            format!(
                "key {} is that of another order: mint a new one",
                wanted.key
            ),
        ));
    }
    work.add_order(Order {
        id: wanted.key,
        incident: wanted.incident,
        to: wanted.to,
        by: giver.officer.clone(),
        instruction: wanted.instruction.to_owned(),
        override_reason: wanted.override_reason.map(str::to_owned),
        stamps: vec![
            stamp(OrderState::Queued, at, None),
            stamp(OrderState::Sent, work.received_at(at), None),
        ],
    });
    let responder = people::get(work.db(), wanted.to)?;
    let department = responder.and_then(|person| department_of(work.rules(), &person));
    let duty = duty_at(work.incident(wanted.incident)?, department.as_ref());
    let dispatch = Action::Dispatch {
        order: wanted.key,
        to: wanted.to,
        department,
        duty,
    };
    let mut dispatch = step(giver, dispatch, at);
    dispatch.reason = wanted.override_reason.map(str::to_owned);
    work.act(wanted.incident, dispatch)
}

fn step(giver: &Giver, action: Action, at: Timestamp) -> Step {
    Step {
        action,
        by: giver.by.clone(),
        role: giver.role,
        reason: None,
        at,
    }
}

/// People to whom an order about the incident is under way.
fn on_their_way(work: &mut Work<'_>, incident: &Incident) -> Result<BTreeSet<PersonId>, Refusal> {
    let orders = incident.orders.iter().chain(&incident.assisting);
    let mut people = BTreeSet::new();
    for order in orders {
        let order = work.order(*order)?;
        if order.state().is_under_way() {
            people.insert(order.to);
        }
    }
    Ok(people)
}

fn not_addressed(why: NotAddressed, to: PersonId, incident: &Incident) -> Refusal {
    let (zh, en) = words::not_addressed(why);
    let (id, category) = (incident.id, incident.category);
    match why {
        NotAddressed::NotInRoster => Refusal::not_found(
            format!("{to} {zh}（案件 {id}）"),
            format!("{to} {en} (incident {id})"),
        ),
        NotAddressed::NotAdmitted { .. } => Refusal::not_now(
            format!("{to}{zh}（{category}），如确需派遣请说明理由"),
            format!("{to} {en} ({category}): give a reason to send anyway"),
        ),
        NotAddressed::OnTheWayAlready | NotAddressed::OffDuty | NotAddressed::LeadFirst => {
            Refusal::not_now(
                format!("{to} {zh}（案件 {id}）"),
                format!("{to} {en} (incident {id})"),
            )
        }
    }
}

fn refuse(why: &AddresseesError) -> Refusal {
    let zh = match why {
        AddresseesError::Nobody => "没有派单对象，请指定人员，或有人员的网格、队伍".to_owned(),
        AddresseesError::TooMany { count } => {
            format!("派单对象 {count} 人，超过上限，请选择较小的网格或队伍")
        }
    };
    Refusal::bad_request(zh, why.to_string())
}

/// A stamp of the hall or the backend, which has no place.
pub fn stamp(state: OrderState, at: Timestamp, note: Option<&str>) -> OrderStamp {
    OrderStamp {
        state,
        at,
        location: None,
        note: note.map(str::to_owned),
        source_crs: domain::places::Crs::default(),
    }
}
