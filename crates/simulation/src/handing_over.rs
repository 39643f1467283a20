//! The handover of a shift: the sheet of what is open and undone, signed by both officers, with the
//! line and without it. Some sign twice, and some in the moment in which the power fails.

use domain::duty::{HandoverSheet, TakenOver, open_matters, undone};
use domain::{Intent, IntentKey, OfficerId, OrderState, Proposal};
use protocol::http::SignIn;
use sync_engine::OutboxError;

use crate::authority::opening;
use crate::desk::Desk;
use crate::hall::Process;
use crate::ledger::Promise;

impl Desk {
    /// Hands the desk over to the other officer of the hall.
    pub(crate) async fn hand_over(&self, process: &Process) {
        let Some(outgoing) = process.engine.officer() else {
            return;
        };
        let others = self.hall.officers().into_iter();
        let Some(incoming) = others.into_iter().find(|other| *other != outgoing.id) else {
            return;
        };
        let sheet = self.sheet(process, outgoing.id, incoming);
        let second = self.hall.mint();
        if self.dice.permille(200) {
            tokio::join!(
                self.sign(process, &sheet, second),
                self.sign(process, &sheet, second)
            );
        } else {
            self.sign(process, &sheet, second).await;
        }
    }

    /// The sheet as the screen shows it: everything undone is taken over by name.
    fn sheet(&self, process: &Process, outgoing: OfficerId, incoming: OfficerId) -> HandoverSheet {
        let id = self.hall.mint();
        let (engine, now) = (&process.engine, self.now(process));
        let items = engine.outbox_items();
        let of = |state| items.iter().filter(move |item| item.state == state);
        let parked = of(OrderState::Parked);
        let parked = parked.map(|item| (item.proposal.key, item.proposal.intent.incident()));
        engine.read(|picture| {
            let undone = undone(&picture.situation, parked, now).into_iter();
            HandoverSheet {
                id,
                outgoing,
                incoming,
                at: now,
                as_of: picture.line.last_contact,
                open: open_matters(&picture.situation, now),
                undone: undone
                    .map(|what| TakenOver {
                        what,
                        remark: "接班后处理".to_owned(),
                    })
                    .collect(),
                queued: of(OrderState::Queued).count() as u32,
                remarks: format!("mark {id}"),
            }
        })
    }

    /// A click on the sheet: the incoming officer enters the PIN, and both signatures are queued.
    async fn sign(&self, process: &Process, sheet: &HandoverSheet, second: IntentKey) {
        let sign_in = SignIn {
            officer: sheet.incoming.clone(),
            pin: opening::PIN.to_owned(),
        };
        let known = process.life.during(process.engine.authenticate(sign_in));
        let Some(Ok(incoming)) = known.await else {
            return;
        };
        let keys = [sheet.id, second];
        let officers = [&sheet.outgoing, &sheet.incoming];
        let signatures = [0, 1].map(|side| Proposal {
            key: keys[side],
            officer: officers[side].clone(),
            occurred_at: sheet.at,
            intent: Intent::HandOver {
                sheet: Box::new(sheet.clone()),
            },
            basis: None,
        });
        for signature in &signatures {
            self.note(signature, process);
            self.note_matter(signature);
        }
        self.hall.begin_handover(keys);
        self.fail_in_between();
        let asked = process.engine.hand_over(signatures.to_vec(), incoming);
        let answer = process.life.during(asked).await;
        self.tell(format_args!("handed over by {keys:?}: {answer:?}"));
        if let Some(answer) = answer {
            process.sessions.left();
            self.hall.end_handover(keys);
            for key in keys {
                self.signed(key, &answer);
            }
        }
    }

    fn signed(&self, key: IntentKey, answer: &Result<(), OutboxError>) {
        let authority = &self.hall.world.authority;
        authority.ledger(|ledger| match answer {
            Ok(()) => {
                // The answer to a second click is the same.
                let wish = ledger.get(key);
                let is_new = wish.is_some_and(|wish| wish.promise != Promise::Queued);
                ledger.promised(key, is_new);
            }
            Err(OutboxError::Store(_)) => ledger.not_taken(key),
            Err(_) => {}
        });
        if let Err(error) = answer
            && !matches!(error, OutboxError::Store(_))
        {
            self.hall.broken(format!("{key} was not taken: {error}"));
        }
    }
}
