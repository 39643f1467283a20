//! The people at a hall's desks: they send people out, write notes, take orders back, click twice,
//! click again when something failed, and decide about what was refused.

use std::sync::Arc;
use std::time::Duration;

use domain::trail::Action;
use domain::{IncidentId, Intent, IntentKey, Proposal, Timestamp};
use protocol::commands::Withdrawal;
use protocol::http::SignIn;
use sync_engine::OutboxError;
use testkit::builders;

use crate::authority::{Authority, opening};
use crate::dice::Dice;
use crate::hall::{Hall, Process};
use crate::ledger::{Dropped, LaneId};

/// How many of a thousand proposals are new matters, taken in by telephone.
const NEW_MATTERS_PERMILLE: u64 = 80;

/// How many of a thousand are entries of the duty log.
const DUTY_LOG_PERMILLE: u64 = 70;

/// A time may be off by so many milliseconds: what an answer on a slow line comes late, and what a
/// clock may be set by unnoticed.
const MOST_OFF_MS: i64 = 8_000;

/// One desk.
#[derive(Debug)]
pub struct Desk {
    pub(crate) hall: Arc<Hall>,
    pub(crate) dice: Dice,
    /// What was clicked on without an answer; the same proposal is still on the screen.
    unanswered: Option<Proposal>,
}

impl Desk {
    /// A desk of a hall.
    pub const fn new(hall: Arc<Hall>, dice: Dice) -> Self {
        Self {
            hall,
            dice,
            unanswered: None,
        }
    }

    /// Works until the trouble is over.
    pub async fn work(mut self) {
        loop {
            let most = self.hall.world.recipe.click_gap_ms;
            tokio::time::sleep(self.dice.millis(300, most)).await;
            if !self.hall.world.is_stormy.get() {
                return;
            }
            if let Some(process) = self.hall.process() {
                self.do_something(&process).await;
            }
        }
    }

    /// Has one matter in hand in which everything happens at once: wishes one thing about it after the
    /// other, for so long.
    pub async fn hurry(mut self, how_long: Duration) {
        let timeline = self.hall.world.timeline;
        let over = timeline.elapsed() + how_long;
        let mut in_hand = None;
        loop {
            tokio::time::sleep(self.dice.millis(200, 1_200)).await;
            if timeline.elapsed() >= over {
                return;
            }
            let Some(process) = self.hall.process() else {
                continue;
            };
            let open = open_incidents(&process);
            in_hand = in_hand.or_else(|| self.dice.pick(&open).copied());
            let Some(incident) = in_hand.filter(|id| open.contains(id)) else {
                continue;
            };
            let key = self.hall.mint();
            if let Some(proposal) = self.compose_about(&process, key, incident).await {
                self.click(&process, proposal, false).await;
            }
        }
    }

    async fn do_something(&mut self, process: &Process) {
        if process.engine.officer().is_none() {
            let officers = self.hall.officers();
            let who = officers[self.dice.below(2) as usize].clone();
            return sign_in(process, who).await;
        }
        match self.dice.below(100) {
            0..=9 => {
                if let Some(mut proposal) = self.unanswered.take() {
                    if self.hall.has_lost_form(proposal.key) {
                        return;
                    }
                    // It is the same wish; the screen has moved on.
                    let basis = self.basis(process, &proposal.intent).await;
                    let versions = basis.as_ref().zip(proposal.basis.as_ref());
                    if versions.is_some_and(|(now, then)| now.seen.is_of_other_matter(&then.seen)) {
                        // What it was about is no longer on the screen.
                        return;
                    }
                    proposal.basis = basis;
                    self.note_look(proposal.key, process);
                    self.note_matter(&proposal);
                    self.click(process, proposal, false).await;
                }
            }
            10..=56 => self.propose(process).await,
            57..=59 => self.hand_over(process).await,
            60..=74 => self.take_back(process).await,
            75..=91 => self.decide_about_parked(process).await,
            92..=95 => {
                let officers = self.hall.officers();
                let who = officers[self.dice.below(2) as usize].clone();
                sign_in(process, who).await;
            }
            _ => {
                // Whether the backend was told is its own matter.
                process.life.during(process.engine.sign_out()).await;
                process.sessions.left();
            }
        }
    }

    async fn propose(&mut self, process: &Process) {
        let Some(proposal) = self.compose(process).await else {
            return;
        };
        let twice = self.dice.permille(200);
        self.click(process, proposal, twice).await;
    }

    /// The proposal that the screen shows, with the key of its intent.
    async fn compose(&self, process: &Process) -> Option<Proposal> {
        let officer = process.engine.officer()?.id;
        let key = self.hall.mint();
        let mark = format!("mark {key}");
        if self.dice.permille(NEW_MATTERS_PERMILLE) {
            let proposal = Proposal {
                key,
                officer,
                occurred_at: self.now(process),
                intent: self.new_matter(key, mark),
                basis: None,
            };
            self.note(&proposal, process);
            return Some(proposal);
        }
        if self.dice.permille(DUTY_LOG_PERMILLE) {
            let proposal = Proposal {
                key,
                officer,
                occurred_at: self.now(process),
                intent: Intent::LogDuty { text: mark },
                basis: None,
            };
            self.note(&proposal, process);
            self.note_matter(&proposal);
            return Some(proposal);
        }
        let incident = *self.dice.pick(&open_incidents(process))?;
        self.compose_about(process, key, incident).await
    }

    /// What the officer wants about one matter.
    async fn compose_about(
        &self,
        process: &Process,
        key: IntentKey,
        incident: IncidentId,
    ) -> Option<Proposal> {
        let officer = process.engine.officer()?.id;
        let mark = format!("mark {key}");
        let intent = match self.dice.below(20) {
            0 => Intent::SetMode {
                mode: domain::intents::Mode::Normal,
                is_drill: self.dice.permille(500),
            },
            1..=9 => Intent::SendOrder {
                incident,
                // Some are sent to nobody of the street, which the backend refuses.
                to: match self.dice.below(12) {
                    0 => domain::PersonId(9_999),
                    _ => Authority::person(self.dice.roll()),
                },
                instruction: mark,
                override_reason: None,
            },
            _ => Intent::Act {
                incident,
                action: Action::Note {
                    text: "简单记录".to_owned(),
                },
                reason: Some(mark),
            },
        };
        let proposal = Proposal {
            key,
            officer,
            occurred_at: self.now(process),
            basis: self.basis(process, &intent).await,
            intent,
        };
        self.note(&proposal, process);
        self.note_matter(&proposal);
        Some(proposal)
    }

    /// Somebody is on the telephone.
    fn new_matter(&self, key: IntentKey, mark: String) -> Intent {
        let mut matter = builders::new_matter();
        matter.title = mark;
        if self.dice.below(6) == 0 {
            // Some are of a category that the backend does not know, which it refuses.
            matter.category = "E98.98".parse().expect("a code");
        }
        domain::new_matter::intent_of(key, Box::new(matter))
    }

    /// The time that the screen shows. Once it has been measured it is right, whatever becomes of the
    /// clock and the line.
    pub(crate) fn now(&self, process: &Process) -> Timestamp {
        let (hall, now) = (&self.hall, process.engine.now());
        let off_ms = now.ms_since(hall.world.timeline.now());
        let was_measured = hall
            .world
            .traffic(|traffic| traffic.manners().was_up(hall.number));
        if was_measured && off_ms.abs() > MOST_OFF_MS {
            hall.broken(format!(
                "its time is off by {off_ms} ms when something is wished"
            ));
        }
        now
    }

    /// Notes a wish that is about to be clicked on.
    pub(crate) fn note(&self, proposal: &Proposal, process: &Process) {
        // A matter that was shown without a number has that one queue.
        let lane = match proposal.lane() {
            LaneId::Incident(id) => process.engine.read(|picture| {
                let shown = picture.situation.incidents.get(&id);
                let provisional = shown.and_then(|incident| incident.particulars.provisional);
                LaneId::Incident(provisional.unwrap_or(id))
            }),
            other => other,
        };
        let parked = self.hall.parked(&lane);
        let (authority, key) = (&self.hall.world.authority, proposal.key);
        authority.ledger(|ledger| {
            ledger.compose(self.hall.number, key, lane, &proposal.intent, parked);
        });
        self.note_look(key, process);
    }

    pub(crate) fn note_matter(&self, proposal: &Proposal) {
        let authority = &self.hall.world.authority;
        authority.ledger(|ledger| ledger.is_about(proposal));
    }

    /// Notes whether the screen lacked something that it had shown before.
    fn note_look(&self, key: IntentKey, process: &Process) {
        let is_behind = self.hall.seen(|seen| seen.catching_up_to.is_some());
        let is_empty = process
            .engine
            .read(|picture| picture.reference_version == 0);
        let authority = &self.hall.world.authority;
        authority.ledger(|ledger| ledger.looked(key, is_behind || is_empty));
    }

    async fn click(&mut self, process: &Process, proposal: Proposal, twice: bool) {
        let (engine, authority) = (&process.engine, &self.hall.world.authority);
        let lane =
            authority.ledger(|ledger| ledger.get(proposal.key).map(|wish| wish.lane.clone()));
        let parked = lane.map(|lane| self.hall.parked(&lane)).unwrap_or_default();
        authority.ledger(|ledger| ledger.clicked(proposal.key, parked));
        let clicks = async {
            let first = engine.commit(proposal.clone());
            if !twice {
                return (first.await, None);
            }
            let (first, second) = tokio::join!(first, engine.commit(proposal.clone()));
            (first, Some(second))
        };
        let Some((first, second)) = process.life.during(clicks).await else {
            self.unanswered = Some(proposal);
            return;
        };
        if matches!((&first, &second), (Ok(true), Some(Ok(true)))) {
            self.hall
                .broken(format!("two clicks on {} were two wishes", proposal.key));
        }
        for answer in std::iter::once(first).chain(second) {
            self.answered(&proposal, answer);
        }
    }

    fn answered(&mut self, proposal: &Proposal, answer: Result<bool, OutboxError>) {
        let ledger = &self.hall.world.authority;
        self.tell(format_args!("clicked on {proposal:?}: {answer:?}"));
        match answer {
            Ok(is_new) => {
                ledger.ledger(|ledger| ledger.promised(proposal.key, is_new));
                self.hall.remember_order(&proposal.intent, proposal.key);
            }
            Err(OutboxError::Store(_)) => {
                ledger.ledger(|ledger| ledger.not_taken(proposal.key));
                self.unanswered = Some(proposal.clone());
            }
            // Somebody else at the desks has decided about it meanwhile.
            Err(OutboxError::GivenUp) if self.hall.is_given_up(proposal) => {}
            Err(error) => self
                .hall
                .broken(format!("{} was not taken: {error}", proposal.key)),
        }
    }

    async fn take_back(&mut self, process: &Process) {
        let (Some((incident, order)), Some(officer)) =
            (self.hall.some_order(&self.dice), process.engine.officer())
        else {
            return;
        };
        let key = self.hall.mint();
        let intent = Intent::WithdrawOrder {
            incident,
            order,
            reason: format!("mark {key}"),
        };
        let withdrawal = Proposal {
            key,
            officer: officer.id,
            occurred_at: self.now(process),
            basis: self.basis(process, &intent).await,
            intent,
        };
        self.note(&withdrawal, process);
        self.note_matter(&withdrawal);
        self.hall.seen(|seen| seen.begin_taking_back(order));
        let asked = process.engine.withdraw(order, withdrawal);
        let answer = process.life.during(asked).await;
        self.tell(format_args!("took {order} back: {answer:?}"));
        match answer {
            None => self.dropped(order, Dropped::Perhaps),
            Some(Ok(Withdrawal::Dropped)) => self.dropped(order, Dropped::Yes),
            // The one that is queued may be that of another click, so nothing is promised about
            // this key: it is carried out once or not at all.
            Some(Ok(Withdrawal::Queued) | Err(_)) => {}
        }
        self.hall.seen(|seen| seen.end_taking_back(order));
    }

    pub(crate) fn tell(&self, what: std::fmt::Arguments<'_>) {
        self.hall.world.tell(self.hall.number, what);
    }

    pub(crate) fn dropped(&self, order: domain::IntentKey, how: Dropped) {
        let authority = &self.hall.world.authority;
        authority.ledger(|ledger| ledger.dropped(order, how));
        self.hall.seen(|seen| seen.forget(order));
    }
}

fn open_incidents(process: &Process) -> Vec<IncidentId> {
    process.engine.read(|picture| {
        let incidents = picture.situation.incidents.values();
        incidents.map(|incident| incident.id).collect()
    })
}

/// An officer sits down at a desk; where that fails, somebody tries again later.
pub async fn sign_in(process: &Process, officer: domain::OfficerId) {
    let before = process.sessions.count(&officer);
    let sign_in = SignIn {
        officer: officer.clone(),
        pin: opening::PIN.to_owned(),
    };
    let signed_in = process.life.during(process.engine.sign_in(sign_in)).await;
    if matches!(signed_in, Some(Ok(_))) {
        process.sessions.seated(&officer, before);
    }
}
