//! The duty log and the handover.

use domain::duty::{LogEntry, OpenMatters, Signature};
use domain::{IncidentState, Proposal};

use super::super::sample;
use super::*;

fn officers() -> Vec<Officer> {
    sample::reference().officers
}

fn item(number: u8, intent: Intent, state: OrderState) -> OutboxItem {
    OutboxItem {
        conflict: None,
        is_held: false,
        can_drop: false,
        proposal: Proposal {
            basis: None,
            key: sample::key(number),
            officer: OfficerId::from("zhou.min"),
            occurred_at: sample::NOON.plus_ms(i64::from(number) * 1_000),
            intent,
        },
        state,
        attempts: 0,
        last_error: None,
        next_attempt_at: None,
    }
}

fn log(number: u8, text: &str, state: OrderState) -> OutboxItem {
    let text = text.to_owned();
    item(number, Intent::LogDuty { text }, state)
}

fn refused(mut item: OutboxItem) -> OutboxItem {
    item.last_error = Some("不在值班名单".to_owned());
    item
}

fn sheet(undone: Vec<TakenOver>) -> HandoverSheet {
    HandoverSheet {
        id: sample::key(50),
        outgoing: OfficerId::from("zhou.min"),
        incoming: OfficerId::from("li.na"),
        at: sample::NOON,
        as_of: Some(sample::NOON.plus_ms(-60_000)),
        open: vec![OpenMatters {
            state: IncidentState::Filed,
            count: 3,
            overdue: 1,
        }],
        undone,
        queued: 2,
        remarks: "夜间有雨".to_owned(),
    }
}

#[test]
fn the_log_shows_what_is_recorded_and_what_waits_newest_first() {
    let mut situation = sample::situation();
    let entry = LogEntry {
        id: sample::key(1),
        officer: OfficerId::from("zhou.min"),
        at: sample::NOON.plus_ms(1_000),
        recorded_at: sample::NOON.plus_ms(2_000),
        text: "已记录".to_owned(),
    };
    situation.duty_log.insert(entry.id, entry);
    let outbox = [
        // The receipt of the first is on its way; it stands once.
        log(1, "已记录", OrderState::Sent),
        log(2, "等待", OrderState::Queued),
        refused(log(3, "退回", OrderState::Parked)),
        sample::queued_order(7, 1, 1),
    ];
    let rows = log_rows(&situation, &outbox, &officers());
    let shown: Vec<_> = rows.iter().map(|r| (r.text.as_str(), r.recorded)).collect();
    assert_eq!(
        shown,
        [
            ("退回", Recorded::Refused),
            ("等待", Recorded::Queued),
            ("已记录", Recorded::Yes)
        ]
    );
    assert_eq!(rows[2].officer, "周敏");
    let whys: Vec<_> = rows.iter().map(|r| r.why.as_deref()).collect();
    assert_eq!(whys, [Some("不在值班名单"), None, None]);
}

#[test]
fn a_handover_is_recorded_when_both_signatures_are() {
    let mut situation = sample::situation();
    let signed = sheet(Vec::new());
    let intent = || Intent::HandOver {
        sheet: Box::new(sheet(Vec::new())),
    };
    let of = |situation: &Situation, outbox: &[OutboxItem]| {
        handover_rows(situation, outbox, &officers())[0].recorded
    };
    let waiting = [
        item(50, intent(), OrderState::Queued),
        item(51, intent(), OrderState::Queued),
    ];
    assert_eq!(of(&situation, &waiting), Recorded::Queued);
    assert_eq!(on_duty(&situation, &officers()), None);
    let signature = Signature {
        at: sample::NOON,
        recorded_at: sample::NOON,
    };
    let mut handover = Handover {
        sheet: signed,
        at: sample::NOON,
        outgoing: Some(signature),
        incoming: None,
    };
    situation
        .handovers
        .insert(handover.sheet.id, handover.clone());
    assert_eq!(of(&situation, &waiting[1..]), Recorded::Queued);
    let refused = [refused(item(51, intent(), OrderState::Parked))];
    assert_eq!(of(&situation, &refused), Recorded::Refused);
    let rows = handover_rows(&situation, &refused, &officers());
    assert_eq!(rows[0].why.as_deref(), Some("不在值班名单"));
    handover.incoming = Some(signature);
    situation.handovers.insert(handover.sheet.id, handover);
    assert_eq!(of(&situation, &[]), Recorded::Yes);
    let since = Some(("li.na".to_owned(), sample::NOON));
    assert_eq!(
        on_duty(&situation, &officers()),
        since,
        "no such name known"
    );
}

#[test]
fn the_form_says_what_is_missing_one_after_the_other() {
    let situation = sample::situation();
    let mut parked = sample::queued_order(8, 2, 2);
    parked.state = OrderState::Parked;
    parked.last_error = Some("案件已结案".to_owned());
    let undone = undone_rows(&situation, &[parked], sample::NOON);
    assert!(undone[0].why.contains("案件已结案"));
    assert!(undone[0].title.contains("建设路路面塌陷"));
    let mut draft = Draft::new(sample::key(50), sample::key(51));
    let mut offered = officers();
    offered[0].id = OfficerId::from("li.na");
    let missing = |draft: &Draft, pin| draft.missing(&undone, &offered, pin);
    assert_eq!(missing(&draft, ""), Some("duty.form.no_remark"));
    for row in &undone {
        draft.taken_over.insert(row.what, " 早班跟进 ".to_owned());
    }
    assert_eq!(missing(&draft, ""), Some("duty.form.no_incoming"));
    draft.incoming = Some(OfficerId::from("li.na"));
    assert_eq!(missing(&draft, " "), Some("duty.form.no_pin"));
    assert_eq!(missing(&draft, "1234"), None);
    let nobody = draft.missing(&undone, &[], "1234");
    assert_eq!(nobody, Some("duty.form.no_incoming"), "no longer offered");
    let taken = draft.taken_over(&undone);
    assert_eq!(taken.len(), undone.len());
    assert!(taken.iter().all(|taken| taken.remark == "早班跟进"));
}

#[test]
fn whoever_has_the_desk_is_not_offered_as_successor() {
    let officers = officers();
    let first = officers[0].id.clone();
    let others = successors(&officers, Some(&first));
    assert!(others.iter().all(|officer| officer.id != first));
}

#[test]
fn the_text_of_a_sheet_says_everything_that_was_signed() {
    let taken = TakenOver {
        what: Undone::Overdue {
            incident: sample::incident_id(3),
        },
        remark: "已催办".to_owned(),
    };
    let text = sheet_text(
        &sheet(vec![taken]),
        "测试街道",
        &officers(),
        &sample::situation(),
    );
    for said in [
        "测试街道",
        "2026-11-20 12:00",
        "2026-11-20 11:59",
        "周敏",
        "li.na",
        "小区门口垃圾堆积",
        "已催办",
        "夜间有雨",
    ] {
        assert!(text.contains(said), "{said} is missing in\n{text}");
    }
}
