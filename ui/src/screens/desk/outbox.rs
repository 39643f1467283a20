//! The outbox as rows: what waits, for what, and what the officer can do about it.

use std::collections::BTreeSet;

use domain::addressees::Addressees;
use domain::intents::Lane;
use domain::trail::{Action, Officer};
use domain::{Incident, IncidentId, Intent, IntentKey, OrderState, PersonId, Situation, Timestamp};
use protocol::feed::OutboxItem;

use super::actions::Step;
use super::duty::officer_name;
use crate::strings;

/// What an item wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Send a person.
    Send {
        /// Name, or the roster number.
        name: String,
    },
    /// Take an order back.
    Withdraw,
    /// A step of the life cycle.
    Step(Step),
    /// A step that no officer takes by hand; shown by its number only.
    OtherStep,
    /// Switch the mode.
    Mode,
    /// Take a new matter in.
    Report,
    /// Write into the duty log.
    Log {
        /// What.
        text: String,
    },
    /// Sign a handover.
    HandOver,
}

/// What an item waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// The line.
    ForTheLine,
    /// An officer's decision about a refused one of the same incident before it.
    ForTheOneBefore,
    /// The next try, in so many seconds.
    ForTheNextTry {
        /// Seconds from now, at least 0.
        seconds: i64,
    },
    /// The backend's record, the receipt having come.
    ForTheRecord,
    /// An officer: it was refused.
    ForAnOfficer,
    /// Nothing: it was dropped before it was sent.
    ForNothing,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// The key.
    pub key: IntentKey,
    /// Whose queue it is in.
    pub incident: Option<IncidentId>,
    /// Title of the incident, empty when it is not in the picture.
    pub title: String,
    /// What it wants.
    pub wish: Wish,
    /// Whether it belongs to a drill: its incident does, or it begins one.
    pub is_drill: bool,
    /// Name of who wants it, or the sign-in name.
    pub officer: String,
    /// When the officer clicked.
    pub occurred_at: Timestamp,
    /// State for attributes.
    pub state: OrderState,
    /// What it waits for.
    pub waiting: Waiting,
    /// Tries so far.
    pub attempts: u32,
    /// Why the last try failed, empty when none did.
    pub reason: String,
    /// Whether others have acted meanwhile, which its own card tells.
    pub is_in_conflict: bool,
}

impl OutboxRow {
    /// Whether an officer can try it again or drop it.
    pub fn is_parked(&self) -> bool {
        self.state == OrderState::Parked
    }
}

/// How many items wait and how many are parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxCount {
    /// Not yet acknowledged, parked ones included.
    pub waiting: usize,
    /// Refused, waiting for an officer.
    pub parked: usize,
}

/// Counts what is not settled.
pub fn count(outbox: &[OutboxItem]) -> OutboxCount {
    let of = |state: OrderState| outbox.iter().filter(|item| item.state == state).count();
    let parked = of(OrderState::Parked);
    OutboxCount {
        waiting: of(OrderState::Queued) + parked,
        parked,
    }
}

/// The rows, parked ones first because they need somebody, otherwise in the order of sending.
pub fn rows(
    outbox: &[OutboxItem],
    situation: &Situation,
    officers: &[Officer],
    now: Timestamp,
) -> Vec<OutboxRow> {
    let mut rows: Vec<OutboxRow> = outbox
        .iter()
        .map(|item| row(item, situation, officers, now))
        .collect();
    let lanes: Vec<Lane> = outbox.iter().map(|item| item.proposal.lane()).collect();
    wait_in_line(&mut rows, &lanes);
    rows.sort_by_key(|row| !row.is_parked());
    rows
}

/// First in, first out per lane: what stands behind a refused one waits for its decision.
fn wait_in_line(rows: &mut [OutboxRow], lanes: &[Lane]) {
    let mut held = BTreeSet::new();
    for (row, lane) in rows.iter_mut().zip(lanes) {
        if row.is_parked() {
            held.insert(lane);
        } else if row.state == OrderState::Queued && held.contains(lane) {
            row.waiting = Waiting::ForTheOneBefore;
        }
    }
}

fn row(
    item: &OutboxItem,
    situation: &Situation,
    officers: &[Officer],
    now: Timestamp,
) -> OutboxRow {
    let incident = item.proposal.intent.incident();
    let incident = incident.map(|id| situation.number_of(id));
    OutboxRow {
        key: item.proposal.key,
        incident,
        title: incident
            .and_then(|id| situation.incidents.get(&id))
            .map(|incident| incident.title.clone())
            .unwrap_or_default(),
        wish: wish(&item.proposal.intent, situation),
        is_drill: is_drill(&item.proposal.intent, situation),
        officer: officer_name(&item.proposal.officer, officers),
        occurred_at: item.proposal.occurred_at,
        state: item.state,
        waiting: match (item.state, item.next_attempt_at) {
            (OrderState::Parked, _) => Waiting::ForAnOfficer,
            (OrderState::Queued, Some(at)) => Waiting::ForTheNextTry {
                seconds: (at.ms_since(now).max(0) + 999) / 1000,
            },
            (OrderState::Queued, None) => Waiting::ForTheLine,
            (OrderState::Withdrawn, _) => Waiting::ForNothing,
            _ => Waiting::ForTheRecord,
        },
        attempts: item.attempts,
        reason: item
            .last_error
            .as_deref()
            .map(strings::message)
            .unwrap_or_default(),
        is_in_conflict: item.conflict.is_some(),
    }
}

/// What an intent wants, in terms of the screen.
pub fn wish(intent: &Intent, situation: &Situation) -> Wish {
    match intent {
        Intent::SendOrder { to, .. } => Wish::Send {
            name: name_of(*to, situation),
        },
        Intent::SendOrders { to, .. } => Wish::Send {
            name: names_of(to, situation),
        },
        Intent::WithdrawOrder { .. } => Wish::Withdraw,
        Intent::Act { action, .. } => step_of(action).map_or(Wish::OtherStep, Wish::Step),
        Intent::SetMode { .. } => Wish::Mode,
        Intent::Report { .. } => Wish::Report,
        Intent::LogDuty { text } => Wish::Log { text: text.clone() },
        Intent::HandOver { .. } => Wish::HandOver,
    }
}

fn is_drill(intent: &Intent, situation: &Situation) -> bool {
    let of_incident = |id| {
        let incident = situation.incidents.get(&id);
        incident.is_some_and(|incident| incident.is_drill)
    };
    matches!(intent, Intent::SetMode { is_drill: true, .. })
        || intent.incident().is_some_and(of_incident)
}

/// The name of a person, or the roster number.
pub fn name_of(person: PersonId, situation: &Situation) -> String {
    situation
        .people
        .get(&person)
        .map_or_else(|| person.to_string(), |person| person.name.clone())
}

/// The people named, or the code of the grid or group that stands for them.
fn names_of(to: &Addressees, situation: &Situation) -> String {
    match to {
        Addressees::One(person) => name_of(*person, situation),
        Addressees::Several(people) => {
            let names: Vec<String> = people.iter().map(|p| name_of(*p, situation)).collect();
            names.join("、")
        }
        Addressees::Grid(code) => code.to_string(),
        Addressees::Group(group) => group.to_string(),
    }
}

/// Where the report of a matter stands that has no number yet; `None` for one that has.
pub fn report_state(outbox: &[OutboxItem], incident: &Incident) -> Option<OrderState> {
    if !incident.id.is_provisional() {
        return None;
    }
    let report = outbox.iter().find(|item| {
        matches!(
            &item.proposal.intent,
            Intent::Report { incident: of, .. } if *of == incident.id
        )
    });
    // It is gone from the outbox for the moment between its receipt and its record.
    Some(report.map_or(OrderState::Sent, |item| item.state))
}

/// The step that an action is, when it is one that officers take by hand.
pub fn step_of(action: &Action) -> Option<Step> {
    Some(match action {
        Action::Verify => Step::Verify,
        Action::File { .. } => Step::File,
        Action::NotAccept => Step::NotAccept,
        Action::Close => Step::Close,
        Action::Rework => Step::Rework,
        Action::Return => Step::Return,
        Action::Suspend => Step::Suspend,
        Action::Resume => Step::Resume,
        Action::Extend => Step::Extend,
        Action::Supervise => Step::Supervise,
        Action::ReplyToSupervision { .. } => Step::Reply,
        Action::ContactCaller => Step::ContactCaller,
        Action::FlagUnreasonable {
            is_unreasonable: true,
        } => Step::FlagUnreasonable,
        Action::FlagUnreasonable { .. } => Step::TakeFlagBack,
        Action::Note { .. } => Step::Note,
        Action::ForceClose => Step::ForceClose,
        Action::Cancel => Step::Cancel,
        // Everything else follows from a report, an order or a receipt, or has a form of its own.
        _ => return None,
    })
}

/// Steps on an incident that still wait in the outbox: their buttons rest until they are settled.
pub fn waiting_steps(outbox: &[OutboxItem], incident: IncidentId) -> Vec<Step> {
    outbox
        .iter()
        .filter(|item| matches!(item.state, OrderState::Queued | OrderState::Sent))
        .filter_map(|item| match &item.proposal.intent {
            Intent::Act {
                incident: of,
                action,
                ..
            } if *of == incident => step_of(action),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_queued_order_names_its_person_its_incident_and_its_next_try() {
        let situation = sample::situation();
        let officers = sample::reference().officers;
        let mut item = sample::queued_order(7, 1, 1);
        item.attempts = 3;
        item.next_attempt_at = Some(sample::NOON.plus_ms(4200));
        let row = &rows(&[item], &situation, &officers, sample::NOON)[0];
        assert_eq!(
            row.wish,
            Wish::Send {
                name: "李建国".to_owned()
            }
        );
        assert!(row.title.contains("井盖"));
        assert_eq!(row.waiting, Waiting::ForTheNextTry { seconds: 5 });
        assert_eq!(row.officer, "周敏");
        assert!(!row.is_parked());
    }

    #[test]
    fn parked_items_stand_first_and_keep_their_reason() {
        let situation = sample::situation();
        let queued = sample::queued_order(7, 1, 1);
        let mut parked = sample::queued_order(8, 2, 2);
        parked.state = OrderState::Parked;
        parked.last_error = Some("案件已结案".to_owned());
        let outbox = [queued, parked];
        let rows = rows(&outbox, &situation, &[], sample::NOON);
        assert_eq!(rows[0].waiting, Waiting::ForAnOfficer);
        assert_eq!(rows[0].reason, "案件已结案");
        assert_eq!(rows[1].waiting, Waiting::ForTheLine);
        assert_eq!(rows[1].officer, "zhou.min", "no list of officers yet");
        assert_eq!(
            count(&outbox),
            OutboxCount {
                waiting: 2,
                parked: 1
            }
        );
    }

    #[test]
    fn what_stands_behind_a_parked_one_of_the_same_incident_waits_for_its_decision() {
        let mut parked = sample::queued_step(8, 1, Action::Verify);
        parked.state = OrderState::Parked;
        let outbox = [
            sample::queued_order(6, 1, 1),
            parked,
            sample::queued_order(7, 1, 1),
            sample::queued_order(9, 2, 2),
        ];
        let rows = rows(&outbox, &sample::situation(), &[], sample::NOON);
        let waiting = |n: u8| {
            rows.iter()
                .find(|r| r.key == sample::key(n))
                .map(|r| r.waiting)
        };
        assert_eq!(waiting(6), Some(Waiting::ForTheLine));
        assert_eq!(waiting(7), Some(Waiting::ForTheOneBefore));
        assert_eq!(waiting(9), Some(Waiting::ForTheLine));
    }

    #[test]
    fn what_waits_for_a_drill_is_marked() {
        let mut situation = sample::situation();
        let drill = situation.incidents.get_mut(&sample::incident_id(1));
        drill.expect("sample").is_drill = true;
        let outbox = [sample::queued_order(6, 1, 1), sample::queued_order(7, 2, 2)];
        let marks = rows(&outbox, &situation, &[], sample::NOON);
        let marks: Vec<bool> = marks.iter().map(|row| row.is_drill).collect();
        assert_eq!(marks, [true, false]);
        for exercised in [true, false] {
            let intent = Intent::SetMode {
                mode: domain::Mode::EmergencyRed,
                is_drill: exercised,
            };
            assert_eq!(is_drill(&intent, &situation), exercised);
        }
    }

    #[test]
    fn a_matter_without_a_number_says_where_its_report_stands() {
        let id = IncidentId::provisional(sample::key(9));
        let mut matter = sample::incident(1);
        assert_eq!(report_state(&[], &matter), None, "it has a number");
        matter.id = id;
        let mut item = sample::queued_step(9, 1, Action::Verify);
        item.proposal.intent = Intent::Report {
            incident: id,
            matter: Box::new(domain::NewMatter {
                category: matter.category,
                channel: matter.channel,
                title: matter.title.clone(),
                description: String::new(),
                address: String::new(),
                location: matter.location,
                crs: domain::places::Crs::default(),
                particulars: matter.particulars.clone(),
                is_drill: false,
            }),
        };
        for state in [OrderState::Queued, OrderState::Parked] {
            item.state = state;
            assert_eq!(report_state(&[item.clone()], &matter), Some(state));
        }
        assert_eq!(report_state(&[], &matter), Some(OrderState::Sent));
        let mut situation = sample::situation();
        matter.id = sample::incident_id(42);
        matter.particulars.provisional = Some(id);
        situation.incidents.insert(matter.id, matter);
        let rows = rows(&[item], &situation, &[], sample::NOON);
        assert_eq!(rows[0].incident, Some(sample::incident_id(42)));
        assert_eq!(rows[0].wish, Wish::Report);
    }

    #[test]
    fn a_step_rests_while_it_waits() {
        let outbox = [sample::queued_step(9, 1, Action::Verify)];
        assert_eq!(
            waiting_steps(&outbox, sample::incident_id(1)),
            [Step::Verify]
        );
        assert!(waiting_steps(&outbox, sample::incident_id(2)).is_empty());
        let mut parked = outbox;
        parked[0].state = OrderState::Parked;
        assert!(waiting_steps(&parked, sample::incident_id(1)).is_empty());
    }

    #[test]
    fn every_step_by_hand_is_recognised() {
        for step in Step::ALL {
            let limit = sample::rules().categories[0].limit;
            let action = step.action(Some(limit), "x").expect("limit given");
            assert_eq!(step_of(&action), Some(step));
        }
    }
}
