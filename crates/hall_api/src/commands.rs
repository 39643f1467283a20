//! The commands: each checks what can be checked here, queues or asks, and says no in words.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use domain::conflicts::{Basis, Wanted};
use domain::trail::{Action, Officer, TrailEntry};
use domain::{IncidentId, Intent, IntentKey, OrderState, Proposal, Timestamp};
use protocol::commands::{
    Act, DropProposal, GetTrail, Propose, RetryParked, SeenIncident, SendAnyway, SendOrder,
    SetLink, SetMode, ShownProposal, SignInOfficer, WindowKind, WithdrawOrder, Withdrawal,
};
use protocol::feed::Picture;
use protocol::http::SignIn;
use protocol::{ErrorCode, Reference, UiError};

use crate::errors::{both, of_outbox, of_sign_in, of_store, sign_in_needed};
use crate::masking::mask_reference;
use crate::ranking::{Facts, Roads, ranking};
use crate::{Hall, intents};

/// Longest text that an officer may write, in characters.
const LONGEST_TEXT: usize = 2000;

impl Hall {
    /// The reference data of the cache; `None` until the first contact with a backend. A wall is
    /// not told who the officers are.
    pub async fn get_reference(&self, window: WindowKind) -> Result<Option<Reference>, UiError> {
        let held = self.engine().reference().await;
        Ok(held.map(Arc::unwrap_or_clone).map(|mut reference| {
            if window == WindowKind::Wall {
                mask_reference(&mut reference);
            }
            reference
        }))
    }

    /// The trail of an incident, oldest first.
    pub async fn get_trail(&self, command: GetTrail) -> Result<Vec<TrailEntry>, UiError> {
        let incident = self.engine().number_of(command.incident);
        self.engine()
            .trail(incident)
            .await
            .map_err(|error| of_store(&error))
    }

    /// Signs an officer in, without the line by what the hall knows of the PIN. Where that is not
    /// possible it is refused in words, and whoever is signed in stays so.
    pub async fn sign_in(&self, command: SignInOfficer) -> Result<Officer, UiError> {
        self.engine()
            .sign_in(SignIn {
                officer: command.officer,
                pin: command.pin,
            })
            .await
            .map_err(|error| of_sign_in(&error))
    }

    /// Signs the officer out; queued orders keep their officer.
    pub async fn sign_out(&self) -> Result<(), UiError> {
        self.engine()
            .sign_out()
            .await
            .map_err(|error| of_outbox(&error))
    }

    /// Ranks responders and mints (or repeats) the key of the intent.
    pub async fn propose(&self, command: Propose) -> Result<ShownProposal, UiError> {
        let now = self.now();
        let incident = self.engine().number_of(command.incident);
        let facts = self
            .engine()
            .read(|picture| facts(picture, incident, now))
            .ok_or_else(|| no_incident(incident))?;
        // A proposal stays the same when its matter gets its number.
        let known_as = facts.incident.particulars.provisional.unwrap_or(incident);
        let reference = self.engine().reference().await.ok_or_else(|| {
            UiError::retryable(
                ErrorCode::Unreachable,
                both(
                    "尚未取得街道数据，连接后台后才能推荐人员",
                    "the street's data has not been fetched yet; nobody can be ranked",
                ),
            )
        })?;
        let seen = SeenIncident::of(&facts.incident);
        let hall = self.clone();
        let ranked = tokio::task::spawn_blocking(move || {
            let roads = hall.roads(&reference);
            ranking(&facts, &reference, &roads)
        })
        .await
        .map_err(|error| UiError::fatal(ErrorCode::Internal, error.to_string()))?;
        let engine = self.engine();
        self.inner.shown_keys.retain(|id| {
            engine.read(|picture| {
                let situation = &picture.situation;
                situation.incidents.contains_key(&situation.number_of(id))
            })
        });
        let people = ranked.candidates.iter().map(|candidate| candidate.person);
        let keys = self
            .inner
            .shown_keys
            .keys(known_as, seen.steps, people, |key| {
                // What was dropped is not taken again under its key, and beside what was refused another
                // order can be meant.
                let is_over = |state: OrderState| state.is_final() || state == OrderState::Parked;
                engine.is_given_up(key)
                    || engine
                        .order(key)
                        .is_some_and(|order| is_over(order.state()))
            });
        Ok(ShownProposal {
            incident,
            seen,
            ranked_at: now,
            candidates: ranked.candidates,
            keys,
            route: ranked.route,
            instruction: ranked.instruction,
        })
    }

    fn roads(&self, reference: &Reference) -> Arc<Roads> {
        let held = self
            .inner
            .roads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .filter(|roads| roads.version == reference.version);
        held.unwrap_or_else(|| {
            let roads = Arc::new(Roads::of(reference));
            *self
                .inner
                .roads
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&roads));
            roads
        })
    }

    /// Queues an order durably; every click on one proposal is one order.
    pub async fn send_order(&self, command: SendOrder) -> Result<(), UiError> {
        let officer = self.officer_at_desk()?;
        let instruction = text(&command.instruction, "指令", "the instruction")?
            .ok_or_else(|| bad_request("指令为空", "the instruction is empty"))?;
        let override_reason = match &command.override_reason {
            Some(reason) => text(reason, "理由", "the reason")?,
            None => None,
        };
        let incident = self.shown_incident(command.incident)?;
        let has_person = self
            .engine()
            .read(|picture| picture.situation.people.contains_key(&command.to));
        if !has_person {
            return Err(UiError::fatal(
                ErrorCode::NotFound,
                both(
                    &format!("名册中没有 {}", command.to),
                    &format!("{} is not in the roster", command.to),
                ),
            ));
        }
        let queued = self.engine().outbox_items();
        let queued = queued.iter().find(|item| item.proposal.key == command.key);
        let order = self.engine().order(command.key);
        // One that is tried again after a refusal waits, whatever its order says.
        match (queued.map(|item| item.state), order) {
            (Some(OrderState::Parked), _) => return repeated_click(OrderState::Parked),
            (None, Some(order)) => return repeated_click(order.state()),
            _ => {}
        }
        let intent = Intent::SendOrder {
            incident,
            to: command.to,
            instruction,
            override_reason,
        };
        let decision = Decision {
            officer,
            key: command.key,
            seen: command.seen,
            replaces: command.replaces,
        };
        self.queue(decision, intent).await
    }

    /// Drops an order that has not left, or queues its withdrawal.
    pub async fn withdraw_order(&self, command: WithdrawOrder) -> Result<Withdrawal, UiError> {
        let officer = self.officer_at_desk()?;
        let reason = text(&command.reason, "理由", "the reason")?.unwrap_or_default();
        let order = self.engine().order(command.order).ok_or_else(|| {
            UiError::fatal(
                ErrorCode::NotFound,
                both("没有该派单", "there is no such order"),
            )
        })?;
        let withdrawal = Proposal {
            key: intents::mint(),
            officer: officer.id,
            occurred_at: self.now(),
            intent: Intent::WithdrawOrder {
                incident: order.incident,
                order: command.order,
                reason,
            },
            basis: self.basis(Some(order.incident), command.seen).await?,
        };
        self.engine()
            .withdraw(command.order, withdrawal)
            .await
            .map_err(|error| of_outbox(&error))
    }

    /// Queues any other step on an incident.
    pub async fn act(&self, command: Act) -> Result<(), UiError> {
        let officer = self.officer_at_desk()?;
        let reason = match &command.reason {
            Some(reason) => text(reason, "理由", "the reason")?,
            None => None,
        };
        if let Action::Note { text: note } = &command.action {
            text(note, "备注", "the note")?
                .ok_or_else(|| bad_request("备注为空", "the note is empty"))?;
        }
        let intent = Intent::Act {
            incident: self.shown_incident(command.incident)?,
            action: command.action,
            reason,
        };
        let decision = Decision {
            officer,
            key: command.key,
            seen: command.seen,
            replaces: command.replaces,
        };
        self.queue(decision, intent).await
    }

    /// The number under which a matter is shown, which may have got it since the window looked.
    fn shown_incident(&self, incident: IncidentId) -> Result<IncidentId, UiError> {
        self.engine().read(|picture| {
            let situation = &picture.situation;
            let shown = situation.number_of(incident);
            let is_shown = situation.incidents.contains_key(&shown);
            is_shown.then_some(shown).ok_or_else(|| no_incident(shown))
        })
    }

    /// Queues a switch of the mode.
    pub async fn set_mode(&self, command: SetMode) -> Result<(), UiError> {
        let officer = self.officer_at_desk()?;
        let intent = Intent::SetMode {
            mode: command.mode,
            is_drill: command.is_drill,
        };
        let decision = Decision::about_no_incident(officer, command.key);
        self.queue(decision, intent).await
    }

    /// Sends what is parked for a conflict all the same, in the name of the officer at the desk and
    /// with a reason; every click on one card is one wish.
    pub async fn send_anyway(&self, command: SendAnyway) -> Result<(), UiError> {
        let officer = self.officer_at_desk()?;
        let reason = text(&command.reason, "理由", "the reason")?.ok_or_else(|| {
            bad_request(
                "仍然发送须说明理由，理由将记入案卷",
                "say why it is sent anyway; the reason goes on the record",
            )
        })?;
        let SendAnyway {
            parked,
            key,
            seen_steps,
            ..
        } = command;
        self.engine()
            .send_anyway(parked, key, officer.id, seen_steps, reason)
            .await
            .map(drop)
            .map_err(|error| of_outbox(&error))
    }

    /// Tries a parked proposal again, with its key.
    pub async fn retry_parked(&self, command: RetryParked) -> Result<(), UiError> {
        self.officer_at_desk()?;
        self.engine()
            .retry_parked(command.key)
            .await
            .map_err(|error| of_outbox(&error))
    }

    /// Drops a proposal that was refused, or takes back one that has not left yet.
    pub async fn drop_proposal(&self, command: DropProposal) -> Result<(), UiError> {
        self.officer_at_desk()?;
        self.engine()
            .drop_proposal(command.key)
            .await
            .map_err(|error| of_outbox(&error))
    }

    /// Stops or starts the line, for drills.
    // Async like every command, so that the shell treats all of them alike.
    #[allow(clippy::unused_async)]
    pub async fn set_link(&self, command: SetLink) -> Result<(), UiError> {
        self.engine().set_link(command.enabled);
        Ok(())
    }

    pub(crate) fn officer_at_desk(&self) -> Result<Officer, UiError> {
        self.engine().officer().ok_or_else(sign_in_needed)
    }

    pub(crate) async fn queue(&self, decision: Decision, intent: Intent) -> Result<(), UiError> {
        self.queue_at(decision, intent, self.now()).await
    }

    /// Queues what happened at `at`.
    pub(crate) async fn queue_at(
        &self,
        decision: Decision,
        intent: Intent,
        at: Timestamp,
    ) -> Result<(), UiError> {
        // What wants nothing of an incident that is there already stands on none.
        let about = Wanted::of(&intent).and(intent.incident());
        let basis = self.basis(about, decision.seen).await?;
        let proposal = Proposal {
            key: decision.key,
            officer: decision.officer.id,
            occurred_at: at,
            intent,
            basis,
        };
        let engine = self.engine();
        let taken = match decision.replaces {
            Some(parked) => engine.replace_parked(parked, proposal).await,
            None => engine.commit(proposal).await,
        };
        taken.map(drop).map_err(|error| of_outbox(&error))
    }

    /// What an officer decides upon who has seen this, or what is shown now.
    async fn basis(
        &self,
        incident: Option<IncidentId>,
        seen: Option<SeenIncident>,
    ) -> Result<Option<Box<Basis>>, UiError> {
        let Some(incident) = incident else {
            return Ok(None);
        };
        let seen = self.engine().version(incident, seen).await;
        let seen = seen.map_err(|error| of_store(&error))?;
        Ok(seen.map(|seen| {
            Box::new(Basis {
                seen,
                // The outbox knows what stands before it.
                own: Vec::new(),
                anyway: None,
            })
        }))
    }
}

/// An officer's click, apart from what it wants.
pub(crate) struct Decision {
    officer: Officer,
    key: IntentKey,
    /// What the window showed.
    seen: Option<SeenIncident>,
    /// The parked proposal in whose place it comes.
    replaces: Option<IntentKey>,
}

impl Decision {
    /// A click about the hall itself, or about an incident that is not there yet.
    pub(crate) const fn about_no_incident(officer: Officer, key: IntentKey) -> Self {
        Self {
            officer,
            key,
            seen: None,
            replaces: None,
        }
    }
}

/// What a click on a proposal does whose order was refused or has left the outbox.
fn repeated_click(state: OrderState) -> Result<(), UiError> {
    match state {
        OrderState::Parked => Err(UiError::fatal(
            ErrorCode::NotAllowedNow,
            both(
                "该派单已被退回，请在待发队列中处理，或按新的推荐重新派单",
                "that order was refused; decide about it in the outbox, or send the new proposal",
            ),
        )),
        OrderState::Withdrawn => Err(UiError::fatal(
            ErrorCode::NotAllowedNow,
            both(
                "该派单已撤回，请按新的推荐重新派单",
                "that order was withdrawn; send the new proposal",
            ),
        )),
        // It was sent by an earlier click and is on its way: the click has its effect already.
        _ => Ok(()),
    }
}

fn facts(picture: &Picture, incident: IncidentId, now: Timestamp) -> Option<Facts> {
    let situation = &picture.situation;
    let incident = situation.incidents.get(&incident)?.clone();
    let mut open_orders = BTreeMap::new();
    let mut on_their_way = BTreeSet::new();
    for order in situation.orders.values() {
        if order.state().is_under_way() {
            *open_orders.entry(order.to).or_insert(0) += 1;
            if order.incident == incident.id {
                on_their_way.insert(order.to);
            }
        }
    }
    Some(Facts {
        incident,
        people: situation.people.values().cloned().collect(),
        positions: situation.positions.clone(),
        open_orders,
        on_their_way,
        mode: situation.mode.session,
        now,
    })
}

fn no_incident(incident: IncidentId) -> UiError {
    UiError::fatal(
        ErrorCode::NotFound,
        both(
            &format!("没有案件 {incident}"),
            &format!("there is no incident {incident}"),
        ),
    )
}

pub(crate) fn bad_request(zh: &str, en: &str) -> UiError {
    UiError::fatal(ErrorCode::BadRequest, both(zh, en))
}

/// A text without blanks around it; `None` when nothing remains, an error when it is too long.
pub(crate) fn text(text: &str, zh: &str, en: &str) -> Result<Option<String>, UiError> {
    let trimmed = text.trim();
    if trimmed.chars().count() > LONGEST_TEXT {
        return Err(bad_request(
            &format!("{zh}超过 {LONGEST_TEXT} 字"),
            &format!("{en} is longer than {LONGEST_TEXT} characters"),
        ));
    }
    Ok((!trimmed.is_empty()).then(|| trimmed.to_owned()))
}
