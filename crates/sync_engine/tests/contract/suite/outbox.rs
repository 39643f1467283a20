//! The outbox: once for each key, in the order of the clicks, durable when said so.

use domain::trail::OfficerRole;
use domain::{IncidentState, Timestamp};
use protocol::ErrorCode;
use sync_engine::StoreError;
use sync_engine::store::OutboxStore;
use sync_engine::store::database::Durability;
use sync_engine::store::outbox_db::Stored;
use sync_engine::store::proposals::{ProposalRow, Stage};
use sync_engine::store::sessions::Session;
use sync_engine::store::verifiers::Verifier;
use testkit::builders::{incident, key, officer, proposal, send};

use super::{BACKEND, Machine};

fn row(number: u128) -> ProposalRow {
    let incident = incident(1, IncidentState::Filed).id;
    ProposalRow {
        conflict: None,
        seq: 0,
        backend: BACKEND.to_owned(),
        proposal: proposal(number, send(incident, 1)),
        stage: Stage::Queued,
        parked_before: None,
        has_left: false,
        attempts: 0,
        last_error: None,
    }
}

fn seqs(stored: &Stored) -> Vec<i64> {
    stored.proposals.iter().map(|row| row.seq).collect()
}

pub async fn a_key_is_added_once_and_numbers_are_never_used_again(machine: &impl Machine) {
    let (outbox, stored) = machine.open_outbox();
    assert!(stored.proposals.is_empty());
    let first = outbox.add(row(1)).await.unwrap();
    let second = outbox.add(row(2)).await.unwrap();
    let mut again = row(1);
    again.attempts = 7;
    assert_eq!(outbox.add(again).await.unwrap(), first, "left as it is");
    let doomed = vec![second.seq];
    outbox.delete(Durability::Synced, doomed).await.unwrap();
    let third = outbox.add(row(3)).await.unwrap();
    assert!(first.seq < second.seq && second.seq < third.seq);
    outbox.close().await;
    let (outbox, stored) = machine.open_outbox();
    assert_eq!(stored.proposals, [first, third.clone()]);
    let gone = seqs(&stored);
    outbox.delete(Durability::Synced, gone).await.unwrap();
    outbox.close().await;
    let (outbox, stored) = machine.open_outbox();
    assert!(stored.proposals.is_empty());
    assert!(outbox.add(row(4)).await.unwrap().seq > third.seq);
}

pub async fn every_column_that_may_change_comes_back(machine: &impl Machine) {
    let at = Timestamp::from_unix_ms(5);
    let stages = [
        Stage::Queued,
        Stage::Parked {
            code: ErrorCode::NotAllowedNow,
            after: 3,
            at,
        },
        Stage::Sent {
            recorded_at: at,
            cursor: 7,
        },
        Stage::Sent {
            recorded_at: at,
            cursor: sync_engine::outbox::queue::NOWHERE,
        },
    ];
    let (outbox, _) = machine.open_outbox();
    let mut wanted = Vec::new();
    for (number, stage) in (1..).zip(stages) {
        let mut row = outbox.add(row(number)).await.unwrap();
        row.parked_before = (stage == Stage::Queued).then_some(at);
        row.stage = stage;
        row.has_left = true;
        row.attempts = 3;
        row.last_error = Some("why".to_owned());
        wanted.push(row);
    }
    let changed = outbox.update(Durability::Synced, wanted.clone());
    changed.await.unwrap();
    let mut unknown = row(9);
    unknown.seq = 99;
    let ignored = outbox.update(Durability::Lazy, vec![unknown]);
    ignored.await.unwrap();
    outbox.close().await;
    assert_eq!(machine.open_outbox().1.proposals, wanted);
}

pub async fn what_was_added_survives_a_power_cut(machine: &impl Machine) {
    let (outbox, _) = machine.open_outbox();
    let mut first = outbox.add(row(1)).await.unwrap();
    let second = outbox.add(row(2)).await.unwrap();
    first.stage = Stage::Parked {
        code: ErrorCode::NotFound,
        after: 2,
        at: Timestamp::from_unix_ms(5),
    };
    let parked = outbox.update(Durability::Synced, vec![first.clone()]);
    parked.await.unwrap();
    let mut unsure = second.clone();
    unsure.attempts = 5;
    let counted = outbox.update(Durability::Lazy, vec![unsure.clone()]);
    counted.await.unwrap();
    machine.cut_power();
    outbox.close().await;
    machine.switch_on();
    let (_outbox, stored) = machine.open_outbox();
    assert_eq!((&stored.rescued, &stored.locked), (&None, &None));
    assert_eq!(stored.proposals.len(), 2);
    assert_eq!(stored.proposals[0], first);
    let is_either = [second, unsure].contains(&stored.proposals[1]);
    assert!(is_either, "{:?}", stored.proposals[1]);
}

/// Whatever was written without waiting for the disk, what comes after it and waits is durable, also
/// when the former found no room.
pub async fn what_is_synced_after_what_is_not_survives_a_power_cut(machine: &impl Machine) {
    let cut = |outbox: Box<dyn OutboxStore>| async {
        machine.cut_power();
        outbox.close().await;
        drop(outbox);
        machine.switch_on();
        machine.open_outbox()
    };
    let (outbox, _) = machine.open_outbox();
    let mut first = outbox.add(row(1)).await.unwrap();
    first.attempts = 5;
    let counted = outbox.update(Durability::Lazy, vec![first.clone()]);
    counted.await.unwrap();
    let second = outbox.add(row(2)).await.unwrap();
    let (outbox, stored) = cut(outbox).await;
    assert_eq!(stored.proposals, [first.clone(), second.clone()]);

    machine.set_full(true);
    let unwritten = ProposalRow {
        attempts: 9,
        ..second.clone()
    };
    let refused = outbox.update(Durability::Lazy, vec![unwritten]).await;
    assert!(
        matches!(refused, Err(StoreError::DiskFull { .. })),
        "{refused:?}"
    );
    machine.set_full(false);
    let deleted = outbox.delete(Durability::Synced, vec![first.seq]);
    deleted.await.unwrap();
    let (outbox, stored) = cut(outbox).await;
    assert_eq!(stored.proposals, [second]);

    let seated = session(OfficerRole::DutyOfficer, "first");
    let gone = officer(OfficerRole::ShiftLeader).id;
    let forgotten = outbox.forget_session(BACKEND.to_owned(), gone);
    forgotten.await.unwrap();
    outbox.sign_in(seated.clone()).await.unwrap();
    let (_outbox, stored) = cut(outbox).await;
    assert_eq!(stored.sessions, [seated]);
}

pub async fn what_finds_no_room_was_not_taken(machine: &impl Machine) {
    let (outbox, _) = machine.open_outbox();
    let mut taken = vec![outbox.add(row(1)).await.unwrap()];
    machine.set_full(true);
    let mut refused = 0;
    for number in 2..20 {
        match outbox.add(row(number)).await {
            Ok(row) => taken.push(row),
            Err(StoreError::DiskFull { .. }) => refused += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(refused > 0, "there is no room");
    machine.set_full(false);
    taken.push(outbox.add(row(20)).await.unwrap());
    outbox.close().await;
    assert_eq!(machine.open_outbox().1.proposals, taken);
    assert_eq!(taken.last().unwrap().proposal.key, key(20));
}

fn session(role: OfficerRole, token: &str) -> Session {
    Session {
        backend: BACKEND.to_owned(),
        officer: officer(role),
        token: Some(token.to_owned()),
        expires_at: Timestamp::from_unix_ms(9),
        signed_in: true,
    }
}

pub async fn what_takes_the_place_of_another_comes_with_all_that_changes_or_not_at_all(
    machine: &impl Machine,
) {
    let (outbox, _) = machine.open_outbox();
    let parked = outbox.add(row(1)).await.unwrap();
    let mut behind = outbox.add(row(2)).await.unwrap();
    let hangs_on = outbox.add(row(3)).await.unwrap();
    let before = [parked.clone(), behind.clone(), hangs_on.clone()];
    let instead = ProposalRow {
        seq: parked.seq,
        attempts: 2,
        ..row(4)
    };
    behind.last_error = Some("it waits for the other".to_owned());
    let swap = || outbox.swap(instead.clone(), vec![behind.clone()], vec![hangs_on.seq]);
    machine.set_full(true);
    let refused = swap().await;
    assert!(
        matches!(refused, Err(StoreError::DiskFull { .. })),
        "{refused:?}"
    );
    machine.set_full(false);
    machine.cut_power();
    outbox.close().await;
    machine.switch_on();
    let (outbox, stored) = machine.open_outbox();
    assert_eq!(stored.proposals, before, "nothing of it");
    let gone = vec![hangs_on.seq];
    let swapped = outbox.swap(instead.clone(), vec![behind.clone()], gone);
    swapped.await.unwrap();
    machine.cut_power();
    outbox.close().await;
    machine.switch_on();
    assert_eq!(machine.open_outbox().1.proposals, [instead, behind]);
}

pub async fn a_handover_brings_both_signatures_and_who_sits_there(machine: &impl Machine) {
    let (outbox, _) = machine.open_outbox();
    let leaves = session(OfficerRole::DutyOfficer, "first");
    let comes = session(OfficerRole::ShiftLeader, "second");
    outbox.sign_in(leaves.clone()).await.unwrap();
    let signatures = vec![row(1), row(2)];
    let signed = outbox.hand_over(signatures.clone(), comes.clone());
    let signed = signed.await.unwrap();
    let again = outbox.hand_over(signatures, comes.clone()).await.unwrap();
    assert_eq!(again, signed, "each is there once");
    machine.cut_power();
    outbox.close().await;
    machine.switch_on();
    let (_outbox, stored) = machine.open_outbox();
    assert_eq!(stored.proposals, signed);
    let left = Session {
        signed_in: false,
        ..leaves
    };
    let mut sessions = stored.sessions;
    sessions.sort_by_key(|session| session.token.clone());
    assert_eq!(sessions, [left, comes]);
}

pub async fn a_session_can_be_renewed_without_seating_anybody(machine: &impl Machine) {
    let (outbox, _) = machine.open_outbox();
    let seated = session(OfficerRole::DutyOfficer, "first");
    outbox.sign_in(seated.clone()).await.unwrap();
    let renewed = Session {
        signed_in: false,
        ..session(OfficerRole::ShiftLeader, "second")
    };
    outbox.put_session(renewed.clone()).await.unwrap();
    outbox.close().await;
    let mut sessions = machine.open_outbox().1.sessions;
    sessions.sort_by_key(|session| session.token.clone());
    assert_eq!(sessions, [seated, renewed]);
}

pub async fn verifiers_are_kept_changed_and_forgotten(machine: &impl Machine) {
    let verifier = |role, wrong| Verifier {
        backend: BACKEND.to_owned(),
        officer: officer(role),
        pin_hash: "$argon2id$".to_owned(),
        credential: "1".to_owned(),
        confirmed_at: Timestamp::from_unix_ms(1),
        wrong,
        last_try_at: Timestamp::from_unix_ms(2),
    };
    let (outbox, _) = machine.open_outbox();
    for role in [OfficerRole::DutyOfficer, OfficerRole::ShiftLeader] {
        outbox.put_verifier(verifier(role, 0)).await.unwrap();
    }
    let tried = verifier(OfficerRole::DutyOfficer, 3);
    outbox.put_verifier(tried.clone()).await.unwrap();
    let gone = officer(OfficerRole::ShiftLeader).id;
    let elsewhere = outbox.forget_verifier("another".to_owned(), tried.officer.id.clone());
    elsewhere.await.unwrap();
    let forgotten = outbox.forget_verifier(BACKEND.to_owned(), gone);
    forgotten.await.unwrap();
    outbox.close().await;
    assert_eq!(machine.open_outbox().1.verifiers, [tried]);
}

pub async fn sessions_are_seated_left_and_forgotten(machine: &impl Machine) {
    let (outbox, _) = machine.open_outbox();
    let duty = session(OfficerRole::DutyOfficer, "first");
    let leader = session(OfficerRole::ShiftLeader, "second");
    outbox.sign_in(duty.clone()).await.unwrap();
    outbox.sign_in(leader.clone()).await.unwrap();
    outbox.close().await;
    let (outbox, stored) = machine.open_outbox();
    let seated = |stored: &Stored| {
        let seated = stored.sessions.iter().filter(|s| s.signed_in);
        seated.map(|s| s.token.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        (stored.sessions.len(), seated(&stored)),
        (2, vec![Some("second".to_owned())])
    );
    let renewed = session(OfficerRole::DutyOfficer, "third");
    outbox.sign_in(renewed.clone()).await.unwrap();
    outbox.sign_out("another".to_owned()).await.unwrap();
    let gone = leader.officer.id;
    outbox
        .forget_session(BACKEND.to_owned(), gone)
        .await
        .unwrap();
    outbox.close().await;
    let (outbox, stored) = machine.open_outbox();
    assert_eq!(stored.sessions, [renewed]);
    outbox.sign_out(BACKEND.to_owned()).await.unwrap();
    outbox.close().await;
    let (_outbox, stored) = machine.open_outbox();
    assert_eq!((stored.sessions.len(), seated(&stored).len()), (1, 0));
}
