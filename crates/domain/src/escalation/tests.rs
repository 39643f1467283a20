//! When an order is passed on, to whom, and that each step is done once.

use proptest::prelude::*;

use super::*;
use crate::dispatch::NotOffered;
use crate::people::POSITION_LOST_MS;
use crate::roster::{Duty, OnDutyBy};
use crate::samples::{after, incident_at_m1, key, order};

/// Delivered within 3, read within 8, accepted within 15 minutes; the leader 10 minutes later.
fn rules() -> EscalationRules {
    let limits = |is_emergency, delivered_min| EscalationLimits {
        level: Level::Micro,
        is_emergency,
        delivered_min,
        read_min: 8,
        accepted_min: 15,
        leader_min: 10,
    };
    EscalationRules {
        limits: vec![limits(false, 3), limits(true, 1)],
    }
}

fn candidate(number: u32, is_offered: bool) -> Candidate {
    Candidate {
        person: PersonId(number),
        not_offered: (!is_offered)
            .then_some(NotOffered::OffDuty)
            .into_iter()
            .collect(),
        duty: Duty::On {
            by: OnDutyBy::Pattern,
        },
        distance_m: 100.0,
        travel_time_s: 60.0,
        position_age_s: Some(POSITION_LOST_MS / 10_000),
        fitting_skills: Vec::new(),
        is_lead_post: false,
        is_home_grid: false,
        open_orders: 0,
        charge: DispatchDuty::Lead,
        department: None,
        score_min: 1.0,
        terms: Vec::new(),
    }
}

/// Orders of one incident with what has been done about them.
struct Desk {
    state: IncidentState,
    orders: Vec<Order>,
    past: Vec<PastStep>,
    is_emergency: bool,
    /// Those of the orders that assist.
    assisting: Vec<OrderId>,
}

impl Desk {
    fn with(orders: Vec<Order>) -> Self {
        Self {
            state: IncidentState::Dispatched,
            orders,
            past: Vec::new(),
            is_emergency: false,
            assisting: Vec::new(),
        }
    }

    fn due_at(&self, ranking: &[Candidate], minute: i64) -> Vec<Escalation> {
        let mut incident = incident_at_m1(self.state);
        incident.assisting.clone_from(&self.assisting);
        let case = Case {
            incident: &incident,
            orders: &self.orders,
            past: &self.past,
            is_emergency: self.is_emergency,
        };
        due_escalations(&case, ranking, &rules(), after(minute))
    }

    /// Writes the steps down and sends what they send, as the backend does.
    fn carry_out(&mut self, due: &[Escalation], minute: i64) {
        for escalation in due {
            let to = escalation.to;
            if let EscalatedTo::Person(person) = to {
                let mut sent = order(0, person.0, OrderState::Sent);
                sent.id = escalated_order(escalation.order, person);
                self.orders.push(sent);
            }
            self.past.push(PastStep {
                order: escalation.order,
                step: escalation.step,
                to,
                at: after(minute),
            });
        }
    }
}

const fn step(order: u128, step: u8, to: EscalatedTo) -> Escalation {
    Escalation {
        order: key(order),
        step,
        to,
    }
}

const fn to(person: u32) -> EscalatedTo {
    EscalatedTo::Person(PersonId(person))
}

#[test]
fn each_state_has_its_own_time_counted_from_sending() {
    let due = |state, minute| {
        let desk = Desk::with(vec![order(7, 1, state)]);
        !desk.due_at(&[candidate(2, true)], minute).is_empty()
    };
    for (state, limit_min) in [
        (OrderState::Sent, 3),
        (OrderState::Delivered, 8),
        (OrderState::Read, 15),
    ] {
        assert!(
            !due(state, limit_min - 1) && due(state, limit_min),
            "{state:?}"
        );
    }
    for answered in OrderState::ALL.into_iter().filter(|s| s.is_answered()) {
        assert!(!due(answered, 10_000), "{answered:?}");
    }
}

#[test]
fn an_order_never_sent_is_not_escalated() {
    let mut queued = order(7, 1, OrderState::Sent);
    for state in [OrderState::Queued, OrderState::Parked] {
        queued.stamps.truncate(1);
        queued.stamps[0].state = state;
        let desk = Desk::with(vec![queued.clone()]);
        assert_eq!(desk.due_at(&[candidate(2, true)], 10_000), []);
    }
}

#[test]
fn a_delivered_order_without_a_stamp_of_sending_counts_from_its_beginning() {
    let mut skipped = order(7, 1, OrderState::Delivered);
    skipped.stamps.remove(1);
    let desk = Desk::with(vec![skipped]);
    assert_eq!(desk.due_at(&[], 7), []);
    assert_eq!(desk.due_at(&[], 8).len(), 1);
}

#[test]
fn mode_level_and_state_of_the_matter_decide() {
    let mut desk = Desk::with(vec![order(7, 1, OrderState::Sent)]);
    let ranking = [candidate(2, true)];
    desk.is_emergency = true;
    assert_eq!(desk.due_at(&ranking, 1).len(), 1);
    desk.is_emergency = false;
    assert_eq!(desk.due_at(&ranking, 1), []);
    for state in IncidentState::ALL {
        desk.state = state;
        let is_under_way = matches!(state, IncidentState::Dispatched | IncidentState::Handling);
        assert_eq!(
            !desk.due_at(&ranking, 3).is_empty(),
            is_under_way,
            "{state:?}"
        );
    }
    assert_eq!(rules().limits(Level::Large, false), None);
    assert_eq!(EscalationRules::default().limits(Level::Micro, false), None);
}

#[test]
fn first_the_next_in_line_then_the_shift_leader_each_once() {
    let mut desk = Desk::with(vec![order(7, 1, OrderState::Sent)]);
    let ranking = [candidate(1, true), candidate(3, false), candidate(2, true)];
    let first = desk.due_at(&ranking, 5);
    assert_eq!(
        first,
        [step(7, 1, to(2))],
        "not again who has it, nor who is not offered"
    );
    desk.carry_out(&first, 5);
    // Neither again, nor for the order that came out of it, however long that is unanswered.
    for minute in 5..15 {
        assert_eq!(desk.due_at(&ranking, minute), [], "{minute}");
    }
    let second = desk.due_at(&ranking, 15);
    assert_eq!(second, [step(7, 2, EscalatedTo::ShiftLeader)]);
    desk.carry_out(&second, 15);
    assert_eq!(desk.due_at(&ranking, 100_000), []);
}

#[test]
fn whoever_answers_ends_it() {
    let ranking = [candidate(2, true)];
    for (state, ends_it) in [
        (OrderState::Accepted, true),
        (OrderState::Arrived, true),
        (OrderState::Done, true),
        (OrderState::Read, false),
        (OrderState::Refused, false),
        (OrderState::Withdrawn, false),
    ] {
        let mut desk = Desk::with(vec![order(7, 1, OrderState::Sent)]);
        desk.carry_out(&[step(7, 1, to(2))], 5);
        let stamp = crate::orders::OrderStamp {
            state,
            ..desk.orders[1].stamps[1].clone()
        };
        desk.orders[1].advance(stamp);
        assert_eq!(desk.due_at(&ranking, 60).is_empty(), ends_it, "{state:?}");
    }
    // The first addressee answers at last.
    let mut desk = Desk::with(vec![order(7, 1, OrderState::Accepted)]);
    desk.carry_out(&[step(7, 1, to(2))], 5);
    assert_eq!(desk.due_at(&ranking, 60), []);
}

#[test]
fn with_nobody_next_in_line_the_leader_is_told_at_once() {
    let mut desk = Desk::with(vec![order(7, 1, OrderState::Sent)]);
    for ranking in [vec![], vec![candidate(1, true), candidate(2, false)]] {
        let leader = step(7, 2, EscalatedTo::ShiftLeader);
        assert_eq!(desk.due_at(&ranking, 3), [leader]);
    }
    desk.carry_out(&[step(7, 2, EscalatedTo::ShiftLeader)], 3);
    assert_eq!(desk.due_at(&[candidate(5, true)], 500), []);
}

#[test]
fn many_who_do_not_answer_bring_one_more_person() {
    let mut desk = Desk::with(vec![
        order(7, 1, OrderState::Sent),
        order(8, 2, OrderState::Sent),
    ]);
    let ranking = [candidate(3, true), candidate(4, true)];
    let due = desk.due_at(&ranking, 3);
    assert_eq!(due, [step(7, 1, to(3))]);
    desk.carry_out(&due, 3);
    assert_eq!(desk.due_at(&ranking, 12), []);
    // A silent second person is the shift leader's; a third is not sent.
    assert_eq!(
        desk.due_at(&ranking, 13),
        [step(7, 2, EscalatedTo::ShiftLeader)]
    );
}

#[test]
fn nobody_is_sent_where_somebody_who_leads_goes_already() {
    for state in [OrderState::Accepted, OrderState::Arrived] {
        let desk = Desk::with(vec![order(7, 1, OrderState::Sent), order(8, 2, state)]);
        assert_eq!(desk.due_at(&[candidate(3, true)], 10_000), []);
    }
}

#[test]
fn the_next_in_line_is_followed_when_the_first_has_refused() {
    let mut desk = Desk::with(vec![order(7, 1, OrderState::Sent)]);
    let ranking = [candidate(2, true)];
    desk.carry_out(&desk.due_at(&ranking, 3), 3);
    desk.orders[0] = order(7, 1, OrderState::Refused);
    assert_eq!(desk.due_at(&ranking, 12), []);
    let second = escalated_order(key(7), PersonId(2));
    let told = Escalation {
        order: second,
        step: 2,
        to: EscalatedTo::ShiftLeader,
    };
    assert_eq!(desk.due_at(&ranking, 13), [told]);
    desk.carry_out(&[told], 13);
    assert_eq!(desk.due_at(&ranking, 10_000), []);
}

#[test]
fn a_leader_who_was_told_of_the_first_is_not_told_of_the_next() {
    let mut desk = Desk::with(vec![order(7, 1, OrderState::Sent)]);
    let ranking = [candidate(2, true)];
    desk.carry_out(&desk.due_at(&ranking, 3), 3);
    desk.carry_out(&desk.due_at(&ranking, 13), 13);
    let told = desk.past.last().map(|past| (past.order, past.to));
    assert_eq!(told, Some((key(7), EscalatedTo::ShiftLeader)));
    desk.orders[0] = order(7, 1, OrderState::Refused);
    assert_eq!(desk.due_at(&ranking, 10_000), []);
}

#[test]
fn the_trail_says_what_has_been_done() {
    let escalate = Action::Escalate {
        order: key(7),
        step: 1,
        to: to(2),
    };
    let entries = [
        crate::samples::entry(2, Action::Verify, IncidentState::PendingFile, after(1)),
        crate::samples::entry(3, escalate, IncidentState::Dispatched, after(4)),
    ];
    let past = PastStep {
        order: key(7),
        step: 1,
        to: to(2),
        at: after(4),
    };
    assert_eq!(past_steps(&entries), [past]);
}

fn states() -> impl Strategy<Value = OrderState> {
    proptest::sample::select(OrderState::ALL[2..].to_vec())
}

proptest! {
    /// Asked twice at the same time, the second answer is nothing; and what is due now is due
    /// later as well, as long as nothing else happens.
    #[test]
    fn escalation_is_idempotent_and_monotone_in_time(
        orders in proptest::collection::vec(states(), 1..5),
        offered in proptest::collection::vec(proptest::bool::ANY, 0..8),
        minutes in proptest::collection::vec(0_i64..60, 1..6),
        later in 0_i64..600,
    ) {
        let numbered = (1_u32..).zip(orders);
        let mut desk = Desk::with(
            numbered.map(|(number, state)| order(u128::from(number), number, state)).collect(),
        );
        let ranking: Vec<_> = (1..).zip(offered).map(|(number, is)| candidate(number, is)).collect();
        let mut minutes = minutes;
        minutes.sort_unstable();
        for minute in minutes {
            let due = desk.due_at(&ranking, minute);
            let then = desk.due_at(&ranking, minute + later);
            for escalation in &due {
                prop_assert!(then.iter().any(|e| (e.order, e.step) == (escalation.order, escalation.step)
                    || e.step == STEP_SHIFT_LEADER && e.order == escalation.order));
            }
            desk.carry_out(&due, minute);
            prop_assert_eq!(desk.due_at(&ranking, minute), []);
        }
        // Whatever happened: no step twice for an order, nobody ordered twice, nobody who is not
        // offered.
        let steps: BTreeSet<_> = desk.past.iter().map(|p| (p.order, p.step)).collect();
        prop_assert_eq!(steps.len(), desk.past.len());
        let people: BTreeSet<_> = desk.orders.iter().map(|o| o.to).collect();
        prop_assert_eq!(people.len(), desk.orders.len());
        for past in &desk.past {
            if let EscalatedTo::Person(person) = past.to {
                prop_assert!(ranking.iter().any(|c| c.person == person && c.is_offered()));
            }
        }
    }
}

/// Somebody of a department, with the duty that it has in the matter.
fn of_department(number: u32, department: &str, charge: DispatchDuty) -> Candidate {
    Candidate {
        charge,
        department: Some(department.into()),
        ..candidate(number, true)
    }
}

#[test]
fn a_lead_stands_in_for_a_lead_and_a_colleague_for_an_assistant() {
    use DispatchDuty::{Assist, Lead};
    let ranking = [
        of_department(1, "water", Assist),
        of_department(2, "urban", Lead),
        of_department(3, "power", Assist),
        of_department(4, "police", Lead),
        of_department(5, "water", Assist),
    ];
    let next = |silent: u32, assists: bool| {
        let mut desk = Desk::with(vec![order(1, silent, OrderState::Sent)]);
        desk.assisting.extend(assists.then(|| key(1)));
        desk.due_at(&ranking, 3).first().map(|one| one.to)
    };
    assert_eq!(next(2, false), Some(EscalatedTo::Person(PersonId(4))));
    assert_eq!(next(5, true), Some(EscalatedTo::Person(PersonId(1))));
    assert_eq!(next(1, true), Some(EscalatedTo::Person(PersonId(5))));
    // Nobody else of the department is there, so that the leader has to know.
    assert_eq!(next(3, true), Some(EscalatedTo::ShiftLeader));
    // Of somebody who is not in the roster any more nobody is a colleague.
    assert_eq!(next(9, true), Some(EscalatedTo::ShiftLeader));
}
