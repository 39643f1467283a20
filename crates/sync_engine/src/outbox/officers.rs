//! Officers and their sessions: who sits at the desk, under whose token what is queued goes out,
//! and by what each of them is recognised without the line.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::trail::Officer;
use domain::{Intent, OfficerId, Proposal, Timestamp};
use protocol::feed::{NoticeKind, PictureChange};
use protocol::http::OfficerStanding;

use super::{Outbox, OutboxError, State};
use crate::errors::StoreError;
use crate::finishing::finish;
use crate::store::proposals::ProposalRow;
use crate::store::sessions::Session;
use crate::store::verifiers::Verifier;

impl Outbox {
    /// Stores a session and seats its officer at the desk.
    pub async fn sign_in(self: &Arc<Self>, session: Session) -> Result<(), OutboxError> {
        let outbox = Arc::clone(self);
        finish(async move {
            let _gate = outbox.gate.lock().await;
            outbox.db.sign_in(session.clone()).await?;
            outbox.seat(session).await;
            Ok(())
        })
        .await
    }

    /// Puts the signatures of a handover on the disk and seats the incoming officer, in one write:
    /// no power cut leaves one of them without the other. The same key twice is one handover, also
    /// where the second click comes while the first is being looked at; returns whether it was new.
    pub async fn hand_over(
        self: &Arc<Self>,
        signatures: Vec<Proposal>,
        session: Session,
    ) -> Result<bool, OutboxError> {
        let outbox = Arc::clone(self);
        finish(async move {
            let _gate = outbox.gate.lock().await;
            let known = signatures.iter().filter_map(|proposal| {
                let known = outbox.intent_of(proposal.key)?;
                Some(is_same_handover(&known, &proposal.intent))
            });
            match known.collect::<Vec<_>>().as_slice() {
                [] => {}
                known if known.iter().all(|is_same| *is_same) => return Ok(false),
                _ => return Err(OutboxError::KeyUsed),
            }
            if signatures
                .iter()
                .any(|proposal| outbox.is_given_up(proposal.key))
            {
                return Err(OutboxError::GivenUp);
            }
            let rows = signatures
                .into_iter()
                .map(|proposal| ProposalRow::new(&outbox.backend, proposal))
                .collect();
            let rows = outbox.db.hand_over(rows, session.clone()).await?;
            {
                let mut state = outbox.state();
                for row in rows {
                    state.queue.insert(row);
                }
            }
            outbox.seat(session).await;
            Ok(true)
        })
        .await
    }

    /// Shows the officer of a stored session at the desk.
    pub(super) async fn seat(&self, session: Session) {
        {
            let mut state = self.state();
            for other in state.sessions.values_mut() {
                other.signed_in = false;
            }
            state.accept(session);
        }
        self.forget_idle_sessions().await;
        self.show_seat();
    }

    /// Shows who sits at the desk, and wakes what may go out now.
    fn show_seat(&self) {
        let (officer, is_offline) = {
            let state = self.state();
            let seated = state.seated();
            let is_offline = seated.is_some_and(|session| session.token.is_none());
            (seated.map(|session| session.officer.clone()), is_offline)
        };
        self.board.publish([
            PictureChange::Officer(officer),
            PictureChange::OfflineSignIn(is_offline),
            PictureChange::Outbox(Vec::new()),
        ]);
        self.wake.notify_one();
    }

    /// The session of an officer whose PIN was recognised without the line. A token that is still
    /// good stays.
    pub fn session_without_line(&self, officer: Officer, now: Timestamp) -> Session {
        let state = self.state();
        let known = state.sessions.get(&officer.id).filter(|session| {
            session.expires_at > now && !state.rejected.contains(&session.officer.id)
        });
        Session {
            backend: self.backend.clone(),
            token: known.and_then(|session| session.token.clone()),
            expires_at: known.map_or(Timestamp::default(), |session| session.expires_at),
            officer,
            signed_in: true,
        }
    }

    /// Takes the token of an officer who worked without one; `false` when nothing waits for it any
    /// more.
    pub async fn take_token(self: &Arc<Self>, session: Session) -> Result<bool, OutboxError> {
        let outbox = Arc::clone(self);
        finish(async move {
            let _gate = outbox.gate.lock().await;
            let mut session = session;
            let id = session.officer.id.clone();
            {
                let state = outbox.state();
                let is_seated = |s: &Session| s.signed_in;
                session.signed_in = state.sessions.get(&id).is_some_and(is_seated);
                if !session.signed_in && !state.queue.officers().contains(&id) {
                    return Ok(false);
                }
            }
            outbox.db.put_session(session.clone()).await?;
            outbox.state().accept(session);
            outbox.show_seat();
            Ok(true)
        })
        .await
    }

    /// Leaves the desk empty; what is queued keeps its officer.
    pub async fn sign_out(self: &Arc<Self>) -> Result<(), OutboxError> {
        let outbox = Arc::clone(self);
        finish(async move {
            let _gate = outbox.gate.lock().await;
            Ok(outbox.sign_out_gated().await?)
        })
        .await
    }

    async fn sign_out_gated(&self) -> Result<(), StoreError> {
        self.db.sign_out(self.backend.clone()).await?;
        let seated = |s: &&mut Session| s.signed_in;
        if let Some(session) = self.state().sessions.values_mut().find(seated) {
            session.signed_in = false;
        }
        self.forget_idle_sessions().await;
        self.show_seat();
        Ok(())
    }

    /// A session that nobody needs any more is to be ended at the backend.
    pub fn end_session(&self, token: String) {
        self.state().ended.push(token);
        self.has_ended.notify_one();
    }

    /// Resolves when there may be sessions to end.
    pub async fn session_ended(&self) {
        self.has_ended.notified().await;
    }

    /// It could not be told now.
    pub fn end_session_later(&self, token: String) {
        self.state().ended.push(token);
    }

    /// Whether the backend is still to be told that sessions have ended.
    pub fn owes_ends(&self) -> bool {
        !self.state().ended.is_empty()
    }

    /// The tokens of sessions that are to be ended at the backend.
    pub fn take_ended(&self) -> Vec<String> {
        std::mem::take(&mut self.state().ended)
    }

    /// Officers who sit at the desk or have something in the outbox.
    pub fn at_work(&self) -> BTreeSet<OfficerId> {
        let state = self.state();
        let seated = state.seated().map(|session| session.officer.id.clone());
        seated.into_iter().chain(state.queue.officers()).collect()
    }

    /// Those who sit at the desk or have something to send, and have no token that the backend takes,
    /// as far as is known.
    pub fn without_token(&self) -> BTreeSet<OfficerId> {
        let state = self.state();
        let seated = state.seated().map(|session| session.officer.id.clone());
        let officers = seated.into_iter().chain(state.queue.senders());
        officers.filter(|id| !state.can_send(id)).collect()
    }

    /// What is known of an officer's PIN.
    pub fn verifier(&self, officer: &OfficerId) -> Option<Verifier> {
        self.state().verifiers.get(officer).cloned()
    }

    /// Puts what is known of an officer's PIN on the disk.
    pub async fn keep_verifier(self: &Arc<Self>, verifier: Verifier) -> Result<(), OutboxError> {
        let outbox = Arc::clone(self);
        finish(async move {
            let _gate = outbox.gate.lock().await;
            outbox.db.put_verifier(verifier.clone()).await?;
            let id = verifier.officer.id.clone();
            outbox.state().verifiers.insert(id, verifier);
            Ok(())
        })
        .await
    }

    async fn forget_verifier(&self, officer: OfficerId) -> Result<(), StoreError> {
        let backend = self.backend.clone();
        self.db.forget_verifier(backend, officer.clone()).await?;
        self.state().verifiers.remove(&officer);
        Ok(())
    }

    /// Whether anything is known of anybody's PIN.
    pub fn has_verifiers(&self) -> bool {
        !self.state().verifiers.is_empty()
    }

    /// Under which credentials officers are known here.
    pub fn credentials(&self) -> BTreeSet<(OfficerId, String)> {
        let state = self.state();
        let known = state.verifiers.values();
        known
            .map(|verifier| (verifier.officer.id.clone(), verifier.credential.clone()))
            .collect()
    }

    /// Learns from the backend how everybody stands: who is gone, whose PIN is another one or whose
    /// sessions were revoked is forgotten and leaves the desk; roles are those of today.
    /// `asked` are the credentials that were known when the backend was asked: who has signed in under
    /// another one since stands as that said.
    pub async fn meet(
        self: &Arc<Self>,
        standings: Vec<OfficerStanding>,
        asked: BTreeSet<(OfficerId, String)>,
    ) -> Result<(), StoreError> {
        let outbox = Arc::clone(self);
        finish(async move {
            let _gate = outbox.gate.lock().await;
            outbox.meet_gated(standings, &asked).await
        })
        .await
    }

    async fn meet_gated(
        &self,
        standings: Vec<OfficerStanding>,
        asked: &BTreeSet<(OfficerId, String)>,
    ) -> Result<(), StoreError> {
        let known: Vec<Verifier> = self.state().verifiers.values().cloned().collect();
        let before = known.into_iter().filter(|verifier| {
            let name = (verifier.officer.id.clone(), verifier.credential.clone());
            asked.contains(&name)
        });
        for verifier in before {
            let id = &verifier.officer.id;
            let standing = standings.iter().find(|s| s.officer.id == *id);
            match standing.filter(|s| s.credential == verifier.credential) {
                Some(standing) if standing.officer == verifier.officer => {}
                Some(standing) => {
                    let mut verifier = verifier.clone();
                    verifier.officer = standing.officer.clone();
                    self.db.put_verifier(verifier.clone()).await?;
                    self.state().verifiers.insert(id.clone(), verifier);
                }
                None => self.turn_out(id.clone()).await?,
            }
        }
        Ok(())
    }

    /// What the officer has shown this hall no longer counts.
    async fn turn_out(&self, officer: OfficerId) -> Result<(), StoreError> {
        tracing::warn!(%officer, "the backend no longer knows this PIN");
        let is_seated = {
            let mut state = self.state();
            state.rejected.insert(officer.clone());
            let session = state.sessions.get(&officer);
            session.is_some_and(|session| session.signed_in)
        };
        if is_seated {
            self.sign_out_gated().await?;
            self.board
                .notify(NoticeKind::OfficerRevoked, officer.to_string());
        } else {
            // What the officer has queued waits from now on.
            self.board.publish([PictureChange::Outbox(Vec::new())]);
        }
        // Last, because the next meeting finds by it whom an error has left half turned out.
        self.forget_verifier(officer).await
    }

    /// A token is kept only as long as its officer sits at the desk or has something in the outbox.
    pub(super) async fn forget_idle_sessions(&self) {
        let idle: Vec<OfficerId> = {
            let state = self.state();
            let waiting = state.queue.officers();
            state
                .sessions
                .values()
                .filter(|s| !s.signed_in && !waiting.contains(&s.officer.id))
                .map(|s| s.officer.id.clone())
                .collect()
        };
        for officer in idle {
            let forgotten = self
                .db
                .forget_session(self.backend.clone(), officer.clone())
                .await;
            if let Err(error) = forgotten {
                tracing::warn!(%error, "an idle session stays on the disk");
            }
            let mut state = self.state();
            let session = state.sessions.remove(&officer);
            let is_known = !state.rejected.contains(&officer);
            let token = session.and_then(|session| session.token);
            state.ended.extend(token.filter(|_| is_known));
            drop(state);
            self.has_ended.notify_one();
        }
    }
}

/// Whether both hand the same desk over between the same two officers; the moments may differ.
fn is_same_handover(known: &Intent, wanted: &Intent) -> bool {
    match (known, wanted) {
        (Intent::HandOver { sheet: known }, Intent::HandOver { sheet: wanted }) => {
            (known.id, &known.outgoing, &known.incoming)
                == (wanted.id, &wanted.outgoing, &wanted.incoming)
        }
        _ => false,
    }
}

impl State {
    /// Takes a session over. What was said about the one before no longer counts where this one has
    /// another token.
    fn accept(&mut self, session: Session) {
        let id = session.officer.id.clone();
        if session.token.is_some() {
            self.rejected.remove(&id);
            self.queue.forgive(&id);
        }
        let token = session.token.clone();
        let before = self.sessions.insert(id, session);
        let left = before.and_then(|before| before.token);
        self.ended
            .extend(left.filter(|left| Some(left) != token.as_ref()));
    }
}
