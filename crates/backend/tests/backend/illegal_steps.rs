//! Whatever is proposed in whatever order: what is refused changes nothing at all, and what is
//! accepted changes only what the trail says.

use domain::addressees::Addressees;
use domain::clocks::StageClock;
use domain::incidents::{Course, FOLD_VERSION, Joint, Returned, Stage, legal_now};
use domain::people::Post;
use domain::rules::CategoryCode;
use domain::trail::{
    Action, Actor, CallBack, DispatchDuty, EscalatedTo, OfficerRole, ReportFacts, TrailEntry,
    verify_chain,
};
use domain::{
    ConditionCode, DepartmentId, Incident, IncidentId, IncidentState, Intent, Level, OrderId,
    OrderState, PersonId, Timestamp,
};
use protocol::http::Snapshot;
use testkit::{Caller, RunningBackend, builders};

/// The domain's own reading of a raw trail, which shares no code with the fold.
#[path = "../../../domain/src/incidents/tests/oracle.rs"]
mod oracle;

const TRIES: u128 = 300;
/// So many tries after each other, a new matter is reported.
const MATTER_EVERY: u128 = 30;

/// A small deterministic generator: a life is a function of one number.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count
    }

    fn one_of<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    fn text(&mut self) -> String {
        self.one_of(&["已联系", "街道已处置", "说明", " "])
            .to_owned()
    }

    fn department(&mut self) -> DepartmentId {
        self.one_of(&["urban_management", "maintenance", "police", "nobody"])
            .into()
    }
}

/// Any action at all, about an order and another matter. What ends a matter is rarer than the rest.
fn action(dice: &mut Dice, order: OrderId, other: IncidentId) -> Action {
    use Action::{
        Cancel, Close, ContactCaller, Extend, ForceClose, NotAccept, Resume, Return, Rework,
        Supervise, Suspend, Verify,
    };
    let plain = [
        Verify,
        Verify,
        NotAccept,
        Return,
        Suspend,
        Resume,
        Resume,
        Extend,
        Extend,
        Rework,
        Close,
        ForceClose,
        Cancel,
        Supervise,
        Supervise,
        ContactCaller,
    ];
    match dice.below(8) {
        0..=3 => dice.one_of(&plain),
        4 | 5 => about_the_matter(dice, order, other),
        6 => of_the_field(dice, order),
        _ => around_whistles(dice),
    }
}

fn about_the_matter(dice: &mut Dice, order: OrderId, other: IncidentId) -> Action {
    let text = dice.text();
    let category = dice.one_of(&["E01.10", "E01.11", "E01.99"]);
    let condition = dice.one_of(&[None, None, Some("missing")]);
    match dice.below(10) {
        0..=2 => Action::File {
            limit: domain::clocks::Limit {
                amount: 1,
                unit: domain::clocks::LimitUnit::EmergencyHour,
            },
            condition: condition.map(Into::into),
        },
        3 => Action::Note { text },
        4 => Action::Recategorise {
            category: category.parse().expect("a code"),
        },
        5 => Action::SetLevel {
            level: dice.one_of(&Level::ALL),
            level_reason: text,
            level_reason_en: "as found".to_owned(),
        },
        6 => Action::Convene {
            lead: dice.department(),
            assistants: vec![dice.department()],
        },
        7 => Action::ReplyToSupervision { text },
        8 => Action::MarkDuplicate { of: other },
        _ => Action::JudgeDispatch {
            order,
            is_right: dice.below(2) == 0,
        },
    }
}

/// Steps that no officer may propose, and the call-back.
fn of_the_field(dice: &mut Dice, order: OrderId) -> Action {
    let result = dice.text();
    match dice.below(8) {
        0 => Action::Dispatch {
            order,
            to: PersonId(1),
            department: Some(dice.department()),
            duty: DispatchDuty::Lead,
        },
        1 => Action::Undispatch { order },
        2 => Action::StartHandling { order },
        3 => Action::Handled { order, result },
        4 => Action::Assisted { order, result },
        5 => Action::Escalate {
            order,
            step: 1,
            to: EscalatedTo::ShiftLeader,
        },
        6 => Action::Report(Box::new(builders::facts())),
        _ => Action::CallBack(CallBack {
            is_reached: true,
            is_resolved: false,
            is_satisfied: false,
        }),
    }
}

fn around_whistles(dice: &mut Dice) -> Action {
    let (whistle, department, text) = (1, dice.department(), dice.text());
    match dice.below(6) {
        0 => Action::Whistle {
            whistle,
            departments: vec![department],
            deliberation: text,
            push: None,
        },
        1 => Action::SignIn {
            whistle,
            department,
        },
        2 => Action::WhistleHandled {
            whistle,
            department,
            result: text,
        },
        3 => Action::RateDepartment {
            whistle,
            department,
            rating: dice.one_of(&[80, 100, 101]),
        },
        4 => Action::AdjustPoints {
            whistle,
            department,
            points: -2,
        },
        _ => Action::FlagUnreasonable {
            is_unreasonable: dice.below(2) == 0,
        },
    }
}

/// A street with some matters, whose clock stands: nothing is done by rule as time goes by.
struct Street {
    running: RunningBackend,
    hall: Caller,
    field: Caller,
    officers: Vec<(OfficerRole, Caller)>,
    incidents: Vec<IncidentId>,
    dice: Dice,
}

impl Street {
    async fn new(seed: u64) -> Self {
        let mut street = builders::seed();
        let posts = [Post::CityManagement, Post::Maintenance, Post::Police];
        for (person, post) in street.people.iter_mut().zip(posts) {
            person.post = post;
        }
        let running = RunningBackend::start_with(street);
        let (hall, field) = (running.hall(), running.field());
        let mut officers = Vec::new();
        for role in [
            OfficerRole::DutyOfficer,
            OfficerRole::ShiftLeader,
            OfficerRole::StreetLeader,
            OfficerRole::ItOfficer,
        ] {
            officers.push((role, hall.sign_in(role).await));
        }
        Self {
            running,
            hall,
            field,
            officers,
            incidents: Vec::new(),
            dice: Dice(seed),
        }
    }

    async fn report(&mut self, number: u128) {
        let report = builders::report(number, self.running.clock.now());
        let accepted = self.field.report(&report).await.expect("taken");
        self.incidents.push(accepted.incident);
    }

    /// An action on the matter; every other one is legal where the matter stands, or nothing would
    /// ever come of it.
    fn action(&mut self, before: &Snapshot, incident: IncidentId, order: OrderId) -> Action {
        let other = self.dice.one_of(&self.incidents);
        let present = &before.situation.incidents[&incident];
        let mut wanted = action(&mut self.dice, order, other);
        if self.dice.below(2) == 0 {
            for _ in 0..12 {
                if legal_now(present, &wanted).is_ok() {
                    break;
                }
                wanted = action(&mut self.dice, order, other);
            }
        }
        wanted
    }

    fn intent(&mut self, before: &Snapshot, order: OrderId) -> Intent {
        let incident = self.dice.one_of(&self.incidents);
        let reason = self.dice.one_of(&["理由", "理由", "理由", " "]);
        match self.dice.below(10) {
            0..=6 => Intent::Act {
                incident,
                action: self.action(before, incident, order),
                reason: Some(reason.to_owned()),
            },
            7 => Intent::SendOrder {
                incident,
                to: self.person(),
                instruction: "请到现场处置".to_owned(),
                override_reason: self.dice.one_of(&[None, Some(reason.to_owned())]),
            },
            8 => Intent::SendOrders {
                incident,
                to: Addressees::Several(vec![self.person(), self.person()]),
                instruction: "请到现场处置".to_owned(),
                override_reason: self.dice.one_of(&[None, Some(reason.to_owned())]),
            },
            _ => Intent::WithdrawOrder {
                incident,
                order,
                reason: reason.to_owned(),
            },
        }
    }

    /// Anybody; the sixth is not in the roster.
    fn person(&mut self) -> PersonId {
        PersonId(1 + self.dice.below(6) as u32)
    }

    /// Tries something, the field or an officer; whether it was accepted.
    async fn try_something(&mut self, number: u128, before: &Snapshot) -> bool {
        let orders: Vec<(OrderId, PersonId)> = before
            .situation
            .orders
            .values()
            .map(|order| (order.id, order.to))
            .collect();
        let known = orders.get(self.dice.below(orders.len().max(1)));
        let (order, to) = known.copied().unwrap_or((builders::key(9), PersonId(1)));
        // An offline hall or phone is up to half a minute late.
        let late_ms = self.dice.below(30_000) as i64;
        let at = self.running.clock.now().plus_ms(-late_ms);
        if self.dice.below(6) == 0 {
            let state = self.dice.one_of(&[
                OrderState::Accepted,
                OrderState::Arrived,
                OrderState::Done,
                OrderState::Refused,
                OrderState::Withdrawn,
            ]);
            return self.field.receipt(order, to.0, state, at).await.is_ok();
        }
        let intent = self.intent(before, order);
        let at_desk = self.dice.one_of(&[0, 0, 1, 1, 2, 3]);
        let mut proposal = builders::proposal(1_000 + number, intent);
        proposal.occurred_at = at;
        // The key of an order to several is found taken when the matter is filed already.
        if matches!(proposal.intent, Intent::SendOrder { .. }) && self.dice.below(3) == 0 {
            proposal.key = order;
        }
        let (role, officer) = &self.officers[at_desk];
        // Now and then the session is another officer's.
        if self.dice.below(20) > 0 {
            proposal.officer = builders::officer(*role).id;
        }
        officer.propose(&proposal).await.is_ok()
    }

    /// The picture, after the stored chain and the one that travels were found whole.
    async fn verified(&self) -> (String, Snapshot) {
        let verified = self.running.backend.verify_chain().expect("whole");
        let snapshot = self.hall.snapshot().await;
        verify_chain(&snapshot.trail).expect("what travels is the same chain");
        assert_eq!(snapshot.trail.len() as u64, verified.links);
        (verified.head, snapshot)
    }
}

/// Every incident is what its raw trail says, and the orders that it counts are under way.
fn check_against_trail(snapshot: &Snapshot, number: u128) {
    for (id, incident) in &snapshot.situation.incidents {
        let own = |entry: &&TrailEntry| entry.incident == *id;
        let trail: Vec<TrailEntry> = snapshot.trail.iter().filter(own).cloned().collect();
        assert_eq!(*incident, oracle::read(&trail, incident), "try {number}");
        for order in incident.orders.iter().chain(&incident.assisting) {
            assert_eq!(
                snapshot.situation.orders[order].incident, *id,
                "try {number}"
            );
        }
    }
}

/// A direct order verifies and files the matter first: three entries, and the last is refused.
#[tokio::test]
async fn an_act_that_is_refused_midway_leaves_nothing_of_it() {
    let mut street = Street::new(1).await;
    street.report(1).await;
    street.report(2).await;
    let [first, second] = [street.incidents[0], street.incidents[1]];
    let several = Intent::SendOrders {
        incident: first,
        to: Addressees::Several(vec![PersonId(1), PersonId(2)]),
        instruction: "请到现场处置".to_owned(),
        override_reason: Some("理由".to_owned()),
    };
    let (_, desk) = &street.officers[0];
    let sent = desk.propose(&builders::proposal(1, several)).await;
    sent.expect("sent");
    let (head, before) = street.verified().await;
    let taken = *before.situation.orders.keys().next().expect("an order");
    let mut again = builders::proposal(2, builders::send(second, 1));
    again.key = taken;
    let refused = desk.propose(&again).await.expect_err("the key is taken");
    assert!(refused.message.contains(&taken.to_string()), "{refused:?}");
    assert_eq!(street.verified().await, (head, before));
}

#[tokio::test]
async fn a_refused_step_changes_nothing_and_an_accepted_one_what_its_trail_says() {
    let mut street = Street::new(20_261_120).await;
    let (mut accepted, mut refused) = (0, 0);
    street.report(0).await;
    let (mut head, mut before) = street.verified().await;
    for number in 1..=TRIES {
        if number % MATTER_EVERY == 0 {
            street.report(number).await;
            (head, before) = street.verified().await;
        }
        let is_accepted = street.try_something(number, &before).await;
        let (now, after) = street.verified().await;
        if is_accepted {
            accepted += 1;
            check_against_trail(&after, number);
        } else {
            refused += 1;
            assert_eq!(now, head, "the chain after the refused try {number}");
            assert_eq!(after, before, "the picture after the refused try {number}");
        }
        assert!(after.trail.starts_with(&before.trail), "try {number}");
        (head, before) = (now, after);
    }
    assert!(
        accepted > 50 && refused > 50,
        "{accepted} accepted, {refused} refused"
    );
    let states: std::collections::BTreeSet<IncidentState> =
        before.trail.iter().map(|entry| entry.state).collect();
    assert!(states.len() >= 6, "only {states:?} were visited");
    check_against_trail(&before, TRIES);
}
