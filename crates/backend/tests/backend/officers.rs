//! Signing in, wrong PINs, and the end of sessions.

use std::collections::BTreeMap;

use backend::{MOST_WRONG_PINS, WAIT_AFTER_WRONG_PINS_MS};
use domain::intents::Mode;
use domain::trail::{Action, Officer, OfficerRole};
use domain::{Intent, OfficerId, Provenance, Supply};
use protocol::http::{OfficerStanding, SignIn, SignedIn, paths};
use protocol::{ErrorCode, Reference};
use testkit::{Caller, FakeClock, Refused, RunningBackend, builders};

async fn sign_in(hall: &Caller, officer: &str, pin: &str) -> Result<SignedIn, Refused> {
    let request = SignIn {
        officer: OfficerId::from(officer),
        pin: pin.to_owned(),
    };
    hall.post(paths::SIGN_IN, &request).await
}

fn set_mode(number: u128, mode: Mode) -> domain::Proposal {
    builders::proposal(
        number,
        Intent::SetMode {
            mode,
            is_drill: false,
        },
    )
}

#[tokio::test]
async fn the_right_pin_opens_a_session_and_nothing_else_does() {
    let running = RunningBackend::start();
    let hall = running.hall();
    let signed_in = sign_in(&hall, "li.na", builders::PIN).await.expect("in");
    assert_eq!(signed_in.officer.role, OfficerRole::DutyOfficer);
    assert!(signed_in.expires_at > running.clock.now());
    for (officer, pin) in [("li.na", "000000"), ("nobody", builders::PIN), ("", "")] {
        let refused = sign_in(&hall, officer, pin).await.expect_err(officer);
        assert_eq!((refused.status, refused.code), (401, ErrorCode::WrongPin));
    }
}

#[tokio::test]
async fn too_many_wrong_pins_have_to_wait_even_with_the_right_one() {
    let running = RunningBackend::start();
    let hall = running.hall();
    for _ in 0..MOST_WRONG_PINS {
        let refused = sign_in(&hall, "li.na", "111111").await.expect_err("wrong");
        assert_eq!(refused.code, ErrorCode::WrongPin);
    }
    let refused = sign_in(&hall, "li.na", builders::PIN)
        .await
        .expect_err("locked");
    assert_eq!(
        (refused.status, refused.code),
        (429, ErrorCode::TooManyAttempts)
    );
    // The others are not affected.
    sign_in(&hall, "zhou.min", builders::PIN).await.expect("in");
    running.clock.turn(WAIT_AFTER_WRONG_PINS_MS);
    sign_in(&hall, "li.na", builders::PIN).await.expect("in");
}

#[tokio::test]
async fn a_session_ends_by_time_by_signing_out_and_by_revocation() {
    let running = RunningBackend::start();
    let hall = running.hall();
    let ended = |answer: Result<protocol::http::Receipt, Refused>| {
        answer.expect_err("the session has ended").code
    };

    let first = hall.sign_in(OfficerRole::DutyOfficer).await;
    let second = hall.sign_in(OfficerRole::DutyOfficer).await;
    first
        .propose(&set_mode(1, Mode::EmergencyBlue))
        .await
        .expect("live");
    first.post::<()>(paths::SIGN_OUT, &()).await.expect("out");
    let code = ended(first.propose(&set_mode(2, Mode::Normal)).await);
    assert_eq!(code, ErrorCode::SignInNeeded);
    second
        .propose(&set_mode(3, Mode::Normal))
        .await
        .expect("live");

    let id = OfficerId::from("li.na");
    assert_eq!(running.backend.revoke_sessions(&id).expect("revoked"), 1);
    let code = ended(second.propose(&set_mode(4, Mode::EmergencyRed)).await);
    assert_eq!(code, ErrorCode::SignInNeeded);

    let third = hall.sign_in(OfficerRole::DutyOfficer).await;
    running.clock.turn(13 * 3_600_000);
    let code = ended(third.propose(&set_mode(5, Mode::EmergencyRed)).await);
    assert_eq!(code, ErrorCode::SignInNeeded);
}

#[tokio::test]
async fn a_new_pin_replaces_the_old_one_and_its_sessions() {
    let running = RunningBackend::start();
    let hall = running.hall();
    let session = hall.sign_in(OfficerRole::DutyOfficer).await;
    let officer = builders::officer(OfficerRole::DutyOfficer);
    let backend = running.backend.clone();
    tokio::task::spawn_blocking(move || backend.put_officer(&officer, "9753"))
        .await
        .expect("ran")
        .expect("changed");
    assert!(sign_in(&hall, "li.na", builders::PIN).await.is_err());
    sign_in(&hall, "li.na", "9753").await.expect("in");
    let refused = session
        .propose(&set_mode(1, Mode::EmergencyBlue))
        .await
        .expect_err("ended");
    assert_eq!(refused.code, ErrorCode::SignInNeeded);
}

#[tokio::test]
async fn a_new_pin_and_a_revocation_change_how_an_officer_stands() {
    let running = RunningBackend::start();
    let hall = running.hall();
    let officer = builders::officer(OfficerRole::DutyOfficer);
    let of = |all: &[OfficerStanding], id: &str| {
        let found = all.iter().find(|s| s.officer.id.as_str() == id);
        found.map(|s| s.credential.clone()).expect("listed")
    };
    let first: Vec<OfficerStanding> = hall.get(paths::OFFICERS).await.expect("told");
    assert_eq!(first.len(), builders::seed().officers.len());
    let signed_in = sign_in(&hall, "li.na", builders::PIN).await.expect("in");
    assert_eq!(signed_in.credential, of(&first, "li.na"));
    running.backend.revoke_sessions(&officer.id).expect("ended");
    let revoked: Vec<OfficerStanding> = hall.get(paths::OFFICERS).await.expect("told");
    assert_ne!(of(&revoked, "li.na"), of(&first, "li.na"));
    assert_eq!(of(&revoked, "zhou.min"), of(&first, "zhou.min"));
    let backend = running.backend.clone();
    tokio::task::spawn_blocking(move || backend.put_officer(&officer, builders::PIN))
        .await
        .expect("ran")
        .expect("changed");
    let renewed: Vec<OfficerStanding> = hall.get(paths::OFFICERS).await.expect("told");
    assert_ne!(of(&renewed, "li.na"), of(&revoked, "li.na"));
    let field = running.field();
    let refused = field.get::<Vec<OfficerStanding>>(paths::OFFICERS).await;
    assert_eq!(refused.expect_err("not for the field").status, 401);
}

#[tokio::test]
async fn an_account_says_by_which_way_it_came_and_when_it_was_recorded_last() {
    let dir = tempfile::tempdir().expect("directory");
    let clock = FakeClock::default();
    let running = RunningBackend::start_in(dir.path(), clock.clone(), 0);
    let begun = clock.now();
    clock.turn(WAIT_AFTER_WRONG_PINS_MS);
    running
        .backend
        .revoke_sessions(&"zhou.min".into())
        .expect("ended");
    // What an account says of itself does not count.
    let boastful = Officer {
        provenance: Some(Provenance {
            supply: Supply::Import,
            at: begun,
        }),
        ..builders::officer(OfficerRole::DutyOfficer)
    };
    let backend = running.backend.clone();
    tokio::task::spawn_blocking(move || backend.put_officer(&boastful, builders::PIN))
        .await
        .expect("ran")
        .expect("changed");
    let [seeded, entered] = [(Supply::Seed, begun), (Supply::Command, clock.now())]
        .map(|(supply, at)| Some(Provenance { supply, at }));
    let hall = running.hall();
    let told = |officers: Vec<Officer>| -> BTreeMap<String, Option<Provenance>> {
        let named = officers.into_iter();
        named.map(|o| (o.id.to_string(), o.provenance)).collect()
    };
    let reference: Reference = hall.get(paths::REFERENCE).await.expect("loaded");
    let of = told(reference.officers);
    assert_eq!((of["zhou.min"], of["li.na"]), (seeded, entered));
    let standings: Vec<OfficerStanding> = hall.get(paths::OFFICERS).await.expect("told");
    assert_eq!(told(standings.into_iter().map(|s| s.officer).collect()), of);
    let signed_in = sign_in(&hall, "li.na", builders::PIN).await.expect("in");
    assert_eq!(signed_in.officer.provenance, entered);
    running.stop();

    // As a version that did not keep it left them.
    let database = rusqlite::Connection::open(dir.path().join("backend.db")).expect("database");
    let forget = "UPDATE officers SET body = json_remove(body, '$.provenance')";
    assert!(database.execute(forget, []).expect("written") > 1);
    drop(database);
    let running = RunningBackend::start_in(dir.path(), clock, 0);
    let standings: Vec<OfficerStanding> = running.hall().get(paths::OFFICERS).await.expect("told");
    assert!(standings.iter().all(|s| s.officer.provenance.is_none()));
}

#[tokio::test]
async fn roles_are_checked_here_and_not_on_the_screen() {
    let running = RunningBackend::start();
    let hall = running.hall();
    let id = running
        .field()
        .report(&builders::report(1, running.clock.now()))
        .await
        .expect("taken")
        .incident;
    let as_role = |role, number, intent| {
        let mut proposal = builders::proposal(number, intent);
        proposal.officer = builders::officer(role).id;
        proposal
    };
    let act = |action| Intent::Act {
        incident: id,
        action,
        reason: Some("理由".to_owned()),
    };
    let it = hall.sign_in(OfficerRole::ItOfficer).await;
    let leader = hall.sign_in(OfficerRole::StreetLeader).await;
    let duty = hall.sign_in(OfficerRole::DutyOfficer).await;
    let cases = [
        (&it, OfficerRole::ItOfficer, builders::send(id, 1)),
        (&it, OfficerRole::ItOfficer, act(Action::Verify)),
        (
            &it,
            OfficerRole::ItOfficer,
            Intent::SetMode {
                mode: Mode::EmergencyRed,
                is_drill: false,
            },
        ),
        (&leader, OfficerRole::StreetLeader, builders::send(id, 1)),
        (&duty, OfficerRole::DutyOfficer, act(Action::Cancel)),
        (&duty, OfficerRole::DutyOfficer, act(Action::Supervise)),
        // Another officer's name under one's own session.
        (&duty, OfficerRole::ShiftLeader, act(Action::Cancel)),
    ];
    for (number, (caller, role, intent)) in (1..).zip(cases) {
        let refused = caller
            .propose(&as_role(role, number, intent.clone()))
            .await
            .expect_err("forbidden");
        assert_eq!(
            (refused.status, refused.code),
            (403, ErrorCode::Forbidden),
            "{intent:?}"
        );
    }
    let supervise = as_role(OfficerRole::StreetLeader, 100, act(Action::Supervise));
    leader.propose(&supervise).await.expect("allowed");
    let situation = hall.snapshot().await.situation;
    assert!(situation.incidents[&id].supervised);
    assert!(situation.orders.is_empty());
    assert_eq!(situation.mode.session, Mode::Normal.into());
}
