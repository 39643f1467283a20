//! Whistles through the proposals of officers: who may be called, in which order, once.

use domain::trail::{Action, OfficerRole, TrailEntry};
use domain::whistle::score::{Scope, ScorePart};
use domain::whistle::{MatterWhistles, Standing, WhistleBook};
use domain::{DepartmentId, IncidentId, Intent, OrderState};
use protocol::ErrorCode;
use protocol::http::paths;
use testkit::{Caller, RunningBackend, builders};

const MINUTE_MS: i64 = 60_000;

/// A road collapse, which is large, reported and waiting.
struct Street {
    running: RunningBackend,
    hall: Caller,
    officer: Caller,
    incident: IncidentId,
}

impl Street {
    async fn with(category: &str) -> Self {
        let running = RunningBackend::start();
        let hall = running.hall();
        let mut report = builders::report(1, running.clock.now());
        report.category = category.to_owned();
        let accepted = running.field().report(&report).await.expect("taken");
        Self {
            officer: hall.sign_in(OfficerRole::DutyOfficer).await,
            hall,
            incident: accepted.incident,
            running,
        }
    }

    /// The same, after somebody of the street has been sent and has begun.
    async fn tried(category: &str) -> Self {
        let street = Self::with(category).await;
        let send = builders::proposal(
            900,
            Intent::SendOrder {
                incident: street.incident,
                to: domain::PersonId(1),
                instruction: "先行处置".to_owned(),
                override_reason: Some("就近".to_owned()),
            },
        );
        street.officer.propose(&send).await.expect("sent");
        let now = street.running.clock.now();
        let field = street.running.field();
        let state = OrderState::Arrived;
        field
            .receipt(builders::key(900), 1, state, now)
            .await
            .expect("taken");
        street
    }

    async fn take(&self, number: u128, action: Action) -> Result<(), ErrorCode> {
        self.take_because(number, action, None).await
    }

    async fn take_because(
        &self,
        number: u128,
        action: Action,
        reason: Option<&str>,
    ) -> Result<(), ErrorCode> {
        let mut proposal = builders::proposal(
            number,
            Intent::Act {
                incident: self.incident,
                action,
                reason: reason.map(str::to_owned),
            },
        );
        proposal.occurred_at = self.running.clock.now();
        let answer = self.officer.propose(&proposal).await;
        answer.map(|_| ()).map_err(|refused| {
            assert!(refused.message.contains(" / "), "{}", refused.message);
            refused.code
        })
    }

    async fn trail(&self) -> Vec<TrailEntry> {
        let path = paths::INCIDENT_TRAIL.replace("{id}", &self.incident.to_string());
        self.hall.get(&path).await.expect("a trail")
    }

    async fn whistles(&self) -> MatterWhistles {
        MatterWhistles::of_trail(&self.trail().await)
    }
}

fn whistle(departments: &[&str], deliberation: &str) -> Action {
    Action::Whistle {
        // What the hall believes the number to be does not matter.
        whistle: 77,
        departments: departments
            .iter()
            .copied()
            .map(DepartmentId::from)
            .collect(),
        deliberation: deliberation.to_owned(),
        push: None,
    }
}

fn sign_in(whistle: u16, department: &str) -> Action {
    Action::SignIn {
        whistle,
        department: department.into(),
    }
}

fn done(whistle: u16, department: &str) -> Action {
    Action::WhistleHandled {
        whistle,
        department: department.into(),
        result: "已围挡并回填".to_owned(),
    }
}

fn rate(whistle: u16, department: &str, rating: u8) -> Action {
    Action::RateDepartment {
        whistle,
        department: department.into(),
        rating,
    }
}

#[tokio::test]
async fn departments_are_called_sign_in_report_done_and_are_rated() {
    let street = Street::tried("E05.05").await;
    let clock = &street.running.clock;
    let both = ["police", "maintenance"];
    street
        .take(1, whistle(&both, "路面塌陷，街道无力修复"))
        .await
        .expect("whistled");
    let pushed_at = clock.now();
    clock.turn(119 * MINUTE_MS);
    street
        .take(2, sign_in(1, "police"))
        .await
        .expect("signed in");
    clock.turn(2 * MINUTE_MS);
    street
        .take(3, sign_in(1, "maintenance"))
        .await
        .expect("signed in late");
    street.take(4, done(1, "police")).await.expect("done");
    street.take(5, rate(1, "police", 95)).await.expect("rated");
    let points = Action::AdjustPoints {
        whistle: 1,
        department: "police".into(),
        points: 2,
    };
    street
        .take_because(6, points, Some("主动疏导交通"))
        .await
        .expect("points");

    let rules = builders::rules();
    let matter = street.whistles().await;
    let called = &matter.whistles[&1].departments;
    let response = |id: &str| called[&id.into()].response(clock.now(), &rules.calendar);
    assert_eq!(response("police"), Standing::InTime);
    assert_eq!(response("maintenance"), Standing::Late);
    let police = &called[&"police".into()];
    assert_eq!(police.push.at, pushed_at);
    assert_eq!(police.push.response, rules.whistle.response);
    assert_eq!(police.rating, Some(95));

    let mut book = WhistleBook::default();
    for entry in street.trail().await {
        book.apply(&entry)
            .expect("the backend accepts only what the fold does");
    }
    let score = book.score(Scope::everything(), clock.now(), &rules);
    let term = score.term(ScorePart::Response).expect("a term");
    assert_eq!((term.numerator.len(), term.denominator.len()), (1, 2));
    assert_eq!(score.points_added, 2);
    street.running.backend.verify_chain().expect("whole");
}

#[tokio::test]
async fn a_whistle_is_refused_until_everything_is_there() {
    let street = Street::with("E05.05").await;
    let good = || whistle(&["maintenance"], "需专业力量");
    street.take(1, Action::Verify).await.expect("verified");
    let file = Action::File {
        limit: builders::rules().whistle.handling,
        condition: None,
    };
    street.take(2, file).await.expect("filed");
    // The street has not tried itself.
    assert_eq!(street.take(3, good()).await, Err(ErrorCode::NotAllowedNow));

    let street = Street::tried("E05.05").await;
    for (number, bad) in (10..).zip([
        whistle(&["maintenance"], " "),
        whistle(&[], "需专业力量"),
        whistle(&["maintenance", "maintenance"], "需专业力量"),
        whistle(&["community"], "需专业力量"),
        whistle(&["nobody"], "需专业力量"),
        whistle(&["maintenance"], &"长".repeat(4_001)),
    ]) {
        let refused = street.take(number, bad.clone()).await;
        assert_eq!(refused, Err(ErrorCode::BadRequest), "{bad:?}");
    }
    street.take(20, good()).await.expect("whistled");
    // Called and not finished.
    assert_eq!(street.take(21, good()).await, Err(ErrorCode::NotAllowedNow));
    let other = whistle(&["police"], "交通管制");
    street.take(22, other).await.expect("another");
    let numbers: Vec<u16> = street.whistles().await.whistles.into_keys().collect();
    assert_eq!(numbers, [1, 2]);
}

#[tokio::test]
async fn small_matters_are_not_whistled_and_medium_ones_only_with_a_reason() {
    let small = Street::tried("E01.10").await;
    let wanted = || whistle(&["urban_management"], "无执法权");
    assert_eq!(small.take(1, wanted()).await, Err(ErrorCode::NotAllowedNow));

    let medium = Street::tried("E01.22").await;
    let call = whistle(&["police"], "无执法权");
    assert_eq!(
        medium.take(1, call.clone()).await,
        Err(ErrorCode::BadRequest)
    );
    let reason = Some("分管领导同意");
    medium
        .take_because(2, call, reason)
        .await
        .expect("with a reason");
    let matter = medium.whistles().await;
    assert_eq!(matter.whistles[&1].override_reason.as_deref(), reason);
}

#[tokio::test]
async fn steps_out_of_order_are_refused_and_leave_no_trace() {
    let street = Street::tried("E05.05").await;
    let call = whistle(&["maintenance"], "需专业力量");
    street.take(1, call).await.expect("whistled");
    let steps = street.trail().await.len();
    let points = |points| Action::AdjustPoints {
        whistle: 1,
        department: "maintenance".into(),
        points,
    };
    for (number, action, code) in [
        (10, done(1, "maintenance"), ErrorCode::NotAllowedNow),
        (11, rate(1, "maintenance", 80), ErrorCode::NotAllowedNow),
        (12, rate(1, "maintenance", 101), ErrorCode::BadRequest),
        (13, sign_in(1, "police"), ErrorCode::NotFound),
        (14, sign_in(2, "maintenance"), ErrorCode::NotFound),
        (15, points(6), ErrorCode::BadRequest),
        (16, points(0), ErrorCode::BadRequest),
    ] {
        let refused = street
            .take_because(number, action.clone(), Some("理由"))
            .await;
        assert_eq!(refused, Err(code), "{action:?}");
    }
    assert_eq!(street.trail().await.len(), steps);
    street
        .take(20, sign_in(1, "maintenance"))
        .await
        .expect("in");
    let again = street.take(21, sign_in(1, "maintenance")).await;
    assert_eq!(again, Err(ErrorCode::NotAllowedNow));
    assert_eq!(street.trail().await.len(), steps + 1);
}

#[tokio::test]
async fn a_replay_whistles_once() {
    let street = Street::tried("E05.05").await;
    let steps = street.trail().await.len();
    for _ in 0..3 {
        let call = whistle(&["maintenance"], "需专业力量");
        street.take(1, call).await.expect("the first receipt");
    }
    assert_eq!(street.trail().await.len(), steps + 1);
    let unknown = builders::proposal(
        2,
        Intent::Act {
            incident: IncidentId(street.incident.0 + 5),
            action: sign_in(1, "maintenance"),
            reason: None,
        },
    );
    let refused = street.officer.propose(&unknown).await.expect_err("unknown");
    assert_eq!(refused.code, ErrorCode::NotFound);
}

#[tokio::test]
async fn the_push_begins_when_the_backend_has_the_whistle() {
    let street = Street::tried("E05.05").await;
    let clicked_at = street.running.clock.now();
    // The hall was without a line for three hours.
    street.running.clock.turn(180 * MINUTE_MS);
    let mut late = builders::proposal(
        1,
        Intent::Act {
            incident: street.incident,
            action: whistle(&["maintenance"], "需专业力量"),
            reason: None,
        },
    );
    late.occurred_at = clicked_at;
    street.officer.propose(&late).await.expect("whistled");
    let progress = street.whistles().await.whistles[&1].departments[&"maintenance".into()].clone();
    assert_eq!(progress.push.at, street.running.clock.now());
    let last = street.trail().await.pop().expect("a step");
    assert_eq!(last.occurred_at, clicked_at);
}
