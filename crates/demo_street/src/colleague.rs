//! The colleague at the second desk: a simulated duty officer who works through what nobody has
//! taken up, so that the demo street does not drown while a visitor looks around.
//!
//! Like the field, the colleague is a client of the backend: signs in as a named officer, follows
//! the change log, and sends proposals that are decided like anybody's. New matters are left alone
//! for a few minutes first, some for long, so that there is always something to do.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::clocks::LimitUnit;
use domain::crowd::{best_offered, by_least_time};
use domain::dispatch::{Matter, Responder};
use domain::intents::{Intent, Proposal};
use domain::roads::RoadGraph;
use domain::roster::Roster;
use domain::situation::Situation;
use domain::trail::Action;
use domain::{Incident, IncidentId, IncidentState, OfficerId, PersonId, Timestamp};
use protocol::Reference;
use protocol::http::{ChangeBody, Changes, Positions, Receipt, SignIn, SignedIn, Snapshot, paths};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::dice::Dice;
use crate::field::{Gateway, GatewayError, TickClock};
use crate::seed::{COLLEAGUE, REWORKS, SUPERVISION_REPLY, key, officers};

/// How the colleague works.
#[derive(Clone, Debug)]
pub struct ColleagueConfig {
    /// Where the backend answers.
    pub backend_url: String,
    /// The hall's key.
    pub hall_key: String,
    /// Seed of the street.
    pub seed: u64,
    /// How many times faster than real the street lives.
    pub speed: f64,
}

const TICK: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_secs(3);

/// Works until the future is dropped. After a lost line everything is fetched anew.
pub async fn run(config: ColleagueConfig) {
    let gateway = match Gateway::new(&config.backend_url, &config.hall_key) {
        Ok(gateway) => gateway,
        Err(error) => {
            tracing::error!(%error, "the colleague cannot call the backend");
            return;
        }
    };
    loop {
        if let Err(error) = shift(&config, &gateway).await {
            tracing::debug!(%error, "the colleague begins anew");
        }
        sleep(PAUSE).await;
    }
}

/// Why a shift ended.
#[derive(Debug, thiserror::Error)]
enum ShiftError {
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    #[error("the roads of the street are unusable: {0}")]
    Roads(#[from] domain::roads::RoadNetworkError),
    #[error("the demo has no officer {COLLEAGUE}")]
    NoOfficer,
}

async fn shift(config: &ColleagueConfig, hall: &Gateway) -> Result<(), ShiftError> {
    let seeded = officers()
        .into_iter()
        .find(|o| o.officer.id.as_str() == COLLEAGUE);
    let seeded = seeded.ok_or(ShiftError::NoOfficer)?;
    let sign_in = SignIn {
        officer: seeded.officer.id.clone(),
        pin: seeded.pin,
    };
    let signed_in: SignedIn = hall.post(paths::SIGN_IN, &sign_in).await?;
    let desk = hall.with_key(&signed_in.token);
    let reference: Reference = hall.get(paths::REFERENCE, 0).await?;
    let snapshot: Snapshot = hall.get(paths::SNAPSHOT, 0).await?;
    let hello = hall.hello().await?;
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut clock = TickClock::new(ticks.tick().await, hello.now);
    let mut view = Desk {
        officer: seeded.officer.id,
        graph: RoadGraph::new(reference.roads.clone(), &reference.rules.travel)?,
        reference,
        situation: snapshot.situation,
        began_at: hello.now,
        speed: config.speed.clamp(0.01, 10_000.0),
        dice: Dice::new(
            config.seed ^ hello.now.unix_ms().unsigned_abs(),
            "colleague",
        ),
        not_before: hello.now,
        tried: BTreeMap::new(),
    };
    let mut cursor = snapshot.cursor;
    let mut positions = 0;
    loop {
        let tick = ticks.tick().await;
        clock.advance(tick);
        let changes: Changes = hall
            .get(&format!("{}?after={cursor}", paths::CHANGES), 0)
            .await?;
        for change in changes.changes {
            cursor = change.cursor;
            if let ChangeBody::Record(record) = change.body {
                view.situation.apply(record);
            }
        }
        clock.anchor(tick, changes.now);
        let moved: Positions = hall
            .get(&format!("{}?after={positions}", paths::POSITIONS), 0)
            .await?;
        positions = moved.cursor;
        follow(&mut view.situation, moved);
        let Some(proposal) = view.next(clock.now()) else {
            continue;
        };
        match desk.post::<Receipt>(paths::PROPOSALS, &proposal).await {
            Ok(_) => {}
            Err(error) if error.needs_sign_in() => return Err(error.into()),
            // Somebody else was faster, or the rules say no: the next picture will tell.
            Err(error) => tracing::debug!(%error, "a proposal of the colleague was not taken"),
        }
    }
}

/// Brings the picture to what the backend says of positions. A whole answer, as after a restart of
/// the backend, names nobody who is gone: whoever it leaves out is.
fn follow(situation: &mut Situation, moved: Positions) {
    if moved.is_whole {
        let there: BTreeSet<PersonId> = moved.fixes.iter().map(|fix| fix.person).collect();
        situation
            .positions
            .retain(|person, _| there.contains(person));
    }
    for person in moved.gone {
        situation.lose(person);
    }
    for fix in moved.fixes {
        situation.locate(fix);
    }
}

struct Desk {
    officer: OfficerId,
    graph: RoadGraph,
    reference: Reference,
    situation: Situation,
    began_at: Timestamp,
    speed: f64,
    dice: Dice,
    not_before: Timestamp,
    /// When a matter was last tried, so that an impossible one does not block the others.
    tried: BTreeMap<IncidentId, Timestamp>,
}

impl Desk {
    /// The next thing to do, if anything is ripe. One at a time: also a colleague needs a while.
    fn next(&mut self, now: Timestamp) -> Option<Proposal> {
        if now < self.not_before {
            return None;
        }
        let ripe = self
            .situation
            .incidents
            .values()
            .find(|incident| self.is_ripe(incident, now))?;
        let (id, state) = (ripe.id, ripe.state);
        self.tried.insert(id, now);
        self.not_before = now.plus_ms((self.dice.between(12_000.0, 40_000.0) / self.speed) as i64);
        let intent = match state {
            IncidentState::Handled => self.check(id),
            _ => self.send(id, now)?,
        };
        Some(Proposal {
            key: key(&mut self.dice),
            officer: self.officer.clone(),
            occurred_at: now,
            intent,
            basis: None,
        })
    }

    /// Whether a matter has waited long enough for somebody else, in the street's own time.
    fn is_ripe(&self, incident: &Incident, now: Timestamp) -> bool {
        let waits = incident.state.awaits_dispatch() || incident.state == IncidentState::Handled;
        if !waits {
            return false;
        }
        let since = incident.state_since.max(self.began_at);
        let since = self
            .tried
            .get(&incident.id)
            .map_or(since, |tried| since.max(*tried));
        let waited_min = now.ms_since(since) as f64 / 60_000.0 * self.speed;
        waited_min >= self.patience_min(incident)
    }

    fn patience_min(&self, incident: &Incident) -> f64 {
        let mut dice = Dice::new(incident.id.0, "patience");
        if incident.state == IncidentState::Handled {
            return dice.between(6.0, 40.0);
        }
        let rule = self.reference.rules.category(incident.category);
        let urgent = rule.is_some_and(|rule| {
            rule.limit.unit == LimitUnit::EmergencyHour && rule.limit.amount <= 2
        });
        match dice.unit() {
            // Left for the visitor for most of an hour.
            share if share < 0.25 => dice.between(35.0, 70.0),
            _ if urgent => dice.between(3.0, 9.0),
            _ => dice.between(6.0, 22.0),
        }
    }

    fn check(&mut self, incident: IncidentId) -> Intent {
        let shown = self.situation.incidents.get(&incident);
        if shown.is_some_and(|shown| shown.supervised) {
            // Closing waits for the answer to the leader.
            return Intent::Act {
                incident,
                action: Action::ReplyToSupervision {
                    text: SUPERVISION_REPLY.to_owned(),
                },
                reason: None,
            };
        }
        let failed = self.dice.chance(0.04);
        let reason = failed.then(|| (*self.dice.pick(REWORKS)).to_owned());
        let action = if failed {
            Action::Rework
        } else {
            Action::Close
        };
        Intent::Act {
            incident,
            action,
            reason,
        }
    }

    fn send(&self, id: IncidentId, now: Timestamp) -> Option<Intent> {
        let incident = self.situation.incidents.get(&id)?;
        let best = self.best(incident, now)?;
        Some(Intent::SendOrder {
            incident: id,
            to: best,
            instruction: format!("请到{}处置：{}", incident.address, incident.title),
            override_reason: None,
        })
    }

    /// The best responder by the domain's own judgement.
    fn best(&self, incident: &Incident, now: Timestamp) -> Option<PersonId> {
        let rules = &self.reference.rules;
        let roster = Roster::of(self.situation.people.values());
        let mode = self.situation.mode.session;
        let matter = Matter::new(incident, rules, &roster, mode, now);
        let people = self.situation.people.values();
        let responders = people.map(|person| Responder {
            person,
            fix: self.situation.positions.get(&person.id),
            open_orders: self.situation.open_orders_of(person.id).count() as u32,
            route: None,
        });
        let mut ways = self.graph.ways_by_mode(incident.location);
        let nearby = by_least_time(&self.graph, incident.location, responders);
        let best = best_offered(1, &matter, &mut ways, nearby);
        best.first().map(|best| best.person)
    }
}

#[cfg(test)]
mod tests {
    use domain::places::Crs;
    use domain::{LonLat, PositionFix};

    use super::*;

    fn fix(person: u32) -> PositionFix {
        PositionFix {
            person: PersonId(person),
            location: LonLat::new(104.1, 30.66),
            at: Timestamp::from_unix_ms(1_000),
            accuracy_m: 8.0,
            speed_mps: 0.0,
            heading_deg: 0.0,
            source_crs: Crs::default(),
            source: domain::PositionSource::default(),
        }
    }

    fn shown_after(answer: Positions) -> Vec<u32> {
        let mut situation = Situation::default();
        for person in [1, 2, 3] {
            situation.locate(fix(person));
        }
        follow(&mut situation, answer);
        situation.positions.keys().map(|person| person.0).collect()
    }

    #[test]
    fn who_is_gone_is_named_or_left_out_of_a_whole_answer() {
        let part = Positions {
            fixes: vec![fix(2), fix(4)],
            cursor: 7,
            gone: vec![PersonId(3)],
            is_whole: false,
        };
        let whole = Positions {
            gone: Vec::new(),
            is_whole: true,
            ..part.clone()
        };
        assert_eq!(shown_after(part), [1, 2, 4]);
        assert_eq!(shown_after(whole), [2, 4]);
    }
}
