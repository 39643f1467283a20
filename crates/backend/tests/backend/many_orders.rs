//! Orders to several people, a grid or a group by one act: each once, and whoever gets none spoils
//! nothing for the others.

use domain::addressees::{Addressee, Addressees, NotAddressed, order_key};
use domain::admission::NotAdmitted;
use domain::people::Post;
use domain::trail::{Action, OfficerRole};
use domain::{Incident, IncidentId, IncidentState, Intent, OrderState, PersonId, Situation};
use protocol::ErrorCode;
use protocol::http::{FieldOrders, paths};
use protocol::seed::Seed;
use testkit::{Caller, Fault, FaultProxy, RunningBackend, builders};

const NOT_LISTED: Option<NotAddressed> = Some(NotAddressed::NotAdmitted {
    why: NotAdmitted::NotOnList,
});

struct Street {
    running: RunningBackend,
    hall: Caller,
    officer: Caller,
    incident: IncidentId,
}

impl Street {
    async fn of(seed: Seed) -> Self {
        let running = RunningBackend::start_with(seed);
        let hall = running.hall();
        let report = builders::report(1, running.clock.now());
        let taken = running.field().report(&report).await.expect("taken");
        Self {
            officer: hall.sign_in(OfficerRole::DutyOfficer).await,
            hall,
            incident: taken.incident,
            running,
        }
    }

    async fn situation(&self) -> Situation {
        self.hall.snapshot().await.situation
    }

    async fn incident(&self) -> Incident {
        self.situation().await.incidents[&self.incident].clone()
    }

    fn send(&self, to: Addressees, override_reason: Option<&str>) -> Intent {
        Intent::SendOrders {
            incident: self.incident,
            to,
            instruction: "请到现场处置".to_owned(),
            override_reason: override_reason.map(str::to_owned),
        }
    }
}

/// 1 and 2 at the micro grid, 2 and 3 in the flood team, 3 a policeman, 4 off duty at the micro
/// grid, 5 nowhere.
fn seed() -> Seed {
    let mut seed = builders::seed();
    let micro = seed.reference.grids[2].code.clone();
    for number in [0, 1, 3] {
        seed.people[number].home_grid = Some(micro.clone());
    }
    for number in [1, 2] {
        seed.people[number].groups = vec!["flood".into()];
    }
    seed.people[2].post = Post::Police;
    seed.people[3].shift.from_minute = 20 * 60;
    seed.people[3].shift.to_minute = 8 * 60;
    seed
}

fn verdicts(addressees: &[Addressee]) -> Vec<(u32, Option<NotAddressed>)> {
    addressees
        .iter()
        .map(|a| (a.person.0, a.not_sent))
        .collect()
}

fn several(numbers: &[u32]) -> Addressees {
    Addressees::Several(numbers.iter().copied().map(PersonId).collect())
}

#[tokio::test]
async fn each_of_several_gets_an_order_and_who_may_not_is_left_out() {
    let street = Street::of(seed()).await;
    let intent = street.send(several(&[5, 1, 3, 99]), None);
    let proposal = builders::proposal(1, intent);
    let receipt = street.officer.propose(&proposal).await.expect("sent");
    assert_eq!(
        verdicts(&receipt.addressees),
        [
            (1, None),
            (3, NOT_LISTED),
            (5, None),
            (99, Some(NotAddressed::NotInRoster)),
        ]
    );
    let situation = street.situation().await;
    let keys = [1, 5].map(|number| order_key(builders::key(1), PersonId(number)));
    assert_eq!(situation.orders.len(), 2);
    for (key, to) in keys.iter().zip([1, 5]) {
        assert_eq!(situation.orders[key].to, PersonId(to));
        assert_eq!(situation.orders[key].state(), OrderState::Sent);
    }
    let incident = &situation.incidents[&street.incident];
    assert_eq!(
        (incident.state, &incident.orders[..]),
        (IncidentState::Dispatched, &keys[..])
    );
    let path = paths::INCIDENT_TRAIL.replace("{id}", &street.incident.to_string());
    let trail: Vec<domain::trail::TrailEntry> = street.hall.get(&path).await.expect("a trail");
    let dispatched = trail
        .iter()
        .filter(|e| matches!(e.action, Action::Dispatch { .. }));
    assert_eq!(
        (trail.len(), dispatched.count()),
        (5, 2),
        "report, verify, file, two orders"
    );
    let field: FieldOrders = street
        .running
        .field()
        .get(paths::FIELD_ORDERS)
        .await
        .expect("orders");
    assert_eq!(field.orders.len(), 2);
    street.running.backend.verify_chain().expect("whole");
}

#[tokio::test]
async fn a_grid_and_a_group_are_resolved_when_the_order_is_accepted() {
    let street = Street::of(seed()).await;
    let community = builders::reference().grids[0].code.clone();
    let grid = builders::proposal(1, street.send(Addressees::Grid(community), None));
    let receipt = street.officer.propose(&grid).await.expect("sent");
    assert_eq!(
        verdicts(&receipt.addressees),
        [(1, None), (2, None), (4, Some(NotAddressed::OffDuty))]
    );
    let group = street.send(Addressees::Group("flood".into()), Some("汛情紧急"));
    let receipt = street
        .officer
        .propose(&builders::proposal(2, group))
        .await
        .expect("sent");
    assert_eq!(
        verdicts(&receipt.addressees),
        [(2, Some(NotAddressed::OnTheWayAlready)), (3, None)]
    );
    let situation = street.situation().await;
    let of_police = &situation.orders[&order_key(builders::key(2), PersonId(3))];
    assert_eq!(of_police.override_reason.as_deref(), Some("汛情紧急"));
    assert_eq!(street.incident().await.orders.len(), 3);
}

#[tokio::test]
async fn lost_answers_and_repeats_lead_to_one_order_for_each() {
    let street = Street::of(seed()).await;
    let proxy = FaultProxy::start(street.running.address());
    let officer = Caller::new(proxy.base_url(), "")
        .with_key(street.running.backend.hall_key())
        .sign_in(OfficerRole::DutyOfficer)
        .await;
    let proposal = builders::proposal(1, street.send(several(&[1, 2]), None));
    let body = serde_json::to_vec(&proposal).expect("json");
    proxy.next([Fault::LoseResponse, Fault::CutResponse, Fault::Repeat]);
    let version = protocol::PROTOCOL_VERSION.to_string();
    for _ in 0..3 {
        officer
            .raw(
                reqwest::Method::POST,
                paths::PROPOSALS,
                &version,
                body.clone(),
            )
            .await
            .ok();
    }
    // The roster changes in between; the replay still gets the first receipt.
    let first = street.officer.propose(&proposal).await.expect("again");
    assert_eq!(verdicts(&first.addressees), [(1, None), (2, None)]);
    assert_eq!(street.situation().await.orders.len(), 2);
    assert_eq!(street.incident().await.steps, 5);
}

#[tokio::test]
async fn an_act_that_orders_nobody_is_refused_and_uses_nothing_up() {
    let street = Street::of(seed()).await;
    let before = street.hall.snapshot().await.cursor;
    let cases = [
        (several(&[]), ErrorCode::BadRequest),
        (Addressees::Grid("nowhere".into()), ErrorCode::BadRequest),
        (Addressees::Group("nobody".into()), ErrorCode::BadRequest),
        (
            several(&(1..=501).collect::<Vec<_>>()),
            ErrorCode::BadRequest,
        ),
        (several(&[3]), ErrorCode::NotAllowedNow),
        (Addressees::One(PersonId(99)), ErrorCode::NotFound),
    ];
    for (to, code) in cases {
        let proposal = builders::proposal(1, street.send(to.clone(), None));
        let refused = street
            .officer
            .propose(&proposal)
            .await
            .expect_err("refused");
        assert_eq!(refused.code, code, "{to:?}: {}", refused.message);
        assert!(refused.message.contains(" / "), "{}", refused.message);
    }
    let mut blank = street.send(several(&[1]), None);
    if let Intent::SendOrders { instruction, .. } = &mut blank {
        instruction.clear();
    }
    let refused = street.officer.propose(&builders::proposal(1, blank)).await;
    assert_eq!(refused.expect_err("blank").code, ErrorCode::BadRequest);
    assert_eq!(street.hall.snapshot().await.cursor, before);
    let proposal = builders::proposal(1, street.send(several(&[1]), None));
    street.officer.propose(&proposal).await.expect("sent");
}
