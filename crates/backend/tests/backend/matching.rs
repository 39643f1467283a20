//! What a report says decides its level, repeated complaints are counted, and the responsibility
//! list says who is sent and for what the field may refuse.

use domain::levels::Harm;
use domain::particulars::{ForeignRecord, Particulars};
use domain::people::Post;
use domain::trail::{Action, OfficerRole, SourceChannel};
use domain::{IncidentId, Intent, Level, LonLat, OrderState, PersonId, Proposal, Timestamp};
use protocol::ErrorCode;
use protocol::http::{FieldReceipt, NewReport, paths};
use testkit::{RunningBackend, builders};

const DAY_MS: i64 = 86_400_000;

fn complaint(number: u128, at: Timestamp) -> NewReport {
    NewReport {
        channel: SourceChannel::Hotline12345,
        ..builders::report(number, at)
    }
}

fn north(metres: f64) -> LonLat {
    let centre = builders::CENTRE;
    LonLat::new(centre.lon, centre.lat + (metres / 6_371_008.8).to_degrees())
}

fn of_leader(number: u128, intent: Intent) -> Proposal {
    Proposal {
        officer: builders::officer(OfficerRole::ShiftLeader).id,
        ..builders::proposal(number, intent)
    }
}

fn act(incident: IncidentId, action: Action) -> Intent {
    Intent::Act {
        incident,
        action,
        reason: Some("核实后更正".to_owned()),
    }
}

fn recategorise(code: &str) -> Action {
    Action::Recategorise {
        category: code.parse().expect("a code"),
    }
}

async fn report(running: &RunningBackend, report: &NewReport) -> IncidentId {
    let accepted = running.field().report(report).await;
    accepted.expect("taken").incident
}

async fn level(running: &RunningBackend, id: IncidentId) -> (Level, String, u32) {
    let snapshot = running.hall().snapshot().await;
    let incident = &snapshot.situation.incidents[&id];
    (
        incident.level,
        incident.level_reason.clone(),
        incident.particulars.repeats,
    )
}

#[tokio::test]
async fn harm_and_people_raise_the_level_with_the_rule_named() {
    let running = RunningBackend::start();
    let now = running.clock.now();
    let mut grave = builders::report(1, now);
    grave.particulars = Particulars {
        harm: Harm::Life,
        people_affected: 12,
        ..Particulars::default()
    };
    let id = report(&running, &grave).await;
    let (level, reason, _) = level(&running, id).await;
    assert_eq!(level, Level::Large);
    for part in ["life_in_danger", "crowd_in_danger", "chengdu-street-2026.1"] {
        assert!(reason.contains(part), "{reason}");
    }
}

#[tokio::test]
async fn repeated_complaints_are_counted_by_the_backend() {
    let running = RunningBackend::start();
    let now = running.clock.now();
    // Eight days ago, 60 m away, and from a camera: these three are no repetitions.
    report(&running, &complaint(1, now.plus_ms(-8 * DAY_MS))).await;
    let far = NewReport {
        location: north(60.0),
        ..complaint(2, now.plus_ms(-DAY_MS))
    };
    report(&running, &far).await;
    let camera = NewReport {
        channel: SourceChannel::AiCamera,
        ..complaint(3, now.plus_ms(-DAY_MS))
    };
    report(&running, &camera).await;
    for (number, days) in [(4, 6), (5, 3)] {
        report(&running, &complaint(number, now.plus_ms(-days * DAY_MS))).await;
    }
    let twice = report(&running, &complaint(6, now.plus_ms(-1_000))).await;
    assert_eq!(level(&running, twice).await.2, 2);
    assert_eq!(level(&running, twice).await.0, Level::Micro);
    let thrice = report(&running, &complaint(7, now)).await;
    let (level, reason, repeats) = level(&running, thrice).await;
    assert_eq!((level, repeats), (Level::Small, 3));
    assert!(reason.contains("repeated"), "{reason}");
}

#[tokio::test]
async fn a_caller_who_complains_again_elsewhere_is_counted_and_so_is_what_the_channel_knows() {
    let running = RunningBackend::start();
    let now = running.clock.now();
    let by_caller = |number, metres| {
        let mut report = complaint(number, now);
        report.location = north(metres);
        report.particulars.caller = Some("caller-7".into());
        report
    };
    report(&running, &by_caller(1, 0.0)).await;
    let again = report(&running, &by_caller(2, 800.0)).await;
    assert_eq!(level(&running, again).await.2, 1);
    // The larger of both counts: the channel may know of calls that never came here.
    let mut known = complaint(3, now);
    known.particulars.repeats = 5;
    let known = report(&running, &known).await;
    assert_eq!(level(&running, known).await.2, 5);
}

#[tokio::test]
async fn a_complaint_counts_under_the_category_that_it_was_given_and_not_when_cancelled() {
    let running = RunningBackend::start();
    let now = running.clock.now();
    let officer = running.hall().sign_in(OfficerRole::ShiftLeader).await;
    let first = report(&running, &complaint(1, now)).await;
    let second = report(&running, &complaint(2, now)).await;
    let moved = act(first, recategorise("E01.11"));
    let done = officer.propose(&of_leader(1, moved)).await;
    done.expect("recategorised");
    let done = officer
        .propose(&of_leader(2, act(second, Action::Cancel)))
        .await;
    done.expect("cancelled");
    let third = report(&running, &complaint(3, now)).await;
    assert_eq!(level(&running, third).await.2, 0);
    let rubble = NewReport {
        category: "E01.11".to_owned(),
        ..complaint(4, now)
    };
    let fourth = report(&running, &rubble).await;
    assert_eq!(level(&running, fourth).await.2, 1);
}

#[tokio::test]
async fn another_category_decides_the_level_anew_unless_an_officer_has_set_it() {
    let running = RunningBackend::start();
    let now = running.clock.now();
    let officer = running.hall().sign_in(OfficerRole::ShiftLeader).await;
    let ruled = report(&running, &complaint(1, now)).await;
    let judged = report(&running, &complaint(2, now)).await;
    assert_eq!(level(&running, ruled).await.0, Level::Micro);
    let set = Action::SetLevel {
        level: Level::Small,
        level_reason: "现场影响两栋楼".to_owned(),
        level_reason_en: String::new(),
    };
    let proposals = [
        act(ruled, recategorise("E05.02")),
        act(judged, set),
        act(judged, recategorise("E05.02")),
    ];
    for (number, intent) in (1..).zip(proposals) {
        let done = officer.propose(&of_leader(number, intent)).await;
        done.expect("accepted");
    }
    let (by_rule, reason, _) = level(&running, ruled).await;
    assert_eq!(by_rule, Level::Large, "{reason}");
    assert!(reason.contains("燃气"), "{reason}");
    let (by_officer, reason, _) = level(&running, judged).await;
    assert_eq!(
        (by_officer, reason.as_str()),
        (Level::Small, "现场影响两栋楼")
    );
    // The rules' reason is kept in both languages, an officer's as it was written.
    let situation = running.hall().snapshot().await.situation;
    let english = |id| situation.incidents[&id].level_reason_en.as_str();
    assert!(english(ruled).contains("(rules "), "{}", english(ruled));
    assert_eq!(english(judged), "");
}

#[tokio::test]
async fn repeats_are_counted_within_the_category_that_the_matter_is_given() {
    let running = RunningBackend::start();
    let now = running.clock.now();
    let officer = running.hall().sign_in(OfficerRole::ShiftLeader).await;
    let rubble = |number| NewReport {
        category: "E01.11".to_owned(),
        ..complaint(number, now)
    };
    for number in 3..6 {
        report(&running, &rubble(number)).await;
    }
    let fourth = report(&running, &complaint(6, now)).await;
    assert_eq!(level(&running, fourth).await.0, Level::Micro);
    let moved = act(fourth, recategorise("E01.11"));
    officer.propose(&of_leader(9, moved)).await.expect("moved");
    let (repeated, reason, _) = level(&running, fourth).await;
    assert_eq!(repeated, Level::Small, "{reason}");
    assert!(reason.contains("repeated"), "{reason}");
    // Those of the category that it leaves count no longer; what the channel told of does.
    let moved = act(fourth, recategorise("E01.10"));
    officer.propose(&of_leader(10, moved)).await.expect("moved");
    let (again, reason, _) = level(&running, fourth).await;
    assert_eq!(again, Level::Micro, "{reason}");
    let mut told = rubble(7);
    told.particulars.repeats = 9;
    told.location = north(5_000.0);
    let told = report(&running, &told).await;
    let moved = act(told, recategorise("E01.10"));
    officer.propose(&of_leader(11, moved)).await.expect("moved");
    let (kept, reason, _) = level(&running, told).await;
    assert!(kept > Level::Micro, "{reason}");
}

#[tokio::test]
async fn particulars_with_blank_ids_are_refused() {
    let running = RunningBackend::start();
    let now = running.clock.now();
    let mut blank = builders::report(1, now);
    blank.particulars.caller = Some(" ".into());
    let refused = running.field().report(&blank).await.expect_err("blank");
    assert_eq!((refused.status, refused.code), (400, ErrorCode::BadRequest));
    let mut nameless = builders::report(2, now);
    nameless.particulars.origin = Some(ForeignRecord {
        system: "hotline".to_owned(),
        id: String::new(),
        class: "x".to_owned(),
    });
    let refused = running.field().report(&nameless).await.expect_err("blank");
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn an_order_outside_the_list_says_why_and_is_overridden_by_name() {
    let mut seed = builders::seed();
    seed.people[0].post = Post::GridMember;
    let running = RunningBackend::start_with(seed);
    let hall = running.hall();
    let officer = hall.sign_in(OfficerRole::DutyOfficer).await;
    // Grids are not charged with gas, and a grid member assists at most.
    let gas = NewReport {
        category: "E05.02".to_owned(),
        ..builders::report(1, running.clock.now())
    };
    let incident = report(&running, &gas).await;
    let mut proposal = builders::proposal(1, builders::send(incident, 1));
    let blocked = officer.propose(&proposal).await.expect_err("blocked");
    assert_eq!(blocked.code, ErrorCode::NotAllowedNow);
    assert!(blocked.message.contains("只可协办"), "{}", blocked.message);
    if let Intent::SendOrder {
        override_reason, ..
    } = &mut proposal.intent
    {
        *override_reason = Some("最近，且已受训".to_owned());
    }
    officer.propose(&proposal).await.expect("overridden");
    let snapshot = hall.snapshot().await;
    let order = &snapshot.situation.orders[&proposal.key];
    assert_eq!(order.by, proposal.officer);
    assert_eq!(order.override_reason.as_deref(), Some("最近，且已受训"));
    let dispatched = snapshot.trail.last().expect("a trail");
    assert_eq!(dispatched.reason.as_deref(), Some("最近，且已受训"));
}

#[tokio::test]
async fn the_field_refuses_for_the_reasons_of_the_category_only() {
    let running = RunningBackend::start();
    let hall = running.hall();
    let officer = hall.sign_in(OfficerRole::DutyOfficer).await;
    let incident = report(&running, &builders::report(1, running.clock.now())).await;
    let proposal = builders::proposal(1, builders::send(incident, 1));
    officer.propose(&proposal).await.expect("sent");
    let mut receipt = FieldReceipt {
        order: proposal.key,
        person: PersonId(1),
        state: OrderState::Refused,
        at: running.clock.now(),
        location: None,
        note: Some("说明".to_owned()),
        refusal_reason: None,
        crs: domain::places::Crs::default(),
    };
    // No reason at all, none that exists, and one that holds for graver categories.
    for reason in [None, Some("tired"), Some("unsafe_alone")] {
        receipt.refusal_reason = reason.map(Into::into);
        let refused: Result<domain::Order, _> =
            running.field().post(paths::FIELD_RECEIPTS, &receipt).await;
        let refused = refused.expect_err("not allowed");
        assert_eq!(refused.status, 400);
        assert!(
            refused.message.contains("graver_matter"),
            "{}",
            refused.message
        );
    }
    receipt.refusal_reason = Some("no_equipment".into());
    let order: domain::Order = running
        .field()
        .post(paths::FIELD_RECEIPTS, &receipt)
        .await
        .expect("allowed");
    let stamp = order.stamps.last().expect("a stamp");
    assert_eq!(stamp.state, OrderState::Refused);
    assert_eq!(stamp.note.as_deref(), Some("缺少必要的设备：说明"));
}
