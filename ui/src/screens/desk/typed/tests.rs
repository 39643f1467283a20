//! What is typed: whose it is, which key it has, and what is left of it.

use domain::duty::Undone;
use domain::{IncidentId, OrderId};

use super::super::sample;
use super::*;

fn typed(number: u8, text: &str) -> Typed {
    Typed {
        words: Words::of(text),
        ..Typed::new(sample::key(number))
    }
}

fn officer(name: &str) -> OfficerId {
    OfficerId::from(name)
}

fn incident() -> IncidentId {
    sample::incident_id(1)
}

fn note() -> About {
    About::Step(incident(), "note".to_owned())
}

/// Text of the duty log and of the note that are shown.
fn shown(kept: &Kept) -> (Option<String>, Option<String>) {
    let own = kept.own();
    let text = |typed: &Typed| typed.words.text.clone();
    (
        own.log.as_ref().map(text),
        own.dialogs.get(&note()).map(text),
    )
}

fn write(kept: &mut Kept, number: u8, log: &str, noted: &str) {
    kept.edit_own(|own| {
        own.put_log(typed(number, log));
        own.put_dialog(note(), typed(number + 1, noted));
    });
}

fn said(log: &str, noted: &str) -> (Option<String>, Option<String>) {
    (Some(log.to_owned()), Some(noted.to_owned()))
}

#[test]
fn the_same_words_keep_their_key_and_others_than_those_clicked_have_another() {
    let mut draft = typed(1, "已电话联系");
    assert_eq!(draft.click(sample::key(2)), sample::key(1));
    assert_eq!(
        draft.click(sample::key(2)),
        sample::key(1),
        "a double click"
    );
    draft.words.text.push(' ');
    assert_eq!(
        draft.click(sample::key(2)),
        sample::key(1),
        "blanks say nothing"
    );
    draft.words.text = "无人接听".to_owned();
    assert_eq!(draft.click(sample::key(2)), sample::key(2));
    draft.words.departments.insert("gas".into());
    assert_eq!(draft.click(sample::key(3)), sample::key(3));
}

#[test]
fn what_is_typed_while_something_is_taken_stays_and_is_another_intent() {
    let clicked = |text: &str| {
        let mut draft = typed(1, " 巡查 ");
        draft.click(sample::key(9));
        draft.words.text = text.to_owned();
        draft.after(sample::key(1), sample::key(2))
    };
    assert_eq!(clicked(" 巡查 "), Typed::new(sample::key(2)));
    assert_eq!(clicked("巡查，无异常"), typed(2, "巡查，无异常"));
    let other = typed(3, "巡查").after(sample::key(1), sample::key(2));
    assert_eq!(other, typed(3, "巡查"), "another one already");
    let unclicked = typed(1, "巡查").after(sample::key(1), sample::key(2));
    assert_eq!(unclicked, typed(1, "巡查"), "nobody has asked for it");
}

#[test]
fn nobody_is_shown_what_another_has_typed_and_everybody_finds_theirs_again() {
    let mut kept = Kept::default();
    kept.pass_to(Some(officer("zhou.min")));
    write(&mut kept, 1, "甲的日志", "甲的备注");
    kept.pass_to(Some(officer("li.na")));
    assert_eq!(shown(&kept), (None, None));
    write(&mut kept, 3, "乙的日志", "乙的备注");
    kept.pass_to(None);
    assert_eq!(shown(&kept), (None, None), "the desk is empty");
    kept.pass_to(Some(officer("zhou.min")));
    assert_eq!(shown(&kept), said("甲的日志", "甲的备注"));
    assert_eq!(kept.own().log, Some(typed(1, "甲的日志")), "with its key");
    kept.pass_to(Some(officer("li.na")));
    assert_eq!(shown(&kept), said("乙的日志", "乙的备注"));
}

#[test]
fn what_was_clicked_before_the_sign_in_is_recorded_once_beside_an_older_draft() {
    let mut kept = Kept::default();
    kept.pass_to(Some(officer("zhou.min")));
    write(&mut kept, 1, "先前", "未完");
    kept.pass_to(None);
    kept.edit_own(|own| {
        for number in [3, 4] {
            let mut clicked = typed(number, "现在");
            clicked.click(sample::key(9));
            if number == 3 {
                own.put_log(clicked);
            } else {
                own.put_dialog(note(), clicked);
            }
        }
    });
    kept.pass_to(Some(officer("zhou.min")));
    assert_eq!(shown(&kept), said("先前", "未完"), "nothing to click again");
    let waiting = kept.keys();
    assert!(
        [3, 4]
            .map(sample::key)
            .iter()
            .all(|key| waiting.contains(key))
    );
    kept.forget(sample::key(3), || sample::key(8));
    assert_eq!(shown(&kept), said("先前", "未完"));
    kept.pass_to(None);
    assert_eq!(
        shown(&kept),
        (None, Some("现在".to_owned())),
        "the other one has not been taken"
    );
}

#[test]
fn what_was_typed_before_the_sign_in_is_the_officers_who_signs_in() {
    let mut kept = Kept::default();
    kept.pass_to(Some(officer("zhou.min")));
    write(&mut kept, 1, "先前", "");
    kept.edit_own(|own| own.put_instruction(incident(), Some("带梯子".to_owned())));
    kept.pass_to(None);
    write(&mut kept, 3, "后来", "备注");
    kept.edit_own(|own| own.put_instruction(incident(), Some("带水泵".to_owned())));
    kept.pass_to(Some(officer("zhou.min")));
    assert_eq!(shown(&kept), said("先前\n后来", "备注"));
    let instructions = kept.own().instructions;
    assert_eq!(instructions[&incident()], "带梯子\n带水泵");
    assert!(kept.of(None).is_empty(), "it is nobody else's any more");
}

#[test]
fn a_form_that_cannot_be_joined_waits_until_there_is_room() {
    let form = |number: u8, title: &str| {
        let mut draft = report::Draft::new(sample::key(number), sample::key(number), sample::NOON);
        draft.title = title.to_owned();
        Some(draft)
    };
    let mut kept = Kept::default();
    kept.pass_to(Some(officer("zhou.min")));
    kept.edit_own(|own| own.put_report(form(1, "井盖")));
    kept.pass_to(None);
    kept.edit_own(|own| own.put_report(form(2, "路灯")));
    kept.pass_to(Some(officer("zhou.min")));
    assert_eq!(kept.own().report, form(1, "井盖"));
    kept.edit_own(|own| own.put_report(None));
    kept.pass_to(None);
    assert_eq!(kept.own().report, form(2, "路灯"), "it is not lost");
}

#[test]
fn what_was_taken_is_forgotten_whoever_has_the_desk_by_then() {
    let mut kept = Kept::default();
    kept.pass_to(Some(officer("zhou.min")));
    let mut entry = typed(1, "巡查");
    entry.click(sample::key(9));
    let mut handover = duty::Draft::new(sample::key(3), sample::key(4));
    handover.remarks = "夜间有雨".to_owned();
    kept.edit_own(|own| {
        own.put_log(entry);
        own.put_dialog(note(), typed(2, "未点击"));
        own.put_handover(handover);
    });
    kept.pass_to(Some(officer("li.na")));
    let waiting = kept.keys();
    assert_eq!(waiting, [1, 2, 3].map(sample::key).into());
    for key in waiting {
        kept.forget(key, || sample::key(8));
    }
    let left = kept.of(Some(&officer("zhou.min")));
    assert_eq!((left.log, left.handover), (None, None));
    assert_eq!(left.dialogs[&note()], typed(2, "未点击"));
}

#[test]
fn words_of_an_order_are_forgotten_once_they_are_on_their_way_and_others_stay() {
    let mut kept = Kept::default();
    kept.pass_to(Some(officer("zhou.min")));
    kept.edit_own(|own| own.put_instruction(incident(), Some(" 带梯子 ".to_owned())));
    kept.forget_instruction(incident(), "带水泵");
    assert_eq!(kept.own().instructions.len(), 1);
    kept.forget_instruction(incident(), "带梯子");
    assert!(kept.own().instructions.is_empty());
}

#[test]
fn a_reload_loses_nothing_and_shows_nothing_before_it_is_known_who_is_there() {
    let order: OrderId = sample::key(20);
    let department = DepartmentId::from("gas");
    let all = [
        note(),
        About::Instead(sample::key(21)),
        About::Anyway(sample::key(22)),
        About::Override(incident(), PersonId(2)),
        About::Withdraw(order),
        About::Whistle(IncidentId::provisional(sample::key(23))),
        About::WhistleDone(incident(), 1, department.clone()),
    ];
    let mut kept = Kept::default();
    kept.pass_to(Some(officer("zhou.min")));
    kept.edit_own(|own| {
        for (place, about) in (0_u8..).zip(all) {
            let mut typed = typed(place, "“引号”\n与换行");
            typed.words.departments.insert(department.clone());
            typed.click(sample::key(90));
            own.put_dialog(about, typed);
        }
        own.put_log(typed(30, "日志"));
        own.put_instruction(incident(), Some("带梯子".to_owned()));
        let mut handover = duty::Draft::new(sample::key(31), sample::key(32));
        let parked = Undone::Parked {
            key: sample::key(33),
            incident: None,
        };
        let overdue = Undone::Overdue {
            incident: incident(),
        };
        handover.taken_over = [parked, overdue]
            .map(|what| (what, "跟进".to_owned()))
            .into();
        own.put_handover(handover);
        let mut report = report::Draft::new(sample::key(34), sample::key(35), sample::NOON);
        report.phone = "13800001234".to_owned();
        own.put_report(Some(report));
    });
    let text = serde_json::to_string(&kept).expect("it can be written");
    let mut back: Kept = serde_json::from_str(&text).expect("it can be read");
    assert_eq!(back.own(), Drafts::default());
    back.pass_to(Some(officer("zhou.min")));
    assert_eq!(back, kept);
}

#[test]
fn what_holds_nothing_is_not_kept() {
    let mut kept = Kept::default();
    kept.pass_to(Some(officer("zhou.min")));
    write(&mut kept, 1, "日志", "备注");
    kept.edit_own(|own| {
        own.put_log(typed(1, " "));
        own.put_dialog(note(), typed(2, ""));
        own.put_instruction(incident(), None);
        own.put_handover(duty::Draft::new(sample::key(3), sample::key(4)));
        let report = report::Draft::new(sample::key(5), sample::key(6), sample::NOON);
        own.put_report(Some(report));
    });
    kept.pass_to(None);
    assert_eq!(kept, Kept::default());
}

#[test]
fn what_one_officer_began_another_does_not_go_on_with() {
    let (begun, other) = (OfficerId::from("zhou.min"), OfficerId::from("li.na"));
    assert!(may_go_on(Some(&begun), &begun));
    assert!(!may_go_on(Some(&begun), &other));
    assert!(may_go_on(None, &other), "nobody had the desk");
}
