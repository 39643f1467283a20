//! What is asked for whole, and what every request must carry.

use domain::IncidentState;
use domain::trail::{Action, TrailEntry};
use protocol::heat::ReportPlaces;
use protocol::http::{Hello, NewReport, ReportAccepted, paths};
use protocol::{ErrorCode, PROTOCOL_VERSION, Reference, SpokenVersions, Versions};
use reqwest::Method;
use testkit::{Caller, RunningBackend, builders};

#[tokio::test]
async fn hello_needs_neither_key_nor_version() {
    let running = RunningBackend::start();
    let stranger = Caller::new(running.base_url(), "");
    let (status, body) = stranger
        .raw(Method::GET, paths::HELLO, "999", Vec::new())
        .await
        .expect("answered");
    let hello: Hello = serde_json::from_slice(&body).expect("a hello");
    assert_eq!(status, 200);
    assert_eq!(hello.spoken, SpokenVersions::OURS);
    assert_eq!(hello.street, "测试街道");
    assert_eq!(hello.now, running.clock.now());
}

#[tokio::test]
async fn another_protocol_version_is_refused_everywhere_else() {
    let running = RunningBackend::start();
    let (older, newer) = (Versions::OURS.oldest - 1, PROTOCOL_VERSION + 1);
    for version in [&*older.to_string(), &newer.to_string(), "x", ""] {
        let (status, body) = running
            .hall()
            .raw(Method::GET, paths::SNAPSHOT, version, Vec::new())
            .await
            .expect("answered");
        let problem: protocol::http::Problem = serde_json::from_slice(&body).expect("a problem");
        assert_eq!((status, problem.code), (426, ErrorCode::ProtocolMismatch));
        let ours = format!("后台 {PROTOCOL_VERSION}");
        assert!(problem.message.contains(&ours), "{}", problem.message);
    }
}

#[tokio::test]
async fn every_path_wants_its_own_key() {
    let running = RunningBackend::start();
    let (hall, field) = (running.hall(), running.field());
    let stranger = hall.with_key("no such key");
    for path in [
        paths::REFERENCE,
        paths::SNAPSHOT,
        paths::CHANGES,
        paths::POSITIONS,
        "/v1/incidents/1/trail",
    ] {
        for caller in [&stranger, &field] {
            let refused = caller.get::<serde_json::Value>(path).await.expect_err(path);
            assert_eq!(
                (refused.status, refused.code),
                (401, ErrorCode::SignInNeeded)
            );
        }
    }
    for caller in [&stranger, &hall] {
        let refused = caller
            .get::<serde_json::Value>(paths::FIELD_ORDERS)
            .await
            .expect_err("field only");
        assert_eq!(refused.code, ErrorCode::SignInNeeded);
    }
    for path in [
        paths::IMPORT_ROADS,
        paths::IMPORT_PEOPLE,
        paths::SIGN_IN,
        paths::PROPOSALS,
        paths::SIGN_OUT,
    ] {
        let refused = field
            .post::<serde_json::Value>(path, &serde_json::json!([]))
            .await
            .expect_err(path);
        assert_eq!(refused.code, ErrorCode::SignInNeeded, "{path}");
    }
    // Of what is large, not even the size is looked at before the sender.
    let large = serde_json::json!(["x".repeat(9 << 20)]);
    let refused = field
        .post::<serde_json::Value>(paths::PROPOSALS, &large)
        .await
        .expect_err("nobody is signed in");
    assert_eq!(refused.code, ErrorCode::SignInNeeded);
}

#[tokio::test]
async fn unknown_paths_methods_and_queries_are_problems() {
    let running = RunningBackend::start();
    let hall = running.hall();
    let check = async |method, path: &str| {
        let (status, body) = hall
            .raw(method, path, &PROTOCOL_VERSION.to_string(), Vec::new())
            .await
            .expect("answered");
        let problem: protocol::http::Problem = serde_json::from_slice(&body).expect("a problem");
        (status, problem.code)
    };
    assert_eq!(
        check(Method::GET, "/v1/nothing").await,
        (404, ErrorCode::NotFound)
    );
    assert_eq!(
        check(Method::DELETE, paths::SNAPSHOT).await,
        (405, ErrorCode::BadRequest)
    );
    for query in ["?after=-1", "?after=x", "?wait_ms=1.5"] {
        let path = format!("{}{query}", paths::CHANGES);
        assert_eq!(
            check(Method::GET, &path).await,
            (400, ErrorCode::BadRequest),
            "{query}"
        );
    }
    for id in ["x", "20261120-1", "99999999999999999999", "%ff"] {
        let path = format!("/v1/incidents/{id}/trail");
        assert_eq!(check(Method::GET, &path).await.0, 400, "{id}");
    }
    assert_eq!(
        check(Method::GET, "/v1/incidents/20261120-0042/trail").await,
        (404, ErrorCode::NotFound)
    );
}

#[tokio::test]
async fn reference_holds_the_street_and_never_a_pin() {
    let running = RunningBackend::start();
    let reference: Reference = running.hall().get(paths::REFERENCE).await.expect("loaded");
    assert!(reference.version > 0);
    assert_eq!(reference.street.name_zh, "测试街道");
    assert_eq!(reference.grids.len(), 4);
    assert_eq!(reference.officers.len(), 4);
    assert_eq!(reference.rules.version, "chengdu-street-2026.1");
    let text = serde_json::to_string(&reference).expect("text");
    assert!(!text.contains("argon2") && !text.contains(builders::PIN));

    let empty = RunningBackend::start_empty();
    let reference: Reference = empty.hall().get(paths::REFERENCE).await.expect("loaded");
    assert_eq!((reference.version, reference.bounds), (0, None));
    assert!(empty.hall().snapshot().await.situation.people.is_empty());
}

#[tokio::test]
async fn a_report_opens_one_incident_with_its_grids_level_and_clock() {
    let running = RunningBackend::start();
    let now = running.clock.now();
    let (hall, field) = (running.hall(), running.field());
    let report = builders::report(1, now.plus_ms(-60_000));
    let first = field.report(&report).await.expect("taken");
    assert_eq!(first.incident.to_string(), "20261120-0001");
    assert_eq!(field.report(&report).await.expect("again"), first);
    let second = hall
        .report(&builders::report(2, now))
        .await
        .expect("another");
    assert_eq!(second.incident.to_string(), "20261120-0002");

    let snapshot = hall.snapshot().await;
    let incident = &snapshot.situation.incidents[&first.incident];
    assert_eq!(incident.state, IncidentState::Reported);
    assert_eq!(incident.grids.unit, Some("510108099001001".into()));
    assert_eq!(incident.grids.community, Some("510108099001".into()));
    assert_eq!(incident.reported_at, now.plus_ms(-60_000));
    assert!(incident.level_reason.contains("chengdu-street-2026.1"));
    let english = &incident.level_reason_en;
    assert!(
        english.ends_with("(rules chengdu-street-2026.1)"),
        "{english}"
    );
    let clock = incident.clock.expect("a clock");
    assert_eq!(clock.deadline, now.plus_ms(29 * 60_000));

    let trail: Vec<TrailEntry> = hall
        .get("/v1/incidents/20261120-0001/trail")
        .await
        .expect("a trail");
    assert_eq!(trail.len(), 1);
    assert!(matches!(trail[0].action, Action::Report(_)));
    assert_eq!(trail, snapshot.trail[..1]);
    let by_number: Vec<TrailEntry> = hall
        .get(&format!("/v1/incidents/{}/trail", first.incident.0))
        .await
        .expect("the same");
    assert_eq!(by_number, trail);
}

#[tokio::test]
async fn a_report_repeated_by_many_at_once_opens_one_incident() {
    let running = RunningBackend::start();
    let field = running.field();
    let report = builders::report(1, running.clock.now());
    let tries = (0..16).map(|_| {
        let (field, report) = (field.clone(), report.clone());
        tokio::spawn(async move { field.report(&report).await })
    });
    let mut numbers = Vec::new();
    for answer in tries.collect::<Vec<_>>() {
        numbers.push(answer.await.expect("ran").expect("taken").incident);
    }
    numbers.dedup();
    assert_eq!(numbers.len(), 1);
    assert_eq!(running.hall().snapshot().await.situation.incidents.len(), 1);
}

/// Makes a sound report a bad one.
type Spoil = fn(&mut NewReport);

#[tokio::test]
async fn bad_reports_are_refused_with_a_sentence_and_leave_nothing() {
    let running = RunningBackend::start();
    let field = running.field();
    let sound = builders::report(1, running.clock.now());
    let bad: [(&str, Spoil); 6] = [
        ("E1.10", |r| r.category = "E1.10".to_owned()),
        ("E06.99", |r| r.category = "E06.99".to_owned()),
        ("title", |r| r.title = " ".to_owned()),
        ("title", |r| r.title = "长".repeat(201)),
        ("description", |r| r.description = "长".repeat(4_001)),
        ("latitude", |r| r.location.lat = 90.5),
    ];
    for (word, spoil) in bad {
        let mut report = sound.clone();
        spoil(&mut report);
        let refused = field.report(&report).await.expect_err(word);
        assert_eq!((refused.status, refused.code), (400, ErrorCode::BadRequest));
        assert!(refused.message.contains(word), "{}", refused.message);
    }
    for body in ["", "{", "[]", "{\"key\":1}", "\u{0}"] {
        let refused = field
            .post_bytes::<ReportAccepted>(paths::REPORTS, body)
            .await
            .expect_err(body);
        assert_eq!(refused.code, ErrorCode::BadRequest, "{body}");
    }
    assert!(
        running
            .hall()
            .snapshot()
            .await
            .situation
            .incidents
            .is_empty()
    );
    // The same key may be used for the mended report, and it gets the first number.
    let taken = field.report(&sound).await.expect("taken");
    assert_eq!(taken.incident.number(), 1);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let running = RunningBackend::start();
    let body = vec![b' '; (8 << 20) + 1];
    let refused = running
        .field()
        .post_bytes::<ReportAccepted>(paths::REPORTS, body)
        .await
        .expect_err("too large");
    assert_eq!((refused.status, refused.code), (413, ErrorCode::BadRequest));
}

#[tokio::test]
async fn what_ended_long_ago_leaves_the_snapshot() {
    let running = RunningBackend::start();
    let (hall, field) = (running.hall(), running.field());
    let id = field
        .report(&builders::report(1, running.clock.now()))
        .await
        .expect("taken")
        .incident;
    let officer = hall.sign_in(domain::trail::OfficerRole::ShiftLeader).await;
    let mut cancel = builders::proposal(
        1,
        domain::Intent::Act {
            incident: id,
            action: Action::Cancel,
            reason: Some("误报".to_owned()),
        },
    );
    cancel.officer = builders::officer(domain::trail::OfficerRole::ShiftLeader).id;
    officer.propose(&cancel).await.expect("cancelled");
    assert_eq!(hall.snapshot().await.situation.incidents.len(), 1);
    running.clock.turn(4 * 24 * 3_600_000);
    let later = hall.snapshot().await;
    assert!(later.situation.incidents.is_empty() && later.trail.is_empty());
    // Where it was reported is told to the heat map of a hall all the same.
    let until = running.clock.now().unix_ms();
    let path = format!("{}?from=0&until={until}", paths::REPORT_PLACES);
    let told: ReportPlaces = hall.get(&path).await.expect("told");
    let reported: Vec<_> = told.reports.iter().map(|report| report.incident).collect();
    assert_eq!(reported, [id]);
    assert_eq!(told.reports[0].location, builders::CENTRE);
    let refused = field.get::<ReportPlaces>(&path).await.expect_err("no hall");
    assert_eq!(refused.code, ErrorCode::SignInNeeded);
    for query in ["", "?from=1&until=1", "?from=x&until=2", "?from=1"] {
        let path = format!("{}{query}", paths::REPORT_PLACES);
        let refused = hall.get::<ReportPlaces>(&path).await.expect_err(query);
        assert_eq!(refused.code, ErrorCode::BadRequest, "{query}");
    }
}
