//! Returns, joint handling, supervision and duplicates, as officers and the field go through them.

use domain::people::Post;
use domain::trail::{Action, Actor, DispatchDuty, OfficerRole, Origin};
use domain::{Incident, IncidentId, IncidentState, Intent, OrderState, Proposal};
use protocol::ErrorCode;
use testkit::{Caller, RunningBackend, builders};

/// A street whose person 1 is of 综合行政执法队, 2 of 市政养护单位, 3 of 派出所.
struct Street {
    running: RunningBackend,
    hall: Caller,
    officer: Caller,
    leader: Caller,
    field: Caller,
    incident: IncidentId,
}

impl Street {
    async fn with_a_report() -> Self {
        let mut seed = builders::seed();
        let posts = [Post::CityManagement, Post::Maintenance, Post::Police];
        for (person, post) in seed.people.iter_mut().zip(posts) {
            person.post = post;
        }
        let running = RunningBackend::start_with(seed);
        let (hall, field) = (running.hall(), running.field());
        let report = builders::report(1, running.clock.now());
        Self {
            incident: field.report(&report).await.expect("taken").incident,
            officer: hall.sign_in(OfficerRole::DutyOfficer).await,
            leader: hall.sign_in(OfficerRole::ShiftLeader).await,
            hall,
            field,
            running,
        }
    }

    async fn another(&self, number: u128) -> IncidentId {
        let report = builders::report(number, self.running.clock.now());
        self.field.report(&report).await.expect("taken").incident
    }

    async fn incident(&self) -> Incident {
        self.hall.snapshot().await.situation.incidents[&self.incident].clone()
    }

    fn about(&self, number: u128, incident: IncidentId, action: Action) -> Proposal {
        let reason = Some("理由".to_owned());
        let act = Intent::Act {
            incident,
            action,
            reason,
        };
        self.at_once(number, act)
    }

    /// A proposal of this moment.
    fn at_once(&self, number: u128, intent: Intent) -> Proposal {
        let mut proposal = builders::proposal(number, intent);
        proposal.occurred_at = self.running.clock.now();
        proposal
    }

    async fn act(&self, number: u128, action: Action) -> Result<(), ErrorCode> {
        let proposal = self.about(number, self.incident, action);
        let done = self.officer.propose(&proposal).await;
        done.map(|_| ()).map_err(|refused| refused.code)
    }

    async fn lead(&self, number: u128, action: Action) {
        let mut proposal = self.about(number, self.incident, action);
        proposal.officer = builders::officer(OfficerRole::ShiftLeader).id;
        self.leader.propose(&proposal).await.expect("done");
    }

    /// An order with a reason, whatever the responsibility list says.
    async fn send(&self, number: u128, to: u32) -> Result<(), ErrorCode> {
        let mut intent = builders::send(self.incident, to);
        if let Intent::SendOrder {
            override_reason, ..
        } = &mut intent
        {
            *override_reason = Some("会诊".to_owned());
        }
        let proposal = self.at_once(number, intent);
        let sent = self.officer.propose(&proposal);
        sent.await.map(|_| ()).map_err(|refused| refused.code)
    }

    async fn receipt(&self, number: u128, person: u32, state: OrderState) {
        let now = self.running.clock.now();
        let order = builders::key(number);
        let taken = self.field.receipt(order, person, state, now).await;
        assert_eq!(taken.expect("taken").state(), state);
    }

    async fn withdraw(&self, number: u128, order: u128, reason: &str) -> Result<(), ErrorCode> {
        let intent = Intent::WithdrawOrder {
            incident: self.incident,
            order: builders::key(order),
            reason: reason.to_owned(),
        };
        let proposal = self.at_once(number, intent);
        let done = self.officer.propose(&proposal);
        done.await.map(|_| ()).map_err(|refused| refused.code)
    }

    fn end(self) {
        self.running.backend.verify_chain().expect("whole");
    }
}

fn convene(lead: &str, assistants: &[&str]) -> Action {
    Action::Convene {
        lead: lead.into(),
        assistants: assistants.iter().map(|name| (*name).into()).collect(),
    }
}

const NOT_NOW: Result<(), ErrorCode> = Err(ErrorCode::NotAllowedNow);
const BAD: Result<(), ErrorCode> = Err(ErrorCode::BadRequest);

/// 执法队 leads with order 12, 养护 assists with order 13.
async fn joint() -> Street {
    let street = Street::with_a_report().await;
    street.act(10, Action::Verify).await.expect("verified");
    let file = Action::File {
        limit: builders::rules().categories[0].limit,
        condition: None,
    };
    street.act(9, file).await.expect("filed");
    let joint = convene("urban_management", &["maintenance"]);
    street.act(11, joint).await.expect("convened");
    street.send(12, 1).await.expect("sent");
    street.send(13, 2).await.expect("sent");
    let incident = street.incident().await;
    assert_eq!(incident.orders, [builders::key(12)]);
    assert_eq!(incident.assisting, [builders::key(13)]);
    assert_eq!(incident.department, Some("urban_management".into()));
    street
}

#[tokio::test]
async fn the_lead_that_is_done_early_is_heard_when_its_assistant_is_done() {
    let street = joint().await;
    street.receipt(12, 1, OrderState::Arrived).await;
    street.receipt(12, 1, OrderState::Done).await;
    assert_eq!(street.incident().await.state, IncidentState::Handling);
    street.receipt(13, 2, OrderState::Done).await;
    let incident = street.incident().await;
    assert_eq!(incident.state, IncidentState::Handled);
    assert!(incident.orders.is_empty() && incident.assisting.is_empty());
    street.act(20, Action::Close).await.expect("closed");
    street.end();
}

#[tokio::test]
async fn an_assistant_is_released_with_a_reason() {
    let street = joint().await;
    street.receipt(12, 1, OrderState::Done).await;
    assert_eq!(street.withdraw(20, 13, " ").await, BAD);
    assert_eq!(street.incident().await.assisting.len(), 1);
    street.withdraw(21, 13, "无须协办").await.expect("released");
    assert_eq!(street.incident().await.state, IncidentState::Handled);
    street.end();
}

#[tokio::test]
async fn assistants_are_called_back_with_the_matter_and_heard_after_a_suspension() {
    let street = joint().await;
    street.act(20, Action::Suspend).await.expect("suspended");
    street.receipt(12, 1, OrderState::Done).await;
    street.receipt(13, 2, OrderState::Done).await;
    assert_eq!(street.incident().await.state, IncidentState::Suspended);
    street.act(21, Action::Resume).await.expect("resumed");
    assert_eq!(street.incident().await.state, IncidentState::Handled);
    street.end();

    let street = joint().await;
    street.lead(20, Action::Cancel).await;
    let orders = street.hall.snapshot().await.situation.orders;
    assert!(orders.values().all(|o| o.state() == OrderState::Withdrawn));
    street.end();
}

#[tokio::test]
async fn only_departments_of_the_rules_are_convened() {
    let street = joint().await;
    for joint in [
        convene("nobody", &["police"]),
        convene("police", &["nobody"]),
        convene("police", &[]),
        convene("police", &["police"]),
    ] {
        assert_eq!(street.act(20, joint).await, BAD);
    }
    street.end();
}

#[tokio::test]
async fn a_direct_dispatch_does_not_pass_whoever_returned_the_matter() {
    let street = Street::with_a_report().await;
    street.act(10, Action::Verify).await.expect("verified");
    street.act(11, Action::Return).await.expect("returned");
    let returned = street.incident().await.course.returned.expect("a return");
    assert_eq!(returned.to, Some(returned.by), "the same officer verified");
    assert_eq!(street.send(12, 1).await, NOT_NOW);
    assert_eq!(street.incident().await.state, IncidentState::Reported);
    street.act(13, Action::Verify).await.expect("verified");
    street.send(14, 1).await.expect("the filing stage is here");
    assert_eq!(street.incident().await.course.returned, None);
    street.end();
}

#[tokio::test]
async fn after_a_return_the_same_department_goes_on_with_its_clock() {
    let street = Street::with_a_report().await;
    street.send(10, 1).await.expect("sent");
    let started = |incident: &Incident| incident.clock.map(|clock| clock.started_at);
    let first = started(&street.incident().await);
    for (number, to, goes_on) in [(20, 1, true), (30, 2, false)] {
        street.running.clock.turn(60_000);
        street.act(number, Action::Return).await.expect("returned");
        let waiting = street.incident().await.course.waiting_clock;
        assert!(waiting.is_some_and(|clock| clock.paused_at.is_some()));
        street.running.clock.turn(60_000);
        street.send(number + 1, to).await.expect("sent");
        let incident = street.incident().await;
        assert_eq!(started(&incident) == first, goes_on, "to {to}");
    }
    street.end();
}

#[tokio::test]
async fn a_supervised_matter_is_closed_after_a_reply() {
    let street = Street::with_a_report().await;
    let reply = |text: &str| Action::ReplyToSupervision {
        text: text.to_owned(),
    };
    assert_eq!(street.act(9, reply("已办")).await, NOT_NOW);
    street.send(10, 1).await.expect("sent");
    street.receipt(10, 1, OrderState::Done).await;
    street.lead(11, Action::Supervise).await;
    assert_eq!(street.act(12, Action::Close).await, NOT_NOW);
    assert_eq!(street.act(13, reply(" ")).await, BAD);
    assert_eq!(street.act(14, reply(&"长".repeat(4_001))).await, BAD);
    street.act(15, reply("已办")).await.expect("replied");
    street.act(16, Action::Close).await.expect("closed");
    street.end();
}

#[tokio::test]
async fn duplicates_are_of_a_matter_that_is_there_and_make_no_chains() {
    let street = Street::with_a_report().await;
    let (second, third) = (street.another(2).await, street.another(3).await);
    let of = |of| Action::MarkDuplicate { of };
    let unknown = IncidentId(street.incident.0 + 77);
    let missing = street.act(10, of(unknown)).await;
    assert_eq!(missing, Err(ErrorCode::NotFound));
    assert_eq!(street.act(11, of(street.incident)).await, BAD);
    street.act(12, of(second)).await.expect("a repetition");
    let incident = street.incident().await;
    assert_eq!(incident.duplicate_of, Some(second));
    assert_eq!(incident.state, IncidentState::Cancelled);
    // The second is followed by the first, and the first goes nowhere any more.
    for (number, incident, of) in [(13, second, third), (14, third, street.incident)] {
        let chained = street.about(number, incident, Action::MarkDuplicate { of });
        let refused = street.officer.propose(&chained).await.expect_err("a chain");
        assert_eq!(refused.code, ErrorCode::NotAllowedNow);
    }
    street.end();
}

#[tokio::test]
async fn what_an_order_was_is_judged_on_its_own_matter() {
    let street = Street::with_a_report().await;
    street.send(10, 1).await.expect("sent");
    let judge = |order| Action::JudgeDispatch {
        order: builders::key(order),
        is_right: false,
    };
    let missing = street.act(11, judge(99)).await;
    assert_eq!(missing, Err(ErrorCode::NotFound));
    let other = street.another(2).await;
    let foreign = street.about(12, other, judge(10));
    let refused = street.officer.propose(&foreign).await.expect_err("foreign");
    assert_eq!(refused.code, ErrorCode::BadRequest);
    street.act(13, judge(10)).await.expect("judged");
    street.end();
}

#[tokio::test]
async fn what_the_field_and_the_rules_do_no_officer_proposes() {
    let street = joint().await;
    let order = builders::key(13);
    for action in [
        Action::Assisted {
            order,
            result: String::new(),
        },
        Action::Escalate {
            order,
            step: 1,
            to: domain::trail::EscalatedTo::ShiftLeader,
        },
        Action::Dispatch {
            order: builders::key(50),
            to: domain::PersonId(3),
            department: None,
            duty: DispatchDuty::Assist,
        },
    ] {
        assert_eq!(street.act(20, action).await, BAD);
    }
    let reason = |level_reason: &str| Action::SetLevel {
        level: domain::Level::Large,
        level_reason: level_reason.to_owned(),
        level_reason_en: String::new(),
    };
    assert_eq!(street.act(20, reason(" ")).await, BAD);
    street.act(21, reason("三部门")).await.expect("a level");
    street.act(22, Action::ContactCaller).await.expect("a call");
    street.end();
}

#[tokio::test]
async fn every_step_says_from_where_it_was_taken() {
    let street = Street::with_a_report().await;
    street.send(10, 1).await.expect("sent");
    street.receipt(10, 1, OrderState::Arrived).await;
    street.receipt(10, 1, OrderState::Done).await;
    let trail = street.running.hall().snapshot().await.trail;
    let terminal = Some(Origin::Terminal("127.0.0.1".to_owned()));
    for entry in &trail {
        let expected = match entry.by {
            Actor::Person(_) => Some(Origin::Place(builders::CENTRE)),
            Actor::Rule => None,
            _ => terminal.clone(),
        };
        assert_eq!(entry.from, expected, "{:?}", entry.action);
    }
    let by_field = trail.iter().filter(|e| matches!(e.by, Actor::Person(_)));
    assert_eq!(by_field.count(), 2, "begun and done");
    street.end();
}
