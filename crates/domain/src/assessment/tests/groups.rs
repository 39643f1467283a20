//! Groups: whose work it was; complaints flagged as unreasonable; effort.

use super::street::*;
use crate::assessment::Indicator as I;
use crate::assessment::{Assessment, AssessmentRules, By, GroupKey, Row, Subject, Table};
use crate::ids::{GridCode, PersonId};
use crate::places::{GridLevel, GridPath};
use crate::time::MINUTE_MS;
use crate::trail::{Action, DispatchDuty, ReportFacts, SourceChannel};

fn by(street: &Street, by: By) -> Table {
    let rules = AssessmentRules::default();
    street.table(&rules, friday(), by, at(24, 0))
}

fn convene() -> Action {
    Action::Convene {
        lead: "city_management".into(),
        assistants: vec!["water".into()],
    }
}

fn assist(number: u32) -> Action {
    Action::Dispatch {
        order: order(number.into()),
        to: PersonId(number),
        department: Some("water".into()),
        duty: DispatchDuty::Assist,
    }
}

/// Keys of the rows with what is shown of an indicator; `-` is work of no group.
fn rows(table: &Table, indicator: I) -> Vec<String> {
    let name = |row: &Row| match &row.key {
        None => "-".to_owned(),
        Some(GroupKey::Person(person)) => person.to_string(),
        Some(GroupKey::Grid(code)) => code.to_string(),
        Some(GroupKey::Department(department)) => department.to_string(),
        Some(GroupKey::Major(major)) => major.to_string(),
        Some(GroupKey::Category(category)) => category.to_string(),
        Some(GroupKey::Channel(channel)) => format!("{channel:?}"),
    };
    table
        .rows
        .iter()
        .map(|row| format!("{}: {}", name(row), shown(&row.all, indicator)))
        .collect()
}

#[test]
fn rounds_belong_to_whoever_was_charged() {
    let street = super::rates::street();
    let people = by(&street, By::Person);
    assert_eq!(
        rows(&people, I::Handling),
        [
            // Reports and filings are nobody's of the street.
            "-: |",
            "P000001: 1/4 |",
            "P000002: 2/4 |",
            "P000003: | 3/4",
            "P000004: 4/4 |",
            // The returned round is owed by nobody, but its dispatch went here.
            "P000006: |",
            "P000040: 4/8 |",
            "P000060: 6/6 |",
        ]
    );
    let accurate = rows(&people, I::AccurateDispatch);
    assert_eq!(accurate[5], "P000006: | 6/3");
    // The rework counts for whoever had the matter last.
    let rework = rows(&people, I::Rework);
    assert_eq!(
        (rework[4].as_str(), rework[6].as_str()),
        ("P000004: |", "P000040: 4/1 |")
    );
    let departments = rows(&by(&street, By::Department), I::AccurateDispatch);
    assert_eq!(
        departments,
        ["-: 1/3 3/3 4/3 4/7 | 2/3", "roads: 6/5 |", "water: | 6/3",]
    );
}

#[test]
fn places_categories_and_channels_are_those_of_the_matter() {
    let mut street = Street::new();
    let grid = |code: &str| Some(GridCode::from(code));
    let grids = GridPath {
        community: grid("C1"),
        general: grid("G1"),
        micro: grid("M1"),
        unit: None,
        exclusive: vec![GridCode::from("X1"), GridCode::from("X2")],
        responsibility: vec![GridCode::from("R1")],
    };
    street.report(1, at(8, 0), ReportFacts { grids, ..facts() });
    let corrected = Action::Recategorise {
        category: "C01.02".parse().expect("a code"),
    };
    street.live(2, at(8, 0), hotline(), vec![(at(8, 1), corrected)]);
    let seen = |by_what| rows(&by(&street, by_what), I::ValidReporting);
    assert_eq!(
        seen(By::Grid(GridLevel::Community)),
        ["-: | 2/1", "C1: | 1/1"]
    );
    assert_eq!(
        seen(By::Grid(GridLevel::General)),
        ["-: | 2/1", "G1: | 1/1"]
    );
    assert_eq!(seen(By::Grid(GridLevel::Micro)), ["-: | 2/1", "M1: | 1/1"]);
    let markets = seen(By::Grid(GridLevel::Exclusive));
    assert_eq!(markets, ["-: | 2/1", "X1: | 1/1", "X2: | 1/1"]);
    assert_eq!(seen(By::ResponsibilityGrid), ["-: | 2/1", "R1: | 1/1"]);
    assert_eq!(seen(By::Grid(GridLevel::Unit)), ["-: | 1/1 2/1"]);
    assert_eq!(seen(By::MajorCategory), ["E01: | 1/1", "C01: | 2/1"]);
    assert_eq!(seen(By::MinorCategory), ["E01.10: | 1/1", "C01.02: | 2/1"]);
    assert_eq!(
        seen(By::Channel),
        ["GridPatrol: | 1/1", "Hotline12345: | 2/1"]
    );
    assert!(seen(By::Whole).is_empty());
}

#[test]
fn of_several_orders_the_one_that_handled_counts() {
    let base = || {
        vec![
            (at(8, 10), Action::Verify),
            (at(8, 20), file()),
            (at(8, 30), dispatch(1)),
            (at(8, 40), dispatch(2)),
        ]
    };
    let holder = |more: Vec<(crate::Timestamp, Action)>| {
        let mut steps = base();
        steps.extend(more);
        let mut street = Street::new();
        street.live(1, at(8, 0), facts(), steps);
        let table = by(&street, By::Person);
        let has_it = |row: &&Row| shown(&row.all, I::Handling) != "|";
        let mut holders = table.rows.iter().filter(has_it);
        let holder = holders.next().and_then(|row| row.key.clone());
        assert!(holders.next().is_none(), "one holder");
        holder
    };
    let person = |number| Some(GroupKey::Person(PersonId(number)));
    let back = |number| Action::Undispatch {
        order: order(number),
    };
    assert_eq!(holder(vec![(at(9, 0), handled(1))]), person(1));
    assert_eq!(holder(vec![(at(9, 0), handled(2))]), person(2));
    assert_eq!(holder(Vec::new()), person(2));
    assert_eq!(holder(vec![(at(9, 0), back(2))]), person(1));
    assert_eq!(holder(vec![(at(9, 0), back(1))]), person(2));
    // All were taken back too late: the last of the lead had it.
    let late = vec![(at(11, 0), back(2)), (at(11, 1), back(1))];
    assert_eq!(holder(late), person(2));
    let joint = vec![(at(9, 0), convene()), (at(9, 0), assist(3))];
    assert_eq!(holder(joint), person(2));
}

#[test]
fn every_rate_is_shown_with_and_without_unreasonable_complaints() {
    let mut street = Street::new();
    let flag = |is_unreasonable| Action::FlagUnreasonable { is_unreasonable };
    let steps = |number: u32| {
        vec![
            (at(8, 10), Action::Verify),
            (at(8, 20), file()),
            (at(8, 30), dispatch(number)),
            (at(9, 0), handled(number.into())),
        ]
    };
    let mut flagged = steps(1);
    flagged.push((at(9, 30), flag(true)));
    street.live(1, at(8, 0), hotline(), flagged);
    let mut taken_back = steps(2);
    taken_back.extend([(at(9, 30), flag(true)), (at(9, 40), flag(false))]);
    street.live(2, at(8, 0), facts(), taken_back);
    let table = by(&street, By::Channel);
    let Row {
        all, reasonable, ..
    } = &table.total;
    check(
        all,
        &[(I::Handling, "1/4 2/4 |"), (I::ValidReporting, "1/1 2/1 |")],
    );
    check(
        reasonable,
        &[(I::Handling, "2/4 |"), (I::ValidReporting, "2/1 |")],
    );
    assert_eq!((all.effort_min(), reasonable.effort_min()), (60, 30));
    let hotline = Some(GroupKey::Channel(SourceChannel::Hotline12345));
    let row = table.rows.iter().find(|row| row.key == hotline);
    assert!(row.is_some_and(|row| row.reasonable.ratios.is_empty()));
}

#[test]
fn effort_leaves_out_suspensions_and_counts_assistants() {
    let assisted = Action::Assisted {
        order: order(2),
        result: String::new(),
    };
    let steps = vec![
        (at(8, 10), Action::Verify),
        (at(8, 20), file()),
        (at(8, 30), dispatch(1)),
        (at(8, 35), Action::Suspend),
        (at(8, 45), Action::Resume),
        (at(8, 50), start(1)),
        (at(8, 50), convene()),
        (at(8, 55), assist(2)),
        (at(9, 0), Action::Suspend),
        (at(9, 10), Action::Supervise),
        (at(9, 40), Action::Resume),
        (at(9, 45), start(1)),
        (at(9, 50), assisted),
        (at(10, 0), handled(1)),
    ];
    let mut street = Street::new();
    street.live(1, at(8, 0), facts(), steps);
    let table = by(&street, By::Person);
    let minutes = |row: &Row| {
        let spent = row.all.effort.values().map(|e| e.spent_ms / MINUTE_MS);
        (row.key.clone(), spent.collect::<Vec<_>>())
    };
    let spent: Vec<_> = table.rows.iter().map(minutes).collect();
    let person = |number| Some(GroupKey::Person(PersonId(number)));
    // 1: from 8:50 to 10:00 less 40 minutes; 2: from 8:55 to 9:50 less 40 minutes.
    let expected = [(None, vec![]), (person(1), vec![30]), (person(2), vec![15])];
    assert_eq!(spent, expected);
    assert_eq!(table.total.all.effort_min(), 45);
}

#[test]
fn a_clock_that_went_back_makes_no_negative_effort() {
    let mut street = Street::new();
    let steps = vec![
        (at(8, 10), Action::Verify),
        (at(8, 20), file()),
        (at(8, 30), dispatch(1)),
        (at(9, 0), start(1)),
        (at(8, 50), handled(1)),
    ];
    street.live(1, at(8, 0), facts(), steps);
    let total = by(&street, By::Whole).total.all;
    assert_eq!(total.effort_min(), 0);
    assert_eq!(total.effort.len(), 1);
}

#[test]
fn a_table_is_written_as_json_and_read_back() {
    let table = by(&super::rates::street(), By::Person);
    let text = serde_json::to_string(&table).expect("written");
    assert!(text.contains("\"20261120-0001/4\""), "{text}");
    let back: Table = serde_json::from_str(&text).expect("read");
    assert_eq!(back, table);
    for bad in ["20261120-0001", "20261120-0001/x", "x/4", ""] {
        let subject = Subject::try_from(bad.to_owned());
        let said = subject.expect_err(bad).to_string();
        assert!(said.contains("20261120-0042/3"), "{said}");
    }
}

#[test]
fn an_entry_out_of_turn_is_not_taken() {
    let street = super::rates::street();
    let rules = AssessmentRules::default();
    let mut live = Assessment::new(rules, friday(), By::Whole, FRIDAY);
    assert!(!live.apply(&street.trail[1]), "no report came before");
    assert!(live.apply(&street.trail[0]));
    assert!(!live.apply(&street.trail[0]), "twice");
    assert!(!live.apply(&street.trail[2]), "a gap");
    assert!(live.apply(&street.trail[1]));
}

#[test]
fn a_live_table_follows_the_trail_and_the_clock() {
    let street = super::rates::street();
    let rules = AssessmentRules::default();
    let mut live = Assessment::new(rules.clone(), friday(), By::Person, FRIDAY);
    let mut taken = Vec::new();
    let mut trail = street.trail.clone();
    trail.sort_by_key(|entry| entry.occurred_at);
    for entry in trail {
        live.advance(entry.occurred_at);
        assert!(live.apply(&entry));
        taken.push(entry);
        let now = live.table().now;
        let slow = crate::assessment::recompute(&taken, &rules, friday(), By::Person, now);
        assert_eq!(live.table(), slow);
    }
    live.advance(at(24, 0));
    assert_eq!(live.table(), by(&street, By::Person));
    live.advance(at(9, 0));
    assert_eq!(live.table().now, at(24, 0), "time never goes back");
}
