//! Proposals that were decided upon before others acted: refused with both versions and without
//! effect, sent anyway by name, and never held up by the hall's own earlier ones.

use domain::conflicts::{Anyway, Basis, Conflict, Version};
use domain::trail::{Action, Actor, AnywayOnRecord, OfficerRole, TrailEntry};
use domain::{Incident, IncidentId, IncidentState, Intent, IntentKey, PersonId, Proposal};
use protocol::ErrorCode;
use protocol::http::{LogId, paths};
use testkit::builders::{self, key};
use testkit::{Caller, RunningBackend};

struct Street {
    running: RunningBackend,
    hall: Caller,
    officer: Caller,
    colleague: Caller,
    incident: IncidentId,
}

impl Street {
    async fn with_a_report() -> Self {
        let running = RunningBackend::start();
        let hall = running.hall();
        let report = builders::report(1, running.clock.now());
        let incident = running.field().report(&report).await.expect("taken");
        Self {
            officer: hall.sign_in(OfficerRole::DutyOfficer).await,
            colleague: hall.sign_in(OfficerRole::ShiftLeader).await,
            hall,
            incident: incident.incident,
            running,
        }
    }

    async fn incident(&self) -> Incident {
        self.hall.snapshot().await.situation.incidents[&self.incident].clone()
    }

    async fn trail(&self) -> Vec<TrailEntry> {
        let path = paths::INCIDENT_TRAIL.replace("{id}", &self.incident.to_string());
        self.hall.get(&path).await.expect("a trail")
    }

    async fn basis(&self) -> Basis {
        Basis {
            seen: Version::of(&self.incident().await, Vec::new()),
            own: Vec::new(),
            anyway: None,
        }
    }

    /// Somebody at another desk does something, as they see the incident now.
    async fn colleague_does(&self, number: u128, intent: Intent) {
        let proposal = Proposal {
            officer: builders::officer(OfficerRole::ShiftLeader).id,
            basis: Some(Box::new(self.basis().await)),
            ..builders::proposal(number, intent)
        };
        self.colleague.propose(&proposal).await.expect("taken");
    }

    fn act(&self, action: Action) -> Intent {
        Intent::Act {
            incident: self.incident,
            action,
            reason: Some("理由".to_owned()),
        }
    }

    fn send(&self, to: u32) -> Intent {
        builders::send(self.incident, to)
    }

    /// The conflict of a refused proposal, after a look that nothing has changed.
    async fn refused(&self, proposal: &Proposal) -> Conflict {
        let before = self.running.backend.snapshot(None).expect("readable");
        let refused = self
            .officer
            .propose(proposal)
            .await
            .expect_err("a conflict");
        assert_eq!((refused.status, refused.code), (409, ErrorCode::Conflict));
        assert!(refused.message.contains("仍然发送"), "{}", refused.message);
        assert_eq!(
            self.running.backend.snapshot(None).expect("readable"),
            before
        );
        *refused.conflict.expect("what happened")
    }
}

fn on(basis: &Basis, number: u128, intent: Intent) -> Proposal {
    Proposal {
        basis: Some(Box::new(basis.clone())),
        ..builders::proposal(number, intent)
    }
}

fn standing_on(basis: &Basis, own: &[u128]) -> Basis {
    Basis {
        own: own.iter().map(|number| key(*number)).collect(),
        ..basis.clone()
    }
}

fn anyway(conflict: &Conflict, reason: &str) -> Basis {
    Basis {
        seen: conflict.theirs.clone(),
        own: Vec::new(),
        anyway: Some(Anyway {
            reason: reason.to_owned(),
            composed_at: 1,
        }),
    }
}

#[tokio::test]
async fn an_order_on_top_of_a_colleagues_is_refused_with_what_happened_and_has_no_effect() {
    let street = Street::with_a_report().await;
    let basis = street.basis().await;
    street.colleague_does(7, street.send(2)).await;
    let proposal = on(&basis, 1, street.send(1));
    let conflict = street.refused(&proposal).await;
    assert_eq!(conflict.theirs.state, IncidentState::Dispatched);
    assert_eq!(conflict.theirs.under_way, [PersonId(2)]);
    let by = Actor::Officer(builders::officer(OfficerRole::ShiftLeader).id);
    let told: Vec<_> = conflict
        .since
        .iter()
        .map(|step| (step.step, step.is_in_conflict, step.by.clone()))
        .collect();
    assert_eq!(
        told,
        [
            (2, false, by.clone()),
            (3, false, by.clone()),
            (4, true, by)
        ]
    );
    // However often and late it arrives: what has happened does not go away.
    assert_eq!(street.refused(&proposal).await, conflict);
    // A proposal of an older hall says nothing of what it had seen, and is taken as ever.
    let old = builders::proposal(2, street.send(3));
    street.officer.propose(&old).await.expect("taken");
}

#[tokio::test]
async fn the_halls_own_earlier_proposals_are_no_conflict() {
    let street = Street::with_a_report().await;
    let basis = street.basis().await;
    let first = on(&basis, 1, street.send(1));
    street.officer.propose(&first).await.expect("sent");
    let second = on(&standing_on(&basis, &[1]), 2, street.send(2));
    street.officer.propose(&second).await.expect("sent as well");
    let trail = street.trail().await;
    let keys: Vec<Option<IntentKey>> = trail
        .iter()
        .map(|entry| entry.mandate.as_ref().map(|mandate| mandate.intent))
        .collect();
    let (one, two) = (Some(key(1)), Some(key(2)));
    assert_eq!(keys, [None, one, one, one, two]);
    // Without the key of the first, the second would have been one too many.
    street.refused(&on(&basis, 3, street.send(3))).await;
    street.running.backend.verify_chain().expect("whole");
}

#[tokio::test]
async fn sent_anyway_it_is_carried_out_and_the_override_stands_on_the_record_by_name() {
    let street = Street::with_a_report().await;
    let basis = street.basis().await;
    street.colleague_does(7, street.send(2)).await;
    let conflict = street.refused(&on(&basis, 1, street.send(1))).await;
    let second = on(&anyway(&conflict, " 井口较大，需两人 "), 2, street.send(1));
    let receipt = street.officer.propose(&second).await.expect("sent");
    assert_eq!(street.officer.propose(&second).await, Ok(receipt));
    let last = street.trail().await.pop().expect("a step");
    assert_eq!(
        last.by,
        Actor::Officer(builders::officer(OfficerRole::DutyOfficer).id)
    );
    let mandate = last.mandate.expect("of an intent");
    assert_eq!(mandate.intent, key(2));
    assert_eq!(
        mandate.anyway,
        Some(AnywayOnRecord {
            reason: "井口较大，需两人".to_owned(),
            after_step: 1,
            until_step: 4,
        })
    );
    assert_eq!(street.incident().await.orders, [key(7), key(2)]);
    // The first key was never carried out, and a copy of it that comes late is not either.
    street.refused(&on(&basis, 1, street.send(1))).await;
    // Under the key that was used, another reason is another wish.
    let other = on(&anyway(&conflict, "另有原因"), 2, street.send(1));
    let refused = street.officer.propose(&other).await.expect_err("used");
    assert_eq!(refused.code, ErrorCode::BadRequest);
    street.running.backend.verify_chain().expect("whole");
}

#[tokio::test]
async fn what_comes_after_an_override_is_another_conflict() {
    let street = Street::with_a_report().await;
    let basis = street.basis().await;
    street.colleague_does(7, street.send(2)).await;
    let first = street.refused(&on(&basis, 1, street.send(1))).await;
    street.colleague_does(8, street.send(3)).await;
    let second = on(&anyway(&first, "需两人"), 2, street.send(1));
    let again = street.refused(&second).await;
    assert_eq!(again.since.iter().map(|s| s.step).collect::<Vec<_>>(), [5]);
    assert_eq!(again.theirs.under_way, [PersonId(2), PersonId(3)]);
}

#[tokio::test]
async fn the_end_a_new_level_and_a_supervision_are_told_and_remarks_go_through() {
    let street = Street::with_a_report().await;
    let basis = street.basis().await;
    let level = Action::SetLevel {
        level: domain::Level::Large,
        level_reason: "涉及多个部门".to_owned(),
        level_reason_en: String::new(),
    };
    street
        .colleague_does(7, street.act(Action::Supervise))
        .await;
    street.colleague_does(8, street.act(level)).await;
    let not_accept = on(&basis, 1, street.act(Action::NotAccept));
    let conflict = street.refused(&not_accept).await;
    assert!(conflict.since.iter().all(|step| step.is_in_conflict));
    assert!(conflict.theirs.is_supervised);
    assert_eq!(conflict.theirs.level, domain::Level::Large);
    // Watching speaks against giving it up, and not against sending; the level does.
    let seen = Basis {
        seen: Version {
            steps: 3,
            ..basis.seen.clone()
        },
        ..basis.clone()
    };
    street
        .officer
        .propose(&on(&seen, 2, street.act(Action::Verify)))
        .await
        .expect("verified");
    street.colleague_does(9, street.act(Action::Cancel)).await;
    let gone = street.refused(&on(&basis, 3, street.send(1))).await;
    assert_eq!(gone.theirs.state, IncidentState::Cancelled);
    let text = "来电补充".to_owned();
    let note = on(&basis, 4, street.act(Action::Note { text }));
    street.officer.propose(&note).await.expect("noted");
}

#[tokio::test]
async fn a_replay_gets_its_first_receipt_whatever_has_happened_since() {
    let street = Street::with_a_report().await;
    let basis = street.basis().await;
    let proposal = on(&basis, 1, street.send(1));
    let receipt = street.officer.propose(&proposal).await.expect("sent");
    street.colleague_does(7, street.act(Action::Cancel)).await;
    assert_eq!(street.officer.propose(&proposal).await, Ok(receipt));
    // What stands before it may have changed its key meanwhile; it is the same wish.
    let renamed = on(&standing_on(&basis, &[99]), 1, street.send(1));
    assert!(street.officer.propose(&renamed).await.is_ok());
}

#[tokio::test]
async fn a_basis_that_makes_no_sense_is_refused_in_words() {
    let street = Street::with_a_report().await;
    let basis = street.basis().await;
    let numbers: Vec<u128> = (100..400).collect();
    let blank = Basis {
        anyway: Some(Anyway {
            reason: "  ".to_owned(),
            composed_at: 1,
        }),
        ..basis.clone()
    };
    for bad in [standing_on(&basis, &numbers), blank] {
        let refused = street.officer.propose(&on(&bad, 1, street.send(1))).await;
        assert_eq!(refused.expect_err("refused").code, ErrorCode::BadRequest);
    }
    // It has seen more than there is: it was made on another record of the incident.
    let mut beyond = basis;
    beyond.seen.steps = 9;
    let conflict = street.refused(&on(&beyond, 1, street.send(1))).await;
    assert!(conflict.since.is_empty());
    let missing = IncidentId::new(street.running.clock.now(), 999);
    let nowhere = on(&beyond, 2, builders::send(missing, 1));
    let refused = street.officer.propose(&nowhere).await.expect_err("refused");
    assert_eq!(refused.code, ErrorCode::NotFound);
}

#[tokio::test]
async fn what_is_meant_for_a_backend_of_another_log_is_not_carried_out() {
    let street = Street::with_a_report().await;
    let log = street.hall.snapshot().await.log;
    let wish = builders::proposal(1, builders::send(street.incident, 1));
    let other = street.officer.meaning(LogId("another".to_owned()));
    let refused = other.propose(&wish).await.expect_err("refused");
    assert_eq!((refused.status, refused.code), (410, ErrorCode::OtherLog));
    assert_eq!(street.trail().await.len(), 1, "nothing was done");
    let this = street.officer.meaning(log);
    let first = this.propose(&wish).await.expect("taken");
    // A receipt of another log would not say where its effect is found.
    assert!(other.propose(&wish).await.is_err());
    assert_eq!(this.propose(&wish).await.expect("the same"), first);
}

#[tokio::test]
async fn what_is_meant_for_another_matter_of_the_same_number_is_refused() {
    let street = Street::with_a_report().await;
    let basis = street.basis().await;
    let of_other = Basis {
        seen: Version {
            reported_at: basis.seen.reported_at.map(|at| at.plus_ms(-1)),
            ..basis.seen.clone()
        },
        ..basis.clone()
    };
    let wish = |number, basis| Proposal {
        basis: Some(Box::new(basis)),
        ..builders::proposal(number, builders::send(street.incident, 1))
    };
    let refused = street.officer.propose(&wish(1, of_other)).await;
    let refused = refused.expect_err("refused");
    assert_eq!(
        (refused.code, refused.conflict),
        (ErrorCode::NotFound, None)
    );
    assert_eq!(street.trail().await.len(), 1, "nothing was done");
    let taken = street.officer.propose(&wish(2, basis)).await;
    taken.expect("the matter that is meant");
}
