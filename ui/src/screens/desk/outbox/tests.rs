//! What waits, and what is said of it.

use super::super::{sample, words};
use super::*;

#[test]
fn a_queued_order_names_its_person_its_incident_and_its_next_try() {
    let situation = sample::situation();
    let reference = sample::reference();
    let mut item = sample::queued_order(7, 1, 1);
    item.attempts = 3;
    item.next_attempt_at = Some(sample::NOON.plus_ms(4200));
    let row = &rows(&[item], &situation, Some(&reference), sample::NOON)[0];
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
    let rows = rows(&outbox, &situation, None, sample::NOON);
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
fn what_the_outbox_holds_behind_another_waits_for_its_decision() {
    let mut parked = sample::queued_step(8, 1, Action::Verify);
    parked.state = OrderState::Parked;
    let mut behind = sample::queued_order(7, 1, 1);
    behind.is_held = true;
    let outbox = [
        sample::queued_order(6, 1, 1),
        parked,
        behind,
        sample::queued_order(9, 2, 2),
    ];
    let rows = rows(&outbox, &sample::situation(), None, sample::NOON);
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
    let marks = rows(&outbox, &situation, None, sample::NOON);
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
    let rows = rows(&[item], &situation, None, sample::NOON);
    assert_eq!(rows[0].incident, Some(sample::incident_id(42)));
    assert_eq!(rows[0].wish, Wish::Report);
}

#[test]
fn a_step_says_what_was_written_and_whom_it_concerns() {
    rust_i18n::set_locale("zh-CN");
    let situation = sample::situation();
    let mut reference = sample::reference();
    reference.rules.departments = vec![domain::rules::Department {
        id: "gas".into(),
        name: "燃气公司".to_owned(),
        posts: Vec::new(),
    }];
    let said = |action, reason: Option<&str>| {
        let reason = reason.map(str::to_owned);
        let incident = sample::incident_id(1);
        let intent = Intent::Act {
            incident,
            action,
            reason,
        };
        let wish = wish(&intent, &situation, Some(&reference));
        (words::wish(&wish), words_of(&intent))
    };
    let of = |what: &str, words: &str| (what.to_owned(), words.to_owned());
    let text = "井口已围挡".to_owned();
    assert_eq!(said(Action::Note { text }, None), of("备注", "井口已围挡"));
    let why = Some(" 等配件 ");
    assert_eq!(said(Action::Suspend, why), of("挂账", "等配件"));
    let whistle = Action::Whistle {
        whistle: 0,
        departments: vec!["gas".into(), "water".into()],
        deliberation: "街道无执法权".to_owned(),
        push: None,
    };
    assert_eq!(
        said(whistle, Some("中级案件")),
        of("吹哨：燃气公司、water", "街道无执法权\n中级案件")
    );
    let sign_in = Action::SignIn {
        whistle: 1,
        department: "gas".into(),
    };
    assert_eq!(said(sign_in, None), of("报到：燃气公司", ""));
    let done = Action::WhistleHandled {
        whistle: 1,
        department: "gas".into(),
        result: "已关阀".to_owned(),
    };
    assert_eq!(said(done, None).1, "已关阀");
}

#[test]
fn a_switch_of_the_mode_names_the_mode() {
    rust_i18n::set_locale("zh-CN");
    let said = |is_drill| {
        let mode = Mode::EmergencyRed;
        let intent = Intent::SetMode { mode, is_drill };
        words::wish(&wish(&intent, &sample::situation(), None))
    };
    let mode = strings::mode(Mode::EmergencyRed);
    assert!(said(false).contains(&mode) && said(true).contains(&mode));
    assert_ne!(said(false), said(true));
}

#[test]
fn what_is_not_on_the_record_yet_stands_above_it_newest_first() {
    let note = |number, text: &str| {
        let text = text.to_owned();
        sample::queued_step(number, 1, Action::Note { text })
    };
    let mut refused = note(5, "被退回的备注");
    refused.state = OrderState::Parked;
    let mut dropped = note(8, "已取消");
    dropped.state = OrderState::Withdrawn;
    let outbox = [
        refused,
        sample::queued_step(6, 1, Action::Verify),
        sample::queued_step(7, 2, Action::Verify),
        dropped,
        note(9, "电话联系不上"),
    ];
    let pending = |recorded: &[u8]| {
        let recorded = recorded.iter().map(|n| sample::key(*n)).collect();
        let (incident, situation) = (sample::incident_id(1), sample::situation());
        pending_rows(&outbox, incident, &recorded, &situation, None, sample::NOON)
    };
    let shown: Vec<_> = pending(&[])
        .into_iter()
        .map(|row| (row.key, row.words, row.state))
        .collect();
    assert_eq!(
        shown,
        [
            (
                sample::key(9),
                "电话联系不上".to_owned(),
                OrderState::Queued
            ),
            (sample::key(6), String::new(), OrderState::Queued),
            (
                sample::key(5),
                "被退回的备注".to_owned(),
                OrderState::Parked
            ),
        ]
    );
    // The record may come before the outbox has let go of it.
    let left = pending(&[6]);
    assert!(left.iter().all(|row| row.key != sample::key(6)) && left.len() == 2);
}

#[test]
fn every_step_by_hand_is_recognised() {
    for step in Step::ALL {
        let limit = sample::rules().categories[0].limit;
        let action = step.action(Some(limit), "x").expect("limit given");
        assert_eq!(step_of(&action), Some(step));
    }
}
