//! The simulated field against a real backend: matters come in, people move, an order is lived
//! through to its end, a withdrawn one is given up.

use std::sync::Arc;
use std::time::Duration;

use backend::clock::RealClock;
use backend::{Backend, BackendConfig};
use demo_street::colleague::{self, ColleagueConfig};
use demo_street::field::{self, FieldConfig, Gateway};
use demo_street::plan::Plan;
use demo_street::seed::{SHIPPED_SEED, key, officers, seed};
use domain::OrderState::{Accepted, Arrived, Delivered, Done, Queued, Read, Sent};
use domain::intents::{Intent, Proposal};
use domain::{
    Incident, IncidentId, IncidentState, Order, OrderId, OrderState, PersonId, Situation,
};
use protocol::http::{Receipt, SignIn, SignedIn, Snapshot, paths};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

struct Town {
    url: String,
    backend: Backend,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Town {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        self.backend.stop();
    }
}

async fn town(speed: f64) -> Town {
    let backend = tokio::task::spawn_blocking(|| {
        let rules = rules::shipped().expect("the shipped rules load");
        let clock = Arc::new(RealClock);
        let now = backend::clock::Clock::now(&*clock);
        let seed = seed(&Plan::generate(SHIPPED_SEED), &rules, now);
        let config = BackendConfig {
            seed: Some(seed),
            clock,
            ..BackendConfig::in_memory(rules)
        };
        Backend::open(config).expect("opens")
    })
    .await
    .expect("made");
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let serving = backend.clone();
    let serve = tokio::spawn(async move {
        serving.serve(listener).await.expect("serves");
    });
    let field = tokio::spawn(field::run(FieldConfig {
        backend_url: url.clone(),
        field_key: backend.field_key().to_owned(),
        seed: SHIPPED_SEED,
        speed,
    }));
    Town {
        url,
        backend,
        tasks: vec![serve, field],
    }
}

impl Town {
    fn hall(&self) -> Gateway {
        Gateway::new(&self.url, self.backend.hall_key()).expect("a gateway")
    }

    async fn desk(&self) -> Gateway {
        let seeded = officers().remove(0);
        let sign_in = SignIn {
            officer: seeded.officer.id,
            pin: seeded.pin,
        };
        let signed_in: SignedIn = self
            .hall()
            .post(paths::SIGN_IN, &sign_in)
            .await
            .expect("signs in");
        self.hall().with_key(&signed_in.token)
    }

    async fn picture(&self) -> Situation {
        let snapshot: Snapshot = self
            .hall()
            .get(paths::SNAPSHOT, 0)
            .await
            .expect("a snapshot");
        snapshot.situation
    }

    /// Waits until `seen` finds what it looks for; two minutes are far more than it takes.
    async fn until<T>(&self, what: &str, mut seen: impl FnMut(&Situation) -> Option<T>) -> T {
        for _ in 0..600 {
            if let Some(found) = seen(&self.picture().await) {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("never saw {what}");
    }
}

/// Somebody on duty, with a position, whose post may be charged with the matter.
fn responder(picture: &Situation, incident: &Incident, now: domain::Timestamp) -> Option<PersonId> {
    let rules = rules::shipped().expect("the shipped rules load");
    let posts = &rules.category(incident.category)?.posts;
    let mut fit: Vec<_> = picture
        .people
        .values()
        .filter(|p| posts.contains(&p.post) && p.shift.covers(now))
        .filter(|p| picture.open_orders_of(p.id).next().is_none())
        .filter_map(|p| {
            let fix = picture.positions.get(&p.id)?;
            Some((fix.location.distance_m(incident.location), p.id))
        })
        .collect();
    fit.sort_by(|a, b| a.0.total_cmp(&b.0));
    fit.first().map(|(_, id)| *id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_lived_through_and_matters_come_in() {
    let town = town(400.0).await;
    let before = town.picture().await;
    town.until("a new matter", |now| {
        now.incidents
            .keys()
            .any(|id| !before.incidents.contains_key(id))
            .then_some(())
    })
    .await;
    town.until("people who moved", |now| {
        let moved = now.positions.iter().filter(|(person, fix)| {
            before
                .positions
                .get(person)
                .is_none_or(|old| old.location != fix.location)
        });
        (moved.count() > 60).then_some(())
    })
    .await;
    let desk = town.desk().await;
    let mut dice = demo_street::dice::Dice::new(5, "test");
    // An order may be refused, as in life; then somebody else is sent.
    for attempt in 1.. {
        let (incident, end) = send_somebody(&town, &desk, key(&mut dice)).await;
        if end.state() == OrderState::Refused && attempt < 6 {
            assert!(
                end.stamps.last().is_some_and(|s| s.note.is_some()),
                "without a reason"
            );
            continue;
        }
        let lived: Vec<OrderState> = end.stamps.iter().map(|stamp| stamp.state).collect();
        assert_eq!(
            lived,
            [Queued, Sent, Delivered, Read, Accepted, Arrived, Done]
        );
        assert!(end.stamps.windows(2).all(|pair| pair[0].at <= pair[1].at));
        let goal = town.picture().await.incidents[&incident].location;
        let there = end.stamps[5].location.expect("where");
        assert!(
            there.distance_m(goal) < 60.0,
            "arrived {} m away",
            there.distance_m(goal)
        );
        return;
    }
}

/// Sends somebody to a matter that waits, and returns the order as it ended.
async fn send_somebody(town: &Town, desk: &Gateway, order: OrderId) -> (IncidentId, Order) {
    let (incident, to, now) = loop {
        let now = town.hall().hello().await.expect("hello").now;
        let picture = town.picture().await;
        let found = picture
            .incidents
            .values()
            .filter(|i| i.state.awaits_dispatch())
            .find_map(|i| Some((i.id, responder(&picture, i, now)?)));
        if let Some((incident, to)) = found {
            break (incident, to, now);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let proposal = Proposal {
        key: order,
        officer: officers().remove(0).officer.id,
        occurred_at: now,
        intent: Intent::SendOrder {
            incident,
            to,
            instruction: "请处置".to_owned(),
            override_reason: None,
        },
        basis: None,
    };
    let _receipt: Receipt = desk.post(paths::PROPOSALS, &proposal).await.expect("sent");
    let end = town
        .until("the end of the order", |now| {
            now.orders
                .get(&order)
                .filter(|order| order.state().is_final())
                .cloned()
        })
        .await;
    (incident, end)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withdrawn_order_is_given_up_and_the_colleague_works_on() {
    let mut town = town(120.0).await;
    let desk = town.desk().await;
    let mut dice = demo_street::dice::Dice::new(9, "test");
    let officer = officers().remove(0).officer.id;
    let now = town.hall().hello().await.expect("hello").now;
    let (incident, to) = town
        .until("a matter that waits", |picture| {
            let waiting = picture
                .incidents
                .values()
                .filter(|i| i.state.awaits_dispatch());
            waiting
                .into_iter()
                .find_map(|i| Some((i.id, responder(picture, i, now)?)))
        })
        .await;
    let order = key(&mut dice);
    let propose = |intent, key| Proposal {
        key,
        officer: officer.clone(),
        occurred_at: now,
        intent,
        basis: None,
    };
    let send = propose(
        Intent::SendOrder {
            incident,
            to,
            instruction: "请处置".to_owned(),
            override_reason: None,
        },
        order,
    );
    let _sent: Receipt = desk.post(paths::PROPOSALS, &send).await.expect("sent");
    let withdraw = propose(
        Intent::WithdrawOrder {
            incident,
            order,
            reason: "改派".to_owned(),
        },
        key(&mut dice),
    );
    let _withdrawn: Receipt = desk
        .post(paths::PROPOSALS, &withdraw)
        .await
        .expect("withdrawn");
    let handled_before = town.picture().await;
    town.tasks
        .push(tokio::spawn(colleague::run(ColleagueConfig {
            backend_url: town.url.clone(),
            hall_key: town.backend.hall_key().to_owned(),
            seed: SHIPPED_SEED,
            speed: 120.0,
        })));
    town.until("something that the colleague did", |now| {
        let done = now.incidents.values().any(|i| {
            let then = handled_before.incidents.get(&i.id).map(|then| then.state);
            i.state == IncidentState::Closed && then == Some(IncidentState::Handled)
                || i.state == IncidentState::Dispatched
                    && then.is_some_and(IncidentState::awaits_dispatch)
        });
        done.then_some(())
    })
    .await;
    let end = town.picture().await.orders[&order].clone();
    assert_eq!(end.state(), OrderState::Withdrawn);
}
