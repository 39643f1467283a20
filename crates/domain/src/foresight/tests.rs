//! What waits about an incident, folded as the backend folds it.

use super::*;
use crate::ids::{OfficerId, OrderId};
use crate::incidents::IncidentState as S;
use crate::samples::{after, incident_at_m1, joint_handling, key, person, rules};

const DUTY: Option<OfficerRole> = Some(OfficerRole::DutyOfficer);
const LEADER: Option<OfficerRole> = Some(OfficerRole::ShiftLeader);

fn proposal(number: u128, intent: Intent) -> Proposal {
    Proposal {
        key: key(number),
        officer: OfficerId::from("li.na"),
        occurred_at: after(i64::try_from(number).expect("small")),
        intent,
        basis: None,
    }
}

/// A step with the reason that the table may ask for.
fn act(number: u128, action: Action) -> Proposal {
    let intent = Intent::Act {
        incident: incident_at_m1(S::Filed).id,
        action,
        reason: Some("无法施工".to_owned()),
    };
    proposal(number, intent)
}

fn send(number: u128, to: u32) -> Proposal {
    let intent = Intent::SendOrder {
        incident: incident_at_m1(S::Filed).id,
        to: PersonId(to),
        instruction: "请处置".to_owned(),
        override_reason: None,
    };
    proposal(number, intent)
}

fn withdraw(number: u128, order: OrderId) -> Proposal {
    let intent = Intent::WithdrawOrder {
        incident: incident_at_m1(S::Filed).id,
        order,
        reason: "换人".to_owned(),
    };
    proposal(number, intent)
}

/// The roster has person 1 alone.
fn street() -> Situation {
    let mut situation = Situation::default();
    situation.people.insert(PersonId(1), person(1));
    situation
}

fn seen_by<'p>(
    incident: &Incident,
    proposals: &'p [Proposal],
    role: Option<OfficerRole>,
) -> Vec<Foreseen<'p>> {
    let pending = proposals.iter().map(|proposal| Pending {
        proposal,
        role,
        is_accepted: false,
    });
    foresee(incident, &street(), &rules(), pending)
}

fn states(from: IncidentState, proposals: &[Proposal]) -> Vec<IncidentState> {
    let foreseen = seen_by(&incident_at_m1(from), proposals, DUTY);
    foreseen.iter().map(|one| one.incident.state).collect()
}

#[test]
fn each_step_stands_on_the_one_before_it() {
    let whole = [
        act(1, Action::Suspend),
        act(2, Action::Resume),
        act(3, Action::Suspend),
    ];
    let expected = [S::Suspended, S::Dispatched, S::Suspended];
    assert_eq!(states(S::Dispatched, &whole), expected);
    let before = incident_at_m1(S::Dispatched);
    let foreseen = seen_by(&before, &whole, DUTY);
    let last = foreseen.last().expect("three");
    assert_eq!(last.proposal.key, key(3));
    assert_eq!(last.incident.steps, before.steps + 3);
    assert_eq!(last.steps[0].step, before.steps + 3);
    assert_eq!(last.steps[0].by, Actor::Officer("li.na".into()));
    assert_eq!(last.incident.suspended_from, Some(S::Dispatched));
    assert_eq!(last.incident.state_since, after(3));
}

#[test]
fn it_ends_at_the_first_that_is_not_legal() {
    let blocked = [
        act(1, Action::Suspend),
        act(2, Action::Close),
        act(3, Action::Resume),
    ];
    assert_eq!(states(S::Filed, &blocked), [S::Suspended]);
    let mut bare = act(1, Action::Suspend);
    if let Intent::Act { reason, .. } = &mut bare.intent {
        *reason = None;
    }
    assert_eq!(states(S::Filed, &[bare]), [], "it says no reason");
}

#[test]
fn what_the_backend_has_accepted_may_be_in_the_picture_already() {
    let (filed, suspended) = (act(1, Action::Verify), act(2, Action::Suspend));
    let pending = [(&filed, true), (&suspended, false)].map(|(proposal, is_accepted)| Pending {
        proposal,
        role: DUTY,
        is_accepted,
    });
    let foreseen = foresee(&incident_at_m1(S::Filed), &street(), &rules(), pending);
    let keys: Vec<_> = foreseen.iter().map(|one| one.proposal.key).collect();
    assert_eq!(keys, [key(2)]);
}

#[test]
fn who_is_sent_brings_the_matter_to_the_field_and_back_when_called_back() {
    for (from, steps) in [
        (S::Reported, 3),
        (S::PendingFile, 2),
        (S::Filed, 1),
        (S::Dispatched, 1),
    ] {
        let sent = [send(1, 1)];
        let foreseen = seen_by(&incident_at_m1(from), &sent, DUTY);
        assert_eq!(foreseen[0].steps.len(), steps, "{from:?}");
        assert_eq!(foreseen[0].incident.state, S::Dispatched);
        assert_eq!(foreseen[0].incident.orders, [key(1)]);
    }
    assert_eq!(states(S::Filed, &[send(1, 2)]), [], "not in the roster");
    assert_eq!(states(S::Suspended, &[send(1, 1)]), []);
    let called_back = [send(1, 1), withdraw(2, key(1))];
    assert_eq!(states(S::Reported, &called_back), [S::Dispatched, S::Filed]);
}

#[test]
fn an_order_that_the_matter_knows_nothing_of_is_taken_back_alone() {
    let both = [withdraw(1, key(9)), act(2, Action::Resume)];
    let foreseen = seen_by(&incident_at_m1(S::Suspended), &both, DUTY);
    assert_eq!(foreseen.len(), 2);
    assert!(foreseen[0].steps.is_empty());
    let is_of_the_hall = [proposal(
        1,
        Intent::LogDuty {
            text: "断网".to_owned(),
        },
    )];
    let foreseen = seen_by(&incident_at_m1(S::Filed), &is_of_the_hall, DUTY);
    assert_eq!(foreseen[0].incident, incident_at_m1(S::Filed));
}

#[test]
fn nobody_is_sent_past_the_returner() {
    let returned = [act(1, Action::Return), send(2, 1)];
    assert_eq!(states(S::Filed, &returned), [S::PendingFile]);
    let verified = [act(1, Action::Return), act(2, Action::Verify), send(3, 1)];
    let expected = [S::Reported, S::PendingFile, S::Dispatched];
    assert_eq!(states(S::PendingFile, &verified), expected);
}

#[test]
fn the_role_decides_and_an_unknown_one_hinders_nobody() {
    let matter = incident_at_m1(S::Filed);
    let watched = [act(1, Action::Supervise)];
    let is_foreseen = |role| !seen_by(&matter, &watched, role).is_empty();
    assert!(is_foreseen(LEADER) && is_foreseen(None));
    assert!(!is_foreseen(DUTY));
}

#[test]
fn in_a_joint_handling_the_department_of_the_post_leads_or_waits_for_the_lead() {
    let (rules, matter) = joint_handling();
    let mut situation = street();
    let mut police = person(2);
    police.post = crate::people::Post::Police;
    situation.people.insert(police.id, police);
    let foreseen = |proposals: &[Proposal]| -> Vec<(usize, usize)> {
        let pending = proposals.iter().map(|proposal| Pending {
            proposal,
            role: DUTY,
            is_accepted: false,
        });
        let foreseen = foresee(&matter, &situation, &rules, pending);
        let orders = foreseen.iter().map(|one| &one.incident);
        orders
            .map(|i| (i.orders.len(), i.assisting.len()))
            .collect()
    };
    assert_eq!(foreseen(&[send(1, 1), send(2, 2)]), [(1, 0), (1, 1)]);
    assert_eq!(foreseen(&[send(2, 2)]), []);
}
