//! Incidents of yesterday and today, each lived through from the report to the present moment.

use domain::particulars::Particulars;
use domain::people::{Person, TravelMode};
use domain::rules::Rules;
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use domain::trail::{Action, Actor};
use domain::{IntentKey, LonLat, OfficerId, OrderState, PersonId, Timestamp};
use protocol::http::NewReport;
use protocol::seed::{SeedIncident, SeedStep};

use super::starting_point;
use crate::dice::Dice;
use crate::matters::{Matter, Places, REPORTS_PER_HOUR, TEMPLATES, located};
use crate::plan::Plan;

/// Open incidents that a hall finds at least when it starts.
const LEAST_OPEN: usize = 18;
/// Of them, those that nobody has been sent to yet: whoever opens the hall finds the main job to do,
/// at night as well.
const LEAST_WAITING: usize = 5;

/// A key from the seeded stream.
pub fn key(dice: &mut Dice) -> IntentKey {
    let mut bytes = [0_u8; 16];
    for byte in &mut bytes {
        *byte = dice.below(256) as u8;
    }
    IntentKey(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

/// The reason of the rules that the words of a refusal go with.
pub const REFUSAL_REASON: &str = "graver_matter";

/// Reasons for refusing an order.
pub const REFUSALS: &[&str] = &[
    "正在处置另一起警情，无法分身",
    "电瓶车故障，请改派附近人员",
    "正在护送走失老人，预计一小时后有空",
    "不在本人网格范围，建议派属地网格员",
    "身体不适，已向组长报备",
];

/// Reasons for not accepting a matter.
const NOT_ACCEPTED: &[&str] = &[
    "现场核实未发现反映情况",
    "属小区内部事务，已答复来电人",
    "与已受理案件重复，并案处理",
    "不在本街道辖区，已转相邻街道",
];

/// What the leader who supervises is told.
pub const SUPERVISION_REPLY: &str = "已处置完毕，现场复核无误";

/// Reasons for a second handling.
pub const REWORKS: &[&str] = &[
    "核查照片显示现场仍有残留",
    "回访居民不认可，问题反复",
    "未上传处置后照片",
];

struct Past<'a> {
    people: &'a [Person],
    starts: Vec<LonLat>,
    rules: &'a Rules,
    now: Timestamp,
    dice: Dice,
    /// Orders under way at `now` of each person.
    busy: Vec<u8>,
}

/// Incidents since yesterday's midnight, as they stand at `now`.
pub fn incidents(plan: &Plan, places: &Places, rules: &Rules, now: Timestamp) -> Vec<SeedIncident> {
    let mut starts = Dice::new(plan.seed, "starts");
    let mut past = Past {
        people: &plan.people,
        starts: plan
            .people
            .iter()
            .map(|person| located(starting_point(plan, person, &mut starts)))
            .collect(),
        rules,
        now,
        dice: Dice::new(
            plan.seed ^ now.local_day_start().unix_ms().unsigned_abs(),
            "history",
        ),
        busy: vec![0; plan.people.len()],
    };
    let mut out = Vec::new();
    let mut hour = now.local_day_start().plus_ms(-DAY_MS);
    while hour < now {
        let rate = REPORTS_PER_HOUR[usize::from(hour.local_hour())];
        let mut at_h = past.dice.wait(rate);
        while at_h < 1.0 {
            let at = hour.plus_ms((at_h * HOUR_MS as f64) as i64);
            if at < now
                && let Some(matter) = places.draw(hour.local_hour(), &mut past.dice)
            {
                out.push(past.live_through(&matter, at));
            }
            at_h += past.dice.wait(rate);
        }
        hour = hour.plus_ms(HOUR_MS);
    }
    leave_some_open(&mut out);
    leave_some_waiting(&mut out);
    out
}

/// Whether somebody has been sent, or nobody needs to be.
fn is_settled(step: &SeedStep) -> bool {
    matches!(
        step,
        SeedStep::Order { .. }
            | SeedStep::Act {
                action: Action::Close | Action::NotAccept,
                ..
            }
    )
}

/// In a quiet hour nobody has been sent to the newest incidents yet.
fn leave_some_waiting(incidents: &mut [SeedIncident]) {
    let waits = |incident: &SeedIncident| !incident.steps.iter().any(is_settled);
    let mut waiting = incidents.iter().filter(|incident| waits(incident)).count();
    for incident in incidents.iter_mut().rev() {
        if waiting >= LEAST_WAITING {
            return;
        }
        if let Some(first) = incident.steps.iter().position(is_settled) {
            incident.steps.truncate(first);
            waiting += 1;
        }
    }
}

/// In a quiet hour the checks of the newest incidents are still to be done.
fn leave_some_open(incidents: &mut [SeedIncident]) {
    let is_end = |step: &SeedStep| {
        matches!(
            step,
            SeedStep::Act {
                action: Action::Close | Action::NotAccept,
                ..
            }
        )
    };
    let is_open = |incident: &SeedIncident| !incident.steps.last().is_some_and(is_end);
    let mut open = incidents
        .iter()
        .filter(|incident| is_open(incident))
        .count();
    for incident in incidents.iter_mut().rev() {
        if open >= LEAST_OPEN {
            return;
        }
        if !is_open(incident) {
            incident.steps.pop();
            open += 1;
        }
    }
}

/// The answer that a supervised matter owes before it is closed.
fn reply_owed(at: Timestamp, steps: &[SeedStep]) -> Option<SeedStep> {
    let is_supervision = |step: &SeedStep| {
        matches!(
            step,
            SeedStep::Act {
                action: Action::Supervise,
                ..
            }
        )
    };
    steps.iter().any(is_supervision).then(|| SeedStep::Act {
        at,
        by: Actor::Officer(OfficerId::from("zhou.min")),
        action: Action::ReplyToSupervision {
            text: SUPERVISION_REPLY.to_owned(),
        },
        reason: None,
    })
}

impl Past<'_> {
    fn minutes(&mut self, low: f64, high: f64) -> i64 {
        (self.dice.between(low, high) * MINUTE_MS as f64) as i64
    }

    fn officer(&mut self) -> OfficerId {
        OfficerId::from(*self.dice.pick(&["zhou.min", "tang.rong", "zhou.min"]))
    }

    fn live_through(&mut self, matter: &Matter, at: Timestamp) -> SeedIncident {
        let report = NewReport {
            key: key(&mut self.dice),
            category: matter.category.to_owned(),
            channel: matter.channel,
            title: matter.title.clone(),
            description: matter.description.clone(),
            address: matter.address.clone(),
            location: matter.location,
            occurred_at: at,
            particulars: Particulars {
                repeats: matter.repeats,
                ..Particulars::default()
            },
            crs: domain::places::Crs::default(),
            is_drill: false,
        };
        let mut steps = Vec::new();
        self.steps(matter, at, &mut steps);
        let now = self.now;
        let kept = steps
            .iter()
            .position(|step| step.at() >= now)
            .unwrap_or(steps.len());
        steps.truncate(kept);
        self.remember_busy(&steps);
        SeedIncident { report, steps }
    }

    fn act(&mut self, at: Timestamp, action: Action, reason: Option<&str>) -> SeedStep {
        SeedStep::Act {
            at,
            by: Actor::Officer(self.officer()),
            action,
            reason: reason.map(str::to_owned),
        }
    }

    fn steps(&mut self, matter: &Matter, at: Timestamp, steps: &mut Vec<SeedStep>) {
        let slow_desk = self.dice.chance(0.07);
        let verified = at.plus_ms(if slow_desk {
            self.minutes(31.0, 75.0)
        } else {
            self.minutes(1.0, 14.0)
        });
        if self.dice.chance(0.04) {
            let reason = *self.dice.pick(NOT_ACCEPTED);
            let step = self.act(verified, Action::NotAccept, Some(reason));
            steps.push(step);
            return;
        }
        let step = self.act(verified, Action::Verify, None);
        steps.push(step);
        let mut ready = verified.plus_ms(self.minutes(0.8, 22.0));
        let mut rounds = 0;
        loop {
            rounds += 1;
            let Some(done) = self.round(matter, ready, steps) else {
                return;
            };
            let checked = done.plus_ms(self.minutes(6.0, 80.0));
            if rounds == 1 && self.dice.chance(0.04) {
                let reason = *self.dice.pick(REWORKS);
                let step = self.act(checked, Action::Rework, Some(reason));
                steps.push(step);
                ready = checked.plus_ms(self.minutes(1.0, 10.0));
                continue;
            }
            steps.extend(reply_owed(checked, steps));
            let step = self.act(checked, Action::Close, None);
            steps.push(step);
            return;
        }
    }

    /// One order and what became of it; the time at which the matter was handled.
    fn round(
        &mut self,
        matter: &Matter,
        ready: Timestamp,
        steps: &mut Vec<SeedStep>,
    ) -> Option<Timestamp> {
        let mut sent = ready;
        let mut refused: Option<PersonId> = None;
        loop {
            let person = self.responder(matter, sent, refused)?;
            let order = key(&mut self.dice);
            let by = self.officer();
            steps.push(SeedStep::Order {
                at: sent,
                by,
                key: order,
                to: self.people[person].id,
                instruction: format!("请到{}处置：{}", matter.address, matter.title),
            });
            let start = self.starts[person];
            let mut receipt = |at, state, location, note: Option<&str>| {
                let note = note.map(str::to_owned);
                steps.push(SeedStep::Receipt {
                    at,
                    key: order,
                    state,
                    location,
                    note,
                    refusal_reason: (state == OrderState::Refused).then(|| REFUSAL_REASON.into()),
                });
            };
            let delivered = sent.plus_ms(self.dice.whole(1_500, 9_000));
            receipt(delivered, OrderState::Delivered, Some(start), None);
            let read = delivered.plus_ms(self.minutes(0.2, 3.5));
            receipt(read, OrderState::Read, Some(start), None);
            let decided = read.plus_ms(self.dice.whole(4_000, 70_000));
            if refused.is_none() && self.dice.chance(0.05) {
                let reason = *self.dice.pick(REFUSALS);
                receipt(decided, OrderState::Refused, Some(start), Some(reason));
                refused = Some(self.people[person].id);
                sent = decided.plus_ms(self.minutes(1.0, 7.0));
                continue;
            }
            receipt(decided, OrderState::Accepted, Some(start), None);
            let arrived = decided.plus_ms(travel_ms(&self.people[person], start, matter.location));
            receipt(arrived, OrderState::Arrived, Some(matter.location), None);
            let usual = TEMPLATES[matter.kind].handling_min;
            let slow = self.dice.chance(0.1);
            let factor = if slow {
                self.dice.between(8.0, 40.0)
            } else {
                self.dice.between(0.5, 2.6)
            };
            let done = arrived.plus_ms((usual * factor * MINUTE_MS as f64) as i64);
            if slow && self.watch_slow(arrived, steps) {
                return None;
            }
            let note = Some(TEMPLATES[matter.kind].result.to_owned());
            steps.push(SeedStep::Receipt {
                at: done,
                key: order,
                state: OrderState::Done,
                location: Some(matter.location),
                note,
                refusal_reason: None,
            });
            return Some(done);
        }
    }

    /// What happens to a matter that takes long: a leader watches it, or it waits for others.
    /// Returns whether it was suspended for good.
    fn watch_slow(&mut self, arrived: Timestamp, steps: &mut Vec<SeedStep>) -> bool {
        if self.dice.chance(0.35) {
            steps.push(SeedStep::Act {
                at: arrived.plus_ms(self.minutes(45.0, 130.0)),
                by: Actor::Officer(OfficerId::from("luo.jun")),
                action: Action::Supervise,
                reason: None,
            });
            return false;
        }
        if self.dice.chance(0.2) {
            let at = arrived.plus_ms(self.minutes(40.0, 90.0));
            let step = self.act(at, Action::Suspend, Some("需管线权属单位会商，等待回复"));
            steps.push(step);
            return true;
        }
        false
    }

    /// Somebody responsible, on duty at the time, and near.
    fn responder(
        &mut self,
        matter: &Matter,
        at: Timestamp,
        except: Option<PersonId>,
    ) -> Option<usize> {
        let code = matter.category.parse().ok()?;
        let posts = &self.rules.category(code)?.posts;
        let fits = |i: &usize| {
            let person = &self.people[*i];
            (posts.is_empty() || posts.contains(&person.post)) && Some(person.id) != except
        };
        let mut near: Vec<usize> = (0..self.people.len())
            .filter(fits)
            .filter(|i| self.people[*i].shift.covers(at) && self.busy[*i] == 0)
            .collect();
        if near.is_empty() {
            near = (0..self.people.len()).filter(fits).collect();
        }
        let far = |i: &usize| self.starts[*i].distance_m(matter.location);
        near.sort_by(|a, b| far(a).total_cmp(&far(b)));
        near.truncate(5);
        (!near.is_empty()).then(|| *self.dice.pick(&near))
    }

    fn remember_busy(&mut self, steps: &[SeedStep]) {
        let mut under_way: Vec<(IntentKey, PersonId)> = Vec::new();
        for step in steps {
            match step {
                SeedStep::Order { key, to, .. } => under_way.push((*key, *to)),
                SeedStep::Receipt { key, state, .. } if state.is_final() => {
                    under_way.retain(|(order, _)| order != key);
                }
                _ => {}
            }
        }
        for (_, person) in under_way {
            if let Some(busy) = self.busy.get_mut(person.0 as usize - 1) {
                *busy += 1;
            }
        }
    }
}

/// Time on the way: roads are about a third longer than the crow flies.
fn travel_ms(person: &Person, from: LonLat, to: LonLat) -> i64 {
    let speed_mps = match person.travel {
        TravelMode::Walk => 1.3,
        TravelMode::EBike => 4.6,
        TravelMode::Car => 6.5,
    };
    (from.distance_m(to) * 1.35 / speed_mps * 1_000.0) as i64 + 20_000
}
