//! What the officer at the desk does while nobody answers, and what goes on elsewhere.

use std::collections::BTreeSet;

use domain::duty::{TakenOver, undone};
use domain::intents::Mode;
use domain::time::HOUR_MS;
use domain::trail::{Action, ActionKind, OfficerRole};
use domain::{IncidentId, Intent, IntentKey, OrderId, OrderState, PersonId, Proposal};
use hall_api::Hall;
use protocol::commands::{
    Act, HandOver, LogDuty, SendOrder, SetMode, TakeReport, WithdrawOrder, Withdrawal,
};
use protocol::feed::Picture;
use testkit::builders::{self, key};

use super::account::{Account, Effect};
use super::window::Window;
use super::{Scene, is_online, sign_in};

/// People of the test street.
const PEOPLE: u32 = 5;
/// Incidents that everybody writes about.
const HOT: u64 = 10;
/// The course of an order in the field.
const COURSE: [OrderState; 5] = [
    OrderState::Delivered,
    OrderState::Read,
    OrderState::Accepted,
    OrderState::Arrived,
    OrderState::Done,
];

/// An incident as the desk knows it.
struct Known {
    id: IncidentId,
    is_verified: bool,
    sent_to: BTreeSet<u32>,
}

/// An order that was sent before the line was cut.
struct Sent {
    order: OrderId,
    incident: IncidentId,
    to: u32,
    /// How far it has come in the field.
    come: usize,
    is_withdrawn: bool,
}

/// The officer at the desk, and the others.
pub struct Duty {
    pub account: Account,
    scene_clock: testkit::FakeClock,
    dice: Dice,
    next: u128,
    incidents: Vec<Known>,
    /// Orders that wait here: their incident, key and addressee.
    waiting: Vec<(usize, IntentKey, u32)>,
    sent: Vec<Sent>,
    is_emergency: bool,
    /// Who sits at the desk.
    seated: OfficerRole,
    /// Handovers that were signed.
    pub handovers: usize,
}

/// Three hundred matters a day, for ten thousand actions; fewer for fewer.
pub fn three_days_of_reports(scene: &Scene, actions: usize) -> Vec<IncidentId> {
    let count = (actions * 9 / 100).max(40);
    let step_ms = 72 * HOUR_MS / count as i64;
    let report = |number: usize| {
        scene.backend.clock.turn(step_ms);
        let now = scene.backend.clock.now();
        let mut report = builders::report(number as u128, now);
        report.location.lon += (number % 30) as f64 * 0.000_5;
        report.location.lat += (number / 30) as f64 * 0.000_2;
        let taken = scene.backend.backend.report(&report);
        taken.expect("the report is taken")
    };
    (0..count).map(report).collect()
}

impl Duty {
    /// Signs in and sends some orders while the line is there.
    pub async fn begin(
        scene: &Scene,
        hall: &Hall,
        window: &mut Window,
        incidents: Vec<IncidentId>,
    ) -> Self {
        let count = incidents.len();
        let all = move |p: &domain::Situation| p.incidents.len() == count;
        window
            .until("everything is shown", |p| {
                is_online(p) && p.reference_version > 0 && all(&p.situation)
            })
            .await;
        // The hall has to know whoever is to take the desk over without the line.
        sign_in(hall, OfficerRole::ShiftLeader).await;
        sign_in(hall, OfficerRole::DutyOfficer).await;
        let known = |id| Known {
            id,
            is_verified: false,
            sent_to: BTreeSet::new(),
        };
        let mut duty = Self {
            account: Account::default(),
            scene_clock: scene.backend.clock.clone(),
            dice: Dice(72),
            next: 1,
            incidents: incidents.into_iter().map(known).collect(),
            waiting: Vec::new(),
            sent: Vec::new(),
            is_emergency: false,
            seated: OfficerRole::DutyOfficer,
            handovers: 0,
        };
        for at in (0..count).step_by(4) {
            let order = duty.order(hall, at).await.expect("nobody is there yet");
            duty.waiting.clear();
            duty.sent.push(Sent {
                order,
                incident: duty.incidents[at].id,
                to: 1 + (at as u32 % PEOPLE),
                come: 0,
                is_withdrawn: false,
            });
        }
        let orders: Vec<OrderId> = duty.sent.iter().map(|sent| sent.order).collect();
        let is_sent = |p: &Picture, order| {
            let order = p.situation.orders.get(order);
            order.is_some_and(|order| order.state() == OrderState::Sent)
        };
        window
            .until("they are sent", |p| {
                p.outbox.is_empty() && orders.iter().all(|order| is_sent(p, order))
            })
            .await;
        duty
    }

    fn key(&mut self) -> IntentKey {
        self.next += 1;
        key(0xA_0000 + self.next)
    }

    fn somewhere(&mut self) -> usize {
        let all = self.incidents.len() as u64;
        let among = if self.dice.roll(5) == 0 { HOT } else { all };
        self.dice.roll(among) as usize
    }

    /// One action of the officer.
    pub async fn act(&mut self, hall: &Hall) {
        let at = self.somewhere();
        let done = match self.dice.roll(100) {
            48..51 => self.take_in(hall).await,
            51..55 => self.log(hall).await,
            55..70 => self.order(hall, at).await.is_some(),
            70..77 => self.take_back(hall).await,
            77..80 => self.withdraw(hall).await,
            80..90 => self.verify(hall, at).await,
            90..99 => {
                self.step(hall, at, Action::ContactCaller, ActionKind::ContactCaller)
                    .await;
                true
            }
            99 => self.switch(hall).await,
            _ => false,
        };
        if !done {
            self.note(hall, at).await;
        }
    }

    /// The telephone rings; what is told is worked on like every other matter.
    async fn take_in(&mut self, hall: &Hall) -> bool {
        let key = self.key();
        let mut matter = builders::new_matter();
        matter.location.lon += self.dice.roll(30) as f64 * 0.000_5;
        let report = TakeReport {
            key,
            at: self.scene_clock.now(),
            matter,
        };
        let id = hall.take_report(report).await.expect("it is taken in");
        self.incidents.push(Known {
            id,
            is_verified: false,
            sent_to: BTreeSet::new(),
        });
        self.expect(key, Some(id), Effect::Report);
        true
    }

    async fn log(&mut self, hall: &Hall) -> bool {
        let key = self.key();
        let text = key.to_string();
        let logged = hall.log_duty(LogDuty { key, text }).await;
        logged.expect("the entry is queued");
        self.expect(key, None, Effect::Entry);
        true
    }

    /// The other officer takes the desk over, with everything undone.
    pub async fn hand_over(&mut self, hall: &Hall) {
        let picture = hall.picture();
        let taken_over = undone(&picture.situation, [], hall.now())
            .into_iter()
            .map(|what| TakenOver {
                what,
                remark: "接班后处理".to_owned(),
            })
            .collect();
        let (key, incoming_key) = (self.key(), self.key());
        let incoming = match self.seated {
            OfficerRole::DutyOfficer => OfficerRole::ShiftLeader,
            _ => OfficerRole::DutyOfficer,
        };
        let form = HandOver {
            key,
            incoming_key,
            incoming: builders::officer(incoming).id,
            pin: builders::PIN.to_owned(),
            taken_over,
            remarks: String::new(),
        };
        hall.hand_over(form).await.expect("both have signed");
        self.expect(key, None, Effect::Signature(key));
        self.seated = incoming;
        self.expect(incoming_key, None, Effect::Signature(key));
        self.handovers += 1;
    }

    async fn note(&mut self, hall: &Hall, at: usize) {
        let key = self.key();
        let incident = self.incidents[at].id;
        let act = Act {
            seen: None,
            replaces: None,
            key,
            incident,
            action: Action::Note {
                text: key.to_string(),
            },
            reason: None,
        };
        hall.act(act).await.expect("the note is queued");
        self.expect(key, Some(incident), Effect::Note);
    }

    async fn step(&mut self, hall: &Hall, at: usize, action: Action, kind: ActionKind) {
        let key = self.key();
        let incident = self.incidents[at].id;
        let act = Act {
            seen: None,
            replaces: None,
            key,
            incident,
            action,
            reason: None,
        };
        hall.act(act).await.expect("the step is queued");
        self.expect(key, Some(incident), Effect::Step(kind));
    }

    async fn verify(&mut self, hall: &Hall, at: usize) -> bool {
        let known = &mut self.incidents[at];
        // An order has verified it already.
        if known.is_verified || !known.sent_to.is_empty() {
            return false;
        }
        known.is_verified = true;
        self.step(hall, at, Action::Verify, ActionKind::Verify)
            .await;
        true
    }

    /// Sends somebody who has not been sent there yet.
    async fn order(&mut self, hall: &Hall, at: usize) -> Option<OrderId> {
        let key = self.key();
        let known = &mut self.incidents[at];
        let first = at as u32 % PEOPLE;
        let mut people = (0..PEOPLE).map(|n| 1 + (first + n) % PEOPLE);
        let to = people.find(|person| !known.sent_to.contains(person))?;
        known.sent_to.insert(to);
        let incident = known.id;
        let order = SendOrder {
            seen: None,
            replaces: None,
            key,
            incident,
            to: PersonId(to),
            instruction: "请到现场处置".to_owned(),
            override_reason: None,
        };
        hall.send_order(order).await.expect("the order is queued");
        self.waiting.push((at, key, to));
        self.expect(key, Some(incident), Effect::Order);
        Some(key)
    }

    /// Takes back an order that waits here: it is dropped.
    async fn take_back(&mut self, hall: &Hall) -> bool {
        if self.waiting.is_empty() {
            return false;
        }
        let place = self.dice.roll(self.waiting.len() as u64) as usize;
        let (at, order, to) = self.waiting.swap_remove(place);
        let withdrawal = WithdrawOrder {
            order,
            reason: "改派".to_owned(),
            seen: None,
        };
        let done = hall.withdraw_order(withdrawal).await;
        assert_eq!(done.expect("it is taken back"), Withdrawal::Dropped);
        self.incidents[at].sent_to.remove(&to);
        self.account.take_back(order);
        true
    }

    /// Takes back an order that the field has: its withdrawal waits.
    async fn withdraw(&mut self, hall: &Hall) -> bool {
        let Some(sent) = self.sent.iter_mut().find(|sent| !sent.is_withdrawn) else {
            return false;
        };
        sent.is_withdrawn = true;
        let (order, incident) = (sent.order, sent.incident);
        let withdrawal = WithdrawOrder {
            order,
            reason: "改派".to_owned(),
            seen: None,
        };
        let done = hall.withdraw_order(withdrawal).await;
        assert_eq!(done.expect("it is withdrawn"), Withdrawal::Queued);
        let outbox = hall.picture().outbox;
        let key = outbox.last().expect("it waits").proposal.key;
        self.expect(key, Some(incident), Effect::Withdrawal(order));
        true
    }

    async fn switch(&mut self, hall: &Hall) -> bool {
        let key = self.key();
        self.is_emergency = !self.is_emergency;
        let mode = if self.is_emergency {
            Mode::EmergencyRed
        } else {
            Mode::Normal
        };
        let is_drill = false;
        let set = SetMode {
            key,
            mode,
            is_drill,
        };
        hall.set_mode(set).await.expect("the switch is queued");
        self.expect(key, None, Effect::Mode);
        true
    }

    fn expect(&mut self, key: IntentKey, incident: Option<IncidentId>, effect: Effect) {
        let at = self.scene_clock.now();
        let officer = builders::officer(self.seated).id;
        self.account.expect(key, &officer, incident, at, effect);
    }

    /// One thing that happens where the line still is.
    pub async fn elsewhere(&mut self, scene: &Scene) {
        let now = scene.backend.clock.now();
        let backend = &scene.backend.backend;
        match self.dice.roll(4) {
            0 => {
                self.next += 1;
                let report = builders::report(100_000 + self.next, now);
                backend.report(&report).expect("the report is taken");
            }
            1 => {
                // Another hall ends a matter of which ours believes that it is open.
                let id = self.incidents[self.dice.roll(self.incidents.len() as u64) as usize].id;
                let leader = builders::officer(OfficerRole::ShiftLeader);
                let proposal = Proposal {
                    basis: None,
                    key: self.key(),
                    officer: leader.id.clone(),
                    occurred_at: now,
                    intent: Intent::Act {
                        incident: id,
                        action: Action::Cancel,
                        reason: Some("重复上报".to_owned()),
                    },
                };
                // What has ended already cannot end again.
                if backend.carry_out(&leader, &proposal, None).is_ok() {
                    self.account.others += 1;
                }
            }
            _ => {
                let place = self.dice.roll(self.sent.len() as u64) as usize;
                let sent = &mut self.sent[place];
                if let Some(state) = COURSE.get(sent.come) {
                    sent.come += 1;
                    let field = scene.backend.field();
                    let told = field.receipt(sent.order, sent.to, *state, now).await;
                    told.expect("the receipt is taken");
                }
            }
        }
    }
}

/// SplitMix64, so that every run is the same.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }
}
