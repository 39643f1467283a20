//! Emergency mode beside everyday work, and filing conditions, under the shipped rules.

use std::sync::Arc;

use backend::{Backend, BackendConfig};
use domain::clocks::{Limit, LimitUnit};
use domain::modes::{Mode, ModeInForce, ModeSession, ModeSwitch};
use domain::situation::Record;
use domain::trail::{Action, OfficerRole};
use domain::{Incident, IncidentId, Intent, Proposal};
use protocol::ErrorCode;
use protocol::http::ChangeBody;
use testkit::{Caller, FakeClock, RunningBackend, builders};

const MINUTE_MS: i64 = 60_000;

struct Street {
    running: RunningBackend,
    hall: Caller,
    officer: Caller,
    number: u128,
}

impl Street {
    async fn start() -> Self {
        let running = RunningBackend::start();
        let hall = running.hall();
        Self {
            officer: hall.sign_in(OfficerRole::DutyOfficer).await,
            hall,
            running,
            number: 0,
        }
    }

    async fn report(&mut self, category: &str) -> IncidentId {
        self.number += 1;
        let mut report = builders::report(self.number, self.running.clock.now());
        category.clone_into(&mut report.category);
        let taken = self.running.field().report(&report).await;
        taken.expect("taken").incident
    }

    async fn propose(&mut self, intent: Intent) -> Result<(), testkit::Refused> {
        self.number += 1;
        let proposal = builders::proposal(self.number, intent);
        self.officer.propose(&proposal).await.map(|_| ())
    }

    async fn switch(&mut self, mode: Mode) {
        self.propose(Intent::SetMode {
            mode,
            is_drill: false,
        })
        .await
        .expect("mode");
    }

    async fn file(
        &mut self,
        incident: IncidentId,
        condition: Option<&str>,
    ) -> Result<(), testkit::Refused> {
        let action = Action::File {
            // The backend's rules decide, whatever the hall believes.
            limit: limit(99, LimitUnit::WorkingDay),
            condition: condition.map(Into::into),
        };
        self.propose(Intent::Act {
            incident,
            action,
            reason: None,
        })
        .await
    }

    async fn incident(&self, id: IncidentId) -> Incident {
        self.hall.snapshot().await.situation.incidents[&id].clone()
    }

    /// The limit with which the incident was filed.
    async fn filed_with(&self, id: IncidentId) -> Limit {
        let trail = self.hall.snapshot().await.trail;
        let filed = |action: &Action| match action {
            Action::File { limit, .. } => Some(*limit),
            _ => None,
        };
        let own = trail.iter().filter(|entry| entry.incident == id);
        own.rev()
            .find_map(|entry| filed(&entry.action))
            .expect("filed")
    }
}

const fn limit(amount: u32, unit: LimitUnit) -> Limit {
    Limit { amount, unit }
}

#[tokio::test]
async fn a_mode_hurries_its_own_matters_and_leaves_everyday_work_alone() {
    let mut street = Street::start().await;
    let now = street.running.clock.now();
    let before = street.report("E85.04").await;
    street.switch(Mode::EmergencyRed).await;
    let flood = street.report("E85.04").await;
    let rubbish = street.report("E01.10").await;
    street.switch(Mode::Normal).await;
    let after = street.report("E85.04").await;
    for (id, minutes) in [(before, 30), (flood, 10), (rubbish, 30), (after, 30)] {
        let deadline = street.incident(id).await.clock.expect("a clock").deadline;
        assert_eq!(deadline, now.plus_ms(minutes * MINUTE_MS), "{id}");
    }
    // The next clock is decided by the mode in which it starts.
    street.switch(Mode::EmergencyOrange).await;
    for (id, minutes) in [(flood, 5), (rubbish, 15)] {
        street.file(id, None).await.expect("filed");
        let deadline = street.incident(id).await.clock.expect("a clock").deadline;
        assert_eq!(deadline, now.plus_ms(minutes * MINUTE_MS), "{id}");
    }
    let everyday = limit(4, LimitUnit::WorkingHour);
    assert_eq!(street.filed_with(rubbish).await, everyday);
}

#[tokio::test]
async fn halls_are_told_who_set_the_mode_and_when_by_snapshot_and_by_log() {
    let street = Street::start().await;
    let began = street.running.clock.now();
    let told = |officer, occurred_at, recorded_at| {
        Some(ModeSwitch {
            officer,
            occurred_at,
            recorded_at,
        })
    };
    let snapshot = street.hall.snapshot().await;
    assert_eq!(snapshot.situation.mode.switch, told(None, began, began));

    street.running.clock.turn(90 * MINUTE_MS);
    let proposal = Proposal {
        occurred_at: began.plus_ms(MINUTE_MS),
        ..builders::proposal(
            1,
            Intent::SetMode {
                mode: Mode::EmergencyBlue,
                is_drill: true,
            },
        )
    };
    street.officer.propose(&proposal).await.expect("switched");
    let expected = ModeInForce {
        session: ModeSession::new(Mode::EmergencyBlue, true),
        switch: told(
            Some(proposal.officer.clone()),
            proposal.occurred_at,
            street.running.clock.now(),
        ),
    };
    let now = street.hall.snapshot().await.situation.mode;
    assert_eq!(now, expected);
    let changes = street.hall.changes(snapshot.cursor, 0).await;
    let bodies = changes.expect("changes").changes.into_iter();
    let logged: Vec<ChangeBody> = bodies.map(|change| change.body).collect();
    let record = ChangeBody::Record(Record::Mode(Box::new(expected.clone())));
    assert_eq!(logged, [record]);

    // The same again is no switch.
    street.running.clock.turn(MINUTE_MS);
    let again = Proposal {
        key: builders::key(2),
        ..proposal
    };
    street.officer.propose(&again).await.expect("taken");
    assert_eq!(street.hall.snapshot().await.situation.mode, expected);
}

#[tokio::test]
async fn a_mode_that_nobody_ever_set_is_that_of_the_first_opening() {
    let dir = tempfile::tempdir().expect("directory");
    let clock = FakeClock::default();
    let began = clock.now();
    for _ in 0..2 {
        let config = BackendConfig {
            clock: Arc::new(clock.clone()),
            ..BackendConfig::in_dir(dir.path(), builders::rules())
        };
        let backend = Backend::open(config).expect("opens");
        let snapshot = backend.snapshot(None).expect("snapshot");
        let mode = snapshot.situation.mode;
        assert_eq!(mode.session, Mode::Normal.into());
        let by = mode.switch.expect("told");
        assert_eq!((by.officer, by.recorded_at), (None, began));
        drop(backend);
        clock.turn(MINUTE_MS);
    }
}

#[tokio::test]
async fn a_filing_condition_has_its_own_limit_and_an_unknown_one_is_refused() {
    let mut street = Street::start().await;
    for (condition, expected) in [
        (None, limit(2, LimitUnit::EmergencyHour)),
        (Some("broken"), limit(4, LimitUnit::WorkingHour)),
        (Some("sunken_frame"), limit(5, LimitUnit::WorkingDay)),
    ] {
        let cover = street.report("C01.02").await;
        street.file(cover, condition).await.expect("filed");
        assert_eq!(street.filed_with(cover).await, expected, "{condition:?}");
        let kept = street.incident(cover).await.condition;
        assert_eq!(kept.as_ref().map(domain::ConditionCode::as_str), condition);
    }
    let cover = street.report("C01.02").await;
    let refused = street
        .file(cover, Some("stolen"))
        .await
        .expect_err("unknown");
    assert_eq!((refused.status, refused.code), (400, ErrorCode::BadRequest));
    let said = format!("{refused:?}");
    assert!(said.contains("missing, broken, sunken_frame"), "{said}");
    assert_eq!(street.incident(cover).await.steps, 1);
}
