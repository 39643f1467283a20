//! The people at a hall's desks: they send people out, write notes, take orders back, click twice,
//! click again when something failed, and decide about what was refused.

use std::sync::Arc;

use domain::trail::Action;
use domain::{IncidentId, Intent, IntentKey, Proposal};
use protocol::commands::Withdrawal;
use protocol::http::SignIn;
use sync_engine::outbox::queue::LaneId;
use sync_engine::store::proposals::Stage;
use sync_engine::{Clock, OutboxError};
use testkit::builders;

use crate::authority::Authority;
use crate::dice::Dice;
use crate::hall::{Hall, Process};
use crate::ledger::Dropped;

/// How many of a thousand proposals are new matters, taken in by telephone.
const NEW_MATTERS_PERMILLE: u64 = 80;

/// One desk.
#[derive(Debug)]
pub struct Desk {
    hall: Arc<Hall>,
    dice: Dice,
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
            if !*self.hall.world.is_stormy.borrow() {
                return;
            }
            if let Some(process) = self.hall.process() {
                self.do_something(&process).await;
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
                if let Some(proposal) = self.unanswered.take() {
                    self.click(process, proposal, false).await;
                }
            }
            10..=59 => self.propose(process).await,
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
            }
        }
    }

    async fn propose(&mut self, process: &Process) {
        let Some(proposal) = self.compose(process) else {
            return;
        };
        let twice = self.dice.permille(200);
        self.click(process, proposal, twice).await;
    }

    /// The proposal that the screen shows, with the key of its intent.
    fn compose(&self, process: &Process) -> Option<Proposal> {
        let officer = process.engine.officer()?.id;
        let key = self.hall.mint();
        let mark = format!("mark {key}");
        if self.dice.permille(NEW_MATTERS_PERMILLE) {
            let proposal = Proposal {
                key,
                officer,
                occurred_at: process.engine.now(),
                intent: self.new_matter(key, mark),
            };
            self.note(&proposal);
            return Some(proposal);
        }
        let incident = *self.dice.pick(&open_incidents(process))?;
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
            occurred_at: process.engine.now(),
            intent,
        };
        self.note(&proposal);
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

    fn note(&self, proposal: &Proposal) {
        let parked = self.hall.parked(proposal.intent.incident());
        let authority = &self.hall.world.authority;
        authority.ledger(|ledger| {
            ledger.compose(self.hall.number, proposal.key, &proposal.intent, parked);
        });
    }

    async fn click(&mut self, process: &Process, proposal: Proposal, twice: bool) {
        let engine = &process.engine;
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
                if matches!(proposal.intent, Intent::SendOrder { .. }) {
                    self.hall.remember(proposal.intent.incident(), proposal.key);
                }
            }
            Err(OutboxError::Store(_)) => {
                ledger.ledger(|ledger| ledger.not_taken(proposal.key));
                self.unanswered = Some(proposal.clone());
            }
            Err(error) => self
                .hall
                .broken(format!("{} was not taken: {error}", proposal.key)),
        }
    }

    async fn take_back(&mut self, process: &Process) {
        let (Some((lane, order)), Some(officer)) =
            (self.hall.some_order(&self.dice), process.engine.officer())
        else {
            return;
        };
        let Some(incident) = lane else { return };
        let key = self.hall.mint();
        let withdrawal = Proposal {
            key,
            officer: officer.id,
            occurred_at: self.hall.clock.now(),
            intent: Intent::WithdrawOrder {
                incident,
                order,
                reason: format!("mark {key}"),
            },
        };
        self.note(&withdrawal);
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
    }

    async fn decide_about_parked(&self, process: &Process) {
        let parked: Vec<_> = {
            let disk = self.hall.outbox_disk.lock();
            let disk = disk.expect("nothing panics while it holds this");
            let rows = disk.rows().proposals.values();
            rows.filter(|row| matches!(row.stage, Stage::Parked { .. }))
                .map(|row| {
                    let intent = &row.proposal.intent;
                    let is_report = matches!(intent, Intent::Report { .. });
                    (row.proposal.key, is_report.then(|| intent.incident()))
                })
                .collect()
        };
        let Some((key, reported)) = self.dice.pick(&parked).copied() else {
            return;
        };
        if self.dice.permille(400) {
            // Somebody else may have decided already.
            let tried = process.life.during(process.engine.retry_parked(key)).await;
            return self.tell(format_args!("tries {key} again: {tried:?}"));
        }
        // What waits behind a report goes with it, and may vanish before this desk hears of it.
        let gone = reported.map(|lane| self.give_up(lane));
        let answer = process.life.during(process.engine.drop_parked(key)).await;
        self.tell(format_args!("dropped {key}, with {gone:?}: {answer:?}"));
        let how = match answer {
            None => Dropped::Perhaps,
            Some(Ok(())) => Dropped::Yes,
            Some(Err(_)) => return,
        };
        self.dropped(key, how);
        if let Some(lane) = reported {
            let authority = &self.hall.world.authority;
            authority.ledger(|ledger| ledger.dropped_all(self.hall.number, lane, how));
        }
    }

    /// The officer gives up all that is wanted about a matter.
    fn give_up(&self, lane: LaneId) -> Vec<IntentKey> {
        let authority = &self.hall.world.authority;
        let wanted = authority.ledger(|ledger| ledger.about(self.hall.number, lane));
        self.hall.seen(|seen| {
            wanted.iter().for_each(|key| seen.forget(*key));
            lane.into_iter()
                .for_each(|matter| seen.forget_matter(matter));
        });
        wanted
    }

    fn tell(&self, what: std::fmt::Arguments<'_>) {
        self.hall.world.tell(self.hall.number, what);
    }

    fn dropped(&self, order: domain::IntentKey, how: Dropped) {
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
    let sign_in = SignIn {
        officer,
        pin: "135790".to_owned(),
    };
    process.life.during(process.engine.sign_in(sign_in)).await;
}
