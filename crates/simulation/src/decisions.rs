//! What officers decide about what was refused: try again or drop, and of a conflict send anyway,
//! change or drop; and what they take back before it has left. Some decide in the moment in which the
//! power fails.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::conflicts::{Basis, Wanted};
use domain::{Intent, IntentKey, OrderState, Proposal};
use protocol::ErrorCode;
use sync_engine::OutboxError;
use sync_engine::store::proposals::Stage;

use crate::authority::Authority;
use crate::desk::Desk;
use crate::hall::Process;
use crate::ledger::{Dropped, LaneId};
use crate::recipe::Trouble;

/// How many of a thousand decisions are about something that has not left.
const TAKEN_BACK_PERMILLE: u64 = 200;
/// How many of a thousand decisions are followed by a click on a form that stood open all the time.
const LATE_CLICKS_PERMILLE: u64 = 250;

/// Something parked.
#[derive(Debug, Clone)]
struct Parked {
    proposal: Proposal,
    /// Steps that the conflict shows; `None` where it is none.
    shown_steps: Option<u32>,
}

impl Desk {
    /// Decides about something that is parked.
    pub(crate) async fn decide_about_parked(&self, process: &Process) {
        if self.dice.permille(TAKEN_BACK_PERMILLE) {
            return self.take_back_unsent(process).await;
        }
        let parked = self.parked(process);
        let Some(parked) = self.dice.pick(&parked).cloned() else {
            return;
        };
        let key = parked.proposal.key;
        // Of two desks that look at the same card, one is quicker; both at once is tried elsewhere.
        if !self.hall.begin_deciding(key) {
            return;
        }
        match (self.dice.below(100), parked.shown_steps) {
            (0..=34, Some(steps)) => self.send_anyway(process, &parked, steps).await,
            (35..=59, Some(_)) => self.change(process, &parked).await,
            (0..=39, None) | (60..=64, _) => {
                let tried = process.life.during(process.engine.retry_parked(key)).await;
                self.tell(format_args!("tries {key} again: {tried:?}"));
            }
            _ => self.drop_proposal(process, &parked.proposal).await,
        }
        self.hall.end_deciding(key);
    }

    /// Takes back something that has not left, whoever wanted it.
    async fn take_back_unsent(&self, process: &Process) {
        let unsent: Vec<Proposal> = {
            let items = process.engine.picture().outbox;
            let can_drop = items
                .iter()
                .filter(|item| item.state == OrderState::Queued && item.can_drop)
                .map(|item| item.proposal.key);
            let can_drop: BTreeSet<IntentKey> = can_drop.collect();
            let disk = self.hall.outbox_disk.lock();
            let disk = disk.expect("nothing panics while it holds this");
            let rows = disk.rows().proposals.values();
            rows.filter(|row| can_drop.contains(&row.proposal.key))
                .map(|row| row.proposal.clone())
                .collect()
        };
        let Some(unsent) = self.dice.pick(&unsent).cloned() else {
            return;
        };
        if self.hall.begin_deciding(unsent.key) {
            self.drop_proposal(process, &unsent).await;
            self.hall.end_deciding(unsent.key);
        }
    }

    fn parked(&self, process: &Process) -> Vec<Parked> {
        let items = process.engine.picture().outbox;
        let disk = self.hall.outbox_disk.lock();
        let disk = disk.expect("nothing panics while it holds this");
        let rows = disk.rows().proposals.values();
        rows.filter_map(|row| {
            let Stage::Parked { code, .. } = row.stage else {
                return None;
            };
            let key = row.proposal.key;
            let shown = items.iter().find(|item| item.proposal.key == key);
            let conflict = shown.and_then(|item| item.conflict.as_ref());
            let shown_steps = conflict.map(|conflict| conflict.theirs.steps);
            Some(Parked {
                proposal: row.proposal.clone(),
                shown_steps: shown_steps.filter(|_| code == ErrorCode::Conflict),
            })
        })
        .collect()
    }

    async fn send_anyway(&self, process: &Process, parked: &Parked, steps: u32) {
        let Some(officer) = process.engine.officer() else {
            return;
        };
        let (old, key) = (&parked.proposal, self.hall.mint());
        let anyway = Proposal {
            key,
            officer: officer.id.clone(),
            ..old.clone()
        };
        self.note_instead(old.key, &anyway, process);
        let engine = &process.engine;
        let reason = "仍需派出".to_owned();
        let asked = engine.send_anyway(old.key, key, officer.id, steps, reason);
        let answer = process.life.during(asked).await;
        self.tell(format_args!(
            "sends {} anyway as {key}: {answer:?}",
            old.key
        ));
        self.replaced(process, old, key, answer.as_ref()).await;
    }

    async fn change(&self, process: &Process, parked: &Parked) {
        let Some(officer) = process.engine.officer() else {
            return;
        };
        let (old, key) = (&parked.proposal, self.hall.mint());
        let mark = format!("mark {key}");
        let intent = match &old.intent {
            Intent::SendOrder { incident, .. } => Intent::SendOrder {
                incident: *incident,
                to: Authority::person(self.dice.roll()),
                instruction: mark,
                override_reason: None,
            },
            Intent::WithdrawOrder {
                incident, order, ..
            } => Intent::WithdrawOrder {
                incident: *incident,
                order: *order,
                reason: mark,
            },
            _ => return,
        };
        let proposal = Proposal {
            key,
            officer: officer.id,
            occurred_at: self.now(process),
            basis: self.basis(process, &intent).await,
            intent,
        };
        self.note_instead(old.key, &proposal, process);
        let asked = process.engine.replace_parked(old.key, proposal);
        let answer = process.life.during(asked).await;
        self.tell(format_args!("changes {} into {key}: {answer:?}", old.key));
        self.replaced(process, old, key, answer.as_ref()).await;
    }

    async fn drop_proposal(&self, process: &Process, given_up: &Proposal) {
        let key = given_up.key;
        let is_report = matches!(given_up.intent, Intent::Report { .. });
        let reported = is_report.then(|| given_up.lane());
        // What waits behind a report goes with it, and may vanish before this desk hears of it.
        let gone = reported.as_ref().map(|lane| self.give_up(lane));
        self.hall.seen(|seen| seen.begin_taking_back(key));
        let answer = process.life.during(process.engine.drop_proposal(key)).await;
        self.hall.seen(|seen| seen.end_taking_back(key));
        self.tell(format_args!("dropped {key}, with {gone:?}: {answer:?}"));
        let how = match answer {
            None => Dropped::Perhaps,
            Some(Ok(())) => Dropped::Yes,
            Some(Err(_)) => {
                if let Some(lane) = &reported {
                    self.keep(lane, &gone.unwrap_or_default());
                }
                return;
            }
        };
        self.dropped(key, how);
        if how == Dropped::Yes {
            self.click_late(process, given_up).await;
        }
        if let Some(lane) = reported {
            let authority = &self.hall.world.authority;
            authority.ledger(|ledger| ledger.dropped_all(self.hall.number, &lane, how));
        }
    }

    /// The officer gives up all that is wanted about a matter.
    fn give_up(&self, lane: &LaneId) -> Vec<IntentKey> {
        let authority = &self.hall.world.authority;
        let wanted = authority.ledger(|ledger| ledger.about(self.hall.number, lane));
        self.hall.seen(|seen| {
            for key in &wanted {
                seen.forget(*key);
            }
            if let LaneId::Incident(matter) = lane {
                seen.forget_matter(*matter);
            }
        });
        wanted
    }

    /// Nothing came of giving it up.
    fn keep(&self, lane: &LaneId, wanted: &[IntentKey]) {
        self.hall.seen(|seen| {
            seen.remember(wanted);
            if let LaneId::Incident(matter) = lane {
                seen.remember_matter(*matter);
            }
        });
    }

    /// What the screen shows of the incident that an intent is about.
    pub(crate) async fn basis(&self, process: &Process, intent: &Intent) -> Option<Box<Basis>> {
        let about = Wanted::of(intent).and(intent.incident())?;
        let looked = process.engine.version(about, None);
        let seen = process.life.during(looked).await?.ok()??;
        Some(Box::new(Basis {
            seen,
            own: Vec::new(),
            anyway: None,
        }))
    }

    fn note_instead(&self, old: IntentKey, instead: &Proposal, process: &Process) {
        let key = instead.key;
        self.note(instead, process);
        let authority = &self.hall.world.authority;
        authority.ledger(|ledger| ledger.stands_in_for(key, old));
        self.hall.begin_exchange(old, key);
        self.hall.seen(|seen| seen.begin_taking_back(old));
        self.fail_in_between();
    }

    /// Somebody else's form of it still stands open, and is clicked on now.
    async fn click_late(&self, process: &Process, given_up: &Proposal) {
        if self.dice.permille(LATE_CLICKS_PERMILLE) {
            let clicked = process.engine.commit(given_up.clone());
            let answer = process.life.during(clicked).await;
            self.tell(format_args!("clicked late on {}: {answer:?}", given_up.key));
        }
    }

    async fn replaced(
        &self,
        process: &Process,
        old: &Proposal,
        key: IntentKey,
        answer: Option<&Result<bool, OutboxError>>,
    ) {
        let authority = &self.hall.world.authority;
        self.hall.seen(|seen| seen.end_taking_back(old.key));
        if answer.is_some() {
            self.hall.end_exchange(old.key);
        }
        match answer {
            Some(Ok(_)) => {
                self.dropped(old.key, Dropped::Yes);
                self.click_late(process, old).await;
                authority.ledger(|ledger| ledger.promised_instead(key, old.key));
                self.hall.remember_order(&old.intent, key);
            }
            None => self.dropped(old.key, Dropped::Perhaps),
            Some(Err(_)) => authority.ledger(|ledger| {
                ledger.not_taken(key);
                ledger.is_as_before(old.key, &old.intent);
            }),
        }
    }

    /// The power fails, or the process is killed, while the one is exchanged for the other.
    pub(crate) fn fail_in_between(&self) {
        let troubles = &self.hall.world.recipe.troubles;
        let power = troubles.contains(&Trouble::PowerCut);
        let kill = troubles.contains(&Trouble::Kill);
        if !(power || kill) || !self.dice.permille(150) {
            return;
        }
        let (hall, dice) = (Arc::clone(&self.hall), self.dice.fork());
        tokio::spawn(async move {
            tokio::time::sleep(dice.millis(0, 30)).await;
            if power {
                hall.cut_power();
            } else {
                hall.kill();
            }
            tokio::time::sleep(dice.millis(0, 4_000)).await;
            hall.boot();
        });
    }
}
