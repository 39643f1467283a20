//! The live counts and the slow recomputation agree on long random trails.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::rates::fielded;
use super::street::*;
use crate::assessment::{
    Assessment, AssessmentRules, By, Counting, DueAt, Each, HotlineChannels, Missing, Period,
    ResponseLimit, ReworkOutOf, Subject, Table, recompute,
};
use crate::clocks::Calendar;
use crate::ids::{DepartmentId, GridCode, IncidentId, PersonId};
use crate::incidents::{Incident, IncidentState as S};
use crate::places::{GridLevel, GridPath};
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use crate::trail::{Action, CallBack, DispatchDuty, ReportFacts, SourceChannel, TrailEntry};

/// Entries of one random trail.
const EVENTS: usize = 10_000;

/// A small generator (`SplitMix64`), so that one number makes a whole street.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }
}

fn random_facts(dice: &mut Dice) -> ReportFacts {
    let grid = |dice: &mut Dice, letter: &str| {
        (!dice.chance(10)).then(|| GridCode(format!("{letter}{}", dice.below(3))))
    };
    ReportFacts {
        category: dice
            .pick(&["E01.10", "E01.12", "C01.02"])
            .parse()
            .expect("a code"),
        channel: dice.pick(&[
            SourceChannel::Hotline12345,
            SourceChannel::GridPatrol,
            SourceChannel::CitizenSnapshot,
        ]),
        grids: GridPath {
            community: grid(dice, "C"),
            general: grid(dice, "G"),
            micro: grid(dice, "M"),
            unit: grid(dice, "U"),
            exclusive: (0..dice.below(3))
                .map(|n| GridCode(format!("X{n}")))
                .collect(),
            responsibility: grid(dice, "R").into_iter().collect(),
        },
        is_drill: dice.chance(5),
        ..facts()
    }
}

/// Something that an incident may live through next; often legal, sometimes not.
fn random_action(dice: &mut Dice, street: &Street, id: IncidentId, orders: &mut u128) -> Action {
    let incident = &street.incidents[&id];
    let of = |dice: &mut Dice| match incident.orders.as_slice() {
        [] => order(u128::from(dice.below(50))),
        known => dice.pick(known),
    };
    if dice.chance(25) {
        return aside(dice, of, incident.id);
    }
    match incident.state {
        S::Reported if dice.chance(90) => Action::Verify,
        S::Reported | S::PendingFile if dice.chance(90) => file(),
        S::Reported | S::PendingFile => Action::NotAccept,
        S::Filed | S::Returned => send(dice, orders, DispatchDuty::Lead),
        S::Suspended => Action::Resume,
        S::Handled if incident.supervised => Action::ReplyToSupervision {
            text: "已办".to_owned(),
        },
        S::Handled if dice.chance(25) => Action::Rework,
        S::Handled => Action::Close,
        S::NotAccepted | S::Closed | S::Cancelled => call_back(dice),
        S::Dispatched | S::Handling => match dice.below(20) {
            0 => Action::Return,
            1 | 2 => Action::Suspend,
            3 | 4 => Action::Extend,
            5 => send(dice, orders, DispatchDuty::Lead),
            6 | 7 => assist(incident, orders),
            8 => Action::Undispatch { order: of(dice) },
            9..=12 => Action::StartHandling { order: of(dice) },
            13..=15 => match incident.assisting.first() {
                Some(assisting) => Action::Assisted {
                    order: *assisting,
                    result: String::new(),
                },
                None => Action::Supervise,
            },
            _ => Action::Handled {
                order: of(dice),
                result: String::new(),
            },
        },
    }
}

fn send(dice: &mut Dice, orders: &mut u128, duty: DispatchDuty) -> Action {
    *orders += 1;
    Action::Dispatch {
        order: order(*orders),
        to: PersonId(dice.below(6) as u32),
        department: dice
            .chance(80)
            .then(|| DepartmentId(format!("d{}", dice.below(3)))),
        duty,
    }
}

/// An assistant, once a joint handling is convened.
fn assist(incident: &Incident, orders: &mut u128) -> Action {
    let Some(joint) = &incident.course.joint else {
        return Action::Convene {
            lead: DepartmentId::from("d0"),
            assistants: vec![DepartmentId::from("d1")],
        };
    };
    *orders += 1;
    Action::Dispatch {
        order: order(*orders),
        to: PersonId((*orders % 6) as u32),
        department: joint.assistants.first().cloned(),
        duty: DispatchDuty::Assist,
    }
}

fn call_back(dice: &mut Dice) -> Action {
    Action::CallBack(CallBack {
        is_reached: dice.chance(70),
        is_resolved: dice.chance(60),
        is_satisfied: dice.chance(60),
    })
}

/// What happens beside the main way.
fn aside(dice: &mut Dice, of: impl Fn(&mut Dice) -> crate::OrderId, id: IncidentId) -> Action {
    match dice.below(16) {
        0 | 1 => Action::ContactCaller,
        2 => Action::FlagUnreasonable {
            is_unreasonable: dice.chance(70),
        },
        3 => Action::JudgeDispatch {
            order: of(dice),
            is_right: dice.chance(50),
        },
        4 => Action::Recategorise {
            category: "C01.02".parse().expect("a code"),
        },
        5 if dice.chance(50) => Action::MarkDuplicate {
            of: IncidentId(id.0 + 1),
        },
        6 if dice.chance(30) => Action::Cancel,
        7 if dice.chance(40) => Action::ForceClose,
        8 => Action::Supervise,
        9..=11 => call_back(dice),
        12 => Action::Suspend,
        13 => Action::Return,
        _ => Action::Note {
            text: "备注".to_owned(),
        },
    }
}

/// A trail of [`EVENTS`] entries over about ten days with a holiday in the middle; some entries
/// arrive hours after they occurred.
fn random_street(dice: &mut Dice) -> Street {
    let mut street = Street::new();
    let holiday = FRIDAY.plus_ms(3 * DAY_MS).local_date();
    street.rules.calendar = Calendar {
        holidays: [holiday].into(),
        ..Calendar::default()
    };
    let (mut number, mut orders, mut now) = (0, 0, FRIDAY);
    let mut open: Vec<IncidentId> = Vec::new();
    while street.trail.len() < EVENTS {
        now = now.plus_ms(dice.below(160_000) as i64);
        let late = dice.chance(8);
        let occurred = if late {
            now.plus_ms(-(dice.below(600) as i64) * MINUTE_MS)
        } else {
            now
        };
        if open.len() < 40 || dice.chance(8) {
            number += 1;
            let facts = random_facts(dice);
            open.push(street.report(number, occurred, facts));
        } else {
            let id = dice.pick(&open);
            let action = random_action(dice, &street, id, &mut orders);
            street.try_act(id, occurred, action);
            if !street.incidents[&id].state.is_open() && dice.chance(30) {
                open.retain(|other| *other != id);
            }
        }
    }
    street
}

fn random_rules(dice: &mut Dice) -> AssessmentRules {
    let counting = |dice: &mut Dice| dice.pick(&[Counting::Counted, Counting::LeftOut]);
    let mut composite = fielded();
    composite.missing = dice.pick(&[Missing::Dash, Missing::Redistribute]);
    AssessmentRules {
        due_at: dice.pick(&[DueAt::Deadline, DueAt::Settled]),
        rework_out_of: dice.pick(&[
            ReworkOutOf::DueToClose,
            ReworkOutOf::Checked,
            ReworkOutOf::Handled,
        ]),
        forced_closes: counting(dice),
        cancelled: counting(dice),
        duplicates: counting(dice),
        undecided_reports: counting(dice),
        unjudged_dispatches: counting(dice),
        unreached_call_backs: counting(dice),
        hotline: HotlineChannels {
            channels: vec![SourceChannel::Hotline12345, SourceChannel::CitizenSnapshot],
            response_within_ms: 2 * HOUR_MS,
            exceptions: [(None, HOUR_MS), (Some(2), HOUR_MS / 4)]
                .map(|(minor, within_ms)| ResponseLimit {
                    major: "C01".parse().expect("a major"),
                    minor,
                    within_ms,
                })
                .to_vec(),
        },
        composites: vec![composite],
    }
}

fn random_period(dice: &mut Dice, end: Timestamp) -> Period {
    let span = end.ms_since(FRIDAY) as u64;
    let moment = |dice: &mut Dice| FRIDAY.plus_ms(dice.below(span) as i64);
    let each = dice.pick(&[None, Some(Each::Day), Some(Each::Week), Some(Each::Month)]);
    if let Some(each) = each {
        return Period::holding(moment(dice), each);
    }
    let (a, b) = (moment(dice), moment(dice));
    Period {
        from: a.min(b),
        to: a.max(b),
    }
}

const GROUPINGS: [By; 12] = [
    By::Whole,
    By::Person,
    By::Grid(GridLevel::Community),
    By::Grid(GridLevel::General),
    By::Grid(GridLevel::Micro),
    By::Grid(GridLevel::Unit),
    By::Grid(GridLevel::Exclusive),
    By::ResponsibilityGrid,
    By::Department,
    By::MajorCategory,
    By::MinorCategory,
    By::Channel,
];

/// The first incident on which two tables differ, with its trail up to then.
fn difference(live: &Table, slow: &Table, trail: &[TrailEntry]) -> String {
    let lines = |table: &Table| -> BTreeSet<(Subject, String)> {
        let mut lines = BTreeSet::new();
        for row in table.rows.iter().chain([&table.total]) {
            for (name, figures) in [("all", &row.all), ("reasonable", &row.reasonable)] {
                let key = &row.key;
                for (indicator, ratio) in &figures.ratios {
                    for subject in &ratio.denominator {
                        let is_hit = ratio.numerator.contains(subject);
                        let line = format!("{key:?} {name} {indicator:?} {is_hit}");
                        lines.insert((*subject, line));
                    }
                }
                for (subject, effort) in &figures.effort {
                    lines.insert((*subject, format!("{key:?} {name} {effort:?}")));
                }
            }
        }
        lines
    };
    let (live, slow) = (lines(live), lines(slow));
    let Some(first) = live.symmetric_difference(&slow).next() else {
        return "the scores differ".to_owned();
    };
    let who = if live.contains(first) { "live" } else { "slow" };
    let own = trail.iter().filter(|e| e.incident == first.0.incident);
    let steps: Vec<String> = own
        .map(|e| {
            let (step, at, state) = (e.step, e.occurred_at.unix_ms(), e.state);
            format!("{step} {at} {:?} {state:?} {:?}", e.action, e.clock)
        })
        .collect();
    format!("{} {} only {who}\n{}", first.0, first.1, steps.join("\n"))
}

/// Holds both computations against each other in one grouping, in the middle and at the end.
fn agree(street: &Street, dice: &mut Dice, by: By) -> Result<(), TestCaseError> {
    let rules = random_rules(dice);
    let end = street.trail.last().map_or(FRIDAY, |e| e.recorded_at);
    let period = random_period(dice, end);
    let mut live = Assessment::new(rules.clone(), period, by, FRIDAY);
    let middle = dice.below(EVENTS as u64) as usize;
    for (place, entry) in street.trail.iter().enumerate() {
        live.advance(entry.recorded_at);
        prop_assert!(live.apply(entry));
        if place == middle {
            let taken = &street.trail[..=place];
            let slow = recompute(taken, &rules, period, by, entry.recorded_at);
            let table = live.table();
            let why = || difference(&table, &slow, taken);
            prop_assert!(table == slow, "{} {by:?} {period:?} {rules:?}", why());
        }
    }
    let now = end.plus_ms(dice.below(5 * DAY_MS as u64) as i64);
    live.advance(now);
    let slow = recompute(&street.trail, &rules, period, by, now);
    let table = live.table();
    let why = || difference(&table, &slow, &street.trail);
    prop_assert!(table == slow, "{} {by:?} {period:?} {rules:?}", why());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn both_computations_agree_on_ten_thousand_events(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let street = random_street(&mut dice);
        for by in GROUPINGS {
            agree(&street, &mut dice, by)?;
        }
    }
}

#[test]
fn random_streets_live_through_everything() {
    let street = random_street(&mut Dice(7));
    let count = |is_it: fn(&Action) -> bool| {
        let all = street.trail.iter();
        all.filter(|entry| is_it(&entry.action)).count()
    };
    assert!(count(|a| matches!(a, Action::Rework)) > 20);
    assert!(count(|a| matches!(a, Action::Return)) > 20);
    assert!(count(|a| matches!(a, Action::Suspend)) > 20);
    assert!(count(|a| matches!(a, Action::Extend)) > 20);
    assert!(count(|a| matches!(a, Action::FlagUnreasonable { .. })) > 20);
    assert!(count(|a| matches!(a, Action::Undispatch { .. })) > 20);
    assert!(count(|a| matches!(a, Action::Assisted { .. })) > 10);
    assert!(count(|a| matches!(a, Action::ForceClose)) > 5);
    assert!(count(|a| matches!(a, Action::Cancel)) > 5);
    assert!(count(|a| matches!(a, Action::MarkDuplicate { .. })) > 5);
    assert!(count(|a| matches!(a, Action::CallBack(_))) > 20);
    let late = |e: &&crate::trail::TrailEntry| e.clock.is_some_and(|c| c.is_overdue(e.occurred_at));
    assert!(street.trail.iter().filter(late).count() > 20);
}
